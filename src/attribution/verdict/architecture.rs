//! Whether everything that names an architecture names the same one.

use crate::attribution::case::Case;
use crate::attribution::make;
use crate::attribution::readings::reading::last_of;
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::Field;
use crate::provenance::{Conflict, SourcedValue};

/// As `uname -m` says it; `None` for anything else.
fn canonical(text: &str) -> Option<&'static str> {
    Some(match text.trim() {
        "x86_64" | "amd64" | "x86-64" => "x86_64",
        "aarch64" | "arm64" | "sbsa" => "aarch64",
        "ppc64le" => "ppc64le",
        "s390x" => "s390x",
        "riscv64" => "riscv64",
        _ => return None,
    })
}

/// The programs in the image, the tag, `NVARCH` and the stamps disagree.
pub(crate) fn conflict(case: &Case, ownership: &Ownership) -> Option<Conflict> {
    let facts = case.facts;
    let (machine, at) = facts.machine.as_ref()?;
    let actual = canonical(machine)?;
    let mut named: Vec<SourcedValue> = Vec::new();
    if let Some(pair) = last_of(&facts.environment, "NVARCH") {
        named.push(pair.sourced());
    }
    if let Some(import) = case.import() {
        let tag = import.tag().unwrap_or_default();
        let part = tag.split('-').find(|part| canonical(part).is_some());
        named.extend(part.map(|part| SourcedValue {
            value: part.to_owned(),
            source: import.source.clone(),
        }));
    }
    if let Some(pair) = &facts.architecture {
        named.push(pair.sourced());
    }
    if let Some(label) = last_of(&facts.labels, "ai.vllm.build.target-arch") {
        named.push(label.sourced());
    }
    if let Some(family) = ownership.family {
        named.extend(family.of(Field::Architecture).map(|r| r.sourced()));
    }
    named.retain(|other| canonical(&other.value).is_some_and(|other| other != actual));
    if named.is_empty() {
        return None;
    }
    let mut values = vec![SourcedValue {
        value: machine.clone(),
        source: at.clone(),
    }];
    values.append(&mut named);
    Some(make::conflict(
        "architecture-conflict",
        "os.architecture",
        format!(
            "the programs in the image are for {actual}, but it is declared for another architecture"
        ),
        values,
    ))
}
