//! Documents made by hand, one for each kind of answer.

use std::collections::BTreeMap;

use crate::provenance::*;

mod hostile;

pub(crate) use hostile::hostile;

const COMMIT: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|&(k, v)| (k.to_owned(), v.to_owned()))
        .collect()
}

fn source(carrier: &str, path: &str, line: u32, key: &str) -> Source {
    Source {
        carrier: carrier.to_owned(),
        path: some(path),
        line: (line > 0).then_some(line),
        key: (!key.is_empty()).then(|| key.to_owned()),
    }
}

fn evidence(field: &str, value: &str, source: Source, strength: u8, status: Status) -> Evidence {
    Evidence {
        field: field.to_owned(),
        value: value.to_owned(),
        source,
        contract: some("vllm"),
        strength,
        status,
    }
}

fn package(name: &str, version: &str) -> Package {
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        ecosystem: "pypi".to_owned(),
        path: format!(
            "/usr/local/lib/python3.12/dist-packages/{}-{version}.dist-info",
            name.replace('-', "_")
        ),
        ..Package::default()
    }
}

/// Nothing but a file.
pub(crate) fn unknown() -> Provenance {
    Provenance {
        schema: SCHEMA.to_owned(),
        file: File {
            path: PathText::Text("/images/model.sqsh".to_owned()),
            whole: Some(true),
            compression: some("zstd"),
            packed_at: some("2026-09-02T14:03:11Z"),
            ..File::default()
        },
        part: None,
        origin: Origin::default(),
        lineage: Vec::new(),
        conflicts: Vec::new(),
        evidence: Vec::new(),
        environment: BTreeMap::new(),
        labels: BTreeMap::new(),
        runtime: Runtime::default(),
        digests: Digests::default(),
        history: Vec::new(),
        packages: Vec::new(),
        os: Os {
            id: some("ubuntu"),
            version_id: some("24.04"),
            pretty_name: some("Ubuntu 24.04.3 LTS"),
            architecture: some("x86_64"),
        },
        integrity: None,
        inside: Vec::new(),
        fingerprint: None,
        recognised: Vec::new(),
        attestations: Vec::new(),
        warnings: Vec::new(),
    }
}

/// An official release on which everything agrees.
pub(crate) fn release() -> Provenance {
    let mut document = unknown();
    document.file.path = PathText::Text("/images/vllm+vllm-openai+v0.29.0.sqsh".to_owned());
    let reference = "docker.io/vllm/vllm-openai:v0.29.0";
    document.origin = Origin {
        kind: Kind::Release,
        official: Some(true),
        publisher: some("vllm"),
        product: some("vLLM"),
        version: some("0.29.0"),
        confidence: Confidence::Corroborated,
        commit: Some(Commit {
            id: COMMIT.to_owned(),
            full: true,
            dirty: false,
            repository: some("https://github.com/vllm-project/vllm"),
        }),
        pipeline: Some(Pipeline {
            system: some("buildkite"),
            organization: some("vllm"),
            slug: some("release-v2"),
            id: some("019d130e-464e-4ff7-b84b-492992c0c06b"),
            build: Some(6292),
            url: some("https://buildkite.com/vllm/release-v2/builds/6292"),
        }),
        public_reference: some(reference),
        pull: Pull {
            reference: some(reference),
            ok: true,
            notes: Vec::new(),
        },
        imported: Some(Imported {
            uri: "docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            reference: some(reference),
            tag: some("v0.29.0"),
            digest: None,
            via: Via::Registry,
        }),
        flags: map(&[("TORCH_CUDA_ARCH_LIST", "7.5 8.0 8.6 8.9 9.0 10.0 12.0")]),
        ..Origin::default()
    };
    document.environment = map(&[
        ("CUDA_VERSION", "13.0.2"),
        (
            "PATH",
            "/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ),
        ("VLLM_BUILD_COMMIT", COMMIT),
    ]);
    document.labels = map(&[
        ("ai.vllm.build.commit", COMMIT),
        ("org.opencontainers.image.authors", "The vLLM authors"),
    ]);
    document.packages = vec![
        package("flashinfer-python", "0.6.18"),
        package("numpy", "2.2.0"),
        package("torch", "2.13.0+cu130"),
        package("vllm", "0.29.0"),
    ];
    document.evidence = release_evidence(reference);
    document
}

fn release_evidence(reference: &str) -> Vec<Evidence> {
    vec![
        evidence(
            "origin.commit",
            COMMIT,
            source("environment", "/etc/environment", 19, "VLLM_BUILD_COMMIT"),
            4,
            Status::Agrees,
        ),
        evidence(
            "origin.commit",
            COMMIT,
            source("rc", "/etc/rc", 2, "ai.vllm.build.commit"),
            4,
            Status::Agrees,
        ),
        evidence(
            "origin.imported",
            reference,
            source("provenance-line", "/etc/rc", 1, ""),
            3,
            Status::Agrees,
        ),
        evidence(
            "origin.version",
            "0.29.0",
            source(
                "python",
                "/usr/local/lib/python3.12/dist-packages/vllm-0.29.0.dist-info/METADATA",
                3,
                "Version",
            ),
            3,
            Status::Agrees,
        ),
    ]
}

/// A nightly build, imported by digest.
pub(crate) fn nightly() -> Provenance {
    let mut document = release();
    let digest = "sha256:46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3";
    document.file.path = PathText::Text("nightly.sqsh".to_owned());
    let origin = &mut document.origin;
    origin.kind = Kind::Nightly;
    origin.version = some("0.29.1rc1.dev41+g98dff2a81");
    origin.prerelease = true;
    origin.public_reference = Some(format!("docker.io/vllm/vllm-openai:nightly-{COMMIT}"));
    origin.pull = Pull {
        reference: Some(format!("docker.io/vllm/vllm-openai@{digest}")),
        ok: true,
        notes: vec!["may-be-pruned".to_owned()],
    };
    if let Some(imported) = &mut origin.imported {
        imported.reference = Some(format!("docker.io/vllm/vllm-openai@{digest}"));
        imported.tag = None;
        imported.digest = some(digest);
    }
    document
}

/// Built by hand, from a tree with changes.
pub(crate) fn local() -> Provenance {
    let mut document = release();
    document.file.path = PathText::Text("dev.sqsh".to_owned());
    let origin = &mut document.origin;
    origin.kind = Kind::Local;
    origin.official = Some(false);
    origin.version = some("0.29.1.dev3+g98dff2a81.d20260901");
    origin.confidence = Confidence::Declared;
    origin.reasons = vec!["contract-default".to_owned(), "dirty-tree".to_owned()];
    origin.commit = Some(Commit {
        id: "98dff2a81".to_owned(),
        full: false,
        dirty: true,
        repository: None,
    });
    origin.pipeline = None;
    origin.public_reference = None;
    origin.pull = Pull::default();
    origin.imported = Some(Imported {
        uri: "dockerd://local/vllm-openai:dev".to_owned(),
        via: Via::Daemon,
        ..Imported::default()
    });
    document
}

/// Built for publication, never published.
pub(crate) fn staging() -> Provenance {
    let mut document = release();
    let reference = format!("public.ecr.aws/q9t5s3a7/vllm-release-repo:{COMMIT}-x86_64");
    document.file.path = PathText::Text("staging.sqsh".to_owned());
    let origin = &mut document.origin;
    origin.kind = Kind::Staging;
    origin.official = Some(false);
    origin.reasons = vec!["staging-repository".to_owned()];
    origin.public_reference = None;
    origin.pull = Pull {
        reference: Some(reference.clone()),
        ok: false,
        notes: vec!["ephemeral".to_owned()],
    };
    origin.imported = Some(Imported {
        uri: format!("docker://public.ecr.aws#q9t5s3a7/vllm-release-repo:{COMMIT}-x86_64"),
        reference: Some(reference),
        tag: Some(format!("{COMMIT}-x86_64")),
        digest: None,
        via: Via::Registry,
    });
    document
}

/// Somebody's image on top of a release.
pub(crate) fn derived() -> Provenance {
    let mut document = release();
    document.file.path = PathText::Text("llm-d.sqsh".to_owned());
    let base = Ancestor {
        publisher: some("vllm"),
        product: some("vLLM"),
        version: some("0.23.0"),
        commit: some("91df0fad4dc98a67c7659d9dbd915245d5c43d96"),
        reference: some("docker.io/vllm/vllm-openai:v0.23.0"),
    };
    document.origin = Origin {
        kind: Kind::Derived,
        official: Some(false),
        reasons: vec!["repository-differs".to_owned()],
        confidence: Confidence::Declared,
        imported: Some(Imported {
            uri: "docker://ghcr.io#llm-d/llm-d-cuda:v0.3.0".to_owned(),
            reference: some("ghcr.io/llm-d/llm-d-cuda:v0.3.0"),
            tag: some("v0.3.0"),
            digest: None,
            via: Via::Registry,
        }),
        derived_from: Some(base.clone()),
        ..Origin::default()
    };
    document.lineage = vec![
        base,
        Ancestor {
            publisher: some("ubuntu"),
            product: some("Ubuntu"),
            version: some("22.04"),
            ..Ancestor::default()
        },
    ];
    document.packages = vec![package("torch", "2.11.0+cu129"), package("vllm", "0.23.0")];
    document.environment = map(&[("CUDA_VERSION", "12.9.1")]);
    document.evidence.clear();
    document
}

/// A release that was changed in a container and saved.
pub(crate) fn modified() -> Provenance {
    let mut document = release();
    document.file.path = PathText::Text("saved.sqsh".to_owned());
    let origin = &mut document.origin;
    origin.official = Some(false);
    origin.modified_after_import = true;
    origin.reasons = vec!["modified-after-import".to_owned()];
    origin.public_reference = None;
    origin.pull = Pull::default();
    document
}

/// Returns an image with sources that disagree and an unreadable file.
pub(crate) fn conflicting() -> Provenance {
    let mut document = release();
    document.file.path = PathText::Text("conflict.sqsh".to_owned());
    document.origin.official = None;
    document.conflicts = vec![Conflict {
        code: "commit-differs".to_owned(),
        field: "origin.commit".to_owned(),
        message: "The environment and the labels name different commits.".to_owned(),
        values: vec![
            SourcedValue {
                value: COMMIT.to_owned(),
                source: source("environment", "/etc/environment", 19, "VLLM_BUILD_COMMIT"),
            },
            SourcedValue {
                value: "91df0fad4dc98a67c7659d9dbd915245d5c43d96".to_owned(),
                source: source("rc", "/etc/rc", 2, "ai.vllm.build.commit"),
            },
        ],
    }];
    document.warnings = vec![Warning {
        code: "damaged".to_owned(),
        message: "/etc/os-release cannot be read: bad block at 4096".to_owned(),
    }];
    document
}

/// An image of another registry than Docker Hub.
pub(crate) fn ngc() -> Provenance {
    let mut document = release();
    let reference = "nvcr.io/nvidia/pytorch:25.03-py3";
    document.file.path = PathText::Text("pytorch.sqsh".to_owned());
    let origin = &mut document.origin;
    origin.product = some("NVIDIA PyTorch");
    origin.version = some("25.03");
    origin.public_reference = some(reference);
    origin.pull = Pull {
        reference: some(reference),
        ok: true,
        notes: Vec::new(),
    };
    origin.commit = Some(Commit {
        id: COMMIT.to_owned(),
        full: true,
        dirty: false,
        repository: None,
    });
    origin.reasons = vec!["commit-internal".to_owned()];
    origin.pipeline = Some(Pipeline {
        system: some("nvidia-internal"),
        id: some("149637344"),
        ..Pipeline::default()
    });
    document
}
