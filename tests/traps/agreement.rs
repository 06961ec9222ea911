//! Parts of a stamp that disagree, and how much it is worth if they agree.

use crate::facts::{COMMIT, Made, OTHER};
use crate::{codes, hub};
use sqsh_prov::provenance::Status;

#[test]
fn a_stamp_with_two_commits_is_not_the_nightly_that_the_package_names() {
    let stamp = format!("vllm/vllm-openai:nightly-{COMMIT}");
    let preview = hub("glm53-flash-arm64-cu130");
    let version = "0.28.1rc1.dev580+g98dff2a81";
    let image = Made::vllm_stamped(&preview, &stamp, COMMIT, version);
    assert!(!codes(&image.attribute()).contains(&"tag-differs"));
    for torn in [
        image.clone().set_label("ai.vllm.build.commit", OTHER),
        image.set_env("VLLM_BUILD_COMMIT", OTHER),
    ] {
        let torn = torn.attribute();
        assert!(codes(&torn).contains(&"tag-differs"), "{:?}", codes(&torn));
        assert_eq!(torn.origin.official, Some(false));
    }
}

#[test]
fn the_upstream_of_a_fork_has_the_commit_that_its_package_names() {
    let version = "0.28.1rc1.dev580+g98dff2a81";
    let stamp = "vllm/vllm-openai:v0.29.0";
    let fork = Made::vllm_stamped("docker://ghcr.io#acme/vllm:1", stamp, COMMIT, version)
        .set_env("VLLM_BUILD_COMMIT", &"1".repeat(40))
        .set_label("org.opencontainers.image.revision", OTHER)
        .set_label(
            "org.opencontainers.image.source",
            "https://github.com/acme/vllm",
        )
        .label("ai.bf-vllm.build.channel", "release")
        .attribute();
    assert_eq!(fork.lineage[0].publisher.as_deref(), Some("vllm"));
    assert_eq!(fork.lineage[0].commit.as_deref(), Some(COMMIT));
}

#[test]
fn only_a_variable_and_a_label_that_agree_are_stronger_than_either() {
    let strengths = |image: Made, field: &str| -> Vec<(String, u8)> {
        let evidence = image.attribute().evidence.into_iter();
        let agreeing = evidence.filter(|e| e.field == field && e.status == Status::Agrees);
        let named = agreeing.map(|e| (e.source.carrier, e.strength));
        named.collect()
    };
    let at = |carrier: &str, strength: u8| (carrier.to_owned(), strength);
    let whole = || Made::vllm(&hub("v0.29.0"));
    let commits = strengths(whole(), "origin.commit.id");
    assert_eq!(
        commits,
        [at("environment", 4), at("label", 4), at("label", 4)]
    );
    let references = strengths(whole(), "origin.public_reference");
    assert!(references.contains(&at("environment", 4)));
    assert!(references.contains(&at("rc", 3)), "{references:?}");
    // The importer's line and a variable; two labels.
    let no_labels = whole().with(|facts| facts.labels.clear());
    let references = strengths(no_labels, "origin.public_reference");
    assert_eq!(references, [at("environment", 3), at("rc", 3)]);
    let labels = Made::metadata_action("docker://ghcr.io#acme/server:1.4.2", "1.4.2");
    let labels = labels.label("vcs-ref", COMMIT);
    let commits = strengths(labels, "origin.commit.id");
    assert_eq!(commits, [at("label", 3), at("label", 3)]);
}
