use std::fs;
use std::os::unix::fs::symlink;

use super::python::of_venv;
use super::*;
use crate::{Inspector, Options};

const STATUS: &str = "Package: python3.10-minimal\nStatus: install ok installed\nVersion: 3.10.12-1~22.04.11\n\n\
    Package: python3.12-minimal\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.12.3-1ubuntu0.9\n\n\
    Package: python3.13-minimal\nStatus: deinstall ok config-files\nVersion: 3.13.1-1\n\n\
    Package: cuda-nvcc-13-0\nStatus: install ok installed\nVersion: 13.0.88-1\n";

/// The answer for a root file system with these files; a content `-> X` is a link.
fn versions(files: &[(&str, &str)], path: &str, python: Option<&str>) -> Versions {
    let root = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let at = root.path().join(name);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        match content.strip_prefix("-> ") {
            Some(target) => symlink(target, at).unwrap(),
            None => fs::write(at, content).unwrap(),
        }
    }
    fs::create_dir_all(root.path().join("etc")).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    let mut document = inspector.inspect(root.path()).unwrap();
    document
        .environment
        .insert("PATH".to_owned(), path.to_owned());
    let python = python.map(|version| ("PYTHON_VERSION".to_owned(), version.to_owned()));
    document.environment.extend(python);
    inspector.versions(root.path(), &document).unwrap()
}

#[test]
fn python_is_the_one_that_path_finds_first() {
    let system = [
        ("usr/bin/python3", "-> python3.12"),
        ("usr/bin/python3.12", "twelve"),
        ("usr/bin/python3.10", "ten"),
        ("var/lib/dpkg/status", STATUS),
    ];
    let venv = ("opt/venv/bin/python3", "-> /usr/bin/python3.12");
    let uv = (
        "opt/venv/pyvenv.cfg",
        "home = /usr/bin\nversion_info = 3.12.11\n",
    );
    let of = |more: &[(&str, &str)], path, python| {
        versions(&[&system[..], more].concat(), path, python).python
    };
    assert_eq!(of(&[], "/usr/bin", None).as_deref(), Some("3.12.3"));
    let both = "/opt/venv/bin:/usr/bin";
    assert_eq!(of(&[venv, uv], both, None).as_deref(), Some("3.12.11"));
    assert_eq!(
        of(&[venv, uv], "/usr/bin:/opt/venv/bin", None).as_deref(),
        Some("3.12.3")
    );
    let own = [
        ("usr/local/bin/python3", "-> python3.13"),
        ("usr/local/bin/python3.13", "thirteen"),
    ];
    let path = "/usr/local/bin:/usr/bin";
    assert_eq!(of(&own, path, Some("3.13.5")).as_deref(), Some("3.13.5"));
    // The variable is of another Python, and the package was removed.
    assert_eq!(of(&own, path, Some("3.12.5")).as_deref(), Some("3.13"));
    assert_eq!(of(&[], "/sbin", None), None);
}

#[test]
fn an_alternative_is_not_taken_for_the_distribution_s_own() {
    let files = [
        ("usr/bin/python3", "-> /etc/alternatives/python3"),
        ("etc/alternatives/python3", "-> /usr/bin/python3.10"),
        ("usr/bin/python3.12", "twelve"),
        ("usr/bin/python3.10", "ten"),
        ("usr/local/cuda/bin/nvcc", "nvcc"),
        ("var/lib/dpkg/status", STATUS),
    ];
    let found = versions(&files, "/usr/local/cuda/bin:/usr/bin", None);
    assert_eq!(found.python.as_deref(), Some("3.10.12"));
    assert_eq!(found.nvcc.as_deref(), Some("13.0.88"));
    assert_eq!(versions(&files, "/usr/bin", None).nvcc, None);
}

#[test]
fn packages_are_those_that_the_worker_s_python_has() {
    const AT: &str = "opt/venv/lib/python3.11/site-packages";
    let metadata =
        |name: &str| format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\nText");
    let path = |at: &str, name: &str| format!("{at}/{name}-1.0.dist-info/METADATA");
    let direct = r#"{"url": "file:///a.whl", "archive_info": {"hashes": {"sha256": "ab"}}}"#;
    let direct_path = path(AT, "a").replace("METADATA", "direct_url.json");
    let files = [
        (path(AT, "nvidia_nccl_cu13"), metadata("nvidia-nccl-cu13")),
        (path(AT, "a"), metadata("a")),
        (direct_path, direct.to_owned()),
        (path(AT, "pip"), metadata("pip")),
        (
            path("usr/lib/python3/dist-packages", "six"),
            metadata("six"),
        ),
        ("usr/bin/python3.11".to_owned(), "eleven".to_owned()),
        (
            "opt/venv/bin/python3".to_owned(),
            "-> /usr/bin/python3.11".to_owned(),
        ),
        (
            "opt/venv/pyvenv.cfg".to_owned(),
            "version = 3.11.2\n".to_owned(),
        ),
    ];
    let mut files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let names = |files: &[(&str, &str)]| -> Vec<(String, Option<String>)> {
        let installed = versions(files, "/opt/venv/bin:/usr/bin", None).installed;
        let spellings = installed.unwrap().into_values();
        spellings
            .map(|spelling| (spelling.name, spelling.location))
            .collect()
    };
    let a = ("a".to_owned(), Some("file:///a.whl#sha256=ab".to_owned()));
    let nccl = ("nvidia-nccl-cu13".to_owned(), None);
    assert_eq!(names(&files), [a.clone(), nccl.clone()]);
    // `uv pip freeze` lists pip too.
    files.push(("usr/bin/uv", "uv"));
    assert_eq!(names(&files), [a, nccl, ("pip".to_owned(), None)]);
}

#[test]
fn a_virtual_environment_says_its_version_in_two_ways() {
    for (text, expected) in [
        ("version = 3.12.3", Some("3.12.3")),
        ("home = /x\nversion_info = 3.11.9.final.0\n", Some("3.11.9")),
        ("version = 3.14.0rc1", Some("3.14.0rc1")),
        ("version = 3.12", None),
        ("version = ${X}", None),
        ("", None),
    ] {
        assert_eq!(of_venv(text.as_bytes()).as_deref(), expected, "{text}");
    }
}
