//! Finds the commit for `--version`: that of the work tree, or of the published crate.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The files of the program. `--version` says if they have changes that are not committed.
const SOURCES: [&str; 9] = [
    "build",
    "build.rs",
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "contracts",
    "packaging/memory.c",
    "policies",
    "schema",
];

/// Tells cargo the text of `--version`.
pub fn say() {
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    // Cargo takes a missing file for a changed one, and the published crate has no `packaging`.
    for source in SOURCES.iter().filter(|it| root.join(it).exists()) {
        println!("cargo:rerun-if-changed={source}");
    }
    let commit = published(&root).or_else(|| checked_out(&root));
    // Rebuilds set this variable: https://reproducible-builds.org/specs/source-date-epoch/
    let date = env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| seconds.trim().parse().ok())
        .or_else(|| {
            git(&root, &["log", "-1", "--format=%ct"])?
                .parse()
                .ok()
                .filter(|_| commit.is_some())
        })
        .and_then(day);
    let mut version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let known: Vec<String> = commit.into_iter().chain(date).collect();
    if !known.is_empty() {
        version.push_str(&format!(" ({})", known.join(" ")));
    }
    println!("cargo:rustc-env=SQSH_PROV_VERSION={version}");
}

/// Returns the commit that `cargo package` writes into the crate. An unpacked crate is in no git repository, or
/// in somebody else's.
fn published(root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join(".cargo_vcs_info.json")).ok()?;
    let (_, behind) = text.split_once("\"sha1\"")?;
    let id: String = behind
        .chars()
        .skip_while(|c| !c.is_ascii_hexdigit())
        .take_while(char::is_ascii_hexdigit)
        .collect();
    let dirty = text.contains("\"dirty\": true");
    Some(named(id.get(..12)?, dirty))
}

fn checked_out(root: &Path) -> Option<String> {
    // A copy inside of another repository must not get the commit of that repository.
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    if fs::canonicalize(top).ok()? != fs::canonicalize(root).ok()? {
        return None;
    }
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(root, &["rev-parse", "--git-path", file]) {
            let path = root.join(path);
            if path.exists() {
                println!("cargo:rerun-if-changed={}", path.display());
            }
        }
    }
    let id = git(root, &["rev-parse", "--short=12", "HEAD"])?;
    let mut status = vec!["status", "--porcelain", "--untracked-files=all", "--"];
    status.extend(SOURCES);
    let dirty = !git(root, &status)?.is_empty();
    Some(named(&id, dirty))
}

fn named(id: &str, dirty: bool) -> String {
    format!("{id}{}", if dirty { "-modified" } else { "" })
}

/// Returns what git prints; `None` if git is missing, fails, or finds no repository.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).arg("--no-optional-locks");
    let output = command.args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Returns the day in UTC, YYYY-MM-DD, of seconds since 1970.
fn day(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_datetime(time).date().to_string())
}
