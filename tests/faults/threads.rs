//! Where there are no threads to be had, or little memory: fewer threads, then one.

use std::os::unix::process::CommandExt as _;

use super::reports::store_with;
use super::*;

/// Runs the program as a user who may have no other thread, in a directory that he may read.
fn without_threads(root: &Path, arguments: &[&str]) -> Option<Output> {
    // A user of this number has nothing else running; for root the limit does not count.
    const LONELY: u32 = 61_234;
    let mut command = Command::new("bash");
    command
        .current_dir(root)
        .args(["-c", "ulimit -u 1; exec \"$@\"", "bash"])
        .arg(root.join("sqsh-prov"))
        .args(arguments)
        .uid(LONELY)
        .gid(LONELY);
    command.output().ok()
}

#[test]
fn without_threads_the_answer_is_the_same() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(PROGRAM, root.join("sqsh-prov")).unwrap();
    store_with(root, 30);
    let patched = "13b-derived-patched-file-official-name.sqsh";
    fs::copy(
        fixture("classification", patched),
        root.join("patched.sqsh"),
    )
    .unwrap();
    for arguments in [
        &["verify", "--official", "store/0.sqsh", "store/1.sqsh"][..],
        &["verify", "--deep", "--timeout", "20", "patched.sqsh"],
        &["show", "--deep", "patched.sqsh"],
        &["audit", "store", "--format", "csv", "--jobs", "4"],
        &AUDIT,
    ] {
        let Some(alone) = without_threads(root, arguments) else {
            return;
        };
        let usual = run(root, arguments);
        assert_eq!(
            alone.status.code(),
            usual.status.code(),
            "{arguments:?}: {}",
            said(&alone)
        );
        assert!(
            alone.stdout == usual.stdout,
            "{arguments:?}: {}",
            said(&alone)
        );
        assert!(!said(&alone).contains("stuck"), "{}", said(&alone));
        assert!(!said(&alone).contains("panicked"), "{}", said(&alone));
    }
}

#[test]
fn with_little_address_space_nothing_is_called_stuck() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 8);
    for kilobytes in [60_000, 80_000, 100_000, 150_000] {
        for arguments in ["verify --official store/0.sqsh", "audit store --format csv"] {
            let script = format!("ulimit -v {kilobytes}; exec {PROGRAM} {arguments}");
            let output = Command::new("bash")
                .current_dir(root)
                .args(["-c", &script])
                .output()
                .unwrap();
            let said = said(&output);
            assert!(!said.contains("stuck"), "{kilobytes}: {said}");
            assert!(!said.contains("panicked"), "{kilobytes}: {said}");
            let code = output.status.code();
            assert!(matches!(code, Some(0..=2)), "{kilobytes}: {code:?} {said}");
        }
    }
}
