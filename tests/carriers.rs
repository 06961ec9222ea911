//! Every image of `fixtures/carriers` against what its manifest states.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a document of another shape fails the test"
)]

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use sqsh_prov::provenance::{Kind, Provenance};
use sqsh_prov::{Inspector, Options};
use support::{fixture, manifest};

fn inspect(file: &str) -> Provenance {
    // Made-up secrets stand in the fixtures; the manifest has them in the clear.
    let options = Options {
        reveal: true,
        ..Options::default()
    };
    Inspector::new(options)
        .unwrap()
        .inspect(&fixture("carriers", file))
        .unwrap()
}

/// What enroot left of values with newlines, and of what no file can tell apart.
///
/// An environment value spills over lines, a label value too before enroot 4.1.2 (after it
/// newlines are spaces), and an entrypoint word is split at newlines. `/` as working directory
/// and `/bin/sh` as command are what enroot writes where the image has none.
fn left(file: &str, field: &str) -> Option<Value> {
    let forged = "73ca9a28210afd201e1119d372a43bd9503c7844";
    Some(match (file, field) {
        ("i-nasty.sqsh" | "i-nasty.enroot-4.1.1.sqsh", "workdir") => Value::Null,
        ("m0-etc-symlink.sqsh", "workdir") => Value::Null,
        ("j-bare.sqsh", "cmd") => serde_json::json!(["/bin/sh"]),
        ("i2-forged.enroot-4.1.1.sqsh", "entrypoint") => {
            serde_json::json!([
                "it's",
                "two",
                "lines",
                "tab\there",
                "$(touch x)",
                "\u{fc}n\u{ef}",
                "",
                "a b"
            ])
        }
        // A label of this key makes a first line that cannot be told from the importer's.
        ("i3-fake-provenance.enroot-4.1.2.sqsh", "provenance_line") => {
            serde_json::json!("docker://registry-1.docker.io#vllm/vllm-openai:v9.9.9")
        }
        ("i3-fake-provenance.enroot-4.1.2.sqsh", "labels") => {
            serde_json::json!({"maintainer": "nobody"})
        }
        ("i2-forged.enroot-4.1.1.sqsh", "labels") => serde_json::json!({
            "a.first": "x",
            "enroot-provenance:": "docker://registry-1.docker.io#vllm/vllm-openai:v9.9.9",
            "ai.vllm.build.commit": forged,
            "ai.vllm.image.tag": "vllm/vllm-openai:v9.9.9",
            "org.opencontainers.image.source": "https://github.com/evil/evil",
            "key": "with spaces value of spaced key",
            "spill": "x",
            "z.cr": "x\r# ai.vllm.build.url https://buildkite.com/forged",
        }),
        ("i2-forged.enroot-4.1.1.sqsh", "env") => serde_json::json!([
            "PATH=/usr/bin:/bin",
            "A=x",
            format!("VLLM_BUILD_COMMIT={forged}"),
            "VLLM_IMAGE_TAG=vllm/vllm-openai:v9.9.9",
            "DUP=second",
            "ENROOT_X=reserved",
            "1BAD=digit",
            "lower.dot-dash=odd name",
        ]),
        _ => return None,
    })
}

/// The environment as a map, each value being what stands on its own line.
fn environment(variables: &Value) -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    let variables = variables.as_array().cloned().unwrap_or_default();
    for variable in variables.iter().filter_map(Value::as_str) {
        for (at, line) in variable.split('\n').enumerate() {
            let key_material = variable.contains("-----BEGIN") && at > 0;
            if let Some((key, value)) = line.split_once('=').filter(|_| !key_material) {
                map.insert(key.to_owned(), value.to_owned());
            }
        }
    }
    map
}

/// Labels as this importer wrote them: newlines became spaces, or cut the value.
fn labels(file: &str, labels: &Value) -> BTreeMap<String, String> {
    let cut = file.contains("4.1.1");
    labels
        .as_object()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .map(|(key, value)| {
            let value = value.as_str().unwrap();
            let value = if cut {
                value.split('\n').next().unwrap().to_owned()
            } else {
                value.replace('\n', " ")
            };
            (key, value)
        })
        .collect()
}

#[test]
fn what_the_importer_wrote_is_read_as_the_manifest_states_it() {
    let mut checked = 0;
    for image in manifest("carriers") {
        let file = image["file"].as_str().unwrap();
        let by_enroot = image["made_with"]["method"]
            .as_str()
            .unwrap()
            .starts_with("enroot");
        if !by_enroot {
            continue;
        }
        checked += 1;
        let document = inspect(file);
        let expected =
            |field: &str| left(file, field).unwrap_or_else(|| image["expected"][field].clone());

        assert_eq!(
            document.labels,
            labels(file, &expected("labels")),
            "{file} labels"
        );
        assert_eq!(
            document.environment,
            environment(&expected("env")),
            "{file} environment"
        );
        let runtime = serde_json::to_value(&document.runtime).unwrap();
        for field in ["entrypoint", "cmd", "workdir", "volumes"] {
            assert_eq!(runtime[field], expected(field), "{file} {field}");
        }
        let uri = document
            .origin
            .imported
            .map(|imported| Value::from(imported.uri));
        assert_eq!(
            uri.unwrap_or_default(),
            expected("provenance_line"),
            "{file} provenance line"
        );
        let os = image["expected"]["os_release"]["PRETTY_NAME"].as_str();
        if file != "m0-etc-symlink.sqsh" {
            assert_eq!(document.os.pretty_name.as_deref(), os, "{file} os");
        }
    }
    assert_eq!(checked, 32, "images that enroot made");
}

#[test]
fn origins_are_what_the_images_were_made_as() {
    let mut checked = 0;
    for image in manifest("carriers") {
        let file = image["file"].as_str().unwrap();
        let facts = &image["expected"]["facts"];
        // These were packed with SOURCE_DATE_EPOCH: no time shows that nothing was changed.
        let (kind, official) = match file {
            // tar2sqfs is no importer.
            _ if file.starts_with("t-") => (Kind::Release, Some(false)),
            _ if file.starts_with("a-") || file.starts_with("f-") => (Kind::Release, None),
            _ if file.starts_with("b-") => (Kind::Nightly, None),
            _ if file.starts_with("c-") => (Kind::Local, Some(false)),
            _ if file.starts_with("d-") => (Kind::Staging, Some(false)),
            _ if file.starts_with("e-") => (Kind::Derived, Some(false)),
            _ if file.starts_with("n2-") => (Kind::Release, Some(false)),
            _ if file.starts_with("h-") || file.starts_with("i-") || file.starts_with("j-") => {
                (Kind::Unknown, None)
            }
            _ => continue,
        };
        checked += 1;
        let origin = inspect(file).origin;
        assert_eq!(
            (origin.kind, origin.official),
            (kind, official),
            "{file}: {:?}",
            origin.reasons
        );
        let by_older_enroot = file.contains("pre42") || file.contains("enroot-3.5.0");
        if official.is_none() && kind != Kind::Unknown && !by_older_enroot {
            let missing = origin.reasons.last().map(String::as_str);
            assert_eq!(missing, Some("file-times-put-back"), "{file}: nothing else");
        }
        // A hand build has no commit of its own but that of its package.
        let commit = facts["commit_hint"].as_str().or(facts["commit"].as_str());
        assert_eq!(
            origin.commit.as_ref().map(|c| c.id.as_str()),
            commit,
            "{file} commit"
        );
        let url = origin
            .pipeline
            .as_ref()
            .and_then(|pipeline| pipeline.url.as_deref());
        let derived = kind == Kind::Derived;
        assert_eq!(
            url,
            facts["build_url"].as_str().filter(|_| !derived),
            "{file} build page"
        );
        assert_eq!(
            origin.modified_after_import,
            file.starts_with("n2-"),
            "{file} modified"
        );
        if derived {
            let base = origin.derived_from.unwrap();
            assert_eq!(
                base.reference.as_deref(),
                facts["derived_from"]
                    .as_str()
                    .or(facts["base_public_tag"].as_str())
            );
            assert_eq!(base.commit.as_deref(), facts["stamped_commit"].as_str());
            assert_eq!(
                (origin.public_reference, origin.publisher),
                (None, None),
                "{file}"
            );
        } else if matches!(kind, Kind::Release | Kind::Nightly) && !origin.modified_after_import {
            assert_eq!(
                origin.public_reference.as_deref(),
                facts["public_tag"].as_str(),
                "{file}"
            );
        }
    }
    assert_eq!(checked, 24);
}

#[test]
fn images_of_other_makers_are_answered_without_harm() {
    for (file, publisher, commit) in [
        (
            "g-ngc-pytorch.sqsh",
            Some("ngc"),
            Some("309d9222bfdc31452bb96ccf5d3f0be45158b76d"),
        ),
        ("k-devbox.sqsh", Some("devbox"), None),
        (
            "l-git-context.sqsh",
            None,
            Some("fdd82ec3f7fbaa295cb920aaa1272cb44f5eeeca"),
        ),
        (
            "p-multi-python.sqsh",
            None,
            Some("97f9793367f722afdcff0ed9b5ebabaa2c4f805b"),
        ),
        (
            "m0-etc-symlink.sqsh",
            None,
            Some("c4d4f512d32f6545e8168a1cb6daebc364ec5a19"),
        ),
        (
            "m1-etc-relative-symlink.sqsh",
            None,
            Some("fbfb3c825f00b159fbc56f69723489732e0126c1"),
        ),
        (
            "m2-etc-absolute-symlink.sqsh",
            None,
            Some("fbfb3c825f00b159fbc56f69723489732e0126c1"),
        ),
        (
            "m3-file-symlink-chain.sqsh",
            None,
            Some("fbfb3c825f00b159fbc56f69723489732e0126c1"),
        ),
        (
            "m11-environment-multi-block.zstd.sqsh",
            None,
            Some("fbfb3c825f00b159fbc56f69723489732e0126c1"),
        ),
    ] {
        let document = inspect(file);
        assert_eq!(document.origin.publisher.as_deref(), publisher, "{file}");
        assert_eq!(
            document.origin.commit.map(|c| c.id).as_deref(),
            commit,
            "{file}"
        );
    }
    let large = inspect("m11-environment-multi-block.zstd.sqsh");
    assert_eq!(large.environment.len(), 4004);
    assert_eq!(
        large.environment.get("LAST").map(String::as_str),
        Some("end")
    );
}

#[test]
fn images_whose_files_cannot_be_read_say_which_and_why() {
    for (file, code, words) in [
        ("m4-symlink-loop.sqsh", "importer-file-unreadable", "links"),
        (
            "m6-link-to-host-only-path.sqsh",
            "unreadable-file",
            "/etc/environment",
        ),
        (
            "m7-not-regular-files.sqsh",
            "importer-file-unreadable",
            "not a regular file",
        ),
    ] {
        let document = inspect(file);
        let warning = document
            .warnings
            .iter()
            .find(|warning| warning.code == code);
        let message = &warning
            .unwrap_or_else(|| panic!("{file}: {:?}", document.warnings))
            .message;
        assert!(message.contains(words), "{file}: {message}");
        assert!(document.is_partial(), "{file}");
        assert_eq!(document.origin.commit, None);
    }
}

#[test]
fn labels_and_lines_that_forge_are_seen() {
    let forged = inspect("i2-forged.enroot-4.1.1.sqsh");
    let codes: Vec<&str> = forged.warnings.iter().map(|w| w.code.as_str()).collect();
    assert!(
        codes.contains(&"spilled-label-lines") && codes.contains(&"reused-namespace"),
        "{codes:?}"
    );
    assert_eq!(
        (forged.origin.commit, forged.origin.publisher),
        (None, None)
    );
    for file in [
        "i3-fake-provenance.sqsh",
        "i3-fake-provenance.enroot-4.1.2.sqsh",
    ] {
        let origin = inspect(file).origin;
        assert_eq!(
            (origin.kind, origin.publisher, origin.commit),
            (Kind::Unknown, None, None),
            "{file}"
        );
        assert_ne!(origin.official, Some(true));
    }
}
