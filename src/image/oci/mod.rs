//! Images as registries and daemons hand them out: JSON that names JSON by digest.
//!
//! Only the JSON is read. Layers are looked at (are they there, have they their size)
//! and never unpacked.

mod attestation;
mod choose;
mod docker;
mod layout;
mod model;
mod store;
mod survey;

use std::fmt;

pub use attestation::Attached;
pub use docker::{ArchiveImage, archive, is_archive};
pub use layout::{LAYOUT_FILE, is_layout, resolve};
pub use model::Platform;
pub use store::{Archive, Store};
pub use survey::{Survey, Surveyed, survey};

use super::json::JsonError;

/// What was chosen out of a layout or an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The configuration's bytes.
    pub config: Vec<u8>,
    /// Where they stand.
    pub config_path: String,
    /// Their digest, where the image names them by it.
    pub config_digest: Option<String>,
    /// What names what, outermost first.
    pub levels: Vec<Level>,
    /// What the image calls itself, `docker.io/vllm/vllm-openai:v0.29.0`, and where.
    pub names: Vec<Name>,
    /// What a person should know about the choice.
    pub notes: Vec<String>,
    /// Files that are named and not there, or have another size.
    pub missing: Vec<String>,
    /// Statements that are attached to the image.
    pub attached: Attached,
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

/// Why there is no image in a layout or archive.
#[derive(Debug, thiserror::Error)]
pub enum OciError {
    /// Something that must be there is not.
    #[error(
        "{name} is not there, which {by} names; the layout or archive is not whole: copy it again"
    )]
    Missing {
        /// What is missing.
        name: String,
        /// What names it.
        by: String,
    },
    /// A file whose content is not what its name promises.
    #[error(
        "{name} does not have the digest that it is named by (its content has {found}); it was changed or damaged: copy it again"
    )]
    Digest {
        /// Which file.
        name: String,
        /// What its content has.
        found: String,
    },
    /// A file with another size.
    #[error(
        "{name} has {found} bytes, {by} says {expected}; it was changed or damaged: copy it again"
    )]
    Size {
        /// Which file.
        name: String,
        /// What it has.
        found: u64,
        /// What it should have.
        expected: i64,
        /// What says so.
        by: String,
    },
    /// No JSON, or other JSON.
    #[error("{name} cannot be read: {reason}")]
    Json {
        /// Which file.
        name: String,
        /// What is wrong with it.
        reason: JsonError,
    },
    /// A digest that is none.
    #[error("{by} names something by the digest \"{digest}\", which is no sha256 or sha512 digest")]
    BadDigest {
        /// As written.
        digest: String,
        /// What names it.
        by: String,
    },
    /// A version that nothing is known of.
    #[error("it is an OCI layout of version {0}; only 1.0.x can be read")]
    Version(String),
    /// Nothing to choose.
    #[error("there is no image in it: {0}")]
    NoImage(String),
    /// Nothing for what was asked for.
    #[error("there is no image for {wanted} in it; it has: {}", found.join(", "))]
    NoPlatform {
        /// What was asked for.
        wanted: String,
        /// What there is.
        found: Vec<String>,
    },
    /// Over a limit.
    #[error("{what} is over the limit {limit_name}: more than {limit}")]
    Limit {
        /// What.
        what: String,
        /// The limit.
        limit: u64,
        /// Its name.
        limit_name: &'static str,
    },
    /// The archive or storage failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A file in a directory cannot be read.
    #[error("{0}")]
    File(#[from] super::Error),
}

/// A digest as bytes are named by, `sha256:…` or `sha512:…`, in lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Digest<'a> {
    algorithm: &'a str,
    hex: &'a str,
}

impl<'a> Digest<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        let digits = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return None,
        };
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (hex.len() == digits && hex.bytes().all(is_hex)).then_some(Self { algorithm, hex })
    }

    fn path(&self) -> String {
        format!("blobs/{}/{}", self.algorithm, self.hex)
    }

    /// The digest of bytes, by the same algorithm.
    fn of(&self, bytes: &[u8]) -> String {
        use sha2::Digest as _;
        if self.algorithm == "sha512" {
            format!("sha512:{}", hex(&sha2::Sha512::digest(bytes)))
        } else {
            sha256(bytes)
        }
    }
}

impl fmt::Display for Digest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.hex)
    }
}

/// `sha256:<64hex>` of bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    format!("sha256:{}", hex(&sha2::Sha256::digest(bytes)))
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
