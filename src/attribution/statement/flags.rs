//! Build flags that the contracts name, and how the image was packed.

use std::collections::BTreeMap;

use crate::attribution::case::Case;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::reading::last_of;
use crate::attribution::verdict::ownership::Ownership;
use crate::carriers::Facts;
use crate::carriers::python::normalise;
use crate::contracts::{Contract, Flag, glob_matches};

const LANDMARKS: [&str; 3] = [
    "/.prefetch.landmark",
    "/.no.prefetch.landmark",
    "/stargz.index.json",
];

/// Returns the flags by name. A value that installed packages give is marked as inferred.
pub(crate) fn flags(case: &Case, ownership: &Ownership) -> BTreeMap<String, String> {
    let mut flags = BTreeMap::new();
    let contracts = ownership
        .bases
        .iter()
        .rev()
        .chain(ownership.fork_of.iter())
        .chain(ownership.family.iter())
        .map(|family| &family.contract);
    for contract in contracts {
        contract_flags(case.facts, contract, &mut flags);
    }
    if let Some(family) = ownership.family {
        let repository = case.import().and_then(Import::repository);
        let named = repository
            .iter()
            .flat_map(|name| family.contract.name_flags(name));
        flags.extend(named.map(|(flag, value)| (flag.to_owned(), value)));
    }
    let builds = case.builds.speaking.iter();
    for pair in builds.flat_map(|build| &build.arguments) {
        flags.insert(pair.key.clone(), pair.value.clone());
    }
    let is_there = |path: &&str| case.facts.present.contains(*path);
    if LANDMARKS.iter().any(is_there) {
        flags.insert("compression".to_owned(), "estargz".to_owned());
    }
    flags
}

fn contract_flags(facts: &Facts, contract: &Contract, flags: &mut BTreeMap<String, String>) {
    for flag in &contract.flags {
        let variable = flag.environment.as_deref();
        if let Some(pair) = variable.and_then(|key| last_of(&facts.environment, key)) {
            flags.insert(flag.name.clone(), pair.value.clone());
        }
        if let Some(glob) = &flag.label {
            let labels = facts.labels.iter();
            for label in labels.filter(|label| glob_matches(glob, &label.key)) {
                flags.insert(name(flag, glob, &label.key), label.value.clone());
            }
        }
        if flag.packages.is_empty() {
            continue;
        }
        let installed = facts.packages.iter();
        let found: Vec<String> = installed
            .map(|package| (normalise(&package.name), &package.version))
            .filter(|(name, _)| flag.packages.contains(name))
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        if !found.is_empty() {
            let inferred = format!("{} (inferred)", found.join(", "));
            flags.insert(flag.name.clone(), inferred);
        }
    }
}

/// Returns the flag's name. A star in it takes the last part of the label's key.
fn name(flag: &Flag, glob: &str, key: &str) -> String {
    if flag.name != "*" {
        return flag.name.clone();
    }
    let front = glob.rsplit_once('.').map_or("", |(front, _)| front);
    key.strip_prefix(front)
        .unwrap_or(key)
        .trim_start_matches('.')
        .to_owned()
}
