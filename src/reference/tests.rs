use super::*;

const HEX: &str = "972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085";

#[test]
fn a_registry_of_one_word_is_never_an_owner_on_docker_hub() {
    let host = Reference::parse("docker://vllm#vllm-openai:v0.29.0").unwrap();
    assert_eq!(host.to_string(), "vllm:443/vllm-openai:v0.29.0");
    assert_eq!(
        Reference::parse(&host.to_string()).unwrap().to_string(),
        host.to_string()
    );
    let hub = Reference::parse("vllm/vllm-openai:v0.29.0").unwrap();
    assert!(!host.same_repository(&hub));
    assert!(Reference::parse("docker://#a:b").is_err());
}

#[test]
fn the_part_that_docker_leaves_out_counts_to_the_longest_repository() {
    let longest = Reference::parse(&"a".repeat(255 - "library/".len())).unwrap();
    assert_eq!(Reference::parse(&longest.to_string()).unwrap(), longest);
    assert!(Reference::parse(&"a".repeat(256 - "library/".len())).is_err());
}

#[test]
fn every_spelling_has_one_canonical_form() {
    let by_digest = format!("docker.io/vllm/vllm-openai@sha256:{HEX}");
    for (text, canonical) in [
        ("ubuntu", "docker.io/library/ubuntu:latest"),
        ("ubuntu:24.04", "docker.io/library/ubuntu:24.04"),
        ("docker.io/ubuntu:24.04", "docker.io/library/ubuntu:24.04"),
        (
            "index.docker.io/library/ubuntu:24.04",
            "docker.io/library/ubuntu:24.04",
        ),
        (
            "docker://registry-1.docker.io#library/ubuntu:24.04",
            "docker.io/library/ubuntu:24.04",
        ),
        (
            "vllm/vllm-openai:v0.29.0",
            "docker.io/vllm/vllm-openai:v0.29.0",
        ),
        (
            "docker://vllm/vllm-openai:v0.29.0",
            "docker.io/vllm/vllm-openai:v0.29.0",
        ),
        (
            "docker://me@vllm/vllm-openai:v0.29.0",
            "docker.io/vllm/vllm-openai:v0.29.0",
        ),
        (
            "docker://$oauthtoken@nvcr.io#nvidia/pytorch:25.06-py3",
            "nvcr.io/nvidia/pytorch:25.06-py3",
        ),
        (
            "nvcr.io#nvidia/ai-dynamo/tensorrtllm-runtime:0.8.1.post1",
            "nvcr.io/nvidia/ai-dynamo/tensorrtllm-runtime:0.8.1.post1",
        ),
        ("NVCR.IO/nvidia/pytorch", "nvcr.io/nvidia/pytorch:latest"),
        (
            "gitlab-master.nvidia.com:5005/dl/ai-dynamo/dynamo:56f877977-trtllm-arm64",
            "gitlab-master.nvidia.com:5005/dl/ai-dynamo/dynamo:56f877977-trtllm-arm64",
        ),
        (
            "localhost/acme/vllm-custom:1",
            "localhost/acme/vllm-custom:1",
        ),
        ("localhost:5000/a", "localhost:5000/a:latest"),
    ] {
        assert_eq!(
            Reference::parse(text).unwrap().to_string(),
            canonical,
            "{text}"
        );
    }
    for text in [
        format!("docker://registry-1.docker.io#vllm/vllm-openai:sha256:{HEX}"),
        format!("vllm/vllm-openai@sha256:{HEX}"),
        format!("vllm/vllm-openai:v0.23.0@sha256:{HEX}"),
        format!("docker://me@vllm/vllm-openai@sha256:{HEX}"),
    ] {
        assert_eq!(
            Reference::parse(&text).unwrap().to_string(),
            by_digest,
            "{text}"
        );
    }
}

#[test]
fn a_tag_beside_a_digest_is_kept() {
    let reference = Reference::parse(&format!("vllm/vllm-openai:v1@sha256:{HEX}")).unwrap();
    assert_eq!(reference.tag.as_deref(), Some("v1"));
    assert_eq!(reference.digest, Some(format!("sha256:{HEX}")));
}

#[test]
fn what_no_registry_accepts_is_refused() {
    for text in [
        "",
        "docker://",
        "vllm/vllm\u{043e}penai:v1",
        "a b:c",
        "a:",
        "a//b",
        "/a",
        "a:b c",
        "x/\u{202e}y",
        "nvcr.io#",
        "--push:1",
        "a/-b:1",
        "a/b-:1",
        "a/.b:1",
        "-x.example/a:1",
        "a:-b",
        "a:.b",
    ] {
        assert!(Reference::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn an_upper_case_repository_is_marked() {
    assert!(Reference::parse("VLLM/vllm-openai:v1").unwrap().irregular);
    assert!(
        !Reference::parse("Docker.io/vllm/vllm-openai:V1")
            .unwrap()
            .irregular
    );
}

#[test]
fn enroot_takes_what_is_suggested() {
    for (text, uri) in [
        ("ubuntu:24.04", "docker://ubuntu:24.04".to_owned()),
        (
            "nvcr.io/nvidia/pytorch:26.03-py3",
            "docker://nvcr.io#nvidia/pytorch:26.03-py3".to_owned(),
        ),
        (
            &format!("vllm/vllm-openai@sha256:{HEX}"),
            format!("docker://vllm/vllm-openai@sha256:{HEX}"),
        ),
    ] {
        assert_eq!(Reference::parse(text).unwrap().enroot_uri(), uri);
    }
}

#[test]
fn a_daemon_name_is_not_a_registry_reference() {
    assert!(matches!(
        ImportUri::parse("dockerd://nvcr.io/nvidia/pytorch:25.06-py3").unwrap(),
        ImportUri::Daemon { scheme, name: Some(_) } if scheme == "dockerd"
    ));
    assert!(matches!(
        ImportUri::parse("docker://nvcr.io#nvidia/pytorch:25.06-py3").unwrap(),
        ImportUri::Registry(_)
    ));
}

#[test]
fn mirrors_map_whole_components() {
    let mirrors = vec![(
        "harbor.acme.example/dockerhub".to_owned(),
        "docker.io".to_owned(),
    )];
    let mirrored = Reference::parse("harbor.acme.example/dockerhub/vllm/vllm-openai:v1").unwrap();
    assert_eq!(
        mirrored.unmirrored(&mirrors).unwrap().to_string(),
        "docker.io/vllm/vllm-openai:v1"
    );
    let other = Reference::parse("harbor.acme.example/dockerhub2/vllm/vllm-openai:v1").unwrap();
    assert_eq!(other.unmirrored(&mirrors), None);
}

#[test]
fn a_mirror_keeps_the_repository_path() {
    let official = Reference::parse("vllm/vllm-openai:v1").unwrap();
    for (text, expected) in [
        ("harbor.acme.example/dockerhub/vllm/vllm-openai:v1", true),
        ("harbor.acme.example/vllm/vllm-openai:v1", true),
        ("acme/vllm-openai:v1", false),
        ("harbor.acme.example/xvllm/vllm-openai:v1", false),
        ("vllm/vllm-openai:v2", false),
    ] {
        assert_eq!(
            Reference::parse(text).unwrap().may_mirror(&official),
            expected,
            "{text}"
        );
    }
}
