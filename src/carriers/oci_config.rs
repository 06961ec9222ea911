//! Parses the configuration of an image, as registries keep it. Its environment is in the order of the
//! build steps.

use serde::Deserialize;
use serde_json::{Map, Value};

pub use super::pair::Place;
use super::process::{self, Process, Step};
use super::{Build, BuildError, Facts, Loss, Pair, buildinfo};
use crate::image::json::{self, JsonError};
use crate::provenance::BuildStep;

/// The configuration of an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// The environment in its order, with duplicates.
    pub environment: Vec<Pair>,
    /// The labels in the order of the file.
    pub labels: Vec<Pair>,
    /// The entrypoint; empty if there is none.
    pub entrypoint: Vec<String>,
    /// The arguments; empty if there are none.
    pub cmd: Vec<String>,
    /// The working directory; `None` for `/`.
    pub workdir: Option<String>,
    /// The volumes.
    pub volumes: Vec<String>,
    /// User, ports, stop signal and health check.
    pub process: Process,
    /// The commands of the build steps, first to last.
    pub history: Vec<Pair>,
    /// The build steps with all their fields.
    pub steps: Vec<BuildStep>,
    /// The time of the build.
    pub created: Option<Pair>,
    /// The architecture in Go's spelling.
    pub architecture: Option<Pair>,
    /// BuildKit's records of the build.
    pub builds: Vec<Build>,
    /// The reason why a record of the build cannot be read.
    pub unreadable_build: Option<BuildError>,
}

impl Configuration {
    /// Sets the build steps.
    pub(super) fn history(&mut self, steps: Vec<Step>, place: Place<'_>) {
        self.steps = steps.into_iter().map(BuildStep::from).collect();
        let commands = self.steps.iter().enumerate();
        let pairs = commands.filter_map(|(at, step)| {
            let command = step.created_by.as_ref().or(step.created.as_ref())?;
            Some(place.pair("-history", &format!("history[{at}]"), command))
        });
        self.history = pairs.collect();
    }

    /// Replaces the facts from the importer's files.
    pub fn into_facts(self, facts: &mut Facts) {
        facts.environment = self.environment;
        facts.stray_environment_lines = Vec::new();
        facts.environment_ordered = true;
        facts.labels = self.labels;
        facts.entrypoint = Some(self.entrypoint);
        facts.cmd = Some(self.cmd);
        facts.workdir = self.workdir;
        facts.volumes = self.volumes;
        facts.process = self.process;
        facts.history = self.history;
        facts.steps = self.steps;
        facts.created = self.created;
        facts.architecture = self.architecture;
        facts.builds = self.builds;
        facts.losses.extend(self.unreadable_build.map(|error| {
            let message =
                format!("the build sources in the image's configuration cannot be read: {error}");
            Loss::minor("build-record-unreadable", message)
        }));
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    created: Option<String>,
    architecture: Option<String>,
    config: Option<Inner>,
    history: Option<Vec<Step>>,
    rootfs: Option<serde::de::IgnoredAny>,
    #[serde(rename = "moby.buildkit.buildinfo.v1")]
    buildinfo_v1: Option<Value>,
    #[serde(rename = "moby.buildkit.buildinfo.v0")]
    buildinfo_v0: Option<Value>,
}

/// The object `config` of a configuration, or `Config` of `docker inspect`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Inner {
    pub env: Option<Vec<String>>,
    pub entrypoint: Option<Words>,
    pub cmd: Option<Words>,
    pub working_dir: Option<String>,
    pub volumes: Option<Map<String, Value>>,
    pub labels: Option<Map<String, Value>>,
    #[serde(flatten)]
    pub process: process::Written,
}

impl Inner {
    /// Returns true if it has no field of a configuration.
    fn is_empty(&self) -> bool {
        self.env.is_none()
            && self.entrypoint.is_none()
            && self.cmd.is_none()
            && self.labels.is_none()
            && self.working_dir.is_none()
    }
}

/// A list of words. Old tools write a list of one word as a text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Words {
    Many(Vec<String>),
    One(String),
}

impl Words {
    fn list(self) -> Vec<String> {
        match self {
            Self::Many(words) => words,
            Self::One(word) if word.is_empty() => Vec::new(),
            Self::One(word) => vec![word],
        }
    }
}

/// Parses a whole configuration; `None` for other JSON.
///
/// # Errors
/// If it is not JSON, or nested too deep.
pub fn parse(bytes: &[u8], place: Place<'_>) -> Result<Option<Configuration>, JsonError> {
    let document: Document = json::parse(bytes)?;
    if document.config.is_none() && document.rootfs.is_none() {
        return Ok(None);
    }
    let mut configuration = inner(document.config.unwrap_or_default(), place);
    configuration.history(document.history.unwrap_or_default(), place);
    configuration.created = place.optional("created", document.created);
    configuration.architecture = place.optional("architecture", document.architecture);
    let records = [document.buildinfo_v1, document.buildinfo_v0];
    for (key, value) in buildinfo::CONFIG_KEYS.into_iter().zip(records) {
        match value.map(|value| buildinfo::parse_value(&value, place.path, key)) {
            Some(Ok(build)) => configuration.builds.push(build),
            Some(Err(error)) => configuration.unreadable_build = Some(error),
            None => {}
        }
    }
    Ok(Some(configuration))
}

/// Parses the inner part alone, as SIF files keep it; `None` for other JSON.
///
/// # Errors
/// If it is not JSON, or nested too deep.
pub fn parse_inner(bytes: &[u8], place: Place<'_>) -> Result<Option<Configuration>, JsonError> {
    let part: Inner = json::parse(bytes)?;
    Ok((!part.is_empty()).then(|| inner(part, place)))
}

/// Returns the names of the fields that a configuration sets: `created`, `config.User`, `history`.
/// Fields of `docker inspect` are named as in a configuration. Environment, labels, and fields that
/// every image has are left out.
///
/// # Errors
/// If it is not a JSON object, or nested too deep.
pub fn fields(bytes: &[u8]) -> Result<Vec<String>, JsonError> {
    const LEFT_OUT: [&str; 5] = ["config", "rootfs", "os", "config.Env", "config.Labels"];
    let document: Map<String, Value> = json::parse(bytes)?;
    let inner = document.get("config").or_else(|| document.get("Config"));
    let inner = inner.and_then(Value::as_object).into_iter().flatten();
    let own = document.iter().filter_map(|(key, value)| {
        let named = match key.as_str() {
            "created" | "Created" => "created",
            "author" | "Author" => "author",
            "architecture" | "Architecture" => "architecture",
            "variant" | "Variant" => "variant",
            "history" => "history",
            other if other.starts_with("moby.buildkit.") => other,
            _ => return None,
        };
        Some((named.to_owned(), value))
    });
    let inner = inner.map(|(key, value)| (format!("config.{key}"), value));
    let is_set = |value: &Value| match value {
        Value::Null => false,
        Value::Bool(set) => *set,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
    };
    Ok(own
        .chain(inner)
        .filter(|(key, value)| is_set(value) && !LEFT_OUT.contains(&key.as_str()))
        .map(|(key, _)| key)
        .collect())
}

pub(super) fn inner(part: Inner, place: Place<'_>) -> Configuration {
    let environment = part.env.into_iter().flatten().filter_map(|variable| {
        let (name, value) = variable.split_once('=')?;
        (!name.is_empty()).then(|| place.pair("-env", name, value))
    });
    let volumes = part.volumes.into_iter().flatten();
    Configuration {
        environment: environment.collect(),
        labels: pairs(part.labels.as_ref(), "-label", place),
        entrypoint: part.entrypoint.map(Words::list).unwrap_or_default(),
        cmd: part.cmd.map(Words::list).unwrap_or_default(),
        workdir: workdir(part.working_dir),
        volumes: volumes.map(|(path, _)| path).collect(),
        process: part.process.read(),
        ..Configuration::default()
    }
}

/// Returns a working directory; `None` for the default.
pub(super) fn workdir(directory: Option<String>) -> Option<String> {
    directory.filter(|directory| !matches!(directory.as_str(), "" | "/"))
}

/// Returns the fields of an object as pairs. `kind` follows the name of the carrier.
pub(super) fn pairs(
    object: Option<&Map<String, Value>>,
    kind: &str,
    place: Place<'_>,
) -> Vec<Pair> {
    let fields = object.into_iter().flatten();
    let pairs = fields.map(|(key, value)| place.pair(kind, key, &json::text(value)));
    pairs.collect()
}

/// Returns the spelling of `uname -m` for an architecture in Go's spelling.
#[must_use]
pub fn machine(architecture: &str) -> &str {
    match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i686",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place {
        carrier: "oci-config",
        path: "config.json",
    };

    #[test]
    fn a_configuration_is_read_in_its_own_order() {
        let text = br#"{"created": "2026-09-02T12:34:56Z", "architecture": "arm64", "config": {
            "Env": ["B=1", "A=x=y", "B=2", "", "NOVALUE", "M=one\ntwo"], "Labels": {"z": "1", "a": 2},
            "Entrypoint": "run", "Cmd": null, "WorkingDir": "/", "Volumes": {"/data": {}}},
            "history": [{"created_by": "RUN x"}, {"empty_layer": true}, {"created_by": "CMD y"}]}"#;
        let found = parse(text, PLACE).unwrap().unwrap();
        let pairs = |pairs: &[Pair]| -> Vec<String> {
            pairs
                .iter()
                .map(|p| format!("{}={}", p.key, p.value))
                .collect()
        };
        assert_eq!(
            pairs(&found.environment),
            ["B=1", "A=x=y", "B=2", "M=one\ntwo"]
        );
        assert_eq!(pairs(&found.labels), ["z=1", "a=2"]);
        assert_eq!(
            pairs(&found.history),
            ["history[0]=RUN x", "history[2]=CMD y"]
        );
        assert_eq!(found.entrypoint, ["run"]);
        assert_eq!(
            (found.workdir, found.volumes),
            (None, vec!["/data".to_owned()])
        );
        let created = found.created.unwrap();
        assert_eq!(created.source.carrier, "oci-config");
    }

    #[test]
    fn fields_are_named_as_in_a_configuration() {
        let text = br#"{"created": "x", "author": "", "os": "linux", "rootfs": {"type": "layers"},
            "moby.buildkit.buildinfo.v1": "e30=", "Metadata": {"LastTagTime": "x"},
            "config": {"User": "1000", "Env": ["A=1"], "Labels": {"a": "b"}, "Cmd": null, "ArgsEscaped": false}}"#;
        assert_eq!(
            fields(text).unwrap(),
            ["created", "moby.buildkit.buildinfo.v1", "config.User"]
        );
        assert_eq!(
            fields(br#"{"Created": "x", "Config": {"StopSignal": "TERM"}}"#).unwrap(),
            ["created", "config.StopSignal"]
        );
        assert!(fields(b"[]").is_err());
    }

    #[test]
    fn other_json_is_no_configuration() {
        for text in [
            "{}",
            "{\"schemaVersion\": 2, \"manifests\": []}",
            "{\"a\": 1}",
        ] {
            assert_eq!(parse(text.as_bytes(), PLACE), Ok(None), "{text}");
            assert_eq!(parse_inner(text.as_bytes(), PLACE), Ok(None), "{text}");
        }
        for text in ["", "{\"config\": {\"Env\": 1}}", "[1]"] {
            assert!(parse(text.as_bytes(), PLACE).is_err(), "{text}");
        }
        assert!(
            parse_inner(b"{\"Env\": [\"A=1\"]}", PLACE)
                .unwrap()
                .is_some()
        );
    }
}
