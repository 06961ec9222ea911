//! Files with several images: each platform, each target, and what differs between them.

use super::*;

const ONE: &str = "9a43e5c93336380b9d912d7665ddbae4ba21db3a";
const OTHER: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";

fn config(architecture: &str, commit: &str) -> Vec<u8> {
    json!({"created": "2026-09-02T12:34:56Z", "architecture": architecture, "os": "linux",
        "config": {"User": "1000:1000", "ExposedPorts": {"8000/tcp": {}}, "StopSignal": "SIGINT",
            "Healthcheck": {"Test": ["CMD-SHELL", "curl -fsS -u app:Fake1Example2 localhost"], "Interval": 30_000_000_000_u64},
            "Entrypoint": ["/app"], "Labels": {"org.opencontainers.image.revision": commit,
            "org.opencontainers.image.source": "https://github.com/acme/server"}},
        "rootfs": {"type": "layers", "diff_ids": []},
        "history": [{"created": "2026-09-02T12:34:50Z", "created_by": "RUN curl -H 'Authorization: Bearer glpat-Fake1Example2Fake1Exampl' x",
            "comment": "buildkit.dockerfile.v0"}, {"created_by": "ENV A=\u{1b}[31m", "empty_layer": true}]})
    .to_string()
    .into_bytes()
}

fn two(root: &Path) {
    let (amd64, arm64) = (config("amd64", ONE), config("arm64", OTHER));
    layout_of_platforms(root, &[("linux/amd64", &amd64), ("linux/arm64", &arm64)]);
}

fn show(arguments: &[&str], path: &Path) -> (String, i32) {
    let mut command = assert_cmd::Command::cargo_bin("sqsh-prov").unwrap();
    let output = command
        .arg("show")
        .args(arguments)
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code().unwrap())
}

fn documents(arguments: &[&str], path: &Path) -> Vec<Value> {
    let (text, code) = show(&[&["--format", "json"], arguments].concat(), path);
    assert_eq!(code, 0, "{text}");
    match serde_json::from_str(&text).unwrap() {
        Value::Array(list) => list,
        one => vec![one],
    }
}

#[test]
fn every_platform_has_a_document_that_says_what_differs() {
    let directory = tempfile::tempdir().unwrap();
    let layout = directory.path().join("layout");
    fs::create_dir(&layout).unwrap();
    two(&layout);
    let archive = directory.path().join("layout.tar");
    tar_of(&layout, &archive);
    for path in [&layout, &archive] {
        let all = documents(&["--platform", "all"], path);
        let [amd64, arm64] = all.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!(amd64["part"]["platform"], "linux/amd64");
        assert_eq!(arm64["part"]["platform"], "linux/arm64");
        assert_eq!(amd64["origin"]["commit"]["id"], ONE);
        assert_eq!(arm64["origin"]["commit"]["id"], OTHER);
        assert_eq!(amd64["part"]["differs"], arm64["part"]["differs"]);
        let differs = amd64["part"]["differs"].as_array().unwrap();
        for field in [
            "os.architecture",
            "labels.org.opencontainers.image.revision",
        ] {
            assert!(differs.contains(&json!(field)), "{differs:?}");
        }
        // One that was asked for is one object, and is the same but for the comparison.
        let one = documents(&["--platform", "linux/arm64"], path);
        let [one] = one.as_slice() else {
            panic!("{one:?}")
        };
        assert_eq!(one["part"]["differs"], json!([]));
        assert_eq!(one["digests"], arm64["digests"]);
        let lines = show(&["--platform", "all", "--field", "origin.commit.id"], path).0;
        assert_eq!(lines, format!("{ONE}\n{OTHER}\n"));
    }
    let (text, _) = show(&["--platform", "all"], &layout);
    assert!(text.contains("layout · linux/arm64\n"), "{text}");
    assert!(
        text.contains("what differs between linux/amd64, linux/arm64\n"),
        "{text}"
    );
    assert!(
        text.contains(&format!("    linux/arm64: {OTHER}")),
        "{text}"
    );
    let (text, code) = show(&["--platform", "all", "--format", "shell"], &layout);
    assert_eq!(code, 64);
    assert!(
        text.contains("unset"),
        "what is evaluated keeps nothing: {text}"
    );
}

#[test]
fn a_file_with_one_image_is_one_document_for_all_platforms() {
    for (directory, file) in [
        ("classification", "01-vllm-release.sqsh"),
        ("oci", "iii-config-buildinfo-v0.json"),
        ("oci", "vi-docker-save-classic.tar"),
    ] {
        let path = fixture(directory, file);
        let all = documents(&["--platform", "all"], &path);
        assert_eq!(all.len(), 1, "{file}");
        assert_eq!(all[0]["part"], Value::Null, "{file}");
    }
}

#[test]
fn each_target_of_a_bake_file_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("metadata.json");
    let source = |commit: &str| {
        let reference = "https://github.com/acme/server.git#refs/tags/v1";
        json!({"attrs": {"context": reference}, "sources": [{"type": "git", "ref": reference, "pin": commit}]})
    };
    let metadata = json!({
        "app": {"image.name": "acme/app:1", "containerimage.digest": format!("sha256:{}", "a".repeat(64)),
            "containerimage.buildinfo/linux/amd64": source(ONE), "containerimage.buildinfo/linux/arm64": source(ONE)},
        "tools": {"image.name": "acme/tools:1", "containerimage.buildinfo": source(OTHER)}});
    fs::write(&path, metadata.to_string()).unwrap();
    let all = documents(&[], &path);
    let names: Vec<&Value> = all.iter().map(|it| &it["part"]["target"]).collect();
    assert_eq!(names, ["app", "tools"]);
    assert_eq!(all[0]["origin"]["commit"]["id"], ONE);
    assert_eq!(all[1]["origin"]["commit"]["id"], OTHER);
    assert_eq!(
        all[0]["digests"]["manifest"],
        format!("sha256:{}", "a".repeat(64))
    );
    let one = documents(&["--target", "tools"], &path);
    assert_eq!((one.len(), &one[0]["part"]["target"]), (1, &json!("tools")));
    let each = documents(&["--platform", "all"], &path);
    let parts: Vec<_> = each
        .iter()
        .map(|it| (&it["part"]["target"], &it["part"]["platform"]))
        .collect();
    let expected = [
        (json!("app"), json!("linux/amd64")),
        (json!("app"), json!("linux/arm64")),
        (json!("tools"), Value::Null),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, platform)| (name, platform))
        .collect();
    assert_eq!(parts, expected);
    let (text, code) = show(&[], &path);
    assert!(text.contains("metadata.json · target app"), "{text}");
    assert_eq!(code, 0);
    // What is about one image does not choose one.
    assert_eq!(show(&["--format", "shell"], &path).1, 2);
}

#[test]
fn a_configuration_says_how_its_process_runs_and_was_built() {
    let directory = tempfile::tempdir().unwrap();
    two(directory.path());
    let document = inspect_for(directory.path(), Some("linux/arm64")).unwrap();
    let runtime = &document["runtime"];
    assert_eq!(runtime["user"], "1000:1000");
    assert_eq!(runtime["ports"], json!(["8000/tcp"]));
    assert_eq!(runtime["stop_signal"], "SIGINT");
    assert_eq!(runtime["healthcheck"]["interval"], "30s");
    let test = runtime["healthcheck"]["test"][1].as_str().unwrap();
    assert!(!test.contains("Fake1Example2"), "{test}");
    assert!(
        document["digests"]["config"]
            .as_str()
            .unwrap()
            .starts_with("sha256:")
    );
    assert_eq!(document["history"][0]["comment"], "buildkit.dockerfile.v0");
    assert_eq!(document["history"][1]["empty_layer"], true);
    let first = document["history"][0]["created_by"].as_str().unwrap();
    assert!(first.contains("Bearer ***"), "{first}");
    let arguments = ["--platform", "linux/arm64"];
    let (text, _) = show(&[&arguments[..], &["--history"]].concat(), directory.path());
    assert!(text.contains("\nhistory\n    1 RUN curl"), "{text}");
    assert!(
        text.contains("as 1000:1000 · 8000/tcp · stopped by SIGINT · health check every 30s"),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}') && !text.contains("Fake1Example2"),
        "{text}"
    );
    assert!(!show(&arguments, directory.path()).0.contains("\nhistory\n"));
}
