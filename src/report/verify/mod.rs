//! The answer of `verify`: for a person, as JSON, as one line, and for srt-slurm.

mod checks;
mod human;
mod instead;
mod line;
mod words;

use crate::verify::document::{SCHEMA, Verification};

pub use checks::srt_slurm_checks;
pub use human::human;
pub use line::line;

use super::{json, schema};

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
    schema::of::<Verification>(SCHEMA, "sqsh-prov-verify-1")
}

/// The schema of several answers: what `schema/sqsh-prov-verify-array-1.json` has.
#[must_use]
pub fn array_schema() -> String {
    schema::of::<Vec<Verification>>(
        "sqsh-prov-verify/1, of several images",
        "sqsh-prov-verify-array-1",
    )
}

#[cfg(test)]
mod tests;
