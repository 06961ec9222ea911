//! What only one platform, or only an attestation, has.

use crate::cases::{annotated, attested};
use crate::make::{Input, Layout, SHA, lint, stamped};
use serde_json::json;

/// Two platforms, of which the second alone has an annotation.
pub fn one_annotated(key: &str, value: &str) -> Input {
    Input::Layout(Layout {
        index: annotated(key, value),
        images: vec![
            ("linux/amd64", json!({}), stamped(&[], &[])),
            ("linux/arm64", annotated(key, value), stamped(&[], &[])),
        ],
        attestation: None,
    })
}

#[test]
fn the_platform_that_lacks_an_annotation_is_named() {
    let document = lint(&one_annotated("com.acme.build", SHA), None);
    let findings = document.findings.unwrap();
    let mut findings = findings.iter();
    let found = findings.find(|it| it.code == "annotation-not-on-all-platforms");
    let found = found.unwrap();
    assert_eq!(found.images, ["linux/amd64"]);
    assert!(
        found
            .message
            .ends_with("is on linux/arm64 and not on linux/amd64"),
        "{}",
        found.message
    );
}

/// An attestation in BuildKit's `mode=max` keeps the arguments, of SLSA v0.2 and v1.
#[test]
fn a_secret_in_the_arguments_of_an_attestation_is_found_and_never_printed() {
    const SECRET: &str = "npm_0123456789abcdefghijklmnopqrstuvwxyz";
    let arguments = json!({"build-arg:NPM_TOKEN": SECRET, "build-arg:VERSION": "1.4.2"});
    for (kind, predicate) in [
        (
            "v0.2",
            json!({"buildType": "https://mobyproject.org/buildkit@v1",
                "invocation": {"parameters": {"frontend": "dockerfile.v0", "args": arguments}}}),
        ),
        (
            "v1",
            json!({"buildDefinition": {"buildType": "x", "externalParameters":
                {"request": {"frontend": "dockerfile.v0", "args": arguments}}}}),
        ),
    ] {
        let Input::Layout(mut layout) = attested(stamped(&[], &[])) else {
            unreachable!()
        };
        layout.attestation = Some(
            json!({"_type": "https://in-toto.io/Statement/v0.1", "subject": [],
            "predicateType": format!("https://slsa.dev/provenance/{kind}"), "predicate": predicate}),
        );
        let document = lint(&Input::Layout(layout), None);
        let text = serde_json::to_string(&document).unwrap();
        assert!(!text.contains(SECRET), "{kind}");
        let findings = document.findings.unwrap();
        let secrets = findings
            .iter()
            .filter(|it| it.code == "secret-in-build-arg");
        let keys: Vec<_> = secrets.map(|it| it.key.as_deref()).collect();
        assert_eq!(keys, [Some("NPM_TOKEN")], "{kind}");
    }
}
