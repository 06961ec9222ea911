//! Reads the files of an image in layers, if they are requested.

use super::opened::{Again, Context, Unpack};
use super::options::Options;
use crate::carriers::{Facts, Loss, collect_with, kept};
use crate::limits::Limits;

/// Reads the layers, and adds the facts in their files to those of the configuration; files of an importer do
/// not count. Returns the way to open the image again; `None` if the files are not requested or cannot be read.
pub(super) fn read<'i>(
    unpack: Option<Unpack<'i>>,
    options: &Options,
    context: &Context,
    facts: &mut Facts,
) -> Option<Again<'i>> {
    let unpack = unpack.filter(|_| options.layers)?;
    let (wanted, all) = (&context.wanted, options.all_packages);
    let limits = Limits {
        // The user asked for it, and accepts that it takes long.
        time: Some(options.limits.deep_time),
        // Each layer may have its own version of a list.
        kept_bytes: (options.limits.kept_bytes).saturating_mul(if all { 16 } else { 4 }),
        ..options.limits.deep()
    };
    let image = match unpack(&limits, &|path| kept(path, wanted, all)) {
        Ok(image) => image,
        Err(message) => {
            facts.losses.push(Loss::partial(
                "layers-not-read",
                format!("the files of the image could not be read: {message}"),
            ));
            return None;
        }
    };
    let found = collect_with(&image, Some(&facts.environment), wanted, &limits);
    facts.os_release = found.os_release;
    facts.machine = found.machine;
    facts.packages = found.packages;
    facts.packages_known = true;
    facts.checkouts = found.checkouts;
    facts.documents = found.documents;
    facts.present = found.present;
    facts.base_labels = found.base_labels;
    facts.torch = found.torch;
    facts.losses.extend(found.losses);
    Some(Box::new(move |_| Ok(Box::new(image.clone()))))
}
