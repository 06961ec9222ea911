//! What was changed after the import, as far as times and the packing say.

use sqsh_prov::carriers::LaterThanImport;
use sqsh_prov::image::{Later, Packer, Packing};
use sqsh_prov::provenance::Kind;

use crate::facts::{COMMIT, Made};
use crate::{commit, hub, ngc, verdict};

#[test]
fn a_saved_container_keeps_its_line_and_is_modified() {
    let edited = Made::vllm(&hub("v0.29.0")).with(|f| f.rc_local_edited = Some(true));
    let newer = Made::vllm(&hub("v0.29.0")).with(|f| f.later = later(&["/etc/passwd"]));
    for image in [edited, newer] {
        let a = image.attribute();
        assert!(a.origin.modified_after_import);
        assert_eq!(verdict(&a), (Kind::Release, Some(false), Some("vllm")));
        assert_eq!(commit(&a), Some(COMMIT));
        assert_eq!((a.origin.public_reference, a.origin.pull.ok), (None, false));
    }
}

/// The files that are later than the import.
fn later(paths: &[&str]) -> LaterThanImport {
    LaterThanImport::Read(Later {
        since: 2_000_000_000,
        count: paths.len() as u64,
        inodes: 100,
        latest: 2_000_000_001,
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
        ..Later::default()
    })
}

/// Writes the importer's other files a second before `/etc/rc`, as enroot does.
fn imported_at_once(made: Made) -> Made {
    made.with(|f| {
        for path in ["/etc/fstab", "/etc/environment"] {
            f.mtimes.insert(path.into(), 1_999_999_999);
        }
        f.mtimes.insert("/etc/passwd".into(), 1_800_000_000);
    })
}

#[test]
fn what_is_later_than_any_file_of_the_importer_was_changed_after_the_import() {
    let genuine = imported_at_once(Made::vllm(&hub("v0.29.0")));
    assert_eq!(genuine.attribute().origin.official, Some(true));
    for path in ["/etc/passwd", "/opt/x", "/usr/bin/vllm"] {
        let a = genuine
            .clone()
            .with(|f| f.later = later(&[path]))
            .attribute();
        assert_eq!(a.origin.official, Some(false), "{path}");
        assert!(a.origin.modified_after_import, "{path}");
        let named = a
            .warnings
            .iter()
            .find(|w| w.code == "files-newer-than-import");
        assert!(named.unwrap().message.contains(path), "{path}");
    }
    let changes: [(&str, i64); 3] = [
        // An editor, which may hide other changes behind a later import.
        ("/etc/environment", 2_000_000_001),
        ("/etc/fstab", 2_000_000_001),
        ("/etc/rc", 2_000_090_000),
    ];
    for (path, mtime) in changes {
        let image = genuine.clone().with(|f| {
            f.mtimes.insert(path.into(), mtime);
        });
        let a = image.attribute();
        assert!(a.origin.modified_after_import, "{path}");
        assert_eq!(a.origin.official, Some(false), "{path}");
        assert_eq!(a.origin.public_reference, None, "{path}");
    }
}

#[test]
fn a_change_before_a_later_edit_of_the_importers_file_is_seen() {
    let image = imported_at_once(ngc("docker://nvcr.io#nvidia/pytorch:26.03-py3"));
    assert_eq!(image.attribute().origin.official, Some(true));
    let a = image
        .with(|f| {
            f.mtimes.insert("/etc/rc".into(), 2_000_090_000);
        })
        .attribute();
    assert!(a.origin.modified_after_import);
    assert_eq!(a.origin.official, Some(false));
}

#[test]
fn times_that_the_packer_put_back_prove_no_untouched_image() {
    for path in [
        "/etc/passwd",
        "/etc/group",
        "/var/lib/dpkg/status",
        "/usr/local/lib/python3.12/dist-packages",
    ] {
        let a = Made::vllm(&hub("v0.29.0"))
            .with(|f| {
                f.mtimes.insert(path.into(), 2_000_000_000);
            })
            .attribute();
        assert_eq!(
            verdict(&a),
            (Kind::Release, None, Some("vllm")),
            "{path}: nothing says that it was changed, nor that it was not"
        );
        assert!(!a.origin.modified_after_import, "{path}");
        assert!(
            a.warnings.iter().any(|w| w.code == "file-times-put-back"),
            "{path}"
        );
    }
}

fn packing(packer: Packer, packed_at: i64, root: bool, appended: bool) -> Packing {
    Packing {
        packed_at,
        compressor: "zstd",
        block_size: 131_072,
        flags: 0,
        ids: 1,
        owned_by_root: Some(root),
        padding: 0,
        packer: Some(packer),
        appended: Some(appended),
    }
}

#[test]
fn another_programs_packing_is_no_import() {
    let enroot = Packer::Mksquashfs;
    let slow = 2_000_000_000 + 1800;
    for (what, packing, official) in [
        ("enroot", packing(enroot, slow, true, false), Some(true)),
        (
            "tar2sqfs",
            packing(Packer::SquashfsToolsNg, slow, true, false),
            Some(false),
        ),
        ("owners", packing(enroot, slow, false, false), None),
        ("appended", packing(enroot, slow, true, true), Some(false)),
        ("time 0", packing(enroot, 0, true, false), None),
    ] {
        let a = Made::vllm(&hub("v0.29.0"))
            .with(|f| f.packing = Some(packing))
            .attribute();
        assert_eq!(a.origin.official, official, "{what}");
        assert!(!a.origin.modified_after_import, "{what}");
    }
}

#[test]
fn an_edit_of_the_importers_script_is_seen_by_its_words_and_by_its_time() {
    let genuine = imported_at_once(Made::vllm(&hub("v0.29.0")));
    let words = genuine.clone().with(|f| f.rc_edited = true);
    // The importer writes `/etc/rc.local` behind it.
    let time = genuine.clone().with(|f| {
        f.mtimes.insert("/etc/rc.local".into(), 1_999_999_939);
    });
    // All of the importer's files were touched, and their directory was not.
    let directory = genuine.clone().with(|f| {
        f.mtimes.insert("/etc".into(), 1_999_999_939);
    });
    for image in [words, time, directory] {
        let a = image.attribute();
        assert!(a.origin.modified_after_import);
        assert_eq!(a.origin.official, Some(false));
        assert!(a.origin.reasons.iter().any(|r| r == "rc-edited"));
    }
    let behind = genuine.with(|f| {
        f.mtimes.insert("/etc/rc.local".into(), 2_000_000_001);
    });
    assert_eq!(behind.attribute().origin.official, Some(true));
}

#[test]
fn an_import_takes_no_minutes_for_its_own_files() {
    for (seconds, official) in [
        (1, Some(true)),
        (60, Some(true)),
        (61, None),
        (601, Some(false)),
    ] {
        let a = Made::vllm(&hub("v0.29.0"))
            .with(|f| {
                f.mtimes
                    .insert("/etc/environment".into(), 2_000_000_000 - seconds);
            })
            .attribute();
        assert_eq!(a.origin.official, official, "{seconds} s");
    }
}

#[test]
fn a_file_with_the_very_time_of_the_import_is_not_the_images() {
    let image = |same| {
        imported_at_once(Made::vllm(&hub("v0.29.0"))).with(|f| {
            f.later = LaterThanImport::Read(Later {
                since: 2_000_000_000,
                same,
                inodes: 100,
                latest: 2_000_000_000,
                ..Later::default()
            });
        })
    };
    // `/etc/rc` alone has that time.
    assert_eq!(image(1).attribute().origin.official, Some(true));
    let a = image(2).attribute();
    assert_eq!(a.origin.official, None);
    assert!(a.origin.reasons.iter().any(|r| r == "file-times-put-back"));
}

#[test]
fn times_that_cannot_be_read_prove_no_untouched_image() {
    for (later, code) in [
        (LaterThanImport::NotAsked, "inode-times-unknown"),
        (
            LaterThanImport::Unknown {
                code: "inode-times-over-limit",
                message: String::new(),
            },
            "inode-times-over-limit",
        ),
    ] {
        let a = Made::vllm(&hub("v0.29.0"))
            .with(|f| f.later = later)
            .attribute();
        assert_eq!(a.origin.official, None, "{code}");
        assert!(a.origin.reasons.iter().any(|r| r == code), "{code}");
    }
}

#[test]
fn a_file_from_the_future_is_a_doubt_and_no_change() {
    let image = |packed_at, after_packing| {
        let a = imported_at_once(Made::vllm(&hub("v0.29.0")))
            .with(|f| {
                f.packing = Some(packing(Packer::Mksquashfs, packed_at, true, false));
                f.later = LaterThanImport::Read(Later {
                    since: 2_000_000_000,
                    count: 2,
                    after_packing,
                    inodes: 100,
                    latest: 4_102_444_800,
                    ..Later::default()
                });
            })
            .attribute();
        (a.origin.modified_after_import, a.origin.official)
    };
    assert_eq!(image(2_000_000_040, 2), (false, None));
    assert_eq!(image(2_000_000_040, 1), (true, Some(false)));
    // Packed before the import: the time of the packing says nothing.
    assert_eq!(image(1_000_000_000, 2), (true, Some(false)));
}
