//! Inputs, made for one rule each.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sqsh_prov::image::oci::sha256;
use sqsh_prov::lint::{Document, Expected};
use sqsh_prov::{Inspector, Options};

pub const SHA: &str = "9a43e5c93336380b9d912d7665ddbae4ba21db3a";
pub const OTHER: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";
pub const URL: &str = "https://buildkite.com/vllm/release-v2/builds/6292";

/// Something to lint.
pub enum Input {
    Text(String),
    Layout(Layout),
}

/// A layout with one index, that names an image for each platform.
#[derive(Default)]
pub struct Layout {
    pub index: Value,
    pub images: Vec<(&'static str, Value, Value)>,
    /// A statement about the first image.
    pub attestation: Option<Value>,
}

pub fn text(text: impl Into<String>) -> Input {
    Input::Text(text.into())
}

/// A configuration alone.
pub fn config(environment: &[&str], labels: &[(&str, &str)]) -> Value {
    let labels: serde_json::Map<String, Value> = labels
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect();
    json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
        "config": {"Env": environment, "Labels": labels}})
}

/// A configuration with a stamp of labels, and more.
pub fn stamped(environment: &[&str], labels: &[(&str, &str)]) -> Value {
    let mut all = vec![
        ("org.opencontainers.image.revision", SHA),
        (
            "org.opencontainers.image.source",
            "https://github.com/acme/server",
        ),
    ];
    all.retain(|(key, _)| !labels.iter().any(|(other, _)| other == key));
    all.extend(labels);
    config(environment, &all)
}

/// A configuration with vLLM's whole stamp: commit, reference.
pub fn vllm(commit: &str, reference: &str) -> Value {
    let variables = [
        format!("VLLM_BUILD_COMMIT={commit}"),
        "VLLM_BUILD_PIPELINE=release-v2".to_owned(),
        format!("VLLM_BUILD_URL={URL}"),
        format!("VLLM_IMAGE_TAG={reference}"),
    ];
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let mut config = config(
        &variables,
        &[
            ("ai.vllm.build.commit", commit),
            ("ai.vllm.build.pipeline", "release-v2"),
            ("ai.vllm.build.url", URL),
            ("ai.vllm.image.tag", reference),
        ],
    );
    config["config"]["Entrypoint"] = json!(["vllm", "serve"]);
    config
}

/// A layout of images with the same annotations.
pub fn layout(index: Value, manifests: Value, configs: &[Value]) -> Input {
    let platforms = ["linux/amd64", "linux/arm64"];
    Input::Layout(Layout {
        index,
        images: platforms
            .into_iter()
            .zip(configs)
            .map(|(platform, config)| (platform, manifests.clone(), config.clone()))
            .collect(),
        attestation: None,
    })
}

impl Layout {
    pub fn write(&self, directory: &Path) {
        let blobs = directory.join("blobs/sha256");
        fs::create_dir_all(&blobs).unwrap();
        let blob = |media: &str, content: &Value| -> Value {
            let bytes = content.to_string();
            let digest = sha256(bytes.as_bytes());
            fs::write(blobs.join(&digest[7..]), &bytes).unwrap();
            json!({"mediaType": media, "digest": digest, "size": bytes.len()})
        };
        let mut entries = Vec::new();
        for (platform, annotations, config) in &self.images {
            let config = blob("application/vnd.oci.image.config.v1+json", config);
            let manifest = json!({"schemaVersion": 2, "config": config, "layers": [], "annotations": annotations});
            let mut entry = blob("application/vnd.oci.image.manifest.v1+json", &manifest);
            let (os, architecture) = platform.split_once('/').unwrap();
            entry["platform"] = json!({"os": os, "architecture": architecture});
            entries.push(entry);
        }
        if let Some(statement) = &self.attestation {
            let mut layer = blob("application/vnd.in-toto+json", statement);
            layer["annotations"] = json!({"in-toto.io/predicate-type": statement["predicateType"]});
            let config = blob("application/vnd.oci.image.config.v1+json", &json!({}));
            let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer]});
            let mut entry = blob("application/vnd.oci.image.manifest.v1+json", &manifest);
            entry["platform"] = json!({"os": "unknown", "architecture": "unknown"});
            entry["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": entries[0]["digest"]});
            entries.push(entry);
        }
        let index = json!({"schemaVersion": 2, "manifests": entries, "annotations": self.index});
        let mut entry = blob("application/vnd.oci.image.index.v1+json", &index);
        entry["annotations"] = json!({"io.containerd.image.name": "ghcr.io/acme/server:1.4.2"});
        let index = json!({"schemaVersion": 2, "manifests": [entry]});
        fs::write(directory.join("index.json"), index.to_string()).unwrap();
        fs::write(
            directory.join("oci-layout"),
            "{\"imageLayoutVersion\": \"1.0.0\"}",
        )
        .unwrap();
    }
}

/// What is found in an input.
pub fn lint(input: &Input, expected: Option<&Value>) -> Document {
    let directory = tempfile::tempdir().unwrap();
    let path = match input {
        Input::Text(text) => {
            let path = directory.path().join("input");
            fs::write(&path, text).unwrap();
            path
        }
        Input::Layout(layout) => {
            layout.write(directory.path());
            directory.path().to_owned()
        }
    };
    let expected = expected.map(|it| Expected::parse(it.to_string().as_bytes()).unwrap());
    let inspector = Inspector::new(Options::default()).unwrap();
    inspector.lint(&path, expected.as_ref()).unwrap()
}

/// The codes of what is found.
pub fn codes(document: &Document) -> Vec<&str> {
    let findings = document.findings.as_ref().unwrap();
    findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}
