//! Reads one file or one directory out of a squashfs 4.0 image, lazily.
//!
//! Nothing is read that is not needed, nothing in the image is believed, and nothing here knows what a container is.
//!
//! ```no_run
//! use sqsh_prov::{limits::Limits, squashfs::Squashfs};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let image = Squashfs::open(std::fs::File::open("image.sqsh")?, &Limits::default())?;
//! let environment = image.lookup(b"/etc/environment")?;
//! let text = image.read(&environment, 1 << 20)?;
//! # Ok(())
//! # }
//! ```

mod ahead;
mod bytes;
mod data;
mod decompress;
mod directory;
mod disk;
mod error;
mod foreign;
mod fragment;
mod inode;
mod kept;
mod kind;
mod lookup;
mod metadata;
mod open;
mod read_at;
mod superblock;
mod tables;
#[cfg(test)]
mod tests;
mod times;
mod touched;

pub use data::FileReader;
pub use decompress::Compressor;
pub use directory::{DirEntry, Entries};
pub use error::{Error, LooksLike, Result};
pub use inode::{Inode, Stat};
pub use kind::Kind;
pub use open::Squashfs;
pub use read_at::{Counted, Offset, Part, ReadAt};
pub use superblock::Superblock;
pub(crate) use times::ONE_IMPORT;
pub use times::Times;

pub(crate) use read_at::AnySource;
