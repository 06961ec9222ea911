//! Copies of a publisher's repository under another host or prefix.

use sqsh_prov::attribution::attribute;
use sqsh_prov::contracts::Contracts;
use sqsh_prov::provenance::Kind;

use crate::facts::Made;
use crate::verdict;

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
fn an_unstamped_publishers_image_from_a_mirror_is_still_its_own() {
    let lmcache = |uri: &str| {
        Made::vllm(uri)
            .package("lmcache", "0.5.4")
            .entrypoint(&["/opt/venv/bin/vllm", "serve"])
            .attribute()
    };
    let direct = lmcache("docker://registry-1.docker.io#lmcache/vllm-openai:v0.5.4");
    assert_eq!(
        verdict(&direct),
        (Kind::Release, Some(true), Some("lmcache"))
    );
    let cached = lmcache("docker://harbor.example#hub/lmcache/vllm-openai:v0.5.4");
    assert_eq!(
        verdict(&cached),
        (Kind::Release, Some(false), Some("lmcache"))
    );
    assert!(cached.warnings.iter().any(|w| w.code == "unmapped-mirror"));
    assert_eq!(cached.origin.version, direct.origin.version);
    // Another path, another tag, or an image without the package is somebody's child.
    for uri in [
        "docker://harbor.example#hub/acme/vllm-openai:v0.5.4",
        "docker://harbor.example#hub/lmcache/vllm-openai:patched",
        "docker://harbor.example#hub/lmcache/vllm-openai:v0.6.0",
    ] {
        assert_eq!(lmcache(uri).origin.kind, Kind::Derived, "{uri}");
    }
    let without = Made::vllm("docker://harbor.example#hub/lmcache/vllm-openai:v0.5.4").attribute();
    assert_eq!(without.origin.kind, Kind::Derived);
    let ubuntu = |id: &str| {
        Made::new("docker://harbor.example#hub/library/ubuntu:24.04")
            .os(id, "24.04")
            .attribute()
    };
    assert_eq!(ubuntu("ubuntu").origin.publisher.as_deref(), Some("ubuntu"));
    assert_eq!(ubuntu("debian").origin.publisher, None);
}

#[test]
fn a_cache_in_front_of_a_publisher_with_patterns_is_no_sign_of_a_child() {
    for (uri, derived) in [
        (
            "docker://harbor.example#proxy/bitnami/postgresql:16.4.0-debian-12-r3",
            false,
        ),
        (
            "docker://harbor.example#bitnami/postgresql:16.4.0-debian-12-r3",
            false,
        ),
        (
            "docker://harbor.example#acme/postgresql:16.4.0-debian-12-r3",
            true,
        ),
        (
            "docker://harbor.example#notbitnami/postgresql:16.4.0-debian-12-r3",
            true,
        ),
    ] {
        let a = Made::new(uri)
            .env("BITNAMI_APP_NAME", "postgresql")
            .env("APP_VERSION", "16.4.0")
            .label(
                "com.vmware.cp.artifact.flavor",
                "sha256:c50c90cfd9d12b445b011e6ad529f1ad3daea45c26d20b00732fae3cd71f6a83",
            )
            .label("org.opencontainers.image.vendor", "VMware, Inc.")
            .attribute();
        let warned = a.warnings.iter().any(|it| it.code == "unmapped-mirror");
        assert_eq!(
            (a.origin.kind == Kind::Derived, warned),
            (derived, !derived),
            "{uri}"
        );
        assert_ne!(a.origin.official, Some(true), "{uri}");
    }
}
