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
        ("none-such", 64),
        ("sweep[2]", 64),
    ] {
        run(
            &[&["--recipe", &path, "--variant", variant][..], &CLUSTER].concat(),
            code,
        );
    }
    run(&[&["--recipe", &path][..], &CLUSTER].concat(), 64);
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
        0,
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
            ["benchmark.container_image", "holds", null],
            ["telemetry.exporters.image", "holds", null],
        ])
    );
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
