//! The known images that an image was recognised as by its content.

use super::page::Item;
use crate::provenance::{KnownImage, Level, Provenance, Recognised};
use crate::recognise::{name, percent};
use crate::report::words;

pub(super) fn items(document: &Provenance) -> Vec<Item> {
    document.recognised.iter().map(item).collect()
}

fn item(it: &Recognised) -> Item {
    let name = name(&it.image);
    let known = words::short_reference(&name);
    let text = match (it.level, &it.package) {
        (Level::SameContent, _) => format!("same content as {known}"),
        (Level::SamePackage, Some(package)) => format!("{package}: same RECORD as in {known}"),
        _ => {
            let percent = percent(it.share.unwrap_or_default());
            format!("{percent} of {known}: {}", counts(it))
        }
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

/// Says how the known image was listed.
fn listed(image: &KnownImage) -> String {
    let official = image.official == Some(true);
    let digest = image.digest.as_ref();
    let listed = image.listed.as_deref().and_then(|time| time.get(..10));
    let parts = [
        image.attested.then(|| "attested".to_owned()),
        digest.map(|digest| format!("imported by digest {digest}")),
        official.then(|| "official".to_owned()),
        listed.map(|day| format!("listed {day}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}
