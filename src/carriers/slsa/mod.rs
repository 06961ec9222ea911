//! SLSA provenance v0.2 and v1 in in-toto statements, as BuildKit attaches them to images
//! and as other builders sign them.
//!
//! `{"_type": "https://in-toto.io/Statement/v1", "predicateType":
//! "https://slsa.dev/provenance/v1", "subject": [{"digest": {"sha256": "…"}}], "predicate": {…}}`,
//! bare or in a DSSE envelope. Predicates: slsa.dev/spec/v0.2/provenance and v1.0/provenance;
//! BuildKit's parameters: docs.docker.com/build/metadata/attestations/slsa-definitions.

mod package_url;
mod predicate;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::pair::Place;
use super::{Build, BuildError};
use crate::image::json::{self, JsonError};
use predicate::{Reader, list, text};

/// What every predicate type of provenance starts with.
pub const PREDICATE: &str = "https://slsa.dev/provenance/";

/// What the carrier is called in sources.
const CARRIER: &str = "slsa";

/// A statement about an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its type: `https://slsa.dev/provenance/v1`.
    pub predicate: String,
    /// Digests of its subjects, `sha256:<64hex>`; empty if it names none.
    pub subjects: Vec<String>,
    /// Names of its subjects, usually package URLs.
    pub names: Vec<String>,
    /// What it says.
    pub build: Build,
}

/// Parses a statement, bare or in a DSSE envelope; `None` for other JSON, such as a statement with a
/// list of packages.
///
/// # Errors
/// If it is not JSON, or over a limit.
pub fn parse(bytes: &[u8], path: &str) -> Result<Option<Statement>, BuildError> {
    let document: Value = json::parse(bytes)?;
    let document = match envelope(&document) {
        Some(payload) => json::parse(&payload?)?,
        None => document,
    };
    let is_provenance = text(&document, "/predicateType").is_some_and(|t| t.starts_with(PREDICATE));
    let Some(predicate) = document.get("predicate").filter(|_| is_provenance) else {
        return Ok(None);
    };
    let subjects = list(&document, "/subject");
    let digests = subjects.iter().filter_map(|subject| {
        let hex = text(subject, "/digest/sha256")?;
        Some(format!("sha256:{hex}"))
    });
    Ok(Some(Statement {
        predicate: text(&document, "/predicateType")
            .unwrap_or_default()
            .to_owned(),
        subjects: digests.collect(),
        names: subjects
            .iter()
            .filter_map(|subject| Some(text(subject, "/name")?.to_owned()))
            .collect(),
        build: predicate_of(predicate, path, "predicate")?,
    }))
}

/// The payload of a DSSE envelope (github.com/secure-systems-lab/dsse); signatures are
/// not checked.
fn envelope(document: &Value) -> Option<Result<Vec<u8>, BuildError>> {
    let of = |document: &Value| {
        let media = text(document, "/payloadType")?;
        let payload = text(document, "/payload")?;
        (media.contains("in-toto")).then(|| BASE64.decode(payload).map_err(|_| BuildError::NoJson))
    };
    // A sigstore bundle has the envelope in a field.
    of(document).or_else(|| of(document.get("dsseEnvelope")?))
}

/// Parses a predicate of either version; `key` is its source.
///
/// # Errors
/// If it is over a limit.
pub fn predicate_of(predicate: &Value, path: &str, key: &str) -> Result<Build, BuildError> {
    let reader = Reader {
        root: predicate,
        place: Place {
            carrier: CARRIER,
            path,
        },
        key,
    };
    let mut build = Build::default();
    if predicate.get("buildDefinition").is_some() {
        reader.v1(&mut build)?;
    } else {
        reader.v0_2(&mut build)?;
    }
    Ok(build)
}

/// Returns true for what is a predicate of either version.
#[must_use]
pub fn is_predicate(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("buildDefinition") || (has("buildType") && (has("builder") || has("invocation")))
}

/// Returns true if the text is an in-toto statement, an envelope of one, or a bare predicate.
///
/// # Errors
/// If it is not JSON.
pub fn parse_any(bytes: &[u8], path: &str) -> Result<Option<Statement>, BuildError> {
    if let Some(statement) = parse(bytes, path)? {
        return Ok(Some(statement));
    }
    let document: Value = json::parse(bytes).map_err(|error: JsonError| error)?;
    if !is_predicate(&document) {
        return Ok(None);
    }
    Ok(Some(Statement {
        predicate: String::new(),
        subjects: Vec::new(),
        names: Vec::new(),
        build: predicate_of(&document, path, "")?,
    }))
}

#[cfg(test)]
mod tests;
