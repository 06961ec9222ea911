//! Every output of the program, and how each is judged. A new output is a line here.

use super::judge::{self, Judge};
use super::scripts;

/// What an output is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// All images in one run.
    Images,
    /// Every second image in a run of its own, without the first of each group.
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
    /// The variables of a build, and its checkout.
    Build,
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
    output(&["show", "--format", "shell"], Of::Image, scripts::shell),
    output(
        &["show", "--format", "taskprolog"],
        Of::Image,
        scripts::task_prolog,
    ),
    output(
        &["show", "--format", "srt-slurm-fingerprint"],
        Of::Image,
        judge::json,
    ),
    output(
        &["show", "--format", "srt-slurm-identity"],
        Of::Image,
        scripts::identity,
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
        &[
            "audit",
            "--all-files",
            "--rootfs",
            "--group-by",
            "publisher",
            "--sort",
            "findings",
            "--columns",
            "path,what,pipeline,digest,findings",
        ],
        Of::Directory,
        judge::page,
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
    output(
        &["merge", "--format", "openmetrics"],
        Of::Report,
        judge::page,
    ),
    output(&["diff"], Of::Pair, judge::page),
    output(&["diff", "--color", "always"], Of::Saved, judge::coloured),
    output(&["diff", "--format", "json"], Of::Pair, judge::json),
    output(&["lint"], Of::Images, judge::page),
    output(
        &["lint", "--survives", "--color", "always"],
        Of::Image,
        judge::coloured,
    ),
    output(&["lint", "--format", "json"], Of::Images, judge::json),
    output(&["lint", "--format", "sarif"], Of::Images, judge::json),
    output(&["lint", "--format", "markdown"], Of::Images, judge::page),
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
    output(&["build-args", "-v"], Of::Build, scripts::arguments),
    output(
        &["build-args", "--contract=vllm", "cu129"],
        Of::Build,
        scripts::arguments,
    ),
    output(
        &["build-args", "--format=labels"],
        Of::Build,
        scripts::arguments,
    ),
    output(
        &["build-args", "--format=env"],
        Of::Build,
        scripts::variables,
    ),
    output(&["build-args", "--format=json"], Of::Build, judge::json),
    output(&["build-args", "--format=bake"], Of::Build, judge::json),
    output(
        &["build-args", "--format=compose"],
        Of::Build,
        scripts::compose,
    ),
    output(
        &["build-args", "--format=dockerfile"],
        Of::Build,
        scripts::dockerfile,
    ),
    output(&["build-args", "--format=tag"], Of::Build, judge::reference),
];
