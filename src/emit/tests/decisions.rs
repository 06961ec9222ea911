//! What is stamped where less is known, and what a check says of it.

use super::*;

#[test]
fn without_ci_a_build_is_local_and_nothing_is_guessed() {
    let stamp = generic(&[]);
    assert_eq!(stamp.kind, Kind::Local);
    assert_eq!((stamp.commit, stamp.url, stamp.image), (None, None, None));
    assert_eq!(stamp.build_args["NEW_IMAGE_BUILD_KIND"], "local");
    assert!(stamp.push.is_empty() && stamp.problems.is_empty());
    // A base's label under the same key must not shine through.
    assert_eq!(stamp.labels["org.opencontainers.image.version"], "");
    assert!(
        !stamp
            .annotations
            .contains_key("org.opencontainers.image.version")
    );
}

#[test]
fn sglang_is_stamped_by_its_own_templates() {
    let tagged = github_with(&[("GITHUB_REF", "refs/tags/v0.5.14")]);
    let stamp = stamp_of("sglang", "cu129", &tagged, None);
    assert_eq!(
        stamp.build_args["SGLANG_IMAGE_TAG"],
        "lmsysorg/sglang:v0.5.14-cu129"
    );
    assert_eq!(stamp.build_args.len(), 3);
    let nightly = github_with(&[("GITHUB_EVENT_NAME", "schedule")]);
    let stamp = stamp_of("sglang", "cu13", &nightly, None);
    let tag = "lmsysorg/sglang:nightly-dev-cu13-20261121-98dff2a8";
    assert_eq!(stamp.build_args["SGLANG_IMAGE_TAG"], tag);
    assert_eq!(
        stamp.image.as_deref(),
        Some("docker.io/lmsysorg/sglang:nightly-dev-cu13-20261121-98dff2a8")
    );
}

#[test]
fn a_check_stops_releases_with_placeholders_or_staging_tags_and_nothing_else() {
    let page = (
        "BUILDKITE_BUILD_URL",
        "https://buildkite.com/vllm/release-v2/builds/6292",
    );
    let id = (
        "BUILDKITE_PIPELINE_ID",
        "019d130e-464e-4ff7-b84b-492992c0c06b",
    );
    let commit = ("BUILDKITE_COMMIT", COMMIT);
    let version = ("RELEASE_VERSION", "0.29.0");
    let full = vec![commit, page, id, version];
    let with = |more: &[(&'static str, &'static str)]| [full.clone(), more.to_vec()].concat();
    for (pairs, needle) in [
        (full.clone(), None),
        (vec![commit, page, id, ("NIGHTLY", "1")], None),
        (vec![], None),
        (vec![("VLLM_IMAGE_TAG", "acme/vllm:mine")], None),
        (
            vec![
                commit,
                page,
                id,
                ("BUILDKITE_PULL_REQUEST", "57"),
                ("BUILDKITE", "true"),
            ],
            None,
        ),
        (vec![commit, page, id], Some("RELEASE_VERSION")),
        (
            vec![page, id, version, ("BUILDKITE", "true")],
            Some("commit"),
        ),
        (vec![commit, id, version], Some("BUILDKITE_BUILD_URL")),
        (vec![commit, page, version], Some("'local'")),
        (
            vec![page, id, ("BUILDKITE", "true"), ("NIGHTLY", "1")],
            Some("commit"),
        ),
        (vec![version], Some("local/vllm-openai:dev")),
        (
            with(&[(
                "VLLM_DOCKER_IMAGE_NAME",
                "public.ecr.aws/q9t5s3a7/vllm-release-repo",
            )]),
            Some("staging"),
        ),
        (
            with(&[("VLLM_DOCKER_IMAGE_NAME", "acme/vllm-staging")]),
            Some("staging"),
        ),
        (
            with(&[("VLLM_DOCKER_IMAGE_NAME", "acme/a:b/c")]),
            Some("no registry accepts"),
        ),
    ] {
        let pairs: Vec<(&str, &str)> =
            if pairs.contains(&commit) && !pairs.contains(&("BUILDKITE", "true")) {
                [vec![("BUILDKITE_PULL_REQUEST", "false")], pairs].concat()
            } else {
                pairs
            };
        let said = stamp_of("vllm", "", &pairs, None).problems.join("\n");
        match needle {
            None => assert_eq!(said, "", "{pairs:?}"),
            Some(needle) => assert!(said.contains(needle), "{pairs:?}: {said}"),
        }
    }
    let lonely = generic(&[("GITLAB_CI", "true"), ("CI_COMMIT_TAG", "v1.4.2")]);
    assert!(!lonely.problems.is_empty());
    let branch = generic(&[("GITLAB_CI", "true"), ("CI_COMMIT_BRANCH", "main")]);
    assert!(branch.problems.is_empty(), "a branch is no release");
    let whole = generic(&github_with(&[("GITHUB_REF", "refs/tags/v1.4.2")]));
    assert_eq!(whole.problems, Vec::<String>::new());
}

#[test]
fn a_commit_of_few_digits_is_called_short() {
    let short = github_with(&[("GITHUB_REF", "refs/tags/v1.4.2"), ("GITHUB_SHA", "abc123")]);
    let said = generic(&short).problems.join("\n");
    assert!(
        said.contains("short commit") && !said.contains("not known"),
        "{said}"
    );
}

#[test]
fn a_repository_in_upper_case_is_no_reference_that_a_registry_takes() {
    let upper = github_with(&[
        ("GITHUB_REF", "refs/tags/v1.4.2"),
        ("IMAGE_REPOSITORY", "ghcr.io/Acme/Server"),
    ]);
    let stamp = generic(&upper);
    let said = stamp.problems.join("\n");
    assert!(
        said.contains("write the repository in lower case"),
        "{said}"
    );
    assert_eq!(stamp.notes, stamp.problems);
}

#[test]
fn a_contract_is_chosen_by_what_is_built_and_not_by_the_container_it_is_built_in() {
    let contracts = Contracts::built_in().unwrap();
    for (pairs, expected) in [
        (
            vec![
                ("BUILDKITE", "1"),
                ("BUILDKITE_REPO", "https://github.com/vllm-project/vllm.git"),
            ],
            "vllm",
        ),
        (
            vec![
                ("BUILDKITE", "1"),
                (
                    "BUILDKITE_BUILD_URL",
                    "https://buildkite.com/vllm/release-v2/builds/1",
                ),
            ],
            "vllm",
        ),
        (
            vec![
                ("GITHUB_ACTIONS", "1"),
                ("GITHUB_REPOSITORY", "sgl-project/sglang"),
            ],
            "sglang",
        ),
        (
            vec![("GITHUB_ACTIONS", "1"), ("GITHUB_REPOSITORY", "acme/vllm")],
            "generic",
        ),
        (
            vec![
                ("VLLM_BUILD_COMMIT", COMMIT),
                ("VLLM_IMAGE_TAG", "vllm/vllm-openai:v0.29.0"),
            ],
            "generic",
        ),
        (vec![], "generic"),
    ] {
        let build = build(&Environment::of(&pairs), None);
        assert_eq!(
            choose(&contracts, &build).unwrap().id,
            expected,
            "{pairs:?}"
        );
    }
}

#[test]
fn a_git_context_is_what_is_built() {
    let own = || Build {
        system: Some("GitHub Actions"),
        commit: Some(COMMIT.to_owned()),
        source: Some("https://github.com/acme/tool".to_owned()),
        branch: Some("main".to_owned()),
        ..Build::default()
    };
    let other = "3333333333333333333333333333333333333333";
    for (context, shown, commit, source, branch) in [
        (".", ".", Some(COMMIT), "tool", Some("main")),
        ("./sub.git", "./sub.git", Some(COMMIT), "tool", Some("main")),
        (
            "https://github.com/acme/tool.git#main",
            "https://github.com/acme/tool.git#main",
            Some(COMMIT),
            "tool",
            Some("main"),
        ),
        (
            "https://x:token@github.com/acme/tool.git#main:docker",
            "https://github.com/acme/tool.git#main:docker",
            Some(COMMIT),
            "tool",
            Some("main"),
        ),
        (
            "https://github.com/acme/tool.git#dev",
            "https://github.com/acme/tool.git#dev",
            None,
            "tool",
            Some("dev"),
        ),
        (
            "https://github.com/acme/other.git#main",
            "https://github.com/acme/other.git#main",
            None,
            "other",
            Some("main"),
        ),
        (
            "https://github.com/acme/other.git",
            "https://github.com/acme/other.git",
            None,
            "other",
            None,
        ),
        (
            &format!("git@github.com:acme/other.git#{other}"),
            &format!("git@github.com:acme/other.git#{other}"),
            Some(other),
            "other",
            None,
        ),
    ] {
        let (build, printed) = in_context(own(), context);
        assert_eq!(printed, shown);
        assert_eq!(build.commit.as_deref(), commit, "{context}");
        assert_eq!(
            build.source.unwrap(),
            format!("https://github.com/acme/{source}")
        );
        assert_eq!(build.branch.as_deref(), branch, "{context}");
    }
}

#[test]
fn a_hostile_branch_is_left_out_and_said() {
    let hostile = "main\nENV VLLM_IMAGE_TAG=vllm/vllm-openai:v0.29.0";
    let stamp = generic(&[
        ("BUILDKITE", "true"),
        ("BUILDKITE_COMMIT", COMMIT),
        ("BUILDKITE_BRANCH", hostile),
    ]);
    assert_eq!(stamp.branch, None);
    assert_eq!(stamp.build_args["NEW_IMAGE_BUILD_REF"], "");
    assert!(
        stamp
            .notes
            .iter()
            .any(|note| note.contains("BUILDKITE_BRANCH"))
    );
}

#[test]
fn what_no_registry_takes_is_no_tag() {
    let ask = |repository| {
        generic(&[
            ("BUILDKITE", "true"),
            ("BUILDKITE_TAG", "v1.0.0"),
            ("IMAGE_REPOSITORY", repository),
        ])
    };
    assert_eq!(ask("registry.example/tool").push.len(), 1);
    for bad in [
        "![x](http://evil.example/x.png)",
        "--push",
        "-",
        "a//b",
        "$(id)",
    ] {
        let stamp = ask(bad);
        assert_eq!(stamp.push, [""; 0], "{bad}");
        assert!(
            stamp
                .notes
                .iter()
                .any(|note| note.contains("not used as a tag")),
            "{bad}: {:?}",
            stamp.notes
        );
    }
}

#[test]
fn a_stamp_has_no_white_space() {
    for (system, variable) in [
        ("BUILDKITE", "BUILDKITE_PIPELINE_ID"),
        ("BUILDKITE", "BUILDKITE_PIPELINE_SLUG"),
        ("GITHUB_ACTIONS", "GITHUB_WORKFLOW"),
        ("GITLAB_CI", "CI_PIPELINE_ID"),
        ("CIRCLECI", "CIRCLE_PIPELINE_ID"),
        ("CIRCLECI", "CIRCLE_WORKFLOW_ID"),
        ("JENKINS_URL", "JOB_NAME"),
    ] {
        let stamp = generic(&[(system, "true"), (variable, "my job --push")]);
        assert_eq!(
            stamp.pipeline.as_deref(),
            Some("my%20job%20--push"),
            "{variable}"
        );
    }
}
