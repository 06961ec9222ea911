//! The settings: the files that an importer writes, and that decide what runs. The content digest leaves them
//! out, so they have a digest of their own.

use sha2::{Digest as _, Sha256};

use super::content::field;
use super::oci::named;
use super::{Error, FileKind, Image};

/// The directory of the settings.
const DIRECTORY: &[u8] = b"/etc";
/// Their names, in the order in which they are hashed.
const NAMES: [&[u8]; 4] = [b"rc", b"rc.local", b"environment", b"fstab"];
/// The start of the line that names the import, which every import writes anew.
const PROVENANCE: &[u8] = b"# enroot-provenance:";
/// Stands where a file has its length, and says that the entry is no file. No file is that long.
const NO_FILE: u64 = u64::MAX;

/// The digest of the settings of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// `sha256:<64hex>`.
    pub digest: String,
    /// True if at least one of the files exists.
    pub any: bool,
}

/// Hashes `/etc/rc`, `/etc/rc.local`, `/etc/environment` and `/etc/fstab`, each without its provenance line.
/// `limit` is the greatest size of one file, in bytes.
///
/// A link is not followed: its target may be a file that no digest covers. The digest has the target in it. A
/// missing file has a value of its own.
///
/// # Errors
/// If one of the files cannot be read, or is over the limit.
pub fn settings(image: &dyn Image, limit: u64) -> Result<Written, Error> {
    let listing = match image.list(DIRECTORY) {
        Ok(listing) => listing,
        Err(Error::NotFound { .. } | Error::WrongKind { .. }) => super::Listing::default(),
        Err(error) => return Err(error),
    };
    let mut hash = Sha256::new();
    hash.update(b"sqsh-prov settings 1\n");
    let mut any = false;
    for name in NAMES {
        let path = [DIRECTORY, b"/", name].concat();
        let kind = listing.find(name);
        any |= kind.is_some();
        match kind {
            Some(FileKind::File) => field(&mut hash, without_line(&image.read(&path, limit)?)),
            Some(FileKind::Link) => {
                other(&mut hash, b'l');
                field(&mut hash, &target(image, &path)?);
            }
            Some(FileKind::Directory) => other(&mut hash, b'd'),
            Some(_) => other(&mut hash, b's'),
            None => other(&mut hash, b'-'),
        }
    }
    let digest = named(&hash.finalize());
    Ok(Written { digest, any })
}

fn other(hash: &mut Sha256, letter: u8) {
    hash.update(NO_FILE.to_le_bytes());
    hash.update([letter]);
}

fn without_line(bytes: &[u8]) -> &[u8] {
    if !bytes.starts_with(PROVENANCE) {
        return bytes;
    }
    let mut parts = bytes.splitn(2, |&byte| byte == b'\n');
    parts.nth(1).unwrap_or_default()
}

/// Returns the target of a link. Such a link is rare, so the walk over all entries costs little.
fn target(image: &dyn Image, path: &[u8]) -> Result<Vec<u8>, Error> {
    let mut found = None;
    image.walk(&mut |entry| {
        if entry.path == path && entry.kind == FileKind::Link {
            found = Some(entry.target.to_vec());
        }
        Ok(())
    })?;
    found.ok_or_else(|| Error::damaged(path, "the target of this link cannot be read"))
}
