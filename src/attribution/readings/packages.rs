//! What the installed Python packages say.

use crate::attribution::make::python;
use crate::attribution::text::{CommitText, is_among, same_version};
use crate::carriers::python::{commit_of_version, is_same_name, local_directory};
use crate::carriers::{Checkout, DirectUrl, Facts, PackageFact};
use crate::contracts::Contract;
use crate::provenance::Source;

/// Returns true if a package that was not found is not installed: the root file system was read, and no
/// part of it was lost.
pub(crate) fn packages_known(facts: &Facts) -> bool {
    facts.packages_known && !facts.is_partial()
}

/// Returns the installed copies of the contract's package.
pub(crate) fn installed<'f>(contract: &Contract, facts: &'f Facts) -> Vec<&'f PackageFact> {
    let wanted = contract.package.as_deref();
    wanted.map_or_else(Vec::new, |wanted| packages_named(facts, wanted))
}

/// Returns the installed copies of a package.
pub(crate) fn packages_named<'f>(facts: &'f Facts, wanted: &str) -> Vec<&'f PackageFact> {
    let packages = facts.packages.iter();
    packages
        .filter(|package| is_same_name(&package.name, wanted))
        .collect()
}

/// Returns true if a package is installed, and no copy of it has this version.
pub(crate) fn is_another_version(copies: &[&PackageFact], version: &str) -> bool {
    let mut same = copies
        .iter()
        .map(|copy| same_version(&copy.version, version));
    !copies.is_empty() && !same.any(|same| same)
}

/// Returns the commits that the installed copies of a contract's package name.
pub(crate) fn commits(facts: &Facts, contract: &Contract) -> Vec<String> {
    installed(contract, facts)
        .into_iter()
        .flat_map(|package| of_package(facts, package))
        .map(|(text, _)| text.id)
        .collect()
}

/// Returns the commit of the repository that a package was installed from: by `direct_url.json` (PEP
/// 610), or by the checkout that an editable package runs from.
pub(crate) fn source_commit(facts: &Facts, package: &PackageFact) -> Option<CommitText> {
    let direct = package.direct_url.as_ref()?;
    let recorded = direct.commit.as_deref().and_then(CommitText::parse);
    recorded.or_else(|| Some(checked_out(facts, direct)?.0))
}

/// Returns the commit of the checkout that an editable package runs from, with its source.
fn checked_out(facts: &Facts, direct: &DirectUrl) -> Option<(CommitText, Source)> {
    let checkout = nearest(facts, &directory(direct)?).filter(|_| direct.editable)?;
    let pair = checkout.commit.as_ref()?;
    Some((CommitText::parse(&pair.value)?, pair.source.clone()))
}

/// Returns the directory that an editable package runs from; `None` if its URL names none.
pub(crate) fn directory(direct: &DirectUrl) -> Option<String> {
    let directory = local_directory(&direct.url)?;
    Some(String::from_utf8_lossy(&directory).into_owned())
}

/// Returns the innermost checkout that contains a directory. Paths are compared by components:
/// `/application` is not in `/app`.
pub(crate) fn nearest<'f>(facts: &'f Facts, directory: &str) -> Option<&'f Checkout> {
    let holds = |checkout: &&Checkout| {
        let rest = directory.strip_prefix(checkout.path.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let checkouts = facts.checkouts.iter().filter(holds);
    checkouts.max_by_key(|checkout| checkout.path.trim_end_matches('/').len())
}

/// Returns the checkouts of a publisher's own repository.
pub(crate) fn own_checkouts<'f>(
    facts: &'f Facts,
    source: &'f [String],
) -> impl Iterator<Item = &'f Checkout> {
    facts.checkouts.iter().filter(|checkout| {
        let remote = checkout.remote.as_ref();
        remote.is_some_and(|remote| is_among(source, &remote.value))
    })
}

/// Returns the commits that one package names, the strongest first.
pub(crate) fn of_package(facts: &Facts, package: &PackageFact) -> Vec<(CommitText, Source)> {
    let mut commits = Vec::new();
    if let Some(direct) = &package.direct_url {
        let recorded = direct.commit.as_deref().and_then(CommitText::parse);
        commits.extend(recorded.map(|text| {
            let path = format!("{}/direct_url.json", package.path);
            (text, python(&path))
        }));
        commits.extend(checked_out(facts, direct));
    }
    if let Some(pair) = &package.commit_id {
        commits.extend(CommitText::parse(&pair.value).map(|text| (text, pair.source.clone())));
    }
    if let Some((hex, _)) = commit_of_version(&package.version) {
        commits.extend(CommitText::parse(&hex).map(|text| (text, python(&package.path))));
    }
    commits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_an_editable_package_is_percent_decoded() {
        let at = |url: &str| {
            directory(&DirectUrl {
                url: url.to_owned(),
                ..DirectUrl::default()
            })
        };
        assert_eq!(at("file:///my%20project").as_deref(), Some("/my project"));
        assert_eq!(at("https://example.com/a.git"), None);
    }
}
