//! Reads a tar archive with an OCI layout, or of `docker save`.

use super::begun::Headed;
use super::error::{Error, FormError};
use super::input::Input;
use super::layout;
use super::opened::{Context, Opened};
use crate::image::detect::{Compression, Form};
use crate::image::oci::{Archive, archive, is_archive, is_layout};
use crate::provenance::Format;

/// The error for another tar archive.
pub(super) const NO_IMAGE: &str = "it is a tar archive, but neither an OCI layout nor an archive of docker save; a root file system in a tar archive is not read: unpack it and give the directory";

fn compression(input: &Input) -> Compression {
    match input.form {
        Form::Tar(compression) => compression,
        _ => Compression::None,
    }
}

/// Opens the files of an archive.
pub(super) fn store<'i>(input: &'i Input, context: &Context) -> Result<Archive<&'i Headed>, Error> {
    let opened = Archive::open(input.file()?, compression(input), &context.limits);
    opened.map_err(|error| input.error(error))
}

pub(super) fn open<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let source = input.file()?;
    let compression = compression(input);
    let limits = &context.limits;
    let store = store(input, context)?;
    let saved = is_archive(&store)
        .then(|| archive(&store, limits))
        .transpose()
        .map_err(|error| input.error(error))?;
    let format = match &saved {
        Some(_) => Format::DockerArchive,
        None => Format::OciArchive,
    };
    let chosen = if is_layout(&store) {
        let (mut chosen, differ) = layout::choose(input, &store, context)?;
        // Docker 25 and later write both; Docker's own file has the names.
        if let Some(saved) = saved.filter(|saved| saved.config_path == chosen.config_path) {
            chosen.names = saved.names;
        }
        (chosen, differ)
    } else if let Some(saved) = saved {
        (saved, None)
    } else {
        return Err(input.error(FormError::Other(NO_IMAGE.to_owned())));
    };
    let reads = source.reads();
    layout::opened(input, chosen, format, reads, context, move |limits| {
        Archive::open(source, compression, limits).map_err(|error| error.to_string())
    })
}
