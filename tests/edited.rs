//! An official image is no longer official after an edit, whichever file was edited.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that cannot be edited fails the test"
)]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use serde_json::Value;
use sqsh_prov::provenance::Provenance;
use sqsh_prov::{Inspector, Options};
use support::{fixture, manifest, pack};

/// Files of each image that are edited.
const SAMPLE: usize = 8;

/// What is done to one file.
type Edit = (&'static str, fn(&Path));

const EDITS: [Edit; 4] = [
    ("changed", |path| fs::write(path, "edited\n").unwrap()),
    ("touched", |path| {
        let file = File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::now()).unwrap();
    }),
    ("removed", |path| fs::remove_file(path).unwrap()),
    ("added beside", |path| {
        fs::write(path.with_file_name("added"), "new\n").unwrap();
    }),
];

/// The images that their manifests call official, and are imports by a registry line.
fn official() -> Vec<PathBuf> {
    let images = ["classification", "today"]
        .into_iter()
        .flat_map(|directory| {
            let images = manifest(directory).into_iter();
            images.filter_map(move |image| {
                let official = image.pointer("/expected/classification/official");
                let file = image.get("file")?.as_str()?.to_owned();
                (official == Some(&Value::Bool(true))).then(|| fixture(directory, &file))
            })
        });
    images.collect()
}

/// Unpacks an image; `None` where unsquashfs is not installed, which with `CI` set is a failure.
fn unpack(image: &Path, root: &Path) -> Option<()> {
    let _ = fs::remove_dir_all(root);
    let made = Command::new("unsquashfs")
        .args(["-quiet", "-no-progress", "-no-xattrs", "-dest"])
        .arg(root)
        .arg(image)
        .output();
    match made {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            Some(())
        }
        Err(_) => {
            assert!(std::env::var_os("CI").is_none(), "unsquashfs is needed");
            None
        }
    }
}

/// Regular files in an order that is the same everywhere, spread over the tree.
fn sample(root: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    let step = (files.len() / SAMPLE).max(1);
    files = files.into_iter().step_by(step).collect();
    files.push(root.join("etc/rc"));
    files.push(root.join("etc/environment"));
    files.retain(|path| path.exists());
    files.dedup();
    files
}

fn shown(root: &Path, deep: bool) -> Provenance {
    let image = root.with_extension("sqsh");
    let _ = fs::remove_file(&image);
    pack(root, &image).unwrap();
    let options = Options {
        deep,
        ..Options::default()
    };
    Inspector::new(options).unwrap().inspect(&image).unwrap()
}

#[test]
fn an_edit_of_any_file_after_the_import_is_seen() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let images = official();
    assert!(images.len() >= 15, "{}", images.len());
    for image in images {
        let Some(()) = unpack(&image, &root) else {
            return;
        };
        let untouched = shown(&root, false).origin;
        let by_attribute = image.to_string_lossy().contains("xattr");
        assert!(
            untouched.official == Some(true) || by_attribute,
            "{}: {:?}",
            image.display(),
            untouched.reasons
        );
        for (at, file) in sample(&root).into_iter().enumerate() {
            let (what, edit) = EDITS.get(at % EDITS.len()).unwrap();
            unpack(&image, &root);
            edit(&file);
            let origin = shown(&root, false).origin;
            assert_ne!(
                origin.official,
                Some(true),
                "{} with {} {what}: {:?}",
                image.display(),
                file.display(),
                origin.reasons
            );
        }
    }
}

/// A file that the RECORD of some package lists with a hash, another package for each number.
fn listed(root: &Path, number: usize) -> Option<PathBuf> {
    let records: Vec<PathBuf> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.ends_with("RECORD"))
        .collect();
    let files = records.iter().filter_map(|record| {
        let tree = record.parent()?.parent()?;
        let text = fs::read_to_string(record).ok()?;
        let mut rows = text.lines().filter_map(|row| row.split_once(",sha256="));
        let is_code = |file: &str| !file.contains(".dist-info/") && !file.starts_with("..");
        let (file, _) = rows.find(|(file, _)| is_code(file))?;
        Some(tree.join(file))
    });
    let files: Vec<PathBuf> = files.filter(|file| file.exists()).collect();
    let at = number.checked_rem(files.len())?;
    files.into_iter().nth(at)
}

/// Writes to a file, and restores its time.
fn patch(file: &Path) {
    let time = fs::metadata(file).unwrap().modified().unwrap();
    let mut content = fs::read(file).unwrap();
    content.extend(b"# patched\n");
    fs::write(file, content).unwrap();
    let open = File::options().append(true).open(file).unwrap();
    open.set_modified(time).unwrap();
}

/// Whoever restores the times is found by the RECORD of the package, whichever package it is.
#[test]
fn an_edit_of_any_package_with_its_times_restored_is_seen_by_hashing() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let mut edited = Vec::new();
    for (number, image) in official().into_iter().enumerate() {
        let Some(()) = unpack(&image, &root) else {
            return;
        };
        let Some(file) = listed(&root, number) else {
            continue;
        };
        patch(&file);
        let official = shown(&root, true).origin.official;
        assert_ne!(official, Some(true), "{}: {file:?}", image.display());
        edited.push(file);
    }
    let of_others = edited.iter().filter(|file| {
        let file = file.to_string_lossy();
        !["vllm", "sglang", "dynamo", "tensorrt"]
            .iter()
            .any(|own| file.contains(own))
    });
    assert!(of_others.count() >= 5, "{edited:?}");
}

/// Whoever puts the times back is found by the RECORD of the publisher's package.
#[test]
fn an_edit_of_a_package_with_its_times_put_back_is_seen_by_hashing() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let mut edited = 0;
    for image in official() {
        let Some(()) = unpack(&image, &root) else {
            return;
        };
        let package = walkdir::WalkDir::new(&root)
            .sort_by_file_name()
            .into_iter()
            .filter_map(Result::ok)
            .map(walkdir::DirEntry::into_path)
            .find(|path| {
                path.ends_with("vllm/_version.py") || path.ends_with("sglang/_version.py")
            });
        let Some(file) = package else {
            continue;
        };
        patch(&file);
        let deep = shown(&root, true);
        let mut warnings = deep.warnings.iter();
        if warnings.any(|warning| warning.code == "editable-not-checked") {
            // It runs from a source directory: no RECORD lists what runs.
            continue;
        }
        assert_ne!(deep.origin.official, Some(true), "{}", image.display());
        edited += 1;
    }
    assert!(edited >= 5, "{edited}");
}

/// Replaces a text in a file, and restores the file's time.
fn replace(file: &Path, old: &str, new: &str) {
    let time = fs::metadata(file).unwrap().modified().unwrap();
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(old), "{}", file.display());
    fs::write(file, text.replace(old, new)).unwrap();
    let open = File::options().append(true).open(file).unwrap();
    open.set_modified(time).unwrap();
}

/// Whoever replaces a package, or publishes an image under another tag, leaves what names the version.
#[test]
fn an_image_that_names_two_versions_of_one_thing_is_not_official() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    for (image, file, old, new) in [
        (
            "22-ngc-pytorch.sqsh",
            "etc/environment",
            "PYTORCH_VERSION=2.11.0a0",
            "PYTORCH_VERSION=2.10.0a0",
        ),
        (
            "24a-ubi9-minimal-itself.sqsh",
            "etc/rc",
            "# release 1770180557",
            "# release 1770180999",
        ),
        (
            "24a-ubi9-minimal-itself.sqsh",
            "etc/rc",
            "ubi-minimal:9.7-1770180557",
            "ubi-minimal:9.6",
        ),
        (
            "14-dynamo-vllm-runtime.sqsh",
            "etc/environment",
            "vllm-openai:v",
            "vllm-openai:v9.",
        ),
    ] {
        let Some(()) = unpack(&fixture("classification", image), &root) else {
            return;
        };
        assert_eq!(shown(&root, false).origin.official, Some(true), "{image}");
        replace(&root.join(file), old, new);
        let origin = shown(&root, false).origin;
        let differ = origin.reasons.contains(&"versions-differ".to_owned());
        assert!(
            origin.official.is_none() && differ,
            "{image}: {:?}",
            origin.reasons
        );
    }
}

/// The publisher's own package says when the image was built, and not a copy that came later.
#[test]
fn a_second_copy_of_the_package_hides_nothing_that_came_later() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let Some(()) = unpack(&fixture("classification", "01-vllm-release.sqsh"), &root) else {
        return;
    };
    let own = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .find(|path| path.to_string_lossy().ends_with("vllm-0.29.0.dist-info"))
        .unwrap();
    let imported = fs::metadata(root.join("etc/rc"))
        .unwrap()
        .modified()
        .unwrap();
    let later = imported - std::time::Duration::from_secs(60);
    let tree = root.join("opt/acme/lib/python3.12/site-packages");
    let mut made = Vec::new();
    for name in ["vllm-0.29.0.dist-info", "hotfix-1.0.dist-info"] {
        let copy = tree.join(name);
        fs::create_dir_all(&copy).unwrap();
        for file in ["METADATA", "RECORD"] {
            fs::copy(own.join(file), copy.join(file)).unwrap();
            made.push(copy.join(file));
        }
        made.push(copy);
    }
    made.extend(tree.ancestors().take(4).map(Path::to_owned));
    made.extend([root.join("opt"), root.clone()]);
    for path in made {
        File::open(path).unwrap().set_modified(later).unwrap();
    }
    let origin = shown(&root, false).origin;
    assert_eq!(origin.official, None, "{:?}", origin.reasons);
    assert!(
        origin.reasons.contains(&"later-files".to_owned()),
        "{:?}",
        origin.reasons
    );
}
