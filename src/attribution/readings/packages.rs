//! What the installed Python packages say.

use crate::attribution::make::python;
use crate::attribution::text::CommitText;
use crate::carriers::python::{commit_of_version, is_same_name};
use crate::carriers::{Facts, PackageFact};
use crate::contracts::Contract;
use crate::provenance::Source;

/// Returns true when the root file system was there, and no part of it was lost.
pub(crate) fn packages_known(facts: &Facts) -> bool {
    facts.packages_known && !facts.is_partial()
}

/// The installed copies of the contract's package.
pub(crate) fn installed<'f>(contract: &Contract, facts: &'f Facts) -> Vec<&'f PackageFact> {
    let Some(wanted) = contract.package.as_deref() else {
        return Vec::new();
    };
    let packages = facts.packages.iter();
    packages
        .filter(|package| is_same_name(&package.name, wanted))
        .collect()
}

/// Returns the commits that the installed copies of a contract's package name.
pub(crate) fn commits(facts: &Facts, contract: &Contract) -> Vec<String> {
    installed(contract, facts)
        .into_iter()
        .flat_map(|package| of_package(facts, package))
        .map(|(text, _)| text.id)
        .collect()
}

/// The commits that one package says it is of, the strongest first.
pub(crate) fn of_package(facts: &Facts, package: &PackageFact) -> Vec<(CommitText, Source)> {
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
