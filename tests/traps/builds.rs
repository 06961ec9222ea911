//! Records of build tools: the image's own, the base's, or another image's.

use sqsh_prov::carriers::{Build, Facts, Pair, Sidecar};
use sqsh_prov::provenance::{Kind, Source, Status};

use crate::facts::{COMMIT, Made, OTHER};
use crate::{DIGEST, codes, commit, hub, verdict};

const SERVER: &str = "https://github.com/acme/server";
const RUN: &str = "https://github.com/acme/server/actions/runs/30011223344";
const DEBIAN: &str =
    "debian:12-slim@sha256:717ded9262e3380e459401cd68f68a4f91a454cfc41fb47f025485b3a181e1d7";

fn pair(key: &str, value: &str) -> Pair {
    Pair {
        key: key.to_owned(),
        value: value.to_owned(),
        source: Source {
            carrier: "slsa".to_owned(),
            path: Some("blobs/sha256/ab".to_owned()),
            line: None,
            key: Some(key.to_owned()),
        },
    }
}

/// A build of a commit of a repository, on Debian.
fn build(repository: &str, commit: &str) -> Build {
    Build {
        commits: vec![pair("commit", commit)],
        repositories: vec![pair("repository", repository)],
        images: vec![pair("image", DEBIAN)],
        ..Build::default()
    }
}

fn built(build: Build) -> impl FnOnce(&mut Facts) {
    move |facts| facts.builds.push(build)
}

fn acme() -> Made {
    Made::new("docker://ghcr.io#acme/server:1.4.2")
}

#[test]
fn a_record_names_commit_run_and_base_of_an_image_without_labels() {
    let mut record = build("git@github.com:acme/server.git", COMMIT);
    record.runs.push(pair("builder", RUN));
    record.reference = Some(pair("ref", "refs/tags/v1.4.2"));
    record.arguments.push(pair("build-arg:VERSION", "1.4.2"));
    let found = acme().with(built(record)).attribute();
    assert_eq!(verdict(&found), (Kind::Release, None, Some("acme")));
    assert_eq!(commit(&found), Some(COMMIT));
    let repository = found.origin.commit.unwrap().repository;
    assert_eq!(repository.as_deref(), Some(SERVER));
    let run = found.origin.pipeline.unwrap();
    assert_eq!(run.url.as_deref(), Some(RUN));
    assert_eq!(found.origin.version.as_deref(), Some("1.4.2"));
    assert_eq!(found.origin.flags["build-arg:VERSION"], "1.4.2");
    let base = &found.lineage[0];
    assert_eq!(base.reference, Some(format!("docker.io/library/{DEBIAN}")));
    assert_eq!(base.publisher.as_deref(), Some("debian"));
}

#[test]
fn a_git_tag_is_no_version_of_an_image_under_another_tag() {
    let mut record = build(SERVER, COMMIT);
    record.reference = Some(pair("ref", "refs/tags/v1.4.2"));
    let found = Made::new("docker://ghcr.io#acme/server:1.5.0")
        .with(built(record))
        .attribute();
    assert_eq!(found.origin.kind, Kind::Unknown);
    assert_eq!(found.origin.version, None);
}

#[test]
fn a_record_of_a_pull_request_is_one() {
    let mut record = build(SERVER, COMMIT);
    record.reference = Some(pair("ref", "refs/pull/7/merge"));
    assert_eq!(acme().with(built(record)).attribute().origin.kind, Kind::Pr);
}

#[test]
fn a_tree_with_changes_is_a_hand_build_whatever_the_label_says() {
    let record = build(SERVER, &format!("{COMMIT}-dirty"));
    let image = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2");
    let found = image.with(built(record)).attribute();
    assert_eq!(found.origin.kind, Kind::Local);
    let commit = found.origin.commit.unwrap();
    assert!(commit.dirty && commit.id == COMMIT);
}

#[test]
fn a_record_of_the_same_repository_counts_more_than_a_label_and_both_are_shown() {
    let image = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2");
    let found = image.with(built(build(SERVER, OTHER))).attribute();
    assert_eq!(commit(&found), Some(OTHER));
    assert_eq!(codes(&found), ["build-record-differs"]);
    let mut of_commit = found.evidence.iter();
    assert!(of_commit.any(|e| e.value == COMMIT && e.status == Status::Conflicts));
}

#[test]
fn labels_of_another_repository_are_the_bases() {
    let child = "docker://ghcr.io#zenml/child:7";
    let image = Made::metadata_action(child, "1.4.2");
    let record = build("https://github.com/zenml/child", OTHER);
    let found = image.with(built(record)).attribute();
    assert_eq!(verdict(&found), (Kind::Unknown, None, Some("zenml")));
    assert_eq!(
        (commit(&found), found.origin.version.as_deref()),
        (Some(OTHER), None)
    );
    let base = &found.lineage[0];
    assert_eq!(base.publisher.as_deref(), Some("acme"));
    assert_eq!(base.commit.as_deref(), Some(COMMIT));
    assert!(codes(&found).contains(&"build-record-differs"));
}

#[test]
fn a_mirror_of_the_repository_leaves_the_labels_their_meaning() {
    let image = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2");
    let record = build("https://gitlab.acme.example/mirror/server.git", COMMIT);
    let found = image.with(built(record)).attribute();
    assert_eq!(found.origin.kind, Kind::Release);
    assert_eq!(found.origin.version.as_deref(), Some("1.4.2"));
}

#[test]
fn a_record_in_a_label_may_be_the_bases_and_decides_nothing_under_a_stamp() {
    let mut inherited = build("https://gitlab.com/nvidia/cuda.git", OTHER);
    inherited.inheritable = true;
    let found = Made::vllm(&hub("v0.29.0"))
        .with(built(inherited.clone()))
        .attribute();
    assert_eq!(verdict(&found), (Kind::Release, Some(true), Some("vllm")));
    assert_eq!(commit(&found), Some(COMMIT));
    let labelled = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2")
        .with(built(inherited.clone()))
        .attribute();
    assert_eq!(commit(&labelled), Some(COMMIT));
    let alone = acme().with(built(inherited)).attribute();
    assert_eq!(commit(&alone), Some(OTHER));
}

#[test]
fn a_stamp_that_the_own_record_contradicts_is_inherited() {
    let official = Made::vllm(&hub("v0.29.0"));
    let own = |commit| build("https://github.com/vllm-project/vllm", commit);
    let untouched = official.clone().with(built(own(COMMIT))).attribute();
    assert_eq!(untouched.origin.official, Some(true));
    let mut child = own(COMMIT);
    child.images = vec![pair("image", "docker.io/vllm/vllm-openai:v0.29.0")];
    for record in [
        child,
        own(OTHER),
        build("https://github.com/acme/overlay", OTHER),
    ] {
        let found = official.clone().with(built(record)).attribute();
        assert_eq!(verdict(&found), (Kind::Derived, Some(false), None));
    }
}

#[test]
fn a_base_that_the_publisher_publishes_for_its_own_builds_is_no_sign() {
    let mut record = build("https://github.com/vllm-project/vllm", COMMIT);
    record.images = vec![pair("image", "vllm/vllm-openai-rocm:v0.29.0-base")];
    let found = Made::vllm(&hub("v0.29.0")).with(built(record)).attribute();
    assert_eq!(found.origin.official, Some(true));
}

#[test]
fn a_stamp_keeps_its_reference_and_gets_the_digest_of_its_base() {
    let image = Made::vllm(&hub("v0.29.0"))
        .env("DYNAMO_COMMIT_SHA", OTHER)
        .imported("docker://nvcr.io#nvidia/ai-dynamo/vllm-runtime:1.3.0");
    let mut record = build("https://github.com/ai-dynamo/dynamo", OTHER);
    let pinned = format!("docker.io/vllm/vllm-openai:v0.29.0@{DIGEST}");
    record.images = vec![pair("image", &pinned)];
    let found = image.with(built(record)).attribute();
    let same: Vec<_> = found
        .lineage
        .iter()
        .filter(|base| base.publisher.as_deref() == Some("vllm"))
        .collect();
    assert_eq!(same.len(), 1, "{:?}", found.lineage);
    assert_eq!(same[0].reference.as_deref(), Some(pinned.as_str()));
}

fn beside(digest: &str, record: Build) -> impl FnOnce(&mut Facts) {
    let digest = pair("manifest", digest);
    move |facts| {
        facts.sidecar = Some(Sidecar {
            names: vec![pair("image.name", "ghcr.io/acme/server:1.4.2")],
            digests: vec![digest],
            builds: vec![record],
        });
    }
}

#[test]
fn a_file_beside_the_image_is_compared_and_never_believed() {
    let image = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2");
    let agrees = image
        .clone()
        .with(beside(DIGEST, build(SERVER, COMMIT)))
        .attribute();
    assert!(codes(&agrees).is_empty());
    let differs = image
        .clone()
        .with(beside(DIGEST, build(SERVER, OTHER)))
        .attribute();
    assert_eq!(codes(&differs), ["sidecar-differs"]);
    assert_eq!(commit(&differs), Some(COMMIT));
    let plain = image.attribute();
    for found in [agrees, differs] {
        assert_eq!(found.origin, plain.origin);
        assert_eq!(found.lineage, plain.lineage);
    }
}

#[test]
fn a_file_that_no_digest_ties_to_the_image_fills_nothing_in() {
    let found = acme()
        .with(beside(DIGEST, build(SERVER, COMMIT)))
        .attribute();
    assert_eq!(commit(&found), None);
    assert_eq!(found.origin.publisher, None);
    let mut evidence = found.evidence.iter();
    assert!(evidence.any(|e| e.value == COMMIT && e.strength == 1 && e.status == Status::Alone));
}

#[test]
fn a_file_with_the_digest_that_was_imported_fills_in_what_the_image_does_not_say() {
    let by_digest = format!("docker://ghcr.io#acme/server:{DIGEST}");
    let image = Made::new(&by_digest);
    let found = image
        .with(beside(DIGEST, build(SERVER, COMMIT)))
        .attribute();
    assert_eq!(commit(&found), Some(COMMIT));
    let labelled = Made::metadata_action(&by_digest, "1.4.2");
    let found = labelled
        .with(beside(DIGEST, build(SERVER, OTHER)))
        .attribute();
    assert_eq!(commit(&found), Some(COMMIT));
    assert_eq!(codes(&found), ["sidecar-differs"]);
    let stranger = Made::new(&by_digest).label("org.opencontainers.image.source", SERVER);
    let found = stranger
        .with(beside(
            DIGEST,
            build("https://github.com/zenml/child", OTHER),
        ))
        .attribute();
    assert_eq!(commit(&found), None);
}

#[test]
fn a_file_beside_an_official_image_cannot_make_or_unmake_it() {
    let official = Made::vllm(&hub("v0.29.0"));
    let foreign = build("https://github.com/acme/overlay", OTHER);
    let found = official.with(beside(DIGEST, foreign)).attribute();
    assert_eq!(verdict(&found), (Kind::Release, Some(true), Some("vllm")));
    assert!(codes(&found).contains(&"sidecar-differs"));
    let child = Made::vllm("docker://registry-1.docker.io#acme/vllm-custom:1");
    let vouching = build("https://github.com/vllm-project/vllm", COMMIT);
    let found = child.with(beside(DIGEST, vouching)).attribute();
    assert_eq!(found.origin.kind, Kind::Derived);
}
