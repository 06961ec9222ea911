//! Known images: what is recognised, what it says, and what it never does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::trees::{Entry, Packer, Tree, difference, pack, tree};

const ZSTD: Packer = Packer::Mksquashfs(&["-comp", "zstd"]);
const REFERENCE: &str = "docker.io/vllm/vllm-openai:v0.29.0";

pub fn program(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"));
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    command.output().unwrap()
}

/// The lines of an audit with fingerprints.
fn listed(images: &Path) -> Vec<Value> {
    let output = program(&[&"audit", &"--fingerprint", &"--format", &"ndjson", &images]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// A file that lists an image, as the known one of some origin.
pub fn list(image: &Path, origin: &Value, file: &Path) -> PathBuf {
    let mut lines = listed(image);
    let record = lines[0].as_object_mut().unwrap();
    let known = record["origin"].as_object_mut().unwrap();
    for (key, value) in origin.as_object().unwrap() {
        known.insert(key.clone(), value.clone());
    }
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(file, text.join("\n") + "\n").unwrap();
    file.to_owned()
}

pub fn release() -> Value {
    json!({
        "kind": "release", "official": true, "publisher": "vllm", "product": "vLLM", "version": "0.29.0",
        "public_reference": REFERENCE, "digest": format!("sha256:{}", "a".repeat(64)),
        "architecture": "x86_64", "moving": false, "modified_after_import": false,
    })
}

/// The answer by a list, which is the answer by its index too.
fn show(image: &Path, known: &Path) -> Value {
    let index = known.with_extension("idx");
    let built = program(&[&"known", &"build", &known, &"-o", &index]);
    assert!(built.status.success(), "{built:?}");
    let document = shown(image, known);
    assert_eq!(document, shown(image, &index));
    document
}

fn shown(image: &Path, known: &Path) -> Value {
    let output = program(&[&"show", &"--format", &"json", &"--known", &known, &image]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn level(document: &Value) -> Vec<&str> {
    let recognised = document["recognised"].as_array().unwrap();
    recognised
        .iter()
        .map(|it| it["level"].as_str().unwrap())
        .collect()
}

/// Adds files below a directory, later than all others.
fn with(base: &Tree, below: &str, files: usize) -> Tree {
    let mut tree = base.clone();
    for number in 0..files {
        let path = format!("{below}/new-{number}");
        tree.insert(
            path,
            Entry::File(number % 50, 1_700_000_000 + number as u64),
        );
    }
    tree
}

#[test]
fn re_imports_and_children_are_recognised_and_others_are_not() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let content = tree(1, 600);
    let Some(image) = pack(&content, ZSTD, 1_790_000_000, &at("known.sqsh")) else {
        return;
    };
    let known = list(&image, &release(), &at("known.ndjson"));
    let mut patched = content.clone();
    patched.insert(
        "usr/lib/part3/of1-3".to_owned(),
        Entry::File(1, 1_750_000_000),
    );
    let mut apt = with(&content, "usr/share/doc/extra", 40);
    apt.insert(
        "usr/lib/part5/of1-5".to_owned(),
        Entry::File(77, 1_750_000_000),
    );
    let mut older = tree(8, 300);
    older.extend(
        content
            .iter()
            .take(400)
            .map(|(path, entry)| (path.clone(), entry.clone())),
    );
    let lzo = Packer::Mksquashfs(&["-comp", "lzo", "-noD"]);
    let tar = Packer::Tar2sqfs(&["-c", "gzip"]);
    let cases: [(&str, &Tree, Packer, &str); 8] = [
        ("again", &content, ZSTD, "same-content"),
        ("lzo", &content, lzo, "same-content"),
        ("tar", &content, tar, "same-content"),
        (
            "pip",
            &with(&content, "usr/lib/python3/pip", 300),
            lzo,
            "base",
        ),
        ("patched", &patched, ZSTD, "base"),
        ("apt", &apt, tar, "base"),
        ("older", &older, ZSTD, "contains"),
        ("unrelated", &tree(2, 600), ZSTD, "none"),
    ];
    for (name, tree, packer, expected) in cases {
        let image = pack(tree, packer, 1_795_000_000, &at(&format!("{name}.sqsh")));
        let document = show(&image.unwrap(), &known);
        let found = document["recognised"].as_array().unwrap();
        let is_base = found.first().is_some_and(|it| it["base"] == true);
        let told = match (level(&document).first(), is_base) {
            (None, _) => "none",
            (Some(&"contains"), true) => "base",
            (Some(level), _) => level,
        };
        assert_eq!(told, expected, "{name}: {found:?}");
        let from = &document["origin"]["derived_from"]["reference"];
        assert_eq!(from == REFERENCE, expected == "base", "{name}: {from}");
        assert_ne!(document["origin"]["official"], true, "{name}");
        assert_eq!(document["origin"]["kind"], "unknown", "{name}");
        if let Some(it) = found.first() {
            let (added, changed, removed) = difference(&content, tree);
            assert_eq!(it["added"], added, "{name}");
            assert_eq!(it["changed"], changed, "{name}");
            assert_eq!(it["removed"], removed, "{name}");
            assert_eq!(it["image"]["public_reference"], REFERENCE);
        }
    }
}

#[test]
fn content_that_is_not_that_of_its_name_is_a_conflict_and_no_longer_official() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = fixture.join("fixtures/classification/01-vllm-release.sqsh");
    let Some(image) = pack(&tree(3, 100), ZSTD, 1_790_000_000, &at("known.sqsh")) else {
        return;
    };
    let codes = |document: &Value| -> Vec<String> {
        let conflicts = document["conflicts"].as_array().unwrap().iter();
        conflicts
            .map(|it| it["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let known = list(&image, &release(), &at("other.ndjson"));
    let document = show(&fixture, &known);
    assert!(codes(&document).contains(&"recognised-differs".to_owned()));
    assert_eq!(document["origin"]["official"], Value::Null);
    assert_eq!(document["origin"]["kind"], "release");
    // An image for another machine has another content, and a tag that moves has had it.
    for (key, value) in [
        ("architecture", json!("aarch64")),
        ("architecture", Value::Null),
        ("moving", json!(true)),
        ("modified_after_import", json!(true)),
    ] {
        let mut origin = release();
        origin[key] = value.clone();
        let known = list(&image, &origin, &at("other.ndjson"));
        let document = show(&fixture, &known);
        assert_eq!(codes(&document), Vec::<String>::new(), "{key} {value}");
        assert_eq!(document["origin"]["official"], true, "{key} {value}");
    }
    // Itself.
    let itself = at("itself.ndjson");
    let lines: Vec<String> = listed(&fixture).iter().map(Value::to_string).collect();
    fs::write(&itself, lines.join("\n") + "\n").unwrap();
    let document = show(&fixture, &itself);
    assert_eq!(level(&document), ["same-content"]);
    assert_eq!(document["origin"]["official"], true);
}

#[test]
fn a_package_with_the_same_record_is_recognised_in_another_image() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let record = "vllm/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n";
    let packed = |name: &str, seed: u64, record: &str| {
        let root = at(name);
        let info = "usr/lib/python3/dist-packages/vllm-0.29.0.dist-info";
        let content = tree(seed, 80);
        crate::trees::write(&content, &root, 1_790_000_000);
        for (file, text) in [
            (
                "METADATA",
                "Metadata-Version: 2.1\nName: vllm\nVersion: 0.29.0\n",
            ),
            ("RECORD", record),
        ] {
            let path = root.join(info).join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let image = at(&format!("{name}.sqsh"));
        crate::support::pack(&root, &image)
    };
    let Some(image) = packed("known", 1, record) else {
        return;
    };
    let known = list(&image, &release(), &at("known.ndjson"));
    let added =
        format!("{record}../../../bin/vllm,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,1\n");
    let document = show(&packed("same", 2, &added).unwrap(), &known);
    assert_eq!(level(&document), ["same-package"]);
    assert_eq!(document["recognised"][0]["package"], "vllm 0.29.0");
    let other = record.replace("__init__", "patched");
    let document = show(&packed("other", 2, &other).unwrap(), &known);
    assert_eq!(level(&document), Vec::<&str>::new());
}

#[test]
fn known_images_that_cannot_be_used_are_refused_with_their_line() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let Some(image) = pack(&tree(4, 30), ZSTD, 1, &at("image.sqsh")) else {
        return;
    };
    let lines = listed(&image);
    let good = lines[0].clone();
    let bad = |path: &str, value: Value| {
        let mut line = good.clone();
        *line.pointer_mut(path).unwrap() = value;
        line.to_string()
    };
    let huge = "A".repeat(100_000);
    let cases = [
        (String::new(), "no image in it has a fingerprint"),
        ("{}".to_owned(), "line 1: its schema is none"),
        ("no json".to_owned(), "line 1: "),
        (format!("{good}\nno json"), "line 2: "),
        (bad("/schema", json!("x/9")), "schema is x/9"),
        (
            bad("/fingerprint", Value::Null),
            "no image in it has a fingerprint",
        ),
        (bad("/fingerprint/version", json!(2)), "version 2"),
        (bad("/fingerprint/files", json!(u64::MAX)), "field files"),
        (bad("/fingerprint/files", json!(31)), "field sample"),
        (bad("/fingerprint/sample", json!("*")), "field sample"),
        (bad("/fingerprint/sample", json!(huge)), "field sample"),
        (bad("/fingerprint/paths", json!(huge)), "field paths"),
        (
            bad("/fingerprint/digest", json!("sha256:x")),
            "field digest",
        ),
        (
            bad("/fingerprint/newest", json!("\u{1b}[31m")),
            "field newest",
        ),
        ("[".repeat(200_000), "line 1: "),
        ("x".repeat(5_000_000), "longer than the limit"),
    ];
    let known = at("known.ndjson");
    for (text, expected) in cases {
        fs::write(&known, &text).unwrap();
        let output = program(&[&"show", &"--known", &known, &image]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{expected}: {said}");
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(!said.contains('\u{1b}') && said.len() < 2000, "{said}");
    }
    for nothing in ["none", "directory"] {
        fs::create_dir_all(at("directory")).unwrap();
        let output = program(&[&"show", &"--known", &at(nothing), &image]);
        let expected = if nothing == "none" { 64 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{nothing}");
    }
}

#[test]
fn an_audit_groups_images_by_what_they_are_recognised_as() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("store")).unwrap();
    let content = tree(1, 300);
    let Some(image) = pack(&content, ZSTD, 1_790_000_000, &at("known.sqsh")) else {
        return;
    };
    let known = list(&image, &release(), &at("known.ndjson"));
    for (name, tree) in [
        ("a-stranger", &tree(2, 300)),
        ("again", &content),
        ("child", &with(&content, "opt", 40)),
    ] {
        pack(
            tree,
            ZSTD,
            1_795_000_000,
            &at(&format!("store/{name}.sqsh")),
        )
        .unwrap();
    }
    let audit = |arguments: &[&str]| {
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"audit", &"--known", &known];
        all.extend(arguments.iter().map(|it| it as &dyn AsRef<std::ffi::OsStr>));
        let store = at("store");
        all.push(&store);
        let output = program(&all);
        String::from_utf8(output.stdout).unwrap()
    };
    let table = audit(&["--group-by", "recognised", "--columns", "path"]);
    let places: Vec<usize> = [
        &format!("{REFERENCE}: 2 images"),
        "again.sqsh",
        "child.sqsh",
        "not recognised: 1 image",
        "a-stranger.sqsh",
    ]
    .iter()
    .map(|text| {
        table
            .find(*text)
            .unwrap_or_else(|| panic!("{text}: {table}"))
    })
    .collect();
    assert!(places.is_sorted(), "{table}");
    let only = audit(&["--where", "recognised=contains", "--format", "csv"]);
    assert!(
        only.contains("child.sqsh") && !only.contains("again.sqsh"),
        "{only}"
    );
}
