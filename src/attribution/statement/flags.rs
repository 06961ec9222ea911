//! Build flags that the contracts name, and how the image was packed.

use crate::attribution::case::Case;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::reading::last_of;
use crate::attribution::verdict::ownership::Ownership;
use std::collections::BTreeMap;

use crate::carriers::Facts;
use crate::carriers::python::normalise as normalise_package;
use crate::contracts::{Contract, Flag, glob_matches};

const LANDMARKS: [&str; 3] = [
    "/.prefetch.landmark",
    "/.no.prefetch.landmark",
    "/stargz.index.json",
];

/// Flags by name. What is inferred from installed packages says so.
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
    for pair in case
        .builds
        .speaking
        .iter()
        .flat_map(|build| &build.arguments)
    {
        flags.insert(pair.key.clone(), pair.value.clone());
    }
    if LANDMARKS
        .iter()
        .any(|path| case.facts.present.contains(*path))
    {
        flags.insert("compression".to_owned(), "estargz".to_owned());
    }
    flags
}

fn contract_flags(facts: &Facts, contract: &Contract, flags: &mut BTreeMap<String, String>) {
    for flag in &contract.flags {
        if let Some(pair) = flag
            .environment
            .as_deref()
            .and_then(|key| last_of(&facts.environment, key))
        {
            flags.insert(flag.name.clone(), pair.value.clone());
        }
        if let Some(glob) = &flag.label {
            for label in facts
                .labels
                .iter()
                .filter(|label| glob_matches(glob, &label.key))
            {
                flags.insert(name(flag, glob, &label.key), label.value.clone());
            }
        }
        if !flag.packages.is_empty() {
            let found: Vec<String> = facts
                .packages
                .iter()
                .filter(|package| flag.packages.contains(&normalise_package(&package.name)))
                .map(|package| format!("{} {}", normalise_package(&package.name), package.version))
                .collect();
            if !found.is_empty() {
                flags.insert(
                    flag.name.clone(),
                    format!("{} (inferred)", found.join(", ")),
                );
            }
        }
    }
}

/// A star in the name takes the last part of the label's key.
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
