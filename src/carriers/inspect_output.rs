//! What `docker inspect` and `podman inspect` print about an image: its configuration,
//! and the names and digests that the daemon has for it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::Pair;
use super::oci_config::{self, Configuration, Inner, Place, Step};
use crate::image::json::{self, JsonError};

/// What was printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspected {
    /// The image's configuration.
    pub configuration: Configuration,
    /// Names that the daemon has for the image.
    pub names: Vec<Pair>,
    /// `repository@sha256:…` that it was pulled by or pushed as.
    pub digests: Vec<Pair>,
    /// Annotations of the manifest.
    pub annotations: Vec<Pair>,
    /// True for a container: its environment may have more variables than the image's.
    pub container: bool,
}

/// Why what was printed has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// No JSON.
    #[error("it is no JSON that can be read: {0}")]
    Json(#[from] JsonError),
    /// None, or more than one.
    #[error("it is what inspect prints of {0} images; give it for exactly one")]
    Count(usize),
    /// Something else.
    #[error("it is JSON, but no image's configuration")]
    Other,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    rename_all = "PascalCase",
    default,
    expecting = "an image that was inspected"
)]
struct One {
    config: Option<Inner>,
    created: Option<String>,
    architecture: Option<String>,
    repo_tags: Option<Vec<String>>,
    repo_digests: Option<Vec<String>>,
    annotations: Option<Map<String, Value>>,
    history: Option<Vec<Step>>,
    state: Option<IgnoredAny>,
    host_config: Option<IgnoredAny>,
}

/// Parses the output of `docker inspect`.
///
/// # Errors
/// If it is not JSON, of several images, or of something else.
pub fn parse(bytes: &[u8], path: &str) -> Result<Inspected, InspectError> {
    // A list, as printed, or one element of it.
    let one: One = match bytes.trim_ascii_start().first() {
        Some(b'[') => {
            let many: Vec<One> = json::parse(bytes)?;
            let count = many.len();
            let mut many = many.into_iter();
            match (many.next(), many.next()) {
                (Some(one), None) => one,
                _ => return Err(InspectError::Count(count)),
            }
        }
        _ => json::parse(bytes)?,
    };
    let place = Place {
        carrier: "inspect",
        path,
    };
    let mut configuration = oci_config::inner(one.config.ok_or(InspectError::Other)?, place);
    let single = |key: &str, value: Option<String>| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(place.pair("", key, &value))
    };
    let container = one.state.is_some() || one.host_config.is_some();
    // A container's own time says nothing of its image.
    configuration.created = single("Created", one.created.filter(|_| !container));
    configuration.architecture = single("Architecture", one.architecture);
    configuration.history = oci_config::history(one.history.unwrap_or_default(), place);
    let list = |key: &str, values: Option<Vec<String>>| -> Vec<Pair> {
        let values = values.into_iter().flatten();
        values
            .filter(|value| !value.contains("<none>"))
            .map(|value| place.pair("", key, &value))
            .collect()
    };
    Ok(Inspected {
        configuration,
        names: list("RepoTags", one.repo_tags),
        digests: list("RepoDigests", one.repo_digests),
        annotations: oci_config::labels(one.annotations, place)
            .into_iter()
            .map(|mut pair| {
                pair.source.carrier = "oci-manifest".to_owned();
                pair
            })
            .collect(),
        container,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_inspect_prints_is_read() {
        let text = br#"[{"Id": "sha256:1", "RepoTags": ["a/b:1", "<none>:<none>"],
            "RepoDigests": ["a/b@sha256:2"], "Created": "2026-01-02T03:04:05Z",
            "Architecture": "amd64", "Config": {"Env": ["A=1"], "Labels": {"l": "v"}}}]"#;
        let found = parse(text, "-").unwrap();
        assert_eq!(found.names.len(), 1);
        assert_eq!(found.digests.first().unwrap().value, "a/b@sha256:2");
        assert_eq!(found.configuration.environment.len(), 1);
        assert!(!found.container);
        let container = br#"[{"State": {}, "Created": "x", "Config": {"Env": []}}]"#;
        let found = parse(container, "-").unwrap();
        assert!(found.container && found.configuration.created.is_none());
    }

    #[test]
    fn none_several_and_other_things_are_refused() {
        for (text, error) in [
            ("[]", InspectError::Count(0)),
            (
                "[{\"Config\": {}}, {\"Config\": {}}]",
                InspectError::Count(2),
            ),
            ("[{\"Name\": \"bridge\"}]", InspectError::Other),
            ("{\"manifests\": []}", InspectError::Other),
        ] {
            assert_eq!(parse(text.as_bytes(), "-"), Err(error), "{text}");
        }
        assert!(matches!(parse(b"[", "-"), Err(InspectError::Json(_))));
    }
}
