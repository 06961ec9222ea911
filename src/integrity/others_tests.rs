use super::tests::{Files, INFO, TREE, image, package, row};
use super::*;
use crate::image::Image;

const TORCH: &str = "/usr/lib/python3/site-packages/torch-2.9.0.dist-info";
const OTHER: &str = "/usr/lib/python3/site-packages/other-1.dist-info";

/// The packages that are checked: `acme` is a publisher's, the others are not.
fn findings(files: &Files, limits: Limits) -> Findings {
    let open = || Ok(Box::new(files) as Box<dyn Image>);
    let packages: Vec<PackageFact> = [INFO, TORCH, OTHER].into_iter().map(package).collect();
    let around = Surroundings {
        packages: &packages,
        ..Surroundings::default()
    };
    check(&open, &[&packages[0]], &around, &limits, None)
}

fn files(extra: &[(&str, &[u8])]) -> Files {
    let mut files = image(&[("acme/a.py", b"a")], &row("acme/a.py", b"a"));
    for (path, content) in extra {
        let place = format!("{TREE}/{path}").into_bytes();
        files.0.insert(place, content.to_vec());
    }
    files
}

fn of<'f>(findings: &'f Findings, path: &str) -> Option<&'f IntegrityFact> {
    findings.packages.iter().find(|fact| fact.path == path)
}

#[test]
fn a_patched_package_of_no_publisher_is_named() {
    let record = [row("torch/a.py", b"a"), row("torch/gone.py", b"b")].concat();
    let files = files(&[
        ("torch/a.py", b"patched"),
        ("torch-2.9.0.dist-info/RECORD", record.as_bytes()),
    ]);
    let found = findings(&files, Limits::default());
    let torch = of(&found, TORCH).unwrap();
    assert_eq!(torch.changed, ["torch/a.py"]);
    assert_eq!(torch.missing, ["torch/gone.py"]);
    assert!(torch.listed_only && torch.has_record);
    assert!(!of(&found, INFO).unwrap().listed_only);
    assert!(found.losses.is_empty(), "{:?}", found.losses);
}

/// The wheel that is installed last overwrites the file, and only its own record is right.
#[test]
fn a_file_of_two_packages_is_what_either_of_them_says() {
    let torch = [row("tests/init.py", b"first"), row("torch/a.py", b"a")].concat();
    let other = row("tests/init.py", b"second");
    let shared = |content: &[u8]| {
        let files = files(&[
            ("tests/init.py", content),
            ("torch/a.py", b"a"),
            ("torch-2.9.0.dist-info/RECORD", torch.as_bytes()),
            ("other-1.dist-info/RECORD", other.as_bytes()),
        ]);
        let found = findings(&files, Limits::default());
        [TORCH, OTHER].map(|path| of(&found, path).unwrap().changed.clone())
    };
    let none: Vec<String> = Vec::new();
    let named = vec!["tests/init.py".to_owned()];
    assert_eq!(shared(b"second"), [none.clone(), none.clone()]);
    assert_eq!(shared(b"first"), [none.clone(), none]);
    assert_eq!(shared(b"third"), [named.clone(), named]);
}

#[test]
fn only_an_installer_that_writes_records_is_asked_for_one() {
    for (installer, absent) in [("pip\n", true), ("uv", true), ("debian\n", false)] {
        let files = files(&[("torch-2.9.0.dist-info/INSTALLER", installer.as_bytes())]);
        let found = findings(&files, Limits::default());
        let record = of(&found, TORCH).map(|fact| fact.has_record);
        assert_eq!(record, absent.then_some(false), "{installer}");
        let said = found.losses.iter().any(|loss| loss.code == "no-record");
        assert_eq!(said, absent, "{installer}");
    }
}

#[test]
fn what_conda_installs_is_left_out() {
    let record = row("torch/a.py", b"/opt/placeholder");
    let files = files(&[
        ("torch/a.py", b"/opt/conda"),
        ("torch-2.9.0.dist-info/RECORD", record.as_bytes()),
        ("torch-2.9.0.dist-info/INSTALLER", b"conda"),
    ]);
    assert_eq!(of(&findings(&files, Limits::default()), TORCH), None);
}

#[test]
fn the_limit_of_all_records_is_named() {
    let record = row("torch/a.py", b"a");
    let files = files(&[
        ("torch/a.py", b"patched"),
        ("torch-2.9.0.dist-info/RECORD", record.as_bytes()),
    ]);
    let limits = Limits {
        neighbour_bytes: 10,
        ..Limits::default()
    };
    let found = findings(&files, limits);
    let mut losses = found.losses.iter();
    assert!(losses.any(|loss| loss.partial && loss.message.contains("neighbour_bytes of 10")));
}
