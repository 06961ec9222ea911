//! Signatures that other programs make: OpenSSL's, for every kind of key that it and cosign have.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use sqsh_prov::attestation::{Trust, pae};
use sqsh_prov::{Attesting, Inspector, Look, Options};

use crate::forms_support::available;
use crate::keys::PAYLOAD;

fn openssl(directory: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
}

#[test]
fn what_openssl_signs_is_verified_and_what_openssl_refuses_is_not() {
    if !available(&["openssl"]) {
        return;
    }
    let fixture = "fixtures/classification/01-vllm-release.sqsh";
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture);
    let file = sqsh_prov::image::oci::sha256(&fs::read(&fixture).unwrap());
    let statement = json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "x",
        "subject": [{"digest": {"sha256": file.trim_start_matches("sha256:")}}]});
    let statement = statement.to_string();
    for (name, key, sign) in [
        ("p256", "EC -pkeyopt ec_paramgen_curve:P-256", "-sha256"),
        ("p384", "EC -pkeyopt ec_paramgen_curve:P-384", "-sha384"),
        ("rsa", "RSA -pkeyopt rsa_keygen_bits:2048", "-sha256"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path();
        let make = format!("genpkey -quiet -algorithm {key} -out key");
        openssl(at, &make.split(' ').collect::<Vec<_>>());
        openssl(at, &["pkey", "-in", "key", "-pubout", "-out", "pub"]);
        fs::write(at.join("message"), pae(PAYLOAD, statement.as_bytes())).unwrap();
        openssl(
            at,
            &["dgst", sign, "-sign", "key", "-out", "sig", "message"],
        );
        let check = [
            "dgst",
            sign,
            "-verify",
            "pub",
            "-signature",
            "sig",
            "message",
        ];
        openssl(at, &check);
        let image = at.join("m.sqsh");
        fs::copy(&fixture, &image).unwrap();
        let trust = "schema = 1\n[[key]]\nname = \"k\"\nfile = \"pub\"\n";
        fs::write(at.join("trust.toml"), trust).unwrap();
        let signature = fs::read(at.join("sig")).unwrap();
        let inspector = Inspector::new(Options::default()).unwrap();
        let inspector = inspector.attesting(Attesting {
            trust: Trust::load(&[at.join("trust.toml")]).unwrap(),
            look: Look::Near,
            ..Attesting::default()
        });
        let reason = |signature: &[u8]| {
            let envelope = json!({"payloadType": PAYLOAD, "payload": BASE64.encode(&statement),
                "signatures": [{"sig": BASE64.encode(signature)}]});
            fs::write(at.join("m.sqsh.intoto.json"), envelope.to_string()).unwrap();
            let document = inspector.inspect(&image).unwrap();
            document.attestations[0].reason.clone()
        };
        assert_eq!(reason(&signature), "signed", "{name}");
        let mut bad = signature;
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        assert_eq!(reason(&bad), "no-key", "{name}");
        fs::write(at.join("sig"), &bad).unwrap();
        let refused = Command::new("openssl").args(check).current_dir(at).output();
        assert!(!refused.unwrap().status.success(), "{name}");
        let private = fs::read_to_string(at.join("key")).unwrap();
        let trust = format!("schema = 1\n[[key]]\nname = \"k\"\npem = \"\"\"{private}\"\"\"\n");
        fs::write(at.join("trust.toml"), trust).unwrap();
        let error = Trust::load(&[at.join("trust.toml")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("it is a private key"), "{name}: {error}");
    }
}
