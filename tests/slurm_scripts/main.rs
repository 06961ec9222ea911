//! The Slurm scripts by themselves: which image they look at, and that they never fail.
//! `scripts/test-slurm` runs them in a real Slurm.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod settings;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use support::fixture;
use tempfile::TempDir;

/// The scripts in a directory of their own, with settings, and Slurm's commands that only write
/// down how they were called.
struct Site(TempDir);

impl Site {
    fn new(program: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/slurm");
        for entry in fs::read_dir(scripts).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), directory.path().join(entry.file_name())).unwrap();
        }
        let site = Self(directory);
        let at = site.0.path().display().to_string();
        let settings = format!(
            "SQSH_PROV={program}\nSQSH_PROV_LOG={at}/log\nSQSH_PROV_SLURM_BIN={at}/bin\nSQSH_PROV_TIMEOUT=1\n"
        );
        fs::write(site.path("sqsh-prov.conf"), settings).unwrap();
        fs::create_dir(site.path("bin")).unwrap();
        for command in ["scontrol", "scancel"] {
            site.program(
                &format!("bin/{command}"),
                &format!("echo {command} \"$@\" >>{at}/calls"),
            );
        }
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn program(&self, name: &str, body: &str) -> String {
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    /// Runs a script with nothing in its environment but this.
    fn run(&self, script: &str, environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(self.path(script));
        command
            .env_clear()
            .env("SLURM_JOB_ID", "7")
            .envs(environment.iter().copied());
        let output = loop {
            match command.output() {
                // Another test's child still has the script open, which this one has just written.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                output => break output.unwrap(),
            }
        };
        assert!(output.status.success(), "{script} {environment:?}");
        output
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_sqsh-prov");
const CONTAINER: &str = "SPANK__SLURM_SPANK_OPTION_pyxis_container_name";
const PYXIS: &str = "SPANK__SLURM_SPANK_OPTION_pyxis_container_image";

fn image(name: &str) -> String {
    fixture("classification", name).display().to_string()
}

#[test]
fn the_image_is_found_where_slurm_and_pyxis_name_it() {
    let good = image("01-vllm-release.sqsh");
    let other = image("11-derived-llm-d.sqsh");
    let comment = format!("mine, container-image={good} x");
    let directory = fixture("classification", "").display().to_string();
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".images")).unwrap();
    fs::copy(&other, home.path().join(".images/derived.sqsh")).unwrap();
    let hidden = home.path().display().to_string();
    for (environment, said) in [
        (
            &[(PYXIS, good.as_str()), ("CONTAINER_IMAGE", &other)][..],
            "accepted",
        ),
        (
            &[
                ("PYXIS_CONTAINER_IMAGE", &good),
                ("CONTAINER_IMAGE", &other),
            ],
            "accepted",
        ),
        (&[("CONTAINER_IMAGE", &good)], "accepted"),
        (&[("CONTAINER_IMAGE", &other)], "would be denied"),
        (&[("SLURM_JOB_COMMENT", &comment)], "accepted"),
        (
            &[
                (PYXIS, "./01-vllm-release.sqsh"),
                ("SLURM_JOB_WORK_DIR", &directory),
            ],
            "accepted",
        ),
        (
            &[
                (PYXIS, ".images/derived.sqsh"),
                ("SLURM_JOB_WORK_DIR", &hidden),
            ],
            "would be denied",
        ),
        (
            &[(PYXIS, "./01-vllm-release.sqsh")],
            "the directory of ./01-vllm-release.sqsh is not known",
        ),
        (
            &[(PYXIS, "nvcr.io#nvidia/pytorch:26.03-py3")],
            "is not a path",
        ),
        (&[(PYXIS, "dynamo-trtllm\u{1b}[31m\nx")], "is not a path"),
        (
            &[(PYXIS, &good), (CONTAINER, "mine")],
            "if a container mine exists already, the job runs that and not this image",
        ),
        (
            &[(CONTAINER, "mine")],
            "could not tell, the job runs: --container-name=mine runs a root file system",
        ),
        (
            &[(PYXIS, "/no/such.sqsh")],
            "could not tell, the job runs: /no/such.sqsh: there is no such file",
        ),
    ] {
        let site = Site::new(PROGRAM);
        site.run("prolog-log.sh", environment);
        let log = site.text("log");
        assert!(log.contains(said), "{environment:?}: {log}");
        assert_eq!(log.lines().count(), 1, "{log:?}");
        assert!(!log.contains('\u{1b}'), "{log:?}");
    }
}

#[test]
fn a_job_without_a_container_is_logged_only_where_the_site_asks() {
    let without = [("SLURM_JOB_COMMENT", "container-image"), ("HOME", "/")];
    let site = Site::new(PROGRAM);
    site.run("prolog-log.sh", &without);
    assert_eq!(site.text("log"), "");
    let settings = site.text("sqsh-prov.conf") + "SQSH_PROV_LOG_ALL=1\n";
    fs::write(site.path("sqsh-prov.conf"), settings).unwrap();
    site.run("prolog-log.sh", &without);
    assert!(site.text("log").contains("no container image is named"));
}

#[test]
fn at_submission_a_denied_image_is_named_and_nothing_else_is_held_up() {
    let directory = image("");
    for (environment, said) in [
        (
            &[
                (PYXIS, "./01-vllm-release.sqsh"),
                ("SLURM_JOB_WORK_DIR", directory.as_str()),
            ][..],
            "ok\n",
        ),
        (&[(PYXIS, &image("01-vllm-release.sqsh"))], "ok\n"),
        (
            &[("PYXIS_CONTAINER_IMAGE", &image("11-derived-llm-d.sqsh"))],
            "denied ",
        ),
        (&[(PYXIS, "/no/such.sqsh")], "unknown "),
        (&[(PYXIS, "nvcr.io#nvidia/pytorch:26.03-py3")], ""),
        (&[], ""),
    ] {
        let site = Site::new(PROGRAM);
        let output = site.run("submit.sh", environment);
        let answer = String::from_utf8(output.stdout).unwrap();
        assert!(answer.starts_with(said), "{environment:?}: {answer}");
        assert_eq!(
            answer.is_empty(),
            said.is_empty(),
            "{environment:?}: {answer}"
        );
        assert_eq!(site.text("calls"), "");
    }
}

#[test]
fn only_a_denied_job_is_taken_away() {
    for script in ["prolog-refuse.sh", "prologslurmctld.sh"] {
        for (name, denied) in [
            ("01-vllm-release.sqsh", false),
            ("11-derived-llm-d.sqsh", true),
            ("none.sqsh", false),
        ] {
            let site = Site::new(PROGRAM);
            site.run(script, &[(PYXIS, &image(name))]);
            let calls = site.text("calls");
            assert_eq!(
                calls.contains("scancel 7"),
                denied,
                "{script} {name}: {calls}"
            );
            assert_eq!(
                calls.contains("AdminComment=sqsh-prov denied"),
                denied,
                "{script} {name}"
            );
        }
    }
}

#[test]
fn a_strict_site_refuses_what_could_not_be_told_and_the_default_says_why_it_runs() {
    let directory = tempfile::tempdir().unwrap();
    let zeros = directory.path().join("zeros.sqsh");
    fs::write(&zeros, [0; 8192]).unwrap();
    let zeros = zeros.display().to_string();
    let old = image("45a-no-provenance-vllm-release.sqsh");
    for (named, why) in [
        (zeros.as_str(), "zeros only"),
        ("/no/such.sqsh", "no such file"),
        (&old, "where it was pulled from is not recorded"),
        ("nvcr.io#nvidia/pytorch:26.03-py3", "registry reference"),
    ] {
        for strict in [false, true] {
            let site = Site::new(PROGRAM);
            if strict {
                let settings = site.text("sqsh-prov.conf") + "SQSH_PROV_STRICT=1\n";
                fs::write(site.path("sqsh-prov.conf"), settings).unwrap();
            }
            site.run("prolog-refuse.sh", &[(PYXIS, named)]);
            let (calls, log) = (site.text("calls"), site.text("log"));
            assert_eq!(calls.contains("scancel 7"), strict, "{named}: {log}");
            assert!(log.contains(why), "{named}: {log}");
            assert!(!log.contains("stuck"), "{named}: {log}");
            assert_eq!(calls.contains(why), strict, "{named}: {calls}");
        }
    }
    let site = Site::new("/no/such/program");
    let settings = site.text("sqsh-prov.conf") + "SQSH_PROV_STRICT=1\n";
    fs::write(site.path("sqsh-prov.conf"), settings).unwrap();
    site.run("prolog-refuse.sh", &[(PYXIS, "/images/model.sqsh")]);
    assert!(site.text("calls").contains("scancel 7"));
    site.run("prolog-refuse.sh", &[]);
    assert_eq!(site.text("calls").matches("scancel").count(), 1);
}

#[test]
fn a_refusal_tells_the_user_why_and_what_to_import() {
    let site = Site::new(PROGRAM);
    let edited = fixture("classification", "41-container-save.sqsh")
        .display()
        .to_string();
    site.run("prolog-refuse.sh", &[(PYXIS, &edited)]);
    let calls = site.text("calls");
    for part in [
        edited.as_str(),
        "later than the importer's last file",
        "import docker.io/vllm/vllm-openai:v0.29.0 in its place",
    ] {
        assert!(calls.contains(part), "{part}: {calls}");
    }
}

#[test]
fn values_of_an_image_before_do_not_survive_one_that_cannot_be_read() {
    for images in ["/no/such", "/no/such /nor/this"] {
        let script = format!(
            "SQSH_PROV_KIND=release; eval \"$('{PROGRAM}' show -q --format shell {images})\"; echo \"[${{SQSH_PROV_KIND-gone}}]\""
        );
        let output = Command::new("/bin/sh").args(["-c", &script]).output();
        assert_eq!(output.unwrap().stdout, b"[gone]\n", "{images}");
    }
}

#[test]
fn a_task_gets_fixed_names_and_nothing_else() {
    let site = Site::new(PROGRAM);
    for name in ["01-vllm-release.sqsh", "none.sqsh"] {
        let output = site.run("taskprolog.sh", &[("CONTAINER_IMAGE", &image(name))]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty(), "{name}");
        for line in text.lines() {
            let known = ["export SQSH_PROV_", "unset SQSH_PROV_", "print sqsh-prov: "];
            assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
        }
        assert_eq!(
            text.contains("export SQSH_PROV_KIND=release\n"),
            name.starts_with("01")
        );
    }
    assert!(site.run("taskprolog.sh", &[]).stdout.is_empty());
}

#[test]
fn what_is_for_eval_means_the_same_in_a_shell() {
    let script = format!(
        "eval \"$('{PROGRAM}' show --format shell '{}')\"; printf %s \"$SQSH_PROV_KIND $SQSH_PROV_PULL\"",
        image("01-vllm-release.sqsh")
    );
    let output = Command::new("/bin/sh")
        .args(["-c", &script])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "release docker.io/vllm/vllm-openai:v0.29.0"
    );
}

#[test]
fn the_preamble_stops_a_job_on_exit_1_only() {
    let text = fs::read_to_string("scripts/slurm/srt-slurm-preamble.sh").unwrap();
    let commands: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    assert_eq!(commands.len(), 4);
    let bin = Path::new(PROGRAM).parent().unwrap().display().to_string();
    let logs = tempfile::tempdir().unwrap();
    for (recipe, strict, goes_on) in [
        ("reference-only", "", true),
        ("host-port", "", false),
        ("none", "", true),
        ("none", "0", true),
        ("none", "yes", false),
        ("setup-script", "", true),
    ] {
        // What srt-slurm fills into its template.
        let commands = commands
            .join("\n")
            .replace("{{ runtime_config_filename }}", &format!("{recipe}.yaml"))
            .replace("{{ container_image }}", &image("01-vllm-release.sqsh"));
        assert!(!commands.contains("{{"), "{commands}");
        let script = format!("set -e\n{commands}\nwait\necho on");
        let output = Command::new("/bin/sh")
            .args(["-c", &script])
            .env("PATH", format!("{bin}:/usr/bin:/bin"))
            .env("OUTPUT_DIR", "tests/data/recipes")
            .env("SQSH_PROV_STRICT", strict)
            .env("LOG_DIR", logs.path())
            .output()
            .unwrap();
        let code = Some(i32::from(!goes_on));
        assert_eq!(output.status.code(), code, "{recipe} {strict}");
        assert_eq!(
            String::from_utf8(output.stdout).unwrap().ends_with("on\n"),
            goes_on,
            "{recipe}"
        );
    }
    let fingerprint = fs::read_to_string(logs.path().join("image_provenance.json")).unwrap();
    let fingerprint: serde_json::Value = serde_json::from_str(&fingerprint).unwrap();
    assert_eq!(fingerprint["frameworks"]["vllm"], "0.29.0");
}

#[test]
fn srt_slurm_takes_no_file_of_ours_for_a_worker() {
    // collect_worker_fingerprints of its lockfile.py, and its dashboard.
    let is_worker = |name: &str| name.starts_with("fingerprint_") && name.ends_with(".json");
    assert!(is_worker("fingerprint_prefill_w0.json"));
    let text = fs::read_to_string("scripts/slurm/srt-slurm-preamble.sh").unwrap();
    let commands = text.lines().filter(|line| !line.starts_with('#'));
    let words = commands.flat_map(|line| line.split(['"', '/', ' ']));
    assert!(!words.into_iter().any(is_worker));
}
