//! Checks signatures, with well-known crates.

mod keyless;
mod keys;
mod provider;
mod ssh;

pub use keyless::Root;
pub use keys::PublicKey;
pub use ssh::{Signature as SshSignature, SshKey};
