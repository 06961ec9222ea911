//! `lint` and `build-args` say what they looked at, and no option is without effect in silence.

use std::fs;
use std::path::Path;

use crate::run_in;

fn write(directory: &Path, name: &str, text: &str) {
    fs::write(directory.join(name), text).unwrap();
}

#[test]
fn an_option_without_effect_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    write(
        at,
        "Dockerfile",
        "FROM ubuntu\nARG GIT_COMMIT\nLABEL org.opencontainers.image.revision=$GIT_COMMIT\nENV GIT_COMMIT=$GIT_COMMIT\n",
    );
    write(
        at,
        "bake.hcl",
        "variable \"A\" {}\ntarget \"app\" {\n  args = { GIT_COMMIT = \"${A}\" }\n}\n",
    );
    for (arguments, code, said) in [
        (
            &["lint", "--var", "A=1", "Dockerfile"][..],
            64,
            "are for a bake file; the input is a Dockerfile",
        ),
        (
            &["lint", "--set", "app.args.A=1", "Dockerfile"],
            64,
            "are for a bake file",
        ),
        (
            &["lint", "--survives", "Dockerfile"],
            64,
            "build it, and give the image",
        ),
        (
            &["lint", "--set", "ap.args.A=1", "bake.hcl"],
            0,
            "--set ap: the file has no such target",
        ),
        (
            &["lint", "--var", "B=1", "bake.hcl"],
            0,
            "--var B: the file has no such variable",
        ),
        (
            &["build-args", "--target", "app"],
            0,
            "--target has no effect here",
        ),
    ] {
        let (found, page, error) = run_in(at, arguments);
        assert_eq!(found, code, "{arguments:?}: {page}{error}");
        assert!(
            format!("{page}{error}").contains(said),
            "{arguments:?}: {page}{error}"
        );
    }
    for arguments in [
        &["lint", "--set", "a*.args.A=1", "--var", "A=1", "bake.hcl"][..],
        &["build-args", "--target", "app", "--format", "bake"],
    ] {
        let (code, page, error) = run_in(at, arguments);
        assert_eq!(code, 0, "{page}{error}");
        assert!(
            !format!("{page}{error}").contains("no such"),
            "{page}{error}"
        );
        assert!(!error.contains("no effect"), "{error}");
    }
}

const STAMP: &str =
    r#"{"schema": "sqsh-prov-stamp/1", "env": {"A": "1", "B": "2"}, "labels": {"c.d": "3"}}"#;

#[test]
fn a_stamp_that_nothing_was_compared_with_is_no_success() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    write(at, "stamp.json", STAMP);
    let metadata = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oci/iv-metadata-file.json");
    let lint = ["lint", "--expect", "stamp.json", metadata.to_str().unwrap()];
    let (code, page, _) = run_in(at, &lint);
    assert_eq!(code, 2, "{page}");
    assert!(
        page.contains("warning: it cannot show any part of the stamp"),
        "{page}"
    );
    assert!(page.ends_with("nothing found; 1 warning\n"), "{page}");
    let (code, _, error) = run_in(at, &["lint", "stamp.json"]);
    assert_eq!(code, 2);
    assert!(
        error.contains("it is a stamp of build-args; give it with lint --expect"),
        "{error}"
    );
}

#[test]
fn what_one_change_mends_is_one_finding() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    write(at, "stamp.json", STAMP);
    write(at, "Dockerfile", "FROM ubuntu\n");
    let (code, page, _) = run_in(at, &["lint", "--expect", "stamp.json", "Dockerfile"]);
    assert_eq!(
        (code, page.matches("expected-stamp-missing").count()),
        (1, 2),
        "{page}"
    );
    assert!(
        page.contains("the last stage does not set the variables A, B\n"),
        "{page}"
    );
    assert!(
        page.contains("the last stage does not set the label c.d\n"),
        "{page}"
    );
}

#[test]
fn a_label_of_registries_is_not_empty_in_silence() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let head = "FROM python\nARG GIT_COMMIT\nENV GIT_COMMIT=$GIT_COMMIT\nLABEL org.opencontainers.image.revision=$GIT_COMMIT";
    for (label, severity) in [
        ("org.opencontainers.image.version=$VERSION", Some("warning")),
        ("org.opencontainers.image.source=$SOURCE", Some("error")),
        (
            "org.opencontainers.image.version=${VERSION:-1.0}",
            Some("warning"),
        ),
        ("a.b=$VERSION", None),
    ] {
        write(at, "Dockerfile", &format!("{head} {label}\n"));
        let (_, page, _) = run_in(at, &["lint", "Dockerfile"]);
        let found = page.lines().find(|line| line.contains("stamp-value-empty"));
        let found = found.and_then(|line| line.split_whitespace().next());
        assert_eq!(found, severity, "{label}: {page}");
    }
}

#[test]
fn the_block_of_the_page_passes_lint() {
    let page = include_str!("../../docs/build-args.md");
    let block = page.split_once("```dockerfile\n").unwrap().1;
    let (block, _) = block.split_once("```").unwrap();
    let directory = tempfile::tempdir().unwrap();
    write(
        directory.path(),
        "Dockerfile",
        &format!("FROM ubuntu\n{block}"),
    );
    let (code, page, _) = run_in(directory.path(), &["lint", "Dockerfile"]);
    assert!(code == 0 && page.ends_with("nothing found\n"), "{page}");
    // And what lint proposes for a part of it is what the page has.
    let (some, _) = block.split_once("LABEL").unwrap();
    write(
        directory.path(),
        "Dockerfile",
        &format!("FROM ubuntu\n{some}"),
    );
    let (_, page, _) = run_in(directory.path(), &["lint", "Dockerfile"]);
    let proposed = page
        .lines()
        .filter_map(|line| line.trim().strip_prefix("LABEL "));
    let proposed: Vec<&str> = proposed.collect();
    assert!(proposed.len() > 3, "{page}");
    for label in proposed {
        assert!(block.contains(label), "{label}");
    }
}

#[test]
fn a_file_that_is_not_there_is_a_warning_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let compose = "services:\n  app:\n    image: a\n    build: {context: ., dockerfile: None}\n";
    write(directory.path(), "compose.yaml", compose);
    let (code, page, _) = run_in(directory.path(), &["lint", "compose.yaml"]);
    assert_eq!(code, 0);
    assert!(
        page.contains("  warning: None: there is no such Dockerfile"),
        "{page}"
    );
    assert!(
        page.ends_with("nothing found in what could be read; 1 warning\n"),
        "{page}"
    );
}
