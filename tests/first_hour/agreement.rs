//! No answer speaks against itself, and none hands a code to a person.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;

use crate::run;

/// One fixture: its document, and what a person is told of it.
struct Told {
    path: String,
    document: Value,
    page: String,
}

fn below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let ends = |end: &str| path.to_str().unwrap().ends_with(end);
        if path.is_dir() {
            below(&path, found);
        } else if [".sqsh", ".sqfs", ".sif", ".tar"]
            .iter()
            .any(|end| ends(end))
        {
            found.push(path);
        }
    }
}

fn fixtures() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    below(&root.join("fixtures"), &mut found);
    // Layouts, and what builds and daemons write in JSON.
    for entry in fs::read_dir(root.join("fixtures/oci")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    found.retain(|path| !path.ends_with("manifest.json"));
    let names = found.iter().map(|path| path.strip_prefix(root).unwrap());
    let mut names: Vec<String> = names.map(|it| it.to_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(names.len() > 100, "{}", names.len());
    names
}

static TOLD: LazyLock<Vec<Told>> = LazyLock::new(|| {
    let paths = fixtures();
    let documents = all(&["show", "--format", "json"], &paths);
    let documents: Vec<Value> = serde_json::from_str(&documents).unwrap();
    assert_eq!(documents.len(), paths.len());
    let mut pages = all(&["show"], &paths);
    let told = |(path, document): (String, Value)| {
        // Each page begins with its path; taken from the end, the rest is what stands before.
        let start = pages.rfind(&format!("\n{path}"));
        let start = start.map_or(0, |newline| newline + 1);
        assert!(pages[start..].starts_with(&path), "{path}");
        let page = pages.split_off(start);
        // As one line, to find wrapped sentences.
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        Told {
            path,
            document,
            page,
        }
    };
    let all = paths.into_iter().zip(documents).rev();
    all.map(told).collect()
});

/// What a command prints of all of them.
fn all(command: &[&str], paths: &[String]) -> String {
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    run(&[command, &paths].concat()).1
}

/// Every code that is documented. Some are a single word, which a person may read as one.
static CODES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let text = include_str!("../../docs/codes.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let codes = rows.flat_map(|row| row.split(" |").next().unwrap().split("`, `"));
    let codes = codes.map(|code| code.trim_end_matches('`').to_owned());
    codes.filter(|code| code.contains('-')).collect()
});

/// The codes in a text. A code inside of a path, a reference or a flag is none.
fn codes_in(text: &str) -> Vec<String> {
    let part = |c: char| c.is_alphanumeric() || "-_./:@=+".contains(c);
    let words = text.split(|c: char| !part(c));
    let words = words.map(|word| word.trim_matches([':', '.']));
    words
        .filter(|word| CODES.contains(*word))
        .map(str::to_owned)
        .collect()
}

#[test]
fn nothing_is_called_unknown_beside_what_is_known() {
    for told in TOLD.iter() {
        let origin = &told.document["origin"];
        let known = ["commit", "pipeline", "public_reference"];
        let known = known.iter().any(|key| !origin[key].is_null())
            || !origin["pull"]["reference"].is_null();
        for phrase in [
            "cannot be known",
            "origin unknown",
            "nothing in it says",
            "Nothing in it matches",
        ] {
            let said = told.page.contains(phrase);
            assert!(!(known && said), "{}: {phrase}: {}", told.path, told.page);
        }
    }
}

#[test]
fn what_speaks_for_an_image_is_no_note_against_it() {
    for told in TOLD.iter() {
        let published = told.page.contains("· release") || told.page.contains("· nightly");
        for phrase in [
            "note: its build page and pipeline are the publisher's",
            "note: the tag follows",
        ] {
            let said = told.page.contains(phrase);
            assert!(!(published && said), "{}: {}", told.path, told.page);
        }
    }
}

#[test]
fn what_is_not_known_is_not_said_to_be_neither() {
    let mut seen = 0;
    for told in TOLD.iter() {
        if told.document["origin"]["kind"] == "unknown" {
            seen += usize::from(told.page.contains("it claims to be a"));
            assert!(!told.page.contains("and this is neither"), "{}", told.page);
        }
    }
    assert!(seen > 0);
}

#[test]
fn why_it_cannot_be_pulled_is_said_once() {
    let mut seen = 0;
    for told in TOLD
        .iter()
        .filter(|told| told.page.contains("pull not possible"))
    {
        seen += 1;
        for phrase in [
            "note: it was changed after it was imported",
            "note: staging builds",
        ] {
            assert!(!told.page.contains(phrase), "{}", told.page);
        }
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn what_could_not_be_read_is_not_said_to_be_missing() {
    for told in TOLD
        .iter()
        .filter(|told| told.page.contains("could not be read"))
    {
        for phrase in ["in it says", "is recorded in it", "Nothing in it matches"] {
            assert!(!told.page.contains(phrase), "{}: {}", told.path, told.page);
        }
    }
}

#[test]
fn the_publishers_own_workshop_is_not_called_a_strangers() {
    let mut seen = 0;
    for told in TOLD.iter() {
        let reasons = told.document["origin"]["reasons"].to_string();
        if ["staging-repository", "ci-repository"]
            .iter()
            .any(|code| reasons.contains(code))
        {
            seen += 1;
            for phrase in ["that is not the publisher's", "from another repository"] {
                assert!(!told.page.contains(phrase), "{}: {}", told.path, told.page);
            }
        }
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn no_code_stands_where_a_person_reads() {
    assert_eq!(
        codes_in("a: nothing-says, policy-kind: x"),
        ["nothing-says", "policy-kind"]
    );
    let paths = fixtures();
    let verify = ["verify", "--official", "--policy", "official-only"];
    for command in [
        &["show", "--evidence"][..],
        &["show", "--format", "line"],
        &verify,
        &[&verify[..], &["--format", "line"]].concat(),
    ] {
        for line in all(command, &paths).lines() {
            assert_eq!(codes_in(line), [""; 0], "{command:?}: {line}");
        }
    }
    for path in paths.iter().step_by(12) {
        let (_, diff, _) = run(&[
            "diff",
            path,
            "fixtures/classification/11-derived-llm-d.sqsh",
        ]);
        assert_eq!(codes_in(&diff), [""; 0], "{path}: {diff}");
    }
}

#[test]
fn an_audit_calls_an_origin_unknown_only_where_nothing_is_known() {
    let (_, report, _) = run(&["audit", "--format", "json", "fixtures"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let mut unknown = 0;
    for image in report["images"].as_array().unwrap() {
        let findings = image["findings"].as_array().unwrap();
        for finding in findings {
            let message = finding["message"].as_str().unwrap();
            assert_eq!(codes_in(message), [""; 0], "{image}");
        }
        if findings
            .iter()
            .any(|finding| finding["code"] == "unknown-origin")
        {
            unknown += 1;
            for key in [
                "publisher",
                "commit",
                "pipeline",
                "public_reference",
                "imported",
            ] {
                assert!(image["origin"][key].is_null(), "{image}");
            }
        }
    }
    assert!(unknown > 0);
}
