//! Public keys of the kinds that sign statements: ECDSA over P-256 and P-384, Ed25519, RSA.

use p256::pkcs8::DecodePublicKey as _;
use rsa::signature::Verifier as _;
use rsa::traits::PublicKeyParts as _;

/// The length of the shortest accepted RSA key, in bits (NIST SP 800-131A).
const SHORTEST_RSA: usize = 2048;

/// A public key.
#[derive(Clone, Debug)]
pub enum PublicKey {
    /// ECDSA with SHA-256: a key of cosign, or of `openssl ecparam -name prime256v1`.
    P256(p256::ecdsa::VerifyingKey),
    /// ECDSA with SHA-384.
    P384(p384::ecdsa::VerifyingKey),
    /// Ed25519.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    /// RSA with SHA-256, PKCS #1 v1.5 or PSS.
    Rsa(Box<rsa::RsaPublicKey>),
}

/// The reason why a text is not a usable key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is a private key.
    #[error(
        "it is a private key, which does not belong here; give the public key (openssl pkey -pubout, cosign public-key)"
    )]
    Private,
    /// It is something else.
    #[error(
        "it is no public key in PEM (\"-----BEGIN PUBLIC KEY-----\") of the kinds ECDSA P-256 or P-384, Ed25519 or RSA"
    )]
    Other,
    /// It is too short to be safe.
    #[error("it is an RSA key of less than {SHORTEST_RSA} bits, which is not safe")]
    Short,
}

impl PublicKey {
    /// Reads a key in PEM.
    ///
    /// # Errors
    /// If it is not a usable public key.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        if text.contains("PRIVATE KEY") {
            return Err(KeyError::Private);
        }
        let text = text.trim();
        if let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_pem(text) {
            return Ok(Self::P256(key));
        }
        if let Ok(key) = p384::ecdsa::VerifyingKey::from_public_key_pem(text) {
            return Ok(Self::P384(key));
        }
        if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(text) {
            return Ok(Self::Ed25519(Box::new(key)));
        }
        let key = rsa::RsaPublicKey::from_public_key_pem(text).map_err(|_| KeyError::Other)?;
        if key.n().bits() < SHORTEST_RSA {
            return Err(KeyError::Short);
        }
        Ok(Self::Rsa(Box::new(key)))
    }

    /// Returns true if this key made the signature over the message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::P384(key) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Self::Rsa(key) => rsa(key, message, signature),
        }
    }

    /// Returns true if this key made the signature over a file with this SHA-256. An Ed25519 key
    /// signs the file itself, which is not read here.
    #[must_use]
    pub fn verifies_digest(&self, sha256: &[u8], signature: &[u8]) -> bool {
        use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
        match self {
            Self::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(sha256, &signature).is_ok()),
            Self::Rsa(key) => {
                let scheme = rsa::Pkcs1v15Sign::new::<rsa::sha2::Sha256>();
                key.verify(scheme, sha256, signature).is_ok()
            }
            Self::P384(_) | Self::Ed25519(_) => false,
        }
    }
}

fn rsa(key: &rsa::RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
    use rsa::sha2::Sha256;
    let pkcs1 = rsa::pkcs1v15::VerifyingKey::<Sha256>::new(key.clone());
    let by_pkcs1 = rsa::pkcs1v15::Signature::try_from(signature)
        .is_ok_and(|signature| pkcs1.verify(message, &signature).is_ok());
    let pss = rsa::pss::VerifyingKey::<Sha256>::new(key.clone());
    by_pkcs1
        || rsa::pss::Signature::try_from(signature)
            .is_ok_and(|signature| pss.verify(message, &signature).is_ok())
}
