//! The answer of `lint`: for a person, as JSON, as SARIF, and as markdown.

mod human;
mod markdown;
mod sarif;
mod words;

pub use human::human;
pub use markdown::markdown;
pub use sarif::sarif;
pub use words::form;

use super::json;
use crate::lint::document::Document;

/// As JSON, indented, with a newline at the end.
///
/// # Errors
/// If it cannot be serialised; none of its types does that.
pub fn document(document: &Document) -> Result<String, serde_json::Error> {
    json::pretty_value(document)
}

/// Several of them as a JSON array, indented, with a newline at the end.
///
/// # Errors
/// If they cannot be serialised; none of their types does that.
pub fn documents(documents: &[Document]) -> Result<String, serde_json::Error> {
    json::pretty_value(&documents)
}

#[cfg(test)]
mod tests;
