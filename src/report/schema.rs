//! The JSON schemas of what the program writes, from `schema/`. A test compares them with the types, so the
//! program itself makes no schemas.

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

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use schemars::generate::SchemaSettings;

    use super::*;
    use crate::audit::{diff, history, record};
    use crate::provenance::{self, Provenance};
    use crate::report::audit::Report;
    use crate::verify::document::Verification;
    use crate::{emit, lint, verify};

    /// Checks the schema that the program has, and the file that people read, against the type that is written:
    /// every key is there, and `null` if its value is not known. The `$id` names the document, wherever the file is.
    /// `scripts/docs` writes the file.
    fn assert_current<T: JsonSchema>(name: &str, title: &str, carried: &str) {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let mut schema = settings.into_generator().into_root_schema_for::<T>();
        schema.insert("title".to_owned(), title.into());
        let id = format!("urn:sqsh-prov:schema:{name}");
        schema.insert("$id".to_owned(), id.into());
        let text = format!("{:#}\n", schema.to_value());
        let path = format!("{}/schema/{name}.json", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("SQSH_PROV_UPDATE_DOCS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "schema/{name}.json is not what the types say; write it again: scripts/docs"
        );
        assert!(
            carried == text || std::env::var_os("SQSH_PROV_UPDATE_DOCS").is_some(),
            "{name}"
        );
    }

    #[test]
    fn the_schemas_are_current() {
        assert_current::<Provenance>("sqsh-prov-1", provenance::SCHEMA, SHOW);
        let title = "sqsh-prov/1, of several images";
        assert_current::<Vec<Provenance>>("sqsh-prov-array-1", title, SHOW_ARRAY);
        assert_current::<Verification>("sqsh-prov-verify-1", verify::document::SCHEMA, VERIFY);
        let title = "sqsh-prov-verify/1, of several images";
        assert_current::<Vec<Verification>>("sqsh-prov-verify-array-1", title, VERIFY_ARRAY);
        assert_current::<record::Line>("sqsh-prov-audit-1", record::SCHEMA, AUDIT);
        let title = "sqsh-prov-audit/1, in one object";
        assert_current::<Report>("sqsh-prov-audit-report-1", title, AUDIT_REPORT);
        let title = history::SCHEMA;
        assert_current::<history::History>("sqsh-prov-audit-history-1", title, AUDIT_HISTORY);
        assert_current::<diff::Diff>("sqsh-prov-diff-1", diff::SCHEMA, DIFF);
        assert_current::<emit::Stamp>("sqsh-prov-stamp-1", emit::SCHEMA, STAMP);
        assert_current::<lint::Document>("sqsh-prov-lint-1", lint::document::SCHEMA, LINT);
    }
}
