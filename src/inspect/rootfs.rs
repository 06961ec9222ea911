//! Reads a directory with a root file system.

use super::error::{Error, FormError};
use super::input::Input;
use super::opened::{Context, Opened, Reads};
use crate::carriers::collect;
use crate::image::Image as _;
use crate::provenance::Format;

/// Directories of a root file system; each has at least one of them.
const MARKS: [&[u8]; 3] = [b"etc", b"usr", b".singularity.d"];

pub(super) fn open<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let root = input.root(&context.limits)?;
    let entries = root.list(b"/");
    let entries = entries.map_err(|error| input.error(FormError::Other(error.to_string())))?;
    let is_mark = |name: &[u8]| MARKS.contains(&name);
    if !entries.iter().any(|entry| is_mark(entry.name)) {
        return Err(input.error(FormError::Other(
            "it is a directory with neither a root file system nor an OCI layout in it; give an image file or the directory of a container; `sqsh-prov audit DIR` takes a directory of images".to_owned(),
        )));
    }
    let facts = collect(&root, &context.wanted, &context.limits);
    Ok(Opened {
        file: input.describe(Format::Rootfs),
        facts,
        reads: Reads::of(&root),
        again: Some(Box::new(|limits| {
            let root = input.root(limits).map_err(|error| error.to_string())?;
            Ok(Box::new(root))
        })),
        ..Opened::default()
    })
}
