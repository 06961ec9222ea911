//! The list of contracts, as a table for a person.

use super::escape;
use crate::contracts::{Contract, Contracts, Role};

/// Returns one line per contract: id, name, role, and where it was read from.
#[must_use]
pub fn list(contracts: &Contracts) -> String {
    let mut all: Vec<_> = contracts.all().iter().collect();
    all.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    let width = all.iter().map(|contract| contract.id.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for contract in all {
        let role = match contract.role {
            Role::Publisher => "publisher",
            Role::Base => "base",
            Role::Generic => "generic keys",
        };
        let line = format!(
            "{:width$}  {:12}  {}  ({})",
            contract.id, role, contract.name, contract.from
        );
        text.push_str(&escape::text(&line));
        text.push('\n');
    }
    text
}

/// The file of a contract, line by line: TOML lets a comment hold what a terminal acts on.
#[must_use]
pub fn file(contract: &Contract) -> String {
    let mut text = String::new();
    for line in contract.text().lines() {
        // Tabs indent; everything else that is not to be seen is spelled out.
        let shown: Vec<_> = line.split('\t').map(escape::text).collect();
        text.push_str(&shown.join("\t"));
        text.push('\n');
    }
    text
}
