//! What somebody may write into an image so that it passes for an official one, and why it does
//! not. Each row says one thing about an image that is not what it says it is.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]

#[path = "support/facts.rs"]
mod facts;
mod support;

use facts::{COMMIT, Made, OTHER};
use serde_json::Value;
use sqsh_prov::attribution::attribute;
use sqsh_prov::carriers::{Pair, enroot_rc, environment};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::{Inspector, Options};
use support::{fixture, manifest, pack_root};

const HUB: &str = "docker://registry-1.docker.io#vllm/vllm-openai";
const URL: &str = "https://buildkite.com/vllm/release-v2/builds/6292";
const DIGEST: &str = "972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085";

fn genuine() -> Made {
    Made::vllm(&format!("{HUB}:v0.29.0"))
}

/// What passed for official and is not.
#[derive(Default)]
struct Passed(Vec<String>);

impl Passed {
    fn check(&mut self, what: impl std::fmt::Debug, official: Option<bool>) {
        if official == Some(true) {
            self.0.push(format!("{what:?}"));
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "official: {:#?}", self.0);
    }
}

fn official(made: &Made) -> Option<bool> {
    made.attribute().origin.official
}

#[test]
fn the_genuine_image_is_official() {
    assert_eq!(official(&genuine()), Some(true));
    let by_digest = genuine().imported(&format!("{HUB}:sha256:{DIGEST}"));
    assert_eq!(official(&by_digest), Some(true));
}

/// Where it says that it was imported from.
const IMPORTS: &[(&str, &str)] = &[
    // Look-alikes: Cyrillic, Greek, full-width, ligatures, combining marks, dotless i.
    (
        "cyrillic host",
        "docker://registry-1.docker.iо#vllm/vllm-openai:v0.29.0",
    ),
    (
        "cyrillic owner",
        "docker://registry-1.docker.io#vllм/vllm-openai:v0.29.0",
    ),
    (
        "greek repository",
        "docker://registry-1.docker.io#vllm/vllm-οpenai:v0.29.0",
    ),
    (
        "full-width owner",
        "docker://registry-1.docker.io#ｖｌｌｍ/vllm-openai:v0.29.0",
    ),
    (
        "full-width slash",
        "docker://registry-1.docker.io#vllm／vllm-openai:v0.29.0",
    ),
    (
        "full-width colon",
        "docker://registry-1.docker.io#vllm/vllm-openai：v0.29.0",
    ),
    (
        "division slash",
        "docker://registry-1.docker.io#evil/x∕vllm/vllm-openai:v0.29.0",
    ),
    (
        "non-breaking hyphen",
        "docker://registry-1.docker.io#vllm/vllm‑openai:v0.29.0",
    ),
    (
        "combining mark",
        "docker://registry-1.docker.io#vllm/vllm-openai\u{301}:v0.29.0",
    ),
    (
        "kelvin sign",
        "docker://registry-1.doc\u{212a}er.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "long s",
        "docker://regiſtry-1.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "one for l",
        "docker://registry-1.docker.io#v1lm/vllm-openai:v0.29.0",
    ),
    (
        "capital i for l",
        "docker://registry-1.docker.io#vIlm/vllm-openai:v0.29.0",
    ),
    // What is not seen.
    (
        "zero-width space",
        "docker://registry-1.docker.io#vllm/vllm-\u{200b}openai:v0.29.0",
    ),
    (
        "zero-width joiner in the host",
        "docker://registry-1.doc\u{200d}ker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "soft hyphen",
        "docker://registry-1.docker.io#vllm/vllm\u{ad}-openai:v0.29.0",
    ),
    (
        "right to left",
        "docker://registry-1.docker.io#\u{202e}ianepo-mllv/mllv\u{202c}:v0.29.0",
    ),
    (
        "byte order mark",
        "\u{feff}docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "tag characters",
        "docker://registry-1.docker.io#vllm/vllm-openai\u{e0041}:v0.29.0",
    ),
    (
        "NUL",
        "docker://registry-1.docker.io#vllm/vllm-openai\0evil:v0.29.0",
    ),
    (
        "tab",
        "docker://registry-1.docker.io#vllm/vllm-openai\t:v0.29.0",
    ),
    (
        "carriage return",
        "docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0\r",
    ),
    (
        "blank",
        "docker://registry-1.docker.io#vllm/vllm-openai :v0.29.0",
    ),
    // Case, which no registry has in a repository.
    (
        "upper-case owner",
        "docker://registry-1.docker.io#VLLM/vllm-openai:v0.29.0",
    ),
    (
        "upper-case tag",
        "docker://registry-1.docker.io#vllm/vllm-openai:V0.29.0",
    ),
    // Hosts.
    (
        "punycode",
        "docker://registry-1.docker.xn--i-jta#vllm/vllm-openai:v0.29.0",
    ),
    (
        "punycode owner",
        "docker://registry-1.docker.io#xn--vllm-x/vllm-openai:v0.29.0",
    ),
    (
        "trailing dot",
        "docker://registry-1.docker.io.#vllm/vllm-openai:v0.29.0",
    ),
    (
        "another top level",
        "docker://registry-1.docker.io.evil.example#vllm/vllm-openai:v0.29.0",
    ),
    (
        "prefix of a host",
        "docker://evil-docker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "host below the hub",
        "docker://x.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "user is the hub",
        "docker://docker.io@evil.example#vllm/vllm-openai:v0.29.0",
    ),
    (
        "user and password are the hub",
        "docker://docker.io:443@evil.example#vllm/vllm-openai:v0.29.0",
    ),
    (
        "hub as the user of an owner",
        "docker://docker.io@evil/vllm-openai:v0.29.0",
    ),
    (
        "port",
        "docker://registry-1.docker.io:5000#vllm/vllm-openai:v0.29.0",
    ),
    (
        "port with zeros",
        "docker://registry-1.docker.io:0443#vllm/vllm-openai:v0.29.0",
    ),
    (
        "two ports",
        "docker://registry-1.docker.io:443:80#vllm/vllm-openai:v0.29.0",
    ),
    (
        "port without a number",
        "docker://registry-1.docker.io:#vllm/vllm-openai:v0.29.0",
    ),
    ("localhost", "docker://localhost#vllm/vllm-openai:v0.29.0"),
    ("address", "docker://127.0.0.1#vllm/vllm-openai:v0.29.0"),
    (
        "percent-encoded host",
        "docker://registry-1.docker%2eio#vllm/vllm-openai:v0.29.0",
    ),
    (
        "backslash",
        "docker://evil.example\\registry-1.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "two hashes",
        "docker://evil.example#registry-1.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "hub as a path",
        "docker://evil.example#registry-1.docker.io/vllm/vllm-openai:v0.29.0",
    ),
    (
        "hub as an owner",
        "docker://evil.example/docker.io/vllm/vllm-openai:v0.29.0",
    ),
    // Paths.
    (
        "dot dot out",
        "docker://registry-1.docker.io#vllm/vllm-openai/../x:v0.29.0",
    ),
    (
        "dot dot in",
        "docker://registry-1.docker.io#evil/../vllm/vllm-openai:v0.29.0",
    ),
    (
        "dot",
        "docker://registry-1.docker.io#./vllm/vllm-openai:v0.29.0",
    ),
    (
        "double slash",
        "docker://registry-1.docker.io#vllm//vllm-openai:v0.29.0",
    ),
    (
        "slash at the end",
        "docker://registry-1.docker.io#vllm/vllm-openai/:v0.29.0",
    ),
    (
        "slash at the start",
        "docker://registry-1.docker.io#/vllm/vllm-openai:v0.29.0",
    ),
    (
        "percent-encoded slash",
        "docker://registry-1.docker.io#vllm%2fvllm-openai:v0.29.0",
    ),
    (
        "percent-encoded letter",
        "docker://registry-1.docker.io#vllm/vllm-%6fpenai:v0.29.0",
    ),
    (
        "deeper",
        "docker://registry-1.docker.io#evil/vllm/vllm-openai:v0.29.0",
    ),
    (
        "library",
        "docker://registry-1.docker.io#library/vllm/vllm-openai:v0.29.0",
    ),
    (
        "owner only",
        "docker://registry-1.docker.io#vllm-openai:v0.29.0",
    ),
    (
        "longer repository",
        "docker://registry-1.docker.io#vllm/vllm-openai2:v0.29.0",
    ),
    (
        "shorter repository",
        "docker://registry-1.docker.io#vllm/vllm-opena:v0.29.0",
    ),
    (
        "longer owner",
        "docker://registry-1.docker.io#vllm-project/vllm-openai:v0.29.0",
    ),
    (
        "typo",
        "docker://registry-1.docker.io#vlllm/vllm-openai:v0.29.0",
    ),
    (
        "underscore",
        "docker://registry-1.docker.io#vllm/vllm_openai:v0.29.0",
    ),
    // Tags and digests.
    (
        "tag of another version",
        "docker://registry-1.docker.io#vllm/vllm-openai:v9.9.9",
    ),
    (
        "query",
        "docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0?x=y",
    ),
    (
        "fragment",
        "docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0#x",
    ),
    (
        "two tags",
        "docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0:v0.29.0",
    ),
    (
        "digest of another repository",
        "docker://registry-1.docker.io#evil/x:sha256:972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085",
    ),
    (
        "digest with an at of another repository",
        "docker://registry-1.docker.io#evil/x@sha256:972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085",
    ),
    (
        "official name before another's digest",
        "docker://registry-1.docker.io#vllm/vllm-openai@evil/x@sha256:972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085",
    ),
    (
        "short digest",
        "docker://registry-1.docker.io#vllm/vllm-openai:sha256:972314",
    ),
    (
        "digest that is no hex",
        "docker://registry-1.docker.io#vllm/vllm-openai:sha256:Z72314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085",
    ),
    // Schemes.
    (
        "daemon",
        "dockerd://registry-1.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    ("podman", "podman://vllm/vllm-openai:v0.29.0"),
    ("upper-case daemon", "DOCKERD://vllm/vllm-openai:v0.29.0"),
    (
        "twice",
        "docker://docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "another scheme",
        "https://registry-1.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    (
        "daemon within",
        "docker://dockerd://vllm/vllm-openai:v0.29.0",
    ),
    (
        "blank before",
        " docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0",
    ),
    ("empty", ""),
];

/// What a browser or a shell would resolve is no reference, and nobody is told to pull it.
#[test]
fn a_path_that_leads_elsewhere_is_no_reference() {
    for path in [
        "vllm/vllm-openai/../x",
        "evil/../vllm/vllm-openai",
        "./vllm/vllm-openai",
        "vllm//vllm-openai",
    ] {
        let made = Made::new(&format!("docker://registry-1.docker.io#{path}:v0.29.0"));
        assert_eq!(made.attribute().origin.pull.reference, None, "{path}");
    }
}

#[test]
fn no_look_alike_of_an_official_repository_is_official() {
    let mut passed = Passed::default();
    for (what, uri) in IMPORTS {
        let attribution = genuine().imported(uri).attribute();
        passed.check((&what, &uri), attribution.origin.official);
    }
    passed.none();
}

/// The same without a stamp: what is known of the image is the reference that it was pulled from.
#[test]
fn no_look_alike_is_official_where_a_publisher_stamps_nothing() {
    let mut passed = Passed::default();
    for uri in [
        "docker://registry-1.docker.io#library/ubuntu:24.04",
        "docker://nvcr.io#nvidia/pytorch:26.03-py3",
    ] {
        let (host, rest) = uri
            .strip_prefix("docker://")
            .unwrap()
            .split_once('#')
            .unwrap();
        let (repository, tag) = rest.rsplit_once(':').unwrap();
        for forged in [
            format!("docker://{host}.#{repository}:{tag}"),
            format!("docker://{host}:5000#{repository}:{tag}"),
            format!("docker://{host}@evil.example#{repository}:{tag}"),
            format!("docker://evil.example#{host}/{repository}:{tag}"),
            format!("docker://{host}#{repository}/../x:{tag}"),
            format!("docker://{host}#evil/../{repository}:{tag}"),
            format!("docker://{host}#{}:{tag}", repository.to_uppercase()),
            format!("docker://{host}#{}:{tag}", repository.replace('n', "ո")),
            format!("docker://{host}#{repository}\u{200b}:{tag}"),
            format!("docker://{host}#{repository}2:{tag}"),
            format!("dockerd://{repository}:{tag}"),
        ] {
            let made = Made::new(&forged).os("ubuntu", "24.04");
            passed.check(forged, official(&made));
        }
    }
    passed.none();
}

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
#[test]
fn no_copy_of_an_official_block_is_official() {
    let mut passed = Passed::default();
    let stamp = |made: Made| {
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
    };
    let sglang = |made: Made| {
        made.env("SGLANG_BUILD_COMMIT", OTHER)
            .env(
                "SGLANG_BUILD_URL",
                "https://github.com/sgl-project/sglang/actions/runs/28210048245",
            )
            .env("SGLANG_IMAGE_TAG", "lmsysorg/sglang:v0.5.14")
            .label("ai.sglang.build.commit", OTHER)
            .label("ai.sglang.image.tag", "lmsysorg/sglang:v0.5.14")
            .package("sglang", "0.5.14")
    };
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

/// Lines that a value with line breaks makes, read by the parsers as an importer left them.
#[test]
fn lines_that_a_value_forges_do_not_make_an_image_official() {
    let mut passed = Passed::default();
    let block = format!(
        "VLLM_USAGE_SOURCE=production-docker-image\nVLLM_BUILD_COMMIT={COMMIT}\n\
         VLLM_BUILD_PIPELINE=019d130e-464e-4ff7-b84b-492992c0c06b\nVLLM_BUILD_URL={URL}\nVLLM_IMAGE_TAG=vllm/vllm-openai:v0.29.0"
    );
    let labels = format!(
        "# ai.vllm.build.commit {COMMIT}\n# ai.vllm.build.pipeline 019d130e-464e-4ff7-b84b-492992c0c06b\n\
         # ai.vllm.build.url {URL}\n# ai.vllm.image.tag vllm/vllm-openai:v0.29.0"
    );
    let rest = "\nmkdir -p \"/\" 2> /dev/null\ncd \"/\" && unset OLDPWD || exit 1\n\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\n\n\
                if [ $# -gt 0 ]; then\n    exec 'vllm' 'serve' \"$@\"\nelse\n    exec 'vllm' 'serve' \nfi\n";
    let genuine_line = format!("# enroot-provenance: {HUB}:v0.29.0");
    let own_line = "# enroot-provenance: docker://registry-1.docker.io#evil/x:1";
    let contracts = Contracts::built_in().unwrap();
    for (what, rc, variables) in [
        (
            "a label that forges a second line 1",
            format!("{own_line}\n{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a label behind a carriage return",
            format!("{own_line}\r{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a line 1 within the body",
            format!("{own_line}\n{labels}\n{rest}{genuine_line}\n"),
            block.clone(),
        ),
        (
            "an empty line 1 and a forged second",
            format!("# enroot-provenance: \n{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a blank before line 1",
            format!(" {genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a byte order mark before line 1",
            format!("\u{feff}{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a newline before line 1",
            format!("\n{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "the block within a value, and a variable behind it",
            format!("{genuine_line}\n{labels}\n{rest}"),
            format!("{block}\nEVIL=1"),
        ),
        (
            "the block twice with another commit",
            format!("{genuine_line}\n{labels}\n{rest}"),
            format!("{block}\nVLLM_BUILD_COMMIT={OTHER}"),
        ),
        (
            "text behind the block",
            format!("{genuine_line}\n{labels}\n{rest}"),
            format!("{block}\nno variable"),
        ),
        (
            "labels spilled by a value",
            format!("{genuine_line}\n# a.b x\nspilled\n{labels}\n{rest}"),
            block.clone(),
        ),
    ] {
        let rc = enroot_rc::parse(rc.as_bytes());
        let mut made = genuine().with(|facts| {
            facts.environment = environment::parse(variables.as_bytes()).variables;
            facts.environment.insert(
                0,
                Pair {
                    key: "CUDA_VERSION".to_owned(),
                    value: "13.0.2".to_owned(),
                    ..Pair::default()
                },
            );
            facts.stray_environment_lines = environment::parse(variables.as_bytes()).stray_lines;
            facts.import = rc.as_ref().map(|rc| rc.import());
        });
        made.0.labels = rc.map(|rc| rc.labels).unwrap_or_default();
        let attribution = attribute(&made.0, &contracts, &[]);
        passed.check(what, attribution.origin.official);
    }
    passed.none();
}

/// The fixtures that real enroot made of images with forged lines, by both of its versions.
#[test]
fn no_fixture_with_forged_lines_is_official() {
    let inspector = Inspector::new(Options::default()).unwrap();
    let mut forged = 0;
    for image in manifest("carriers") {
        let file = image["file"].as_str().unwrap();
        if !["i-", "i2-", "i3-"]
            .iter()
            .any(|start| file.starts_with(start))
        {
            continue;
        }
        forged += 1;
        let document = inspector.inspect(&fixture("carriers", file)).unwrap();
        assert_ne!(document.origin.official, Some(true), "{file}");
        assert_ne!(document.origin.publisher.as_deref(), Some("vllm"), "{file}");
    }
    assert_eq!(forged, 5);
}

fn image(line: &str, tail: &str, entrypoint: &str) -> Vec<(&'static str, String)> {
    let pipeline = "019d130e-464e-4ff7-b84b-492992c0c06b";
    let rc = format!(
        "{line}# ai.vllm.build.commit {COMMIT}\n# ai.vllm.build.pipeline {pipeline}\n# ai.vllm.build.url {URL}\n\
         # ai.vllm.image.tag vllm/vllm-openai:v0.29.0\n# org.opencontainers.image.revision {COMMIT}\n\
         # org.opencontainers.image.source https://github.com/vllm-project/vllm\n\nmkdir -p \"/w\" 2> /dev/null\n\
         cd \"/w\" && unset OLDPWD || exit 1\n\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\n\n\
         if [ $# -gt 0 ]; then\n    exec {entrypoint} \"$@\"\nelse\n    exec {entrypoint} \nfi\n"
    );
    let environment = format!(
        "PATH=/usr/bin\nCUDA_VERSION=13.0.2\nVLLM_USAGE_SOURCE=production-docker-image\nVLLM_BUILD_COMMIT={COMMIT}\n\
         VLLM_BUILD_PIPELINE={pipeline}\nVLLM_BUILD_URL={URL}\nVLLM_IMAGE_TAG=vllm/vllm-openai:v0.29.0\n{tail}"
    );
    vec![
        ("etc/rc", rc),
        ("etc/environment", environment),
        ("etc/os-release", "ID=ubuntu\nVERSION_ID=24.04\n".to_owned()),
        (
            "usr/local/lib/python3.12/dist-packages/vllm-0.29.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: vllm\nVersion: 0.29.0\n".to_owned(),
        ),
    ]
}

fn shown(files: &[(&str, String)]) -> Option<Value> {
    let directory = tempfile::tempdir().unwrap();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let image = pack_root(directory.path(), &files)?;
    let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["show", "--format", "json"])
        .arg(image)
        .output()
        .unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn packed_forgeries_are_not_official() {
    let line = format!("# enroot-provenance: {HUB}:v0.29.0\n");
    for (what, files) in [
        (
            "another repository",
            image(
                "# enroot-provenance: docker://registry-1.docker.io#evil/vllm-openai:v0.29.0\n",
                "",
                "'vllm' 'serve'",
            ),
        ),
        ("no line", image("", "", "'vllm' 'serve'")),
        (
            "a look-alike",
            image(
                "# enroot-provenance: docker://registry-1.docker.io#vllm/vllm-οpenai:v0.29.0\n",
                "",
                "'vllm' 'serve'",
            ),
        ),
        (
            "a variable behind the block",
            image(&line, "EVIL=1\n", "'vllm' 'serve'"),
        ),
        ("another entrypoint", image(&line, "", "'/evil'")),
        (
            "a second line",
            image(
                &format!("# enroot-provenance: docker://registry-1.docker.io#evil/x:1\n{line}"),
                "",
                "'vllm' 'serve'",
            ),
        ),
    ] {
        let Some(document) = shown(&files) else {
            return;
        };
        assert_ne!(document["origin"]["official"], true, "{what}");
    }
}

/// The one exception. Before 4.2 enroot writes no line of its own, so that the label key
/// `enroot-provenance:` makes line 1; a contract that is copied in full behind it is the contract.
/// Nothing in the file tells such an image from the real one.
#[test]
fn a_complete_copy_behind_a_forged_first_line_is_the_known_exception() {
    let forged = format!("# enroot-provenance: {HUB}:v0.29.0\n");
    let Some(document) = shown(&image(&forged, "", "'vllm' 'serve'")) else {
        return;
    };
    assert_eq!(document["origin"]["official"], true);
}
