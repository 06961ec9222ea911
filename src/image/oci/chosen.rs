//! One image, and the documents that lead to it.

use super::attestation::Attached;
use super::model::Platform;

/// The image that was chosen in a layout or archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The configuration's bytes.
    pub config: Vec<u8>,
    /// The path of the configuration.
    pub config_path: String,
    /// The digest of the configuration, if the image names it by digest.
    pub config_digest: Option<String>,
    /// The platform, if the layout has images for several.
    pub platform: Option<Platform>,
    /// The documents that lead to the configuration, outermost first.
    pub levels: Vec<Level>,
    /// The names of the image, such as `docker.io/vllm/vllm-openai:v0.29.0`.
    pub names: Vec<Name>,
    /// Notes about the choice, for a person.
    pub notes: Vec<String>,
    /// Files that are named but missing, or have another size.
    pub missing: Vec<String>,
    /// The layers, lowest first.
    pub layers: Vec<Layer>,
    /// The statements that are attached to the image.
    pub attached: Attached,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The path of its file.
    pub path: String,
    /// The digest that the file must have, `sha256:…`.
    pub digest: String,
}

/// One document on the way to the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The type of the document.
    pub kind: LevelKind,
    /// The path in the layout.
    pub path: String,
    /// The digest by which the document was named; its bytes were checked against it.
    pub digest: Option<String>,
    /// The annotations, in their order.
    pub annotations: Vec<(String, String)>,
}

/// The type of a document on the way to the configuration.
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

/// A name, and its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name, as written.
    pub value: String,
    /// The path of the file.
    pub path: String,
    /// The key in the file.
    pub key: String,
}
