//! `build-args` in checkouts: remotes without a host, references that are not read, contexts that are not there.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{COMMIT, run};

/// A checkout with this remote.
fn checkout(directory: &Path, remote: &str) {
    let git = directory.join(".git");
    fs::create_dir_all(git.join("refs/heads")).unwrap();
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(git.join("refs/heads/main"), format!("{COMMIT}\n")).unwrap();
    // Git writes a backslash twice.
    let remote = remote.replace('\\', "\\\\");
    let config = format!("[remote \"origin\"]\n\turl = {remote}\n");
    fs::write(git.join("config"), config).unwrap();
}

fn stamp(directory: &Path, variables: &[(&str, &str)]) -> Value {
    let output = run(&["--format", "json"], variables, "/usr/bin:/bin", directory);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn notes(stamp: &Value) -> String {
    stamp["notes"].to_string()
}

#[test]
fn a_remote_without_a_host_is_no_source_repository() {
    let of = |remote: &str| {
        let directory = tempfile::tempdir().unwrap();
        checkout(directory.path(), remote);
        stamp(directory.path(), &[])
    };
    for remote in [
        "/srv/git/server.git",
        "/home/me/projects/server",
        "/vllm-project/vllm.git",
        "../server.git",
        r"C:\src\server",
        "file:///home/me/x",
        "git@github.com-work:acme/server",
    ] {
        let found = of(remote);
        assert_eq!(found["contract"], "generic", "{remote}");
        let arguments = &found["build_args"];
        assert_eq!(arguments["NEW_IMAGE_BUILD_COMMIT"], COMMIT, "{remote}");
        assert_eq!(arguments["NEW_IMAGE_BUILD_SOURCE"], "", "{found}");
        assert!(
            notes(&found).contains("source repository is left out"),
            "{found}"
        );
    }
    for remote in [
        "ssh://git@ssh.github.com:443/acme/server.git",
        "git@github.com:acme/server",
    ] {
        let source = "https://github.com/acme/server";
        assert_eq!(of(remote)["build_args"]["NEW_IMAGE_BUILD_SOURCE"], source);
    }
    // Jenkins has the same remote in a variable.
    let directory = tempfile::tempdir().unwrap();
    let variables = [
        ("JENKINS_URL", "https://ci.acme.example/"),
        ("GIT_COMMIT", COMMIT),
        ("GIT_URL", "/srv/git/server.git"),
    ];
    let found = stamp(directory.path(), &variables);
    assert_eq!(found["build_args"]["NEW_IMAGE_BUILD_SOURCE"], "");
}

#[test]
fn references_in_a_reftable_are_not_read_and_said_to_be_so() {
    let directory = tempfile::tempdir().unwrap();
    checkout(directory.path(), "https://github.com/acme/server");
    let git = directory.path().join(".git");
    fs::write(git.join("HEAD"), "ref: refs/heads/.invalid\n").unwrap();
    fs::remove_dir_all(git.join("refs/heads")).unwrap();
    fs::write(
        git.join("refs/heads"),
        "this repository uses the reftable format\n",
    )
    .unwrap();
    fs::create_dir(git.join("reftable")).unwrap();
    let found = stamp(directory.path(), &[]);
    assert!(!found.to_string().contains(".invalid"), "{found}");
    assert!(notes(&found).contains("reftable"), "{found}");
    let output = run(&["--verbose"], &[], "/usr/bin:/bin", directory.path());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("git refs migrate"), "{said}");
    assert!(!said.contains("in a Git checkout"), "{said}");
    // CI names the commit.
    let variables = [("GITHUB_SHA", COMMIT), ("GITHUB_REPOSITORY", "acme/server")];
    let found = stamp(directory.path(), &variables);
    assert_eq!(found["build_args"]["NEW_IMAGE_BUILD_COMMIT"], COMMIT);
    assert!(!notes(&found).contains("reftable"), "{found}");
}

#[test]
fn a_context_that_is_not_there_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let said = |context: &str| {
        let output = run(
            &["--context", context],
            &[],
            "/usr/bin:/bin",
            directory.path(),
        );
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said("./nonexist").contains("--context ./nonexist: there is no such directory"));
    for other in [
        ".",
        "-",
        "https://github.com/acme/server.git",
        "target:base",
    ] {
        assert_eq!(said(other), "", "{other}");
    }
}
