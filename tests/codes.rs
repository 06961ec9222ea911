//! Every code that the program can write is documented in `docs/codes.md`.
#![allow(
    clippy::unwrap_used,
    reason = "a file that is not there fails the test"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sqsh_prov::{Inspector, Options, audit, policy};
use support::{fixture, manifest};

fn documented() -> BTreeSet<String> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes.md")).unwrap();
    text.lines()
        .filter_map(|line| {
            line.strip_prefix("| `")?
                .split('`')
                .next()
                .map(str::to_owned)
        })
        .collect()
}

/// The codes in the first column of the table below a heading.
fn table(heading: &str) -> BTreeSet<String> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes.md")).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading} (`")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.flat_map(|row| row.split(" |").next().unwrap().split("`, `"))
        .map(|code| code.trim_end_matches('`').to_owned())
        .collect()
}

fn list(codes: impl IntoIterator<Item = &'static str>) -> BTreeSet<String> {
    codes.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_lists_of_codes_are_those_that_are_documented() {
    let findings = audit::findings::CODES.map(|(code, ..)| code);
    for (heading, codes) in [
        ("Findings of an audit", list(findings)),
        ("Conflicts", list(policy::conflict_codes())),
        ("Findings of a policy", list(policy::codes())),
        (
            "What an audit does not look at",
            list(audit::codes::SKIPPED),
        ),
    ] {
        assert_eq!(table(heading), codes, "{heading}");
    }
}

/// A merge of two branches once kept both versions of a row.
#[test]
fn no_table_has_a_code_twice() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes.md");
    let mut seen = BTreeSet::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        if line.starts_with("## ") {
            seen.clear();
        }
        if line.starts_with("| `") {
            let codes = line.split(" |").next().unwrap();
            assert!(seen.insert(codes.to_owned()), "{codes} has two rows");
        }
    }
    assert!(!seen.is_empty());
}

/// The walk names each code in a string beside its message.
#[test]
fn what_the_walk_skips_has_a_code_of_the_list() {
    let source = include_str!("../src/audit/walk.rs");
    let known = list(audit::codes::SKIPPED);
    for code in &known {
        assert!(source.contains(&format!("\"{code}\"")), "{code}");
    }
    for call in source.split("skip(").skip(1) {
        let arguments = call.split(");").next().unwrap();
        for word in arguments.split('"').skip(1).step_by(2) {
            let like_a_code = !word.is_empty() && !word.contains([' ', '{', '/']);
            assert!(!like_a_code || known.contains(word), "{word}");
        }
    }
}

/// A policy that forbids or allows one refuses all others.
#[test]
fn what_attribution_calls_a_conflict_has_a_code_of_the_list() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let parts = ["attestation", "attribution", "recognise"].into_iter();
    let files = parts.flat_map(|part| walkdir::WalkDir::new(source.join(part)));
    let sources: Vec<String> = files
        .filter_map(|file| fs::read_to_string(file.ok()?.path()).ok())
        .collect();
    let known = list(policy::conflict_codes());
    for code in &known {
        let quoted = format!("\"{code}\"");
        assert!(sources.iter().any(|it| it.contains(&quoted)), "{code}");
    }
    let calls_of = |name: &'static str| sources.iter().flat_map(move |it| it.split(name).skip(1));
    let calls = calls_of("conflict(").chain(calls_of("Signal::new("));
    let named = calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next());
    let named: BTreeSet<&str> = named.collect();
    assert!(named.len() > 15, "{named:?}");
    for code in named {
        assert!(known.contains(code), "{code}");
    }
}

#[test]
fn every_code_of_every_fixture_is_documented() {
    let documented = documented();
    let conflicts = list(policy::conflict_codes());
    let inspector = Inspector::new(Options::default()).unwrap();
    let mut seen = BTreeSet::new();
    for directory in ["carriers", "classification"] {
        for image in manifest(directory) {
            let file = image.get("file").unwrap().as_str().unwrap();
            let Ok(document) = inspector.inspect(&fixture(directory, file)) else {
                continue;
            };
            seen.extend(document.origin.reasons);
            seen.extend(document.origin.pull.notes);
            for conflict in document.conflicts {
                assert!(conflicts.contains(&conflict.code), "{conflict:?}");
                seen.insert(conflict.code);
            }
            seen.extend(document.warnings.into_iter().map(|warning| warning.code));
        }
    }
    assert!(seen.len() > 30, "{seen:?}");
    let missing: Vec<_> = seen.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/codes.md: {missing:?}");
}

/// The sources name each code in a string; one that looks like a code and is not documented
/// is either a new code or must be listed here as something else.
#[test]
fn every_code_in_the_sources_is_documented() {
    const NO_CODES: [&str; 10] = [
        "file-name",
        "github-actions",
        "unknown-commit",
        "vcs-ref",
        "nvidia-internal",
        "os-release",
        "pull-requests",
        "sgl-project",
        "metax-maca",
        "x-y",
    ];
    let documented = documented();
    let mut missing = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/attribution");
    for entry in walkdir::WalkDir::new(root)
        .into_iter()
        .filter_map(Result::ok)
    {
        let Ok(text) = fs::read_to_string(entry.path()) else {
            continue;
        };
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in code.split('"').skip(1).step_by(2) {
            let like_a_code = word.contains('-')
                && word
                    .split('-')
                    .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
            if like_a_code && !NO_CODES.contains(&word) && !documented.contains(word) {
                missing.insert(word.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/codes.md: {missing:?}");
}

/// Checks and findings are made from strings that stand in the sources beside their messages.
#[test]
fn every_code_of_verify_and_of_policies_is_documented() {
    const NO_CODES: [&str; 4] = [
        "ai-dynamo",
        "tensorrt-llm",
        "trt-llm",
        "environment-label-conflict",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/codes.md")).unwrap();
    let mut missing = BTreeSet::new();
    for file in [
        "src/verify/mod.rs",
        "src/verify/document.rs",
        "src/verify/frameworks.rs",
        "src/verify/origin.rs",
        "src/verify/outcome.rs",
        "src/verify/image/mod.rs",
        "src/verify/image/compare.rs",
        "src/cli/verify/failure.rs",
        "src/cli/within.rs",
        "src/policy/evaluate.rs",
    ] {
        let source = fs::read_to_string(root.join(file)).unwrap();
        for word in source.split('"').skip(1).step_by(2) {
            let like_a_code = word.contains('-')
                && word
                    .split('-')
                    .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase()));
            if like_a_code && !NO_CODES.contains(&word) && !text.contains(&format!("`{word}`")) {
                missing.insert(word.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/codes.md: {missing:?}");
}
