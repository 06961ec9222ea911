//! The JSON schema of the document, made from the types that write it.

use crate::provenance::Provenance;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/sqsh-prov-1.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == text(),
            "schema/sqsh-prov-1.json is not what the types say; write it again with: \
             cargo run -- schema > schema/sqsh-prov-1.json"
        );
    }

    #[test]
    fn the_committed_schemas_of_audit_diff_and_stamp_are_current() {
        let stamp = crate::report::build_args::schema();
        for (name, text) in [
            ("audit", audit_text()),
            ("diff", diff_text()),
            ("stamp", stamp),
        ] {
            let root = env!("CARGO_MANIFEST_DIR");
            let path = format!("{root}/schema/sqsh-prov-{name}-1.json");
            let committed = std::fs::read_to_string(path).unwrap_or_default();
            assert!(
                committed == text,
                "write it again: cargo run -- schema {name} > schema/sqsh-prov-{name}-1.json"
            );
        }
    }
}
