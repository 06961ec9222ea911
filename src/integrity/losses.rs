//! Notes files of packages that could not be read.

use crate::carriers::Loss;
use crate::image::Error;

/// The most losses that are listed.
pub(super) const MAX_LOSSES: usize = 20;

/// Notes why something was not read, with the code of the reason.
pub(super) fn lose(losses: &mut Vec<Loss>, error: &Error) {
    let code = match error {
        Error::TooLarge { .. } => "over-limit",
        Error::TimedOut { .. } => "timed-out",
        Error::Damaged { .. } => "damaged",
        Error::Links { .. } | Error::NotFound { .. } | Error::WrongKind { .. } => "unreadable-file",
    };
    let loss = Loss {
        code,
        message: error.to_string(),
        partial: true,
    };
    let again = losses
        .iter()
        .any(|known| known.message == loss.message || (code == "timed-out" && known.code == code));
    if again || losses.len() > MAX_LOSSES {
        return;
    }
    losses.push(if losses.len() < MAX_LOSSES {
        loss
    } else {
        Loss {
            code: "unreadable-file",
            message: "more files of packages could not be read".to_owned(),
            partial: true,
        }
    });
}

/// Returns a path as text for a person.
pub(super) fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
