//! A bundle of GitHub's attestations, as `gh attestation download` gives it: signed without a key, by a
//! workflow that a certificate names. It is a public one, about a file that is not here.

use std::fs;
use std::path::Path;

use sigstore_verify::trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT;
use sqsh_prov::attestation::Trust;
use sqsh_prov::provenance::Attestation;
use sqsh_prov::{Attesting, Inspector, Look, Options};

const WORKFLOW: &str =
    "https://github.com/wolfv/sigstore-test/.github/workflows/action.yaml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The verdict on the bundle, beside an image that it is not about.
fn verdict(
    subject: &str,
    issuer: &str,
    more: &str,
    edit: impl Fn(String) -> String,
) -> Attestation {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let image = "fixtures/classification/01-vllm-release.sqsh";
    fs::copy(repository.join(image), at("m.sqsh")).unwrap();
    let bundle = repository.join("fixtures/attestations/github.sigstore.json");
    let bundle = edit(fs::read_to_string(bundle).unwrap());
    fs::write(at("m.sqsh.sigstore.json"), bundle).unwrap();
    fs::write(at("trusted_root.json"), SIGSTORE_PRODUCTION_TRUSTED_ROOT).unwrap();
    let trust = format!(
        "schema = 1\n[[identity]]\nname = \"ci\"\nissuer = \"{issuer}\"\nsubject = \"{subject}\"\n\
         trusted-root = \"trusted_root.json\"\n{more}\n"
    );
    fs::write(at("trust.toml"), trust).unwrap();
    let inspector = Inspector::new(Options::default()).unwrap();
    let inspector = inspector.attesting(Attesting {
        trust: Trust::load(&[at("trust.toml")]).unwrap(),
        look: Look::Near,
        ..Attesting::default()
    });
    inspector
        .inspect(&at("m.sqsh"))
        .unwrap()
        .attestations
        .remove(0)
}

#[test]
fn a_certificate_names_the_signer_and_the_statement_still_speaks_for_its_own_file_alone() {
    let same = |text: String| text;
    let branch = WORKFLOW.replace("main", "*");
    for subject in [WORKFLOW, &branch] {
        let found = verdict(subject, ISSUER, "", same);
        assert_eq!(found.reason, "other-digest", "{}", found.message);
        assert_eq!(found.signer.as_deref(), Some("ci"));
        assert_eq!(found.time.as_deref(), Some("2025-01-28T10:28:16Z"));
        assert!(!found.is_verified());
    }
}

#[test]
fn another_workflow_issuer_or_repository_is_somebody_else() {
    let same = |text: String| text;
    let fork = WORKFLOW.replace("wolfv", "acme");
    let other = "repository = \"https://github.com/acme/sigstore-test\"";
    for (subject, issuer, more) in [
        (fork.as_str(), ISSUER, ""),
        (WORKFLOW, "https://gitlab.com", ""),
        (WORKFLOW, ISSUER, other),
        ("https://github.com/*", ISSUER, ""),
    ] {
        let found = verdict(subject, issuer, more, same);
        assert_eq!(found.reason, "no-identity", "{}", found.message);
    }
}

#[test]
fn a_bundle_that_was_changed_is_not_believed() {
    for (from, to) in [
        // The signature, the log's time, the log's root, the promise of the log.
        ("MEUCIQCEJO91", "MEUCIQCEJO81"),
        (
            "\"integratedTime\":\"1738060096\"",
            "\"integratedTime\":\"1738060097\"",
        ),
        ("\"logIndex\":\"44238954\"", "\"logIndex\":\"44238953\""),
        ("MEQCIFdvIafa5jqan", "MEQCIFdvIafa5jqam"),
    ] {
        let edit = |text: String| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        };
        let found = verdict(WORKFLOW, ISSUER, "", edit);
        assert_eq!(found.reason, "bad-signature", "{from}: {}", found.message);
    }
}
