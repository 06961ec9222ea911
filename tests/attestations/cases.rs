//! Kinds of keys, levels and faults, and the verdict of each.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sqsh_prov::attestation::Trust;
use sqsh_prov::provenance::{AttestedLevel, Provenance};
use sqsh_prov::{Attesting, Inspector, Look, Options};

use crate::keys::{KINDS, Kind};
use crate::trees::{config, layout};

/// 2026-11-29.
const NOW: i64 = 1_795_910_400;
const SLSA: &str = "https://slsa.dev/provenance/v1";

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// A letter of the signed text.
    Changed,
    /// An untrusted key.
    OtherKey,
    /// The key's time is over.
    Expired,
    /// The key's time has not begun.
    Early,
    /// Every subject is of something else.
    OtherDigest,
    /// The signer may not state this.
    Predicate,
    /// The signer may not speak for the source repository.
    Repository,
    /// Signed for something else.
    Namespace,
    /// Nothing is signed at all.
    Unsigned,
}

const FAULTS: [Fault; 10] = [
    Fault::None,
    Fault::Changed,
    Fault::OtherKey,
    Fault::Expired,
    Fault::Early,
    Fault::OtherDigest,
    Fault::Predicate,
    Fault::Repository,
    Fault::Namespace,
    Fault::Unsigned,
];

/// The reason that each must have; `None` where there is no such case.
fn expected(kind: Kind, fault: Fault) -> Option<&'static str> {
    let is_ssh = kind == Kind::Ssh;
    let is_blob = kind == Kind::Blob;
    Some(match fault {
        Fault::None => "signed",
        Fault::Changed if is_ssh => "bad-signature",
        // The digest in a bundle says what was signed.
        Fault::Changed | Fault::OtherKey => "no-key",
        Fault::Expired | Fault::Early => "expired",
        Fault::OtherDigest => "other-digest",
        Fault::Predicate => "predicate-not-allowed",
        Fault::Repository if is_blob => return None,
        Fault::Repository => "repository-not-allowed",
        Fault::Namespace | Fault::Unsigned if !is_ssh => return None,
        Fault::Namespace => "other-namespace",
        Fault::Unsigned => "unsigned",
    })
}

/// An image and the digests that bind it.
struct Image {
    path: PathBuf,
    file: String,
    subject: Value,
    settings: Option<String>,
}

fn image(directory: &Path, level: AttestedLevel) -> Image {
    let fixture = match level {
        AttestedLevel::Import => "fixtures/carriers/a-vllm-release.by-digest.sqsh",
        _ => "fixtures/classification/01-vllm-release.sqsh",
    };
    let mut path = directory.join("m.sqsh");
    let inspector = Inspector::new(Options::default()).unwrap();
    if level == AttestedLevel::Manifest {
        path = layout(&directory.join("m"), &[vec![0; 1024]], &config());
    } else {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture), &path).unwrap();
    }
    let found = inspector.bindings(&path, true).unwrap();
    let import = || {
        let document = inspector.inspect(&path).unwrap();
        let digest = document.origin.imported.unwrap().digest.unwrap();
        digest.strip_prefix("sha256:").unwrap().to_owned()
    };
    let manifest = || found.manifests.last().unwrap()["sha256:".len()..].to_owned();
    let file = found.file.clone().unwrap_or_else(|| "0".repeat(64));
    let subject = match level {
        AttestedLevel::File => json!({"sha256": file}),
        AttestedLevel::Content => json!({"sqshProvContent1": found.content}),
        AttestedLevel::Manifest => json!({"sha256": manifest()}),
        AttestedLevel::Import => json!({"sha256": import()}),
    };
    Image {
        path,
        file,
        subject,
        settings: found.settings,
    }
}

fn statement(image: &Image, fault: Fault) -> String {
    let digest = match fault {
        Fault::OtherDigest => json!({"sha256": "1".repeat(64), "sqshProvContent1": "1".repeat(64)}),
        _ => image.subject.clone(),
    };
    json!({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "m.sqsh", "digest": digest}],
        "predicateType": SLSA, "predicate": {"settings": image.settings, "buildDefinition": {"externalParameters": {
        "workflow": {"repository": "https://github.com/vllm-project/vllm", "ref": "refs/tags/v0.29.0"}}}}})
    .to_string()
}

/// What the image is said to be, with the statement beside it.
fn answer(directory: &Path, image: &Image, kind: Kind, fault: Fault) -> Provenance {
    let statement = statement(image, fault);
    let namespace = match fault {
        Fault::Namespace => "git",
        _ => "sqsh-prov",
    };
    let seed = if fault == Fault::OtherKey { 7 } else { 3 };
    let blob = match fault {
        Fault::OtherDigest => "1".repeat(64),
        _ => image.file.clone(),
    };
    let mut signed = kind.sign(&statement, &blob, seed, namespace);
    if fault == Fault::Changed {
        signed = changed(signed, kind, &statement, &blob);
    }
    for ending in [".intoto.json", ".intoto.json.sig", ".sigstore.json"] {
        let mut earlier = image.path.clone().into_os_string();
        earlier.push(ending);
        let _ = fs::remove_file(earlier);
    }
    let mut name = image.path.clone().into_os_string();
    name.push(signed.ending);
    fs::write(&name, &signed.text).unwrap();
    name.push(".sig");
    if let Some(signature) = signed.signature.filter(|_| fault != Fault::Unsigned) {
        fs::write(&name, signature).unwrap();
    }
    let (lines, options) = match (fault, kind) {
        (Fault::Expired, Kind::Ssh) => (String::new(), "valid-before=\"20260101Z\""),
        (Fault::Early, Kind::Ssh) => (String::new(), "valid-after=\"20270101Z\""),
        (Fault::Expired, _) => ("valid-until = \"2026-01-01T00:00:00Z\"".to_owned(), ""),
        (Fault::Early, _) => ("valid-from = \"2027-01-01T00:00:00Z\"".to_owned(), ""),
        (Fault::Predicate, _) => ("predicates = [\"other\"]".to_owned(), ""),
        (Fault::Repository, _) => ("repositories = [\"github.com/acme/*\"]".to_owned(), ""),
        _ => (String::new(), ""),
    };
    let text = format!("schema = 1\n{}", kind.trust(3, &lines));
    let trust = directory.join("trust.toml");
    fs::write(&trust, text).unwrap();
    fs::write(directory.join("allowed_signers"), Kind::allowed(3, options)).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    let inspector = inspector.attesting(Attesting {
        trust: Trust::load(&[trust]).unwrap(),
        look: Look::Near,
        now: NOW,
        ..Attesting::default()
    });
    inspector.inspect(&image.path).unwrap()
}

/// The same signature beside another text.
fn changed(
    mut signed: crate::keys::Signed,
    kind: Kind,
    statement: &str,
    blob: &str,
) -> crate::keys::Signed {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    let other = statement.replace("v0.29.0", "v0.28.0");
    match kind {
        Kind::Ssh => signed.text = other,
        Kind::Blob => {
            let of = |hex: &str| -> String {
                let bytes: Vec<u8> = (0..32)
                    .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
                    .collect();
                BASE64.encode(bytes)
            };
            let wrong = "2".repeat(64);
            signed.text = signed.text.replace(&of(blob), &of(&wrong));
        }
        _ => {
            signed.text = signed
                .text
                .replace(&BASE64.encode(statement), &BASE64.encode(other))
        }
    }
    signed
}

#[test]
fn every_kind_of_key_level_and_fault_has_its_verdict() {
    let mut count = 0;
    for level in AttestedLevel::ALL {
        let directory = tempfile::tempdir().unwrap();
        let image = image(directory.path(), level);
        for kind in KINDS {
            // A signature over a file is of a file.
            if kind == Kind::Blob && level != AttestedLevel::File {
                continue;
            }
            for fault in FAULTS {
                let Some(reason) = expected(kind, fault) else {
                    continue;
                };
                let document = answer(directory.path(), &image, kind, fault);
                let case = format!("{level} {kind:?} {fault:?}");
                let [found] = document.attestations.as_slice() else {
                    panic!("{case}: {:?}", document.attestations);
                };
                assert_eq!(found.reason, reason, "{case}: {}", found.message);
                let good = fault == Fault::None;
                assert_eq!(found.is_verified(), good, "{case}");
                assert_eq!(found.level, good.then_some(level), "{case}");
                let codes: Vec<&str> = document.origin.reasons.iter().map(|it| &**it).collect();
                assert!(
                    !codes.contains(&"attested"),
                    "{case}: nobody speaks for a publisher"
                );
                count += 1;
            }
        }
    }
    assert!(count >= 150, "{count}");
}
