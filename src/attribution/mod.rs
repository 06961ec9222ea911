//! From facts and contracts to provenance: whose image it is, and why. Pure: no I/O.
//!
//! Three questions are kept apart: what built *this* image (origin), what it stands on
//! (lineage), where this file was pulled from (imported).

mod architecture;
mod builds;
mod changes;
mod commit;
mod created;
mod disputed;
mod evidence;
mod family;
mod flags;
mod forms;
mod generic;
pub(crate) mod import;
mod kind;
mod lineage;
mod notes;
mod official;
mod pipeline;
mod public;
pub(crate) mod reading;
mod recipe;
mod record;
mod sidecar;
mod signals;
pub(crate) mod tags;
pub(crate) mod values;
mod whose;
mod withheld;

use crate::carriers::{Build, Facts};
use crate::contracts::{Contract, Contracts, Field, Registries, TagRule};
use crate::provenance::{
    Ancestor, Commit, Confidence, Conflict, Evidence, Kind, Origin, Source, Status, Via, Warning,
};

use self::family::{Family, families, inner, installed};
use self::generic::{Generic, generic};
use self::import::{Import, RepositoryClass, read_import};
use self::reading::Carrier;
use self::whose::{Whose, whose};

pub use self::record::packages_to_check;
pub(crate) use self::values::{is_placeholder, repository_url, same_repository, version_of_tag};

/// What attribution finds out about one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribution {
    /// What built it.
    pub origin: Origin,
    /// What it stands on.
    pub lineage: Vec<Ancestor>,
    /// What disagrees.
    pub conflicts: Vec<Conflict>,
    /// Where each fact was read.
    pub evidence: Vec<Evidence>,
    /// What should be known.
    pub warnings: Vec<Warning>,
}

/// Everything that the rules look at.
struct Case<'a> {
    facts: &'a Facts,
    contracts: &'a Contracts,
    registries: &'a Registries,
    import: Option<&'a Import>,
    generic: Generic,
    families: &'a [Family],
    /// Records of the build that speak for the image.
    builds: Vec<&'a Build>,
    /// Those of them that stand in a metadata file about it.
    bound: &'a [Build],
}

impl Case<'_> {
    /// True when a package that was not found is not there: nothing that could hold it was lost.
    fn packages_known(&self) -> bool {
        packages_known(self.facts)
    }

    /// The tag's rule in the imported repository, where that is the publisher's.
    fn imported_rule<'f>(&self, family: &'f Family) -> Option<&'f TagRule> {
        family.class?;
        let import = self.import?;
        family
            .contract
            .tag_rule(&import.repository()?, import.tag()?)
    }

    /// True when a generic value is one that a carried contract stands for.
    fn belongs_to_inner(&self, field: Field, value: &str) -> bool {
        self.families.iter().any(|family| match field {
            Field::Source => family
                .contract
                .source
                .iter()
                .any(|own| values::same_repository(own, value)),
            Field::Commit => family.of(Field::Commit).any(|reading| {
                match (
                    values::CommitText::parse(&reading.value),
                    values::CommitText::parse(value),
                ) {
                    (Some(a), Some(b)) => values::same_commit(&a.id, &b.id),
                    _ => false,
                }
            }),
            _ => family.readings.iter().any(|reading| reading.value == value),
        })
    }
}

/// True when the root file system was there, and no part of it could not be read.
fn packages_known(facts: &Facts) -> bool {
    facts.packages_known && !facts.is_partial()
}

/// The commits that the installed copies of a contract's package say they are of.
fn package_commits(facts: &Facts, contract: &Contract) -> Vec<String> {
    installed(contract, facts)
        .into_iter()
        .flat_map(|package| commit::of_package(facts, package))
        .map(|(text, _)| text.id)
        .collect()
}

/// Attributes one image.
///
/// `mirrors` are the user's `FROM=TO` pairs, see [`crate::reference::Reference::unmirrored`].
#[must_use]
pub fn attribute(
    facts: &Facts,
    contracts: &Contracts,
    mirrors: &[(String, String)],
) -> Attribution {
    let import = read_import(facts, mirrors);
    let (carried, reused) = families(facts, contracts, import.as_ref());
    let none = Registries::default();
    let registries = contracts
        .all()
        .iter()
        .find_map(|contract| contract.registries.as_ref())
        .unwrap_or(&none);
    let stamped = carried.iter().any(|family| family.stamped);
    let generic = generic(facts, contracts);
    let bound = sidecar::bound(facts, import.as_ref(), &generic, stamped);
    let mut case = Case {
        facts,
        contracts,
        registries,
        import: import.as_ref(),
        generic,
        families: &carried,
        builds: builds::speaking(facts, bound, stamped),
        bound,
    };
    if builds::labels_are_inherited(&case) {
        case.generic.set_aside(Carrier::Label);
    }
    let disputed = disputed::settle(&mut case);
    let case = case;
    let whose = whose(&case);
    let verdict = kind::kind(&case, &whose);
    let changes = changes::changes(facts);
    let architecture = architecture::conflict(&case, &whose);
    let mut conflicts: Vec<Conflict> = whose
        .signals
        .iter()
        .map(|signal| signal.conflict.clone())
        .collect();
    conflicts.extend(disputed);
    conflicts.extend(architecture.clone());
    conflicts.extend(record::conflicts(&case, &whose));
    conflicts.extend(notes::conflicts(&case, &whose, &verdict));
    conflicts.extend(builds::conflicts(&case, &whose));
    let lineage = lineage::lineage(&case, &whose);
    let official = official::official(&case, &whose, &verdict, &changes, architecture.is_some());
    let public_reference = public::public_reference(&case, &whose, &verdict, changes.any());
    let pull = public::pull(
        &case,
        &whose,
        &verdict,
        public_reference.as_deref(),
        changes.any(),
    );
    if let Some(conflict) = public::pull_conflict(&case, &whose, &pull, public_reference.as_deref())
    {
        conflicts.push(conflict);
    }
    let (product, version) = lineage::product(&case, &whose, &verdict);
    let mut evidence = collect_evidence(&case, &whose, &reused);
    let mut reasons = verdict.reasons.clone();
    reasons.extend(conflicts.iter().map(|conflict| conflict.code.clone()));
    reasons.extend(changes.codes.iter().cloned());
    reasons.extend(official.reasons);
    let mut seen = Vec::new();
    reasons.retain(|reason| {
        let new = !seen.contains(reason);
        seen.push(reason.clone());
        new
    });
    let published = matches!(verdict.kind, Kind::Release | Kind::Nightly);
    let own_version = whose
        .family
        .filter(|family| family.contract.owns_package())
        .and_then(|family| {
            installed(&family.contract, facts)
                .first()
                .map(|p| p.version.clone())
        });
    let tag = public_reference
        .as_deref()
        .and_then(|text| crate::reference::Reference::parse(text).ok())
        .and_then(|reference| reference.tag);
    let prerelease = published
        && [tag.as_deref(), own_version.as_deref(), version.as_deref()]
            .into_iter()
            .flatten()
            .any(values::has_prerelease_part);
    let moving = import.as_ref().is_some_and(|import| {
        let rule = whose.family.and_then(|family| case.imported_rule(family));
        import.is_registry()
            && import.document.digest.is_none()
            && import
                .tag()
                .is_some_and(|tag| tags::is_moving(rule, registries, tag))
    });
    let derived_from = lineage::derived_from(&whose, &lineage);
    let origin = Origin {
        kind: verdict.kind,
        official: official.official,
        reasons,
        publisher: whose.publisher.clone(),
        product,
        version,
        prerelease,
        moving,
        modified_after_import: changes.any(),
        confidence: confidence(&evidence),
        commit: whose.commit.clone(),
        pipeline: commit::pipeline(&case, &whose),
        public_reference,
        pull,
        imported: import.as_ref().map(|import| import.document.clone()),
        derived_from,
        created: created::created(&case, &whose),
        flags: flags::flags(&case, &whose),
    };
    evidence.extend(facts.builds.iter().flat_map(builds::details));
    evidence.extend(sidecar::evidence(
        facts,
        import.as_ref(),
        !bound.is_empty(),
        &origin,
    ));
    conflicts.extend(sidecar::conflicts(facts, import.as_ref(), &origin));
    let warnings = notes::warnings(&case, &whose, &verdict, &changes, &reused);
    let mut answer = Attribution {
        origin,
        lineage,
        conflicts,
        evidence,
        warnings,
    };
    withheld::withhold(&case, &whose, &mut answer);
    answer
}

/// Every reading as evidence, its status settled.
fn collect_evidence(case: &Case, whose: &Whose, reused: &[Family]) -> Vec<Evidence> {
    let mut all = Vec::new();
    if let Some(import) = case.import {
        let digest = import.document.digest.is_some();
        all.push(Evidence {
            field: "origin.imported".to_owned(),
            value: import.document.uri.clone(),
            source: import.source.clone(),
            contract: None,
            strength: match (import.document.via, digest) {
                (Via::Unknown, _) => 1,
                (_, true) => 5,
                _ => 3,
            },
            status: Status::Alone,
        });
    }
    for family in case.families {
        let own = whose.owns(family);
        for reading in &family.readings {
            let status = if own {
                Status::Alone
            } else {
                Status::Inherited
            };
            all.push(evidence::from_reading(reading, status));
        }
    }
    for family in reused {
        for reading in &family.readings {
            all.push(evidence::from_reading(reading, Status::Ignored));
        }
    }
    for reading in &case.generic.readings {
        let inherited = whose.derived
            || (whose
                .family
                .is_some_and(|family| family.contract.role == crate::contracts::Role::Publisher)
                && case.belongs_to_inner(reading.field, &reading.value)
                && !whose
                    .family
                    .is_some_and(|family| speaks_for(family, reading)));
        let status = if inherited {
            Status::Inherited
        } else {
            Status::Alone
        };
        // A label that is no build page, no version and no own product supports nothing.
        let page = reading.field != Field::Url || pipeline::parse_url(&reading.value).is_some();
        let status = if page { status } else { Status::Ignored };
        all.push(evidence::from_reading(reading, status));
    }
    for reading in case
        .generic
        .inherited
        .iter()
        .chain(&case.generic.contradicted)
    {
        all.push(evidence::from_reading(reading, Status::Inherited));
    }
    let own_package = whose
        .family
        .and_then(|family| family.contract.package.clone());
    all.extend(builds::evidence(case, whose));
    for (text, source, contract, package) in commit::package_evidence(case) {
        let unowned = whose.family.is_none() && whose.fork_of.is_none();
        let own = !whose.derived && (unowned || own_package.as_ref() == Some(&package));
        all.push(Evidence {
            field: Field::Commit.document_field().to_owned(),
            value: text,
            source,
            contract: Some(contract),
            strength: 2,
            status: if own {
                Status::Alone
            } else {
                Status::Inherited
            },
        });
    }
    if let Some(name) = &case.facts.file_name {
        all.push(Evidence {
            field: "origin.imported".to_owned(),
            value: name.clone(),
            source: Source {
                carrier: "file-name".to_owned(),
                ..Source::default()
            },
            contract: None,
            strength: 0,
            status: Status::Ignored,
        });
    }
    if let Some(family) = whose.family {
        all.extend(corroboration(case, family));
    }
    all.extend(forms::evidence(case.facts, &all));
    evidence::settle(&mut all, |a, b| same_reference(case, whose, a, b));
    all
}

/// What the import and the installed package say of a stamp's reference and version.
fn corroboration(case: &Case, family: &Family) -> Vec<Evidence> {
    let make = |field: Field, value: String, source: Source, strength: u8| Evidence {
        field: field.document_field().to_owned(),
        value,
        source,
        contract: Some(family.id().to_owned()),
        strength,
        status: Status::Alone,
    };
    let mut all = Vec::new();
    if let Some(import) = case.import.filter(|import| import.is_registry()) {
        if signals::stamp_reference(family).is_some() {
            let shown = import.effective.as_ref().map(ToString::to_string);
            all.extend(shown.map(|v| make(Field::Reference, v, import.source.clone(), 3)));
        }
        let released = case
            .imported_rule(family)
            .is_some_and(|rule| rule.kind == Kind::Release);
        let version = import
            .tag()
            .filter(|_| released)
            .and_then(values::version_of_tag);
        all.extend(version.map(|v| make(Field::Version, v.to_owned(), import.source.clone(), 3)));
    }
    for package in installed(&family.contract, case.facts) {
        let source = evidence::python(&package.path);
        all.push(make(Field::Version, package.version.clone(), source, 2));
    }
    all
}

/// True when two references name one image: spelled alike, or by the contract's rules.
fn same_reference(case: &Case, whose: &Whose, a: &str, b: &str) -> bool {
    use crate::reference::Reference;
    let (Ok(a), Ok(b)) = (Reference::parse(a), Reference::parse(b)) else {
        return false;
    };
    if a == b {
        return true;
    }
    let (Some(family), Some(import)) = (whose.family, case.import) else {
        return false;
    };
    let related = a.same_repository(&b) || a.may_mirror(&b) || b.may_mirror(&a);
    let exact = a.digest.is_some() || b.digest.is_some();
    related
        && (exact
            || a.tag
                .as_deref()
                .zip(b.tag.as_deref())
                .is_some_and(|(a, b)| {
                    signals::compatible_tag(case, family, import, a, b)
                        || signals::compatible_tag(case, family, import, b, a)
                }))
}

/// True when the family's own stamp says the same as a generic label.
fn speaks_for(family: &Family, reading: &reading::Reading) -> bool {
    match reading.field {
        Field::Source => family
            .contract
            .source
            .iter()
            .any(|own| values::same_repository(own, &reading.value)),
        field => family.of(field).any(|own| own.value == reading.value),
    }
}

/// Two carriers that agree corroborate; a file or a name alone only infers.
fn confidence(evidence: &[Evidence]) -> Confidence {
    let of_origin = |e: &&Evidence| e.field.starts_with("origin.");
    let carriers = |wanted: &[Status]| {
        let mut carriers: Vec<&str> = evidence
            .iter()
            .filter(of_origin)
            .filter(|e| wanted.contains(&e.status))
            .map(|e| e.source.carrier.as_str())
            .collect();
        carriers.sort_unstable();
        carriers.dedup();
        carriers
    };
    let own = carriers(&[Status::Agrees, Status::Alone, Status::Conflicts]);
    let inferred = |carrier: &&&str| matches!(**carrier, "python" | "git" | "xattr" | "file-name");
    let agreeing = carriers(&[Status::Agrees]);
    if agreeing.len() >= 2 && agreeing.iter().filter(inferred).count() < agreeing.len() {
        Confidence::Corroborated
    } else if own.is_empty() {
        Confidence::None
    } else if own.iter().filter(inferred).count() == own.len() {
        Confidence::Inferred
    } else {
        Confidence::Declared
    }
}

/// A commit as it goes into the document.
fn commit_of(text: &values::CommitText, dirty: bool, repository: Option<String>) -> Commit {
    Commit {
        id: text.id.clone(),
        full: text.is_full(),
        dirty: text.dirty || dirty,
        repository,
    }
}

/// What the case's bases are, outermost first.
fn bases<'c>(case: &'c Case, outer: Option<&Family>) -> Vec<&'c Family> {
    inner(case.families, outer, case.contracts)
}

/// The class of the import, for readers of the verdict.
fn class_of(family: Option<&Family>) -> Option<RepositoryClass> {
    family.and_then(|family| family.class)
}
