//! What others state about an image, and whether somebody who is trusted has signed it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A statement about this image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attestation {
    /// What of this image the statement is about; null where none of its subjects is of this image, or
    /// none was looked at.
    pub level: Option<AttestedLevel>,
    /// Whether it is believed.
    pub status: Standing,
    /// Why, as a code: `signed`, or why it is not believed.
    pub reason: String,
    /// One sentence for a person.
    pub message: String,
    /// Who signed it, as the trust data names them.
    pub signer: Option<String>,
    /// Who vouches for the signer of a Sigstore certificate.
    pub issuer: Option<String>,
    /// What the statement says something of: `https://slsa.dev/provenance/v1`.
    pub predicate_type: Option<String>,
    /// The digest that binds it to this image: `sha256:<64hex>`.
    pub subject: Option<String>,
    /// When it was signed or made, RFC 3339 UTC, as far as signed data says.
    pub time: Option<String>,
    /// Where the statement stands.
    pub path: String,
}

/// What of an image a statement is about, the strongest first. No level stands for another.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum AttestedLevel {
    /// Every byte of this very file.
    File,
    /// All files in the image, whatever packs them; not what the importer wrote.
    Content,
    /// The manifest, configuration and layers of the image, which are at hand.
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

    /// True where the statement binds what is in this file, and not only a digest that it declares.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Somebody whom the trust data names signed it, and it is about this image.
    Verified,
    /// It says nothing that can be relied on.
    NotVerified,
}

/// The reason of an official image that a statement proves.
pub(crate) const ATTESTED: &str = "attested";
/// The reason of a statement that is believed, where the importer's files are not what it states.
pub(crate) const SETTINGS_DIFFER: &str = "settings-differ";

impl Attestation {
    /// True where it is believed.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.status == Standing::Verified
    }

    /// True where it is believed and nothing that it states of the image differs: what decides what runs
    /// is not in the content digest, and a statement of the level `content` may state it beside.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.is_verified() && self.reason != SETTINGS_DIFFER
    }
}
