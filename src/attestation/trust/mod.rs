//! Reads whom a site trusts, and for which statements.

mod file;
mod signer;
mod signers;

use std::path::Path;

pub use file::TrustError;
pub(super) use signer::same_repository;
pub use signer::{Identity, Known, Signer, Speaks};

/// The directory of a site's trust data.
pub const SITE_DIRECTORY: &str = "/etc/sqsh-prov/trust.d";

/// All trusted signers.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    signers: Vec<Signer>,
}

impl Trust {
    /// Loads the site's trust data, if [`SITE_DIRECTORY`] exists, and these files.
    ///
    /// # Errors
    /// [`TrustError`] names the file, the line and what is wrong.
    pub fn load(files: &[impl AsRef<Path>]) -> Result<Self, TrustError> {
        let mut trust = Self::default();
        let site = Path::new(SITE_DIRECTORY);
        if site.is_dir() {
            for file in file::of_directory(site)? {
                trust.signers.extend(file::read(&file)?);
            }
        }
        for file in files {
            trust.signers.extend(file::read(file.as_ref())?);
        }
        Ok(trust)
    }

    /// Returns true if nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signers.is_empty()
    }

    /// Returns the names of publishers in the trust data.
    pub fn publishers(&self) -> impl Iterator<Item = &str> {
        let lists = self.signers.iter();
        let names = lists.flat_map(|signer| &signer.speaks.publishers);
        names.map(String::as_str)
    }

    /// Returns all signers.
    #[must_use]
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }
}
