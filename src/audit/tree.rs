//! Computes `tree_id`: a digest over an image's listing, equal for two imports of one image.

use sha2::{Digest as _, Sha256};

use crate::image::content::IMPORTERS;
use crate::image::oci::named;
use crate::squashfs::{Error, Inode, Kind, ReadAt, Result, Squashfs};

/// The greatest depth of directories.
const DEEPEST: usize = 256;

/// Returns `sha256:<64hex>` over path, type, size, time of change and link target of every entry, sorted by
/// path component. Files of the importer and times of directories do not count.
///
/// # Errors
/// If a directory or an inode cannot be read, or is over a limit.
pub fn tree_id<R: ReadAt>(image: &Squashfs<R>) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(b"sqsh-prov tree 1\n");
    let root = image.root()?;
    let mut path = Vec::new();
    let mut above = Vec::new();
    directory(image, &root, &mut path, &mut above, &mut hash)?;
    Ok(named(&hash.finalize()))
}

fn directory<R: ReadAt>(
    image: &Squashfs<R>,
    inode: &Inode,
    path: &mut Vec<u8>,
    above: &mut Vec<u32>,
    hash: &mut Sha256,
) -> Result<()> {
    let number = inode.number();
    if above.len() >= DEEPEST || above.contains(&number) {
        return Err(Error::LinkLoop {
            path: path.escape_ascii().to_string(),
            hops: u32::try_from(above.len()).unwrap_or(u32::MAX),
        });
    }
    above.push(number);
    let mut entries = image.list(inode)?;
    entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    let length = path.len();
    for entry in &entries {
        path.push(b'/');
        path.extend_from_slice(&entry.name);
        if !IMPORTERS.contains(&path.as_slice()) {
            let inode = image.inode(entry)?;
            add(image, &inode, path, hash)?;
            if inode.kind() == Kind::Directory {
                directory(image, &inode, path, above, hash)?;
            }
        }
        path.truncate(length);
    }
    above.pop();
    Ok(())
}

fn add<R: ReadAt>(
    image: &Squashfs<R>,
    inode: &Inode,
    path: &[u8],
    hash: &mut Sha256,
) -> Result<()> {
    let (mut size, mut time, mut target) = (0, inode.mtime(), Vec::new());
    let letter = match inode.kind() {
        Kind::File => {
            size = inode.size();
            b'f'
        }
        Kind::Directory => {
            time = 0;
            b'd'
        }
        Kind::Symlink => {
            target = image.read_link(inode)?;
            b'l'
        }
        Kind::BlockDevice => b'b',
        Kind::CharDevice => b'c',
        Kind::Fifo => b'p',
        Kind::Socket => b's',
    };
    hash.update((path.len() as u64).to_le_bytes());
    hash.update(path);
    hash.update([letter]);
    hash.update(size.to_le_bytes());
    hash.update(time.to_le_bytes());
    hash.update((target.len() as u64).to_le_bytes());
    hash.update(&target);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn id(name: &str) -> String {
        let path = format!("{}/fixtures/carriers/{name}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).unwrap();
        tree_id(&Squashfs::open(bytes, &Limits::default()).unwrap()).unwrap()
    }

    #[test]
    fn another_compressor_is_the_same_tree() {
        let one = id("a-vllm-release.gzip.sqsh");
        for other in ["zstd-b1M", "xz", "lz4", "default-lzo-noD"] {
            assert_eq!(id(&format!("a-vllm-release.{other}.sqsh")), one, "{other}");
        }
    }

    #[test]
    fn another_image_is_another_tree() {
        assert_ne!(id("a-vllm-release.gzip.sqsh"), id("e-derived.sqsh"));
    }
}
