//! What an image is called, and by whom.

use super::*;

#[test]
fn a_docker_archive_says_whose_image_it_is() {
    let artefacts = artefacts();
    let mut archives = artefacts.iter().filter(|it| it["kind"] == "docker-archive");
    let artefact = archives.next().unwrap();
    let document = inspect(&fixture("oci", artefact["file"].as_str().unwrap()));
    let expected = &artefact["expected"];
    let origin = &document["origin"];
    assert_eq!(document["labels"], expected["labels"]);
    assert_eq!(document["environment"], variables(&expected["env"]));
    assert_eq!(digest(&document, "config"), expected["config_digest"]);
    assert_eq!(origin["kind"], "release");
    assert_eq!(origin["publisher"], "vllm");
    assert_eq!(origin["official"], Value::Null);
    assert_eq!(origin["commit"]["id"], expected["facts"]["commit"]);
    assert_eq!(origin["public_reference"], expected["facts"]["public_ref"]);
    assert_eq!(origin["imported"]["via"], "daemon");
    assert_eq!(origin["pipeline"]["build"], 6292);
    let names = evidence(&document, "docker-archive", "RepoTags");
    assert_eq!(json!(names), expected["repo_tags"]);
}

/// A digest with nothing but this digit.
fn digest_of(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

const VLLM: &str = "vllm/vllm-openai:v0.29.0";
const HOST: &str = "registry.acme.example:5000/vllm/vllm-openai:v0.29.0";
const OF_B: &str = "acme/x@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// `RepoTags`, `RepoDigests` by the digit that they are made of, the image's own name; what is said.
type Row = (
    &'static [&'static str],
    &'static [(&'static str, char)],
    &'static str,
    &'static str,
    Option<char>,
);

const NAMED: &[Row] = &[
    // One tag and one digest, in every spelling.
    (&["acme/x:1"], &[("acme/x", 'a')], "", "acme/x:1", Some('a')),
    (
        &["x:1"],
        &[("docker.io/library/x", 'a')],
        "",
        "x:1",
        Some('a'),
    ),
    (
        &["docker.io/acme/x:1"],
        &[("index.docker.io/acme/x", 'a')],
        "",
        "docker.io/acme/x:1",
        Some('a'),
    ),
    (
        &[HOST],
        &[("REGISTRY.acme.example:5000/vllm/vllm-openai", 'a')],
        "",
        HOST,
        Some('a'),
    ),
    // A later tag is in no registry: the name that was pulled or pushed says more.
    (
        &["acme/x:1"],
        &[("vllm/vllm-openai", 'a')],
        VLLM,
        "vllm/vllm-openai@",
        Some('a'),
    ),
    (
        &["acme/x:1"],
        &[("acme/x", 'a'), ("vllm/vllm-openai", 'b')],
        VLLM,
        "vllm/vllm-openai@",
        Some('b'),
    ),
    (
        &["acme/x:1", VLLM],
        &[("acme/x", 'a')],
        "",
        "acme/x:1",
        Some('a'),
    ),
    (
        &[VLLM, "acme/x:1"],
        &[("acme/x", 'a')],
        "",
        "acme/x:1",
        Some('a'),
    ),
    (
        &["acme/x:1", VLLM],
        &[("acme/x", 'a')],
        VLLM,
        "acme/x:1",
        Some('a'),
    ),
    (
        &["acme/x:1", "acme/x:2"],
        &[("acme/x", 'a')],
        "acme/x:2",
        "acme/x:2",
        Some('a'),
    ),
    // Two of each.
    (
        &["acme/x:1", VLLM],
        &[("vllm/vllm-openai", 'b'), ("acme/x", 'a')],
        "",
        "acme/x:1",
        Some('a'),
    ),
    (
        &["acme/x:1", VLLM],
        &[("acme/x", 'a'), ("vllm/vllm-openai", 'b')],
        VLLM,
        VLLM,
        Some('b'),
    ),
    // A digest alone, and two.
    (&[], &[("acme/x", 'a')], "", "acme/x@", Some('a')),
    (
        &[],
        &[("acme/x", 'a'), ("vllm/vllm-openai", 'b')],
        "",
        "acme/x@",
        Some('a'),
    ),
    (
        &[],
        &[("acme/x", 'a'), ("acme/x", 'b')],
        OF_B,
        "acme/x@",
        Some('b'),
    ),
    // A tag alone.
    (&["acme/x:1"], &[], "", "acme/x:1", None),
    (&["acme/x:1", VLLM], &[], VLLM, VLLM, None),
    // A digest of another registry or repository, or none at all.
    (
        &[VLLM],
        &[("registry.acme.example:5000/vllm/vllm-openai", 'a')],
        "",
        "registry.acme.example:5000/vllm/vllm-openai@",
        Some('a'),
    ),
    (
        &[HOST],
        &[("vllm/vllm-openai", 'a')],
        "",
        "vllm/vllm-openai@",
        Some('a'),
    ),
    (
        &["localhost/acme/x:1"],
        &[("acme/x", 'a')],
        "",
        "acme/x@",
        Some('a'),
    ),
    (
        &[VLLM],
        &[("acme/x", 'a'), ("vllm/vllm", 'b')],
        VLLM,
        "acme/x@",
        Some('a'),
    ),
    (&["acme/x:1"], &[("acme/x", 'g')], "", "acme/x:1", None),
    (&["A B"], &[("A B", 'a')], "", "A B", None),
];

#[test]
fn what_a_daemon_has_is_named_with_a_digest_of_the_same_repository() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("inspected.json");
    for &(tags, digests, own, uri, digest) in NAMED {
        let digests: Vec<String> = digests
            .iter()
            .map(|&(name, digit)| format!("{name}@{}", digest_of(digit)))
            .collect();
        let printed = json!([{"Id": "sha256:1", "RepoTags": tags, "RepoDigests": digests,
            "Config": {"Env": [format!("IMAGE={own}")]}}]);
        fs::write(&path, printed.to_string()).unwrap();
        let document = inspect(&path);
        let imported = &document["origin"]["imported"];
        let digest = digest.map(digest_of);
        let uri = match &digest {
            Some(digest) if uri.ends_with('@') => format!("{uri}{digest}"),
            _ => uri.to_owned(),
        };
        assert_eq!(imported["uri"], uri, "{printed}");
        assert_eq!(imported["digest"], json!(digest), "{printed}");
        assert_eq!(
            imported["via"],
            if uri == "A B" { "unknown" } else { "daemon" }
        );
        // What is no digest of it is evidence all the same.
        let all = document["evidence"].as_array().unwrap();
        let with = |field: &str| -> BTreeSet<&str> {
            let found = all.iter().filter(|e| e["field"] == field);
            let found = found.filter(|e| e["source"]["carrier"] == "inspect");
            found.map(|e| e["value"].as_str().unwrap()).collect()
        };
        let used = |text: &&str| {
            digest
                .as_deref()
                .is_some_and(|digest| text.ends_with(digest))
        };
        let digests = digests.iter().map(String::as_str);
        let expected = digests.filter(|text| *text == uri || !used(text));
        assert_eq!(
            with("origin.imported"),
            expected.chain(tags.iter().copied()).collect()
        );
        assert_eq!(
            with("origin.imported.digest"),
            digest.iter().map(String::as_str).collect()
        );
    }
}

#[test]
fn a_base_cannot_forge_an_import_under_another_packer() {
    if !available(&["unsquashfs"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let rc = include_str!("../../src/carriers/testdata/a-vllm-release.rc");
    let root = directory.path().join("root");
    let charliecloud = fixture("carriers", "ch-a-vllm-release.sqfs");
    run(
        "unsquashfs",
        &[&"-no-progress", &"-d", &root, &charliecloud],
    );
    // Written now, so later than Charliecloud's own files.
    fs::write(root.join("etc/rc"), rc).unwrap();
    let document = inspect(&root);
    assert_ne!(document["origin"]["official"], true);
    assert_eq!(document["origin"]["imported"]["via"], "unknown");
    let mut warnings = document["warnings"].as_array().unwrap().iter();
    assert!(warnings.any(|warning| warning["code"] == "two-importers"));

    // The very file that is official as enroot's own is not within a SIF file.
    let imported = fixture("classification", "01-vllm-release.sqsh");
    assert_eq!(inspect(&imported)["origin"]["official"], true);
    let wrapped = directory.path().join("wrapped.sif");
    fs::write(&wrapped, sif(&fs::read(&imported).unwrap())).unwrap();
    let document = inspect(&wrapped);
    assert_eq!(document["origin"]["official"], Value::Null);
    assert_eq!(document["origin"]["imported"]["via"], "unknown");
}
