//! Several inputs at once, and what calls the program with them: the composite action and
//! the pre-commit hook of this repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sqsh-prov");
const BAD: &str = "FROM a\nLABEL org.opencontainers.image.revision=$GIT_SHA\n";
const WORKFLOW: &str =
    "jobs:\n  a:\n    steps:\n      - run: docker build --push -t a/b:latest .\n";

/// Runs `lint` in a directory: how it ends, and what it prints.
pub fn lint(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(PROGRAM)
        .arg("lint")
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn inputs() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("Dockerfile"), BAD).unwrap();
    fs::create_dir_all(directory.path().join(".github/workflows")).unwrap();
    fs::write(directory.path().join(".github/workflows/ci.yml"), WORKFLOW).unwrap();
    directory
}

#[test]
fn several_inputs_are_answered_one_after_the_other() {
    let directory = inputs();
    let both = ["Dockerfile", ".github/workflows/ci.yml"];
    let (code, out, _) = lint(directory.path(), &both);
    assert_eq!(code, Some(1));
    assert!(out.contains("stamp-value-empty") && out.contains("tags-all-moving"));
    let (_, out, _) = lint(
        directory.path(),
        &[&both[..], &["--format", "json"]].concat(),
    );
    let documents: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(documents[1]["input"]["form"], "workflow");
    // One that cannot be read hides nothing of the others.
    let (code, out, err) = lint(directory.path(), &["Dockerfile", "missing"]);
    assert_eq!(code, Some(2));
    assert!(out.contains("stamp-value-empty") && err.contains("missing"));
    let sarif = ["Dockerfile", "missing", "--format", "sarif"];
    let (_, out, _) = lint(directory.path(), &sarif);
    let sarif: Value = serde_json::from_str(&out).unwrap();
    let run = &sarif["runs"][0]["invocations"][0];
    assert_eq!(run["executionSuccessful"], false);
    assert!(
        run["toolExecutionNotifications"]
            .to_string()
            .contains("missing")
    );
}

#[test]
fn sarif_names_the_file_and_line_of_each_and_the_lines_that_mend_it() {
    let directory = inputs();
    let arguments = [
        "--format",
        "sarif",
        "Dockerfile",
        ".github/workflows/ci.yml",
    ];
    let (_, out, _) = lint(directory.path(), &arguments);
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let place = |result: &Value| {
        let physical = &result["locations"][0]["physicalLocation"];
        json!([
            result["ruleId"],
            physical["artifactLocation"]["uri"],
            physical["region"]["startLine"]
        ])
    };
    let places: Vec<Value> = results.iter().map(place).collect();
    assert!(
        places.contains(&json!(["stamp-value-empty", "Dockerfile", 2])),
        "{places:?}"
    );
    assert!(places.contains(&json!(["tags-all-moving", ".github/workflows/ci.yml", 4])));
    let empty = results
        .iter()
        .find(|it| it["ruleId"] == "stamp-value-empty")
        .unwrap();
    let change = &empty["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "Dockerfile");
    let replacement = &change["replacements"][0];
    assert_eq!(replacement["deletedRegion"]["startLine"], 2);
    assert_eq!(replacement["deletedRegion"]["endLine"], 2);
    assert_eq!(replacement["insertedContent"]["text"], "ARG GIT_SHA\n");
}

fn yaml(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_composite_action_writes_a_summary_and_sarif_and_fails_as_the_program_does() {
    let action = yaml("packaging/lint-action/action.yml");
    let [step] = &action["runs"]["steps"].as_array().unwrap()[..] else {
        panic!("one step");
    };
    assert_eq!(
        (&action["runs"]["using"], &step["shell"]),
        (&"composite".into(), &"bash".into())
    );
    let directory = inputs();
    fs::write(
        directory.path().join("step.sh"),
        step["run"].as_str().unwrap(),
    )
    .unwrap();
    // What a runner does of a composite step: inputs or their defaults in the place of expressions, and
    // `bash --noprofile --norc -eo pipefail FILE`.
    let value = |expression: &str, given: &[(&str, &str)]| {
        let inside = expression.strip_prefix("${{ inputs.").unwrap();
        let name = inside.strip_suffix(" }}").unwrap();
        let given = given.iter().find(|(input, _)| *input == name);
        given.map_or_else(
            || {
                action["inputs"][name]["default"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            },
            |(_, text)| (*text).to_owned(),
        )
    };
    let run = |files: &str| {
        let given = [
            ("files", files),
            ("sarif", "lint.sarif"),
            ("program", PROGRAM),
        ];
        for (name, _) in given {
            assert!(action["inputs"].get(name).is_some(), "{name}");
        }
        let environment = step["env"].as_object().unwrap();
        let environment = environment
            .iter()
            .map(|(name, text)| (name, value(text.as_str().unwrap(), &given)));
        Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "step.sh"])
            .current_dir(directory.path())
            .envs(environment)
            .env("GITHUB_STEP_SUMMARY", "summary.md")
            .status()
            .unwrap()
            .code()
    };
    let files = "Dockerfile\n.github/workflows/ci.yml\n$(touch pwned)";
    assert_eq!(run(files), Some(2));
    assert!(!directory.path().join("pwned").exists());
    assert_eq!(run("Dockerfile\n.github/workflows/ci.yml\n"), Some(1));
    let summary = fs::read_to_string(directory.path().join("summary.md")).unwrap();
    assert!(summary.contains("`stamp-value-empty`") && summary.contains("tags-all-moving"));
    let log = fs::read(directory.path().join("lint.sarif")).unwrap();
    let log: Value = serde_json::from_slice(&log).unwrap();
    assert_eq!(log["version"], "2.1.0");
}

#[test]
fn the_hook_takes_the_files_that_lint_reads_and_no_others() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    for hook in hooks.as_array().unwrap() {
        assert_eq!(hook["entry"], "sqsh-prov lint");
        let pattern = |key: &str| regex_lite::Regex::new(hook[key].as_str().unwrap()).unwrap();
        let (files, exclude) = (pattern("files"), pattern("exclude"));
        let taken = |name: &str| files.is_match(name) && !exclude.is_match(name);
        for name in [
            "Dockerfile",
            "docker/Dockerfile.rocm",
            "a/server.Dockerfile",
            "Containerfile",
            "compose.yaml",
            "docker-compose.prod.yml",
            "docker-bake.hcl",
            "x/docker-bake.override.json",
            ".github/workflows/ci.yml",
            ".gitlab-ci.yml",
        ] {
            assert!(taken(name), "{name}");
        }
        for name in [
            "README.md",
            "Dockerfile.dockerignore",
            "main.tf",
            "src/main.rs",
            ".github/dependabot.yml",
            "values.yaml",
        ] {
            assert!(!taken(name), "{name}");
        }
    }
}
