//! Packages that are not what the stamp says, or that came later.

use crate::contracts::Field;
use crate::provenance::{Kind, Source, SourcedValue};
use crate::reference::Reference;

use super::{Signal, stamp_reference};
use crate::attribution::evidence::{conflict, source};
use crate::attribution::family::{Family, installed};
use crate::attribution::import::RepositoryClass;
use crate::attribution::values::{public_version, same_commit, same_version, version_of_tag};
use crate::attribution::{Case, package_commits};

/// Seconds by which a package may be later than the contract's own and still be of one build.
const ONE_BUILD: i64 = 6 * 3600;

/// The installed package is of another commit or version than the stamp says.
pub(super) fn package(case: &Case, family: &Family) -> Vec<Signal> {
    let contract = &family.contract;
    let copies = installed(contract, case.facts);
    let mut signals = Vec::new();
    let Some(first) = copies.first() else {
        let expected = contract.package.as_ref().filter(|_| {
            case.packages_known() && super::line(case, family).is_none_or(|line| !line.no_package)
        });
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
        source: Source {
            carrier: "python".to_owned(),
            path: Some(first.path.clone()),
            ..Source::default()
        },
    };
    let commits = package_commits(case.facts, contract);
    if let Some((reading, commit)) = family.commit(&commits)
        && !reading.internal
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
                    reading.sourced(),
                    shown(commits.first().map_or("", String::as_str)),
                ],
            ),
        });
    }
    if contract.owns_package()
        && let Some((version, at)) = declared_version(case, family)
        && !copies
            .iter()
            .any(|copy| same_version(&copy.version, &version))
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
    signals
}

/// The version that a release says it is: stamped, or at the front of its tag.
fn declared_version(case: &Case, family: &Family) -> Option<(String, Source)> {
    if let Some(reading) = family.reading(Field::Version) {
        return Some((
            public_version(reading.value.trim()).to_owned(),
            reading.source.clone(),
        ));
    }
    let release = |reference: &Reference, tag: &str| {
        let rule = family.contract.tag_rule(&reference.name(), tag)?;
        (rule.kind == Kind::Release).then(|| version_of_tag(tag).map(str::to_owned))?
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

/// Packages and programs that came later than one build takes, but before the import.
pub(super) fn later_packages(case: &Case, family: &Family) -> Option<Signal> {
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
