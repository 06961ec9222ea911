//! The commit and the pipeline of an image, by the strongest evidence that is its own.

use crate::carriers::python::{commit_of_version, is_dirty};
use crate::carriers::{Facts, PackageFact};
use crate::contracts::{Field, Role};
use crate::provenance::{Pipeline, Source};

use super::evidence::python;
use super::family::{Family, installed};
use super::pipeline::{is_uuid, parse_url};
use super::values::{CommitText, repository_owner, repository_url, same_commit};
use super::whose::Whose;
use super::{Case, builds, commit_of, package_commits};

/// Sets the commit, the package that names it, and the git ref that was asked for.
pub(super) fn own_commit(case: &Case, whose: &mut Whose) {
    if let Some(family) = whose.family {
        family_commit(case, family, whose);
        // No stamp says so: the build tool saw changes in the tree.
        if let (Some(commit), Some((text, _))) = (&mut whose.commit, builds::commit(case)) {
            commit.dirty |= text.dirty && same_commit(&text.id, &commit.id);
        }
        return;
    }
    if let Some((text, repository)) = builds::commit(case) {
        let repository = repository.or_else(|| case.generic.source());
        whose.commit = Some(commit_of(&text, false, repository));
        return;
    }
    if let Some((_, text)) = case.generic.commit() {
        whose.commit = Some(commit_of(&text, false, case.generic.source()));
        return;
    }
    built_from_git(case, whose);
}

fn family_commit(case: &Case, family: &Family, whose: &mut Whose) {
    let contract = &family.contract;
    let packages = installed(contract, case.facts);
    let dirty = packages.iter().any(|package| is_dirty(&package.version));
    let repository = contract.source.first().cloned();
    if let Some((reading, text)) = family.commit(&package_commits(case.facts, contract)) {
        let repository = if reading.internal { None } else { repository };
        whose.commit = Some(commit_of(&text, dirty, repository));
        return;
    }
    let from_package = packages
        .iter()
        .flat_map(|package| of_package(case.facts, package))
        .next();
    if let Some((text, _)) = from_package {
        whose.commit = Some(commit_of(&text, dirty, repository));
        return;
    }
    let owned = case.generic.commit().filter(|(reading, _)| {
        contract.role == Role::Publisher && !case.belongs_to_inner(Field::Commit, &reading.value)
    });
    let tag = case
        .imported_rule(family)
        .zip(case.import.and_then(super::Import::tag))
        .and_then(|(rule, tag)| rule.pattern.capture(tag, "commit"))
        .and_then(CommitText::parse);
    let text = owned.map(|(_, text)| text).or(tag);
    whose.commit = text.map(|text| commit_of(&text, dirty, repository));
    if whose.commit.is_none() && contract.commit_of_product && whose.bases.is_empty() {
        built_from_git(case, whose);
    }
}

/// No stamp and no revision label: a product that was built from a Git context, or checked out.
fn built_from_git(case: &Case, whose: &mut Whose) {
    let mut candidates: Vec<(CommitText, bool, PackageFact, String, Option<String>)> = Vec::new();
    for (contract, _) in case.contracts.with_package() {
        for package in installed(contract, case.facts) {
            if candidates
                .iter()
                .any(|(_, _, known, _, _)| known.path == package.path)
            {
                continue;
            }
            let dirty = is_dirty(&package.version);
            let Some((text, _)) = of_package(case.facts, package).into_iter().next() else {
                continue;
            };
            let url = package
                .direct_url
                .as_ref()
                .and_then(|d| repository_url(&d.url));
            let repository = url.or_else(|| contract.source.first().cloned());
            candidates.push((
                text,
                dirty,
                package.clone(),
                contract.id.clone(),
                repository,
            ));
        }
    }
    // Two copies of one commit are one; different commits say nothing.
    candidates.dedup_by(|a, b| a.0 == b.0);
    if let [(text, dirty, package, contract, repository)] = candidates.as_slice() {
        whose.commit = Some(commit_of(text, *dirty, repository.clone()));
        whose.requested_revision = package
            .direct_url
            .as_ref()
            .and_then(|d| d.requested_revision.clone());
        whose.package = Some((package.clone(), contract.clone()));
        return;
    }
    if !candidates.is_empty() {
        return;
    }
    // The working directory's own checkout is the application; any other may be a tool's.
    let workdir = case.facts.workdir.as_deref().unwrap_or("/");
    let own = case
        .facts
        .checkouts
        .iter()
        .find(|checkout| workdir.starts_with(checkout.path.as_str()));
    if let Some((checkout, pair)) = own.and_then(|c| Some((c, c.commit.as_ref()?)))
        && let Some(text) = CommitText::parse(&pair.value)
    {
        let remote = checkout
            .remote
            .as_ref()
            .and_then(|pair| repository_url(&pair.value));
        whose.commit = Some(commit_of(&text, false, remote));
    }
}

/// The commits that one package says it is of, the strongest first.
pub(super) fn of_package(facts: &Facts, package: &PackageFact) -> Vec<(CommitText, Source)> {
    let mut commits = Vec::new();
    if let Some(direct) = &package.direct_url {
        if let Some(text) = direct.commit.as_deref().and_then(CommitText::parse) {
            commits.push((text, python(&format!("{}/direct_url.json", package.path))));
        }
        if direct.editable {
            let directory = direct.url.strip_prefix("file://").unwrap_or(&direct.url);
            let checkout = facts
                .checkouts
                .iter()
                .filter(|checkout| directory.starts_with(checkout.path.as_str()))
                .max_by_key(|checkout| checkout.path.len());
            if let Some(pair) = checkout.and_then(|checkout| checkout.commit.as_ref()) {
                commits
                    .extend(CommitText::parse(&pair.value).map(|text| (text, pair.source.clone())));
            }
        }
    }
    if let Some(pair) = &package.commit_id {
        commits.extend(CommitText::parse(&pair.value).map(|text| (text, pair.source.clone())));
    }
    if let Some((hex, _)) = commit_of_version(&package.version) {
        commits.extend(CommitText::parse(&hex).map(|text| (text, python(&package.path))));
    }
    commits
}

/// Commit evidence from packages: (value, source, contract, package).
pub(super) fn package_evidence(case: &Case) -> Vec<(String, Source, String, String)> {
    let mut all: Vec<(String, Source, String, String)> = Vec::new();
    for (contract, name) in case.contracts.with_package() {
        for package in installed(contract, case.facts) {
            for (text, source) in of_package(case.facts, package) {
                if !all.iter().any(|(_, known, ..)| *known == source) {
                    all.push((text.id, source, contract.id.clone(), name.to_owned()));
                }
            }
        }
    }
    all
}

/// The pipeline that built the image.
pub(super) fn pipeline(case: &Case, whose: &Whose) -> Option<Pipeline> {
    if whose.derived {
        return None;
    }
    let stamped = whose
        .family
        .or(whose.fork_of.filter(|_| !whose.upstream_stamp));
    if let Some(found) = stamped.and_then(family_pipeline) {
        return Some(found);
    }
    if whose.family.is_some() {
        return None;
    }
    builds::run(case).or_else(|| generic_pipeline(case))
}

fn family_pipeline(family: &Family) -> Option<Pipeline> {
    let id = family.value(Field::Pipeline);
    let mut found = match family.value(Field::Url).and_then(parse_url) {
        Some(found) => found,
        None => {
            let build = family
                .reading(Field::BuildId)
                .filter(|reading| reading.system.is_some());
            let build = build?;
            Pipeline {
                system: build.system.clone(),
                id: Some(build.value.trim().to_owned()),
                ..Pipeline::default()
            }
        }
    };
    if found.id.is_none() {
        found.id = id.filter(|id| is_uuid(id)).map(str::to_owned);
    }
    Some(found)
}

fn generic_pipeline(case: &Case) -> Option<Pipeline> {
    let generic = &case.generic;
    if generic.disputed {
        return None;
    }
    let page = generic
        .readings
        .iter()
        .filter(|reading| reading.field == Field::Url && !reading.placeholder)
        .find_map(|reading| parse_url(&reading.value));
    if let Some(mut page) = page {
        if page.id.is_none() {
            let id = generic
                .reading(Field::Pipeline)
                .map(|reading| reading.value.clone());
            page.id = id.filter(|id| is_uuid(id));
        }
        return Some(page);
    }
    let reading = generic
        .reading(Field::BuildId)
        .or_else(|| generic.reading(Field::BuildNumber))?;
    let key = reading.source.key.as_deref().unwrap_or_default();
    let system = match key {
        _ if key.starts_with("GITHUB_") || key.starts_with("com.github.") => "github-actions",
        _ if key.starts_with("CI_") => "gitlab",
        _ if key.starts_with("BUILDKITE_") => "buildkite",
        _ if key.starts_with("CIRCLE_") => "circleci",
        "BUILD_NUMBER" => "jenkins",
        _ => return None,
    };
    let source = generic.source();
    let slug = source
        .as_deref()
        .and_then(|url| url.rsplit('/').next())
        .map(str::to_owned);
    let job = generic
        .reading(Field::Pipeline)
        .map(|reading| reading.value.clone());
    let number = reading.field == Field::BuildNumber;
    Some(Pipeline {
        system: Some(system.to_owned()),
        organization: source.as_deref().and_then(repository_owner),
        slug: job
            .filter(|_| system == "jenkins" || system == "buildkite")
            .or(slug),
        id: (!number).then(|| reading.value.trim().to_owned()),
        build: number.then(|| reading.value.trim().parse().ok()).flatten(),
        url: None,
    })
}
