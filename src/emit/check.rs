//! Checks a stamp before the image is built.

use super::declared::declared_kind;
use super::stamp::Stamp;
use super::values::Values;
use crate::attribution::is_placeholder;
use crate::contracts::{Field, any_glob};
use crate::provenance::Kind;
use crate::reference::Reference;

/// Returns remarks that do not stop the build.
pub(super) fn notes(values: &Values<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    for name in values.request.environment.refused() {
        notes.push(format!(
            "{name} is left out: it is more than one word, has characters that a stamp cannot have, or looks like a secret"
        ));
    }
    let published = matches!(values.kind, Kind::Release | Kind::Nightly);
    let build = values.request.contract.build.as_ref().filter(|_| published);
    if let (Some(build), Some(url)) = (build, values.known(Field::Url))
        && !build.official_url.is_match(&url)
    {
        notes.push(format!(
            "{url} is not a page of {}'s release builds: the image claims to be a {} and does not prove it",
            values.request.contract.name,
            values.kind.as_str()
        ));
    }
    notes
}

/// Returns the missing values, and what to set, in sentences for a person.
pub(super) fn missing(values: &Values<'_>) -> Vec<String> {
    let wanted = [
        Field::Commit,
        Field::Source,
        Field::Pipeline,
        Field::Url,
        Field::Reference,
    ];
    let lacks = wanted
        .into_iter()
        .filter(|field| is_written(values, *field) && values.known(*field).is_none());
    let said = lacks.map(|field| {
        let (name, remedy) = (field.name(), remedy(values, field));
        format!("the {name} is not known, but a good stamp has it: {remedy}")
    });
    said.collect()
}

/// Returns why there is no reference to push to, and what to do.
pub(super) fn untagged(values: &Values<'_>, stamp: &Stamp, in_ci: bool) -> Option<String> {
    if !stamp.push.is_empty() {
        return None;
    }
    if !in_ci {
        return Some(
            "no reference to push to: a build outside CI has no tag of its own; name one yourself, docker build --tag".to_owned(),
        );
    }
    let image = variables(values, "image").filter(|variables| !variables.is_empty());
    if let Some(variables) = image.filter(|_| values.set("image").is_none()) {
        return Some(format!(
            "no reference to push to is known: set {variables} to the image's repository, such as ghcr.io/acme/server"
        ));
    }
    if values.section.tags.is_empty() {
        let id = &values.request.contract.id;
        return Some(format!(
            "no reference to push to: the contract '{id}' has no [[build-args.tag]]; choose one that has, or name a tag yourself"
        ));
    }
    let lacks = match values.known(Field::Commit) {
        None => {
            let remedy = remedy(values, Field::Commit);
            format!("the commit, which is part of the tag, is not known: {remedy}")
        }
        Some(_) => "a part of the tag is not known; --explain shows each value".to_owned(),
    };
    Some(format!("no reference to push to: {lacks}"))
}

/// Returns why a build for publication should stop; empty for other builds.
pub(super) fn problems(values: &Values<'_>, stamp: &Stamp, nightly: bool) -> Vec<String> {
    let for_publication = match stamp.kind {
        Kind::Release | Kind::Nightly => true,
        Kind::Staging => stamp.pull_request.is_none(),
        Kind::Local => values.set("version").is_some() || nightly,
        _ => false,
    };
    if !for_publication {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for field in [Field::Commit, Field::Pipeline, Field::Url, Field::Source] {
        if !is_written(values, field) || values.known(field).is_some() {
            continue;
        }
        let name = field.name();
        let value = values.get(name).unwrap_or_default();
        if field == Field::Commit && is_short(&value) {
            problems.push(short(&value));
            continue;
        }
        let stamped = match value.as_str() {
            "" => "would be empty".to_owned(),
            value => format!("would be stamped as '{value}'"),
        };
        let remedy = remedy(values, field);
        problems.push(format!("the {name} is not known and {stamped}: {remedy}"));
    }
    if let Some(commit) = values.known(Field::Commit).filter(|it| is_short(it)) {
        problems.push(short(&commit));
    }
    problems.extend(upper_case(stamp));
    problems.extend(reference(values, stamp.kind));
    problems
}

fn short(commit: &str) -> String {
    format!(
        "'{commit}' is a short commit, which may become ambiguous: set all digits, git rev-parse HEAD"
    )
}

/// Returns the problem of a reference with upper case in its repository, such as one made of
/// GITHUB_REPOSITORY.
pub(super) fn upper_case(stamp: &Stamp) -> Option<String> {
    let is_irregular =
        |text: &&String| Reference::parse(text).is_ok_and(|reference| reference.irregular);
    let text = stamp.push.iter().find(is_irregular)?;
    Some(format!(
        "'{text}' is in upper case, which no registry accepts: write the repository in lower case"
    ))
}

/// Returns true for an abbreviated commit.
fn is_short(commit: &str) -> bool {
    let hex = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex && (4..40).contains(&commit.len())
}

fn is_written(values: &Values<'_>, field: Field) -> bool {
    let wanted = &values.section.values;
    let stamps = &values.request.contract.stamps;
    (wanted.is_empty() || wanted.contains(&field))
        && stamps.iter().any(|s| s.field == field && s.is_written())
}

/// Returns the variables that set a value: `A or B`.
fn variables(values: &Values<'_>, name: &str) -> Option<String> {
    let variables = values.section.from.get(name)?;
    Some(variables.join(" or "))
}

/// Returns what to do about a value that is not known.
fn remedy(values: &Values<'_>, field: Field) -> String {
    if let (Field::Commit, Some(why)) = (field, &values.request.build.unread) {
        return why.clone();
    }
    match (variables(values, field.name()), values.request.build.system) {
        (Some(variables), _) => format!("set {variables}"),
        (None, Some(system)) => format!("{system} sets no variable for it here"),
        (None, None) => match field {
            Field::Commit => "run it in CI, or in a Git checkout",
            Field::Source => "run it in CI, or in a checkout with a remote",
            _ => "run it in CI",
        }
        .to_owned(),
    }
}

/// Returns what is wrong with the reference of a release.
fn reference(values: &Values<'_>, kind: Kind) -> Option<String> {
    let Some(reference) = values.reference.as_deref() else {
        let has_template = !values.section.tags.is_empty() && is_written(values, Field::Reference);
        return has_template.then(|| "it has no reference to pull it by".to_owned());
    };
    if is_placeholder(Field::Reference, reference) {
        let set = variables(values, "reference").unwrap_or_else(|| "it".to_owned());
        return Some(format!(
            "the reference would be stamped as '{reference}', which nobody can pull: build it in CI, or set {set}"
        ));
    }
    let Ok(parsed) = Reference::parse(reference) else {
        return Some(format!(
            "the reference would be stamped as '{reference}', which no registry accepts"
        ));
    };
    let declared = declared_kind(values.request.contract, reference);
    if kind == Kind::Staging || declared == Some(Kind::Staging) {
        let set = variables(values, "version").unwrap_or_else(|| "RELEASE_VERSION".to_owned());
        return Some(format!(
            "the reference would be stamped as '{reference}', which is for staging and never published: set {set}, or NIGHTLY=1 for a nightly build"
        ));
    }
    let workshop = matches!(declared, Some(Kind::Ci | Kind::Pr));
    let name = parsed.repository.rsplit('/').next().unwrap_or_default();
    let names = ["*-staging".to_owned(), "*-ci".to_owned()];
    (workshop || any_glob(&names, name)).then(|| {
        format!(
            "the reference would be stamped as '{reference}', which is in a repository for staging or CI"
        )
    })
}
