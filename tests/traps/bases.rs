//! Children, forks, and what an image stands on.

use crate::facts::{COMMIT, Made, OTHER};
use crate::{commit, hub, verdict};
use sqsh_prov::provenance::Kind;

#[test]
fn a_child_is_derived_by_any_one_thing_that_it_adds() {
    let official = Made::vllm(&hub("v0.29.0"));
    assert_eq!(
        verdict(&official.attribute()),
        (Kind::Release, Some(true), Some("vllm"))
    );
    let acme = "docker://registry-1.docker.io#acme/vllm-custom:1";
    // Somebody else may have pushed it there.
    let mirrored = official
        .clone()
        .imported("docker://harbor.acme.example#hub/vllm/vllm-openai:v0.29.0");
    let children = [
        ("repository", official.clone().imported(acme)),
        (
            "repository of the same name",
            official
                .clone()
                .imported("docker://ghcr.io#acme/vllm-openai:v0.29.0"),
        ),
        ("tag", official.clone().imported(&hub("v0.28.0"))),
        ("variable", mirrored.clone().env("PYTHONPATH", "/opt/b12x:")),
        ("label", mirrored.clone().label("com.example.team", "x")),
        ("entrypoint", mirrored.clone().entrypoint(&["/bin/sh"])),
        ("no entrypoint", mirrored.clone().entrypoint(&[])),
        ("committed", mirrored.clone().env("container", "podman")),
        (
            "revision",
            official
                .clone()
                .set_label("org.opencontainers.image.revision", OTHER),
        ),
        (
            "env tag",
            official
                .clone()
                .set_env("VLLM_IMAGE_TAG", "vllm/vllm-openai:v0.29.1"),
        ),
        (
            "env commit",
            official.clone().set_env("VLLM_BUILD_COMMIT", OTHER),
        ),
        (
            "label unset",
            official
                .clone()
                .set_label("ai.vllm.build.commit", "unknown"),
        ),
        (
            "package",
            official
                .clone()
                .with(|f| f.packages.first_mut().unwrap().version = "0.28.0".into()),
        ),
        ("package commit", official.clone().commit_id("g076d1cbff")),
        (
            "stamp twice",
            official.clone().env("VLLM_BUILD_COMMIT", OTHER),
        ),
    ];
    for (what, child) in children {
        let a = child.attribute();
        assert_eq!(
            verdict(&a),
            (Kind::Derived, Some(false), None),
            "{what}: {:?}",
            a.origin.reasons
        );
        assert_eq!(
            (commit(&a), a.origin.public_reference.as_deref()),
            (None, None),
            "{what}"
        );
        assert_eq!(
            a.origin.derived_from.unwrap().publisher.as_deref(),
            Some("vllm"),
            "{what}"
        );
        assert!(!a.origin.pull.ok, "{what}");
    }
}

/// Nobody but the publisher pushes to its repository: what the contract does not know there is news.
#[test]
fn what_the_publishers_own_repository_adds_is_no_derivation() {
    let official = Made::vllm(&hub("v0.29.0"));
    for (what, image) in [
        ("variable", official.clone().env("PYTHONPATH", "/opt/b12x:")),
        ("label", official.clone().label("com.example.team", "x")),
        ("entrypoint", official.clone().entrypoint(&["/bin/sh"])),
        (
            "arguments",
            official
                .clone()
                .with(|f| f.cmd = Some(vec!["--model".into()])),
        ),
    ] {
        let a = image.attribute();
        assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")), "{what}");
        let reasons = &a.origin.reasons;
        assert!(
            reasons.iter().any(|r| r == "publisher-changed-its-build"),
            "{what}"
        );
        assert_eq!(commit(&a), Some(COMMIT), "{what}");
    }
    let a = official.imported(&hub("v0.29.0-new-variant")).attribute();
    assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")));
    assert!(a.origin.reasons.iter().any(|r| r == "tag-unknown"));
}

#[test]
fn a_source_label_alone_does_not_make_a_child_its_own_publisher() {
    let a = Made::vllm("docker://ghcr.io#acme/vllm-custom:1")
        .set_label(
            "org.opencontainers.image.source",
            "https://github.com/acme/vllm-custom",
        )
        .attribute();
    assert_ne!(a.origin.official, Some(true));
    let b = Made::vllm("docker://ghcr.io#acme/vllm-custom:1")
        .set_label(
            "org.opencontainers.image.source",
            "https://github.com/acme/vllm-custom",
        )
        .set_label("org.opencontainers.image.revision", OTHER)
        .attribute();
    assert_eq!(verdict(&b), (Kind::Derived, Some(false), None));
}

#[test]
fn dynamo_over_vllm_is_dynamo() {
    let image = Made::vllm("docker://nvcr.io#nvidia/ai-dynamo/vllm-runtime:1.2.0")
        .env("DYNAMO_HOME", "/opt/dynamo")
        .env("DYNAMO_COMMIT_SHA", OTHER)
        .env("VLLM_USE_FLASHINFER_SAMPLER", "1")
        .entrypoint(&[])
        .package("ai-dynamo", "1.2.0")
        .file("/opt/dynamo/wheelhouse");
    let a = image.attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(true), Some("dynamo")));
    assert_eq!(commit(&a), Some(OTHER));
    assert_eq!(a.lineage.len(), 1);
    assert_eq!(
        a.lineage[0].reference.as_deref(),
        Some("docker.io/vllm/vllm-openai:v0.29.0")
    );
    assert_eq!(a.origin.pipeline, None);
    let forged = image.imported(&hub("v0.29.0")).attribute();
    assert_eq!(verdict(&forged), (Kind::Derived, Some(false), None));
}

#[test]
fn another_publishers_block_after_the_stamp_is_not_official() {
    let a = Made::vllm(&hub("v0.29.0"))
        .env("SGLANG_BUILD_COMMIT", OTHER)
        .package("sglang", "0.5.19")
        .attribute();
    assert_ne!(a.origin.official, Some(true));
}

#[test]
fn a_reused_namespace_without_the_package_is_not_the_publishers() {
    let a = Made::new("docker://ghcr.io#vllm-project/agentic-api:v0.1.0")
        .vllm_labels("vllm/agentic-api:v0.1.0", OTHER, "p", "")
        .set_label(
            "org.opencontainers.image.source",
            "https://github.com/vllm-project/agentic-api",
        )
        .attribute();
    assert_eq!(a.origin.publisher.as_deref(), Some("vllm-project"));
    assert_eq!(commit(&a), Some(OTHER));
    assert_eq!(
        a.origin.commit.unwrap().repository.as_deref(),
        Some("https://github.com/vllm-project/agentic-api")
    );
    assert_ne!(a.origin.official, Some(true));
    assert!(a.warnings.iter().any(|w| w.code == "reused-namespace"));
}

#[test]
fn a_fork_that_fills_the_publishers_keys_owns_its_commit() {
    let tag = "cr.metax-tech.com/public-ai-release/maca/vllm-metax:0.26.0-maca.ai3.7";
    let a = Made::new(&format!("docker://{}", tag.replacen('/', "#", 1)))
        .env("VLLM_BUILD_COMMIT", OTHER)
        .env("VLLM_BUILD_PIPELINE", "github-actions")
        .env("VLLM_IMAGE_TAG", tag)
        .label("ai.vllm-metax.build.commit", OTHER)
        .label("org.opencontainers.image.revision", OTHER)
        .label(
            "org.opencontainers.image.source",
            "https://github.com/MetaX-MACA/vLLM-metax",
        )
        .entrypoint(&["vllm", "serve"])
        .package("vllm", "0.26.0+empty")
        .attribute();
    assert_eq!(a.origin.publisher.as_deref(), Some("metax-maca"));
    assert_eq!(a.origin.official, None);
    let commit = a.origin.commit.unwrap();
    assert_eq!(
        (commit.id.as_str(), commit.repository.as_deref()),
        (OTHER, Some("https://github.com/MetaX-MACA/vLLM-metax"))
    );
    assert_eq!(
        (
            a.lineage[0].publisher.as_deref(),
            a.lineage[0].commit.as_deref()
        ),
        (Some("vllm"), None)
    );
}

#[test]
fn a_copied_stamp_in_a_fork_is_never_official() {
    let a = Made::vllm("docker://ghcr.io#homelab/vllm-spark:latest")
        .set_label(
            "org.opencontainers.image.source",
            "https://github.com/homelab/vllm",
        )
        .set_env("VLLM_BUILD_PIPELINE", "spark-r2-offline")
        .attribute();
    assert_ne!(a.origin.official, Some(true));
    assert_ne!(a.origin.publisher.as_deref(), Some("vllm"));
}

/// Repository, tag, distribution, version, code name, and whether it is official.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<bool>,
);

const DISTRIBUTIONS: &[Row] = &[
    (
        "library/ubuntu",
        "24.04",
        "ubuntu",
        "24.04",
        None,
        Some(true),
    ),
    (
        "library/ubuntu",
        "noble",
        "ubuntu",
        "24.04",
        None,
        Some(true),
    ),
    (
        "library/ubuntu",
        "22.04",
        "ubuntu",
        "24.04",
        None,
        Some(false),
    ),
    ("library/ubuntu", "24.04", "debian", "12", None, Some(false)),
    ("library/debian", "12", "debian", "12", None, Some(true)),
    (
        "library/debian",
        "12.5-slim",
        "debian",
        "12",
        None,
        Some(true),
    ),
    ("library/debian", "1.2", "debian", "12", None, Some(false)),
    ("library/debian", "12", "ubuntu", "24.04", None, Some(false)),
    (
        "library/ubuntu",
        "noble",
        "ubuntu",
        "24.04",
        Some("noble"),
        Some(true),
    ),
    (
        "library/ubuntu",
        "latest",
        "ubuntu",
        "24.04",
        Some("noble"),
        Some(true),
    ),
    (
        "library/ubuntu",
        "jammy",
        "ubuntu",
        "24.04",
        Some("noble"),
        Some(false),
    ),
    (
        "library/ubuntu",
        "jammy-20240808",
        "ubuntu",
        "24.04",
        Some("noble"),
        Some(false),
    ),
    (
        "library/debian",
        "bookworm-slim",
        "debian",
        "24.04",
        Some("bookworm"),
        Some(true),
    ),
    (
        "library/debian",
        "trixie-20250811-slim",
        "debian",
        "24.04",
        Some("bookworm"),
        Some(false),
    ),
    (
        "library/debian",
        "sid-20250811",
        "debian",
        "24.04",
        Some("forky"),
        Some(true),
    ),
    (
        "library/debian",
        "testing",
        "debian",
        "24.04",
        Some("forky"),
        Some(true),
    ),
];

#[test]
fn a_distribution_under_the_tag_of_another_is_not_official() {
    for &(repository, tag, id, version, codename, official) in DISTRIBUTIONS {
        let a = Made::new(&format!("docker://registry-1.docker.io#{repository}:{tag}"))
            .os(id, version)
            .with(|f| {
                let codename = codename.map(|name: &str| ("VERSION_CODENAME".into(), name.into()));
                f.os_release.extend(codename);
            })
            .attribute();
        assert_eq!(
            a.origin.official, official,
            "{tag} of {id} {version} {codename:?}"
        );
    }
    let cuda = |version: &str, ubuntu: &str| {
        Made::new("docker://registry-1.docker.io#nvidia/cuda:13.0.1-devel-ubuntu24.04")
            .env("NVARCH", "x86_64")
            .env("CUDA_VERSION", version)
            .os("ubuntu", ubuntu)
            .attribute()
            .origin
            .official
    };
    assert_eq!(cuda("13.0.1", "24.04"), Some(true));
    assert_eq!(cuda("12.9.1", "24.04"), Some(false));
    assert_eq!(cuda("13.0.1", "22.04"), Some(false));
}
