//! Slips of the pen in recipes, lockfiles and a cluster's configuration: none drops an expectation.

use super::*;

/// What the program says of a recipe with this text, and its exit code.
fn told(text: &str, flags: &[&str]) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("r.yaml");
    std::fs::write(&path, text).unwrap();
    let flag = if text.contains("lock:") {
        "--lockfile"
    } else {
        "--recipe"
    };
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["verify", flag])
        .arg(&path)
        .args(flags)
        .output()
        .unwrap();
    let said = [output.stderr, output.stdout].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

const MODEL: &str = "model: {container: v0.29.0}\n";

#[test]
fn a_slip_of_the_pen_in_a_recipe_is_never_an_ok_without_a_word() {
    let base = "base: {model: {container: v0.29.0}}\noverride_a: {x: 1}\n";
    let expecting = "base: {model: {container: v0.29.0}, identity: {container: {image: 'a/b:1'}, frameworks: {vllm: '1'}}}\n";
    for (text, flags, code, words) in [
        (
            format!("{expecting}override_a: {{identity: null}}\n"),
            &CLUSTER[..],
            64,
            "override_a.identity: null removes what the base expects",
        ),
        (
            format!("{expecting}override_a: {{identity: {{container: null, frameworks: null}}}}\n"),
            &CLUSTER,
            64,
            "identity: it is empty",
        ),
        (
            format!("{base}overide_b: {{x: 2}}\n"),
            &CLUSTER[..],
            64,
            "the closest known name is 'override_b'",
        ),
        (
            format!("{MODEL}frontned: {{type: sglang}}\n"),
            &CLUSTER,
            0,
            "frontned: this key is unknown; the closest known name is 'frontend'",
        ),
        (
            format!("{MODEL}dynamo: {{instal: false}}\n"),
            &CLUSTER,
            0,
            "dynamo.instal: this key is unknown",
        ),
        (
            format!("{MODEL}frontend: {{type: sgland}}\n"),
            &CLUSTER,
            0,
            "srt-slurm has no frontend 'sgland'",
        ),
        (
            format!("{MODEL}lock: {{version: 9}}\n"),
            &CLUSTER,
            64,
            "lock.version: version 9",
        ),
        (
            format!("{MODEL}lock: {{resolved: {{container_pat: x}}}}\n"),
            &CLUSTER,
            64,
            "'container_path'",
        ),
        (
            format!("{MODEL}identity: {{frameworks: {{vllm: banana}}}}\n"),
            &CLUSTER,
            64,
            "identity.frameworks.vllm: 'banana' is not a version",
        ),
        (
            format!("{MODEL}identity: {{frameworks: {{vllm: '>=0.30'}}}}\n"),
            &CLUSTER,
            64,
            "no range",
        ),
        (
            format!("base: {{}}\noverride_a:\n  {MODEL}  identity: {{container: {{image: ''}}}}\n"),
            &CLUSTER,
            64,
            "override_a: identity.container.image",
        ),
    ] {
        let (got, said) = told(&text, flags);
        assert_eq!(got, Some(code), "{text}: {said}");
        assert!(said.contains(words), "{text}: {said}");
    }
}

#[test]
fn a_worker_that_recorded_another_version_ran_in_another_image() {
    let lock = |version: &str| {
        format!(
            "{MODEL}lock: {{version: 2, fingerprints: {{agg_w0: {{frameworks: {{vllm: '{version}'}}}}}}}}\n"
        )
    };
    assert_eq!(told(&lock("0.29.0"), &CLUSTER).0, Some(0));
    let (code, said) = told(&lock("0.28.0"), &CLUSTER);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("lock.fingerprints.agg_w0.vllm"), "{said}");
    let script = format!("{}setup_script: more.sh\n", lock("0.28.0"));
    assert_eq!(told(&script, &CLUSTER).0, Some(0));
}

#[test]
fn what_srt_slurm_compares_as_text_is_said_to_be_compared_so() {
    let recipe = format!("{MODEL}identity: {{frameworks: {{vllm: '0.29'}}}}\n");
    let (code, said) = told(&recipe, &CLUSTER);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("the recipe says '0.29', and srt-slurm compares as text"),
        "{said}"
    );
    let compatible = [&CLUSTER[..], &["--framework-compatible"]].concat();
    assert_eq!(told(&recipe, &compatible).0, Some(0));
}

#[test]
fn an_alias_of_any_image_that_nothing_resolves_is_refused_when_all_are_asked_for() {
    let recipe = format!("{MODEL}frontend: {{type: sglang, nginx_container: ngnix}}\n");
    assert_eq!(told(&recipe, &CLUSTER).0, Some(0));
    let all = [&CLUSTER[..], &["--all-images"]].concat();
    let (code, said) = told(&recipe, &all);
    assert_eq!(code, Some(64), "{said}");
    assert!(
        said.contains("frontend.nginx_container 'ngnix'") && said.contains("'nginx'"),
        "{said}"
    );
}

#[test]
fn a_cluster_s_configuration_without_aliases_is_said_to_have_none() {
    let directory = tempfile::tempdir().unwrap();
    let cluster = directory.path().join("c.yaml");
    let flags = ["--cluster-config", cluster.to_str().unwrap()];
    for (text, said) in [
        (
            "contaners: {v0.29.0: /x}\n",
            "has no containers: section (it has 'contaners')",
        ),
        ("account: me\n", "has no containers: section"),
    ] {
        std::fs::write(&cluster, text).unwrap();
        let (code, told) = told(MODEL, &flags);
        assert_eq!(code, Some(64), "{told}");
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn answers_on_several_variants_name_them() {
    let path = recipe("variants");
    let all = run(&[&["--recipe", &path][..], &CLUSTER].concat(), 1);
    assert_eq!(all[0]["variants"], json!(["override_older"]));
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["verify", "--format", "srt-slurm-checks", "--recipe", &path])
        .args(CLUSTER)
        .output()
        .unwrap();
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    for row in rows.as_array().unwrap() {
        let field = row["field"].as_str().unwrap();
        assert!(
            field.ends_with(')') && field.contains("override_"),
            "{field}"
        );
    }
}
