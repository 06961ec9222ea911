//! What the program asks of the system: it reads what it was given, and nothing else. Shown by
//! strace over every command on every fixture; and that Landlock holds it to that.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod commands;
mod opened;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sqsh-prov");

/// Every command: its words, with FIXTURES for all of them, ONE and TWO for an image each,
/// RECIPE for a recipe, REPORT for a report and OUTPUT for a file that is not there yet.
/// A new command is a line here.
const COMMANDS: &[&str] = &[
    "show FIXTURES",
    "show --format json --evidence FIXTURES",
    "show --format ndjson --packages --env --labels --reveal FIXTURES",
    "show --format line FIXTURES",
    "show --field origin.commit.id FIXTURES",
    "show --format shell ONE",
    "show --format taskprolog ONE",
    "show --format srt-slurm-fingerprint ONE",
    "show --format srt-slurm-identity ONE",
    "show --deep ONE TWO",
    "show OCI",
    "verify FIXTURES",
    "verify --timeout none --image vllm/vllm-openai:v0.29.0 ONE TWO",
    "verify --policy publishable --official --deep ONE",
    "audit DIRECTORY",
    "audit DIRECTORY --format ndjson --rootfs --all-files --deep --tree-id -o OUTPUT",
    "audit DIRECTORY --format html",
    "audit DIRECTORY --format csv --resume REPORT",
    "attest --content ONE",
    "attest --importer site ONE",
    "merge REPORT --format json -o OUTPUT",
    "diff ONE TWO",
    "lint ONE",
    "lint --survives OCI",
    "build-args",
    "build-args --contract vllm --format json",
    "contracts list",
    "contracts show vllm",
    "contracts check CONTRACT",
    "schema",
    "completions bash",
    "man",
];

fn fixtures(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(directory)
}

fn images() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = ["carriers", "classification"]
        .iter()
        .flat_map(|group| fs::read_dir(fixtures(group)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "json"))
        .collect();
    found.sort();
    assert!(found.len() > 60);
    found
}

/// The words of a command.
fn words(command: &str, directory: &Path) -> Vec<PathBuf> {
    let one = fixtures("classification/01-vllm-release.sqsh");
    let mut words = Vec::new();
    for word in command.split(' ') {
        match word {
            "FIXTURES" => words.extend(images()),
            "ONE" => words.push(one.clone()),
            "TWO" => words.push(fixtures("carriers/e-derived.sqsh")),
            "OCI" => words.push(fixtures("oci/i-layout-two-platform")),
            "DIRECTORY" => words.push(directory.join("images")),
            "REPORT" => words.push(directory.join("report.ndjson")),
            "CONTRACT" => {
                words.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/vllm.toml"))
            }
            "OUTPUT" => words.push(directory.join("out/report")),
            other => words.push(other.into()),
        }
    }
    words
}

/// One line of a trace: the call, and its arguments with what it returned.
fn calls(trace: &str) -> impl Iterator<Item = (&str, &str)> {
    trace.lines().filter_map(|line| {
        let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        // What a second thread interrupted goes on in another line.
        let line = line.strip_prefix("<... ").unwrap_or(line);
        if line.contains(" resumed>") || line.starts_with("+++") || line.starts_with("---") {
            return None;
        }
        line.split_once('(')
    })
}

/// Runs under strace; `None` where that is not possible.
fn traced(command: &str, directory: &Path) -> Option<String> {
    let trace = directory.join("trace");
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-s", "300", "-o"])
        .arg(&trace)
        .arg(PROGRAM);
    strace.args(words(command, directory));
    let status = strace
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match status {
        Ok(status) => {
            let code = status.code();
            assert!(matches!(code, Some(0..=2)), "{command}: exit {code:?}");
            Some(fs::read_to_string(trace).unwrap())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "strace: {error}");
            say("skipped: strace is not installed");
            None
        }
    }
}

/// On standard error even where the test passes.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn prepared() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let (images, out) = (
        directory.path().join("images"),
        directory.path().join("out"),
    );
    fs::create_dir_all(images.join("container/etc")).unwrap();
    fs::write(images.join("container/etc/os-release"), "ID=debian\n").unwrap();
    fs::create_dir(out).unwrap();
    for image in self::images().iter().take(12) {
        fs::copy(image, images.join(image.file_name().unwrap())).unwrap();
    }
    let report = Command::new(PROGRAM)
        .args(["audit", "--format", "ndjson", "-o"])
        .arg(directory.path().join("report.ndjson"))
        .arg(&images)
        .output()
        .unwrap();
    assert!(
        directory.path().join("report.ndjson").exists(),
        "{report:?}"
    );
    directory
}
