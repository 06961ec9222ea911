//! Checks Sigstore bundles with a certificate that names the signer. The crate `sigstore-verify`
//! checks the chain up to the trusted root, the times, the log's entry and its proof, the
//! certificate's own log, and that all of them belong to one signature.

use std::fmt;

use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::types::{Bundle, Sha256Hash};
use sigstore_verify::{VerificationPolicy, Verifier};

use crate::attestation::certified::Signer;

/// Trusted certificate authorities and logs, from a `trusted_root.json`.
pub struct Root {
    verifier: Verifier,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Root")
    }
}

impl Root {
    /// Parses a trusted root from `cosign trusted-root create` or Sigstore's TUF repository.
    ///
    /// # Errors
    /// If it is not a trusted root.
    pub fn parse(text: &str) -> Result<Self, String> {
        super::provider::install();
        let root = TrustedRoot::from_json(text).map_err(|error| error.to_string())?;
        let verifier = Verifier::new(&root).map_err(|error| error.to_string())?;
        Ok(Self { verifier })
    }

    /// Returns the signer of a bundle. `sha256` is a digest that it names; the caller compares it
    /// with the image.
    ///
    /// # Errors
    /// A sentence that says why the signature is not believed.
    pub fn verify(&self, bundle: &[u8], sha256: &str) -> Result<Signer, String> {
        let text = std::str::from_utf8(bundle).map_err(|_| "it is not UTF-8".to_owned())?;
        let bundle = Bundle::from_json(text).map_err(|error| error.to_string())?;
        let digest = Sha256Hash::from_hex(sha256).map_err(|error| error.to_string())?;
        let policy = VerificationPolicy::any_identity();
        let result = self.verifier.verify(digest, &bundle, &policy);
        let result = result.map_err(|error| error.to_string())?;
        // Only the strictest policy of the crate checks these.
        if !(result.certificate_verified() && result.sct_verified() && result.tlog_verified()) {
            return Err("its certificate or its log's entry was not checked".to_owned());
        }
        let claims = result.certificate().map(|found| &found.ci_claims);
        let claim = |of: fn(&_) -> &Option<String>| claims.and_then(|claims| of(claims).clone());
        Ok(Signer {
            subject: result
                .identity()
                .map(ToString::to_string)
                .unwrap_or_default(),
            issuer: result.issuer().unwrap_or_default().to_owned(),
            repository: claim(|claims: &sigstore_verify::crypto::FulcioCiClaims| {
                &claims.source_repository_uri
            }),
            workflow: claim(|claims| &claims.build_config_uri),
            time: result
                .integrated_time()
                .or_else(|| result.verified_timestamps().first().copied())
                .map(|time| time.as_second()),
        })
    }
}
