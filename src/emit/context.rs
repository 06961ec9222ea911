//! Builds from a Git context, `https://github.com/OWNER/REPO.git#main`. The source is there, and not in the
//! current directory.

use super::ci::Build;
use super::environment::is_word;
use crate::attribution::{repository_url, same_repository};
use crate::carriers::git_context::{GitContext, GitRef};

/// Returns the facts of a build from a context, and the context without credentials. A directory as context
/// changes nothing. What CI says counts if it is about the same repository and reference.
#[must_use]
pub fn in_context(build: Build, context: &str) -> (Build, String) {
    let Some(git) = GitContext::parse(context) else {
        return (build, context.to_owned());
    };
    let shown = git.shown();
    let source = repository_url(&git.url).unwrap_or_else(|| git.url.clone());
    let same = build
        .source
        .as_ref()
        .is_some_and(|own| same_repository(own, &source));
    let meaning = git.meaning();
    let fits = {
        let (own, name) = match &meaning {
            GitRef::Commit(commit) => (&build.commit, commit),
            GitRef::Tag(tag) => (&build.tag, tag),
            GitRef::Branch(branch) => (&build.branch, branch),
            GitRef::PullRequest(number) => (&build.pull_request, number),
            GitRef::Default => (&None, &source),
        };
        // A name without its prefix may be a tag or a branch.
        let bare = git
            .reference
            .as_ref()
            .filter(|name| !name.starts_with("refs/"));
        let either = [&build.branch, &build.tag].into_iter().flatten();
        own.as_ref() == Some(name) || either.into_iter().any(|own| Some(own) == bare)
    };
    if same && fits {
        return (build, shown);
    }
    let mut other = Build {
        system: build.system,
        pipeline: build.pipeline,
        url: build.url,
        source: Some(source),
        scheduled: build.scheduled,
        from_context: true,
        ..Build::default()
    };
    let word = |text: String| Some(text).filter(|text| is_word(text));
    match meaning {
        GitRef::Commit(commit) => other.commit = Some(commit),
        GitRef::Tag(tag) => other.tag = word(tag),
        GitRef::Branch(branch) => other.branch = word(branch),
        GitRef::PullRequest(number) => {
            other.pull_request = Some(number);
            other.full_ref = git.reference.clone().and_then(word);
        }
        GitRef::Default => {}
    }
    if let (Some(reference), Some(_)) = (&git.reference, &other.commit)
        && git.checksum.is_some()
        && !reference.starts_with("refs/pull/")
    {
        // The context has a reference and the commit that it must have: both are known.
        let named = reference.strip_prefix("refs/tags/");
        match named.or_else(|| reference.strip_prefix("refs/heads/")) {
            Some(tag) if named.is_some() => other.tag = word(tag.to_owned()),
            Some(branch) => other.branch = word(branch.to_owned()),
            None => {}
        }
    }
    if other.commit.is_none() {
        let note = "the commit of the Git context is not known here; add #COMMIT to the context to stamp it";
        other.notes.push(note.to_owned());
    }
    (other, shown)
}
