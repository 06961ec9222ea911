use super::*;
use crate::contracts::Contracts;
use crate::provenance::{Integrity, Kind, Warning};
use crate::report::samples;

fn checked(document: &Provenance, expectations: &Expectations) -> Outcome {
    let contracts = Contracts::built_in().unwrap();
    let rules = Rules {
        contracts: &contracts,
        mirrors: &[],
    };
    check(document, expectations, rules)
}

fn expecting(reference: &str) -> Expectations {
    Expectations {
        images: vec![ExpectedImage::new(reference).unwrap()],
        ..Expectations::default()
    }
}

#[test]
fn nothing_expected_is_that_the_file_is_whole() {
    let mut document = samples::release();
    let outcome = checked(&document, &Expectations::default());
    assert_eq!(
        (outcome.verdict(), outcome.level),
        (Verdict::Holds, Level::Declared)
    );
    document.file.whole = Some(false);
    let outcome = checked(&document, &Expectations::default());
    assert_eq!(outcome.verdict(), Verdict::Mismatch);
    assert_eq!(outcome.checks.len(), 1, "truncated says it all");
}

#[test]
fn an_image_that_was_read_in_part_is_not_taken_for_good() {
    let mut document = samples::release();
    document.warnings.push(crate::provenance::Warning {
        code: "damaged".to_owned(),
        message: String::new(),
    });
    let outcome = checked(&document, &expecting("vllm/vllm-openai:v0.29.0"));
    assert_eq!(
        (outcome.verdict(), outcome.level),
        (Verdict::Undecidable, Level::Reference)
    );
}

#[test]
fn what_hashing_the_files_made_derived_is_a_mismatch() {
    let mut document = samples::release();
    let expectations = expecting("vllm/vllm-openai:v0.29.0");
    assert_eq!(checked(&document, &expectations).verdict(), Verdict::Holds);
    document.origin.kind = Kind::Derived;
    document.origin.derived_from = Some(crate::provenance::Ancestor {
        reference: document.origin.public_reference.take(),
        ..Default::default()
    });
    document.integrity = Some(vec![Integrity {
        package: "vllm".to_owned(),
        changed: vec!["vllm/a.py".to_owned()],
        ..Integrity::default()
    }]);
    let outcome = checked(&document, &expectations);
    assert_eq!(outcome.verdict(), Verdict::Mismatch);
    assert_eq!(outcome.checks[1].code, "files-changed");
    assert_eq!(outcome.checks[1].actual.as_deref(), Some("vllm/a.py"));
    assert_eq!(outcome.checks[2].code, "derived");
}

#[test]
fn a_comparison_that_was_not_made_is_never_an_ok() {
    let whole = Integrity {
        package: "vllm".to_owned(),
        files: 9,
        ..Integrity::default()
    };
    let extra = vec!["vllm/b.py".to_owned()];
    let other = Integrity {
        package: "torch".to_owned(),
        listed_only: true,
        files: 9,
        ..Integrity::default()
    };
    let verdict = |integrity: Vec<Integrity>, warning: Option<&str>| {
        let mut document = samples::release();
        document.integrity = Some(integrity);
        document.warnings.extend(warning.map(|code| Warning {
            code: code.to_owned(),
            message: "it was not checked".to_owned(),
        }));
        let outcome = checked(&document, &Expectations::default());
        let last = outcome.checks.last().map(|check| check.code.clone());
        (outcome.verdict(), last.unwrap_or_default())
    };
    let intact = (Verdict::Holds, "files-intact".to_owned());
    assert_eq!(verdict(vec![whole.clone()], None), intact);
    for (integrity, warning, code) in [
        (vec![], None, "files-not-compared"),
        (vec![], Some("no-record"), "files-not-compared"),
        (vec![whole.clone()], Some("no-record"), "files-not-compared"),
        (
            vec![whole.clone()],
            Some("record-hash-not-checked"),
            "files-not-compared",
        ),
        (
            vec![Integrity {
                files: 0,
                ..whole.clone()
            }],
            None,
            "files-not-compared",
        ),
        (
            vec![Integrity {
                extra,
                ..whole.clone()
            }],
            None,
            "files-unlisted",
        ),
        // What a publisher stands on is no proof of the publisher's own package.
        (vec![other.clone()], None, "files-not-compared"),
        (
            vec![
                whole,
                Integrity {
                    missing: vec!["torch/a.py".to_owned()],
                    ..other
                },
            ],
            None,
            "files-missing",
        ),
    ] {
        let found = verdict(integrity, warning);
        assert_eq!(found, (Verdict::Undecidable, code.to_owned()));
    }
}

#[test]
fn an_image_whose_content_is_in_doubt_is_not_the_expected_one() {
    let mut document = samples::release();
    let reference = document.origin.public_reference.clone().unwrap();
    let expectations = expecting(&reference);
    assert_eq!(checked(&document, &expectations).verdict(), Verdict::Holds);
    for code in ["repacked", "publisher-changed-its-build", "versions-differ"] {
        document.origin.reasons = vec![code.to_owned()];
        let outcome = checked(&document, &expectations);
        assert_eq!(outcome.verdict(), Verdict::Undecidable, "{code}");
        assert_eq!(outcome.checks[1].code, code);
    }
}

#[test]
fn several_copies_of_a_package_have_to_agree() {
    let mut document = samples::release();
    let mut other = document.packages[0].clone();
    other.version = "0.1".to_owned();
    let framework = format!("{}={}", other.name, document.packages[0].version);
    document.packages.push(other);
    let expectations = Expectations {
        frameworks: vec![ExpectedFramework::parse(&framework).unwrap()],
        ..Expectations::default()
    };
    let outcome = checked(&document, &expectations);
    assert_eq!(outcome.checks[1].code, "several-versions");
    assert_eq!(outcome.verdict(), Verdict::Undecidable);
}

#[test]
fn commits_are_7_to_40_or_64_hex_digits() {
    assert_eq!(commit_prefix("ABCDEF0").as_deref(), Ok("abcdef0"));
    let digits = |count: usize| "a".repeat(count);
    for good in [7, 40, 64] {
        assert!(commit_prefix(&digits(good)).is_ok(), "{good}");
    }
    for bad in [
        "",
        "abcdef",
        "abcdefg",
        &digits(41),
        &digits(63),
        &digits(65),
    ] {
        assert!(commit_prefix(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_full_commit_is_no_prefix_of_a_longer_one() {
    let document = samples::release();
    let id = document.origin.commit.as_ref().unwrap().id.clone();
    for (expected, verdict) in [
        (id[..7].to_owned(), Verdict::Holds),
        (id.clone(), Verdict::Holds),
        (format!("{id:0<64}"), Verdict::Mismatch),
    ] {
        let expectations = Expectations {
            commit: Some(expected),
            ..Expectations::default()
        };
        let outcome = checked(&document, &expectations);
        assert_eq!(outcome.verdict(), verdict);
    }
}

#[test]
fn a_file_that_was_packed_again_proves_no_kind_and_no_publisher() {
    for code in ["repacked", "file-times-put-back"] {
        for official in [Some(false), None] {
            let mut document = samples::release();
            document.origin.official = official;
            document.warnings.push(Warning {
                code: code.to_owned(),
                message: String::new(),
            });
            let expectations = Expectations {
                kinds: vec![document.origin.kind],
                publishers: document.origin.publisher.iter().cloned().collect(),
                ..Expectations::default()
            };
            let outcome = checked(&document, &expectations);
            assert_eq!(outcome.verdict(), Verdict::Undecidable, "{code}");
            let codes: Vec<&str> = outcome.checks.iter().map(|it| it.code.as_str()).collect();
            assert!(
                codes.ends_with(&["kind-unproven", "publisher-unproven"]),
                "{codes:?}"
            );
        }
    }
}

#[test]
fn package_names_have_one_spelling() {
    for (name, package) in [
        ("tensorrt_llm", "tensorrt-llm"),
        ("TRTLLM", "tensorrt-llm"),
        ("dynamo", "ai-dynamo"),
        ("Flashinfer._-Python", "flashinfer-python"),
    ] {
        assert_eq!(frameworks::package_of(name), package);
    }
}
