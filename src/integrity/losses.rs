//! Records what could not be read or checked.

use crate::carriers::Loss;
use crate::image::Error;

/// The most losses that are listed.
pub(super) const MAX_LOSSES: usize = 20;

/// Adds why something was not read, with the code of the reason.
pub(super) fn lose(losses: &mut Vec<Loss>, error: &Error) {
    let code = match error {
        Error::TooLarge { .. } => "over-limit",
        Error::TimedOut { .. } => "timed-out",
        Error::Damaged { .. } => "damaged",
        Error::Links { .. } | Error::NotFound { .. } | Error::WrongKind { .. } => "unreadable-file",
    };
    let loss = Loss::partial(code, error.to_string());
    let is_again =
        |known: &Loss| known.message == loss.message || (code == "timed-out" && known.code == code);
    if losses.iter().any(is_again) || losses.len() > MAX_LOSSES {
        return;
    }
    losses.push(if losses.len() < MAX_LOSSES {
        loss
    } else {
        let message = "more files of packages could not be read";
        Loss::partial("unreadable-file", message)
    });
}
