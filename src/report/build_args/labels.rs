//! Labels and annotations as arguments of `docker buildx build`.

use super::args::{line, option, word};
use crate::emit::Stamp;

/// `--label KEY=VALUE` and `--annotation index,manifest:KEY=VALUE` for each, on one line: labels come
/// through an import, annotations can be read in a registry without pulling.
///
/// An empty label is written, since it hides the base's; an empty annotation says nothing.
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
