//! Short ways to write a conflict, a value and a source.

use crate::provenance::{Conflict, Source, SourcedValue};

/// Makes a conflict about a field of the document.
pub(crate) fn conflict(
    code: &str,
    field: &str,
    message: impl Into<String>,
    values: impl Into<Vec<SourcedValue>>,
) -> Conflict {
    Conflict {
        code: code.to_owned(),
        field: field.to_owned(),
        message: message.into(),
        values: values.into(),
    }
}

/// Makes a value with its source.
pub(crate) fn sourced(value: impl Into<String>, source: Source) -> SourcedValue {
    let value = value.into();
    SourcedValue { value, source }
}

/// Returns the source of a value that has a key and no file.
pub(crate) fn source(carrier: &str, key: &str) -> Source {
    Source {
        key: Some(key.to_owned()),
        ..bare(carrier)
    }
}

/// Returns the source of a value that has neither a key nor a file.
pub(crate) fn bare(carrier: &str) -> Source {
    Source {
        carrier: carrier.to_owned(),
        ..Source::default()
    }
}

/// Makes the source of a value that a file of an installed Python package holds.
pub(crate) fn python(path: &str) -> Source {
    Source {
        path: Some(path.to_owned()),
        ..bare("python")
    }
}
