//! Reads JSON: a configuration, the output of `docker inspect`, an index or manifest alone, a
//! build's metadata file, a bake file.

use std::borrow::Cow;

use serde_json::Value;

use super::layout::of_config;
use super::parts::{arguments, as_given, bytes, name, warn};
use super::text::bake;
use crate::carriers::oci_config::Place;
use crate::carriers::{Facts, ImageNames, NamedBy, metadata_file};
use crate::image::json;
use crate::image::oci::Platform;
use crate::inspect::error::{Error, FormError};
use crate::inspect::input::Input;
use crate::inspect::json as of_image;
use crate::inspect::opened::Context;
use crate::lint::source::is_bake_json;
use crate::lint::survey::{Form, Image, Known, Survey};
use crate::provenance::Format;

/// The most entries of an index that are read.
const MAX_ENTRIES: usize = 1024;

pub(super) fn survey(input: &Input, context: &Context) -> Result<Survey, Error> {
    let bytes = bytes(input, context.limits.json_file, "json_file")?;
    let other = |error: &dyn std::fmt::Display| input.error(FormError::Other(error.to_string()));
    let bytes = of_image::decoded(bytes);
    let document: Value = json::parse(&bytes).map_err(|error| other(&error))?;
    let has = |key: &str| document.get(key).is_some();
    let path = name(input);
    if has("manifests") {
        return Ok(index(&document, &path));
    }
    if has("layers") && has("config") {
        return Ok(manifest(&document, &path));
    }
    if is_bake_json(&document) {
        return bake(&String::from_utf8_lossy(&bytes), input, context);
    }
    let metadata = metadata_file::parse(&bytes, &path).map_err(|error| other(&error))?;
    if let Some(targets) = metadata {
        let mut survey = as_given(Format::BuildMetadata.into());
        for (group, target) in targets.into_iter().enumerate() {
            built(&mut survey, target, group);
        }
        return Ok(survey);
    }
    let opened = of_image::open(input, context)?;
    let form = opened.file.format;
    let mut survey = as_given(form.into());
    let inner = match (form, &document) {
        // The output of inspect for one image is a list with one element.
        (Format::Inspect, Value::Array(list)) => list.first().map(ToString::to_string),
        (Format::Inspect, other) => Some(other.to_string()),
        _ => None,
    };
    let config = inner.map_or(bytes, |text| Cow::Owned(text.into_bytes()));
    let mut image = of_config(&mut survey, opened.facts, &config, &path);
    let mut annotations = image.facts.annotations.iter();
    image.known = Known {
        configuration: true,
        // podman prints the annotations of the manifest; docker prints none.
        manifest: annotations.any(|pair| pair.source.carrier == "oci-manifest"),
        index: false,
    };
    survey.images.push(image);
    Ok(survey)
}

/// Adds the annotations of a document or entry.
fn annotate(facts: &mut Facts, of: &Value, carrier: &str, path: &str) {
    let place = Place { carrier, path };
    let annotations = of.get("annotations").and_then(Value::as_object);
    for (key, value) in annotations.into_iter().flatten() {
        let text = value.as_str().map(str::to_owned);
        let text = text.unwrap_or_else(|| value.to_string());
        facts.annotations.push(place.pair("", key, &text));
    }
}

/// Returns the survey of an index alone: its annotations, and those of its entries.
fn index(document: &Value, path: &str) -> Survey {
    let mut survey = as_given(Form::ImageIndex);
    let entries = document.get("manifests").and_then(Value::as_array);
    let text = |entry: &Value, pointer: &str| -> Option<String> {
        entry.pointer(pointer)?.as_str().map(str::to_owned)
    };
    for entry in entries.into_iter().flatten().take(MAX_ENTRIES) {
        let system = text(entry, "/platform/os").unwrap_or_default();
        let architecture = text(entry, "/platform/architecture").unwrap_or_default();
        let reference = entry.pointer("/annotations/vnd.docker.reference.type");
        if reference.is_some() || system == "unknown" || architecture == "unknown" {
            continue;
        }
        let platform = Platform {
            os: system,
            architecture,
            variant: text(entry, "/platform/variant"),
        };
        let mut facts = Facts::default();
        annotate(&mut facts, document, "oci-index", path);
        annotate(&mut facts, entry, "oci-descriptor", path);
        let known = entry.get("platform").is_some();
        survey.images.push(Image {
            name: known.then(|| platform.to_string()),
            facts,
            index: Some(path.to_owned()),
            known: Known {
                index: true,
                ..Known::default()
            },
            ..Image::default()
        });
    }
    if entries.is_some_and(|entries| entries.len() > MAX_ENTRIES) {
        survey.partial = true;
        let text = format!(
            "the index names more than {MAX_ENTRIES} manifests; the others were not looked at"
        );
        warn(&mut survey, "over-limit", text);
    }
    survey
}

/// Returns the survey of a manifest alone: its annotations.
fn manifest(document: &Value, path: &str) -> Survey {
    let mut survey = as_given(Form::ImageManifest);
    let mut facts = Facts::default();
    annotate(&mut facts, document, "oci-manifest", path);
    survey.images.push(Image {
        facts,
        known: Known {
            manifest: true,
            ..Known::default()
        },
        ..Image::default()
    });
    survey
}

/// Adds one target of a build: its names, and its build arguments.
fn built(survey: &mut Survey, target: metadata_file::Target, group: usize) {
    let facts = Facts {
        named: Some(ImageNames {
            names: target.names,
            by: NamedBy::Layout,
            ..ImageNames::default()
        }),
        digests: target.digests,
        ..Facts::default()
    };
    let mut image = Image {
        name: target.name,
        group,
        facts,
        ..Image::default()
    };
    for (_, build) in target.builds {
        arguments(&mut image, &build);
        image.attested.push(build);
    }
    survey.images.push(image);
}
