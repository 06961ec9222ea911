//! `--deep`: images whose files are not what their packages' `RECORD` says.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod bounds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt as _;
use serde_json::{Value, json};
use sqsh_prov::limits::Limits;
use sqsh_prov::provenance::{Integrity, Kind, Provenance};
use sqsh_prov::{Inspector, Options};
use support::fixture;
use tempfile::TempDir;

const RELEASE: &str = "01-vllm-release.sqsh";
const TREE: &str = "usr/local/lib/python3.12/dist-packages";
const PATCHED: &str = "vllm/model_executor/models/gemma4_mtp.py";

fn deep(path: &Path) -> Provenance {
    let limits = Limits {
        time: None,
        ..Limits::default()
    };
    with_limits(path, limits)
}

fn with_limits(path: &Path, limits: Limits) -> Provenance {
    let options = Options {
        deep: true,
        limits,
        ..Options::default()
    };
    Inspector::new(options).unwrap().inspect(path).unwrap()
}

fn of_fixture(file: &str) -> Provenance {
    deep(&fixture("classification", file))
}

fn only(document: &Provenance) -> &Integrity {
    let packages = of_publisher(document);
    assert_eq!(packages.len(), 1);
    packages[0]
}

/// The packages of publishers; of the others only what their records list is looked at.
fn of_publisher(document: &Provenance) -> Vec<&Integrity> {
    let packages = document.integrity.iter().flatten();
    packages.filter(|checked| !checked.listed_only).collect()
}

fn conflict<'d>(document: &'d Provenance, code: &str) -> Option<&'d str> {
    let mut conflicts = document.conflicts.iter();
    conflicts
        .find(|conflict| conflict.code == code)
        .map(|conflict| conflict.message.as_str())
}

fn warns(document: &Provenance, code: &str) -> bool {
    document.warnings.iter().any(|warning| warning.code == code)
}

/// An image made again from a fixture, after an edit of its files.
struct Edited {
    directory: TempDir,
    root: PathBuf,
}

impl Edited {
    /// `None` where squashfs-tools are not installed.
    fn new(file: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        let status = Command::new("unsquashfs")
            .args(["-quiet", "-no-progress", "-no-xattrs", "-dest"])
            .arg(&root)
            .arg(fixture("classification", file))
            .output();
        // Devices are not made without root; nothing here needs them.
        status.ok()?;
        Some(Self { directory, root })
    }

    fn tree(&self, path: &str) -> PathBuf {
        self.root.join(TREE).join(path)
    }

    /// Writes a file, its own time and its directory's kept: only its content tells.
    fn write(&self, path: &str, content: &[u8]) {
        let path = self.tree(path);
        let directory = path.parent().unwrap();
        let above: Vec<&Path> = directory.ancestors().collect();
        let there = above.iter().position(|path| path.exists()).unwrap();
        let time = fs::metadata(above[there]).unwrap().modified().unwrap();
        fs::create_dir_all(directory).unwrap();
        fs::write(&path, content).unwrap();
        for changed in above[..=there].iter().chain([&path.as_path()]) {
            fs::File::open(changed).unwrap().set_modified(time).unwrap();
        }
    }

    fn remove(&self, path: &str) {
        let path = self.tree(path);
        let directory = path.parent().unwrap();
        let time = fs::metadata(directory).unwrap().modified().unwrap();
        fs::remove_file(&path).unwrap();
        fs::File::open(directory)
            .unwrap()
            .set_modified(time)
            .unwrap();
    }

    fn record(&self, edit: impl FnOnce(String) -> String) {
        let path = self.record_path();
        let old = fs::read_to_string(self.tree(&path)).unwrap();
        self.write(&path, edit(old).as_bytes());
    }

    fn record_path(&self) -> String {
        let entries = fs::read_dir(self.root.join(TREE)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let own = |name: &String| name.starts_with("vllm-") && name.ends_with(".dist-info");
        format!("{}/RECORD", names.into_iter().find(own).unwrap())
    }

    fn answer(&self) -> Provenance {
        deep(&self.pack())
    }

    fn pack(&self) -> PathBuf {
        let image = self.directory.path().join("image.sqsh");
        let made = Command::new("mksquashfs")
            .arg(&self.root)
            .arg(&image)
            .args(["-noappend", "-quiet", "-no-progress", "-no-xattrs"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        image
    }
}

#[test]
fn an_intact_release_stays_official() {
    let document = of_fixture(RELEASE);
    let checked = only(&document);
    assert_eq!((checked.package.as_str(), checked.files), ("vllm", 6));
    assert!(checked.changed.is_empty() && checked.missing.is_empty() && checked.extra.is_empty());
    assert!(checked.path.ends_with("/vllm-0.29.0.dist-info"));
    assert_eq!(document.origin.official, Some(true));
    assert_eq!(
        only(&of_fixture("13c-control-pristine-dockerd.sqsh")).changed,
        [""; 0]
    );
}

#[test]
fn a_patched_file_makes_an_image_derived_and_is_named() {
    for file in [
        "13a-derived-patched-file-private.sqsh",
        "13b-derived-patched-file-official-name.sqsh",
    ] {
        let document = of_fixture(file);
        assert_eq!(only(&document).changed, [PATCHED], "{file}");
        assert_eq!(document.origin.kind, Kind::Derived, "{file}");
        assert_eq!(document.origin.official, Some(false), "{file}");
        let message = conflict(&document, "record-mismatch").unwrap();
        assert!(message.contains(PATCHED), "{file}: {message}");
        assert!(
            document
                .origin
                .reasons
                .contains(&"record-mismatch".to_owned())
        );
    }
}

#[test]
fn a_patched_base_is_said_and_decides_nothing() {
    let Some(edited) = Edited::new("14-dynamo-vllm-runtime.sqsh") else {
        return;
    };
    let before = edited.answer();
    edited.write("vllm/__init__.py", b"patched");
    let after = edited.answer();
    assert_eq!(after.origin.kind, before.origin.kind);
    assert_eq!(after.origin.publisher.as_deref(), Some("dynamo"));
    let message = conflict(&after, "inherited-record-mismatch").unwrap();
    assert!(message.contains("vllm/__init__.py"), "{message}");
    assert_eq!(conflict(&before, "inherited-record-mismatch"), None);
    assert_eq!(conflict(&after, "record-mismatch"), None);
}

#[test]
fn a_missing_file_makes_an_image_derived() {
    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    edited.remove("vllm/__init__.py");
    let document = edited.answer();
    assert_eq!(only(&document).missing, ["vllm/__init__.py"]);
    assert_eq!(document.origin.kind, Kind::Derived);
    assert_eq!(document.origin.official, Some(false));
}

#[test]
fn an_added_file_alone_is_a_sign_and_no_verdict() {
    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    edited.write("vllm/hotfix/patch.py", b"print()");
    let document = edited.answer();
    assert_eq!(only(&document).extra, ["vllm/hotfix/patch.py"]);
    assert_eq!(document.origin.kind, Kind::Release);
    assert_eq!(document.origin.official, Some(false));
    assert!(conflict(&document, "record-extra").is_some());
}

#[test]
fn a_package_without_its_record_is_not_official() {
    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    edited.remove(&edited.record_path());
    let document = edited.answer();
    assert!(of_publisher(&document).is_empty());
    assert_eq!(document.origin.official, Some(false));
    assert!(conflict(&document, "record-absent").is_some());
    assert!(warns(&document, "no-record"));
}

#[test]
fn compiled_files_say_nothing() {
    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    edited.write("vllm/__pycache__/__init__.cpython-312.pyc", b"x");
    edited.write("vllm/old.pyc", b"x");
    edited.record(|old| format!("{old}vllm/__pycache__/gone.cpython-312.pyc,,\n"));
    let document = edited.answer();
    assert!(only(&document).extra.is_empty() && only(&document).missing.is_empty());
    assert_eq!(document.origin.official, Some(true));
}

#[test]
fn of_editable_packages_the_source_is_not_checked_and_that_is_said() {
    for file in [
        "18-sglang-release-cu130-alias.sqsh",
        "32a-detached-head.sqsh",
    ] {
        let document = of_fixture(file);
        let checked = of_publisher(&document);
        assert!(checked.iter().all(|checked| checked.is_whole()), "{file}");
        assert!(warns(&document, "editable-not-checked"), "{file}");
        assert!(!document.is_partial(), "{file}");
    }
}

#[test]
fn a_record_that_climbs_out_of_the_image_is_not_followed() {
    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    edited.record(|old| format!("{old}../../../../../../../etc/hostname,sha256=AAAA,1\n"));
    let document = edited.answer();
    assert!(warns(&document, "record-leaves-image"));
    assert!(only(&document).missing.is_empty());
    assert_eq!(only(&document).files, 6);
}

#[test]
fn a_hostile_name_reaches_no_terminal() {
    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    edited.record(|old| format!("{old}\"vllm/\u{1b}]0;x\u{7}\n,a\"\"b.py\",,\n"));
    let document = edited.answer();
    assert_eq!(only(&document).missing, ["vllm/\u{1b}]0;x\u{7}\n,a\"b.py"]);
    for format in ["human", "line", "json"] {
        let output = Command::cargo_bin("sqsh-prov")
            .unwrap()
            .args(["show", "--deep", "--format", format])
            .arg(edited.directory.path().join("image.sqsh"))
            .output()
            .unwrap();
        assert!(output.status.success());
        let hostile = |byte: &u8| *byte < b' ' && *byte != b'\n';
        assert!(!output.stdout.iter().any(hostile), "{format}");
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn without_deep_nothing_is_hashed() {
    let inspector = Inspector::new(Options::default()).unwrap();
    let path = fixture("classification", RELEASE);
    let document = inspector.inspect(&path).unwrap();
    assert_eq!(document.integrity, None);
}

#[test]
fn a_person_and_a_script_read_the_same() {
    let show = |arguments: &[&str], file: &str| {
        let output = Command::cargo_bin("sqsh-prov")
            .unwrap()
            .args(["show", "--deep"])
            .args(arguments)
            .arg(fixture("classification", file))
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let human = show(&[], RELEASE);
    assert!(human.contains("files: 6 files of vllm match its RECORD"));
    assert!(human.contains("files: 14 files of other packages match their RECORD"));
    let patched = "13b-derived-patched-file-official-name.sqsh";
    let human = show(&[], patched);
    assert!(human.contains(&format!("changed {PATCHED}")), "{human}");
    let document: Value = serde_json::from_str(&show(&["--format", "json"], patched)).unwrap();
    assert_eq!(document["integrity"][0]["changed"], json!([PATCHED]));
    let field = show(&["--field", "integrity[].package"], patched);
    assert!(field.starts_with("vllm\n"), "{field}");
}

#[test]
fn code_that_no_record_lists_beside_the_package_leaves_the_answer_open() {
    let Some(edited) = Edited::new(RELEASE) else {
        return;
    };
    edited.write("hotfix.pth", b"import os; os.environ['X'] = '1'\n");
    let document = edited.answer();
    assert_eq!(only(&document).extra, [format!("/{TREE}/hotfix.pth")]);
    assert_eq!(document.origin.kind, Kind::Release);
    assert_eq!(document.origin.official, None);
    assert!(
        document
            .origin
            .reasons
            .contains(&"unlisted-code".to_owned())
    );
    assert!(conflict(&document, "unlisted-code").is_some());
}
