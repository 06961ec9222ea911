//! Parses the files of Charliecloud in `/ch`: the configuration as it was pulled, the current one, and the
//! environment.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::environment;
use super::oci_config::{self, Configuration, Place};
use super::process::Step;
use crate::image::json::{self, JsonError};

/// The configuration as it was pulled, byte for byte.
pub const CONFIG: &str = "/ch/config.pulled.json";
/// The current configuration, in Charliecloud's own form.
pub const METADATA: &str = "/ch/metadata.json";
/// The environment, sorted by name.
pub const ENVIRONMENT: &str = "/ch/environment";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    arch: Option<String>,
    cwd: Option<String>,
    env: Option<Map<String, Value>>,
    labels: Option<Map<String, Value>>,
    volumes: Option<Vec<String>>,
    history: Option<Vec<Step>>,
}

/// Parses `/ch/metadata.json`. It has no entrypoint and arguments.
///
/// # Errors
/// If it is not JSON, or nested too deep.
pub fn metadata(bytes: &[u8]) -> Result<Configuration, JsonError> {
    let found: Metadata = json::parse(bytes)?;
    let place = Place {
        carrier: "charliecloud",
        path: METADATA,
    };
    let mut configuration = Configuration {
        environment: oci_config::pairs(found.env.as_ref(), "-env", place),
        labels: oci_config::pairs(found.labels.as_ref(), "-label", place),
        workdir: oci_config::workdir(found.cwd),
        volumes: found.volumes.unwrap_or_default(),
        architecture: found.arch.map(|arch| place.pair("", "arch", &arch)),
        ..Configuration::default()
    };
    configuration.history(found.history.unwrap_or_default(), place);
    Ok(configuration)
}

/// Parses `/ch/environment`: lines of `NAME=value`.
#[must_use]
pub fn variables(bytes: &[u8]) -> Vec<super::Pair> {
    let mut variables = environment::parse(bytes).variables;
    for pair in &mut variables {
        pair.source.carrier = "charliecloud-env".to_owned();
        pair.source.path = Some(ENVIRONMENT.to_owned());
    }
    variables
}

/// Returns true if somebody built on the image after it was pulled: the current configuration has all
/// build steps of the pulled one, and more.
#[must_use]
pub fn was_built_on(pulled: &Configuration, now: &Configuration) -> bool {
    let (pulled, now) = (&pulled.history, &now.history);
    let mut both = pulled.iter().zip(now);
    !pulled.is_empty() && now.len() > pulled.len() && both.all(|(a, b)| a.value == b.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = br#"{"arch": "amd64", "cwd": "/w", "env": {"A": "1"}, "labels": {"k": "v"},
        "volumes": ["/data"], "shell": ["/bin/sh"], "history": [{"created_by": "RUN x"}]}"#;

    #[test]
    fn metadata_is_read() {
        let found = metadata(TEXT).unwrap();
        assert_eq!(found.environment.first().unwrap().value, "1");
        assert_eq!(found.labels.first().unwrap().key, "k");
        assert_eq!(found.workdir.as_deref(), Some("/w"));
        assert_eq!(found.volumes, ["/data"]);
        assert!(metadata(b"{\"env\": []}").is_err());
        let lines = variables(b"A=1\nB=x=y\n");
        assert_eq!(lines.get(1).unwrap().value, "x=y");
        assert_eq!(
            lines.get(1).unwrap().source.path.as_deref(),
            Some(ENVIRONMENT)
        );
    }

    #[test]
    fn further_build_steps_are_seen() {
        let pulled = metadata(TEXT).unwrap();
        let mut now = pulled.clone();
        assert!(!was_built_on(&pulled, &now));
        now.history.extend(pulled.history.clone());
        assert!(was_built_on(&pulled, &now));
    }
}
