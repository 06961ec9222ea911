//! What an image was recognised as, by its content.

use super::page::Item;
use crate::provenance::{KnownImage, Level, Provenance, Recognised};
use crate::recognise::{name, percent};
use crate::report::words;

/// An item for each known image.
pub(super) fn items(document: &Provenance) -> Vec<Item> {
    document.recognised.iter().map(item).collect()
}

fn item(it: &Recognised) -> Item {
    let name = name(&it.image);
    let known = words::short_reference(&name);
    let text = match (it.level, &it.package) {
        (Level::SameContent, _) => format!("same content as {known}"),
        (Level::SamePackage, Some(package)) => format!("{package}: same RECORD as in {known}"),
        _ => format!(
            "{} of {known}: {}",
            percent(it.share.unwrap_or_default()),
            counts(it)
        ),
    };
    Item::beside(text, Some(listed(&it.image)))
}

fn counts(it: &Recognised) -> String {
    let files = |count: Option<u64>| count.unwrap_or_default();
    let about = if it.estimated { "about " } else { "" };
    format!(
        "{about}{} files added, {} changed, {} removed",
        files(it.added),
        files(it.changed),
        files(it.removed)
    )
}

/// How the known image is known.
fn listed(image: &KnownImage) -> String {
    let mut parts = Vec::new();
    if image.attested {
        parts.push("attested".to_owned());
    }
    if let Some(digest) = &image.digest {
        parts.push(format!("imported by digest {digest}"));
    }
    if image.official == Some(true) {
        parts.push("official".to_owned());
    }
    if let Some(day) = image.listed.as_deref().and_then(|time| time.get(..10)) {
        parts.push(format!("listed {day}"));
    }
    parts.join(", ")
}
