//! Every form of an image: what it is taken for, what it says, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod forms_support;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use forms_support::{available, copy_directory, run, sif, tar_of};
use serde_json::{Value, json};
use sqsh_prov::image::oci::Platform;
use sqsh_prov::{Inspector, Options};
use support::{fixture, manifest};

fn inspect_for(path: &Path, platform: Option<&str>) -> Result<Value, String> {
    let options = Options {
        platform: platform.map(|text| Platform::parse(text).unwrap()),
        ..Options::default()
    };
    let inspector = Inspector::new(options).unwrap();
    let document = inspector.inspect(path).map_err(|error| error.to_string())?;
    Ok(serde_json::to_value(document).unwrap())
}

fn inspect(path: &Path) -> Value {
    inspect_for(path, None).unwrap()
}

fn artefacts() -> Vec<Value> {
    let text = fs::read_to_string(fixture("oci", "manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    manifest["artefacts"].as_array().unwrap().clone()
}

/// `KEY=value` of a list as an object; the last one wins.
fn variables(list: &Value) -> Value {
    let pairs = list.as_array().unwrap().iter().map(|variable| {
        let (name, value) = variable.as_str().unwrap().split_once('=').unwrap();
        (name.to_owned(), json!(value))
    });
    Value::Object(pairs.collect())
}

/// The value of the evidence of a carrier for a key.
fn evidence<'d>(document: &'d Value, carrier: &str, key: &str) -> Vec<&'d str> {
    let evidence = document["evidence"].as_array().unwrap().iter();
    evidence
        .filter(|e| e["source"]["carrier"] == carrier && e["source"]["key"] == key)
        .map(|e| e["value"].as_str().unwrap())
        .collect()
}

/// Digests by level.
fn digest<'d>(document: &'d Value, level: &str) -> &'d str {
    let field = format!("digests.{level}");
    let evidence = document["evidence"].as_array().unwrap().iter();
    let mut found = evidence.filter(|e| e["field"] == field.as_str());
    found.next().unwrap()["value"].as_str().unwrap()
}

#[test]
fn every_artefact_says_what_it_was_made_with() {
    let mut images = 0;
    for artefact in artefacts() {
        let file = artefact["file"].as_str().unwrap();
        let path = fixture("oci", file);
        let expected = &artefact["expected"];
        for image in expected["images"].as_array().into_iter().flatten() {
            images += 1;
            let platform = image["platform"].as_str().unwrap();
            let document = inspect_for(&path, Some(platform)).unwrap();
            let runtime = &document["runtime"];
            assert_eq!(document["labels"], image["labels"], "{file}");
            assert_eq!(document["environment"], variables(&image["env"]), "{file}");
            assert_eq!(runtime["entrypoint"], image["entrypoint"], "{file}");
            assert_eq!(runtime["cmd"], image["cmd"], "{file}");
            assert_eq!(runtime["workdir"], image["workdir"], "{file}");
            assert_eq!(document["origin"]["created"], image["created"], "{file}");
            assert_eq!(document["packages"], json!([]), "{file}");
            assert_eq!(document["file"]["whole"], true, "{file}");
            assert_eq!(digest(&document, "manifest"), image["manifest_digest"]);
            assert_eq!(digest(&document, "config"), image["config_digest"]);
            assert_eq!(digest(&document, "index"), expected["index_digest"]);
            for (level, carrier) in [
                (&image["manifest_annotations"], "oci-manifest"),
                (&expected["index_annotations"], "oci-index"),
            ] {
                for (key, value) in level.as_object().into_iter().flatten() {
                    let found = evidence(&document, carrier, key);
                    assert_eq!(found, [value.as_str().unwrap()], "{file} {key}");
                }
            }
            let history = document["evidence"].as_array().unwrap().iter();
            let history = history.filter(|e| e["field"] == "history").count();
            assert_eq!(json!(history), image["history"], "{file}");
            let origin = &document["origin"];
            let facts = &expected["facts"];
            // Of the image's own files: what only an attestation says is not read here.
            if file != "v-layout-slsa-v1" {
                assert_eq!(origin["commit"]["id"], facts["commit"], "{file}");
                assert_eq!(origin["public_reference"], facts["public_ref"], "{file}");
                assert_eq!(origin["version"], facts["version"], "{file}");
            }
            assert_ne!(origin["official"], true, "{file}");
        }
    }
    assert_eq!(images, 9);
}

#[test]
fn forms_are_told_by_content() {
    for (directory, file, format) in [
        ("oci", "i-layout-two-platform", "oci-layout"),
        ("oci", "vii-oci-archive-two-platform.tar", "oci-archive"),
        ("oci", "vi-docker-save-classic.tar", "docker-archive"),
        ("oci", "iii-config-buildinfo-v0.json", "image-config"),
        ("carriers", "s-singularity-layout.sif", "sif"),
        ("carriers", "ch-a-vllm-release.sqfs", "squashfs"),
    ] {
        let document = inspect(&fixture(directory, file));
        assert_eq!(document["file"]["format"], format, "{file}");
    }
}

#[test]
fn a_docker_archive_says_whose_image_it_is() {
    let artefacts = artefacts();
    let mut archives = artefacts.iter().filter(|it| it["kind"] == "docker-archive");
    let artefact = archives.next().unwrap();
    let document = inspect(&fixture("oci", artefact["file"].as_str().unwrap()));
    let expected = &artefact["expected"];
    let origin = &document["origin"];
    assert_eq!(document["labels"], expected["labels"]);
    assert_eq!(document["environment"], variables(&expected["env"]));
    assert_eq!(digest(&document, "config"), expected["config_digest"]);
    assert_eq!(origin["kind"], "release");
    assert_eq!(origin["publisher"], "vllm");
    assert_eq!(origin["official"], Value::Null);
    assert_eq!(origin["commit"]["id"], expected["facts"]["commit"]);
    assert_eq!(origin["public_reference"], expected["facts"]["public_ref"]);
    assert_eq!(origin["imported"]["via"], "daemon");
    assert_eq!(origin["pipeline"]["build"], 6292);
    let names = evidence(&document, "docker-archive", "RepoTags");
    assert_eq!(json!(names), expected["repo_tags"]);
}

/// A digest with nothing but this digit.
fn digest_of(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

#[test]
fn what_a_daemon_has_is_named_with_a_digest_of_the_same_repository() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("inspected.json");
    let vllm = "vllm/vllm-openai:v0.29.0";
    let host = "registry.acme.example:5000/vllm/vllm-openai:v0.29.0";
    // RepoTags, RepoDigests by the digit that they are made of, the image's own name;
    // what is said.
    type Row<'r> = (
        &'r [&'r str],
        &'r [(&'r str, char)],
        &'r str,
        &'r str,
        Option<char>,
    );
    let rows: &[Row<'_>] = &[
        // One tag and one digest, in every spelling.
        (&["acme/x:1"], &[("acme/x", 'a')], "", "acme/x:1", Some('a')),
        (
            &["x:1"],
            &[("docker.io/library/x", 'a')],
            "",
            "x:1",
            Some('a'),
        ),
        (
            &["docker.io/acme/x:1"],
            &[("index.docker.io/acme/x", 'a')],
            "",
            "docker.io/acme/x:1",
            Some('a'),
        ),
        (
            &[host],
            &[("REGISTRY.acme.example:5000/vllm/vllm-openai", 'a')],
            "",
            host,
            Some('a'),
        ),
        // A later tag is in no registry: the name that was pulled or pushed says more.
        (
            &["acme/x:1", vllm],
            &[("acme/x", 'a')],
            "",
            "acme/x:1",
            Some('a'),
        ),
        (
            &[vllm, "acme/x:1"],
            &[("acme/x", 'a')],
            "",
            "acme/x:1",
            Some('a'),
        ),
        (
            &["acme/x:1", vllm],
            &[("acme/x", 'a')],
            vllm,
            "acme/x:1",
            Some('a'),
        ),
        (
            &["acme/x:1", "acme/x:2"],
            &[("acme/x", 'a')],
            "acme/x:2",
            "acme/x:2",
            Some('a'),
        ),
        // Two of each.
        (
            &["acme/x:1", vllm],
            &[("vllm/vllm-openai", 'b'), ("acme/x", 'a')],
            "",
            "acme/x:1",
            Some('a'),
        ),
        (
            &["acme/x:1", vllm],
            &[("acme/x", 'a'), ("vllm/vllm-openai", 'b')],
            vllm,
            vllm,
            Some('b'),
        ),
        // A digest alone, and two.
        (&[], &[("acme/x", 'a')], "", "acme/x@", Some('a')),
        (
            &[],
            &[("acme/x", 'a'), ("vllm/vllm-openai", 'b')],
            "",
            "acme/x@",
            Some('a'),
        ),
        (
            &[],
            &[("acme/x", 'a'), ("acme/x", 'b')],
            &format!("acme/x@{}", digest_of('b')),
            "acme/x@",
            Some('b'),
        ),
        // A tag alone.
        (&["acme/x:1"], &[], "", "acme/x:1", None),
        (&["acme/x:1", vllm], &[], vllm, vllm, None),
        // A digest of another registry or repository, or none at all.
        (
            &[vllm],
            &[("registry.acme.example:5000/vllm/vllm-openai", 'a')],
            "",
            vllm,
            None,
        ),
        (&[host], &[("vllm/vllm-openai", 'a')], "", host, None),
        (
            &["localhost/acme/x:1"],
            &[("acme/x", 'a')],
            "",
            "localhost/acme/x:1",
            None,
        ),
        (
            &[vllm],
            &[("acme/x", 'a'), ("vllm/vllm", 'b')],
            "",
            vllm,
            None,
        ),
        (&["acme/x:1"], &[("acme/x", 'g')], "", "acme/x:1", None),
        (&["A B"], &[("A B", 'a')], "", "A B", None),
    ];
    for &(tags, digests, own, uri, digest) in rows {
        let digests: Vec<String> = digests
            .iter()
            .map(|&(name, digit)| format!("{name}@{}", digest_of(digit)))
            .collect();
        let printed = json!([{"Id": "sha256:1", "RepoTags": tags, "RepoDigests": digests,
            "Config": {"Env": [format!("IMAGE={own}")]}}]);
        fs::write(&path, printed.to_string()).unwrap();
        let document = inspect(&path);
        let imported = &document["origin"]["imported"];
        let digest = digest.map(digest_of);
        let uri = match &digest {
            Some(digest) if uri.ends_with('@') => format!("{uri}{digest}"),
            _ => uri.to_owned(),
        };
        assert_eq!(imported["uri"], uri, "{printed}");
        assert_eq!(imported["digest"], json!(digest), "{printed}");
        assert_eq!(
            imported["via"],
            if uri == "A B" { "unknown" } else { "daemon" }
        );
        // What is no digest of it is evidence all the same.
        let all = document["evidence"].as_array().unwrap();
        let with = |field: &str| -> BTreeSet<&str> {
            let found = all.iter().filter(|e| e["field"] == field);
            let found = found.filter(|e| e["source"]["carrier"] == "inspect");
            found.map(|e| e["value"].as_str().unwrap()).collect()
        };
        let used = |text: &&str| {
            digest
                .as_deref()
                .is_some_and(|digest| text.ends_with(digest))
        };
        let digests = digests.iter().map(String::as_str);
        let expected = digests.filter(|text| tags.is_empty() || !used(text));
        assert_eq!(
            with("origin.imported"),
            expected.chain(tags.iter().copied()).collect()
        );
        assert_eq!(
            with("origin.imported.digest"),
            digest.iter().map(String::as_str).collect()
        );
    }
}

#[test]
fn packers_of_clusters_keep_the_origin() {
    for (file, via) in [
        ("ch-a-vllm-release.sqfs", Value::Null),
        ("s-singularity-layout.sif", json!("unknown")),
    ] {
        let truth = manifest("carriers");
        let truth = truth.iter().find(|image| image["file"] == file).unwrap();
        let expected = &truth["expected"];
        let document = inspect(&fixture("carriers", file));
        let origin = &document["origin"];
        assert_eq!(document["labels"], expected["labels"], "{file}");
        assert_eq!(document["environment"], variables(&expected["env"]));
        assert_eq!(document["runtime"]["entrypoint"], expected["entrypoint"]);
        assert_eq!(document["os"]["architecture"], "x86_64", "{file}");
        assert_eq!(origin["kind"], "release", "{file}");
        assert_eq!(origin["publisher"], "vllm", "{file}");
        assert_eq!(origin["official"], Value::Null, "{file}");
        assert_eq!(origin["commit"]["id"], expected["facts"]["commit"]);
        assert_eq!(origin["public_reference"], expected["facts"]["public_tag"]);
        assert_eq!(origin["imported"]["via"], via, "{file}");
    }
    let document = inspect(&fixture("carriers", "ch-a-vllm-release.sqfs"));
    assert!(digest(&document, "config").starts_with("sha256:"));
    assert!(document["environment"].get("BASE_ONLY").is_none());
    // What apptainer writes about its own work is no date of the image.
    let document = inspect(&fixture("carriers", "s-singularity-layout.sif"));
    assert_eq!(document["origin"]["created"], Value::Null);
    let mut codes = document["warnings"].as_array().unwrap().iter();
    assert!(codes.any(|w| w["code"] == "sif-unsigned"));
}

/// What must be the same in every form.
fn origin(document: &Value) -> Value {
    let origin = &document["origin"];
    let fields = [
        "kind",
        "publisher",
        "product",
        "version",
        "commit",
        "pipeline",
    ];
    let more = ["public_reference", "prerelease", "derived_from", "flags"];
    let pairs = fields.iter().chain(&more);
    Value::Object(
        pairs
            .map(|&field| (field.to_owned(), origin[field].clone()))
            .collect(),
    )
}

#[test]
fn one_image_has_one_origin_in_every_form() {
    if !available(&["mksquashfs", "unsquashfs", "tar", "gzip", "zstd"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let charliecloud = fixture("carriers", "ch-a-vllm-release.sqfs");
    let imported = fixture("carriers", "a-vllm-release.gzip.sqsh");
    let unpack = |from: &Path, to: &Path| {
        run("unsquashfs", &[&"-no-progress", &"-d", &to, &from]);
    };
    unpack(&charliecloud, &at("ch"));
    unpack(&imported, &at("enroot"));
    let config = fs::read(at("ch/ch/config.pulled.json")).unwrap();
    let layout = at("layout");
    forms_support::layout(&layout, &config, &json!({}));
    tar_of(&layout, &at("a.tar"));
    for (tool, name) in [("gzip", "a.tar.gz"), ("zstd", "a.tar.zst")] {
        let output = run(tool, &[&"-c", &at("a.tar")]);
        fs::write(at(name), output).unwrap();
    }
    let name = sqsh_prov::image::oci::sha256(&config);
    let name = format!("{}.json", name.strip_prefix("sha256:").unwrap());
    fs::create_dir(at("saved")).unwrap();
    fs::write(at("saved").join(&name), &config).unwrap();
    let saved = json!([{"Config": name, "RepoTags": ["vllm/vllm-openai:v0.23.0"], "Layers": []}]);
    fs::write(at("saved/manifest.json"), saved.to_string()).unwrap();
    tar_of(&at("saved"), &at("saved.tar"));
    fs::write(at("config.json"), &config).unwrap();
    fs::write(at("a.sif"), sif(&fs::read(&charliecloud).unwrap())).unwrap();
    copy_directory(&layout, &at("new"));
    let config_blob = format!("blobs/sha256/{}", name.strip_suffix(".json").unwrap());
    let saved = json!([{"Config": config_blob, "RepoTags": null, "Layers": []}]);
    fs::write(at("new/manifest.json"), saved.to_string()).unwrap();
    tar_of(&at("new"), &at("new.tar"));

    let expected = origin(&inspect(&imported));
    assert_eq!(expected["publisher"], "vllm");
    for (path, format) in [
        (charliecloud, "squashfs"),
        (fixture("carriers", "s-singularity-layout.sif"), "sif"),
        (at("a.sif"), "sif"),
        (at("ch"), "rootfs"),
        (at("enroot"), "rootfs"),
        (layout, "oci-layout"),
        (at("a.tar"), "oci-archive"),
        (at("a.tar.gz"), "oci-archive"),
        (at("a.tar.zst"), "oci-archive"),
        (at("saved.tar"), "docker-archive"),
        (at("new.tar"), "docker-archive"),
        (at("config.json"), "image-config"),
    ] {
        let document = inspect(&path);
        assert_eq!(document["file"]["format"], format, "{}", path.display());
        assert_eq!(origin(&document), expected, "{}", path.display());
    }
}

#[test]
fn a_platform_is_chosen_and_said() {
    let path = fixture("oci", "i-layout-two-platform");
    for (platform, architecture) in [("linux/amd64", "x86_64"), ("linux/arm64", "aarch64")] {
        let document = inspect_for(&path, Some(platform)).unwrap();
        assert_eq!(document["os"]["architecture"], architecture);
        assert_eq!(document["warnings"], json!([]));
    }
    let document = inspect(&path);
    assert_eq!(document["warnings"][0]["code"], "image-chosen");
    let error = inspect_for(&path, Some("linux/s390x")).unwrap_err();
    assert!(error.contains("linux/amd64, linux/arm64/v8"), "{error}");
}

#[test]
fn a_layout_that_is_not_what_it_says_is_refused() {
    let original = fixture("oci", "i-layout-two-platform");
    let directory = tempfile::tempdir().unwrap();
    let manifest = "blobs/sha256/da2c00fef4311d4231d285372e7fd31f3aaa94b7067e04acdeaedc0626ba936a";
    let config = "blobs/sha256/7fbf5110e52434bd06dcf055122daa68d8db1c4445f425288cbb861b8967a2be";
    let index = |text: &str| Some(text.as_bytes().to_vec());
    let entry = |digest: &str| {
        json!({"manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": digest, "size": 3}]})
        .to_string()
    };
    let mut changed = fs::read(original.join(config)).unwrap();
    changed[20] ^= 1;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(64), "]".repeat(64));
    for (number, (file, content, part)) in [
        (config, Some(changed), "does not have the digest"),
        (config, None, "is not there"),
        (manifest, Some(b"{}".to_vec()), "has 2 bytes"),
        ("index.json", None, "index.json is not there"),
        ("index.json", index("{\"manifests\": ["), "cannot be read"),
        (
            "index.json",
            index("{\"manifests\": []}"),
            "there is no image",
        ),
        ("index.json", index(&deep), "deeper than 64 levels"),
        (
            "index.json",
            index(&entry("sha256:../../../etc/passwd")),
            "no sha256",
        ),
        ("index.json", index(&entry("md5:0")), "no sha256"),
        (
            "oci-layout",
            index("{\"imageLayoutVersion\": \"9\"}"),
            "version 9",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let copy = directory.path().join(number.to_string());
        copy_directory(&original, &copy);
        match content {
            Some(content) => fs::write(copy.join(file), content).unwrap(),
            None => fs::remove_file(copy.join(file)).unwrap(),
        }
        let error = inspect_for(&copy, Some("linux/amd64")).unwrap_err();
        assert!(error.contains(part), "{error}, expected {part}");
    }
    // Of a platform that is not asked for nothing is needed.
    let copy = directory.path().join("one");
    copy_directory(&original, &copy);
    fs::remove_file(copy.join(manifest)).unwrap();
    assert!(inspect_for(&copy, Some("linux/arm64")).is_ok());
    assert!(inspect_for(&copy, Some("linux/amd64")).is_err());
    // A layer that is missing leaves an answer, in part.
    let copy = directory.path().join("layer");
    copy_directory(&original, &copy);
    let manifest: Value = serde_json::from_slice(&fs::read(copy.join(manifest)).unwrap()).unwrap();
    let layer = manifest["layers"][0]["digest"].as_str().unwrap();
    fs::remove_file(copy.join("blobs").join(layer.replace(':', "/"))).unwrap();
    let document = inspect_for(&copy, Some("linux/amd64")).unwrap();
    assert_eq!(document["file"]["whole"], false);
}

/// Eight indexes of a few kilobytes, each naming the next a hundred times, are 100^8 ways.
#[test]
fn indexes_that_name_each_other_many_times_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = directory.path().join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(
        directory.path().join("oci-layout"),
        "{\"imageLayoutVersion\": \"1.0.0\"}",
    )
    .unwrap();
    let mut text = "{\"manifests\": []}".to_owned();
    for _ in 0..7 {
        let digest = sqsh_prov::image::oci::sha256(text.as_bytes());
        fs::write(blobs.join(digest.trim_start_matches("sha256:")), &text).unwrap();
        let entry = json!({"mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": digest, "size": text.len()});
        text = json!({"manifests": vec![entry; 100]}).to_string();
    }
    fs::write(directory.path().join("index.json"), &text).unwrap();
    let error = inspect_for(directory.path(), None).unwrap_err();
    assert!(error.contains("more than 256 indexes"), "{error}");
}

#[test]
fn what_is_no_image_is_said_plainly() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let archive = fs::read(fixture("oci", "vii-oci-archive-two-platform.tar")).unwrap();
    let sif = fs::read(fixture("carriers", "s-singularity-layout.sif")).unwrap();
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut bomb, &vec![0; 64 << 20]).unwrap();
    let empty = directory.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let mut image = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut image, &sif).unwrap();
    for (path, part) in [
        (empty, "neither a root file system nor an OCI layout"),
        (file("cut.tar", &archive[..2000]), "cut short"),
        (
            file("zeros.tar.gz", &bomb.finish().unwrap()),
            "neither an OCI layout",
        ),
        (file("cut.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03abc"), "cut.gz"),
        (
            file("image.sqsh.gz", &image.finish().unwrap()),
            "no tar archive in it",
        ),
        (file("cut.sif", &sif[..4000]), "not inside the file"),
        (file("header.sif", &sif[..60]), "cut short"),
        (file("list.json", b"[]"), "0 images"),
        (
            file("other.json", b"{\"a\": 1}"),
            "neither an image's configuration",
        ),
        (
            file("index.json", b"{\"manifests\": []}"),
            "an index of images",
        ),
        (
            file("statement.json", b"{\"predicateType\": \"x\"}"),
            "a statement about an image",
        ),
        (
            file("cut.json", b"{\"config\": {"),
            "no JSON that can be read",
        ),
    ] {
        let error = inspect_for(&path, None).unwrap_err();
        assert!(error.contains(part), "{error}, expected {part}");
        assert!(error.starts_with(path.to_str().unwrap()), "{error}");
    }
}

#[test]
fn an_apptainer_build_on_an_image_is_not_that_image() {
    if !available(&["mksquashfs", "unsquashfs"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let sif = fs::read(fixture("carriers", "s-singularity-layout.sif")).unwrap();
    let inner = directory.path().join("inner.sqsh");
    fs::write(&inner, &sif[36864..]).unwrap();
    run("unsquashfs", &[&"-no-progress", &"-d", &root, &inner]);
    assert_eq!(inspect(&root)["origin"]["kind"], "release");
    let definition = root.join(".singularity.d/Singularity");
    fs::write(
        &definition,
        "bootstrap: docker\nfrom: vllm/vllm-openai:v0.23.0\n%post\n  pip install x\n",
    )
    .unwrap();
    let document = inspect(&root);
    assert_eq!(document["origin"]["kind"], "derived");
    assert_eq!(document["origin"]["publisher"], Value::Null);
    assert_eq!(
        document["origin"]["derived_from"]["reference"],
        "docker.io/vllm/vllm-openai:v0.23.0"
    );
}

#[test]
fn a_base_cannot_forge_an_import_under_another_packer() {
    if !available(&["unsquashfs"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let rc = include_str!("../src/carriers/testdata/a-vllm-release.rc");
    let root = directory.path().join("root");
    let charliecloud = fixture("carriers", "ch-a-vllm-release.sqfs");
    run(
        "unsquashfs",
        &[&"-no-progress", &"-d", &root, &charliecloud],
    );
    // Written now, so later than Charliecloud's own files.
    fs::write(root.join("etc/rc"), rc).unwrap();
    let document = inspect(&root);
    assert_ne!(document["origin"]["official"], true);
    assert_eq!(document["origin"]["imported"]["via"], "unknown");
    let mut warnings = document["warnings"].as_array().unwrap().iter();
    assert!(warnings.any(|warning| warning["code"] == "two-importers"));

    // The very file that is official as enroot's own is not within a SIF file.
    let imported = fixture("classification", "01-vllm-release.sqsh");
    assert_eq!(inspect(&imported)["origin"]["official"], true);
    let wrapped = directory.path().join("wrapped.sif");
    fs::write(&wrapped, sif(&fs::read(&imported).unwrap())).unwrap();
    let document = inspect(&wrapped);
    assert_eq!(document["origin"]["official"], Value::Null);
    assert_eq!(document["origin"]["imported"]["via"], "unknown");
}
