//! What a report tells an administrator to do must be right, and the same everywhere in it.

use super::*;

/// A store with these images of fixtures/classification, by their new names.
fn store(images: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("store")).unwrap();
    for (name, fixture) in images {
        let fixture = format!(
            "{}/fixtures/classification/{fixture}.sqsh",
            env!("CARGO_MANIFEST_DIR")
        );
        let name = format!("store/{name}.sqsh");
        fs::copy(fixture, directory.path().join(name)).unwrap();
    }
    directory
}

/// Packs an image at another time, so that it is no copy of what it was made of.
fn pack_again(directory: &Path, name: &str) {
    let path = directory.join(format!("store/{name}.sqsh"));
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const CHANGED: &str = "42-env-label-conflict";
const RELEASE: &str = "01-vllm-release";

#[test]
fn an_altered_image_is_never_the_same_image_as_the_release_that_it_was_made_of() {
    let directory = store(&[("a", CHANGED), ("b", RELEASE), ("c", RELEASE)]);
    pack_again(directory.path(), "c");
    let report = audit(directory.path(), &["--tree-id", "--format", "ndjson"]);
    let same = lines(&report)
        .into_iter()
        .filter(|line| line["code"] == "same-image");
    let same: Vec<Value> = same.collect();
    assert_eq!(same.len(), 1, "{same:?}");
    assert_eq!(same[0]["keep"], "store/b.sqsh");
    assert_eq!(same[0]["paths"], serde_json::json!(["store/c.sqsh"]));
    let selected = ["--tree-id", "--format", "paths0", "--select", "same-image"];
    assert_eq!(audit(directory.path(), &selected), "store/c.sqsh\0");

    // In the family tree it is a child, and no copy.
    let report = audit(directory.path(), &["--lineage", "--format", "ndjson"]);
    let families: Vec<Value> = lines(&report);
    let families: Vec<&Value> = families
        .iter()
        .filter(|line| line["type"] == "family")
        .collect();
    assert_eq!(families[0]["path"], "store/b.sqsh");
    assert_eq!(families[0]["copies"], serde_json::json!(["store/c.sqsh"]));
    assert_eq!(
        (&families[1]["path"], &families[1]["parent"]),
        (&"store/a.sqsh".into(), &1.into())
    );
}

#[test]
fn what_says_that_it_was_made_of_an_image_is_not_that_images_parent() {
    let directory = store(&[
        ("a", "13a-derived-patched-file-private"),
        ("b", "13c-control-pristine-dockerd"),
    ]);
    let report = audit(directory.path(), &["--lineage", "--format", "ndjson"]);
    let lines = lines(&report);
    let families: Vec<&Value> = lines
        .iter()
        .filter(|line| line["type"] == "family")
        .collect();
    assert_eq!(families[0]["path"], "store/b.sqsh");
    assert_eq!(
        (&families[1]["path"], &families[1]["parent"]),
        (&"store/a.sqsh".into(), &1.into())
    );
}

#[test]
fn one_report_has_one_sum_of_what_would_come_back() {
    let directory = store(&[("a", RELEASE), ("b", RELEASE), ("c", RELEASE)]);
    pack_again(directory.path(), "c");
    let back = |arguments: &[&str]| {
        let report = audit(
            directory.path(),
            &[arguments, &["--format", "ndjson"]].concat(),
        );
        let lines = lines(&report);
        let sum = |kind: &str| {
            let of_kind = lines.iter().filter(|line| line["type"] == kind);
            of_kind
                .map(|line| line["reclaimable"].as_u64().unwrap())
                .sum::<u64>()
        };
        (
            summary(&report)["reclaimable"].as_u64().unwrap(),
            sum("finding"),
            sum("family"),
        )
    };
    let (copies, ..) = back(&[]);
    let (total, findings, _) = back(&["--tree-id"]);
    assert_eq!((total, findings), (2 * copies, 2 * copies));
    let (total, _, families) = back(&["--lineage"]);
    assert_eq!((total, families), (2 * copies, 2 * copies));
    let table = audit(directory.path(), &["--lineage"]);
    let sums = table
        .lines()
        .filter_map(|line| line.split_once(" would be freed"));
    let sums: Vec<&str> = sums
        .filter_map(|(sum, _)| sum.rsplit("; ").next())
        .map(str::trim)
        .collect();
    assert_eq!(sums.last(), sums.get(sums.len() - 2), "{table}");
}

#[test]
fn prometheus_has_each_finding_with_its_own_severity() {
    let directory = store(&[("a", CHANGED), ("b", "13c-control-pristine-dockerd")]);
    let page = audit(directory.path(), &["--format", "openmetrics"]);
    for severity in ["info", "warning"] {
        let line = format!(
            "sqsh_prov_findings{{code=\"conflicting-evidence\",severity=\"{severity}\"}} 1\n"
        );
        assert!(page.contains(&line), "{page}");
    }
}

#[test]
fn a_baseline_of_a_part_or_of_other_paths_is_refused() {
    let directory = store(&[("a", RELEASE)]);
    let at = directory.path();
    fs::create_dir(at.join("store/team")).unwrap();
    let save = |path: &str, to: &str, more: &[&str]| {
        let all = [&["audit", path, "--now", NOW, "-o", to], more].concat();
        assert_eq!(run(at, &all).status.code(), Some(0), "{all:?}");
    };
    save("store", "full.ndjson", &[]);
    save("store", "shard.ndjson", &["--shard", "1/2"]);
    let compared = |path: &str, baseline: &str| {
        let output = run(at, &["audit", path, "--baseline", baseline]);
        (output.status.code(), stderr(&output))
    };
    assert_eq!(compared("store", "full.ndjson").0, Some(0));
    // A trailing slash is no other path, and a file that came is new.
    assert_eq!(compared("store/", "full.ndjson").0, Some(0));
    for (path, baseline, why) in [
        (
            "store/team",
            "full.ndjson",
            "other paths (store) than this run (store/team)",
        ),
        ("./store", "full.ndjson", "same spelling"),
        ("store", "shard.ndjson", "is a shard"),
    ] {
        let (code, error) = compared(path, baseline);
        assert_eq!(code, Some(64), "{error}");
        assert!(error.contains(why), "{error}");
    }
    save("store/a.sqsh", "one.ndjson", &[]);
    fs::copy(at.join("store/a.sqsh"), at.join("store/b.sqsh")).unwrap();
    let files = [
        "audit",
        "store/a.sqsh",
        "store/b.sqsh",
        "--baseline",
        "one.ndjson",
    ];
    assert_eq!(run(at, &files).status.code(), Some(0));
    let merged = run(at, &["merge", "full.ndjson", "--baseline", "one.ndjson"]);
    assert_eq!(merged.status.code(), Some(64), "{}", stderr(&merged));
}

#[test]
fn a_report_of_a_part_says_so_in_every_format_for_people_and_prometheus() {
    let directory = store(&[("a", RELEASE), ("b", CHANGED)]);
    for (part, said) in [
        (["--where", "kind=release"], "only images with kind=release"),
        (["--shard", "1/2"], "only shard 1/2"),
    ] {
        for format in ["table", "html"] {
            let page = audit(
                directory.path(),
                &[&part[..], &["--format", format]].concat(),
            );
            assert!(page.contains(said), "{format}: {page}");
        }
        let page = audit(
            directory.path(),
            &[&part[..], &["--format", "openmetrics"]].concat(),
        );
        assert!(page.contains("sqsh_prov_audit_complete 0\n"), "{page}");
    }
}

#[test]
fn exit_code_2_is_explained_on_standard_error() {
    let directory = store(&[("a", RELEASE)]);
    fs::write(directory.path().join("store/notes.sqsh"), "not an image").unwrap();
    let told = |arguments: &[&str]| {
        let output = run(directory.path(), &[&["audit", "store"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        stderr(&output)
    };
    for to in [
        "x.ndjson", "x.json", "x.html", "x.prom", "x.dot", "x.txt", "x.csv",
    ] {
        let error = told(&["-o", to]);
        assert!(
            error.contains("1 image could not be read; "),
            "{to}: {error}"
        );
        assert_eq!(
            error.contains("column 'error'"),
            to == "x.csv",
            "{to}: {error}"
        );
    }
    let error = told(&["-o", "y.csv", "--columns", "path,size"]);
    assert!(!error.contains("column 'error'"), "{error}");
    // What it would advise is what was asked.
    let error = told(&["--where", "kind=unreadable"]);
    assert!(!error.contains("--where kind=unreadable"), "{error}");
    let error = told(&["--where", "kind=release"]);
    assert!(error.contains("--where kind=unreadable"), "{error}");
}

#[test]
fn an_unfinished_report_that_is_resumed_is_not_complained_of_and_goes() {
    let directory = store(&[("a", RELEASE)]);
    let at = directory.path();
    let audited = run(at, &["audit", "store", "-o", "x.ndjson"]);
    assert_eq!(audited.status.code(), Some(0));
    fs::rename(at.join("x.ndjson"), at.join("x.ndjson.unfinished")).unwrap();
    let resume = [
        "audit",
        "store",
        "--resume",
        "x.ndjson.unfinished",
        "-o",
        "x.ndjson",
    ];
    let output = run(at, &resume);
    assert_eq!((output.status.code(), &*stderr(&output)), (Some(0), ""));
    assert!(!at.join("x.ndjson.unfinished").exists());
    assert!(at.join("x.ndjson").exists());
}

#[test]
fn a_family_tree_without_fingerprints_is_refused() {
    let directory = store(&[("a", RELEASE)]);
    let at = directory.path();
    assert_eq!(
        run(at, &["audit", "store", "-o", "x.ndjson"]).status.code(),
        Some(0)
    );
    for more in [&["--lineage"][..], &["-o", "x.dot"]] {
        let output = run(at, &[&["merge", "x.ndjson"], more].concat());
        assert_eq!(output.status.code(), Some(64));
        assert!(
            stderr(&output).contains("--fingerprint"),
            "{}",
            stderr(&output)
        );
    }
    assert!(!at.join("x.dot").exists());
}
