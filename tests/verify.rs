//! `verify` over both corpora, and over recipes in each of srt-slurm's forms.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod support;

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::provenance::{Kind, Provenance};
use sqsh_prov::verify::{
    Check, Expectations, ExpectedFramework, ExpectedImage, Level, Rules, Status, Verdict, check,
};
use sqsh_prov::{Inspector, Options};
use support::{fixture, manifest};

const HEX: &str = "46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3";

fn document(directory: &str, file: &str) -> Provenance {
    let inspector = Inspector::new(Options::default()).unwrap();
    inspector.inspect(&fixture(directory, file)).unwrap()
}

/// The answer on one reference.
fn image(document: &Provenance, reference: &str, mirrors: &[(String, String)]) -> Check {
    let contracts = Contracts::built_in().unwrap();
    let expectations = Expectations {
        images: vec![ExpectedImage::new(reference).unwrap()],
        ..Expectations::default()
    };
    let rules = Rules {
        contracts: &contracts,
        mirrors,
    };
    let outcome = check(document, &expectations, rules);
    outcome.checks.last().unwrap().clone()
}

#[test]
fn references_reach_the_level_that_the_image_can_show() {
    let ok = |level| (Status::Ok, Some(level));
    let (no, open) = ((Status::Mismatch, None), (Status::Undecidable, None));
    let by_tag_and_digest = format!("vllm/vllm-openai:v0.29.0@sha256:{HEX}");
    let by_digest = format!("vllm/vllm-openai@sha256:{HEX}");
    let other_tag_and_digest = format!("vllm/vllm-openai:v0.28.0@sha256:{HEX}");
    let exact = "sha256:3a0c6c9aa97dade562ad8fb9398bb626841bfebdd28437742d9a32c949659651";
    let exact = format!("docker://registry-1.docker.io#vllm/vllm-openai:{exact}");
    let gitlab = "gitlab-master.nvidia.com:5005/dl/ai-dynamo/dynamo:56f877977-trtllm-arm64";
    let nightly = "vllm/vllm-openai:nightly-ac7509e2b1db40fec2f03dde1ed4e9dfdc2338c9";
    for (file, reference, (status, level), code) in [
        // A tag, in every spelling.
        (
            "01",
            "vllm/vllm-openai:v0.29.0",
            ok(Level::Reference),
            "reference",
        ),
        (
            "01",
            "docker.io#vllm/vllm-openai:v0.29.0",
            ok(Level::Reference),
            "reference",
        ),
        (
            "01",
            "docker://index.docker.io/vllm/vllm-openai:v0.29.0",
            ok(Level::Reference),
            "reference",
        ),
        (
            "01",
            "vllm/vllm-openai:v0.29.0-x86_64",
            ok(Level::Reference),
            "reference",
        ),
        (
            "01",
            "vllm/vllm-openai:v0.29.0-aarch64",
            no,
            "architecture-differs",
        ),
        ("01", "vllm/vllm-openai:v0.28.0", no, "tag-differs"),
        ("01", "vllm/vllm-openai:v0.29.0-cu129", no, "tag-differs"),
        ("01", "lmsysorg/sglang:v0.29.0", no, "repository-differs"),
        ("01", gitlab, no, "repository-differs"),
        (
            "44",
            "vllm/vllm-openai:v0.29.0",
            ok(Level::Reference),
            "reference",
        ),
        (
            "21",
            "nvcr.io/nvidia/tensorrt-llm/release:1.3.0rc23",
            ok(Level::Reference),
            "reference",
        ),
        (
            "18",
            "lmsysorg/sglang:v0.5.19",
            ok(Level::Reference),
            "reference",
        ),
        // A digest.
        ("01", &by_tag_and_digest, ok(Level::Reference), "reference"),
        ("01", &by_digest, open, "digest-not-recorded"),
        ("40", &exact, ok(Level::Digest), "digest"),
        ("40", &by_digest, open, "digest-not-comparable"),
        (
            "40",
            &by_tag_and_digest,
            ok(Level::Reference),
            "reference-by-stamp",
        ),
        ("40", &other_tag_and_digest, no, "tag-differs"),
        (
            "40",
            "vllm/vllm-openai:v0.29.0",
            ok(Level::Reference),
            "reference-by-stamp",
        ),
        // A tag that moves names another image tomorrow.
        ("01", "vllm/vllm-openai:latest", open, "moving-tag"),
        // Derived or changed: the inherited tag counts for nothing.
        ("11", nightly, no, "derived"),
        ("12a", "vllm/vllm-openai:v0.29.0", no, "derived"),
        ("13a", "vllm/vllm-openai:v0.26.0-ubuntu2404", no, "derived"),
        ("42", "vllm/vllm-openai:v0.29.0", no, "derived"),
        (
            "41",
            "vllm/vllm-openai:v0.29.0",
            no,
            "modified-after-import",
        ),
        (
            "24b",
            "registry.access.redhat.com/ubi9/ubi-minimal:9.7-1770180557",
            no,
            "derived",
        ),
        ("14", "vllm/vllm-openai:v0.26.0", no, "repository-differs"),
        // Under its own name it is what it is.
        (
            "11",
            "quay.io/rh-ee-imarkov/llm-d-nokube-vllm:dspark-0814-nightly",
            ok(Level::Reference),
            "reference",
        ),
        (
            "14",
            "nvcr.io/nvidia/ai-dynamo/vllm-runtime:1.2.0",
            ok(Level::Reference),
            "reference",
        ),
        // No line of the importer's: the stamp alone.
        (
            "45a",
            "vllm/vllm-openai:v0.29.0",
            ok(Level::Reference),
            "reference-by-stamp",
        ),
        ("45a", "vllm/vllm-openai:v0.28.0", no, "tag-differs"),
        ("45a", "vllm/vllm-omni:v0.29.0", no, "repository-differs"),
        ("45a", &by_digest, open, "digest-not-recorded"),
        (
            "13c",
            "vllm/vllm-openai:v0.26.0-ubuntu2404",
            ok(Level::Reference),
            "reference-by-stamp",
        ),
        ("30a", "vllm/vllm-openai:v0.29.0", no, "hand-built"),
        ("05", "vllm/vllm-openai:v0.29.0", no, "repository-differs"),
    ] {
        let images = manifest("classification");
        let mut names = images.iter().map(|image| image["file"].as_str().unwrap());
        let name = names
            .find(|name| name.starts_with(&format!("{file}-")))
            .unwrap();
        let check = image(&document("classification", name), reference, &[]);
        assert_eq!(
            (check.status, check.level, check.code.as_str()),
            (status, level, code),
            "{name} {reference}: {}",
            check.message
        );
    }
}

#[test]
fn a_named_mirror_is_what_it_mirrors() {
    let document = document("classification", "13d-control-pristine-mirror.sqsh");
    let mirrors = [(
        "harbor.acme.example/dockerhub".to_owned(),
        "docker.io".to_owned(),
    )];
    let mapped = image(&document, "vllm/vllm-openai:v0.29.0", &mirrors);
    assert_eq!(
        (mapped.status, mapped.code.as_str()),
        (Status::Ok, "reference")
    );
    let by_stamp = image(&document, "vllm/vllm-openai:v0.29.0", &[]);
    assert_eq!(
        (by_stamp.status, by_stamp.code.as_str()),
        (Status::Ok, "reference-by-stamp")
    );
    assert!(
        by_stamp.message.contains("--mirror"),
        "{}",
        by_stamp.message
    );
    let own = image(
        &document,
        "harbor.acme.example/dockerhub/vllm/vllm-openai:v0.29.0",
        &mirrors,
    );
    assert_eq!(own.status, Status::Ok);
}

#[test]
fn no_image_of_the_corpora_passes_for_one_that_it_is_not() {
    let contracts = Contracts::built_in().unwrap();
    let official = Expectations {
        images: vec![ExpectedImage::new("vllm/vllm-openai:v0.29.0").unwrap()],
        official: true,
        ..Expectations::default()
    };
    let rules = Rules {
        contracts: &contracts,
        mirrors: &[],
    };
    for directory in ["classification", "carriers"] {
        let inspector = Inspector::new(Options::default()).unwrap();
        for entry in std::fs::read_dir(fixture(directory, "")).unwrap() {
            let path = entry.unwrap().path();
            let Ok(document) = inspector.inspect(&path) else {
                continue;
            };
            let outcome = check(&document, &official, rules);
            let origin = &document.origin;
            let is_it = origin.official == Some(true)
                && origin.public_reference.as_deref() == Some("docker.io/vllm/vllm-openai:v0.29.0");
            assert_eq!(
                outcome.verdict() == Verdict::Holds,
                is_it,
                "{}",
                path.display()
            );
            let changed = origin.kind == Kind::Derived || origin.modified_after_import;
            let image = &outcome
                .checks
                .iter()
                .find(|c| c.field == "container.image")
                .unwrap();
            assert!(
                !changed || image.status == Status::Mismatch,
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn versions_are_compared_as_texts_unless_asked_otherwise() {
    let contracts = Contracts::built_in().unwrap();
    let document = document("classification", "01-vllm-release.sqsh");
    for (framework, compatible, status, code) in [
        ("vllm=0.29.0", false, Status::Ok, "framework"),
        ("VLLM=0.29.0", false, Status::Ok, "framework"),
        ("vllm=0.29", false, Status::Mismatch, "framework-differs"),
        ("vllm=0.29", true, Status::Ok, "framework"),
        ("torch=2.13.0", false, Status::Mismatch, "framework-differs"),
        ("torch=2.13.0", true, Status::Ok, "framework"),
        ("flashinfer.python=0.6.18", false, Status::Ok, "framework"),
        ("dynamo=1.2.0", false, Status::Mismatch, "framework-missing"),
    ] {
        let expectations = Expectations {
            frameworks: vec![ExpectedFramework::parse(framework).unwrap()],
            compatible,
            ..Expectations::default()
        };
        let rules = Rules {
            contracts: &contracts,
            mirrors: &[],
        };
        let outcome = check(&document, &expectations, rules);
        let check = outcome.checks.last().unwrap();
        assert_eq!(
            (check.status, check.code.as_str()),
            (status, code),
            "{framework}"
        );
        let level = if status == Status::Ok {
            Level::Framework
        } else {
            Level::Declared
        };
        assert_eq!(outcome.level, level);
    }
}

/// Runs the program in the repository, and reads its JSON.
fn run(arguments: &[&str], code: i32) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("verify")
        .args(arguments)
        .args(["--format", "json"])
        .assert()
        .code(code)
        .get_output()
        .clone();
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

fn recipe(name: &str) -> String {
    format!("tests/data/recipes/{name}.yaml")
}

const CLUSTER: [&str; 2] = ["--cluster-config", "tests/data/srtslurm.yaml"];

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
        ("alias-only", 0, "holds", "declared", json!(["ok"])),
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
fn what_cannot_be_used_is_64_and_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let image = "fixtures/classification/01-vllm-release.sqsh";
    let broken = write("broken.yaml", "a: 1\nb: [1\nc: 2\n");
    let number = write("number.yaml", "identity: {frameworks: {vllm: 0.20}}\n");
    let list = write("list.yaml", "- a\n");
    let bad_image = write("image.yaml", "identity: {container: {image: 'a b'}}\n");
    let policy = write(
        "policy.toml",
        "schema = 1\nname = \"x\"\n\n[official]\nrequires = true\n",
    );
    let range = write(
        "range.toml",
        "schema = 1\nname = \"x\"\n[frameworks.versions]\nvllm = \"newer\"\n",
    );
    for (arguments, said) in [
        (&["--recipe", &broken, image][..], ":3"),
        (&["--recipe", &number, image], "in quotes"),
        (&["--recipe", &list, image], "mapping"),
        (&["--recipe", &bad_image, image], "identity.container.image"),
        (&["--recipe", "/no/such.yaml", image], "cannot be read"),
        (
            &["--recipe", &recipe("registry-only"), CLUSTER[0], CLUSTER[1]],
            "in a registry",
        ),
        (&["--recipe", &recipe("alias-only")], "--cluster-config"),
        (&["--policy", &policy, image], "line 5"),
        (&["--policy", &range, image], "PEP 440"),
        (&["--policy", "publishabel", image], "publishable"),
        (&["--commit", "98dff2", image], "7 to 64"),
        (&["--commit", "98dff2z", image], "7 to 64"),
        (&["--image", "a b", image], "not an image reference"),
        (&["--framework", "vllm", image], "NAME=VERSION"),
        (&["--framework", "vllm==0.29.0", image], "NAME=VERSION"),
        (
            &["--framework", "vllm=new", "--framework-compatible", image],
            "PEP 440",
        ),
        (&["--kind", "releases", image], "release, nightly"),
        (&["--timeout", "soon", image], "500ms"),
        (&["--all-images", image], "--recipe"),
        (&[], "IMAGE"),
        (&["docker://vllm/vllm-openai"], "offline"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg("verify")
            .args(arguments)
            .assert()
            .code(64)
            .get_output()
            .clone();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(said), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_truncated_image_is_1_and_one_that_cannot_be_read_2() {
    let directory = tempfile::tempdir().unwrap();
    let whole = std::fs::read(fixture("classification", "01-vllm-release.sqsh")).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let half = whole.len() / 2;
    for (name, bytes, code) in [
        ("whole", &whole[..], 0),
        ("one-byte-less", &whole[..whole.len() - 4096], 1),
        ("half", &whole[..half], 1),
        ("superblock", &whole[..96], 1),
        ("start", &whole[..10], 1),
        ("empty", &[], 1),
        ("zeros", &[0; 8192], 1),
        ("text", b"this is no image, but it is as long as the superblock of one would have to be, which is 96 bytes", 2),
    ] {
        let path = write(name, bytes);
        let answer = run(&[&path], code);
        assert_eq!(answer["schema"], "sqsh-prov-verify/1", "{name}");
        let whole = &answer["checks"][0];
        assert_eq!(whole["code"] == "truncated", code == 1, "{name}: {answer:#}");
    }
    run(&["/no/such/file.sqsh"], 2);
}

#[test]
fn one_patched_file_under_an_official_name_is_found_when_asked() {
    let patched = "fixtures/classification/13b-derived-patched-file-official-name.sqsh";
    let pristine = "fixtures/classification/13c-control-pristine-dockerd.sqsh";
    let image = "vllm/vllm-openai:v0.26.0-ubuntu2404";
    run(&["--image", image, patched], 0);
    let answer = run(&["--deep", "--image", image, patched], 1);
    let codes: Vec<&Value> = answer["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["code"])
        .collect();
    assert_eq!(json!(codes), json!(["whole", "files-changed", "derived"]));
    run(&["--deep", "--image", image, pristine], 0);
}

#[test]
fn of_several_images_2_wins_over_1() {
    let good = "fixtures/classification/01-vllm-release.sqsh";
    let derived = "fixtures/classification/12a-derived-env-after-block-podman.sqsh";
    assert_eq!(run(&["--official", good], 0)["verdict"], "holds");
    assert_eq!(
        run(&["--official", good, derived], 1)
            .as_array()
            .unwrap()
            .len(),
        2
    );
    run(&["--official", derived, "/no/such/file.sqsh"], 2);
}

#[test]
fn a_commit_is_compared_by_its_start() {
    let good = "fixtures/classification/01-vllm-release.sqsh";
    for (commit, code) in [
        ("98dff2a", 0),
        ("98DFF2A81D747D1DBA01A47F939F48C3526D4206", 0),
        ("98dff2b", 1),
    ] {
        let answer = run(&["--commit", commit, good], code);
        assert_eq!(answer["level"] == "commit", code == 0);
    }
    run(
        &[
            "--commit",
            "98dff2a",
            "fixtures/classification/12a-derived-env-after-block-podman.sqsh",
        ],
        1,
    );
    run(
        &[
            "--commit",
            "98dff2a",
            "fixtures/classification/26a-ubuntu-24.04.sqsh",
        ],
        2,
    );
    run(
        &[
            "--commit",
            "adf748fe5f52",
            "fixtures/classification/38-buildx-git-labels-dirty.sqsh",
        ],
        1,
    );
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
