//! Records that are made up, and what is found of them.

use super::*;
use crate::audit::record::FileFields;
use crate::provenance::PathText;

fn record(name: &str, origin: OriginSummary) -> Record {
    let mut record = Record::unread(PathText::Text(format!("/x/{name}")), FileFields::default());
    record.origin = Some(origin);
    record
}

fn release() -> OriginSummary {
    OriginSummary {
        kind: Kind::Release,
        publisher: Some("vllm".to_owned()),
        version: Some("0.29.0".to_owned()),
        imported: Some("docker.io/vllm/vllm-openai:v0.29.0".to_owned()),
        ..OriginSummary::default()
    }
}

fn codes(record: &mut Record) -> Vec<String> {
    let now = "2026-09-20T00:00:00Z".parse().unwrap();
    let nightly_days = 14;
    judge(record, &Rules { now, nightly_days });
    record.findings.iter().map(|f| f.code.clone()).collect()
}

#[test]
fn codes_are_sorted_and_documented() {
    assert!(CODES.is_sorted());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes.md");
    let documented = std::fs::read_to_string(path).unwrap();
    for (code, severity, words) in CODES {
        let severity = format!("{severity:?}").to_lowercase();
        let row = format!("| `{code}` | {severity} | {words} |");
        assert!(documented.contains(&row), "{row}");
    }
}

#[test]
fn a_name_that_contradicts_is_found() {
    for (name, differs) in [
        ("vllm+vllm-openai+v0.29.0.sqsh", false),
        ("docker.io+vllm+vllm-openai+v0.29.0.sqsh", false),
        ("vllm-openai+v0.29.0.sqsh", false),
        ("vllm+vllm-openai+v0.28.0.sqsh", true),
        ("lmsysorg+sglang+v0.29.0.sqsh", true),
        ("model.sqsh", false),
        ("vllm-0.29.0.sqsh", false),
        ("vllm-v0.29.sqsh", false),
        ("vllm_0.28.0-test.sqsh", true),
        ("vllm-2026.sqsh", false),
        ("torch-2.13.0+cu130.sqsh", false),
    ] {
        let found = codes(&mut record(name, release()));
        assert_eq!(
            found.contains(&"file-name-differs".to_owned()),
            differs,
            "{name}"
        );
    }
}

#[test]
fn a_nightly_is_old_after_so_many_days() {
    let nightly = |created: Option<&str>, packed: Option<&str>| {
        let mut record = record(
            "n.sqsh",
            OriginSummary {
                kind: Kind::Nightly,
                created: created.map(str::to_owned),
                ..OriginSummary::default()
            },
        );
        record.file.packed_at = packed.map(str::to_owned);
        codes(&mut record)
    };
    let none: [&str; 0] = [];
    assert_eq!(nightly(Some("2026-09-06T00:00:00Z"), None), none);
    assert_eq!(nightly(Some("2026-09-04T00:00:00Z"), None), ["nightly-old"]);
    assert_eq!(nightly(None, Some("2026-08-01T00:00:00Z")), ["nightly-old"]);
    assert_eq!(nightly(None, None), none);
}

#[test]
fn each_kind_has_its_finding() {
    for (kind, code) in [
        (Kind::Unknown, "unknown-origin"),
        (Kind::Derived, "derived"),
        (Kind::Local, "local"),
        (Kind::Staging, "staging"),
    ] {
        let origin = OriginSummary {
            kind,
            ..OriginSummary::default()
        };
        assert_eq!(codes(&mut record("x.sqsh", origin)), [code]);
    }
}

#[test]
fn an_empty_and_a_truncated_file_have_findings_of_their_own() {
    let mut record = Record::unread(PathText::Text("/x".to_owned()), FileFields::default());
    record.error = Some("the file is empty".to_owned());
    let now = "2026-09-20T00:00:00Z".parse().unwrap();
    let rules = Rules {
        now,
        nightly_days: 14,
    };
    let mut found = |size, whole| {
        record.file.size = size;
        record.file.whole = whole;
        judge(&mut record, &rules);
        let codes = record.findings.iter().map(|f| f.code.clone());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(found(0, None), ["empty"]);
    assert_eq!(found(4096, Some(false)), ["truncated"]);
    assert_eq!(found(4096, None), ["unreadable"]);
}

#[test]
fn an_origin_is_unknown_only_where_nothing_is_known() {
    let unknown = OriginSummary::default();
    assert_eq!(codes(&mut record("x", unknown.clone())), ["unknown-origin"]);
    let imported = OriginSummary {
        imported: Some("docker.io/acme/server:1".to_owned()),
        ..unknown.clone()
    };
    assert_eq!(codes(&mut record("x", imported)), ["unknown-kind"]);
    let commit = OriginSummary {
        commit: Some("98dff2a81d74".to_owned()),
        ..unknown.clone()
    };
    assert_eq!(codes(&mut record("x", commit)), ["unknown-kind"]);
    let mut damaged = record("x", unknown);
    damaged.partial = true;
    assert_eq!(codes(&mut damaged), ["partly-unreadable"]);
}

#[test]
fn findings_of_others_are_kept() {
    let mut record = record("x.sqsh", release());
    record.findings = vec![finding("site-rule", "no"), finding("local", "stale")];
    assert_eq!(codes(&mut record), ["site-rule"]);
}
