use std::fs::{self, File};
use std::os::unix::fs::symlink;

use super::*;

fn names(scope: &Scope) -> Vec<String> {
    let mut all = Vec::new();
    walk(scope, &mut |found| {
        let (path, what) = match found {
            Found::Candidate(candidate) => (candidate.path, "image".to_owned()),
            Found::Skipped(skipped) => (paths::to_path(&skipped.path), skipped.code),
        };
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        all.push(format!("{name} {what}"));
        true
    });
    all
}

fn write(path: PathBuf) {
    fs::write(path, vec![1; 5000]).unwrap();
}

#[test]
fn names_and_sizes_make_candidates() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for name in ["b.sqsh", "a.SIF", "small.tar", "c.squashfs", "sqsh"] {
        write(root.join(name));
    }
    fs::create_dir(root.join("b")).unwrap();
    write(root.join("b/inner.sqfs"));
    let mut scope = Scope {
        roots: vec![root.to_owned()],
        ..Scope::default()
    };
    let images = ["a.SIF image", "inner.sqfs image", "b.sqsh image"];
    assert_eq!(names(&scope)[..3], images);
    scope.all_files = true;
    assert_eq!(names(&scope).len(), 6);
    fs::rename(root.join("sqsh"), root.join(".sqsh")).unwrap();
    scope.all_files = false;
    assert_eq!(names(&scope)[0], ".sqsh image");
}

#[test]
fn a_large_file_is_a_candidate_whatever_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("blob");
    write(path.clone());
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(LARGE)
        .unwrap();
    let scope = Scope {
        roots: vec![directory.path().to_owned()],
        ..Scope::default()
    };
    assert_eq!(names(&scope), ["blob image"]);
}

#[test]
fn what_is_not_read_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write(root.join("a.sqsh"));
    fs::hard_link(root.join("a.sqsh"), root.join("b.sqsh")).unwrap();
    symlink(root.join("a.sqsh"), root.join("c.sqsh")).unwrap();
    symlink(root, root.join("loop")).unwrap();
    File::create(root.join("stub.sqsh"))
        .unwrap()
        .set_len(1 << 20)
        .unwrap();
    let mut scope = Scope {
        roots: vec![root.to_owned(), root.to_owned(), root.join("a.sqsh")],
        ..Scope::default()
    };
    assert_eq!(
        names(&scope),
        [
            "a.sqsh image",
            "b.sqsh same-inode",
            "c.sqsh link",
            "stub.sqsh offline"
        ]
    );
    scope.recall = true;
    assert!(names(&scope).contains(&"stub.sqsh image".to_owned()));
}

#[test]
fn a_missing_root_is_reported() {
    let scope = Scope {
        roots: vec![PathBuf::from("/no/such/place")],
        ..Scope::default()
    };
    assert_eq!(names(&scope), ["place no-such-path"]);
}

#[test]
fn a_root_file_system_is_one_image() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("pyxis_1.0");
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::create_dir_all(root.join("usr/lib")).unwrap();
    write(root.join("etc/os-release"));
    write(root.join("usr/lib/x.sqsh"));
    let mut scope = Scope {
        roots: vec![directory.path().to_owned()],
        ..Scope::default()
    };
    assert_eq!(names(&scope), ["x.sqsh image"]);
    scope.rootfs = true;
    assert_eq!(names(&scope), ["pyxis_1.0 image"]);
}

#[test]
fn an_oci_layout_is_one_image() {
    let directory = tempfile::tempdir().unwrap();
    let layout = directory.path().join("server");
    std::fs::create_dir_all(layout.join("blobs/sha256")).unwrap();
    std::fs::write(layout.join("oci-layout"), "{}").unwrap();
    std::fs::write(layout.join("index.json"), "{}").unwrap();
    let mut scope = Scope {
        roots: vec![directory.path().to_owned()],
        ..Scope::default()
    };
    assert_eq!(names(&scope), Vec::<String>::new());
    scope.rootfs = true;
    assert_eq!(names(&scope), ["server image"]);
}

#[test]
fn shards_share_what_one_run_finds() {
    let directory = tempfile::tempdir().unwrap();
    for number in 0..40 {
        write(directory.path().join(format!("{number:02}.sqsh")));
    }
    let mut scope = Scope {
        roots: vec![directory.path().to_owned()],
        ..Scope::default()
    };
    let whole = names(&scope);
    let mut parts = Vec::new();
    for index in 1..=3 {
        scope.shard = Some(Shard { index, count: 3 });
        parts.extend(names(&scope));
    }
    parts.sort();
    assert_eq!(parts, whole);
}
