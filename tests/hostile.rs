//! What the images of `fixtures/hostile` say, and what is said of them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fixture of another shape fails the test"
)]

mod squashfs_support;
mod support;

use sqsh_prov::carriers::{Facts, collect};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::limits::Limits;
use sqsh_prov::{Inspector, Options};
use squashfs_support::open_fixture;
use support::{fixture, manifest};

fn facts(file: &str) -> Facts {
    let image = open_fixture(&fixture("hostile", file), 0, &Limits::default());
    let contracts = Contracts::built_in().unwrap();
    collect(&image, &contracts.wanted(), &Limits::default())
}

#[test]
fn the_line_is_readable_only_where_an_importer_can_have_written_it() {
    let mut checked = 0;
    for image in manifest("hostile") {
        let file = image["file"].as_str().unwrap();
        let Some(readable) = image["expected"]["readable"].as_bool() else {
            continue;
        };
        checked += 1;
        let import = facts(file).import.unwrap();
        let line = import.uri.unwrap().value;
        assert_eq!(line, image["expected"]["provenance_line"], "{file}");
        assert_eq!(import.unreadable.is_none(), readable, "{file}");
    }
    assert!(checked >= 2, "{checked}");
}

#[test]
fn a_line_that_cannot_be_read_is_never_official() {
    for image in manifest("hostile") {
        let file = image["file"].as_str().unwrap();
        let inspector = Inspector::new(Options::default()).unwrap();
        let document = inspector.inspect(&fixture("hostile", file)).unwrap();
        assert_ne!(document.origin.official, Some(true), "{file}");
    }
}

#[test]
fn a_damaged_importers_file_is_read_and_its_damage_is_said() {
    for image in manifest("hostile") {
        let (file, expected) = (image["file"].as_str().unwrap(), &image["expected"]);
        let Some(code) = expected["loss"].as_str() else {
            continue;
        };
        let facts = facts(file);
        let loss = facts.losses.iter().find(|loss| loss.code == code);
        assert!(
            loss.is_some_and(|loss| loss.partial),
            "{file}: {:?}",
            facts.losses
        );
        if let Some(labels) = expected["labels"].as_u64() {
            assert_eq!(facts.labels.len() as u64, labels, "{file}");
            assert_eq!(
                Some(facts.environment.len() as u64),
                expected["variables"].as_u64()
            );
            assert!(facts.environment_ordered && facts.entrypoint.is_some());
        }
    }
}

/// `python3.12` in `/usr/local/lib`, and `lib` in `/usr`: a byte of a name hides all packages.
#[test]
fn what_a_damaged_name_hides_is_never_hidden_in_silence() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("image.sqsh");
    let inspector = Inspector::new(Options::default()).unwrap();
    let source = fixture("classification", "06-vllm-ci-postmerge.sqsh");
    let intact = inspector.inspect(&source).unwrap();
    assert!(!intact.is_partial() && !intact.packages.is_empty());
    let bytes = std::fs::read(&source).unwrap();
    // Where a compressed table has the start of the name as it is.
    let places = bytes.windows(2).enumerate();
    let places = places.filter(|(_, part)| *part == b"py");
    let mut checked = 0;
    for (at, _) in places {
        let mut image = bytes.clone();
        image[at..at + 2].copy_from_slice(b"\x01\x01");
        std::fs::write(&path, image).unwrap();
        let Ok(document) = inspector.inspect(&path) else {
            continue;
        };
        if document.packages.is_empty() {
            checked += 1;
            assert!(document.is_partial(), "byte {at}");
        }
    }
    assert!(checked > 0);
}
