//! Fingerprints: what is the same, and how much of one tree is in another.

use std::path::Path;

use sqsh_prov::image::FileKind;
use sqsh_prov::image::walk::Walked;
use sqsh_prov::recognise::{Gather, Sketch, compare, is_same};

use crate::trees::{Entry, Packer, Tree, difference, pack, sketch_of, tree};

/// The same tree, packed and imported in every way.
const IMPORTS: [(&str, Packer); 6] = [
    ("gzip", Packer::Mksquashfs(&["-comp", "gzip"])),
    ("lzo", Packer::Mksquashfs(&["-comp", "lzo", "-noD"])),
    (
        "zstd",
        Packer::Mksquashfs(&["-comp", "zstd", "-b", "1M", "-no-exports"]),
    ),
    (
        "unpacked",
        Packer::Mksquashfs(&["-noI", "-noF", "-noD", "-no-duplicates"]),
    ),
    ("tar", Packer::Tar2sqfs(&["-c", "xz"])),
    ("tar of root", Packer::Tar2sqfs(&["-c", "zstd", "-x"])),
];

/// The sketch of a tree without an image.
fn gathered(tree: &Tree) -> Sketch {
    let mut gather = Gather::default();
    for (path, entry) in tree {
        let path = format!("/{path}");
        let (kind, size, mtime, target) = match entry {
            Entry::File(size, time) => (FileKind::File, *size as u64, *time as i64, ""),
            Entry::Link(target) => (FileKind::Link, 0, 0, target.as_str()),
        };
        gather.add(&Walked {
            path: path.as_bytes(),
            kind,
            mode: 0o644,
            size,
            mtime,
            target: target.as_bytes(),
        });
    }
    gather.sketch()
}

/// As it is known later: written and read again.
fn known(sketch: &Sketch) -> Sketch {
    Sketch::read(&sketch.write()).unwrap()
}

#[test]
fn one_tree_imported_twice_is_the_same_content() {
    let directory = tempfile::tempdir().unwrap();
    let content = tree(1, 300);
    let expected = gathered(&content);
    for (number, (name, packer)) in (0_u64..).zip(IMPORTS) {
        let image = directory.path().join(format!("{number}.sqsh"));
        let Some(image) = pack(&content, packer, 1_790_000_000 + number, &image) else {
            continue;
        };
        let found = sketch_of(&image);
        assert_eq!(found, expected, "{name}");
        assert!(is_same(&known(&expected), &found), "{name}");
    }
}

#[test]
fn one_file_that_differs_is_another_content() {
    let directory = tempfile::tempdir().unwrap();
    let content = tree(1, 300);
    let changes: [(&str, Option<Entry>); 5] = [
        ("usr/lib/part0/of1-0", Some(Entry::File(1, 1_600_104_729))),
        ("usr/lib/part0/of1-0", Some(Entry::File(0, 1_600_104_730))),
        ("usr/lib/part0/of1-0", None),
        ("usr/lib/part0/new", Some(Entry::File(0, 1_600_000_000))),
        ("usr/bin/1-0", Some(Entry::Link("elsewhere".to_owned()))),
    ];
    let packer = Packer::Mksquashfs(&["-comp", "zstd"]);
    for (number, (path, entry)) in changes.into_iter().enumerate() {
        let mut other = content.clone();
        match entry {
            Some(entry) => other.insert(path.to_owned(), entry),
            None => other.remove(path),
        };
        let image = directory.path().join(format!("{number}.sqsh"));
        let Some(image) = pack(&other, packer, 1_790_000_000, &image) else {
            continue;
        };
        let (known, found) = (known(&gathered(&content)), sketch_of(&image));
        assert!(!is_same(&known, &found), "{path}");
        let overlap = compare(&known, &found);
        let counts = (overlap.added, overlap.changed, overlap.removed);
        assert_eq!(counts, difference(&content, &other), "{path}");
        assert!(!overlap.estimated);
    }
}

#[test]
fn an_import_with_one_time_for_all_files_is_the_same_content() {
    let directory = tempfile::tempdir().unwrap();
    let content = tree(2, 200);
    let image = directory.path().join("image.sqsh");
    let options = &["-all-time", "1700000000", "-mkfs-time", "1700000000"];
    let Some(image) = pack(&content, Packer::Mksquashfs(options), 1, &image) else {
        return;
    };
    let found = sketch_of(&image);
    assert!(!found.timed);
    assert!(is_same(&known(&gathered(&content)), &found));
    let mut other = content.clone();
    other.pop_first();
    assert!(!is_same(&known(&gathered(&other)), &found));
    assert_eq!(compare(&known(&gathered(&other)), &found).added, 1);
}

#[test]
fn what_runtimes_and_packers_add_is_not_content() {
    let content = tree(3, 50);
    let mut ran = content.clone();
    for path in [
        "etc/hosts",
        "etc/resolv.conf",
        ".dockerenv",
        "dev/shm/x",
        "proc/1/stat",
        ".singularity.d/runscript",
        "ch/metadata.json",
    ] {
        ran.insert(path.to_owned(), Entry::File(9, 1_800_000_000));
    }
    assert!(is_same(&gathered(&content), &gathered(&ran)));
    ran.insert("etc/hosts.allow".to_owned(), Entry::File(9, 1));
    assert!(!is_same(&gathered(&content), &gathered(&ran)));
}

#[test]
fn no_files_are_the_same_as_nothing() {
    let none = gathered(&Tree::new());
    assert!(!is_same(&none, &none));
    assert!(compare(&known(&none), &gathered(&tree(1, 20))).share < 0.1);
}

/// A known tree of many files, and what became of it: every so many-th file is removed, another one
/// changed, and so many are added.
fn changed(known: &Tree, removed: usize, changed: usize, added: usize) -> Tree {
    let mut other = tree(9, added);
    for (number, (path, entry)) in known.iter().enumerate() {
        if removed > 0 && number % removed == 0 {
            continue;
        }
        let is_changed = changed > 0 && number % changed == 1;
        let entry = match entry {
            Entry::File(size, time) if is_changed => Entry::File(size + 1, *time),
            other => other.clone(),
        };
        other.insert(path.clone(), entry);
    }
    other
}

#[test]
fn shares_are_within_two_percent_and_few_changes_are_counted() {
    for files in [1_000, 20_000, 60_000] {
        let content = tree(4, files);
        let known = known(&gathered(&content));
        for (removed, altered, added) in [
            (0, 0, 412),
            (0, files, 1),
            (files / 2, files / 3, 412),
            (0, 50, 5_000),
            (10, 0, 0),
            (3, 7, 20_000),
            (2, 3, 1_000),
        ] {
            let other = changed(&content, removed, altered, added);
            let exact = difference(&content, &other);
            let found = compare(&known, &gathered(&other));
            let of = content.len() as f64;
            let share = 1.0 - (exact.1 + exact.2) as f64 / of;
            let case = format!("{files}, {removed}/{altered}/{added}: {exact:?}, {found:?}");
            assert!((found.share - share).abs() < 0.02, "{case}");
            assert_eq!(
                found.unchanged + found.changed + found.removed,
                content.len() as u64
            );
            assert_eq!(
                found.unchanged + found.changed + found.added,
                other.len() as u64,
                "{case}"
            );
            if exact.1 + exact.2 <= 6 {
                let counts = (found.added, found.changed, found.removed);
                // 412 files in a map of 32,768 bits meet in two or three of them.
                let near = |one: u64, other: u64| one.abs_diff(other) <= 8;
                assert!(
                    near(counts.0, exact.0) && near(counts.1, exact.1) && near(counts.2, exact.2),
                    "{case}"
                );
            }
        }
    }
}

#[test]
fn another_tree_shares_nothing() {
    let found = compare(
        &known(&gathered(&tree(5, 20_000))),
        &gathered(&tree(6, 20_000)),
    );
    assert!(found.share < 0.02, "{found:?}");
}

#[test]
fn the_fingerprint_of_a_tree_never_changes() {
    let written = gathered(&tree(7, 3)).write();
    let text = serde_json::to_string(&written).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn a_walk_ends_where_a_tree_is_too_deep() {
    let directory = tempfile::tempdir().unwrap();
    let path = format!("{}file", "a/".repeat(260));
    let content = Tree::from([(path, Entry::File(1, 1))]);
    let image = directory.path().join("image.sqsh");
    if let Some(image) = pack(&content, Packer::Mksquashfs(&[]), 1, &image) {
        let limits = sqsh_prov::limits::Limits::default();
        let file = std::fs::File::open(Path::new(&image)).unwrap();
        let image = sqsh_prov::squashfs::Squashfs::open(file, &limits).unwrap();
        let error = sqsh_prov::recognise::sketch(&image).unwrap_err();
        assert!(error.to_string().contains("deep"), "{error}");
    }
}
