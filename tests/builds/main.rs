//! Build sources, provenance and metadata files, as tools keep them: what they say of an
//! image, through the program.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod records;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use support::fixture;

const COMMIT: &str = "9a43e5c93336380b9d912d7665ddbae4ba21db3a";

fn show(arguments: &[&str]) -> (Value, i32) {
    let mut command = Command::cargo_bin("sqsh-prov").unwrap();
    let output = command
        .args(["show", "--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        json!({ "error": error })
    });
    (document, code)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn oci(file: &str) -> PathBuf {
    fixture("oci", file)
}

/// The manifest's truth about an artefact.
fn expected(file: &str) -> Value {
    let text = fs::read_to_string(oci("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let mut artefacts = manifest["artefacts"].as_array().unwrap().iter();
    let artefact = artefacts.find(|it| it["file"] == file).unwrap();
    artefact["expected"].clone()
}

fn references(document: &Value) -> Vec<&str> {
    let lineage = document["lineage"].as_array().unwrap().iter();
    lineage.filter_map(|it| it["reference"].as_str()).collect()
}

fn values<'d>(document: &'d Value, field: &str) -> Vec<&'d str> {
    let evidence = document["evidence"].as_array().unwrap().iter();
    evidence
        .filter(|it| it["field"] == field)
        .map(|it| it["value"].as_str().unwrap())
        .collect()
}

fn codes<'d>(document: &'d Value, list: &str) -> Vec<&'d str> {
    let list = document[list].as_array().unwrap().iter();
    list.map(|it| it["code"].as_str().unwrap()).collect()
}

/// A change to a copy of a layout whose attestation is `v1`.
fn changed_layout(change: impl FnOnce(&Path)) -> (tempfile::TempDir, Value, i32) {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("layout");
    let status = std::process::Command::new("cp")
        .args(["-r", text(&oci("v-layout-slsa-v1")), text(&copy)])
        .status();
    assert!(status.unwrap().success());
    change(&copy);
    let (document, code) = show(&[text(&copy)]);
    (directory, document, code)
}

/// The blob of a layout that has all of these texts in it.
fn blob_with(layout: &Path, parts: &[&str]) -> PathBuf {
    let blobs = fs::read_dir(layout.join("blobs/sha256")).unwrap();
    let mut blobs = blobs.map(|entry| entry.unwrap().path());
    blobs
        .find(|blob| {
            let content = fs::read(blob).unwrap();
            let content = String::from_utf8_lossy(&content);
            parts.iter().all(|part| content.contains(part))
        })
        .unwrap()
}

#[test]
fn provenance_of_each_version_says_what_the_manifest_says() {
    for (file, platform) in [
        ("v-layout-slsa-v0.2", "linux/amd64"),
        ("v-layout-slsa-v0.2", "linux/arm64"),
        ("v-layout-slsa-v1", "linux/amd64"),
    ] {
        let (document, code) = show(&["--platform", platform, text(&oci(file))]);
        let expected = expected(file);
        let (facts, provenance) = (&expected["facts"], &expected["provenance"]);
        let origin = &document["origin"];
        assert_eq!(code, 0, "{file}");
        assert_eq!(origin["commit"]["id"], facts["commit"], "{file}");
        assert_eq!(
            origin["commit"]["repository"], facts["source_repo"],
            "{file}"
        );
        let dirty = facts["dirty"].as_bool().unwrap_or_default();
        assert_eq!(origin["commit"]["dirty"], dirty, "{file}");
        assert_eq!(origin["public_reference"], facts["public_ref"], "{file}");
        assert_eq!(origin["version"], facts["version"], "{file}");
        if let Some(kind) = facts["kind"].as_str() {
            assert_eq!(origin["kind"], kind, "{file}");
        }
        let run = &facts["pipeline"];
        assert_eq!(origin["pipeline"].is_null(), run.is_null(), "{file}");
        if !run.is_null() {
            for (ours, theirs) in [
                ("system", "system"),
                ("organization", "org"),
                ("id", "id"),
                ("url", "url"),
            ] {
                assert_eq!(origin["pipeline"][ours], run[theirs], "{file} {ours}");
            }
        }
        assert_eq!(
            json!(references(&document)),
            json!([provenance["base"][platform]]),
            "{file}"
        );
        let version = &provenance["build_args"]["VERSION"];
        assert_eq!(origin["flags"]["build-arg:VERSION"], *version, "{file}");
        assert!(codes(&document, "conflicts").is_empty(), "{file}");
    }
}

#[test]
fn build_sources_in_a_configuration_are_bases_and_no_commit() {
    let file = "iii-config-buildinfo-v0.json";
    let (document, _) = show(&[text(&oci(file))]);
    let facts = &expected(file)["facts"];
    assert_eq!(document["origin"]["commit"], Value::Null);
    let found = references(&document);
    for base in facts["base_images"].as_array().unwrap() {
        let base = base.as_str().unwrap();
        assert!(found.iter().any(|it| it.starts_with(base)), "{base}");
    }
    let sources = values(&document, "build.sources");
    let git = &facts["git_sources"][0];
    let line = format!(
        "{} {}",
        git["ref"].as_str().unwrap(),
        git["commit"].as_str().unwrap()
    );
    assert!(sources.contains(&line.as_str()), "{sources:?}");
    assert_eq!(sources.len(), 2);
}

#[test]
fn a_metadata_file_is_answered_like_an_image() {
    for (file, platform) in [
        ("iv-metadata-file.json", "linux/amd64"),
        ("iv-metadata-file.json", "linux/arm64"),
        ("iv-metadata-file-single.json", "linux/amd64"),
    ] {
        let (document, code) = show(&["--platform", platform, text(&oci(file))]);
        let facts = &expected(file)["facts"];
        let origin = &document["origin"];
        assert_eq!(
            (code, &document["file"]["format"]),
            (0, &json!("build-metadata"))
        );
        assert_eq!(origin["commit"]["id"], facts["commit"], "{file}");
        assert_eq!(
            origin["commit"]["repository"], facts["source_repo"],
            "{file}"
        );
        assert_eq!(origin["public_reference"], facts["public_ref"], "{file}");
        assert_eq!(origin["imported"]["digest"], facts["digest"], "{file}");
        assert_eq!(origin["official"], Value::Null);
        if let Some(base) = facts["per_platform"][platform]["base"].as_str() {
            assert_eq!(references(&document), [base], "{file}");
        }
        if let Some(config) = facts["config_digest"].as_str() {
            assert_eq!(values(&document, "digests.config"), [config]);
        }
    }
}

#[test]
fn an_attestation_that_cannot_be_read_is_said_and_hides_nothing() {
    let (_kept, document, code) = changed_layout(|layout| {
        let statement = blob_with(layout, &["slsa.dev/provenance", "predicate\":"]);
        fs::write(statement, "{}").unwrap();
    });
    assert_eq!(code, 2);
    assert_eq!(codes(&document, "warnings"), ["attestation-damaged"]);
    assert_eq!(document["origin"]["product"], "server");
    assert_eq!(document["origin"]["commit"], Value::Null);
}

#[test]
fn a_statement_about_another_image_is_not_believed() {
    use sqsh_prov::image::oci::sha256;
    let (_kept, document, code) = changed_layout(|layout| {
        // The statement is changed, and every digest on the way to it written again.
        let mut path = blob_with(layout, &["in-toto.io/Statement", "slsa.dev/provenance"]);
        let mut content = fs::read_to_string(&path).unwrap();
        let subject = content.find("\"sha256\": \"").unwrap() + "\"sha256\": \"".len();
        content.replace_range(subject..subject + 8, "00000000");
        loop {
            let old = path.file_name().unwrap().to_str().unwrap().to_owned();
            let new = sha256(content.as_bytes());
            let new = new.strip_prefix("sha256:").unwrap();
            fs::remove_file(&path).unwrap();
            fs::write(layout.join("blobs/sha256").join(new), &content).unwrap();
            let index = layout.join("index.json");
            let top = fs::read_to_string(&index).unwrap();
            if top.contains(&old) {
                fs::write(index, top.replace(&old, new)).unwrap();
                break;
            }
            path = blob_with(layout, &[&old]);
            content = fs::read_to_string(&path).unwrap().replace(&old, new);
        }
    });
    assert_eq!(
        (code, codes(&document, "warnings")),
        (0, vec!["attestation-of-another-image"])
    );
    assert_eq!(document["origin"]["commit"], Value::Null);
}

#[test]
fn a_label_with_build_sources_survives_the_import() {
    let record = json!({"frontend": "dockerfile.v0", "sources": [
        {"type": "docker-image", "ref": "docker.io/library/alpine:3.13", "pin":
         "sha256:1d30d1ba3cb90962067e9b29491fbd56997979d54376f23f01448b5c5cd8b462"}]});
    let label = BASE64.encode(record.to_string());
    let directory = tempfile::tempdir().unwrap();
    let etc = directory.path().join("etc");
    fs::create_dir(&etc).unwrap();
    let rc = format!(
        "# enroot-provenance: docker://ghcr.io#acme/tool:1\n# org.mobyproject.buildkit.buildinfo.v0 {label}\n\nmkdir -p \"/\" 2> /dev/null\ncd \"/\" && unset OLDPWD || exit 1\n"
    );
    fs::write(etc.join("rc"), rc).unwrap();
    fs::write(etc.join("environment"), "PATH=/bin\n").unwrap();
    let (document, code) = show(&[text(directory.path())]);
    assert_eq!(code, 0, "{document}");
    assert_eq!(
        references(&document),
        [
            "docker.io/library/alpine:3.13@sha256:1d30d1ba3cb90962067e9b29491fbd56997979d54376f23f01448b5c5cd8b462"
        ]
    );
}

/// A copy of an image that enroot imported, with a metadata file beside it.
fn with_sidecar(metadata: &str) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("model.sqsh");
    fs::copy(fixture("classification", "01-vllm-release.sqsh"), &image).unwrap();
    fs::write(directory.path().join("model.sqsh.metadata.json"), metadata).unwrap();
    (directory, image)
}

#[test]
fn a_metadata_file_beside_an_image_is_found_compared_and_never_believed() {
    let metadata = fs::read_to_string(oci("iv-metadata-file-single.json")).unwrap();
    let (_kept, image) = with_sidecar(&metadata);
    let (document, code) = show(&[text(&image)]);
    let origin = &document["origin"];
    assert_eq!((code, &origin["official"]), (0, &json!(true)));
    assert_ne!(origin["commit"]["id"], COMMIT);
    let conflicts = codes(&document, "conflicts");
    assert_eq!(conflicts, ["sidecar-differs", "sidecar-differs"]);
    assert!(values(&document, "origin.commit.id").contains(&COMMIT));
}

#[test]
fn a_metadata_file_that_is_none_is_a_warning_beside_and_an_error_where_it_was_given() {
    for bad in ["{", "{\"a\": 1}", "[]", ""] {
        let (kept, image) = with_sidecar(bad);
        let (document, code) = show(&[text(&image)]);
        assert_eq!(
            codes(&document, "warnings"),
            ["sidecar-unreadable"],
            "{bad}"
        );
        assert_eq!((code, &document["origin"]["official"]), (0, &json!(true)));
        let file = kept.path().join("model.sqsh.metadata.json");
        let (document, code) = show(&["--sidecar", text(&file), text(&image)]);
        assert_eq!(code, 2, "{bad}");
        let error = document["error"].as_str().unwrap();
        assert!(error.contains("model.sqsh.metadata.json"), "{error}");
    }
    let image = fixture("classification", "01-vllm-release.sqsh");
    let (_, code) = show(&["--sidecar", "/nowhere.json", text(&image)]);
    assert_eq!(code, 2);
    let (_, code) = show(&["--sidecar", "/nowhere.json", text(&image), text(&image)]);
    assert_eq!(code, 64);
}

#[test]
fn of_the_targets_of_a_bake_file_the_one_that_was_imported_is_taken() {
    let target = |name: &str, commit: &str| {
        json!({"image.name": name, "containerimage.buildinfo": {"attrs": {
            "vcs:revision": commit, "vcs:source": "https://u:s3cret@github.com/acme/x.git"}}})
    };
    let bake = json!({
        "tools": target("docker.io/acme/tools:1", COMMIT),
        "serve": target("docker.io/vllm/vllm-openai:v0.29.0", "98dff2a81d747d1dba01a47f939f48c3526d4206"),
    });
    let (kept, image) = with_sidecar(&bake.to_string());
    let (document, _) = show(&[text(&image)]);
    assert!(
        codes(&document, "conflicts").is_empty(),
        "{:?}",
        document["conflicts"]
    );
    assert!(!document.to_string().contains("s3cret"));
    let file = kept.path().join("model.sqsh.metadata.json");
    // Alone, it is about both.
    let (documents, code) = show(&[text(&file)]);
    assert_eq!((code, documents.as_array().unwrap().len()), (0, 2));
    let arguments = ["show", "--format", "line", text(&file)];
    let output = Command::cargo_bin("sqsh-prov").unwrap();
    let output = { output }.args(arguments).output().unwrap();
    assert_eq!(
        output.stdout.iter().filter(|byte| **byte == b'\n').count(),
        2
    );
}

#[test]
fn a_pipe_beside_an_image_is_not_waited_for() {
    let (kept, image) = with_sidecar("");
    let beside = kept.path().join("model.sqsh.metadata.json");
    fs::remove_file(&beside).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&beside).status();
    assert!(made.unwrap().success());
    let (document, code) = show(&[text(&image)]);
    assert_eq!(
        (code, codes(&document, "warnings")),
        (0, vec!["sidecar-unreadable"])
    );
}

/// Whoever can write beside an image could let a link lead to a file that only its reader may read.
#[test]
fn a_link_beside_an_image_is_followed_only_where_it_was_given() {
    let (kept, image) = with_sidecar(&json!({"vcs": {"revision": COMMIT}}).to_string());
    let beside = kept.path().join("model.sqsh.metadata.json");
    let secret = kept.path().join("secret.json");
    fs::rename(&beside, &secret).unwrap();
    std::os::unix::fs::symlink(&secret, &beside).unwrap();
    let (document, code) = show(&[text(&image)]);
    let warnings = codes(&document, "warnings");
    assert_eq!((code, warnings), (0, vec!["sidecar-unreadable"]));
    assert!(!document.to_string().contains(COMMIT));
    let message = document["warnings"][0]["message"].as_str().unwrap();
    assert!(message.contains("it is a link"), "{message}");
    let (document, _) = show(&["--sidecar", text(&beside), text(&image)]);
    let error = document["error"].as_str().unwrap_or_default();
    assert!(!error.contains("it is a link"), "{error}");
}

#[test]
fn a_platform_that_a_metadata_file_has_no_build_for_has_no_answer() {
    let file = oci("iv-metadata-file.json");
    let (document, code) = show(&["--platform", "linux/s390x", text(&file)]);
    assert_eq!(code, 2);
    let error = document["error"].as_str().unwrap();
    assert!(error.contains("linux/amd64, linux/arm64"), "{error}");
    let (document, code) = show(&["--platform", "linux/arm64", text(&file)]);
    assert_eq!(
        (code, &document["origin"]["commit"]["id"]),
        (0, &json!(COMMIT))
    );
}
