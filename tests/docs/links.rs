//! A link from one document to another leads somewhere, also to a heading.

use std::fs;
use std::path::{Path, PathBuf};

use super::repository;

fn documents() -> Vec<PathBuf> {
    let mut all = vec![repository("README.md"), repository("CONTRIBUTING.md")];
    for directory in ["docs", "docs/guide", "docs/reference"] {
        for entry in fs::read_dir(repository(directory)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "md") {
                all.push(path);
            }
        }
    }
    all
}

/// The targets of `[text](target)` outside of code.
fn links(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2).collect::<String>();
    let prose = prose.split('`').step_by(2).collect::<String>();
    let mut found = Vec::new();
    for part in prose.split("](").skip(1) {
        found.push(part.split(')').next().unwrap().to_owned());
    }
    found
}

/// How a heading is named in a link: lower case, hyphens for spaces, no punctuation.
fn anchors(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2).collect::<String>();
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

fn broken(document: &Path, text: &str) -> Vec<String> {
    let mut broken = links(text);
    broken.retain(|link| {
        if link.contains("://") {
            return false;
        }
        let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
        let target = match file {
            "" => document.to_owned(),
            file => document.parent().unwrap().join(file),
        };
        if anchor.is_empty() {
            return !target.exists();
        }
        let text = fs::read_to_string(target).unwrap_or_default();
        !anchors(&text).iter().any(|known| known == anchor)
    });
    broken
}

#[test]
fn links_lead_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        assert_eq!(
            broken(&document, &text),
            Vec::<String>::new(),
            "{document:?}"
        );
    }
}

#[test]
fn a_broken_link_is_found() {
    let text =
        "[a](README.md) [b](#all-of-it) [c](nothing.md) [d](README.md#nothing)\n## All of it!\n";
    let document = repository("docs.md");
    fs::read_to_string(repository("README.md")).unwrap();
    let found = broken(&document, text);
    // The document is not a file here, so its own heading is not found either.
    assert_eq!(found, ["#all-of-it", "nothing.md", "README.md#nothing"]);
    assert_eq!(anchors(text), ["all-of-it"]);
}
