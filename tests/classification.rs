//! Every image of `fixtures/classification` against the truth of how it was made.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a document of another shape fails the test"
)]

mod support;
#[path = "support/truth.rs"]
mod truth;

use serde_json::{Value, json};
use sqsh_prov::provenance::Kind;
use sqsh_prov::{Inspector, Options};
use support::{fixture, manifest};
use truth::actual;

fn expected(truth: &Value) -> Value {
    let lineage: Vec<Value> = truth["lineage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| json!({"publisher": a["publisher"], "ref": a["ref"], "commit": a["commit"]}))
        .collect();
    let mut expected = truth.clone();
    expected["lineage"] = json!(lineage);
    expected["commit_full"] = match truth["commit_kind"].as_str() {
        Some("full" | "internal") => json!(true),
        Some("abbreviated") => json!(false),
        _ => Value::Null,
    };
    expected
}

fn is_debatable(truth: &Value, field: &str) -> bool {
    let name = if field == "commit_full" {
        "commit"
    } else {
        field
    };
    truth["debatable"]["field"]
        .as_str()
        .is_some_and(|fields| fields.split(',').any(|f| f == name))
}

/// `any` and `any but true` leave room; everything else is exact.
fn holds(field: &str, actual: &Value, expected: &Value) -> bool {
    match (field, expected.as_str()) {
        ("official", Some("any")) => true,
        ("official", Some("any but true")) => *actual != json!(true),
        _ => actual == expected,
    }
}

/// What is wrong in the answers of an inspector for every image that `skip` does not name.
fn wrong(inspector: &Inspector, skip: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    let images = manifest("classification");
    assert_eq!(images.len(), 40);
    for image in &images {
        let file = image["file"].as_str().unwrap();
        if file.starts_with(skip) {
            continue;
        }
        let path = support::with_xattrs(image, &fixture("classification", file), directory.path());
        let document = serde_json::to_value(inspector.inspect(&path).unwrap()).unwrap();
        let truth = &image["expected"]["classification"];
        let (actual, expected) = (actual(&document), expected(truth));
        for (field, value) in actual.as_object().unwrap() {
            if is_debatable(truth, field) || holds(field, value, &expected[field]) {
                continue;
            }
            wrong.push(format!(
                "{file} {field}: {value}, expected {}",
                expected[field]
            ));
        }
    }
    wrong
}

#[test]
fn every_image_is_what_it_was_made_as() {
    let inspector = Inspector::new(Options::default()).unwrap();
    // One sha256 in RECORD is all that tells it; only hashing the files can.
    let wrong = wrong(&inspector, "13b-");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn hashing_finds_the_patched_image_and_changes_no_other() {
    let options = |deep| Options {
        deep,
        ..Options::default()
    };
    let inspector = Inspector::new(options(true)).unwrap();
    let wrong = wrong(&inspector, "none");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let shallow = Inspector::new(options(false)).unwrap();
    for image in manifest("classification") {
        let file = image["file"].as_str().unwrap();
        let path = fixture("classification", file);
        let mut with = inspector.inspect(&path).unwrap();
        let without = shallow.inspect(&path).unwrap();
        if ["13a-", "13b-"]
            .iter()
            .any(|patched| file.starts_with(patched))
        {
            // The manifest has the kind as debatable; with the patched file named it is not.
            let patched = with.conflicts.iter().any(|c| c.code == "record-mismatch");
            assert!(patched && with.origin.kind == Kind::Derived, "{file}");
            continue;
        }
        assert!(with.integrity.take().is_some(), "{file}");
        with.warnings.clone_from(&without.warnings);
        assert!(with == without, "{file}: hashing changed the answer");
    }
}
