//! A tar archive with an OCI layout in it, or with what `docker save` writes.

use super::error::{Error, FormError};
use super::input::Input;
use super::layout;
use super::opened::{Context, Opened};
use super::platforms::different_commits;
use crate::carriers::NamedBy;
use crate::image::detect::{Compression, Form};
use crate::image::oci::{Archive, archive, is_archive, is_layout, resolve};
use crate::provenance::Format;

pub(super) fn open<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let source = input.file()?;
    let compression = match input.form {
        Form::Tar(compression) => compression,
        _ => Compression::None,
    };
    let limits = &context.limits;
    let store = Archive::open(source, compression, limits).map_err(|error| input.error(error))?;
    let saved = is_archive(&store)
        .then(|| archive(&store, limits))
        .transpose()
        .map_err(|error| input.error(error))?;
    let (format, by) = match &saved {
        Some(_) => (Format::DockerArchive, NamedBy::Daemon),
        None => (Format::OciArchive, NamedBy::Layout),
    };
    let mut differ = None;
    let chosen = if is_layout(&store) {
        differ = different_commits(&store, limits);
        let mut chosen = resolve(&store, context.platform.as_ref(), limits)
            .map_err(|error| input.error(error))?;
        // Docker writes both from version 25 on; the names stand in its own file.
        if let Some(saved) = saved.filter(|saved| saved.config_path == chosen.config_path) {
            chosen.names = saved.names;
        }
        chosen
    } else if let Some(saved) = saved {
        saved
    } else {
        return Err(input.error(FormError::Other(
            "it is a tar archive, but neither an OCI layout nor what docker save writes; a root file system in a tar archive is not read: unpack it and give the directory".to_owned(),
        )));
    };
    let attached = chosen.attached.all();
    let mut file = input.describe(format);
    let facts = layout::facts(chosen, by, &mut file);
    let mut facts = facts.map_err(|error| input.error(error))?;
    facts.losses.extend(differ);
    let platform = context.platform.clone();
    Ok(Opened {
        file,
        facts,
        reads: source.reads(),
        again: None,
        attached,
        layers: Some(Box::new(move |limits| {
            let store = Archive::open(source, compression, limits);
            let store = store.map_err(|error| error.to_string())?;
            layout::layers(&store, platform.as_ref(), limits)
        })),
    })
}
