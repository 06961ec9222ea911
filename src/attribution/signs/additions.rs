//! Signs of what an outer build adds: variables, labels, another entrypoint.

use crate::attribution::case::Case;
use crate::attribution::make::{python, source, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::packages_named;
use crate::attribution::signs::committed::variable;
use crate::attribution::signs::signal::Signal;
use crate::carriers::Pair;
use crate::contracts::{Contract, Field, Line, RepositoryClass, any_glob, any_variable};
use std::collections::HashSet;

/// Returns a sign if variables follow the last one that the publisher's own build sets.
pub(crate) fn environment_tail(case: &Case, family: &Family) -> Option<Signal> {
    // The environment of a committed container has no order.
    if !case.facts.environment_ordered || variable(case.facts).is_some() {
        return None;
    }
    let environment = &case.facts.environment;
    let contract = &family.contract;
    // The stamp comes last of the publisher's own variables.
    let stamped = |pair: &Pair| family.stamped && is_stamp(contract, &pair.key);
    let stamp = environment.iter().rposition(stamped);
    let own = |pair: &Pair| is_own(contract, &pair.key);
    let anchor = stamp.or_else(|| environment.iter().rposition(own));
    let is_published = family.class == Some(RepositoryClass::Official) || family.mirrored.is_some();
    if anchor.is_none() && !is_published {
        return None;
    }
    let line = case.line(family);
    let listed = |pair: &Pair| {
        line.is_some_and(|line| any_variable(&line.tail, &pair.key, &pair.value))
            || any_variable(&contract.environment.tail, &pair.key, &pair.value)
    };
    let repeated = repeated(environment);
    let after: Vec<&Pair> = environment
        .iter()
        .enumerate()
        .filter(|(at, _)| anchor.is_none_or(|anchor| *at > anchor))
        .filter(|(at, pair)| {
            let again = repeated.get(*at).is_some_and(|again| *again);
            !again && !listed(pair) && !is_locale(&pair.key)
        })
        // Without an own variable, the whole environment must be the publisher's or its base's.
        .filter(|(_, pair)| anchor.is_some() || !is_of_a_base(case, contract, pair))
        .map(|(_, pair)| pair)
        .collect();
    let first = after.first()?;
    let names: Vec<&str> = after.iter().map(|pair| pair.key.as_str()).collect();
    Some(Signal::new(
        "environment-after-contract",
        if anchor.is_some() { 2 } else { 1 },
        "environment",
        format!(
            "variables that {} does not set follow its own: {}",
            contract.name,
            names.join(", ")
        ),
        [first.sourced()],
    ))
}

/// Returns true for a variable that the contract's last build stage sets.
fn is_own(contract: &Contract, key: &str) -> bool {
    any_glob(&contract.environment.anchors, key) || is_stamp(contract, key)
}

fn is_stamp(contract: &Contract, key: &str) -> bool {
    let mut stamps = contract.stamps.iter();
    stamps.any(|stamp| stamp.environment.iter().any(|own| own == key))
}

/// Returns true for a variable that a base of the publisher may set.
fn is_of_a_base(case: &Case, contract: &Contract, pair: &Pair) -> bool {
    let mut bases = case.contracts.all().iter();
    bases.any(|base| {
        case.contracts.wraps(&contract.id, &base.id)
            && (any_variable(&base.environment.tail, &pair.key, &pair.value)
                || is_own(base, &pair.key))
    })
}

fn is_locale(key: &str) -> bool {
    const NAMES: [&str; 9] = [
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_COLLATE",
        "LC_CTYPE",
        "LC_MESSAGES",
        "LC_MONETARY",
        "LC_NUMERIC",
        "LC_TIME",
    ];
    NAMES.contains(&key)
}

/// Marks variables that an earlier line sets to the same value: re-exports, not additions.
fn repeated(environment: &[Pair]) -> Vec<bool> {
    let mut seen = HashSet::new();
    let pairs = environment.iter();
    pairs.map(|pair| !seen.insert(text(pair))).collect()
}

fn text(pair: &Pair) -> (&str, &str) {
    (&pair.key, &pair.value)
}

/// Returns a sign if labels have namespaces that neither the publisher nor its bases use.
pub(crate) fn foreign_labels(case: &Case, family: &Family) -> Option<Signal> {
    let contracts = case.contracts;
    // A base's labels are expected only if the image shows that it was built on that base.
    let carried = |base: &Contract| {
        contracts.wraps(family.id(), &base.id) && case.families.iter().any(|f| f.id() == base.id)
    };
    let related: Vec<_> = contracts
        .all()
        .iter()
        .filter(|contract| contract.id == family.id() || contract.id == "oci" || carried(contract))
        .collect();
    let known = |key: &str| {
        related.iter().any(|contract| {
            any_glob(&contract.labels.known, key)
                || any_glob(&contract.labels.ci, key)
                || contract
                    .stamps
                    .iter()
                    .any(|stamp| stamp.label.iter().any(|label| label == key))
        })
    };
    let frozen = case.facts.base_labels.as_ref();
    let frozen = frozen.filter(|_| family.is_frozen_base());
    let frozen = frozen.map(|base| base.iter().map(text).collect::<HashSet<_>>());
    let foreign: Vec<&Pair> = case
        .facts
        .labels
        .iter()
        .filter(|label| match &frozen {
            Some(base) => !base.contains(&text(label)),
            None => !known(&label.key),
        })
        .collect();
    let first = foreign.first()?;
    let names: Vec<&str> = foreign.iter().map(|label| label.key.as_str()).collect();
    let (weight, code) = match frozen {
        Some(_) => (3, "base-labels-differ"),
        None => (2, "foreign-labels"),
    };
    let (whose, names) = (&family.contract.name, names.join(", "));
    let message = format!("labels that are not {whose}'s: {names}");
    Some(Signal::new(
        code,
        weight,
        "labels",
        message,
        [first.sourced()],
    ))
}

/// Returns a sign if an image of a publisher that writes no source label has one.
pub(crate) fn foreign_source(case: &Case, family: &Family) -> Option<Signal> {
    let label = case.generic.reading(Field::Source)?;
    let contract = &family.contract;
    let expected = !contract.source.is_empty() || !family.stamped;
    if expected || case.belongs_to_inner(Field::Source, &label.value) {
        return None;
    }
    Some(Signal::new(
        "source-differs",
        2,
        Field::Source.document_field(),
        format!("{} writes no source label", contract.name),
        [label.sourced()],
    ))
}

/// The code of a package that another of the publisher's images adds to the stamped one.
pub(crate) const PACKAGE_ADDED: &str = "package-added";

/// Returns a sign if the image holds a package that another of the publisher's images adds to the stamped one.
/// Whether the publisher added it or somebody else, this is not the stamped image.
pub(crate) fn added_package(case: &Case, family: &Family) -> Option<Signal> {
    let line = case.line(family)?;
    let mut added = lines_on(family, line).flat_map(|other| &other.adds);
    let package = added.find_map(|name| packages_named(case.facts, name).first().copied())?;
    let weight = if case.is_from_publisher(family) { 0 } else { 2 };
    Some(Signal::new(
        PACKAGE_ADDED,
        weight,
        "packages",
        format!("{} is not in {}", package.name, line.product),
        [sourced(&package.version, python(&package.path))],
    ))
}

/// Returns the lines of the publisher that stand on this one.
pub(crate) fn lines_on<'f>(family: &'f Family, line: &Line) -> impl Iterator<Item = &'f Line> {
    let contract = &family.contract;
    let is_this = move |repository: &String| {
        let base = contract.line_of(repository);
        base.is_some_and(|base| base.product == line.product)
    };
    let lines = contract.lines.iter();
    lines.filter(move |other| other.stands_on.iter().any(is_this))
}

/// Returns a sign if the contract does not list the arguments.
pub(crate) fn command(case: &Case, family: &Family) -> Option<Signal> {
    let line = case.line(family)?;
    let actual = case.facts.cmd.as_ref()?;
    if line.cmds.is_empty() || line.cmds.contains(actual) {
        return None;
    }
    Some(Signal::new(
        "command-changed",
        2,
        "runtime.cmd",
        format!("the default arguments are not those of {}", line.product),
        [sourced(actual.join(" "), source("rc", "cmd"))],
    ))
}

/// Returns a sign if the contract does not list the working directory.
pub(crate) fn workdir(case: &Case, family: &Family) -> Option<Signal> {
    let line = case.line(family)?;
    let actual = case.facts.workdir.as_ref()?;
    if line.workdirs.is_empty() || line.workdirs.iter().any(|known| known == actual) {
        return None;
    }
    Some(Signal::new(
        "workdir-changed",
        2,
        "runtime.workdir",
        format!("the working directory is not that of {}", line.product),
        [sourced(actual, source("rc", "workdir"))],
    ))
}

/// Returns a sign if the contract does not list the entrypoint.
pub(crate) fn entrypoint(case: &Case, family: &Family) -> Option<Signal> {
    let line = case.line(family)?;
    let actual = case.facts.entrypoint.as_ref()?;
    if line.entrypoints.is_empty() || line.entrypoints.contains(actual) {
        return None;
    }
    let known: Vec<String> = line.entrypoints.iter().map(|e| e.join(" ")).collect();
    Some(Signal::new(
        "entrypoint-changed",
        2,
        "runtime.entrypoint",
        format!("the entrypoint is not one of {}'s", line.product),
        [
            sourced(actual.join(" "), source("rc", "entrypoint")),
            sourced(known.join(" | "), source("contract", family.id())),
        ],
    ))
}
