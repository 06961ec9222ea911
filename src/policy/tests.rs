use super::load::{FIELDS, built_in_names};
use super::*;
use crate::finding::{Finding, Severity};
use crate::provenance::Provenance;
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
    for code in crate::words::findings_of_policies() {
        assert!(template.contains(code), "{code}");
        assert_ne!(crate::words::code(code), code.replace('-', " "), "{code}");
    }
}

/// A rule, what it is applied to, and what it finds.
type Row = (&'static str, fn() -> Provenance, &'static [&'static str]);

const RULES: &[Row] = &[
    ("[kinds]\nrequire = [\"release\"]", samples::release, &[]),
    (
        "[kinds]\nrequire = [\"nightly\"]",
        samples::release,
        &["policy-kind"],
    ),
    (
        "[kinds]\nforbid = [\"release\"]",
        samples::release,
        &["policy-kind-forbidden"],
    ),
    (
        "[kinds]\nrequire = [\"release\"]",
        samples::unknown,
        &["policy-kind-unknown"],
    ),
    (
        "[kinds]\nrequire = [\"release\"]\nunknown = \"ignore\"",
        samples::unknown,
        &[],
    ),
    ("[official]", samples::release, &[]),
    ("[official]", samples::derived, &["policy-not-official"]),
    (
        "[official]",
        samples::unknown,
        &["policy-not-official-unknown"],
    ),
    (
        "[official]\nrequire = false\n[kinds]\nforbid = [\"pr\"]",
        samples::derived,
        &[],
    ),
    ("[publishers]\nallow = [\"v*\"]", samples::release, &[]),
    (
        "[publishers]\nallow = [\"sglang\"]",
        samples::release,
        &["policy-publisher"],
    ),
    (
        "[publishers]\nforbid = [\"vllm\"]",
        samples::release,
        &["policy-publisher-forbidden"],
    ),
    (
        "[publishers]\nallow = [\"vllm\"]",
        samples::unknown,
        &["policy-publisher-unknown"],
    ),
    (
        "[registries]\nallow = [\"nvcr.io\"]",
        samples::release,
        &["policy-registry"],
    ),
    (
        "[repositories]\nallow = [\"docker.io/vllm/*\"]",
        samples::release,
        &[],
    ),
    (
        "[age]\nmax-days = 9\nsince = \"packed\"",
        samples::release,
        &["policy-age"],
    ),
    (
        "[age]\nmax-days = 999\nsince = \"packed\"",
        samples::release,
        &[],
    ),
    (
        "[age]\nmax-days = 9",
        samples::unknown,
        &["policy-age-unknown"],
    ),
    (
        "[labels]\nrequire = [\"no.such\"]",
        samples::release,
        &["policy-label-missing"],
    ),
    (
        "[fields]\nrequire = [\"origin.commit.id\"]",
        samples::release,
        &[],
    ),
    (
        "[fields]\nrequire = [\"origin.commit.id\"]",
        samples::unknown,
        &["policy-field-missing"],
    ),
    (
        "[frameworks]\nrequire = [\"vllm\"]\n[frameworks.versions]\nvllm = \">=0.20,<1\"",
        samples::release,
        &[],
    ),
    (
        "[frameworks.versions]\nvllm = \"<0.20\"",
        samples::release,
        &["policy-framework-version"],
    ),
    (
        "[frameworks]\nrequire = [\"tensorrt_llm\"]",
        samples::release,
        &["policy-framework-missing"],
    ),
    ("[import]", samples::release, &[]),
    ("[import]", samples::unknown, &["policy-import-unknown"]),
    (
        "[import]\nrequire = false\n[conflicts]\nforbid = [\"*\"]",
        samples::unknown,
        &[],
    ),
    ("[unmodified]", samples::release, &[]),
    ("[fixed-tag]", samples::release, &[]),
    ("[clean-tree]", samples::release, &[]),
    ("[whole]", samples::release, &[]),
];

#[test]
fn every_rule_finds_what_it_is_about_and_nothing_else() {
    for (rule, document, expected) in RULES {
        assert_eq!(codes(&document(), rule), *expected, "{rule}");
    }
    let warning = findings(&samples::unknown(), "[official]\nunknown = \"warning\"");
    assert_eq!(warning[0].severity, Severity::Warning);
}

#[test]
fn a_line_that_may_be_a_label_is_as_bad_as_the_site_says_and_at_most_a_warning() {
    let mut document = samples::release();
    let reason = "import-line-may-be-a-label".to_owned();
    document.origin.reasons.push(reason);
    let found = |options: &str| {
        let findings = findings(&document, options);
        let findings = findings.iter().map(|it| (it.code.clone(), it.severity));
        findings.collect::<Vec<_>>()
    };
    let one = |severity| vec![("policy-import-unknown".to_owned(), severity)];
    for (choice, expected) in [
        ("unknown = \"ignore\"", vec![]),
        ("unknown = \"info\"", one(Severity::Info)),
        ("unknown = \"warning\"", one(Severity::Warning)),
        ("unknown = \"error\"", one(Severity::Warning)),
        ("", one(Severity::Warning)),
        ("severity = \"info\"", one(Severity::Info)),
    ] {
        assert_eq!(found(&format!("[import]\n{choice}")), expected, "{choice}");
    }
    assert_eq!(found("strict = true\n[import]"), one(Severity::Error));
    let ignored = "strict = true\n[import]\nunknown = \"ignore\"";
    assert_eq!(found(ignored), vec![]);
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
            "line 4: conflicts: no conflict has the code 'tag-difers'; the closest known name is 'tag-differs'",
        ),
        (
            "schema = 1\nname = \"x\"\n[conflicts]\nforbid = [\n\"*\"]\nallow = [\n\"duplicate-*\",\n\"x-*\",\n]",
            "line 8: conflicts: no conflict has the code 'x-*'",
        ),
        (
            "schema = 1\nname = \"x\"\n[frameworks.versions]\nvllm = \"new\"",
            "line 4: frameworks.versions.vllm: 'new' is not a version range (PEP 440)",
        ),
        ("schema = 1\nname = \"x\"", "it has no rule"),
        (
            "schema = 1\nname = \"x\"\n[official]\nrequire = false\n[kinds]\n[registries]\n[labels]\nrequire = []\n[frameworks]",
            "it has no rule",
        ),
    ] {
        let error = Policy::parse("p", text).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_policy_that_is_only_strict_asks_something() {
    Policy::parse("p", "schema = 1\nname = \"x\"\nstrict = true").unwrap();
}
