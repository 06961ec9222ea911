//! Whatever is added to an official image, it does not stay official.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that is not there fails the test"
)]

mod support;

use std::fs::File;
use std::sync::LazyLock;

use proptest::prelude::*;
use sqsh_prov::attribution::attribute;
use sqsh_prov::carriers::{Facts, Pair, collect};
use sqsh_prov::contracts::{Contracts, any_glob};
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::Squashfs;
use support::{fixture, manifest};

static CONTRACTS: LazyLock<Contracts> = LazyLock::new(|| Contracts::built_in().unwrap());

/// The facts of every fixture whose manifest says that it is official.
static OFFICIAL: LazyLock<Vec<(String, Facts)>> = LazyLock::new(official);

fn official() -> Vec<(String, Facts)> {
    let images = manifest("classification");
    let official = images.iter().filter(|image| {
        image.pointer("/expected/classification/official") == Some(&serde_json::Value::Bool(true))
    });
    official
        .map(|image| {
            let name = image.get("file").unwrap().as_str().unwrap();
            let limits = Limits::default();
            let file = File::open(fixture("classification", name)).unwrap();
            let image = Squashfs::open(file, &limits).unwrap();
            (
                name.to_owned(),
                collect(&image, &CONTRACTS.wanted(), &limits),
            )
        })
        .collect()
}

fn is_official(facts: &Facts) -> bool {
    attribute(facts, &CONTRACTS, &[]).origin.official == Some(true)
}

/// Variables that the image's own contract, or the product line, lists as following its stamp.
fn is_listed(facts: &Facts, key: &str) -> bool {
    let publisher = attribute(facts, &CONTRACTS, &[]).origin.publisher.unwrap();
    CONTRACTS
        .all()
        .iter()
        .filter(|c| c.id == publisher || CONTRACTS.wraps(&publisher, &c.id))
        .any(|c| {
            any_glob(&c.environment.tail, key)
                || any_glob(&c.environment.anchors, key)
                || c.lines.iter().any(|line| any_glob(&line.tail, key))
        })
        || key == "LANG"
        || key.starts_with("LC_")
}

#[test]
fn the_fixtures_are_official_before_anything_is_added() {
    assert!(OFFICIAL.len() >= 10, "{}", OFFICIAL.len());
    for (name, facts) in OFFICIAL.iter() {
        assert!(is_official(facts), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_variable_more_is_not_official(key in "[A-Z][A-Z0-9_]{2,16}", value in "[ -~]{0,20}") {
        for (name, mut facts) in OFFICIAL.iter().cloned() {
            if is_listed(&facts, &key) {
                continue;
            }
            facts.environment.push(Pair { key: key.clone(), value: value.clone(), ..Pair::default() });
            prop_assert!(!is_official(&facts), "{name}: {key}={value}");
        }
    }

    #[test]
    fn a_foreign_label_is_not_official(key in "(com|org|ai|io)\\.example[a-z]{0,4}\\.[a-z.]{1,12}[a-z]", value in "[ -~]{0,20}") {
        for (name, mut facts) in OFFICIAL.iter().cloned() {
            facts.labels.push(Pair { key: key.clone(), value: value.clone(), ..Pair::default() });
            prop_assert!(!is_official(&facts), "{name}: {key}={value}");
        }
    }

    #[test]
    fn another_entrypoint_is_not_official(words in prop::collection::vec("[a-z/]{1,12}", 1..4)) {
        for (name, mut facts) in OFFICIAL.iter().cloned() {
            if facts.entrypoint.as_ref() == Some(&words) {
                continue;
            }
            facts.entrypoint = Some(words.clone());
            prop_assert!(!is_official(&facts), "{name}: {words:?}");
        }
    }

    #[test]
    fn another_repository_is_not_official(
        registry in "(registry-1\\.docker\\.io|ghcr\\.io|nvcr\\.io|registry\\.[a-z]{2,6}\\.example)",
        repository in "[a-z]{2,8}/[a-z]{2,8}",
    ) {
        for (name, mut facts) in OFFICIAL.iter().cloned() {
            let uri = facts.import.as_mut().unwrap().uri.as_mut().unwrap();
            let tag = uri.value.rsplit(':').next().unwrap().to_owned();
            uri.value = format!("docker://{registry}#{repository}:{tag}");
            let a = attribute(&facts, &CONTRACTS, &[]);
            // Another repository may be official by itself only where it is another publisher's.
            prop_assert!(a.origin.official != Some(true), "{name}: {registry}/{repository}:{tag}");
        }
    }
}
