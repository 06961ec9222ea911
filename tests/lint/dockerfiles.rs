//! Dockerfiles of the table: the state that BuildKit gives, what is found, and that the
//! lines which a finding prints make it go.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use sqsh_prov::lint::Finding;
use sqsh_prov::lint::source::Dockerfile;
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
    dockerfile: String,
    #[serde(default)]
    args: BTreeMap<String, String>,
    target: Option<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    findings: Vec<String>,
    /// Why buildah makes something else of it; scripts/test-recipes holds it against that.
    #[serde(rename = "buildah")]
    _buildah: Option<String>,
}

fn cases() -> Vec<Case> {
    let table: Table = toml::from_str(include_str!("data/dockerfiles.toml")).unwrap();
    table.case
}

fn findings(dockerfile: &str) -> Vec<Finding> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("Dockerfile");
    fs::write(&path, dockerfile).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    inspector.lint(&path, None).unwrap().findings.unwrap()
}

#[test]
fn the_state_of_the_image_is_that_of_buildkit() {
    let mut wrong = Vec::new();
    for case in cases() {
        let given = case.args.iter().map(|(k, v)| (k.clone(), Some(v.clone())));
        let file = Dockerfile::parse(&case.dockerfile).unwrap();
        let image = file.given(&given.collect()).image(case.target.as_deref());
        for (what, sets, expected) in [
            ("environment", &image.environment, &case.environment),
            ("labels", &image.labels, &case.labels),
        ] {
            let text = |text: &Option<String>| text.clone().unwrap_or("not known".to_owned());
            let sets = sets.iter().map(|(k, set)| (k.clone(), text(&set.text)));
            let found: BTreeMap<_, _> = sets.collect();
            if found != *expected {
                wrong.push(format!("{}: {what} {found:?}, not {expected:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_found_is_what_the_table_says() {
    let cases = cases();
    assert!(cases.len() >= 40);
    let mut wrong = Vec::new();
    for case in cases {
        let found: Vec<String> = (findings(&case.dockerfile).iter())
            .map(|finding| format!("{} {}", finding.code, finding.line.unwrap()))
            .collect();
        if found != case.findings {
            wrong.push(format!("{}: {found:?}, not {:?}", case.name, case.findings));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is then declared has to be handed on: that is another finding.
const HANDED_ON: [&str; 3] = [
    "stamp-arg-not-in-env",
    "stamp-arg-not-in-label",
    "stamp-arg-unused",
];

#[test]
fn the_lines_of_a_first_stamp_hide_what_the_base_says_of_itself() {
    let recipe = "FROM ghcr.io/acme/server:1.4.2\nRUN make\n";
    let mended = apply(recipe, &findings(recipe)[0]);
    for key in ["revision", "source", "url", "version"] {
        let label = format!("org.opencontainers.image.{key}=");
        assert!(mended.contains(&label), "{key}: {mended}");
    }
}

#[test]
fn the_lines_that_a_finding_prints_make_it_go_and_bring_no_other() {
    let mut tried = 0;
    for case in cases() {
        let all = findings(&case.dockerfile);
        for finding in &all {
            let mended = apply(&case.dockerfile, finding);
            for left in findings(&mended) {
                let of = |it: &Finding| (it.code.clone(), it.key.clone(), it.message.clone());
                let name = &case.name;
                assert_ne!(of(&left), of(finding), "{name}: it stays in\n{mended}");
                let is_known = all.iter().any(|other| other.code == left.code);
                assert!(
                    is_known || HANDED_ON.contains(&left.code.as_str()),
                    "{name}: {} is new in\n{mended}",
                    left.code
                );
            }
            tried += 1;
        }
    }
    assert!(tried >= 15, "{tried}");
}
