//! Statements about an image, and whether a trusted signer signed them.

use serde::{Deserialize, Serialize};

/// A statement about this image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Attestation {
    /// What the statement binds of this image; null if none of its subjects is of this image, or if
    /// none was compared.
    pub level: Option<AttestedLevel>,
    /// Whether it is believed.
    pub status: Standing,
    /// Why, as a code: `signed`, or why it is not believed.
    pub reason: String,
    /// One sentence for a person.
    pub message: String,
    /// The signer's name in the trust data.
    pub signer: Option<String>,
    /// The issuer of the identity in a Sigstore certificate.
    pub issuer: Option<String>,
    /// The predicate's type: `https://slsa.dev/provenance/v1`.
    pub predicate_type: Option<String>,
    /// The digest that binds it to this image: `sha256:<64hex>`.
    pub subject: Option<String>,
    /// When it was signed or made, from signed data, RFC 3339 UTC.
    pub time: Option<String>,
    /// The file with the statement.
    pub path: String,
}

/// What a statement binds of an image, the strongest first. No level implies another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AttestedLevel {
    /// Every byte of this very file.
    File,
    /// All files in the image, but not what the importer wrote; independent of the packing.
    Content,
    /// The manifest, configuration and layers of the image, all of which were read.
    Manifest,
    /// A digest that the image declares it was imported by.
    Import,
}

impl AttestedLevel {
    /// All levels, the strongest first.
    pub const ALL: [Self; 4] = [Self::File, Self::Content, Self::Manifest, Self::Import];

    /// The word that the document has.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Content => "content",
            Self::Manifest => "manifest",
            Self::Import => "import",
        }
    }

    /// Returns true if the statement binds the contents of this file, not only a digest that it declares.
    #[must_use]
    pub const fn binds(self) -> bool {
        !matches!(self, Self::Import)
    }
}

impl std::fmt::Display for AttestedLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a statement is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A trusted signer signed it, and it is about this image.
    Verified,
    /// It cannot be relied on.
    NotVerified,
}

/// The reason for `official` when a statement proves it.
pub(crate) const ATTESTED: &str = "attested";
/// The reason of a believed statement when the importer's files differ from what it states.
pub(crate) const SETTINGS_DIFFER: &str = "settings-differ";
/// The reason of a believed statement that does not state the importer's files of an image that has some.
pub(crate) const SETTINGS_NOT_STATED: &str = "settings-not-stated";

impl Attestation {
    /// Returns true if it is believed.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.status == Standing::Verified
    }

    /// Returns true if it is believed and covers everything that decides what runs: the importer's files are
    /// not in the content digest, so a statement of the level `content` states them beside it.
    #[must_use]
    pub fn holds(&self) -> bool {
        let uncovered = [SETTINGS_DIFFER, SETTINGS_NOT_STATED];
        self.is_verified() && !uncovered.contains(&self.reason.as_str())
    }
}
