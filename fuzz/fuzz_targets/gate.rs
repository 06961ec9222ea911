//! What no answer of a gate may be, whatever an image or a policy says.

use std::sync::LazyLock;

use sqsh_prov::contracts::Contracts;
use sqsh_prov::finding::Severity;
use sqsh_prov::jiff::Timestamp;
use sqsh_prov::policy::{self, Policy};
use sqsh_prov::provenance::{Kind, Provenance};
use sqsh_prov::report::{escape, verify as report};
use sqsh_prov::verify::document::Verification;
use sqsh_prov::verify::{Expectations, Rules, Verdict, check};

/// The policies of a strict site.
static STRICT: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/TEMPLATE.toml");
    let load = |name| Policy::load(name).unwrap();
    let mut all: Vec<Policy> = ["publishable", "official-only", template].map(load).into();
    all.iter_mut().for_each(|policy| policy.strict = true);
    all
});

/// A moment that stays, so that a crash comes again.
pub const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

/// Judges an image as `verify --strict` does, with these expectations and each policy, and prints each answer.
pub fn strict(document: &Provenance, contracts: &Contracts, expectations: &Expectations) {
    let mirrors = [("harbor.example.org/hub".to_owned(), "docker.io".to_owned())];
    let rules = Rules {
        contracts,
        mirrors: &mirrors,
    };
    let origin = &document.origin;
    let answer = |expectations: &Expectations| {
        let outcome = check(document, expectations, rules);
        let open = outcome.verdict();
        let answer = Verification::new(None, outcome, Some(origin.clone()))
            .because(&origin.reasons, &document.conflicts, &document.warnings)
            .strict();
        assert!(answer.verdict == open || open == Verdict::Undecidable);
        assert_ne!(answer.verdict, Verdict::Undecidable);
        answer
    };
    let official = answer(&Expectations {
        official: true,
        kinds: vec![Kind::Release],
        ..expectations.clone()
    });
    let holds = |answer: &Verification| answer.verdict == Verdict::Holds;
    if holds(&official) {
        assert_eq!(origin.official, Some(true));
        assert!(!document.is_partial() && !origin.modified_after_import);
    }
    let plain = answer(expectations);
    if holds(&plain) {
        assert!(!document.is_partial() && document.file.whole != Some(false));
    }
    for policy in &*STRICT {
        let findings = policy::evaluate(document, policy, NOW);
        let answer = plain.clone().with_findings(&policy.name, findings);
        if policy.name == "official-only" && holds(&answer) {
            assert_eq!(origin.official, Some(true));
        }
        printed(&answer);
    }
    printed(&official);
}

/// Prints an answer in each format.
fn printed(answer: &Verification) {
    let outputs = [
        report::human(answer, false, Some(80)),
        report::line(answer),
        report::json(std::slice::from_ref(answer)).unwrap(),
        report::srt_slurm_checks(std::slice::from_ref(answer)).unwrap(),
    ];
    for output in &outputs {
        let hostile = |c: char| c != '\n' && escape::is_hostile(c);
        assert!(!output.chars().any(hostile), "{output:?}");
        let acts = |line: &str| line.starts_with("::") || line.starts_with("##[");
        assert!(!output.split('\n').any(acts), "{output:?}");
    }
    assert!(outputs[1].len() <= 513 && outputs[1].is_ascii());
}

/// Judges images by a policy: a strict site never accepts what another refuses.
#[allow(dead_code, reason = "not every target has a policy of its own")]
pub fn by(policy: &Policy, documents: &[Provenance]) {
    let refuses = |document: &Provenance, policy: &Policy| {
        let findings = policy::evaluate(document, policy, NOW);
        findings.iter().any(|it| it.severity == Severity::Error)
    };
    let open = Policy {
        strict: false,
        ..policy.clone()
    };
    let strict = Policy {
        strict: true,
        ..policy.clone()
    };
    for document in documents {
        assert!(!refuses(document, &open) || refuses(document, &strict));
    }
}
