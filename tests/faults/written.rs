//! What is written where others may write too: no link, pipe or device of theirs is used, and an
//! interrupt leaves what was there before.

use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Stdio};

use rustix::fs::{AtFlags, CWD, Gid, Mode, Uid, chownat};
use rustix::process::{Pid, Signal, kill_process};

use super::reports::{names, store_with};
use super::*;

/// Somebody who is not the one that runs the tests.
const NOBODY: u32 = 65534;

/// A directory as `/tmp` is.
fn sticky(root: &Path) -> PathBuf {
    let path = root.join("tmp");
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o1777)).unwrap();
    path
}

/// Gives it away; false for who may not.
fn of_nobody(path: &Path) -> bool {
    let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    chownat(
        CWD,
        path,
        Some(user),
        Some(group),
        AtFlags::SYMLINK_NOFOLLOW,
    )
    .is_ok()
}

fn audit(root: &Path, format: &str, output: &str) -> Output {
    run(
        root,
        &["audit", "store", "--format", format, "--output", output],
    )
}

#[test]
fn a_link_pipe_or_directory_link_of_somebody_else_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 1);
    let tmp = sticky(root);
    fs::write(root.join("victim"), "precious").unwrap();
    fs::set_permissions(root.join("victim"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink(root.join("victim"), tmp.join("report")).unwrap();
    symlink(root, tmp.join("way")).unwrap();
    rustix::fs::mkfifoat(CWD, tmp.join("fifo"), Mode::from_raw_mode(0o666)).unwrap();
    for name in ["report", "way", "fifo"] {
        if !of_nobody(&tmp.join(name)) {
            return;
        }
    }
    for (output, why) in [
        ("tmp/report", "a link of user 65534"),
        ("tmp/way/victim", "a link of user 65534"),
        ("tmp/fifo", "of another user"),
    ] {
        let started = Instant::now();
        let refused = audit(root, "ndjson", output);
        assert_eq!(refused.status.code(), Some(2), "{output}");
        assert!(said(&refused).contains(why), "{output}: {}", said(&refused));
        assert!(started.elapsed() < Duration::from_secs(5), "{output}");
    }
    assert_eq!(fs::read_to_string(root.join("victim")).unwrap(), "precious");
    assert_eq!(
        fs::metadata(root.join("victim")).unwrap().mode() & 0o777,
        0o600
    );
    assert_eq!(names(&tmp), ["fifo", "report", "way"]);
}

#[test]
fn the_users_own_link_is_followed_and_stays() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 1);
    fs::create_dir(root.join("reports")).unwrap();
    symlink("reports/today", root.join("link")).unwrap();
    for _ in 0..2 {
        let written = audit(root, "csv", "link");
        assert!(written.status.success(), "{}", said(&written));
        assert_eq!(names(&root.join("reports")), ["today"]);
        assert!(
            fs::symlink_metadata(root.join("link"))
                .unwrap()
                .is_symlink()
        );
    }
    symlink("loop", root.join("loop")).unwrap();
    assert_eq!(audit(root, "csv", "loop").status.code(), Some(2));
}

#[test]
fn what_somebody_else_has_put_there_does_not_open_the_report_to_them() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 1);
    fs::write(root.join("report"), "theirs").unwrap();
    fs::set_permissions(root.join("report"), fs::Permissions::from_mode(0o666)).unwrap();
    if of_nobody(&root.join("report")) {
        assert!(audit(root, "csv", "report").status.success());
        let now = fs::metadata(root.join("report")).unwrap();
        assert_eq!((now.mode() & 0o777, now.uid()), (0o644, 0));
    }
}

#[test]
fn a_pipe_that_nobody_reads_is_not_waited_for_without_end() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 1);
    rustix::fs::mkfifoat(CWD, root.join("fifo"), Mode::RWXU).unwrap();
    let refused = audit(root, "csv", "fifo");
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("no program reads this pipe"));
}

/// An audit that takes a while, with an earlier report.
fn started(root: &Path) -> Child {
    store_with(root, 400);
    fs::write(root.join("report"), "old").unwrap();
    let child = Command::new(PROGRAM)
        .current_dir(root)
        .args(["audit", "store", "--format", "ndjson", "--jobs", "1"])
        .args(["--tree-id", "--output", "report"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let unfinished = root.join("report.unfinished");
    let begun = || fs::metadata(&unfinished).is_ok_and(|it| it.len() > 0);
    let started = Instant::now();
    while !begun() && started.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

#[test]
fn an_interrupt_leaves_the_earlier_report_and_the_next_run_says_what_was_left() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let child = started(root);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(fs::read_to_string(root.join("report")).unwrap(), "old");
    assert!(
        said(&output).contains("report.unfinished"),
        "{}",
        said(&output)
    );
    let text = fs::read_to_string(root.join("report.unfinished")).unwrap();
    assert!(text.ends_with('\n') && text.contains("\"complete\":false"));
    let audit = [
        "audit",
        "store",
        "--format",
        "ndjson",
        "--tree-id",
        "--output",
        "report",
    ];
    let again = run(root, &audit);
    assert!(said(&again).contains("report.unfinished: a run that was killed"));
    // What it has is in the new report then.
    let resumed = run(
        root,
        &[&audit[..], &["--resume", "report.unfinished"]].concat(),
    );
    assert!(!said(&resumed).contains("report.unfinished: a run that was killed"));
    assert!(!root.join("report.unfinished").exists());
    assert!(
        fs::read_to_string(root.join("report"))
            .unwrap()
            .contains("\"complete\":true")
    );
}

#[test]
fn one_signal_to_terminate_ends_it_at_once_and_leaves_the_earlier_report() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let mut child = started(root);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let started = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(fs::read_to_string(root.join("report")).unwrap(), "old");
    assert_eq!(names(root), ["report", "report.unfinished", "store"]);
}
