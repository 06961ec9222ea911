//! Compose and bake files of the tables: what each target is built with, what is found, and
//! that the lines which a finding prints make it go.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sqsh_prov::lint::source::{Asked, Entry, Override, Target, Targets, Value};
use sqsh_prov::lint::{Document, Edit, Finding};
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
    /// More bake files, and what stands on bake's command line.
    #[serde(default)]
    more: Vec<String>,
    #[serde(default)]
    set: Vec<String>,
    #[serde(default)]
    var: Vec<String>,
    /// What should be known of the reading, without what all Dockerfiles lack.
    #[serde(default)]
    notes: Vec<String>,
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
    annotations: Vec<String>,
    platforms: Option<usize>,
    stage: Option<String>,
    path: Option<String>,
    is_whole: Option<bool>,
}

fn built(target: &Target) -> Built {
    let text = |value: &Value| match value {
        Value::Literal(text) => text.clone(),
        Value::Default(text, names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("{text} ({})", names.join(","))
        }
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
        annotations: (target.annotations.iter())
            .map(|it| {
                let levels = it.levels.join(",");
                let colon = if levels.is_empty() { "" } else { ":" };
                let text = text(&it.entry.value);
                format!("{levels}{colon}{}={text}", it.entry.key)
            })
            .collect(),
        platforms: target.platforms,
        stage: target.stage.clone(),
        path: target.path.clone(),
        is_whole: (!target.is_whole).then_some(false),
    }
}

type Read = fn(&Case) -> Targets;

/// What stands on bake's command line.
fn asked(case: &Case, files: Vec<PathBuf>) -> Asked {
    let variable = |text: &String| {
        let (name, value) = text.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    Asked {
        files,
        overrides: (case.set.iter())
            .map(|text| Override::parse(text).unwrap())
            .collect(),
        variables: case.var.iter().map(variable).collect(),
    }
}

/// The tables, with how each is read and what the file is called.
fn tables() -> Vec<(&'static str, Read, Vec<Case>)> {
    let compose: Read = |case| Targets::of_compose(&case.compose).unwrap().unwrap();
    let bake: Read = |case| {
        let mut texts = vec![case.compose.as_str()];
        texts.extend(case.more.iter().map(String::as_str));
        Targets::of_bake(&texts, &asked(case, Vec::new())).unwrap()
    };
    let table = |text: &str| toml::from_str::<Table>(text).unwrap().case;
    let workflow: Read = |case| Targets::of_workflow(&case.compose).unwrap().unwrap();
    vec![
        (
            "docker-bake.hcl",
            bake,
            table(include_str!("data/bake.toml")),
        ),
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

fn lint(
    directory: &Path,
    name: &str,
    text: &str,
    case: &Case,
    dockerfile: Option<&String>,
) -> Document {
    if let Some(dockerfile) = dockerfile {
        fs::write(directory.join("Dockerfile"), dockerfile).unwrap();
    }
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    let mut files = Vec::new();
    for (at, more) in case.more.iter().enumerate() {
        let path = directory.join(format!("more-{at}"));
        fs::write(&path, more).unwrap();
        files.push(path);
    }
    let options = Options {
        bake: asked(case, files),
        ..Options::default()
    };
    let inspector = Inspector::new(options).unwrap();
    inspector.lint(&path, None).unwrap()
}

fn shown(finding: &Finding) -> String {
    let name = |path: &String| path.rsplit('/').next().unwrap().to_owned();
    let elsewhere = finding.path.as_ref().map(name);
    format!(
        "{} {} {}{}",
        finding.code,
        finding.images.join(","),
        finding.line.unwrap(),
        elsewhere.map_or(String::new(), |name| format!(" in {name}"))
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
            let targets = read(&case);
            let found: BTreeMap<String, Built> = (targets.all.iter())
                .map(|target| (target.name.clone(), built(target)))
                .collect();
            if found != *expected {
                wrong.push(format!("{}: {found:?}", case.name));
            }
            let notes: Vec<String> = (targets.notes.iter())
                .map(|(code, text)| format!("{code} {text}"))
                .collect();
            if file == "docker-bake.hcl" && notes != case.notes {
                wrong.push(format!("{}: {notes:?}", case.name));
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
            let document = lint(beside, file, &case.compose, &case, dockerfile);
            let findings = document.findings.unwrap();
            let mut found: Vec<String> = findings.iter().map(shown).collect();
            found.sort();
            if found != case.findings {
                wrong.push(format!("{}: {found:?}", case.name));
            }
            for finding in findings.iter().filter(|it| !it.edits.is_empty()) {
                assert!(!case.no_lines, "{}", case.name);
                if let Some(path) = &finding.path {
                    let same = |edit: &Edit| edit.path.as_ref() == Some(path);
                    assert!(finding.edits.iter().any(same), "{}", case.name);
                    continue;
                }
                let elsewhere = finding.edits.iter().any(|edit| edit.path.is_some());
                let mended = match elsewhere {
                    true => {
                        let dockerfile = apply(dockerfile.unwrap(), finding);
                        lint(beside, file, &case.compose, &case, Some(&dockerfile))
                    }
                    false => {
                        let mended = apply(&case.compose, finding);
                        lint(beside, file, &mended, &case, dockerfile)
                    }
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
