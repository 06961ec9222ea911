//! Judges of what a shell, Slurm or a builder reads.

use super::judge::*;
use super::payloads::CANARY;
use super::store::Answer;
use serde_json::Value;
use std::fs;
use std::process::Command;

/// The names that the program may set in a shell or a task.
const VARIABLES: &str = "SQSH_PROV_";

/// What shells make of it: the program's variables, and nothing else.
pub fn shell(answers: &[Answer]) {
    page(answers);
    let printed = Printed::of(answers);
    let evaluate = r#"for script in ../printed/*; do
        ( eval "$(cat "$script")" || echo "failed $script"; set | grep -a '^[A-Za-z_]*=' | cut -d= -f1 )
    done | sort -u"#;
    let mut seen = Vec::new();
    for shell in ["bash", "sh"] {
        let before = printed.read_by(
            shell,
            &evaluate.replace(r#"eval "$(cat "$script")""#, "number=1"),
        );
        let after = printed.read_by(shell, evaluate);
        let new: Vec<_> = after
            .into_iter()
            .filter(|name| !before.contains(name))
            .collect();
        assert!(
            !new.is_empty() && new.iter().all(|name| name.starts_with(VARIABLES)),
            "{shell}: {new:?}"
        );
        seen.push(new);
    }
    assert_eq!(seen[0], seen[1]);
}

/// Answers as files, for shells to read.
pub struct Printed(tempfile::TempDir);

impl Printed {
    fn of(answers: &[Answer]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("empty")).unwrap();
        let printed = directory.path().join("printed");
        fs::create_dir(&printed).unwrap();
        for (number, answer) in answers.iter().enumerate() {
            fs::write(printed.join(format!("{number:05}")), &answer.stdout).unwrap();
        }
        Self(directory)
    }

    /// The lines that a script says of `../printed/*`, without a complaint and without making a file.
    fn read_by(&self, shell: &str, script: &str) -> Vec<String> {
        let empty = self.0.path().join("empty");
        let output = Command::new(shell)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir(&empty)
            .args(["-c", script])
            .output()
            .unwrap();
        assert!(
            output.stderr.is_empty(),
            "{shell}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let made: Vec<_> = fs::read_dir(&empty).unwrap().collect();
        assert!(made.is_empty(), "{shell}: {CANARY}? {made:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// What Slurm makes of it: `_proc_stdout` and `_run_script_and_set_env` in
/// `src/slurmd/slurmstepd/task.c` of SchedMD/slurm, which reads at most 4094 bytes at once.
pub fn task_prolog(answers: &[Answer]) {
    page(answers);
    for answer in answers {
        let lines = answer.stdout.split_inclusive(|&byte| byte == b'\n');
        for part in lines.flat_map(|line| line.chunks(4094)) {
            let part = text(answer, part).trim_end_matches('\n');
            let name = match part.split_once(' ').unwrap_or_default() {
                ("print", said) => {
                    assert!(said.starts_with("sqsh-prov: "), "{}: {part:?}", answer.name);
                    continue;
                }
                ("export", pair) => {
                    pair.trim_start()
                        .split_once('=')
                        .unwrap_or_else(|| panic!("{}: {part:?}", answer.name))
                        .0
                }
                ("unset", name) => name,
                _ => panic!("{}: {part:?}", answer.name),
            };
            let plain = name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            assert!(
                plain && name.starts_with(VARIABLES),
                "{}: {part:?}",
                answer.name
            );
        }
    }
}

/// The block that a recipe takes: references and versions as YAML texts.
pub fn identity(answers: &[Answer]) {
    page(answers);
    for answer in answers {
        let value: Value = serde_saphyr::from_str(text(answer, &answer.stdout))
            .unwrap_or_else(|error| panic!("{}: {error}", answer.name));
        let keys = |value: &Value| {
            value
                .as_object()
                .map(|map| map.keys().cloned().collect::<Vec<_>>())
                .unwrap_or_default()
        };
        assert_eq!(keys(&value), ["identity"], "{}", answer.name);
        for (key, known) in [
            ("identity", &["container", "frameworks"][..]),
            ("container", &["image"]),
            ("frameworks", &["vllm", "sglang", "tensorrt_llm", "dynamo"]),
        ] {
            let inner = if key == "identity" {
                &value[key]
            } else {
                &value["identity"][key]
            };
            assert!(
                keys(inner).iter().all(|key| known.contains(&key.as_str())),
                "{}: {value}",
                answer.name
            );
        }
    }
}

/// Flags of `docker build` with one value each, evaluated and in an unquoted `$(…)`.
pub fn arguments(answers: &[Answer]) {
    page(answers);
    let printed = Printed::of(answers);
    let flags = r#"flags() { while [ $# -gt 0 ]; do printf '%s\n' "$1"; shift 2 || exit; done; }
        for words in ../printed/*; do
            ( eval "flags $(cat "$words")" )
            ( flags $(cat "$words") )
        done | sort -u"#;
    for shell in ["bash", "sh"] {
        for flag in printed.read_by(shell, flags) {
            let known = ["--build-arg", "--tag", "--label", "--annotation"];
            assert!(known.contains(&flag.as_str()), "{shell}: {flag:?}");
        }
    }
}

/// `NAME=value`, as an environment file has it.
pub fn variables(answers: &[Answer]) {
    page(answers);
    for answer in answers {
        for line in text(answer, &answer.stdout).lines() {
            let name = line.split_once('=').map(|(name, _)| name);
            let is_name = |name: &str| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
            };
            assert!(name.is_some_and(is_name), "{}: {line:?}", answer.name);
        }
    }
}

/// Instructions that a build may have, and no line behind them.
pub fn dockerfile(answers: &[Answer]) {
    page(answers);
    for answer in answers {
        let mut goes_on = false;
        for line in text(answer, &answer.stdout).lines() {
            let known = ["ARG ", "ENV ", "LABEL ", "# "];
            let starts = known.iter().any(|start| line.starts_with(start));
            assert!(
                line.is_empty() || starts != (goes_on && line.starts_with("    ")),
                "{}: {line:?}",
                answer.name
            );
            goes_on = line.ends_with(" \\");
        }
        assert!(!goes_on, "{}", answer.name);
    }
}

/// A file that Compose reads, of one service.
pub fn compose(answers: &[Answer]) {
    page(answers);
    for answer in answers {
        let value: Value = serde_saphyr::from_str(text(answer, &answer.stdout))
            .unwrap_or_else(|error| panic!("{}: {error}", answer.name));
        let top: Vec<&String> = value.as_object().unwrap().keys().collect();
        assert_eq!(top, ["services"], "{}", answer.name);
    }
}
