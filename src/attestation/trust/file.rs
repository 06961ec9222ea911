//! Trust data in TOML; `policies/TRUST.toml` explains each key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::signer::{Identity, Known, Signer, Speaks};
use super::signers;
use crate::attestation::verify::{PublicKey, Root};
use crate::given::{self, GivenError};
use crate::settings;

/// The longest file, in bytes; a trusted root has about 20 KB.
const LONGEST: u64 = 1024 * 1024;
/// The most files of one directory.
const MAX_FILES: usize = 256;

/// The reason why trust data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file cannot be read.
    #[error("{path}: {reason}")]
    Read {
        /// The file.
        path: String,
        /// The reason.
        reason: GivenError,
    },
    /// A directory cannot be read.
    #[error("{path}: the directory cannot be read: {reason}")]
    Directory {
        /// The directory.
        path: String,
        /// The reason.
        reason: std::io::Error,
    },
    /// A file is not valid.
    #[error("{path}: {reason}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong, with the line if it is known.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    schema: u32,
    #[serde(default, rename = "key")]
    keys: Vec<Key>,
    #[serde(default)]
    allowed_signers: Vec<Signers>,
    #[serde(default, rename = "identity")]
    identities: Vec<Certificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Key {
    name: String,
    file: Option<PathBuf>,
    pem: Option<String>,
    valid_from: Option<String>,
    valid_until: Option<String>,
    #[serde(default)]
    publishers: Vec<String>,
    #[serde(default)]
    repositories: Vec<String>,
    #[serde(default)]
    predicates: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Signers {
    file: PathBuf,
    #[serde(default)]
    publishers: Vec<String>,
    #[serde(default)]
    repositories: Vec<String>,
    #[serde(default)]
    predicates: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Certificate {
    name: String,
    issuer: String,
    subject: String,
    repository: Option<String>,
    workflow: Option<String>,
    trusted_root: PathBuf,
    #[serde(default)]
    publishers: Vec<String>,
    #[serde(default)]
    repositories: Vec<String>,
    #[serde(default)]
    predicates: Vec<String>,
}

/// Returns the trust files of a directory, in order.
pub(super) fn of_directory(directory: &Path) -> Result<Vec<PathBuf>, TrustError> {
    let failed = |reason| TrustError::Directory {
        path: directory.display().to_string(),
        reason,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            files.push(path);
        }
    }
    files.sort_unstable();
    if files.len() > MAX_FILES {
        let reason = format!("it has more than {MAX_FILES} files of trust data");
        return Err(invalid(directory, reason));
    }
    Ok(files)
}

/// Reads one file, and the files that it names.
pub(super) fn read(path: &Path) -> Result<Vec<Signer>, TrustError> {
    let text = text(path)?;
    let invalid = |reason| invalid(path, reason);
    let has_key = |line: &str| {
        let mut keys = [" ssh-", " sk-", " ecdsa-"].into_iter();
        keys.any(|key| line.contains(key))
    };
    let is_a_list = |line: &str| {
        line.contains(" namespaces=\"")
            || !line.starts_with('#') && !line.contains('=') && has_key(line)
    };
    if text.lines().any(is_a_list) {
        let reason = "it is a list of signers for ssh-keygen; --trust takes a file in TOML that names such a list in [[allowed-signers]] (policies/TRUST.toml explains each key)";
        return Err(invalid(reason.to_owned()));
    }
    let file: File = settings::read(&text).map_err(invalid)?;
    if file.schema != 1 {
        let reason = format!("schema {} is not known; this program reads 1", file.schema);
        return Err(invalid(reason));
    }
    let mut found = Vec::new();
    for key in file.keys {
        found.push(of_key(key, path)?);
    }
    for signers in file.allowed_signers {
        found.extend(of_signers(signers, path)?);
    }
    for certificate in file.identities {
        found.push(of_certificate(certificate, path)?);
    }
    if let Some(signer) = found.iter().find(|signer| signer.name.trim().is_empty()) {
        let reason = format!("a signer has no name: \"{}\"", signer.name);
        return Err(invalid(reason));
    }
    Ok(found)
}

fn invalid(path: &Path, reason: String) -> TrustError {
    TrustError::Invalid {
        path: path.display().to_string(),
        reason,
    }
}

fn text(path: &Path) -> Result<String, TrustError> {
    given::read_text(path, LONGEST).map_err(|reason| TrustError::Read {
        path: path.display().to_string(),
        reason,
    })
}

/// Returns the path of a file that trust data names.
fn beside(path: &Path, file: &Path) -> PathBuf {
    let directory = path.parent().unwrap_or_else(|| Path::new(""));
    directory.join(file)
}

fn of_key(key: Key, path: &Path) -> Result<Signer, TrustError> {
    let named = |reason: String| invalid(path, format!("key \"{}\": {reason}", key.name));
    let pem = match (&key.file, &key.pem) {
        (Some(file), None) => text(&beside(path, file))?,
        (None, Some(pem)) => pem.clone(),
        _ => return Err(named("give either file or pem".to_owned())),
    };
    let known = PublicKey::from_pem(&pem).map_err(|error| named(error.to_string()))?;
    let moment = |text: &Option<String>| {
        let parsed = text.as_ref().map(|text| {
            let time = text.parse().map(jiff::Timestamp::as_second);
            let reason = format!("\"{text}\" is not a time such as 2027-01-31T00:00:00Z");
            time.map_err(|_| named(reason))
        });
        parsed.transpose()
    };
    Ok(Signer {
        from: moment(&key.valid_from)?,
        until: moment(&key.valid_until)?,
        name: key.name,
        known: Known::Key(Box::new(known)),
        speaks: Speaks {
            publishers: key.publishers,
            repositories: key.repositories,
            predicates: key.predicates,
        },
    })
}

fn of_signers(signers: Signers, path: &Path) -> Result<Vec<Signer>, TrustError> {
    let path = beside(path, &signers.file);
    let allowed = signers::parse(&text(&path)?).map_err(|reason| invalid(&path, reason))?;
    let speaks = Speaks {
        publishers: signers.publishers,
        repositories: signers.repositories,
        predicates: signers.predicates,
    };
    let signers = allowed.into_iter().map(|allowed| Signer {
        name: allowed.principals,
        known: Known::Ssh(Box::new(allowed.key), allowed.namespaces),
        speaks: speaks.clone(),
        from: allowed.from,
        until: allowed.until,
    });
    Ok(signers.collect())
}

fn of_certificate(certificate: Certificate, path: &Path) -> Result<Signer, TrustError> {
    if certificate.subject.trim_matches('*').is_empty() || certificate.issuer.is_empty() {
        let reason =
            "give issuer and subject, which say who signs; without them everybody would be trusted";
        let reason = format!("identity \"{}\": {reason}", certificate.name);
        return Err(invalid(path, reason));
    }
    let path = beside(path, &certificate.trusted_root);
    let root = Root::parse(&text(&path)?).map_err(|reason| {
        let reason = format!("it is no trusted root of Sigstore: {reason}");
        invalid(&path, reason)
    })?;
    Ok(Signer {
        name: certificate.name,
        known: Known::Identity(Box::new(Identity {
            issuer: certificate.issuer,
            subject: certificate.subject,
            repository: certificate.repository,
            workflow: certificate.workflow,
            root: Arc::new(root),
            root_day: day(&path),
        })),
        speaks: Speaks {
            publishers: certificate.publishers,
            repositories: certificate.repositories,
            predicates: certificate.predicates,
        },
        from: None,
        until: None,
    })
}

/// Returns the day of a file's last change.
fn day(path: &Path) -> String {
    let time = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    match time.map(jiff::Timestamp::try_from) {
        Ok(Ok(time)) => time.strftime("%Y-%m-%d").to_string(),
        _ => "an unknown day".to_owned(),
    }
}
