//! A directory with planted images, audited: what is reported is what was planted.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

mod audit_support;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command as Tool;
use audit_support::{Planted, plant};
use serde_json::Value;

const NOW: &str = "2026-11-01";

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut tool = Tool::new(env!("CARGO_BIN_EXE_sqsh-prov"));
    for (name, _) in std::env::vars() {
        if name.starts_with("SLURM_") {
            tool.env_remove(name);
        }
    }
    tool.current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

fn audit(directory: &Path, arguments: &[&str]) -> String {
    let mut all = vec!["audit", "store", "--now", NOW];
    all.extend(arguments);
    let output = run(directory, &all);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0..=2)), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

fn lines(report: &str) -> Vec<Value> {
    report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn summary(report: &str) -> Value {
    lines(report).pop().unwrap()
}

fn check(planted: &Planted, report: &str) {
    let all = lines(report);
    let summary = all.last().unwrap();
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["complete"], true);
    assert_eq!(summary["images"], planted.images);
    assert_eq!(summary["bytes"], planted.bytes);
    assert_eq!(summary["reclaimable"], planted.reclaimable);
    assert_eq!(summary["unreadable"], planted.unreadable);
    assert_eq!(summary["not_images"], 0);
    let found: BTreeMap<String, u64> = serde_json::from_value(summary["findings"].clone()).unwrap();
    assert_eq!(found, planted.findings);
    let skipped: BTreeMap<String, u64> =
        serde_json::from_value(summary["skipped"].clone()).unwrap();
    assert_eq!(skipped, planted.skipped);
    let kinds: BTreeMap<String, u64> = summary["groups"]["kind"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(kind, group)| (kind.clone(), group["images"].as_u64().unwrap()))
        .collect();
    assert_eq!(kinds, planted.kinds);
}

#[test]
fn what_is_planted_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let planted = plant(&directory.path().join("store"), 300);
    check(&planted, &audit(directory.path(), &["--format", "ndjson"]));
}

#[test]
#[ignore = "half a minute: cargo test --test audit -- --ignored"]
fn what_is_planted_in_five_thousand_images_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let planted = plant(&directory.path().join("store"), 5000);
    check(&planted, &audit(directory.path(), &["--format", "ndjson"]));
}

#[test]
fn reports_are_the_same_every_time_and_in_the_order_of_paths() {
    let directory = tempfile::tempdir().unwrap();
    plant(&directory.path().join("store"), 120);
    let one = audit(directory.path(), &["--format", "ndjson", "--jobs", "1"]);
    for jobs in ["2", "16", "64"] {
        let other = audit(directory.path(), &["--format", "ndjson", "--jobs", jobs]);
        assert!(one == other, "--jobs {jobs}");
    }
    let paths: Vec<String> = lines(&one)
        .iter()
        .filter(|line| line["type"] == "image")
        .map(|line| line["path"].as_str().unwrap().replace('/', "\u{1}"))
        .collect();
    assert!(paths.is_sorted());
}

#[test]
fn shards_merge_into_the_single_run_byte_for_byte() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    plant(&root.join("store"), 120);
    let single = audit(root, &["--format", "ndjson"]);
    let mut reports = Vec::new();
    for index in 1..=3 {
        let (shard, report) = (format!("{index}/3"), format!("{index}.ndjson"));
        let flags = ["--format", "ndjson", "--shard", &shard, "--output", &report];
        audit(root, &flags);
        reports.push(report);
    }
    let merge = |reports: &[&str]| {
        let mut all = vec!["merge", "--format", "ndjson"];
        all.extend(reports);
        run(root, &all)
    };
    let merged = merge(&["3.ndjson", "1.ndjson", "2.ndjson"]);
    assert!(String::from_utf8(merged.stdout).unwrap() == single);

    for (given, said) in [
        (vec!["1.ndjson", "3.ndjson"], "shard 2/3 is missing"),
        (
            vec!["1.ndjson", "2.ndjson", "2.ndjson", "3.ndjson"],
            "there twice",
        ),
    ] {
        let refused = merge(&given);
        assert_eq!(refused.status.code(), Some(64));
        assert!(refused.stdout.is_empty());
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(error.contains(said), "{error}");
    }
    // A shard that was killed.
    let cut = fs::read_to_string(root.join("2.ndjson")).unwrap();
    fs::write(root.join("2.ndjson"), &cut[..cut.len() - 200]).unwrap();
    let refused = merge(&["1.ndjson", "2.ndjson", "3.ndjson"]);
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("no summary")
    );
    // Other formats come from the merged report.
    fs::write(root.join("all.ndjson"), &single).unwrap();
    let page = run(root, &["merge", "all.ndjson", "--format", "html"]);
    assert!(page.stdout == audit(root, &["--format", "html"]).into_bytes());
}

#[test]
fn a_job_array_gives_the_shard_and_a_part_of_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("store")).unwrap();
    let array = |task: &str, min: &str, max: &str, count: &str| {
        Tool::new(env!("CARGO_BIN_EXE_sqsh-prov"))
            .current_dir(directory.path())
            .args(["audit", "store", "--format", "ndjson"])
            .env("SLURM_ARRAY_TASK_ID", task)
            .env("SLURM_ARRAY_TASK_MIN", min)
            .env("SLURM_ARRAY_TASK_MAX", max)
            .env("SLURM_ARRAY_TASK_COUNT", count)
            .output()
            .unwrap()
    };
    let whole = array("3", "1", "8", "8");
    let report = String::from_utf8(whole.stdout).unwrap();
    assert_eq!(
        summary(&report)["shard"],
        serde_json::json!({"index": 3, "count": 8})
    );
    for (task, min, max, count) in [
        ("2", "2", "2", "1"),
        ("3", "0", "6", "3"),
        ("4", "4", "7", "4"),
    ] {
        let refused = array(task, min, max, count);
        assert_eq!(refused.status.code(), Some(64));
        assert!(
            String::from_utf8(refused.stderr)
                .unwrap()
                .contains("--shard I/N")
        );
    }
}

#[test]
fn a_baseline_shows_what_changed() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let store = root.join("store");
    fs::create_dir(&store).unwrap();
    let copy = |from: &str, to: &str| {
        fs::copy(support::fixture("classification", from), store.join(to)).unwrap();
    };
    for name in ["same", "gone", "other", "again"] {
        copy("01-vllm-release.sqsh", &format!("{name}.sqsh"));
    }
    audit(root, &["--format", "ndjson", "--output", "last.ndjson"]);
    fs::remove_file(store.join("gone.sqsh")).unwrap();
    copy("22-ngc-pytorch.sqsh", "other.sqsh");
    copy("22-ngc-pytorch.sqsh", "fresh.sqsh");
    let mut again = fs::read(store.join("again.sqsh")).unwrap();
    again[8..12].copy_from_slice(&1_790_000_000u32.to_le_bytes());
    fs::write(store.join("again.sqsh"), again).unwrap();
    let report = audit(root, &["--format", "ndjson", "--baseline", "last.ndjson"]);
    let found = |code: &str| {
        lines(&report)
            .into_iter()
            .find(|line| line["type"] == "finding" && line["code"] == code)
            .map(|line| line["paths"][0].as_str().unwrap().to_owned())
    };
    assert_eq!(found("new").as_deref(), Some("store/fresh.sqsh"));
    assert_eq!(found("gone").as_deref(), Some("store/gone.sqsh"));
    assert_eq!(found("replaced").as_deref(), Some("store/other.sqsh"));
    assert_eq!(found("re-imported").as_deref(), Some("store/again.sqsh"));
}

#[test]
fn a_baseline_of_a_run_that_did_not_end_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    plant(&root.join("store"), 10);
    let whole = audit(root, &["--format", "ndjson"]);
    let (images, summary) = whole.trim_end().rsplit_once('\n').unwrap();
    let interrupted = summary.replace("\"complete\":true", "\"complete\":false");
    assert_ne!(interrupted, summary);
    for cut in [
        String::new(),
        format!("{images}\n"),
        format!("{images}\n{interrupted}\n"),
    ] {
        fs::write(root.join("last.ndjson"), cut).unwrap();
        let refused = run(root, &["audit", "store", "--baseline", "last.ndjson"]);
        assert_eq!(refused.status.code(), Some(64));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("not complete"), "{said}");
    }
}

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
fn a_resumed_run_is_the_run_that_was_not_interrupted() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    plant(&root.join("store"), 60);
    let whole = audit(root, &["--format", "ndjson"]);
    let half: String = whole.split_inclusive('\n').take(30).collect();
    fs::write(root.join("half.ndjson"), half + "{\"type\":\"ima").unwrap();
    let resumed = audit(root, &["--format", "ndjson", "--resume", "half.ndjson"]);
    assert!(resumed == whole);
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
        for (code, nearest) in [
            ("duplicate-files", "duplicate-file"),
            ("policy-kind-forbiden", "policy-kind-forbidden"),
            ("no-permissions", "no-permission"),
        ] {
            let output = select(code);
            assert_eq!(output.status.code(), Some(64), "{code}");
            let text = String::from_utf8(output.stderr).unwrap();
            let said = format!("'{code}'; the nearest is '{nearest}'");
            assert!(text.contains(&said), "{text}");
            assert_eq!(select(nearest).status.code(), Some(0), "{nearest}");
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

#[cfg(unix)]
#[test]
fn an_interrupted_run_prints_what_is_done() {
    use std::io::Read as _;
    use std::process::{Command, Stdio};
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    plant(&root.join("store"), 300);
    let mut child = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(root)
        .args([
            "audit",
            "store",
            "--format",
            "ndjson",
            "--jobs",
            "1",
            "--tree-id",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut first = vec![0; 4096];
    let count = out.read(&mut first).unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut report = String::from_utf8(first[..count].to_vec()).unwrap();
    out.read_to_string(&mut report).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let summary = summary(&report);
    assert_eq!(summary["complete"], false);
    assert_eq!(
        summary["images"].as_u64().unwrap(),
        lines(&report)
            .iter()
            .filter(|line| line["type"] == "image")
            .count() as u64
    );
}
