//! Decides between labels and CI variables that name different sources: one of them is inherited from a base.

use crate::carriers::Facts;
use crate::contracts::{Field, Role};
use crate::provenance::Conflict;
use crate::reference::Reference;

use super::families::Family;
use super::generic::Generic;
use super::import::Import;
use super::inherited;
use super::reading::{Carrier, Reading};
use crate::attribution::make::{conflict, sourced};
use crate::attribution::text::{
    CommitText, is_among, repository_owner, repository_path, repository_url, same_commit,
    same_repository,
};

/// Sets aside the source that the import does not name; if the import names neither, both are disputed.
pub(crate) fn settle(
    mut generic: Generic,
    families: &[Family],
    facts: &Facts,
    import: Option<&Import>,
) -> (Generic, Option<Conflict>) {
    let published = |family: &Family| family.contract.role == Role::Publisher;
    let mut published = families
        .iter()
        .filter(|family| published(family))
        .peekable();
    let stands_on_one = published.peek().is_some();
    let is_publishers = generic
        .source()
        .is_some_and(|url| published.any(|it| is_among(&it.contract.source, &url)));
    if stands_on_one && is_publishers {
        return (generic, None);
    }
    let of_base = |carrier: Carrier, trusts_variables: bool| {
        inherited::conflict_of(&generic, facts, import, carrier, trusts_variables)
    };
    // Variables of a base confirm no labels.
    let variables = of_base(Carrier::Environment, true);
    let labels = of_base(Carrier::Label, variables.is_none());
    if variables.is_some() {
        generic.set_aside(Carrier::Environment);
    }
    if labels.is_some() {
        generic.set_aside(Carrier::Label);
    }
    let own = labels.is_none();
    let partly = inherited::partly_of_base(&generic, facts, import).filter(|_| own);
    if let Some((_, with_version)) = &partly {
        generic.keep_source(*with_version);
    }
    let told = labels.or(variables).or(partly.map(|(told, _)| told));
    if told.is_some() {
        return (generic, told);
    }
    if stands_on_one {
        return (generic, None);
    }
    let sources = sides(&generic, Field::Source).and_then(|(label, variable)| {
        let urls = (
            repository_url(&label.value)?,
            repository_url(&variable.value)?,
        );
        (!same_repository(&urls.0, &urls.1)).then_some((label, variable, urls))
    });
    let Some((label, variable, (labelled, named))) = sources else {
        let told = commits(&generic).or_else(|| owners(&generic, import?));
        return (generic, told);
    };
    let told = conflict(
        "labels-and-variables-differ",
        Field::Source.document_field(),
        "the labels name another source repository than the CI variables: one of the two comes from a base image",
        [label.sourced(), variable.sourced()],
    );
    let imported = import.and_then(|import| import.effective.as_ref());
    let close = |url: &str| imported.map_or(0, |reference| closeness(url, reference));
    match close(&labelled).cmp(&close(&named)) {
        std::cmp::Ordering::Less => generic.set_aside(Carrier::Label),
        std::cmp::Ordering::Greater => generic.set_aside(Carrier::Environment),
        std::cmp::Ordering::Equal => generic.disputed = true,
    }
    (generic, Some(told))
}

/// Returns the conflict of two commits of one repository: a merge and what was merged, or the image and a
/// base from the same repository.
fn commits(generic: &Generic) -> Option<Conflict> {
    let (label, variable) = sides(generic, Field::Commit)?;
    let (one, other) = (
        CommitText::parse(&label.value)?,
        CommitText::parse(&variable.value)?,
    );
    (!same_commit(&one.id, &other.id)).then(|| {
        conflict(
            "labels-and-variables-differ",
            Field::Commit.document_field(),
            "the labels name another commit than the CI variables; sqsh-prov believes the label",
            [label.sourced(), variable.sourced()],
        )
    })
}

/// The registry of a forge, and the forge: an image is below the account or group that pushed it.
const FORGES: [(&str, &str); 2] = [
    ("ghcr.io", "https://github.com/"),
    ("registry.gitlab.com", "https://gitlab.com/"),
];

/// Returns the conflict of an image that is below another account than its source repository: the stamp of a base
/// image, or a copy.
fn owners(generic: &Generic, import: &Import) -> Option<Conflict> {
    let reference = import.effective.as_ref()?;
    let reading = generic.reading(Field::Source)?;
    let source = repository_url(&reading.value)?;
    let mut forges = FORGES.iter();
    let on_forge = forges
        .any(|(registry, forge)| reference.registry == *registry && source.starts_with(forge));
    (on_forge && !is_owner(&source, reference)).then(|| {
        conflict(
            "owner-differs",
            Field::Source.document_field(),
            "somebody else pushed the image than the owner of the source repository: the stamp may come from a base image",
            [
                reading.sourced(),
                sourced(reference.to_string(), import.source.clone()),
            ],
        )
    })
}

/// Returns the readings of a label and of a variable.
fn sides(generic: &Generic, field: Field) -> Option<(&Reading, &Reading)> {
    let by = |carrier: Carrier| {
        let mut readings = generic.readings.iter();
        readings.find(|it| it.is_real(field) && it.carrier == carrier)
    };
    by(Carrier::Label).zip(by(Carrier::Environment))
}

/// Returns 2 for the path of the imported repository, 1 for its owner, 0 for others.
fn closeness(url: &str, imported: &Reference) -> u8 {
    let path = repository_path(url).unwrap_or_default();
    if path.eq_ignore_ascii_case(&imported.repository) {
        2
    } else {
        u8::from(is_owner(url, imported))
    }
}

/// Returns true if the owner of the repository is the account in the reference.
fn is_owner(url: &str, reference: &Reference) -> bool {
    repository_owner(url).is_some_and(|owner| owner.eq_ignore_ascii_case(reference.owner()))
}
