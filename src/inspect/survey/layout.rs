//! Reads every image of an OCI layout, in a directory or a tar archive, or of a docker archive.

use std::collections::HashMap;

use super::parts::{arguments, as_given, losses, warn};
use crate::carriers::{Facts, NamedBy, buildinfo, oci_config, slsa};
use crate::image::json;
use crate::image::oci::{
    Chosen, LevelKind, Store, Surveyed, archive, is_archive, is_layout, survey,
};
use crate::inspect::archive as of_tar;
use crate::inspect::error::{Error, FormError};
use crate::inspect::input::Input;
use crate::inspect::layout;
use crate::inspect::opened::Context;
use crate::lint::survey::{Image, Known, Survey};
use crate::provenance::{self, Format};

pub(super) fn of_directory(input: &Input, context: &Context) -> Result<Survey, Error> {
    let root = input.root(&context.limits)?;
    of_layout(&root, Format::OciLayout, input, context)
}

pub(super) fn of_skopeo(input: &Input, context: &Context) -> Result<Survey, Error> {
    let directory = layout::directory(input, &context.limits)?;
    of_layout(&directory, Format::SkopeoDir, input, context)
}

pub(super) fn of_archive(input: &Input, context: &Context) -> Result<Survey, Error> {
    let limits = &context.limits;
    let store = of_tar::store(input, context)?;
    // Since version 25, an archive of docker save is also a layout, with annotations.
    if is_layout(&store) {
        let format = match is_archive(&store) {
            true => Format::DockerArchive,
            false => Format::OciArchive,
        };
        let mut survey = of_layout(&store, format, input, context)?;
        if is_archive(&store)
            && let Ok(saved) = archive(&store, limits)
        {
            let names = saved.names.iter().map(|name| {
                let carrier = "docker-archive";
                let path = &name.path;
                oci_config::Place { carrier, path }.pair("", &name.key, &name.value)
            });
            let names: Vec<_> = names.collect();
            let images = survey.images.iter_mut();
            for named in images.filter_map(|image| image.facts.named.as_mut()) {
                named.names.splice(0..0, names.iter().cloned());
            }
        }
        return Ok(survey);
    }
    if !is_archive(&store) {
        return Err(input.error(FormError::Other(of_tar::NO_IMAGE.to_owned())));
    }
    let saved = archive(&store, limits).map_err(|error| input.error(error))?;
    let mut survey = as_given(Format::DockerArchive.into());
    let known = Known {
        configuration: true,
        ..Known::default()
    };
    let image = image(&mut survey, saved, NamedBy::Daemon, known, input)?;
    survey.images.push(image);
    Ok(survey)
}

fn of_layout(
    store: &dyn Store,
    format: Format,
    input: &Input,
    context: &Context,
) -> Result<Survey, Error> {
    let found = survey(store, &context.limits).map_err(|error| input.error(error))?;
    let mut survey = as_given(format.into());
    let several = found.images.len() > 1;
    let mut groups = HashMap::new();
    for Surveyed {
        platform,
        image: chosen,
    } in found.images
    {
        let known = Known {
            configuration: true,
            manifest: true,
            index: true,
        };
        let next = groups.len();
        let group = *groups.entry(group(&chosen)).or_insert(next);
        let mut image = image(&mut survey, chosen, NamedBy::Layout, known, input)?;
        image.group = group;
        let name = platform.map(|platform| platform.to_string());
        image.name = name.filter(|_| several);
        survey.images.push(image);
    }
    for digest in found.absent {
        let text = format!("the manifest {digest} is missing; nothing is reported about it");
        warn(&mut survey, "platform-absent", text);
    }
    Ok(survey)
}

/// Returns what the platforms of one image have in common: the index that lists them, and their name, since a
/// layout's own index lists whole images.
fn group(chosen: &Chosen) -> (String, String) {
    let index = innermost(chosen).unwrap_or_default();
    let entry = chosen.levels.iter().rev();
    let entry = entry.filter(|level| level.kind == LevelKind::Descriptor && level.path == index);
    let is_name = |key: &str| key.ends_with("image.ref.name") || key == "io.containerd.image.name";
    let names = entry.flat_map(|level| &level.annotations);
    let names = names.filter(|(key, _)| is_name(key));
    let names: Vec<&str> = names.map(|(_, value)| value.as_str()).collect();
    (index, names.join(" "))
}

fn innermost(chosen: &Chosen) -> Option<String> {
    let mut levels = chosen.levels.iter().rev();
    let index = levels.find(|level| level.kind == LevelKind::Index);
    index.map(|level| level.path.clone())
}

fn image(
    survey: &mut Survey,
    chosen: Chosen,
    by: NamedBy,
    known: Known,
    input: &Input,
) -> Result<Image, Error> {
    let config = chosen.config.clone();
    let path = chosen.config_path.clone();
    let statements = chosen.attached.statements.clone();
    let index = innermost(&chosen);
    let mut file = provenance::File::default();
    let facts = layout::facts(chosen, by, &mut file).map_err(|error| input.error(error))?;
    let mut image = of_config(survey, facts, &config, &path);
    attest(&mut image, &statements);
    image.index = index;
    image.known = known;
    Ok(image)
}

/// Adds an image with the fields of its configuration other than environment and labels.
pub(super) fn of_config(survey: &mut Survey, mut facts: Facts, config: &[u8], path: &str) -> Image {
    losses(survey, &mut facts);
    let mut image = Image {
        facts,
        fields: oci_config::fields(config).unwrap_or_default(),
        ..Image::default()
    };
    let document: serde_json::Map<String, serde_json::Value> =
        json::parse(config).unwrap_or_default();
    for key in buildinfo::CONFIG_KEYS {
        let Some(value) = document.get(key) else {
            continue;
        };
        match buildinfo::parse_value(value, path, key) {
            Ok(build) => {
                arguments(&mut image, &build);
                image.buildinfo.push(build);
            }
            Err(error) => {
                let text = format!("{key} cannot be read: {error}");
                warn(survey, "malformed-document", text);
            }
        }
    }
    image
}

/// Adds the facts of the statements that are attached to an image. Errors become losses.
fn attest(image: &mut Image, statements: &[(String, Vec<u8>)]) {
    for (path, bytes) in statements {
        if let Ok(Some(statement)) = slsa::parse(bytes, path) {
            image.predicates.push(statement.predicate);
            arguments(image, &statement.build);
            image.attested.push(statement.build);
        }
    }
}
