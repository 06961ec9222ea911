use super::*;
use crate::contracts::Contracts;
use crate::policy::{Policy, evaluate};
use crate::report::samples;
use crate::verify::Status;
use crate::verify::{Expectations, ExpectedFramework, ExpectedImage, Rules, check};

/// The answer on a document, with one check of each outcome.
fn answer(document: crate::provenance::Provenance) -> Verification {
    let contracts = Contracts::built_in().unwrap();
    let mut expectations = Expectations {
        images: vec![ExpectedImage::new("vllm/vllm-openai:v0.29.0").unwrap()],
        commit: Some("98dff2a".to_owned()),
        official: true,
        publishers: vec!["sglang".to_owned()],
        frameworks: vec![ExpectedFramework::parse("dynamo=1.2.0").unwrap()],
        ..Expectations::default()
    };
    expectations.frameworks[0].installed_by = Some("dynamo.install installs it".to_owned());
    let rules = Rules {
        contracts: &contracts,
        mirrors: &[],
    };
    let outcome = check(&document, &expectations, rules);
    let policy = Policy::load("publishable").unwrap();
    let findings = evaluate(&document, &policy, "2027-01-01T00:00:00Z".parse().unwrap());
    let path = document.file.path.clone();
    Verification::new(Some(path), outcome, Some(document.origin))
        .with_findings("publishable", findings)
}

#[test]
fn a_person_sees_a_line_for_each_check() {
    let pages = [samples::release(), samples::derived(), samples::unknown()]
        .map(|document| human(&answer(document), false, None));
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn a_log_gets_one_short_line_of_ascii_whatever_the_image_says() {
    let mut lines = String::new();
    for document in [
        samples::release(),
        samples::derived(),
        samples::unknown(),
        samples::hostile(),
    ] {
        let line = line(&answer(document));
        let text = line.strip_suffix('\n').unwrap();
        assert!(
            text.len() <= 512 && text.bytes().all(|b| (0x20..0x7f).contains(&b)),
            "{text}"
        );
        lines.push_str(&line);
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn srt_slurm_tells_apart_what_was_checked_and_what_was_declared() {
    for document in [
        samples::release(),
        samples::derived(),
        samples::unknown(),
        samples::hostile(),
    ] {
        let answer = answer(document);
        let rows: serde_json::Value =
            serde_json::from_str(&srt_slurm_checks(std::slice::from_ref(&answer)).unwrap())
                .unwrap();
        for (row, check) in rows.as_array().unwrap().iter().zip(&answer.checks) {
            let message = row["message"].as_str().unwrap();
            let open = matches!(check.status, Status::Declared | Status::Undecidable);
            assert_eq!(message.contains("not verifiable"), open, "{message}");
            assert_eq!(row["passed"], check.status != Status::Mismatch);
            if check.status == Status::Mismatch {
                assert!(
                    message.starts_with("expected '") && message.contains("', got '"),
                    "{message}"
                );
            }
        }
    }
}

#[test]
fn a_check_that_fails_only_because_it_is_strict_says_why() {
    let answer = answer(samples::unknown()).strict();
    let rows = srt_slurm_checks(&[answer]).unwrap();
    let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
    let rows = rows.as_array().unwrap().iter();
    let commit = rows.clone().find(|row| row["field"] == "commit").unwrap();
    assert_eq!(
        commit["message"],
        "expected '98dff2a', got 'unavailable' (the image does not name its commit; \
         under --strict that is a mismatch)"
    );
    assert_eq!(commit["passed"], false);
}

#[test]
fn what_is_shown_of_a_hostile_image_is_safe() {
    let answer = answer(samples::hostile());
    let all = [
        human(&answer, false, None),
        json(std::slice::from_ref(&answer)).unwrap(),
        srt_slurm_checks(&[answer]).unwrap(),
    ];
    for text in all {
        let bad = |c: char| crate::report::escape::is_hostile(c) && c != '\n';
        assert!(!text.contains(bad), "{text:?}");
    }
}

#[test]
fn json_reads_back_and_several_images_are_an_array() {
    let answer = answer(samples::release());
    let one: Verification =
        serde_json::from_str(&json(std::slice::from_ref(&answer)).unwrap()).unwrap();
    assert_eq!(one, answer);
    let several = json(&[answer.clone(), answer]).unwrap();
    let several: Vec<Verification> = serde_json::from_str(&several).unwrap();
    assert_eq!(several.len(), 2);
}
