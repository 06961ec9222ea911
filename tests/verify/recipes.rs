//! Recipes of srt-slurm.

use super::*;

#[test]
fn recipes_in_every_form_say_what_to_expect() {
    for (name, code, verdict, level, checks) in [
        (
            "tag-and-digest",
            0,
            "holds",
            "reference",
            json!(["ok", "ok", "ok"]),
        ),
        (
            "ngc-tag",
            0,
            "holds",
            "reference",
            json!(["ok", "ok", "ok"]),
        ),
        (
            "host-port",
            1,
            "mismatch",
            "declared",
            json!(["ok", "mismatch"]),
        ),
        (
            "reference-only",
            0,
            "holds",
            "reference",
            json!(["ok", "ok"]),
        ),
        (
            "alias-only",
            0,
            "holds",
            "declared",
            json!(["ok", "declared"]),
        ),
        (
            "dynamo-installed",
            0,
            "holds",
            "reference",
            json!(["ok", "ok", "ok", "declared"]),
        ),
        (
            "dynamo-in-image",
            1,
            "mismatch",
            "declared",
            json!(["ok", "mismatch"]),
        ),
        (
            "setup-script",
            0,
            "holds",
            "declared",
            json!(["ok", "declared"]),
        ),
    ] {
        let path = recipe(name);
        let answer = run(&[&["--recipe", &path][..], &CLUSTER].concat(), code);
        let statuses: Vec<&Value> = answer["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| &c["status"])
            .collect();
        assert_eq!(
            (
                answer["verdict"].as_str(),
                answer["level"].as_str(),
                json!(statuses)
            ),
            (Some(verdict), Some(level), checks),
            "{name}: {answer:#}"
        );
    }
}

#[test]
fn variants_change_the_base() {
    let path = recipe("variants");
    for (variant, code) in [
        ("base", 0),
        ("override_older", 1),
        ("older", 1),
        ("zip_override_sweep[0]", 0),
        ("sweep[1]", 1),
        ("sweep", 1),
        ("override_*", 1),
        ("*[0]", 64),
        ("none-such", 64),
        ("sweep[2]", 64),
    ] {
        run(
            &[&["--recipe", &path, "--variant", variant][..], &CLUSTER].concat(),
            code,
        );
    }
    let all = run(&[&["--recipe", &path][..], &CLUSTER].concat(), 1);
    let roles: Vec<&Value> = all.as_array().unwrap().iter().map(|a| &a["role"]).collect();
    assert_eq!(
        json!(roles),
        json!([
            "model.container of override_older",
            "model.container of zip_override_sweep[0]",
            "model.container of zip_override_sweep[1]",
        ])
    );
    let plain = recipe("alias-only");
    run(
        &[&["--recipe", &plain, "--variant", "x"][..], &CLUSTER].concat(),
        64,
    );
}

#[test]
fn every_image_of_a_recipe_is_checked_when_asked() {
    let path = recipe("all-images");
    let answers = run(
        &[
            &["--recipe", &path, "--all-images", "--policy", "publishable"][..],
            &CLUSTER,
        ]
        .concat(),
        2,
    );
    let roles: Vec<(&Value, &Value, &Value)> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| (&answer["role"], &answer["verdict"], &answer["policy"]))
        .collect();
    assert_eq!(
        json!(roles),
        json!([
            [null, "holds", "publishable"],
            ["frontend.nginx_container", "holds", null],
            ["benchmark.container_image", "undecidable", null],
            ["telemetry.exporters.image", "undecidable", null],
        ])
    );
    assert_eq!(answers[3]["checks"][0]["code"], "in-registry");
}

#[test]
fn a_lockfile_says_which_file_was_used() {
    let answer = run(&["--lockfile", &recipe("recipe.lock")], 0);
    assert_eq!(answer["level"], "reference");
    run(&["--lockfile", &recipe("alias-only"), "x.sqsh"], 64);
}

#[test]
fn checks_for_srt_slurm_are_classed_as_it_classes_them() {
    let path = recipe("dynamo-installed");
    let arguments = [
        &["--recipe", &path][..],
        &CLUSTER,
        &["--format", "srt-slurm-checks"],
    ]
    .concat();
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("verify")
        .args(arguments)
        .assert()
        .success()
        .get_output()
        .clone();
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    let classed: Vec<(&str, &str)> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            assert_eq!(row.as_object().unwrap().len(), 3);
            let message = row["message"].as_str().unwrap();
            let class = match row["passed"].as_bool().unwrap() {
                false => "FAIL",
                true if message.contains("not verifiable") => "DECLARED",
                true => "OK",
            };
            (row["field"].as_str().unwrap(), class)
        })
        .collect();
    assert_eq!(
        classed,
        [
            ("file.whole", "OK"),
            ("container.image", "OK"),
            ("frameworks.vllm", "OK"),
            ("frameworks.dynamo", "DECLARED"),
        ]
    );
    assert!(Path::new("fixtures").exists());
}

#[test]
fn an_image_in_a_registry_cannot_be_told_before_it_is_imported() {
    let path = recipe("registry-only");
    let answer = run(&[&["--recipe", &path][..], &CLUSTER].concat(), 2);
    assert_eq!(answer["checks"][0]["code"], "in-registry");
    assert_eq!(
        answer["checks"][0]["actual"],
        "nvcr.io#nvidia/ai-dynamo/vllm-runtime:1.2.0"
    );
    // With --strict there is no 2.
    let closed = run(
        &[&["--strict", "--recipe", &path][..], &CLUSTER].concat(),
        1,
    );
    assert_eq!(closed["checks"][0]["code"], "in-registry");
    // A file that is given is looked at.
    let given = [
        "--recipe",
        &path,
        "fixtures/classification/01-vllm-release.sqsh",
    ];
    run(&[&given[..], &CLUSTER].concat(), 0);
}

#[test]
fn the_cluster_s_configuration_is_found_where_srt_slurm_finds_it() {
    let top = tempfile::tempdir().unwrap();
    let below = top.path().join("a/b");
    std::fs::create_dir_all(below.join("c")).unwrap();
    let image = support::fixture("classification", "01-vllm-release.sqsh");
    let config = format!("containers: {{v0.29.0: {}}}\n", image.display());
    std::fs::write(top.path().join("srtslurm.yaml"), &config).unwrap();
    std::fs::write(top.path().join("broken.yaml"), "containers: [").unwrap();
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join(recipe("alias-only"));
    let run = |directory: &Path, named: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"));
        command.current_dir(directory).env_remove("SRTSLURM_CONFIG");
        command.envs(named.map(|named| ("SRTSLURM_CONFIG", top.path().join(named))));
        let output = command
            .args(["verify", "--recipe"])
            .arg(&recipe)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    assert_eq!(run(&below, None).0, Some(0));
    assert_eq!(run(&below.join("c"), None).0, Some(64));
    assert_eq!(run(&below.join("c"), Some("srtslurm.yaml")).0, Some(0));
    // It counts even where it is not there, or is broken; and the program says so.
    let (code, said) = run(top.path(), Some("none.yaml"));
    assert!(
        code == Some(64) && said.contains("SRTSLURM_CONFIG"),
        "{said}"
    );
    let (code, said) = run(top.path(), Some("broken.yaml"));
    assert!(code == Some(64) && said.contains("left out"), "{said}");
}
