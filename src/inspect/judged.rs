//! Identifies the rules by which images are judged. A record of other rules is not reused.

use sha2::{Digest as _, Sha256};

use crate::contracts::Contracts;
use crate::image::oci::hex;

use super::options::Options;

/// Returns 16 hex digits that change with the contracts, the mirrors, `--deep` and the version of
/// this program.
pub(super) fn digest(contracts: &Contracts, options: &Options) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(text);
    };
    add(env!("CARGO_PKG_VERSION"));
    add(if options.deep { "deep" } else { "" });
    for contract in contracts.all() {
        add(&contract.id);
        add(contract.text());
    }
    for (mirror, registry) in &options.mirrors {
        add(mirror);
        add(registry);
    }
    hex(hash.finalize().get(..8).unwrap_or_default())
}
