//! All evidence of one image, its status settled.

use std::collections::BTreeSet;

use crate::attribution::case::Case;
use crate::attribution::make::{bare, python};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::{installed, of_package};
use crate::attribution::readings::reading::Reading;
use crate::attribution::text::{is_among, parse_url, version_of_tag};
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::{Field, Role};
use crate::provenance::{Evidence, Kind, Source, Status, Via};
use crate::reference::Reference;

use super::evidence::{from_reading, own};
use super::settle::{settle, strengthen};
use super::{builds, forms};

/// Collects every reading as evidence.
pub(crate) fn collect(case: &Case, ownership: &Ownership) -> Vec<Evidence> {
    let mut all = Vec::new();
    all.extend(import(case));
    all.extend(stamps(case, ownership));
    all.extend(generic(case, ownership));
    all.extend(builds::evidence(case, ownership));
    all.extend(packages(case, ownership));
    all.extend(file_name(case));
    if let Some(family) = ownership.family {
        all.extend(corroboration(case, family));
    }
    all.extend(forms::evidence(case.facts, &all));
    settle(&mut all, |a, b| same_reference(case, ownership, a, b));
    strengthen(&mut all, case.facts);
    all
}

fn import(case: &Case) -> Option<Evidence> {
    let import = case.import()?;
    let digest = import.document.digest.is_some();
    Some(Evidence {
        field: "origin.imported".to_owned(),
        value: import.document.uri.clone(),
        source: import.source.clone(),
        contract: None,
        strength: match (import.document.via, digest) {
            (Via::Unknown, _) => 1,
            (_, true) => 5,
            _ => 3,
        },
        status: Status::Alone,
    })
}

/// The stamps of all contracts; those of bases are inherited, reused keys are ignored.
fn stamps(case: &Case, ownership: &Ownership) -> Vec<Evidence> {
    let of = |family: &Family, status: Status| -> Vec<Evidence> {
        let readings = family.readings.iter();
        readings
            .map(|reading| from_reading(reading, status))
            .collect()
    };
    let carried = case.families.iter();
    let carried = carried.flat_map(|family| of(family, own(ownership.owns(family))));
    let reused = case.reused.iter();
    let reused = reused.flat_map(|family| of(family, Status::Ignored));
    carried.chain(reused).collect()
}

fn generic(case: &Case, ownership: &Ownership) -> Vec<Evidence> {
    let mut all = Vec::new();
    for reading in &case.generic.readings {
        // The URL label of a home page supports nothing.
        let page = reading.field != Field::Url || parse_url(&reading.value).is_some();
        let status = match page {
            true => own(!is_inherited(case, ownership, reading)),
            false => Status::Ignored,
        };
        all.push(from_reading(reading, status));
    }
    let set_aside = case.generic.inherited.iter();
    let set_aside = set_aside.chain(&case.generic.contradicted);
    all.extend(set_aside.map(|reading| from_reading(reading, Status::Inherited)));
    all
}

fn is_inherited(case: &Case, ownership: &Ownership, reading: &Reading) -> bool {
    let family = ownership.family;
    let publisher = family.filter(|family| family.contract.role == Role::Publisher);
    ownership.derived
        || publisher.is_some_and(|family| {
            case.belongs_to_inner(reading.field, &reading.value) && !speaks_for(family, reading)
        })
}

/// Returns true if the family's own stamp says the same as a generic label.
fn speaks_for(family: &Family, reading: &Reading) -> bool {
    match reading.field {
        Field::Source => is_among(&family.contract.source, &reading.value),
        field => family.of(field).any(|own| own.value == reading.value),
    }
}

/// Returns the commits that packages of known publishers name.
fn packages(case: &Case, ownership: &Ownership) -> Vec<Evidence> {
    let family = ownership.family;
    let own_package = family.and_then(|family| family.contract.package.as_deref());
    let unowned = ownership.contract_in_use().is_none();
    let mut all: Vec<Evidence> = Vec::new();
    // Two packages may run from one checkout.
    let mut known = BTreeSet::new();
    for (contract, name) in case.contracts.with_package() {
        let is_own = !ownership.derived && (unowned || own_package == Some(name));
        for package in installed(contract, case.facts) {
            for (text, source) in of_package(case.facts, package) {
                if !known.insert(source.clone()) {
                    continue;
                }
                all.push(Evidence {
                    field: Field::Commit.document_field().to_owned(),
                    value: text.id,
                    source,
                    contract: Some(contract.id.clone()),
                    strength: 2,
                    status: own(is_own),
                });
            }
        }
    }
    all
}

fn file_name(case: &Case) -> Option<Evidence> {
    Some(Evidence {
        field: "origin.imported".to_owned(),
        value: case.facts.file_name.clone()?,
        source: bare("file-name"),
        contract: None,
        strength: 0,
        status: Status::Ignored,
    })
}

/// Returns what the import and the installed package say about a stamp's reference and version.
fn corroboration(case: &Case, family: &Family) -> Vec<Evidence> {
    let make = |field: Field, value: String, source: Source, strength: u8| Evidence {
        field: field.document_field().to_owned(),
        value,
        source,
        contract: Some(family.id().to_owned()),
        strength,
        status: Status::Alone,
    };
    let mut all = Vec::new();
    if let Some(import) = case.registry_import() {
        if family.stamp_reference().is_some() {
            let shown = import.effective.as_ref().map(ToString::to_string);
            all.extend(shown.map(|v| make(Field::Reference, v, import.source.clone(), 3)));
        }
        let released = case
            .imported_rule(family)
            .is_some_and(|rule| rule.kind == Kind::Release);
        let version = import.tag().filter(|_| released).and_then(version_of_tag);
        all.extend(version.map(|v| make(Field::Version, v.to_owned(), import.source.clone(), 3)));
    }
    for package in installed(&family.contract, case.facts) {
        let source = python(&package.path);
        all.push(make(Field::Version, package.version.clone(), source, 2));
    }
    all
}

/// Returns true if two references name one image: spelled alike, or by the contract's rules.
fn same_reference(case: &Case, ownership: &Ownership, a: &str, b: &str) -> bool {
    let (Ok(a), Ok(b)) = (Reference::parse(a), Reference::parse(b)) else {
        return false;
    };
    if a == b {
        return true;
    }
    let (Some(family), Some(import)) = (ownership.family, case.import()) else {
        return false;
    };
    let related = a.same_repository(&b) || a.may_mirror(&b) || b.may_mirror(&a);
    let exact = a.digest.is_some() || b.digest.is_some();
    let compatible = |a: &str, b: &str| case.compatible_tag(family, import, a, b);
    let tags = a.tag.as_deref().zip(b.tag.as_deref());
    related && (exact || tags.is_some_and(|(a, b)| compatible(a, b) || compatible(b, a)))
}
