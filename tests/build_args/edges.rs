//! `build-args` at its edges: Git contexts, odd variants and values, fallbacks.

use std::process::Command;

use crate::{COMMIT, RELEASE, printed, run, stamp, words};

#[test]
fn a_git_context_is_stamped_for_every_contract() {
    let ask = |contract: &str, context: &str, variables: &[(&str, &str)]| {
        stamp(&["--contract", contract, "--context", context], variables)
    };
    let repository = "https://github.com/vllm-project/vllm.git";
    let other = "1111111111111111111111111111111111111111";
    for form in [
        format!("{repository}#{other}"),
        format!("{repository}?ref=main&checksum={other}"),
    ] {
        // What CI's variables have is of another checkout.
        for variables in [&[][..], &RELEASE[..]] {
            let found = ask("vllm", &form, variables);
            assert_eq!(found["build_args"]["VLLM_BUILD_COMMIT"], other, "{form}");
            let generic = ask("generic", &form, variables);
            assert_eq!(
                generic["build_args"]["NEW_IMAGE_BUILD_COMMIT"], other,
                "{form}"
            );
        }
    }
    // Which commit it has is not known, and CI's is another one.
    let moving = ask("vllm", &format!("{repository}#main"), &RELEASE);
    assert_eq!(moving["build_args"]["VLLM_BUILD_COMMIT"], "unknown");
    let request = ask("generic", &format!("{repository}#refs/pull/42/merge"), &[]);
    let arguments = &request["build_args"];
    assert_eq!(arguments["NEW_IMAGE_BUILD_PULL_REQUEST"], "42");
    assert_eq!(arguments["NEW_IMAGE_BUILD_REF"], "refs/pull/42/merge");
    for form in ["#refs/tags/v1.4.2:docker", "?tag=v1.4.2"] {
        let tagged = ask("generic", &format!("{repository}{form}"), &[]);
        assert_eq!(
            tagged["build_args"]["NEW_IMAGE_BUILD_VERSION"], "1.4.2",
            "{form}"
        );
        assert_eq!(
            tagged["build_args"]["NEW_IMAGE_BUILD_REF"],
            "refs/tags/v1.4.2"
        );
    }
    let branch = ask("generic", &format!("{repository}?branch=dev"), &[]);
    assert_eq!(
        branch["build_args"]["NEW_IMAGE_BUILD_REF"],
        "refs/heads/dev"
    );
}

#[test]
fn a_variant_that_is_no_part_of_a_tag_ends_no_build() {
    let directory = tempfile::tempdir().unwrap();
    for variant in ["cu129 --push", "cu/129", "a\u{1b}[31m"] {
        let output = run(
            &[variant, "--contract", "vllm"],
            &RELEASE,
            "",
            directory.path(),
        );
        assert_eq!(output.status.code(), Some(0), "{variant}");
        let line = String::from_utf8(output.stdout).unwrap();
        assert!(line.contains(&format!("VLLM_BUILD_COMMIT={COMMIT}")) && line.contains("--tag"));
        assert!(
            words(&line).iter().all(|word| !word.starts_with("--push")),
            "{line}"
        );
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("cannot be part of a tag") && !said.contains('\u{1b}'),
            "{said}"
        );
    }
}

#[test]
fn nothing_empty_is_printed_but_what_a_publishers_script_prints() {
    let line = printed(&["--contract", "generic"], &[]);
    assert!(
        words(&line).iter().all(|word| !word.ends_with('=')),
        "{line}"
    );
    let line = printed(&["--contract", "generic", "--format", "env"], &[]);
    assert!(line.lines().all(|line| !line.ends_with('=')), "{line}");
    let line = printed(&["--contract", "vllm"], &[]);
    assert!(words(&line).contains(&"VLLM_BUILD_URL="), "{line}");
}

/// The words that a shell makes of an unquoted `$(…)` that prints a line.
fn unquoted(line: &str) -> Vec<String> {
    let script = "printf '%s\\n' $(cat)";
    let mut child = Command::new("bash")
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_page_with_a_query_survives_an_unquoted_substitution() {
    let url = "https://ci.example/job?build=7&view=log#step-3";
    let variables = [("VLLM_BUILD_URL", url), ("BUILDKITE_COMMIT", COMMIT)];
    let line = printed(&["--contract", "vllm"], &variables);
    let expected = format!("VLLM_BUILD_URL={url}");
    assert!(unquoted(&line).contains(&expected), "{line}");
    // For eval there is the quoted form.
    let line = printed(
        &["--contract", "vllm", "--format", "args-quoted"],
        &variables,
    );
    assert!(line.contains(&format!("'{expected}'")), "{line}");
}

#[test]
fn a_bake_or_compose_file_keeps_its_own_fallback() {
    for format in ["bake", "compose"] {
        let text = printed(
            &["--contract", "vllm", "--format", format],
            &[("VLLM_BUILD_URL", "https://ci.example/7")],
        );
        for placeholder in [
            "\"unknown\"",
            "local/vllm-openai:dev",
            "VLLM_BUILD_COMMIT",
            "image.revision",
        ] {
            assert!(
                !text.contains(placeholder),
                "{format}: {placeholder}\n{text}"
            );
        }
        assert!(text.contains("https://ci.example/7"), "{text}");
    }
}

#[test]
fn the_printed_dockerfile_keeps_upstreams_contract() {
    let text = printed(&["--contract", "vllm", "--format", "dockerfile"], &RELEASE);
    for (name, default) in [
        ("VLLM_BUILD_COMMIT", "unknown"),
        ("VLLM_BUILD_PIPELINE", "local"),
        ("VLLM_BUILD_URL", ""),
        ("VLLM_IMAGE_TAG", "local/vllm-openai:dev"),
    ] {
        assert!(text.contains(&format!("ARG {name}")), "{text}");
        assert!(
            text.contains(&format!("{name}=${{{name}:-{default}}}")),
            "{text}"
        );
    }
    for (label, name) in [
        ("ai.vllm.build.commit", "VLLM_BUILD_COMMIT"),
        ("ai.vllm.build.pipeline", "VLLM_BUILD_PIPELINE"),
        ("ai.vllm.build.url", "VLLM_BUILD_URL"),
        ("ai.vllm.image.tag", "VLLM_IMAGE_TAG"),
    ] {
        assert!(text.contains(&format!("{label}=\"${{{name}}}\"")), "{text}");
    }
}

#[test]
fn a_check_says_that_a_commit_is_short() {
    let directory = tempfile::tempdir().unwrap();
    let mut variables = RELEASE;
    variables[0] = ("BUILDKITE_COMMIT", "98dff2a");
    let output = run(
        &["--contract", "vllm", "--check"],
        &variables,
        "",
        directory.path(),
    );
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("short commit") && !said.contains("not known"),
        "{said}"
    );
}

#[test]
fn it_is_explained_where_each_value_comes_from() {
    let text = printed(&["--contract", "vllm", "--explain"], &RELEASE[..3]);
    let row = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(
        row("VLLM_BUILD_COMMIT").ends_with("  BUILDKITE_COMMIT"),
        "{text}"
    );
    assert!(
        row("VLLM_IMAGE_TAG").ends_with("template for a staging build"),
        "{text}"
    );
    let text = printed(&["--contract", "vllm", "--explain"], &[]);
    assert!(
        text.contains("not known: the contract's fallback"),
        "{text}"
    );
}
