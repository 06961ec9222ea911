//! What an answer states, as pairs that can be compared.

use std::collections::BTreeMap;

use serde_json::Value;
use sqsh_prov::provenance::{Ancestor, Origin, Provenance};

/// What is stated: a field, and its value.
pub type Stated = BTreeMap<String, String>;

/// Everything that an answer states about the image. How sure it is, where it was read and
/// what is known of the file on this disk is left out.
pub fn stated(document: &Provenance) -> Stated {
    let mut out = stated_of(&document.origin, &document.lineage);
    let Ok(value) = serde_json::to_value(document) else {
        return out;
    };
    for section in ["environment", "labels", "runtime", "os"] {
        flatten(section, &value[section], &mut out);
    }
    for package in &document.packages {
        out.insert(
            format!("packages.{}", package.path),
            format!("{} {}", package.name, package.version),
        );
    }
    out
}

/// What is stated of where the image comes from.
pub fn stated_of(origin: &Origin, lineage: &[Ancestor]) -> Stated {
    let mut out = Stated::new();
    if let Ok(value) = serde_json::to_value(origin) {
        flatten("origin", &value, &mut out);
    }
    for key in ["origin.reasons", "origin.confidence", "origin.pull.notes"] {
        out.retain(|field, _| !field.starts_with(key));
    }
    // Nothing to pull is how it is said that nothing is known.
    if origin.pull.reference.is_none() {
        out.retain(|field, _| !field.starts_with("origin.pull"));
    }
    for base in lineage {
        let name = base.publisher.as_deref().or(base.product.as_deref());
        let path = format!("lineage.{}", name.unwrap_or_default());
        if let Ok(value) = serde_json::to_value(base) {
            flatten(&path, &value, &mut out);
        }
    }
    // These are how it is said that nothing is known.
    out.retain(|field, value| {
        !matches!(
            (field.as_str(), value.as_str()),
            ("origin.kind", "\"unknown\"")
                | (
                    "origin.moving"
                        | "origin.prerelease"
                        | "origin.modified_after_import"
                        | "origin.commit.dirty",
                    "false"
                )
        )
    });
    out
}

fn flatten(path: &str, value: &Value, out: &mut Stated) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                flatten(&format!("{path}.{key}"), value, out);
            }
        }
        Value::Null => {}
        Value::Array(values) if values.is_empty() => {}
        other => {
            out.insert(path.to_owned(), other.to_string());
        }
    }
}

/// Fields that an answer states otherwise than the intact image's, or states alone. What is said
/// less precisely is not said otherwise.
pub fn changed(intact: &Stated, now: &Stated) -> Vec<String> {
    let differs = |(field, value): &(&String, &String)| match intact.get(*field) {
        Some(was) => *was != **value && !is_shorter(field, was, value),
        None => true,
    };
    now.iter()
        .filter(differs)
        .map(|(field, _)| field.clone())
        .collect()
}

/// An abbreviated commit, a version without its local part, a package's name for its product's, a
/// product without its variant.
fn is_shorter(field: &str, was: &str, now: &str) -> bool {
    let short = now.trim_end_matches('"');
    match field {
        "origin.product" => was.to_lowercase().starts_with(&short.to_lowercase()),
        "origin.commit.full" => now == "false",
        "origin.commit.id" | "origin.version" => was.starts_with(short) && short.len() > 5,
        _ => false,
    }
}

/// Fields of the intact image's answer that are no longer stated.
pub fn lost(intact: &Stated, now: &Stated) -> Vec<String> {
    intact
        .keys()
        .filter(|field| !now.contains_key(*field))
        .cloned()
        .collect()
}
