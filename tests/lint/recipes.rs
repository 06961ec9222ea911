//! Dockerfiles and bake files: which arguments reach the image.

use std::fs;

use sqsh_prov::lint::{Document, Finding};
use sqsh_prov::{Inspector, Options};

use crate::make::{codes, lint, text};

fn found(dockerfile: &str) -> Vec<String> {
    let document = lint(&text(dockerfile), None);
    codes(&document).into_iter().map(str::to_owned).collect()
}

const BLOCK: &str = "ARG GIT_COMMIT\nENV C=$GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\n";
const NONE: [&str; 0] = [];

#[test]
fn an_argument_reaches_the_image_in_every_way_that_docker_knows() {
    for good in [
        format!("FROM a\n{BLOCK}"),
        // In a stage that the last one starts from, by name, in other case.
        format!("FROM a AS base\n{BLOCK}FROM base\nRUN x\n"),
        format!("FROM a AS Base\n{BLOCK}FROM base AS end\n"),
        // Declared before FROM, and again in the stage.
        format!("ARG GIT_COMMIT=unknown\nFROM a\n{BLOCK}"),
        // An argument that the child of a stage inherits.
        "FROM a AS b\nARG GIT_COMMIT\nFROM b\nENV C=$GIT_COMMIT\nLABEL vcs-ref=${GIT_COMMIT}\n".to_owned(),
        // Through a variable, with defaults, quotes, continuations, comments between them.
        "FROM a\nARG GIT_COMMIT\nENV A=1 \\\n  # why\n  B=\"x-${GIT_COMMIT:-unknown}\"\nLABEL a=b \\\n\n vcs-ref='q'\"$B\"\n".to_owned(),
        // The older form, another escape character, other spelling of instructions.
        "# escape=`\nfrom a\narg GIT_COMMIT\nenv C $GIT_COMMIT\nlabel vcs-ref=`\n$GIT_COMMIT\n".to_owned(),
        // A default made of another argument.
        "FROM a\nARG GIT_COMMIT\nARG REV=${GIT_COMMIT}\nENV R=$REV\nLABEL vcs-ref=$REV\n".to_owned(),
        // Several arguments on a line.
        "FROM a\nARG X=1 GIT_COMMIT\nENV C=$GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\n".to_owned(),
        // Here-documents are no instructions.
        format!("FROM a\n{BLOCK}RUN <<EOF\nFROM x\nARG BUILD_COMMIT\nEOF\n"),
        // What chooses a base is no stamp.
        "ARG IMAGE_TAG=24.04\nFROM ubuntu:${IMAGE_TAG}\nLABEL org.opencontainers.image.revision=9a43e5c\n".to_owned(),
    ] {
        assert_eq!(found(&good), NONE, "{good}");
    }
}

#[test]
fn an_argument_that_does_not_is_found() {
    const UNUSED: &str = "stamp-arg-unused";
    for (bad, codes) in [
        ("FROM a\nARG GIT_COMMIT\n", vec![UNUSED]),
        // In a stage that is only copied from.
        (
            "FROM a AS b\nARG GIT_COMMIT\nENV C=$GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\nFROM a\nCOPY --from=b /x /x\n",
            vec![UNUSED],
        ),
        (
            "FROM a AS b\nARG GIT_COMMIT\nENV C=$GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\nFROM a\nRUN --mount=type=bind,from=b x\n",
            vec![UNUSED],
        ),
        // Within single quotes, and behind the escape character, it is no variable.
        (
            "FROM a\nARG GIT_COMMIT\nENV C='$GIT_COMMIT'\nLABEL c=\\$GIT_COMMIT\n",
            vec![UNUSED],
        ),
        // A variable hides the argument before it.
        (
            "FROM a\nARG GIT_COMMIT\nENV GIT_COMMIT=1\nENV C=$GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\n",
            vec![UNUSED],
        ),
        // Set again, to something else.
        (
            "FROM a\nARG GIT_COMMIT\nENV C=$GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\nENV C=x\n",
            vec!["stamp-arg-not-in-env"],
        ),
        // Not declared again; a stage's argument does not reach its siblings.
        (
            "ARG GIT_COMMIT\nFROM a\nENV C=$GIT_COMMIT\nLABEL c=x\n",
            vec!["stamp-arg-unused", "arg-not-redeclared"],
        ),
        (
            "FROM a\nARG GIT_COMMIT\nFROM b\nENV C=$GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\n",
            vec![UNUSED, "stamp-value-empty", "stamp-value-empty"],
        ),
    ] {
        assert_eq!(found(bad), codes, "{bad}");
    }
}

#[test]
fn the_default_target_lacks_the_stamp_that_another_one_has() {
    let recipe = format!("FROM a AS release\n{BLOCK}FROM a AS test\nRUN x\n");
    let findings = lint(&text(recipe), None).findings.unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, "dockerfile-without-stamp");
    assert!(findings[0].message.ends_with("has no stamp; release has"));
}

#[test]
fn a_key_that_nothing_reads_is_named_with_the_one_to_use() {
    let recipe = "FROM a\nARG GIT_SHA\nENV GIT_SHA=$GIT_SHA\nLABEL build.commit=$GIT_SHA\n";
    let findings = lint(&text(recipe), None).findings.unwrap();
    let found = &findings[0];
    assert!(found.message.contains("GIT_SHA and build.commit"));
    assert!(found.change.contains("org.opencontainers.image.revision"));
}

#[test]
fn no_line_is_put_behind_a_line_that_goes_on() {
    for open in [
        "FROM a\nRUN make \\",
        "FROM a\nARG GIT_COMMIT\nRUN make \\\n\n",
    ] {
        let findings = lint(&text(open), None).findings.unwrap();
        assert!(!findings.is_empty(), "{open}");
        assert!(findings.iter().all(|it| it.edits.is_empty()), "{open}");
    }
}

#[test]
fn a_here_document_without_its_end_is_an_error_with_its_line() {
    let error = sqsh_prov::lint::source::Dockerfile::parse("FROM a\nRUN cat <<EOF\nx\n");
    let said = error.unwrap_err().to_string();
    assert!(said.contains("line 2") && said.contains("EOF"), "{said}");
}

#[test]
fn a_finding_names_its_line() {
    let document = lint(
        &text(
            "# c\nFROM a\nENV A=1 \\\n    HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyz0123\nARG GIT_COMMIT\n",
        ),
        None,
    );
    let lines: Vec<_> = document
        .findings
        .unwrap()
        .into_iter()
        .map(|f| (f.code, f.line))
        .collect();
    assert_eq!(
        lines,
        [
            ("secret-in-env".to_owned(), Some(4)),
            ("stamp-arg-unused".to_owned(), Some(5))
        ]
    );
}

/// Lints a bake file with a Dockerfile beside it.
fn bake(bake: &str, dockerfile: &str) -> Document {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("docker")).unwrap();
    fs::write(directory.path().join("docker/Dockerfile"), dockerfile).unwrap();
    let path = directory.path().join("docker-bake");
    fs::write(&path, bake).unwrap();
    Inspector::new(Options::default())
        .unwrap()
        .lint(&path, None)
        .unwrap()
}

fn shown(document: &Document) -> Vec<String> {
    let show = |finding: &Finding| {
        format!(
            "{} {} {:?}",
            finding.code,
            finding.images.join(","),
            finding.line
        )
    };
    document.findings.iter().flatten().map(show).collect()
}

const BAKE: &str = r#"
variable "COMMIT" { default = "unknown" }
group "default" { targets = ["app"] }
target "_common" {
  args = { GIT_COMMIT = COMMIT }
  platforms = ["linux/amd64", "linux/arm64"]
}
target "app" {
  inherits   = ["_common"]
  context    = "."
  dockerfile = "docker/Dockerfile"
  target     = "end"
  labels = {
    "org.opencontainers.image.revision" = "${COMMIT}"
  }
  annotations = [
    "org.opencontainers.image.revision=${COMMIT}",
    "index,manifest:com.acme.build=${COMMIT}",
  ]
}
"#;

#[test]
fn a_bake_target_is_judged_with_what_it_inherits_and_its_dockerfile() {
    let declared = bake(BAKE, "FROM a AS end\nARG GIT_COMMIT\nENV C=$GIT_COMMIT\n");
    assert_eq!(
        shown(&declared),
        [
            "annotations-not-on-index app Some(17)",
            "annotation-only app Some(18)"
        ]
    );
    let other_stage = bake(
        BAKE,
        "FROM a AS end\nFROM a\nARG GIT_COMMIT\nENV C=$GIT_COMMIT\n",
    );
    assert!(
        shown(&other_stage).contains(&"stamp-arg-not-in-env app Some(5)".to_owned()),
        "{other_stage:#?}"
    );
    let undeclared = bake(BAKE, "FROM a AS end\n");
    assert!(shown(&undeclared).contains(&"bake-arg-not-declared app Some(5)".to_owned()));
}

#[test]
fn bake_files_in_json_are_judged_alike() {
    let json = r#"{"target": {"app": {"args": {"GIT_COMMIT": "${COMMIT}"}, "dockerfile": "docker/Dockerfile",
        "platforms": ["linux/amd64", "linux/arm64"], "annotations": ["manifest:a=${COMMIT}"]}}}"#;
    let document = bake(json, "FROM a\n");
    let codes = codes(&document);
    assert_eq!(
        codes,
        [
            "bake-arg-not-declared",
            "annotations-not-on-index",
            "annotation-only"
        ]
    );
}

#[test]
fn no_dockerfile_outside_of_the_bake_files_directory_is_read() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("Dockerfile"), "FROM a\n").unwrap();
    let inner = directory.path().join("inner");
    fs::create_dir(&inner).unwrap();
    std::os::unix::fs::symlink("../Dockerfile", inner.join("link")).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    for file in [
        "../Dockerfile",
        "link",
        "/etc/passwd",
        "missing",
        "${UP}/Dockerfile",
    ] {
        let text = format!(
            "target \"a\" {{\n  args = {{ GIT_COMMIT = \"x\" }}\n  dockerfile = \"{file}\"\n}}\n"
        );
        let path = inner.join("docker-bake.hcl");
        fs::write(&path, text).unwrap();
        let document = inspector.lint(&path, None).unwrap();
        assert_eq!(codes(&document), NONE, "{file}");
        // And a warning says so: no finding does not mean that all is well.
        assert!(!document.warnings.is_empty(), "{file}");
    }
}

#[test]
fn bake_files_that_grow_without_end_come_to_nothing_soon() {
    let doubled = |first: &str, next: &dyn Fn(usize) -> String| {
        let more: String = (1..40)
            .map(|at| format!("A{at} = {}\n", next(at - 1)))
            .collect();
        format!("A0 = {first}\n{more}target \"app\" {{ args = {{ X = A39 }} }}\n")
    };
    for text in [
        doubled("\"xxxxxxxx\"", &|at| format!("\"${{A{at}}}${{A{at}}}\"")),
        doubled("[\"x\"]", &|at| format!("[A{at}, A{at}]")),
        doubled("[\"x\"]", &|at| format!("concat(A{at}, A{at})")),
        doubled("{ x = 1 }", &|at| format!("{{ a = A{at}, b = A{at} }}")),
        "function \"f\" {\n  params = [x]\n  result = f(f(x))\n}\ntarget \"app\" { args = { X = f(1) } }\n".to_owned(),
        "R = range(4000)\ntarget \"app\" { args = { X = [for a in R : [for b in R : [for c in R : a]]] } }\n".to_owned(),
        "R = range(4000)\ntarget \"app\" {\n  name = \"a${a}-${b}\"\n  matrix = { a = R, b = R }\n}\n".to_owned(),
        "target \"app\" { args = { X = indent(1000000000, replace(\"a\\na\", \"a\", join(\"\", range(4000)))) } }\n".to_owned(),
    ] {
        let document = bake(&text, "FROM a\n");
        let said = document.warnings.iter().any(|it| it.code == "recipe-read-in-part");
        assert!(said, "{text}: {document:#?}");
    }
}

#[test]
fn an_error_of_the_parser_shows_its_line_with_a_caret() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("docker-bake.hcl");
    let said = |text: &str| {
        fs::write(&path, text).unwrap();
        let (code, _, error) = crate::several::lint(directory.path(), &["docker-bake.hcl"]);
        assert_eq!(code, Some(2));
        error
    };
    let shown = said("A = 1\nB = [1, 2\nC = 3\n");
    let lines: Vec<&str> = shown.lines().collect();
    assert!(
        lines[0].contains("cannot be read: line 3, column 1: "),
        "{shown}"
    );
    assert_eq!(lines[1..], ["     3 | C = 3", "       | ^"]);
    let hostile = said("B = [1 \u{202e} 2]\n");
    assert!(!hostile.contains('\u{202e}'), "{hostile}");
}

#[test]
fn what_stands_on_bakes_command_line_is_of_one_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    file(
        "a.hcl",
        "variable \"C\" {}\ntarget \"app\" { labels = { \"org.opencontainers.image.revision\" = C } }\n",
    );
    file("b.hcl", "target \"app\" { tags = [\"a\"] }\n");
    let run = |arguments: &[&str]| crate::several::lint(directory.path(), arguments);
    let (code, out, _) = run(&["a.hcl", "--file", "b.hcl", "--var", "C=main"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("stamp-value-fixed"), "{out}");
    let set = "app.labels.org.opencontainers.image.revision=main";
    let (_, out, _) = run(&["a.hcl", "--set", set, "--format", "json"]);
    assert!(out.contains("stamp-value-fixed"), "{out}");
    for wrong in [
        &["a.hcl", "b.hcl", "--var", "C=1"][..],
        &["a.hcl", "--var", "C"],
        &["a.hcl", "--set", "app=1"],
        &["a.hcl", "--set", "app.args=1"],
    ] {
        assert_eq!(run(wrong).0, Some(64), "{wrong:?}");
    }
    let (code, _, said) = run(&["a.hcl", "--file", "missing.hcl"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("missing.hcl"), "{said}");
}

#[test]
fn hostile_bake_files_and_dockerfiles_are_refused_and_do_not_hang() {
    let inspector = Inspector::new(Options::default()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("input");
    let loops = "target \"a\" { inherits = [\"b\"] }\ntarget \"b\" { inherits = [\"a\"] }\ngroup \"g\" { targets = [\"a\"] }";
    fs::write(&path, loops).unwrap();
    assert!(inspector.lint(&path, None).is_ok());
    for bad in [
        format!(
            "target \"a\" {{ args = {}{} }}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        ),
        "target \"a\" {".to_owned(),
        "FROM\n".to_owned(),
        "ARG A\n".to_owned(),
        format!("{}FROM a\n", "FROM a\n".repeat(128)),
        "A = 1\n".to_owned(),
        "hello\n".to_owned(),
        format!("FROM a\nRUN {}\n", "x".repeat(1 << 20)),
    ] {
        fs::write(&path, &bad).unwrap();
        assert!(
            inspector.lint(&path, None).is_err(),
            "{}",
            &bad[..bad.len().min(40)]
        );
    }
}
