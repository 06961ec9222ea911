//! A site's own publisher, by TOML alone; and what the command says of mistakes.
#![allow(clippy::unwrap_used, reason = "a missing file fails the test")]
#[path = "../support/mod.rs"]
mod support;

mod mistakes;
mod template;

use assert_cmd::Command;
use sqsh_prov::provenance::Kind;
use sqsh_prov::{Inspector, Options, contracts};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use support::{fixture, pack_root};

const ACME: &str = r#"
schema = 1
id = "acme"
name = "Acme Serving"
source = ["https://git.acme.example/ml/serving"]

[[stamp]]
field = "commit"
environment = ["ACME_COMMIT"]

[[stamp]]
field = "reference"
environment = ["ACME_IMAGE"]

[[line]]
product = "Acme Serving"
repositories = ["registry.acme.example/ml/serving"]
entrypoints = [["acme-serve"]]

[[tag]]
pattern = '^\d+\.\d+\.\d+$'
kind = "release"

[environment]
tail = []
"#;

const COMMIT: &str = "5d01ca9ec0278aea42d6461c60c0501b3c8ce256";

/// An image as enroot 4.2 packs it, made up of the files that it writes.
fn acme_image(directory: &Path, extra_variable: &str) -> Option<std::path::PathBuf> {
    let rc = "# enroot-provenance: docker://registry.acme.example#ml/serving:2.4.0\n\n\
              mkdir -p \"/\" 2> /dev/null\ncd \"/\" && unset OLDPWD || exit 1\n\n\
              if [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\n\n\
              if [ $# -gt 0 ]; then\n    exec 'acme-serve' \"$@\"\nelse\n    exec 'acme-serve' \nfi\n";
    let environment = format!(
        "PATH=/usr/bin\nACME_COMMIT={COMMIT}\nACME_IMAGE=registry.acme.example/ml/serving:2.4.0\n{extra_variable}"
    );
    pack_root(
        directory,
        &[("etc/rc", rc), ("etc/environment", &environment)],
    )
}

#[test]
fn a_site_adds_a_publisher_by_toml_alone() {
    let directory = tempfile::tempdir().unwrap();
    let contracts = directory.path().join("contracts");
    fs::create_dir(&contracts).unwrap();
    fs::write(contracts.join("acme.toml"), ACME).unwrap();
    let Some(image) = acme_image(directory.path(), "") else {
        return;
    };

    let without = Inspector::new(Options::default())
        .unwrap()
        .inspect(&image)
        .unwrap();
    assert_eq!(
        (without.origin.publisher, without.origin.official),
        (None, None)
    );

    let options = Options {
        contracts_dir: Some(contracts),
        ..Options::default()
    };
    let inspector = Inspector::new(options).unwrap();
    let origin = inspector.inspect(&image).unwrap().origin;
    assert_eq!(origin.publisher.as_deref(), Some("acme"));
    assert_eq!(origin.kind, Kind::Release);
    assert_eq!(origin.official, Some(true), "{:?}", origin.reasons);
    assert_eq!(origin.commit.unwrap().id, COMMIT);
    assert_eq!(
        origin.public_reference.as_deref(),
        Some("registry.acme.example/ml/serving:2.4.0")
    );

    let other = tempfile::tempdir().unwrap();
    let child = acme_image(other.path(), "ADDED=1\n").unwrap();
    let origin = inspector.inspect(&child).unwrap().origin;
    assert_eq!((origin.kind, origin.official), (Kind::Derived, Some(false)));
}

#[test]
fn every_contract_is_listed_and_shown() {
    let run = |arguments: &[&str]| {
        let output = Command::cargo_bin("sqsh-prov")
            .unwrap()
            .args(arguments)
            .assert()
            .code(0)
            .get_output()
            .clone();
        String::from_utf8(output.stdout).unwrap()
    };
    let list = run(&["contracts", "list"]);
    for id in ["vllm", "sglang", "dynamo", "ngc", "redhat", "devbox", "oci"] {
        assert!(list.lines().any(|line| line.starts_with(id)), "{id}");
        assert!(run(&["contracts", "show", id]).contains(&format!("id = \"{id}\"")));
    }
    Command::cargo_bin("sqsh-prov")
        .unwrap()
        .args(["contracts", "show", "nobody"])
        .assert()
        .code(64);
}
