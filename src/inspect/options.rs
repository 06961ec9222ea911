//! How images are read and judged.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::image::oci::Platform;
use crate::limits::Limits;
use crate::lint::source::Asked;
use crate::recognise::Known;

/// How images are read and judged.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What may be read from one image.
    pub limits: Limits,
    /// If true, values that look like secrets are not masked.
    pub reveal: bool,
    /// Pairs of a mirror's prefix and the registry that it mirrors.
    pub mirrors: Vec<(String, String)>,
    /// A directory with the site's own contracts.
    pub contracts_dir: Option<PathBuf>,
    /// The platform to read; `None` means this host's.
    pub platform: Option<Platform>,
    /// The target to read in a bake file's metadata; `None` if there is only one.
    pub target: Option<String>,
    /// The metadata file to compare with the image.
    pub sidecar: Sidecars,
    /// If true, hashes the files of the installed packages and compares them with their `RECORD`.
    /// This reads all of them: see [`Limits::deep`] for limits with enough time.
    pub deep: bool,
    /// If true, reads all layers of an image in layers, for its packages and its system: see
    /// [`Limits::deep`] for limits with enough time.
    pub layers: bool,
    /// If true, also lists the packages of dpkg, rpm, apk, conda and npm.
    pub all_packages: bool,
    /// If true, makes a fingerprint of the tree. This reads all metadata.
    pub fingerprint: bool,
    /// The options for bake files on the command line.
    pub bake: Asked,
    /// Known images, to recognise this one. This reads all metadata.
    pub known: Option<Arc<Known>>,
}

/// Which metadata file of a build is compared with an image.
///
/// It comes from `docker buildx build --metadata-file`, or is a provenance statement. If it
/// contradicts the image, the image is believed.
#[derive(Clone, Debug, Default)]
pub enum Sidecars {
    /// None.
    #[default]
    None,
    /// The file beside the image, `model.sqsh.metadata.json`, if it exists.
    Beside,
    /// This one.
    File(PathBuf),
}

impl Sidecars {
    /// Returns the path of the metadata file beside an image: `model.sqsh.metadata.json`.
    #[must_use]
    pub fn beside(image: &Path) -> PathBuf {
        let mut name = image.as_os_str().to_owned();
        name.push(".metadata.json");
        PathBuf::from(name)
    }
}
