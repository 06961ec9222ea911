//! Checkouts, annotations and build records beside a stamp.

use sqsh_prov::carriers::{Build, Checkout, DirectUrl, Pair, Sidecar};
use sqsh_prov::provenance::{Kind, Source};

use crate::facts::{COMMIT, Made, OTHER};
use crate::{codes, commit, hub, verdict};

fn pair(key: &str, value: &str) -> Pair {
    Pair {
        key: key.to_owned(),
        value: value.to_owned(),
        source: Source {
            carrier: "git".to_owned(),
            path: Some(key.to_owned()),
            ..Source::default()
        },
    }
}

fn checkout(path: &str, commit: &str, remote: &str) -> Checkout {
    Checkout {
        path: path.to_owned(),
        commit: Some(pair(&format!("{path}/.git/HEAD"), commit)),
        remote: Some(pair("remote.origin.url", remote)),
        ..Checkout::default()
    }
}

fn in_workdir(workdir: &str, checkouts: Vec<Checkout>) -> Made {
    Made::new("docker://ghcr.io#acme/app:1").with(|f| {
        f.workdir = Some(workdir.to_owned());
        f.checkouts = checkouts;
    })
}

const ACME: &str = "https://github.com/acme/app";

#[test]
fn a_checkout_is_the_working_directorys_by_the_components_of_its_path() {
    let other = in_workdir("/application", vec![checkout("/app", COMMIT, ACME)]);
    assert_eq!(commit(&other.attribute()), None);
    let within = in_workdir("/app/src", vec![checkout("/app", COMMIT, ACME)]);
    assert_eq!(commit(&within.attribute()), Some(COMMIT));
}

#[test]
fn the_nearest_checkout_is_the_applications() {
    let both = vec![checkout("/", OTHER, ACME), checkout("/app", COMMIT, ACME)];
    let a = in_workdir("/app/src", both).attribute();
    assert_eq!(commit(&a), Some(COMMIT));
    // What is not used stays as evidence.
    assert!(a.evidence.iter().any(|evidence| evidence.value == OTHER));
}

#[test]
fn a_checkout_of_a_pull_request_is_a_pull_request_build() {
    let mut own = checkout("/app", COMMIT, ACME);
    own.fetched = Some(pair("refs/remotes/origin/pull", "refs/pull/12/merge"));
    assert_eq!(
        in_workdir("/app", vec![own]).attribute().origin.kind,
        Kind::Pr
    );
}

#[test]
fn a_whole_head_completes_the_short_commit_of_a_package() {
    let vllm = "https://github.com/vllm-project/vllm";
    let nightly = |checkouts| {
        Made::new(&hub("nightly"))
            .label("ai.vllm.other", "1")
            .package("vllm", "0.29.1rc1.dev5+g98dff2a81")
            .with(|f| f.checkouts = checkouts)
            .attribute()
    };
    let whole = nightly(vec![checkout("/vllm-workspace", COMMIT, vllm)]);
    assert_eq!(commit(&whole), Some(COMMIT));
    let other = nightly(vec![checkout("/vllm-workspace", OTHER, vllm)]);
    assert_eq!(commit(&other), Some("98dff2a81"));
    assert!(codes(&other).contains(&"checkout-differs"));
    let foreign = nightly(vec![checkout("/vllm-workspace", OTHER, ACME)]);
    assert!(!codes(&foreign).contains(&"checkout-differs"));
}

#[test]
fn a_wheel_that_names_a_commit_did_not_make_the_image() {
    let a = Made::new("docker://registry-1.docker.io#acme/serving:1")
        .package("vllm", "0.19.2rc0+g6ef1efd51")
        .attribute();
    assert_eq!(commit(&a), None);
    assert!(a.evidence.iter().any(|it| it.value == "6ef1efd51"));
}

#[test]
fn a_fork_with_the_upstreams_source_label_is_the_forks() {
    let tag = "ghcr.io/acme/vllm-openai:v0.30.0-acme1";
    let run = "https://github.com/acme/vllm/actions/runs/18222333444";
    let fork = Made::vllm_stamped(
        "docker://ghcr.io#acme/vllm-openai:v0.30.0-acme1",
        tag,
        OTHER,
        "0.30.0",
    )
    .set_env("VLLM_BUILD_URL", run)
    .set_label("ai.vllm.build.url", run);
    let a = fork.attribute();
    assert_eq!(verdict(&a), (Kind::Release, None, Some("acme")));
    let commit = a.origin.commit.unwrap();
    assert_eq!(commit.id, OTHER);
    assert_eq!(
        commit.repository.as_deref(),
        Some("https://github.com/acme/vllm")
    );
}

#[test]
fn a_version_label_that_is_a_branch_is_no_version() {
    let a = Made::metadata_action(
        "docker://ghcr.io#acme/server:x",
        "codex/docker-image-oci-labels",
    )
    .attribute();
    assert_eq!((a.origin.version, a.origin.kind), (None, Kind::Unknown));
    assert_eq!(a.origin.commit.unwrap().id, COMMIT);
}

#[test]
fn records_that_disagree_are_shown() {
    let image = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2");
    let record = |commit: &str| Build {
        commits: vec![pair("vcs:revision", commit)],
        ..Build::default()
    };
    for (code, made) in [
        (
            "annotation-differs",
            image.clone().with(|f| {
                let key = "org.opencontainers.image.revision";
                f.annotations = vec![pair(key, OTHER)];
            }),
        ),
        (
            "build-records-differ",
            image
                .clone()
                .with(|f| f.builds = vec![record(COMMIT), record(OTHER)]),
        ),
        (
            "sidecar-of-another-image",
            image.clone().with(|f| {
                f.digests = vec![pair("manifest", "sha256:aa")];
                f.sidecar = Some(Sidecar {
                    digests: vec![pair("manifest", "sha256:bb")],
                    ..Sidecar::default()
                });
            }),
        ),
    ] {
        assert!(codes(&made.attribute()).contains(&code), "{code}");
        assert!(!codes(&image.attribute()).contains(&code), "{code}");
    }
}

#[test]
fn a_tag_in_another_language_than_the_image_is_shown() {
    let image = |tag: &str| {
        Made::new(&format!(
            "docker://ghcr.io#labring-actions/devbox-runtime-images/go-1.23.0:v1-{tag}"
        ))
        .env("L10N", "en_US")
        .attribute()
    };
    assert!(codes(&image("zh-cn")).contains(&"tag-variable-differs"));
    assert!(!codes(&image("en-us")).contains(&"tag-variable-differs"));
}

/// vLLM's own bake files stamp CI images with placeholders.
#[test]
fn whose_ci_it_is_comes_before_what_the_stamp_lacks() {
    let ci = |repository: &str| {
        Made::vllm_stamped(
            &format!("docker://public.ecr.aws#q9t5s3a7/{repository}:{COMMIT}"),
            "local/vllm-openai:dev",
            COMMIT,
            "0.29.1",
        )
        .set_env("VLLM_BUILD_PIPELINE", "local")
        .set_label("ai.vllm.build.pipeline", "local")
        .attribute()
        .origin
        .kind
    };
    assert_eq!(ci("vllm-ci-postmerge-repo"), Kind::Ci);
    assert_eq!(ci("vllm-ci-test-repo"), Kind::Pr);
}

#[test]
fn a_package_that_runs_from_a_checkout_of_somebody_else_is_not_the_publishers() {
    let editable = |remote: &str| {
        Made::vllm(&hub("v0.29.0")).with(|f| {
            f.checkouts = vec![checkout("/vllm-workspace/vllm", COMMIT, remote)];
            f.packages.last_mut().unwrap().direct_url = Some(DirectUrl {
                url: "file:///vllm-workspace/vllm".into(),
                editable: true,
                ..DirectUrl::default()
            });
        })
    };
    let own = editable("https://github.com/vllm-project/vllm").attribute();
    assert!(!codes(&own).contains(&"package-source-differs"));
    let other = editable("https://github.com/acme/vllm").attribute();
    assert!(codes(&other).contains(&"package-source-differs"));
    assert_eq!(other.origin.official, Some(false));
}
