//! Statements about images, and who is trusted: whatever bytes say, nothing of it is believed.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sqsh_prov::attestation::{Candidate, Measure, Measured, Trust, claim, documents, judge};

/// An image that nothing can be about.
struct Nothing;

impl Measure for Nothing {
    fn file(&self) -> Result<String, String> {
        Ok("0".repeat(64))
    }

    fn content(&self) -> Result<String, String> {
        Err("no content".to_owned())
    }

    fn manifests(&self) -> Vec<String> {
        Vec::new()
    }

    fn layers(&self) -> Result<(), String> {
        Ok(())
    }

    fn import(&self) -> Option<String> {
        None
    }
}

/// Somebody, whose key no fuzzer has.
static TRUST: LazyLock<Trust> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/attestations/site.toml");
    Trust::load(&[file]).unwrap_or_default()
});

fuzz_target!(|data: &[u8]| {
    for document in documents(data).into_iter().flatten() {
        if let Some(statement) = &document.statement {
            let _ = claim(statement, "x");
        }
    }
    let candidate = Candidate {
        path: "x".to_owned(),
        bytes: data.to_vec(),
        signature: Some(data.to_vec()),
    };
    let measured = Measured::new(&Nothing);
    for judged in judge(&candidate, &TRUST, &measured, 0) {
        assert!(judged.verdict.is_none());
        assert!(!judged.attestation.is_verified());
    }
});
