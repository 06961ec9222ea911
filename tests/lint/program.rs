//! The program: inputs, formats, exit codes, and what it never prints.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::make::{Input, OTHER, SHA, config, layout, stamped, vllm};

const MULTI_NODE: &str = "fixtures/oci/ii-layout-multi-node-no-index-annotations";
const WHOLE: &str = "fixtures/oci/i-layout-two-platform";

struct Answer {
    code: i32,
    out: String,
    err: String,
}

fn run(arguments: &[&str], input: &str) -> Answer {
    let output = Command::cargo_bin("sqsh-prov")
        .unwrap()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .arg("lint")
        .args(arguments)
        .write_stdin(input)
        .output()
        .unwrap();
    Answer {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn write(directory: &Path, name: &str, content: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_format_of_a_layout_that_lost_its_index_annotations() {
    for (format, name) in [
        ("human", "human"),
        ("json", "json"),
        ("sarif", "sarif"),
        ("markdown", "markdown"),
    ] {
        let answer = run(&[MULTI_NODE, "--format", format], "");
        assert_eq!(answer.code, 1, "{}", answer.err);
        let out = answer.out.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(format!("multi_node_{name}"), out);
    }
}

#[test]
fn what_survives_of_each_key() {
    for format in ["human", "json", "markdown"] {
        let answer = run(&[WHOLE, "--survives", "--format", format], "");
        assert_eq!(answer.code, 0, "{}", answer.err);
        insta::assert_snapshot!(format!("survives_{format}"), answer.out);
    }
}

#[test]
fn exit_codes() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| write(directory.path(), name, content);
    let stamp = write(
        "stamp.json",
        &json!({"schema": "sqsh-prov-stamp/1", "labels": {"org.opencontainers.image.revision": OTHER}}).to_string(),
    );
    let other = write("other.json", "{}");
    let clean = write("clean.json", &stamped(&[], &[]).to_string());
    let noise = write("noise", "hello\n");
    for (code, arguments) in [
        (0, vec![clean.as_str()]),
        (0, vec![WHOLE]),
        (1, vec![MULTI_NODE]),
        (1, vec![WHOLE, "--expect", &stamp]),
        (2, vec!["nowhere"]),
        (2, vec![noise.as_str()]),
        (2, vec!["/dev/null"]),
        (64, vec![WHOLE, "--expect", &other]),
        (64, vec![WHOLE, "--expect", "nowhere"]),
        (64, vec![WHOLE, "--survives", "--format", "sarif"]),
        (64, vec![WHOLE, "--survives", "--expect", &stamp]),
        (64, vec![WHOLE, "--format", "xml"]),
        (64, vec!["docker://vllm/vllm-openai:v0.29.0"]),
        (64, vec![]),
    ] {
        let answer = run(&arguments, "");
        assert_eq!(answer.code, code, "{arguments:?}: {}", answer.err);
    }
}

#[test]
fn standard_input_is_what_its_content_says() {
    let docker = json!([{"RepoTags": ["a/b:1"], "Architecture": "amd64",
        "Config": {"Env": ["PATH=/bin"], "Labels": {}}}]);
    let manifest =
        json!({"schemaVersion": 2, "config": {}, "layers": [], "annotations": {"a": "b"}});
    for (form, input) in [
        ("inspect", docker.to_string()),
        ("image-config", stamped(&[], &[]).to_string()),
        ("image-manifest", manifest.to_string()),
        (
            "image-index",
            json!({"schemaVersion": 2, "manifests": []}).to_string(),
        ),
        (
            "build-metadata",
            json!({"app": {"image.name": "a/b:1"}}).to_string(),
        ),
        ("dockerfile", "FROM a\n".to_owned()),
        ("bake", "target \"a\" {}\n".to_owned()),
        ("bake", json!({"target": {"a": {}}}).to_string()),
    ] {
        let answer = run(&["-", "--format", "json"], &input);
        let document: Value = serde_json::from_str(&answer.out).unwrap();
        assert_eq!(document["input"]["form"], form, "{}", answer.err);
    }
    for input in ["", "hello", "{\"a\": 1}", "[", "\u{1}\u{2}"] {
        let answer = run(&["-"], input);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{input:?}");
        assert!(!answer.err.is_empty());
    }
}

/// Secrets under names, in shapes, repeated elsewhere, in keys, in commands.
#[test]
fn no_secret_is_ever_printed() {
    const SECRETS: [&str; 5] = [
        "hunter2hunter2",
        "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "s3cretpassw0rd",
        "npm_0123456789abcdef",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
    ];
    let directory = tempfile::tempdir().unwrap();
    let mut image = config(
        &[
            "DB_PASSWORD=hunter2hunter2",
            "NOTE=the password is hunter2hunter2",
            "PIP_INDEX_URL=https://me:s3cretpassw0rd@pypi.example.org/simple",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7=a\nb",
        ],
        &[("com.acme.token", SECRETS[1]), ("x", "y\nhunter2hunter2")],
    );
    image["history"] = json!([{"created_by": format!("RUN |1 A={} make", SECRETS[1])}]);
    let annotations =
        json!({"com.acme.password": "hunter2hunter2", "com.acme.note": "see hunter2hunter2 now"});
    let Input::Layout(made) = layout(json!({}), annotations, &[image.clone(), image.clone()])
    else {
        unreachable!()
    };
    let layout = directory.path().join("layout");
    made.write(&layout);
    let layout = layout.to_str().unwrap().to_owned();
    let write = |name: &str, content: &str| write(directory.path(), name, content);
    let config = write("config.json", &image.to_string());
    let dockerfile = write(
        "file",
        "FROM a\nARG NPM_TOKEN=npm_0123456789abcdef\nENV DB_PASSWORD=hunter2hunter2 A=\"$NPM_TOKEN\"\nLABEL t=ghp_0123456789abcdefghijklmnopqrstuvwxyz\n",
    );
    let bake = write(
        "bake",
        "target \"a\" {\n  args = { NPM_TOKEN = \"npm_0123456789abcdef\" }\n  labels = { \"a.password\" = \"hunter2hunter2\" }\n}\n",
    );
    let stamp = write(
        "stamp.json",
        &json!({"schema": "sqsh-prov-stamp/1", "env": {"DB_PASSWORD": "hunter2hunter2x", "PIP_INDEX_URL": SECRETS[1]}}).to_string(),
    );
    for input in [&layout, &config, &dockerfile, &bake] {
        for more in [
            vec!["--format", "human"],
            vec!["--format", "json"],
            vec!["--format", "sarif"],
            vec!["--format", "markdown"],
            vec!["--expect", stamp.as_str(), "--format", "json"],
            vec!["--survives", "--format", "json"],
        ] {
            let mut arguments = vec![input.as_str()];
            arguments.extend(&more);
            let answer = run(&arguments, "");
            // What a build file survives is no question: that is wrong usage.
            let refused = answer.code == 64 && more.contains(&"--survives");
            assert!(answer.code <= 2 || refused, "{}", answer.err);
            for secret in SECRETS {
                let said = format!("{}{}", answer.out, answer.err);
                assert!(
                    !said.contains(secret),
                    "{secret} of {input} with {more:?}:\n{said}"
                );
            }
        }
    }
}

#[test]
fn nothing_hostile_reaches_a_terminal_or_becomes_markup() {
    let evil = "\u{1b}]0;x\u{7}\u{202e}| [x](http://e) <img> `a` $(reboot) ' \"";
    let annotations =
        json!({evil: evil, "com.acme.a": "$(reboot)'; rm -rf /", "com.acme.b": "a\nb"});
    let images = [stamped(&[], &[(evil, evil)]), stamped(&[], &[(evil, evil)])];
    let Input::Layout(made) = layout(json!({}), annotations, &images) else {
        unreachable!()
    };
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("lay\u{1b}out");
    made.write(&path);
    let path = path.to_str().unwrap();
    for format in ["human", "json", "sarif", "markdown"] {
        for more in [vec![], vec!["--survives"]] {
            if format == "sarif" && !more.is_empty() {
                continue;
            }
            let mut arguments = vec![path, "--format", format];
            arguments.extend(&more);
            let answer = run(&arguments, "");
            assert!(answer.code <= 1, "{}", answer.err);
            let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!answer.out.contains(bad), "{format}: {:?}", answer.out);
            if format == "markdown" {
                assert!(
                    !answer.out.contains("<img>") && !answer.out.contains("[x]("),
                    "{}",
                    answer.out
                );
            }
        }
    }
    let answer = run(&[path, "--format", "human"], "");
    let command = answer
        .out
        .lines()
        .find(|line| line.starts_with("  $ docker"))
        .unwrap();
    assert!(
        command.contains(r"'index:com.acme.a=$(reboot)'\''; rm -rf /'"),
        "{command}"
    );
    assert!(!command.contains("com.acme.b"), "{command}");
}

/// The words of the command are what a shell makes of the line that is printed.
#[test]
fn a_shell_reads_the_printed_command_as_it_is_meant() {
    let annotations = json!({"com.acme.a": "a 'b' \"c\" $(x) `y` \\ ; & | * ~ # é"});
    let images = [stamped(&[], &[]), stamped(&[], &[])];
    let Input::Layout(made) = layout(json!({}), annotations, &images) else {
        unreachable!()
    };
    let directory = tempfile::tempdir().unwrap();
    made.write(directory.path());
    let path = directory.path().to_str().unwrap();
    let human = run(&[path], "").out;
    let line = human
        .lines()
        .find_map(|line| line.strip_prefix("  $ docker "))
        .unwrap();
    let shell = std::process::Command::new("sh")
        .args(["-c", &format!("printf '%s\\n' {line}")])
        .output()
        .unwrap();
    let document: Value = serde_json::from_str(&run(&[path, "--format", "json"], "").out).unwrap();
    let words = document["findings"][0]["command"].as_array().unwrap();
    let words: Vec<&str> = words
        .iter()
        .skip(1)
        .map(|word| word.as_str().unwrap())
        .collect();
    let read = String::from_utf8(shell.stdout).unwrap();
    assert_eq!(read.lines().collect::<Vec<_>>(), words);
}

#[test]
fn sarif_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let dockerfile = write(directory.path(), "Docker file", "FROM a\nARG GIT_COMMIT\n");
    for input in [MULTI_NODE, &dockerfile] {
        let sarif: Value =
            serde_json::from_str(&run(&[input, "--format", "sarif"], "").out).unwrap();
        assert_eq!(sarif["version"], "2.1.0");
        let run = &sarif["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), sqsh_prov::lint::RULES.len());
        for rule in rules {
            for pointer in [
                "/id",
                "/helpUri",
                "/shortDescription/text",
                "/fullDescription/text",
                "/help/text",
            ] {
                assert!(
                    rule.pointer(pointer)
                        .unwrap()
                        .as_str()
                        .is_some_and(|text| !text.is_empty())
                );
            }
        }
        let results = run["results"].as_array().unwrap();
        assert!(!results.is_empty());
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert_eq!(
                rules[index]["defaultConfiguration"]["level"],
                result["level"]
            );
            let location = &result["locations"][0]["physicalLocation"];
            let uri = location["artifactLocation"]["uri"].as_str().unwrap();
            assert!(!uri.contains(' '), "{uri}");
        }
        if input == dockerfile {
            let region = &results[0]["locations"][0]["physicalLocation"]["region"];
            assert_eq!(region["startLine"], 2);
        }
    }
}

/// Every pair is compared with others, so their number is limited.
#[test]
fn more_pairs_than_any_image_has_are_refused() {
    let labels = |count: usize| -> String {
        let labels: serde_json::Map<String, Value> = (0..count)
            .map(|number| (format!("l{number}"), json!("a\nb")))
            .collect();
        let mut image = config(&[], &[]);
        image["config"]["Labels"] = Value::Object(labels);
        image.to_string()
    };
    assert_eq!(run(&["-"], &labels(2_000)).code, 1);
    let refused = run(&["-"], &labels(20_001));
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("up to 20000"), "{}", refused.err);
}

#[test]
fn a_metadata_file_is_judged_by_its_build_arguments() {
    let metadata = json!({"image.name": "a/b:1", "buildx.build.provenance": {"buildType": "https://mobyproject.org/buildkit@v1",
        "builder": {"id": ""}, "invocation": {"configSource": {}, "parameters": {"args": {
            "build-arg:VLLM_BUILD_COMMIT": SHA, "build-arg:VLLM_IMAGE_TAG": format!("public.ecr.aws/q9t5s3a7/vllm-release-repo:{SHA}-x86_64")}}}}});
    let answer = run(&["-", "--format", "json"], &metadata.to_string());
    let document: Value = serde_json::from_str(&answer.out).unwrap();
    let found: Vec<&Value> = document["findings"].as_array().unwrap().iter().collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["code"], "stamp-names-staging");
    assert_eq!(found[0]["level"], "build-arg");
    let fine = vllm(SHA, "vllm/vllm-openai:v0.29.0");
    assert_eq!(run(&["-"], &fine.to_string()).code, 0);
}
