//! The documents of a layout, with the fields that are used.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::image::json::text;

/// An index or a manifest; its fields decide which.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Node {
    pub manifests: Option<Vec<Descriptor>>,
    pub config: Option<Descriptor>,
    pub layers: Option<Vec<Descriptor>>,
    pub annotations: Option<Map<String, Value>>,
    pub artifact_type: Option<String>,
    pub subject: Option<Descriptor>,
}

/// A reference to a blob.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Descriptor {
    pub media_type: Option<String>,
    pub digest: String,
    pub size: i64,
    pub platform: Option<Platform>,
    pub annotations: Option<Map<String, Value>>,
    pub artifact_type: Option<String>,
}

impl Descriptor {
    /// Returns the media type, or an empty text.
    pub(super) fn media(&self) -> &str {
        self.media_type.as_deref().unwrap_or_default()
    }

    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key)?.as_str()
    }
}

/// Returns true for the media type of an index.
pub(crate) fn is_index(media_type: &str) -> bool {
    media_type.contains("image.index") || media_type.contains("manifest.list")
}

/// The file `oci-layout`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayoutVersion {
    pub image_layout_version: String,
}

/// The two fields of a configuration that name its platform.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConfigPlatform {
    pub os: Option<String>,
    pub architecture: Option<String>,
    pub variant: Option<String>,
}

/// One image in `manifest.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Saved {
    pub config: String,
    pub repo_tags: Option<Vec<String>>,
    pub layers: Option<Vec<String>>,
}

/// The platform of an image: `linux/arm64`, with an optional variant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// The operating system: `linux`.
    pub os: String,
    /// The architecture, as Go names it: `amd64`, `arm64`.
    pub architecture: String,
    /// The variant: `v8`.
    pub variant: Option<String>,
}

impl Platform {
    /// Parses `OS/ARCH` or `OS/ARCH/VARIANT`. The architecture may be spelled as `uname -m` does.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (os, architecture) = (parts.next()?, parts.next()?);
        let variant = parts.next().map(str::to_owned);
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_part);
        let words = is_word(os) && is_word(architecture) && variant.as_deref().is_none_or(is_word);
        (words && parts.next().is_none()).then(|| Self {
            os: os.to_ascii_lowercase(),
            architecture: as_go(architecture),
            variant,
        })
    }

    /// Returns the platform of containers on this host.
    #[must_use]
    pub fn host() -> Self {
        Self {
            os: "linux".to_owned(),
            architecture: as_go(std::env::consts::ARCH),
            variant: None,
        }
    }

    /// Returns true if an image for `other` runs on this platform; `linux/arm64` is
    /// `linux/arm64/v8`.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        let variant = match (&self.variant, &other.variant) {
            (Some(wanted), Some(found)) => wanted == found,
            (Some(wanted), None) => wanted == "v8" && other.architecture == "arm64",
            (None, _) => true,
        };
        self.os == other.os && self.architecture == other.architecture && variant
    }

    /// Returns `linux/arm64` for `linux/arm64/v8`: a program shows no variant.
    #[must_use]
    pub fn without_variant(&self) -> String {
        format!("{}/{}", self.os, self.architecture)
    }

    pub(super) fn is_known(&self) -> bool {
        let known = |word: &str| !matches!(word, "" | "unknown");
        known(&self.os) && known(&self.architecture)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

fn as_go(machine: &str) -> String {
    match machine.to_ascii_lowercase().as_str() {
        "x86_64" | "x86-64" => "amd64".to_owned(),
        "aarch64" => "arm64".to_owned(),
        "powerpc64le" => "ppc64le".to_owned(),
        other => other.to_owned(),
    }
}

/// Returns annotations as pairs. A value that is not a text is written as JSON.
pub(super) fn pairs(annotations: Option<&Map<String, Value>>) -> Vec<(String, String)> {
    let pairs = annotations.into_iter().flatten();
    pairs
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_parsed_and_compared() {
        for (text, shown) in [
            ("linux/amd64", Some("linux/amd64")),
            ("linux/x86_64", Some("linux/amd64")),
            ("Linux/aarch64/v8", Some("linux/arm64/v8")),
            ("linux", None),
            ("linux/", None),
            ("linux/a/b/c", None),
            ("linux/../x", Some("linux/../x")),
        ] {
            let found = Platform::parse(text).map(|platform| platform.to_string());
            assert_eq!(found.as_deref(), shown, "{text}");
        }
        let platform = |text| Platform::parse(text).unwrap();
        assert!(platform("linux/arm64").matches(&platform("linux/arm64/v8")));
        assert!(platform("linux/arm64/v8").matches(&platform("linux/arm64")));
        assert!(!platform("linux/arm/v7").matches(&platform("linux/arm/v6")));
        assert!(!platform("linux/amd64").matches(&platform("windows/amd64")));
    }
}
