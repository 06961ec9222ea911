//! What is looked at, and what is written.

use super::*;
use sqsh_prov::audit::findings::Rules;
use sqsh_prov::audit::record::Line;
use sqsh_prov::audit::walk::Scope;
use sqsh_prov::audit::{self, Earlier, Jobs, Progress, Settings};
use sqsh_prov::{Inspector, Options};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[test]
fn a_path_that_is_not_there_is_no_clean_audit() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    plant(&root.join("store"), 10);
    for format in ["table", "csv", "ndjson", "paths0"] {
        let output = run(root, &["audit", "store", "stroe", "--format", format]);
        assert_eq!(output.status.code(), Some(2), "{format}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("stroe: there is no such"), "{said}");
    }
    let report = run(root, &["audit", "stroe", "--format", "ndjson"]).stdout;
    let report = String::from_utf8(report).unwrap();
    assert_eq!(summary(&report)["skipped"]["no-such-path"], 1);
}

#[test]
fn what_only_looks_like_an_image_is_said_and_not_opened() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let store = root.join("store");
    fs::create_dir(&store).unwrap();
    let image = support::fixture("classification", "01-vllm-release.sqsh");
    fs::copy(image, root.join("private.sqsh")).unwrap();
    std::os::unix::fs::symlink("../private.sqsh", store.join("link.sqsh")).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let fifo = rustix::fs::FileType::Fifo;
    for name in ["pipe.sqsh", "pipe"] {
        rustix::fs::mknodat(rustix::fs::CWD, store.join(name), fifo, mode, 0).unwrap();
    }
    fs::write(root.join("list"), "store/link.sqsh\nstore/pipe.sqsh\n").unwrap();
    for given in [["store", "--jobs=1"], ["--files-from", "list"]] {
        let mut arguments = vec!["audit", "--format", "ndjson"];
        arguments.extend(given);
        let report = String::from_utf8(run(root, &arguments).stdout).unwrap();
        let summary = summary(&report);
        assert_eq!(summary["images"], 0, "{given:?}");
        let skipped = serde_json::json!({"link": 1, "not-a-file": 1});
        assert_eq!(summary["skipped"], skipped, "{given:?}");
    }
}

#[test]
fn a_code_that_no_finding_has_cannot_be_selected() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir(root.join("store")).unwrap();
    let audit = |arguments: &[&str]| run(root, &[&["audit", "store"], arguments].concat());
    let report = audit(&["--format", "ndjson"]);
    fs::write(root.join("report.ndjson"), report.stdout).unwrap();
    for command in [["audit", "store"], ["merge", "report.ndjson"]] {
        let select = |code| {
            let flags = ["--format", "paths0", "--select", "local", "--select", code];
            run(root, &[&command, &flags[..]].concat())
        };
        for (code, closest) in [
            ("duplicate-files", "duplicate-file"),
            ("policy-kind-forbiden", "policy-kind-forbidden"),
            ("no-permissions", "no-permission"),
        ] {
            let output = select(code);
            assert_eq!(output.status.code(), Some(64), "{code}");
            let text = String::from_utf8(output.stderr).unwrap();
            let said = format!("'{code}'; the closest known name is '{closest}'");
            assert!(text.contains(&said), "{text}");
            assert_eq!(select(closest).status.code(), Some(0), "{closest}");
        }
    }
}

#[test]
fn selected_paths_leave_out_the_copy_that_stays() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let planted = plant(&root.join("store"), 60);
    let text = audit(root, &["--format", "paths0", "--select", "duplicate-file"]);
    let paths: Vec<&str> = text.split_terminator('\0').collect();
    assert_eq!(paths.len() as u64, planted.findings["duplicate-file"]);
    assert!(paths.iter().all(|path| root.join(path).is_file()));
    let all = audit(root, &["--format", "paths0"]);
    assert_eq!(all.split_terminator('\0').count() as u64, planted.images);
}

#[test]
fn a_list_of_files_takes_the_place_of_a_walk() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let image = support::fixture("classification", "01-vllm-release.sqsh");
    fs::copy(&image, root.join("no extension\n")).unwrap();
    fs::copy(&image, root.join("b.sqsh")).unwrap();
    let list = |text: &[u8]| {
        fs::write(root.join("list"), text).unwrap();
        let output = run(
            root,
            &["audit", "--files-from", "list", "--format", "ndjson"],
        );
        let report = String::from_utf8(output.stdout).unwrap();
        let summary = summary(&report);
        (
            summary["images"].as_u64().unwrap(),
            summary["skipped"].clone(),
        )
    };
    assert_eq!(list(b"no extension\n\0b.sqsh\0").0, 2);
    assert_eq!(
        list(b"b.sqsh\ngone.sqsh\n"),
        (1, serde_json::json!({"vanished": 1}))
    );
}

#[test]
fn a_list_without_an_image_is_said_to_have_none() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let image = support::fixture("classification", "01-vllm-release.sqsh");
    fs::copy(&image, root.join("a.sqsh")).unwrap();
    for (list, said) in [
        (
            "a.sqsh\r\nb.sqsh\r\n",
            "no image file was found: 2 files of the list do not exist; the lines of the list end in a carriage return",
        ),
        (
            "b.sqsh\n",
            "no image file was found: 1 file of the list does not exist\n",
        ),
        (
            "a.sqsh\nb.sqsh\n",
            "sqsh-prov: 1 file of the list does not exist\n",
        ),
        ("a.sqsh\n", ""),
    ] {
        fs::write(root.join("list"), list).unwrap();
        let output = run(root, &["audit", "--files-from", "list"]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(said), "{list:?}: {error}");
        assert_eq!(error.is_empty(), said.is_empty(), "{list:?}: {error}");
    }
    fs::create_dir(root.join("empty")).unwrap();
    let output = run(root, &["audit", "--all-files", "empty"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("no image file was found"), "{error}");
}

#[test]
fn a_directory_that_goes_away_during_an_audit_makes_no_clean_audit() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    plant(&store, 3);
    let inspector = Inspector::new(Options::default()).unwrap();
    let settings = Settings {
        scope: Scope {
            roots: vec![store.clone()],
            ..Scope::default()
        },
        jobs: Jobs::default(),
        rules: Rules {
            now: jiff::Timestamp::now(),
            nightly_days: 14,
        },
        tree_id: false,
        fingerprint: false,
        lineage: false,
        attested: false,
        evidence: false,
        policy: None,
        owners: Arc::default(),
    };
    let mut sink = |_: Line| {
        // The first line removes it.
        let _ = fs::remove_dir_all(&store);
        Ok(())
    };
    let (progress, stop) = (Progress::default(), AtomicBool::new(false));
    let earlier = Earlier::default();
    let summary = audit::run(&inspector, &settings, earlier, &progress, &stop, &mut sink);
    assert_eq!(summary.unwrap().skipped.get("no-such-path"), Some(&1));
}

#[test]
fn a_report_is_replaced_as_a_whole_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::write(root.join("report.html"), "old").unwrap();
    let refused = run(
        root,
        &[
            "merge",
            "no-such.ndjson",
            "--format",
            "html",
            "-o",
            "report.html",
        ],
    );
    assert_eq!(refused.status.code(), Some(64));
    assert_eq!(fs::read_to_string(root.join("report.html")).unwrap(), "old");
    fs::create_dir(root.join("store")).unwrap();
    audit(root, &["--format", "html", "-o", "report.html"]);
    assert!(
        fs::read_to_string(root.join("report.html"))
            .unwrap()
            .starts_with("<!doctype html>")
    );
    assert_eq!(
        fs::read_dir(root).unwrap().count(),
        2,
        "no temporary file is left"
    );
}

#[test]
fn only_an_error_fails_and_what_is_unreadable_wins() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let store = root.join("store");
    fs::create_dir(&store).unwrap();
    let code = || run(root, &["audit", "store"]).status.code();
    assert_eq!(code(), Some(0));
    fs::copy(
        support::fixture("carriers", "c-vllm-local.sqsh"),
        store.join("a.sqsh"),
    )
    .unwrap();
    assert_eq!(code(), Some(0), "a warning does not fail");
    fs::write(store.join("b.sqsh"), "").unwrap();
    assert_eq!(code(), Some(2));
}

#[test]
fn two_images_differ_or_not() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let image = support::fixture("classification", "01-vllm-release.sqsh");
    let other = support::fixture("classification", "22-ngc-pytorch.sqsh");
    let (image, other) = (image.to_str().unwrap(), other.to_str().unwrap());
    let show = run(root, &["show", "--format", "json", image]);
    fs::write(root.join("saved.json"), show.stdout).unwrap();
    let report = run(root, &["audit", image, "--format", "ndjson"]);
    fs::write(root.join("saved.ndjson"), report.stdout).unwrap();
    let code = |arguments: &[&str]| run(root, &[&["diff"], arguments].concat()).status.code();
    assert_eq!(code(&[image, image]), Some(0));
    assert_eq!(code(&[image, "saved.json"]), Some(0));
    assert_eq!(code(&[image, "saved.ndjson"]), Some(0));
    assert_eq!(code(&[image, other]), Some(1));
    let json = run(root, &["diff", "--format", "json", image, other]).stdout;
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["equal"], false);
    assert!(
        json["changes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["section"] == "origin")
    );
}
