//! Answers of `verify`, `diff` and `audit` say what they mean, and add up.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{RELEASE, release, run, run_in};

fn recipe_in(directory: &Path, text: &str) {
    fs::write(directory.join("recipe.yaml"), text).unwrap();
    fs::copy(release(), directory.join("model.sqsh")).unwrap();
}

#[test]
fn an_error_in_a_recipe_names_the_line_in_its_variant() {
    let directory = tempfile::tempdir().unwrap();
    let base = "base:\n  model:\n    container: model.sqsh\n";
    for (variant, line) in [
        (
            "override_a:\n  identity:\n    frameworks:\n      vllm: '>=0.30'\n",
            "7",
        ),
        ("override_b:\n  identity: {frameworks: {vllm: 0.3}}\n", "5"),
        ("  identity:\n    contaner: {}\noverride_c: {}\n", "5"),
        ("overide_d:\n  model: {}\n", "4"),
    ] {
        recipe_in(directory.path(), &format!("{base}{variant}"));
        let (code, _, error) = run_in(directory.path(), &["verify", "--recipe", "recipe.yaml"]);
        assert_eq!(code, 64, "{error}");
        let place = format!("sqsh-prov: recipe.yaml:{line}: ");
        assert!(error.starts_with(&place), "{place}{error}");
    }
}

#[test]
fn an_image_that_was_given_is_not_called_the_recipes_own() {
    let directory = tempfile::tempdir().unwrap();
    let variants = "override_a: {identity: {frameworks: {vllm: '0.29.0'}}}\noverride_b: {identity: {frameworks: {vllm: '0.28.0'}}}\n";
    let base = "base:\n  model:\n    container: other.sqsh\n";
    recipe_in(directory.path(), &format!("{base}{variants}"));
    let (_, page, _) = run_in(
        directory.path(),
        &["verify", "--recipe", "recipe.yaml", "model.sqsh"],
    );
    assert!(
        page.contains("model.sqsh (given for model.container of override_a): OK"),
        "{page}"
    );
    let (_, page, _) = run_in(directory.path(), &["verify", "--recipe", "recipe.yaml"]);
    assert!(
        page.contains("other.sqsh (model.container of override_a): could not tell"),
        "{page}"
    );
}

#[test]
fn a_heading_says_where_nothing_was_compared() {
    let directory = tempfile::tempdir().unwrap();
    for (rest, heading) in [
        ("", "model.sqsh: OK, and the recipe expects nothing"),
        (
            "identity: {frameworks: {ai-dynamo: '1.0.0'}}\n",
            "model.sqsh: OK, 1 check declared only",
        ),
        (
            "identity: {frameworks: {vllm: '0.29.0'}}\n",
            "model.sqsh: OK, by framework version",
        ),
    ] {
        recipe_in(
            directory.path(),
            &format!("model: {{container: model.sqsh}}\n{rest}"),
        );
        let verify = ["verify", "--recipe", "recipe.yaml"];
        let (code, page, _) = run_in(directory.path(), &verify);
        assert_eq!((code, page.lines().next()), (0, Some(heading)), "{page}");
    }
}

#[test]
fn a_reference_in_short_is_said_in_full_where_it_does_not_match() {
    for (image, whole) in [
        (
            "vllm/vllm-openai",
            "; expected is docker.io/vllm/vllm-openai:latest",
        ),
        ("vllm", "; expected is docker.io/library/vllm:latest"),
        (
            "ubuntu:24.04",
            "; expected is docker.io/library/ubuntu:24.04",
        ),
    ] {
        let (code, page, _) = run(&["verify", "--image", image, RELEASE]);
        assert_ne!(code, 0);
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(whole), "{page}");
    }
}

#[test]
fn a_package_that_is_not_installed_gets_the_name_of_one_that_is() {
    let (code, page, _) = run(&["verify", "--framework", "vlm=0.29.0", RELEASE]);
    assert_eq!(code, 1);
    assert!(
        page.contains("no package vlm is installed; vllm is"),
        "{page}"
    );
    let (_, page, _) = run(&["verify", "--framework", "sglang=0.5", RELEASE]);
    assert!(page.contains("no package sglang is installed\n"), "{page}");
}

#[test]
fn a_difference_has_words_for_its_name_and_its_value() {
    let derived = "fixtures/classification/11-derived-llm-d.sqsh";
    let (_, page, _) = run(&[
        "diff",
        derived,
        "fixtures/classification/22-ngc-pytorch.sqsh",
    ]);
    let mut section = "";
    for line in page.lines() {
        if !line.starts_with([' ', '-', '+']) {
            section = line;
        }
        let name = line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '));
        if let Some(name) = name.filter(|_| ["origin", "runtime", "lineage"].contains(&section)) {
            assert!(
                !name.contains('_') && !name.starts_with(char::is_numeric),
                "{name}"
            );
        }
        assert!(
            !["    - true", "    - false", "    + true", "    + false"].contains(&line),
            "{page}"
        );
    }
    for words in [
        "  built on\n",
        "  pull gives this image\n    - no\n    + yes\n",
        "  base 1\n    - vLLM ",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn the_sums_of_findings_are_those_of_the_rows() {
    let (_, page, _) = run(&["audit", "fixtures/classification", "fixtures/carriers"]);
    let (rows, rest) = page.split_once("\nFindings\n").unwrap();
    let (sums, _) = rest.split_once("\n\n").unwrap();
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for word in rows.split_whitespace() {
        *counted.entry(word.to_owned()).or_default() += 1;
    }
    let mut severities = 0;
    for line in sums.lines().filter(|line| !line.starts_with("         ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mark = match words[1] {
            "error" => "!!",
            "warning" => "!",
            _ => "",
        };
        // These are also kinds, which a row has as well.
        if ["derived", "local", "staging"].contains(&words[2]) {
            continue;
        }
        let row = format!("{mark}{}", words[2]);
        assert_eq!(
            counted.get(&row).copied(),
            words[0].parse().ok(),
            "{line}: {page}"
        );
        severities += usize::from(words[2] == "conflicting-evidence");
    }
    assert_eq!(severities, 2, "{sums}");
}

#[test]
fn one_sum_of_space_stands_below_the_images_and_below_the_tree() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["a.sqsh", "b.sqsh"] {
        fs::copy(release(), directory.path().join(name)).unwrap();
    }
    let (_, page, _) = run_in(directory.path(), &["audit", "--lineage"]);
    for sum in [
        "kB would be freed by removing copies",
        "would be freed by removing files of the same content",
    ] {
        assert_eq!(page.matches(sum).count(), 1, "{sum}: {page}");
    }
}

#[test]
fn an_owner_or_group_without_a_name_is_its_number_everywhere() {
    let directory = tempfile::tempdir().unwrap();
    fs::copy(release(), directory.path().join("a.sqsh")).unwrap();
    let empty = directory.path().join("passwd");
    fs::write(&empty, "").unwrap();
    let columns = ["--columns", "uid,owner,gid,group", "--passwd", "passwd"];
    let (_, rows, _) = run_in(
        directory.path(),
        &[&["audit", "--format", "csv"], &columns[..]].concat(),
    );
    let cells: Vec<&str> = rows.lines().nth(1).unwrap().split(',').collect();
    assert_eq!(cells[0], cells[1], "{rows}");
    assert!(!cells[3].is_empty(), "{rows}");
}

#[test]
fn resume_says_why_it_reads_an_unchanged_image_again() {
    let directory = tempfile::tempdir().unwrap();
    fs::copy(release(), directory.path().join("a.sqsh")).unwrap();
    let audit = |more: &[&str]| {
        let command = ["audit", "--format", "ndjson"];
        run_in(directory.path(), &[&command[..], more].concat())
    };
    let (_, report, _) = audit(&["--fingerprint"]);
    fs::write(directory.path().join("last.ndjson"), &report).unwrap();
    for (more, why) in [
        (&[][..], None),
        (&["--deep"], Some("another --deep")),
        (
            &["--policy", "publishable"],
            Some("the earlier run had another policy"),
        ),
        (&["--known", "last.ndjson"], Some("other images were known")),
    ] {
        let (code, _, error) = audit(&[&["--resume", "last.ndjson"], more].concat());
        assert_eq!(code, 0, "{error}");
        let again = error
            .matches("was read again though it had not changed")
            .count();
        assert_eq!(again, usize::from(why.is_some()), "{error}");
        assert!(error.contains(why.unwrap_or_default()), "{error}");
    }
    let first: Value = serde_json::from_str(report.lines().next().unwrap()).unwrap();
    assert_eq!(first["path"], "./a.sqsh");
}

#[test]
fn what_is_no_image_is_said_to_be_what_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("Dockerfile"), "FROM ubuntu\nRUN true\n").unwrap();
    fs::write(at.join("report.json"), "{\n  \"schema\": 1\n}\n").unwrap();
    for (arguments, code, said) in [
        (
            &["show", "Dockerfile"][..],
            2,
            "it is text; `sqsh-prov lint` reads Dockerfiles",
        ),
        (
            &["show", "vllm/vllm-openai:v0.29.0"],
            2,
            "an image in a registry is imported first",
        ),
        (
            &["audit", "--baseline", "Dockerfile"],
            64,
            "(it is no JSON object)",
        ),
        (
            &["audit", "--baseline", "report.json"],
            64,
            "it is one document of several lines, as --format json writes it",
        ),
    ] {
        let (found, _, error) = run_in(at, arguments);
        assert_eq!(found, code, "{arguments:?}: {error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    let (_, _, error) = run_in(at, &["show", "images/model.sqsh"]);
    assert!(!error.contains("registry"), "{error}");
}

#[test]
fn a_platform_or_target_that_chooses_nothing_is_told() {
    for flag in [["--platform", "linux/amd64"], ["--target", "app"]] {
        let (code, page, error) =
            run(&[&["show", "--format", "line"], &flag[..], &[RELEASE]].concat());
        assert_eq!(code, 0);
        assert!(page.contains("vLLM 0.29.0"), "{page}");
        let said = format!("{RELEASE}: {} has no effect: it is one image", flag[0]);
        assert!(error.contains(&said), "{error}");
    }
    let layout = "fixtures/oci/i-layout-two-platform";
    let (code, _, error) = run(&["show", "--platform", "linux/amd64", layout]);
    assert_eq!((code, error.as_str()), (0, ""));
}

#[test]
fn an_image_for_another_platform_than_the_wanted_one_is_said_to_be_so() {
    let archive = "fixtures/oci/vi-docker-save-classic.tar";
    for image in [RELEASE, archive] {
        let (code, _, error) = run(&["show", "--platform", "linux/arm64", image]);
        assert_eq!(code, 0, "{error}");
        let said = format!("{image}: it is one image, for linux/amd64 and not for linux/arm64");
        assert!(error.contains(&said), "{error}");
        let (code, _, _) = run(&["verify", "--platform", "linux/arm64", image]);
        assert_eq!(code, 1);
    }
    let (_, _, error) = run(&["show", "--platform", "linux/amd64", archive]);
    assert_eq!(error, "");
}

#[test]
fn two_lines_about_one_file_name_the_platform_of_each() {
    let layout = "fixtures/oci/i-layout-two-platform";
    let (_, lines, _) = run(&["show", "--platform", "all", "--format", "line", layout]);
    for (line, platform) in lines.lines().zip(["linux/amd64", "linux/arm64/v8"]) {
        let start = format!("{layout} ({platform}): ");
        assert!(line.starts_with(&start), "{line}");
    }
    assert_eq!(lines.lines().count(), 2);
}
