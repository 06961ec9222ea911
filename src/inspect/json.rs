//! Reads JSON: the configuration of an image, or the output of `docker inspect`.

use std::borrow::Cow;

use super::builds;
use super::error::{Error, FormError, shown};
use super::input::Input;
use super::opened::{Context, Opened};
use crate::carriers::buildinfo;
use crate::carriers::inspect_output::{self, InspectError, Inspected};
use crate::carriers::metadata_file::{self, Target};
use crate::carriers::oci_config::{self, Place};
use crate::carriers::{Facts, ImageNames, Loss, NamedBy};
use crate::image::oci::{Platform, sha256};
use crate::limits::Limits;
use crate::provenance::Format;

/// Returns the JSON of an input.
fn read<'i>(input: &'i Input, limits: &Limits) -> Result<Cow<'i, [u8]>, Error> {
    let limit = limits.json_file;
    let bytes = input.bytes(limit, |size| {
        format!("it is JSON of {size} bytes, which is over the limit json_file of {limit} bytes")
    })?;
    Ok(decoded(bytes))
}

/// Returns the targets in a build's record; none for JSON of another kind.
pub(super) fn targets(input: &Input, limits: &Limits) -> Result<Vec<Target>, Error> {
    let bytes = read(input, limits)?;
    let found = metadata_file::parse(&bytes, &shown(&input.path));
    Ok(found.ok().flatten().unwrap_or_default())
}

pub(super) fn open<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let bytes = read(input, &context.limits)?;
    let name = shown(&input.path);
    let place = Place {
        carrier: "oci-config",
        path: &name,
    };
    // The output of inspect is a list with keys in capitals.
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
        let digest = place.pair("", "config", &sha256(&bytes));
        facts.digests.push(digest);
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
        reads: input.reads().unwrap_or_default(),
        ..Opened::default()
    })
}

/// Decodes JSON in base64, as in an image's configuration.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    let text = std::str::from_utf8(bytes).ok();
    let encoded = text.filter(|text| text.trim_start().starts_with("eyJ"));
    match encoded.and_then(buildinfo::decode) {
        Some(json) => Cow::Owned(json),
        None => Cow::Borrowed(bytes),
    }
}

/// Returns the facts about the only target of a metadata file, or about the requested one.
fn built(
    input: &Input,
    targets: Vec<Target>,
    context: &Context,
    facts: &mut Facts,
) -> Result<(), Error> {
    let several = targets.len() > 1;
    let target = one(targets, context.target.as_deref()).map_err(|error| input.error(error))?;
    let asked = context.platform.as_ref();
    let chosen = builds::for_platform(&target, asked, &Platform::host(), &mut facts.losses);
    let (builds, platform) = chosen.map_err(|error| input.error(error))?;
    facts.builds = builds;
    facts.platform = platform.map(|platform| platform.to_string());
    let digest = target.digests.iter().find(|pair| pair.key != "config");
    facts.named = Some(ImageNames {
        digest: digest.cloned(),
        by: NamedBy::Layout,
        names: target.names,
        ..ImageNames::default()
    });
    facts.digests = target.digests;
    facts.annotations = target.annotations;
    facts.target = target.name.filter(|_| several);
    Ok(())
}

/// Returns the requested target, or the only one.
fn one(mut targets: Vec<Target>, wanted: Option<&str>) -> Result<Target, FormError> {
    let count = targets.len();
    let names = targets.iter().filter_map(|target| target.name.as_deref());
    let names = names.take(8).collect::<Vec<_>>().join(", ");
    if wanted.is_some() {
        targets.retain(|target| target.name.as_deref() == wanted);
    }
    <[Target; 1]>::try_from(targets).map(|[target]| target).map_err(|_| {
        FormError::Other(match wanted {
            Some(wanted) if names.is_empty() => {
                format!("it has no target {wanted}: it names no targets")
            }
            Some(wanted) => format!("it has no target {wanted}; its targets are {names}"),
            None => format!(
                "it is the metadata file of {count} targets ({names} …); say which with --target, or give it with --sidecar beside an image"
            ),
        })
    })
}

fn inspected(found: Inspected, facts: &mut Facts) {
    found.configuration.into_facts(facts);
    facts.annotations = found.annotations;
    if found.container {
        facts.environment_ordered = false;
        facts.losses.push(Loss::minor(
            "inspected-container",
            "this is a container, not an image: variables may have been added when it was started; inspect its image",
        ));
    }
    if !found.command {
        (facts.entrypoint, facts.cmd) = (None, None);
    }
    facts.digests = found.digests;
    let names = match found.names.is_empty() {
        true => found.pinned.clone(),
        false => found.names,
    };
    facts.named = Some(ImageNames {
        names,
        pinned: found.pinned,
        by: found.by,
        ..ImageNames::default()
    });
}

/// Returns an error that names the kind of JSON, if it is not an image's.
fn other(bytes: &[u8]) -> FormError {
    let has = |key: &str| {
        let key = format!("\"{key}\"");
        bytes.windows(key.len()).any(|part| part == key.as_bytes())
    };
    let what = if has("sqsh-prov-stamp/1") {
        "it is a stamp of build-args; give it with lint --expect"
    } else if has("sqsh-prov/1") {
        "it is the output of show --format json; give the image, or give this file to diff"
    } else if has("manifests") {
        "it is an index of images; give the layout that it belongs to"
    } else if has("layers") {
        "it is an image's manifest; give the layout that it belongs to"
    } else if has("predicateType") || has("payloadType") {
        "it is a statement about an image; give it with --sidecar beside the image"
    } else {
        "it is JSON, but not an image's configuration, a build's metadata file, or the output of docker inspect"
    };
    FormError::Other(what.to_owned())
}
