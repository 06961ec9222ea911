//! The table, as a terminal shows it.

use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::audit::findings::{CODES, finding};
use crate::audit::record::{FileFields, FindingRecord, Line, OriginSummary, Record};
use crate::audit::totals::Totals;
use crate::provenance::{Kind, PathText};

fn image(path: &str, origin: OriginSummary) -> Record {
    let file = FileFields {
        size: 12_345_678_901,
        owner: Some("ada".to_owned()),
        packed_at: Some("2026-09-01T00:00:00Z".to_owned()),
        ..FileFields::default()
    };
    let mut record = Record::unread(PathText::Text(path.to_owned()), file);
    record.origin = Some(origin);
    record
}

fn release() -> OriginSummary {
    OriginSummary {
        kind: Kind::Release,
        official: Some(true),
        publisher: Some("vllm".to_owned()),
        product: Some("vLLM".to_owned()),
        version: Some("0.29.0".to_owned()),
        commit: Some("98dff2a81d747d1dba01a47f939f48c3526d4206".to_owned()),
        created: Some("2026-08-20T00:00:00Z".to_owned()),
        ..OriginSummary::default()
    }
}

fn report(images: Vec<Record>, findings: Vec<FindingRecord>) -> Report {
    let mut totals = Totals::new("2026-09-20T00:00:00Z".parse().unwrap());
    for image in &images {
        totals.add(&Line::Image(Box::new(image.clone())));
    }
    for finding in &findings {
        totals.add(&Line::Finding(finding.clone()));
    }
    Report {
        images,
        findings,
        summary: totals.finish(|summary| summary.complete = true),
        ..Report::default()
    }
}

fn rendered(report: &Report, width: usize) -> String {
    let table = Table {
        width,
        ..Table::default()
    };
    render(report, &table)
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let path = format!("/a/{}/{}.sqsh", "d".repeat(200), "n".repeat(200));
    let mut record = image(
        &path,
        OriginSummary {
            product: Some("p\u{1b}[31m".repeat(50)),
            ..OriginSummary::default()
        },
    );
    record.findings = CODES.iter().map(|(code, ..)| finding(code, "")).collect();
    let mut unread = Record::unread(PathText::Text(path), FileFields::default());
    unread.error = Some("the superblock cannot be right: ".repeat(20));
    let report = report(vec![record, unread], Vec::new());
    for width in [40, 60, 72, 80, 120, 200] {
        let text = rendered(&report, width);
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {} {line}", line.width());
            assert!(!line.contains('\u{1b}'));
        }
    }
}

#[test]
fn a_patched_image_and_an_official_one_look_different() {
    let patched = OriginSummary {
        official: Some(false),
        modified_after_import: true,
        ..release()
    };
    let unknown = OriginSummary {
        official: None,
        ..release()
    };
    let images = vec![
        image("/a/1.sqsh", release()),
        image("/a/2.sqsh", patched),
        image("/a/3.sqsh", unknown),
    ];
    let text = rendered(&report(images, Vec::new()), 120);
    let lines: Vec<&str> = text.lines().collect();
    let head = "PATH       KIND       WHAT         COMMIT        OWNER     SIZE   AGE  FINDINGS";
    assert_eq!(lines[0], head);
    let row = "1.sqsh  ✓ release  vLLM 0.29.0  98dff2a81d74  ada    12.3 GB  31 d";
    assert_eq!(lines[1], format!("/a/{row}"));
    assert!(lines[2].starts_with("/a/2.sqsh  ✗ release"));
    assert!(lines[3].starts_with("/a/3.sqsh  ? release"));
    assert!(
        text.contains("✓ official; ✗ not official; ? not known"),
        "{text}"
    );
}

#[test]
fn an_age_says_what_it_is_counted_from() {
    let built = image("/built.sqsh", release());
    let packed = OriginSummary {
        created: None,
        ..release()
    };
    let packed = image("/packed.sqsh", packed);
    let text = rendered(&report(vec![built, packed], Vec::new()), 120);
    assert!(text.contains(" 31 d") && text.contains(" >19 d"), "{text}");
    assert!(text.contains("> since the import, where nothing says when it was built"));
}

#[test]
fn how_bad_a_finding_is_shows_without_colour() {
    let mut bad = image("/x.sqsh", release());
    bad.findings = ["truncated", "local", "moving-tag"]
        .map(|code| finding(code, ""))
        .to_vec();
    let text = rendered(&report(vec![bad], Vec::new()), 140);
    assert!(text.contains("  !!truncated !local moving-tag\n"), "{text}");
    assert!(text.contains("       1  error    truncated"), "{text}");
    assert!(text.contains("       1  warning  local"), "{text}");
}

#[test]
fn one_is_an_image_and_two_are_images() {
    let one = image("/a/1.sqsh", release());
    let text = rendered(&report(vec![one.clone()], Vec::new()), 120);
    assert!(text.contains("\n1 image, 12.3 GB\n"), "{text}");
    assert!(!text.contains("1 images"), "{text}");
    let text = rendered(&report(vec![one.clone(), one], Vec::new()), 120);
    assert!(text.contains("\n2 images, 24.7 GB\n"), "{text}");
}

#[test]
fn images_of_a_group_stand_below_its_name() {
    let images = vec![image("/a/1.sqsh", release()), image("/b/2.sqsh", release())];
    let table = Table {
        width: 100,
        columns: ["path", "size"].map(str::to_owned).to_vec(),
        group: Some(GroupBy::Directory),
        ..Table::default()
    };
    let text = render(&report(images, Vec::new()), &table);
    let expected = "PATH       SIZE\n\n/a: 1 image, 12.3 GB\n1.sqsh  12.3 GB\n\n/b: 1 image, 12.3 GB\n2.sqsh  12.3 GB\n";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn what_a_copy_copies_and_what_is_gone_is_named() {
    let path = |text: &str| PathText::Text(text.to_owned());
    let found = |code: &str, keep: Option<&str>, was: Option<&str>, paths: &str| FindingRecord {
        code: code.to_owned(),
        keep: keep.map(path),
        was: was.map(path),
        paths: vec![path(paths)],
        ..FindingRecord::default()
    };
    let findings = vec![
        found("duplicate-file", Some("/kept.sqsh"), None, "/copy.sqsh"),
        found("gone", None, None, "/gone.sqsh"),
        found("renamed", None, Some("/old.sqsh"), "/now.sqsh"),
    ];
    let text = rendered(&report(vec![image("/x", release())], findings), 100);
    let expected = "Copies
  file   /kept.sqsh
  copy   /copy.sqsh

Gone
         /gone.sqsh

Renamed
  was    /old.sqsh
  now    /now.sqsh
";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_reason_is_told_whole_below_its_row() {
    let mut unread = Record::unread(PathText::Text("/x".to_owned()), FileFields::default());
    let reason = "the file is empty; the import or copy that should have written it did not";
    unread.error = Some(reason.to_owned());
    let text = rendered(&report(vec![unread], Vec::new()), 100);
    assert!(text.contains(&format!("\n    {reason}\n")), "{text}");
}

#[test]
fn a_long_code_does_not_run_into_its_meaning() {
    let mut report = report(vec![image("a.sqsh", release())], Vec::new());
    let codes = ["policy-framework-missing-unknown", "renamed"];
    report.summary.findings = codes.iter().map(|code| ((*code).to_owned(), 1)).collect();
    for width in [80, 120] {
        let text = rendered(&report, width);
        for code in codes {
            assert!(text.contains(&format!("{code}  ")), "{text}");
        }
    }
}
