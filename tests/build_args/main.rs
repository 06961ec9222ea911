//! `sqsh-prov build-args` as builds call it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod edges;
mod remotes;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

const COMMIT: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";
const RELEASE: [(&str, &str); 4] = [
    ("BUILDKITE_COMMIT", COMMIT),
    (
        "BUILDKITE_PIPELINE_ID",
        "019d130e-464e-4ff7-b84b-492992c0c06b",
    ),
    (
        "BUILDKITE_BUILD_URL",
        "https://buildkite.com/vllm/release-v2/builds/6292",
    ),
    ("RELEASE_VERSION", "v0.29.0"),
];

/// Runs the program with these variables only, outside any checkout.
fn run(arguments: &[&str], variables: &[(&str, &str)], path: &str, directory: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .arg("build-args")
        .args(arguments)
        .env_clear()
        .env("PATH", path)
        .envs(variables.iter().copied())
        .current_dir(directory)
        .output()
        .unwrap()
}

fn printed(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let output = run(arguments, variables, "/usr/bin:/bin", directory.path());
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn stamp(arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let all = [arguments, &["--format", "json"]].concat();
    serde_json::from_str(&printed(&all, variables)).unwrap()
}

fn machine() -> String {
    let output = Command::new("uname").arg("-m").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The words that a shell makes of an unquoted `$(sqsh-prov build-args …)`.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

#[test]
fn every_row_prints_the_arguments_and_tags_of_vllms_script() {
    let rows = include_str!("../data/build-args/vllm.json");
    let rows: Value = serde_json::from_str(rows).unwrap();
    for row in rows["cases"].as_array().unwrap() {
        let environment: BTreeMap<String, String> =
            serde_json::from_value(row["env"].clone()).unwrap();
        let pairs: Vec<_> = environment
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let line = printed(
            &[row["variant"].as_str().unwrap(), "--contract", "vllm"],
            &pairs,
        );
        let mut expected = Vec::new();
        for key in ["COMMIT", "PIPELINE", "URL"].map(|key| format!("VLLM_BUILD_{key}")) {
            let value = row["build_args"][&key].as_str().unwrap();
            expected.extend(["--build-arg".to_owned(), format!("{key}={value}")]);
        }
        let tag = row["build_args"]["VLLM_IMAGE_TAG"].as_str().unwrap();
        expected.extend(["--build-arg".to_owned(), format!("VLLM_IMAGE_TAG={tag}")]);
        let push = row["tags"][0]
            .as_str()
            .unwrap()
            .replace("{arch}", &machine());
        expected.extend(["--tag".to_owned(), push]);
        assert_eq!(words(&line), expected, "{row}");
    }
}

/// Puts a program in the agent's place. Another process writes it: a test that forks meanwhile would
/// hold this one's file open, and a file that is open for writing cannot be run.
fn put_agent(directory: &Path, script: &str) {
    let write = "printf '%s' \"$1\" >buildkite-agent && chmod 755 buildkite-agent";
    let status = Command::new("sh")
        .args(["-c", write, "sh", script])
        .current_dir(directory)
        .status()
        .unwrap();
    assert!(status.success());
}

/// What the release is called with this program in the agent's place, and how long that took.
fn with_agent(script: &str) -> (String, Duration) {
    let directory = tempfile::tempdir().unwrap();
    put_agent(directory.path(), script);
    let path = format!("{}:/usr/bin:/bin", directory.path().display());
    let started = Instant::now();
    let variables = [("BUILDKITE", "true"), ("BUILDKITE_COMMIT", COMMIT)];
    let output = run(&["--contract", "vllm"], &variables, &path, directory.path());
    let took = started.elapsed();
    assert!(output.status.success(), "the build goes on: {output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let line = String::from_utf8(output.stdout).unwrap();
    let tag = line
        .split("VLLM_IMAGE_TAG=vllm/vllm-openai:")
        .nth(1)
        .unwrap();
    (words(tag)[0].to_owned(), took)
}

#[test]
fn the_agent_is_asked_with_its_own_words() {
    let script = "#!/bin/sh\n[ \"$*\" = 'meta-data get release-version' ] && echo v0.30.0\n";
    assert_eq!(with_agent(script).0, "v0.30.0");
}

#[test]
fn an_agent_that_fails_or_prints_anything_else_changes_nothing() {
    let fallback = format!("v{COMMIT}");
    for script in [
        "#!/bin/sh\nexit 1\n",
        "#!/bin/sh\necho 0.30.0; exit 1\n",
        "#!/bin/sh\necho 'no such key' >&2\n",
        "#!/bin/sh\nprintf '0.30.0\\nENV X=1\\n'\n",
        "#!/bin/sh\nprintf '0.30.0 --push'\n",
        "#!/bin/sh\nprintf '0.30.0\\033[31m'\n",
        "#!/bin/sh\nprintf '\\377\\376'\n",
        "#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' 9\n",
        "#!/bin/sh\nkill -9 $$\n",
        "#!/no/such/interpreter\n",
    ] {
        assert_eq!(with_agent(script).0, fallback, "{script}");
    }
}

#[test]
fn an_agent_that_hangs_is_not_waited_for_longer_than_its_limit() {
    // Its child holds the pipe open after it was killed.
    let (tag, took) = with_agent("#!/bin/sh\nsleep 60\n");
    assert_eq!(tag, format!("v{COMMIT}"));
    assert!(took < Duration::from_secs(40), "{took:?}");
}

#[test]
fn an_agent_is_not_asked_where_the_version_is_known_or_the_contract_is_not_vllms() {
    let directory = tempfile::tempdir().unwrap();
    put_agent(directory.path(), "#!/bin/sh\ntouch asked\n");
    let path = format!("{}:/usr/bin:/bin", directory.path().display());
    for (contract, variables) in [
        (
            "vllm",
            vec![("BUILDKITE", "true"), ("RELEASE_VERSION", "1.0.0")],
        ),
        ("vllm", vec![]),
        ("generic", vec![("BUILDKITE", "true")]),
    ] {
        run(
            &["--contract", contract],
            &variables,
            &path,
            directory.path(),
        );
        assert!(
            !directory.path().join("asked").exists(),
            "{contract} {variables:?}"
        );
    }
}

#[test]
fn a_checkout_says_what_ci_does_not() {
    let directory = tempfile::tempdir().unwrap();
    let git = directory.path().join(".git");
    fs::create_dir_all(git.join("refs/heads/feature")).unwrap();
    fs::write(git.join("HEAD"), "ref: refs/heads/feature/x\n").unwrap();
    fs::write(git.join("refs/heads/feature/x"), format!("{COMMIT}\n")).unwrap();
    let config =
        "[remote \"origin\"]\n\turl = https://bot:hunter2secret@git.example/acme/tool.git\n";
    fs::write(git.join("config"), config).unwrap();
    let below = directory.path().join("docker/server");
    fs::create_dir_all(&below).unwrap();
    let output = run(&["--format", "json"], &[], "", &below);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        !text.contains("hunter2secret") && !text.contains("bot:"),
        "{text}"
    );
    let stamp: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(stamp["commit"], COMMIT);
    assert_eq!(stamp["branch"], "feature/x");
    assert_eq!(stamp["kind"], "local");
    let source = &stamp["labels"]["org.opencontainers.image.source"];
    assert_eq!(source, "https://git.example/acme/tool");

    // The publisher whose repository it is.
    let config = "[remote \"origin\"]\n\turl = git@github.com:vllm-project/vllm.git\n";
    fs::write(git.join("config"), config).unwrap();
    let output = run(&["--format", "json"], &RELEASE, "", &below);
    let stamp: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(stamp["contract"], "vllm");

    // What is built is elsewhere, so this checkout says nothing of it.
    let context = "https://github.com/acme/other.git#main";
    let output = run(&["--format", "json", "--context", context], &[], "", &below);
    let stamp: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(stamp["commit"], Value::Null);
    assert_eq!(stamp["branch"], "main");
    let output = run(
        &["--format", "compose", "--context", context],
        &[],
        "",
        &below,
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(&format!("context: \"{context}\"")), "{text}");
    assert!(text.contains("https://github.com/acme/other\""), "{text}");
}

#[test]
fn a_site_writes_its_stamp_by_toml_alone() {
    let directory = tempfile::tempdir().unwrap();
    let contract = r#"
schema = 1
id = "acme"
name = "Acme Serving"

[[stamp]]
field = "commit"
environment = ["ACME_COMMIT"]
label = ["com.acme.commit"]

[[stamp]]
field = "channel"
environment = ["ACME_CHANNEL"]

[[stamp]]
field = "version"
environment = ["ACME_RELEASE"]

[channels]
stable = "release"

[build-args]
ci = ["ACME_CI"]

[build-args.from]
version = ["ACME_VERSION"]

[[build-args.tag]]
kind = "release"
variant = '^gpu-(?<gpu>[a-z0-9]+)$'
reference = "registry.acme.example/serving-{gpu}:{version}"

[build-args.labels]
"com.acme.short" = "{commit:8}"
"#;
    fs::write(directory.path().join("acme.toml"), contract).unwrap();
    let contracts = directory.path().to_str().unwrap();
    let stamp = stamp(
        &["gpu-h100", "--contracts", contracts, "--contract", "acme"],
        &[
            ("ACME_CI", "1"),
            ("ACME_VERSION", "2.4.0"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SHA", COMMIT),
        ],
    );
    assert_eq!(stamp["env"]["ACME_COMMIT"], COMMIT);
    assert_eq!(stamp["env"]["ACME_CHANNEL"], "stable");
    assert_eq!(stamp["labels"]["com.acme.commit"], COMMIT);
    assert_eq!(stamp["labels"]["com.acme.short"], &COMMIT[..8]);
    assert_eq!(stamp["push"][0], "registry.acme.example/serving-h100:2.4.0");
    assert_eq!(stamp["image"], "registry.acme.example/serving-h100:2.4.0");
    assert_eq!(stamp["kind"], "release");

    // The contract reads the version from a variable of its own, which is not set.
    let explained = printed(
        &["--contracts", contracts, "--contract", "acme", "--explain"],
        &[("ACME_CI", "1"), ("RELEASE_VERSION", "1.2.3")],
    );
    assert!(!explained.contains("RELEASE_VERSION"), "{explained}");
}

#[test]
fn a_check_exits_with_1_says_why_and_still_prints_the_stamp() {
    let directory = tempfile::tempdir().unwrap();
    let check = |variables: &[(&str, &str)]| {
        let arguments = ["--contract", "vllm", "--check"];
        run(&arguments, variables, "", directory.path())
    };
    let whole = check(&RELEASE);
    assert_eq!(whole.status.code(), Some(0), "{whole:?}");
    assert!(whole.stderr.is_empty());
    let without = check(&RELEASE[..3]);
    assert_eq!(without.status.code(), Some(1));
    let said = String::from_utf8(without.stderr).unwrap();
    assert!(
        said.contains("RELEASE_VERSION") && said.contains("never published"),
        "{said}"
    );
    assert!(
        String::from_utf8(without.stdout)
            .unwrap()
            .contains("--build-arg")
    );
    assert_eq!(
        check(&[]).status.code(),
        Some(0),
        "a build by hand is no release"
    );
}

#[test]
fn wrong_usage_is_said_before_anything_is_stamped() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in [
        vec!["--contract", "nobody"],
        vec!["--contract", "ubuntu"],
        vec!["--format", "xml"],
        vec!["--format", "bake", "--target", "a}b"],
    ] {
        let output = run(&arguments, &[], "", directory.path());
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    let output = run(&["--format", "tag"], &[], "", directory.path());
    assert_eq!(output.status.code(), Some(2), "no reference is known");
}

#[test]
fn each_format_of_a_release_is_as_it_was() {
    for format in ["env", "json", "bake", "labels", "dockerfile", "compose"] {
        let text = printed(
            &["cu129", "--contract", "vllm", "--format", format],
            &RELEASE,
        );
        let text = text.replace(&machine(), "x86_64");
        insta::assert_snapshot!(format!("build_args_{format}"), text);
    }
    let tag = printed(&["--contract", "vllm", "--format", "tag"], &RELEASE);
    let push = format!(
        "public.ecr.aws/q9t5s3a7/vllm-release-repo:{COMMIT}-{}\n",
        machine()
    );
    assert_eq!(tag, push);
}
