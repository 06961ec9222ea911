//! The commit of an image, by the strongest evidence that is its own.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::packages::{
    directory, installed, nearest, of_package, own_checkouts, source_commit,
};
use crate::attribution::text::{CommitText, repository_url, same_commit};
use crate::carriers::python::is_dirty;
use crate::carriers::{Checkout, PackageFact};
use crate::contracts::{Field, Role};
use crate::provenance::{Commit, Pipeline};

use super::ownership::Ownership;

/// What the image was built from.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The commit of this image.
    pub commit: Option<Commit>,
    /// The git ref that the installed product was built from.
    pub requested_revision: Option<String>,
    /// The installed product that names the commit.
    pub package: Option<PackageFact>,
}

impl Built {
    fn with_revision(mut self, revision: Option<String>) -> Self {
        self.requested_revision = revision;
        self
    }

    fn of(text: &CommitText, dirty: bool, repository: Option<String>) -> Self {
        Self {
            commit: Some(Commit {
                id: text.id.clone(),
                full: text.is_full(),
                dirty: text.dirty || dirty,
                repository,
            }),
            ..Self::default()
        }
    }
}

/// Finds the commit; a derived image has none of its own.
pub(crate) fn built(case: &Case, ownership: &Ownership) -> Built {
    if ownership.derived {
        return Built::default();
    }
    let recorded = case.builds.commit(&case.generic);
    if let Some(family) = ownership.family {
        let mut built = of_family(case, family, ownership);
        // No stamp says so: the build tool saw changes in the tree.
        if let (Some(commit), Some((text, _))) = (&mut built.commit, recorded) {
            commit.dirty |= text.dirty && same_commit(&text.id, &commit.id);
        }
        return built;
    }
    if let Some(page) = &ownership.fork_page {
        return of_fork(case, ownership, page);
    }
    if let Some((text, repository)) = recorded {
        return Built::of(&text, false, repository.or_else(|| case.generic.source()));
    }
    match case.generic.commit() {
        Some((_, text)) => Built::of(&text, false, case.generic.source()),
        None => from_git(case),
    }
}

/// A fork's stamp names its commit, its build page the repository.
fn of_fork(case: &Case, ownership: &Ownership, page: &Pipeline) -> Built {
    let commit = ownership.fork_of.and_then(|family| {
        let (_, text) = family.commit(&case.package_commits(&family.contract))?;
        Some(text)
    });
    let github = page.system.as_deref() == Some("github-actions");
    let path = page.organization.as_deref().zip(page.slug.as_deref());
    let repository = path
        .filter(|_| github)
        .map(|(owner, name)| format!("https://github.com/{owner}/{name}"));
    commit.map_or_else(Built::default, |text| Built::of(&text, false, repository))
}

fn of_family(case: &Case, family: &Family, ownership: &Ownership) -> Built {
    let contract = &family.contract;
    let packages = installed(contract, case.facts);
    let dirty = packages.iter().any(|package| is_dirty(&package.version));
    let repository = contract.source.first().cloned();
    if let Some((reading, text)) = family.commit(&case.package_commits(contract)) {
        return Built::of(&text, dirty, repository.filter(|_| !reading.internal));
    }
    let from_package = packages
        .iter()
        .flat_map(|package| of_package(case.facts, package))
        .next();
    if let Some((text, _)) = from_package {
        let (text, revision) = completed(case, &contract.source, text);
        return Built::of(&text, dirty, repository).with_revision(revision);
    }
    let owned = case.generic.commit().filter(|(reading, _)| {
        contract.role == Role::Publisher && !case.belongs_to_inner(Field::Commit, &reading.value)
    });
    let tag = case
        .imported_rule(family)
        .zip(case.import().and_then(Import::tag))
        .and_then(|(rule, tag)| rule.pattern.capture(tag, "commit"))
        .and_then(CommitText::parse);
    match owned.map(|(_, text)| text).or(tag) {
        Some(text) => Built::of(&text, dirty, repository),
        None if contract.commit_of_product && ownership.bases.is_empty() => from_git(case),
        None => Built::default(),
    }
}

/// The whole commit of an abbreviated one, where a checkout of the publisher's repository is of it, or the
/// image's own keys name it whole; and the git ref that was checked out.
fn completed(case: &Case, source: &[String], text: CommitText) -> (CommitText, Option<String>) {
    let found = own_checkouts(case.facts, source).find_map(|checkout| {
        let whole = CommitText::parse(&checkout.commit.as_ref()?.value)?;
        (whole.is_full() && same_commit(&whole.id, &text.id)).then_some((checkout, whole))
    });
    match found {
        Some((checkout, mut whole)) => {
            whole.dirty = text.dirty;
            (whole, checked_out_ref(checkout))
        }
        None => (by_generic_key(case, text), None),
    }
}

/// The whole commit that a key of many publishers names, where a package names its start.
fn by_generic_key(case: &Case, text: CommitText) -> CommitText {
    match case.generic.commit() {
        Some((_, mut whole)) if whole.is_full() && whole.id.starts_with(&text.id) => {
            whole.dirty |= text.dirty;
            whole
        }
        _ => text,
    }
}

/// The pull request or the tag that a checkout is of.
fn checked_out_ref(checkout: &Checkout) -> Option<String> {
    let fetched = checkout.fetched.as_ref().map(|pair| pair.value.clone());
    let tag = checkout.tag.as_ref();
    fetched.or_else(|| tag.map(|pair| pair.key.clone()))
}

/// No stamp and no revision label: a product that was built from a Git context, or checked out.
fn from_git(case: &Case) -> Built {
    let products = products(case);
    if let [(text, package, repository)] = products.as_slice() {
        let direct = package.direct_url.as_ref();
        let asked = direct.and_then(|direct| direct.requested_revision.clone());
        let checkout = || {
            let editable = direct.filter(|direct| direct.editable)?;
            checked_out_ref(nearest(case.facts, &directory(editable)?)?)
        };
        return Built {
            requested_revision: asked.or_else(checkout),
            package: Some((*package).clone()),
            ..Built::of(text, is_dirty(&package.version), repository.clone())
        };
    }
    if products.is_empty() {
        from_checkout(case)
    } else {
        Built::default()
    }
}

/// The packages of known publishers that were installed from a Git repository: a product that was built
/// in this image. A wheel that names a commit was built elsewhere. Two copies of one commit are one.
fn products<'c>(case: &Case<'c>) -> Vec<(CommitText, &'c PackageFact, Option<String>)> {
    let mut products: Vec<(CommitText, &PackageFact, Option<String>)> = Vec::new();
    for (contract, _) in case.contracts.with_package() {
        for package in installed(contract, case.facts) {
            if products
                .iter()
                .any(|(_, known, _)| known.path == package.path)
            {
                continue;
            }
            let Some(text) = source_commit(case.facts, package) else {
                continue;
            };
            let url = package.direct_url.as_ref();
            let repository = url.and_then(|direct| repository_url(&direct.url));
            let repository = repository.or_else(|| contract.source.first().cloned());
            products.push((text, package, repository));
        }
    }
    products.dedup_by(|a, b| a.0 == b.0);
    products
}

/// The working directory's own checkout is the application; any other may be a tool's.
fn from_checkout(case: &Case) -> Built {
    let workdir = case.facts.workdir.as_deref().unwrap_or("/");
    let found = nearest(case.facts, workdir).and_then(|checkout| {
        let pair = checkout.commit.as_ref()?;
        Some((checkout, CommitText::parse(&pair.value)?))
    });
    let Some((checkout, text)) = found else {
        return Built::default();
    };
    let remote = checkout.remote.as_ref();
    let repository = remote.and_then(|pair| repository_url(&pair.value));
    Built::of(&text, false, repository).with_revision(checked_out_ref(checkout))
}
