//! `build-args` does what its page says.

use std::path::Path;
use std::process::Command;

const COMMIT: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";

/// Runs `build-args` in a fresh checkout of acme/server, with these variables only.
fn stamp(arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(["-c", "user.email=a@b", "-c", "user.name=a"])
            .args(arguments)
            .current_dir(directory.path())
            .status();
        assert!(status.unwrap().success());
    };
    git(&["init", "-q", "."]);
    git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&[
        "remote",
        "add",
        "origin",
        "https://github.com/acme/server.git",
    ]);
    answer(directory.path(), arguments, variables)
}

fn answer(
    directory: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .arg("build-args")
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .current_dir(directory)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

const CI: [(&str, &str); 5] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_REPOSITORY", "acme/server"),
    ("GITHUB_SHA", COMMIT),
    ("GITHUB_RUN_ID", "6292"),
];

#[test]
fn the_tag_is_made_as_the_page_says_and_falls_back_to_the_commit() {
    let image = ("IMAGE_REPOSITORY", "ghcr.io/acme/server");
    for (variable, tag) in [
        (("GITHUB_REF", "refs/tags/v1.4.2"), "1.4.2".to_owned()),
        (
            ("GITHUB_REF", "refs/tags/before-the-move"),
            COMMIT.to_owned(),
        ),
        (("GITHUB_REF", "refs/heads/main"), COMMIT.to_owned()),
        (("GITHUB_REF", "refs/pull/42/merge"), "pr-42".to_owned()),
        (("NIGHTLY", "1"), format!("nightly-{COMMIT}")),
        (
            ("GITHUB_EVENT_NAME", "schedule"),
            format!("nightly-{COMMIT}"),
        ),
    ] {
        let variables = [&CI[..], &[image, variable]].concat();
        let (code, printed, error) = stamp(&["--format", "tag"], &variables);
        let expected = format!("ghcr.io/acme/server:{tag}\n");
        assert_eq!(
            (code, printed),
            (Some(0), expected),
            "{variable:?}: {error}"
        );
    }
}

#[test]
fn explain_says_what_decided() {
    let explained = |arguments: &[&str], more: &[(&str, &str)]| {
        let all = [&["--explain"], arguments].concat();
        let (_, page, _) = stamp(&all, &[&CI[..], more].concat());
        let rows = page
            .lines()
            .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "));
        rows.collect::<Vec<_>>().join("\n")
    };
    for (arguments, variables, said) in [
        (
            &[][..],
            ("GITHUB_REF", "refs/tags/v1.4.2"),
            "\nkind release a version is built, according to GitHub Actions\n",
        ),
        (
            &[],
            ("RELEASE_VERSION", "1.4.2"),
            "\nkind release a version is built, according to RELEASE_VERSION\n",
        ),
        (
            &[],
            ("NIGHTLY", "1"),
            "\nkind nightly a schedule, or NIGHTLY=1\n",
        ),
        (
            &[],
            ("GITHUB_REF", "refs/pull/42/merge"),
            "\nkind pr the pull request that is built\n",
        ),
        (
            &[],
            ("GITHUB_REF", "refs/heads/main"),
            "\nkind ci a build in CI, not of a pull request, nightly or version\n",
        ),
        (
            &["--contract", "vllm"],
            ("A", ""),
            "\ncontract vllm --contract\n",
        ),
        (
            &["--contract", "vllm"],
            ("GITHUB_REPOSITORY", "vllm-project/vllm"),
            "\ncontract vllm the source repository that is built\n",
        ),
    ] {
        let page = explained(arguments, &[variables]);
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn an_empty_value_is_called_empty_and_ci_is_not_asked_for_in_ci() {
    let release = [
        ("GITHUB_REF", "refs/tags/v1.4.2"),
        ("IMAGE_REPOSITORY", "ghcr.io/acme/server"),
    ];
    let (code, _, error) = stamp(&["--check"], &[&CI[..], &release].concat());
    assert_eq!(code, Some(1));
    assert!(
        error.contains(
            "the pipeline is not known and would be empty: GitHub Actions sets no variable"
        ),
        "{error}"
    );
}

#[test]
fn a_build_outside_ci_is_local_whatever_is_set() {
    for variables in [
        &[][..],
        &[("NIGHTLY", "1")],
        &[("RELEASE_VERSION", "1.4.2")],
    ] {
        let (_, printed, _) = stamp(&["--format", "env"], variables);
        assert!(printed.contains("IMAGE_BUILD_KIND=local\n"), "{printed}");
    }
}

#[test]
fn what_is_set_is_not_asked_for() {
    let image = ("IMAGE_REPOSITORY", "ghcr.io/acme/server");
    let nowhere = tempfile::tempdir().unwrap();
    let tag = &["--format", "tag"][..];
    let (code, _, error) = stamp(tag, &[image]);
    assert_eq!(code, Some(2));
    assert!(
        error.contains("a build outside CI has no tag of its own"),
        "{error}"
    );
    let ci = [("GITHUB_ACTIONS", "true"), image];
    let (_, _, without) = answer(nowhere.path(), tag, &ci);
    assert!(
        without.contains("the commit, which is part of the tag, is not known"),
        "{without}"
    );
    for error in [error, without] {
        assert!(!error.contains("IMAGE_REPOSITORY"), "{error}");
    }
    let (_, _, error) = stamp(tag, &CI);
    assert!(
        error.contains("set IMAGE_REPOSITORY or CI_REGISTRY_IMAGE"),
        "{error}"
    );
}

#[test]
fn a_note_is_said_once_also_where_the_variant_is_no_part_of_a_tag() {
    let (code, _, error) = stamp(&["a/b"], &[]);
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(
        error.matches("cannot be part of a tag").count(),
        1,
        "{error}"
    );
}
