//! Content out of archives of each kind, and what cosign leaves beside an image in a layout.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sqsh_prov::attestation::Trust;
use sqsh_prov::image::oci::sha256;
use sqsh_prov::provenance::{AttestedLevel, Provenance, Warning};
use sqsh_prov::{Attesting, Inspector, Look, Options};

use crate::forms_support::{available, run, tar_of};
use crate::keys::{Kind, sign};
use crate::trees::{config, content, layout, root, tar};

/// Writes what `docker save` wrote before version 25; `links` has the second of two equal layers as a link.
fn saved(at: &Path, layers: &[Vec<u8>], links: bool) {
    let digests: Vec<String> = layers.iter().map(|layer| sha256(layer)).collect();
    let mut config = config();
    config["rootfs"]["diff_ids"] = json!(digests);
    let config = config.to_string();
    let named = sha256(config.as_bytes());
    let named = format!("{}.json", named.strip_prefix("sha256:").unwrap());
    fs::create_dir_all(at).unwrap();
    fs::write(at.join(&named), config).unwrap();
    let mut files = Vec::new();
    // As a daemon does it, the directories' names say nothing of the order.
    for (number, layer) in layers.iter().enumerate() {
        let name = format!("{}/layer.tar", 9 - number);
        fs::create_dir_all(at.join(&name).parent().unwrap()).unwrap();
        let first = layers.iter().position(|it| it == layer).unwrap();
        if links && first < number {
            let target = format!("../{}/layer.tar", 9 - first);
            std::os::unix::fs::symlink(target, at.join(&name)).unwrap();
        } else {
            fs::write(at.join(&name), layer).unwrap();
        }
        files.push(name);
    }
    let manifest = json!([{"Config": named, "RepoTags": ["a:1"], "Layers": files}]);
    fs::write(at.join("manifest.json"), manifest.to_string()).unwrap();
}

/// Two layers: the upper one links to a file of the lower one, and removes another.
fn layers(directory: &Path) -> [Vec<u8>; 2] {
    let at = |name: &str| directory.join(name);
    root(&at("1"));
    fs::write(at("1/below"), "below").unwrap();
    fs::create_dir_all(at("2")).unwrap();
    fs::write(at("2/above"), "above").unwrap();
    fs::write(at("2/.wh.below"), "").unwrap();
    fs::hard_link(at("2/above"), at("2/another")).unwrap();
    [tar(&at("1")), tar(&at("2"))]
}

fn compressed(archive: &Path) -> [PathBuf; 2] {
    let bytes = fs::read(archive).unwrap();
    let (gzip, zstd) = (
        archive.with_extension("tar.gz"),
        archive.with_extension("tar.zst"),
    );
    fs::write(&gzip, crate::content::gzip(&bytes)).unwrap();
    fs::write(&zstd, zstd::encode_all(bytes.as_slice(), 1).unwrap()).unwrap();
    [gzip, zstd]
}

#[test]
fn an_archive_of_each_kind_has_the_content_of_its_layout() {
    if !available(&["tar"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let [below, above] = layers(directory.path());
    let all = [below.clone(), above.clone(), below];
    let expected = content(&layout(&at("layout"), &all, &config()));
    for (name, links) in [("saved", false), ("linked", true), ("layout", false)] {
        if name != "layout" {
            saved(&at(name), &all, links);
        }
        let archive = at(&format!("{name}.tar"));
        run(
            "tar",
            &[&"-cf", &archive, &"--sort=name", &"-C", &at(name), &"."],
        );
        assert_eq!(content(&archive), expected, "{name}");
        for archive in compressed(&archive) {
            assert_eq!(content(&archive), expected, "{}", archive.display());
        }
    }
}

#[test]
fn a_saved_layer_that_is_not_what_the_configuration_says_has_no_content() {
    if !available(&["tar"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let [below, above] = layers(directory.path());
    saved(&at("saved"), &[below, above.clone()], false);
    let archive = at("saved.tar");
    let inspector = Inspector::new(Options::default()).unwrap();
    let refused = |expected: &str| {
        tar_of(&at("saved"), &archive);
        for archive in compressed(&archive).iter().chain([&archive]) {
            let error = inspector.content(archive).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    };
    fs::write(at("saved/9/layer.tar"), above).unwrap();
    refused("has another digest");
    fs::remove_file(at("saved/9/layer.tar")).unwrap();
    refused("9/layer.tar");
}

/// Puts a manifest with one layer beside the image of a layout, with a tag, or marked as `cosign save` does.
fn beside(layout: &Path, mark: &Value, layer: &[u8], media: &str, annotations: &Value) {
    let put = |bytes: &[u8], media: &str| {
        let digest = sha256(bytes);
        let name = digest.replace("sha256:", "blobs/sha256/");
        fs::write(layout.join(name), bytes).unwrap();
        json!({"mediaType": media, "digest": digest, "size": bytes.len()})
    };
    let mut layer = put(layer, media);
    layer["annotations"] = annotations.clone();
    let config =
        json!({"architecture": "", "os": "", "rootfs": {"type": "layers", "diff_ids": []}});
    let config = put(
        config.to_string().as_bytes(),
        "application/vnd.oci.image.config.v1+json",
    );
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer]});
    let media = "application/vnd.oci.image.manifest.v1+json";
    let mut manifest = put(manifest.to_string().as_bytes(), media);
    manifest["annotations"] = mark.clone();
    let index = layout.join("index.json");
    let mut named: Value = serde_json::from_slice(&fs::read(&index).unwrap()).unwrap();
    named["manifests"].as_array_mut().unwrap().push(manifest);
    fs::write(index, named.to_string()).unwrap();
}

fn manifest(layout: &Path) -> String {
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    index["manifests"][0]["digest"].as_str().unwrap().to_owned()
}

fn inspect(layout: &Path) -> Provenance {
    let trust = layout.parent().unwrap().join("trust.toml");
    fs::write(&trust, format!("schema = 1\n{}", Kind::P256.trust(3, ""))).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    let inspector = inspector.attesting(Attesting {
        trust: Trust::load(&[trust]).unwrap(),
        look: Look::Near,
        ..Attesting::default()
    });
    inspector.inspect(layout).unwrap()
}

const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const TAG: &str = "org.opencontainers.image.ref.name";

/// What cosign signs: specs/SIGNATURE_SPEC.md of its repository.
fn simple(digest: &str) -> String {
    json!({"critical": {"identity": {"docker-reference": "registry.example.org/a"},
        "image": {"docker-manifest-digest": digest}, "type": "cosign container image signature"},
        "optional": null})
    .to_string()
}

#[test]
fn what_cosign_puts_beside_an_image_speaks_for_that_image_alone() {
    if !available(&["tar"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let [below, _] = layers(directory.path());
    let other = format!("sha256:{}", "1".repeat(64));
    let tag =
        |digest: &str, kind: &str| json!({TAG: format!("{}.{kind}", digest.replace(':', "-"))});
    let save = |kind: &str| json!({"kind": format!("dev.cosignproject.cosign/{kind}")});
    let count = std::cell::Cell::new(0);
    let layout = || {
        count.set(count.get() + 1);
        let at = directory.path().join(format!("l{}", count.get()));
        layout(&at, std::slice::from_ref(&below), &config())
    };
    // The mark, the digest that is signed, by which key, and what becomes of it.
    let own = manifest(&layout());
    for (mark, signed, seed, expected) in [
        (tag(&own, "sig"), &own, 3, Some("signed")),
        (save("sigs"), &own, 3, Some("signed")),
        (tag(&own, "sig"), &own, 4, Some("no-key")),
        (tag(&own, "sig"), &other, 3, Some("other-digest")),
        (save("sigs"), &other, 3, Some("other-digest")),
        (tag(&other, "sig"), &own, 3, None),
    ] {
        let layout = layout();
        let text = simple(signed);
        let signature = BASE64.encode(sign(text.as_bytes(), seed));
        let annotations = json!({"dev.cosignproject.cosign/signature": signature});
        beside(&layout, &mark, text.as_bytes(), SIMPLE, &annotations);
        let document = inspect(&layout);
        let found = document.attestations.first();
        let case = format!("{mark} {signed} {seed}: {found:?}");
        assert_eq!(found.map(|it| &*it.reason), expected, "{case}");
        let level = found.and_then(|it| it.level);
        let good = expected == Some("signed");
        assert_eq!(level, good.then_some(AttestedLevel::Manifest), "{case}");
        // It is no second image of the layout.
        assert!(
            document.warnings.iter().all(|it| it.code != "image-chosen"),
            "{case}"
        );
    }
    let envelope = |digest: &str| {
        let hex = digest.strip_prefix("sha256:").unwrap();
        let statement = json!({"_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": "https://slsa.dev/provenance/v0.2",
            "subject": [{"name": "a", "digest": {"sha256": hex}}], "predicate": {}});
        Kind::P256
            .sign(&statement.to_string(), &"0".repeat(64), 3, "")
            .text
    };
    for (mark, signed, expected) in [
        (tag(&own, "att"), &own, Some("signed")),
        (save("atts"), &own, Some("signed")),
        (tag(&own, "att"), &other, Some("other-digest")),
        (tag(&other, "att"), &own, None),
    ] {
        let layout = layout();
        let text = envelope(signed);
        let annotations = json!({"dev.cosignproject.cosign/signature": "",
            "predicateType": "https://slsa.dev/provenance/v0.2"});
        let media = "application/vnd.dsse.envelope.v1+json";
        beside(&layout, &mark, text.as_bytes(), media, &annotations);
        let document = inspect(&layout);
        let found = document.attestations.first();
        assert_eq!(found.map(|it| &*it.reason), expected, "{mark}: {found:?}");
    }
}

#[test]
fn a_signature_that_is_one_too_many_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let [below, _] = layers(directory.path());
    let layout = layout(&directory.path().join("l"), &[below], &config());
    let own = manifest(&layout);
    let tag = json!({TAG: format!("{}.sig", own.replace(':', "-"))});
    let text = simple(&own);
    let is_said = || {
        let warnings = inspect(&layout).warnings;
        let of_limit = |it: &Warning| it.message.contains("the limit signatures: more than 16");
        let mut lost = warnings
            .iter()
            .filter(|it| it.code == "attestation-damaged");
        lost.any(of_limit)
    };
    for seed in 1..=17 {
        assert!(!is_said(), "{seed}");
        let signature = BASE64.encode(sign(text.as_bytes(), seed));
        let annotations = json!({"dev.cosignproject.cosign/signature": signature});
        beside(&layout, &tag, text.as_bytes(), SIMPLE, &annotations);
    }
    assert!(is_said());
}
