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
    /// True to leave values that look like secrets as they are.
    pub reveal: bool,
    /// Pairs of a mirror's prefix and the registry that it mirrors.
    pub mirrors: Vec<(String, String)>,
    /// A directory with contracts of the site's own.
    pub contracts_dir: Option<PathBuf>,
    /// Which of an image's platforms is read; `None` is this host's.
    pub platform: Option<Platform>,
    /// Which target of a bake file's metadata is read; `None` where there is one only.
    pub target: Option<String>,
    /// Whether a file from outside the image is compared with it.
    pub sidecar: Sidecars,
    /// True to hash the files of the installed packages against their `RECORD`. This
    /// reads them all: see [`Limits::deep`] for limits that leave time for it.
    pub deep: bool,
    /// True to read the layers of an image that is made of them, for its packages and its system. This reads
    /// all of it: see [`Limits::deep`] for limits that leave time for it.
    pub layers: bool,
    /// True to list the packages of dpkg, rpm, apk, conda and npm too.
    pub all_packages: bool,
    /// True to make a fingerprint of the tree. This walks over all metadata.
    pub fingerprint: bool,
    /// The options of bake's command line beside a bake file.
    pub bake: Asked,
    /// Images that others are recognised by; this walks over all metadata.
    pub known: Option<Arc<Known>>,
}

/// Which metadata file of a build is compared with an image.
///
/// It is what `docker buildx build --metadata-file` writes, or a statement of provenance.
/// The image is always believed over it.
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
    /// The metadata file beside an image: `model.sqsh.metadata.json`.
    #[must_use]
    pub fn beside(image: &Path) -> PathBuf {
        let mut name = image.as_os_str().to_owned();
        name.push(".metadata.json");
        PathBuf::from(name)
    }
}
