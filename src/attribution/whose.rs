//! Whose image it is: the publisher itself, a fork, or somebody who built on top.

use crate::contracts::{Field, Role};
use crate::provenance::Commit;

use super::family::{Family, has_marker, outermost};
use super::import::RepositoryClass;
use super::reading::last_of;
use super::signals::{Signal, signals, weight};
use super::values::{repository_owner, same_commit, same_repository};
use super::{Case, bases, builds, commit, package_commits};
use crate::carriers::PackageFact;

/// The answer.
#[derive(Debug, Default)]
pub(super) struct Whose<'a> {
    /// The contract that the origin stands under.
    pub family: Option<&'a Family>,
    /// The contract whose keys a fork fills with values of its own.
    pub fork_of: Option<&'a Family>,
    /// True when `fork_of`'s stamp describes the upstream, not the fork.
    pub upstream_stamp: bool,
    /// Built on another image, without a contract of its own.
    pub derived: bool,
    /// What it stands on, outermost first; without the fork's upstream.
    pub bases: Vec<&'a Family>,
    /// The contract's id, else the owner that the source names.
    pub publisher: Option<String>,
    /// The commit of this image.
    pub commit: Option<Commit>,
    /// The git ref that the installed product was built from.
    pub requested_revision: Option<String>,
    /// The installed product that names the commit, and its contract's id.
    pub package: Option<(PackageFact, String)>,
    /// Signs of derivation.
    pub signals: Vec<Signal>,
    /// The import names a publisher's repository, but nothing in the image is the publisher's.
    pub disowned: bool,
}

impl Whose<'_> {
    /// True when the family's stamp describes this image.
    pub(super) fn owns(&self, family: &Family) -> bool {
        !self.derived && self.family.is_some_and(|own| own.id() == family.id())
            || (self.fork_of.is_some_and(|fork| fork.id() == family.id()) && !self.upstream_stamp)
    }
}

/// Decides, by the outermost contract and what stands against it.
pub(super) fn whose<'a>(case: &'a Case<'a>) -> Whose<'a> {
    let mut whose = Whose::default();
    let outer = outermost(case.families, case.contracts).or_else(|| untouched_base(case));
    match outer {
        Some(family) => under_contract(case, family, &mut whose),
        None => without_contract(case, &mut whose),
    }
    if !whose.derived {
        if whose.publisher.is_none() {
            whose.publisher = publisher(case, &whose);
        }
        commit::own_commit(case, &mut whose);
    }
    whose
}

/// A base whose frozen labels are the image's labels: the base itself, wherever it lies.
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

fn under_contract<'a>(case: &'a Case<'a>, family: &'a Family, whose: &mut Whose<'a>) {
    let generic = &case.generic;
    whose.bases = bases(case, Some(family));
    let elsewhere = family.class.is_none();
    let foreign = generic.source().is_some_and(|url| {
        !family
            .contract
            .source
            .iter()
            .any(|own| same_repository(own, &url))
            && !case.belongs_to_inner(Field::Source, &url)
    });
    if elsewhere && foreign && family.stamped {
        let stamped = family.commit(&package_commits(case.facts, &family.contract));
        let internal = stamped
            .as_ref()
            .is_some_and(|(reading, _)| reading.internal);
        let stamps_source = !internal && !family.contract.source.is_empty();
        let same = match (generic.commit(), &stamped) {
            (Some((_, own)), Some((_, stamped))) => Some(same_commit(&own.id, &stamped.id)),
            (Some(_), None) => Some(true),
            (None, _) => None,
        };
        match same {
            // The base's contract knows no source label, so these labels are the image's own.
            Some(_) if !stamps_source => {
                whose.bases.insert(0, family);
                return;
            }
            Some(same) if same || generic.channel.is_some() => {
                whose.fork_of = Some(family);
                whose.upstream_stamp = !same;
                return;
            }
            _ => {}
        }
    }
    whose.signals = signals(case, family);
    let unsupported = whose
        .signals
        .iter()
        .any(|signal| signal.conflict.code == "package-missing");
    let published = family.class == Some(RepositoryClass::Official);
    // Where part of the image is lost, the package may be too, and so may what it contradicts.
    let unsupported = unsupported || (case.facts.is_partial() && weight(&whose.signals) >= 2);
    if unsupported && published && !family.stamped && !has_marker(&family.contract, case.facts) {
        whose.disowned = true;
        return;
    }
    if weight(&whose.signals) >= 2 {
        whose.derived = true;
        whose.bases.insert(0, family);
        return;
    }
    whose.family = Some(family);
    // A hand build under somebody else's name: the stamp holds nothing that would name the publisher.
    let anonymous = family.stamped
        && family.value(Field::Commit).is_none()
        && family.contract.role == Role::Publisher
        && elsewhere
        && family.of(Field::Commit).next().is_some()
        && case.import.is_some_and(super::Import::is_registry);
    whose.publisher = (!anonymous).then(|| family.contract.id.clone());
}

fn without_contract<'a>(case: &'a Case<'a>, whose: &mut Whose<'a>) {
    whose.bases = bases(case, None);
    let frozen = whose.bases.iter().any(|family| family.is_frozen_base());
    if frozen && !case.generic.is_own() {
        whose.derived = true;
        if let Some(base) = whose.bases.first() {
            whose.signals = signals(case, base);
        }
    }
    if let Some(steps) = super::forms::steps(case.facts) {
        whose.derived = true;
        whose.signals.push(steps);
    }
}

/// The owner that the image's own source repository names.
fn publisher(case: &Case, whose: &Whose) -> Option<String> {
    if whose.family.is_some() {
        return None;
    }
    if let Some((_, Some(repository))) = builds::commit(case) {
        return repository_owner(&repository);
    }
    let owner = case.generic.owner()?;
    if case.generic.commit().is_some() {
        return Some(owner);
    }
    // Without a revision the label may be the base's: only the import can back it.
    let reference = case.import?.reference.as_ref()?;
    reference
        .owner()
        .eq_ignore_ascii_case(&owner)
        .then_some(owner)
}
