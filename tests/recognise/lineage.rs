//! The family tree of a cluster, found from content alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sqsh_prov::image::FileKind;
use sqsh_prov::image::walk::Walked;
use sqsh_prov::recognise::{Gather, Member, Sketch, parents};

use crate::trees::{Entry, Packer, Tree, difference, pack, tree};

const ZSTD: Packer = Packer::Mksquashfs(&["-comp", "zstd"]);

fn audit(directory: &Path, format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["audit", "--lineage", "--format", format])
        .arg(directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() != Some(64), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

fn later(base: &Tree, seed: u64, files: usize) -> Tree {
    let mut child = base.clone();
    for number in 0..files {
        let time = 1_700_000_000 + seed * 1000 + number as u64;
        child.insert(
            format!("opt/{seed}/{number}"),
            Entry::File(number % 9, time),
        );
    }
    child
}

/// A base, a re-import of it, two children, a grandchild, and a stranger. `None` without the packers.
fn store(directory: &Path) -> Option<Vec<(&'static str, Tree)>> {
    let base = tree(1, 400);
    let mut child = later(&base, 1, 60);
    child.remove("usr/lib/part3/of1-3");
    child.insert(
        "usr/lib/part4/of1-4".to_owned(),
        Entry::File(77, 1_700_000_500),
    );
    let images = vec![
        ("base", base.clone()),
        ("child", child.clone()),
        ("grandchild", later(&child, 2, 5)),
        ("other", later(&base, 3, 100)),
        ("stranger", tree(2, 400)),
        ("again", base),
    ];
    for (name, tree) in &images {
        let packer = match *name {
            "again" => Packer::Tar2sqfs(&["-c", "xz"]),
            _ => ZSTD,
        };
        pack(
            tree,
            packer,
            1_790_000_000,
            &directory.join(format!("{name}.sqsh")),
        )?;
    }
    Some(images)
}

#[test]
fn the_tree_says_who_was_built_on_whom_and_what_each_adds() {
    let directory = tempfile::tempdir().unwrap();
    let Some(images) = store(directory.path()) else {
        return;
    };
    let report: Value = serde_json::from_str(&audit(directory.path(), "json")).unwrap();
    let families = report["families"].as_array().unwrap();
    let name = |family: &Value| {
        let path = family["path"].as_str().unwrap();
        let name = path.rsplit('/').next().unwrap();
        name.strip_suffix(".sqsh").unwrap().to_owned()
    };
    let tree_of = |name: &str| &images.iter().find(|(it, _)| *it == name).unwrap().1;
    let mut found = Vec::new();
    for family in families {
        let parent = family["parent"].as_u64().map(|id| {
            let parent = families.iter().find(|it| it["id"] == id).unwrap();
            assert!(parent["id"].as_u64() < family["id"].as_u64());
            assert_eq!(parent["depth"].as_u64().unwrap() + 1, family["depth"]);
            let (added, changed, removed) =
                difference(tree_of(&name(parent)), tree_of(&name(family)));
            assert_eq!(family["added"], added);
            assert_eq!(family["changed"], changed);
            assert_eq!(family["removed"], removed);
            assert!(family["shared"].as_u64().unwrap() > 0);
            name(parent)
        });
        found.push((name(family), parent));
    }
    found.sort();
    let expected = [
        ("again", None),
        ("child", Some("again")),
        ("grandchild", Some("child")),
        ("other", Some("again")),
    ];
    let expected = expected.map(|(name, parent)| (name.to_owned(), parent.map(str::to_owned)));
    assert_eq!(found, expected);
    let root = &families[0];
    assert_eq!(root["copies"].as_array().unwrap().len(), 1);
    assert!(root["reclaimable"].as_u64().unwrap() > 0);
    // Not asked for.
    assert_eq!(report["images"][0]["fingerprint"], Value::Null);
}

#[test]
fn every_format_shows_the_tree() {
    let directory = tempfile::tempdir().unwrap();
    if store(directory.path()).is_none() {
        return;
    }
    let dot = audit(directory.path(), "dot");
    assert_eq!(dot.matches(" -> ").count(), 3, "{dot}");
    if let Ok(output) = Command::new("dot").arg("-Tsvg").arg("-V").output() {
        assert!(output.status.success());
    }
    let csv = audit(directory.path(), "csv");
    let row = csv
        .lines()
        .find(|line| line.contains("grandchild.sqsh,"))
        .unwrap();
    assert!(row.contains("child.sqsh,"), "{row}");
    let table = audit(directory.path(), "table");
    assert!(table.contains("Family tree"), "{table}");
    let html = audit(directory.path(), "html");
    assert!(html.contains("\"families\":[{\"id\":1"));
    let lines = audit(directory.path(), "ndjson");
    assert_eq!(lines.matches("{\"type\":\"family\"").count(), 4);
    // The report is read again, as any other.
    let report = directory.path().join("report.ndjson");
    fs::write(&report, lines).unwrap();
    let merged = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["merge", "--format", "ndjson"])
        .arg(&report)
        .output()
        .unwrap();
    assert!(
        merged.status.code() != Some(64),
        "{}",
        String::from_utf8_lossy(&merged.stderr)
    );
}

#[test]
fn shards_are_one_tree_when_they_are_merged() {
    let directory = tempfile::tempdir().unwrap();
    let images = directory.path().join("images");
    fs::create_dir_all(&images).unwrap();
    if store(&images).is_none() {
        return;
    }
    let mut reports = Vec::new();
    for shard in ["1/2", "2/2"] {
        let report = directory.path().join(format!("{}.ndjson", &shard[..1]));
        Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
            .args([
                "audit",
                "--fingerprint",
                "--format",
                "ndjson",
                "--now",
                "2026-11-22",
            ])
            .args(["--shard", shard, "--output"])
            .args([&report, &images])
            .status()
            .unwrap();
        reports.push(report);
    }
    let merged = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["merge", "--lineage", "--format", "dot"])
        .args(&reports)
        .output()
        .unwrap();
    let dot = String::from_utf8(merged.stdout).unwrap();
    assert_eq!(dot.matches(" -> ").count(), 3, "{dot}");
}

/// A sketch of files by their numbers, written and read again as in a report.
fn sketch(numbers: impl Iterator<Item = u64>, newest: i64) -> Sketch {
    let mut gather = Gather::default();
    for number in numbers {
        let path = format!("/f/{number}");
        let mtime = if number == 0 { 1 } else { newest };
        gather.add(&Walked {
            path: path.as_bytes(),
            kind: FileKind::File,
            mode: 0o644,
            size: number % 100,
            mtime: mtime.min(1_600_000_000 + (number % 1_000_000) as i64),
            target: b"",
        });
    }
    let mut sketch = Sketch::read(&gather.sketch().write()).unwrap();
    sketch.newest = newest;
    sketch
}

/// 50 families: each image adds something to one before it in its family, and changes a little.
#[test]
fn of_many_generated_images_every_parent_is_found() {
    const FAMILIES: u64 = 50;
    const IMAGES: u64 = 1000;
    let mut members: Vec<Member> = Vec::new();
    let mut expected: Vec<Option<usize>> = Vec::new();
    let mut contents: Vec<Vec<u64>> = Vec::new();
    for number in 0..IMAGES {
        let family = number % FAMILIES;
        let generation = number / FAMILIES;
        // All families share a system.
        let mut content: Vec<u64> = (0..60).collect();
        let parent = match generation {
            0 => {
                content.extend((0..300).map(|file| 1_000_000 * (family + 1) + file));
                None
            }
            _ => {
                let above = (number * 7919 + 13) % generation;
                let above = usize::try_from(above * FAMILIES + family).unwrap();
                content = contents[above].clone();
                content.remove(usize::try_from(number % 50 + 5).unwrap());
                Some(above)
            }
        };
        let first = 1_000_000_000 + number * 1000;
        content.extend(first..first + 20 + number % 30);
        let newest = 1_700_000_000 + i64::try_from(number).unwrap();
        members.push(Member {
            sketch: sketch(content.iter().copied(), newest),
            ..Member::default()
        });
        expected.push(parent);
        contents.push(content);
    }
    let found: Vec<Option<usize>> = parents(&members)
        .into_iter()
        .map(|parent| parent.map(|parent| parent.number))
        .collect();
    let wrong: Vec<usize> = (0..members.len())
        .filter(|number| found[*number] != expected[*number])
        .collect();
    assert!(wrong.is_empty(), "{} wrong: {wrong:?}", wrong.len());
}
