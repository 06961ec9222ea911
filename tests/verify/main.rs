//! `verify` over both corpora, and over recipes in each of srt-slurm's forms.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]
#[path = "../support/mod.rs"]
mod support;

mod gate;
mod policies;
mod program;
mod recipes;
mod references;
mod slips;
mod srt_slurm;

use assert_cmd::Command;
use serde_json::{Value, json};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::provenance::{Kind, Provenance};
use sqsh_prov::verify::{
    Check, Expectations, ExpectedFramework, ExpectedImage, Level, Rules, Status, Verdict, check,
};
use sqsh_prov::{Inspector, Options};
use std::path::Path;
use support::{fixture, manifest};

fn document(directory: &str, file: &str) -> Provenance {
    let inspector = Inspector::new(Options::default()).unwrap();
    inspector.inspect(&fixture(directory, file)).unwrap()
}

/// The answer on one reference.
fn image(document: &Provenance, reference: &str, mirrors: &[(String, String)]) -> Check {
    let contracts = Contracts::built_in().unwrap();
    let expectations = Expectations {
        images: vec![ExpectedImage::new(reference).unwrap()],
        ..Expectations::default()
    };
    let rules = Rules {
        contracts: &contracts,
        mirrors,
    };
    let outcome = check(document, &expectations, rules);
    outcome.checks.last().unwrap().clone()
}

/// Runs the program in the repository, and reads its JSON.
fn run(arguments: &[&str], code: i32) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("verify")
        .args(arguments)
        .args(["--format", "json"])
        .assert()
        .code(code)
        .get_output()
        .clone();
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

fn recipe(name: &str) -> String {
    format!("tests/data/recipes/{name}.yaml")
}

const CLUSTER: [&str; 2] = ["--cluster-config", "tests/data/srtslurm.yaml"];
