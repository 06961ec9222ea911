//! Builds, stamps and blocks that only look official.

use super::*;

/// Pages of builds that are not the publisher's, and its pipeline spelled otherwise.
#[test]
fn no_look_alike_of_an_official_build_is_official() {
    let mut passed = Passed::default();
    let urls = [
        "https://buildkite.com.evil.example/vllm/release-v2/builds/6292",
        "https://buildkite.com@evil.example/vllm/release-v2/builds/6292",
        "https://evil@buildkite.com/vllm/release-v2/builds/6292",
        "https://buildkite.com:443@evil.example/vllm/release-v2/builds/6292",
        "https://buildkite.com:8443/vllm/release-v2/builds/6292",
        "https://evil.example/buildkite.com/vllm/release-v2/builds/6292",
        "https://evil.example/?https://buildkite.com/vllm/release-v2/builds/6292",
        "https://evil.example/#https://buildkite.com/vllm/release-v2/builds/6292",
        "https://evil.example\\@buildkite.com/vllm/release-v2/builds/6292",
        "https://buildkite.com/evil/../vllm/release-v2/builds/6292",
        "https://buildkite.com/vllm/release-v2/../ci/builds/6292",
        "https://buildkite.com/vllm/release-v2/builds/6292/../../../evil",
        "https://buildkite.com/evil/vllm/release-v2/builds/6292",
        "https://buildkite.com//vllm/release-v2/builds/6292",
        "https://buildkite.com/vllm/release-v2/builds/6292x",
        "https://buildkite.com/vllm/release-v2/builds/-1",
        "https://buildkite.com/vllm/release-v2/builds/",
        "https://buildkite.com/vllm/release-v2/builds/٦٢٩٢",
        "https://buildkite.com/vllm/release-v2/builds/6292\nhttps://evil.example",
        "https://buildkite.com/vllm/release-v2/builds/6292 ",
        "https://buildkite.com/vllm/release-v2/builds/6292?x",
        "https://buildkite.com/vllm/release-v2/builds/6292%00",
        "https://buildkite.com/vllm/release-shadow/builds/6292",
        "https://buildkite.com/vllm/ci/builds/6292",
        "https://buildkite.com/vIlm/release-v2/builds/6292",
        "https://buildkite.cоm/vllm/release-v2/builds/6292",
        "https://build\u{200b}kite.com/vllm/release-v2/builds/6292",
        "https://BUILDKITE.COM/vllm/release-v2/builds/6292",
        "http://buildkite.com/vllm/release-v2/builds/6292",
        "javascript://buildkite.com/vllm/release-v2/builds/6292",
        "//buildkite.com/vllm/release-v2/builds/6292",
        "buildkite.com/vllm/release-v2/builds/6292",
        "",
    ];
    for url in urls {
        let mut made = genuine()
            .set_env("VLLM_BUILD_URL", url)
            .set_label("ai.vllm.build.url", url);
        made = made.set_label("org.opencontainers.image.url", url);
        passed.check(url, official(&made));
    }
    for commit in [
        "HEAD",
        "main",
        "98dff2a",
        "0000000000000000000000000000000000000000",
        "$VLLM_BUILD_COMMIT",
        "unknown",
        "",
    ] {
        let made = genuine()
            .set_env("VLLM_BUILD_COMMIT", commit)
            .set_label("ai.vllm.build.commit", commit);
        passed.check(commit, official(&made));
    }
    for pipeline in ["evil", "ci", "local", "vllm/release-v2", "RELEASE-V2", ""] {
        let made = genuine()
            .set_env("VLLM_BUILD_PIPELINE", pipeline)
            .set_label("ai.vllm.build.pipeline", pipeline);
        passed.check(pipeline, official(&made));
    }
    passed.none();
}

/// Stamps that name another image than the one that was imported, in every spelling.
#[test]
fn no_stamp_of_another_image_is_official() {
    let mut passed = Passed::default();
    for tag in [
        "vllm/vllm-openai:v0.28.0",
        "vllm/vllm-openai:v0.29.0-cu129x",
        "vllm/vllm‑openai:v0.29.0",
        "vllm/vllm-openai:v0.29.0\u{200b}",
        "evil/vllm-openai:v0.29.0",
        "local/vllm-openai:dev",
        "docker.io@evil/vllm-openai:v0.29.0",
        "vllm/vllm-openai/../x:v0.29.0",
        "vllm/vllm-openai:v98dff2a81d747d1dba01a47f939f48c3526d4206",
        "vllm/vllm-openai:pr-1",
        "",
    ] {
        let made = genuine()
            .set_env("VLLM_IMAGE_TAG", tag)
            .set_label("ai.vllm.image.tag", tag);
        let made = made.set_label("org.opencontainers.image.version", tag);
        passed.check(tag, official(&made));
    }
    for source in [
        "https://github.com/evil/vllm",
        "https://github.com/vllm-project/vllm-evil",
        "https://github.com.evil.example/vllm-project/vllm",
        "https://github.com@evil.example/vllm-project/vllm",
        "https://github.com/vllm‑project/vllm",
        "https://github.com/evil/../vllm-project/vllm",
        "https://github.com/vllm-project/vllm/../../evil/x",
    ] {
        let made = genuine().set_label("org.opencontainers.image.source", source);
        passed.check(source, official(&made));
    }
    passed.none();
}

/// Copies of the official block, before, after and between another publisher's.
/// The whole block of an official build.
fn stamp(made: Made) -> Made {
    made.env("VLLM_USAGE_SOURCE", "production-docker-image")
        .env("VLLM_BUILD_COMMIT", COMMIT)
        .env(
            "VLLM_BUILD_PIPELINE",
            "019d130e-464e-4ff7-b84b-492992c0c06b",
        )
        .env("VLLM_BUILD_URL", URL)
        .env("VLLM_IMAGE_TAG", "vllm/vllm-openai:v0.29.0")
        .vllm_labels(
            "vllm/vllm-openai:v0.29.0",
            COMMIT,
            "019d130e-464e-4ff7-b84b-492992c0c06b",
            URL,
        )
        .entrypoint(&["vllm", "serve"])
        .package("vllm", "0.29.0")
}

/// The block of another publisher.
fn sglang(made: Made) -> Made {
    made.env("SGLANG_BUILD_COMMIT", OTHER)
        .env(
            "SGLANG_BUILD_URL",
            "https://github.com/sgl-project/sglang/actions/runs/28210048245",
        )
        .env("SGLANG_IMAGE_TAG", "lmsysorg/sglang:v0.5.14")
        .label("ai.sglang.build.commit", OTHER)
        .label("ai.sglang.image.tag", "lmsysorg/sglang:v0.5.14")
        .package("sglang", "0.5.14")
}

#[test]
fn no_copy_of_an_official_block_is_official() {
    let mut passed = Passed::default();
    let own = |made: Made| {
        made.env("ACME_COMMIT", OTHER)
            .label("com.acme.commit", OTHER)
    };
    let evil = "docker://registry-1.docker.io#evil/vllm-openai:v0.29.0";
    let hub = format!("{HUB}:v0.29.0");
    for (what, made) in [
        ("copied into another repository", stamp(Made::new(evil))),
        (
            "copied into a local image",
            stamp(Made::new("dockerd://vllm/vllm-openai:v0.29.0")),
        ),
        ("copied, without an import line", stamp(Made::new(""))),
        ("copied before an own block", own(stamp(Made::new(&hub)))),
        ("copied after an own block", stamp(own(Made::new(evil)))),
        ("another publisher's block after it", sglang(genuine())),
        (
            "another publisher's block before it",
            stamp(sglang(Made::new(&hub))),
        ),
        (
            "a second block of another commit",
            genuine().env("VLLM_BUILD_COMMIT", OTHER),
        ),
        (
            "a second label of another commit",
            genuine().label("ai.vllm.build.commit", OTHER),
        ),
        ("labels alone", genuine().without_env("VLLM_")),
        ("no package", genuine().with(|facts| facts.packages.clear())),
        (
            "another package's version",
            genuine().with(|facts| facts.packages[0].version = "0.28.0".to_owned()),
        ),
        (
            "two versions of the package",
            genuine().package("vllm", "0.28.0"),
        ),
        (
            "a package of another source",
            genuine().with(|facts| facts.packages.clear()).package_from(
                "vllm",
                "0.29.0",
                "https://github.com/evil/vllm",
                OTHER,
                None,
            ),
        ),
    ] {
        passed.check(what, official(&made));
    }
    passed.none();
}
