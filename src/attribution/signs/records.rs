//! Signs in the hashes of package files, see [`crate::integrity`].

use crate::attribution::case::Case;
use crate::attribution::make::{conflict, python, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::signs::signal::Signal;
use crate::carriers::IntegrityFact;
use crate::carriers::python::normalise;
use crate::provenance::Conflict;

/// The most files that a message names.
const NAMED: usize = 10;

/// Returns signs for files of the contract's own package that differ from its record.
pub(crate) fn signals(case: &Case, family: &Family) -> Vec<Signal> {
    let Some(own) = family.contract.package.as_deref().map(normalise) else {
        return Vec::new();
    };
    let copies = case.facts.integrity.iter();
    copies
        .filter(|fact| normalise(&fact.package) == own)
        .filter_map(|fact| {
            let (weight, code) = match (fact.has_record, differs(fact)) {
                (false, _) => (1, "record-absent"),
                (true, true) => (3, "record-mismatch"),
                (true, false) if !fact.extra.is_empty() => (1, "record-extra"),
                (true, false) => return None,
            };
            Some(Signal {
                weight,
                conflict: mismatch(code, fact),
            })
        })
        .collect()
}

/// Returns conflicts without weight for packages of a base or of no contract: an image that is built on
/// them may patch them.
pub(crate) fn conflicts(
    case: &Case,
    own: Option<&Family>,
    bases: &[&Family],
    signals: &[Signal],
) -> Vec<Conflict> {
    let said = |fact: &IntegrityFact| {
        let signals = signals.iter().map(|signal| &signal.conflict);
        signals
            .filter(|conflict| conflict.code.starts_with("record-"))
            .flat_map(|conflict| &conflict.values)
            .any(|value| value.source.path.as_deref() == Some(&record_path(fact)))
    };
    let nobodys = own.is_none() && bases.is_empty();
    let code = |fact: &IntegrityFact| match nobodys && !fact.listed_only {
        true => "record-mismatch",
        false => "inherited-record-mismatch",
    };
    let facts = case.facts.integrity.iter();
    facts
        .filter(|fact| differs(fact) && !said(fact))
        .map(|fact| mismatch(code(fact), fact))
        .chain(unlisted(case))
        .collect()
}

/// Returns a conflict for files that no record lists, and that may run with a checked package.
fn unlisted(case: &Case) -> Option<Conflict> {
    let mut facts = case.facts.integrity.iter();
    let fact = facts.find(|fact| !fact.beside.is_empty())?;
    let named: Vec<&str> = fact.beside.iter().take(NAMED).map(String::as_str).collect();
    let more = fact.beside.len().saturating_sub(named.len());
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "no RECORD lists files that may run before {} or in its place: {}{more}",
        fact.package,
        named.join(", ")
    );
    let count = format!("{} not listed", fact.beside.len());
    let value = sourced(count, python(&record_path(fact)));
    Some(conflict("unlisted-code", "integrity", message, [value]))
}

/// Returns true when files of the package were changed or removed.
pub(crate) fn differs(fact: &IntegrityFact) -> bool {
    !fact.changed.is_empty() || !fact.missing.is_empty()
}

fn record_path(fact: &IntegrityFact) -> String {
    format!("{}/RECORD", fact.path)
}

fn mismatch(code: &str, fact: &IntegrityFact) -> Conflict {
    let lists = [
        ("changed", &fact.changed),
        ("missing", &fact.missing),
        ("not listed", &fact.extra),
    ];
    let mut room = NAMED;
    let mut parts = Vec::new();
    for (word, files) in lists.into_iter().filter(|(_, files)| !files.is_empty()) {
        let named: Vec<&str> = files.iter().take(room).map(String::as_str).collect();
        room = room.saturating_sub(named.len());
        let more = files.len().saturating_sub(named.len());
        let more = match (more, named.len()) {
            (0, _) => String::new(),
            (more, 0) => format!("{more} files"),
            (more, _) => format!(" and {more} more"),
        };
        parts.push(format!("{word}: {}{more}", named.join(", ")));
    }
    let (package, parts) = (&fact.package, parts.join("; "));
    let (message, value) = match fact.has_record {
        true => (
            format!("files of {package} differ from its RECORD; {parts}"),
            format!(
                "{} changed, {} missing, {} not listed",
                fact.changed.len(),
                fact.missing.len(),
                fact.extra.len()
            ),
        ),
        false => (
            format!("{package} has no RECORD, which its installer writes"),
            "no RECORD".to_owned(),
        ),
    };
    let value = sourced(value, python(&record_path(fact)));
    conflict(code, "integrity", message, [value])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(changed: &[&str], missing: usize, extra: &[&str]) -> IntegrityFact {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        IntegrityFact {
            package: "vllm".to_owned(),
            path: "/site/vllm-1.dist-info".to_owned(),
            has_record: true,
            unhashed: false,
            listed_only: false,
            files: 100,
            changed: owned(changed),
            missing: (0..missing).map(|n| format!("m{n}.py")).collect(),
            extra: owned(extra),
            beside: Vec::new(),
        }
    }

    #[test]
    fn a_message_names_at_most_ten_files() {
        let message = |fact| mismatch("record-mismatch", &fact).message;
        assert_eq!(
            message(fact(&["a.py", "b.py"], 0, &[])),
            "files of vllm differ from its RECORD; changed: a.py, b.py"
        );
        assert_eq!(
            message(fact(&["a.py"], 12, &["x.py"])),
            "files of vllm differ from its RECORD; changed: a.py; \
             missing: m0.py, m1.py, m2.py, m3.py, m4.py, m5.py, m6.py, m7.py, m8.py and 3 more; \
             not listed: 1 files"
        );
        let none = IntegrityFact {
            has_record: false,
            ..fact(&[], 0, &[])
        };
        assert_eq!(
            message(none),
            "vllm has no RECORD, which its installer writes"
        );
    }
}
