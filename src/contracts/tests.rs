//! What the contracts of the program say of repositories and tags.

use std::collections::BTreeMap;

use super::Contracts;

#[test]
fn a_tag_leads_to_the_line_that_is_only_for_such_tags() {
    let contracts = Contracts::built_in().unwrap();
    let sglang = contracts.get("sglang").unwrap();
    let product = |tag| {
        let line = sglang.line_for("docker.io/lmsysorg/sglang", tag);
        line.map(|line| line.product.as_str())
    };
    assert_eq!(product(Some("v0.5.19-rocm700-mi35x")), Some("SGLang ROCm"));
    assert_eq!(product(Some("v0.5.20-xeon")), Some("SGLang Xeon"));
    assert_eq!(product(Some("v0.5.20-xeon-mine")), Some("SGLang"));
    assert_eq!(product(None), Some("SGLang"));
    let other = sglang.line_for("docker.io/acme/sglang", Some("v0.5.20-xeon"));
    assert!(other.is_none());
}

#[test]
fn a_tag_may_be_of_the_day_after_the_stamp() {
    let contracts = Contracts::built_in().unwrap();
    let sglang = contracts.get("sglang").unwrap();
    let stamped = "nightly-dev-cu13-20261231-9c70d421";
    for (published, expected) in [
        ("nightly-dev-cu13-20270101-9c70d421", true),
        (stamped, false),
        ("nightly-dev-cu13-20270102-9c70d421", false),
        ("nightly-dev-cu13-20261230-9c70d421", false),
        ("nightly-dev-cu13-20270101-0c70d421", false),
        ("nightly-dev-20270101-9c70d421", false),
        ("v0.5.19", false),
    ] {
        let repository = "docker.io/lmsysorg/sglang";
        let next = sglang.is_next_day(repository, stamped, published);
        assert_eq!(next, expected, "{published}");
    }
    let [no_date, later] = [
        "nightly-dev-20261399-9c70d421",
        "nightly-dev-20261400-9c70d421",
    ];
    assert!(!sglang.is_next_day("docker.io/lmsysorg/sglang", no_date, later));
}

/// The directories of base-images and of runtime-images in labring-actions/devbox-runtime; the
/// repository is named after the last two.
const DEVBOX: [&str; 26] = [
    "fw/nest.js/v11",
    "fw/nginx/1.22.1",
    "fw/openclaw/latest",
    "fw/sandbox/fastgpt",
    "fw/sandbox/v1",
    "lang/c/gcc-12.2.0",
    "lang/cpp/gcc-12.2.0",
    "lang/go/1.22.5",
    "lang/go/1.23.0",
    "lang/java/openjdk17",
    "lang/net/10.0",
    "lang/net/8.0",
    "lang/node.js/18",
    "lang/node.js/20",
    "lang/node.js/22",
    "lang/php/7.4",
    "lang/php/8.2",
    "lang/python/3.10",
    "lang/python/3.11",
    "lang/python/3.12",
    "lang/rust/1.81.0",
    "os/anolis/23.4",
    "os/debian/12.6",
    "os/kylin/v10-sp3",
    "os/ubuntu-cuda/12.4.1",
    "os/ubuntu/22.04",
];

#[test]
fn every_devbox_image_names_the_directory_that_it_was_built_from() {
    let contracts = Contracts::built_in().unwrap();
    let devbox = contracts.get("devbox").unwrap();
    for level in ["base", "runtime"] {
        for directory in DEVBOX {
            let (_, name) = directory.split_once('/').unwrap();
            let name = name.replace('/', "-");
            let repository = format!("ghcr.io/labring-actions/devbox-{level}-images/{name}");
            let flags: BTreeMap<_, _> = devbox.name_flags(&repository).into_iter().collect();
            assert_eq!(flags["target"], format!("{level}/{directory}"));
        }
    }
    assert!(devbox.name_flags("ghcr.io/acme/go-1.23.0").is_empty());
}

#[test]
fn a_mirror_of_the_publisher_is_of_the_same_product_and_not_official() {
    let contracts = Contracts::built_in().unwrap();
    let devbox = contracts.get("devbox").unwrap();
    let mirror = "registry.cn-hangzhou.aliyuncs.com/labring/devbox-tooling/tooling";
    let line = devbox.product_line(mirror, Some("latest"));
    assert_eq!(
        line.map(|line| line.product.as_str()),
        Some("Devbox tooling")
    );
    assert!(devbox.line_of(mirror).is_none());
}
