//! Labels and stamps of a base that an image keeps.

use sqsh_prov::attribution::Attribution;
use sqsh_prov::carriers::LaterThanImport;
use sqsh_prov::image::Later;
use sqsh_prov::provenance::{BuildStep, Kind};

use crate::facts::{COMMIT, Made, OTHER};
use crate::{codes, commit, ngc, verdict};

const ACME: &str = "https://github.com/acme/serving";
const SOURCE: &str = "org.opencontainers.image.source";

/// The time of the last file before the import.
fn last_file(made: Made, before: i64) -> Made {
    made.with(|f| {
        f.later = LaterThanImport::Read(Later {
            since: 2_000_000_000,
            before,
            ..Later::default()
        });
    })
}

fn base(a: &Attribution) -> (Option<&str>, Option<&str>) {
    let first = a.lineage.first();
    first.map_or((None, None), |it| {
        (it.publisher.as_deref(), it.version.as_deref())
    })
}

#[test]
fn a_source_label_of_ones_own_makes_no_fork_of_a_publishers_build() {
    for uri in [
        "docker://ghcr.io#acme/serving:v1.2.0",
        "docker://registry.site.example#vllm/vllm-openai:v0.29.0",
        "podman://localhost/serving:dev",
        "",
    ] {
        let a = Made::vllm(uri).set_label(SOURCE, ACME).attribute();
        assert_eq!(verdict(&a), (Kind::Derived, Some(false), None), "{uri}");
        assert_eq!(
            (commit(&a), base(&a)),
            (None, (Some("vllm"), Some("0.29.0")))
        );
    }
    // A fork's own pipeline builds it, with its own page.
    let url = "https://buildkite.com/acme/release/builds/7";
    let fork = Made::vllm("docker://ghcr.io#acme/vllm:1")
        .set_label(SOURCE, "https://github.com/acme/vllm")
        .set_env("VLLM_BUILD_URL", url)
        .set_label("ai.vllm.build.url", url)
        .set_label("org.opencontainers.image.url", url)
        .attribute();
    assert_eq!(fork.origin.publisher.as_deref(), Some("acme"));
    assert_eq!(commit(&fork), Some(COMMIT));
}

/// A child of ghcr.io/astral-sh/uv, which docker/metadata-action labelled on 2033-01-01.
fn child_of_uv(uri: &str) -> Made {
    let uv = "https://github.com/astral-sh/uv";
    Made::new(uri)
        .label("org.opencontainers.image.created", "2033-01-01T00:00:00Z")
        .label("org.opencontainers.image.revision", COMMIT)
        .label(SOURCE, uv)
        .label("org.opencontainers.image.title", "uv")
        .label("org.opencontainers.image.url", uv)
        .label("org.opencontainers.image.version", "0.9.7")
}

const CREATED: i64 = 1_988_150_400;
const DAY: i64 = 86_400;

#[test]
fn labels_of_another_project_and_another_build_are_a_bases() {
    for uri in [
        "dockerd://app:1",
        "docker://registry-1.docker.io#acme/app:1",
        "docker://ghcr.io#acme/app:1",
    ] {
        let a = last_file(child_of_uv(uri), CREATED + 30 * DAY).attribute();
        assert!(codes(&a).contains(&"labels-of-another-image"), "{uri}");
        assert_eq!((commit(&a), a.origin.publisher.as_deref()), (None, None));
        assert_eq!(
            (a.origin.version.as_deref(), a.origin.product.as_deref()),
            (None, None)
        );
        assert_eq!(base(&a), (Some("astral-sh"), Some("0.9.7")));
    }
    // Its own source, beside the home page of the base and another version than the tag's.
    let a = child_of_uv("docker://ghcr.io#acme/serving:1.0")
        .set_label(SOURCE, ACME)
        .attribute();
    assert_eq!((commit(&a), base(&a).0), (None, Some("astral-sh")));
}

#[test]
fn one_sign_of_a_bases_labels_is_not_enough() {
    let own = |made: Made, uri: &str| {
        let a = made.attribute();
        assert_eq!(commit(&a), Some(COMMIT), "{uri}");
        assert_eq!(a.origin.version.as_deref(), Some("0.9.7"), "{uri}");
    };
    // A tag with the commit of the labels.
    let uri = "docker://harbor.example#ml/tools:2.0-98dff2a";
    own(last_file(child_of_uv(uri), CREATED + 30 * DAY), uri);
    // The publisher's, a mirror's, and one that a site pushed under another name when it was built.
    for uri in [
        "docker://ghcr.io#astral-sh/uv:0.9.7-trixie",
        "docker://harbor.example#hub/astral-sh/uv:latest",
        "docker://harbor.example#ml/uv-mirror:1.0",
    ] {
        own(last_file(child_of_uv(uri), CREATED + 30 * DAY), uri);
    }
    for uri in [
        "docker://harbor.example#ml/tools:0.9.7",
        "docker://harbor.example#ml/tools:0.9",
        "docker://harbor.example#ml/tools:prod",
    ] {
        own(last_file(child_of_uv(uri), CREATED + DAY), uri);
    }
}

#[test]
fn labels_that_a_child_replaces_are_its_own() {
    let app = "https://github.com/acme/app";
    let revised = |version: &str| {
        let made = child_of_uv("docker://ghcr.io#acme/app:2.0")
            .set_label("org.opencontainers.image.revision", OTHER)
            .set_label("org.opencontainers.image.version", version);
        last_file(made, CREATED + 30 * DAY)
    };
    let own = |made: Made, version: Option<&str>| {
        let a = made.attribute();
        assert_eq!(commit(&a), Some(OTHER));
        assert_eq!(a.origin.publisher.as_deref(), Some("acme"));
        assert_eq!(a.origin.version.as_deref(), version);
        assert_ne!(a.origin.product.as_deref(), Some("uv"));
        assert_eq!(codes(&a), ["labels-of-another-image"]);
    };
    own(revised("2.0").set_label(SOURCE, app), Some("2.0"));
    let page = |made: Made| made.set_label("org.opencontainers.image.url", app);
    own(page(revised("0.9.7").set_label(SOURCE, app)), None);
    // Whose commit it is cannot be known: it is neither the image's nor the base's.
    let a = revised("2.0").attribute();
    assert_eq!(commit(&a), None);
    assert_eq!(base(&a), (Some("astral-sh"), None));
    assert_eq!(a.lineage[0].commit, None);
}

/// An image with the variables that `build-args` writes for github.com/base/img 3.0.0.
fn child_of_stamped(uri: &str) -> Made {
    Made::new(uri)
        .env("IMAGE_BUILD_COMMIT", COMMIT)
        .env("IMAGE_BUILD_SOURCE", "https://github.com/base/img")
        .env("IMAGE_BUILD_VERSION", "3.0.0")
        .env("IMAGE_BUILD_KIND", "release")
}

#[test]
fn variables_of_another_project_and_version_are_a_bases() {
    for uri in [
        "docker://registry-1.docker.io#acme/app:2.0",
        "docker://registry.acme.example#ml/app:2.0",
    ] {
        let a = child_of_stamped(uri).attribute();
        assert_eq!(verdict(&a), (Kind::Unknown, None, None), "{uri}");
        assert_eq!((commit(&a), a.origin.version.as_deref()), (None, None));
        assert_eq!(base(&a), (Some("base"), Some("3.0.0")), "{uri}");
        let labelled = child_of_stamped(uri)
            .label(SOURCE, "https://github.com/base/img")
            .label("org.opencontainers.image.revision", COMMIT)
            .label("org.opencontainers.image.version", "3.0.0");
        assert_eq!(commit(&labelled.attribute()), None, "{uri}");
        let revised = child_of_stamped(uri)
            .label(SOURCE, "https://github.com/acme/app")
            .label("org.opencontainers.image.revision", OTHER);
        let a = revised.attribute();
        assert_eq!(commit(&a), Some(OTHER), "{uri}");
        assert_eq!(a.lineage[0].commit.as_deref(), Some(COMMIT), "{uri}");
    }
    // The project's own, a mirror's, another name of the same version, and a tag without a version.
    for uri in [
        "docker://ghcr.io#base/img:2.0",
        "docker://harbor.example#hub/base/img:2.0",
        "docker://harbor.example#ml/tools:3.0",
        "docker://harbor.example#ml/tools:prod",
    ] {
        assert_eq!(
            commit(&child_of_stamped(uri).attribute()),
            Some(COMMIT),
            "{uri}"
        );
    }
}

#[test]
fn a_childs_commit_is_none_of_the_project_of_its_base() {
    let cpu = |revision: &str| {
        let made = Made::new("docker://registry-1.docker.io#acme/llm:1.0")
            .label("org.opencontainers.image.revision", revision)
            .label(SOURCE, "https://github.com/vllm-project/vllm")
            .label("org.opencontainers.image.title", "vLLM CPU")
            .label("org.opencontainers.image.version", "1.0")
            .package("vllm", "0.30.1rc1.dev412+g98dff2a81.cpu");
        made.attribute()
    };
    let child = cpu(OTHER);
    assert_eq!((commit(&child), base(&child).0), (None, Some("vllm")));
    assert_eq!(commit(&cpu(COMMIT)), Some(COMMIT));
}

#[test]
fn one_owners_labels_may_be_those_of_its_base() {
    let labelled = |version: &str, days: i64| {
        let made = child_of_uv("docker://ghcr.io#acme/serving:2.0")
            .set_label(SOURCE, "https://github.com/acme/base")
            .set_label(
                "org.opencontainers.image.url",
                "https://github.com/acme/base",
            )
            .set_label("org.opencontainers.image.title", "base")
            .set_label("org.opencontainers.image.version", version);
        commit(&last_file(made, CREATED + days * DAY).attribute()).map(str::to_owned)
    };
    assert_eq!(labelled("5.0.0", 30), None);
    // One owner builds many images of one repository, and tags them by another scheme.
    assert_eq!(labelled("2.0.0", 30).as_deref(), Some(COMMIT));
    assert_eq!(labelled("5.0.0", 0).as_deref(), Some(COMMIT));
}

/// An image that NVIDIA built on PyTorch's, with all of its stamp.
fn on_pytorch(uri: &str) -> Attribution {
    let package = if uri.contains("/nemo:") {
        "nemo-toolkit"
    } else {
        "nvidia-physicsnemo"
    };
    ngc(uri).package(package, "2.0.0").attribute()
}

#[test]
fn an_image_of_nvidia_on_pytorch_has_its_own_version() {
    for (uri, product, version) in [
        (
            "nvidia/physicsnemo/physicsnemo:26.05",
            "NGC PhysicsNeMo",
            "26.05",
        ),
        ("nvidia/nemo:26.05", "NGC NeMo", "26.05"),
        ("nvidia/nemo:26.03.00", "NGC NeMo", "26.03.00"),
    ] {
        let a = on_pytorch(&format!("docker://nvcr.io#{uri}"));
        assert_eq!(a.origin.kind, Kind::Release, "{uri}");
        assert_ne!(a.origin.official, Some(false), "{uri}");
        assert_eq!(a.origin.product.as_deref(), Some(product));
        assert_eq!(a.origin.version.as_deref(), Some(version));
        assert_eq!(commit(&a), None, "{uri}");
        let pytorch = a.lineage.first().unwrap();
        assert_eq!(
            (pytorch.product.as_deref(), pytorch.reference.as_deref()),
            (
                Some("NGC PyTorch"),
                Some("nvcr.io/nvidia/pytorch:26.03-py3")
            )
        );
    }
    // PyTorch's image alone is none of them, nor is a preview of theirs a release.
    for uri in [
        "nvidia/nemo:26.05",
        "nvidia/physicsnemo/physicsnemo:26.05",
        "nvidia/vllm:26.09-py3",
    ] {
        let a = ngc(&format!("docker://nvcr.io#{uri}")).attribute();
        assert_eq!(a.origin.official, Some(false), "{uri}");
    }
    let preview = on_pytorch("docker://nvcr.io#nvidia/nemo:dev");
    assert_eq!(preview.origin.kind, Kind::Unknown);
    assert_ne!(
        preview.origin.public_reference.as_deref(),
        Some("nvcr.io/nvidia/pytorch:26.03-py3")
    );
}

#[test]
fn a_build_of_ones_own_on_pytorch_is_derived_by_what_it_changes() {
    let untouched = |made: Made| made.with(|f| f.workdir = Some("/workspace".into()));
    for uri in ["", "dockerd://nvcr.io/nvidia/pytorch:26.03-py3"] {
        let own = untouched(ngc(uri));
        assert_eq!(own.attribute().origin.kind, Kind::Release);
        let torch = own
            .clone()
            .env("PYTORCH_VERSION", "2.11.0a0+a6c236b9fd")
            .with(|f| f.packages.last_mut().unwrap().version = "2.12.1+cu130".into());
        let kinds = [
            torch,
            own.clone().label(SOURCE, ACME),
            own.clone()
                .with(|f| f.workdir = Some("/workspace/megatron".into())),
            own.clone()
                .with(|f| f.cmd = Some(vec!["python".into(), "train.py".into()])),
        ];
        for made in kinds {
            assert_eq!(made.attribute().origin.kind, Kind::Derived, "{uri}");
        }
    }
}

#[test]
fn a_childs_version_is_not_red_hats() {
    let a = Made::new("docker://ghcr.io#acme/app:2.4")
        .label("com.redhat.component", "ubi9-minimal-container")
        .label("name", "acme/app")
        .label("version", "2.4")
        .label("vcs-ref", OTHER)
        .label(SOURCE, "https://github.com/acme/app")
        .os("rhel", "9.7")
        .attribute();
    let redhat = a
        .lineage
        .iter()
        .find(|it| it.publisher.as_deref() == Some("redhat"));
    assert_ne!(redhat.unwrap().version.as_deref(), Some("2.4"));
}

#[test]
fn a_step_hours_after_the_stamp_is_a_childs() {
    let step = |created: &str, command: &str| BuildStep {
        created: Some(created.to_owned()),
        created_by: Some(command.to_owned()),
        comment: None,
        empty_layer: false,
    };
    let steps = |last: &str| {
        Made::vllm("dockerd://vllm/vllm-openai:v0.29.0")
            .with(|f| {
                f.steps = vec![
                    step("2026-09-01T08:00:00Z", "RUN pip install vllm"),
                    step("2026-09-01T09:00:00Z", "ENV VLLM_BUILD_COMMIT=98dff2a"),
                    step(last, "COPY engine.py /vllm/"),
                ];
            })
            .attribute()
    };
    let same = steps("2026-09-01T11:00:00Z");
    assert_eq!((same.origin.kind, codes(&same)), (Kind::Release, vec![]));
    let child = steps("2026-10-01T09:00:00Z");
    assert_eq!(child.origin.kind, Kind::Derived);
    assert!(codes(&child).contains(&"later-steps"));
}

#[test]
fn a_package_that_nvidia_adds_to_pytorch_makes_it_another_image() {
    for (uri, official) in [
        ("", None),
        ("dockerd://nvcr.io/nvidia/nemo:26.05", None),
        ("docker://harbor.example#ngc/nvidia/nemo:26.05", None),
        ("docker://harbor.example#team/trainer:3", Some(false)),
    ] {
        let a = on_pytorch(uri);
        assert_eq!(a.origin.kind, Kind::Derived, "{uri}");
        assert_eq!(a.origin.official, official, "{uri}");
        assert!(codes(&a).contains(&"package-added"), "{uri}");
        let pytorch = a.lineage.first().unwrap();
        assert_eq!(pytorch.product.as_deref(), Some("NGC PyTorch"));
    }
}
