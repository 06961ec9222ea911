//! Finds the contracts that an image carries, and the outermost of them.

use std::sync::Arc;

use crate::carriers::{Facts, Pair};
use crate::contracts::{Contract, Contracts, Field, Line, RepositoryClass, Role, glob_matches};
use crate::reference::Reference;

use super::import::Import;
use super::packages::{installed, packages_known, packages_named};
use super::reading::{Carrier, Reading, has_any, last_of, read_stamps};
use super::recipe::of_product;
use crate::attribution::text::{
    CommitText, is_among, is_published, public_version, repository_owner, repository_url,
    same_commit, version_of_tag,
};

/// The label with the URL of the source repository.
const SOURCE: &str = "org.opencontainers.image.source";

/// A contract that the image carries, and its readings.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub contract: Arc<Contract>,
    pub readings: Vec<Reading>,
    /// Readings that describe an image of another line of the publisher, on which this one was built.
    pub inherited: Vec<Reading>,
    /// True if a key that names this publisher is there, even with a placeholder.
    pub stamped: bool,
    /// What the imported repository is to this publisher.
    pub class: Option<RepositoryClass>,
    /// The repository of a publisher without a stamp that the imported one may mirror.
    pub mirrored: Option<String>,
    /// The index of its last own variable in the environment.
    pub last_variable: Option<usize>,
}

impl Family {
    /// Returns the first real value of a field.
    pub(crate) fn value(&self, field: Field) -> Option<&str> {
        self.reading(field).map(|reading| reading.value.as_str())
    }

    /// Returns the first reading of a field with a real value.
    pub(crate) fn reading(&self, field: Field) -> Option<&Reading> {
        self.real(field).next()
    }

    /// Returns all readings of a field, also placeholders.
    pub(crate) fn of(&self, field: Field) -> impl Iterator<Item = &Reading> {
        let readings = self.readings.iter();
        readings.filter(move |reading| reading.field == field)
    }

    /// Returns all readings of a field with real values.
    pub(crate) fn real(&self, field: Field) -> impl Iterator<Item = &Reading> {
        let readings = self.readings.iter();
        readings.filter(move |reading| reading.is_real(field))
    }

    /// Returns the stamped commit; if sources differ, the one that a package agrees with.
    pub(crate) fn commit(&self, package_commits: &[String]) -> Option<(&Reading, CommitText)> {
        let all: Vec<_> = self
            .real(Field::Commit)
            .filter_map(|reading| Some((reading, CommitText::parse(&reading.value)?)))
            .collect();
        let backed = all
            .iter()
            .position(|(_, commit)| package_commits.iter().any(|id| same_commit(id, &commit.id)));
        all.into_iter().nth(backed.unwrap_or(0))
    }

    /// Returns true if a variable of the environment carries the stamp.
    pub(crate) fn in_environment(&self) -> bool {
        let mut readings = self.readings.iter();
        readings.any(|r| r.identifying && r.carrier == Carrier::Environment)
    }

    /// Returns the stamped public reference: a real value that names a repository.
    pub(crate) fn stamp_reference(&self) -> Option<(&Reading, Reference)> {
        self.real(Field::Reference)
            .filter(|reading| reading.value.contains('/'))
            .find_map(|reading| Some((reading, Reference::parse(&reading.value).ok()?)))
    }

    /// Returns true if the repository could be a copy of one that a pattern of the publisher matches:
    /// `proxy/bitnami/nginx` of `docker.io/bitnami/*`. A pattern without an owner (`ubi*`) would match
    /// anybody's.
    pub(crate) fn may_be_mirrored(&self, imported: &Reference) -> bool {
        let path = imported.repository.as_str();
        let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
        let suffixes: Vec<&str> = starts.filter_map(|at| path.get(at..)).collect();
        let mut patterns = self.contract.official_repositories();
        patterns.any(|pattern| {
            let own = pattern.split_once('/').map_or("", |(_, own)| own);
            own.contains('*')
                && own.contains('/')
                && !own.starts_with('*')
                && suffixes.iter().any(|suffix| glob_matches(own, suffix))
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.contract.id
    }

    /// Returns true for a base that keeps a copy of its own labels in a file.
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
            .and_then(|name| contract.class_of(name));
        // The owner of the file can write a hint, so a hint makes no contract apply.
        let pulled = class.is_some() && !import.is_some_and(Import::is_a_hint);
        let mirrored = import.and_then(|import| mirrored(contract, contracts, facts, import));
        let carries = stamped || pulled || mirrored.is_some() || has_marker(contract, facts);
        if !carries && !is_declared(contract, facts, import) {
            continue;
        }
        let line = import
            .filter(|_| pulled)
            .and_then(|import| contract.product_line(repository.as_deref()?, import.tag()));
        let (inherited, own) = match line {
            Some(line) => split(readings, contract, line, facts),
            None => (Vec::new(), readings),
        };
        let last_variable = last_variable(contract, facts);
        let missing = contract.package_required && installed(contract, facts).is_empty();
        let family = Family {
            contract: Arc::clone(contract),
            readings: own,
            inherited,
            stamped,
            class,
            mirrored,
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

/// Returns the repository of a publisher without a stamp that the imported one may mirror: it has the same path
/// under another host, the tag has the publisher's grammar, and the image holds the publisher's package, names its
/// source, or is the distribution, in the version of the tag. A label with another source is a child's.
fn mirrored(
    contract: &Contract,
    contracts: &Contracts,
    facts: &Facts,
    import: &Import,
) -> Option<String> {
    let imported = import.effective.as_ref().filter(|_| import.is_registry())?;
    let tag = import.tag().filter(|_| contract.stamps.is_empty())?;
    let is_mirrored = |name: &&str| {
        let own = Reference::parse(name).is_ok_and(|own| imported.may_mirror(&own));
        own && is_published(contract.tag_rule(name, tag))
    };
    let name = contract.official_repositories().find(is_mirrored)?;
    let label = |key: &str| last_of(&facts.labels, key).map(|pair| pair.value.as_str());
    let source = label(SOURCE);
    let is_named = source.is_some_and(|source| is_among(&contract.source, source));
    let line = contract.product_line(name, Some(tag))?;
    let is_distribution = line.os.is_some() && line.os.as_ref() == facts.os_release.get("ID");
    let copies = installed(contract, facts);
    let held = if is_distribution {
        facts.os_release.get("VERSION_ID").map(String::as_str)
    } else if let Some(package) = copies.first() {
        Some(package.version.as_str())
    } else {
        label("org.opencontainers.image.version").filter(|_| is_named)
    };
    let tagged = version_of_tag(tag);
    let is_other = |held: &str| {
        let held = public_version(held.trim_start_matches('v'));
        tagged.is_some_and(|tagged| !tagged.starts_with(held) && !held.starts_with(tagged))
    };
    let of_base = |source: &str| {
        let mut bases = contracts.all().iter();
        bases.any(|it| contracts.wraps(&contract.id, &it.id) && is_among(&it.source, source))
    };
    let is_foreign = source.is_some_and(|source| !is_named && !of_base(source));
    let is_own = is_distribution || is_named || !copies.is_empty();
    let contradicted = is_foreign || held.is_some_and(is_other);
    (is_own && !contradicted && contract.class_of(&imported.name()).is_none())
        .then(|| name.to_owned())
}

/// Splits the readings of a line that stands on another one into those of the base and the image's own. The version
/// is the base's. The rest is the image's own only if it names a product of its own: NVIDIA's PhysicsNeMo, built on
/// nvcr.io/nvidia/pytorch, sets none of the variables that name the product and the build (its `Dockerfile`); NeMo sets
/// them. Without a package of the line, nothing shows that it is more than its base.
fn split(
    readings: Vec<Reading>,
    contract: &Contract,
    line: &Line,
    facts: &Facts,
) -> (Vec<Reading>, Vec<Reading>) {
    let mut added = line.adds.iter();
    let adds = added.any(|name| !packages_named(facts, name).is_empty());
    if line.stands_on.is_empty() || !adds {
        return (Vec::new(), readings);
    }
    let is_named = readings
        .iter()
        .any(|reading| reading.is_real(Field::Product));
    let base = of_product(facts, contract).map(|base| base.name());
    let is_own = is_named && base.is_none_or(|name| !line.stands_on.contains(&name));
    let is_of_base = |reading: &Reading| !is_own || reading.field == Field::Version;
    readings.into_iter().partition(is_of_base)
}

/// Returns true if the labels name the source of a contract without a stamp, and the image was pulled from
/// a repository of another owner: the labels are those of its base.
fn is_declared(contract: &Contract, facts: &Facts, import: Option<&Import>) -> bool {
    if contract.role != Role::Publisher || !contract.stamps.is_empty() {
        return false;
    }
    let label = |key: &str| last_of(&facts.labels, key).map(|pair| pair.value.as_str());
    let Some(source) = label(SOURCE).and_then(repository_url) else {
        return false;
    };
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
    is_among(&contract.source, &source)
        && label("org.opencontainers.image.revision").is_some()
        // A publisher who uses another name than the source's cannot be told from a child.
        && contract.official_repositories().all(is_owners)
        && !is_owners(&imported)
}

/// Removes from each family the readings of keys that another publisher claims and fills itself.
fn surrender_claims(carried: &mut Vec<Family>, facts: &Facts) {
    let stamped = carried.iter().filter(|family| family.stamped);
    let claimants: Vec<Arc<Contract>> =
        stamped.map(|family| Arc::clone(&family.contract)).collect();
    for family in carried.iter_mut() {
        let id = &family.contract.id;
        family.readings.retain(|reading| {
            let key = reading.source.key.as_ref();
            !claimants.iter().any(|other| {
                other.id != *id && key.is_some_and(|key| other.markers.claims.contains(key))
            })
        });
        family.stamped = family.readings.iter().any(|reading| reading.identifying);
    }
    carried.retain(|family| {
        let unstamped = family.contract.stamps.is_empty();
        family.stamped || unstamped || family.class.is_some() || has_marker(&family.contract, facts)
    });
}

/// Returns the outermost of the carried contracts: no other one wraps it. If several remain, it is the one
/// with the last variables: an outer stage adds its variables after the base's.
pub(crate) fn outermost<'f>(families: &'f [Family], contracts: &Contracts) -> Option<&'f Family> {
    let candidate = |family: &&Family| {
        let named = family.class.is_some() || family.mirrored.is_some();
        named || family.contract.role == Role::Publisher
    };
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

/// Returns the other carried contracts: the bases of the outermost, the closest first.
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
    let base_labels = facts.base_labels.as_deref().unwrap_or_default();
    has_any(&markers.environment, &facts.environment)
        || has_any(&markers.label, &facts.labels)
        || markers.file.iter().any(|path| facts.present.contains(path))
        || has_any(&markers.base_labels, base_labels)
}

fn last_variable(contract: &Contract, facts: &Facts) -> Option<usize> {
    let is_own = |pair: &Pair| {
        let mut stamps = contract.stamps.iter();
        stamps.any(|stamp| stamp.identifying && stamp.environment.contains(&pair.key))
    };
    let last = facts.environment.iter().rposition(is_own);
    last.filter(|_| facts.environment_ordered)
}
