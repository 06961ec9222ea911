//! in-toto statements, <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::image::json::{self, JsonError};

/// The media type of a statement in an envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The types of the versions that are read.
const TYPES: [&str; 2] = [
    "https://in-toto.io/Statement/v0.1",
    "https://in-toto.io/Statement/v1",
];
/// The most subjects of a statement; builds of images have fewer.
const MAX_SUBJECTS: usize = 4096;
/// The most digests of one subject.
const MAX_DIGESTS: usize = 16;

/// A statement: its subjects and its predicate.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The subjects.
    pub subjects: Vec<Subject>,
    /// The type of the predicate.
    pub predicate_type: String,
    /// The predicate.
    pub predicate: Value,
}

/// The subject of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its name, which binds nothing.
    pub name: Option<String>,
    /// Algorithms and digests in lower-case hex.
    pub digests: Vec<(String, String)>,
}

/// The reason why a text is not a usable statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It is not JSON.
    #[error("its JSON cannot be read: {0}")]
    Json(#[from] JsonError),
    /// It is other JSON.
    #[error("it is no in-toto statement of version 0.1 or 1: _type is \"{0}\"")]
    Type(String),
    /// It has no subject with a digest.
    #[error("it names no subject: it is about nothing")]
    NoSubject,
    /// It is over a limit.
    #[error("it names more than {0}")]
    TooMany(&'static str),
    /// A digest is not valid.
    #[error("it names a subject by the digest \"{0}\", which is not lower-case hex")]
    Digest(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(rename = "_type")]
    type_: String,
    #[serde(default)]
    subject: Vec<RawSubject>,
    predicate_type: String,
    #[serde(default)]
    predicate: Value,
}

#[derive(Deserialize)]
struct RawSubject {
    name: Option<String>,
    #[serde(default)]
    digest: Map<String, Value>,
}

impl Statement {
    /// Parses a statement. A duplicate key is an error: two readers could see different texts.
    ///
    /// # Errors
    /// If it is not a statement, has no subject, or is over a limit.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let raw: Raw = json::parse_unique(bytes)?;
        if !TYPES.contains(&raw.type_.as_str()) {
            return Err(StatementError::Type(raw.type_));
        }
        if raw.subject.is_empty() {
            return Err(StatementError::NoSubject);
        }
        if raw.subject.len() > MAX_SUBJECTS {
            return Err(StatementError::TooMany("4,096 subjects"));
        }
        let subjects = raw.subject.into_iter().map(subject);
        Ok(Self {
            subjects: subjects.collect::<Result<_, _>>()?,
            predicate_type: raw.predicate_type,
            predicate: raw.predicate,
        })
    }
}

fn subject(raw: RawSubject) -> Result<Subject, StatementError> {
    if raw.digest.len() > MAX_DIGESTS {
        return Err(StatementError::TooMany("16 digests of one subject"));
    }
    let mut digests = Vec::new();
    for (algorithm, hex) in raw.digest {
        // Digests of other types, such as numbers, bind nothing.
        let Value::String(hex) = hex else { continue };
        if hex.is_empty() || !hex.bytes().all(is_hex) {
            return Err(StatementError::Digest(hex));
        }
        digests.push((algorithm, hex));
    }
    Ok(Subject {
        name: raw.name,
        digests,
    })
}

/// Returns true for a hex digit in lower case.
pub(super) fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: &Value) -> Result<Statement, StatementError> {
        Statement::parse(value.to_string().as_bytes())
    }

    #[test]
    fn a_statement_is_about_something_and_says_what_kind_of_thing() {
        let good = json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "x",
            "subject": [{"name": "a", "digest": {"sha256": "ab", "size": 3}}], "predicate": {}});
        let statement = parse(&good).unwrap();
        let digests = [("sha256".to_owned(), "ab".to_owned())];
        assert_eq!(statement.subjects[0].digests, digests);
        let edit = |key: &str, value: Value| {
            let mut bad = good.clone();
            bad[key] = value;
            parse(&bad).unwrap_err().to_string()
        };
        for (key, value, said) in [
            (
                "_type",
                json!("https://in-toto.io/Link"),
                "no in-toto statement",
            ),
            (
                "_type",
                json!("https://in-toto.io/Statement/v2"),
                "no in-toto statement",
            ),
            (
                "_type",
                json!("https://in-toto.io/Statement/v1.1"),
                "no in-toto statement",
            ),
            ("_type", json!(1), "JSON cannot be read"),
            ("subject", json!([]), "about nothing"),
            (
                "subject",
                json!([{"digest": {"sha256": "AB"}}]),
                "lower-case hex",
            ),
            (
                "subject",
                json!([{"digest": {"sha256": ""}}]),
                "lower-case hex",
            ),
            ("subject", json!(vec![json!({}); 4097]), "4,096 subjects"),
            ("predicateType", json!(null), "JSON cannot be read"),
        ] {
            let error = edit(key, value);
            assert!(error.contains(said), "{key}: {error}");
        }
    }

    #[test]
    fn a_key_that_is_there_twice_is_no_statement() {
        let twice = br#"{"_type": "https://in-toto.io/Statement/v1", "predicateType": "x",
            "subject": [{"digest": {"sha256": "ab"}}], "subject": [{"digest": {"sha256": "cd"}}]}"#;
        let error = Statement::parse(twice).unwrap_err().to_string();
        assert!(error.contains("is there twice"), "{error}");
        for (digest, predicate) in [
            (r#"{"sha256": "ab", "sha256": "cd"}"#, "{}"),
            (r#"{"sha256": "ab"}"#, r#"{"a": {"b": 1, "b": 2}}"#),
            (r#"{"sha256": "ab"}"#, r#"{"a": [{"b": 1, "\u0062": 2}]}"#),
        ] {
            let text = format!(
                r#"{{"_type": "https://in-toto.io/Statement/v1", "predicateType": "x",
                "subject": [{{"digest": {digest}}}], "predicate": {predicate}}}"#
            );
            let error = Statement::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("is there twice"), "{text}: {error}");
        }
    }
}
