//! Reads the content by which an image is recognised.

use super::opened::Again;
use super::options::Options;
use crate::carriers::{Facts, Loss, PackageFact, python};
use crate::contracts::Contracts;
use crate::image;
use crate::provenance::{PackageRecord, Provenance};
use crate::recognise::{self, Asked, Sketch};

/// The content of an image, as far as it was read.
pub(super) struct Content {
    sketch: Sketch,
    packages: Vec<PackageRecord>,
}

/// Reads the tree and the records of publishers' packages, if they are needed.
pub(super) fn read(
    again: Option<&Again<'_>>,
    options: &Options,
    contracts: &Contracts,
    facts: &mut Facts,
) -> Option<Content> {
    let again = again.filter(|_| options.fingerprint || options.known.is_some())?;
    let limits = &options.limits;
    let mut lose = |code, reason: String| {
        let message = format!("no fingerprint: {reason}");
        facts.losses.push(Loss::partial(code, message));
    };
    let image = match again(limits) {
        Ok(image) => image,
        Err(reason) => {
            lose("tree-unreadable", reason);
            return None;
        }
    };
    let sketch = match recognise::sketch(&*image) {
        Ok(sketch) => sketch?,
        Err(error) => {
            let code = match error {
                image::Error::TimedOut { .. } => "timed-out",
                image::Error::TooLarge { .. } => "over-limit",
                _ => "tree-unreadable",
            };
            lose(code, error.to_string());
            return None;
        }
    };
    let wanted = contracts.wanted().packages;
    let of_publisher = |package: &&PackageFact| {
        package.has_record && wanted.contains(&python::normalise(&package.name))
    };
    let packages = facts.packages.iter().filter(of_publisher);
    let packages = recognise::records(&*image, packages, limits);
    Some(Content { sketch, packages })
}

/// Writes the fingerprint and the recognised images into the document.
pub(super) fn say(content: Option<Content>, options: &Options, document: &mut Provenance) {
    let Some(Content { sketch, packages }) = content else {
        return;
    };
    if options.fingerprint {
        let mut fingerprint = sketch.write();
        fingerprint.packages.clone_from(&packages);
        document.fingerprint = Some(fingerprint);
    }
    if let Some(known) = &options.known {
        let found = known.recognise(&Asked {
            sketch: &sketch,
            packages: &packages,
            reference: document.origin.public_reference.as_deref(),
            architecture: document.os.architecture.as_deref(),
        });
        recognise::apply(found, document);
    }
}
