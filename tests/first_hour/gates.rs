//! What opens a gate for the wrong image, or closes it without a reason that helps.

use super::{RELEASE, run, run_in};

const BY_DIGEST: &str = "fixtures/classification/40-digest-import-with-xattr.sqsh";
const FORGED_LINE: &str = "fixtures/today/d14-provenance-label-no-ai-labels.sqsh";

/// The exit code of `verify`, and the code of the check of this field.
fn check(arguments: &[&str], field: &str) -> (i32, String) {
    let (code, out, error) = run(&[&["verify", "--format", "json"], arguments].concat());
    let answer: serde_json::Value = serde_json::from_str(&out).expect(&error);
    let checks = answer["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["field"] == field);
    let found = found.unwrap_or_else(|| panic!("{field} in {out}"));
    (code, found["code"].as_str().unwrap().to_owned())
}

#[test]
fn a_tag_does_not_excuse_another_digest() {
    let (_, out, _) = run(&["show", "--field", "origin.imported.digest", BY_DIGEST]);
    let digest = out.trim();
    let other = format!("sha256:{}", "7".repeat(64));
    for (digest, expected) in [
        (digest, (0, "digest".to_owned())),
        (&other, (2, "digest-not-comparable".to_owned())),
    ] {
        let image = format!("vllm/vllm-openai:v0.29.0@{digest}");
        let answer = check(&["--image", &image, BY_DIGEST], "container.image");
        assert_eq!(answer, expected, "{image}");
    }
}

#[test]
fn a_line_that_may_be_a_label_opens_no_gate() {
    let (_, out, _) = run(&["show", "--field", "origin.imported.reference", FORGED_LINE]);
    for (flag, value, field, code) in [
        (
            "--image",
            out.trim(),
            "container.image",
            "import-line-may-be-a-label",
        ),
        ("--kind", "release", "kind", "kind-unproven"),
        ("--publisher", "vllm", "publisher", "publisher-unproven"),
    ] {
        let (exit, found) = check(&[flag, value, FORGED_LINE], field);
        assert_ne!(exit, 0, "{flag}");
        assert!(
            found == code || found.ends_with("-differs") || found.ends_with("-unknown"),
            "{flag}: {found}"
        );
    }
}

#[test]
fn an_image_that_was_changed_is_not_what_its_commit_gives() {
    let changed = "fixtures/today/c06-start-rw-export.sqsh";
    let (_, commit, _) = run(&["show", "--field", "origin.commit.id", changed]);
    let answer = check(&["--commit", commit.trim(), changed], "commit");
    assert_eq!(answer, (1, "modified-after-import".to_owned()));
}

#[test]
fn a_digest_without_a_repository_is_wrong_usage() {
    let digest = format!("sha256:{}", "7".repeat(64));
    let (code, _, error) = run(&["verify", "--image", &digest, RELEASE]);
    assert_eq!(code, 64);
    assert!(
        error.contains(&format!("give REPOSITORY@{digest}")),
        "{error}"
    );
}

#[test]
fn an_almost_right_key_of_another_image_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let recipe = "model: {container: x.sqsh}\nbenchmark: {container_imge: y.sqsh}\n";
    std::fs::write(directory.path().join("recipe.yaml"), recipe).unwrap();
    std::fs::copy(super::release(), directory.path().join("x.sqsh")).unwrap();
    let arguments = ["verify", "--recipe", "recipe.yaml", "--all-images"];
    let (_, out, error) = run_in(directory.path(), &arguments);
    let told = format!("{out}{error}");
    assert!(told.contains("'container_image'"), "{told}");
}

#[test]
fn errors_of_one_command_stand_in_one_line_each() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("recipe.yaml"),
        "model: {containr: x.sqsh}\n",
    )
    .unwrap();
    let (code, _, error) = run_in(directory.path(), &["verify", "--recipe", "recipe.yaml"]);
    assert_eq!(code, 64);
    assert!(!error.contains("\\n"), "{error}");
}

#[test]
fn what_was_not_read_is_not_called_equal() {
    let layout = "fixtures/oci/i-layout-two-platform";
    let archive = "fixtures/oci/vii-oci-archive-two-platform.tar";
    for (a, b) in [
        (layout, archive),
        (RELEASE, "fixtures/oci/vi-docker-save-classic.tar"),
    ] {
        let (_, out, error) = run(&["diff", "--format", "json", a, b]);
        let diff: serde_json::Value = serde_json::from_str(&out).expect(&error);
        for section in ["packages", "inside"] {
            let skipped = diff["not_compared"].as_array().unwrap();
            assert!(skipped.iter().any(|it| it == section), "{section}: {out}");
            let mut changes = diff["changes"].as_array().unwrap().iter();
            assert!(
                !changes.any(|change| change["section"] == section),
                "{section}: {out}"
            );
        }
    }
}

/// Ubuntu's base image has an `/etc/environment`, which no importer wrote.
#[test]
fn the_files_of_an_importer_are_not_looked_for_in_layers() {
    let (code, out, _) = run(&["show", "--packages", "fixtures/oci/i-layout-two-platform"]);
    assert!(!out.contains("was not found there"), "{out}");
    assert_eq!(code, 0);
}

#[test]
fn the_help_does_not_advise_to_name_a_file_like_a_flag() {
    let (code, _, error) = run(&["diff", "--platform", "linux/arm64", "a", "b"]);
    assert_eq!(code, 64);
    assert!(!error.contains("-- --"), "{error}");
}
