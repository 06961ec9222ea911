//! Where the file came from, and who says so.

use sqsh_prov::carriers::{ImageNames, NamedBy, Pair};
use sqsh_prov::provenance::{Kind, Via};

use crate::facts::{COMMIT, Made};
use crate::{DIGEST, HUB, codes, commit, hub, ngc, verdict};

#[test]
fn a_digest_line_is_a_digest_and_needs_only_the_repository() {
    let a = Made::vllm(&format!("{HUB}:{DIGEST}")).attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(true), Some("vllm")));
    let pull = a.origin.pull.reference.unwrap();
    assert_eq!(pull, format!("docker.io/vllm/vllm-openai@{DIGEST}"));
    assert_eq!(
        a.origin.public_reference.as_deref(),
        Some("docker.io/vllm/vllm-openai:v0.29.0")
    );
}

#[test]
fn a_tag_is_recovered_from_the_attribute_beside_a_digest_line() {
    let image = Made::new(&format!(
        "docker://registry-1.docker.io#lmsysorg/sglang-rocm:{DIGEST}"
    ))
    .env("ROCM_PATH", "/opt/rocm")
    .package("sglang", "0.5.12.post1.dev243+gf76c1d019")
    .with(|f| {
        f.image_uri = Some("docker://lmsysorg/sglang-rocm:v0.5.12-rocm720-mi35x-20260517".into())
    });
    let a = image.attribute();
    // The file's owner can write the attribute: it is shown, and decides nothing.
    assert_eq!(verdict(&a), (Kind::Unknown, None, Some("sglang")));
    assert_eq!(
        a.origin.imported.unwrap().tag.as_deref(),
        Some("v0.5.12-rocm720-mi35x-20260517")
    );
}

#[test]
fn an_attribute_that_contradicts_the_image_is_a_conflict_and_names_no_tag() {
    let line = format!("docker://registry-1.docker.io#vllm/vllm-openai:{DIGEST}");
    let genuine = Made::vllm(&line);
    for (uri, differs) in [
        ("docker://vllm/vllm-openai:v0.29.0", false),
        ("docker://vllm/vllm-openai:v9.9.9", true),
        ("docker://acme/vllm-openai:v0.29.0", true),
    ] {
        let a = genuine
            .clone()
            .with(|f| f.image_uri = Some(uri.into()))
            .attribute();
        assert_eq!(codes(&a).contains(&"image-uri-differs"), differs, "{uri}");
        let tag = a.origin.imported.unwrap().tag;
        assert_eq!(tag.as_deref(), (!differs).then_some("v0.29.0"), "{uri}");
        assert_eq!(a.origin.official, Some(true), "{uri}");
    }
}

#[test]
fn second_provenance_line_is_never_trusted() {
    let image = Made::new("docker://registry-1.docker.io#acme/fake:1").with(|f| {
        let line = Pair {
            value: hub("v9.9.9"),
            ..Pair::default()
        };
        f.import.as_mut().unwrap().false_uris.push(line);
    });
    let a = image.attribute();
    assert_eq!(verdict(&a), (Kind::Unknown, None, None));
    assert_eq!(codes(&a), ["second-provenance-line"]);
    assert_eq!(
        a.origin.public_reference.as_deref(),
        Some("docker.io/acme/fake:1")
    );
}

#[test]
fn an_import_line_that_nothing_in_the_image_backs_names_no_publisher() {
    let a = Made::new(&hub("v9.9.9")).attribute();
    assert_eq!(verdict(&a), (Kind::Unknown, Some(false), None));
    assert_eq!(a.origin.public_reference, None);
    assert!(!a.origin.pull.ok);
}

#[test]
fn forged_lines_do_not_make_an_owner() {
    let a = Made::new("")
        .env("VLLM_BUILD_COMMIT", COMMIT)
        .env("VLLM_IMAGE_TAG", "vllm/vllm-openai:v9.9.9")
        .attribute();
    assert_eq!(verdict(&a), (Kind::Unknown, None, None));
    assert_eq!(commit(&a), None);
}

#[test]
fn a_file_name_that_lies_is_only_a_warning() {
    let a = Made::vllm(&hub("v0.29.0"))
        .with(|f| f.file_name = Some("vllm+vllm-openai+v0.29.0.post1.sqsh".into()))
        .attribute();
    assert_eq!(verdict(&a), (Kind::Release, Some(true), Some("vllm")));
    assert!(a.warnings.iter().any(|w| w.code == "file-name-differs"));
    let same = Made::vllm(&hub("v0.29.0"))
        .with(|f| f.file_name = Some("vllm_vllm-openai_v0.29.0.sqsh".into()));
    assert_eq!(same.attribute().warnings, []);
}

#[test]
fn a_line_that_may_be_a_label_proves_nothing() {
    for (sorted, before) in [(false, true), (true, false), (false, false)] {
        let a = Made::vllm(&hub("v0.29.0"))
            .with(|f| {
                let import = f.import.as_mut().unwrap();
                import.label_keys_sorted = sorted;
                import.label_before_line = before;
            })
            .attribute();
        assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")));
        assert!(
            a.origin
                .reasons
                .iter()
                .any(|r| r == "import-line-may-be-a-label")
        );
        assert_eq!(a.origin.imported.unwrap().via, Via::Registry);
    }
}

#[test]
fn an_unreadable_line_is_worse_than_none() {
    let uri = "docker://evil.example.com?^@registry-1.docker.io#vllm/vllm-openai:v0.29.0";
    let a = Made::vllm(uri)
        .with(|f| f.import.as_mut().unwrap().unreadable = Some("it has a '?'".into()))
        .attribute();
    assert_eq!(a.origin.official, Some(false));
    assert!(a.origin.reasons.iter().any(|r| r == "import-unreadable"));
}

#[test]
fn an_image_of_an_older_importer_is_declared_but_not_official() {
    for uri in ["", "  "] {
        let a = Made::vllm(uri).attribute();
        assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")));
        assert_eq!(a.origin.imported, None);
        assert_eq!(
            a.origin.pull.reference.as_deref(),
            Some("docker.io/vllm/vllm-openai:v0.29.0")
        );
    }
}

#[test]
fn an_attribute_alone_proves_no_import() {
    let a = Made::vllm("")
        .with(|f| f.image_uri = Some("docker://vllm/vllm-openai:v0.29.0".into()))
        .attribute();
    assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")));
    assert_eq!(a.origin.imported.unwrap().via, Via::Unknown);
}

#[test]
fn a_daemon_name_that_looks_like_a_registry_is_no_registry_import() {
    let bare = Made::new("dockerd://nvcr.io/nvidia/pytorch:26.03-py3").attribute();
    // No contract says what an official one would be.
    assert_eq!(verdict(&bare), (Kind::Local, None, None));
    let stamped = ngc("dockerd://nvcr.io/nvidia/pytorch:26.03-py3").attribute();
    assert_eq!(verdict(&stamped), (Kind::Release, None, Some("ngc")));
    assert_eq!(stamped.origin.imported.unwrap().via, Via::Daemon);
}

#[test]
fn look_alikes_of_an_official_repository_are_not_it() {
    for uri in [
        "docker://registry-1.docker.io#vllm/vllm\u{2010}openai:v0.29.0",
        "docker://registry-1.docker.io#vl\u{217c}m/vllm-openai:v0.29.0",
        "docker://registry-1.docker.io#VLLM/vllm-openai:v0.29.0",
        "docker://registry-1.d\u{043e}cker.io#vllm/vllm-openai:v0.29.0",
        "docker://xn--dcker-jye.io#vllm/vllm-openai:v0.29.0",
        "docker://registry-1.docker.io.evil.example#vllm/vllm-openai:v0.29.0",
        "docker://docker.io@evil.example#vllm/vllm-openai:v0.29.0",
        "docker://registry-1.docker.io#vllm/vllm-openai/x:v0.29.0",
    ] {
        let a = Made::vllm(uri).attribute();
        assert_ne!(a.origin.official, Some(true), "{uri}");
    }
}

#[test]
fn every_private_address_range_is_private() {
    // A stamp that names the host makes it the publisher's, where anybody can reach it.
    let from = |host: &str| {
        let reference = format!("{host}/acme/server:1.4.2");
        let uri = format!("docker://{host}#acme/server:1.4.2");
        let found = Made::vllm_stamped(&uri, &reference, COMMIT, "0.29.0").attribute();
        found.origin.public_reference
    };
    assert!(from("203.0.113.9:5000").is_some());
    for host in [
        "10.1.2.3:5000",
        "172.16.0.1:5000",
        "172.20.0.1:5000",
        "172.29.9.9:5000",
        "172.31.0.1:5000",
        "192.168.0.7:5000",
    ] {
        assert_eq!(from(host), None, "{host}");
    }
}

#[test]
fn an_image_id_in_a_daemon_names_no_repository() {
    let id = &DIGEST["sha256:".len()..];
    for uri in [
        format!("dockerd://{}", &id[..12]),
        format!("dockerd://{id}"),
        format!("podman://{DIGEST}"),
    ] {
        let a = Made::vllm(&uri).attribute();
        assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")), "{uri}");
        assert!(a.origin.reasons.iter().any(|r| r == "imported-from-daemon"));
        assert_eq!(codes(&a), [""; 0], "{uri}");
    }
}

/// An untouched vLLM release that a daemon has under these tags, and with these digests.
fn in_daemon(tags: &[&str], digests: &[String]) -> Made {
    let pairs = |texts: &mut dyn Iterator<Item = &str>| -> Vec<Pair> {
        let pair = |text: &str| Pair {
            value: text.to_owned(),
            ..Pair::default()
        };
        texts.map(pair).collect()
    };
    Made::vllm("").with(|f| {
        f.import = None;
        f.named = Some(ImageNames {
            names: pairs(&mut tags.iter().copied()),
            pinned: pairs(&mut digests.iter().map(String::as_str)),
            by: NamedBy::Daemon,
            ..ImageNames::default()
        });
    })
}

#[test]
fn a_tag_that_somebody_added_does_not_outweigh_the_publishers_digest() {
    let own = format!("vllm/vllm-openai@{DIGEST}");
    let other = format!("acme/x@{DIGEST}");
    for (tags, digests) in [
        (&["acme/x:1"][..], vec![own.clone()]),
        (&["acme/x:1"], vec![other.clone(), own.clone()]),
        (
            &["acme/x:1", "vllm/vllm-openai:v0.29.0"],
            vec![other.clone(), own.clone()],
        ),
    ] {
        let a = in_daemon(tags, &digests).attribute();
        assert_eq!(verdict(&a), (Kind::Release, None, Some("vllm")), "{tags:?}");
        assert_eq!(codes(&a), [""; 0]);
    }
    // A child has a digest of its own, whatever its tag.
    for tags in [&["acme/x:1"], &["vllm/vllm-openai:v0.29.0"]] {
        let a = in_daemon(tags, std::slice::from_ref(&other)).attribute();
        assert_eq!(verdict(&a), (Kind::Derived, Some(false), None), "{tags:?}");
        assert_eq!(codes(&a), ["repository-differs"]);
    }
}

#[test]
fn a_name_with_the_tag_of_another_version_contradicts_the_stamp_in_every_form() {
    let own = format!("vllm/vllm-openai@{DIGEST}");
    let daemon = |tag: &str| in_daemon(&[tag], std::slice::from_ref(&own));
    let layout = |tag: &str| {
        daemon(tag).with(|f| {
            let named = f.named.as_mut().unwrap();
            named.by = NamedBy::Layout;
            named.digest = Some(Pair {
                value: DIGEST.to_owned(),
                ..Pair::default()
            });
        })
    };
    for (tag, differs) in [
        ("v0.29.0", false),
        ("v0.29.0-x86_64", false),
        ("latest", false),
        // Beside a digest, the tag may be another name of the image.
        ("glm53-flash", false),
        ("v0.28.0", true),
    ] {
        let name = format!("vllm/vllm-openai:{tag}");
        for image in [daemon(&name), layout(&name)] {
            let a = image.attribute();
            assert_eq!(codes(&a).contains(&"tag-differs"), differs, "{tag}");
            let official = differs.then_some(false);
            assert_eq!(a.origin.official, official, "{tag}");
        }
    }
    // The digest of one reference replaces its tag.
    let pinned = layout(&format!("vllm/vllm-openai:v0.28.0@{DIGEST}")).attribute();
    assert_eq!(codes(&pinned), [""; 0]);
}
