//! Why an image has no answer.

use std::io;
use std::path::Path;

use crate::carriers::BuildError;
use crate::carriers::inspect_output::InspectError;
use crate::image::oci::OciError;
use crate::image::sif::SifError;
use crate::lint::source::SourceError;

/// Why an image has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("{path}: there is no such file; check the path")]
    NotFound {
        /// The path as given.
        path: String,
    },
    /// The file may not be read.
    #[error(
        "{path}: permission denied; it may well be an image: ask its owner, or run as a user who may read it"
    )]
    PermissionDenied {
        /// The path as given.
        path: String,
    },
    /// The path names something that is not read.
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
    /// It is not an image, or one that is damaged where everything starts.
    #[error("{path}: {reason}")]
    Image {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        reason: crate::squashfs::Error,
    },
    /// It is of another form, and cannot be what it says it is. What a parser says may
    /// repeat a part of the document, and so a secret.
    #[error("{path}: {}", crate::redact::text(&reason.to_string()))]
    Form {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        reason: FormError,
    },
}

impl Error {
    /// The line of a recipe that cannot be read, with a caret under the place.
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

/// What is wrong with an image that is no squashfs image.
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
    /// In what a build tool wrote about a build.
    #[error("its build record cannot be read: {0}")]
    Build(#[from] BuildError),
    /// In a recipe.
    #[error(transparent)]
    Recipe(#[from] SourceError),
    /// Over a limit, or something else altogether.
    #[error("{0}")]
    Other(String),
}

/// A path as messages show it.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
