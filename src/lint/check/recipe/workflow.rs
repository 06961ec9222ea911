//! Workflows of CI: does a pushed image name its commit, and what is lost when the images of several platforms
//! are joined?

use super::keys::is_commit;
use super::mend::{line_with, text_of};
use super::targets::of;
use super::told;
use crate::carriers::git_context::GitContext;
use crate::lint::case::Case;
use crate::lint::check::stamps::REVISION;
use crate::lint::document::{Edit, Finding};
use crate::lint::rules::{
    ANNOTATIONS_NOT_ON_INDEX, BUILD_WITHOUT_STAMP, MERGE_WITHOUT_ANNOTATIONS, PROVENANCE_DISABLED,
    STAMP_VALUE_NO_COMMIT, TAGS_ALL_MOVING,
};
use crate::lint::source::{
    Built, Ci, Entry, Merge, Target, Targets, Value, is_stamp, names_commit,
};
use crate::lint::survey::Level;
use crate::reference::Reference;

/// Tags that the next build moves to its own image.
const MOVING: [&str; 12] = [
    "beta", "canary", "dev", "develop", "edge", "head", "latest", "main", "master", "nightly",
    "stable", "test",
];

/// Names that hold the commit in CI.
const COMMITS: [&str; 8] = [
    "sha",
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "GIT_COMMIT",
    "rev",
    "describe",
];

pub(super) fn check(case: &Case, all: &Targets, out: &mut Vec<Finding>) {
    for target in &all.all {
        attests(case, target, out);
        let Some(ci) = &target.ci else { continue };
        provenance(case, target, ci, out);
        no_commit(case, target, out);
        if ci.pushes && !ci.opaque {
            stamp(case, target, ci, out);
            tags(case, target, ci, out);
        }
    }
    let mut jobs = all.all.iter().filter_map(|target| target.ci.as_ref());
    let annotated = jobs.any(|ci| ci.annotated);
    for merge in all.merges.iter().filter(|merge| !merge.annotated) {
        merged(case, merge, annotated, out);
    }
}

/// Reports a bake target that disables provenance.
fn attests(case: &Case, target: &Target, out: &mut Vec<Finding>) {
    let off = |entry: &&Entry| {
        entry.value.literal().is_some_and(|text| {
            let has = |wanted: &str| text.split(',').any(|part| part.trim() == wanted);
            has("type=provenance") && has("disabled=true")
        })
    };
    let entry = target.attests.iter().find(off);
    let Some(entry) = entry.filter(|_| !target.tags.is_empty()) else {
        return;
    };
    let message = "it has tags and no provenance attested";
    let line = entry.line;
    let edit = line_with(case, line, "disabled=true", "mode=max")
        .or_else(|| line_with(case, line, "disabled = true", "mode = \"max\""));
    let finding = of(target, &PROVENANCE_DISABLED, message, line);
    out.push(finding.at(Level::Attestation, "provenance").edits(edit));
}

fn provenance(case: &Case, target: &Target, ci: &Ci, out: &mut Vec<Finding>) {
    let off = |entry: &&Entry| entry.value.literal() == Some("false");
    let Some(entry) = ci.provenance.as_ref().filter(off) else {
        return;
    };
    if ci.pushes {
        let message = "it pushes an image and has no provenance attested";
        let edit = line_with(case, entry.line, "false", "mode=max");
        let finding = of(target, &PROVENANCE_DISABLED, message, entry.line);
        out.push(finding.at(Level::Attestation, "provenance").edits(edit));
    }
}

/// Reports a build that is not given the commit.
fn stamp(case: &Case, target: &Target, ci: &Ci, out: &mut Vec<Finding>) {
    let names = |entry: &Entry| {
        let mut names = entry.value.names().into_iter().flatten();
        names.any(|name| COMMITS.contains(&name.as_str()))
    };
    let mut arguments = target.arguments.iter();
    let given = arguments.any(|it| is_stamp(&it.key, case.contracts) || names(it));
    if given || told::tells(case, &Built::default(), &target.labels) {
        return;
    }
    let message = "it pushes an image, and neither a label nor a build argument names the commit";
    let label = |commit: &str| format!("{REVISION}={commit}");
    let has_labels = !target.labels.is_empty();
    let edit = match (ci.commit, ci.first.filter(|_| !has_labels)) {
        _ if is_elsewhere(target) => None,
        (Some(commit), _) => {
            let new = format!(" build --label {} ", label(commit));
            line_with(case, target.line, " build ", &new)
        }
        (None, Some(first)) => text_of(case, first).map(|text| {
            let indent: String = text.chars().take_while(|c| c.is_whitespace()).collect();
            let new = format!("{indent}labels: {}", label("${{ github.sha }}"));
            Edit::before(first, vec![new])
        }),
        (None, None) => None,
    };
    out.push(of(target, &BUILD_WITHOUT_STAMP, message, target.line).edits(edit));
}

/// Returns true if the build is of a Git repository that the file names: the commit of the workflow is another one.
fn is_elsewhere(target: &Target) -> bool {
    let context = target.context.as_ref();
    let context = context.and_then(|entry| entry.value.literal());
    context.is_some_and(|text| GitContext::parse(text).is_some())
}

/// Names that hold a branch or a tag in CI.
const BRANCHES: [&str; 6] = [
    "GITHUB_REF",
    "GITHUB_REF_NAME",
    "GITHUB_HEAD_REF",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_REF_NAME",
    "CI_COMMIT_REF_SLUG",
];

/// The words of `github.ref_name` and the like.
const REF: [&str; 4] = ["github", "ref", "ref_name", "head_ref"];

/// Returns true for `${{ github.ref_name }}`. Other expressions with a `ref` may have a commit.
fn is_ref(entry: &Entry) -> bool {
    let names = entry.value.names();
    names.is_some_and(|names| {
        names.contains("github")
            && names.len() > 1
            && names.iter().all(|it| REF.contains(&it.as_str()))
    })
}

/// Reports what is given as the commit and visibly is none.
fn no_commit(case: &Case, target: &Target, out: &mut Vec<Finding>) {
    let arguments = target.arguments.iter();
    let arguments =
        arguments.filter(|it| is_stamp(&it.key, case.contracts) && names_commit(&it.key));
    let labels = target.labels.iter();
    let labels = labels.filter(|it| is_commit(case.contracts, &it.key));
    let all =
        (arguments.map(|it| (Level::BuildArg, it))).chain(labels.map(|it| (Level::Label, it)));
    for (level, entry) in all {
        let has = |names: &[&str]| {
            let mut own = entry.value.names().into_iter().flatten();
            own.any(|name| names.contains(&name.as_str()))
        };
        let what = match entry.value.literal() {
            Some("") => "is empty",
            Some(text) if text.starts_with('$') => {
                "is the name of a variable, which nothing replaces here"
            }
            None if (has(&BRANCHES) && !has(&COMMITS)) || is_ref(entry) => "is a branch or a tag",
            _ => continue,
        };
        let message = format!("the {} {} {what}", level.noun(), entry.key);
        let finding = of(target, &STAMP_VALUE_NO_COMMIT, &message, entry.line);
        out.push(finding.at(level, &entry.key));
    }
}

/// Reports a build that pushes only tags which move to the next image.
fn tags(case: &Case, target: &Target, ci: &Ci, out: &mut Vec<Finding>) {
    let mut names = Vec::new();
    for entry in &ci.tags {
        let Value::Literal(text) = &entry.value else {
            return;
        };
        let tags = text.split(',').map(str::trim);
        for name in tags.filter(|name| !name.is_empty()) {
            let Ok(reference) = Reference::parse(name) else {
                return;
            };
            let tag = reference.tag.as_deref().unwrap_or("latest");
            if !MOVING.contains(&tag) {
                return;
            }
            names.push((entry, name));
        }
    }
    let Some((entry, name)) = names.last() else {
        return;
    };
    let message = format!("every tag that it pushes moves to the next build: {name}");
    let bare = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
    let bare = bare.map_or(*name, |(bare, _)| bare);
    let new = match ci.commit {
        Some(commit) => format!("{name} --tag {bare}:{commit}"),
        None => format!("{name},{bare}:${{{{ github.sha }}}}"),
    };
    let finding = of(target, &TAGS_ALL_MOVING, &message, entry.line);
    let edit = line_with(case, entry.line, name, &new).filter(|_| !is_elsewhere(target));
    out.push(finding.at(Level::ConfigField, "tags").edits(edit));
}

/// Reports an index that a workflow makes of the platforms' images without annotations.
fn merged(case: &Case, merge: &Merge, annotated: bool, out: &mut Vec<Finding>) {
    let (rule, what) = match annotated {
        true => (
            &ANNOTATIONS_NOT_ON_INDEX,
            "a new index, without the annotations of the builds",
        ),
        false => (
            &MERGE_WITHOUT_ANNOTATIONS,
            "an index of several images without annotations",
        ),
    };
    let Merge {
        job,
        by,
        line,
        commit,
        ..
    } = merge;
    let message = format!("job {job}: {by} makes {what}");
    let (edit, change) = match *by {
        "imagetools create" => {
            let new = format!("{by} --annotation \"index:{REVISION}={commit}\"");
            (
                line_with(case, *line, by, &new),
                "give the index its annotations: docker buildx imagetools create --annotation index:KEY=VALUE …",
            )
        }
        _ => (
            None,
            "docker manifest takes no annotations: write docker buildx imagetools create --annotation index:KEY=VALUE -t NAME SOURCE…",
        ),
    };
    out.push(
        Finding::new(rule, message)
            .on(Some(job))
            .line(*line)
            .at(Level::IndexAnnotation, REVISION)
            .change(change)
            .edits(edit),
    );
}
