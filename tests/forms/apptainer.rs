//! What Apptainer records of its own work: definition files, labels, and a bootstrap history.

use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::{available, fixture, inspect, run};

const DEFFILE: &str = "org.label-schema.usage.singularity.deffile.";

/// The files of an image that Apptainer made from `vllm/vllm-openai:v0.23.0`.
struct Sandbox {
    directory: tempfile::TempDir,
}

impl Sandbox {
    /// Unpacks the image; `None` without the tools.
    fn new() -> Option<Self> {
        if !available(&["unsquashfs"]) {
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let sif = fs::read(fixture("carriers", "s-singularity-layout.sif")).unwrap();
        let inner = directory.path().join("inner.sqsh");
        fs::write(&inner, &sif[36864..]).unwrap();
        let root = directory.path().join("root");
        run("unsquashfs", &[&"-no-progress", &"-d", &root, &inner]);
        Some(Self { directory })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join("root/.singularity.d").join(name)
    }

    fn definition(self, text: &str) -> Self {
        fs::write(self.at("Singularity"), text).unwrap();
        self
    }

    /// Adds the headers of a definition to the labels, as Apptainer does.
    fn headers(self, headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter();
        let labels: Vec<_> = headers
            .map(|(key, value)| (format!("{DEFFILE}{key}"), *value))
            .collect();
        let labels: Vec<_> = labels.iter().map(|(key, it)| (key.as_str(), *it)).collect();
        self.labels(&labels)
    }

    fn labels(self, labels: &[(&str, &str)]) -> Self {
        let path = self.at("labels.json");
        let mut all: Map<String, Value> =
            serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for (key, value) in labels {
            all.insert((*key).to_owned(), json!(value));
        }
        fs::write(path, serde_json::to_vec(&all).unwrap()).unwrap();
        self
    }

    /// Adds an older definition.
    fn history(self, name: &str, text: &str) -> Self {
        fs::create_dir_all(self.at("bootstrap_history")).unwrap();
        fs::write(self.at("bootstrap_history").join(name), text).unwrap();
        self
    }

    fn document(self) -> Value {
        inspect(&self.directory.path().join("root"))
    }
}

#[test]
fn an_apptainer_build_on_an_image_is_not_that_image() {
    let Some(image) = Sandbox::new() else {
        return;
    };
    let root = image.directory.path().join("root");
    assert_eq!(inspect(&root)["origin"]["kind"], "release");
    let built = "bootstrap: docker\nfrom: vllm/vllm-openai:v0.23.0\n%post\n  pip install x\n";
    let document = image.definition(built).document();
    assert_eq!(document["origin"]["kind"], "derived");
    assert_eq!(document["origin"]["publisher"], Value::Null);
    assert_eq!(
        document["origin"]["derived_from"]["reference"],
        "docker.io/vllm/vllm-openai:v0.23.0"
    );
}

#[test]
fn registry_and_namespace_of_a_definition_belong_to_the_reference() {
    const TAG: &str = "vllm-openai:v0.23.0";
    let whole = format!("vllm/{TAG}");
    let evil = format!("evil.example.com/{whole}");
    let official = format!("docker.io/{whole}");
    let acme = format!("docker.io/acme/{TAG}");
    for (headers, in_labels, expected) in [
        (vec![("namespace", "vllm"), ("from", TAG)], true, &official),
        (
            vec![("registry", "docker.io"), ("from", &whole)],
            true,
            &official,
        ),
        (
            vec![("registry", "evil.example.com"), ("from", &whole)],
            true,
            &evil,
        ),
        (
            vec![("registry", "evil.example.com"), ("from", &whole)],
            false,
            &evil,
        ),
        (vec![("namespace", "acme"), ("from", TAG)], true, &acme),
    ] {
        let Some(mut image) = Sandbox::new() else {
            return;
        };
        let lines: Vec<_> = headers.iter().map(|(k, v)| format!("{k}: {v}\n")).collect();
        image = image.definition(&format!("bootstrap: docker\n{}\n", lines.concat()));
        if in_labels {
            image = image.headers(&headers);
        }
        let origin = image.document()["origin"].take();
        assert_eq!(origin["imported"]["reference"], **expected, "{headers:?}");
        // Another registry may be a mirror, so the stamp still counts; another owner is no mirror.
        let expected = if *expected == acme {
            "derived"
        } else {
            "release"
        };
        assert_eq!(origin["kind"], expected, "{headers:?}");
        assert_ne!(origin["official"], true, "{headers:?}");
    }
}

#[test]
fn labels_of_a_definition_change_nothing_but_labels() {
    let labels = [
        ("Author", "Me"),
        (
            "org.opencontainers.image.source",
            "https://github.com/me/mine",
        ),
    ];
    let definition = |bootstrap: &str| {
        let lines = labels.map(|(key, value)| format!("  {key} {value}\n"));
        format!("{bootstrap}\n%labels\n{}", lines.concat())
    };
    let pull = "bootstrap: docker\nfrom: vllm/vllm-openai:v0.23.0\n";
    let Some(image) = Sandbox::new() else {
        return;
    };
    let image = image.definition(&definition(pull)).labels(&labels);
    let document = image.document();
    assert_eq!(document["origin"]["kind"], "release");
    assert_eq!(document["origin"]["publisher"], "vllm");
    assert!(document["labels"].get("Author").is_none());
    // What a local image is, nobody knows: its new labels are all that tells.
    let image = Sandbox::new()
        .unwrap()
        .headers(&[("bootstrap", "localimage")]);
    let local = definition("bootstrap: localimage\nfrom: box\n");
    let document = image.definition(&local).labels(&labels[..1]).document();
    assert_eq!(document["origin"]["kind"], "derived");
}

#[test]
fn the_time_of_apptainers_work_is_not_that_of_the_image() {
    let created = ("org.opencontainers.image.created", "2026-11-05T10:00:00Z");
    let architecture = ("org.opencontainers.image.architecture", "amd64");
    let Some(image) = Sandbox::new() else {
        return;
    };
    let document = image.labels(&[created, architecture]).document();
    assert_eq!(document["origin"]["kind"], "release");
    assert_eq!(document["origin"]["created"], Value::Null);
    // Before 1.6, Apptainer keeps the label of the image.
    let document = Sandbox::new().unwrap().labels(&[created]).document();
    assert_eq!(document["origin"]["created"], created.1);
}

#[test]
fn steps_in_a_bootstrap_history_are_steps_of_the_image() {
    let pull = "bootstrap: docker\nfrom: vllm/vllm-openai:v0.23.0\n";
    let built = format!("{pull}%post\n  pip install evil\n");
    let headers = [("bootstrap", "localimage"), ("from", "/tmp/a.sif")];
    let local = "bootstrap: localimage\nfrom: /tmp/a.sif\n";
    for name in ["Apptainer0", "Singularity0"] {
        let Some(image) = Sandbox::new() else {
            return;
        };
        let image = image.headers(&headers).definition(local);
        let document = image.history(name, &built).document();
        let origin = &document["origin"];
        assert_eq!(origin["kind"], "derived", "{name}");
        assert_eq!(
            origin["derived_from"]["reference"],
            "docker.io/vllm/vllm-openai:v0.23.0"
        );
        let mut conflicts = document["conflicts"].as_array().unwrap().iter();
        assert!(conflicts.any(|it| it["code"] == "built-on-by-packer"));
    }
    // Without steps it stays what it was.
    let image = Sandbox::new().unwrap().headers(&headers).definition(local);
    let document = image.history("Apptainer0", pull).document();
    assert_eq!(document["origin"]["kind"], "release");
    // The oldest definition names the base, and the steps of each count.
    let image = Sandbox::new().unwrap().headers(&headers).definition(local);
    let image = image.history("Apptainer10", "bootstrap: docker\nfrom: a/b:1\n");
    let image = image.history("Singularity0", pull).history(
        "Apptainer2",
        "bootstrap: localimage\nfrom: x\n%files\n  a /opt\n",
    );
    let document = image.document();
    assert_eq!(
        document["origin"]["derived_from"]["reference"],
        "docker.io/vllm/vllm-openai:v0.23.0"
    );
}
