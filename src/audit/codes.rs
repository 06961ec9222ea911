//! The codes that a line of a report can have, and that can be selected.

use super::findings;
use crate::policy;
use crate::suggestions::{closest, hint};

/// Why a file or directory was not looked at.
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

/// A code that no line of a report has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no finding has the code '{code}'{}; docs/codes.md has all", hint(*closest))]
pub struct UnknownCode {
    /// As given.
    pub code: String,
    /// The code that comes closest.
    pub closest: Option<&'static str>,
}

/// Every code: of findings, also a policy's, and of what was not looked at.
pub fn all() -> impl Iterator<Item = &'static str> {
    let findings = findings::CODES.into_iter().map(|(code, ..)| code);
    findings.chain(policy::CODES).chain(SKIPPED)
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
