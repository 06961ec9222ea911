//! The content digest: equal for one image however it is packed, different for any change.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use proptest::prelude::*;

use crate::forms_support::{available, run};
use crate::trees::{config, content, import, layout, root, squash, tar};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn one_image_has_one_content_however_it_is_packed() {
    if !available(&["mksquashfs", "tar2sqfs", "tar"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    root(&at("root"));
    let layer = tar(&at("root"));
    import(&at("root"), "docker://registry-1.docker.io#library/a:1");
    let expected = content(&at("root"));
    for (compressor, block) in [
        ("lzo", "128K"),
        ("zstd", "1M"),
        ("xz", "64K"),
        ("gzip", "4K"),
        ("lz4", "128K"),
    ] {
        let image = at(&format!("{compressor}.sqsh"));
        squash(&at("root"), &image, compressor, block);
        assert_eq!(content(&image), expected, "{compressor}");
    }
    // Imported again, from elsewhere, later.
    import(&at("root"), "docker://mirror#a@sha256:0");
    squash(&at("root"), &at("again.sqsh"), "zstd", "128K");
    assert_eq!(content(&at("again.sqsh")), expected);
    let archive = at("root.tar");
    fs::write(&archive, tar(&at("root"))).unwrap();
    let packed = std::process::Command::new("tar2sqfs")
        .arg("-q")
        .arg(at("t.sqsh"))
        .stdin(fs::File::open(&archive).unwrap())
        .status();
    assert!(packed.unwrap().success());
    assert_eq!(content(&at("t.sqsh")), expected);
    for (name, layer) in [("plain", layer.clone()), ("gzip", gzip(&layer))] {
        let layout = layout(&at(name), &[layer], &config());
        assert_eq!(content(&layout), expected, "{name}");
        run("tar", &[&"-cf", &at("l.tar"), &"-C", &layout, &"."]);
        assert_eq!(content(&at("l.tar")), expected, "{name} in an archive");
    }
}

#[test]
fn layers_lie_over_each_other_with_their_whiteouts() {
    if !available(&["tar"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let write = |path: &str, text: &str| {
        let path = at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for (path, text) in [
        ("1/gone/deep/x", "x"),
        ("1/kept/x", "x"),
        ("1/opaque/below", "x"),
        ("1/file", "below"),
        ("1/dir/x", "x"),
        ("2/.wh.gone", ""),
        ("2/opaque/.wh..wh..opq", ""),
        ("2/opaque/above", "x"),
        ("2/file", "above"),
        ("2/dir", "a file now"),
        ("2/kept/.wh.none", ""),
        ("2/.wh..wh.plnk/1.2", ""),
        ("r/kept/x", "x"),
        ("r/opaque/above", "x"),
        ("r/file", "above"),
        ("r/dir", "a file now"),
        ("r/work/dir/keep", ""),
        ("r/etc/rc", ""),
    ] {
        write(path, text);
    }
    fs::remove_file(at("r/work/dir/keep")).unwrap();
    let layers = [tar(&at("1")), tar(&at("2"))];
    let merged = layout(&at("layout"), &layers, &config());
    assert_eq!(content(&merged), content(&at("r")));
}

#[test]
fn a_layer_that_is_not_what_its_digest_says_has_no_content() {
    if !available(&["tar"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    root(&directory.path().join("root"));
    let layer = tar(&directory.path().join("root"));
    let digest = sqsh_prov::image::oci::sha256(&layer);
    let layout = layout(&directory.path().join("l"), &[layer], &config());
    let blob = layout.join(digest.replace(':', "/").replace("sha256/", "blobs/sha256/"));
    let mut bytes = fs::read(&blob).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&blob, bytes).unwrap();
    let inspector = sqsh_prov::Inspector::new(sqsh_prov::Options::default()).unwrap();
    let error = inspector.content(&layout).unwrap_err().to_string();
    assert!(error.contains("has another digest"), "{error}");
}

#[test]
fn what_an_importer_writes_is_no_part_of_it() {
    let directory = tempfile::tempdir().unwrap();
    root(directory.path());
    let before = content(directory.path());
    for name in [
        "rc",
        "rc.local",
        "environment",
        "fstab",
        "hosts",
        "resolv.conf",
    ] {
        fs::write(directory.path().join("etc").join(name), "anything").unwrap();
    }
    for (name, text) in [("dev/null", "anything"), (".lock", ""), (".dockerenv", "")] {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::create_dir(directory.path().join(".enroot")).unwrap();
    fs::set_permissions(directory.path().join("opt"), Permissions::from_mode(0o700)).unwrap();
    assert_eq!(content(directory.path()), before);
    fs::write(directory.path().join("etc/rc.other"), "").unwrap();
    assert_ne!(content(directory.path()), before);
}

#[test]
fn what_lies_below_a_mark_of_an_importer_is_part_of_it() {
    for name in [".enroot", ".lock", ".dockerenv"] {
        let directory = tempfile::tempdir().unwrap();
        root(directory.path());
        let mark = directory.path().join(name);
        let before = content(directory.path());
        fs::write(&mark, "a program").unwrap();
        assert_ne!(content(directory.path()), before, "{name} with content");
        fs::remove_file(&mark).unwrap();
        symlink("/dev/shm/x", &mark).unwrap();
        assert_ne!(content(directory.path()), before, "{name} as a link");
        fs::remove_file(&mark).unwrap();
        fs::create_dir(&mark).unwrap();
        assert_eq!(content(directory.path()), before, "{name} as a directory");
        fs::write(mark.join("payload"), "a program").unwrap();
        assert_ne!(content(directory.path()), before, "a file below {name}");
    }
}

/// One change that anybody could make to a file system.
#[derive(Clone, Debug)]
enum Change {
    Byte(usize),
    Longer,
    Mode(u32),
    Renamed,
    Removed,
    Added(&'static str),
    Linked(&'static str),
    Emptied,
    ToDirectory,
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<usize>().prop_map(Change::Byte),
        Just(Change::Longer),
        (0..0o7777_u32).prop_map(Change::Mode),
        Just(Change::Renamed),
        Just(Change::Removed),
        prop_oneof![
            Just("opt/new"),
            Just("etc/rc/x"),
            Just("z"),
            Just("devices")
        ]
        .prop_map(Change::Added),
        prop_oneof![Just("usr/sbin"), Just("/usr/bin"), Just("")].prop_map(Change::Linked),
        Just(Change::Emptied),
        Just(Change::ToDirectory),
    ]
}

/// Applies a change to the tool; false where it changes nothing.
fn apply(change: &Change, at: &Path) -> bool {
    let file = at.join("usr/bin/tool");
    let mut bytes = fs::read(&file).unwrap();
    match change {
        Change::Byte(place) => {
            let place = place % bytes.len();
            bytes[place] ^= 1;
            fs::write(&file, bytes).unwrap();
        }
        Change::Longer => {
            bytes.push(0);
            fs::write(&file, bytes).unwrap();
        }
        Change::Mode(mode) => {
            // An importer makes every file readable.
            fs::set_permissions(&file, Permissions::from_mode(mode | 0o400)).unwrap();
            return mode | 0o400 != 0o755;
        }
        Change::Renamed => fs::rename(&file, at.join("usr/bin/tools")).unwrap(),
        Change::Removed => fs::remove_file(&file).unwrap(),
        Change::Added(path) => {
            let path = at.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        Change::Linked(target) => {
            let link = at.join("bin");
            fs::remove_file(&link).unwrap();
            match *target {
                "" => fs::create_dir(&link).unwrap(),
                target => symlink(target, &link).unwrap(),
            }
        }
        Change::Emptied => fs::remove_dir(at.join("var/empty")).unwrap(),
        Change::ToDirectory => {
            fs::remove_file(at.join("opt/empty")).unwrap();
            fs::create_dir(at.join("opt/empty")).unwrap();
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_single_change_is_another_content(change in changes()) {
        let directory = tempfile::tempdir().unwrap();
        root(directory.path());
        let before = content(directory.path());
        let changed = apply(&change, directory.path());
        prop_assert_eq!(content(directory.path()) != before, changed, "{:?}", change);
    }
}
