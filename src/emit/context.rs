//! Builds from a Git context, `https://github.com/OWNER/REPO.git#main`: what is built is there,
//! and not in the directory that the program runs in.

use super::ci::Build;
use super::environment::is_word;
use crate::attribution::{repository_url, same_repository};
use crate::carriers::url::without_credentials;

/// True for a context that is a Git repository.
fn is_git(context: &str) -> bool {
    let (url, _) = context.split_once('#').unwrap_or((context, ""));
    let web = url.starts_with("https://") || url.starts_with("http://");
    (web && url.ends_with(".git"))
        || url.starts_with("git@")
        || url.starts_with("git://")
        || url.starts_with("ssh://")
        || url.starts_with("github.com/")
}

/// The facts of a build from a context, and the context without credentials; a directory
/// changes nothing. What CI says holds where it is of the same repository and reference.
///
/// A context: <https://docs.docker.com/build/concepts/context/#git-repositories>, `URL#REF:DIRECTORY`.
#[must_use]
pub fn in_context(build: Build, context: &str) -> (Build, String) {
    if !is_git(context) {
        return (build, context.to_owned());
    }
    let (url, fragment) = context.split_once('#').unwrap_or((context, ""));
    let url = without_credentials(url);
    let shown = match fragment {
        "" => url.clone(),
        fragment => format!("{url}#{fragment}"),
    };
    let reference = fragment.split(':').next().unwrap_or_default();
    let source = repository_url(&url).unwrap_or(url);
    let same = build
        .source
        .as_ref()
        .is_some_and(|own| same_repository(own, &source));
    let is_commit =
        matches!(reference.len(), 40 | 64) && reference.bytes().all(|b| b.is_ascii_hexdigit());
    let name = reference
        .strip_prefix("refs/heads/")
        .or_else(|| reference.strip_prefix("refs/tags/"))
        .unwrap_or(reference);
    let own_names = [&build.branch, &build.tag, &build.commit];
    let built = own_names.into_iter().flatten().any(|own| own == name);
    if same && built {
        return (build, shown);
    }
    let mut other = Build {
        system: build.system,
        pipeline: build.pipeline,
        url: build.url,
        source: Some(source),
        ..Build::default()
    };
    if is_commit {
        other.commit = Some(reference.to_ascii_lowercase());
    } else {
        if !name.is_empty() && is_word(name) && !name.starts_with("refs/") {
            other.branch = Some(name.to_owned());
        }
        let note = "which commit the Git context has is not known here; end it with #COMMIT to have it stamped";
        other.notes.push(note.to_owned());
    }
    (other, shown)
}
