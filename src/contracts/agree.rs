//! Places in an image that have one version.

use serde::Deserialize;

/// A place that names a version, written `KIND:NAME`: `package:vllm`, `environment:VLLM_VERSION`,
/// `label:release`, `os-release:VERSION_ID`, and `tag:GROUP` for a group of the tag's pattern.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Place {
    /// The version of an installed Python package.
    Package(String),
    /// A variable.
    Environment(String),
    /// A label.
    Label(String),
    /// A key of os-release.
    OsRelease(String),
    /// A named group of the pattern that the imported tag matches.
    Tag(String),
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (kind, name) = text.split_once(':').unwrap_or((&text, ""));
        let name = name.to_owned();
        match kind {
            _ if name.is_empty() => Err(format!("'{text}': write KIND:NAME, such as package:vllm")),
            "package" => Ok(Self::Package(name)),
            "environment" => Ok(Self::Environment(name)),
            "label" => Ok(Self::Label(name)),
            "os-release" => Ok(Self::OsRelease(name)),
            "tag" => Ok(Self::Tag(name)),
            _ => Err(format!(
                "'{text}': the kinds are package, environment, label, os-release and tag"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_known_kind_and_a_name() {
        let place = |text: &str| Place::try_from(text.to_owned());
        assert_eq!(place("package:vllm"), Ok(Place::Package("vllm".to_owned())));
        for bad in ["vllm", "package:", "file:x", ""] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
