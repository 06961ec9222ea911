//! Labels and annotations as arguments of `docker buildx build`.

use super::args::{line, option, word};
use crate::emit::Stamp;

/// Returns `--label KEY=VALUE` and `--annotation index,manifest:KEY=VALUE` for each, on one line. An import
/// keeps labels. Annotations can be read in a registry without pulling the image.
///
/// An empty label is written because it hides the base image's. An empty annotation would say nothing.
#[must_use]
pub fn labels(stamp: &Stamp) -> String {
    let labels = stamp.labels.iter();
    let labels = labels.map(|(k, v)| option("--label", k, v, word));
    let annotations = stamp.annotations.iter().map(|(key, value)| {
        let key = format!("index,manifest:{key}");
        option("--annotation", &key, value, word)
    });
    line(labels.chain(annotations))
}
