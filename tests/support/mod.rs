//! What several integration tests need: the fixtures and their manifests.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fixture that is not there fails the test"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;

/// The path of a fixture.
pub fn fixture(directory: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(directory)
        .join(file)
}

/// The packages of a document, `ECOSYSTEM NAME VERSION` each.
pub fn packages(document: &Value) -> Vec<String> {
    let packages = document["packages"].as_array().unwrap().iter();
    let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    packages
        .map(|it| {
            format!(
                "{} {} {}",
                text(it, "ecosystem"),
                text(it, "name"),
                text(it, "version")
            )
        })
        .collect()
}

/// The images of a directory of fixtures, with the truth of each.
pub fn manifest(directory: &str) -> Vec<Value> {
    let text = fs::read_to_string(fixture(directory, "manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    manifest["images"].as_array().unwrap().clone()
}

/// The image itself, or a copy with the extended attributes that a checkout loses.
pub fn with_xattrs(image: &Value, path: &Path, directory: &Path) -> PathBuf {
    let Some(xattrs) = image["xattr"].as_object() else {
        return path.to_owned();
    };
    let copy = directory.join(path.file_name().unwrap());
    fs::copy(path, &copy).unwrap();
    for (name, value) in xattrs {
        let value = value.as_str().unwrap().as_bytes();
        // A file system without user attributes leaves the digest line, which must do too.
        let _ = rustix::fs::setxattr(&copy, name.as_str(), value, rustix::fs::XattrFlags::empty());
    }
    copy
}

/// What the importer writes into `/etc/rc.local`.
const RC_LOCAL: &str = "# This file is sourced by /etc/rc when the container starts.\n\
    # It can be used to manipulate the entrypoint or the command of the container.\n";

/// Packs files (path in the image, text) into a squashfs image with mksquashfs: the importer's, and
/// the directory that it makes for them, are of now, all others were built before.
///
/// `None` where mksquashfs is not installed; with `CI` set that is a failure.
pub fn pack_root(directory: &Path, files: &[(&str, &str)]) -> Option<PathBuf> {
    let root = directory.join("root");
    let stub = ("etc/rc.local", RC_LOCAL);
    for (path, text) in files.iter().chain([&stub]) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let names = [
        "etc",
        "etc/environment",
        "etc/fstab",
        "etc/rc",
        "etc/rc.local",
    ];
    let written = names.map(|name| root.join(name));
    for entry in walkdir::WalkDir::new(&root).contents_first(true) {
        let path = entry.unwrap().into_path();
        if !written.contains(&path) {
            let built = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            File::open(&path).unwrap().set_modified(built).unwrap();
        }
    }
    pack(&root, &directory.join("image.sqsh"))
}

/// Packs a directory.
pub fn pack(root: &Path, image: &Path) -> Option<PathBuf> {
    let made = Command::new("mksquashfs")
        .arg(root)
        .arg(image)
        .args([
            "-all-root",
            "-noappend",
            "-no-progress",
            "-quiet",
            "-comp",
            "gzip",
        ])
        .output();
    match made {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            Some(image.to_owned())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "mksquashfs: {error}");
            None
        }
    }
}
