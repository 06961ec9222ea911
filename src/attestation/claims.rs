//! Reads what a statement says about the origin of an image.

use serde_json::Value;

use super::names::{DOCUMENT, IMPORT};
use super::statement::Statement;
use crate::carriers::Build;
use crate::carriers::slsa;
use crate::image::oci::PROVENANCE;

/// The most digests of one import: nested indexes and a manifest.
const MAX_DIGESTS: usize = 8;

/// The claim of a statement about the origin of an image.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// The image was built like this.
    Build(Box<Build>),
    /// A site imported the image from a reference.
    Import {
        /// `docker.io/vllm/vllm-openai:v0.29.0`.
        reference: Option<String>,
        /// Digests of the imported image, `sha256:…`: of an index, and of manifests in it.
        digests: Vec<String>,
    },
    /// The answer of this program when the statement was made.
    Document(Box<Value>),
    /// Something else: a list of packages, a scan.
    Other,
}

/// Reads the claim of a statement; `path` is its file.
#[must_use]
pub fn claim(statement: &Statement, path: &str) -> Claim {
    let predicate = &statement.predicate;
    let kind = statement.predicate_type.as_str();
    let text = |pointer: &str| predicate.pointer(pointer)?.as_str().map(str::to_owned);
    if kind == DOCUMENT {
        return Claim::Document(Box::new(predicate.clone()));
    }
    if !kind.starts_with(PROVENANCE) {
        return Claim::Other;
    }
    let digest = |number: usize| {
        let dependency = format!("/buildDefinition/resolvedDependencies/{number}");
        let hex = text(&format!("{dependency}/digest/sha256"))?;
        Some(format!("sha256:{hex}"))
    };
    if text("/buildDefinition/buildType").as_deref() == Some(IMPORT) {
        return Claim::Import {
            reference: text("/buildDefinition/externalParameters/reference"),
            digests: (0..MAX_DIGESTS).map_while(digest).collect(),
        };
    }
    match slsa::predicate_of(predicate, path, "predicate") {
        Ok(build) => Claim::Build(Box::new(build)),
        Err(_) => Claim::Other,
    }
}

/// Returns the source repositories of an image, according to a statement.
pub(super) fn repositories(statement: &Statement) -> Vec<String> {
    match claim(statement, "") {
        Claim::Build(build) => {
            let repositories = build.repositories.into_iter();
            repositories.map(|pair| pair.value).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns when a statement of this program says that it was made.
pub(super) fn made(statement: &Statement) -> Option<String> {
    let predicate = &statement.predicate;
    let text = match statement.predicate_type.as_str() {
        DOCUMENT => predicate.pointer("/made"),
        _ if predicate.pointer("/buildDefinition/buildType")? == IMPORT => predicate
            .pointer("/buildDefinition/internalParameters/made")
            .or_else(|| predicate.pointer("/runDetails/metadata/finishedOn")),
        _ => None,
    };
    let time: jiff::Timestamp = text?.as_str()?.parse().ok()?;
    Some(time.to_string())
}
