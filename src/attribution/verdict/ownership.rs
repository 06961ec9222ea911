//! Ownership: the image belongs to the publisher, to a fork, or to somebody who built on top.

use crate::attribution::case::Case;
use crate::attribution::readings::families::{Family, has_marker, outermost};
use crate::attribution::readings::import::Import;
use crate::attribution::readings::reading::last_of;
use crate::attribution::signs::signal::{Signal, weight};
use crate::attribution::signs::{packers, signals};
use crate::attribution::text::{
    is_among, parse_url, repository_owner, repository_url, same_commit,
};
use crate::contracts::{Field, RepositoryClass, Role};
use crate::provenance::Pipeline;

/// Whose image it is.
#[derive(Debug, Default)]
pub(crate) struct Ownership<'a> {
    /// The contract that describes the origin.
    pub family: Option<&'a Family>,
    /// The contract of a fork's upstream. The fork fills the upstream's keys.
    pub fork_of: Option<&'a Family>,
    /// True if `fork_of`'s stamp describes the upstream, not the fork.
    pub upstream_stamp: bool,
    /// The build page of a fork that copied the upstream's labels with its source.
    pub fork_page: Option<Pipeline>,
    /// True if it was built on another image, and has no contract of its own.
    pub derived: bool,
    /// The contracts of its bases, the closest first; without a fork's upstream.
    pub bases: Vec<&'a Family>,
    /// The contract's id, else the owner that the source names.
    pub publisher: Option<String>,
    pub signals: Vec<Signal>,
    /// True if the import names a publisher's repository, but nothing in the image is the publisher's.
    pub disowned: bool,
}

impl<'a> Ownership<'a> {
    /// Returns true if the family's stamp describes this image.
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
    let mut labels = case.facts.labels.iter();
    let same =
        labels.all(|label| last_of(base, &label.key).is_some_and(|it| it.value == label.value));
    let mut families = case.families.iter();
    families.find(|family| same && family.is_frozen_base())
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
        ownership.derived = true;
        return ownership.on_top_of(family);
    }
    ownership.family = Some(family);
    ownership.publisher = (!is_anonymous(case, family)).then(|| family.contract.id.clone());
    ownership
}

/// Returns the ownership of an image from another source repository that has this contract's keys: a fork, or
/// an outer build with its own labels.
fn fork<'a>(case: &'a Case<'a>, family: &'a Family) -> Option<Ownership<'a>> {
    let generic = &case.generic;
    let foreign = generic.source().is_some_and(|url| {
        !is_among(&family.contract.source, &url) && !case.belongs_to_inner(Field::Source, &url)
    });
    if family.class.is_some() || !foreign || !family.stamped {
        return None;
    }
    let stamped = case.stamped_commit(family);
    let internal = stamped
        .as_ref()
        .is_some_and(|(reading, _)| reading.internal);
    let same = match (generic.commit(), &stamped) {
        (Some((_, own)), Some((_, stamped))) => same_commit(&own.id, &stamped.id),
        (Some(_), None) => true,
        (None, _) => return None,
    };
    // A fork's builds have its own pages. Here only the source label was replaced: the stamp is the base's.
    if is_built_by_publisher(family) {
        return None;
    }
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

/// Returns true if the stamp has a build page of the publisher: the contract's pattern matches, or it has its owner.
fn is_built_by_publisher(family: &Family) -> bool {
    let contract = &family.contract;
    let Some((build, url)) = contract.build.as_ref().zip(family.value(Field::Url)) else {
        return false;
    };
    let patterns: Vec<_> = build.ci_url.iter().chain([&build.official_url]).collect();
    if patterns.iter().any(|pattern| pattern.is_match(url)) {
        return true;
    }
    let page = parse_url(url);
    let owner = page.and_then(|page| Some(page.organization?.to_ascii_lowercase()));
    owner.is_some_and(|owner| {
        let own = |source: &String| repository_url(source).and_then(|url| repository_owner(&url));
        let mut sources = contract.source.iter().filter_map(own);
        let in_path = format!("/{owner}/");
        sources.any(|known| known == owner)
            || patterns
                .iter()
                .any(|pattern| pattern.as_str().contains(&in_path))
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
        && contract.class_of(&reference.name()).is_none()
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

/// Returns true if only the import names the publisher, and the image has nothing of it.
fn is_disowned(case: &Case, family: &Family, signals: &[Signal]) -> bool {
    let mut codes = signals.iter().map(|signal| signal.conflict.code.as_str());
    let missing = codes.any(|code| code == "package-missing");
    // If a part of the image is lost, the package may be in it, and so may what contradicts the signs.
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

/// Returns the owner of the image's own source repository.
fn publisher(case: &Case) -> Option<String> {
    if let Some((_, Some(repository))) = case.builds.commit(&case.generic) {
        return repository_owner(&repository);
    }
    let owner = case.generic.owner()?;
    if case.generic.commit().is_some() {
        return Some(owner);
    }
    // Without a revision the label may be the base's: only the import can back it.
    let imported = case.import()?.reference.as_ref()?.owner();
    imported.eq_ignore_ascii_case(&owner).then_some(owner)
}
