//! The codes of a report's lines, by which lines can be selected.

use super::findings;
use crate::policy;
use crate::suggestions::{closest, hint};

/// The reasons why a file or directory was not read.
pub const SKIPPED: [&str; 9] = [
    "link",
    "mount-border",
    "no-permission",
    "no-such-path",
    "not-a-file",
    "offline",
    "same-inode",
    "unreadable-directory",
    "vanished",
];

/// A code that no finding has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no finding has the code '{code}'{}; docs/codes.md has all", hint(*closest))]
pub struct UnknownCode {
    /// The code that the user gave.
    pub code: String,
    /// The closest known code.
    pub closest: Option<&'static str>,
}

/// Returns all codes: of findings, also of policies, and of skipped files.
pub fn all() -> impl Iterator<Item = &'static str> {
    let findings = findings::CODES.into_iter().map(|(code, ..)| code);
    findings.chain(policy::codes()).chain(SKIPPED)
}

/// Checks the codes in a request: a misspelt code would silently select nothing.
///
/// # Errors
/// Names the first unknown code, and the closest known one.
pub fn check(codes: &[String]) -> Result<(), UnknownCode> {
    match codes.iter().find(|code| all().all(|known| known != **code)) {
        None => Ok(()),
        Some(code) => Err(UnknownCode {
            code: code.clone(),
            closest: closest(all(), code),
        }),
    }
}
