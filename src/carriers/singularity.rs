//! Parses the files of Singularity and Apptainer in `/.singularity.d`: labels, and scripts that set the
//! environment.
//!
//! Scripts are read as text. Values that only a shell can compute are left out.

use serde_json::{Map, Value};

use super::Pair;
use super::definition_file::{is_docker, joined, same_image};
use super::pair::Place;
use crate::image::json::{self, JsonError};

/// The directory.
pub const DIRECTORY: &str = "/.singularity.d";
/// The labels of the image and of the packer.
pub const LABELS: &str = "/.singularity.d/labels.json";
/// The definition file.
pub const DEFINITION: &str = "/.singularity.d/Singularity";
/// The name of the directory of older definition files: those of the images that this one was built from.
pub const HISTORY: &str = "bootstrap_history";
/// The environment of the image that was pulled.
pub const DOCKER_ENVIRONMENT: &str = "/.singularity.d/env/10-docker2singularity.sh";
/// The environment that a definition's `%environment` adds.
pub const OWN_ENVIRONMENT: &str = "/.singularity.d/env/90-environment.sh";
/// The script that a container runs. It has the entrypoint and arguments of the image that was pulled.
pub const RUNSCRIPT: &str = "/.singularity.d/runscript";

/// The start of the labels that have the headers of the definition file.
const HEADERS: &str = "org.label-schema.usage.singularity.deffile.";
const BASE_NAME: &str = "org.opencontainers.image.base.name";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";
/// Apptainer writes these together since 1.6: the time of its own work, not of the image.
const TIMED: [&str; 3] = [
    "org.opencontainers.image.created",
    "org.opencontainers.image.architecture",
    "org.opencontainers.image.variant",
];

/// The labels, by their writer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// The image's own labels.
    pub own: Vec<Pair>,
    /// The packer's labels about its work.
    pub packer: Vec<Pair>,
}

fn place(path: &str) -> Place<'_> {
    let carrier = "singularity";
    Place { carrier, path }
}

/// Parses `labels.json`.
///
/// # Errors
/// If it is not a JSON object, or nested too deep.
pub fn labels(bytes: &[u8], path: &str) -> Result<Labels, JsonError> {
    let found: Map<String, Value> = json::parse(bytes)?;
    Ok(split(&found, path))
}

/// Separates the packer's labels from the image's.
#[must_use]
pub fn split(found: &Map<String, Value>, path: &str) -> Labels {
    let place = place(path);
    // A label such as `org.label-schema.schema-version` is the packer's only beside its usage labels.
    let packed = found.keys().any(|key| is_usage(key));
    let is_timed = found.contains_key("org.opencontainers.image.architecture");
    let text = |key: &str| found.get(key).map(json::text);
    let name = text(BASE_NAME).zip(from(text));
    let is_own_base = name.is_some_and(|(base, from)| !same_image(&base, &from));
    let mut labels = Labels::default();
    for (key, value) in found {
        let text = json::text(value);
        let pair = place.pair("-label", key, &text);
        let is_packers = match key.as_str() {
            timed if TIMED.contains(&timed) => is_timed,
            // Newer versions write the image that was pulled here. Others keep the label of that image,
            // which names its base.
            BASE_NAME | BASE_DIGEST => !is_own_base,
            _ => is_packers(key, &text),
        };
        if packed && is_packers {
            labels.packer.push(pair);
        } else {
            labels.own.push(pair);
        }
    }
    labels
}

/// Returns true if Apptainer may put its own value in place of the image's label, as since 1.6.
#[must_use]
pub fn writes(key: &str) -> bool {
    TIMED.contains(&key) || [BASE_NAME, BASE_DIGEST].contains(&key) || is_packers(key, "_")
}

fn is_usage(key: &str) -> bool {
    key.starts_with("org.label-schema.usage.singularity.")
        || key.starts_with("org.label-schema.usage.apptainer.")
}

fn is_packers(key: &str, value: &str) -> bool {
    match key {
        "org.label-schema.schema-version" | "org.label-schema.build-arch" => true,
        // The packer's dates look like Wednesday_1_July_2026_0:0:0_UTC.
        "org.label-schema.build-date" => value.contains('_'),
        "org.label-schema.usage" | "org.label-schema.usage.singularity" => true,
        _ => is_usage(key),
    }
}

/// The image that was pulled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// The reference, as written.
    pub reference: Pair,
    /// The digest, `sha256:…`.
    pub digest: Option<Pair>,
}

/// Returns the image that was pulled, from the packer's labels.
#[must_use]
pub fn pulled(packer: &[Pair]) -> Option<Pulled> {
    let find = |key: &str| packer.iter().rev().find(|pair| pair.key == key);
    let value = |key: &str| find(key).map(|pair| pair.value.clone());
    let reference = match find(BASE_NAME) {
        Some(base) => base.clone(),
        None => Pair {
            value: from(value)?,
            ..find(&format!("{HEADERS}from"))?.clone()
        },
    };
    Some(Pulled {
        reference,
        digest: find(BASE_DIGEST).cloned(),
    })
}

/// Returns the reference in the labels that have the headers of the definition file, if it is from a
/// registry.
fn from(label: impl Fn(&str) -> Option<String>) -> Option<String> {
    let header = |name: &str| label(&format!("{HEADERS}{name}"));
    let from = header("from").filter(|_| header("bootstrap").is_some_and(|it| is_docker(&it)))?;
    let (registry, namespace) = (header("registry"), header("namespace"));
    Some(joined(registry.as_deref(), namespace.as_deref(), &from))
}

/// Parses a script that sets the environment: `export NAME="value"`, or `export NAME="${NAME:-"value"}"`,
/// which keeps a variable of the host.
#[must_use]
pub fn environment(bytes: &[u8], path: &str) -> Vec<Pair> {
    let place = place(path);
    let text = String::from_utf8_lossy(bytes);
    let mut pairs = Vec::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        let assignment = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = assignment.split_once('=') else {
            continue;
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_name) {
            continue;
        }
        let value = literal(name, value);
        pairs.extend(value.map(|value| place.line("-env", number, name, &value)));
    }
    pairs
}

/// Returns the value of an assignment; `None` if only a shell can compute it.
fn literal(name: &str, value: &str) -> Option<String> {
    let value = value.trim();
    let default = value
        .strip_prefix("\"${")
        .and_then(|rest| rest.strip_prefix(name))
        .and_then(|rest| rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-')))
        .and_then(|rest| rest.strip_suffix("}\""));
    unquoted(default.unwrap_or(value))
}

fn unquoted(text: &str) -> Option<String> {
    if let Some(inner) = text.strip_prefix('\'') {
        let inner = inner.strip_suffix('\'')?;
        return (!inner.contains('\'')).then(|| inner.to_owned());
    }
    let (inner, quoted) = match text.strip_prefix('"') {
        Some(rest) => (rest.strip_suffix('"')?, true),
        None => (text, false),
    };
    let mut value = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\' | '$' | '`') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            '$' | '`' | '"' => return None,
            ' ' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '\'' if !quoted => return None,
            other => value.push(other),
        }
    }
    Some(value)
}

/// Returns the entrypoint and arguments of the image that was pulled, from the run script.
#[must_use]
pub fn command(bytes: &[u8]) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let text = String::from_utf8_lossy(bytes);
    let words = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='))?;
        let quoted = super::shell_words::split(line)?;
        super::shell_words::split(quoted.first().map_or("", String::as_str))
    };
    (words("OCI_ENTRYPOINT"), words("OCI_CMD"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packers_labels_are_kept_apart() {
        let text = br#"{"org.label-schema.usage.singularity.deffile.bootstrap": "docker",
            "org.label-schema.usage.singularity.deffile.from": "a/b:1", "mine": "1",
            "org.label-schema.build-date": "Wednesday_1_July_2026_0:0:0_UTC",
            "org.label-schema.vcs-ref": "abc",
            "org.opencontainers.image.base.name": "docker.io/a/b:1",
            "org.opencontainers.image.base.digest": "sha256:1"}"#;
        let found = labels(text, LABELS).unwrap();
        let keys: Vec<_> = found.own.iter().map(|pair| pair.key.as_str()).collect();
        assert_eq!(keys, ["mine", "org.label-schema.vcs-ref"]);
        let pulled = pulled(&found.packer).unwrap();
        assert_eq!(pulled.reference.value, "docker.io/a/b:1");
        assert_eq!(pulled.digest.unwrap().value, "sha256:1");
        let plain = labels(
            br#"{"org.opencontainers.image.base.name": "debian"}"#,
            LABELS,
        );
        assert_eq!(plain.unwrap().own.len(), 1);
        assert!(labels(b"[]", LABELS).is_err());
    }

    /// Labels of an image that Apptainer made from `from`, with others.
    fn apptainers(from: &str, others: &[(&str, &str)]) -> Labels {
        let bootstrap = format!("{HEADERS}bootstrap");
        let key = format!("{HEADERS}from");
        let all = [(bootstrap.as_str(), "docker"), (key.as_str(), from)];
        let all = all.iter().chain(others);
        let all = all.map(|(key, value)| ((*key).to_owned(), Value::from(*value)));
        split(&all.collect(), LABELS)
    }

    #[test]
    fn registry_and_namespace_belong_to_the_reference() {
        let registry = format!("{HEADERS}registry");
        let namespace = format!("{HEADERS}namespace");
        let headers = [(registry.as_str(), "r.io"), (namespace.as_str(), "a")];
        let found = apptainers("b:1", &headers);
        assert_eq!(pulled(&found.packer).unwrap().reference.value, "r.io/a/b:1");
        let found = apptainers("b:1", &headers[1..]);
        assert_eq!(pulled(&found.packer).unwrap().reference.value, "a/b:1");
    }

    #[test]
    fn the_base_of_the_image_that_was_pulled_is_its_own_label() {
        let base = [(BASE_NAME, "docker.io/a/b:1"), (BASE_DIGEST, "sha256:1")];
        let found = apptainers("me/child:1", &base);
        assert_eq!(found.own.len(), 2);
        let image = pulled(&found.packer).unwrap();
        assert_eq!(image.reference.value, "me/child:1");
        assert_eq!(image.digest, None);
    }

    #[test]
    fn the_packers_time_is_not_that_of_the_image() {
        let created = ("org.opencontainers.image.created", "2026-11-05T10:00:00Z");
        assert_eq!(apptainers("a/b:1", &[created]).own.len(), 1);
        let architecture = ("org.opencontainers.image.architecture", "amd64");
        assert_eq!(apptainers("a/b:1", &[created, architecture]).own, []);
    }

    #[test]
    fn scripts_are_read_as_text() {
        let script = br#"#!/bin/sh
export PATH="/usr/bin:/bin"
export A="${A:-"x y"}"
export B="${B:-"q \"\$HOME\" \\"}"
export C="$(id)"
export D="${A}/x"
export E='single'
export F=plain
F2=$(touch /tmp/x)
export "G=1"
"#;
        let found = environment(script, "/s");
        let pairs: Vec<_> = found
            .iter()
            .map(|p| (p.key.as_str(), p.value.as_str(), p.source.line))
            .collect();
        assert_eq!(
            pairs,
            [
                ("PATH", "/usr/bin:/bin", Some(2)),
                ("A", "x y", Some(3)),
                ("B", "q \"$HOME\" \\", Some(4)),
                ("E", "single", Some(7)),
                ("F", "plain", Some(8)),
            ]
        );
    }

    #[test]
    fn the_command_is_taken_from_the_run_script() {
        let script = b"#!/bin/sh\nOCI_ENTRYPOINT='\"vllm\" \"serve\"'\nOCI_CMD=''\n";
        let words = |words: &[&str]| Some(words.iter().map(|&w| w.to_owned()).collect::<Vec<_>>());
        assert_eq!(command(script), (words(&["vllm", "serve"]), words(&[])));
        assert_eq!(command(b"#!/bin/sh\nexec x\n"), (None, None));
    }
}
