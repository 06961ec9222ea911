//! Parses the fields of an image's configuration about its process, without the command, and its build
//! steps.
//!
//! A value of a wrong type is left out. It must not hide other values.

use serde::Deserialize;
use serde_json::Value;

use crate::provenance::{BuildStep, Healthcheck};

/// The process of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// The user.
    pub user: Option<String>,
    /// The exposed ports: `8000/tcp`.
    pub ports: Vec<String>,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// The health check.
    pub healthcheck: Option<Healthcheck>,
}

/// The fields of a configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Written {
    user: Value,
    exposed_ports: Value,
    stop_signal: Value,
    /// Docker's extension of the image specification.
    pub healthcheck: Value,
}

impl Written {
    pub(super) fn read(&self) -> Process {
        let ports = self.exposed_ports.as_object().into_iter().flatten();
        let mut ports: Vec<String> = ports.map(|(port, _)| port.clone()).collect();
        ports.sort_unstable();
        Process {
            user: text(&self.user),
            ports,
            stop_signal: text(&self.stop_signal),
            healthcheck: healthcheck(&self.healthcheck),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

/// Parses a health check; `None` if it runs nothing.
pub(super) fn healthcheck(value: &Value) -> Option<Healthcheck> {
    let words = value.get("Test")?.as_array()?.iter();
    let test: Vec<String> = words
        .filter_map(|word| word.as_str().map(str::to_owned))
        .collect();
    let time = |key: &str| duration(value.get(key)?.as_u64()?);
    let retries = value.get("Retries").and_then(Value::as_u64);
    let retries = retries.and_then(|retries| u32::try_from(retries).ok());
    (!test.is_empty()).then(|| Healthcheck {
        test,
        interval: time("Interval"),
        timeout: time("Timeout"),
        start_period: time("StartPeriod"),
        start_interval: time("StartInterval"),
        retries: retries.filter(|retries| *retries > 0),
    })
}

/// Returns nanoseconds in Docker's spelling, `1m30s`; `None` for 0, which is the default.
fn duration(nanoseconds: u64) -> Option<String> {
    const SECOND: u64 = 1_000_000_000;
    let (seconds, rest) = (nanoseconds / SECOND, nanoseconds % SECOND);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut shown = String::new();
    for (count, unit) in [
        (hours, "h"),
        (minutes, "m"),
        (seconds, "s"),
        (rest / 1_000_000, "ms"),
    ] {
        if count > 0 {
            shown.push_str(&format!("{count}{unit}"));
        }
    }
    (!shown.is_empty()).then_some(shown)
}

/// One build step in a configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Step {
    created: Option<String>,
    #[serde(alias = "CreatedBy")]
    created_by: Option<String>,
    comment: Value,
    empty_layer: Value,
}

impl From<Step> for BuildStep {
    fn from(step: Step) -> Self {
        Self {
            created: step.created,
            created_by: step.created_by,
            comment: text(&step.comment),
            empty_layer: step.empty_layer == Value::Bool(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_configuration_says_of_the_process_is_read() {
        let written = json!({"User": "1000:1000", "ExposedPorts": {"8000/tcp": {}, "53/udp": {}},
            "StopSignal": "SIGINT", "Healthcheck": {"Test": ["CMD-SHELL", "curl -f localhost"],
            "Interval": 90_000_000_000_u64, "Timeout": 500_000_000, "StartPeriod": 0, "Retries": 3}});
        let found = serde_json::from_value::<Written>(written).unwrap().read();
        assert_eq!(found.user.as_deref(), Some("1000:1000"));
        assert_eq!(found.ports, ["53/udp", "8000/tcp"]);
        assert_eq!(found.stop_signal.as_deref(), Some("SIGINT"));
        let check = found.healthcheck.unwrap();
        assert_eq!(check.test, ["CMD-SHELL", "curl -f localhost"]);
        assert_eq!(check.interval.as_deref(), Some("1m30s"));
        assert_eq!(check.timeout.as_deref(), Some("500ms"));
        assert_eq!((check.start_period, check.retries), (None, Some(3)));
    }

    #[test]
    fn a_value_of_another_type_hides_nothing() {
        let written = json!({"User": 1000, "ExposedPorts": ["8000"], "StopSignal": "TERM",
            "Healthcheck": {"Test": "curl"}});
        let found = serde_json::from_value::<Written>(written).unwrap().read();
        let expected = Process {
            stop_signal: Some("TERM".to_owned()),
            ..Process::default()
        };
        assert_eq!(found, expected);
    }
}
