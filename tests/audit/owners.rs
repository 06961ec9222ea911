//! Whose the images are, and how they grew: names of owners, and the history of saved reports.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use super::*;

/// A store with one image of a user that no file of the system has.
fn store() -> Option<tempfile::TempDir> {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("store");
    fs::create_dir(&root).unwrap();
    let release = "fixtures/classification/01-vllm-release.sqsh";
    let release = Path::new(env!("CARGO_MANIFEST_DIR")).join(release);
    fs::copy(release, root.join("a.sqsh")).unwrap();
    // Only root gives files away.
    let given = std::os::unix::fs::chown(root.join("a.sqsh"), Some(70_001), Some(70_002));
    given.is_ok().then_some(directory)
}

/// A directory with this script as `getent`.
fn getent(directory: &Path, script: &str) -> String {
    let tools = directory.join("tools");
    fs::create_dir(&tools).unwrap();
    let getent = tools.join("getent");
    fs::write(&getent, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&getent, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", tools.display(), std::env::var("PATH").unwrap())
}

fn owner(directory: &Path, path: Option<&str>, arguments: &[&str]) -> (Value, Value) {
    let mut tool = Tool::new(env!("CARGO_BIN_EXE_sqsh-prov"));
    tool.current_dir(directory)
        .args(["audit", "store", "--format", "ndjson"])
        .args(arguments);
    if let Some(path) = path {
        tool.env("PATH", path);
    }
    let report = String::from_utf8(tool.output().unwrap().stdout).unwrap();
    let image = lines(&report).remove(0);
    (
        image["file"]["owner"].clone(),
        image["file"]["group"].clone(),
    )
}

#[test]
fn an_owner_in_no_file_is_a_number_unless_the_name_service_is_asked() {
    let Some(directory) = store() else { return };
    let script = "case $1 in passwd) echo \"ldap-user:*:$2:1::/:\";; *) exit 2;; esac";
    let path = getent(directory.path(), script);
    let asked = |arguments: &[&str]| owner(directory.path(), Some(&path), arguments);
    assert_eq!(asked(&[]), (Value::Null, Value::Null));
    let named = Value::from("ldap-user");
    assert_eq!(asked(&["--owners", "system"]), (named, Value::Null));
}

#[test]
fn a_name_service_that_hangs_is_given_up() {
    let Some(directory) = store() else { return };
    let script = "[ \"$2\" = 0 ] || exec sleep 30";
    let path = getent(directory.path(), script);
    let begun = Instant::now();
    let arguments = ["--owners", "system"];
    let named = owner(directory.path(), Some(&path), &arguments);
    assert_eq!(named, (Value::Null, Value::Null));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_file_names_the_users_of_a_site() {
    let Some(directory) = store() else { return };
    let lines = "ada:*:70001:70001:Ada:/home/ada:/bin/bash\n";
    fs::write(directory.path().join("users"), lines).unwrap();
    let (owner, _) = owner(directory.path(), None, &["--passwd", "users"]);
    assert_eq!(owner, "ada");
}

#[test]
fn the_history_of_saved_reports_says_what_came_and_went() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("store");
    fs::create_dir(&root).unwrap();
    fs::create_dir(directory.path().join("reports")).unwrap();
    let release = "fixtures/classification/01-vllm-release.sqsh";
    let release = Path::new(env!("CARGO_MANIFEST_DIR")).join(release);
    let report = |now: &str| {
        let output = format!("reports/{now}.ndjson");
        let arguments = ["audit", "store", "--now", now, "--output", &output];
        run(directory.path(), &arguments);
    };
    fs::copy(&release, root.join("a.sqsh")).unwrap();
    report("2026-11-02");
    fs::copy(&release, root.join("b.sqsh")).unwrap();
    report("2026-11-09");
    let history = |arguments: &[&str]| {
        let mut all = vec!["audit", "history", "reports"];
        all.extend(arguments);
        let output = run(directory.path(), &all);
        let code = output.status.code();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (code, String::from_utf8(output.stdout).unwrap(), error)
    };
    let (code, table, _) = history(&[]);
    assert_eq!(code, Some(0));
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    let came = ["2026-W46", "2", "16.4", "kB", "1", "(8.2", "kB)", "-", "-"];
    assert_eq!(rows[1][..5], ["2026-W45", "1", "8.2", "kB", "-"], "{table}");
    assert_eq!(rows[2][..9], came, "{table}");
    let (_, json, _) = history(&["--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["weeks"][1]["came"]["images"], 1);
    assert_eq!(json["weeks"][0]["came"], Value::Null);

    fs::write(directory.path().join("reports/other.ndjson"), "{}\n").unwrap();
    let (code, _, error) = history(&[]);
    assert_eq!(code, Some(2));
    assert!(error.contains("left out: reports/other.ndjson"), "{error}");
    fs::create_dir(directory.path().join("empty")).unwrap();
    let output = run(directory.path(), &["audit", "history", "empty"]);
    assert_eq!(output.status.code(), Some(64));
}

#[test]
fn an_audit_without_a_path_takes_the_current_directory() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("x.sqsh"), "").unwrap();
    let output = run(directory.path(), &["audit", "--format", "ndjson"]);
    let report = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines(&report)[0]["path"], "./x.sqsh");
}
