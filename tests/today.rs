//! Images after what publishers write in autumn 2026, against the truth of how each was made.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a document of another shape fails the test"
)]

mod support;
#[path = "support/truth.rs"]
mod truth;

use serde_json::{Value, json};
use sqsh_prov::{Inspector, Options};
use support::{fixture, manifest};
use truth::actual;

/// What each image is judged by.
const FIELDS: [&str; 11] = [
    "kind",
    "official",
    "publisher",
    "commit",
    "pipeline",
    "public_ref",
    "pull",
    "as_imported",
    "derived_from",
    "moving",
    "modified_after_import",
];
/// A forgery may say of itself what it likes; what counts is that it is not official.
const FIELDS_OF_FORGERIES: [&str; 2] = ["official", "modified_after_import"];

/// The build id of NGC is a pipeline in `fixtures/classification`, and none in this manifest.
const OPEN: [(&str, &str); 1] = [("a44-ngc-vllm.sqsh", "pipeline")];

fn holds(field: &str, actual: &Value, truth: &Value) -> bool {
    let expected = &truth[field];
    match expected.as_str() {
        Some("any") if field == "official" => return true,
        Some("any but true") if field == "official" => return *actual != json!(true),
        _ => {}
    }
    let debatable = truth["debatable"]["field"].as_str().unwrap_or_default();
    let open = debatable.split(',').any(|name| name == field) && field != "official";
    let alternatives = &truth["debatable"]["alternatives"][field];
    let accepted = match alternatives.as_array() {
        Some(accepted) => accepted.contains(actual),
        None => alternatives == "any",
    };
    actual == expected || (open && accepted)
}

#[test]
fn every_image_is_what_it_was_made_as() {
    let inspector = Inspector::new(Options::default()).unwrap();
    let mut wrong = Vec::new();
    let images = manifest("today");
    assert_eq!(images.len(), 48);
    for image in &images {
        let file = image["file"].as_str().unwrap();
        let document = inspector.inspect(&fixture("today", file)).unwrap();
        let actual = actual(&serde_json::to_value(document).unwrap());
        let truth = &image["expected"]["classification"];
        let forged = image["group"] == "forged";
        let fields: &[&str] = if forged {
            &FIELDS_OF_FORGERIES
        } else {
            &FIELDS
        };
        for field in fields {
            if OPEN.contains(&(file, field)) || holds(field, &actual[field], truth) {
                continue;
            }
            wrong.push(format!(
                "{file} {field}: {}, expected {}",
                actual[field], truth[field]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
