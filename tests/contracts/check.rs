//! What `contracts check` says of mistakes.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

#[test]
fn a_mistake_is_named_with_its_line_and_exits_1() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bad.toml");
    for (text, line) in [
        (
            "schema = 1\nid = \"x\"\nname = \"X\"\ncolour = 3\n",
            "line 4",
        ),
        (
            "schema = 1\nid = \"X y\"\nname = \"X\"\n[[tag]]\npattern = '('\nkind = \"release\"\n",
            "line 5",
        ),
        ("schema = 9\nid = \"x\"\nname = \"X\"\n", "line 1"),
        (
            "schema = 1\nid = \"x\"\nname = \"X\"\n[[tag]]\npattern = 'a'\nkind = \"weekly\"\n",
            "line 6",
        ),
    ] {
        fs::write(&file, text).unwrap();
        let output = Command::cargo_bin("sqsh-prov")
            .unwrap()
            .args(["contracts", "check"])
            .arg(&file)
            .assert()
            .code(1)
            .get_output()
            .clone();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(
            message.contains(line) && message.contains("bad.toml"),
            "{message}"
        );
    }
}

/// What `contracts check` says of a contract with these lines in it.
fn checked(directory: &Path, id: &str, lines: &str) -> (Option<i32>, String) {
    let file = directory.join(format!("{id}.toml"));
    let stamp = "[[stamp]]\nfield = \"commit\"\nenvironment = [\"ACME_COMMIT\"]\n";
    let text = format!("schema = 1\nid = \"{id}\"\nname = \"X\"\n{lines}\n{stamp}");
    fs::write(&file, text).unwrap();
    let output = Command::cargo_bin("sqsh-prov")
        .unwrap()
        .args(["contracts", "check"])
        .arg(&file)
        .output()
        .unwrap();
    // What is strict of `check` must not be strict of all other commands.
    Command::cargo_bin("sqsh-prov")
        .unwrap()
        .arg("--contracts")
        .arg(directory)
        .args(["contracts", "list"])
        .assert()
        .code(0);
    fs::remove_file(&file).unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn check_refuses_a_base_that_nobody_knows() {
    let directory = tempfile::tempdir().unwrap();
    let check = |lines: &str| checked(directory.path(), "acme", lines);
    let (code, text) = check("wraps = [\n\"ngc\",\n\"vlm\",\n]");
    assert_eq!(code, Some(1), "{text}");
    for said in [
        "acme.toml: line 6: ",
        "'vlm'",
        "closest known name is 'vllm'",
    ] {
        assert!(text.contains(said), "{text}");
    }
    let (code, text) = check("wraps = [\"vllm\"]");
    assert_eq!(code, Some(0));
    assert!(text.starts_with("acme: sound\n"), "{text}");

    // One that the site adds is known where the site's contracts are given.
    let site = directory.path().join("site");
    fs::create_dir(&site).unwrap();
    let of_site = "schema = 1\nid = \"mine\"\nname = \"X\"\nrole = \"base\"\n";
    fs::write(site.join("mine.toml"), of_site).unwrap();
    let outer = directory.path().join("outer.toml");
    let text = of_site.replace("mine", "outer") + "wraps = [\"mine\"]\n";
    fs::write(&outer, text).unwrap();
    let check = |arguments: &[&Path]| {
        let mut command = Command::cargo_bin("sqsh-prov").unwrap();
        command
            .args(arguments)
            .args(["contracts", "check"])
            .arg(&outer);
        command.output().unwrap().status.code()
    };
    assert_eq!(check(&[]), Some(1));
    assert_eq!(check(&["--contracts".as_ref(), &site]), Some(0));
}

#[test]
fn check_refuses_a_repository_that_nothing_can_be_from() {
    let directory = tempfile::tempdir().unwrap();
    let line = "[[line]]\nproduct = \"X\"\nrepositories = [\"docker.io/acme/x\", \"R\"]";
    let tag = "[[tag]]\npattern = '^a$'\nkind = \"release\"\nrepositories = [\"R\"]";
    for section in [
        line,
        tag,
        "[repositories]\n\nstaging = [\"R\"]",
        "[repositories]\n\nci = [\"R\"]",
        "[repositories]\n\npull-request = [\"R\"]",
        "[repositories]\n\nelsewhere = [\"R\"]",
    ] {
        for repository in [
            "docker.io/Acme/serving",
            "docker.io/acme/serving:1",
            "docker.io/acme/serving@sha256:*",
            "acme/serving",
            "registry-1.docker.io/acme/serving",
        ] {
            let lines = section.replace('R', repository);
            let (code, text) = checked(directory.path(), "acme", &lines);
            assert_eq!(code, Some(1), "{lines}: {text}");
            let at = 4 + section.lines().position(|line| line.contains('R')).unwrap();
            for said in [&format!("line {at}: "), repository, "write 'docker.io/"] {
                assert!(text.contains(said), "{lines}: {text}");
            }
        }
        let lines = section.replace('R', "registry.acme.example:5000/*/serving");
        assert_eq!(
            checked(directory.path(), "acme", &lines).0,
            Some(0),
            "{lines}"
        );
    }
}

#[test]
fn check_refuses_one_value_for_two_fields() {
    let directory = tempfile::tempdir().unwrap();
    let check = |one: &str, other: &str| {
        let other = format!("[[stamp]]\nfield = \"version\"\n{other}");
        let lines = format!("[[stamp]]\nfield = \"url\"\n{one}\n{other}");
        checked(directory.path(), "acme", &lines)
    };
    for place in ["environment", "label"] {
        let whole = format!("{place} = [\"ACME_BUILD\"]");
        let (code, text) = check(&whole, &whole);
        assert_eq!(code, Some(1), "{text}");
        for said in ["line 6: ", "'ACME_BUILD' is both url and version", "`word`"] {
            assert!(text.contains(said), "{text}");
        }
        let (word, pointer) = (
            format!("{whole}\nword = 2"),
            format!("{whole}\npointer = \"/x\""),
        );
        assert_eq!(check(&word, &word).0, Some(1));
        assert_eq!(check(&whole, &word).0, Some(0));
        assert_eq!(check(&word, &pointer).0, Some(0));
    }
    let (variable, label) = ("environment = [\"A\"]", "label = [\"A\"]");
    assert_eq!(check(variable, label).0, Some(0));
}

#[test]
fn check_refuses_a_tag_pattern_that_is_open_at_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let check = |pattern: &str| {
        let lines = format!("[[tag]]\nkind = \"release\"\npattern = '{pattern}'");
        checked(directory.path(), "acme", &lines)
    };
    for pattern in [r"\d+\.\d+", r"^\d+\.\d+", r"\d+\.\d+$", "^latest|dev$"] {
        let (code, text) = check(pattern);
        assert_eq!(code, Some(1), "{text}");
        assert!(
            text.contains("line 6: ") && text.contains(pattern),
            "{text}"
        );
    }
    for pattern in [r"^\d+\.\d+$", "^(latest|dev)$", "^latest.*$"] {
        assert_eq!(check(pattern).0, Some(0), "{pattern}");
    }
    let line = "[[line]]\nproduct = \"X\"\nrepositories = [\"docker.io/acme/x\"]\ntags = '-cpu$'";
    let (code, text) = checked(directory.path(), "acme", line);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("line 7: ") && text.contains("-cpu"), "{text}");
}

#[test]
fn check_refuses_a_mirror_of_a_group_that_its_pattern_does_not_have() {
    let directory = tempfile::tempdir().unwrap();
    let mirror = |canonical: &str| {
        let lines = format!(
            "[[mirror]]\npattern = '^mirror\\.example/(?<kind>ml|hpc)/(?<rest>[^/]+)$'\ncanonical = \"{canonical}\"\n"
        );
        checked(directory.path(), "acme", &lines)
    };
    let (code, text) = mirror("registry.acme.example/{kind}/{name}");
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("line 6: ") && text.contains("(?<name>"),
        "{text}"
    );
    let (code, text) = mirror("registry.acme.example/{kind}/{rest}");
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn check_names_every_example_that_does_not_hold() {
    let directory = tempfile::tempdir().unwrap();
    let sections = "[[line]]\nproduct = \"X\"\nrepositories = [\"docker.io/acme/x\"]\n\
                    [[tag]]\nkind = \"release\"\npattern = '^1$'\n\
                    [[tag]]\nkind = \"ci\"\npattern = '^2$'\n\
                    [repositories]\nstaging = [\"docker.io/acme/staging\"]\n";
    let check = |rest: &str| {
        let lines = format!("{sections}[[example]]\nreference = {rest}");
        checked(directory.path(), "acme", &lines)
    };
    for holds in [
        "\"docker.io/acme/x:1\"\nkind = \"release\"\nofficial = true\nproduct = \"X\"",
        "\"acme/x:1\"\nkind = \"release\"\nofficial = true",
        "\"docker.io/acme/x:2\"\nkind = \"ci\"",
        "\"docker.io/acme/x:1-patched\"\nofficial = false",
        "\"docker.io/acme/staging:1\"\nkind = \"staging\"",
        "\"docker.io/other/x:1\"",
    ] {
        assert_eq!(check(holds).0, Some(0), "{holds}");
    }
    for (wrong, said) in [
        (
            "\"docker.io/acme/x:1\"\nofficial = true",
            "its kind is release, and the example has none",
        ),
        (
            "\"docker.io/acme/x:1\"\nkind = \"release\"",
            "it may be official",
        ),
        (
            "\"docker.io/acme/x:2\"\nkind = \"ci\"\nofficial = true",
            "it cannot be official",
        ),
        (
            "\"docker.io/other/x:1\"\nkind = \"release\"",
            "it has no kind, and the example says release",
        ),
        (
            "\"docker.io/acme/staging:1\"\nkind = \"release\"",
            "its kind is staging, and the example says release",
        ),
        (
            "\"docker.io/other/x:1\"\nproduct = \"X\"",
            "its product is none",
        ),
        (
            "\"docker.io/acme/x@sha256:46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3\"",
            "give a tag",
        ),
    ] {
        let (code, text) = check(wrong);
        assert_eq!(code, Some(1), "{wrong}: {text}");
        assert!(text.contains("line 16: ") && text.contains(said), "{text}");
    }
    let (_, text) = check(
        "\"docker.io/acme/x:3\"\nkind = \"ci\"\n[[example]]\nreference = \"docker.io/acme/x:4\"\nofficial = true",
    );
    assert!(
        text.contains("line 16: ") && text.contains("line 19: "),
        "{text}"
    );
}
