//! Parses SLSA provenance v0.2 and v1 in in-toto statements. BuildKit attaches them to images, and other
//! builders sign them.
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
use crate::image::json;
use crate::image::oci::PROVENANCE;
use predicate::{Reader, list, text};

/// The name of the carrier.
const CARRIER: &str = "slsa";

/// A statement about an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// The predicate type: `https://slsa.dev/provenance/v1`.
    pub predicate: String,
    /// The digests of the subjects, `sha256:<64hex>`; empty if it names none.
    pub subjects: Vec<String>,
    /// The build that it describes.
    pub build: Build,
}

/// Parses a statement, bare or in a DSSE envelope. Returns `None` for other JSON, such as a statement with
/// a list of packages.
///
/// # Errors
/// If it is not JSON, or over a limit.
pub fn parse(bytes: &[u8], path: &str) -> Result<Option<Statement>, BuildError> {
    statement(&json::parse(bytes)?, path)
}

/// Parses a statement, or a bare predicate. Returns `None` for other JSON.
///
/// # Errors
/// If it is not JSON, or over a limit.
pub fn parse_any(bytes: &[u8], path: &str) -> Result<Option<Statement>, BuildError> {
    let document: Value = json::parse(bytes)?;
    let found = statement(&document, path)?;
    if found.is_some() || !is_predicate(&document) {
        return Ok(found);
    }
    Ok(Some(Statement {
        build: predicate_of(&document, path, "")?,
        ..Statement::default()
    }))
}

fn statement(document: &Value, path: &str) -> Result<Option<Statement>, BuildError> {
    let payload: Value;
    let document = match envelope(document) {
        Some(bytes) => {
            payload = json::parse(&bytes?)?;
            &payload
        }
        None => document,
    };
    let kind = text(document, "/predicateType").filter(|kind| kind.starts_with(PROVENANCE));
    let Some((kind, predicate)) = kind.zip(document.get("predicate")) else {
        return Ok(None);
    };
    let subjects = list(document, "/subject").iter();
    let subjects = subjects.filter_map(|subject| text(subject, "/digest/sha256"));
    Ok(Some(Statement {
        predicate: kind.to_owned(),
        subjects: subjects.map(|hex| format!("sha256:{hex}")).collect(),
        build: predicate_of(predicate, path, "predicate")?,
    }))
}

/// Returns the payload of a DSSE envelope (github.com/secure-systems-lab/dsse). Signatures are not checked.
fn envelope(document: &Value) -> Option<Result<Vec<u8>, BuildError>> {
    let of = |document: &Value| {
        let media = text(document, "/payloadType")?;
        let payload = text(document, "/payload")?;
        (media.contains("in-toto")).then(|| BASE64.decode(payload).map_err(|_| BuildError::NoJson))
    };
    // In a sigstore bundle, the envelope is a field.
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

/// Returns true for a predicate of either version.
fn is_predicate(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("buildDefinition") || (has("buildType") && (has("builder") || has("invocation")))
}

#[cfg(test)]
mod tests;
