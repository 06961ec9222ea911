//! Paths in records, and their order.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::provenance::PathText;

/// Returns a path as text, or as bytes if it is not UTF-8.
#[must_use]
pub fn to_text(path: &Path) -> PathText {
    path.into()
}

/// Returns a path of these bytes as text, or as bytes if it is not UTF-8.
pub(super) fn of_bytes(bytes: &[u8]) -> PathText {
    Path::new(OsStr::from_bytes(bytes)).into()
}

/// Returns the path's bytes.
#[must_use]
pub fn to_bytes(text: &PathText) -> Vec<u8> {
    match text {
        PathText::Text(text) => text.clone().into_bytes(),
        PathText::Bytes { bytes } => BASE64
            .decode(bytes)
            .unwrap_or_else(|_| bytes.clone().into_bytes()),
    }
}

/// Returns the path.
#[must_use]
pub fn to_path(text: &PathText) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(&to_bytes(text)))
}

/// Compares paths component by component: the order of a walk that sorts each directory.
#[must_use]
pub fn order(one: &[u8], other: &[u8]) -> Ordering {
    one.split(|byte| *byte == b'/')
        .cmp(other.split(|byte| *byte == b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_text_survives() {
        let path = Path::new(OsStr::from_bytes(b"/a/\xff.sqsh"));
        assert_eq!(to_path(&to_text(path)), path);
        assert_eq!(to_path(&to_text(Path::new("/a/b"))), Path::new("/a/b"));
    }

    #[test]
    fn the_order_is_that_of_components() {
        assert_eq!(order(b"/a/b", b"/a-b"), Ordering::Less);
        assert_eq!(order(b"/a", b"/a/b"), Ordering::Less);
        assert_eq!(order(b"/b", b"/a/b"), Ordering::Greater);
    }
}
