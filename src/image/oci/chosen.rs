//! One image, and the way to it.

use super::attestation::Attached;
use super::model::Platform;

/// What was chosen out of a layout or an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The configuration's bytes.
    pub config: Vec<u8>,
    /// Where they stand.
    pub config_path: String,
    /// Their digest, where the image names them by it.
    pub config_digest: Option<String>,
    /// For what it is, where the layout has images for several platforms.
    pub platform: Option<Platform>,
    /// What names what, outermost first.
    pub levels: Vec<Level>,
    /// What the image calls itself, `docker.io/vllm/vllm-openai:v0.29.0`, and where.
    pub names: Vec<Name>,
    /// What a person should know about the choice.
    pub notes: Vec<String>,
    /// Files that are named and not there, or have another size.
    pub missing: Vec<String>,
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
    /// Statements that are attached to the image.
    pub attached: Attached,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its file.
    pub path: String,
    /// The digest that the file must have, `sha256:…`.
    pub digest: String,
}

/// One document on the way to the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// What it is.
    pub kind: LevelKind,
    /// Where it stands in the layout.
    pub path: String,
    /// The digest that it was named by, and that its bytes have.
    pub digest: Option<String>,
    /// Its annotations, in its own order.
    pub annotations: Vec<(String, String)>,
}

/// What a document on the way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelKind {
    /// An index: `index.json`, or one that it names.
    Index,
    /// The entry of an index for the next document.
    Descriptor,
    /// The manifest of one platform.
    Manifest,
}

impl LevelKind {
    /// The name of the carrier.
    #[must_use]
    pub fn carrier(self) -> &'static str {
        match self {
            Self::Index => "oci-index",
            Self::Descriptor => "oci-descriptor",
            Self::Manifest => "oci-manifest",
        }
    }
}

/// A name, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As written.
    pub value: String,
    /// The file.
    pub path: String,
    /// The key.
    pub key: String,
}
