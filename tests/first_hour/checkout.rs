//! A checkout with changes is said to have them, as `git status` does.

use std::fs;
use std::path::Path;
use std::process::Command;

fn git(at: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.email=a@b", "-c", "user.name=a"])
        .args(arguments)
        .current_dir(at)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A checkout with two files, an index of this version, and times that are over a second old.
fn checkout(version: &str, format: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    git(
        at,
        &["init", "-q", &format!("--object-format={format}"), "."],
    );
    fs::create_dir(at.join("src")).unwrap();
    for (name, text) in [
        ("Dockerfile", "FROM a\n"),
        ("src/empty", ""),
        ("src/main.py", "x = 1\n"),
    ] {
        fs::write(at.join(name), text).unwrap();
        let file = fs::File::options().write(true).open(at.join(name)).unwrap();
        file.set_modified(
            std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000),
        )
        .unwrap();
    }
    std::os::unix::fs::symlink("Dockerfile", at.join("link")).unwrap();
    git(at, &["add", "."]);
    git(at, &["commit", "-q", "-m", "first"]);
    git(
        at,
        &[
            "update-index",
            "--index-version",
            version,
            "--force-write-index",
        ],
    );
    directory
}

/// What standard error says of the checkout.
fn said(at: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .arg("build-args")
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .current_dir(at)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

const CHANGED: &str = "changed and not committed, and may be in the image";

#[test]
fn a_dirty_checkout_is_said_by_default_and_a_clean_one_is_not() {
    for version in ["2", "4"] {
        let directory = checkout(version, "sha1");
        let at = directory.path();
        assert_eq!(said(at, &[], &[]), "");
        assert_eq!(said(&at.join("src"), &[], &[]), "");
        let main = at.join("src/main.py");
        // Another size, another kind, gone: as git says, without a look into the file.
        fs::write(&main, "x = 12\n").unwrap();
        assert_eq!(git(at, &["status", "--porcelain"]), " M src/main.py\n");
        let expected = format!(
            "sqsh-prov: the commit is the checkout's; 1 tracked file, src/main.py, is {CHANGED}\n"
        );
        assert_eq!(said(at, &[], &[]), expected);
        assert_eq!(
            said(at, &["--context", at.to_str().unwrap()], &[]),
            expected
        );
        assert_eq!(said(at, &["--quiet"], &[]), "");
        fs::remove_file(at.join("link")).unwrap();
        fs::write(at.join("link"), "").unwrap();
        fs::remove_file(&main).unwrap();
        assert_eq!(
            git(at, &["status", "--porcelain"]),
            " T link\n D src/main.py\n"
        );
        let two = format!("2 tracked files, link the first, are {CHANGED}");
        assert!(said(at, &[], &[]).contains(&two), "{}", said(at, &[], &[]));
        // Added and not committed, and then committed.
        git(at, &["add", "."]);
        assert!(
            said(at, &[], &[]).contains(
                "something was added since: run git status to see whether it is committed"
            )
        );
        git(at, &["commit", "-q", "-m", "second"]);
        assert_eq!(said(at, &[], &[]), "");
    }
}

#[test]
fn a_file_with_a_conflict_counts_once() {
    let directory = checkout("2", "sha1");
    let at = directory.path();
    let commit = |text: &str| {
        fs::write(at.join("src/main.py"), text).unwrap();
        git(at, &["commit", "-q", "-a", "-m", "change"]);
    };
    git(at, &["checkout", "-q", "-b", "other"]);
    commit("x = 20\n");
    git(at, &["checkout", "-q", "-"]);
    commit("x = 300\n");
    // The file that git leaves in the tree does not matter, nor does its exit code.
    let script = "git -c user.name=a -c user.email=a@b merge other >log 2>&1; rm log";
    let status = Command::new("sh")
        .args(["-c", script])
        .current_dir(at)
        .status();
    assert!(status.unwrap().success());
    let one = format!("1 tracked file, src/main.py, is {CHANGED}");
    assert!(said(at, &[], &[]).contains(&one), "{}", said(at, &[], &[]));
}

#[test]
fn what_only_git_can_tell_is_said_to_be_so() {
    let directory = checkout("3", "sha1");
    let at = directory.path();
    fs::write(at.join("src/main.py"), "x = 2\n").unwrap();
    let perhaps = "1 tracked file, src/main.py, was written since Git last looked: run git status to see whether it changed";
    assert!(
        said(at, &[], &[]).contains(perhaps),
        "{}",
        said(at, &[], &[])
    );
    // Git looks, finds what it has, and keeps the new time.
    fs::write(at.join("src/main.py"), "x = 1\n").unwrap();
    let modified =
        std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_100);
    fs::File::options()
        .write(true)
        .open(at.join("src/main.py"))
        .unwrap()
        .set_modified(modified)
        .unwrap();
    assert!(said(at, &[], &[]).contains("was written since"));
    git(at, &["update-index", "--refresh"]);
    assert_eq!(said(at, &[], &[]), "");
    // Git was told not to look.
    git(at, &["update-index", "--assume-unchanged", "src/main.py"]);
    fs::write(at.join("src/main.py"), "x = 123\n").unwrap();
    assert!(!said(at, &[], &[]).contains("src/main.py"));
    // An index that is not read.
    let other = checkout("2", "sha256");
    assert!(said(other.path(), &[], &[]).contains("uncommitted changes are not seen"));
    fs::remove_file(at.join(".git/index")).unwrap();
    assert!(said(at, &[], &[]).contains("uncommitted changes are not seen"));
}

#[test]
fn the_checkout_is_not_looked_at_where_the_commit_is_not_its_own() {
    let directory = checkout("2", "sha1");
    let at = directory.path();
    fs::write(at.join("Dockerfile"), "FROM other\n").unwrap();
    let commit = "98dff2a81d747d1dba01a47f939f48c3526d4206";
    let ci = [("GITHUB_ACTIONS", "true"), ("GITHUB_SHA", commit)];
    assert!(
        !said(at, &[], &ci).contains("checkout"),
        "{}",
        said(at, &[], &ci)
    );
    assert_eq!(said(at, &["--contract", "vllm"], &[]), "");
    assert!(said(at, &["--verbose"], &[]).contains(CHANGED));
}
