//! What a stamp says, and when it is not to be believed.

use crate::facts::{COMMIT, Made};
use crate::{codes, commit, hub, verdict};
use sqsh_prov::provenance::Kind;

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
        (Kind::Unknown, None, Some("vllm"))
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
        verdict(&variant.attribute()),
        (Kind::Release, None, Some("vllm")),
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
fn arguments_and_a_version_label_of_a_child_are_seen() {
    let official = Made::vllm("docker://harbor.acme.example#hub/vllm/vllm-openai:v0.29.0");
    let arguments = official
        .clone()
        .with(|f| f.cmd = Some(vec!["--model".into(), "/m".into()]));
    let label = official
        .clone()
        .set_label("org.opencontainers.image.version", "acme/vllm:patched");
    for child in [arguments, label] {
        assert_eq!(
            verdict(&child.attribute()),
            (Kind::Derived, Some(false), None)
        );
    }
    let twice = official.package("vllm", "0.30.0").attribute();
    assert_ne!(twice.origin.official, Some(true));
}

#[test]
fn one_placeholder_stands_for_all_words_of_a_stamp() {
    for uri in [
        "dockerd://vllm_base:dev",
        "docker://ghcr.io#swiss-ai/vllm_base:release-20260901",
    ] {
        let a = Made::new(uri).env("SML_IMAGE_BUILD", "unknown").attribute();
        assert_eq!(a.origin.kind, Kind::Local, "{uri}");
    }
    let hand = Made::new("dockerd://dynamo:x")
        .env("DYNAMO_COMMIT_SHA", "unknown")
        .attribute();
    assert_eq!(hand.origin.kind, Kind::Local);
}

#[test]
fn an_unlisted_variable_of_an_unstamped_line_keeps_its_kind_and_publisher() {
    let rocm =
        Made::new("docker://registry-1.docker.io#lmsysorg/sglang-rocm:v0.5.12-rocm720-mi30x")
            .env("ROCM_PATH", "/opt/rocm")
            .env("SOMETHING_NEW", "1")
            .package("sglang", "0.5.12");
    assert_eq!(
        verdict(&rocm.attribute()),
        (Kind::Release, None, Some("sglang"))
    );
}

#[test]
fn a_patched_wheel_in_the_publishers_place_is_not_the_publishers() {
    let mirror = "docker://harbor.acme.example#hub/vllm/vllm-openai:v0.29.0";
    let mirrors = [("harbor.acme.example/hub".to_owned(), "docker.io".to_owned())];
    let official = |made: &Made| {
        let contracts = sqsh_prov::contracts::Contracts::built_in().unwrap();
        sqsh_prov::attribution::attribute(&made.0, &contracts, &mirrors)
            .origin
            .official
    };
    let genuine = Made::vllm(mirror);
    assert_eq!(official(&genuine), Some(true));
    let version = |version: &str| {
        let version = version.to_owned();
        genuine.clone().with(|f| {
            f.packages[0].metadata_version = Some(version.clone());
            f.packages[0].version = version;
        })
    };
    for own in ["0.29.0+cu130", "0.29.0+g98dff2a81", "0.29.0+empty"] {
        assert_eq!(official(&version(own)), Some(true), "{own}");
    }
    for foreign in [
        "0.29.0+acme.patch2",
        "0.29.0+dirty",
        "0.29.0+precompiled",
        "0.29.0+g0123456",
    ] {
        assert_eq!(official(&version(foreign)), Some(false), "{foreign}");
    }
    // What was left of the package that was replaced says nothing of the new one.
    let stale = version("0.29.0+g0123456").commit_id("g98dff2a81");
    assert_eq!(official(&stale), Some(false));
    let fork = genuine.with(|f| {
        f.packages[0].direct_url = Some(sqsh_prov::carriers::DirectUrl {
            url: "https://github.com/acme/vllm".to_owned(),
            commit: Some(COMMIT.to_owned()),
            ..Default::default()
        });
    });
    assert_eq!(official(&fork), Some(false));
}

#[test]
fn two_versions_of_the_publishers_package_leave_the_answer_open() {
    let genuine = Made::vllm(&hub("v0.29.0"));
    assert_eq!(genuine.attribute().origin.official, Some(true));
    let a = genuine.package("vllm", "0.26.0").attribute();
    assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")));
    assert_eq!(a.origin.version.as_deref(), Some("0.29.0"));
    assert!(
        a.origin
            .reasons
            .contains(&"several-package-versions".to_owned())
    );
}
