//! Each code fires on an input that breaks its rule, and not on one that does not.

use crate::cases::{
    ASKS_GIT, Case, RELEASE, REVISION, STAGING, STAMPED_DOCKERFILE, annotated, attested, bake,
    case, ci, configs, image_index, sglang, stage, with_history,
};
use crate::make::{OTHER, SHA, codes, config, layout, lint, stamped, text, vllm};
use crate::platforms::one_annotated;
use serde_json::json;
use sqsh_prov::lint::RULES;
use std::collections::BTreeSet;

fn annotations() -> Vec<Case> {
    let two = [stamped(&[], &[]), stamped(&[], &[])];
    let revision = || annotated(REVISION, SHA);
    let plain = || stamped(&[], &[]);
    vec![
        case(
            "annotation-levels-differ",
            layout(annotated(REVISION, OTHER), revision(), &two),
            layout(revision(), revision(), &two),
        ),
        case(
            "annotation-not-on-all-platforms",
            one_annotated(REVISION, SHA),
            layout(revision(), revision(), &two),
        ),
        case(
            "annotation-only",
            layout(json!({}), annotated("com.acme.build", "71844"), &[plain()]),
            layout(
                json!({}),
                annotated("com.acme.build", "71844"),
                &[stamped(&["ACME_BUILD=71844"], &[])],
            ),
        ),
        case(
            "annotations-not-on-index",
            layout(json!({}), revision(), &two),
            layout(revision(), revision(), &two),
        ),
        case(
            "attestation-only",
            attested(config(&["PATH=/bin"], &[])),
            attested(plain()),
        ),
        configs(
            "buildinfo-only",
            &{
                let mut config = plain();
                config["moby.buildkit.buildinfo.v1"] =
                    json!({"sources": [{"type": "docker-image", "ref": "alpine:3.13"}]});
                config
            },
            &plain(),
        ),
        case(
            "index-without-annotations",
            image_index(json!({})),
            image_index(annotated(REVISION, SHA)),
        ),
    ]
}

fn pairs() -> Vec<Case> {
    let good = stamped(&["PATH=/bin"], &[("a", "b")]);
    let variable = |text: &str| stamped(&[text], &[]);
    let label = |key: &str, value: &str| stamped(&[], &[(key, value)]);
    let long = "x".repeat(4096);
    vec![
        configs("env-expands-on-host", &variable("A=${HOME}/x"), &good),
        configs("env-multi-line", &variable("A=1\nB=2"), &good),
        configs(
            "label-forges-provenance",
            &label("enroot-provenance:", "docker://a"),
            &label("enroot-provenance", "docker://a"),
        ),
        configs("label-key-with-space", &label("a b", "c"), &good),
        configs("label-multi-line", &label("a", "b\nc"), &good),
        configs(
            "label-too-long",
            &label("a", &long),
            &label("a", &long[1..]),
        ),
        configs(
            "base-labels-inherited",
            &stamped(
                &[],
                &[
                    ("org.opencontainers.image.ref.name", "ubuntu"),
                    ("org.opencontainers.image.version", "24.04"),
                ],
            ),
            &stamped(
                &[],
                &[
                    ("org.opencontainers.image.ref.name", "server"),
                    ("org.opencontainers.image.version", "24.04"),
                ],
            ),
        ),
        configs(
            "secret-in-env",
            &variable("HF_TOKEN=hf_abcdefghijklmnopqrstuvwxyz0123"),
            &good,
        ),
        configs(
            "secret-in-label",
            &label("com.acme.password", "hunter2hunter2"),
            &good,
        ),
        configs(
            "secret-in-history",
            &with_history("RUN |1 T=ghp_0123456789abcdefghijklmnopqrstuvwxyz /bin/sh -c make"),
            &with_history("RUN |1 VERSION=1.4.2 /bin/sh -c make"),
        ),
        case(
            "secret-in-annotation",
            layout(
                json!({}),
                annotated("com.acme.token", "abcdef0123456789"),
                std::slice::from_ref(&good),
            ),
            layout(
                json!({}),
                annotated("com.acme.build", "7"),
                std::slice::from_ref(&good),
            ),
        ),
    ]
}

fn stamps() -> Vec<Case> {
    let good = vllm(SHA, RELEASE);
    let with = |key: &str, value: &str| {
        let mut config = vllm(SHA, RELEASE);
        config["config"]["Labels"][key] = json!(value);
        config
    };
    let revision = |commit: &str| stamped(&[], &[(REVISION, commit)]);
    vec![
        configs("commit-abbreviated", &revision(&SHA[..9]), &revision(SHA)),
        configs(
            "commit-dirty",
            &revision(&format!("{SHA}-dirty")),
            &revision(SHA),
        ),
        configs("commit-placeholder", &vllm("unknown", RELEASE), &good),
        configs(
            "env-and-label-differ",
            &with("ai.vllm.build.commit", OTHER),
            &good,
        ),
        configs("no-stamp", &config(&["PATH=/bin"], &[]), &good),
        configs(
            "revision-differs-from-stamp",
            &with(REVISION, OTHER),
            &with(REVISION, SHA),
        ),
        configs(
            "stamp-in-one-place",
            &{
                let mut config = vllm(SHA, RELEASE);
                config["config"]["Labels"] = json!({});
                config
            },
            &good,
        ),
        configs(
            "stamp-inherited",
            &{
                let mut config = vllm(SHA, RELEASE);
                let variables = config["config"]["Env"].as_array_mut().unwrap();
                variables.push(json!("PYTHONPATH=/opt/b12x"));
                config
            },
            &good,
        ),
        configs(
            "stamp-names-moving-tag",
            &vllm(SHA, "vllm/vllm-openai:latest"),
            &good,
        ),
        configs(
            "stamp-names-private-registry",
            &vllm(SHA, "harbor.internal/a/b:1"),
            &good,
        ),
        configs(
            "stamp-names-staging",
            &vllm(SHA, &format!("{STAGING}:{SHA}-x86_64")),
            &good,
        ),
        configs(
            "stamp-placeholder",
            &vllm(SHA, "local/vllm-openai:dev"),
            &good,
        ),
        configs("stamp-without-repository", &vllm(SHA, "0.20.2"), &good),
        configs(
            "nightly-names-staging",
            &sglang("lmsysorg/sglang-staging:nightly-dev-20260812-c7c03ec5"),
            &sglang("lmsysorg/sglang:nightly-dev-20260812-c7c03ec5"),
        ),
    ]
}

fn platforms_and_expectations() -> Vec<Case> {
    let (a, b) = (stamped(&["A=1"], &[]), stamped(&["A=2"], &[]));
    let arch = |list: &str| stamped(&[&format!("TORCH_CUDA_ARCH_LIST={list}"), "NVARCH=x"], &[]);
    let no = || json!({});
    let expect = |label: &str| Some(json!({"schema": "sqsh-prov-stamp/1", "labels": {"a": label}}));
    vec![
        case(
            "platform-stamps-differ",
            layout(
                no(),
                no(),
                &[stamped(&[], &[]), stamped(&[], &[(REVISION, OTHER)])],
            ),
            layout(no(), no(), &[a.clone(), b.clone()]),
        ),
        case(
            "platform-values-differ",
            layout(no(), no(), &[a, b]),
            layout(no(), no(), &[arch("8.0"), arch("9.0 10.0")]),
        ),
        Case {
            expect: expect("1"),
            ..configs(
                "expected-stamp-differs",
                &stamped(&[], &[("a", "2")]),
                &stamped(&[], &[("a", "1")]),
            )
        },
        Case {
            expect: expect("1"),
            ..configs(
                "expected-stamp-missing",
                &stamped(&[], &[]),
                &stamped(&[], &[("a", "1")]),
            )
        },
    ]
}

fn recipes() -> Vec<Case> {
    let keeps = || text(STAMPED_DOCKERFILE);
    let dockerfile = |code, breaks: &str| case(code, text(breaks), keeps());
    vec![
        dockerfile(
            "arg-not-redeclared",
            "ARG GIT_COMMIT\nFROM a\nENV C=$GIT_COMMIT\n",
        ),
        case(
            "bake-arg-not-declared",
            bake("FROM a\n"),
            bake(STAMPED_DOCKERFILE),
        ),
        dockerfile("dockerfile-without-stamp", "FROM a\nRUN make\n"),
        dockerfile(
            "from-git-url",
            "FROM https://github.com/acme/server.git#main\nLABEL vcs-ref=9a43e5c\n",
        ),
        dockerfile(
            "git-context-moving",
            "FROM a\nADD https://github.com/acme/server.git#main /src\n",
        ),
        dockerfile(
            "git-context-pull-request",
            "FROM a\nADD https://github.com/acme/server.git#refs/pull/42/head /src\n",
        ),
        case(
            "git-directory-dropped",
            text(ASKS_GIT.replace("KEEP", "A")),
            text(ASKS_GIT.replace("KEEP", "BUILDKIT_CONTEXT_KEEP_GIT_DIR")),
        ),
        dockerfile(
            "secret-in-build-arg",
            "FROM a\nARG NPM_TOKEN=npm_0123456789abcdef\n",
        ),
        dockerfile(
            "stamp-arg-not-in-env",
            "FROM a\nARG GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\n",
        ),
        dockerfile(
            "stamp-arg-not-in-label",
            "FROM a\nARG GIT_COMMIT\nENV c=$GIT_COMMIT\n",
        ),
        dockerfile(
            "stamp-value-empty",
            "FROM a\nLABEL org.opencontainers.image.revision=$GIT_SHA\n",
        ),
        dockerfile(
            "stamp-value-fixed",
            "FROM a\nLABEL org.opencontainers.image.revision=main\n",
        ),
        dockerfile(
            "stamp-value-with-equals-sign",
            "FROM a\nARG GIT_COMMIT\nENV GIT_COMMIT = $GIT_COMMIT\nLABEL vcs-ref=$GIT_COMMIT\n",
        ),
        dockerfile(
            "stamp-arg-unused",
            "FROM a\nARG GIT_COMMIT\nRUN make $GIT_COMMIT\n",
        ),
    ]
}

fn workflows() -> Vec<Case> {
    vec![
        case(
            "build-without-stamp",
            ci("docker build --push -t a/b:1 ."),
            ci("docker build --push -t a/b:1 --label vcs-ref=$GITHUB_SHA ."),
        ),
        case(
            "merge-without-annotations",
            ci("docker buildx imagetools create -t a/b:1 a/b:x a/b:y"),
            ci("docker buildx imagetools create --annotation index:a=b -t a/b:1 a/b:x a/b:y"),
        ),
        case(
            "stamp-value-no-commit",
            ci("docker build --build-arg GIT_COMMIT= ."),
            ci("docker build --build-arg GIT_COMMIT=$GITHUB_SHA ."),
        ),
        case("target-not-in-dockerfile", stage("b"), stage("a")),
        case(
            "provenance-disabled",
            ci("docker build --push --provenance=false -t a/b:1 ."),
            ci("docker build --push --provenance=mode=max -t a/b:1 ."),
        ),
        case(
            "tags-all-moving",
            ci("docker build --push -t a/b:latest ."),
            ci("docker build --push -t a/b:latest -t a/b:1 ."),
        ),
    ]
}

#[test]
fn every_code_has_an_input_that_breaks_its_rule_and_one_that_keeps_it() {
    let cases = [
        annotations(),
        pairs(),
        stamps(),
        platforms_and_expectations(),
        recipes(),
        workflows(),
    ];
    let mut tested = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases.iter().flatten() {
        tested.insert(case.code);
        let document = lint(&case.breaks, case.expect.as_ref());
        if !codes(&document).contains(&case.code) {
            wrong.push(format!(
                "{} is not found: {:?}",
                case.code,
                codes(&document)
            ));
        }
        let document = lint(&case.keeps, case.expect.as_ref());
        if codes(&document).contains(&case.code) {
            wrong.push(format!("{} is found where it should not be", case.code));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(tested, all);
}

#[test]
fn a_whole_stamp_has_no_finding() {
    for input in [
        text(stamped(&["PATH=/bin"], &[]).to_string()),
        text(vllm(SHA, RELEASE).to_string()),
        text(STAMPED_DOCKERFILE),
        bake(STAMPED_DOCKERFILE),
    ] {
        assert_eq!(codes(&lint(&input, None)), Vec::<&str>::new());
    }
}

/// Every finding says what to change, and no code has another severity than its rule.
#[test]
fn documents_in_codes_md_are_those_of_the_rules() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes.md");
    let documented = std::fs::read_to_string(path).unwrap();
    for rule in RULES {
        let severity = format!("{:?}", rule.severity).to_lowercase();
        let row = format!(
            "| `{}` | {severity} | {} | {} |",
            rule.code, rule.meaning, rule.change
        );
        assert!(documented.contains(&row), "docs/codes.md has no row\n{row}");
    }
}
