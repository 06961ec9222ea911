//! Single jobs, done by this library and by backhand: a process each, as users start them.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::Path;

use backhand::kind::Kind;
use backhand::{FilesystemReader, InnerNode};
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Counted, Offset, Squashfs};

use super::Result;
use super::codecs::CODECS;

const FILES: [&str; 2] = ["/etc/environment", "/etc/rc"];

/// Prints what an importer left, and to standard error how many reads that took.
pub fn two_files(path: &Path, offset: u64) -> Result<()> {
    print_files(path, offset, &FILES)
}

/// Prints one file, likewise.
pub fn one_file(path: &Path, file: &str) -> Result<()> {
    print_files(path, 0, &[file])
}

fn print_files(path: &Path, offset: u64, files: &[&str]) -> Result<()> {
    let inner = File::open(path)?;
    let len = inner.metadata()?.len().saturating_sub(offset);
    let source = Counted::new(Offset { inner, offset, len });
    let image = Squashfs::open(&source, &Limits::default())?;
    let mut out = std::io::stdout().lock();
    for file in files {
        let inode = image.lookup(file.as_bytes())?;
        out.write_all(&image.read(&inode, 1 << 20)?)?;
    }
    out.flush()?;
    let (reads, bytes) = (source.reads(), source.bytes());
    writeln!(std::io::stderr(), "preads {reads} bytes {bytes}")?;
    Ok(())
}

/// The same by backhand, which reads every inode and directory first.
pub fn backhand(path: &Path) -> Result<()> {
    let file = BufReader::new(File::open(path)?);
    let kind = Kind::new_v4(&CODECS);
    let image = FilesystemReader::from_reader_with_offset_and_kind(file, 0, kind)?;
    let mut out = std::io::stdout().lock();
    for file in FILES {
        let node = image.files().find(|node| node.fullpath == Path::new(file));
        let Some(InnerNode::File(inner)) = node.map(|node| &node.inner) else {
            return Err(format!("{file} is missing").into());
        };
        let mut bytes = Vec::new();
        image.file(inner).reader().read_to_end(&mut bytes)?;
        out.write_all(&bytes)?;
    }
    Ok(())
}
