//! Records of a build that stand alone.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::{COMMIT, show, text, values};

#[test]
fn records_of_a_build_alone_are_read_in_every_form() {
    let kept = tempfile::tempdir().unwrap();
    let path = kept.path().join("record");
    let git =
        json!({"type": "git", "ref": "https://u:p@github.com/acme/lib.git#main", "pin": COMMIT});
    let sources = json!({"sources": [git]});
    let slsa = json!({"SLSA": {"buildType": "x", "materials": [
        {"uri": "https://github.com/acme/lib.git#main", "digest": {"sha1": COMMIT}}]}});
    for record in [
        sources.to_string(),
        format!("{}\n", BASE64.encode(sources.to_string())),
        json!({"moby.buildkit.buildinfo.v0": BASE64.encode(sources.to_string())}).to_string(),
        json!({"containerimage.buildinfo/linux/amd64": sources}).to_string(),
        slsa.to_string(),
        json!({"linux/amd64": slsa}).to_string(),
    ] {
        fs::write(&path, &record).unwrap();
        let (document, code) = show(&[text(&path)]);
        assert_eq!(code, 0, "{record}: {document}");
        let expected = format!("https://github.com/acme/lib.git#main {COMMIT}");
        assert_eq!(values(&document, "build.sources"), [expected], "{record}");
        // What a build took is not what its image is of.
        assert_eq!(document["origin"]["commit"], Value::Null, "{record}");
    }
    fs::write(
        &path,
        "{\"a\": {\"image.name\": \"x/a:1\"}, \"b\": {\"image.name\": \"x/b:1\"}}",
    )
    .unwrap();
    let (document, code) = show(&["--target", "b", text(&path)]);
    assert_eq!(
        (code, &document["origin"]["public_reference"]),
        (0, &json!("docker.io/x/b:1"))
    );
    // What is about one image is not about one of two.
    for wrong in [["--target", "c"], ["--format", "srt-slurm-identity"]] {
        let mut command = assert_cmd::Command::cargo_bin("sqsh-prov").unwrap();
        let output = command.arg("show").args(wrong).arg(&path).output().unwrap();
        let code = output.status.code().unwrap();
        let document = json!({"error": String::from_utf8(output.stderr).unwrap()});
        assert!(document["error"].as_str().unwrap().contains("a, b"));
        assert_eq!(code, 2);
    }
}
