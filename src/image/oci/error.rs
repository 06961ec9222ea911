//! The reason why a layout or archive has no readable image.

use std::time::Instant;

use crate::image::json::JsonError;
use crate::limits::{Limits, unit};

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
    #[error("{what} is over the limit {limit_name}: more than {limit}{}", unit(limit_name).0)]
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

impl OciError {
    pub(super) fn missing(name: impl Into<String>, by: &str) -> Self {
        Self::Missing {
            name: name.into(),
            by: by.to_owned(),
        }
    }

    pub(super) fn limit(what: impl Into<String>, limit: u64, limit_name: &'static str) -> Self {
        Self::Limit {
            what: what.into(),
            limit,
            limit_name,
        }
    }

    /// Checks a size against a limit.
    pub(super) fn check_limit(
        what: &str,
        size: u64,
        limit: u64,
        limit_name: &'static str,
    ) -> Result<(), Self> {
        match size > limit {
            true => Err(Self::limit(what, limit, limit_name)),
            false => Ok(()),
        }
    }

    /// Checks the time limit. `work` takes the time.
    pub(super) fn check_time(work: &str, started: Instant, limits: &Limits) -> Result<(), Self> {
        match limits.time {
            Some(limit) if started.elapsed() > limit => {
                let what = format!("the time for {work}");
                Err(Self::limit(what, limit.as_secs(), "time"))
            }
            _ => Ok(()),
        }
    }
}
