//! An audit that asks who vouches for each image.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A store of a known image under a name that no statement has, a re-import of the same bytes, and an image that
/// nobody vouches for; and a directory with a statement about the first.
fn site() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let at = |path: &str| directory.path().join(path);
    fs::create_dir_all(at("store")).unwrap();
    fs::create_dir_all(at("statements")).unwrap();
    for (from, to) in [
        ("classification/01-vllm-release.sqsh", "store/a.sqsh"),
        ("classification/05-vllm-staging.sqsh", "store/b.sqsh"),
        (
            "attestations/vllm+vllm-openai+v0.29.0.sqsh.intoto.json",
            "statements/1.intoto.json",
        ),
        (
            "attestations/vllm+vllm-openai+v0.29.0.sqsh.intoto.json.sig",
            "statements/1.intoto.json.sig",
        ),
        ("attestations/site.toml", "site.toml"),
        ("attestations/allowed_signers", "allowed_signers"),
    ] {
        fs::copy(fixtures.join(from), at(to)).unwrap();
    }
    directory
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(directory)
        .args(["audit", "store", "--format", "ndjson"])
        .args(["--trust", "site.toml", "--attestations", "statements"])
        .args(arguments)
        .output()
        .unwrap()
}

/// What is said of an image, and the codes of what is found of it.
fn attested(output: &Output, path: &str) -> (Value, Vec<String>) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let image = lines.find(|line| line["path"] == path).unwrap();
    let findings = image["findings"].as_array().unwrap().iter();
    let codes = findings.map(|it| it["code"].as_str().unwrap().to_owned());
    let codes = codes.filter(|code| code.starts_with("attestation"));
    (image["attested"].clone(), codes.collect())
}

#[test]
fn a_statement_is_found_by_the_digest_of_an_image_only_where_that_is_asked_for() {
    let site = site();
    let missing = vec!["attestation-missing".to_owned()];
    let near = run(site.path(), &["--attested"]);
    for image in ["store/a.sqsh", "store/b.sqsh"] {
        let (found, codes) = attested(&near, image);
        assert_eq!((&found["level"], codes), (&Value::Null, missing.clone()));
    }
    let digest = run(site.path(), &["--attested=digest"]);
    let (found, codes) = attested(&digest, "store/a.sqsh");
    assert_eq!(found["level"], "file");
    assert_eq!(found["signer"], "importer@hpc.example.org");
    assert_eq!((&found["invalid"], codes), (&Value::Null, vec![]));
    let (found, codes) = attested(&digest, "store/b.sqsh");
    assert_eq!((&found["level"], codes), (&Value::Null, missing));
}

#[test]
fn a_changed_byte_takes_the_statement_of_a_digest_away() {
    let site = site();
    let image = site.path().join("store/a.sqsh");
    let mut bytes = fs::read(&image).unwrap();
    // Padding behind the file system: the program reads the same image, which is another file.
    bytes.push(0);
    fs::write(&image, &bytes).unwrap();
    let output = run(site.path(), &["--attested=digest"]);
    let (found, _) = attested(&output, "store/a.sqsh");
    assert_eq!(found["level"], "content");
    // One letter of a file.
    let at = bytes.windows(4).position(|it| it == b"vllm").unwrap();
    bytes[at] ^= 1;
    fs::write(&image, &bytes).unwrap();
    let output = run(site.path(), &["--attested=digest"]);
    let (found, codes) = attested(&output, "store/a.sqsh");
    assert_eq!(found["level"], Value::Null, "{found}");
    assert!(codes.contains(&"attestation-missing".to_owned()));
}

#[test]
fn what_was_believed_of_an_earlier_run_is_asked_again() {
    let site = site();
    // A report with statements is written at once, and none is taken from another report.
    let both = run(site.path(), &["--attested=digest", "--resume", "1"]);
    assert_eq!(both.status.code(), Some(64));
    run(site.path(), &["--attested=digest", "--output", "1"]);
    // Without the flag nothing is said of who signed, though the report knows.
    let resumed = run(site.path(), &["--resume", "1"]);
    let (found, codes) = attested(&resumed, "store/a.sqsh");
    assert_eq!((found, codes), (Value::Null, vec![]));
    let said = String::from_utf8_lossy(&resumed.stderr);
    assert!(said.contains("2 images were read again"), "{said}");
}
