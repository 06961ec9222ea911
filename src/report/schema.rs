//! The JSON schema of the document, made from the types that write it.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

use super::audit::Report;
use crate::audit::{diff, history, record};
use crate::provenance::{self, Provenance};

/// The schemas as they are committed, which tests compare with the types: what makes them need not be
/// in the program.
pub mod committed {
    /// Of [`Provenance`](crate::provenance::Provenance): what `show --format json` writes.
    pub const SHOW: &str = include_str!("../../schema/sqsh-prov-1.json");
    /// The schema of the array that `show --format json` writes for several images.
    pub const SHOW_ARRAY: &str = include_str!("../../schema/sqsh-prov-array-1.json");
    /// Of [`Verification`](crate::verify::document::Verification): what `verify --format json` writes.
    pub const VERIFY: &str = include_str!("../../schema/sqsh-prov-verify-1.json");
    /// The schema of the array that `verify --format json` writes for several images.
    pub const VERIFY_ARRAY: &str = include_str!("../../schema/sqsh-prov-verify-array-1.json");
    /// The schema of a [`Line`](crate::audit::record::Line), which `audit --format ndjson` writes.
    pub const AUDIT: &str = include_str!("../../schema/sqsh-prov-audit-1.json");
    /// The schema of a [`Report`](crate::report::audit::Report), which `audit --format json` writes.
    pub const AUDIT_REPORT: &str = include_str!("../../schema/sqsh-prov-audit-report-1.json");
    /// The schema of a [`History`](crate::audit::history::History), which `audit history --format
    /// json` writes.
    pub const AUDIT_HISTORY: &str = include_str!("../../schema/sqsh-prov-audit-history-1.json");
    /// The schema of a [`Diff`](crate::audit::diff::Diff), which `diff --format json` writes.
    pub const DIFF: &str = include_str!("../../schema/sqsh-prov-diff-1.json");
    /// The schema of a [`Stamp`](crate::emit::Stamp), which `build-args --format json` writes.
    pub const STAMP: &str = include_str!("../../schema/sqsh-prov-stamp-1.json");
    /// The schema of a [`Document`](crate::lint::Document), which `lint --format json` writes.
    pub const LINT: &str = include_str!("../../schema/sqsh-prov-lint-1.json");
}

/// Returns the schema of a type as it is written: every key is there, and `null` if its value is not
/// known. The `$id` names the document, wherever the schema file is.
pub(super) fn of<T: JsonSchema>(title: &str, id: &str) -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.insert(
        "$id".to_owned(),
        format!("urn:sqsh-prov:schema:{id}").into(),
    );
    format!("{:#}\n", schema.to_value())
}

/// The schema, indented, with a newline at the end: what `schema/sqsh-prov-1.json` has.
#[must_use]
pub fn text() -> String {
    of::<Provenance>(provenance::SCHEMA, "sqsh-prov-1")
}

/// The schema of several images in one array: what `schema/sqsh-prov-array-1.json` has.
#[must_use]
pub fn array_text() -> String {
    of::<Vec<Provenance>>("sqsh-prov/1, of several images", "sqsh-prov-array-1")
}

/// The schema of a line of an audit's report: what `schema/sqsh-prov-audit-1.json` has.
#[must_use]
pub fn audit_text() -> String {
    of::<record::Line>(record::SCHEMA, "sqsh-prov-audit-1")
}

/// The schema of an audit's report in one object: what `schema/sqsh-prov-audit-report-1.json` has.
#[must_use]
pub fn audit_report_text() -> String {
    of::<Report>(
        "sqsh-prov-audit/1, in one object",
        "sqsh-prov-audit-report-1",
    )
}

/// The schema of a history of audits: what `schema/sqsh-prov-audit-history-1.json` has.
#[must_use]
pub fn audit_history_text() -> String {
    of::<history::History>(history::SCHEMA, "sqsh-prov-audit-history-1")
}

/// The schema of a diff: what `schema/sqsh-prov-diff-1.json` has.
#[must_use]
pub fn diff_text() -> String {
    of::<diff::Diff>(diff::SCHEMA, "sqsh-prov-diff-1")
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
            ("sqsh-prov-array-1", committed::SHOW_ARRAY),
            ("sqsh-prov-verify-1", committed::VERIFY),
            ("sqsh-prov-verify-array-1", committed::VERIFY_ARRAY),
            ("sqsh-prov-audit-1", committed::AUDIT),
            ("sqsh-prov-audit-report-1", committed::AUDIT_REPORT),
            ("sqsh-prov-audit-history-1", committed::AUDIT_HISTORY),
            ("sqsh-prov-diff-1", committed::DIFF),
            ("sqsh-prov-stamp-1", committed::STAMP),
            ("sqsh-prov-lint-1", committed::LINT),
        ];
        for (name, carried) in carried {
            let path = format!("{}/schema/{name}.json", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(carried, std::fs::read_to_string(path).unwrap());
        }
    }

    #[test]
    fn the_schemas_are_current() {
        assert_current("sqsh-prov-1", &text());
        assert_current("sqsh-prov-array-1", &array_text());
        assert_current("sqsh-prov-audit-1", &audit_text());
        assert_current("sqsh-prov-audit-report-1", &audit_report_text());
        assert_current("sqsh-prov-audit-history-1", &audit_history_text());
        assert_current("sqsh-prov-diff-1", &diff_text());
        assert_current("sqsh-prov-lint-1", &crate::report::lint::schema());
        assert_current("sqsh-prov-stamp-1", &crate::report::build_args::schema());
    }
}
