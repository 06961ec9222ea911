//! Checks that all sources name the same architecture.

use crate::attribution::case::Case;
use crate::attribution::make::{self, sourced};
use crate::attribution::readings::reading::{Reading, last_of};
use crate::attribution::verdict::ownership::Ownership;
use crate::carriers::Pair;
use crate::contracts::Field;
use crate::provenance::{Conflict, SourcedValue};

/// Returns the architecture as `uname -m` prints it; `None` for other texts.
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

/// Returns a conflict if the programs in the image, the tag, `NVARCH` and the stamps disagree.
pub(crate) fn conflict(case: &Case, ownership: &Ownership) -> Option<Conflict> {
    let facts = case.facts;
    let (machine, at) = facts.machine.as_ref()?;
    let actual = canonical(machine)?;
    let mut named: Vec<SourcedValue> = Vec::new();
    let variable = last_of(&facts.environment, "NVARCH");
    named.extend(variable.map(Pair::sourced));
    if let Some(import) = case.import() {
        let tag = import.tag().unwrap_or_default();
        let part = tag.split('-').find(|part| canonical(part).is_some());
        named.extend(part.map(|part| sourced(part, import.source.clone())));
    }
    let label = last_of(&facts.labels, "ai.vllm.build.target-arch");
    let declared = facts.architecture.iter().chain(label);
    named.extend(declared.map(Pair::sourced));
    if let Some(family) = ownership.family {
        named.extend(family.of(Field::Architecture).map(Reading::sourced));
    }
    named.retain(|other| canonical(&other.value).is_some_and(|other| other != actual));
    if named.is_empty() {
        return None;
    }
    named.insert(0, sourced(machine, at.clone()));
    Some(make::conflict(
        "architecture-conflict",
        "os.architecture",
        format!(
            "the programs in the image are for {actual}, but it is declared for another architecture"
        ),
        named,
    ))
}
