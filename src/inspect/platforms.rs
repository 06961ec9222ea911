//! Warns if the images of one layout for several platforms were built from different commits.

use super::builds;
use crate::carriers::Loss;
use crate::carriers::oci_config::{self, Place};
use crate::image::oci::{Chosen, Surveyed, Walked};

/// The OCI image specification, annotations.md: "Source control revision identifier".
const REVISION: &str = "org.opencontainers.image.revision";

/// Returns a warning if the images for several platforms name different commits. Missing images do
/// not count. A layout that cannot be read gives no warning here.
pub(super) fn different_commits(walked: &Walked<'_>, chosen: &Chosen) -> Option<Loss> {
    let images = walked.of_platforms(chosen).ok()?;
    let named = images.iter().filter_map(|Surveyed { platform, image }| {
        Some((platform.as_ref()?.to_string(), revision(image)?))
    });
    let named: Vec<(String, String)> = named.collect();
    let (_, first) = named.first()?;
    if named.iter().all(|(_, commit)| commit == first) {
        return None;
    }
    let shown = named.iter().take(8);
    let shown = shown.map(|(platform, commit)| format!("{platform} {commit}"));
    let shown: Vec<String> = shown.collect();
    Some(builds::different_commits(&shown.join(", ")))
}

/// Returns the commit that an image names: its label, else the closest annotation.
fn revision(image: &Chosen) -> Option<String> {
    let place = Place {
        carrier: "oci-config",
        path: &image.config_path,
    };
    let configuration = oci_config::parse(&image.config, place).ok()??;
    let labels = configuration.labels.into_iter().rev();
    let label = labels.map(|pair| (pair.key, pair.value));
    let levels = image.levels.iter().rev();
    let annotations = levels.flat_map(|level| level.annotations.iter().cloned());
    let mut named = label.chain(annotations);
    named
        .find(|(key, value)| key == REVISION && !value.is_empty())
        .map(|(_, value)| value)
}
