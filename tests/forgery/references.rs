//! What leads elsewhere, or only looks like an official repository.

use super::*;

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

/// A text that a browser or a shell would resolve is not a reference, and no answer says to pull it.
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
