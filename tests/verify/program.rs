//! The program: what it exits with, and why.

use super::*;

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
        (&["--recipe", &recipe("alias-only")], "--cluster-config"),
        (&["--policy", &policy, image], "line 5"),
        (&["--policy", &range, image], "PEP 440"),
        (&["--policy", "publishabel", image], "publishable"),
        (&["--commit", "98dff2", image], "7 to 40"),
        (&["--commit", "98dff2z", image], "7 to 40"),
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
        ("zeros", &[0; 8192], 2),
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
    run(&["--image", image, patched], 2);
    let answer = run(&["--deep", "--image", image, patched], 1);
    let codes: Vec<&Value> = answer["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["code"])
        .collect();
    assert_eq!(
        json!(codes),
        json!(["whole", "files-changed", "files-intact", "derived"])
    );
    let answer = run(&["--deep", "--image", image, pristine], 2);
    assert_eq!(answer["checks"][1]["code"], "files-intact");
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
