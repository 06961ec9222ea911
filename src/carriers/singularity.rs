//! Parses the files of Singularity and Apptainer in `/.singularity.d`: labels, scripts that set the
//! environment, and the definition file of the image.
//!
//! Scripts are read as text. Values that only a shell can compute are left out.

use serde_json::{Map, Value};

use super::Pair;
use super::pair::Place;
use crate::image::json::{self, JsonError};

/// The directory.
pub const DIRECTORY: &str = "/.singularity.d";
/// The labels of the image and of the packer.
pub const LABELS: &str = "/.singularity.d/labels.json";
/// The definition file.
pub const DEFINITION: &str = "/.singularity.d/Singularity";
/// The environment of the image that was pulled.
pub const DOCKER_ENVIRONMENT: &str = "/.singularity.d/env/10-docker2singularity.sh";
/// The environment that a definition's `%environment` adds.
pub const OWN_ENVIRONMENT: &str = "/.singularity.d/env/90-environment.sh";
/// The script that a container runs. It has the entrypoint and arguments of the image that was pulled.
pub const RUNSCRIPT: &str = "/.singularity.d/runscript";

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
    let mut labels = Labels::default();
    for (key, value) in found {
        let text = json::text(value);
        let pair = place.pair("-label", key, &text);
        if packed && is_packers(key, &text) {
            labels.packer.push(pair);
        } else {
            labels.own.push(pair);
        }
    }
    labels
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
        // Newer versions write the image that was pulled here, not its base.
        "org.opencontainers.image.base.name" | "org.opencontainers.image.base.digest" => true,
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
    let bootstrap = find("org.label-schema.usage.singularity.deffile.bootstrap");
    let from = find("org.label-schema.usage.singularity.deffile.from")
        .filter(|_| bootstrap.is_some_and(|pair| is_docker(&pair.value)));
    let base = find("org.opencontainers.image.base.name");
    let digest = find("org.opencontainers.image.base.digest");
    Some(Pulled {
        reference: base.or(from)?.clone(),
        digest: digest.cloned(),
    })
}

fn is_docker(bootstrap: &str) -> bool {
    bootstrap.trim().eq_ignore_ascii_case("docker")
}

/// A definition file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The image in `From`, if it comes from a registry.
    pub from: Option<Pair>,
    /// The sections that change the image, such as `%post`, each with its first line.
    pub steps: Vec<Pair>,
}

/// Parses a definition file.
#[must_use]
pub fn definition(bytes: &[u8], path: &str) -> Definition {
    /// Sections that do not change the image.
    const HARMLESS: [&str; 3] = ["%help", "%test", "%arguments"];
    let place = place(path);
    let text = String::from_utf8_lossy(bytes);
    let (mut bootstrap, mut from) = (None, None);
    let mut found = Definition::default();
    let mut section: Option<(&str, u32)> = None;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('%') {
            let name = line.split_ascii_whitespace().next().unwrap_or(line);
            section = (!HARMLESS.contains(&name)).then_some((name, number));
            continue;
        }
        // In a build of several stages, the header of the second stage follows the sections of the first.
        let header = line
            .split_once(':')
            .map(|(key, value)| (key.trim(), value.trim()));
        match header {
            Some((key, value)) if key.eq_ignore_ascii_case("bootstrap") => {
                section = None;
                bootstrap = Some(value);
            }
            Some((key, value)) if section.is_none() && key.eq_ignore_ascii_case("from") => {
                from = Some(place.line("-definition", number, "From", value));
            }
            _ => {
                let step = section.take();
                let step = step.map(|(name, at)| place.line("-definition", at, name, line));
                found.steps.extend(step);
            }
        }
    }
    found.from = from.filter(|_| bootstrap.is_some_and(is_docker));
    found
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
    fn a_definition_with_steps_is_told_from_a_pull() {
        let pull = definition(b"bootstrap: docker\nfrom: a/b:1\n\n", DEFINITION);
        assert_eq!(pull.from.unwrap().value, "a/b:1");
        assert!(pull.steps.is_empty());
        let built = b"Bootstrap: docker\nFrom: a/b:1\n%help\n  text\n%post\n  # none\n\n  pip install x\n%labels\n";
        let built = definition(built, DEFINITION);
        let steps: Vec<_> = built
            .steps
            .iter()
            .map(|p| (p.key.as_str(), p.source.line))
            .collect();
        assert_eq!(steps, [("%post", Some(5))]);
        assert_eq!(
            definition(b"Bootstrap: library\nFrom: x\n", DEFINITION).from,
            None
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
