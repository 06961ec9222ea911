//! Git repositories that a build uses: which commit is it, and is `.git` there?

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
        // ADD github.com/… adds a directory of that name, and no repository.
        if git.url.starts_with("github.com/") {
            continue;
        }
        if let Some((rule, what)) = moving(&git) {
            let edits = with_variable(case, fetched.line, &fetched.from, None, |it| git.at(it));
            let finding = Finding::new(rule, format!("ADD takes {}, {what}", git.shown()));
            out.push(finding.line(fetched.line).change(change(&git)).edits(edits));
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
            let at = git.at("COMMIT");
            let change = format!(
                "write FROM with an image, and ADD {at} /src behind it; or build with this context: docker build {at}"
            );
            out.push(
                Finding::new(&FROM_GIT_URL, message)
                    .line(line)
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
    // Its main context has no name.
    let own = target.context.iter().map(|entry| (entry, String::new()));
    let more = target.contexts.iter();
    let more = more.map(|entry| (entry, format!(" {}", entry.key)));
    for (entry, name) in own.chain(more) {
        let Some((text, git)) = literal(entry) else {
            continue;
        };
        if let Some((rule, what)) = moving(&git) {
            let message = format!("its context{name} is {}, {what}", git.shown());
            // The commit of a workflow is that of its own repository.
            let edits = match target.ci {
                Some(_) => Vec::new(),
                None => with_variable(case, entry.line, &text, None, |it| git.at(it)),
            };
            out.push(
                of(target, rule, &message, entry.line)
                    .at(Level::ConfigField, &entry.key)
                    .change(change(&git))
                    .edits(edits),
            );
        }
        if name.is_empty() {
            dropped(target, entry, &git, out);
        }
    }
}

/// Returns the rule and the reason if the context names no fixed commit.
fn moving(git: &GitContext) -> Option<(&'static Rule, String)> {
    let what = match git.meaning() {
        GitRef::Commit(_) | GitRef::Tag(_) => return None,
        GitRef::PullRequest(number) => {
            let what = format!("the state of the pull request {number}");
            return Some((&GIT_CONTEXT_PULL_REQUEST, what));
        }
        GitRef::Default => {
            "without a commit: the image cannot say which commit it contains".to_owned()
        }
        GitRef::Branch(branch) if is_short_commit(&branch) => {
            "which is an abbreviated commit, and is looked up as a branch".to_owned()
        }
        GitRef::Branch(branch) => {
            format!("the branch {branch}: the image cannot say which commit it contains")
        }
    };
    Some((&GIT_CONTEXT_MOVING, what))
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

/// Reports a Dockerfile that runs git in a build from a repository without `.git`.
fn dropped(target: &Target, entry: &Entry, git: &GitContext, out: &mut Vec<Finding>) {
    let asks = target.file.as_ref().is_some_and(|file| file.asks_git());
    let kept = target.arguments.iter().any(|entry| {
        entry.key == KEEP && !matches!(&entry.value, Value::Literal(text) if text == "0")
    });
    if asks && !kept && !git.keeps_git {
        let git = git.shown();
        let message = format!("its Dockerfile runs git, but {git} has no .git directory");
        out.push(of(target, &GIT_DIRECTORY_DROPPED, &message, entry.line));
    }
}
