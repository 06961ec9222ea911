//! Workflows beside several Dockerfiles: which one a build takes.

use std::fs;

use sqsh_prov::lint::Document;
use sqsh_prov::{Inspector, Options};

use crate::make::codes;

const BUILD: &str = "docker build --build-arg GIT_COMMIT=$GITHUB_SHA";
const STAMPED: &str =
    "FROM a\nARG GIT_COMMIT\nENV GIT_COMMIT=$GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\n";

/// Lints a workflow beside a Dockerfile that does not declare the argument, and one in `app` that does.
fn lint(workflow: &str) -> Document {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    fs::create_dir_all(directory.path().join("app/web")).unwrap();
    file("Dockerfile", "FROM a\n");
    file("app/Dockerfile", STAMPED);
    file("workflow.yml", workflow);
    let inspector = Inspector::new(Options::default()).unwrap();
    let path = directory.path().join("workflow.yml");
    inspector.lint(&path, None).unwrap()
}

fn script(script: &str) -> Document {
    let lines = script.replace('\n', "\n          ");
    lint(&format!(
        "jobs:\n  a:\n    steps:\n      - run: |\n          {lines}\n"
    ))
}

fn step(directory: &str) -> String {
    format!("steps:\n      - run: {BUILD} .\n        working-directory: {directory}\n")
}

fn said(document: &Document, code: &str) -> bool {
    document.warnings.iter().any(|it| it.code == code)
}

#[test]
fn the_dockerfile_is_that_of_the_directory_in_which_the_command_runs() {
    let defaults =
        |text: &str| format!("defaults:\n      run:\n        working-directory: {text}\n");
    for good in [
        script(&format!("cd app && {BUILD} .")),
        script(&format!("pushd app\n{BUILD} .\npopd")),
        script(&format!("(cd app && {BUILD} .)\n{BUILD} app")),
        script(&format!("cd app/web\n{BUILD} ..")),
        script(&format!("cd app/web; {BUILD} -f ../Dockerfile ../..")),
        script(&format!("{BUILD} -fapp/Dockerfile .")),
        lint(&format!("jobs:\n  a:\n    {}", step("app"))),
        lint(&format!(
            "jobs:\n  a:\n    {}    steps:\n      - run: {BUILD} .\n",
            defaults("app")
        )),
        lint(&format!(
            "defaults: {{run: {{working-directory: app}}}}\njobs:\n  a:\n    steps:\n      - run: {BUILD} .\n"
        )),
        lint(&format!(
            "a:\n  before_script:\n    - cd app\n  script:\n    - {BUILD} .\n"
        )),
    ] {
        assert_eq!(codes(&good), Vec::<&str>::new());
        assert!(good.warnings.is_empty(), "{:?}", good.warnings);
    }
    for bad in [
        script(&format!("{BUILD} .")),
        script(&format!("(cd app)\n{BUILD} . > log")),
        script(&format!("cd app/web && cd ../.. && {BUILD} .")),
        lint(&format!(
            "a:\n  script: [cd app]\n  after_script:\n    - {BUILD} .\n"
        )),
    ] {
        assert_eq!(codes(&bad), ["bake-arg-not-declared"]);
    }
}

#[test]
fn nothing_is_claimed_about_a_dockerfile_that_an_expression_decides() {
    let action = |input: &str| {
        let with = format!("build-args: GIT_COMMIT=${{{{ github.sha }}}}\n          {input}");
        lint(&format!(
            "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          {with}\n"
        ))
    };
    for unknown in [
        action("file: ${{ matrix.file }}"),
        action("context: ${{ matrix.context }}"),
        action("target: ${{ matrix.target }}"),
        script(&format!("{BUILD} -f ./${{{{ matrix.dockerfile }}}} .")),
        script(&format!("{BUILD} --target $STAGE .")),
        script(&format!("cd $DIR && {BUILD} .")),
        script(&format!("{BUILD} - < app/Dockerfile")),
        script(&format!("{BUILD} -f- .")),
        lint(&format!("jobs:\n  a:\n    {}", step("${{ matrix.dir }}"))),
    ] {
        assert_eq!(codes(&unknown), Vec::<&str>::new());
        assert!(said(&unknown, "dockerfile-not-read"), "{unknown:#?}");
    }
    assert_eq!(codes(&action("push: false")), ["bake-arg-not-declared"]);
}

#[test]
fn what_looks_like_a_build_and_is_not_read_is_named() {
    for (text, name) in [
        ("docker buildx bake --push", "docker buildx bake"),
        ("/kaniko/executor --context .", "/kaniko/executor"),
        ("make -C app docker-build", "make docker-build"),
    ] {
        let document = script(text);
        let warning = &document.warnings[0];
        assert_eq!(warning.code, "nothing-is-built");
        assert!(
            warning
                .message
                .contains(&format!("line 5: {name} looks like one")),
            "{warning:?}"
        );
    }
    let uses =
        lint("jobs:\n  a:\n    uses: docker/github-builder/.github/workflows/build.yml@v1\n");
    assert!(uses.warnings[0].message.contains("docker/github-builder"));
    let none = script("cargo test");
    assert!(!none.warnings[0].message.contains("looks like"));
}

#[test]
fn two_findings_do_not_replace_one_line() {
    let document = script("docker build --push --provenance=false -t acme/server:latest .");
    let edits = document.findings.iter().flatten().flat_map(|it| &it.edits);
    assert_eq!(codes(&document).len(), 3);
    assert_eq!(edits.count(), 1);
}
