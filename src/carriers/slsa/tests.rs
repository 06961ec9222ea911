use serde_json::json;

use super::package_url::image;
use super::*;
use crate::carriers::build::MAX_ENTRIES;

const COMMIT: &str = "9a43e5c93336380b9d912d7665ddbae4ba21db3a";

fn values(pairs: &[super::super::Pair]) -> Vec<&str> {
    pairs.iter().map(|pair| pair.value.as_str()).collect()
}

fn statement(version: &str, predicate: &Value) -> Vec<u8> {
    json!({"_type": "https://in-toto.io/Statement/v1",
        "predicateType": format!("https://slsa.dev/provenance/{version}"),
        "subject": [{"name": "pkg:docker/a@1", "digest": {"sha256": "ab"}}],
        "predicate": predicate})
    .to_string()
    .into_bytes()
}

fn build(version: &str, predicate: &Value) -> Build {
    let found = parse(&statement(version, predicate), "blob").unwrap();
    found.unwrap().build
}

#[test]
fn package_urls_become_references_with_their_digests() {
    let sha = Some(("sha256", "cd"));
    for (uri, digest, expected) in [
        (
            "pkg:docker/debian@12-slim?platform=linux%2Famd64",
            sha,
            Some("debian:12-slim@sha256:cd"),
        ),
        (
            "pkg:docker/ghcr.io/acme/x@1.0",
            sha,
            Some("ghcr.io/acme/x:1.0@sha256:cd"),
        ),
        (
            "pkg:docker/localhost%3A5000/x@1",
            None,
            Some("localhost:5000/x:1"),
        ),
        (
            "pkg:docker/golang?digest=sha256:ef",
            None,
            Some("golang@sha256:ef"),
        ),
        (
            "pkg:docker/golang@sha256%3Aef",
            None,
            Some("golang@sha256:ef"),
        ),
        (
            "pkg:oci/debian@sha256%3Aef?repository_url=docker.io%2Flibrary%2Fdebian&tag=12",
            None,
            Some("docker.io/library/debian:12@sha256:ef"),
        ),
        ("pkg:docker/bad%zz@1", None, None),
        ("pkg:docker/bad%+1@1", None, None),
        ("https://example.com/x", sha, None),
    ] {
        assert_eq!(image(uri, digest).as_deref(), expected, "{uri}");
    }
}

#[test]
fn a_git_context_is_the_commit_and_a_git_material_is_not() {
    let found = build(
        "v0.2",
        &json!({
            "builder": {"id": "https://github.com/acme/server/actions/runs/7/attempts/2"},
            "buildType": "https://mobyproject.org/buildkit@v1",
            "invocation": {"configSource": {
                "uri": "https://ghp_x@github.com/acme/server.git#refs/tags/v1.4.2",
                "digest": {"sha1": COMMIT}}},
            "materials": [
                {"uri": "https://github.com/acme/server.git#refs/tags/v1.4.2", "digest": {"sha1": COMMIT}},
                {"uri": "https://github.com/acme/plugins.git#main", "digest": {"sha1": "235b94ea8026d9f1312e66b317b66fca327843d0"}},
                {"uri": "pkg:docker/docker/dockerfile@1", "digest": {"sha256": "01"}},
                {"uri": "https://example.com/f?sig=s3cret", "digest": {"sha256": "02"}}],
        }),
    );
    assert_eq!(values(&found.commits), [COMMIT]);
    assert_eq!(
        values(&found.repositories),
        ["https://github.com/acme/server.git"]
    );
    assert_eq!(found.reference.unwrap().value, "refs/tags/v1.4.2");
    assert_eq!(
        values(&found.runs),
        ["https://github.com/acme/server/actions/runs/7"]
    );
    assert!(found.images.is_empty());
    assert_eq!(
        values(&found.sources),
        [
            "https://github.com/acme/plugins.git#main 235b94ea8026d9f1312e66b317b66fca327843d0",
            "https://example.com/f?sig= sha256:02"
        ]
    );
}

#[test]
fn arguments_are_found_however_deep_the_frontend_is_wrapped() {
    let found = build(
        "v1",
        &json!({
            "buildDefinition": {"externalParameters": {
                "configSource": {"path": "Dockerfile"},
                "request": {"args": {"build-arg:A": "1", "source": "docker/dockerfile:1"},
                    "root": {"request": {"args": {"build-arg:B": "2",
                        "vcs:source": "https://u:p@gitlab.com/a/b.git",
                        "vcs:revision": format!("{COMMIT}-dirty")}}}}}},
            "runDetails": {"builder": {"id": ""}, "metadata": {
                "invocationId": "p1u2", "invocationID": "https://ci.example/runs/7",
                "finishedOn": "2026-09-03T10:02:11.35+02:00"}},
        }),
    );
    assert_eq!(values(&found.arguments), ["1", "2"]);
    assert_eq!(values(&found.commits), [format!("{COMMIT}-dirty")]);
    assert_eq!(values(&found.repositories), ["https://gitlab.com/a/b.git"]);
    assert_eq!(values(&found.runs), ["https://ci.example/runs/7"]);
    let at = found.finished.unwrap().source;
    assert_eq!(
        at.key.as_deref(),
        Some("predicate.runDetails.metadata.finishedOn")
    );
}

#[test]
fn the_workflows_repository_names_the_commit_of_githubs_own_statements() {
    let found = build(
        "v1",
        &json!({
            "buildDefinition": {"buildType": "https://actions.github.io/buildtypes/workflow/v1",
                "externalParameters": {"workflow": {"ref": "refs/heads/main",
                    "repository": "https://github.com/acme/server", "path": ".github/workflows/r.yml"}},
                "resolvedDependencies": [{"uri": "git+https://github.com/acme/server@refs/heads/main",
                    "digest": {"gitCommit": COMMIT}}]},
            "runDetails": {"builder": {"id": "https://github.com/actions/runner/github-hosted"},
                "metadata": {"invocationId": "https://github.com/acme/server/actions/runs/7/attempts/1"}},
        }),
    );
    assert_eq!(values(&found.commits), [COMMIT]);
    assert_eq!(found.reference.unwrap().value, "refs/heads/main");
    assert!(found.sources.is_empty());
    assert!(values(&found.runs).contains(&"https://github.com/acme/server/actions/runs/7"));
}

#[test]
fn envelopes_are_opened_and_other_statements_left() {
    let bare = statement("v1", &json!({"buildDefinition": {}}));
    let envelope = json!({"payloadType": "application/vnd.in-toto+json",
        "payload": BASE64.encode(&bare), "signatures": []});
    let bundle = json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "dsseEnvelope": envelope});
    let expected = parse(&bare, "f").unwrap();
    assert_eq!(expected.as_ref().unwrap().subjects, ["sha256:ab"]);
    for text in [envelope.to_string(), bundle.to_string()] {
        assert_eq!(parse(text.as_bytes(), "f"), Ok(expected.clone()));
    }
    let packages = json!({"predicateType": "https://spdx.dev/Document", "predicate": {}});
    assert_eq!(parse(packages.to_string().as_bytes(), "f"), Ok(None));
    assert!(parse(b"{", "f").is_err());
    let bad = json!({"payloadType": "application/vnd.in-toto+json", "payload": "%"});
    assert_eq!(
        parse(bad.to_string().as_bytes(), "f"),
        Err(BuildError::NoJson)
    );
}

#[test]
fn too_many_materials_are_an_error_and_never_cut() {
    let many = vec![json!({"uri": "https://a/b"}); MAX_ENTRIES + 1];
    let text = statement("v0.2", &json!({"materials": many}));
    assert_eq!(parse(&text, "f"), Err(BuildError::TooMany("materials")));
}
