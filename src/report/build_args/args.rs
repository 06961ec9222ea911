//! Arguments of `docker build`, as vLLM's docker-build-metadata-args.sh prints them.

use crate::emit::Stamp;
use crate::report::escape::shell_quote;

/// `--build-arg KEY=VALUE … --tag REFERENCE`, on one line. A plain value stands as it is, so that an
/// unquoted `$(…)` gives these words; any other is quoted for a shell that reads the line (`eval`).
#[must_use]
pub fn args(stamp: &Stamp) -> String {
    let arguments = stamp
        .build_args
        .iter()
        .map(|(k, v)| option("--build-arg", k, v));
    let tags = stamp
        .push
        .iter()
        .map(|reference| format!("--tag {}", shell_quote(reference)));
    line(arguments.chain(tags))
}

/// `--label KEY=VALUE`, quoted where it is not plain.
pub(super) fn option(flag: &str, key: &str, value: &str) -> String {
    format!("{flag} {}", shell_quote(&format!("{key}={value}")))
}

/// Options on one line.
pub(super) fn line(options: impl Iterator<Item = String>) -> String {
    let mut line = options.collect::<Vec<_>>().join(" ");
    line.push('\n');
    line
}
