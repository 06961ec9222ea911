//! Arguments of `docker build`, as vLLM's docker-build-metadata-args.sh prints them.

use crate::emit::Stamp;
use crate::report::escape::shell_quote;

/// Quotes a word.
pub(super) type Quote = fn(&str) -> String;

/// Returns `--build-arg KEY=VALUE … --tag REFERENCE` on one line, for an unquoted `$(…)`. A shell leaves a
/// value with `#`, `?` or `&` whole there, so it is not quoted. A value that the shell would split is quoted,
/// although the quotes reach the build: it then gets an argument that no Dockerfile uses.
#[must_use]
pub fn args(stamp: &Stamp) -> String {
    printed(stamp, word)
}

/// The same for a shell that reads the line: `eval`.
#[must_use]
pub fn args_quoted(stamp: &Stamp) -> String {
    printed(stamp, |text| shell_quote(text).into_owned())
}

fn printed(stamp: &Stamp, quote: Quote) -> String {
    let arguments = stamp.build_args.iter();
    let arguments = arguments.filter(|(key, _)| !stamp.unprinted.contains(*key));
    let arguments = arguments.map(|(k, v)| option("--build-arg", k, v, quote));
    let tags = stamp.push.iter();
    let tags = tags.map(|reference| format!("--tag {}", quote(reference)));
    line(arguments.chain(tags))
}

/// A word for an unquoted `$(…)`, which splits at white space and expands `*` and `[`.
pub(super) fn word(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_@%+=:,./-#?&".contains(&b);
    match !text.is_empty() && text.bytes().all(plain) {
        true => text.to_owned(),
        false => shell_quote(text).into_owned(),
    }
}

pub(super) fn option(flag: &str, key: &str, value: &str, quote: Quote) -> String {
    format!("{flag} {}", quote(&format!("{key}={value}")))
}

pub(super) fn line(options: impl Iterator<Item = String>) -> String {
    options.collect::<Vec<_>>().join(" ") + "\n"
}
