//! Ownership: the image belongs to the publisher, to a fork, or to somebody who built on top.

use crate::attribution::case::Case;
use crate::attribution::readings::class::{RepositoryClass, classify};
use crate::attribution::readings::families::{Family, has_marker, outermost};
use crate::attribution::readings::import::Import;
use crate::attribution::readings::reading::last_of;
use crate::attribution::signs::signal::{Signal, weight};
use crate::attribution::signs::{packers, signals};
use crate::attribution::text::{
    parse_url, repository_owner, repository_url, same_commit, same_repository,
};
use crate::contracts::{Field, Role};
use crate::provenance::Pipeline;

/// The answer.
#[derive(Debug, Default)]
pub(crate) struct Ownership<'a> {
    /// The contract that describes the origin.
    pub family: Option<&'a Family>,
    /// The contract of the upstream, if the image is a fork's: the fork fills the upstream's keys.
    pub fork_of: Option<&'a Family>,
    /// True if `fork_of`'s stamp describes the upstream, not the fork.
    pub upstream_stamp: bool,
    /// The build page of a fork that copied the upstream's labels with its source.
    pub fork_page: Option<Pipeline>,
    /// Built on another image, without a contract of its own.
    pub derived: bool,
    /// The contracts of its bases, the nearest first; without a fork's upstream.
    pub bases: Vec<&'a Family>,
    /// The contract's id, else the owner that the source names.
    pub publisher: Option<String>,
    /// Signs of derivation.
    pub signals: Vec<Signal>,
    /// The import names a publisher's repository, but nothing in the image is the publisher's.
    pub disowned: bool,
}

impl<'a> Ownership<'a> {
    /// Returns true when the family's stamp describes this image.
    pub(crate) fn owns(&self, family: &Family) -> bool {
        !self.derived && self.family.is_some_and(|own| own.id() == family.id())
            || (self.fork_of.is_some_and(|fork| fork.id() == family.id()) && !self.upstream_stamp)
    }

    /// Returns the contract whose keys describe the image itself or its fork.
    pub(crate) fn contract_in_use(&self) -> Option<&'a Family> {
        self.family.or(self.fork_of)
    }

    /// Returns what the imported repository is to that contract.
    pub(crate) fn class(&self) -> Option<RepositoryClass> {
        self.contract_in_use().and_then(|family| family.class)
    }

    fn of(family: &'a Family, case: &'a Case) -> Self {
        Self {
            bases: case.bases(Some(family)),
            ..Self::default()
        }
    }

    fn derived_from(mut self, family: &'a Family) -> Self {
        self.derived = true;
        self.on_top_of(family)
    }

    fn on_top_of(mut self, family: &'a Family) -> Self {
        self.bases.insert(0, family);
        self
    }
}

/// Decides the ownership by the outermost contract and the evidence against it.
pub(crate) fn ownership<'a>(case: &'a Case<'a>) -> Ownership<'a> {
    let outer = outermost(&case.families, case.contracts).or_else(|| untouched_base(case));
    let mut ownership = match outer {
        Some(family) => under_contract(case, family),
        None => without_contract(case),
    };
    if !ownership.derived && ownership.publisher.is_none() && ownership.family.is_none() {
        ownership.publisher = publisher(case);
    }
    ownership
}

/// Returns the base whose copied labels equal the image's labels: the image is that base, wherever it
/// was pulled from.
fn untouched_base<'a>(case: &'a Case<'a>) -> Option<&'a Family> {
    let base = case.facts.base_labels.as_deref()?;
    let same = case
        .facts
        .labels
        .iter()
        .all(|label| last_of(base, &label.key).is_some_and(|pair| pair.value == label.value));
    case.families
        .iter()
        .find(|family| same && family.is_frozen_base())
}

fn under_contract<'a>(case: &'a Case<'a>, family: &'a Family) -> Ownership<'a> {
    if let Some(fork) = fork(case, family).or_else(|| fork_by_stamp(case, family)) {
        return fork;
    }
    let mut ownership = Ownership::of(family, case);
    ownership.signals = signals(case, family);
    if is_disowned(case, family, &ownership.signals) {
        ownership.disowned = true;
        return ownership;
    }
    if weight(&ownership.signals) >= 2 {
        return ownership.derived_from(family);
    }
    ownership.family = Some(family);
    ownership.publisher = (!is_anonymous(case, family)).then(|| family.contract.id.clone());
    ownership
}

/// An image of another source repository with this contract's keys: a fork, or an outer build
/// with labels of its own.
fn fork<'a>(case: &'a Case<'a>, family: &'a Family) -> Option<Ownership<'a>> {
    let generic = &case.generic;
    let foreign = generic.source().is_some_and(|url| {
        !family
            .contract
            .source
            .iter()
            .any(|own| same_repository(own, &url))
            && !case.belongs_to_inner(Field::Source, &url)
    });
    if family.class.is_some() || !foreign || !family.stamped {
        return None;
    }
    let stamped = family.commit(&case.package_commits(&family.contract));
    let internal = stamped
        .as_ref()
        .is_some_and(|(reading, _)| reading.internal);
    let same = match (generic.commit(), &stamped) {
        (Some((_, own)), Some((_, stamped))) => same_commit(&own.id, &stamped.id),
        (Some(_), None) => true,
        (None, _) => return None,
    };
    let ownership = Ownership::of(family, case);
    // The base's contract knows no source label, so these labels are the image's own.
    if internal || family.contract.source.is_empty() {
        return Some(ownership.on_top_of(family));
    }
    (same || generic.channel.is_some()).then_some(Ownership {
        fork_of: Some(family),
        upstream_stamp: !same,
        ..ownership
    })
}

/// Returns the ownership of a fork that builds with the upstream's build files: reference and build
/// page of the stamp name one other owner. The source label is a fixed text in these files.
fn fork_by_stamp<'a>(case: &'a Case<'a>, family: &'a Family) -> Option<Ownership<'a>> {
    let contract = &family.contract;
    let (_, reference) = family.stamp_reference()?;
    let page = parse_url(family.value(Field::Url)?)?;
    let owner = page.organization.as_deref()?.to_ascii_lowercase();
    let own = |source: &String| repository_url(source).and_then(|url| repository_owner(&url));
    let foreign = family.class.is_none()
        && classify(contract, &reference.name()).is_none()
        && reference.owner().eq_ignore_ascii_case(&owner)
        && !contract.source.is_empty()
        && contract
            .source
            .iter()
            .filter_map(own)
            .all(|known| known != owner);
    foreign.then(|| Ownership {
        fork_of: Some(family),
        fork_page: Some(page),
        publisher: Some(owner),
        ..Ownership::of(family, case)
    })
}

/// The import alone names the publisher, and the image holds nothing of it.
fn is_disowned(case: &Case, family: &Family, signals: &[Signal]) -> bool {
    let missing = signals
        .iter()
        .any(|signal| signal.conflict.code == "package-missing");
    // Where part of the image is lost, the package may be too, and so may what it contradicts.
    let unsupported = missing || (case.facts.is_partial() && weight(signals) >= 2);
    let published = family.class == Some(RepositoryClass::Official);
    unsupported && published && !family.stamped && !has_marker(&family.contract, case.facts)
}

/// Returns true for a build by hand under a publisher's name: nothing in the stamp names the
/// publisher.
fn is_anonymous(case: &Case, family: &Family) -> bool {
    family.stamped
        && family.value(Field::Commit).is_none()
        && family.contract.role == Role::Publisher
        && family.class.is_none()
        && family.of(Field::Commit).next().is_some()
        && case.import().is_some_and(Import::is_registry)
}

fn without_contract<'a>(case: &'a Case<'a>) -> Ownership<'a> {
    let mut ownership = Ownership {
        bases: case.bases(None),
        ..Ownership::default()
    };
    let frozen = ownership.bases.iter().any(|family| family.is_frozen_base());
    if frozen && !case.generic.is_own() {
        ownership.derived = true;
        if let Some(base) = ownership.bases.first() {
            ownership.signals = signals(case, base);
        }
    }
    if let Some(steps) = packers::steps(case.facts) {
        ownership.derived = true;
        ownership.signals.push(steps);
    }
    ownership
}

/// The owner that the image's own source repository names.
fn publisher(case: &Case) -> Option<String> {
    if let Some((_, Some(repository))) = case.builds.commit(&case.generic) {
        return repository_owner(&repository);
    }
    let owner = case.generic.owner()?;
    if case.generic.commit().is_some() {
        return Some(owner);
    }
    // Without a revision the label may be the base's: only the import can back it.
    let reference = case.import()?.reference.as_ref()?;
    reference
        .owner()
        .eq_ignore_ascii_case(&owner)
        .then_some(owner)
}
