//! Reads an OCI layout in a directory, and the parts that layouts and archives share.

use super::builds;
use super::error::{Error, FormError};
use super::input::Input;
use super::opened::{Context, Opened, Reads};
use super::platforms::different_commits;
use crate::carriers::oci_config::{self, Place};
use crate::carriers::{Facts, ImageNames, Loss, NamedBy, Pair};
use crate::image::layered::Layered;
use crate::image::oci::{
    Chosen, Directory, Level, LevelKind, OciError, Platform, Store, archive, content, files,
    is_layout, walk,
};
use crate::image::rootfs::Rootfs;
use crate::limits::Limits;
use crate::provenance::{self, Format};

/// The carrier of facts from a configuration.
const CONFIG: &str = "oci-config";

pub(super) fn open<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let root = input.root(&context.limits)?;
    let chosen = choose(input, &root, context)?;
    let reads = Reads::of(&root);
    opened(input, chosen, Format::OciLayout, reads, context, |limits| {
        input.root(limits).map_err(|error| error.to_string())
    })
}

/// Opens a directory that skopeo wrote.
pub(super) fn directory(input: &Input, limits: &Limits) -> Result<Directory<Rootfs>, Error> {
    let root = input.root(limits)?;
    Directory::open(root, limits).map_err(|error| input.error(error))
}

/// Opens a directory that skopeo wrote, for inspection.
pub(super) fn open_directory<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let store = directory(input, &context.limits)?;
    let chosen = choose(input, &store, context)?;
    let reads = Reads::of(store.files());
    opened(input, chosen, Format::SkopeoDir, reads, context, |limits| {
        directory(input, limits).map_err(|error| error.to_string())
    })
}

/// Chooses the image of a layout. The loss says if its platforms were built from different commits.
pub(super) fn choose(
    input: &Input,
    store: &dyn Store,
    context: &Context,
) -> Result<(Chosen, Option<Loss>), Error> {
    let walked = walk(store, &context.limits).map_err(|error| input.error(error))?;
    let chosen = walked.choose(context.platform.as_ref());
    let chosen = chosen.map_err(|error| input.error(error))?;
    let differ = different_commits(&walked, &chosen);
    Ok((chosen, differ))
}

/// Returns the facts of a chosen image. `again` opens its store again, to read the layers.
pub(super) fn opened<'i, S: Store + 'i>(
    input: &Input,
    (chosen, differ): (Chosen, Option<Loss>),
    format: Format,
    reads: Reads,
    context: &Context,
    again: impl Fn(&Limits) -> Result<S, String> + Copy + 'i,
) -> Result<Opened<'i>, Error> {
    let attached = chosen.attached.all();
    let mut file = input.describe(format);
    let by = match format {
        Format::DockerArchive => NamedBy::Daemon,
        _ => NamedBy::Layout,
    };
    let facts = facts(chosen, by, &mut file);
    let mut facts = facts.map_err(|error| input.error(error))?;
    facts.losses.extend(differ);
    let platform = context.platform.clone();
    let wanted = platform.clone();
    Ok(Opened {
        file,
        facts,
        reads,
        attached,
        layers: Some(Box::new(move |limits| {
            layers(&again(limits)?, platform.as_ref(), limits)
        })),
        unpack: Some(Box::new(move |limits, keep| {
            unpack(&again(limits)?, wanted.as_ref(), limits, keep)
        })),
        ..Opened::default()
    })
}

/// Returns the content digest of the chosen image, from its layers.
fn layers(
    store: &dyn Store,
    platform: Option<&Platform>,
    limits: &Limits,
) -> Result<String, String> {
    let chosen = chosen(store, platform, limits)?;
    content(store, &chosen, limits).map_err(|error| error.to_string())
}

/// Returns the files of the chosen image, from its layers.
fn unpack(
    store: &dyn Store,
    platform: Option<&Platform>,
    limits: &Limits,
    keep: &dyn Fn(&[u8]) -> u64,
) -> Result<Layered, String> {
    let chosen = chosen(store, platform, limits)?;
    files(store, &chosen, limits, keep).map_err(|error| error.to_string())
}

fn chosen(
    store: &dyn Store,
    platform: Option<&Platform>,
    limits: &Limits,
) -> Result<Chosen, String> {
    let chosen = match is_layout(store) {
        true => walk(store, limits).and_then(|walked| walked.choose(platform)),
        false => archive(store, limits),
    };
    chosen.map_err(|error| error.to_string())
}

/// Returns the facts of the chosen image.
pub(super) fn facts(
    chosen: Chosen,
    by: NamedBy,
    file: &mut provenance::File,
) -> Result<Facts, FormError> {
    let name = &chosen.config_path;
    let place = Place {
        carrier: CONFIG,
        path: name,
    };
    let configuration = oci_config::parse(&chosen.config, place)
        .map_err(|reason| OciError::Json {
            name: name.clone(),
            reason,
        })?
        .ok_or_else(|| OciError::NoImage(format!("{name} is not an image's configuration")))?;
    let mut facts = Facts {
        platform: chosen.platform.as_ref().map(ToString::to_string),
        ..Facts::default()
    };
    configuration.into_facts(&mut facts);
    builds::attached(&chosen, &mut facts);
    annotations(&chosen.levels, &mut facts);
    if let Some(digest) = &chosen.config_digest {
        facts.digests.push(place.pair("", "config", digest));
    }
    let carrier = match by {
        NamedBy::Daemon => "docker-archive",
        NamedBy::Packer | NamedBy::Layout => LevelKind::Descriptor.carrier(),
    };
    let names = chosen.names.iter().map(|name| {
        let path = &name.path;
        Place { carrier, path }.pair("", &name.key, &name.value)
    });
    let named = chosen.levels.iter().find(|level| level.digest.is_some());
    facts.named = Some(ImageNames {
        names: names.collect(),
        digest: named.and_then(|level| Some(pair(level, "digest", level.digest.as_ref()?))),
        by,
        ..ImageNames::default()
    });
    let notes = chosen.notes.into_iter();
    let notes = notes.map(|message| Loss::minor("image-chosen", message));
    facts.losses.extend(notes);
    file.whole = Some(chosen.missing.is_empty());
    if let Some(first) = chosen.missing.first() {
        let count = chosen.missing.len();
        facts.losses.push(Loss::partial(
            "truncated",
            format!(
                "it has layers that are missing or have another size ({count}, first: {first}); copy it again"
            ),
        ));
    }
    Ok(facts)
}

fn pair(level: &Level, key: &str, value: &str) -> Pair {
    let place = Place {
        carrier: level.kind.carrier(),
        path: &level.path,
    };
    place.pair("", key, value)
}

/// Adds annotations and digests of each level, outermost first.
fn annotations(levels: &[Level], facts: &mut Facts) {
    for level in levels {
        let annotations = level.annotations.iter();
        let pairs = annotations.map(|(key, value)| pair(level, key, value));
        facts.annotations.extend(pairs);
        if let Some(digest) = &level.digest {
            let key = match level.kind {
                LevelKind::Manifest => "manifest",
                LevelKind::Index | LevelKind::Descriptor => "index",
            };
            facts.digests.push(pair(level, key, digest));
        }
    }
}
