//! Writes what was recognised into the document. It names a base if nothing else does, and may
//! contradict the image. It makes nothing official.

use super::known::Found;
use crate::provenance::{
    Ancestor, Conflict, Evidence, Kind, KnownImage, Level, Provenance, Recognised, Source,
    SourcedValue, Status,
};

/// The carrier of recognition in the evidence.
const CARRIER: &str = "recognition";
/// The code for content that differs from the known image of this name.
const DIFFERS: &str = "recognised-differs";
/// The code for a base that is known by its content alone.
const BASE_REASON: &str = "recognised-base";

/// Adds recognised images to the document.
pub fn apply(found: Found, document: &mut Provenance) {
    let Found { recognised, other } = found;
    for it in &recognised {
        document.evidence.push(evidence(it, document));
    }
    name_base(&recognised, document);
    document.recognised = recognised;
    if let Some(other) = other {
        contradict(&other, document);
        document.recognised.push(other);
    }
}

fn source(image: &KnownImage) -> Source {
    Source {
        carrier: CARRIER.to_owned(),
        path: None,
        line: None,
        key: Some(name(image)),
    }
}

/// Returns the name of a known image: its reference, else its file.
#[must_use]
pub fn name(image: &KnownImage) -> String {
    let reference = image.public_reference.as_ref().or(image.imported.as_ref());
    reference.cloned().unwrap_or_else(|| match &image.path {
        crate::provenance::PathText::Text(text) => text.clone(),
        crate::provenance::PathText::Bytes { bytes } => format!("(base64) {bytes}"),
    })
}

/// Formats a share: `97.8 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    // Rounds down: a part is never shown as 100 %.
    let tenths = (share * 1000.0).floor() / 10.0;
    match share < 1.0 {
        true => format!("{tenths:.1} %"),
        false => "all".to_owned(),
    }
}

fn evidence(it: &Recognised, document: &Provenance) -> Evidence {
    let own = &document.origin.public_reference;
    let agrees =
        it.level == Level::SameContent && own.is_some() && *own == it.image.public_reference;
    let what = match (it.level, it.share, &it.package) {
        (Level::SameContent, ..) => "same content".to_owned(),
        (_, _, Some(package)) => format!("same RECORD of {package}"),
        (_, share, None) => format!("holds {} of it", percent(share.unwrap_or_default())),
    };
    Evidence {
        field: "recognised".to_owned(),
        value: what,
        source: source(&it.image),
        contract: None,
        strength: 1,
        status: match agrees {
            true => Status::Agrees,
            false => Status::Alone,
        },
    }
}

/// Names the known image that this one was built on, if nothing in the image says what it is.
fn name_base(recognised: &[Recognised], document: &mut Provenance) {
    let origin = &mut document.origin;
    let silent = matches!(origin.kind, Kind::Unknown | Kind::Derived | Kind::Local)
        && origin.publisher.is_none()
        && origin.public_reference.is_none()
        && origin.derived_from.is_none();
    // An image with the same content as a known one was not built on it.
    if !silent || recognised.iter().any(|it| it.level == Level::SameContent) {
        return;
    }
    let named = |image: &KnownImage| image.publisher.is_some() || image.public_reference.is_some();
    let mut bases = recognised.iter().filter(|it| it.base && named(&it.image));
    let Some(base) = bases.next() else {
        return;
    };
    let image = &base.image;
    let ancestor = Ancestor {
        publisher: image.publisher.clone(),
        product: image.product.clone(),
        version: image.version.clone(),
        commit: image.commit.clone(),
        reference: image.public_reference.clone(),
    };
    origin.reasons.push(BASE_REASON.to_owned());
    if !document.lineage.contains(&ancestor) {
        document.lineage.insert(0, ancestor.clone());
    }
    origin.derived_from = Some(ancestor);
}

/// Adds a conflict: the content is not that of the known image of its name. Two images may have
/// been published under one tag, so this is no proof; the image is only no longer official.
fn contradict(other: &Recognised, document: &mut Provenance) {
    let share = percent(other.share.unwrap_or_default());
    let origin = &mut document.origin;
    let reference = origin.public_reference.clone().unwrap_or_default();
    document.conflicts.push(Conflict {
        code: DIFFERS.to_owned(),
        field: "origin.public_reference".to_owned(),
        message: format!(
            "it claims to be {reference}, but contains {share} of the known image of that name"
        ),
        values: vec![SourcedValue {
            value: reference,
            source: Source {
                key: other.image.digest.clone(),
                path: None,
                ..source(&other.image)
            },
        }],
    });
    if origin.official == Some(true) {
        origin.official = None;
        origin.reasons.push(DIFFERS.to_owned());
    }
}
