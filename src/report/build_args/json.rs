//! The stamp as a document, for `lint --expect` and for scripts.

use crate::emit::Stamp;

/// One object, indented, with a newline at the end.
///
/// # Errors
/// If it cannot be serialised; its types cannot do that.
pub fn json(stamp: &Stamp) -> Result<String, serde_json::Error> {
    crate::report::json::pretty_value(stamp)
}
