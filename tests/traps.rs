//! One test for each way in which an image misleads, named after what must hold.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]

#[path = "support/facts.rs"]
mod facts;

use facts::{COMMIT, Made, OTHER};
use sqsh_prov::attribution::{Attribution, attribute};
use sqsh_prov::carriers::{Checkout, Pair};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::provenance::{Confidence, Kind, Via};

const HUB: &str = "docker://registry-1.docker.io#vllm/vllm-openai";
const DIGEST: &str = "sha256:972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085";

fn hub(tag: &str) -> String {
    format!("{HUB}:{tag}")
}

fn verdict(a: &Attribution) -> (Kind, Option<bool>, Option<&str>) {
    (
        a.origin.kind,
        a.origin.official,
        a.origin.publisher.as_deref(),
    )
}

fn codes(a: &Attribution) -> Vec<&str> {
    a.conflicts
        .iter()
        .map(|conflict| conflict.code.as_str())
        .collect()
}

fn commit(a: &Attribution) -> Option<&str> {
    a.origin.commit.as_ref().map(|commit| commit.id.as_str())
}

#[test]
fn a_digest_line_is_a_digest_and_needs_only_the_repository() {
    let a = Made::vllm(&format!("{HUB}:{DIGEST}")).attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(true), Some("vllm")));
    let pull = a.origin.pull.reference.unwrap();
    assert_eq!(pull, format!("docker.io/vllm/vllm-openai@{DIGEST}"));
    assert_eq!(
        a.origin.public_reference.as_deref(),
        Some("docker.io/vllm/vllm-openai:v0.29.0")
    );
}

#[test]
fn a_tag_is_recovered_from_the_attribute_beside_a_digest_line() {
    let image = Made::new(&format!(
        "docker://registry-1.docker.io#lmsysorg/sglang-rocm:{DIGEST}"
    ))
    .env("ROCM_PATH", "/opt/rocm")
    .package("sglang", "0.5.12.post1.dev243+gf76c1d019")
    .with(|f| {
        f.image_uri = Some("docker://lmsysorg/sglang-rocm:v0.5.12-rocm720-mi35x-20260517".into())
    });
    let a = image.attribute();
    assert_eq!(verdict(&a), (Kind::Nightly, Some(true), Some("sglang")));
    assert_eq!(
        a.origin.imported.unwrap().tag.as_deref(),
        Some("v0.5.12-rocm720-mi35x-20260517")
    );
}

#[test]
fn second_provenance_line_is_never_trusted() {
    let image = Made::new("docker://registry-1.docker.io#acme/fake:1").with(|f| {
        let line = Pair {
            value: hub("v9.9.9"),
            ..Pair::default()
        };
        f.import.as_mut().unwrap().false_uris.push(line);
    });
    let a = image.attribute();
    assert_eq!(verdict(&a), (Kind::Unknown, None, None));
    assert_eq!(codes(&a), ["second-provenance-line"]);
    assert_eq!(
        a.origin.public_reference.as_deref(),
        Some("docker.io/acme/fake:1")
    );
}

#[test]
fn an_import_line_that_nothing_in_the_image_backs_names_no_publisher() {
    let a = Made::new(&hub("v9.9.9")).attribute();
    assert_eq!(verdict(&a), (Kind::Unknown, Some(false), None));
    assert_eq!(a.origin.public_reference, None);
    assert!(!a.origin.pull.ok);
}

#[test]
fn forged_lines_do_not_make_an_owner() {
    let a = Made::new("")
        .env("VLLM_BUILD_COMMIT", COMMIT)
        .env("VLLM_IMAGE_TAG", "vllm/vllm-openai:v9.9.9")
        .attribute();
    assert_eq!(verdict(&a), (Kind::Unknown, None, None));
    assert_eq!(commit(&a), None);
}

#[test]
fn a_v_and_forty_hex_is_staging_and_no_public_reference() {
    let stamp = format!("vllm/vllm-openai:v{COMMIT}-cu129");
    let ecr = format!("docker://public.ecr.aws#q9t5s3a7/vllm-release-repo:{COMMIT}-x86_64-cu129");
    for uri in [ecr.as_str(), ""] {
        let a = Made::vllm_stamped(uri, &stamp, COMMIT, "0.28.1rc1.dev471+g98dff2a81").attribute();
        assert_eq!(a.origin.kind, Kind::Staging, "{uri}");
        assert_ne!(a.origin.official, Some(true));
        assert_eq!(a.origin.public_reference, None);
    }
}

#[test]
fn a_leaked_staging_reference_gives_way_to_the_published_import() {
    let stamp = format!("public.ecr.aws/q9t5s3a7/vllm-release-repo:{COMMIT}-x86_64");
    let a = Made::vllm_stamped(&hub("v0.29.0"), &stamp, COMMIT, "0.29.0").attribute();
    assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")));
    assert_eq!(codes(&a), ["staging-reference-in-stamp"]);
    assert_eq!(
        a.origin.public_reference.as_deref(),
        Some("docker.io/vllm/vllm-openai:v0.29.0")
    );
}

#[test]
fn a_tag_that_only_looks_nightly_is_no_nightly() {
    let unset = |uri: &str| {
        Made::vllm_stamped(
            uri,
            "local/vllm-openai:dev",
            "unknown",
            "0.1.dev20073+g8e685d198",
        )
        .set_env("VLLM_BUILD_PIPELINE", "local")
        .set_env("VLLM_BUILD_URL", "")
        .set_label("ai.vllm.build.pipeline", "local")
        .set_label("ai.vllm.build.url", "")
    };
    let a = unset(&hub("nightly-dev-arm64-cu13.0.1-75c2eef")).attribute();
    assert_eq!(verdict(&a), (Kind::Local, Some(false), Some("vllm")));
    assert_eq!(commit(&a), Some("8e685d198"));
    let bare = Made::new(&hub("nightly-dev-arm64-cu13.0.1-75c2eef"))
        .entrypoint(&["vllm", "serve"])
        .package("vllm", "0.25.1+g75c2eef12");
    assert_eq!(
        verdict(&bare.attribute()),
        (Kind::Unknown, Some(false), Some("vllm"))
    );
}

#[test]
fn a_hand_pushed_preview_in_the_official_repository_is_local() {
    let image = Made::vllm_stamped(
        &hub("kimi-k3"),
        "local/vllm-openai:dev",
        "unknown",
        "0.1.dev1+g8e685d198",
    )
    .set_env("VLLM_BUILD_PIPELINE", "local")
    .set_label("ai.vllm.build.pipeline", "local");
    assert_eq!(
        verdict(&image.attribute()),
        (Kind::Local, Some(false), Some("vllm"))
    );
}

#[test]
fn a_preview_alias_of_a_nightly_is_that_nightly() {
    let stamp = format!("vllm/vllm-openai:nightly-{COMMIT}");
    let a = Made::vllm_stamped(
        &hub("glm53-flash-arm64-cu130"),
        &stamp,
        COMMIT,
        "0.28.1rc1.dev580+g98dff2a81",
    )
    .attribute();
    assert_eq!(verdict(&a), (Kind::Nightly, Some(true), Some("vllm")));
    let other = Made::vllm_stamped(
        &hub("glm53-flash-arm64-cu130"),
        &stamp,
        COMMIT,
        "0.28.1rc1.dev580+g076d1cbff",
    );
    assert_ne!(other.attribute().origin.official, Some(true));
}

#[test]
fn a_child_is_derived_by_any_one_thing_that_it_adds() {
    let official = Made::vllm(&hub("v0.29.0"));
    assert_eq!(
        verdict(&official.attribute()),
        (Kind::Release, Some(true), Some("vllm"))
    );
    let acme = "docker://registry-1.docker.io#acme/vllm-custom:1";
    let children = [
        ("repository", official.clone().imported(acme)),
        (
            "repository of the same name",
            official
                .clone()
                .imported("docker://ghcr.io#acme/vllm-openai:v0.29.0"),
        ),
        ("tag", official.clone().imported(&hub("v0.28.0"))),
        ("variable", official.clone().env("PYTHONPATH", "/opt/b12x:")),
        ("label", official.clone().label("com.example.team", "x")),
        ("entrypoint", official.clone().entrypoint(&["/bin/sh"])),
        ("no entrypoint", official.clone().entrypoint(&[])),
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
        .package("ai-dynamo", "1.2.0");
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

#[test]
fn the_operating_systems_version_is_not_the_images() {
    let a = Made::new("docker://registry-1.docker.io#acme/app:7")
        .label("org.opencontainers.image.ref.name", "ubuntu")
        .label("org.opencontainers.image.version", "24.04")
        .os("ubuntu", "24.04")
        .attribute();
    assert_eq!(verdict(&a), (Kind::Unknown, None, None));
    assert_eq!(a.origin.version, None);
}

#[test]
fn a_distributions_commit_is_not_the_childs() {
    let labels = |made: Made| {
        made.label("com.redhat.component", "ubi9-minimal-container")
            .label("name", "ubi9/ubi-minimal")
            .label("version", "9.7")
            .label("release", "1770180557")
            .label("vcs-ref", OTHER)
            .label("org.opencontainers.image.revision", OTHER)
    };
    let frozen = labels(Made::new("")).0.labels;
    let own = labels(Made::new(
        "docker://registry.access.redhat.com#ubi9/ubi-minimal:9.7-1770180557",
    ))
    .with(|f| f.base_labels = Some(frozen.clone()));
    assert_eq!(
        verdict(&own.attribute()),
        (Kind::Release, Some(true), Some("redhat"))
    );
    let child = own
        .clone()
        .imported("docker://quay.io#acme/app:2.4.0")
        .set_label("name", "acme/app")
        .attribute();
    assert_eq!(verdict(&child), (Kind::Derived, Some(false), None));
    assert_eq!(commit(&child), None);
    let reference = child.origin.derived_from.unwrap().reference;
    assert_eq!(
        reference.as_deref(),
        Some("registry.access.redhat.com/ubi9/ubi-minimal:9.7-1770180557")
    );
    let old = labels(Made::new("docker://quay.io#acme/app:2.4.0")).attribute();
    assert_eq!(
        commit(&old),
        None,
        "without the frozen copy the label may be the base's"
    );
}

#[test]
fn a_child_of_a_distribution_with_its_own_commit_stands_on_it() {
    let frozen = Made::new("")
        .label("com.redhat.component", "ubi9-container")
        .label("vcs-ref", OTHER)
        .0
        .labels;
    let a = Made::new("docker://quay.io#acme/app:2.4.0")
        .label("com.redhat.component", "ubi9-container")
        .label("vcs-ref", OTHER)
        .label("io.openshift.build.commit.id", COMMIT)
        .label(
            "io.openshift.build.source-location",
            "https://github.com/acme/app.git",
        )
        .with(|f| f.base_labels = Some(frozen))
        .attribute();
    assert_eq!(a.origin.publisher.as_deref(), Some("acme"));
    assert_eq!(commit(&a), Some(COMMIT));
    assert_eq!(a.lineage[0].publisher.as_deref(), Some("redhat"));
}

fn ngc(uri: &str) -> Made {
    Made::new(uri)
        .env("NVIDIA_PRODUCT_NAME", "PyTorch")
        .env("NVIDIA_PYTORCH_VERSION", "26.03")
        .env("NVIDIA_BUILD_ID", "286725636")
        .label("com.nvidia.build.id", "286725636")
        .label("com.nvidia.build.ref", OTHER)
        .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
}

#[test]
fn a_build_ref_of_the_base_is_not_the_childs_commit() {
    let own = ngc("docker://nvcr.io#nvidia/pytorch:26.03-py3").attribute();
    assert_eq!(verdict(&own), (Kind::Release, Some(true), Some("ngc")));
    assert_eq!(
        own.origin.commit.unwrap().repository,
        None,
        "the repository is internal"
    );
    let child = ngc("docker://ghcr.io#acme/train:1").attribute();
    assert_eq!(verdict(&child), (Kind::Derived, Some(false), None));
    assert_eq!(commit(&child), None);
    assert_eq!(
        child.lineage[0].reference.as_deref(),
        Some("nvcr.io/nvidia/pytorch:26.03-py3")
    );
}

#[test]
fn a_child_of_ngc_with_its_own_labels_is_its_own() {
    let a = ngc("docker://ghcr.io#acme/train:1.0.0")
        .label("org.opencontainers.image.revision", COMMIT)
        .label(
            "org.opencontainers.image.source",
            "https://github.com/acme/train",
        )
        .label("org.opencontainers.image.version", "1.0.0")
        .attribute();
    assert_eq!(verdict(&a), (Kind::Release, None, Some("acme")));
    assert_eq!(commit(&a), Some(COMMIT));
    assert_eq!(a.lineage[0].publisher.as_deref(), Some("ngc"));
}

#[test]
fn an_unset_build_id_is_no_pipeline() {
    let a = Made::new("docker://nvcr.io#nvidia/nemo-rl:v0.7.0")
        .env("NEMO_RL_COMMIT", "19244a09")
        .env("NVIDIA_BUILD_ID", "<unknown>")
        .env("NVIDIA_BUILD_REF", "<unknown>")
        .label("com.nvidia.build.id", "<unknown>")
        .label("com.nvidia.build.ref", "<unknown>")
        .attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(true), Some("nemo-rl")));
    assert_eq!(a.origin.pipeline, None);
    let commit = a.origin.commit.unwrap();
    assert_eq!((commit.id.as_str(), commit.full), ("19244a09", false));
    assert_eq!(a.lineage, []);
}

#[test]
fn local_segments_that_are_no_commit_give_none() {
    for version in [
        "0.20.2+empty",
        "0.29.0+cu130",
        "0.29.0+precompiled",
        "0.29.0+rocm714",
        "2.13.0+28777046",
    ] {
        let a = Made::new("docker://ghcr.io#acme/x:1")
            .package("vllm", version)
            .attribute();
        assert_eq!(commit(&a), None, "{version}");
    }
}

#[test]
fn a_dirty_tree_is_a_local_build() {
    let a = Made::new("podman://localhost/vllm-node:latest")
        .package("vllm", "0.26.1rc1.dev960+g90104cfe4.d20260828")
        .attribute();
    assert!(a.origin.commit.unwrap().dirty);
    let label = Made::metadata_action("docker://ghcr.io#acme/tool:dev", "dev")
        .set_label(
            "org.opencontainers.image.revision",
            &format!("{COMMIT}-dirty"),
        )
        .attribute();
    assert_eq!(label.origin.kind, Kind::Local);
    assert!(label.origin.commit.unwrap().dirty);
    assert!(label.origin.moving);
}

#[test]
fn a_development_version_may_be_older_than_the_last_release() {
    let stamp = format!("vllm/vllm-openai:nightly-{COMMIT}");
    let a = Made::vllm_stamped(
        &hub(&format!("nightly-{COMMIT}")),
        &stamp,
        COMMIT,
        "0.28.1rc1.dev580+g98dff2a81",
    );
    assert_eq!(
        verdict(&a.attribute()),
        (Kind::Nightly, Some(true), Some("vllm"))
    );
}

#[test]
fn an_alias_tag_is_no_conflict() {
    let a = Made::sglang(
        "docker://registry-1.docker.io#lmsysorg/sglang:v0.5.19-cu130",
        "lmsysorg/sglang:v0.5.19",
        "0.5.19",
    )
    .attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(true), Some("sglang")));
    assert_eq!(a.conflicts, []);
}

#[test]
fn a_tag_commit_may_differ_from_the_built_one() {
    let tag = "lmsysorg/sglang:nightly-dev-cu13-20260812-c7c03ec5";
    let a = Made::sglang(
        &format!("docker://registry-1.docker.io#{tag}"),
        tag,
        "0.0.0.dev1+g98dff2a81",
    )
    .attribute();
    assert_eq!(verdict(&a), (Kind::Nightly, Some(true), Some("sglang")));
    assert_eq!(commit(&a), Some(COMMIT));
}

#[test]
fn a_sglang_staging_image_is_staging() {
    let tag = "lmsysorg/sglang-staging:v0.5.19";
    let a = Made::sglang(
        &format!("docker://registry-1.docker.io#{tag}"),
        tag,
        "0.5.19",
    )
    .attribute();
    assert_eq!(verdict(&a), (Kind::Staging, Some(false), Some("sglang")));
}

#[test]
fn a_hand_made_sglang_preview_is_local() {
    let a = Made::sglang(
        "docker://registry-1.docker.io#lmsysorg/sglang:glm-5.3-flash-amd64",
        "",
        "0.0.0.dev0",
    )
    .set_env("SGLANG_BUILD_COMMIT", "unknown")
    .set_env("SGLANG_BUILD_URL", "")
    .set_label("ai.sglang.build.commit", "unknown")
    .set_label("ai.sglang.build.url", "")
    .set_label("org.opencontainers.image.revision", "unknown")
    .attribute();
    assert_eq!(verdict(&a), (Kind::Local, Some(false), Some("sglang")));
}

#[test]
fn a_repository_named_release_holds_prereleases_too() {
    let a = Made::new("docker://nvcr.io#nvidia/tensorrt-llm/release:1.3.0rc23")
        .env("TRT_LLM_GIT_COMMIT", COMMIT)
        .env("TRT_LLM_VERSION", "1.3.0rc23")
        .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
        .package("tensorrt_llm", "1.3.0rc23")
        .attribute();
    assert_eq!(
        verdict(&a),
        (Kind::Release, Some(true), Some("tensorrt-llm"))
    );
    assert!(a.origin.prerelease);
}

#[test]
fn a_file_name_that_lies_is_only_a_warning() {
    let a = Made::vllm(&hub("v0.29.0"))
        .with(|f| f.file_name = Some("vllm+vllm-openai+v0.29.0.post1.sqsh".into()))
        .attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(true), Some("vllm")));
    assert!(a.warnings.iter().any(|w| w.code == "file-name-differs"));
    let same = Made::vllm(&hub("v0.29.0"))
        .with(|f| f.file_name = Some("vllm_vllm-openai_v0.29.0.sqsh".into()));
    assert_eq!(same.attribute().warnings, []);
}

#[test]
fn a_saved_container_keeps_its_line_and_is_modified() {
    let edited = Made::vllm(&hub("v0.29.0")).with(|f| f.rc_local_edited = Some(true));
    let newer = Made::vllm(&hub("v0.29.0")).with(|f| {
        f.mtimes.insert("/etc/passwd".into(), 2_000_000_001);
    });
    for image in [edited, newer] {
        let a = image.attribute();
        assert!(a.origin.modified_after_import);
        assert_eq!(verdict(&a), (Kind::Release, Some(false), Some("vllm")));
        assert_eq!(commit(&a), Some(COMMIT));
        assert_eq!((a.origin.public_reference, a.origin.pull.ok), (None, false));
    }
}

#[test]
fn an_image_of_an_older_importer_is_declared_but_not_official() {
    for uri in ["", "  "] {
        let a = Made::vllm(uri).attribute();
        assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")));
        assert_eq!(a.origin.imported, None);
        assert_eq!(
            a.origin.pull.reference.as_deref(),
            Some("docker.io/vllm/vllm-openai:v0.29.0")
        );
    }
}

#[test]
fn an_attribute_alone_proves_no_import() {
    let a = Made::vllm("")
        .with(|f| f.image_uri = Some("docker://vllm/vllm-openai:v0.29.0".into()))
        .attribute();
    assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")));
    assert_eq!(a.origin.imported.unwrap().via, Via::Unknown);
}

#[test]
fn a_daemon_name_that_looks_like_a_registry_is_no_registry_import() {
    let bare = Made::new("dockerd://nvcr.io/nvidia/pytorch:26.03-py3").attribute();
    assert_eq!(verdict(&bare), (Kind::Local, Some(false), None));
    let stamped = ngc("dockerd://nvcr.io/nvidia/pytorch:26.03-py3").attribute();
    assert_eq!(verdict(&stamped), (Kind::Release, None, Some("ngc")));
    assert_eq!(stamped.origin.imported.unwrap().via, Via::Daemon);
}

#[test]
fn duplicate_variables_that_differ_are_a_conflict_and_the_last_one_counts() {
    let a = Made::new("docker://ghcr.io#acme/x:1")
        .env("DUP", "first")
        .env("DUP", "second")
        .attribute();
    assert_eq!(codes(&a), ["duplicate-environment-key"]);
    let same = Made::vllm(&hub("v0.29.0")).with(|f| {
        let twice = f.environment[1].clone();
        f.environment.insert(2, twice);
    });
    assert_eq!(
        verdict(&same.attribute()),
        (Kind::Release, Some(true), Some("vllm"))
    );
}

#[test]
fn a_checkout_left_behind_names_the_commit_but_no_publisher() {
    let a = Made::new("docker://ghcr.io#acme/sglang-dev:x")
        .with(|f| {
            f.workdir = Some("/srv/app".into());
            f.checkouts.push(Checkout {
                path: "/srv/app".into(),
                commit: Some(Pair {
                    value: COMMIT.into(),
                    ..Pair::default()
                }),
                reference: Some("refs/heads/main".into()),
                remote: Some(Pair {
                    value: "git@github.com:acme/app.git".into(),
                    ..Pair::default()
                }),
            });
        })
        .attribute();
    assert_eq!(a.origin.publisher, None);
    assert_eq!(
        a.origin.commit.unwrap().repository.as_deref(),
        Some("https://github.com/acme/app")
    );
}

#[test]
fn placeholders_are_evidence_of_kind_and_no_values() {
    for unset in [
        "unknown",
        "${VLLM_COMMIT}",
        "0000000000000000000000000000000000000000",
        "HEAD",
        "main",
        "",
    ] {
        let a = Made::vllm_stamped("", "local/vllm-openai:dev", unset, "0.29.0")
            .set_env("VLLM_BUILD_URL", "")
            .set_label("ai.vllm.build.url", "")
            .attribute();
        assert_eq!(a.origin.kind, Kind::Local, "{unset:?}");
        assert_eq!(commit(&a), None, "{unset:?}");
        assert_eq!(a.origin.public_reference, None);
    }
}

#[test]
fn the_architecture_stands_before_or_after_the_variant() {
    for (imported, stamped, version) in [
        ("v0.29.0-x86_64-cu129", "v0.29.0-cu129", "0.29.0+cu129"),
        ("v0.29.0-aarch64", "v0.29.0", "0.29.0"),
        (
            "v0.29.0-x86_64-cu129-ubuntu2404",
            "v0.29.0-cu129-ubuntu2404",
            "0.29.0+cu129",
        ),
        ("latest", "v0.29.0", "0.29.0"),
    ] {
        let stamp = format!("vllm/vllm-openai:{stamped}");
        let a = Made::vllm_stamped(&hub(imported), &stamp, COMMIT, version).attribute();
        assert_eq!(
            verdict(&a),
            (Kind::Release, Some(true), Some("vllm")),
            "{imported}"
        );
        assert_eq!(a.origin.pull.reference, Some(format!("docker.io/{stamp}")));
        assert_eq!(a.origin.moving, imported == "latest");
    }
    let variant = Made::vllm_stamped(
        &hub("v0.29.0-cu129"),
        "vllm/vllm-openai:v0.29.0",
        COMMIT,
        "0.29.0",
    );
    assert_eq!(
        variant.attribute().origin.kind,
        Kind::Derived,
        "another CUDA is another image"
    );
}

#[test]
fn a_foreign_pipeline_claims_and_proves_nothing() {
    for (key, value) in [
        (
            "VLLM_BUILD_URL",
            "https://buildkite.com/acme/release-v2/builds/1",
        ),
        (
            "VLLM_BUILD_URL",
            "https://buildkite.com/vllm/release-v2/builds/1/../../evil",
        ),
        ("VLLM_BUILD_URL", ""),
        ("VLLM_BUILD_PIPELINE", "my-pipeline"),
    ] {
        let label = if key == "VLLM_BUILD_URL" {
            "ai.vllm.build.url"
        } else {
            "ai.vllm.build.pipeline"
        };
        let a = Made::vllm(&hub("v0.29.0"))
            .set_env(key, value)
            .set_label(label, value)
            .set_label("org.opencontainers.image.url", value)
            .attribute();
        assert_eq!(
            (a.origin.kind, a.origin.official),
            (Kind::Unknown, Some(false)),
            "{key}={value}"
        );
        assert!(
            a.origin
                .reasons
                .iter()
                .any(|r| r == "claims-release-unproven")
        );
    }
}

#[test]
fn a_mirror_counts_only_when_the_user_says_so() {
    let image = Made::vllm("docker://harbor.acme.example#dockerhub/vllm/vllm-openai:v0.29.0");
    let a = image.attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(false), Some("vllm")));
    assert!(a.warnings.iter().any(|w| w.code == "unmapped-mirror"));
    assert_eq!(
        a.origin.pull.reference.as_deref(),
        Some("docker.io/vllm/vllm-openai:v0.29.0")
    );
    let mirrors = [(
        "harbor.acme.example/dockerhub".to_owned(),
        "docker.io".to_owned(),
    )];
    let mapped = attribute(&image.0, &Contracts::built_in().unwrap(), &mirrors);
    assert_eq!(verdict(&mapped), (Kind::Release, Some(true), Some("vllm")));
}

#[test]
fn look_alikes_of_an_official_repository_are_not_it() {
    for uri in [
        "docker://registry-1.docker.io#vllm/vllm\u{2010}openai:v0.29.0",
        "docker://registry-1.docker.io#vl\u{217c}m/vllm-openai:v0.29.0",
        "docker://registry-1.docker.io#VLLM/vllm-openai:v0.29.0",
        "docker://registry-1.d\u{043e}cker.io#vllm/vllm-openai:v0.29.0",
        "docker://xn--dcker-jye.io#vllm/vllm-openai:v0.29.0",
        "docker://registry-1.docker.io.evil.example#vllm/vllm-openai:v0.29.0",
        "docker://docker.io@evil.example#vllm/vllm-openai:v0.29.0",
        "docker://registry-1.docker.io#vllm/vllm-openai/x:v0.29.0",
    ] {
        let a = Made::vllm(uri).attribute();
        assert_ne!(a.origin.official, Some(true), "{uri}");
    }
}

#[test]
fn an_architecture_that_contradicts_the_tag_is_a_conflict() {
    let a = Made::vllm(&hub("v0.29.0-aarch64"))
        .with(|f| f.machine = Some(("x86_64".into(), Default::default())))
        .attribute();
    assert_eq!(codes(&a), ["architecture-conflict"]);
    assert_eq!(a.origin.official, Some(false));
}

#[test]
fn pull_and_merge_requests_are_told_by_any_marker() {
    let tag = Made::metadata_action("docker://ghcr.io#acme/server:pr-2", "pr-2");
    let variable = Made::new("docker://ghcr.io#acme/x:1")
        .env("BUILDKITE_PULL_REQUEST", "57")
        .env("BUILDKITE_COMMIT", COMMIT);
    let reference = Made::new("docker://ghcr.io#acme/x:1")
        .env("GITHUB_SHA", COMMIT)
        .env("GITHUB_REF", "refs/pull/2/merge");
    let page = Made::new("docker://ghcr.io#acme/x:1").label(
        "com.gitlab.ci.mrurl",
        "https://gitlab.com/acme/app/-/merge_requests/57",
    );
    let git = Made::new("docker://ghcr.io#acme/x:1").package_from(
        "vllm",
        "0.28.1",
        "https://github.com/vllm-project/vllm.git",
        COMMIT,
        Some("refs/pull/123/merge"),
    );
    for image in [tag, variable, reference, page, git] {
        assert_eq!(image.attribute().origin.kind, Kind::Pr);
    }
    let not = Made::new("docker://ghcr.io#acme/x:1")
        .env("BUILDKITE_PULL_REQUEST", "false")
        .env("BUILDKITE_COMMIT", COMMIT);
    assert_eq!(not.attribute().origin.kind, Kind::Unknown);
}

#[test]
fn builds_from_a_git_context_are_told_apart() {
    let url = "https://github.com/vllm-project/vllm.git";
    let from = |revision| {
        Made::new("docker://ghcr.io#acme/from-git:1")
            .package_from("vllm", "0.28.1", url, COMMIT, revision)
            .attribute()
    };
    assert_eq!(from(Some("refs/pull/123/merge")).origin.kind, Kind::Pr);
    assert_eq!(from(Some("v0.28.1")).origin.kind, Kind::Release);
    assert_eq!(from(Some("main")).origin.kind, Kind::Unknown);
    assert_eq!(from(None).origin.kind, Kind::Unknown);
    for revision in [Some("v0.28.1"), Some("main"), None] {
        let a = from(revision);
        assert_eq!(
            (a.origin.publisher.as_deref(), a.origin.official),
            (None, None),
            "{revision:?}"
        );
        assert_eq!(commit(&a), Some(COMMIT));
    }
    let plain = Made::new("docker://ghcr.io#acme/from-git:1")
        .package("vllm", "0.28.1")
        .attribute();
    assert_eq!((plain.origin.kind, commit(&plain)), (Kind::Unknown, None));
}

#[test]
fn each_ci_systems_variables_name_its_run() {
    for (image, system, slug) in [
        (
            Made::new("")
                .env("GITHUB_SHA", COMMIT)
                .env("GITHUB_REPOSITORY", "acme/app")
                .env("GITHUB_RUN_ID", "12"),
            "github-actions",
            "app",
        ),
        (
            Made::new("").env("CI_COMMIT_SHA", COMMIT).env(
                "CI_PIPELINE_URL",
                "https://gitlab.com/acme/app/-/pipelines/9",
            ),
            "gitlab",
            "app",
        ),
        (
            Made::new("").env("BUILDKITE_COMMIT", COMMIT).env(
                "BUILDKITE_BUILD_URL",
                "https://buildkite.com/acme/app/builds/9",
            ),
            "buildkite",
            "app",
        ),
        (
            Made::new("")
                .env("GIT_COMMIT", COMMIT)
                .env("BUILD_URL", "https://ci.acme.example/job/app/17/"),
            "jenkins",
            "app",
        ),
        (
            Made::new("")
                .env("CIRCLE_SHA1", COMMIT)
                .env("CIRCLE_BUILD_URL", "https://circleci.com/gh/acme/app/42"),
            "circleci",
            "app",
        ),
    ] {
        let a = image.attribute();
        assert_eq!(commit(&a), Some(COMMIT), "{system}");
        let pipeline = a.origin.pipeline.unwrap();
        assert_eq!(pipeline.system.as_deref(), Some(system));
        assert_eq!(pipeline.slug.as_deref(), Some(slug));
    }
}

#[test]
fn amds_and_others_images_are_told_by_reference() {
    for (uri, publisher, kind) in [
        (
            "docker://registry-1.docker.io#rocm/vllm-dev:nightly_main_20260115",
            "rocm",
            Kind::Nightly,
        ),
        (
            "docker://registry-1.docker.io#rocm/atom:rocm7.2.3_ubuntu24.04_py3.12_pytorch_release_2.10.0_atom20260511",
            "rocm",
            Kind::Release,
        ),
        (
            "docker://registry-1.docker.io#rocm/vllm-ci:0bcd822377da7b5718e674eaf9c870d349424dd1",
            "rocm",
            Kind::Ci,
        ),
        (
            "docker://ghcr.io#labring-actions/devbox-runtime-images/go-1.23.0:v0.0.1-zh-cn",
            "devbox",
            Kind::Release,
        ),
        (
            "docker://ghcr.io#labring-actions/devbox/go-1.23.0:13aacd8",
            "devbox",
            Kind::Ci,
        ),
        (
            "docker://registry-1.docker.io#library/debian:12",
            "debian",
            Kind::Release,
        ),
        (
            "docker://quay.io#jupyter/base-notebook:2026-07-28",
            "jupyter",
            Kind::Release,
        ),
    ] {
        let start: &[&str] = if publisher == "devbox" {
            &["/init"]
        } else {
            &[]
        };
        let a = Made::new(uri).entrypoint(start).attribute();
        assert_eq!(
            (a.origin.publisher.as_deref(), a.origin.kind),
            (Some(publisher), kind),
            "{uri}"
        );
    }
}

#[test]
fn lmcache_over_vllm_is_lmcache() {
    let a = Made::vllm("docker://registry-1.docker.io#lmcache/vllm-openai:nightly-2026-09-17")
        .package("lmcache", "0.4.8")
        .attribute();
    assert_eq!(verdict(&a), (Kind::Nightly, Some(true), Some("lmcache")));
    assert_eq!(commit(&a), None, "the vLLM commit is inherited");
    assert_eq!(a.lineage[0].commit.as_deref(), Some(COMMIT));
}

#[test]
fn unstamped_product_lines_are_judged_by_reference_and_package() {
    let rocm = Made::new("docker://registry-1.docker.io#vllm/vllm-openai-rocm:v0.29.0")
        .env("ROCM_PATH", "/opt/rocm")
        .env("PYTORCH_ROCM_ARCH", "gfx942")
        .env("VLLM_USAGE_SOURCE", "production-docker-image")
        .entrypoint(&["vllm", "serve"])
        .package("vllm", "0.29.0+rocm714");
    assert_eq!(
        verdict(&rocm.attribute()),
        (Kind::Release, Some(true), Some("vllm"))
    );
    let old = Made::new(&hub("v0.11.0")).env("VLLM_USAGE_SOURCE", "production-docker-image");
    let old = old
        .entrypoint(&["python3", "-m", "vllm.entrypoints.openai.api_server"])
        .package("vllm", "0.11.0");
    assert_eq!(
        verdict(&old.attribute()),
        (Kind::Release, Some(true), Some("vllm"))
    );
    let new = Made::new(&hub("v0.29.0"))
        .entrypoint(&["vllm", "serve"])
        .package("vllm", "0.29.0");
    assert_eq!(
        new.attribute().origin.official,
        None,
        "a version that must carry a stamp carries none"
    );
}

#[test]
fn a_publishers_own_mirror_is_mapped_to_the_canonical_registry() {
    let a = Made::new("docker://registry.cn-hangzhou.aliyuncs.com#sealos/devbox-runtime-images/go-1.23.0:v0.0.1-zh-cn")
        .env("DEFAULT_DEVBOX_USER", "devbox")
        .entrypoint(&["/init"])
        .attribute();
    assert_eq!(verdict(&a), (Kind::Release, None, Some("devbox")));
    let canonical = "ghcr.io/labring-actions/devbox-runtime-images/go-1.23.0:v0.0.1-zh-cn";
    assert_eq!(a.origin.public_reference.as_deref(), Some(canonical));
    assert_eq!(
        a.origin.flags.get("target").map(String::as_str),
        Some("runtime/lang/go/1.23.0")
    );
}

#[test]
fn one_source_declares_and_two_that_agree_corroborate() {
    assert_eq!(
        Made::vllm(&hub("v0.29.0")).attribute().origin.confidence,
        Confidence::Corroborated
    );
    assert_eq!(
        Made::metadata_action("docker://ghcr.io#acme/server:1", "1")
            .attribute()
            .origin
            .confidence,
        Confidence::Declared
    );
    assert_eq!(
        Made::new("")
            .package("vllm", "0.1+g98dff2a81")
            .attribute()
            .origin
            .confidence,
        Confidence::Inferred
    );
    assert_eq!(
        Made::new("").attribute().origin.confidence,
        Confidence::None
    );
}

#[test]
fn estargz_landmarks_are_a_flag() {
    let a = Made::new("")
        .with(|f| {
            f.present.insert("/.no.prefetch.landmark".into());
        })
        .attribute();
    assert_eq!(
        a.origin.flags.get("compression").map(String::as_str),
        Some("estargz")
    );
}
