//! The drop-in for vLLM's docker-build-metadata-args.sh.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

#[test]
fn every_row_of_vllms_script_gives_the_same_arguments_and_tags() {
    let rows = include_str!("../../../tests/data/build-args/vllm.json");
    let rows: Value = serde_json::from_str(rows).unwrap();
    let rows = rows["cases"].as_array().unwrap();
    assert!(rows.len() >= 60);
    for row in rows {
        let environment: BTreeMap<String, String> =
            serde_json::from_value(row["env"].clone()).unwrap();
        let pairs: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let stamp = stamp_of("vllm", row["variant"].as_str().unwrap(), &pairs, None);
        let arguments: BTreeMap<String, String> =
            serde_json::from_value(row["build_args"].clone()).unwrap();
        assert_eq!(stamp.build_args, arguments, "{row}");
        let tags: Vec<String> = serde_json::from_value(row["tags"].clone()).unwrap();
        let tags: Vec<String> = tags.iter().map(|t| t.replace("{arch}", "x86_64")).collect();
        assert_eq!(stamp.push, tags, "{row}");
    }
}

/// Rows that the table does not have; the script's text says them.
#[test]
fn vllms_script_is_followed_where_the_table_is_silent() {
    let other = "1111111111111111111111111111111111111111";
    for (pairs, variant, commit, tag, push) in [
        // Set and empty is not set.
        (
            vec![
                ("BUILDKITE", ""),
                ("VLLM_IMAGE_TAG", ""),
                ("BUILDKITE_COMMIT", ""),
            ],
            "",
            "unknown",
            "local/vllm-openai:dev",
            "local/vllm-openai:dev",
        ),
        // In Buildkite the caller's tag is ignored.
        (
            vec![
                ("BUILDKITE", "1"),
                ("BUILDKITE_COMMIT", COMMIT),
                ("VLLM_IMAGE_TAG", "a/b:1"),
                ("RELEASE_VERSION", "1.2.3"),
            ],
            "",
            COMMIT,
            "vllm/vllm-openai:v1.2.3",
            &format!("public.ecr.aws/q9t5s3a7/vllm-release-repo:{COMMIT}-x86_64"),
        ),
        // The commit in tags is Buildkite's.
        (
            vec![
                ("BUILDKITE_COMMIT", COMMIT),
                ("VLLM_BUILD_COMMIT", other),
                ("NIGHTLY", "1"),
            ],
            "cu129-ubuntu2404",
            other,
            &format!("vllm/vllm-openai:cu129-nightly-{COMMIT}-ubuntu2404"),
            &format!("public.ecr.aws/q9t5s3a7/vllm-release-repo:{COMMIT}-x86_64-cu129-ubuntu2404"),
        ),
        // Only 1 is a nightly build, and only one v is taken off.
        (
            vec![
                ("BUILDKITE", "1"),
                ("BUILDKITE_COMMIT", COMMIT),
                ("NIGHTLY", "true"),
                ("RELEASE_VERSION", "vv2"),
            ],
            "",
            COMMIT,
            "vllm/vllm-openai:vv2",
            &format!("public.ecr.aws/q9t5s3a7/vllm-release-repo:{COMMIT}-x86_64"),
        ),
        (
            vec![
                ("BUILDKITE", "1"),
                ("BUILDKITE_COMMIT", COMMIT),
                ("RELEASE_VERSION", "v"),
            ],
            "cu130",
            COMMIT,
            &format!("vllm/vllm-openai:v{COMMIT}-cu130"),
            &format!("public.ecr.aws/q9t5s3a7/vllm-release-repo:{COMMIT}-x86_64-cu130"),
        ),
        // GitHub's variables are not vLLM's.
        (
            vec![("GITHUB_ACTIONS", "true"), ("GITHUB_SHA", COMMIT)],
            "",
            "unknown",
            "local/vllm-openai:dev",
            "local/vllm-openai:dev",
        ),
    ] {
        let stamp = stamp_of("vllm", variant, &pairs, None);
        assert_eq!(stamp.build_args["VLLM_BUILD_COMMIT"], commit, "{pairs:?}");
        assert_eq!(stamp.build_args["VLLM_IMAGE_TAG"], tag, "{pairs:?}");
        assert_eq!(stamp.push, [push], "{pairs:?}");
    }
}

#[test]
fn the_agents_version_counts_where_no_variable_names_one() {
    let contracts = Contracts::built_in().unwrap();
    let vllm = contracts.get("vllm").unwrap();
    let ask = |pairs: &[(&str, &str)]| wants_agent(vllm, &Environment::of(pairs)).is_some();
    assert!(ask(&[("BUILDKITE", "true")]));
    assert!(ask(&[
        ("BUILDKITE_COMMIT", COMMIT),
        ("RELEASE_VERSION", "")
    ]));
    assert!(!ask(&[("BUILDKITE", "true"), ("RELEASE_VERSION", "1.0.0")]));
    assert!(!ask(&[("GITHUB_ACTIONS", "true")]));
    let environment = Environment::of(&[("BUILDKITE", "true")]);
    let generic = contracts.get(GENERIC).unwrap();
    assert_eq!(wants_agent(generic, &environment), None);
    for (said, tag) in [
        ("v0.30.0", "vllm/vllm-openai:v0.30.0"),
        // Nothing that could be more than a version comes out of an agent.
        ("0.30.0 --push", "vllm/vllm-openai:vunknown"),
        ("0.30.0\u{1b}[31m", "vllm/vllm-openai:vunknown"),
    ] {
        let stamp = stamp(&Request {
            variant: "",
            contract: vllm,
            environment: &environment,
            build: build(&environment, None),
            machine: "x86_64",
            date: "20261121",
            agent_version: Some(said.to_owned()),
        });
        assert_eq!(stamp.build_args["VLLM_IMAGE_TAG"], tag, "{said}");
    }
}

#[test]
fn a_build_of_another_pipeline_is_what_show_will_call_it() {
    let ci = (
        "BUILDKITE_BUILD_URL",
        "https://buildkite.com/vllm/ci/builds/9",
    );
    let requests = "public.ecr.aws/q9t5s3a7/vllm-ci-test-repo";
    for (pairs, kind) in [
        (vec![("BUILDKITE_COMMIT", COMMIT)], Kind::Staging),
        (vec![("BUILDKITE_COMMIT", COMMIT), ci], Kind::Ci),
        (
            vec![
                ("BUILDKITE_COMMIT", COMMIT),
                ci,
                ("VLLM_STAGING_IMAGE_REPO", requests),
            ],
            Kind::Pr,
        ),
    ] {
        let stamp = stamp_of("vllm", "", &pairs, None);
        assert_eq!(stamp.kind, kind, "{pairs:?}");
        assert_eq!(
            (stamp.image, !stamp.problems.is_empty()),
            (None, kind == Kind::Staging)
        );
    }
}
