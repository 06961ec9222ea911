//! Several signers of one statement, and the time at which one was made.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sqsh_prov::attestation::{Trust, pae};
use sqsh_prov::provenance::Provenance;
use sqsh_prov::{Attesting, Inspector, Look, Options};

use crate::keys::{Kind, PAYLOAD, sign};

const RELEASE: &str = "fixtures/classification/01-vllm-release.sqsh";

/// The answer about a release with one envelope of the signers 3 and 7. `first` is the first one's section.
fn answer(predicate: &Value, first: &str) -> Provenance {
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("m.sqsh");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(RELEASE), &image).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    let file = inspector.bindings(&image, false).unwrap().file;
    let statement = json!({"_type": "https://in-toto.io/Statement/v1",
        "predicateType": "urn:sqsh-prov:document:1",
        "subject": [{"digest": {"sha256": file}}], "predicate": predicate});
    let text = statement.to_string();
    let signature = |seed| {
        let signed = sign(&pae(PAYLOAD, text.as_bytes()), seed);
        json!({"sig": BASE64.encode(signed)})
    };
    let envelope = json!({"payloadType": PAYLOAD, "payload": BASE64.encode(&text),
        "signatures": [signature(3), signature(7)]});
    fs::write(
        directory.path().join("m.sqsh.intoto.json"),
        envelope.to_string(),
    )
    .unwrap();
    let (one, two) = (Kind::P256.trust(3, first), Kind::P256.trust(7, ""));
    let two = two.replace("\"tester\"", "\"second\"");
    let trust = directory.path().join("trust.toml");
    fs::write(&trust, format!("schema = 1\n{one}\n{two}")).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    let inspector = inspector.attesting(Attesting {
        trust: Trust::load(&[trust]).unwrap(),
        look: Look::Near,
        ..Attesting::default()
    });
    inspector.inspect(&image).unwrap()
}

fn signers(document: &Provenance) -> Vec<&str> {
    let all = document.attestations.iter();
    let verified = all.filter(|it| it.is_verified());
    verified.filter_map(|it| it.signer.as_deref()).collect()
}

#[test]
fn every_trusted_signer_of_an_envelope_counts() {
    let document = answer(&json!({}), "");
    assert_eq!(signers(&document), ["tester", "second"]);
}

#[test]
fn a_signer_who_may_not_state_it_takes_nothing_from_another() {
    let document = answer(&json!({}), "predicates = [\"other\"]");
    assert_eq!(signers(&document), ["second"]);
    assert_eq!(document.attestations.len(), 1);
}

#[test]
fn two_signers_of_one_statement_are_one_source() {
    let said = json!({"origin": {"version": "0.1.0"}});
    let document = answer(&said, "");
    let conflicts = document.conflicts.iter();
    let differs = conflicts.filter(|it| it.code == "attestation-differs");
    assert_eq!(differs.count(), 1);
}

#[test]
fn a_statement_of_this_program_has_the_time_that_it_says() {
    let time = "2026-11-30T01:02:03Z";
    let document = answer(&json!({"made": time}), "");
    assert_eq!(document.attestations[0].time.as_deref(), Some(time));
    let document = answer(&json!({"made": "soon"}), "");
    assert_eq!(document.attestations[0].time, None);
}

#[test]
fn a_signer_who_says_another_origin_contradicts_the_image() {
    for (origin, field) in [
        (json!({"official": false}), "origin.official"),
        (json!({"kind": "derived"}), "origin.kind"),
        (
            json!({"public_reference": "docker.io/evil/vllm:v0.29.0"}),
            "origin.public_reference",
        ),
    ] {
        let document = answer(&json!({"origin": origin}), "publishers = [\"vllm\"]");
        assert_eq!(document.origin.official, Some(false), "{field}");
        let mut conflicts = document.conflicts.iter();
        assert!(conflicts.any(|it| it.code == "attestation-differs" && it.field == field));
    }
    for origin in [
        json!({"official": null, "kind": "unknown"}),
        json!({"official": true, "kind": "release",
            "public_reference": "docker.io/vllm/vllm-openai:latest"}),
    ] {
        let document = answer(&json!({"origin": origin}), "");
        assert_eq!(document.origin.official, Some(true), "{origin}");
    }
}
