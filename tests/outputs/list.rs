//! Every output of the program, and how each is judged. A new output is a line here.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

use super::judge::{self, Judge};

/// What an output is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// All images in one run.
    Images,
    /// Each image but the first of its group in a run of its own.
    Image,
    /// Two images, one after the other.
    Pair,
    /// An image, and what was saved about another.
    Saved,
    /// The directory with all images in it.
    Directory,
    /// The report of an audit.
    Report,
    /// A directory with contracts.
    Contracts,
    /// A file with a contract.
    Contract,
}

/// One output.
pub struct Output {
    /// The arguments, without what it is made of; `@name` is a file of the store.
    pub arguments: &'static [&'static str],
    /// What it is made of.
    pub of: Of,
    /// How its answers are judged.
    pub judge: Judge,
}

const fn output(arguments: &'static [&'static str], of: Of, judge: Judge) -> Output {
    Output {
        arguments,
        of,
        judge,
    }
}

/// Every output.
pub const OUTPUTS: &[Output] = &[
    output(&["show"], Of::Images, judge::page),
    output(
        &[
            "show",
            "--color",
            "always",
            "--evidence",
            "--packages",
            "--env",
            "--labels",
        ],
        Of::Images,
        judge::coloured,
    ),
    output(
        &["show", "-v", "--debug-reads", "--evidence"],
        Of::Images,
        judge::page,
    ),
    output(&["show", "--format", "json"], Of::Images, judge::json),
    output(
        &["show", "--format", "ndjson"],
        Of::Images,
        judge::json_lines,
    ),
    output(&["show", "--format", "line"], Of::Images, judge::log_lines),
    output(
        &[
            "show",
            "--field=origin.version",
            "--field=file.path",
            "--field=origin.imported.uri",
            "--field=origin.pipeline.url",
            "--field=os.pretty_name",
            "--field=origin.pull.reference",
        ],
        Of::Images,
        judge::a_line_each,
    ),
    output(
        &[
            "show",
            "--field=origin.flags",
            "--field=labels",
            "--field=environment",
            "--field=evidence",
            "--field=conflicts",
            "--field=warnings",
            "--field=packages",
            "--field=runtime",
        ],
        Of::Images,
        judge::a_line_each,
    ),
    output(&["show", "--deep"], Of::Images, judge::page),
    output(&["show", "--format", "shell"], Of::Image, judge::shell),
    output(
        &["show", "--format", "taskprolog"],
        Of::Image,
        judge::task_prolog,
    ),
    output(
        &["show", "--format", "srt-slurm-fingerprint"],
        Of::Image,
        judge::json,
    ),
    output(
        &["show", "--format", "srt-slurm-identity"],
        Of::Image,
        judge::identity,
    ),
    output(
        &[
            "verify",
            "--image",
            "vllm/vllm-openai:v0.29.0",
            "--commit",
            "98dff2a",
            "--official",
            "--publisher",
            "vllm",
            "--framework",
            "vllm=0.29.0",
            "--policy",
            "@policy",
        ],
        Of::Images,
        judge::page,
    ),
    output(
        &[
            "verify",
            "--color",
            "always",
            "-v",
            "--image",
            "acme/x:1",
            "--policy",
            "publishable",
        ],
        Of::Images,
        judge::coloured,
    ),
    output(
        &[
            "verify",
            "--format",
            "json",
            "--image",
            "vllm/vllm-openai:v0.29.0",
            "--framework",
            "evil=1",
            "--policy",
            "@policy",
        ],
        Of::Images,
        judge::json,
    ),
    output(
        &[
            "verify",
            "--format",
            "line",
            "--image",
            "vllm/vllm-openai:v0.29.0",
            "--policy",
            "@policy",
        ],
        Of::Images,
        judge::log_lines,
    ),
    output(
        &[
            "verify",
            "--format",
            "srt-slurm-checks",
            "--recipe",
            "@recipe",
            "--all-images",
        ],
        Of::Images,
        judge::json,
    ),
    output(
        &["verify", "--recipe", "@recipe", "--all-images"],
        Of::Images,
        judge::page,
    ),
    output(
        &["audit", "--all-files", "--rootfs", "--policy", "@policy"],
        Of::Directory,
        judge::page,
    ),
    output(
        &[
            "audit",
            "--all-files",
            "--rootfs",
            "--color",
            "always",
            "--baseline",
            "@report",
        ],
        Of::Directory,
        judge::coloured,
    ),
    output(
        &[
            "audit",
            "--all-files",
            "--rootfs",
            "--format",
            "json",
            "--baseline",
            "@report",
        ],
        Of::Directory,
        judge::json,
    ),
    output(
        &[
            "audit",
            "--all-files",
            "--rootfs",
            "--format",
            "ndjson",
            "--baseline",
            "@report",
            "--policy",
            "@policy",
            "--tree-id",
        ],
        Of::Directory,
        judge::json_lines,
    ),
    output(
        &[
            "audit",
            "--all-files",
            "--rootfs",
            "--format",
            "csv",
            "--baseline",
            "@report",
        ],
        Of::Directory,
        judge::csv,
    ),
    output(
        &[
            "audit",
            "--all-files",
            "--rootfs",
            "--format",
            "html",
            "--baseline",
            "@report",
            "--policy",
            "@policy",
        ],
        Of::Directory,
        judge::html,
    ),
    output(
        &["audit", "--all-files", "--rootfs", "--format", "paths0"],
        Of::Directory,
        judge::paths,
    ),
    output(&["merge"], Of::Report, judge::page),
    output(&["merge", "--color", "always"], Of::Report, judge::coloured),
    output(&["merge", "--format", "json"], Of::Report, judge::json),
    output(
        &["merge", "--format", "ndjson"],
        Of::Report,
        judge::json_lines,
    ),
    output(&["merge", "--format", "csv"], Of::Report, judge::csv),
    output(&["merge", "--format", "html"], Of::Report, judge::html),
    output(&["diff"], Of::Pair, judge::page),
    output(&["diff", "--color", "always"], Of::Saved, judge::coloured),
    output(&["diff", "--format", "json"], Of::Pair, judge::json),
    output(&["lint"], Of::Image, judge::page),
    output(
        &["lint", "--survives", "--color", "always"],
        Of::Image,
        judge::coloured,
    ),
    output(&["lint", "--format", "json"], Of::Image, judge::json),
    output(&["lint", "--format", "sarif"], Of::Image, judge::json),
    output(&["lint", "--format", "markdown"], Of::Image, judge::page),
    output(
        &["contracts", "list", "--contracts"],
        Of::Contracts,
        judge::page,
    ),
    output(
        &["contracts", "show", "evil", "--contracts"],
        Of::Contracts,
        judge::page,
    ),
    output(&["contracts", "check"], Of::Contract, judge::page),
];

/// What there is to look at.
pub struct Store {
    /// Where everything is.
    pub directory: PathBuf,
    /// The images, in groups of which each holds one text.
    pub groups: Vec<Vec<PathBuf>>,
}

/// What the program said of something.
pub struct Answer {
    /// The arguments, for a message.
    pub name: String,
    /// How many images it is about.
    pub images: usize,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub code: i32,
}

impl Store {
    /// A file of the store.
    pub fn at(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// All answers of an output.
    pub fn answers(&self, output: &Output) -> Vec<Answer> {
        let all = || self.groups.iter().flatten();
        let each = |path: &Path| vec![path.into()];
        let runs: Vec<Vec<OsString>> = match output.of {
            Of::Images => vec![all().map(Into::into).collect()],
            Of::Image => {
                let rest = self.groups.iter().flat_map(|group| &group[1..]);
                rest.map(|path| each(path)).collect()
            }
            Of::Pair => self
                .groups
                .iter()
                .map(|group| vec![(&group[0]).into(), (&group[1]).into()])
                .collect(),
            Of::Saved => {
                let saved = |number| self.at(&format!("saved-{number}.json"));
                let pair = |(number, group): (usize, &Vec<PathBuf>)| {
                    vec![(&group[1]).into(), saved(number).into()]
                };
                self.groups.iter().enumerate().map(pair).collect()
            }
            Of::Directory => vec![each(&self.at("store"))],
            Of::Report => vec![each(&self.at("report"))],
            Of::Contracts => vec![each(&self.at("contracts"))],
            Of::Contract => vec![each(&self.at("contracts/evil.toml"))],
        };
        runs.into_iter()
            .map(|operands| {
                let arguments =
                    output
                        .arguments
                        .iter()
                        .map(|argument| match argument.strip_prefix('@') {
                            Some(name) => self.at(name).into(),
                            None => argument.into(),
                        });
                let images = operands.len();
                let arguments: Vec<OsString> = arguments.chain(operands).collect();
                Answer {
                    images,
                    ..run(&self.directory, &output.arguments.join(" "), &arguments)
                }
            })
            .collect()
    }
}

/// Runs the program.
pub fn run(directory: &Path, name: &str, arguments: &[OsString]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(directory)
        .env_remove("COLUMNS")
        .args(arguments)
        .output()
        .unwrap();
    Answer {
        name: name.to_owned(),
        images: 0,
        code: output.status.code().unwrap(),
        stdout: output.stdout,
        stderr: output.stderr,
    }
}

/// Keeps what `show --format json` says of the first image of each group.
pub fn save(store: &Store) {
    for (number, group) in store.groups.iter().enumerate() {
        let answer = run(
            &store.directory,
            "show",
            &[
                "show".into(),
                "--reveal".into(),
                "--format=json".into(),
                (&group[0]).into(),
            ],
        );
        fs::write(store.at(&format!("saved-{number}.json")), answer.stdout).unwrap();
    }
}
