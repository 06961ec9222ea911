//! The commit of an image, by the strongest evidence that is its own.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::{
    directory, installed, nearest, of_package, own_checkouts, source_commit,
};
use crate::attribution::text::{CommitText, repository_url, same_commit};
use crate::carriers::python::is_dirty;
use crate::carriers::{Checkout, PackageFact};
use crate::contracts::{Field, Role};
use crate::provenance::{Commit, Pipeline};

use super::ownership::Ownership;

/// The source of the build.
#[derive(Debug, Default)]
pub(crate) struct Built {
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

/// Finds the commit. A derived image has no commit of its own.
pub(crate) fn built(case: &Case, ownership: &Ownership) -> Built {
    if ownership.derived {
        return Built::default();
    }
    let recorded = case.builds.commit(&case.generic);
    if let Some(family) = ownership.family {
        let mut built = of_family(case, family, ownership);
        // A stamp does not say that the tree had changes; the build tool does.
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
    let family = ownership.fork_of;
    let commit = family.and_then(|family| case.stamped_commit(family));
    let github = page.system.as_deref() == Some("github-actions");
    let path = page.organization.as_deref().zip(page.slug.as_deref());
    let repository = path
        .filter(|_| github)
        .map(|(owner, name)| format!("https://github.com/{owner}/{name}"));
    commit.map_or_else(Built::default, |(_, text)| {
        Built::of(&text, false, repository)
    })
}

fn of_family(case: &Case, family: &Family, ownership: &Ownership) -> Built {
    let contract = &family.contract;
    let packages = installed(contract, case.facts);
    let dirty = packages.iter().any(|package| is_dirty(&package.version));
    let repository = contract.source.first().cloned();
    if let Some((reading, text)) = case.stamped_commit(family) {
        return Built::of(&text, dirty, repository.filter(|_| !reading.internal));
    }
    let mut of_packages = packages.iter().flat_map(|it| of_package(case.facts, it));
    if let Some((text, _)) = of_packages.next() {
        let (text, revision) = completed(case, &contract.source, text);
        return Built::of(&text, dirty, repository).with_revision(revision);
    }
    let owned = case.generic.commit().filter(|(reading, _)| {
        contract.role == Role::Publisher && !case.belongs_to_inner(Field::Commit, &reading.value)
    });
    let tag = case.tag_part(family, "commit").and_then(CommitText::parse);
    match owned.map(|(_, text)| text).or(tag) {
        Some(text) => Built::of(&text, dirty, repository),
        None if contract.commit_of_product && ownership.bases.is_empty() => from_git(case),
        None => Built::default(),
    }
}

/// Returns the whole of an abbreviated commit if a checkout of the publisher's repository or the image's own
/// keys have it, and the git ref of that checkout.
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

/// Returns the whole commit in a generic key if it begins with the package's commit.
fn by_generic_key(case: &Case, text: CommitText) -> CommitText {
    match case.generic.commit() {
        Some((_, mut whole)) if whole.is_full() && whole.id.starts_with(&text.id) => {
            whole.dirty |= text.dirty;
            whole
        }
        _ => text,
    }
}

/// Returns the pull request or the tag of a checkout.
fn checked_out_ref(checkout: &Checkout) -> Option<String> {
    let fetched = checkout.fetched.as_ref().map(|pair| pair.value.clone());
    let tag = checkout.tag.as_ref();
    fetched.or_else(|| tag.map(|pair| pair.key.clone()))
}

/// Returns the commit of a product that was built from a Git context, or checked out. The image then has no
/// stamp and no revision label.
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

/// Returns the packages of known publishers that were installed from a Git repository: products that were
/// built in this image. A wheel that names a commit was built elsewhere. Copies of one commit count once.
fn products<'c>(case: &Case<'c>) -> Vec<(CommitText, &'c PackageFact, Option<String>)> {
    let mut products: Vec<(CommitText, &PackageFact, Option<String>)> = Vec::new();
    for (contract, _) in case.contracts.with_package() {
        for package in installed(contract, case.facts) {
            let mut known = products.iter();
            if known.any(|(_, known, _)| known.path == package.path) {
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
