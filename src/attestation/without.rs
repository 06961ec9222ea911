//! Replaces `verify` without the feature `attest`: no key can be read, and no signature is believed.

use super::certified::Signer;

#[derive(Clone, Debug)]
pub struct PublicKey(());

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this program was built without the feature attest, and checks no signatures")]
pub struct KeyError;

impl PublicKey {
    pub fn from_pem(_: &str) -> Result<Self, KeyError> {
        Err(KeyError)
    }

    pub fn verifies(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }

    pub fn verifies_digest(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshKey(());

impl SshKey {
    pub fn parse(_: &str) -> Option<Self> {
        None
    }

    pub fn fingerprint(&self) -> String {
        String::new()
    }

    pub fn verifies(&self, _: &[u8], _: &SshSignature) -> bool {
        false
    }
}

#[derive(Clone, Debug)]
pub struct SshSignature(());

impl SshSignature {
    pub fn parse(_: &[u8]) -> Option<Self> {
        None
    }

    pub fn namespace(&self) -> &str {
        ""
    }

    pub fn key(&self) -> SshKey {
        SshKey(())
    }
}

#[derive(Debug)]
pub struct Root(());

impl Root {
    pub fn parse(_: &str) -> Result<Self, String> {
        Err(KeyError.to_string())
    }

    pub fn verify(&self, _: &[u8], _: &str) -> Result<Signer, String> {
        Err(KeyError.to_string())
    }
}
