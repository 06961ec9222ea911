//! Provides cryptography for the crate `sigstore-verify`, in Rust alone, with the crates that also
//! check keys. Its default is aws-lc-rs: C and assembler, which need a C compiler for every target
//! and would be in this program for nothing else.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::sha2::{Digest as _, Sha256, Sha384, Sha512};
use rsa::signature::Verifier as _;
use sigstore_verify::crypto::{
    CryptoProvider, Error, HashContext, Result, SigningScheme, install_default_provider,
};
use sigstore_verify::types::HashAlgorithm;

#[derive(Debug)]
struct Pure;

/// Installs it as the provider of this process.
pub(super) fn install() {
    // If it is already installed, the error does not matter.
    let _ = install_default_provider(&Pure);
}

struct Hash<D>(D);

impl<D: rsa::sha2::digest::Digest + Send> HashContext for Hash<D> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

impl CryptoProvider for Pure {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>> {
        Ok(match algorithm {
            HashAlgorithm::Sha2256 => Box::new(Hash(Sha256::new())),
            HashAlgorithm::Sha2384 => Box::new(Hash(Sha384::new())),
            HashAlgorithm::Sha2512 => Box::new(Hash(Sha512::new())),
            other => return Err(Error::UnsupportedAlgorithm(other.to_string())),
        })
    }

    fn verify_raw(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        data: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        match scheme {
            SigningScheme::Ed25519 => {
                let key = ed25519_dalek::VerifyingKey::try_from(key);
                let signature = ed25519_dalek::Signature::from_slice(signature);
                let both = key.and_then(|key| Ok((key, signature?)));
                both.and_then(|(key, signature)| key.verify_strict(data, &signature))
                    .map_err(|_| invalid(scheme))
            }
            SigningScheme::RsaPssSha256 => pss::<Sha256>(scheme, key, data, signature),
            SigningScheme::RsaPssSha384 => pss::<Sha384>(scheme, key, data, signature),
            SigningScheme::RsaPssSha512 => pss::<Sha512>(scheme, key, data, signature),
            _ => {
                let algorithm = scheme.hash_algorithm().ok_or_else(|| unknown(scheme))?;
                let mut hash = self.hash(algorithm)?;
                hash.update(data);
                self.verify_prehashed(scheme, key, &hash.finalize(), signature)
            }
        }
    }

    fn verify_prehashed(
        &self,
        scheme: SigningScheme,
        key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        let good = match scheme {
            SigningScheme::EcdsaP256Sha256 | SigningScheme::EcdsaP256Sha384 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok();
                let signature = p256::ecdsa::Signature::from_der(signature).ok();
                key.zip(signature)
                    .is_some_and(|(key, signature)| key.verify_prehash(digest, &signature).is_ok())
            }
            SigningScheme::EcdsaP384Sha256 | SigningScheme::EcdsaP384Sha384 => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok();
                let signature = p384::ecdsa::Signature::from_der(signature).ok();
                key.zip(signature)
                    .is_some_and(|(key, signature)| key.verify_prehash(digest, &signature).is_ok())
            }
            SigningScheme::RsaPkcs1Sha256 => {
                let how = rsa::Pkcs1v15Sign::new::<Sha256>();
                rsa(key)?.verify(how, digest, signature).is_ok()
            }
            SigningScheme::RsaPkcs1Sha384 => {
                let how = rsa::Pkcs1v15Sign::new::<Sha384>();
                rsa(key)?.verify(how, digest, signature).is_ok()
            }
            SigningScheme::RsaPkcs1Sha512 => {
                let how = rsa::Pkcs1v15Sign::new::<Sha512>();
                rsa(key)?.verify(how, digest, signature).is_ok()
            }
            _ => return Err(unknown(scheme)),
        };
        match good {
            true => Ok(()),
            false => Err(invalid(scheme)),
        }
    }
}

fn pss<D: rsa::sha2::digest::Digest + rsa::sha2::digest::FixedOutputReset>(
    scheme: SigningScheme,
    key: &[u8],
    data: &[u8],
    signature: &[u8],
) -> Result<()> {
    let key = rsa::pss::VerifyingKey::<D>::new(rsa(key)?);
    let signature = rsa::pss::Signature::try_from(signature).map_err(|_| invalid(scheme))?;
    key.verify(data, &signature).map_err(|_| invalid(scheme))
}

fn rsa(key: &[u8]) -> Result<rsa::RsaPublicKey> {
    rsa::RsaPublicKey::from_pkcs1_der(key)
        .map_err(|error| Error::InvalidKeyFormat(error.to_string()))
}

fn invalid(scheme: SigningScheme) -> Error {
    Error::Verification(format!("{} signature invalid", scheme.name()))
}

fn unknown(scheme: SigningScheme) -> Error {
    Error::UnsupportedAlgorithm(scheme.name().to_owned())
}
