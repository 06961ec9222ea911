//! Checks SSH signatures of `ssh-keygen -Y sign`
//! (<https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig>).

use ssh_key::public::KeyData;
use ssh_key::{HashAlg, PublicKey, SshSig};

/// The longest signature, in bytes.
const LONGEST: usize = 16 * 1024;

/// The public key of a signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshKey(KeyData);

/// A detached signature.
#[derive(Clone, Debug)]
pub struct Signature(SshSig);

impl SshKey {
    /// Parses `ssh-ed25519 AAAA…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let key = PublicKey::from_openssh(text).ok()?;
        Some(Self(key.key_data().clone()))
    }

    /// Returns the fingerprint as `ssh-keygen -l` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }

    /// Returns true if this key made the signature over the message, in the signature's own
    /// namespace.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        let signature = &signature.0;
        let key = PublicKey::from(self.0.clone());
        *signature.public_key() == self.0
            && key
                .verify(signature.namespace(), message, signature)
                .is_ok()
    }
}

impl Signature {
    /// Parses an armoured signature.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = bytes.get(..LONGEST).unwrap_or(bytes);
        SshSig::from_pem(text.trim_ascii_end()).ok().map(Self)
    }

    /// Returns the namespace: the purpose of the signature.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.0.namespace()
    }

    /// Returns the key in the signature.
    #[must_use]
    pub fn key(&self) -> SshKey {
        SshKey(self.0.public_key().clone())
    }
}
