//! What each CI system says.

use super::*;

/// Variables of one build; then kind, pipeline, page, version, branch, request.
type Row<'a> = (
    &'a [(&'a str, &'a str)],
    Kind,
    &'a str,
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
);

fn holds(row: &Row<'_>, event: Option<&str>) {
    let (pairs, kind, pipeline, url, version, branch, request) = row;
    let stamp = stamp_of(GENERIC, "", pairs, event);
    assert_eq!(stamp.kind, *kind, "{pairs:?}");
    assert_eq!(stamp.commit.as_deref(), Some(COMMIT), "{pairs:?}");
    assert_eq!(stamp.pipeline.as_deref(), Some(*pipeline), "{pairs:?}");
    assert_eq!(stamp.url.as_deref(), Some(*url), "{pairs:?}");
    assert_eq!(stamp.version.as_deref(), *version, "{pairs:?}");
    assert_eq!(stamp.branch.as_deref(), *branch, "{pairs:?}");
    assert_eq!(stamp.pull_request.as_deref(), *request, "{pairs:?}");
    assert_eq!(stamp.nightly, *kind == Kind::Nightly, "{pairs:?}");
    assert_eq!(stamp.build_args["NEW_IMAGE_BUILD_KIND"], kind.as_str());
    let source = &stamp.labels["org.opencontainers.image.source"];
    assert!(source.ends_with("/acme/tool"), "{source}");
    assert!(!source.contains("token"), "{source}");
    let revision = &stamp.labels["org.opencontainers.image.revision"];
    assert_eq!(revision, COMMIT);
}

const NO: Option<&str> = None;

#[test]
fn buildkite_is_read() {
    let url = "https://buildkite.com/acme/tool/builds/7";
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = vec![
            ("BUILDKITE", "true"),
            ("BUILDKITE_COMMIT", COMMIT),
            ("BUILDKITE_REPO", "git@github.com:acme/tool.git"),
            ("BUILDKITE_PIPELINE_SLUG", "tool"),
            ("BUILDKITE_BUILD_URL", url),
            ("BUILDKITE_BRANCH", "main"),
            ("BUILDKITE_PULL_REQUEST", "false"),
        ];
        all.extend(more);
        all
    };
    let main = Some("main");
    holds(&(&with(&[]), Kind::Ci, "tool", url, NO, main, NO), None);
    let id = "019d130e-464e-4ff7-b84b-492992c0c06b";
    let tagged = with(&[
        (
            "BUILDKITE_PIPELINE_ID",
            "019d130e-464e-4ff7-b84b-492992c0c06b",
        ),
        ("BUILDKITE_TAG", "v1.4.2"),
    ]);
    holds(
        &(&tagged, Kind::Release, id, url, Some("1.4.2"), main, NO),
        None,
    );
    let scheduled = with(&[("BUILDKITE_SOURCE", "schedule")]);
    holds(
        &(&scheduled, Kind::Nightly, "tool", url, NO, main, NO),
        None,
    );
    let mut request = with(&[]);
    request.retain(|(name, _)| *name != "BUILDKITE_PULL_REQUEST");
    request.push(("BUILDKITE_PULL_REQUEST", "57"));
    holds(
        &(&request, Kind::Pr, "tool", url, NO, main, Some("57")),
        None,
    );
    let head = generic(&[("BUILDKITE", "true"), ("BUILDKITE_COMMIT", "HEAD")]);
    assert_eq!(head.commit, None);
}

#[test]
fn github_actions_is_read() {
    let url = "https://github.com/acme/tool/actions/runs/28210048245";
    let tagged = github_with(&[("GITHUB_REF", "refs/tags/v1.4.2")]);
    holds(
        &(
            &tagged,
            Kind::Release,
            "release",
            url,
            Some("1.4.2"),
            NO,
            NO,
        ),
        None,
    );
    let named = github_with(&[
        ("GITHUB_REF_TYPE", "tag"),
        ("GITHUB_REF_NAME", "1.4.2-rc.1"),
    ]);
    holds(
        &(
            &named,
            Kind::Release,
            "release",
            url,
            Some("1.4.2-rc.1"),
            NO,
            NO,
        ),
        None,
    );
    let main = Some("main");
    let pushed = github_with(&[
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_EVENT_NAME", "push"),
    ]);
    holds(&(&pushed, Kind::Ci, "release", url, NO, main, NO), None);
    let scheduled = github_with(&[
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_EVENT_NAME", "schedule"),
    ]);
    holds(
        &(&scheduled, Kind::Nightly, "release", url, NO, main, NO),
        None,
    );
    // A tag that is no version is no release.
    let odd = github_with(&[("GITHUB_REF", "refs/tags/before-the-move")]);
    holds(&(&odd, Kind::Ci, "release", url, NO, NO, NO), None);
    let spaced = [
        ("GITHUB_WORKFLOW", "Build and push"),
        (
            "GITHUB_WORKFLOW_REF",
            "acme/tool/.github/workflows/r.yml@refs/heads/main",
        ),
    ];
    let spaced = github_with(&spaced);
    holds(
        &(
            &spaced,
            Kind::Ci,
            ".github/workflows/r.yml",
            url,
            NO,
            NO,
            NO,
        ),
        None,
    );
}

#[test]
fn a_pull_request_of_github_has_the_commit_that_somebody_wrote() {
    let url = "https://github.com/acme/tool/actions/runs/28210048245";
    let merge = "2222222222222222222222222222222222222222";
    let mut request = github_with(&[
        ("GITHUB_REF", "refs/pull/57/merge"),
        ("GITHUB_HEAD_REF", "fix/it"),
        ("GITHUB_EVENT_NAME", "pull_request"),
    ]);
    request.retain(|(name, _)| *name != "GITHUB_SHA");
    request.push(("GITHUB_SHA", merge));
    let event =
        format!("{{\"pull_request\": {{\"number\": 57, \"head\": {{\"sha\": \"{COMMIT}\"}}}}}}");
    let row: Row<'_> = (
        &request,
        Kind::Pr,
        "release",
        url,
        NO,
        Some("fix/it"),
        Some("57"),
    );
    holds(&row, Some(&event));
    for unreadable in [
        None,
        Some("{"),
        Some("{\"pull_request\": {\"head\": {\"sha\": \"$(id)\"}}}"),
    ] {
        let stamp = stamp_of(GENERIC, "", &request, unreadable);
        assert_eq!(stamp.commit.as_deref(), Some(merge));
        assert!(
            stamp
                .notes
                .iter()
                .any(|note| note.contains("temporary merge"))
        );
    }
}

#[test]
fn gitlab_is_read() {
    let url = "https://gitlab.example/acme/tool/-/pipelines/1234";
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = vec![
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_SHA", COMMIT),
            (
                "CI_REPOSITORY_URL",
                "https://gitlab-ci-token:token-xyz@gitlab.example/acme/tool.git",
            ),
            ("CI_PIPELINE_ID", "1234"),
            ("CI_PIPELINE_URL", url),
        ];
        all.extend(more);
        all
    };
    let tagged = with(&[
        ("CI_COMMIT_TAG", "v1.4.2"),
        ("CI_COMMIT_REF_NAME", "v1.4.2"),
    ]);
    holds(
        &(&tagged, Kind::Release, "1234", url, Some("1.4.2"), NO, NO),
        None,
    );
    let scheduled = with(&[
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_PIPELINE_SOURCE", "schedule"),
    ]);
    holds(
        &(&scheduled, Kind::Nightly, "1234", url, NO, Some("main"), NO),
        None,
    );
    let request = with(&[
        ("CI_MERGE_REQUEST_IID", "57"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "fix"),
        ("CI_COMMIT_REF_NAME", "fix"),
    ]);
    holds(
        &(&request, Kind::Pr, "1234", url, NO, Some("fix"), Some("57")),
        None,
    );
    let mut pushed = with(&[
        ("CI_REGISTRY_IMAGE", "registry.example/acme/tool"),
        ("CI_COMMIT_BRANCH", "main"),
    ]);
    holds(
        &(&pushed, Kind::Ci, "1234", url, NO, Some("main"), NO),
        None,
    );
    pushed.push(("CI_COMMIT_TAG", "v1.4.2"));
    assert_eq!(generic(&pushed).push, ["registry.example/acme/tool:1.4.2"]);
}

#[test]
fn circleci_is_read() {
    let url = "https://circleci.com/gh/acme/tool/42";
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = vec![
            ("CIRCLECI", "true"),
            ("CIRCLE_SHA1", COMMIT),
            ("CIRCLE_REPOSITORY_URL", "git@github.com:acme/tool.git"),
            ("CIRCLE_PIPELINE_ID", "5034460f-c7c4-4c43-9457-de07e2029e7b"),
            ("CIRCLE_BUILD_URL", url),
        ];
        all.extend(more);
        all
    };
    let id = "5034460f-c7c4-4c43-9457-de07e2029e7b";
    let tagged = with(&[("CIRCLE_TAG", "1.4.2")]);
    holds(
        &(&tagged, Kind::Release, id, url, Some("1.4.2"), NO, NO),
        None,
    );
    let request = with(&[
        (
            "CIRCLE_PULL_REQUEST",
            "https://github.com/acme/tool/pull/57",
        ),
        ("CIRCLE_BRANCH", "fix"),
    ]);
    holds(
        &(&request, Kind::Pr, id, url, NO, Some("fix"), Some("57")),
        None,
    );
    let forked = with(&[("CIRCLE_BRANCH", "pull/57")]);
    holds(
        &(&forked, Kind::Pr, id, url, NO, Some("pull/57"), Some("57")),
        None,
    );
    let nightly = with(&[("CIRCLE_BRANCH", "main"), ("NIGHTLY", "1")]);
    holds(
        &(&nightly, Kind::Nightly, id, url, NO, Some("main"), NO),
        None,
    );
}

#[test]
fn jenkins_is_read() {
    let url = "https://ci.example/job/team/job/tool/17/";
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = vec![
            ("JENKINS_URL", "https://ci.example/"),
            ("GIT_COMMIT", COMMIT),
            ("GIT_URL", "https://bot:token@git.example/acme/tool.git"),
            ("JOB_NAME", "team/my tool"),
            ("BUILD_URL", url),
        ];
        all.extend(more);
        all
    };
    let job = "team/my%20tool";
    let tagged = with(&[("TAG_NAME", "v1.4.2"), ("BRANCH_NAME", "v1.4.2")]);
    holds(
        &(&tagged, Kind::Release, job, url, Some("1.4.2"), NO, NO),
        None,
    );
    let pushed = with(&[("GIT_BRANCH", "origin/main")]);
    holds(&(&pushed, Kind::Ci, job, url, NO, Some("main"), NO), None);
    let request = with(&[
        ("CHANGE_ID", "57"),
        ("CHANGE_BRANCH", "fix"),
        ("BRANCH_NAME", "PR-57"),
    ]);
    holds(
        &(&request, Kind::Pr, job, url, NO, Some("fix"), Some("57")),
        None,
    );
    let timer = with(&[
        ("GIT_BRANCH", "origin/main"),
        ("BUILD_CAUSE_TIMERTRIGGER", "true"),
    ]);
    holds(
        &(&timer, Kind::Nightly, job, url, NO, Some("main"), NO),
        None,
    );
}
