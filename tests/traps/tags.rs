//! Stamps against the tag, the version and the package of an image.

use crate::facts::{COMMIT, Made, OTHER};
use crate::{DIGEST, HUB, codes, hub, ngc, verdict};
use sqsh_prov::provenance::Kind;

#[test]
fn an_architecture_that_contradicts_the_tag_is_a_conflict() {
    let a = Made::vllm(&hub("v0.29.0-aarch64"))
        .with(|f| f.machine = Some(("x86_64".into(), Default::default())))
        .attribute();
    assert_eq!(codes(&a), ["architecture-conflict"]);
    assert_eq!(a.origin.official, Some(false));
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
fn an_incomplete_stamp_is_not_official() {
    for (what, image) in [
        (
            "no commit",
            Made::vllm(&hub("v0.29.0"))
                .without_env("VLLM_BUILD_COMMIT")
                .with(|f| {
                    f.labels
                        .retain(|l| !l.key.ends_with("commit") && !l.key.ends_with("revision"));
                }),
        ),
        (
            "no reference",
            Made::vllm(&hub("v0.29.0"))
                .without_env("VLLM_IMAGE_TAG")
                .with(|f| {
                    f.labels
                        .retain(|l| !l.key.ends_with("tag") && !l.key.ends_with("version"));
                }),
        ),
    ] {
        assert_ne!(image.attribute().origin.official, Some(true), "{what}");
    }
}

#[test]
fn a_stamp_of_one_product_line_under_anothers_repository_is_not_official() {
    for uri in [
        "docker://registry-1.docker.io#vllm/vllm-openai-rocm:v0.29.0".to_owned(),
        format!("docker://registry-1.docker.io#vllm/vllm-openai-rocm:{DIGEST}"),
    ] {
        assert_eq!(
            verdict(&Made::vllm(&uri).attribute()),
            (Kind::Release, None, Some("vllm")),
            "{uri}: only the publisher can push it there"
        );
    }
    let triton = ngc("docker://nvcr.io#nvidia/tritonserver:26.03-py3").attribute();
    assert_ne!(triton.origin.official, Some(true));
}

#[test]
fn a_tag_of_another_version_than_the_content_is_not_official() {
    let trt = Made::new("docker://nvcr.io#nvidia/tensorrt-llm/release:1.3.0rc23")
        .env("TRT_LLM_GIT_COMMIT", COMMIT)
        .env("TRT_LLM_VERSION", "1.2.0")
        .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
        .package("tensorrt_llm", "1.2.0");
    let pytorch =
        ngc("docker://nvcr.io#nvidia/pytorch:26.03-py3").set_env("NVIDIA_PYTORCH_VERSION", "25.06");
    let dynamo = Made::new("docker://nvcr.io#nvidia/ai-dynamo/vllm-runtime:0.8.1")
        .env("DYNAMO_COMMIT_SHA", OTHER)
        .package("ai-dynamo", "0.7.0");
    for image in [trt, pytorch, dynamo] {
        assert_eq!(image.attribute().origin.official, Some(false));
    }
}

#[test]
fn every_framework_of_nvidia_is_compared_with_its_tag() {
    let image = |product: &str, variable: &str, version: &str, uri: &str| {
        Made::new(&format!("docker://nvcr.io#nvidia/{uri}"))
            .env("NVIDIA_PRODUCT_NAME", product)
            .env(variable, version)
            .env("NVIDIA_BUILD_ID", "286725636")
            .label("com.nvidia.build.id", "286725636")
            .label("com.nvidia.build.ref", OTHER)
            .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
            .attribute()
            .origin
            .official
    };
    let tensorflow = |version: &str, tag: &str| {
        let uri = format!("tensorflow:{tag}");
        image("TensorFlow", "NVIDIA_TENSORFLOW_VERSION", version, &uri)
    };
    let tensorrt = |version: &str, tag: &str| {
        let uri = format!("tensorrt:{tag}");
        image("TensorRT", "NVIDIA_TENSORRT_VERSION", version, &uri)
    };
    assert_ne!(tensorflow("24.05-tf2", "24.05-tf2-py3"), Some(false));
    assert_ne!(tensorrt("24.05", "24.05-py3"), Some(false));
    for (version, tag) in [
        ("25.02-tf2", "24.05-tf2-py3"),
        ("23.03-tf1", "23.03-tf2-py3"),
        ("25.02", "24.05-tf2-py3"),
    ] {
        assert_eq!(tensorflow(version, tag), Some(false), "{version} {tag}");
    }
    assert_eq!(tensorrt("24.05", "24.04-py3"), Some(false));
}

#[test]
fn the_commit_in_a_tag_of_ray_is_no_part_of_its_version() {
    let commit = "57430489e77d4c7fa15c9c9892d3d485d1c32983";
    let ray = |tag: &str| {
        Made::new(&format!(
            "docker://registry-1.docker.io#rayproject/ray:{tag}"
        ))
        .label("io.ray.ray-commit", commit)
        .label("io.ray.ray-version", "2.56.0")
        .package("ray", "2.56.0")
        .attribute()
    };
    for tag in ["2.56.0-py312", "2.56.0.574304-py312"] {
        assert_eq!(ray(tag).origin.official, None, "{tag}");
        assert_eq!(codes(&ray(tag)), [""; 0], "{tag}");
    }
    assert_eq!(codes(&ray("2.56.0.57430b-py312")), ["tag-commit-differs"]);
    assert_eq!(ray("2.55.0-py312").origin.official, Some(false));
}

#[test]
fn a_tag_is_compared_with_the_labels_of_a_publisher_without_a_stamp() {
    let tgi = |tag: &str| {
        let name = "huggingface/text-generation-inference";
        Made::new(&format!("docker://ghcr.io#{name}:{tag}"))
            .label(
                "org.opencontainers.image.source",
                &format!("https://github.com/{name}"),
            )
            .label("org.opencontainers.image.revision", COMMIT)
            .label("org.opencontainers.image.version", "3.3.7")
            .attribute()
    };
    for (tag, expected) in [
        ("3.3.7", None),
        ("3.3", None),
        ("sha-98dff2a", None),
        ("2.4.0", Some("versions-differ")),
        ("sha-1234567", Some("tag-commit-differs")),
    ] {
        assert_eq!(codes(&tgi(tag)), Vec::from_iter(expected), "{tag}");
    }
}

#[test]
fn a_tag_that_names_another_commit_than_the_stamp_is_shown() {
    let image = |tag: &str| {
        Made::new(&format!(
            "docker://nvcr.io#nvidia/ai-dynamo/vllm-runtime-nightly:{tag}"
        ))
        .env("DYNAMO_COMMIT_SHA", COMMIT)
        .package("ai-dynamo", "1.2.0")
        .package("vllm", "0.23.0")
        .file("/opt/dynamo/wheelhouse")
        .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
        .attribute()
    };
    let own = image(&format!("20261001-{}", &COMMIT[..7]));
    assert_eq!(verdict(&own), (Kind::Nightly, Some(true), Some("dynamo")));
    assert_eq!(codes(&own), [""; 0]);
    let other = image("20261001-aaaaaaa");
    assert_eq!(verdict(&other), (Kind::Nightly, None, Some("dynamo")));
    assert_eq!(codes(&other), ["tag-commit-differs"]);
}

#[test]
fn latest_on_a_package_between_two_releases_is_no_proven_release() {
    let cpu = |tag: &str, version: &str| {
        let a = Made::new(&format!("{HUB}-cpu:{tag}"))
            .entrypoint(&["vllm", "serve"])
            .package("vllm", version)
            .attribute();
        let reasons = a.origin.reasons.iter();
        let differ = reasons
            .filter(|reason| *reason == "versions-differ")
            .count();
        (a.origin.kind, a.origin.official, differ)
    };
    let nightly = "0.30.1rc1.dev412+gfb5486430.cpu";
    assert_eq!(cpu("latest", "0.30.0+cpu"), (Kind::Release, Some(true), 0));
    assert_eq!(
        cpu("latest", "0.30.0.post1"),
        (Kind::Release, Some(true), 0)
    );
    assert_eq!(cpu("latest", nightly), (Kind::Release, None, 1));
    assert_eq!(cpu("latest-arm64", nightly), (Kind::Release, None, 1));
    assert_eq!(cpu("nightly", nightly), (Kind::Nightly, Some(true), 0));
}

#[test]
fn a_tag_of_another_version_than_the_package_is_a_conflict() {
    let torch = |tag: &str, version: &str| {
        let a = Made::new(&format!(
            "docker://registry-1.docker.io#pytorch/pytorch:{tag}-cuda12.8-cudnn9-runtime"
        ))
        .package("torch", version)
        .attribute();
        (
            a.origin.publisher.clone(),
            codes(&a).contains(&"versions-differ"),
        )
    };
    let own = Some("pytorch".to_owned());
    assert_eq!(torch("2.7.0", "2.8.0+cu128"), (own.clone(), true));
    assert_eq!(torch("2.8.0", "2.8.0+cu128"), (own.clone(), false));
    // Old tags have no patch number if it is zero.
    assert_eq!(torch("1.3", "1.3.0"), (own, false));
}
