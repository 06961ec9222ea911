//! Reads a squashfs image in a file.

use super::error::{Error, shown};
use super::input::Input;
use super::opened::{Again, Context, Opened, timestamp};
use crate::carriers::{Facts, Loss, collect};
use crate::provenance::{self, Format};
use crate::squashfs::{AnySource, ReadAt, Squashfs};

pub(super) fn open<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let source = input.file()?;
    let mut file = input.describe(Format::Squashfs);
    let facts = read(input, Box::new(source), context, &mut file)?;
    Ok(Opened {
        file,
        facts,
        reads: source.reads(),
        again: Some(again(source)),
        ..Opened::default()
    })
}

/// Opens an image again.
pub(super) fn again<'i>(source: impl ReadAt + Clone + Sync + 'i) -> Again<'i> {
    Box::new(move |limits| {
        let source: AnySource<'i> = Box::new(source.clone());
        let image = Squashfs::open(source, limits).map_err(|error| error.to_string())?;
        Ok(Box::new(image))
    })
}

/// Reads an image from any source.
pub(super) fn read(
    input: &Input,
    source: AnySource<'_>,
    context: &Context,
    file: &mut provenance::File,
) -> Result<Facts, Error> {
    let image = Squashfs::open(source, &context.limits).map_err(|reason| Error::Image {
        path: shown(&input.path),
        reason,
    })?;
    let mut facts = collect(&image, &context.wanted, &context.limits);
    if let Err(truncated) = image.check_whole() {
        let truncated = Loss::partial("truncated", truncated.to_string());
        facts.losses.insert(0, truncated);
    }
    for damage in image.damage() {
        let damage = Loss::partial("damaged", damage.to_string());
        facts.losses.push(damage);
    }
    let superblock = image.superblock();
    file.whole = Some(image.truncated().is_none());
    file.compression = Some(superblock.compressor.name().to_owned());
    file.block_size = Some(superblock.block_size);
    file.inodes = Some(superblock.inode_count);
    // A packer without a time writes 0.
    let packed_at = Some(i64::from(superblock.packed_at)).filter(|at| *at != 0);
    file.packed_at = packed_at.and_then(timestamp);
    Ok(facts)
}
