//! The nightly audit of packaging/systemd: a report a day, a page, and a file for Prometheus.

use super::*;

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/packaging/systemd/audit-nightly"
);

/// A store with an image, and the directories that the script writes to.
fn site() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for name in ["store", "state", "textfile"] {
        fs::create_dir(directory.path().join(name)).unwrap();
    }
    let release = "fixtures/classification/01-vllm-release.sqsh";
    let release = Path::new(env!("CARGO_MANIFEST_DIR")).join(release);
    fs::copy(release, directory.path().join("store/a.sqsh")).unwrap();
    directory
}

fn nightly(directory: &Path, set: &[(&str, &str)]) -> Output {
    std::process::Command::new(SCRIPT)
        .current_dir(directory)
        .env("SQSH_PROV", env!("CARGO_BIN_EXE_sqsh-prov"))
        .env("SQSH_PROV_PATHS", "store")
        .env("STATE_DIRECTORY", directory.join("state"))
        .envs(set.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn a_night_leaves_a_report_a_page_and_a_file_for_prometheus() {
    let directory = site();
    let at = |name: &str| directory.path().join(name);
    let textfile = at("textfile");
    let set = [("SQSH_PROV_TEXTFILE", textfile.to_str().unwrap())];

    let output = nightly(directory.path(), &set);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let read = |name: &str| fs::read_to_string(at(name)).unwrap();
    assert!(read("state/latest.html").starts_with("<!doctype html>"));
    assert!(read("textfile/sqsh-prov.prom").ends_with("# EOF\n"));
    let reports = || {
        let names = fs::read_dir(at("state")).unwrap();
        let names = names.map(|entry| entry.unwrap().path());
        let mut names: Vec<_> = names
            .filter(|p| p.extension().unwrap() == "ndjson")
            .collect();
        names.sort();
        names
    };
    let today = reports().remove(0);

    // The next night knows the last one. An image that cannot be read is an answer.
    fs::rename(&today, at("state/2026-01-01.ndjson")).unwrap();
    fs::write(at("store/empty.sqsh"), "").unwrap();
    let output = nightly(directory.path(), &set);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(reports().len(), 2);
    let report = fs::read_to_string(&today).unwrap();
    assert_eq!(summary(&report)["findings"]["new"], 1);
}

#[test]
fn a_night_without_paths_says_what_to_set() {
    let mut script = std::process::Command::new(SCRIPT);
    let output = script.env_remove("SQSH_PROV_PATHS").output().unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("/etc/sqsh-prov/audit.conf"), "{error}");
}

#[test]
fn a_night_that_writes_nothing_useful_fails_and_keeps_the_last_report() {
    let directory = site();
    let at = |name: &str| directory.path().join(name);
    let night = |set: &[(&str, &str)]| {
        let output = nightly(directory.path(), set);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), error)
    };
    assert_eq!(night(&[]), (Some(0), String::new()));
    let entries = fs::read_dir(at("state")).unwrap();
    let mut names = entries.map(|entry| entry.unwrap().path());
    let today = names.find(|p| p.extension().unwrap() == "ndjson").unwrap();
    let before = fs::read_to_string(&today).unwrap();
    fs::copy(&today, at("state/2026-01-01.ndjson")).unwrap();

    let (code, error) = night(&[("SQSH_PROV_TEXTFILE", "nodir")]);
    assert_eq!(code, Some(3), "{error}");
    let (code, error) = night(&[("SQSH_PROV_OPTIONS", "--format csv")]);
    assert_eq!(code, Some(64), "{error}");
    let (code, error) = night(&[("SQSH_PROV_PATHS", "not-mounted")]);
    assert_eq!(code, Some(3), "{error}");
    // Other paths than last night are audited without a comparison.
    fs::create_dir(at("more")).unwrap();
    let (code, error) = night(&[("SQSH_PROV_PATHS", "store more")]);
    assert_eq!(code, Some(0), "{error}");
    fs::remove_file(at("store/a.sqsh")).unwrap();
    let (code, error) = night(&[]);
    assert_eq!(code, Some(3), "{error}");
    let after = fs::read_to_string(&today).unwrap();
    let images = |text: &str| text.matches(r#""type":"image""#).count();
    assert_eq!((images(&before), images(&after)), (1, 1));
}
