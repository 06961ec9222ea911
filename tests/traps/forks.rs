//! Forks of a publisher's project, and what others build on their images.

use sqsh_prov::provenance::Kind;

use crate::facts::{COMMIT, Made, OTHER};
use crate::{codes, commit, verdict};

const SOURCE: &str = "org.opencontainers.image.source";

const PAGE: &str = "https://buildkite.com/acme/vllm/builds/12";
const STAMP: &str = "acme/vllm-openai:v0.29.0";
const FORK: &str = "docker://registry-1.docker.io#acme/vllm-openai:v0.29.0";
const CHILD: &str = "docker://ghcr.io#kid/app:1.0";

/// An image that acme built of its fork of vLLM, with vLLM's build files.
fn fork(uri: &str, page: &str) -> Made {
    Made::vllm_stamped(uri, STAMP, COMMIT, "0.29.0")
        .set_env("VLLM_BUILD_URL", page)
        .set_label("ai.vllm.build.url", page)
        .set_label("org.opencontainers.image.url", page)
}

fn kids(made: Made) -> Made {
    made.set_label(SOURCE, "https://github.com/kid/app")
}

#[test]
fn a_child_of_a_fork_is_no_build_of_the_fork() {
    let actions = "https://github.com/acme/vllm/actions/runs/18222333444";
    for (what, made) in [
        ("another source label", kids(fork(CHILD, PAGE))),
        (
            "another source, revision and version",
            kids(fork(CHILD, PAGE))
                .set_label("org.opencontainers.image.revision", OTHER)
                .set_label("org.opencontainers.image.version", "1.0"),
        ),
        (
            "another source of the same forge, without an import",
            kids(fork("", actions)),
        ),
        ("a variable", fork(CHILD, PAGE).env("MY_APP", "1")),
        ("an entrypoint", fork(CHILD, PAGE).entrypoint(&["app"])),
    ] {
        let a = made.attribute();
        assert_eq!(verdict(&a), (Kind::Derived, Some(false), None), "{what}");
        assert_eq!((commit(&a), a.origin.version.as_deref()), (None, None));
        assert!(!codes(&a).is_empty(), "{what}");
        let base = a.origin.derived_from.unwrap();
        assert_eq!(base.publisher.as_deref(), Some("acme"), "{what}");
        assert_eq!(
            base.reference.as_deref(),
            Some("docker.io/acme/vllm-openai:v0.29.0")
        );
        assert_eq!(base.commit.as_deref(), Some(COMMIT), "{what}");
        let upstream = &a.lineage[1];
        assert_eq!(upstream.publisher.as_deref(), Some("vllm"), "{what}");
        assert_eq!(upstream.commit, None, "{what}");
    }
}

#[test]
fn a_forks_own_image_is_the_forks_wherever_it_is_copied() {
    for (what, made) in [
        ("upstream's source label", fork(FORK, PAGE)),
        (
            "its own source label",
            fork(FORK, PAGE).set_label(SOURCE, "https://github.com/acme/vllm"),
        ),
        (
            "another name on another forge",
            fork(FORK, PAGE).set_label(SOURCE, "https://github.com/acme-ai/vllm"),
        ),
        ("its own variable", fork(FORK, PAGE).env("ACME", "1")),
        (
            "a mirror",
            fork("docker://harbor.example#hub/acme/vllm-openai:v0.29.0", PAGE),
        ),
        ("a copy", fork(CHILD, PAGE)),
    ] {
        let a = made.attribute();
        assert_ne!(a.origin.kind, Kind::Derived, "{what}");
        assert_eq!(commit(&a), Some(COMMIT), "{what}");
        assert_ne!(a.origin.official, Some(true), "{what}");
        let differs = codes(&a).contains(&"repository-differs");
        assert_eq!(differs, what == "a copy", "{what}");
    }
}
