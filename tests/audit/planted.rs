//! What is planted is reported.

use super::*;

fn check(planted: &Planted, report: &str) {
    let all = lines(report);
    let last = all.last().unwrap();
    assert_eq!(last["type"], "summary");
    let summary = &last["summary"];
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
