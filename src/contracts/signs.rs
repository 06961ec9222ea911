//! Signs of a publisher: markers, and what an untouched image and an official build look like.

use serde::Deserialize;

use super::glob::glob_matches;
use super::pattern::Pattern;

/// Signs of a publisher beside its stamp.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Markers {
    /// Variables, `KEY` or `KEY=VALUE`; `*` in the value takes any characters.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Labels, `KEY` or `KEY=VALUE`; `*` in the value takes any characters.
    #[serde(default)]
    pub label: Vec<String>,
    /// Variables and labels that this publisher fills itself, although a base uses them too.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Files.
    #[serde(default)]
    pub file: Vec<String>,
    /// Labels in the copy of its labels that a base keeps in a file; written as in `label`.
    #[serde(default)]
    pub base_labels: Vec<String>,
}

/// What an official build looks like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// Regular expression over the build's URL.
    pub official_url: Pattern,
    /// Known ids of official pipelines. Another UUID with an official URL is accepted with a warning.
    #[serde(default)]
    pub pipelines: Vec<String>,
    /// Regular expression over the names of official pipelines.
    pub official_pipeline: Option<Pattern>,
    /// Regular expression over the URL of a CI build.
    pub ci_url: Option<Pattern>,
}

/// What the environment of an untouched image looks like.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EnvironmentRules {
    /// Variables beside the stamp's that the publisher's last build stage sets.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// Variables that may come after the last of them; see [`any_variable`].
    #[serde(default)]
    pub tail: Vec<String>,
    /// True if released images have the stamp in the environment; one in labels alone is of CI.
    #[serde(default)]
    pub stamped: bool,
}

/// What the labels of an untouched image look like.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LabelRules {
    /// Keys beside the stamp's that belong there; `*` takes any characters.
    #[serde(default)]
    pub known: Vec<String>,
    /// Keys that only CI images carry.
    #[serde(default)]
    pub ci: Vec<String>,
}

/// A label that is only about the base.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Noise {
    /// The label.
    pub label: String,
    /// It is noise if this label …
    pub with: Option<String>,
    /// … has this value.
    pub value: Option<String>,
    /// True if it must also equal `VERSION_ID` of os-release.
    #[serde(default)]
    pub equals_os_version: bool,
}

/// Returns true if one of the entries matches a variable: `KEY`, where `*` matches any characters, or
/// `KEY=VALUE`, where `*` in the value matches any characters but `/`.
///
/// An entry has a value if the name alone says nothing: for `LD_PRELOAD`, the loaded file matters.
#[must_use]
pub fn any_variable(entries: &[String], key: &str, value: &str) -> bool {
    entries.iter().any(|entry| match entry.split_once('=') {
        Some((name, values)) => glob_matches(name, key) && glob_matches(values, value),
        None => glob_matches(entry, key),
    })
}

#[cfg(test)]
mod tests {
    use super::any_variable;

    #[test]
    fn a_variable_is_listed_by_its_name_or_with_its_value() {
        let entries = ["TORCH_*", "LD_PRELOAD=/opt/efa/lib/*"].map(str::to_owned);
        for (key, value, expected) in [
            ("TORCH_HOME", "/anywhere", true),
            ("LD_PRELOAD", "/opt/efa/lib/libfabric.so.1", true),
            ("LD_PRELOAD", "/tmp/libevil.so", false),
            ("LD_PRELOAD", "/opt/efa/lib/../../../tmp/libevil.so", false),
            (
                "LD_PRELOAD",
                "/opt/efa/lib/libfabric.so.1:/tmp/libevil.so",
                false,
            ),
            ("LD_PRELOAD_32", "/opt/efa/lib/libfabric.so.1", false),
        ] {
            assert_eq!(
                any_variable(&entries, key, value),
                expected,
                "{key}={value}"
            );
        }
    }
}
