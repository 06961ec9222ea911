//! The history of reports that are made up.

use std::fs;

use super::*;
use crate::audit::record::{FileFields, Record};
use crate::audit::totals::Totals;

/// Writes a report of these images: path, bytes and key.
fn report(directory: &Path, name: &str, now: &str, images: &[(&str, u64, &str)]) -> PathBuf {
    let mut totals = Totals::new(now.parse().unwrap());
    let mut text = String::new();
    for (path, size, content) in images {
        let file = FileFields {
            size: *size,
            owner: Some(path.split('/').nth(1).unwrap_or_default().to_owned()),
            ..FileFields::default()
        };
        let mut record = Record::unread(PathText::Text((*path).to_owned()), file);
        record.keys.content = Some((*content).to_owned());
        let line = Line::Image(Box::new(record));
        totals.add(&line);
        text.push_str(&serde_json::to_string(&line).unwrap());
        text.push('\n');
    }
    let summary = totals.finish(|summary| summary.complete = true);
    text.push_str(&serde_json::to_string(&Line::Summary(Box::new(summary))).unwrap());
    text.push('\n');
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn sum(images: u64, bytes: u64) -> Option<Sum> {
    Some(Sum { images, bytes })
}

#[test]
fn a_week_says_what_came_went_changed_and_grew() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, now: &str, images: &[(&str, u64, &str)]| {
        report(directory.path(), name, now, images)
    };
    let second = [
        ("/ada/stays", 10, "a"),
        ("/ada/other", 25, "c2"),
        ("/bob/moved", 40, "d"),
        ("/bob/fresh", 100, "e"),
    ];
    let first = [
        ("/ada/stays", 10, "a"),
        ("/ada/gone", 5, "b"),
        ("/ada/other", 20, "c"),
        ("/ada/here", 40, "d"),
    ];
    let reports = [
        write("late.ndjson", "2026-09-15T00:00:00Z", &second),
        write("early.ndjson", "2026-09-01T00:00:00Z", &[]),
        write("first.ndjson", "2026-09-06T00:00:00Z", &first),
    ];
    let history = read(&reports).unwrap();
    let weeks: Vec<&str> = history
        .weeks
        .iter()
        .map(|week| week.week.as_str())
        .collect();
    assert_eq!(weeks, ["2026-W36", "2026-W38"]);
    let [first, second] = &history.weeks[..] else {
        panic!("{history:?}");
    };
    // The last report of the week counts.
    assert_eq!((first.total.images, first.came), (4, None));
    assert_eq!(second.came, sum(1, 100));
    assert_eq!(second.went, sum(1, 5));
    assert_eq!(second.changed, sum(1, 25));
    assert_eq!(second.renamed, sum(1, 40));
    assert_eq!(second.grew, Some(100));
    let owners: Vec<_> = second.owners.iter().map(|o| (&*o.name, o.bytes)).collect();
    assert_eq!(owners, [("bob", 140), ("ada", -40)]);
}

#[test]
fn what_is_no_whole_report_is_left_out_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let good = report(directory.path(), "good", "2026-09-01T00:00:00Z", &[]);
    let text = fs::read_to_string(&good).unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let interrupted = text.replace("\"complete\":true", "\"complete\":false");
    let shard = text.replace("\"shard\":null", "\"shard\":{\"index\":1,\"count\":2}");
    let other = text
        .replace("\"roots\":[]", "\"roots\":[\"/other\"]")
        .replace("2026-09-01", "2026-08-01");
    let reports = [
        good,
        write("1", "no report\n"),
        write("2", &interrupted),
        write("3", &shard),
        write("4", &other),
        write("5", ""),
    ];
    let history = read(&reports).unwrap();
    assert_eq!(history.weeks.len(), 1);
    let reasons: Vec<&str> = history.left_out.iter().map(|it| &*it.reason).collect();
    assert_eq!(reasons.len(), 5);
    for said in [
        "not an audit report",
        "interrupted",
        "shard",
        "other paths",
        "killed",
    ] {
        assert!(reasons.iter().any(|reason| reason.contains(said)), "{said}");
    }
}
