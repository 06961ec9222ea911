//! A directory with planted images, audited: what is reported is what was planted.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it fails"
)]
#[path = "../audit_support/mod.rs"]
mod audit_support;

#[path = "../support/mod.rs"]
mod support;

mod nightly;
mod owners;
mod parts;
mod paths;
mod planted;
mod resumed;
mod told;
mod views;

use assert_cmd::Command as Tool;
use audit_support::{Planted, plant};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

const NOW: &str = "2026-11-01";

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut tool = Tool::new(env!("CARGO_BIN_EXE_sqsh-prov"));
    for (name, _) in std::env::vars() {
        if name.starts_with("SLURM_") {
            tool.env_remove(name);
        }
    }
    tool.current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

fn audit(directory: &Path, arguments: &[&str]) -> String {
    let mut all = vec!["audit", "store", "--now", NOW];
    all.extend(arguments);
    let output = run(directory, &all);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0..=2)), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

fn lines(report: &str) -> Vec<Value> {
    report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn summary(report: &str) -> Value {
    lines(report).pop().unwrap()["summary"].take()
}
