//! The code of the check for an image that could not be read.

use sqsh_prov::image::oci::OciError;
use sqsh_prov::squashfs::{Error as ImageError, LooksLike};
use sqsh_prov::{Error, FormError};

/// Why an image could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The file is shorter than the image in it. A job could not start it.
    Truncated,
    /// A layout or archive has no image for the platform that was asked for.
    OtherPlatform,
    /// Another reason, as the code of a check.
    Code(&'static str),
}

pub(super) fn failure(error: &Error) -> Failure {
    Failure::Code(match error {
        Error::NotFound { .. } => "no-such-file",
        Error::PermissionDenied { .. } => "permission-denied",
        Error::NotAFile { .. } => "no-regular-file",
        Error::Io { .. } => "unreadable",
        Error::Image { reason, .. } => match reason {
            ImageError::Empty | ImageError::Truncated { .. } => return Failure::Truncated,
            ImageError::NotSquashfs { looks_like } => match looks_like {
                LooksLike::OtherVersion { .. } | LooksLike::BigEndian => "unknown-version",
                _ => "not-an-image",
            },
            ImageError::TimedOut { .. } => "timed-out",
            ImageError::TooLarge { .. } => "over-limit",
            ImageError::Io { .. } => "unreadable",
            _ => "damaged",
        },
        Error::Form {
            reason: FormError::Oci(reason),
            ..
        } => match reason {
            OciError::NoPlatform { .. } => return Failure::OtherPlatform,
            OciError::Limit { .. } => "over-limit",
            OciError::Io(_) => "unreadable",
            _ => "damaged",
        },
        Error::Form {
            reason: FormError::Sif(_),
            ..
        } => "damaged",
        Error::Form { .. } => "not-an-image",
    })
}
