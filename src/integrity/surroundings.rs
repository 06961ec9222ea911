//! The surroundings of a package: its directory and its neighbours.

use crate::carriers::PackageFact;

/// The surroundings of the packages that are checked.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'f> {
    /// All packages of the image: what one of them lists is no stranger in a directory that it shares.
    pub packages: &'f [PackageFact],
    /// The directories of the image's `PATH`, first to last.
    pub search: Vec<&'f str>,
}
