//! The reason why a layout or archive has no readable image.

use crate::image::json::JsonError;

/// The reason why a layout or archive has no readable image.
#[derive(Debug, thiserror::Error)]
pub enum OciError {
    /// A required file is missing.
    #[error(
        "{name}, which {by} names, is missing; the layout or archive is not complete: copy it again"
    )]
    Missing {
        /// The missing file.
        name: String,
        /// The document that names it.
        by: String,
    },
    /// The content of a file does not match its name.
    #[error(
        "the content of {name} has another digest than its name ({found}); it was changed or damaged: copy it again"
    )]
    Digest {
        /// The file.
        name: String,
        /// The digest of its content.
        found: String,
    },
    /// A file has another size than its descriptor says.
    #[error(
        "{name} has {found} bytes, {by} says {expected}; it was changed or damaged: copy it again"
    )]
    Size {
        /// The file.
        name: String,
        /// The size of the file.
        found: u64,
        /// The size in the descriptor.
        expected: i64,
        /// The document that names the size.
        by: String,
    },
    /// A file is not JSON, or not the expected JSON.
    #[error("{name} cannot be read: {reason}")]
    Json {
        /// The file.
        name: String,
        /// What is wrong with it.
        reason: JsonError,
    },
    /// A text is not a digest.
    #[error("{by} has the digest \"{digest}\", which is neither sha256 nor sha512")]
    BadDigest {
        /// The text.
        digest: String,
        /// The document that contains it.
        by: String,
    },
    /// The layout has an unknown version.
    #[error("it is an OCI layout of version {0}; only 1.0.x can be read")]
    Version(String),
    /// There is no image to choose.
    #[error("there is no image in it: {0}")]
    NoImage(String),
    /// There is no image for the requested platform.
    #[error("there is no image for {wanted} in it; it has: {}", found.join(", "))]
    NoPlatform {
        /// The requested platform.
        wanted: String,
        /// The platforms in the layout.
        found: Vec<String>,
    },
    /// Something is over a limit.
    #[error("{what} is over the limit {limit_name}: more than {limit}")]
    Limit {
        /// What is over the limit.
        what: String,
        /// The limit.
        limit: u64,
        /// The name of the limit.
        limit_name: &'static str,
    },
    /// Reading the archive failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A file in a directory cannot be read.
    #[error("{0}")]
    File(#[from] crate::image::Error),
}
