//! The reasons why an image has no answer.

use std::io;
use std::path::Path;

use crate::carriers::BuildError;
use crate::carriers::inspect_output::InspectError;
use crate::image::oci::OciError;
use crate::image::sif::SifError;
use crate::lint::source::SourceError;

/// The reason why an image has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("{path}: there is no such file; check the path")]
    NotFound {
        /// The path as given.
        path: String,
    },
    /// The user may not read the file.
    #[error(
        "{path}: permission denied; it may well be an image: ask its owner, or run as a user who may read it"
    )]
    PermissionDenied {
        /// The path as given.
        path: String,
    },
    /// The path is not a file that can be read.
    #[error("{path}: it is {found}; give an image file")]
    NotAFile {
        /// The path as given.
        path: String,
        /// What it is.
        found: &'static str,
    },
    /// The system cannot read it.
    #[error("{path}: cannot be read: {reason}")]
    Io {
        /// The path as given.
        path: String,
        /// What the system said.
        reason: io::Error,
    },
    /// It is not an image, or its start is damaged.
    #[error("{path}: {reason}")]
    Image {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        reason: crate::squashfs::Error,
    },
    /// It has another form, and is not valid in that form. A parser's message may repeat a part of
    /// the document, and so a secret.
    #[error("{path}: {}", crate::redact::text(&reason.to_string()))]
    Form {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        reason: FormError,
    },
}

impl Error {
    /// Returns the line of a recipe that cannot be parsed, with a caret under the error.
    #[must_use]
    pub fn excerpt(&self) -> Option<String> {
        match self {
            Self::Form {
                reason: FormError::Recipe(reason),
                ..
            } => Some(crate::redact::text(&reason.excerpt()?).into_owned()),
            _ => None,
        }
    }
}

/// What is wrong with an image of another form than squashfs.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// In a SIF file.
    #[error(transparent)]
    Sif(#[from] SifError),
    /// In a layout or archive.
    #[error(transparent)]
    Oci(#[from] OciError),
    /// In JSON.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// In the record of a build tool.
    #[error("its build record cannot be read: {0}")]
    Build(#[from] BuildError),
    /// In a recipe.
    #[error(transparent)]
    Recipe(#[from] SourceError),
    /// A limit, or another reason.
    #[error("{0}")]
    Other(String),
}

/// Returns a path as messages show it.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
