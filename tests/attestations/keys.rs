//! Keys of tests, out of fixed seeds, and what they sign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use p256::pkcs8::EncodePublicKey as _;
use serde_json::{Value, json};
use sqsh_prov::attestation::pae;
use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey, SshSig};

/// How a statement is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A DSSE envelope.
    P256,
    /// A DSSE envelope.
    P384,
    /// A DSSE envelope.
    Ed25519,
    /// A bare statement, and `ssh-keygen -Y sign`.
    Ssh,
    /// A DSSE envelope in a Sigstore bundle that names a key.
    Bundle,
    /// A signature over the file, in a Sigstore bundle that names a key.
    Blob,
}

pub const KINDS: [Kind; 6] = [
    Kind::P256,
    Kind::P384,
    Kind::Ed25519,
    Kind::Ssh,
    Kind::Bundle,
    Kind::Blob,
];

/// The payload type of statements.
pub const PAYLOAD: &str = "application/vnd.in-toto+json";

/// What lies beside an image: the ending of its name, its text, and the signature beside it.
pub struct Signed {
    pub ending: &'static str,
    pub text: String,
    pub signature: Option<String>,
}

fn p256_key(seed: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap()
}

/// Signs bytes as cosign does with a key: ECDSA over their SHA-256, in DER.
pub fn sign(bytes: &[u8], seed: u8) -> Vec<u8> {
    use p256::ecdsa::signature::Signer as _;
    let signature: p256::ecdsa::Signature = p256_key(seed).sign(bytes);
    signature.to_der().as_bytes().to_vec()
}

fn ssh_key(seed: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
}

impl Kind {
    /// A section of trust data for the key of this seed; `more` are further lines.
    pub fn trust(self, seed: u8, more: &str) -> String {
        let pem = match self {
            Self::P256 | Self::Bundle | Self::Blob => p256_key(seed)
                .verifying_key()
                .to_public_key_pem(Default::default()),
            Self::P384 => p384::ecdsa::SigningKey::from_slice(&[seed; 48])
                .unwrap()
                .verifying_key()
                .to_public_key_pem(Default::default()),
            Self::Ed25519 => ed25519_dalek::SigningKey::from_bytes(&[seed; 32])
                .verifying_key()
                .to_public_key_pem(Default::default()),
            Self::Ssh => {
                return format!("[[allowed-signers]]\nfile = \"allowed_signers\"\n{more}\n");
            }
        };
        let pem = pem.unwrap();
        format!("[[key]]\nname = \"tester\"\npem = \"\"\"{pem}\"\"\"\n{more}\n")
    }

    /// A line of allowed signers for the key of this seed.
    pub fn allowed(seed: u8, options: &str) -> String {
        let key = ssh_key(seed).public_key().to_openssh().unwrap();
        format!("tester {options} {key}\n")
    }

    /// Signs a statement with the key of this seed; a blob's is of the file with this SHA-256.
    pub fn sign(self, statement: &str, sha256: &str, seed: u8, namespace: &str) -> Signed {
        use p256::ecdsa::signature::Signer as _;
        use p256::ecdsa::signature::hazmat::PrehashSigner as _;
        let message = pae(PAYLOAD, statement.as_bytes());
        let envelope = |signature: &[u8]| {
            json!({"payloadType": PAYLOAD, "payload": BASE64.encode(statement),
                   "signatures": [{"sig": BASE64.encode(signature), "keyid": ""}]})
        };
        let plain = |value: Value| Signed {
            ending: ".intoto.json",
            text: value.to_string(),
            signature: None,
        };
        let bundle = |content: Value| {
            let mut bundle = json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "verificationMaterial": {"publicKey": {"hint": "x"}, "tlogEntries": []}});
            for (key, value) in content.as_object().unwrap() {
                bundle[key] = value.clone();
            }
            Signed {
                ending: ".sigstore.json",
                text: bundle.to_string(),
                signature: None,
            }
        };
        match self {
            Self::P256 => plain(envelope(&sign(&message, seed))),
            Self::P384 => {
                let key = p384::ecdsa::SigningKey::from_slice(&[seed; 48]).unwrap();
                let signature: p384::ecdsa::Signature = key.sign(&message);
                plain(envelope(signature.to_der().as_bytes()))
            }
            Self::Ed25519 => {
                let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
                plain(envelope(&key.sign(&message).to_bytes()))
            }
            Self::Ssh => {
                let key = ssh_key(seed);
                let signature =
                    SshSig::sign(&key, namespace, HashAlg::Sha512, statement.as_bytes());
                Signed {
                    ending: ".intoto.json",
                    text: statement.to_owned(),
                    signature: Some(signature.unwrap().to_pem(LineEnding::LF).unwrap()),
                }
            }
            Self::Bundle => bundle(json!({"dsseEnvelope": envelope(&sign(&message, seed))})),
            Self::Blob => {
                let digest: Vec<u8> = (0..32)
                    .map(|at| u8::from_str_radix(&sha256[2 * at..2 * at + 2], 16).unwrap())
                    .collect();
                let signature: p256::ecdsa::Signature =
                    p256_key(seed).sign_prehash(&digest).unwrap();
                let signature = BASE64.encode(signature.to_der().as_bytes());
                let digest = json!({"algorithm": "SHA2_256", "digest": BASE64.encode(&digest)});
                bundle(
                    json!({"messageSignature": {"messageDigest": digest, "signature": signature}}),
                )
            }
        }
    }
}
