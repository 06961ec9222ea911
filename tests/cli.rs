//! The program from outside: what is wrong usage, what is help, how it ends.
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::io::Read as _;
use std::process::{Command, Stdio};

use assert_cmd::Command as Tool;

fn tool(arguments: &[&str]) -> Tool {
    let mut tool = Tool::new(env!("CARGO_BIN_EXE_sqsh-prov"));
    tool.args(arguments).env_remove("COLUMNS");
    tool
}

fn stderr(arguments: &[&str], code: i32) -> String {
    let output = tool(arguments).assert().code(code).get_output().clone();
    assert!(output.stdout.is_empty(), "errors go to standard error");
    String::from_utf8(output.stderr).unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = tool(arguments).assert().success().get_output().clone();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn wrong_usage_is_64() {
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["show"],
        &["show", "--no-such-flag", "x"],
        &["show", "--format", "yaml", "x"],
        &["show", "--mirror", "nothing", "x"],
        &["show", "--color", "sometimes", "x"],
        &["show", "--field", "origin.kind", "--format", "json", "x"],
        &["show", "-q", "-v", "x"],
        &["verify", "--recipe", "a", "--lockfile", "b", "x"],
    ] {
        assert!(!stderr(arguments, 64).is_empty(), "{arguments:?}");
    }
}

/// A shell that evaluates it keeps no value of an image before.
#[test]
fn several_images_in_the_shells_format_are_64_and_unset_everything() {
    let arguments = ["show", "--format", "shell", "x", "y"];
    let output = tool(&arguments).assert().code(64).get_output().clone();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("unset SQSH_PROV_"), "{printed}");
}

#[test]
fn a_field_that_is_not_there_names_the_nearest() {
    let text = stderr(&["show", "--field", "origin.comit.id", "x.sqsh"], 64);
    assert!(text.contains("origin.commit.id"), "{text}");
}

#[test]
fn a_registry_uri_is_wrong_usage() {
    let text = stderr(&["show", "docker://vllm/vllm-openai:v0.29.0"], 64);
    assert!(text.contains("works offline"), "{text}");
}

#[test]
fn what_cannot_be_read_is_2_and_quiet_when_asked() {
    let text = stderr(&["show", "/no/such/\u{1b}[31mimage.sqsh"], 2);
    assert!(text.contains(r"\x1b[31mimage.sqsh"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert_eq!(stderr(&["show", "-q", "/no/such/image.sqsh"], 2), "");
}

#[test]
fn an_argument_cannot_act_on_the_terminal() {
    let text = stderr(&["show", "--no\u{1b}]0;owned\u{7}\u{202e}\u{9b}"], 64);
    assert!(text.contains(r"\u{202e}"), "{text}");
    assert!(
        !text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}']),
        "{text}"
    );
}

#[test]
fn help_has_examples_and_names_only_what_exists() {
    assert!(stdout(&["--help"]).contains("Exit codes"));
    let help = stdout(&["show", "--help"]);
    assert!(
        ["Examples:", "--field", "--deep"]
            .iter()
            .all(|word| help.contains(word)),
        "{help}"
    );
    assert!(!help.contains("debug-reads"));
    let help = stdout(&["verify", "--help"]);
    assert!(
        help.contains("Examples:") && help.contains("--recipe") && help.contains("Exit codes:")
    );
    assert!(stdout(&["schema", "--help"]).contains("Example"));
    assert!(stdout(&["--version"]).starts_with("sqsh-prov "));
}

#[test]
fn the_schema_is_json() {
    let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema"])).unwrap();
    assert_eq!(schema["title"], "sqsh-prov/1");
    assert!(schema["properties"]["origin"].is_object());
}

#[test]
fn a_closed_pipe_is_success_and_quiet() {
    for arguments in [&["schema"][..], &["--help"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert!(child.wait().unwrap().success(), "{arguments:?}");
        assert_eq!(said, "");
    }
}

#[test]
fn what_docker_inspect_prints_is_read_from_standard_input() {
    let printed = r#"[{"Id": "sha256:1", "RepoTags": ["vllm/vllm-openai:v0.29.0"],
        "Architecture": "amd64", "Config": {"Env": ["A=1"], "Labels": {}}}]"#;
    let answer = tool(&["show", "--format", "json", "-"])
        .write_stdin(printed)
        .assert()
        .success()
        .get_output()
        .clone();
    let document: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(document["file"]["format"], "inspect");
    assert_eq!(document["origin"]["imported"]["via"], "daemon");
    assert_ne!(document["origin"]["official"], true);
    for bad in ["", "hsqs", "[]", "{}", "[{\"Config\": "] {
        let output = tool(&["show", "-"]).write_stdin(bad).assert().code(2);
        assert!(!output.get_output().stderr.is_empty(), "{bad}");
    }
}

#[test]
fn a_platform_that_is_none_is_wrong_usage() {
    for platform in ["linux", "linux/", "a b/c", "linux/arm64/v8/x"] {
        assert!(
            stderr(&["show", "--platform", platform, "x"], 64).contains("OS/ARCH"),
            "{platform}"
        );
    }
}

#[test]
fn an_error_says_its_reason_once() {
    let directory = tempfile::tempdir().unwrap();
    let garbage = directory.path().join("garbage.sqsh");
    std::fs::write(&garbage, [0xff; 200]).unwrap();
    let garbage = garbage.to_str().unwrap();
    let image = "fixtures/classification/01-vllm-release.sqsh";
    for arguments in [
        &["show", garbage][..],
        &["lint", garbage],
        &["diff", image, garbage],
    ] {
        let text = stderr(arguments, 2);
        assert_eq!(text.matches("no known format").count(), 1, "{text}");
    }
}
