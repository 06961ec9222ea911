//! The expected stamp, as `sqsh-prov build-args --format json` writes it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::image::json::{self, JsonError};

/// The schema that is read.
pub const SCHEMA: &str = "sqsh-prov-stamp/1";

/// What an image should say: `{"schema": "sqsh-prov-stamp/1", "env": {…}, "labels": {…}, "annotations": {…}}`,
/// each a map of strings. Other keys are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Expected {
    schema: String,
    /// Variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Annotations, of the index and of each manifest.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// Why a file cannot be used as the expected stamp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpectError {
    /// No JSON, or other JSON.
    #[error("it is not a stamp of schema {SCHEMA}: {0}")]
    Json(#[from] JsonError),
    /// Of another version.
    #[error("its schema is \"{0}\"; {SCHEMA} is read")]
    Schema(String),
    /// Nothing to look for.
    #[error("it expects nothing: env, labels and annotations are empty")]
    Empty,
}

impl Expected {
    /// Reads a stamp.
    ///
    /// # Errors
    /// If it is something else, or empty.
    pub fn parse(bytes: &[u8]) -> Result<Self, ExpectError> {
        let found: Self = json::parse(bytes)?;
        if found.schema != SCHEMA {
            return Err(ExpectError::Schema(found.schema));
        }
        if found.env.is_empty() && found.labels.is_empty() && found.annotations.is_empty() {
            return Err(ExpectError::Empty);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_and_other_things_are_refused() {
        let text = br#"{"schema": "sqsh-prov-stamp/1", "env": {"A": "1"}, "tags": ["x"]}"#;
        let found = Expected::parse(text).unwrap();
        assert_eq!(found.env.get("A").unwrap(), "1");
        let other = br#"{"schema": "sqsh-prov/1", "env": {"A": "1"}}"#;
        assert_eq!(
            Expected::parse(other),
            Err(ExpectError::Schema("sqsh-prov/1".to_owned()))
        );
        let empty = br#"{"schema": "sqsh-prov-stamp/1", "labels": {}}"#;
        assert_eq!(Expected::parse(empty), Err(ExpectError::Empty));
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"schema": "sqsh-prov-stamp/1", "env": {"A": 1}}"#,
        ] {
            assert!(
                matches!(Expected::parse(bad.as_bytes()), Err(ExpectError::Json(_))),
                "{bad}"
            );
        }
    }
}
