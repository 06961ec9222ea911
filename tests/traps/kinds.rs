//! What an image declares itself to be.

use sqsh_prov::carriers::{Checkout, Pair};
use sqsh_prov::provenance::{Confidence, Kind};

use crate::facts::{COMMIT, Made};
use crate::{commit, hub, verdict};

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
        .package_from(
            "vllm",
            "0.26.1rc1.dev960+g90104cfe4.d20260828",
            "https://github.com/vllm-project/vllm",
            "90104cfe4fd67e93e90ae5afadc0f011ebc06fb8",
            None,
        )
        .attribute();
    assert!(a.origin.commit.unwrap().dirty);
    assert_eq!(a.origin.kind, Kind::Local);
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
fn a_repository_named_release_holds_prereleases_too() {
    let a = Made::new("docker://nvcr.io#nvidia/tensorrt-llm/release:1.3.0rc23")
        .env("TRT_LLM_GIT_COMMIT", COMMIT)
        .env("TRT_LLM_VERSION", "1.3.0rc23")
        .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
        .package("tensorrt_llm", "1.3.0rc23")
        .package("torch", "2.11.0a0+a6c236b9fd.nv26.3.46836102")
        .attribute();
    assert_eq!(
        verdict(&a),
        (Kind::Release, Some(true), Some("tensorrt-llm"))
    );
    assert!(a.origin.prerelease);
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
                ..Checkout::default()
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
            "vllm",
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

#[test]
fn a_version_of_git_describe_is_no_release() {
    for (version, kind, shown) in [
        ("1.4.2", Kind::Release, Some("1.4.2")),
        (
            "v1.4.2-5-g98dff2a",
            Kind::Unknown,
            Some("v1.4.2-5-g98dff2a"),
        ),
        ("1.4.2-dirty", Kind::Local, Some("1.4.2-dirty")),
        ("sha-98dff2a", Kind::Unknown, None),
        ("nightly", Kind::Nightly, None),
    ] {
        let uri = format!("docker://ghcr.io#acme/server:{version}");
        let a = Made::metadata_action(&uri, version).attribute();
        assert_eq!(a.origin.kind, kind, "{version}");
        assert_eq!(a.origin.version.as_deref(), shown, "{version}");
    }
}

#[test]
fn a_product_that_no_line_has_is_not_the_first_line() {
    for (product, expected) in [
        ("TensorFlow", "NGC TensorFlow"),
        ("PyTorch", "NGC PyTorch"),
        // The base for deep learning, nvcr.io/nvidia/cuda-dl-base.
        ("CUDA", "NVIDIA NGC"),
    ] {
        let image = Made::new("")
            .env("NVIDIA_BUILD_ID", "201453")
            .env("NVIDIA_BUILD_REF", COMMIT)
            .env("NVIDIA_PRODUCT_NAME", product)
            .env("CUDA_VERSION", "13.0.2")
            .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"]);
        let a = image.attribute();
        assert_eq!(a.origin.publisher.as_deref(), Some("ngc"));
        assert_eq!(a.origin.product.as_deref(), Some(expected));
        let child = image.env("MY_APP", "1").attribute();
        let base = child.lineage.first().unwrap().product.as_deref();
        assert_eq!(base, Some(expected).filter(|_| product != "CUDA"));
    }
}
