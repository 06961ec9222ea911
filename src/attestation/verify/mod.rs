//! Checks signatures, with the crates that are made for it.

mod keyless;
mod keys;
mod provider;
mod ssh;

pub use keyless::Root;
pub use keys::PublicKey;
pub use ssh::{Signature as SshSignature, SshKey};
