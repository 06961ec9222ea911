use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::losses::{MAX_LOSSES, lose};
use super::plan::resolve;
use super::*;
use crate::carriers::DirectUrl;
use crate::image::{Error, FileKind, Image, Listing, Stat, shown};

pub(super) const TREE: &str = "/usr/lib/python3/site-packages";
pub(super) const INFO: &str = "/usr/lib/python3/site-packages/acme-1.0.dist-info";

/// Files by path, without links.
#[derive(Clone, Debug, Default)]
pub(super) struct Files(pub(super) BTreeMap<Vec<u8>, Vec<u8>>);

impl Files {
    fn not_found(path: &[u8]) -> Error {
        Error::NotFound { path: shown(path) }
    }

    fn bytes(&self, path: &[u8]) -> Result<&[u8], Error> {
        let bytes = self.0.get(path);
        bytes
            .map(Vec::as_slice)
            .ok_or_else(|| Self::not_found(path))
    }
}

impl Image for &Files {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes(path)?;
        let size = bytes.len() as u64;
        if size > limit {
            let (path, limit_name) = (shown(path), crate::limits::ONE_FILE);
            return Err(Error::TooLarge {
                path,
                size,
                limit,
                limit_name,
            });
        }
        Ok(bytes.to_vec())
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes(path)?;
        let start = usize::try_from(offset).unwrap().min(bytes.len());
        Ok(bytes[start..(start + length).min(bytes.len())].to_vec())
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        let prefix = [path, b"/"].concat();
        let mut entries = BTreeMap::new();
        for file in self
            .0
            .keys()
            .filter_map(|file| file.strip_prefix(&prefix[..]))
        {
            let name = file.split(|&b| b == b'/').next().unwrap();
            let kind = match name.len() == file.len() {
                true => FileKind::File,
                false => FileKind::Directory,
            };
            entries.insert(name.to_vec(), kind);
        }
        if entries.is_empty() {
            return Err(Files::not_found(path));
        }
        Ok(entries.into_iter().collect())
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        Ok(Stat {
            kind: FileKind::File,
            size: self.bytes(path)?.len() as u64,
            mtime: 0,
            shared: None,
        })
    }
}

pub(super) fn row(path: &str, content: &[u8]) -> String {
    use base64::Engine as _;
    let hash = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(content));
    format!("{path},sha256={hash},{}\n", content.len())
}

pub(super) fn package(path: &str) -> PackageFact {
    PackageFact {
        name: "acme".to_owned(),
        version: "1.0".to_owned(),
        path: path.to_owned(),
        ..PackageFact::default()
    }
}

/// An image with these files in its tree and a `RECORD` of these rows.
pub(super) fn image(files: &[(&str, &[u8])], record: &str) -> Files {
    let place = |path: &str| match path.starts_with('/') {
        true => path.as_bytes().to_vec(),
        false => format!("{TREE}/{path}").into_bytes(),
    };
    let files = files
        .iter()
        .map(|(path, content)| (place(path), content.to_vec()));
    let record = (format!("{INFO}/RECORD").into_bytes(), record.into());
    Files(files.chain([record]).collect())
}

fn findings(files: &Files, packages: &[PackageFact]) -> Findings {
    let open = || Ok(Box::new(files) as Box<dyn Image>);
    let wanted: Vec<&PackageFact> = packages.iter().filter(|p| p.name == "acme").collect();
    let around = Surroundings {
        packages,
        ..Surroundings::default()
    };
    check(&open, &wanted, &around, &Limits::default(), None)
}

fn one(files: &Files) -> (IntegrityFact, Vec<&'static str>) {
    let findings = findings(files, &[package(INFO)]);
    let codes = findings.losses.iter().map(|loss| loss.code).collect();
    (
        findings.packages.into_iter().next().unwrap_or_default(),
        codes,
    )
}

#[test]
fn files_that_match_are_counted() {
    let large = vec![7; 3_000_000];
    let record = [row("acme/a.py", b"a"), row("acme/large.so", &large)].concat();
    let files = image(&[("acme/a.py", b"a"), ("acme/large.so", &large)], &record);
    let (fact, codes) = one(&files);
    assert_eq!((fact.files, fact.has_record, codes), (2, true, vec![]));
    assert!(fact.changed.is_empty() && fact.missing.is_empty() && fact.extra.is_empty());
}

#[test]
fn changed_missing_and_extra_files_are_named() {
    let record = [row("acme/a.py", b"a"), row("acme/b.py", b"b")].concat();
    let files = image(&[("acme/a.py", b"x"), ("acme/sub/c.py", b"c")], &record);
    let (fact, codes) = one(&files);
    assert_eq!(fact.changed, ["acme/a.py"]);
    assert_eq!(fact.missing, ["acme/b.py"]);
    assert_eq!(fact.extra, ["acme/sub/c.py"]);
    assert!(codes.is_empty());
}

#[test]
fn a_file_that_is_listed_twice_must_be_both() {
    let record = [row("acme/a.py", b"a"), row("acme/./a.py", b"b")].concat();
    let (fact, _) = one(&image(&[("acme/a.py", b"a")], &record));
    assert_eq!((fact.files, fact.changed.len()), (1, 1));
}

#[test]
fn what_python_and_the_installer_write_is_no_stranger() {
    let record = [
        row("acme/a.py", b"a"),
        row("acme/__pycache__/a.cpython-312.pyc", b"stale"),
        row("acme-1.0.dist-info/INSTALLER", b"pip"),
        "acme-1.0.dist-info/RECORD,,\nacme/gone.pyc,,\n".to_owned(),
    ];
    let files = image(
        &[
            ("acme/a.py", b"a"),
            ("acme/__pycache__/a.cpython-312.pyc", b"new"),
            ("acme/b.pyc", b"x"),
            ("acme-1.0.dist-info/INSTALLER", b"uv"),
            ("acme-1.0.dist-info/REQUESTED", b""),
            ("acme-1.0.dist-info/direct_url.json", b"{}"),
        ],
        &record.concat(),
    );
    let (fact, codes) = one(&files);
    assert_eq!((fact.files, codes), (1, vec![]));
    assert!(fact.changed.is_empty() && fact.missing.is_empty() && fact.extra.is_empty());
}

#[test]
fn a_file_of_a_neighbour_in_a_shared_directory_is_no_stranger() {
    let files = image(
        &[
            ("acme/a.py", b"a"),
            ("acme/plugin.py", b"p"),
            ("acme/x.py", b"x"),
            ("acme_plugin-1.dist-info/RECORD", b"acme/plugin.py,,\n"),
        ],
        &row("acme/a.py", b"a"),
    );
    let mut plugin = package(&format!("{TREE}/acme_plugin-1.dist-info"));
    plugin.name = "acme-plugin".to_owned();
    let findings = findings(&files, &[package(INFO), plugin]);
    assert_eq!(findings.packages[0].extra, ["acme/x.py"]);
}

#[test]
fn a_record_that_climbs_stays_inside_the_image() {
    let record = [
        row("../../../bin/acme", b"#!"),
        row("../../../../../etc/passwd", b"x"),
        row("/opt/acme", b"o"),
    ];
    let files = image(
        &[
            ("/usr/bin/acme", b"#!"),
            ("/etc/passwd", b"x"),
            ("/opt/acme", b"o"),
        ],
        &record.concat(),
    );
    let (fact, codes) = one(&files);
    assert_eq!((fact.files, codes), (2, vec!["record-leaves-image"]));
    assert!(fact.missing.is_empty());
    let tree = TREE.as_bytes();
    for (path, place) in [
        ("../../../bin/x", Some("/usr/bin/x")),
        ("../../../../x", Some("/x")),
        ("../../../../../x", None),
        ("/../x", None),
        ("/a//./b", Some("/a/b")),
        ("../../../..", None),
        ("a\0b", None),
    ] {
        let expected = place.map(|place| place.as_bytes().to_vec());
        assert_eq!(resolve(tree, path.as_bytes()), expected, "{path:?}");
    }
}

#[test]
fn of_an_editable_package_only_what_leads_to_its_source_is_checked() {
    for pth in [
        "__editable__.acme-1.0.pth",
        "__editable___acme_1_0_finder.py",
        "_acme.pth",
        "acme.pth",
    ] {
        let record = [row(pth, b"/src"), row("../../../bin/acme", b"#!")].concat();
        let launcher = ("/usr/bin/acme", b"#!".as_slice());
        let whole = image(&[(pth, b"/src"), launcher], &record);
        let patched = image(&[(pth, b"/evil"), launcher, ("other.py", b"")], &record);
        let findings = [whole, patched].map(|files| findings(&files, &[package(INFO)]));
        let none: Vec<String> = Vec::new();
        assert_eq!(findings[0].packages[0].changed, none, "{pth}");
        assert_eq!(findings[1].packages[0].changed, [pth]);
        assert_eq!(findings[1].packages[0].beside, none);
        let [findings, _] = findings;
        assert_eq!(findings.losses[0].code, "editable-not-checked");
        assert!(!findings.losses[0].partial);
    }
    let mut package = package(INFO);
    package.direct_url = Some(DirectUrl {
        url: "file:///src/acme".to_owned(),
        editable: true,
        ..DirectUrl::default()
    });
    let found = findings(&image(&[], ""), &[package]);
    assert!(found.losses[0].message.contains("file:///src/acme"));
}

#[test]
fn a_package_without_a_usable_record_is_said_to_have_none() {
    let mut files = image(&[], "\"never closed,,\n");
    let (fact, codes) = one(&files);
    assert_eq!((fact.has_record, codes), (false, vec!["no-record"]));
    assert_eq!(fact.package, "acme");
    files.0.clear();
    let (fact, codes) = one(&files);
    assert_eq!((fact.has_record, codes), (false, vec!["no-record"]));
    assert_eq!(fact.package, "acme");
    let egg = findings(&files, &[package("/usr/lib/python3/acme-1.0.egg-info")]);
    assert_eq!(egg.packages, []);
    assert_eq!(egg.losses[0].code, "no-record");
}

#[test]
fn copies_of_a_package_are_checked_up_to_a_limit_that_is_named() {
    let files = image(&[("acme/a.py", b"a")], "acme/a.py,,\n");
    let many: Vec<PackageFact> = (0..65)
        .map(|number| package(&format!("/site/acme-{number}.dist-info")))
        .collect();
    let named = |findings: Findings| {
        let mut losses = findings.losses.into_iter();
        losses.any(|loss| loss.partial && loss.message.contains("limit checked_packages of 64"))
    };
    assert!(named(findings(&files, &many)));
    assert!(!named(findings(&files, &many[..64])));
}

#[test]
fn other_hashes_are_said_not_to_be_checked() {
    let files = image(
        &[("acme/a.py", b"a")],
        "acme/a.py,sha512=x,1\nacme/b.py,,\n",
    );
    let (fact, codes) = one(&files);
    assert_eq!((fact.files, codes), (0, vec!["record-hash-not-checked"]));
    assert_eq!(fact.missing, ["acme/b.py"]);
}

/// Checks the package of `INFO` without limits of its own.
fn of_info(open: &Open<'_>) -> Findings {
    let around = Surroundings::default();
    check(open, &[&package(INFO)], &around, &Limits::default(), None)
}

#[test]
fn an_image_that_cannot_be_opened_again_is_an_answer_in_part() {
    let open = || Err("gone".to_owned());
    let findings = of_info(&open);
    assert!(findings.losses[0].partial);
}

/// An image whose time is over as soon as a file is opened.
struct Late<'f>(&'f Files);

impl Image for Late<'_> {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        self.0.read(path, limit)
    }

    fn read_range(&self, path: &[u8], _: u64, _: usize) -> Result<Vec<u8>, Error> {
        Err(Error::TimedOut { path: shown(path) })
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        self.0.list(path)
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        self.0.stat(path)
    }
}

#[test]
fn time_that_is_over_leaves_an_answer_in_part() {
    let record = [row("acme/a.py", b"a"), row("acme/b.py", b"b")].concat();
    let files = image(&[("acme/a.py", b"a"), ("acme/b.py", b"b")], &record);
    let open = || Ok(Box::new(Late(&files)) as Box<dyn Image>);
    let findings = of_info(&open);
    let codes: Vec<_> = findings.losses.iter().map(|loss| loss.code).collect();
    assert_eq!(codes, ["timed-out"]);
    assert!(findings.losses[0].partial);
    assert!(findings.packages[0].changed.is_empty());
}

#[test]
fn a_limit_that_is_met_while_a_file_is_read_is_named() {
    let error = crate::squashfs::Error::TooLarge {
        limit: "file_bytes",
        what: "x",
        size: 2,
        allowed: 1,
    };
    let error = Error::from_read(b"/a", &error.into());
    assert!(
        matches!(
            error,
            Error::TooLarge {
                limit_name: "file_bytes",
                ..
            }
        ),
        "{error}"
    );
    let cut = std::io::Error::other("cut");
    let error = Error::from_read(b"/a", &cut);
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn many_files_that_cannot_be_read_are_not_all_named() {
    let mut losses = Vec::new();
    for n in 0..100 {
        let path = format!("/file{n}");
        let reason = "cut".to_owned();
        lose(&mut losses, &Error::Damaged { path, reason });
    }
    assert_eq!(losses.len(), MAX_LOSSES + 1);
    assert_eq!(losses[MAX_LOSSES].code, "unreadable-file");
}
