//! What is asked of a report: which images, in which order, in which columns and format.

use super::*;

/// A store of two releases, one of them cut, and an empty file.
fn store() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("store");
    fs::create_dir_all(root.join("team")).unwrap();
    let fixture = |name: &str| {
        let path = format!(
            "{}/fixtures/classification/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        fs::read(path).unwrap()
    };
    let release = fixture("01-vllm-release.sqsh");
    fs::write(root.join("vllm.sqsh"), &release).unwrap();
    fs::write(
        root.join("team/patched.sqsh"),
        fixture("41-container-save.sqsh"),
    )
    .unwrap();
    fs::write(root.join("team/empty.sqsh"), b"").unwrap();
    fs::write(root.join("team/cut.sqsh"), &release[..90]).unwrap();
    directory
}

fn paths(report: &str) -> Vec<String> {
    let images = lines(report);
    let images = images.iter().filter(|line| line["type"] == "image");
    images
        .map(|line| line["path"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn conditions_choose_images_in_every_format() {
    let directory = store();
    let asked = |format: &str| {
        let official = ["--where", "official=yes", "--format", format];
        audit(directory.path(), &official)
    };
    assert_eq!(paths(&asked("ndjson")), ["store/vllm.sqsh"]);
    let summary = summary(&asked("ndjson"));
    assert_eq!(summary["images"], 1);
    assert_eq!(summary["selection"][0], "official=yes");
    for format in ["table", "json", "csv", "html", "paths0", "openmetrics"] {
        let report = asked(format);
        assert!(!report.contains("patched"), "{format}: {report}");
        let named = report.contains("vllm.sqsh");
        assert_eq!(named, format != "openmetrics", "{format}");
    }
    assert!(asked("openmetrics").contains("official=\"yes\",publisher=\"vllm\"} 1\n"));
}

#[test]
fn an_empty_file_and_one_that_is_cut_are_found_as_such() {
    let directory = store();
    let found = |code: &str| {
        let condition = format!("finding={code}");
        let arguments = ["--where", &condition, "--format", "ndjson"];
        paths(&audit(directory.path(), &arguments))
    };
    assert_eq!(found("empty"), ["store/team/empty.sqsh"]);
    assert_eq!(found("truncated"), ["store/team/cut.sqsh"]);
    assert!(found("unreadable").is_empty());
}

#[test]
fn rows_have_the_columns_and_the_order_that_are_asked_for() {
    let directory = store();
    let arguments = [
        "--format",
        "csv",
        "--columns",
        "path,findings",
        "--sort",
        "findings",
    ];
    let report = audit(directory.path(), &arguments);
    let expected = "path,findings\r\n\
         store/team/cut.sqsh,truncated\r\n\
         store/team/empty.sqsh,empty\r\n\
         store/team/patched.sqsh,modified-after-import\r\n\
         store/vllm.sqsh,\r\n";
    assert_eq!(report, expected);
}

#[test]
fn the_name_of_the_output_chooses_the_format() {
    let directory = store();
    for (name, start) in [
        ("report.html", "<!doctype html>"),
        ("report.csv", "path,size,"),
        ("report.prom", "# TYPE sqsh_prov_images gauge"),
        ("report.ndjson", "{\"type\":\"image\""),
        ("report.json", "{\n"),
        ("report.txt", "PATH "),
    ] {
        audit(directory.path(), &["--output", name]);
        let written = fs::read_to_string(directory.path().join(name)).unwrap();
        assert!(written.starts_with(start), "{name}: {written:.80}");
    }
}

#[test]
fn what_a_format_would_ignore_is_wrong_usage() {
    let directory = store();
    for (arguments, said) in [
        (
            &["--columns", "path", "--format", "json"][..],
            "--columns is for",
        ),
        (&["--columns", "owners"], "owner"),
        (&["--select", "empty"], "paths0"),
        (&["--sort", "size", "--format", "openmetrics"], "no order"),
        (&["--where", "kind=releas"], "release"),
    ] {
        let mut all = vec!["audit", "store"];
        all.extend(arguments);
        let output = run(directory.path(), &all);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}

#[test]
fn a_report_of_some_images_is_no_baseline_and_no_shard() {
    let directory = store();
    let some = ["--where", "kind=release", "--output", "some.ndjson"];
    audit(directory.path(), &some);
    for arguments in [
        &["audit", "store", "--baseline", "some.ndjson"][..],
        &["merge", "some.ndjson"],
    ] {
        let output = run(directory.path(), arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{error}");
        assert!(error.contains("some.ndjson: the report was written with --where"));
    }
}

#[test]
fn a_saved_report_is_sorted_and_chosen_from_as_a_new_one() {
    let directory = store();
    audit(directory.path(), &["--output", "all.ndjson"]);
    let arguments = [
        "--where",
        "kind=release",
        "--sort",
        "size",
        "--format",
        "ndjson",
    ];
    let now = audit(directory.path(), &arguments);
    let mut merge = vec!["merge", "all.ndjson"];
    merge.extend(arguments);
    let later = run(directory.path(), &merge).stdout;
    assert_eq!(paths(&String::from_utf8(later).unwrap()), paths(&now));
    assert!(!paths(&now).is_empty());
}

#[test]
fn a_file_that_was_moved_is_renamed_and_neither_gone_nor_new() {
    let directory = store();
    audit(directory.path(), &["--output", "before.ndjson"]);
    let store = directory.path().join("store");
    fs::rename(store.join("vllm.sqsh"), store.join("team/moved.sqsh")).unwrap();
    let arguments = ["--baseline", "before.ndjson", "--format", "ndjson"];
    let report = audit(directory.path(), &arguments);
    let findings = summary(&report)["findings"].clone();
    assert_eq!(findings["renamed"], 1);
    assert!(findings["gone"].is_null() && findings["new"].is_null());
    let table = audit(directory.path(), &["--baseline", "before.ndjson"]);
    let lines = "  was    store/vllm.sqsh\n  now    store/team/moved.sqsh\n";
    assert!(table.contains(lines), "{table}");
}
