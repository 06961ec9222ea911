//! The images of `fixtures/oci`, and some of the other directories.

use std::path::PathBuf;

use sqsh_prov::lint::Document;
use sqsh_prov::{Inspector, Options};

fn fixture(name: &str) -> Document {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    let inspector = Inspector::new(Options::default()).unwrap();
    inspector.lint(&path, None).unwrap()
}

/// `code key` of each finding.
fn found(name: &str) -> Vec<String> {
    let document = fixture(name);
    let findings = document.findings.unwrap().into_iter();
    findings
        .map(|finding| match finding.key {
            Some(key) => format!("{} {key}", finding.code),
            None => finding.code,
        })
        .collect()
}

#[test]
fn the_merge_of_several_nodes_loses_index_annotations() {
    const NUMBER: &str = "annotation-only vllm.buildkite.build_number";
    const ID: &str = "annotation-only vllm.buildkite.build_id";
    let whole = found("oci/i-layout-two-platform");
    assert_eq!(whole, [ID, NUMBER]);
    assert_eq!(found("oci/vii-oci-archive-two-platform.tar"), whole);
    let merged = found("oci/ii-layout-multi-node-no-index-annotations");
    assert_eq!(merged, ["annotations-not-on-index", ID, NUMBER]);
}

#[test]
fn the_finding_has_the_command_that_mends_it() {
    let document = fixture("oci/ii-layout-multi-node-no-index-annotations");
    let finding = &document.findings.as_ref().unwrap()[0];
    let command = finding.command.as_ref().unwrap();
    assert_eq!(command[..4], ["docker", "buildx", "imagetools", "create"]);
    assert_eq!(
        command[4..],
        [
            "--annotation",
            "index:org.opencontainers.image.revision=9a43e5c93336380b9d912d7665ddbae4ba21db3a",
            "--annotation",
            "index:vllm.buildkite.build_id=0198f0aa-3c1d-4e52-9d6e-0a1b2c3d4e5f",
            "--annotation",
            "index:vllm.buildkite.build_number=71844",
            "-t",
            "ghcr.io/acme/server:1.4.2",
            "ghcr.io/acme/server:1.4.2"
        ]
    );
}

#[test]
fn what_only_build_records_say_is_lost() {
    assert_eq!(
        found("oci/iii-config-buildinfo-v0.json"),
        ["buildinfo-only moby.buildkit.buildinfo.v0"]
    );
    assert_eq!(
        found("oci/v-layout-slsa-v1"),
        ["attestation-only https://slsa.dev/provenance/v1"]
    );
    // Its labels name the commit.
    assert_eq!(found("oci/v-layout-slsa-v0.2"), Vec::<String>::new());
}

#[test]
fn what_a_build_says_about_itself_is_no_image_without_labels() {
    for name in [
        "oci/iv-metadata-file.json",
        "oci/iv-metadata-file-single.json",
    ] {
        assert_eq!(found(name), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn labels_of_the_base_read_as_the_images_own() {
    assert_eq!(
        found("oci/vi-docker-save-classic.tar"),
        [
            "base-labels-inherited maintainer",
            "base-labels-inherited org.opencontainers.image.ref.name"
        ]
    );
}

#[test]
fn attestations_are_no_platforms() {
    let document = fixture("oci/v-layout-slsa-v0.2");
    assert_eq!(document.input.images, ["linux/amd64", "linux/arm64/v8"]);
}

#[test]
fn images_in_files_are_judged_by_what_was_imported() {
    let has = |name: &str, code: &str| found(name).iter().any(|found| found.starts_with(code));
    assert!(!has("classification/01-vllm-release.sqsh", "no-stamp"));
    assert!(!has(
        "classification/26a-ubuntu-24.04.sqsh",
        "base-labels-inherited"
    ));
    assert!(!has(
        "classification/24a-ubi9-minimal-itself.sqsh",
        "base-labels-inherited"
    ));
    assert!(has(
        "classification/24b-ubi9-child-inherited-vcs-ref.sqsh",
        "base-labels-inherited"
    ));
    assert!(has(
        "classification/05-vllm-staging.sqsh",
        "stamp-names-staging VLLM_IMAGE_TAG"
    ));
    assert!(has(
        "classification/42-env-label-conflict.sqsh",
        "env-and-label-differ"
    ));
    assert!(has(
        "classification/38-buildx-git-labels-dirty.sqsh",
        "commit-dirty"
    ));
    assert!(has("carriers/j-bare.sqsh", "no-stamp"));
}
