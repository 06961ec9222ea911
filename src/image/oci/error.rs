//! Why there is no image in a layout or archive.

use crate::image::json::JsonError;

/// Why there is no image in a layout or archive.
#[derive(Debug, thiserror::Error)]
pub enum OciError {
    /// Something that must be there is not.
    #[error(
        "{name}, which {by} names, is missing; the layout or archive is not complete: copy it again"
    )]
    Missing {
        /// What is missing.
        name: String,
        /// What names it.
        by: String,
    },
    /// A file whose content is not what its name promises.
    #[error(
        "the content of {name} has another digest than its name ({found}); it was changed or damaged: copy it again"
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
    #[error("{by} has the digest \"{digest}\", which is neither sha256 nor sha512")]
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
    File(#[from] crate::image::Error),
}
