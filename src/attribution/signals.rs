//! Signs that an image was built on top of the one whose stamp it carries.
//!
//! Each has a weight; two or more together make the image a derived one. Everything
//! that an outer build adds is looked for: another repository, variables after the
//! contract's, foreign labels, another entrypoint, another package, later packages.

use crate::carriers::Pair;
use crate::contracts::{Contracts, Field, Line, any_glob, glob_matches};
use crate::provenance::{Conflict, SourcedValue};
use crate::reference::Reference;

use super::evidence::{conflict, source};
use super::family::{Family, installed};
use super::import::{Import, RepositoryClass, classify};
use super::reading::{Carrier, Reading};
use super::tags::{is_moving, same_image};
use super::values::{CommitText, public_version, same_commit, same_repository, version_of_tag};
use super::{Case, package_commits};

/// One sign, with what it weighs.
#[derive(Clone, Debug)]
pub(super) struct Signal {
    pub weight: u32,
    pub conflict: Conflict,
}

/// Seconds by which a package may be later than the contract's own and still be of one build.
const ONE_BUILD: i64 = 6 * 3600;

/// All signs relative to the outermost contract.
pub(super) fn signals(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    signals.extend(repository(case, family));
    signals.extend(stamp_contradictions(case, family));
    signals.extend(revision(case, family));
    signals.extend(package(case, family));
    let own_workshop = matches!(
        family.class,
        Some(RepositoryClass::Staging | RepositoryClass::Ci | RepositoryClass::PullRequest)
    ) || is_ci_stage(case, family);
    signals.extend(foreign_labels(case, family));
    if !own_workshop {
        signals.extend(environment_tail(case, family));
        signals.extend(entrypoint(case, family));
    }
    signals.extend(later_packages(case, family));
    signals
}

/// Labels without the environment block, or labels that only CI images carry.
pub(super) fn is_ci_stage(case: &Case, family: &Family) -> bool {
    let rules = &family.contract.labels;
    let labelled = family
        .readings
        .iter()
        .any(|r| r.carrier == Carrier::Label && r.identifying);
    let expected = family.contract.environment.stamped && labelled && !family.in_environment();
    expected
        || case
            .facts
            .labels
            .iter()
            .any(|label| any_glob(&rules.ci, &label.key))
}

/// The product line that the image belongs to: by import, by stamp, else the contract's first.
pub(super) fn line<'f>(case: &Case, family: &'f Family) -> Option<&'f Line> {
    let contract = &family.contract;
    let imported = case.import.and_then(Import::repository);
    let stamped = stamp_reference(family).map(|(_, reference)| reference.name());
    imported
        .and_then(|name| contract.line_of(&name))
        .or_else(|| stamped.and_then(|name| contract.line_of(&name)))
        .or_else(|| contract.lines.first())
}

/// The stamped public reference: a real value that names a repository.
pub(super) fn stamp_reference(family: &Family) -> Option<(&Reading, Reference)> {
    family
        .of(Field::Reference)
        .filter(|reading| !reading.placeholder)
        .filter(|reading| reading.value.contains('/'))
        .find_map(|reading| Some((reading, Reference::parse(&reading.value).ok()?)))
}

/// The imported repository is not the one that the stamp, the recipe or the contract names.
fn repository(case: &Case, family: &Family) -> Option<Signal> {
    let import = case.import?;
    let own = if family.class.is_some() {
        return tag(case, family, import);
    } else {
        reference_repository(case, family)?
    };
    let registries = case.registries;
    let differs = |imported: &Reference| {
        !own.iter()
            .any(|own| imported.same_repository(own) || imported.may_mirror(own))
    };
    let (imported, shown) = match (&import.effective, &import.daemon_name) {
        (Some(reference), _) => (reference.clone(), import.document.reference.clone()?),
        // A daemon's name has no registry (podman writes localhost): only the path counts.
        (None, Some(name)) => {
            let mut name = name.clone();
            if name.registry == "localhost" {
                name = Reference::parse(&name.repository).ok()?;
            }
            (name, import.document.uri.clone())
        }
        (None, None) => return None,
    };
    let _ = registries;
    if !differs(&imported) {
        return tag(case, family, import);
    }
    let expected = own
        .iter()
        .map(Reference::name)
        .collect::<Vec<_>>()
        .join(", ");
    Some(Signal {
        weight: 3,
        conflict: conflict(
            "repository-differs",
            "origin.imported.reference",
            format!(
                "the file was imported from another repository than {}'s",
                family.contract.name
            ),
            vec![
                SourcedValue {
                    value: shown,
                    source: import.source.clone(),
                },
                SourcedValue {
                    value: expected,
                    source: stamp_reference(family).map_or_else(
                        || source("contract", family.id()),
                        |(r, _)| r.source.clone(),
                    ),
                },
            ],
        ),
    })
}

/// The repositories that the image should have come from; `None` where nothing says,
/// because the stamp names a repository that is not the publisher's.
fn reference_repository(case: &Case, family: &Family) -> Option<Vec<Reference>> {
    let contract = &family.contract;
    if family.of(Field::Reference).next().is_some() {
        let (_, stamped) = stamp_reference(family)?;
        let known = matches!(
            classify(contract, &stamped.name()),
            Some(class) if class != RepositoryClass::Elsewhere
        );
        return known.then(|| vec![stamped]);
    }
    if let Some(recipe) = super::recipe::recipe(case.facts, contract) {
        return Some(vec![recipe.reference]);
    }
    let official: Vec<Reference> = contract
        .official_repositories()
        .filter_map(|name| Reference::parse(name).ok())
        .collect();
    (!official.is_empty()).then_some(official)
}

/// The imported tag names another image than the stamp.
fn tag(case: &Case, family: &Family, import: &Import) -> Option<Signal> {
    if !matches!(family.class, Some(RepositoryClass::Official) | None) {
        return None;
    }
    let (reading, stamped) = stamp_reference(family)?;
    let (imported, stamped_tag) = (import.tag()?, stamped.tag.as_deref()?);
    if classify(&family.contract, &stamped.name()) != Some(RepositoryClass::Official)
        || import.document.digest.is_some()
        || compatible_tag(case, family, import, imported, stamped_tag)
    {
        return None;
    }
    Some(Signal {
        weight: 3,
        conflict: conflict(
            "tag-differs",
            "origin.public_reference",
            "the imported tag and the stamped one name different images".to_owned(),
            vec![
                SourcedValue {
                    value: imported.to_owned(),
                    source: import.source.clone(),
                },
                SourcedValue {
                    value: reading.value.clone(),
                    source: reading.source.clone(),
                },
            ],
        ),
    })
}

/// True when an image with this stamp can be found under the imported tag.
pub(super) fn compatible_tag(
    case: &Case,
    family: &Family,
    import: &Import,
    imported: &str,
    stamped: &str,
) -> bool {
    let contract = &family.contract;
    let repository = import.repository().unwrap_or_default();
    let rule = contract.tag_rule(&repository, imported);
    if same_image(contract, imported, stamped) || is_moving(rule, case.registries, imported) {
        return true;
    }
    // A preview tag that was put on a nightly: the package's own commit says it is that nightly.
    let nightly = contract
        .tags
        .iter()
        .find(|rule| rule.pattern.is_match(stamped))
        .is_some_and(|rule| rule.kind == crate::provenance::Kind::Nightly);
    let commits = package_commits(case.facts, contract);
    let backed = family
        .commit(&[])
        .is_some_and(|(_, commit)| commits.iter().any(|id| same_commit(id, &commit.id)));
    // The staging fallback of the stamp is never published under its own name.
    let staged = contract
        .tags
        .iter()
        .find(|rule| rule.pattern.is_match(stamped))
        .is_some_and(|rule| rule.kind == crate::provenance::Kind::Staging);
    (rule.is_none() && nightly && backed) || staged
}

/// Environment and labels of one stamp disagree, or a variable of it stands there twice.
fn stamp_contradictions(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    for field in [
        Field::Commit,
        Field::Reference,
        Field::Url,
        Field::Pipeline,
        Field::Version,
    ] {
        let values: Vec<&Reading> = family.of(field).filter(|r| !r.placeholder).collect();
        let Some((first, rest)) = values.split_first() else {
            continue;
        };
        let Some(other) = rest.iter().find(|other| !same_value(field, first, other)) else {
            continue;
        };
        signals.push(Signal {
            weight: 3,
            conflict: conflict(
                "environment-label-conflict",
                field.document_field(),
                "the stamp's carriers disagree".to_owned(),
                [first, other]
                    .map(|r| SourcedValue {
                        value: r.value.clone(),
                        source: r.source.clone(),
                    })
                    .into(),
            ),
        });
    }
    for field in [Field::Commit, Field::Reference] {
        let real = family.reading(field);
        let unset = family.of(field).find(|reading| reading.placeholder);
        if let Some((real, unset)) = real.zip(unset) {
            signals.push(Signal {
                weight: 3,
                conflict: conflict(
                    "stamp-set-in-one-place",
                    field.document_field(),
                    "one carrier of the stamp has a value, the other says that there is none"
                        .to_owned(),
                    [real, unset]
                        .map(|r| SourcedValue {
                            value: r.value.clone(),
                            source: r.source.clone(),
                        })
                        .into(),
                ),
            });
        }
    }
    for stamp in family
        .contract
        .stamps
        .iter()
        .filter(|stamp| stamp.identifying)
    {
        for key in &stamp.environment {
            let all: Vec<&Pair> = case
                .facts
                .environment
                .iter()
                .filter(|p| &p.key == key)
                .collect();
            let Some((first, rest)) = all.split_first() else {
                continue;
            };
            let Some(other) = rest.iter().find(|pair| pair.value != first.value) else {
                continue;
            };
            signals.push(Signal {
                weight: 2,
                conflict: conflict(
                    "duplicate-stamp",
                    stamp.field.document_field(),
                    format!("{key} stands in the environment twice, with different values"),
                    [*first, other]
                        .map(|p| SourcedValue {
                            value: p.value.clone(),
                            source: p.source.clone(),
                        })
                        .into(),
                ),
            });
        }
    }
    signals
}

fn same_value(field: Field, a: &Reading, b: &Reading) -> bool {
    match field {
        Field::Commit => match (CommitText::parse(&a.value), CommitText::parse(&b.value)) {
            (Some(a), Some(b)) => same_commit(&a.id, &b.id),
            _ => a.value == b.value,
        },
        Field::Reference => match (Reference::parse(&a.value), Reference::parse(&b.value)) {
            (Ok(a), Ok(b)) => a == b,
            _ => a.value == b.value,
        },
        _ => a.value.trim() == b.value.trim(),
    }
}

/// The OCI labels name another commit or repository than the stamp.
fn revision(case: &Case, family: &Family) -> Vec<Signal> {
    let mut signals = Vec::new();
    let generic = &case.generic;
    let stamped = family.commit(&package_commits(case.facts, &family.contract));
    if let (Some((reading, commit)), Some(revision)) = (&stamped, generic.reading(Field::Commit)) {
        let other = CommitText::parse(&revision.value);
        let differs = other.is_some_and(|other| !same_commit(&other.id, &commit.id));
        if differs && !reading.internal && !case.belongs_to_inner(Field::Commit, &revision.value) {
            signals.push(Signal {
                weight: 3,
                conflict: conflict(
                    "revision-differs",
                    "origin.commit.id",
                    "the revision label names another commit than the stamp".to_owned(),
                    [*reading, revision]
                        .map(|r| SourcedValue {
                            value: r.value.clone(),
                            source: r.source.clone(),
                        })
                        .into(),
                ),
            });
        }
    }
    if let (Some(label), Some(own)) = (
        generic.reading(Field::Source),
        family.contract.source.first(),
    ) {
        let known = family
            .contract
            .source
            .iter()
            .any(|own| same_repository(own, &label.value));
        if !known && family.stamped && !case.belongs_to_inner(Field::Source, &label.value) {
            signals.push(Signal {
                weight: 3,
                conflict: conflict(
                    "source-differs",
                    "origin.commit.repository",
                    format!(
                        "the source label names another repository than {}'s",
                        family.contract.name
                    ),
                    vec![
                        SourcedValue {
                            value: label.value.clone(),
                            source: label.source.clone(),
                        },
                        SourcedValue {
                            value: own.clone(),
                            source: source("contract", family.id()),
                        },
                    ],
                ),
            });
        }
    }
    signals
}

/// The installed package is of another commit or version than the stamp says.
fn package(case: &Case, family: &Family) -> Vec<Signal> {
    let contract = &family.contract;
    let copies = installed(contract, case.facts);
    let mut signals = Vec::new();
    let Some(first) = copies.first() else {
        let expected = contract
            .package
            .as_ref()
            .filter(|_| case.facts.packages_known);
        signals.extend(expected.map(|name| Signal {
            weight: 1,
            conflict: conflict(
                "package-missing",
                "packages",
                format!(
                    "the package {name}, which an image of {} holds, is not installed",
                    contract.name
                ),
                Vec::new(),
            ),
        }));
        return signals;
    };
    let shown = |value: &str| SourcedValue {
        value: value.to_owned(),
        source: crate::provenance::Source {
            carrier: "python".to_owned(),
            path: Some(first.path.clone()),
            ..crate::provenance::Source::default()
        },
    };
    let commits = package_commits(case.facts, contract);
    if let Some((reading, commit)) = family.commit(&commits) {
        if !reading.internal
            && !commits.is_empty()
            && !commits.iter().any(|id| same_commit(id, &commit.id))
        {
            signals.push(Signal {
                weight: 2,
                conflict: conflict(
                    "package-commit-differs",
                    "origin.commit.id",
                    "the installed package was built from another commit than the stamp says"
                        .to_owned(),
                    vec![
                        SourcedValue {
                            value: reading.value.clone(),
                            source: reading.source.clone(),
                        },
                        shown(commits.first().map_or("", String::as_str)),
                    ],
                ),
            });
        }
    }
    if let Some((version, at)) = declared_version(case, family) {
        if !copies
            .iter()
            .any(|copy| public_version(&copy.version) == version)
        {
            signals.push(Signal {
                weight: 2,
                conflict: conflict(
                    "package-version-differs",
                    "origin.version",
                    "the installed package has another version than the stamp says".to_owned(),
                    vec![
                        SourcedValue {
                            value: version,
                            source: at,
                        },
                        shown(&first.version),
                    ],
                ),
            });
        }
    }
    signals
}

/// The version that a release says it is: stamped, or at the front of its tag.
fn declared_version(case: &Case, family: &Family) -> Option<(String, crate::provenance::Source)> {
    if let Some(reading) = family.reading(Field::Version) {
        return Some((
            public_version(reading.value.trim()).to_owned(),
            reading.source.clone(),
        ));
    }
    let release = |reference: &Reference, tag: &str| {
        let rule = family.contract.tag_rule(&reference.name(), tag)?;
        (rule.kind == crate::provenance::Kind::Release)
            .then(|| version_of_tag(tag).map(str::to_owned))?
    };
    if let Some((reading, reference)) = stamp_reference(family) {
        return Some((
            release(&reference, reference.tag.as_deref()?)?,
            reading.source.clone(),
        ));
    }
    if family.of(Field::Reference).next().is_some()
        || family.class != Some(RepositoryClass::Official)
    {
        return None;
    }
    let import = case.import?;
    Some((
        release(import.effective.as_ref()?, import.tag()?)?,
        import.source.clone(),
    ))
}

/// Variables after the last one that the publisher's own build sets.
fn environment_tail(case: &Case, family: &Family) -> Option<Signal> {
    if !case.facts.environment_ordered {
        return None;
    }
    let contract = &family.contract;
    let tail = line(case, family).map_or(&[][..], |line| line.tail.as_slice());
    let own = |key: &str| {
        contract
            .environment
            .anchors
            .iter()
            .any(|glob| glob_matches(glob, key))
            || contract
                .stamps
                .iter()
                .any(|stamp| stamp.environment.iter().any(|k| k == key))
    };
    let environment = &case.facts.environment;
    let anchor = environment.iter().rposition(|pair| own(&pair.key));
    if anchor.is_none() && family.class != Some(RepositoryClass::Official) {
        return None;
    }
    let listed = |key: &str| any_glob(tail, key) || any_glob(&contract.environment.tail, key);
    let inherited = |key: &str| {
        case.contracts.all().iter().any(|base| {
            case.contracts.wraps(&contract.id, &base.id)
                && (any_glob(&base.environment.tail, key)
                    || any_glob(&base.environment.anchors, key)
                    || base
                        .stamps
                        .iter()
                        .any(|stamp| stamp.environment.iter().any(|k| k == key)))
        })
    };
    let after: Vec<&Pair> = environment
        .iter()
        .enumerate()
        .filter(|(at, _)| anchor.is_none_or(|anchor| *at > anchor))
        .filter(|(at, pair)| {
            !listed(&pair.key) && !is_repeated(environment, *at) && !is_locale(&pair.key)
        })
        // Without a variable of its own the whole environment must be the publisher's or its base's.
        .filter(|(_, pair)| anchor.is_some() || !(inherited(&pair.key) || is_common(&pair.key)))
        .map(|(_, pair)| pair)
        .collect();
    let first = after.first()?;
    let names = after
        .iter()
        .map(|pair| pair.key.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    Some(Signal {
        weight: 2,
        conflict: conflict(
            "environment-after-contract",
            "environment",
            format!(
                "variables that {} does not set follow its own: {names}",
                contract.name
            ),
            vec![SourcedValue {
                value: first.value.clone(),
                source: first.source.clone(),
            }],
        ),
    })
}

fn is_locale(key: &str) -> bool {
    key == "LANG" || key == "LANGUAGE" || key.starts_with("LC_")
}

fn is_common(key: &str) -> bool {
    matches!(key, "PATH" | "LD_LIBRARY_PATH" | "DEBIAN_FRONTEND")
}

/// The same variable with the same value stands further up: a re-export, not an addition.
fn is_repeated(environment: &[Pair], at: usize) -> bool {
    let Some(pair) = environment.get(at) else {
        return false;
    };
    environment
        .iter()
        .take(at)
        .any(|earlier| earlier.key == pair.key && earlier.value == pair.value)
}

/// Labels of namespaces that neither the publisher nor its bases use.
fn foreign_labels(case: &Case, family: &Family) -> Option<Signal> {
    let contracts = case.contracts;
    let known = |key: &str| {
        contracts.all().iter().any(|contract| {
            let related = contract.id == family.id()
                || contract.id == "oci"
                || contracts.wraps(family.id(), &contract.id);
            related
                && (any_glob(&contract.labels.known, key)
                    || any_glob(&contract.labels.ci, key)
                    || contract
                        .stamps
                        .iter()
                        .any(|stamp| stamp.label.iter().any(|label| label == key)))
        })
    };
    let frozen = family
        .is_frozen_base()
        .then_some(case.facts.base_labels.as_deref())
        .flatten();
    let foreign: Vec<&Pair> = case
        .facts
        .labels
        .iter()
        .filter(|label| match frozen {
            Some(base) => !base
                .iter()
                .any(|b| b.key == label.key && b.value == label.value),
            None => !known(&label.key),
        })
        .collect();
    let first = foreign.first()?;
    let names = foreign
        .iter()
        .map(|label| label.key.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    Some(Signal {
        weight: if frozen.is_some() { 3 } else { 2 },
        conflict: conflict(
            if frozen.is_some() {
                "base-labels-differ"
            } else {
                "foreign-labels"
            },
            "labels",
            format!("labels that are not {}'s: {names}", family.contract.name),
            vec![SourcedValue {
                value: first.value.clone(),
                source: first.source.clone(),
            }],
        ),
    })
}

/// The entrypoint is none of the contract's.
fn entrypoint(case: &Case, family: &Family) -> Option<Signal> {
    let line = line(case, family)?;
    let actual = case.facts.entrypoint.as_ref()?;
    if line.entrypoints.is_empty() || line.entrypoints.contains(actual) {
        return None;
    }
    Some(Signal {
        weight: 2,
        conflict: conflict(
            "entrypoint-changed",
            "runtime.entrypoint",
            format!("the entrypoint is not one of {}'s", line.product),
            vec![
                SourcedValue {
                    value: actual.join(" "),
                    source: source("rc", "entrypoint"),
                },
                SourcedValue {
                    value: line
                        .entrypoints
                        .iter()
                        .map(|e| e.join(" "))
                        .collect::<Vec<_>>()
                        .join(" | "),
                    source: source("contract", family.id()),
                },
            ],
        ),
    })
}

/// Packages and programs that came later than one build takes, but before the import.
fn later_packages(case: &Case, family: &Family) -> Option<Signal> {
    let facts = case.facts;
    let own = installed(&family.contract, facts)
        .iter()
        .filter_map(|p| p.mtime)
        .max()?;
    let imported = facts.mtimes.get("/etc/rc").copied().unwrap_or(i64::MAX);
    let later = |mtime: i64| mtime > own.saturating_add(ONE_BUILD) && mtime <= imported;
    let mut names: Vec<&str> = facts
        .packages
        .iter()
        .filter(|package| package.mtime.is_some_and(later))
        .map(|package| package.path.as_str())
        .collect();
    names.extend(facts.mtimes.iter().filter_map(|(path, mtime)| {
        let tree = path == "/app" || path.starts_with("/opt/");
        // The importer touches the working directory and its parents.
        let touched = facts
            .workdir
            .as_ref()
            .is_some_and(|dir| dir.starts_with(path.as_str()));
        (tree && !touched && later(*mtime)).then_some(path.as_str())
    }));
    let first = *names.first()?;
    Some(Signal {
        weight: 1,
        conflict: conflict(
            "later-files",
            "packages",
            format!(
                "files are later than {}'s own package: {}",
                family.contract.name,
                names.join(", ")
            ),
            vec![SourcedValue {
                value: first.to_owned(),
                source: source("mtime", first),
            }],
        ),
    })
}

/// A sum that says whether the image is derived.
pub(super) fn weight(signals: &[Signal]) -> u32 {
    signals.iter().map(|signal| signal.weight).sum()
}

/// True when the contracts can tell an untouched image from a changed one.
pub(super) fn can_tell(line: &Line, family: &Family, contracts: &Contracts) -> bool {
    let _ = contracts;
    !line.entrypoints.is_empty()
        && !family
            .contract
            .environment
            .tail
            .iter()
            .any(|glob| glob == "*")
}
