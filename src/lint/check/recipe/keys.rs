//! Which variables and labels are stamps, and how an argument is written into them.

use crate::attribution::CommitText;
use crate::contracts::{Contracts, Field, Role};
use crate::lint::check::stamps::{REVISION, TELLING};
use crate::lint::source::{Built, Set, is_stamp, names_commit};
use crate::lint::survey::Level;

/// Returns true for a variable or label that contracts read as a commit.
pub(super) fn is_commit(contracts: &Contracts, key: &str) -> bool {
    fields(contracts, key).any(|field| field == Field::Commit)
}

/// Returns true for a variable or label that identifies the build.
pub(super) fn is_own(contracts: &Contracts, key: &str) -> bool {
    is_stamp(key, contracts) || fields(contracts, key).any(|field| TELLING.contains(&field))
}

/// Returns true for the annotations of the OCI specification, which registries show.
pub(super) fn is_standard(key: &str) -> bool {
    key.starts_with("org.opencontainers.image.")
}

/// Returns the fields that contracts read from a key. A key from which they read a part only is left out.
fn fields(contracts: &Contracts, key: &str) -> impl Iterator<Item = Field> {
    let stamps = contracts.all().iter().flat_map(|contract| &contract.stamps);
    stamps.filter_map(move |stamp| {
        let mut keys = stamp.environment.iter().chain(&stamp.label);
        let whole = stamp.pointer.is_none() && stamp.word.is_none();
        (whole && keys.any(|known| known == key)).then_some(stamp.field)
    })
}

/// Returns true for a branch or a placeholder: not a commit, not a version, and not the empty value
/// that hides a base's.
pub(super) fn is_word(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty()
        && CommitText::parse(value).is_none()
        && !value.contains(|c: char| c.is_ascii_digit())
}

/// The variables and labels of an image.
pub(super) fn sets(image: &Built) -> impl Iterator<Item = (Level, &String, &Set)> {
    let variables = image.environment.iter();
    let labels = image.labels.iter();
    (variables.map(|(key, set)| (Level::Env, key, set)))
        .chain(labels.map(|(key, set)| (Level::Label, key, set)))
}

/// Returns the label for an argument: the one that a contract has beside the variable of this name, else the
/// common label for such a name, unless the image has that label already.
pub(super) fn label_for(contracts: &Contracts, name: &str, image: &Built) -> String {
    // Only a CI system itself writes its labels.
    let writers = contracts.all().iter();
    let writers = writers
        .filter(|contract| contract.role == Role::Publisher || contract.build_args.is_some());
    let mut own = writers
        .flat_map(|contract| contract.filled_by(name))
        .filter_map(|stamp| stamp.label.first());
    // A label with the same key as the variable would add nothing.
    if let Some(label) = own.find(|label| label.contains('.')) {
        return label.clone();
    }
    // Prefers a label that uses the name already, in a stage that does not declare it.
    let mut asking = image.labels.iter();
    if let Some((label, _)) = asking.find(|(_, set)| set.missing.contains(name)) {
        return label.clone();
    }
    let upper = name.to_ascii_uppercase();
    let says = |parts: &[&str]| parts.iter().any(|part| upper.contains(part));
    let common = if says(&["URL"]) {
        "org.opencontainers.image.url"
    } else if says(&["TAG", "IMAGE_REF"]) {
        "org.opencontainers.image.ref.name"
    } else if names_commit(name) {
        REVISION
    } else {
        ""
    };
    // A label that is emptied to hide the base's is set again.
    let is_set = |set: &Set| set.literal.as_deref() != Some("");
    if common.is_empty() || image.labels.get(common).is_some_and(is_set) {
        let dotted = name.to_ascii_lowercase().replace('_', ".");
        let rest = dotted.strip_prefix("build.").unwrap_or(&dotted);
        format!("build.{rest}")
    } else {
        common.to_owned()
    }
}
