//! What a policy refuses, and what no policy can say.

use super::*;

const GOOD: &str = "fixtures/classification/01-vllm-release.sqsh";
const DERIVED: &str = "fixtures/classification/11-derived-llm-d.sqsh";
const NOT_KNOWN: &str = "fixtures/classification/45a-no-provenance-vllm-release.sqsh";

/// The exit code of `verify` with a policy of these rules, and what it says.
fn judged(rules: &str, arguments: &[&str]) -> (i32, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p.toml");
    std::fs::write(&path, format!("schema = 1\nname = \"p\"\n{rules}\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["verify", "--format", "line", "--policy"])
        .arg(&path)
        .args(arguments)
        .output()
        .unwrap();
    let said = [output.stderr, output.stdout].concat();
    let code = output.status.code().unwrap();
    (code, String::from_utf8(said).unwrap())
}

#[test]
fn packages_that_were_not_read_are_neither_missing_nor_of_an_allowed_version() {
    for image in [
        "fixtures/oci/i-layout-two-platform",
        "fixtures/oci/vii-oci-archive-two-platform.tar",
        "fixtures/oci/iii-config-buildinfo-v0.json",
    ] {
        for rules in [
            "[frameworks]\nrequire = [\"vllm\"]",
            "[frameworks.versions]\nvllm = \"<0.1\"",
        ] {
            let platform = ["--platform", "linux/amd64"];
            let (code, said) = judged(rules, &[&platform[..], &[image]].concat());
            assert_eq!(code, 2, "{image} {rules}: {said}");
            assert!(said.contains("could not be listed"), "{said}");
            let (code, said) = judged(rules, &[&platform[..], &["--strict", image]].concat());
            assert_eq!(code, 1, "{image} {rules}: {said}");
            let warns = format!("{rules}\n").replace(
                "[frameworks.versions]",
                "[frameworks]\nseverity = \"warning\"\n[frameworks.versions]",
            );
            let warns = warns.replace("require", "severity = \"warning\"\nrequire");
            let (code, said) = judged(&warns, &[&platform[..], &[image]].concat());
            assert_eq!(code, 0, "{image} {warns}: {said}");
        }
    }
    // Those of an import were read.
    let rules = "[frameworks.versions]\nvllm = \"<0.1\"";
    assert_eq!(judged(rules, &[GOOD]).0, 1);
    let rules = "[frameworks.versions]\nvllm = \">0.1\"";
    assert_eq!(judged(rules, &["--strict", GOOD]).0, 0);
}

#[test]
fn what_is_not_known_is_never_worse_than_what_is_wrong() {
    for (options, refused, not_known) in [
        ("severity = \"error\"", 1, 1),
        ("severity = \"warning\"", 1, 1),
        ("severity = \"info\"", 1, 1),
        ("severity = \"warning\"\nunknown = \"info\"", 1, 1),
        ("severity = \"warning\"\nunknown = \"ignore\"", 0, 0),
        ("severity = \"error\"\nunknown = \"ignore\"", 1, 0),
    ] {
        let rules = format!("strict = true\n[official]\n{options}");
        for (image, expected) in [(DERIVED, refused), (NOT_KNOWN, not_known), (GOOD, 0)] {
            let (code, said) = judged(&rules, &[image]);
            assert_eq!(code, expected, "{options} {image}: {said}");
        }
    }
    // Without strictness, each has the severity that the policy gives it.
    let rules = "[official]\nseverity = \"warning\"";
    assert_eq!(judged(rules, &[DERIVED]).0, 0);
    let rules = "[registries]\nallow = [\"nvcr.io\"]\nseverity = \"warning\"";
    assert_eq!(judged(rules, &[GOOD]).0, 0);
    assert_eq!(judged(rules, &["--strict", GOOD]).0, 1);
}

#[test]
fn a_name_in_a_policy_is_read_as_on_the_command_line_or_refused() {
    for rules in [
        "[registries]\nforbid = [\"registry-1.docker.io\"]",
        "[registries]\nforbid = [\"Docker.io\"]",
        "[registries]\nforbid = [\"index.docker.io\"]",
        "[repositories]\nforbid = [\"vllm/vllm-openai\"]",
        "[repositories]\nforbid = [\"docker.io/VLLM/*\"]",
        "[publishers]\nforbid = [\"VLLM\"]",
    ] {
        let (code, said) = judged(rules, &[GOOD]);
        assert_eq!(code, 1, "{rules}: {said}");
        assert!(said.contains("is forbidden"), "{rules}: {said}");
        let allows = rules.replace("forbid", "allow");
        assert_eq!(judged(&allows, &[GOOD]).0, 0, "{allows}");
    }
    for (rules, why) in [
        (
            "[repositories]\nforbid = [\"docker.io/vllm/vllm-openai/\"]",
            "line 4: repositories: 'docker.io/vllm/vllm-openai/' ends with a slash",
        ),
        (
            "[repositories]\nforbid = [\"docker.io/vllm/vllm-openai:v0.29.0\"]",
            "has a tag or a digest",
        ),
        (
            "[repositories]\nforbid = [\"docker.io/*\"]",
            "docker.io/*/*",
        ),
        (
            "[repositories]\nallow = [\"vllm/vllm openai\"]",
            "is not a repository",
        ),
        ("[registries]\nforbid = [\"docker.io \"]", "is not a host"),
        (
            "[publishers]\nforbid = [\"vllm \"]",
            "line 4: publishers: 'vllm '",
        ),
        (
            "[publishers]\nforbid = [\"\"]",
            "not the name of a publisher",
        ),
    ] {
        let (code, said) = judged(rules, &[GOOD]);
        assert_eq!(code, 64, "{rules}: {said}");
        assert!(said.contains(why), "{rules}: {said}");
    }
}

#[test]
fn what_no_publisher_is_called_is_wrong_usage_and_no_mismatch() {
    for name in [
        "",
        "*",
        "vllm*",
        "vllm ",
        "vllm/vllm-openai",
        "docker.io:80",
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["verify", "--publisher", name, GOOD])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{name}: {said}");
        assert!(said.contains("not the name of a publisher"), "{said}");
    }
}

#[test]
fn a_digest_that_nothing_was_compared_with_passes_no_strict_gate_and_is_always_said() {
    let zeros = "0".repeat(64);
    let tagged = format!("vllm/vllm-openai:v0.29.0@sha256:{zeros}");
    let alone = format!("vllm/vllm-openai@sha256:{zeros}");
    let rules = "[whole]";
    for (reference, open, strict) in [
        (tagged.as_str(), 0, 1),
        (alone.as_str(), 2, 1),
        ("vllm/vllm-openai:v0.29.0", 0, 0),
    ] {
        let image = ["--image", reference, GOOD];
        let (code, said) = judged(rules, &image);
        assert_eq!(code, open, "{reference}: {said}");
        let only = said.contains("only the tag was compared");
        assert_eq!(only, reference == tagged, "{said}");
        let (code, said) = judged(rules, &[&["--strict"][..], &image].concat());
        assert_eq!(code, strict, "{reference}: {said}");
        let rules = format!("strict = true\n{rules}");
        assert_eq!(judged(&rules, &image).0, strict, "{reference}");
    }
}
