//! Reports that cannot be written.

use super::*;

pub fn store_with(root: &Path, images: usize) {
    fs::create_dir_all(root.join("store")).unwrap();
    for number in 0..images {
        let image = fixture("classification", "01-vllm-release.sqsh");
        fs::copy(image, root.join(format!("store/{number}.sqsh"))).unwrap();
    }
}

pub fn names(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_leaves_the_old_report() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 8);
    fs::write(root.join("report"), "old").unwrap();
    for format in ["ndjson", "html", "csv"] {
        // A limit of the shell's stands for a disk: 1 KiB, counted by bash.
        let script =
            format!("ulimit -f 1; exec {PROGRAM} audit store --format {format} --output report");
        let output = Command::new("bash")
            .current_dir(root)
            .args(["-c", &script])
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{format}: {} {}",
            output.status,
            said(&output)
        );
        assert!(
            said(&output).contains("report: the report cannot be written"),
            "{format}: {}",
            said(&output)
        );
        assert_eq!(
            fs::read_to_string(root.join("report")).unwrap(),
            "old",
            "{format}"
        );
        assert_eq!(names(root), ["report", "store"], "{format}");
    }
}

#[test]
fn a_device_is_written_to_and_stays_one() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 1);
    assert!(
        Command::new("mkfifo")
            .arg(root.join("pipe"))
            .status()
            .unwrap()
            .success()
    );
    let reader = Command::new("cat")
        .arg(root.join("pipe"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = run(
        root,
        &["audit", "store", "--format", "csv", "--output", "pipe"],
    );
    let read = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(read.stdout.starts_with(b"path,"));
    assert!(
        fs::metadata(root.join("pipe"))
            .unwrap()
            .file_type()
            .is_fifo()
    );
    assert_eq!(names(root), ["pipe", "store"]);
    // A device of the test's own, where it may make one: character device 1, 7 is /dev/full.
    let full = root.join("full");
    let made = Command::new("mknod")
        .arg(&full)
        .args(["c", "1", "7"])
        .output();
    if made.is_ok_and(|made| made.status.success())
        && fs::OpenOptions::new().write(true).open(&full).is_ok()
    {
        let output = run(
            root,
            &["audit", "store", "--format", "csv", "--output", "full"],
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(
            said(&output).contains("full: the report cannot be written"),
            "{}",
            said(&output)
        );
        assert!(fs::metadata(&full).unwrap().file_type().is_char_device());
    }
    let output = run(root, &["audit", "store", "--output", "store"]);
    assert_eq!(output.status.code(), Some(2), "a directory is no report");
    assert_eq!(names(&root.join("store")), ["0.sqsh"]);
}

#[test]
fn several_audits_may_write_one_report_and_who_may_read_it_stays() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 30);
    fs::write(root.join("report"), "old").unwrap();
    fs::set_permissions(root.join("report"), fs::Permissions::from_mode(0o600)).unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| {
            Command::new(PROGRAM)
                .current_dir(root)
                .args(AUDIT)
                .args(["--output", "report"])
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let whole = run(root, &AUDIT);
    assert!(fs::read(root.join("report")).unwrap() == whole.stdout);
    assert_eq!(
        fs::metadata(root.join("report"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    assert_eq!(names(root), ["report", "store"]);
}

/// It is said, and stays: perhaps it is to be resumed.
#[test]
fn what_a_killed_run_has_left_is_in_nobodys_way() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 1);
    let left = [
        "report.unfinished",
        "report.unfinished-1",
        "report.unfinished-2",
    ];
    for name in left {
        fs::write(root.join(name), "left").unwrap();
    }
    let output = run(
        root,
        &["audit", "store", "--format", "csv", "--output", "report"],
    );
    assert!(output.status.success(), "{}", said(&output));
    for name in left {
        assert!(said(&output).contains(name), "{}", said(&output));
    }
    assert!(
        fs::read_to_string(root.join("report"))
            .unwrap()
            .starts_with("path,")
    );
    assert_eq!(names(root).len(), 5, "what is another's stays");
}
