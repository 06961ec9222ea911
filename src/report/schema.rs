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
}
