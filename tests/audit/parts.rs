//! Shards, baselines, and runs that were interrupted.

use super::*;

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
            "given twice",
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

#[test]
fn sums_of_sizes_that_a_report_names_stop_at_the_largest_number() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    plant(&root.join("store"), 12);
    let mut report = String::new();
    for mut line in lines(&audit(root, &["--format", "ndjson", "--tree-id"])) {
        if line["type"] == "image" {
            line["file"]["size"] = u64::MAX.into();
            line["file"]["allocated"] = u64::MAX.into();
        }
        report += &format!("{line}\n");
    }
    fs::write(root.join("large.ndjson"), report).unwrap();
    for format in ["table", "html", "csv", "ndjson"] {
        let merged = run(root, &["merge", "large.ndjson", "--format", format]);
        let error = String::from_utf8(merged.stderr).unwrap();
        assert!(!error.contains("panicked"), "{format}: {error}");
        assert!(matches!(merged.status.code(), Some(0..=2)), "{error}");
    }
    let merged = run(root, &["merge", "large.ndjson", "--format", "ndjson"]);
    let merged = String::from_utf8(merged.stdout).unwrap();
    assert_eq!(summary(&merged)["bytes"], u64::MAX);
}
