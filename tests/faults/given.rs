//! Files that the user names: none of them is waited for.

use super::*;

#[test]
fn no_file_that_is_named_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir(root.join("store")).unwrap();
    let image = fixture("classification", "01-vllm-release.sqsh");
    fs::copy(image, root.join("store/0.sqsh")).unwrap();
    fs::create_dir(root.join("contracts")).unwrap();
    let fifo = root.join("contracts/site.toml");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    let site = "schema = 1\n[[allowed-signers]]\nfile = \"fifo\"\n";
    fs::write(root.join("site.toml"), site).unwrap();
    // A file without end that starts as JSON does: a build record, a metadata file.
    fs::write(root.join("huge"), "{\n").unwrap();
    let huge = fs::File::options().write(true).open(root.join("huge"));
    huge.unwrap().set_len(1 << 40).unwrap();
    let fifo = root.join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    for file in ["fifo", "/dev/zero", "huge"] {
        for command in [
            &["merge", file][..],
            &["audit", "store", "--baseline", file],
            &["audit", "store", "--resume", file],
            &["audit", "--files-from", file],
            &["audit", "store", "--policy", file],
            &["lint", "--expect", file, "store/0.sqsh"],
            &["contracts", "check", file],
            &["contracts", "list", "--contracts", "contracts"],
            &["diff", file, "store/0.sqsh"],
            &["diff", "store/0.sqsh", file],
            &["verify", "--policy", file, "store/0.sqsh"],
            &["verify", "--recipe", file, "store/0.sqsh"],
            &["verify", "--lockfile", file, "store/0.sqsh"],
            &["show", "--sidecar", file, "store/0.sqsh"],
            &["verify", "--attested", "--trust", file, "store/0.sqsh"],
            &[
                "verify",
                "--attested",
                "--trust",
                "site.toml",
                "store/0.sqsh",
            ],
            &["show", "--trust", file, "store/0.sqsh"],
            &["audit", "store", "--attested", "--trust", file],
            &["show", "--known", file, "store/0.sqsh"],
            &["known", "build", file, "-o", "index"],
            &["show", "--contracts", file, "store/0.sqsh"],
            &["verify", "--cluster-config", file, "store/0.sqsh"],
            &["audit", "store", "--passwd", file],
            &["lint", "--file", file, file],
            &["show", file],
            &["verify", file],
            &["lint", file],
            &["attest", file],
        ] {
            let started = Instant::now();
            let output = run(root, command);
            assert!(
                matches!(output.status.code(), Some(2 | 64)),
                "{command:?}: {} {}",
                output.status,
                said(&output)
            );
            assert!(
                !said(&output).is_empty() || !output.stdout.is_empty(),
                "{command:?}"
            );
            assert!(started.elapsed() < Duration::from_secs(3), "{command:?}");
        }
    }
    let list = root.join("list");
    fs::write(&list, "store/0.sqsh\n").unwrap();
    let output = Command::new(PROGRAM)
        .current_dir(root)
        .args(["audit", "--format", "paths0", "--files-from", "-"])
        .stdin(fs::File::open(&list).unwrap())
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"store/0.sqsh\0");
}

#[test]
fn a_place_of_statements_that_is_none_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir(root.join("store")).unwrap();
    let image = fixture("classification", "01-vllm-release.sqsh");
    fs::copy(image, root.join("store/0.sqsh")).unwrap();
    let fifo = root.join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    for command in [
        &["show", "--attestations", "fifo", "store/0.sqsh"][..],
        &["verify", "--attestations", "fifo", "store/0.sqsh"],
        &["audit", "store", "--attestations", "/dev/zero"],
        &["show", "--attestations", "none", "store/0.sqsh"],
        &["verify", "--attestations", "none", "store/0.sqsh"],
        &["verify", "--attested", "--attestations", "none", "0.sqsh"],
        &["audit", "store", "--attestations", "none"],
    ] {
        let output = run(root, command);
        assert_eq!(output.status.code(), Some(64), "{command:?}");
        assert!(said(&output).contains("--attestations "), "{command:?}");
    }
}
