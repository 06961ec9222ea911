//! Does an image that a recipe builds say what it was built from? The question is that of `no-stamp`.

use std::collections::BTreeSet;

use super::keys::{is_commit, is_word, label_for, sets};
use super::mend::{Lacks, at_end, hand_over};
use crate::attribution::reading::read_stamps;
use crate::carriers::{Facts, Pair};
use crate::contracts::Role;
use crate::lint::case::Case;
use crate::lint::check::stamps::tells as reading_tells;
use crate::lint::document::{Edit, Finding};
use crate::lint::rules::DOCKERFILE_WITHOUT_STAMP;
use crate::lint::source::{Built, Entry, Set, names_commit};
use crate::lint::survey::Level;

/// Stands for a commit, and for another value, that the build gives.
const COMMIT: &str = "1111111111111111111111111111111111111111";
const PAGE: &str = "https://example.com/builds/1";

/// Returns true if an image with these labels beside its own would have no `no-stamp`.
pub(super) fn tells(case: &Case, image: &Built, labels: &[Entry]) -> bool {
    let pair = |key: &str, value: Option<&str>| {
        let is_commit = is_commit(case.contracts, key);
        // A word in place of a commit has a finding of its own.
        let given = match is_commit {
            true => COMMIT,
            false => PAGE,
        };
        let value = value.filter(|text| !(is_commit && is_word(text)));
        Pair {
            key: key.to_owned(),
            value: value.unwrap_or(given).to_owned(),
            ..Pair::default()
        }
    };
    let set = |(key, set): (&String, &Set)| pair(key, set.literal.as_deref());
    let own = image.labels.iter().map(set);
    let more = labels.iter().map(|it| pair(&it.key, it.value.literal()));
    let facts = Facts {
        environment: image.environment.iter().map(set).collect(),
        labels: own.chain(more).collect(),
        ..Facts::default()
    };
    let contracts = case.contracts.all().iter();
    let mut contracts = contracts.filter(|contract| contract.role != Role::Base);
    contracts.any(|contract| {
        let readings = read_stamps(contract, &facts);
        readings.iter().any(|it| reading_tells(case, it))
    })
}

/// Reports a Dockerfile whose image does not say what it was built from.
pub(super) fn dockerfile(
    case: &Case,
    stamps: &BTreeSet<String>,
    images: &[&Built],
    out: &mut Vec<Finding>,
) {
    let Some((last, others)) = images.split_first() else {
        return;
    };
    if tells(case, last, &[]) {
        return;
    }
    let (mut message, change, edit) = without(case, last, stamps, None);
    if let Some(other) = others.iter().find(|other| tells(case, other, &[])) {
        let name = other.stage.as_deref().unwrap_or("another one");
        message =
            format!("the last stage, which a build makes by default, has no stamp; {name} has");
    }
    let mut finding = Finding::new(&DOCKERFILE_WITHOUT_STAMP, message)
        .line(1)
        .edit(edit);
    if let Some(change) = change {
        finding = finding.at(Level::Label, &change.0).change(change.1);
    }
    out.push(finding);
}

/// Says what an image without a stamp lacks: a message, the key to set and the words for it, and the lines.
pub(super) fn without(
    case: &Case,
    image: &Built,
    stamps: &BTreeSet<String>,
    path: Option<&str>,
) -> (String, Option<(String, String)>, Edit) {
    let commits = || stamps.iter().filter(|name| names_commit(name));
    let unread = commits().find_map(|name| {
        let keys = sets(image).filter(|(_, _, set)| set.arguments.contains(name));
        let keys: BTreeSet<&str> = keys.map(|(_, key, _)| key.as_str()).collect();
        (!keys.is_empty()).then_some((name, keys))
    });
    if let Some((name, keys)) = unread {
        let label = label_for(case.contracts, name, image);
        let keys: Vec<&str> = keys.into_iter().collect();
        let keys = keys.join(" and ");
        let message = format!("the commit is only in {keys}, and nothing reads it from there");
        let change = format!("write {name} into the label {label} as well");
        let mut lines = vec![format!("LABEL {label}=\"${{{name}}}\"")];
        lines.extend(over_the_base(image));
        return (message, Some((label, change)), at_end(image, lines, path));
    }
    let name = commits().next().map_or("GIT_COMMIT", String::as_str);
    let mut edit = hand_over(case.contracts, name, image, Lacks::BOTH, path);
    if !edit.insert.is_empty() {
        edit.insert.extend(over_the_base(image));
    }
    let message = "no ENV and no LABEL says what the image was built from";
    (message.to_owned(), None, edit)
}

/// Returns the lines that hide what the base image says about its own build: beside the base's repository and
/// version, the commit of this build would be a commit of the base.
fn over_the_base(image: &Built) -> Vec<String> {
    const KEYS: [&str; 3] = [
        "org.opencontainers.image.source",
        "org.opencontainers.image.url",
        "org.opencontainers.image.version",
    ];
    if KEYS.iter().any(|key| image.labels.contains_key(*key)) {
        return Vec::new();
    }
    let [source, url, version] = KEYS;
    vec![
        "ARG GIT_REPOSITORY_URL".to_owned(),
        format!("LABEL {source}=\"${{GIT_REPOSITORY_URL}}\" {url}=\"\" {version}=\"\""),
    ]
}
