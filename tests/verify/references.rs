//! References, mirrors, versions and commits.

use super::*;

const BY_DIGEST: &str =
    "vllm/vllm-openai@sha256:46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3";
const BY_TAG_AND_DIGEST: &str = "vllm/vllm-openai:v0.29.0@sha256:46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3";
const OTHER_TAG_AND_DIGEST: &str = "vllm/vllm-openai:v0.28.0@sha256:46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3";
const EXACT: &str = "docker://registry-1.docker.io#vllm/vllm-openai:sha256:3a0c6c9aa97dade562ad8fb9398bb626841bfebdd28437742d9a32c949659651";
const GITLAB: &str = "gitlab-master.nvidia.com:5005/dl/ai-dynamo/dynamo:56f877977-trtllm-arm64";
const NIGHTLY: &str = "vllm/vllm-openai:nightly-ac7509e2b1db40fec2f03dde1ed4e9dfdc2338c9";

const NO: (Status, Option<Level>) = (Status::Mismatch, None);
const OPEN: (Status, Option<Level>) = (Status::Undecidable, None);

const fn ok(level: Level) -> (Status, Option<Level>) {
    (Status::Ok, Some(level))
}

/// Which fixture, what it must be, what becomes of the check, and its code.
type Row = (
    &'static str,
    &'static str,
    (Status, Option<Level>),
    &'static str,
);

const REFERENCES: &[Row] = &[
    // A tag, in every spelling.
    (
        "01",
        "vllm/vllm-openai:v0.29.0",
        ok(Level::Reference),
        "reference",
    ),
    (
        "01",
        "docker.io#vllm/vllm-openai:v0.29.0",
        ok(Level::Reference),
        "reference",
    ),
    (
        "01",
        "docker://index.docker.io/vllm/vllm-openai:v0.29.0",
        ok(Level::Reference),
        "reference",
    ),
    (
        "01",
        "vllm/vllm-openai:v0.29.0-x86_64",
        ok(Level::Reference),
        "reference",
    ),
    (
        "01",
        "vllm/vllm-openai:v0.29.0-aarch64",
        NO,
        "architecture-differs",
    ),
    ("01", "vllm/vllm-openai:v0.28.0", NO, "tag-differs"),
    ("01", "vllm/vllm-openai:v0.29.0-cu129", NO, "tag-differs"),
    ("01", "lmsysorg/sglang:v0.29.0", NO, "repository-differs"),
    ("01", GITLAB, NO, "repository-differs"),
    (
        "44",
        "vllm/vllm-openai:v0.29.0",
        ok(Level::Reference),
        "reference",
    ),
    (
        "21",
        "nvcr.io/nvidia/tensorrt-llm/release:1.3.0rc23",
        ok(Level::Reference),
        "reference",
    ),
    (
        "18",
        "lmsysorg/sglang:v0.5.19",
        ok(Level::Reference),
        "reference",
    ),
    // A digest.
    (
        "01",
        BY_TAG_AND_DIGEST,
        ok(Level::Reference),
        "digest-not-recorded",
    ),
    ("01", BY_DIGEST, OPEN, "digest-not-recorded"),
    ("40", EXACT, ok(Level::Digest), "digest"),
    ("40", BY_DIGEST, OPEN, "digest-not-comparable"),
    ("40", BY_TAG_AND_DIGEST, OPEN, "digest-not-comparable"),
    ("40", OTHER_TAG_AND_DIGEST, NO, "tag-differs"),
    (
        "40",
        "vllm/vllm-openai:v0.29.0",
        ok(Level::Reference),
        "reference-by-stamp",
    ),
    // A tag that moves names another image tomorrow.
    ("01", "vllm/vllm-openai:latest", OPEN, "moving-tag"),
    // Derived or changed: the inherited tag counts for nothing.
    ("11", NIGHTLY, NO, "derived"),
    ("12a", "vllm/vllm-openai:v0.29.0", NO, "derived"),
    ("13a", "vllm/vllm-openai:v0.26.0-ubuntu2404", NO, "derived"),
    ("42", "vllm/vllm-openai:v0.29.0", NO, "derived"),
    (
        "41",
        "vllm/vllm-openai:v0.29.0",
        NO,
        "modified-after-import",
    ),
    (
        "24b",
        "registry.access.redhat.com/ubi9/ubi-minimal:9.7-1770180557",
        NO,
        "derived",
    ),
    ("14", "vllm/vllm-openai:v0.26.0", NO, "repository-differs"),
    // Under its own name it is what it is.
    (
        "11",
        "quay.io/rh-ee-imarkov/llm-d-nokube-vllm:dspark-0814-nightly",
        ok(Level::Reference),
        "reference",
    ),
    (
        "14",
        "nvcr.io/nvidia/ai-dynamo/vllm-runtime:1.2.0",
        ok(Level::Reference),
        "reference",
    ),
    // No line of the importer's: the stamp alone, which is copied with the image.
    ("45a", "vllm/vllm-openai:v0.29.0", OPEN, "stamp-alone"),
    ("45a", "vllm/vllm-openai:v0.28.0", NO, "tag-differs"),
    ("45a", "vllm/vllm-omni:v0.29.0", NO, "repository-differs"),
    ("45a", BY_DIGEST, OPEN, "digest-not-recorded"),
    (
        "13c",
        "vllm/vllm-openai:v0.26.0-ubuntu2404",
        OPEN,
        "stamp-alone",
    ),
    ("30a", "vllm/vllm-openai:v0.29.0", NO, "hand-built"),
    ("05", "vllm/vllm-openai:v0.29.0", NO, "repository-differs"),
];

#[test]
fn references_reach_the_level_that_the_image_can_show() {
    for &(file, reference, (status, level), code) in REFERENCES {
        let images = manifest("classification");
        let mut names = images.iter().map(|image| image["file"].as_str().unwrap());
        let name = names
            .find(|name| name.starts_with(&format!("{file}-")))
            .unwrap();
        let check = image(&document("classification", name), reference, &[]);
        assert_eq!(
            (check.status, check.level, check.code.as_str()),
            (status, level, code),
            "{name} {reference}: {}",
            check.message
        );
    }
}

#[test]
fn a_named_mirror_is_what_it_mirrors() {
    let document = document("classification", "13d-control-pristine-mirror.sqsh");
    let mirrors = [(
        "harbor.acme.example/dockerhub".to_owned(),
        "docker.io".to_owned(),
    )];
    let mapped = image(&document, "vllm/vllm-openai:v0.29.0", &mirrors);
    assert_eq!(
        (mapped.status, mapped.code.as_str()),
        (Status::Ok, "reference")
    );
    let unnamed = image(&document, "vllm/vllm-openai:v0.29.0", &[]);
    assert_eq!(
        (unnamed.status, unnamed.code.as_str()),
        (Status::Undecidable, "unmapped-mirror")
    );
    assert!(unnamed.message.contains("--mirror"), "{}", unnamed.message);
    let own = image(
        &document,
        "harbor.acme.example/dockerhub/vllm/vllm-openai:v0.29.0",
        &mirrors,
    );
    assert_eq!(own.status, Status::Ok);
}

#[test]
fn no_image_of_the_corpora_passes_for_one_that_it_is_not() {
    let contracts = Contracts::built_in().unwrap();
    let official = Expectations {
        images: vec![ExpectedImage::new("vllm/vllm-openai:v0.29.0").unwrap()],
        official: true,
        ..Expectations::default()
    };
    let rules = Rules {
        contracts: &contracts,
        mirrors: &[],
    };
    for directory in ["classification", "carriers"] {
        let inspector = Inspector::new(Options::default()).unwrap();
        for entry in std::fs::read_dir(fixture(directory, "")).unwrap() {
            let path = entry.unwrap().path();
            let Ok(document) = inspector.inspect(&path) else {
                continue;
            };
            let outcome = check(&document, &official, rules);
            let origin = &document.origin;
            let is_it = origin.official == Some(true)
                && origin.public_reference.as_deref() == Some("docker.io/vllm/vllm-openai:v0.29.0");
            assert_eq!(
                outcome.verdict() == Verdict::Holds,
                is_it,
                "{}",
                path.display()
            );
            let changed = origin.kind == Kind::Derived || origin.modified_after_import;
            let image = &outcome
                .checks
                .iter()
                .find(|c| c.field == "container.image")
                .unwrap();
            assert!(
                !changed || image.status == Status::Mismatch,
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn versions_are_compared_by_pep_440_and_with_their_local_part_unless_asked_otherwise() {
    let contracts = Contracts::built_in().unwrap();
    let document = document("classification", "01-vllm-release.sqsh");
    for (framework, compatible, status, code) in [
        ("vllm=0.29.0", false, Status::Ok, "framework"),
        ("VLLM=0.29.0", false, Status::Ok, "framework"),
        ("vllm=0.29", false, Status::Ok, "framework"),
        ("vllm=0.29", true, Status::Ok, "framework"),
        ("torch=2.13.0", false, Status::Mismatch, "framework-differs"),
        ("torch=2.13.0", true, Status::Ok, "framework"),
        ("flashinfer.python=0.6.18", false, Status::Ok, "framework"),
        ("dynamo=1.2.0", false, Status::Mismatch, "framework-missing"),
    ] {
        let expectations = Expectations {
            frameworks: vec![ExpectedFramework::parse(framework).unwrap()],
            compatible,
            ..Expectations::default()
        };
        let rules = Rules {
            contracts: &contracts,
            mirrors: &[],
        };
        let outcome = check(&document, &expectations, rules);
        let check = outcome.checks.last().unwrap();
        assert_eq!(
            (check.status, check.code.as_str()),
            (status, code),
            "{framework}"
        );
        let level = if status == Status::Ok {
            Level::Framework
        } else {
            Level::Declared
        };
        assert_eq!(outcome.level, level);
    }
}
