//! Decides whether a statement is believed: who signed it, whether they may, and what part of this
//! image it covers.

use super::claims::made;
use super::document::{Document, Signed, documents};
use super::envelope::pae;
use super::find::Candidate;
use super::may::{No, may};
use super::names::NAMESPACE;
use super::statement::{Statement, Subject};
use super::subject::{Bound, Measured};
use super::trust::{Identity, Known, Signer, Speaks, Trust, same_repository};
use super::verify::SshSignature;
use crate::provenance::{Attestation, AttestedLevel, Standing};

/// A statement, and the decision about it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The entry for the document.
    pub attestation: Attestation,
    /// The statement, if it is believed.
    pub verdict: Option<Verdict>,
}

/// A statement that is believed.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What part of the image it covers.
    pub level: AttestedLevel,
    /// The statement; `None` for a signature over a file.
    pub statement: Option<Statement>,
    /// What its signer may state.
    pub speaks: Speaks,
}

/// The signer, and what a certificate says about the signature.
struct Who<'t> {
    signer: &'t Signer,
    issuer: Option<String>,
    time: Option<i64>,
    note: String,
}

impl<'t> Who<'t> {
    fn of_key(signer: &'t Signer) -> Self {
        Self {
            signer,
            issuer: None,
            time: None,
            note: String::new(),
        }
    }
}

/// Judges every statement of a file. `now` is in seconds since 1970.
#[must_use]
pub fn judge(
    candidate: &Candidate,
    trust: &Trust,
    measured: &Measured<'_>,
    now: i64,
) -> Vec<Judged> {
    let judged = documents(&candidate.bytes)
        .into_iter()
        .map(|document| match document {
            Ok(document) => by_all(&document, candidate, trust, measured, now),
            Err(reason) => vec![not(candidate, None, ("unreadable", reason))],
        });
    judged.flatten().collect()
}

/// Judges a document for each of its trusted signers. Every signer who is believed counts; if none is, the first
/// one says why.
fn by_all(
    document: &Document,
    candidate: &Candidate,
    trust: &Trust,
    measured: &Measured<'_>,
    now: i64,
) -> Vec<Judged> {
    let signers = match who(document, candidate, trust, now) {
        Ok(signers) => signers,
        Err(no) => {
            let kind = document.statement.as_ref();
            let kind = kind.map(|statement| statement.predicate_type.clone());
            return vec![not(candidate, kind, no)];
        }
    };
    let of_one = |who: &Who<'_>| one(document, candidate, who, measured);
    let mut judged: Vec<Judged> = signers.iter().map(of_one).collect();
    match judged.iter().any(|it| it.verdict.is_some()) {
        true => judged.retain(|it| it.verdict.is_some()),
        false => judged.truncate(1),
    }
    judged
}

fn one(
    document: &Document,
    candidate: &Candidate,
    who: &Who<'_>,
    measured: &Measured<'_>,
) -> Judged {
    let kind = document.statement.as_ref();
    let kind = kind.map(|statement| statement.predicate_type.clone());
    let name = &who.signer.name;
    let may = may(who.signer, document, kind.as_deref());
    let signed = |no: No| {
        let mut judged = not(candidate, kind, no);
        let attestation = &mut judged.attestation;
        attestation.signer = Some(name.clone());
        attestation.issuer.clone_from(&who.issuer);
        let made = || made(document.statement.as_ref()?);
        attestation.time = who.time.and_then(timestamp).or_else(made);
        judged
    };
    if let Err(no) = may {
        return signed(no);
    }
    let of_file;
    let subjects = match (&document.signed, &document.statement) {
        (Signed::File { sha256, .. } | Signed::Image { sha256, .. }, _) => {
            of_file = [Subject {
                name: None,
                digests: vec![("sha256".to_owned(), sha256.clone())],
            }];
            of_file.as_slice()
        }
        (_, Some(statement)) => &statement.subjects,
        (_, None) => &[],
    };
    match measured.bind(subjects) {
        Bound::To(level, digest) => {
            let mut judged = signed(("signed", format!("signed by {name}{}", who.note)));
            let attestation = &mut judged.attestation;
            attestation.level = Some(level);
            attestation.subject = Some(digest);
            attestation.status = Standing::Verified;
            judged.verdict = Some(Verdict {
                level,
                statement: document.statement.clone(),
                speaks: who.signer.speaks.clone(),
            });
            judged
        }
        Bound::Nothing => {
            let message = format!("it is signed by {name}, and is about another image or file");
            signed(("other-digest", message))
        }
        Bound::Unknown(reason) => {
            let message = format!(
                "it is signed by {name}; whether it is about this image could not be found out: {reason}"
            );
            signed(("not-compared", message))
        }
    }
}

fn not(candidate: &Candidate, kind: Option<String>, (reason, message): No) -> Judged {
    Judged {
        attestation: Attestation {
            level: None,
            status: Standing::NotVerified,
            reason: reason.to_owned(),
            message,
            signer: None,
            issuer: None,
            predicate_type: kind,
            subject: None,
            time: None,
            path: candidate.path.clone(),
        },
        verdict: None,
    }
}

fn timestamp(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.to_string())
}

/// Returns the trusted signers of a document.
fn who<'t>(
    document: &Document,
    candidate: &Candidate,
    trust: &'t Trust,
    now: i64,
) -> Result<Vec<Who<'t>>, No> {
    if cfg!(not(feature = "attest")) {
        let text = "this program was built without the feature attest, and checks no signatures";
        return Err(("no-verifier", text.to_owned()));
    }
    if trust.is_empty() {
        let text = "nobody is trusted: give --trust, or put trust data into /etc/sqsh-prov/trust.d";
        return Err(("no-trust", text.to_owned()));
    }
    match &document.signed {
        Signed::Envelope(envelope) => {
            let message = pae(&envelope.payload_type, &envelope.payload);
            by_key(trust, now, |key| {
                let mut signatures = envelope.signatures.iter();
                signatures.any(|signature| key.verifies(&message, signature))
            })
        }
        Signed::File {
            sha256,
            signature,
            bundle: None,
        } => {
            let digest = bytes(sha256);
            by_key(trust, now, |key| key.verifies_digest(&digest, signature))
        }
        Signed::Image { message, .. } => {
            let signature = candidate.signature.as_ref();
            let signature = signature.ok_or_else(|| {
                let text = "it is not signed: cosign's signature is in the layout beside it";
                ("unsigned", text.to_owned())
            })?;
            by_key(trust, now, |key| key.verifies(message, signature))
        }
        Signed::File {
            sha256,
            bundle: Some(bundle),
            ..
        } => by_certificate(trust, bundle, sha256),
        Signed::Keyless(bundle) => {
            let digests = document.statement.iter().flat_map(|it| &it.subjects);
            let mut digests = digests.flat_map(|subject| &subject.digests);
            let sha256 = digests.find(|(name, hex)| name == "sha256" && hex.len() == 64);
            let (_, sha256) = sha256.ok_or_else(|| {
                let text =
                    "none of its subjects has a SHA-256, without which its log cannot be checked";
                ("bad-signature", text.to_owned())
            })?;
            by_certificate(trust, bundle, sha256)
        }
        Signed::Bare(message) => by_ssh(trust, candidate, message, now),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks_exact(2);
    let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

/// Returns the signers whose key is valid now.
fn in_time<'t>(found: &[&'t Signer], now: i64) -> Result<Vec<Who<'t>>, No> {
    let is_in_time = |signer: &&&Signer| {
        signer.from.is_none_or(|from| now >= from) && signer.until.is_none_or(|until| now < until)
    };
    let valid = found.iter().filter(is_in_time);
    let valid: Vec<Who<'_>> = valid.map(|signer| Who::of_key(signer)).collect();
    if !valid.is_empty() {
        return Ok(valid);
    }
    let name = found.first().map_or("", |signer| &signer.name);
    let text = format!("{name} signed it, but that key is not valid at this time");
    Err(("expired", text))
}

fn by_key<'t>(
    trust: &'t Trust,
    now: i64,
    verifies: impl Fn(&super::verify::PublicKey) -> bool,
) -> Result<Vec<Who<'t>>, No> {
    let signers = trust.signers().iter();
    let found: Vec<&Signer> = signers
        .filter(|signer| match &signer.known {
            Known::Key(key) => verifies(key),
            Known::Ssh(..) | Known::Identity(_) => false,
        })
        .collect();
    if found.is_empty() {
        let text =
            "its signature is by none of the trusted keys, or the text was changed after signing";
        return Err(("no-key", text.to_owned()));
    }
    in_time(&found, now)
}

fn by_ssh<'t>(
    trust: &'t Trust,
    candidate: &Candidate,
    message: &[u8],
    now: i64,
) -> Result<Vec<Who<'t>>, No> {
    let Some(bytes) = &candidate.signature else {
        let text = format!(
            "it is not signed; an SSH signature is {}.sig",
            candidate.path
        );
        return Err(("unsigned", text));
    };
    let Some(signature) = SshSignature::parse(bytes) else {
        let text = format!("{}.sig is no SSH signature", candidate.path);
        return Err(("bad-signature", text));
    };
    let key = signature.key();
    let signers = trust.signers().iter();
    let known: Vec<(&Signer, &Vec<String>)> = signers
        .filter_map(|signer| match &signer.known {
            Known::Ssh(known, namespaces) if **known == key => Some((signer, namespaces)),
            _ => None,
        })
        .collect();
    if known.is_empty() {
        let fingerprint = key.fingerprint();
        let text = format!("the trust data has no key {fingerprint}");
        return Err(("no-key", text));
    }
    let namespace = signature.namespace();
    let of_namespace = known
        .iter()
        .filter(|(_, known)| known.iter().any(|known| known == namespace));
    let found: Vec<&Signer> = of_namespace.map(|(signer, _)| *signer).collect();
    if found.is_empty() {
        let text = format!(
            "it is signed for the namespace \"{namespace}\", for which its key is not trusted; sign with ssh-keygen -Y sign -n {NAMESPACE}"
        );
        return Err(("other-namespace", text));
    }
    if !key.verifies(message, &signature) {
        let text = "its signature is of another text: it was changed since it was signed";
        return Err(("bad-signature", text.to_owned()));
    }
    in_time(&found, now)
}

fn by_certificate<'t>(trust: &'t Trust, bundle: &[u8], sha256: &str) -> Result<Vec<Who<'t>>, No> {
    let identities = trust.signers().iter();
    let identities: Vec<(&Signer, &Identity)> = identities
        .filter_map(|signer| match &signer.known {
            Known::Identity(identity) => Some((signer, identity.as_ref())),
            Known::Key(_) | Known::Ssh(..) => None,
        })
        .collect();
    if identities.is_empty() {
        let text = "a certificate names its signer, and the trust data has no [[identity]]";
        return Err(("no-identity", text.to_owned()));
    }
    let (mut known, mut failed) = (Vec::new(), None);
    for (signer, identity) in identities {
        let found = match identity.root.verify(bundle, sha256) {
            Ok(found) => found,
            Err(reason) => {
                let text = format!("its signature is not believed: {reason}");
                failed = Some(("bad-signature", text));
                continue;
            }
        };
        let fits = |wanted: &Option<String>, found: &Option<String>| match (wanted, found) {
            (None, _) => true,
            (Some(wanted), Some(found)) => same_repository(wanted, found),
            (Some(_), None) => false,
        };
        let is_signer = identity.issuer == found.issuer
            && crate::contracts::glob_matches(&identity.subject, &found.subject)
            && fits(&identity.repository, &found.repository)
            && fits(&identity.workflow, &found.workflow);
        if is_signer {
            known.push(Who {
                signer,
                issuer: Some(found.issuer),
                time: found.time,
                note: format!(
                    " ({}; the trusted root is of {})",
                    found.subject, identity.root_day
                ),
            });
            continue;
        }
        let text = format!(
            "it is signed by {} (issuer {}), who is not in the trust data",
            found.subject, found.issuer
        );
        failed = Some(("no-identity", text));
    }
    match known.is_empty() {
        true => Err(failed.unwrap_or(("no-identity", String::new()))),
        false => Ok(known),
    }
}
