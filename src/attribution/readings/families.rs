//! Which publishers' contracts an image carries, and which of them is the outermost.

use std::sync::Arc;

use crate::carriers::Facts;
use crate::contracts::{Contract, Contracts, Field, Role, glob_matches};
use crate::reference::Reference;

use super::class::{RepositoryClass, classify};
use super::import::Import;
use super::packages::{installed, packages_known};
use super::reading::{Carrier, Reading, last_of, read_stamps};
use crate::attribution::text::{
    CommitText, repository_owner, repository_url, same_commit, same_repository,
};

/// A contract that the image carries, with what it says.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub contract: Arc<Contract>,
    pub readings: Vec<Reading>,
    /// A key that names this publisher is there, be its value a placeholder.
    pub stamped: bool,
    /// The imported repository is this publisher's.
    pub class: Option<RepositoryClass>,
    /// Index of its last own variable in the environment.
    pub last_variable: Option<usize>,
}

impl Family {
    /// The first real value of a field; with several, one that `prefer` likes.
    pub(crate) fn value(&self, field: Field) -> Option<&str> {
        self.reading(field).and_then(Reading::real)
    }

    /// The first reading of a field with a real value.
    pub(crate) fn reading(&self, field: Field) -> Option<&Reading> {
        self.of(field).find(|reading| !reading.placeholder)
    }

    /// All readings of a field.
    pub(crate) fn of(&self, field: Field) -> impl Iterator<Item = &Reading> {
        self.readings
            .iter()
            .filter(move |reading| reading.field == field)
    }

    /// The stamped commit; where sources differ, the one that a package agrees with.
    pub(crate) fn commit(&self, package_commits: &[String]) -> Option<(&Reading, CommitText)> {
        let all: Vec<_> = self
            .of(Field::Commit)
            .filter(|reading| !reading.placeholder)
            .filter_map(|reading| Some((reading, CommitText::parse(&reading.value)?)))
            .collect();
        let backed = all
            .iter()
            .position(|(_, commit)| package_commits.iter().any(|id| same_commit(id, &commit.id)));
        all.into_iter().nth(backed.unwrap_or(0))
    }

    /// Returns true if a variable of the environment carries the stamp.
    pub(crate) fn in_environment(&self) -> bool {
        self.readings
            .iter()
            .any(|r| r.identifying && r.carrier == Carrier::Environment)
    }

    /// Returns the stamped public reference: a real value that names a repository.
    pub(crate) fn stamp_reference(&self) -> Option<(&Reading, Reference)> {
        self.of(Field::Reference)
            .filter(|reading| !reading.placeholder)
            .filter(|reading| reading.value.contains('/'))
            .find_map(|reading| Some((reading, Reference::parse(&reading.value).ok()?)))
    }

    pub(crate) fn id(&self) -> &str {
        &self.contract.id
    }

    /// A base that left a frozen copy of its own labels.
    pub(crate) fn is_frozen_base(&self) -> bool {
        self.contract.role == Role::Base && !self.contract.markers.base_labels.is_empty()
    }
}

/// Returns every contract that the image carries. A stamp without its required package does not count:
/// somebody else uses the same names.
pub(crate) fn families(
    facts: &Facts,
    contracts: &Contracts,
    import: Option<&Import>,
) -> (Vec<Family>, Vec<Family>) {
    let repository = import.and_then(Import::repository);
    let mut carried = Vec::new();
    let mut reused = Vec::new();
    for contract in contracts.all().iter().filter(|c| c.role != Role::Generic) {
        let readings = read_stamps(contract, facts);
        let stamped = readings.iter().any(|reading| reading.identifying);
        let class = repository
            .as_deref()
            .and_then(|name| classify(contract, name));
        // A hint by the file's owner makes no contract apply.
        let pulled = class.is_some() && !import.is_some_and(Import::is_a_hint);
        let carries = stamped || pulled || has_marker(contract, facts);
        if !carries && !is_declared(contract, facts, import) {
            continue;
        }
        let last_variable = last_variable(contract, facts);
        let missing = contract.package_required && installed(contract, facts).is_empty();
        let family = Family {
            contract: Arc::clone(contract),
            readings,
            stamped,
            class,
            last_variable,
        };
        if stamped && missing && packages_known(facts) {
            reused.push(family);
        } else {
            carried.push(family);
        }
    }
    surrender_claims(&mut carried, facts);
    (carried, reused)
}

/// Returns true if the labels name the source of a contract without a stamp of its own, in an image that was
/// pulled from a repository of another owner: its base's labels stayed in it.
fn is_declared(contract: &Contract, facts: &Facts, import: Option<&Import>) -> bool {
    if contract.role != Role::Publisher || !contract.stamps.is_empty() {
        return false;
    }
    let label = |key: &str| last_of(&facts.labels, key).map(|pair| pair.value.as_str());
    let Some(source) = label("org.opencontainers.image.source").and_then(repository_url) else {
        return false;
    };
    let own = |known: &String| same_repository(known, &source);
    let imported = import
        .filter(|import| import.is_registry())
        .and_then(Import::repository);
    let (Some(imported), Some(owner)) = (imported, repository_owner(&source)) else {
        return false;
    };
    let is_owners = |repository: &str| {
        let mut parts = repository.split('/');
        parts.any(|part| part.eq_ignore_ascii_case(&owner))
    };
    contract.source.iter().any(own)
        && label("org.opencontainers.image.revision").is_some()
        // Who publishes under a name that is not the source's is not told from a child.
        && contract.official_repositories().all(is_owners)
        && !is_owners(&imported)
}

/// Takes from a base the readings of keys that an outer publisher fills itself.
fn surrender_claims(carried: &mut Vec<Family>, facts: &Facts) {
    let claims: Vec<(String, String)> = carried
        .iter()
        .filter(|family| family.stamped)
        .flat_map(|family| {
            family
                .contract
                .markers
                .claims
                .iter()
                .map(|key| (family.contract.id.clone(), key.clone()))
        })
        .collect();
    for family in carried.iter_mut() {
        let id = family.contract.id.clone();
        family.readings.retain(|reading| {
            !claims.iter().any(|(owner, key)| {
                *owner != id && reading.source.key.as_deref() == Some(key.as_str())
            })
        });
        family.stamped = family.readings.iter().any(|reading| reading.identifying);
    }
    carried.retain(|family| {
        let unstamped = family.contract.stamps.is_empty();
        family.stamped || unstamped || family.class.is_some() || has_marker(&family.contract, facts)
    });
}

/// Returns the outermost of the carried contracts: the one that no other wraps. If several remain, it
/// is the one whose variables come last, since an outer stage adds its variables after the base's.
pub(crate) fn outermost<'f>(families: &'f [Family], contracts: &Contracts) -> Option<&'f Family> {
    let candidate =
        |family: &&Family| family.contract.role == Role::Publisher || family.class.is_some();
    families
        .iter()
        .filter(candidate)
        .filter(|inner| {
            !families
                .iter()
                .filter(candidate)
                .any(|outer| contracts.wraps(outer.id(), inner.id()) && outer.id() != inner.id())
        })
        .max_by_key(|family| (family.last_variable, family.class.is_some(), family.stamped))
}

/// Returns the other carried contracts, which are bases of the outermost, the nearest first.
pub(crate) fn inner<'f>(
    families: &'f [Family],
    outer: Option<&Family>,
    contracts: &Contracts,
) -> Vec<&'f Family> {
    let mut inner: Vec<&Family> = families
        .iter()
        .filter(|family| outer.is_none_or(|outer| family.id() != outer.id()))
        .filter(|family| family.contract.role == Role::Publisher || family.is_frozen_base())
        .collect();
    inner.sort_by(|a, b| {
        let wraps = |x: &Family, y: &Family| contracts.wraps(x.id(), y.id());
        wraps(b, a)
            .cmp(&wraps(a, b))
            .then(b.last_variable.cmp(&a.last_variable))
    });
    inner
}

/// Returns true if a sign of the publisher beside its stamp is there.
pub(crate) fn has_marker(contract: &Contract, facts: &Facts) -> bool {
    let markers = &contract.markers;
    let pair = |pairs: &[crate::carriers::Pair], marker: &str| {
        let (key, value) = match marker.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (marker, None),
        };
        pairs
            .iter()
            .any(|pair| pair.key == key && value.is_none_or(|glob| glob_matches(glob, &pair.value)))
    };
    markers
        .environment
        .iter()
        .any(|marker| pair(&facts.environment, marker))
        || markers
            .label
            .iter()
            .any(|marker| pair(&facts.labels, marker))
        || markers.file.iter().any(|path| facts.present.contains(path))
        || markers.base_labels.iter().any(|marker| {
            facts
                .base_labels
                .as_deref()
                .is_some_and(|labels| pair(labels, marker))
        })
}

fn last_variable(contract: &Contract, facts: &Facts) -> Option<usize> {
    facts
        .environment_ordered
        .then(|| {
            facts.environment.iter().rposition(|pair| {
                contract
                    .stamps
                    .iter()
                    .any(|stamp| stamp.identifying && stamp.environment.contains(&pair.key))
            })
        })
        .flatten()
}
