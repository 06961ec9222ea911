use super::codes::FIELDS;
use super::*;
use crate::finding::{Finding, Severity};
use crate::report::samples;
use jiff::Timestamp;

fn findings(document: &crate::provenance::Provenance, policy: &str) -> Vec<Finding> {
    let policy = Policy::parse("test", &format!("schema = 1\nname = \"test\"\n{policy}")).unwrap();
    evaluate(
        document,
        &policy,
        "2027-01-01T00:00:00Z".parse::<Timestamp>().unwrap(),
    )
}

fn codes(document: &crate::provenance::Provenance, policy: &str) -> Vec<String> {
    findings(document, policy)
        .into_iter()
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn the_template_and_the_built_in_policies_can_be_used() {
    let template = include_str!("../../policies/TEMPLATE.toml");
    let policy = Policy::parse("template", template).unwrap();
    assert!(policy.frameworks.is_some() && policy.clean_tree.is_some());
    for name in built_in_names() {
        assert_eq!(Policy::load(name).unwrap().name, name);
        let now = Timestamp::now();
        let policy = Policy::load(name).unwrap();
        let errors = |document: &crate::provenance::Provenance| {
            let findings = evaluate(document, &policy, now);
            findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error)
                .count()
        };
        assert_eq!(errors(&samples::release()), 0, "{name}");
        assert!(errors(&samples::derived()) > 0, "{name}");
        assert!(errors(&samples::unknown()) > 0, "{name}");
    }
}

#[test]
fn the_template_names_every_code_and_every_field() {
    let template = include_str!("../../policies/TEMPLATE.toml");
    for field in FIELDS {
        assert!(template.contains(field), "{field}");
    }
    for code in CODES {
        assert!(template.contains(code), "{code}");
    }
}

#[test]
fn every_rule_finds_what_it_is_about_and_nothing_else() {
    let release = samples::release();
    let derived = samples::derived();
    let unknown = samples::unknown();
    for (rule, document, expected) in [
        ("[kinds]\nrequire = [\"release\"]", &release, &[][..]),
        (
            "[kinds]\nrequire = [\"nightly\"]",
            &release,
            &["policy-kind"],
        ),
        (
            "[kinds]\nforbid = [\"release\"]",
            &release,
            &["policy-kind-forbidden"],
        ),
        (
            "[kinds]\nrequire = [\"release\"]",
            &unknown,
            &["policy-kind-unknown"],
        ),
        (
            "[kinds]\nrequire = [\"release\"]\nunknown = \"ignore\"",
            &unknown,
            &[],
        ),
        ("[official]", &release, &[]),
        ("[official]", &derived, &["policy-not-official"]),
        ("[official]", &unknown, &["policy-not-official-unknown"]),
        ("[official]\nrequire = false", &derived, &[]),
        ("[publishers]\nallow = [\"v*\"]", &release, &[]),
        (
            "[publishers]\nallow = [\"sglang\"]",
            &release,
            &["policy-publisher"],
        ),
        (
            "[publishers]\nforbid = [\"vllm\"]",
            &release,
            &["policy-publisher-forbidden"],
        ),
        (
            "[publishers]\nallow = [\"vllm\"]",
            &unknown,
            &["policy-publisher-unknown"],
        ),
        (
            "[registries]\nallow = [\"nvcr.io\"]",
            &release,
            &["policy-registry"],
        ),
        (
            "[repositories]\nallow = [\"docker.io/vllm/*\"]",
            &release,
            &[],
        ),
        (
            "[age]\nmax-days = 9\nsince = \"packed\"",
            &release,
            &["policy-age"],
        ),
        ("[age]\nmax-days = 999\nsince = \"packed\"", &release, &[]),
        ("[age]\nmax-days = 9", &unknown, &["policy-age-unknown"]),
        (
            "[labels]\nrequire = [\"no.such\"]",
            &release,
            &["policy-label-missing"],
        ),
        ("[fields]\nrequire = [\"origin.commit.id\"]", &release, &[]),
        (
            "[fields]\nrequire = [\"origin.commit.id\"]",
            &unknown,
            &["policy-field-missing"],
        ),
        (
            "[frameworks]\nrequire = [\"vllm\"]\n[frameworks.versions]\nvllm = \">=0.20,<1\"",
            &release,
            &[],
        ),
        (
            "[frameworks.versions]\nvllm = \"<0.20\"",
            &release,
            &["policy-framework-version"],
        ),
        (
            "[frameworks]\nrequire = [\"tensorrt_llm\"]",
            &release,
            &["policy-framework-missing"],
        ),
        ("[unmodified]", &release, &[]),
        ("[fixed-tag]", &release, &[]),
        ("[clean-tree]", &release, &[]),
        ("[whole]", &release, &[]),
    ] {
        assert_eq!(codes(document, rule), expected, "{rule}");
    }
    let warning = findings(&unknown, "[official]\nunknown = \"warning\"");
    assert_eq!(warning[0].severity, Severity::Warning);
}

#[test]
fn what_could_never_hold_is_refused() {
    for (text, said) in [
        ("schema = 2\nname = \"x\"", "schema 2"),
        ("schema = 1", "name"),
        ("schema = 1\nname = \"x\"\n[officail]", "line 3"),
        (
            "schema = 1\nname = \"x\"\n[kinds]\nrequire = [\"releases\"]",
            "line 4",
        ),
        (
            "schema = 1\nname = \"x\"\n[fields]\nrequire = [\"origin.comit\"]",
            "line 4: fields.require: 'origin.comit'",
        ),
        (
            "schema = 1\nname = \"x\"\n[conflicts]\nforbid = [\"tag-difers\"]",
            "line 4: conflicts: no conflict has the code 'tag-difers'; the nearest is 'tag-differs'",
        ),
        (
            "schema = 1\nname = \"x\"\n[conflicts]\nforbid = [\n\"*\"]\nallow = [\n\"duplicate-*\",\n\"x-*\",\n]",
            "line 8: conflicts: no conflict has the code 'x-*'",
        ),
        (
            "schema = 1\nname = \"x\"\n[frameworks.versions]\nvllm = \"new\"",
            "line 4: frameworks.versions.vllm: 'new' is no range of PEP 440",
        ),
    ] {
        let error = Policy::parse("p", text).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
