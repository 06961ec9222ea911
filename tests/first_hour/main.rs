//! What a newcomer trips over: each rule under its name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it fails"
)]

mod admin;
mod agreement;
mod answers;
mod checkout;
mod gates;
mod linting;
mod stamping;
mod words;

use std::fs;
use std::path::Path;
use std::process::Command;

const RELEASE: &str = "fixtures/classification/01-vllm-release.sqsh";

/// The exit code, standard output and standard error.
fn run_in(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(directory)
        .env("COLUMNS", "100")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
}

fn release() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(RELEASE)
}

#[test]
fn every_answer_begins_with_the_path_as_it_was_given() {
    let directory = tempfile::tempdir().unwrap();
    for user in ["u1", "u2"] {
        fs::create_dir(directory.path().join(user)).unwrap();
        fs::copy(release(), directory.path().join(user).join("model.sqsh")).unwrap();
    }
    let images = ["u1/model.sqsh", "./u2/model.sqsh"];
    for command in [
        &["show"][..],
        &["show", "--format", "line"],
        &["verify"],
        &["verify", "--format", "line"],
        &["audit"],
    ] {
        let arguments = [command, &images].concat();
        let (_, answer, _) = run_in(directory.path(), &arguments);
        for image in images {
            let named = answer.lines().any(|line| line.starts_with(image));
            assert!(named, "{command:?}: {image}: {answer}");
        }
    }
}

#[test]
fn a_word_of_another_program_is_answered_with_this_ones() {
    for (arguments, hint) in [
        (
            &["compare", RELEASE, RELEASE][..],
            "write 'diff' in place of 'compare'",
        ),
        (&["list"], "write 'audit' in place of 'list'"),
        (&["show", "--no-color", RELEASE], "write '--color never'"),
        (&["show", "--output", "x", RELEASE], "here write '> FILE'"),
        (&["show", "-j", RELEASE], "--format json writes JSON"),
        (
            &["show", "--packages", "all", RELEASE],
            "write '--packages=all'",
        ),
        (
            &[RELEASE][..],
            &*format!("write 'sqsh-prov show {RELEASE}'"),
        ),
        (&["fixtures"], "write 'sqsh-prov audit fixtures'"),
        (&["inspect", RELEASE], "write 'show' in place of 'inspect'"),
        (&["version"], "write '--version' in place of 'version'"),
        (
            &["show", "--json", RELEASE],
            "write '--format json' in place of '--json'",
        ),
    ] {
        let (code, _, error) = run(arguments);
        assert_eq!(code, 64, "{arguments:?}");
        assert!(error.contains(hint), "{arguments:?}: {error}");
        // The parser's own guess would be another answer.
        assert!(!error.contains("tip:"), "{arguments:?}: {error}");
    }
    let (_, _, error) = run(&["nonsense"]);
    assert!(!error.contains("write '"), "{error}");
}

#[test]
fn a_misspelt_contract_is_answered_with_the_closest() {
    for arguments in [
        &["contracts", "show", "vlm"][..],
        &["build-args", "--contract", "vlm"],
    ] {
        let (code, _, error) = run(arguments);
        assert_eq!(code, 64);
        assert!(
            error.contains("no contract 'vlm'; the closest known name is 'vllm'"),
            "{error}"
        );
    }
}

#[test]
fn a_misspelt_alias_is_answered_with_those_of_the_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write("recipe.yaml", "model:\n  container: vllm-29\n");
    write("site.yaml", "containers:\n  vllm-029: /x\n  sglang: /y\n");
    let verify = ["verify", "--recipe", "recipe.yaml"];
    let (code, _, error) = run_in(directory.path(), &verify);
    assert_eq!(code, 64);
    assert!(error.contains("give --cluster-config"), "{error}");
    let with = [&verify[..], &["--cluster-config", "site.yaml"]].concat();
    let (code, _, error) = run_in(directory.path(), &with);
    assert_eq!(code, 64);
    assert!(
        error.contains(
            "has no such alias (it has sglang, vllm-029); the closest known name is 'vllm-029'"
        ),
        "{error}"
    );
    assert!(!error.contains("give --cluster-config"), "{error}");
}

#[test]
fn what_a_flag_needs_is_said() {
    let (code, _, error) = run(&["show", "--contracts", RELEASE, RELEASE]);
    assert_eq!(code, 64);
    assert!(error.contains("--contracts takes the directory"), "{error}");
    let (code, _, error) = run(&["audit", "fixtures", "--baseline", "Cargo.toml"]);
    assert_eq!(code, 64);
    assert!(
        error.contains("give one written by `sqsh-prov audit --format ndjson`"),
        "{error}"
    );
    let (_, _, error) = run(&["show", "fixtures"]);
    assert!(
        error.contains("`sqsh-prov audit DIR` takes a directory of images"),
        "{error}"
    );
}

#[test]
fn a_time_limit_is_written_alike_everywhere() {
    for limit in ["5", "2.5s", "500ms", "1m", "none"] {
        for command in [&["verify", RELEASE][..], &["audit", RELEASE]] {
            let (code, _, error) = run(&[command, &["--timeout", limit]].concat());
            assert_eq!(code, 0, "{command:?} {limit}: {error}");
        }
    }
}

#[test]
fn an_audit_that_finds_nothing_says_what_to_try() {
    let layouts = "fixtures/oci/ii-layout-multi-node-no-index-annotations";
    let (_, _, error) = run(&["audit", layouts]);
    assert!(error.contains("--rootfs takes such directories"), "{error}");
    let (_, _, error) = run(&["audit", "src"]);
    assert!(error.contains("no image file was found"), "{error}");
    let (_, _, error) = run(&["audit", "src", "--quiet"]);
    assert_eq!(error, "");
}

#[test]
fn a_finding_weighs_in_the_totals_what_it_weighs_in_its_row() {
    let (_, page, _) = run(&["audit", "fixtures/classification/11-derived-llm-d.sqsh"]);
    let total = page
        .lines()
        .find(|line| line.contains("sources in the image"));
    let total = total.unwrap().split_whitespace().nth(1);
    assert_eq!(
        (page.contains("!conflicting"), total),
        (false, Some("info")),
        "{page}"
    );
    assert!(
        !page.contains('…') || !page.contains("a copy of another file…"),
        "{page}"
    );
}

#[test]
fn a_path_that_is_not_there_is_said_and_nothing_else_is_tried() {
    let (code, _, error) = run(&["audit", "no/such/directory"]);
    assert_eq!(code, 2);
    assert!(
        error.contains("there is no such file or directory"),
        "{error}"
    );
    assert!(!error.contains("--all-files"), "{error}");
}

#[test]
fn a_spreadsheet_with_unreadable_rows_is_said_to_have_them() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("x.sqsh"), "").unwrap();
    let (code, rows, error) = run_in(directory.path(), &["audit", "--format", "csv"]);
    assert_eq!((code, rows.lines().count()), (2, 2));
    assert!(
        error.contains("1 image could not be read; the column 'error' has the reason"),
        "{error}"
    );
}

#[test]
fn a_policy_that_holds_leaves_a_line_and_its_warnings_reach_the_log() {
    let policy = ["--policy", "publishable", RELEASE];
    let (_, page, _) = run(&[&["verify"], &policy[..]].concat());
    assert!(
        page.contains("OK              policy publishable: everything that it asks for holds"),
        "{page}"
    );
    let (_, line, _) = run(&[&["verify", "--format", "line"], &policy[..]].concat());
    assert!(
        line.contains("; policy publishable: everything that it asks for holds; "),
        "{line}"
    );
}

#[test]
fn a_version_is_compared_as_pep_440_says() {
    for (version, expected) in [
        ("0.29", 0),
        ("0.29.0", 0),
        ("v0.29.0", 0),
        ("0.29.0.post0", 1),
        ("0.29.0+cu129", 1),
        ("0.28", 1),
    ] {
        let framework = format!("vllm={version}");
        let (code, answer, _) = run(&["verify", "--framework", &framework, RELEASE]);
        assert_eq!(code, expected, "{version}: {answer}");
    }
}

#[test]
fn no_words_of_the_programming_language_reach_a_person() {
    let directory = tempfile::tempdir().unwrap();
    let loops = directory.path().join("loop.sqsh");
    std::os::unix::fs::symlink(&loops, &loops).unwrap();
    let loops = loops.to_str().unwrap();
    for arguments in [
        &["audit", "--jobs", "0"][..],
        &["show", loops],
        &["verify", loops],
        &["verify", "--policy", loops, RELEASE],
        &["audit", "--files-from", loops],
        &["audit", RELEASE, "--output", "/proc/x/y.csv"],
    ] {
        let (_, answer, error) = run(arguments);
        for word in ["os error", "non-zero type", "Err(", "Some(", "unwrap"] {
            assert!(!error.contains(word), "{arguments:?}: {error}");
            assert!(!answer.contains(word), "{arguments:?}: {answer}");
        }
    }
}

#[test]
fn masking_does_not_hide_why_a_file_of_ones_own_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let passwd = directory.path().join("passwd");
    fs::write(&passwd, "root:x:0:0\n").unwrap();
    let name = passwd.to_str().unwrap();
    let (code, _, error) = run(&["verify", "--recipe", name]);
    assert_eq!(code, 64);
    let reason = error.split_once(&format!("{name}: ")).unwrap().1;
    assert!(
        reason.trim().len() > 10 && !reason.starts_with("***"),
        "{error}"
    );
}

#[test]
fn evidence_is_shown_whole_at_every_width() {
    let commit = "98dff2a81d747d1dba01a47f939f48c3526d4206";
    for width in ["60", "80", "120"] {
        let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
            .env("COLUMNS", width)
            .args(["show", "--evidence"])
            .arg(release())
            .output()
            .unwrap();
        let page = String::from_utf8(output.stdout).unwrap();
        for whole in [commit, "origin.public_reference", "origin.commit.id"] {
            assert!(page.contains(whole), "{width}: {whole}: {page}");
        }
    }
}

#[test]
fn a_narrow_terminal_gets_narrow_lines() {
    let verify = ["verify", "--official", "--policy", "publishable"];
    let commands = [
        &["show"][..],
        &["audit"],
        &["show", "--evidence"],
        &verify,
        &["lint", "--survives"],
        &["lint"],
    ];
    for arguments in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("COLUMNS", "40")
            .args(arguments)
            .arg("fixtures/classification/11-derived-llm-d.sqsh")
            .output()
            .unwrap();
        let page = String::from_utf8(output.stdout).unwrap();
        // The text has more than half of the line.
        let widths = page.lines().map(|line| line.trim_start().chars().count());
        assert!(widths.max() > Some(30), "{page}");
        // A path or a reference is not broken, and can be copied.
        let copied = |line: &str| line.split_whitespace().any(|word| word.len() > 30);
        for line in page.lines().filter(|line| !copied(line)) {
            assert!(line.chars().count() <= 40, "{arguments:?}: {line}");
        }
    }
}

#[test]
fn a_terminal_without_utf_8_gets_ascii() {
    for arguments in [
        &["show", "--evidence"][..],
        &["verify", "--official"],
        &["audit"],
    ] {
        let page = |locale: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
                .env("LC_ALL", locale)
                .args(arguments)
                .arg(release())
                .output()
                .unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        assert!(page("C").is_ascii(), "{arguments:?}: {}", page("C"));
        assert!(!page("C.UTF-8").is_ascii(), "{arguments:?}");
    }
}

#[test]
fn a_check_is_wrapped_on_a_terminal_and_whole_in_a_log() {
    let verify = |columns: Option<&str>| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"));
        program.args(["verify", "--official"]).arg(release());
        match columns {
            Some(columns) => program.env("COLUMNS", columns),
            None => program.env_remove("COLUMNS"),
        };
        String::from_utf8(program.output().unwrap().stdout).unwrap()
    };
    let checks = |page: &str| page.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let narrow = checks(&verify(Some("60")));
    assert!(
        narrow.iter().all(|line| line.chars().count() <= 60),
        "{narrow:?}"
    );
    let whole = checks(&verify(None));
    assert_eq!(whole.len(), 2, "{whole:?}");
    assert!(narrow.len() > whole.len());
}
