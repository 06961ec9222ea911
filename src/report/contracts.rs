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

/// Returns the file of a contract. It is escaped, since a TOML comment may contain what a terminal acts on.
#[must_use]
pub fn file(contract: &Contract) -> String {
    let mut text = String::new();
    for line in contract.text().lines() {
        // Tabs stay, because they indent.
        let shown: Vec<_> = line.split('\t').map(escape::text).collect();
        text.push_str(&shown.join("\t"));
        text.push('\n');
    }
    text
}
