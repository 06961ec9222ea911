//! JSON: the configuration of an image, or what `docker inspect` prints about one.

use std::borrow::Cow;

use super::builds;
use super::error::{Error, FormError, shown};
use super::input::{Input, Source};
use super::opened::{Context, Opened, Reads};
use crate::carriers::buildinfo;
use crate::carriers::inspect_output::{self, InspectError, Inspected};
use crate::carriers::metadata_file::{self, Target};
use crate::carriers::oci_config::{self, Place};
use crate::carriers::{Facts, ImageNames, Loss, NamedBy};
use crate::image::oci::{Platform, sha256};
use crate::provenance::Format;
use crate::squashfs::ReadAt as _;

pub(super) fn open<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let limit = context.limits.json_file;
    let (bytes, reads) = match &input.source {
        Source::Bytes(bytes) => (Cow::Borrowed(bytes.as_slice()), Reads::default()),
        Source::File(_) | Source::Directory(_) => {
            let file = input.file()?;
            let size = file.size().map_err(|error| input.failed(error))?;
            if size > limit {
                return Err(input.error(FormError::Other(format!(
                    "it is JSON of {size} bytes, which is over the limit json_file of {limit}"
                ))));
            }
            let bytes = file.part(0, size).map_err(|error| input.failed(error))?;
            (Cow::Owned(bytes), file.reads())
        }
    };
    let bytes = decoded(bytes);
    let name = shown(&input.path);
    let place = Place {
        carrier: "oci-config",
        path: &name,
    };
    // What inspect prints is a list, and has its names in capitals.
    let is_list = bytes.trim_ascii_start().starts_with(b"[");
    let configuration = if is_list {
        None
    } else {
        oci_config::parse(&bytes, place).map_err(|error| input.error(InspectError::from(error)))?
    };
    let mut facts = Facts::default();
    let targets = if is_list || configuration.is_some() {
        None
    } else {
        metadata_file::parse(&bytes, &name).map_err(|error| input.error(FormError::Build(error)))?
    };
    let format = if let Some(targets) = targets {
        built(input, targets, context, &mut facts)?;
        Format::BuildMetadata
    } else if let Some(configuration) = configuration {
        configuration.into_facts(&mut facts);
        facts
            .digests
            .push(place.pair("", "config", &sha256(&bytes)));
        Format::ImageConfig
    } else {
        let found = inspect_output::parse(&bytes, &name).map_err(|error| match error {
            InspectError::Other => input.error(other(&bytes)),
            error => input.error(error),
        })?;
        inspected(found, &mut facts);
        Format::Inspect
    };
    Ok(Opened {
        file: input.describe(format),
        facts,
        reads,
        again: None,
        layers: None,
        attached: Vec::new(),
    })
}

/// Decodes JSON in base64, as in an image's configuration.
pub(super) fn decoded(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let text = std::str::from_utf8(&bytes).ok();
    let encoded = text.filter(|text| text.trim_start().starts_with("eyJ"));
    match encoded.and_then(buildinfo::decode) {
        Some(json) => Cow::Owned(json),
        None => bytes,
    }
}

/// What a metadata file says about its one target, or about the one that was asked for.
fn built(
    input: &Input,
    mut targets: Vec<Target>,
    context: &Context,
    facts: &mut Facts,
) -> Result<(), Error> {
    if let Some(wanted) = &context.target {
        let names: Vec<&str> = targets.iter().filter_map(|it| it.name.as_deref()).collect();
        if !names.contains(&wanted.as_str()) {
            let names = names.iter().take(8).copied().collect::<Vec<_>>().join(", ");
            let has = if names.is_empty() {
                "no names of targets"
            } else {
                &names
            };
            let text = format!("there is no target {wanted} in it; it has {has}");
            return Err(input.error(FormError::Other(text)));
        }
        targets.retain(|target| target.name.as_ref() == Some(wanted));
    }
    let target = match <[Target; 1]>::try_from(targets) {
        Ok([target]) => target,
        Err(targets) => {
            let names = targets.iter().filter_map(|target| target.name.as_deref());
            let names: Vec<&str> = names.take(8).collect();
            return Err(input.error(FormError::Other(format!(
                "it is the metadata file of {} targets ({} …); say which with --target, or give it with --sidecar beside an image",
                targets.len(),
                names.join(", ")
            ))));
        }
    };
    let asked = context.platform.as_ref();
    let chosen = builds::for_platform(&target, asked, &Platform::host(), &mut facts.losses);
    facts.builds = chosen.map_err(|error| input.error(error))?;
    let digest = target.digests.iter().find(|pair| pair.key != "config");
    facts.named = Some(ImageNames {
        digest: digest.cloned(),
        by: NamedBy::Layout,
        names: target.names,
        ..ImageNames::default()
    });
    facts.digests = target.digests;
    facts.annotations = target.annotations;
    Ok(())
}

fn inspected(found: Inspected, facts: &mut Facts) {
    found.configuration.into_facts(facts);
    facts.annotations = found.annotations;
    if found.container {
        facts.environment_ordered = false;
        facts.losses.push(Loss {
            code: "inspected-container",
            message: "this is a container, not an image: variables may have been added when it was started; inspect its image".to_owned(),
            partial: false,
        });
    }
    let names = if found.names.is_empty() {
        found.digests.clone()
    } else {
        found.names
    };
    facts.named = Some(ImageNames {
        names,
        pinned: found.digests,
        by: NamedBy::Daemon,
        ..ImageNames::default()
    });
}

/// What the JSON is, where it is no image's.
fn other(bytes: &[u8]) -> FormError {
    let has = |key: &str| {
        let key = format!("\"{key}\"");
        bytes.windows(key.len()).any(|part| part == key.as_bytes())
    };
    let what = if has("manifests") {
        "it is an index of images; give the layout that it belongs to"
    } else if has("layers") {
        "it is an image's manifest; give the layout that it belongs to"
    } else if has("predicateType") || has("payloadType") {
        "it is a statement about an image; give it with --sidecar beside the image"
    } else {
        "it is JSON, but neither an image's configuration nor what docker inspect prints about one"
    };
    FormError::Other(what.to_owned())
}
