//! Replaces `verify` without the feature `attest`: no signer is known, and no signature is believed.

use super::certified::Signer;

/// No key.
#[derive(Clone, Debug)]
pub struct PublicKey(());

/// The reason why no key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this program was built without the feature attest, and checks no signatures")]
pub struct KeyError;

impl PublicKey {
    /// Never a key.
    ///
    /// # Errors
    /// Always.
    pub fn from_pem(_: &str) -> Result<Self, KeyError> {
        Err(KeyError)
    }

    /// Never.
    #[must_use]
    pub fn verifies(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }

    /// Never.
    #[must_use]
    pub fn verifies_digest(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }
}

/// No SSH key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshKey(());

impl SshKey {
    /// Never a key.
    #[must_use]
    pub fn parse(_: &str) -> Option<Self> {
        None
    }

    /// Never.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        String::new()
    }

    /// Never.
    #[must_use]
    pub fn verifies(&self, _: &[u8], _: &SshSignature) -> bool {
        false
    }
}

/// No SSH signature.
#[derive(Clone, Debug)]
pub struct SshSignature(());

impl SshSignature {
    /// Never a signature.
    #[must_use]
    pub fn parse(_: &[u8]) -> Option<Self> {
        None
    }

    /// Never.
    #[must_use]
    pub fn namespace(&self) -> &str {
        ""
    }

    /// Never.
    #[must_use]
    pub fn key(&self) -> SshKey {
        SshKey(())
    }
}

/// No trusted root.
#[derive(Debug)]
pub struct Root(());

impl Root {
    /// Never a root.
    ///
    /// # Errors
    /// Always.
    pub fn parse(_: &str) -> Result<Self, String> {
        Err(KeyError.to_string())
    }

    /// Never.
    ///
    /// # Errors
    /// Always.
    pub fn verify(&self, _: &[u8], _: &str) -> Result<Signer, String> {
        Err(KeyError.to_string())
    }
}
