//! What is in an image: the packages of systems and other languages, and the line that matters on a cluster.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::packages;

const STATUS: &str = "Package: libc6\nStatus: install ok installed\nVersion: 2.39-0ubuntu8.6\n\n\
    Package: libnccl2\nStatus: install ok installed\nVersion: 2.27.7-1+cuda12.9\n\n\
    Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n";

/// A root file system as a directory: no packer is needed.
fn root(directory: &Path, files: &[(&str, &str)]) -> PathBuf {
    let root = directory.join("root");
    fs::create_dir_all(root.join("etc")).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn show(root: &Path, packages: &str) -> (Value, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["show", "--format", "json", packages])
        .arg(root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (document, output.status.code().unwrap())
}

#[test]
fn every_database_is_listed_when_all_are_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let root = root(
        directory.path(),
        &[
            ("var/lib/dpkg/status", STATUS),
            (
                "var/lib/dpkg/status.d/base",
                "Package: base-files\nVersion: 12\n",
            ),
            ("lib/apk/db/installed", "P:musl\nV:1.2.5-r9\n\n"),
            ("opt/conda/conda-meta/cudnn-9.10.1-h7646684_0.json", "{}"),
            ("opt/conda/conda-meta/history", ""),
            (
                "usr/lib/node_modules/npm/package.json",
                r#"{"name":"npm","version":"11.0.0"}"#,
            ),
            (
                "usr/lib/node_modules/@a/b/package.json",
                r#"{"name":"@a/b","version":"1.0.0"}"#,
            ),
            ("var/lib/rpm/rpmdb.sqlite", "SQLite"),
        ],
    );
    let (document, code) = show(&root, "--packages=all");
    let mut found = packages(&document);
    found.sort();
    assert_eq!(
        found,
        [
            "apk musl 1.2.5-r9",
            "conda cudnn 9.10.1",
            "dpkg base-files 12",
            "dpkg libc6 2.39-0ubuntu8.6",
            "dpkg libnccl2 2.27.7-1+cuda12.9",
            "npm @a/b 1.0.0",
            "npm npm 11.0.0",
        ]
    );
    let inside: Vec<&str> = document["inside"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["name"].as_str().unwrap())
        .collect();
    assert_eq!(inside, ["cuDNN", "NCCL", "glibc"]);
    let warnings = document["warnings"].to_string();
    assert!(warnings.contains("rpm-not-read"), "{warnings}");
    assert_eq!(code, 2);
    // Nothing of it is read unless it is asked for.
    let (document, _) = show(&root, "--packages");
    assert_eq!(packages(&document), Vec::<String>::new());
}

#[test]
fn databases_that_are_hostile_are_said_and_the_rest_is_listed() {
    let directory = tempfile::tempdir().unwrap();
    let root = root(
        directory.path(),
        &[
            ("lib/apk/db/installed", "P:musl\nV:1.2.5-r9\n\n"),
            ("usr/lib/node_modules/x/package.json", "{\"name\":[]}"),
            ("usr/lib/node_modules/y/package.json", "no json"),
        ],
    );
    fs::create_dir_all(root.join("var/lib/dpkg")).unwrap();
    let status = fs::File::create(root.join("var/lib/dpkg/status")).unwrap();
    // A hole, which takes no space.
    status.set_len(64 * 1024 * 1024).unwrap();
    symlink("loop", root.join("opt")).unwrap();
    symlink("opt", root.join("loop")).unwrap();
    let (document, code) = show(&root, "--packages=all");
    assert_eq!(packages(&document), ["apk musl 1.2.5-r9"]);
    let warnings = document["warnings"].to_string();
    assert!(
        warnings.contains("over-limit") && warnings.contains("/var/lib/dpkg/status"),
        "{warnings}"
    );
    assert_eq!(code, 2);
}

#[test]
fn a_diff_shows_first_what_matters_on_a_cluster() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/classification");
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["diff", "--format", "json"])
        .args([
            fixtures.join("01-vllm-release.sqsh"),
            fixtures.join("05-vllm-staging.sqsh"),
        ])
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["changes"][0]["section"], "inside", "{document}");
}
