//! The packages of rpm, in databases that rpm and Berkeley DB wrote (tests/data/rpm).

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sqsh_prov::carriers::rpm::{self, Unreadable};
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::Squashfs;

const IMAGES: [(&str, &str); 5] = [
    ("sqlite", "/var/lib/rpm/rpmdb.sqlite"),
    ("sqlite-512", "/usr/lib/sysimage/rpm/rpmdb.sqlite"),
    ("bdb", "/var/lib/rpm/Packages"),
    ("bdb-big", "/var/lib/rpm/Packages"),
    ("ndb", "/usr/lib/sysimage/rpm/Packages.db"),
];

fn image(name: &str) -> PathBuf {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rpm");
    data.join(format!("{name}.sqsh"))
}

fn database(name: &str) -> Vec<u8> {
    let limits = Limits::default();
    let image = Squashfs::open(File::open(image(name)).unwrap(), &limits).unwrap();
    let (_, path) = IMAGES.iter().find(|(it, _)| *it == name).unwrap();
    let inode = image.lookup(path.as_bytes()).unwrap();
    image.read(&inode, 1024 * 1024).unwrap()
}

/// What `rpm -qa --qf '%{NAME} %{EVR}\n'` lists.
fn expected() -> Vec<String> {
    let small = (1..=12).map(|number| format!("small-{number} 1.{number}-1.el9"));
    let others = [
        "bind-libs 32:9.16.23-18.el9_4.6",
        "glibc 2.34-60.el9",
        "libnccl 2.27.7-1+cuda12.9",
    ];
    let mut all: Vec<String> = small.chain(others.map(str::to_owned)).collect();
    all.sort();
    all
}

fn listed(database: &[u8]) -> (Vec<String>, Option<Unreadable>) {
    let (packages, problem) = rpm::packages(database);
    let names = packages.iter();
    let mut names: Vec<String> = names
        .map(|it| format!("{} {}", it.name, it.version))
        .collect();
    names.sort();
    (names, problem)
}

fn show(image: &Path) -> (Value, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["show", "--format", "json", "--packages=all"])
        .arg(image)
        .output()
        .unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap();
    (document, output.status.code().unwrap())
}

#[test]
fn every_form_of_the_database_lists_what_rpm_lists() {
    for (name, _) in IMAGES {
        assert_eq!(listed(&database(name)), (expected(), None), "{name}");
    }
}

#[test]
fn show_lists_them_and_tells_what_matters_on_a_cluster() {
    for (name, path) in IMAGES {
        let (document, code) = show(&image(name));
        let packages = document["packages"].as_array().unwrap();
        let is_theirs = |it: &&Value| it["ecosystem"] == "rpm" && it["path"] == path;
        assert_eq!(packages.iter().filter(is_theirs).count(), 15, "{name}");
        let inside = document["inside"].as_array().unwrap().iter();
        let inside: Vec<String> = inside
            .map(|it| format!("{} {}", it["name"], it["version"]).replace('"', ""))
            .collect();
        assert_eq!(inside, ["NCCL 2.27.7-1+cuda12.9", "glibc 2.34-60.el9"]);
        assert_eq!((&document["warnings"], code), (&Value::Array(vec![]), 0));
    }
}

#[test]
fn changes_that_are_still_in_a_journal_are_said() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("var/lib/rpm");
    fs::create_dir_all(&place).unwrap();
    fs::create_dir_all(directory.path().join("etc")).unwrap();
    fs::write(place.join("rpmdb.sqlite"), database("sqlite")).unwrap();
    for (journal, warned, expected) in [(0, false, 0), (32, false, 0), (4152, true, 2)] {
        fs::write(place.join("rpmdb.sqlite-wal"), vec![0; journal]).unwrap();
        let (document, code) = show(directory.path());
        let warnings = document["warnings"].to_string();
        assert_eq!(warnings.contains("rpmdb.sqlite-wal"), warned, "{warnings}");
        assert_eq!(
            (document["packages"].as_array().unwrap().len(), code),
            (15, expected)
        );
    }
}

#[test]
fn a_damaged_database_is_read_as_far_as_it_goes_and_said() {
    for (name, _) in IMAGES {
        let sound = database(name);
        for end in (0..sound.len()).step_by(997) {
            let (packages, problem) = listed(sound.get(..end).unwrap());
            assert!(packages.len() < 15 || problem.is_none(), "{name} {end}");
            assert!(problem.is_some() || packages.len() == 15, "{name} {end}");
        }
        // Whatever a byte becomes, there is an end, and not more than there is room for.
        for at in (0..sound.len()).step_by(149) {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = sound.clone();
                damaged[at] = value;
                let (packages, _) = listed(&damaged);
                assert!(packages.len() <= 20, "{name} {at}: {packages:?}");
            }
        }
    }
}

/// The places of a sequence of bytes.
fn places(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(wanted.len()).enumerate();
    windows
        .filter(|(_, it)| *it == wanted)
        .map(|(at, _)| at)
        .collect()
}

#[test]
fn entries_that_share_bytes_or_have_no_end_are_refused() {
    // Every slot is the first one, which is as long as the others together.
    let mut ndb = database("ndb");
    let slots: Vec<usize> = places(&ndb, b"Slot");
    let largest = slots
        .iter()
        .copied()
        .max_by_key(|&at| u32::from_le_bytes(ndb[at + 12..at + 16].try_into().unwrap()));
    let largest = ndb[largest.unwrap()..][..16].to_vec();
    for at in slots {
        ndb[at..at + 16].copy_from_slice(&largest);
    }
    assert_eq!(rpm::packages(&ndb).1, Some(Unreadable::Endless));

    // Each page of a bucket goes on with itself.
    let mut bdb = database("bdb");
    for page in bdb
        .chunks_exact_mut(4096)
        .skip(1)
        .filter(|page| page[25] == 13)
    {
        let itself: [u8; 4] = page[8..12].try_into().unwrap();
        page[16..20].copy_from_slice(&itself);
    }
    assert_eq!(rpm::packages(&bdb).1, Some(Unreadable::Endless));

    // Each page of a long item goes on with itself.
    let mut bdb = database("bdb-big");
    for page in bdb
        .chunks_exact_mut(512)
        .skip(1)
        .filter(|page| page[25] == 7)
    {
        let itself: [u8; 4] = page[8..12].try_into().unwrap();
        page[16..20].copy_from_slice(&itself);
    }
    assert!(rpm::packages(&bdb).1.is_some());

    // Each cell of a leaf is its first one.
    let mut sqlite = database("sqlite");
    for page in sqlite
        .chunks_exact_mut(4096)
        .skip(1)
        .filter(|page| page[0] == 13)
    {
        let first: [u8; 2] = page[8..10].try_into().unwrap();
        page[3..5].copy_from_slice(&2000_u16.to_be_bytes());
        for pointer in page[8..4008].chunks_exact_mut(2) {
            pointer.copy_from_slice(&first);
        }
    }
    assert!(rpm::packages(&sqlite).1.is_some());

    // A tree whose root is its own child.
    let mut sqlite = database("sqlite-512");
    for (number, page) in (1_u32..).zip(sqlite.chunks_exact_mut(512)) {
        if page[0] == 5 {
            page[8..12].copy_from_slice(&number.to_be_bytes());
        }
    }
    assert!(rpm::packages(&sqlite).1.is_some());
}

#[test]
fn other_files_are_no_databases() {
    for bytes in [&b""[..], b"SQLite", b"RpmQ", &[0; 4096]] {
        assert_eq!(listed(bytes), (vec![], Some(Unreadable::Unknown)));
    }
}
