//! The surroundings of a package: its directory and its neighbours.

use crate::carriers::PackageFact;

/// The surroundings of the checked packages.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'f> {
    /// All packages of the image. A file that one of them lists is not a stranger in a directory
    /// that it shares.
    pub packages: &'f [PackageFact],
    /// The directories of the image's `PATH`, in order.
    pub search: Vec<&'f str>,
}
