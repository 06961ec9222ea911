//! The answer of `verify`: for a person, as JSON, as one line, and for srt-slurm.

mod checks;
mod human;
mod instead;
mod line;
mod words;

use crate::verify::document::Verification;

pub use checks::srt_slurm_checks;
pub use human::human;
pub use line::line;

use super::json;

/// One answer as an object, several as an array; indented, with a newline at the end.
///
/// # Errors
/// If a document cannot be serialised; none of its types does that.
pub fn json(answers: &[Verification]) -> Result<String, serde_json::Error> {
    match answers {
        [one] => json::pretty(one),
        several => json::pretty(several),
    }
}

#[cfg(test)]
mod tests;
