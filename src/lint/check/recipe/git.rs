//! Git repositories that a build takes: which commit is it, and is `.git` there?

use super::mend::with_variable;
use super::targets::of;
use crate::carriers::git_context::{GitContext, GitRef};
use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::{
    FROM_GIT_URL, GIT_CONTEXT_MOVING, GIT_CONTEXT_PULL_REQUEST, GIT_DIRECTORY_DROPPED, Rule,
};
use crate::lint::source::{Dockerfile, Entry, Target, Value};
use crate::lint::survey::Level;

/// The build argument that keeps `.git` (docs.docker.com/reference/dockerfile).
const KEEP: &str = "BUILDKIT_CONTEXT_KEEP_GIT_DIR";

/// ADD and FROM of repositories.
pub(super) fn dockerfile(case: &Case, file: &Dockerfile, out: &mut Vec<Finding>) {
    for fetched in &file.fetched {
        let Some(git) = GitContext::parse(&fetched.from) else {
            continue;
        };
        // An ADD of a directory that is called like a host is no repository.
        if git.url.starts_with("github.com/") {
            continue;
        }
        if let Some((rule, what)) = moving(&git) {
            let edits = with_variable(case, fetched.line, &fetched.from, |it| git.at(it));
            out.push(
                Finding::new(rule, format!("ADD takes {}, {what}", git.shown()))
                    .line(Some(fetched.line))
                    .change(change(&git))
                    .edits(edits),
            );
        }
    }
    for (image, line) in file.bases() {
        if let Some(git) = GitContext::parse(image)
            && image.contains("://")
        {
            let message = format!(
                "FROM takes an image, and {} is a Git repository",
                git.shown()
            );
            let change = format!(
                "write FROM with an image, and ADD {} /src behind it; or build with this context: docker build {}",
                git.at("COMMIT"),
                git.at("COMMIT")
            );
            out.push(
                Finding::new(&FROM_GIT_URL, message)
                    .line(Some(line))
                    .change(change),
            );
        }
    }
}

/// Contexts of a target.
pub(super) fn target(case: &Case, target: &Target, out: &mut Vec<Finding>) {
    let literal = |entry: &Entry| {
        let text = entry.value.literal()?;
        Some((text.to_owned(), GitContext::parse(text)?))
    };
    let own = target.context.as_ref();
    if let Some((entry, (text, git))) = own.and_then(|entry| Some((entry, literal(entry)?))) {
        if let Some((rule, what)) = moving(&git) {
            let message = format!("its context is {}, {what}", git.shown());
            out.push(
                of(target, rule, &message, entry.line)
                    .at(Level::ConfigField, "context")
                    .change(change(&git))
                    .edits(with_variable(case, entry.line, &text, |it| git.at(it))),
            );
        }
        dropped(target, entry, &git, out);
    }
    for entry in &target.contexts {
        let Some((text, git)) = literal(entry) else {
            continue;
        };
        if let Some((rule, what)) = moving(&git) {
            let message = format!("its context {} is {}, {what}", entry.key, git.shown());
            out.push(
                of(target, rule, &message, entry.line)
                    .at(Level::ConfigField, &entry.key)
                    .change(change(&git))
                    .edits(with_variable(case, entry.line, &text, |it| git.at(it))),
            );
        }
    }
}

/// Returns the finding if the image does not tell its commit.
fn moving(git: &GitContext) -> Option<(&'static Rule, String)> {
    match git.meaning() {
        GitRef::Commit(_) | GitRef::Tag(_) => None,
        GitRef::PullRequest(number) => Some((
            &GIT_CONTEXT_PULL_REQUEST,
            format!("the state of the pull request {number}"),
        )),
        GitRef::Default => Some((
            &GIT_CONTEXT_MOVING,
            "without a commit: the image cannot say which commit it contains".to_owned(),
        )),
        GitRef::Branch(branch) if is_short_commit(&branch) => Some((
            &GIT_CONTEXT_MOVING,
            "which is an abbreviated commit, and is looked up as a branch".to_owned(),
        )),
        GitRef::Branch(branch) => Some((
            &GIT_CONTEXT_MOVING,
            format!("the branch {branch}: the image cannot say which commit it contains"),
        )),
    }
}

fn is_short_commit(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn change(git: &GitContext) -> String {
    format!(
        "name the commit, all digits: {}; git ls-remote {} prints it",
        git.at("COMMIT"),
        git.url
    )
}

/// A Dockerfile that asks git, in a build from a repository without `.git`.
fn dropped(target: &Target, entry: &Entry, git: &GitContext, out: &mut Vec<Finding>) {
    let asks = target.file.as_ref().is_some_and(|file| file.asks_git());
    let kept = target.arguments.iter().any(|entry| {
        entry.key == KEEP && !matches!(&entry.value, Value::Literal(text) if text == "0")
    });
    if asks && !kept && !git.keeps_git {
        let message = format!(
            "its Dockerfile runs git, but {} has no .git directory",
            git.shown()
        );
        out.push(of(target, &GIT_DIRECTORY_DROPPED, &message, entry.line));
    }
}
