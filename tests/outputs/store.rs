//! Images, files and reports that outputs are made of, and how they are made.

use super::list::{Of, Output};
use super::payloads::PAYLOADS;
use assert_cmd::Command;
use serde_json::json;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Variables that `build-args` reads, of every CI system, of contracts and of its own.
pub const VARIABLES: [&str; 64] = [
    "BRANCH_NAME",
    "BUILDKITE_BRANCH",
    "BUILDKITE_BUILD_URL",
    "BUILDKITE_COMMIT",
    "BUILDKITE_PIPELINE_ID",
    "BUILDKITE_PIPELINE_SLUG",
    "BUILDKITE_PULL_REQUEST",
    "BUILDKITE_REPO",
    "BUILDKITE_SOURCE",
    "BUILDKITE_TAG",
    "BUILD_CAUSE_TIMERTRIGGER",
    "BUILD_URL",
    "CHANGE_BRANCH",
    "CHANGE_ID",
    "CIRCLE_BRANCH",
    "CIRCLE_BUILD_URL",
    "CIRCLE_PIPELINE_ID",
    "CIRCLE_PR_NUMBER",
    "CIRCLE_PULL_REQUEST",
    "CIRCLE_REPOSITORY_URL",
    "CIRCLE_SHA1",
    "CIRCLE_TAG",
    "CIRCLE_WORKFLOW_ID",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_REF_NAME",
    "CI_COMMIT_SHA",
    "CI_COMMIT_TAG",
    "CI_JOB_URL",
    "CI_MERGE_REQUEST_IID",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
    "CI_PIPELINE_ID",
    "CI_PIPELINE_SOURCE",
    "CI_PIPELINE_URL",
    "CI_PROJECT_URL",
    "CI_REGISTRY_IMAGE",
    "CI_REPOSITORY_URL",
    "GITHUB_BASE_REF",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_HEAD_REF",
    "GITHUB_REF",
    "GITHUB_REF_NAME",
    "GITHUB_REF_TYPE",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ID",
    "GITHUB_SERVER_URL",
    "GITHUB_SHA",
    "GITHUB_WORKFLOW",
    "GITHUB_WORKFLOW_REF",
    "GIT_BRANCH",
    "GIT_COMMIT",
    "GIT_URL",
    "GIT_URL_1",
    "IMAGE_REPOSITORY",
    "JOB_NAME",
    "NIGHTLY",
    "RELEASE_VERSION",
    "SGLANG_IMAGE_REPO",
    "SGLANG_IMAGE_TAG",
    "TAG_NAME",
    "VLLM_DOCKER_IMAGE_NAME",
    "VLLM_IMAGE_TAG",
    "VLLM_STAGING_IMAGE_REPO",
];

/// What switches one of them on.
pub const SYSTEMS: [&str; 5] = [
    "BUILDKITE",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "CIRCLECI",
    "JENKINS_URL",
];

/// What there is to look at.
pub struct Store {
    /// Where everything is.
    pub directory: PathBuf,
    /// The images, in groups; each group holds one text.
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

    /// All answers of an output of `build-args`: each attack in all variables, in two of the systems.
    fn of_builds(&self, output: &Output) -> Vec<Answer> {
        let mut answers = Vec::new();
        for (number, (_, payload)) in PAYLOADS.iter().enumerate() {
            for system in SYSTEMS.iter().cycle().skip(number % SYSTEMS.len()).take(2) {
                let mut value: Vec<u8> = payload.to_vec();
                value.retain(|&byte| byte != 0);
                value.extend(b"mkfile");
                let mut command = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"));
                command
                    .env_clear()
                    .current_dir(&self.directory)
                    .env(system, "true");
                for name in VARIABLES {
                    command.env(name, std::ffi::OsStr::from_bytes(&value));
                }
                let arguments: Vec<OsString> = output.arguments.iter().map(Into::into).collect();
                answers.push(Answer {
                    images: 1,
                    ..asked(
                        command,
                        &format!("{system} {}", output.arguments.join(" ")),
                        &arguments,
                    )
                });
            }
        }
        answers
    }

    /// All answers of an output.
    pub fn answers(&self, output: &Output) -> Vec<Answer> {
        if output.of == Of::Build {
            return self.of_builds(output);
        }
        let all = || self.groups.iter().flatten();
        let each = |path: &Path| vec![path.into()];
        let runs: Vec<Vec<OsString>> = match output.of {
            Of::Images => vec![all().map(Into::into).collect()],
            Of::Image => {
                let rest = self.groups.iter().flat_map(|group| &group[1..]);
                // Which of the two halves, differs between outputs.
                rest.skip(output.arguments.concat().len() % 2)
                    .step_by(2)
                    .map(|path| each(path))
                    .collect()
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
            Of::Build => Vec::new(),
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
    let mut command = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"));
    command.current_dir(directory).env_remove("COLUMNS");
    asked(command, name, arguments)
}

pub fn asked(mut command: Command, name: &str, arguments: &[OsString]) -> Answer {
    let output = command.args(arguments).output().unwrap();
    Answer {
        name: name.to_owned(),
        images: 0,
        code: output.status.code().unwrap(),
        stdout: output.stdout,
        stderr: output.stderr,
    }
}

/// A store, with what `show --format json` says of the first image of each group, and an audit's report.
pub fn saved(directory: &Path, groups: Vec<Vec<PathBuf>>) -> (Store, Vec<u8>) {
    let store = Store {
        directory: directory.to_owned(),
        groups,
    };
    for (number, group) in store.groups.iter().enumerate() {
        let show = ["show", "--reveal", "--format=json"].map(OsString::from);
        let arguments = [&show[..], &[(&group[0]).into()]].concat();
        let answer = run(directory, "show", &arguments);
        fs::write(store.at(&format!("saved-{number}.json")), answer.stdout).unwrap();
    }
    let audit = [
        "audit",
        "store",
        "--all-files",
        "--rootfs",
        "--format=ndjson",
        "--now=2026-11-01",
    ];
    let report = run(directory, "audit", &audit.map(OsString::from));
    // It can be compared with an audit of the same directory under its whole path, with other names.
    let root = json!([store.at("store").to_str().unwrap()]);
    let report = String::from_utf8(report.stdout).unwrap();
    let report = report.replace(r#""roots":["store"]"#, &format!(r#""roots":{root}"#));
    (store, report.into_bytes())
}
