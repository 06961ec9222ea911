//! Parses the output of tools that inspect an image: its configuration, and its names and digests in a
//! daemon or registry.
//!
//! * `docker inspect`, `podman inspect` and `nerdctl inspect`: `[{"Id": …, "RepoTags": […], "Config": {…}}]`.
//! * `nerdctl inspect --mode=native`: `[{"Image": {…}, "ManifestDesc": {…}, "ImageConfig": {…}}]`
//!   (github.com/containerd/nerdctl, `pkg/inspecttypes/native/image.go`).
//! * `skopeo inspect`: `{"Name": …, "Digest": …, "RepoTags": […], "Labels": {…}, "Layers": […], "Env": […]}`
//!   (github.com/containers/skopeo, `cmd/skopeo/inspect/output.go`). `RepoTags` has all tags of the
//!   repository. The command is missing.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::oci_config::{self, Configuration, Inner, Place};
use super::process::{self, Step};
use super::{NamedBy, Pair};
use crate::image::json::{self, JsonError};
use crate::image::oci::is_index;

/// The name of the carrier.
const CARRIER: &str = "inspect";

/// The output of a tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspected {
    /// The image's configuration.
    pub configuration: Configuration,
    /// The names of the image.
    pub names: Vec<Pair>,
    /// The names with a digest, `repository@sha256:…`, under which it was pulled or pushed.
    pub pinned: Vec<Pair>,
    /// Digests of the image; the keys are `index`, `manifest` and `config`.
    pub digests: Vec<Pair>,
    /// Annotations of the index and the manifest.
    pub annotations: Vec<Pair>,
    /// The source of the names.
    pub by: NamedBy,
    /// False if the output has no entrypoint and arguments.
    pub command: bool,
    /// True for a container. Somebody may have added to its environment.
    pub container: bool,
}

/// The reason why the output cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// It is not JSON.
    #[error("its JSON cannot be read: {0}")]
    Json(#[from] JsonError),
    /// It has no image, or more than one.
    #[error("it is the output of inspect for {0} images; inspect exactly one")]
    Count(usize),
    /// It is JSON of another kind.
    #[error("it is JSON, but not an image's configuration")]
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
    id: Value,
    digest: Value,
    name: Value,
    /// Docker has this since version 28: the index or manifest that the name stands for.
    descriptor: Value,
    /// podman has this outside of the configuration.
    #[serde(alias = "Healthcheck")]
    health_check: Value,
    // Fields of skopeo.
    layers: Option<IgnoredAny>,
    labels: Option<Map<String, Value>>,
    env: Option<Vec<String>>,
    // Fields of nerdctl's native mode.
    image: Value,
    index: Value,
    manifest: Value,
    image_config: Option<Value>,
    index_desc: Value,
    manifest_desc: Value,
    image_config_desc: Value,
}

/// Parses the output of `docker inspect`.
///
/// # Errors
/// If it is not JSON, has several images, or is something else.
pub fn parse(bytes: &[u8], path: &str) -> Result<Inspected, InspectError> {
    // Tools print a list. Somebody may have taken the image out of it.
    let mut one: One = match bytes.trim_ascii_start().first() {
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
        carrier: CARRIER,
        path,
    };
    if let Some(config) = one.image_config.take() {
        return native(&one, &config, place);
    }
    match one.config.take() {
        Some(config) => daemon(one, config, place),
        None if one.layers.is_some() && one.digest.is_string() => Ok(skopeo(one, place)),
        None => Err(InspectError::Other),
    }
}

/// Returns a digest. Its key is the level.
fn digest(place: Place<'_>, level: &str, key: &str, value: &Value) -> Option<Pair> {
    let value = value.as_str();
    let value = value.filter(|value| value.starts_with("sha256:"))?;
    Some(place.named(level, key, value))
}

fn annotations(of: Option<&Map<String, Value>>, carrier: &str, place: Place<'_>) -> Vec<Pair> {
    oci_config::pairs(of, "", Place { carrier, ..place })
}

/// Reads the output of docker, podman and nerdctl.
fn daemon(one: One, config: Inner, place: Place<'_>) -> Result<Inspected, InspectError> {
    let mut configuration = oci_config::inner(config, place);
    let container = one.state.is_some() || one.host_config.is_some();
    // The time of a container says nothing about its image.
    configuration.created = place.optional("Created", one.created.filter(|_| !container));
    configuration.architecture = place.optional("Architecture", one.architecture);
    configuration.history(one.history.unwrap_or_default(), place);
    if configuration.process.healthcheck.is_none() {
        configuration.process.healthcheck = process::healthcheck(&one.health_check);
    }
    let list = |key: &str, values: Option<Vec<String>>| -> Vec<Pair> {
        let values = values.into_iter().flatten();
        values
            .filter(|value| !value.contains("<none>"))
            .map(|value| place.pair("", key, &value))
            .collect()
    };
    // Docker's `Id` is the digest of the configuration only with some of its stores. podman's `Id` always
    // is, without the algorithm's name, and its `Digest` is that of the manifest.
    let mut digests = Vec::new();
    let media = one.descriptor.get("mediaType").and_then(Value::as_str);
    if let (Some(media), Some(value)) = (media, one.descriptor.get("digest")) {
        let level = match is_index(media) {
            true => "index",
            false => "manifest",
        };
        digests.extend(digest(place, level, "Descriptor.digest", value));
    }
    let id = one.id.as_str().filter(|id| id.len() == 64);
    if let Some(id) = id.filter(|_| one.digest.is_string() && !container) {
        digests.extend(digest(place, "manifest", "Digest", &one.digest));
        let id = Value::String(format!("sha256:{id}"));
        digests.extend(digest(place, "config", "Id", &id));
    }
    Ok(Inspected {
        configuration,
        names: list("RepoTags", one.repo_tags),
        pinned: list("RepoDigests", one.repo_digests),
        digests,
        annotations: annotations(one.annotations.as_ref(), "oci-manifest", place),
        by: NamedBy::Daemon,
        command: true,
        container,
    })
}

/// Reads the output of skopeo, about an image in a registry or a layout.
fn skopeo(one: One, place: Place<'_>) -> Inspected {
    let inner = Inner {
        env: one.env,
        labels: one.labels,
        ..Inner::default()
    };
    let mut configuration = oci_config::inner(inner, place);
    configuration.created = place.optional("Created", one.created);
    configuration.architecture = place.optional("Architecture", one.architecture);
    let name = one.name.as_str().filter(|name| !name.is_empty());
    // The digest is that of the index or manifest that the name stands for.
    let pinned = name.zip(one.digest.as_str());
    let pinned = pinned.map(|(name, digest)| place.pair("", "Digest", &format!("{name}@{digest}")));
    Inspected {
        configuration,
        pinned: pinned.into_iter().collect(),
        by: NamedBy::Layout,
        ..Inspected::default()
    }
}

/// Reads the output of nerdctl in its native mode.
fn native(one: &One, config: &Value, place: Place<'_>) -> Result<Inspected, InspectError> {
    let text = config.to_string();
    let configuration = oci_config::parse(text.as_bytes(), place)?.ok_or(InspectError::Other)?;
    let levels = [
        ("index", "IndexDesc.digest", &one.index_desc),
        ("manifest", "ManifestDesc.digest", &one.manifest_desc),
        ("config", "ImageConfigDesc.digest", &one.image_config_desc),
    ];
    let digests = levels
        .into_iter()
        .filter_map(|(level, key, of)| digest(place, level, key, of.get("digest")?));
    let of = |document: &Value, carrier: &str| {
        let found = document.get("annotations").and_then(Value::as_object);
        annotations(found, carrier, place)
    };
    let name = one.image.get("Name").and_then(Value::as_str);
    let name = name.map(|name| place.pair("", "Image.Name", name));
    Ok(Inspected {
        configuration,
        names: name.into_iter().collect(),
        digests: digests.collect(),
        annotations: [
            of(&one.index, "oci-index"),
            of(&one.manifest, "oci-manifest"),
        ]
        .concat(),
        by: NamedBy::Daemon,
        command: true,
        ..Inspected::default()
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
        assert_eq!(found.pinned.first().unwrap().value, "a/b@sha256:2");
        assert_eq!(found.configuration.environment.len(), 1);
        assert!(!found.container);
        let container = br#"[{"State": {}, "Created": "x", "Config": {"Env": []}}]"#;
        let found = parse(container, "-").unwrap();
        assert!(found.container && found.configuration.created.is_none());
    }

    fn levels(found: &Inspected) -> Vec<(&str, &str)> {
        let digests = found.digests.iter();
        digests
            .map(|pair| (pair.key.as_str(), pair.value.as_str()))
            .collect()
    }

    #[test]
    fn a_digest_is_of_a_level_only_where_the_tool_says_which() {
        let hex = "a".repeat(64);
        let docker = format!("{{\"Id\": \"sha256:{hex}\", \"Config\": {{}}}}");
        assert_eq!(levels(&parse(docker.as_bytes(), "-").unwrap()), []);
        let newer = br#"{"Id": "sha256:1", "Config": {}, "Descriptor": {
            "mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:1"}}"#;
        assert_eq!(levels(&parse(newer, "-").unwrap()), [("index", "sha256:1")]);
        let podman = format!(
            "[{{\"Id\": \"{hex}\", \"Digest\": \"sha256:2\", \"Config\": {{}},
            \"HealthCheck\": {{\"Test\": [\"CMD\", \"true\"]}}}}]"
        );
        let found = parse(podman.as_bytes(), "-").unwrap();
        let config = format!("sha256:{hex}");
        assert_eq!(
            levels(&found),
            [("manifest", "sha256:2"), ("config", &*config)]
        );
        let check = found.configuration.process.healthcheck.unwrap();
        assert_eq!(check.test, ["CMD", "true"]);
    }

    #[test]
    fn all_tags_of_a_repository_are_no_names_of_an_image() {
        let text = br#"{"Name": "docker.io/a/b", "Digest": "sha256:2", "RepoTags": ["1", "2"], "Layers": [],
            "Architecture": "amd64", "Env": ["A=1"], "Labels": {"l": "v"}}"#;
        let found = parse(text, "-").unwrap();
        assert_eq!(found.names, []);
        assert_eq!(
            found.pinned.first().unwrap().value,
            "docker.io/a/b@sha256:2"
        );
        assert_eq!(found.configuration.labels.first().unwrap().value, "v");
        assert!(!found.command && found.digests.is_empty());
    }

    #[test]
    fn what_nerdctl_prints_in_its_own_mode_is_read() {
        let text = br#"[{"Image": {"Name": "docker.io/a/b:1", "Target": {}}, "IndexDesc": {"digest": "sha256:1"},
            "Index": {"annotations": {"i": "x"}}, "ManifestDesc": {"digest": "sha256:2"},
            "Manifest": {"annotations": {"m": "y"}}, "ImageConfigDesc": {"digest": "sha256:3"},
            "ImageConfig": {"architecture": "arm64", "os": "linux", "config": {"Env": ["A=1"], "User": "u"},
            "rootfs": {}, "history": [{"created_by": "RUN x"}]}}]"#;
        let found = parse(text, "-").unwrap();
        assert_eq!(found.names.first().unwrap().value, "docker.io/a/b:1");
        assert_eq!(
            levels(&found),
            [
                ("index", "sha256:1"),
                ("manifest", "sha256:2"),
                ("config", "sha256:3")
            ]
        );
        let carriers: Vec<_> = found
            .annotations
            .iter()
            .map(|pair| &*pair.source.carrier)
            .collect();
        assert_eq!(carriers, ["oci-index", "oci-manifest"]);
        assert_eq!(found.configuration.steps.len(), 1);
        assert_eq!(found.configuration.process.user.as_deref(), Some("u"));
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
