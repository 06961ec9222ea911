//! Reads the facts of a build from the variables that CI systems document.
//!
//! * Buildkite: <https://buildkite.com/docs/pipelines/environment-variables>
//! * GitHub Actions: <https://docs.github.com/actions/reference/variables-reference>
//! * GitLab CI: <https://docs.gitlab.com/ci/variables/predefined_variables/>
//! * Jenkins: `/env-vars.html` of any server, and the Git and Branch API plugins
//! * CircleCI: <https://circleci.com/docs/variables/>

use super::environment::Environment;
use super::remote;
use crate::attribution::version_of_tag;

/// The facts of a build; `None` for each that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// The CI system, for people; `None` for a build by hand.
    pub system: Option<&'static str>,
    /// The commit.
    pub commit: Option<String>,
    /// URL of the source repository, as CI spells it.
    pub source: Option<String>,
    /// The pipeline: its id or its name.
    pub pipeline: Option<String>,
    /// Page of the build.
    pub url: Option<String>,
    /// The branch, without `refs/heads/`.
    pub branch: Option<String>,
    /// The Git tag, without `refs/tags/`.
    pub tag: Option<String>,
    /// Number of the pull or merge request.
    pub pull_request: Option<String>,
    /// True for a scheduled build.
    pub scheduled: bool,
    /// The Git reference as the Git context spells it, if it is not a branch or tag.
    pub full_ref: Option<String>,
    /// True if these are facts of a Git context, and not from the variables of CI.
    pub from_context: bool,
    /// The names of the values that come from the checkout.
    pub of_checkout: Vec<&'static str>,
    /// The remark about changes that the checkout's commit does not have.
    pub uncommitted: Option<String>,
    /// Why the commit of the checkout is not known, if it has one.
    pub unread: Option<String>,
    /// Remarks about these values.
    pub notes: Vec<String>,
}

impl Build {
    /// Leaves a source repository out that has no host.
    pub(super) fn hosted(mut self) -> Self {
        if self
            .source
            .as_deref()
            .is_some_and(|it| !remote::is_on_host(it))
        {
            self.source = None;
            self.notes.push(remote::LEFT_OUT.to_owned());
        }
        self
    }

    /// Returns the version that the Git tag names: `1.4.2` for `v1.4.2`; `None` for a tag that is no version.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        let tag = self.tag.as_deref()?;
        version_of_tag(tag)?;
        Some(tag.strip_prefix('v').unwrap_or(tag).to_owned())
    }

    /// Returns the Git reference: `refs/tags/v1.4.2`, `refs/heads/main`.
    #[must_use]
    pub fn reference(&self) -> Option<String> {
        let branch = || Some(format!("refs/heads/{}", self.branch.as_deref()?));
        match &self.tag {
            Some(tag) => Some(format!("refs/tags/{tag}")),
            None => branch().or_else(|| self.full_ref.clone()),
        }
    }
}

/// Reads the variables of one system.
type Read = fn(&Environment) -> Build;

/// Variables, and the CI system that sets all of them. The first match counts. Later rows are for steps that get
/// only some of the variables, such as those in a container.
const SYSTEMS: [(&[&str], Read); 11] = [
    (&["BUILDKITE"], buildkite),
    (&["GITHUB_ACTIONS"], github),
    (&["GITLAB_CI"], gitlab),
    (&["CIRCLECI"], circleci),
    (&["JENKINS_URL"], jenkins),
    (&["JENKINS_HOME"], jenkins),
    (&["BUILDKITE_COMMIT"], buildkite),
    (&["GITHUB_SHA", "GITHUB_REPOSITORY"], github),
    (&["CI_COMMIT_SHA", "CI_PIPELINE_ID"], gitlab),
    (&["CIRCLE_SHA1"], circleci),
    (&["JOB_NAME", "BUILD_URL"], jenkins),
];

/// Reads what CI says. `event` is the text of the file that `GITHUB_EVENT_PATH` names.
#[must_use]
pub fn build(environment: &Environment, event: Option<&str>) -> Build {
    let system = SYSTEMS
        .iter()
        .find(|(signs, _)| signs.iter().all(|sign| environment.has(sign)));
    let Some((_, read)) = system else {
        return Build::default();
    };
    let mut build = read(environment).hosted();
    if build.system == Some("GitHub Actions") {
        pull_request_head(environment, event, &mut build);
    }
    build
}

fn buildkite(e: &Environment) -> Build {
    Build {
        system: Some("Buildkite"),
        // The value is HEAD if the build was started without a commit.
        commit: e.word("BUILDKITE_COMMIT").filter(|commit| commit != "HEAD"),
        source: e.url("BUILDKITE_REPO"),
        pipeline: e
            .name("BUILDKITE_PIPELINE_ID")
            .or_else(|| e.name("BUILDKITE_PIPELINE_SLUG")),
        url: e.url("BUILDKITE_BUILD_URL"),
        branch: e.word("BUILDKITE_BRANCH"),
        tag: e.word("BUILDKITE_TAG"),
        pull_request: e.word("BUILDKITE_PULL_REQUEST").and_then(number),
        scheduled: is(e, "BUILDKITE_SOURCE", "schedule"),
        ..Build::default()
    }
}

fn github(e: &Environment) -> Build {
    let reference = e.word("GITHUB_REF").or_else(|| {
        let directory = match e.word("GITHUB_REF_TYPE")?.as_str() {
            "tag" => "tags",
            _ => "heads",
        };
        Some(format!("refs/{directory}/{}", e.word("GITHUB_REF_NAME")?))
    });
    let reference = reference.unwrap_or_default();
    let server = e
        .url("GITHUB_SERVER_URL")
        .unwrap_or_else(|| "https://github.com".to_owned());
    let source = e
        .word("GITHUB_REPOSITORY")
        .map(|name| format!("{server}/{name}"));
    let run = source.as_ref().zip(e.word("GITHUB_RUN_ID"));
    let pull_request = reference
        .strip_prefix("refs/pull/")
        .and_then(|rest| number(rest.split('/').next()?.to_owned()));
    Build {
        system: Some("GitHub Actions"),
        commit: e.word("GITHUB_SHA"),
        pipeline: workflow(e),
        url: run.map(|(source, id)| format!("{source}/actions/runs/{id}")),
        source,
        branch: e
            .word("GITHUB_HEAD_REF")
            .or_else(|| reference.strip_prefix("refs/heads/").map(str::to_owned)),
        tag: reference.strip_prefix("refs/tags/").map(str::to_owned),
        pull_request,
        scheduled: is(e, "GITHUB_EVENT_NAME", "schedule"),
        ..Build::default()
    }
}

/// Returns the workflow's name if it is one word, else its file: `.github/workflows/release.yml` of
/// `acme/tool/.github/workflows/release.yml@refs/heads/main`.
fn workflow(e: &Environment) -> Option<String> {
    let name = e.name("GITHUB_WORKFLOW");
    let is_word = |name: &String| !name.contains('%');
    let file = || {
        let reference = e.word("GITHUB_WORKFLOW_REF")?;
        let path = reference.split('@').next()?;
        let mut parts = path.splitn(3, '/');
        parts.nth(2).map(str::to_owned)
    };
    name.clone().filter(is_word).or_else(file).or(name)
}

/// Reads the head commit of a pull request from the event: `GITHUB_SHA` is a test merge by GitHub,
/// which is in no branch.
fn pull_request_head(e: &Environment, event: Option<&str>, build: &mut Build) {
    let name = e.word("GITHUB_EVENT_NAME").unwrap_or_default();
    if build.pull_request.is_none() && !name.starts_with("pull_request") {
        return;
    }
    let event: Option<serde_json::Value> =
        event.and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
    let request = event.as_ref().and_then(|event| event.get("pull_request"));
    if build.pull_request.is_none() {
        let known = request.and_then(|request| request.get("number")?.as_u64());
        build.pull_request = known.map(|number| number.to_string());
    }
    // With pull_request_target the base is checked out, and GITHUB_SHA is its commit.
    if name == "pull_request_target" {
        build.branch = e.word("GITHUB_BASE_REF").or_else(|| build.branch.take());
        return;
    }
    let head = request.and_then(|request| request.get("head")?.get("sha")?.as_str());
    let head = head.filter(|sha| matches!(sha.len(), 40 | 64));
    match head.filter(|sha| sha.bytes().all(|b| b.is_ascii_hexdigit())) {
        Some(sha) => {
            build.commit = Some(sha.to_owned());
            build.notes.push(
                "the commit is the pull request's head; the checkout may be GitHub's merge of it with the target branch"
                    .to_owned(),
            );
        }
        None => build.notes.push(
            "the commit may be a temporary merge that GitHub made for this pull request and that is in no branch"
                .to_owned(),
        ),
    }
}

fn gitlab(e: &Environment) -> Build {
    let tag = e.word("CI_COMMIT_TAG");
    let head = e.word("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA");
    let mut notes = Vec::new();
    if head.is_some() {
        notes.push(
            "the commit is the head of the merge request; the checkout is GitLab's merge of it with the target branch"
                .to_owned(),
        );
    }
    Build {
        system: Some("GitLab CI"),
        commit: head.or_else(|| e.word("CI_COMMIT_SHA")),
        source: e
            .url("CI_PROJECT_URL")
            .or_else(|| e.url("CI_REPOSITORY_URL")),
        pipeline: e.name("CI_PIPELINE_ID"),
        url: e.url("CI_PIPELINE_URL").or_else(|| e.url("CI_JOB_URL")),
        branch: e
            .word("CI_COMMIT_BRANCH")
            .or_else(|| e.word("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"))
            .or_else(|| e.word("CI_COMMIT_REF_NAME").filter(|_| tag.is_none())),
        tag,
        pull_request: e.word("CI_MERGE_REQUEST_IID").and_then(number),
        scheduled: is(e, "CI_PIPELINE_SOURCE", "schedule"),
        notes,
        ..Build::default()
    }
}

fn circleci(e: &Environment) -> Build {
    let page = e.word("CIRCLE_PULL_REQUEST");
    let from_page = page.and_then(|url| number(url.rsplit('/').next()?.to_owned()));
    let forked = e.word("CIRCLE_BRANCH").unwrap_or_default();
    let forked = forked.strip_prefix("pull/").map(str::to_owned);
    Build {
        system: Some("CircleCI"),
        commit: e.word("CIRCLE_SHA1"),
        source: e.url("CIRCLE_REPOSITORY_URL"),
        pipeline: e
            .name("CIRCLE_PIPELINE_ID")
            .or_else(|| e.name("CIRCLE_WORKFLOW_ID")),
        url: e.url("CIRCLE_BUILD_URL"),
        branch: e.word("CIRCLE_BRANCH"),
        tag: e.word("CIRCLE_TAG"),
        pull_request: e
            .word("CIRCLE_PR_NUMBER")
            .and_then(number)
            .or(from_page)
            .or_else(|| forked.and_then(number)),
        // No variable says what started a job. A scheduled workflow sets NIGHTLY=1.
        scheduled: false,
        ..Build::default()
    }
}

fn jenkins(e: &Environment) -> Build {
    let pull_request = e.word("CHANGE_ID").and_then(number);
    let branch = e
        .word("CHANGE_BRANCH")
        .or_else(|| e.word("BRANCH_NAME"))
        .or_else(|| e.word("GIT_BRANCH"));
    let tag = e.word("TAG_NAME");
    let mut notes = Vec::new();
    if pull_request.is_some() {
        notes.push(
            "the commit may be a temporary merge that Jenkins made for this change".to_owned(),
        );
    }
    Build {
        system: Some("Jenkins"),
        commit: e.word("GIT_COMMIT"),
        source: e.url("GIT_URL").or_else(|| e.url("GIT_URL_1")),
        pipeline: e.name("JOB_NAME"),
        url: e.url("BUILD_URL"),
        // For a tag, BRANCH_NAME repeats it.
        branch: branch
            .filter(|branch| tag.as_ref() != Some(branch))
            .map(|name| name.strip_prefix("origin/").unwrap_or(&name).to_owned()),
        tag,
        pull_request,
        scheduled: is(e, "BUILD_CAUSE_TIMERTRIGGER", "true"),
        notes,
        ..Build::default()
    }
}

fn is(environment: &Environment, name: &str, value: &str) -> bool {
    environment.word(name).as_deref() == Some(value)
}

fn number(text: String) -> Option<String> {
    (!text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()))
        .then_some(text)
}
