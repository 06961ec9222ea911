//! Compares the examples of a contract with its grammar.

use super::Stamp;
use super::contract::{Contract, Role};
use super::places::{Example, RepositoryClass};
use crate::provenance::Kind;
use crate::reference::Reference;

/// What a contract says about a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Said<'c> {
    kind: Option<Kind>,
    official: bool,
    product: Option<&'c str>,
}

/// Returns why an example does not hold; `None` if it does.
pub(super) fn wrong(contract: &Contract, example: &Example) -> Option<String> {
    let shown = &example.reference;
    let reference = match Reference::parse(shown) {
        Ok(reference) => reference,
        Err(error) => return Some(format!("example '{shown}': {error}")),
    };
    let Some(tag) = reference.tag.as_deref() else {
        return Some(format!("example '{shown}': give a tag and no digest"));
    };
    let said = say(contract, &reference.name(), tag);
    let mut wrong = Vec::new();
    if said.kind != example.kind {
        let word = |kind: Option<Kind>| kind.unwrap_or_default().as_str();
        let (is, not) = (word(said.kind), word(example.kind));
        wrong.push(match (said.kind, example.kind) {
            (Some(_), None) => format!("its kind is {is}, and the example has none"),
            (None, _) => format!("it has no kind, and the example says {not}"),
            _ => format!("its kind is {is}, and the example says {not}"),
        });
    }
    if said.official != example.official {
        let (is, not) = match said.official {
            true => ("may", "cannot"),
            false => ("cannot", "may"),
        };
        wrong.push(format!(
            "it {is} be official, and the example says that it {not}"
        ));
    }
    if example.product.is_some() && said.product != example.product.as_deref() {
        let is = said.product.unwrap_or("none");
        wrong.push(format!("its product is {is}"));
    }
    let wrong = wrong.join("; ");
    (!wrong.is_empty()).then(|| format!("example '{shown}' does not hold: {wrong}"))
}

/// Returns the meaning of a repository and a tag, according to the contract alone.
fn say<'c>(contract: &'c Contract, repository: &str, tag: &str) -> Said<'c> {
    let product = contract.product_line(repository, Some(tag));
    let product = product.map(|line| line.product.as_str());
    let line = contract.line_for(repository, Some(tag));
    let canonical = contract.unmirrored(repository);
    let own = canonical.as_deref().unwrap_or(repository);
    let by_tag = || contract.tag_rule(own, tag).map(|rule| rule.kind);
    let published = |kind| matches!(kind, Some(Kind::Release | Kind::Nightly));
    let kind = match contract.class_of(repository) {
        _ if line.is_some() || canonical.is_some() => by_tag(),
        Some(RepositoryClass::Staging) => Some(Kind::Staging),
        Some(RepositoryClass::PullRequest) => Some(Kind::Pr),
        Some(RepositoryClass::Ci) => Some(Kind::Ci),
        Some(RepositoryClass::Official | RepositoryClass::Elsewhere) => by_tag(),
        None => None,
    };
    Said {
        kind,
        official: line.is_some() && published(kind),
        product,
    }
}

/// Returns what the author of a contract should know, beside its problems.
pub(super) fn notes(contract: &Contract, replaces: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let id = &contract.id;
    if replaces {
        notes.push(format!(
            "it replaces the contract '{id}' that is built in; give it another id to keep both"
        ));
    }
    if contract.role != Role::Publisher {
        return notes;
    }
    if contract.examples.is_empty() {
        notes.push(
            "it has no [[example]]: nothing shows that its tags mean what you think".to_owned(),
        );
    }
    let url = |source: &&String| !source.starts_with("https://") && !source.starts_with("http://");
    if let Some(source) = contract.source.iter().find(url) {
        notes.push(format!(
            "source '{source}' is not a URL; write it as images name it, such as https://git.acme.example/ml/serving"
        ));
    }
    let labels_only = |stamp: &Stamp| stamp.environment.is_empty() && !stamp.label.is_empty();
    if !contract.stamps.is_empty()
        && contract.stamps.iter().all(labels_only)
        && contract.environment.tail.is_empty()
        && contract.lines.iter().all(|line| line.tail.is_empty())
    {
        notes.push(
            "its stamp is of labels only: list all variables that its images set, PATH among them, in `tail` of [environment] or of its [[line]]s; without that an image counts as built on one of these".to_owned(),
        );
    }
    for line in &contract.lines {
        if line.entrypoints.is_empty() {
            notes.push(format!(
                "the line '{}' has no entrypoints: its images are never official, since nothing shows whether somebody built on them; `official` in an example says what repository and tag alone allow",
                line.product
            ));
        }
    }
    notes
}
