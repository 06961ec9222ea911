//! Paths in layers.

use std::io;

use super::error::OciError;
use crate::image::shown;

/// Splits a path into its directory and its name.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let at = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    let name = path.get(at.saturating_add(1)..).unwrap_or_default();
    (path.get(..at).unwrap_or_default(), name)
}

/// Returns a name as an absolute path; `None` for the root itself.
pub(super) fn absolute(name: &[u8]) -> Result<Option<Vec<u8>>, OciError> {
    let mut path = Vec::new();
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                let text = format!("a layer names a path outside the image: {}", shown(name));
                return Err(io::Error::new(io::ErrorKind::InvalidData, text).into());
            }
            part => {
                path.push(b'/');
                path.extend_from_slice(part);
            }
        }
    }
    Ok(Some(path).filter(|path| !path.is_empty()))
}
