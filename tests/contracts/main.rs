//! A site's own publisher, by TOML alone; and what the commands say.
#![allow(clippy::unwrap_used, reason = "a missing file fails the test")]

mod check;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use sqsh_prov::provenance::Kind;
use sqsh_prov::{Inspector, Options, contracts};
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

[labels]
known = ["com.acme.*"]
"#;

const COMMIT: &str = "5d01ca9ec0278aea42d6461c60c0501b3c8ce256";

/// An image as enroot 4.2 packs it, made up of the files that it writes.
fn acme_image(directory: &Path, extra_variable: &str) -> Option<std::path::PathBuf> {
    let rc = "# enroot-provenance: docker://registry.acme.example#ml/serving:2.4.0\n\
              # com.acme.team serving\n\n\
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
    // From the publisher's own repository it is the publisher's, whatever the contract lists.
    assert_eq!((origin.kind, origin.official), (Kind::Release, None));
}

/// A key of a contract, and the table that it stands in; of a table itself the key is empty.
type Place = (String, String);

/// Every key below a table, as the reader names them that refuses another.
fn keys_below(directory: &Path, table: &str) -> BTreeSet<Place> {
    let file = directory.join("keys.toml");
    let mut keys = BTreeSet::new();
    for header in [format!("[{table}]"), format!("[[{table}]]")] {
        let header = if table.is_empty() { "" } else { &header };
        fs::write(&file, format!("{header}\nzzzzzzzzzzzzzzzzzzzzzzzz = 1\n")).unwrap();
        let said = contracts::check(&file).unwrap_err().to_string();
        let Some((_, known)) = said.split_once("the known keys are: ") else {
            continue;
        };
        keys.insert((table.to_owned(), String::new()));
        for key in known.trim_end().split(", ") {
            let dot = if table.is_empty() { "" } else { "." };
            let below = keys_below(directory, &format!("{table}{dot}{key}"));
            if below.is_empty() {
                keys.insert((table.to_owned(), key.to_owned()));
            }
            keys.extend(below);
        }
    }
    keys
}

/// Every key and table of a text, also of what is commented out, and the text with that in it.
fn keys_in(text: &str) -> (BTreeSet<Place>, String) {
    let mut keys = BTreeSet::from([Place::default()]);
    let mut table = String::new();
    let mut whole = String::new();
    for line in text.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let header = bare.split(" # ").next().unwrap().trim_end();
        let header = header.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let key = bare.split_once(" = ").map(|(key, _)| key);
        let key = key.filter(|key| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
        if let Some(name) = header {
            table = name
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned();
            keys.insert((table.clone(), String::new()));
            // A table that takes any name is explained as one key.
            if let Some((of, name)) = table.rsplit_once('.').or(Some(("", &table))) {
                keys.insert((of.to_owned(), name.to_owned()));
            }
        }
        keys.extend(key.map(|key| (table.clone(), key.to_owned())));
        let used = header.is_some() || key.is_some();
        whole.push_str(if used { bare } else { line });
        whole.push('\n');
    }
    (keys, whole)
}

#[test]
fn the_template_is_sound_and_explains_every_key() {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/TEMPLATE.toml");
    let text = fs::read_to_string(&template).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (explained, whole) = keys_in(&text);
    let commented_in = directory.path().join("whole.toml");
    fs::write(&commented_in, whole).unwrap();
    for file in [&template, &commented_in] {
        let mut command = Command::cargo_bin("sqsh-prov").unwrap();
        command.args(["contracts", "check"]).arg(file);
        command.assert().code(0);
    }

    let known = keys_below(directory.path(), "");
    for (table, key) in [
        ("", "schema"),
        ("name-rule", "classes"),
        ("build-args.tag", "kind"),
    ] {
        assert!(
            known.contains(&(table.to_owned(), key.to_owned())),
            "{known:?}"
        );
    }
    let missing: Vec<&Place> = known.difference(&explained).collect();
    assert!(
        missing.is_empty(),
        "contracts/TEMPLATE.toml does not explain {missing:?}"
    );
}

#[test]
fn two_files_of_a_directory_cannot_have_one_id() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, id: &str| {
        let text = ACME.replace("\"acme\"", &format!("\"{id}\""));
        fs::write(directory.path().join(name), text).unwrap();
    };
    let list = || {
        let mut command = Command::cargo_bin("sqsh-prov").unwrap();
        command.arg("--contracts").arg(directory.path());
        command.args(["contracts", "list"]).output().unwrap()
    };
    write("a.toml", "acme");
    write("b.toml", "vllm");
    assert_eq!(list().status.code(), Some(0));

    write("b.toml", "acme");
    let output = list();
    assert_eq!(output.status.code(), Some(64));
    let text = String::from_utf8(output.stderr).unwrap();
    for said in ["a.toml", "b.toml: line 3: ", "\"acme\""] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn a_contract_that_cannot_be_used_is_wrong_usage() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("bad.toml"), "schema = ").unwrap();
    Command::cargo_bin("sqsh-prov")
        .unwrap()
        .arg("--contracts")
        .arg(directory.path())
        .arg("show")
        .arg(fixture("carriers", "j-bare.sqsh"))
        .assert()
        .code(64);
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
