//! Reads one JSON document of a layout.

use super::digest::Digest;
use super::error::OciError;
use super::model::Descriptor;
use super::store::Store;
use crate::image::json;
use crate::limits::Limits;

/// Parses the JSON of a document. Errors contain its name.
pub(super) fn parse<T: serde::de::DeserializeOwned>(
    name: &str,
    bytes: &[u8],
) -> Result<T, OciError> {
    json::parse(bytes).map_err(|reason| OciError::Json {
        name: name.to_owned(),
        reason,
    })
}

/// Returns the digest of a descriptor in the document `by`.
pub(super) fn digest<'d>(descriptor: &'d Descriptor, by: &str) -> Result<Digest<'d>, OciError> {
    Digest::parse(&descriptor.digest).ok_or_else(|| OciError::BadDigest {
        digest: descriptor.digest.clone(),
        by: by.to_owned(),
    })
}

/// Reads a blob, and checks its size and digest.
pub(super) fn blob(
    store: &dyn Store,
    descriptor: &Descriptor,
    by: &str,
    limits: &Limits,
) -> Result<(String, Vec<u8>), OciError> {
    let digest = digest(descriptor, by)?;
    let name = digest.path();
    let path = store.place(&name);
    let bytes = store.read(&name, limits.json_file)?;
    let bytes = bytes.ok_or_else(|| OciError::missing(&path, by))?;
    let size = bytes.len() as u64;
    if u64::try_from(descriptor.size) != Ok(size) {
        return Err(OciError::Size {
            name: path,
            found: size,
            expected: descriptor.size,
            by: by.to_owned(),
        });
    }
    let found = digest.of(&bytes);
    if found != descriptor.digest {
        return Err(OciError::Digest { name: path, found });
    }
    Ok((path, bytes))
}
