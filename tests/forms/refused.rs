//! What is not what it says it is, and what is no image.

use super::*;

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
        (config, Some(changed), "has another digest"),
        (config, None, "is missing"),
        (manifest, Some(b"{}".to_vec()), "has 2 bytes"),
        ("index.json", None, "index.json, which"),
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
            "neither sha256",
        ),
        ("index.json", index(&entry("md5:0")), "neither sha256"),
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
            "contains no tar archive",
        ),
        (file("cut.sif", &sif[..4000]), "not inside the file"),
        (file("header.sif", &sif[..60]), "truncated or missing"),
        (file("list.json", b"[]"), "0 images"),
        (
            file("other.json", b"{\"a\": 1}"),
            "not an image's configuration",
        ),
        (
            file("index.json", b"{\"manifests\": []}"),
            "an index of images",
        ),
        (
            file("statement.json", b"{\"predicateType\": \"x\"}"),
            "a statement about an image",
        ),
        (file("cut.json", b"{\"config\": {"), "JSON cannot be read"),
    ] {
        let error = inspect_for(&path, None).unwrap_err();
        assert!(error.contains(part), "{error}, expected {part}");
        assert!(error.starts_with(path.to_str().unwrap()), "{error}");
    }
}
