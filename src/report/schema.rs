//! The JSON schema of the document, made from the types that write it.

use crate::provenance::Provenance;

/// The schemas as they are committed, which tests compare with the types: what makes them need not be
/// in the program.
pub mod committed {
    use crate::packed::packed;

    pub use crate::packed::Packed;

    /// Of [`Provenance`](crate::provenance::Provenance): what `show --format json` writes.
    pub const SHOW: Packed = packed!("schema/sqsh-prov-1.json");
    /// Of [`Verification`](crate::verify::document::Verification): what `verify --format json` writes.
    pub const VERIFY: Packed = packed!("schema/sqsh-prov-verify-1.json");
    /// Of a [`Line`](crate::audit::record::Line) that `audit --format ndjson` writes.
    pub const AUDIT: Packed = packed!("schema/sqsh-prov-audit-1.json");
    /// Of a [`Diff`](crate::audit::diff::Diff): what `diff --format json` writes.
    pub const DIFF: Packed = packed!("schema/sqsh-prov-diff-1.json");
    /// Of a [`Stamp`](crate::emit::Stamp): what `build-args --format json` writes.
    pub const STAMP: Packed = packed!("schema/sqsh-prov-stamp-1.json");
    /// Of a [`Document`](crate::lint::Document): what `lint --format json` writes.
    pub const LINT: Packed = packed!("schema/sqsh-prov-lint-1.json");
}

/// The schema as a JSON value.
#[must_use]
pub fn value() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Provenance);
    schema.insert("title".to_owned(), crate::provenance::SCHEMA.into());
    schema.to_value()
}

/// The schema, indented, with a newline at the end: what `schema/sqsh-prov-1.json` has.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", value())
}

/// The schema of a line of an audit's report: what `schema/sqsh-prov-audit-1.json` has.
#[must_use]
pub fn audit_text() -> String {
    titled(
        schemars::schema_for!(crate::audit::record::Line),
        crate::audit::record::SCHEMA,
    )
}

/// The schema of a diff: what `schema/sqsh-prov-diff-1.json` has.
#[must_use]
pub fn diff_text() -> String {
    titled(
        schemars::schema_for!(crate::audit::diff::Diff),
        crate::audit::diff::SCHEMA,
    )
}

pub(super) fn titled(mut schema: schemars::Schema, title: &str) -> String {
    schema.insert("title".to_owned(), title.into());
    format!("{:#}\n", schema.to_value())
}

/// Compares a file of `schema/` with what the types say, or writes it for `scripts/docs`.
#[cfg(test)]
pub(crate) fn assert_current(name: &str, text: &str) {
    let path = format!("{}/schema/{name}.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("SQSH_PROV_UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "schema/{name}.json is not what the types say; write it again: scripts/docs"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_in_is_what_the_file_says() {
        let carried = [
            ("sqsh-prov-1", committed::SHOW),
            ("sqsh-prov-verify-1", committed::VERIFY),
            ("sqsh-prov-audit-1", committed::AUDIT),
            ("sqsh-prov-diff-1", committed::DIFF),
            ("sqsh-prov-stamp-1", committed::STAMP),
            ("sqsh-prov-lint-1", committed::LINT),
        ];
        for (name, packed) in carried {
            let path = format!("{}/schema/{name}.json", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(packed.text(), std::fs::read_to_string(path).unwrap());
        }
    }

    #[test]
    fn the_schemas_are_current() {
        assert_current("sqsh-prov-1", &text());
        assert_current("sqsh-prov-audit-1", &audit_text());
        assert_current("sqsh-prov-diff-1", &diff_text());
        assert_current("sqsh-prov-lint-1", &crate::report::lint::schema());
        assert_current("sqsh-prov-stamp-1", &crate::report::build_args::schema());
    }
}
