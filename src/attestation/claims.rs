//! What a statement says of where an image comes from.

use serde_json::Value;

use super::names::{DOCUMENT, IMPORT};
use super::statement::Statement;
use crate::carriers::Build;
use crate::carriers::slsa;

/// Digests of one import: of indexes in each other, and of a manifest.
const MAX_DIGESTS: usize = 8;

/// What a statement is, as far as it says where an image comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// How it was built.
    Build(Box<Build>),
    /// That a site imported it from a reference.
    Import {
        /// `docker.io/vllm/vllm-openai:v0.29.0`.
        reference: Option<String>,
        /// Digests of what was imported, `sha256:…`: of an index, and of manifests that it names.
        digests: Vec<String>,
    },
    /// What this program said of the image when the statement was made.
    Document(Box<Value>),
    /// Something else: a list of packages, a scan.
    Other,
}

/// Reads what a statement says; `path` is where it stands.
#[must_use]
pub fn claim(statement: &Statement, path: &str) -> Claim {
    let predicate = &statement.predicate;
    let kind = statement.predicate_type.as_str();
    let text = |pointer: &str| predicate.pointer(pointer)?.as_str().map(str::to_owned);
    if kind == DOCUMENT {
        return Claim::Document(Box::new(predicate.clone()));
    }
    if !kind.starts_with(slsa::PREDICATE) {
        return Claim::Other;
    }
    if text("/buildDefinition/buildType").as_deref() == Some(IMPORT) {
        return Claim::Import {
            reference: text("/buildDefinition/externalParameters/reference"),
            digests: (0..MAX_DIGESTS)
                .map_while(|number| {
                    text(&format!(
                        "/buildDefinition/resolvedDependencies/{number}/digest/sha256"
                    ))
                })
                .map(|hex| format!("sha256:{hex}"))
                .collect(),
        };
    }
    match slsa::predicate_of(predicate, path, "predicate") {
        Ok(build) => Claim::Build(Box::new(build)),
        Err(_) => Claim::Other,
    }
}

/// The source repositories that a statement says an image was built from.
pub(super) fn repositories(statement: &Statement) -> Vec<String> {
    match claim(statement, "") {
        Claim::Build(build) => {
            let repositories = build.repositories.into_iter();
            repositories.map(|pair| pair.value).collect()
        }
        _ => Vec::new(),
    }
}
