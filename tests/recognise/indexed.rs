//! Indexes of known images: what a damaged one does, and what a later audit takes from an earlier report.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use sqsh_prov::recognise::{Known, build};
use sqsh_prov::{Inspector, Options};

use crate::known::{list, program, release};
use crate::trees::{Packer, pack, tree};

const ZSTD: Packer = Packer::Mksquashfs(&["-comp", "zstd"]);

#[test]
fn a_damaged_index_is_refused_or_knows_less_and_never_ends_the_program() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let Some(image) = pack(&tree(1, 60), ZSTD, 1_790_000_000, &at("a.sqsh")) else {
        return;
    };
    let known = list(&image, &release(), &at("known.ndjson"));
    let mut good = Vec::new();
    let built = build(std::slice::from_ref(&known), &mut good).unwrap();
    assert_eq!((built.images, built.bytes), (1, good.len() as u64));
    let ask = |bytes: &[u8]| {
        let index = at("x.idx");
        fs::write(&index, bytes).unwrap();
        let known = Known::load(&[index]).map_err(|error| error.to_string())?;
        let inspector = Inspector::new(Options {
            known: Some(Arc::new(known)),
            ..Options::default()
        });
        let document = inspector.unwrap().inspect(&image).unwrap();
        Ok::<_, String>(document.recognised.len())
    };
    assert_eq!(ask(&good), Ok(1));
    let (mut refused, mut less) = (0, 0);
    let step = (good.len() / 150).max(1);
    // Numbers follow the lines; each may be anything.
    let places = (0..good.len())
        .step_by(step)
        .chain(good.len() - 400..good.len());
    for place in places {
        for value in [0, 0x7f, 0xff] {
            let mut bad = good.clone();
            bad[place] = value;
            match ask(&bad) {
                Err(reason) => {
                    assert!(reason.contains("x.idx"), "{reason}");
                    refused += 1;
                }
                Ok(0) => less += 1,
                Ok(_) => {}
            }
        }
    }
    assert!(refused > 50 && less > 50, "{refused} {less}");
    for length in [0, 7, 8, 100, good.len() - 1] {
        assert!(ask(&good[..length]).is_err(), "{length}");
    }
    let again = build(&[at("x.idx")], &mut Vec::new());
    assert!(again.is_err(), "an index is no list");
}

/// The records of an audit, and what it said.
fn audit(store: &Path, more: &[&dyn AsRef<std::ffi::OsStr>]) -> (Value, String) {
    let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"audit", &"--format", &"ndjson", &store];
    arguments.extend(more);
    let output = program(&arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let record = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    (record, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_earlier_report_is_taken_where_the_same_images_are_known_and_what_is_not_taken_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("store")).unwrap();
    let content = tree(1, 60);
    let Some(_) = pack(&content, ZSTD, 1_790_000_000, &at("store/a.sqsh")) else {
        return;
    };
    let image = pack(&tree(2, 60), ZSTD, 1_790_000_000, &at("other.sqsh")).unwrap();
    let other = list(&image, &release(), &at("other.ndjson"));
    let known = list(&at("store/a.sqsh"), &release(), &at("known.ndjson"));
    let store = at("store");
    let report = at("report.ndjson");
    program(&[
        &"audit",
        &"--format",
        &"ndjson",
        &"--known",
        &known,
        &"--output",
        &report,
        &store,
    ]);
    // What is taken from the earlier report is what stands in it, whatever the image is.
    let earlier = fs::read_to_string(&report).unwrap();
    let marked = earlier.replacen("\"share\":1.0", "\"share\":0.75", 1);
    assert_ne!(earlier, marked);
    fs::write(&report, marked).unwrap();
    let share = |record: &Value| record["recognised"][0]["share"].as_f64();
    let (same, said) = audit(&store, &[&"--known", &known, &"--resume", &report]);
    assert_eq!((share(&same), said.as_str()), (Some(0.75), ""));
    for (format, condition, expected) in [
        ("table", "recognised=same-content", true),
        ("csv", "recognised=same-content", true),
        ("csv", "recognised=no", false),
    ] {
        let output = program(&[
            &"audit",
            &"--known",
            &known,
            &"--format",
            &format,
            &"--where",
            &condition,
            &store,
        ]);
        let text = String::from_utf8(output.stdout).unwrap();
        // A table cuts the middle of what has no room.
        let told = text.contains("same content as") && text.contains(":v0.29.0");
        assert_eq!(told, expected, "{format} {condition}: {text}");
    }
    let (read, said) = audit(&store, &[&"--known", &other, &"--resume", &report]);
    assert_eq!(share(&read), None);
    assert!(said.contains("1 image was read again"), "{said}");
    let (read, said) = audit(&store, &[&"--resume", &report]);
    assert_eq!(read["recognised"], Value::Array(Vec::new()));
    assert!(said.contains("1 image was read again"), "{said}");
}
