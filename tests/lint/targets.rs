//! Compose and bake files of the tables: what each target is built with, what is found, and
//! that the lines which a finding prints make it go.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use sqsh_prov::lint::source::{Entry, Target, Targets, Value};
use sqsh_prov::lint::{Document, Finding};
use sqsh_prov::{Inspector, Options};

use crate::apply::apply;

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(alias = "bake", alias = "workflow")]
    compose: String,
    /// What lies beside it.
    dockerfile: Option<String>,
    #[serde(alias = "targets")]
    services: Option<BTreeMap<String, Built>>,
    #[serde(default)]
    findings: Vec<String>,
    /// True where no change of lines can be printed.
    #[serde(default)]
    no_lines: bool,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Built {
    arguments: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    platforms: Option<usize>,
    stage: Option<String>,
    path: Option<String>,
    is_whole: Option<bool>,
}

fn built(target: &Target) -> Built {
    let text = |value: &Value| match value {
        Value::Literal(text) => text.clone(),
        Value::Made(_) => "?".to_owned(),
    };
    let map = |list: &[Entry]| {
        let pairs = list.iter();
        pairs
            .map(|entry| (entry.key.clone(), text(&entry.value)))
            .collect()
    };
    Built {
        arguments: map(&target.arguments),
        labels: map(&target.labels),
        platforms: target.platforms,
        stage: target.stage.clone(),
        path: target.path.clone(),
        is_whole: (!target.is_whole).then_some(false),
    }
}

type Read = fn(&str) -> Targets;

/// The tables, with how each is read and what the file is called.
fn tables() -> Vec<(&'static str, Read, Vec<Case>)> {
    let compose: Read = |text| Targets::of_compose(text).unwrap().unwrap();
    let table = |text: &str| toml::from_str::<Table>(text).unwrap().case;
    let workflow: Read = |text| Targets::of_workflow(text).unwrap().unwrap();
    vec![
        (
            "compose.yaml",
            compose,
            table(include_str!("data/compose.toml")),
        ),
        (
            "workflow.yml",
            workflow,
            table(include_str!("data/workflows.toml")),
        ),
    ]
}

fn lint(directory: &Path, name: &str, text: &str, dockerfile: Option<&String>) -> Document {
    if let Some(dockerfile) = dockerfile {
        fs::write(directory.join("Dockerfile"), dockerfile).unwrap();
    }
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    inspector.lint(&path, None).unwrap()
}

fn shown(finding: &Finding) -> String {
    format!(
        "{} {} {}",
        finding.code,
        finding.images.join(","),
        finding.line.unwrap()
    )
}

#[test]
fn each_target_is_built_with_what_the_table_says() {
    let mut wrong = Vec::new();
    for (file, read, cases) in tables() {
        assert!(cases.len() >= 20, "{file}");
        for case in cases {
            let Some(expected) = &case.services else {
                continue;
            };
            let found: BTreeMap<String, Built> = (read(&case.compose).all.iter())
                .map(|target| (target.name.clone(), built(target)))
                .collect();
            if found != *expected {
                wrong.push(format!("{}: {found:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_found_goes_where_its_lines_are_put() {
    let mut wrong = Vec::new();
    for (file, _, cases) in tables() {
        for case in cases {
            let directory = tempfile::tempdir().unwrap();
            let (beside, dockerfile) = (directory.path(), case.dockerfile.as_ref());
            let document = lint(beside, file, &case.compose, dockerfile);
            let findings = document.findings.unwrap();
            let mut found: Vec<String> = findings.iter().map(shown).collect();
            found.sort();
            if found != case.findings {
                wrong.push(format!("{}: {found:?}", case.name));
            }
            for finding in findings.iter().filter(|it| !it.edits.is_empty()) {
                assert!(!case.no_lines, "{}", case.name);
                let elsewhere = finding.edits.iter().any(|edit| edit.path.is_some());
                let mended = match elsewhere {
                    true => {
                        let dockerfile = apply(dockerfile.unwrap(), finding);
                        lint(beside, file, &case.compose, Some(&dockerfile))
                    }
                    false => lint(beside, file, &apply(&case.compose, finding), dockerfile),
                };
                let left = mended.findings.unwrap();
                let same = |other: &Finding| {
                    (&other.code, &other.images) == (&finding.code, &finding.images)
                };
                assert!(!left.iter().any(same), "{}: {left:#?}", case.name);
            }
            let mended = findings.iter().all(|it| !it.edits.is_empty());
            if !mended && !case.no_lines {
                wrong.push(format!("{}: a finding has no lines", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
