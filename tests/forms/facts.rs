//! The facts of one image in every form.

use super::*;

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
fn platforms_of_different_commits_are_said() {
    let image = |commit: char, architecture: &str| {
        let labels = json!({"org.opencontainers.image.revision": commit.to_string().repeat(40)});
        let config =
            json!({"architecture": architecture, "os": "linux", "config": {"Labels": labels}});
        config.to_string().into_bytes()
    };
    for (commits, said) in [(['1', '1'], false), (['1', '2'], true)] {
        let directory = tempfile::tempdir().unwrap();
        let images = [image(commits[0], "amd64"), image(commits[1], "arm64")];
        let platforms = [
            ("linux/amd64", images[0].as_slice()),
            ("linux/arm64", images[1].as_slice()),
        ];
        layout_of_platforms(directory.path(), &platforms);
        let beside = tempfile::tempdir().unwrap();
        let archive = beside.path().join("archive.tar");
        tar_of(directory.path(), &archive);
        for path in [directory.path(), &archive] {
            let document = inspect_for(path, Some("linux/arm64")).unwrap();
            let warnings = document["warnings"].as_array().unwrap();
            let codes: Vec<_> = warnings
                .iter()
                .map(|it| it["code"].as_str().unwrap())
                .collect();
            let wanted: &[&str] = if said {
                &["platforms-of-different-commits"]
            } else {
                &[]
            };
            assert_eq!(codes, wanted, "{}", path.display());
        }
    }
}
