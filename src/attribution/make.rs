//! Short ways to write a conflict and a source.

use crate::provenance::{Conflict, Source, SourcedValue};

/// Makes a conflict about a field of the document.
pub(crate) fn conflict(
    code: &str,
    field: &str,
    message: String,
    values: Vec<SourcedValue>,
) -> Conflict {
    Conflict {
        code: code.to_owned(),
        field: field.to_owned(),
        message,
        values,
    }
}

/// Returns the source of a value that has a key and no file.
pub(crate) fn source(carrier: &str, key: &str) -> Source {
    Source {
        carrier: carrier.to_owned(),
        key: Some(key.to_owned()),
        ..Source::default()
    }
}

/// Makes the source of a value that a file of an installed Python package holds.
pub(crate) fn python(path: &str) -> Source {
    Source {
        carrier: "python".to_owned(),
        path: Some(path.to_owned()),
        ..Source::default()
    }
}
