//! What a child inherits from its base, and what is its own.

use crate::facts::{COMMIT, Made, OTHER};
use crate::{codes, commit, ngc, verdict};
use sqsh_prov::attribution::Attribution;
use sqsh_prov::provenance::Kind;

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
    for alias in [
        "docker://registry-1.docker.io#redhat/ubi9-minimal:9.7",
        "docker://registry-1.docker.io#redhat/ubi9-minimal:9.7-1770180557",
        "docker://registry.access.redhat.com#ubi9-minimal:latest",
        "docker://registry.redhat.io#ubi9/ubi-minimal:9.7",
    ] {
        let a = own.clone().imported(alias).attribute();
        let (kind, official, publisher) = verdict(&a);
        assert_eq!(
            (kind, official, publisher),
            (Kind::Release, Some(true), Some("redhat")),
            "{alias}"
        );
        assert!(codes(&a).is_empty(), "{alias}: {:?}", codes(&a));
    }
    let other = own
        .clone()
        .imported("docker://registry-1.docker.io#redhat/ubi9-micro:9.7")
        .attribute();
    assert_eq!(codes(&other), ["pull-differs"]);
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
    // The base writes one commit into both labels, so another one is the child's.
    let own = labels(Made::new("docker://quay.io#acme/app:2.4.0"))
        .set_label("org.opencontainers.image.revision", COMMIT)
        .label(
            "org.opencontainers.image.source",
            "https://github.com/acme/app",
        )
        .attribute();
    assert_eq!(commit(&own), Some(COMMIT));
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

#[test]
fn an_image_with_the_name_of_its_base_is_no_mirror_of_it() {
    let labels = |made: Made| {
        made.label("com.redhat.component", "ubi9-minimal-container")
            .label("name", "ubi9/ubi-minimal")
            .label("vcs-ref", OTHER)
    };
    let derived = |uri: &str| {
        let frozen = labels(Made::new("")).0.labels;
        let made = labels(Made::new(uri));
        made.with(|f| f.base_labels = Some(frozen))
            .attribute()
            .origin
            .kind
            == Kind::Derived
    };
    assert!(derived("docker://registry.redhat.io#acme/ubi9:9.7"));
    assert!(derived("docker://harbor.example#acme/ubi9:9.7"));
}

#[test]
fn a_package_months_after_a_distribution_was_built_is_no_part_of_it() {
    const BUILT: i64 = 1_770_180_883; // 2026-02-04T04:54:43Z
    let ubi = |later: Option<i64>| {
        let made = Made::new("docker://registry.access.redhat.com#ubi9/ubi-minimal:9.7-1770180557")
            .label("com.redhat.component", "ubi9-minimal-container")
            .label("name", "ubi9/ubi-minimal")
            .label("version", "9.7")
            .label("release", "1770180557")
            .label("vcs-ref", OTHER)
            .label("build-date", "2026-02-04T04:54:43Z");
        installed(made.with(|f| f.base_labels = Some(f.labels.clone())), later)
    };
    let cuda = |later: Option<i64>| {
        let made = Made::new("docker://registry-1.docker.io#nvidia/cuda:12.4.1-base-ubuntu22.04")
            .env("CUDA_VERSION", "12.4.1")
            .env("NVIDIA_PRODUCT_NAME", "CUDA")
            .os("ubuntu", "22.04")
            .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
            .with(|f| {
                f.mtimes.insert("/var/lib/dpkg/status".into(), BUILT);
            });
        installed(made, later)
    };
    for image in [ubi, cuda] {
        assert!(!codes(&image(None)).contains(&"later-files"));
        assert!(!codes(&image(Some(BUILT - 1))).contains(&"later-files"));
        let child = image(Some(BUILT + 270 * 86_400));
        assert!(codes(&child).contains(&"later-files"));
        assert_eq!(child.origin.official, None);
    }
}

/// An image with a package of Python that was installed then.
fn installed(made: Made, then: Option<i64>) -> Attribution {
    match then {
        None => made.attribute(),
        Some(then) => made
            .package("requests", "2.32.0")
            .with(|f| f.packages.last_mut().unwrap().mtime = Some(then))
            .attribute(),
    }
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
fn lmcache_over_vllm_is_lmcache() {
    let a = Made::vllm("docker://registry-1.docker.io#lmcache/vllm-openai:nightly-2026-09-17")
        .package("lmcache", "0.4.8")
        .attribute();
    assert_eq!(verdict(&a), (Kind::Nightly, Some(true), Some("lmcache")));
    assert_eq!(commit(&a), None, "the vLLM commit is inherited");
    assert_eq!(a.lineage[0].commit.as_deref(), Some(COMMIT));
}

#[test]
fn a_marker_of_a_base_does_not_make_its_child_the_bases() {
    let chainguard =
        Made::new("docker://ghcr.io#acme/app:1.2").label("dev.chainguard.image.title", "python");
    let bitnami = Made::new("docker://ghcr.io#acme/app:1.2").env("BITNAMI_APP_NAME", "redis");
    for child in [chainguard, bitnami] {
        assert_eq!(
            verdict(&child.attribute()),
            (Kind::Derived, Some(false), None)
        );
    }
}

#[test]
fn a_request_marker_of_the_base_is_not_the_outer_images() {
    let page = "https://github.com/vllm-project/vllm/pull/3";
    let a = Made::vllm("docker://nvcr.io#nvidia/ai-dynamo/vllm-runtime:1.2.0")
        .set_env("VLLM_BUILD_URL", page)
        .set_label("ai.vllm.build.url", page)
        .set_label("org.opencontainers.image.url", page)
        .env("DYNAMO_COMMIT_SHA", OTHER)
        .entrypoint(&[])
        .package("ai-dynamo", "1.2.0")
        .file("/opt/dynamo/wheelhouse")
        .attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(true), Some("dynamo")));
}

/// A child of `acme/server` that its own CI built, with the labels of its base.
fn child_of_server(uri: &str) -> Made {
    Made::metadata_action(uri, "1.4.2")
        .env("GITHUB_SHA", OTHER)
        .env("GITHUB_REPOSITORY", "acme/child")
        .env("GITHUB_RUN_ID", "123456")
}

#[test]
fn labels_of_a_base_are_not_mixed_with_the_childs_variables() {
    let child = child_of_server("docker://ghcr.io#acme/child:2.0.0").attribute();
    assert_eq!(commit(&child), Some(OTHER));
    let repository = child.origin.commit.as_ref().unwrap().repository.as_deref();
    assert_eq!(repository, Some("https://github.com/acme/child"));
    assert_eq!(codes(&child), ["labels-and-variables-differ"]);
    assert_ne!(child.origin.version.as_deref(), Some("1.4.2"), "the base's");
    assert_eq!(child.lineage[0].commit.as_deref(), Some(COMMIT));

    // The variables may be the base's just as well.
    let server = child_of_server("docker://ghcr.io#acme/server:1.4.2").attribute();
    assert_eq!(commit(&server), Some(COMMIT));
    assert_eq!(
        server.origin.pipeline, None,
        "the run is another repository's"
    );
    assert_eq!(server.lineage[0].commit.as_deref(), Some(OTHER));
}

#[test]
fn of_two_sources_that_the_import_backs_neither_there_is_no_commit() {
    for uri in [
        "docker://registry.acme.example#ml/serving:7",
        "",
        "dockerd://serving:7",
    ] {
        let a = child_of_server(uri).attribute();
        assert_eq!(
            (commit(&a), a.origin.pipeline.as_ref()),
            (None, None),
            "{uri}"
        );
        assert_eq!(codes(&a), ["labels-and-variables-differ"], "{uri}");
    }
}

#[test]
fn in_a_forges_registry_the_account_must_be_the_source_repositorys() {
    let named = |uri: &str| Made::metadata_action(uri, "1.4.2").attribute();
    for uri in [
        "docker://ghcr.io#team2/app:1.4.2",
        "docker://ghcr.io#team2/server:1.4.2",
    ] {
        let a = named(uri);
        assert_eq!(codes(&a), ["owner-differs"], "{uri}");
        assert_eq!(commit(&a), Some(COMMIT), "it may be a copy");
    }
    for uri in [
        "docker://ghcr.io#acme/server:1.4.2",
        "docker://ghcr.io#Acme/images/server:1.4.2",
        // Elsewhere, accounts have other names than on GitHub.
        "docker://registry-1.docker.io#team2/app:1.4.2",
        "docker://registry.gitlab.com#team2/app:1.4.2",
        "dockerd://team2/app:1.4.2",
        "",
    ] {
        assert_eq!(codes(&named(uri)), [""; 0], "{uri}");
    }
}

#[test]
fn two_commits_of_one_repository_are_shown_both() {
    let a = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2")
        .env("GIT_COMMIT", OTHER)
        .attribute();
    assert_eq!(commit(&a), Some(COMMIT));
    assert_eq!(codes(&a), ["labels-and-variables-differ"]);
    let same = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2")
        .env("GIT_COMMIT", &COMMIT[..9])
        .attribute();
    assert_eq!(codes(&same), [""; 0]);
}
