//! Makes the stamp of an image from what CI says about its build, by the contracts. Only [`agent`] and
//! [`checkout`] do I/O.

pub mod agent;
mod changes;
mod check;
mod checkout;
mod choose;
mod ci;
mod context;
mod declared;
mod environment;
mod remote;
mod request;
mod stamp;
mod values;

#[cfg(test)]
mod tests;

use crate::attribution::is_placeholder;
use crate::contracts::{BuildArgs, Contract, Field, Role};
use crate::provenance::Kind;
use crate::reference::Reference;

pub use checkout::{checkout, event, is_missing};
use choose::is_built;
pub use choose::{GENERIC, choose};
pub use ci::{Build, build};
pub use context::in_context;
use declared::declared_kind;
pub use environment::Environment;
pub use request::Request;
pub use stamp::{SCHEMA, Stamp};
use values::{Values, version_in};

/// Returns the key of the version for Buildkite's agent, if the contract names one and no variable has the
/// version.
#[must_use]
pub fn wants_agent<'c>(contract: &'c Contract, environment: &Environment) -> Option<&'c str> {
    let section = contract.build_args.as_ref()?;
    let key = section.agent_metadata.as_deref()?;
    let named = section
        .from
        .get("version")
        .is_some_and(|variables| variables.iter().any(|variable| environment.has(variable)));
    let in_ci = section.ci.iter().any(|variable| environment.has(variable));
    (in_ci && !named).then_some(key)
}

/// Makes the stamp. A value that is not known has the contract's default.
#[must_use]
pub fn stamp(request: &Request<'_>) -> Stamp {
    let none = BuildArgs::default();
    let section = request.contract.build_args.as_ref().unwrap_or(&none);
    let mut values = Values {
        request,
        section,
        captured: Vec::new(),
        kind: Kind::Local,
        reference: None,
    };
    let in_ci = match section.ci.as_slice() {
        [] => request.build.system.is_some(),
        variables => variables.iter().any(|name| request.environment.has(name)),
    };
    let nightly = is_nightly(request, section);
    let (push, workshop) = if in_ci {
        tag_of_build(&mut values, nightly);
        let template = section.push.as_deref().unwrap_or("{reference}");
        let push = values.fill(template);
        let workshop = in_workshop(&values, push.as_deref());
        (push, workshop)
    } else {
        values.reference = values.get("reference");
        values.kind = kind_by_hand(&values);
        (values.reference.clone(), None)
    };
    let (push, no_reference): (Vec<_>, Vec<_>) = push
        .into_iter()
        .partition(|push| Reference::parse(push).is_ok());
    let mut stamp = Stamp {
        schema: SCHEMA.to_owned(),
        contract: request.contract.id.clone(),
        kind: workshop.unwrap_or(values.kind),
        image: published(&values).filter(|_| workshop.is_none()),
        push,
        commit: values.known(Field::Commit),
        pipeline: values.known(Field::Pipeline),
        url: values.known(Field::Url),
        version: version(&values, in_ci),
        branch: request.build.branch.clone(),
        pull_request: request.build.pull_request.clone(),
        nightly: values.kind == Kind::Nightly,
        argument_prefix: section.argument_prefix.clone(),
        notes: request.build.notes.clone(),
        ..Stamp::default()
    };
    fill_keys(&values, &mut stamp);
    stamp.notes.extend(check::notes(&values));
    stamp.notes.extend(
        no_reference.iter().map(|text| {
            format!("'{text}' is not used as a tag: no registry accepts this reference")
        }),
    );
    stamp.notes.extend(check::upper_case(&stamp));
    stamp.problems = check::problems(&values, &stamp, nightly);
    stamp.missing = check::missing(&values);
    stamp.untagged = check::untagged(&values, &stamp, in_ci);
    let kind = whence_kind(&values, in_ci, workshop.is_some());
    explain(request, &kind, &mut stamp);
    stamp
}

/// Returns why it is a build of this kind.
fn whence_kind(values: &Values<'_>, in_ci: bool, workshop: bool) -> String {
    match values.kind {
        _ if workshop => "the build's page, or where it pushes to".to_owned(),
        Kind::Pr => "the pull request that is built".to_owned(),
        Kind::Nightly if in_ci => match &values.section.nightly {
            Some(test) => test.clone(),
            None => "a schedule, or NIGHTLY=1".to_owned(),
        },
        Kind::Release if in_ci => format!(
            "a version is built, according to {}",
            values.whence("version")
        ),
        _ if in_ci => "a build in CI, not of a pull request, nightly or version".to_owned(),
        Kind::Local if values.request.build.system.is_some() => {
            "a build outside the CI that the contract knows".to_owned()
        }
        Kind::Local => "a build outside CI".to_owned(),
        _ => "the reference".to_owned(),
    }
}

/// Says where the kind, the contract and the tag come from.
fn explain(request: &Request<'_>, whence_kind: &str, stamp: &mut Stamp) {
    let kind = stamp.kind.as_str().to_owned();
    let chosen_by = match request.contract.role {
        Role::Generic => "no publisher's contract has this source; --contract chooses one",
        _ if is_built(request.contract, &request.build) => "the source repository that is built",
        _ => "--contract",
    };
    let tag = stamp.push.first().cloned().unwrap_or_default();
    let whence_tag = match stamp.untagged {
        Some(_) => "none, see --format tag",
        None => "the contract's template",
    };
    let from = [
        ("kind", kind, whence_kind),
        ("contract", stamp.contract.clone(), chosen_by),
        ("tag", tag, whence_tag),
    ];
    let owned = |(name, value, from): (&str, _, &str)| (name.to_owned(), value, from.to_owned());
    stamp.explained.extend(from.map(owned));
}

fn is_nightly(request: &Request<'_>, section: &BuildArgs) -> bool {
    let says = |test: &str| {
        test.split_once('=')
            .is_some_and(|(name, value)| request.environment.word(name).as_deref() == Some(value))
    };
    match &section.nightly {
        Some(test) => says(test),
        None => request.build.scheduled || says("NIGHTLY=1"),
    }
}

/// Sets the kind and the reference of a build in CI.
fn tag_of_build(values: &mut Values<'_>, nightly: bool) {
    let request = values.request;
    let holds = |kind: Kind| match kind {
        Kind::Pr => request.build.pull_request.is_some(),
        Kind::Nightly => nightly,
        Kind::Release => values.set("version").is_some(),
        _ => true,
    };
    let rule = values.section.tags.iter().find(|rule| {
        let variant = rule.variant.as_ref();
        holds(rule.kind) && variant.is_none_or(|pattern| pattern.is_match(request.variant))
    });
    let Some(rule) = rule else {
        let order = [Kind::Pr, Kind::Nightly, Kind::Release, Kind::Ci];
        let kind = order.into_iter().find(|kind| holds(*kind));
        values.kind = kind.unwrap_or(Kind::Ci);
        return;
    };
    if let Some(pattern) = &rule.variant {
        values.captured = pattern.captures(request.variant);
    }
    values.reference = values.fill(&rule.reference);
    values.kind = rule.kind;
}

/// Returns the kind of a build in a pipeline that publishes nothing, by its page or by where it pushes.
fn in_workshop(values: &Values<'_>, push: Option<&str>) -> Option<Kind> {
    let contract = values.request.contract;
    let to = push.and_then(|push| declared_kind(contract, push));
    if values.kind == Kind::Staging && to == Some(Kind::Pr) {
        return Some(Kind::Pr);
    }
    let page = contract.build.as_ref()?.ci_url.as_ref()?;
    page.is_match(&values.get(Field::Url.name())?)
        .then_some(Kind::Ci)
}

/// Returns the kind of a build outside CI: what its reference means, if the rest of the stamp is known.
fn kind_by_hand(values: &Values<'_>) -> Kind {
    let contract = values.request.contract;
    let missing = |field| values.known(field).is_none();
    if values.section.tags.is_empty() || missing(Field::Commit) || missing(Field::Url) {
        return Kind::Local;
    }
    let reference = values.reference.as_deref();
    let declared = reference.and_then(|reference| declared_kind(contract, reference));
    declared.unwrap_or(Kind::Local)
}

/// Returns the canonical reference under which the image will be in a registry.
fn published(values: &Values<'_>) -> Option<String> {
    let reference = values.reference.as_deref()?;
    let in_registry = !matches!(values.kind, Kind::Staging | Kind::Local);
    if !in_registry || is_placeholder(Field::Reference, reference) {
        return None;
    }
    Some(Reference::parse(reference).ok()?.to_string())
}

fn version(values: &Values<'_>, in_ci: bool) -> Option<String> {
    if values.kind != Kind::Release {
        return None;
    }
    if in_ci {
        return values.set("version");
    }
    version_in(values.reference.as_deref()?)
}

/// Fills in the variables and labels, by the keys of the contract's stamp.
fn fill_keys(values: &Values<'_>, stamp: &mut Stamp) {
    let wanted = &values.section.values;
    let contract = values.request.contract;
    for entry in &contract.stamps {
        let chosen = if wanted.is_empty() {
            is_fact(entry.field)
        } else {
            wanted.contains(&entry.field)
        };
        let Some(variable) = entry
            .environment
            .first()
            .filter(|_| chosen && entry.is_written())
        else {
            continue;
        };
        if stamp.env.contains_key(variable) {
            continue;
        }
        let argument = stamp.argument_of(variable);
        let name = entry.field.name();
        let value = values.get(name).unwrap_or_default();
        let from = values.whence(name);
        stamp
            .explained
            .push((argument.clone(), value.clone(), from));
        if values.known(entry.field).is_none() {
            stamp.unknown.insert(argument.clone());
            stamp.unknown.extend(entry.label.first().cloned());
            if value.is_empty() && !values.section.print_empty {
                stamp.unprinted.insert(argument.clone());
            }
        }
        if let Some(fallback) = values.fallback(name) {
            stamp.defaults.insert(argument.clone(), fallback);
        }
        if let Some(label) = entry.label.first() {
            stamp.labels.insert(label.clone(), value.clone());
            stamp.label_args.insert(label.clone(), argument.clone());
        }
        stamp.env.insert(variable.clone(), value.clone());
        stamp.build_args.insert(argument, value);
    }
    for (label, template) in &values.section.labels {
        let value = values.fill(template).unwrap_or_default();
        if let Some(name) = template.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            let entry = contract.stamps.iter().find(|s| s.field.name() == name);
            let variable = entry.and_then(|stamp| stamp.environment.first());
            if let Some(variable) = variable.filter(|it| stamp.env.contains_key(*it)) {
                let argument = stamp.argument_of(variable);
                if stamp.unknown.contains(&argument) {
                    stamp.unknown.insert(label.clone());
                }
                stamp.label_args.insert(label.clone(), argument);
            }
        }
        stamp.labels.insert(label.clone(), value);
    }
    stamp.annotations = stamp.labels.clone();
    stamp.annotations.retain(|_, value| !value.is_empty());
}

/// Returns true for a value that a build knows of itself, so that a contract need not name it.
fn is_fact(field: Field) -> bool {
    matches!(
        field,
        Field::Commit
            | Field::Source
            | Field::Pipeline
            | Field::Url
            | Field::Reference
            | Field::Version
            | Field::Channel
            | Field::Ref
            | Field::PullRequest
    )
}
