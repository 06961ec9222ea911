//! Every form of an image: what it is taken for, what it says, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]
#[path = "../forms_support/mod.rs"]
mod forms_support;

#[path = "../support/mod.rs"]
mod support;

mod apptainer;
mod facts;
mod layers;
mod names;
mod parts;
mod refused;

use forms_support::{available, copy_directory, layout_of_platforms, run, sif, tar_of};
use serde_json::{Value, json};
use sqsh_prov::image::oci::Platform;
use sqsh_prov::{Inspector, Options};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use support::{fixture, manifest};

fn inspect_for(path: &Path, platform: Option<&str>) -> Result<Value, String> {
    let options = Options {
        platform: platform.map(|text| Platform::parse(text).unwrap()),
        ..Options::default()
    };
    let inspector = Inspector::new(options).unwrap();
    let document = inspector.inspect(path).map_err(|error| error.to_string())?;
    Ok(serde_json::to_value(document).unwrap())
}

fn inspect(path: &Path) -> Value {
    inspect_for(path, None).unwrap()
}

fn artefacts() -> Vec<Value> {
    let text = fs::read_to_string(fixture("oci", "manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    manifest["artefacts"].as_array().unwrap().clone()
}

/// `KEY=value` of a list as an object; the last one wins.
fn variables(list: &Value) -> Value {
    let pairs = list.as_array().unwrap().iter().map(|variable| {
        let (name, value) = variable.as_str().unwrap().split_once('=').unwrap();
        (name.to_owned(), json!(value))
    });
    Value::Object(pairs.collect())
}

/// The value of the evidence of a carrier for a key.
fn evidence<'d>(document: &'d Value, carrier: &str, key: &str) -> Vec<&'d str> {
    let evidence = document["evidence"].as_array().unwrap().iter();
    evidence
        .filter(|e| e["source"]["carrier"] == carrier && e["source"]["key"] == key)
        .map(|e| e["value"].as_str().unwrap())
        .collect()
}

/// Digests by level.
fn digest<'d>(document: &'d Value, level: &str) -> &'d str {
    let field = format!("digests.{level}");
    let evidence = document["evidence"].as_array().unwrap().iter();
    let mut found = evidence.filter(|e| e["field"] == field.as_str());
    found.next().unwrap()["value"].as_str().unwrap()
}
