//! The answer of `verify`: for a person, as JSON, as one line, and for srt-slurm.

mod checks;
mod human;
mod line;
mod words;

use crate::verify::document::{SCHEMA, Verification};

pub use checks::srt_slurm_checks;
pub use human::human;
pub use line::line;

use super::json;
use super::schema::titled;

/// One answer as an object, several as an array; indented, with a newline at the end.
///
/// # Errors
///
/// When a document cannot be serialised; none of its types does that.
pub fn json(answers: &[Verification]) -> Result<String, serde_json::Error> {
    match answers {
        [one] => json::pretty_value(one),
        several => json::pretty_value(&several),
    }
}

/// The JSON schema of the answer, with a newline at the end: what `schema/sqsh-prov-verify-1.json` has.
#[must_use]
pub fn schema() -> String {
    titled(schemars::schema_for!(Verification), SCHEMA)
}

#[cfg(test)]
mod tests;
