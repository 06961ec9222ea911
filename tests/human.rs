//! What a person reads about real images: the main kinds, and the evidence of the hardest.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that is not there fails the test"
)]

mod support;

use sqsh_prov::provenance::PathText;
use sqsh_prov::report::human::{Human, render};
use sqsh_prov::{Inspector, Options};
use support::fixture;

fn page(directory: &str, file: &str, evidence: bool) -> String {
    let inspector = Inspector::new(Options::default()).unwrap();
    let mut document = inspector.inspect(&fixture(directory, file)).unwrap();
    // Where the sources lie is not part of what is shown.
    document.file.path = PathText::Text(file.to_owned());
    let human = Human {
        width: if evidence { 120 } else { 100 },
        colour: false,
        evidence,
        packages: false,
        history: false,
        environment: false,
        labels: false,
    };
    render(&document, &human)
}

#[test]
fn each_kind_reads_well() {
    for (directory, file) in [
        ("classification", "01-vllm-release.sqsh"),
        ("classification", "03-vllm-nightly.sqsh"),
        ("classification", "05-vllm-staging.sqsh"),
        ("classification", "06-vllm-ci-postmerge.sqsh"),
        ("classification", "08-vllm-preview-official-repo.sqsh"),
        ("classification", "13d-control-pristine-mirror.sqsh"),
        ("classification", "14-dynamo-vllm-runtime.sqsh"),
        ("classification", "25a-metadata-action-pr.sqsh"),
        ("classification", "32a-detached-head.sqsh"),
        ("classification", "41-container-save.sqsh"),
        ("carriers", "e-derived.sqsh"),
        ("carriers", "j-bare.sqsh"),
        ("carriers", "i-nasty.sqsh"),
        ("carriers", "m4-symlink-loop.sqsh"),
    ] {
        insta::assert_snapshot!(format!("kind_{file}"), page(directory, file, false));
    }
}

#[test]
fn the_evidence_of_the_hardest_images_reads_well() {
    for (directory, file) in [
        ("classification", "42-env-label-conflict.sqsh"),
        ("classification", "17-bf-vllm-fork.sqsh"),
        ("classification", "24b-ubi9-child-inherited-vcs-ref.sqsh"),
        ("classification", "14-dynamo-vllm-runtime.sqsh"),
        ("carriers", "n2-start-rw-export.sqsh"),
    ] {
        insta::assert_snapshot!(format!("evidence_{file}"), page(directory, file, true));
    }
}
