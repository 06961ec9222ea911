//! A tree like that of a container image: a large `/usr`, a full `/etc`, Python packages.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::text;

fn dir(root: &Path, path: &str) {
    fs::create_dir_all(root.join(path)).unwrap();
}

fn file(root: &Path, path: &str, len: usize) {
    let seed = path.bytes().fold(7u64, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    fs::write(root.join(path), text(seed, len)).unwrap();
}

fn etc(root: &Path) {
    for (path, count, len) in [
        ("etc/alternatives", 90, 0),
        ("etc/apt/sources.list.d", 12, 300),
        ("etc/ca-certificates", 5, 200),
        ("etc/init.d", 25, 1800),
        ("etc/pam.d", 20, 400),
        ("etc/profile.d", 8, 500),
        ("etc/rc3.d", 20, 0),
        ("etc/security", 15, 900),
        ("etc/ssl/certs", 280, 0),
        ("etc/systemd/system", 40, 250),
    ] {
        dir(root, path);
        for i in 0..count {
            if len == 0 {
                symlink(
                    format!("/usr/share/target/of-{i}"),
                    root.join(format!("{path}/link-{i:03}")),
                )
                .unwrap();
            } else {
                file(root, &format!("{path}/conf-{i:03}"), len + i);
            }
        }
    }
    for i in 0..110 {
        file(
            root,
            &format!(
                "etc/{}-{i:03}.conf",
                ["adduser", "host", "login", "passwd", "sysctl"][i % 5]
            ),
            150 + i * 5,
        );
    }
    file(root, "etc/environment", 2100);
    file(root, "etc/rc", 1300);
    file(root, "etc/fstab", 37);
    symlink("../usr/lib/os-release", root.join("etc/os-release")).unwrap();
}

/// Fills `root` with about `inodes` inodes.
pub fn fill(root: &Path, inodes: usize) {
    for path in [
        "boot",
        "dev",
        "home",
        "media",
        "mnt",
        "opt",
        "proc",
        "root",
        "run",
        "srv",
        "sys",
        "tmp",
        "usr/bin",
        "usr/lib",
        "var/log",
        "workspace",
    ] {
        dir(root, path);
    }
    for link in ["bin", "lib", "sbin"] {
        symlink(format!("usr/{link}"), root.join(link)).unwrap();
    }
    etc(root);
    file(root, "usr/lib/os-release", 380);
    dir(root, "var/lib/dpkg");
    file(root, "var/lib/dpkg/status", 60_000);
    let packages = "usr/local/lib/python3.12/dist-packages";
    let count = 400.min(inodes / 7);
    for i in 0..count {
        let info = format!("{packages}/package_{i:03}-1.{}.{}.dist-info", i % 17, i % 7);
        dir(root, &info);
        file(root, &format!("{info}/METADATA"), 1500 + i * 3);
        file(root, &format!("{info}/RECORD"), 2500);
        dir(root, &format!("{packages}/package_{i:03}"));
    }
    let rest = inodes.saturating_sub(3000);
    for i in 0..rest {
        let path = if i % 2 == 0 {
            format!("{packages}/package_{:03}/sub_{}", i % count, i / 20_000)
        } else {
            format!("usr/share/doc/thing-{:04}", i / 100)
        };
        if i % 50 < 2 || i < 800 || (i / 2) % 10_000 < 400 {
            dir(root, &path);
        }
        // A million of them fit on any disk when most are empty.
        let len = if i < 20_000 || i % 8 == 0 {
            100 + i % 900
        } else {
            0
        };
        file(root, &format!("{path}/module_{i:06}.py"), len);
    }
    age(root);
}

/// Gives everything the time of a build: only the importer's files are of the import.
fn age(root: &Path) {
    let built = rustix::fs::Timespec {
        tv_sec: 1_700_000_000,
        tv_nsec: 0,
    };
    let times = rustix::fs::Timestamps {
        last_access: built,
        last_modification: built,
    };
    for entry in walkdir::WalkDir::new(root).contents_first(true) {
        let path = entry.unwrap().into_path();
        let link = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::utimensat(rustix::fs::CWD, path, &times, link).unwrap();
    }
}
