use super::*;

const ID: &str = "390e6c2eedf958ef407e2861f70e21b7a68c446c";

#[test]
fn checkouts_are_followed_to_their_commit() {
    let direct_url =
        r#"{"url": "file:///sgl-workspace/sglang/python", "dir_info": {"editable": true}}"#;
    let config = "[remote \"origin\"]\n\turl = https://x:t@github.com/sgl-project/sglang.git\n";
    let image = imported()
        .file(
            &format!("{PACKAGES}/sglang-0.0.0.dev1+g390e6c2ee.dist-info/direct_url.json"),
            direct_url,
        )
        .file("/sgl-workspace/.git/HEAD", "ref: refs/heads/main\n")
        .file("/sgl-workspace/.git/modules/sglang/HEAD", ID)
        .file("/sgl-workspace/.git/modules/sglang/config", config)
        .file(
            "/sgl-workspace/sglang/.git",
            "gitdir: ../.git/modules/sglang\n",
        )
        .directory("/sgl-workspace/sglang/python")
        .file("/.git/HEAD", "ref: refs/heads/dev\n")
        .file(
            "/.git/packed-refs",
            format!("# pack-refs with: peeled\n{ID} refs/heads/dev\n"),
        )
        .directory("/.git/refs")
        .file("/opt/tool/.git/HEAD", "ref: refs/heads/main\n")
        .file("/opt/tool/.git/refs/heads/main", format!("{ID}\n"))
        .file("/srv/app/.git/worktrees/x/HEAD", "ref: refs/heads/x\n")
        .file("/srv/app/.git/worktrees/x/commondir", "../..\n")
        .file("/srv/app/.git/refs/heads/x", ID)
        .file("/srv/app/.git/config", config)
        .file("/srv/tree/.git", "gitdir: /srv/app/.git/worktrees/x\n")
        .file("/src/gone/.git", "gitdir: ../../../../gone\n")
        .link("/repos/a/.git", "/opt/tool/.git")
        .file("/vllm-workspace/.git/HEAD", "ref: refs/../../etc/passwd\n");
    let mut wanted = wanted(&["sglang"]);
    wanted.source_directories.insert("/repos/*".to_owned());
    let facts = facts(&image, &wanted);
    let found: Vec<_> = facts
        .checkouts
        .iter()
        .map(|it| {
            (
                it.path.as_str(),
                it.commit.as_ref().map(|pair| pair.value.as_str()),
                it.reference.as_deref(),
                it.remote.is_some(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("/", Some(ID), Some("refs/heads/dev"), false),
            ("/opt/tool", Some(ID), Some("refs/heads/main"), false),
            ("/repos/a", Some(ID), Some("refs/heads/main"), false),
            ("/sgl-workspace", None, Some("refs/heads/main"), false),
            ("/sgl-workspace/sglang", Some(ID), None, true),
            ("/src/gone", None, None, false),
            ("/srv/app", None, None, false),
            ("/srv/tree", Some(ID), Some("refs/heads/x"), true),
            ("/vllm-workspace", None, None, false),
        ]
    );
    let sglang = facts
        .checkouts
        .iter()
        .find(|it| it.path == "/sgl-workspace/sglang")
        .unwrap();
    assert_eq!(
        sglang.remote.as_ref().unwrap().value,
        "https://github.com/sgl-project/sglang.git"
    );
    let root = facts.checkouts.first().unwrap().commit.as_ref().unwrap();
    assert_eq!(
        (root.source.path.as_deref(), root.source.line),
        (Some("/.git/packed-refs"), Some(2))
    );
    assert_eq!(facts.losses, []);
}

#[test]
fn a_detached_head_has_the_names_that_its_commit_has() {
    let other = "1".repeat(40);
    let url = "https://github.com/a/b";
    let packed = format!("# pack-refs\n{other} refs/tags/v1.0\n^{ID}\n{other} refs/heads/main\n");
    let image = imported()
        .file("/opt/packed/.git/HEAD", ID)
        .file("/opt/packed/.git/packed-refs", &packed)
        .file("/opt/loose/.git/HEAD", ID)
        .file("/opt/loose/.git/refs/tags/v0.9", &other)
        .file("/opt/loose/.git/refs/tags/v1.1", ID)
        .file("/opt/pull/.git/HEAD", ID)
        .file("/opt/pull/.git/refs/remotes/pull/12/merge", ID)
        .file(
            "/opt/pull/.git/FETCH_HEAD",
            format!("{ID}\t\t'{ID}' of {url}\n"),
        )
        .file("/opt/fetched/.git/HEAD", ID)
        .file(
            "/opt/fetched/.git/FETCH_HEAD",
            format!("{ID}\t\t'refs/pull/7/head' of {url}\n"),
        )
        .file("/opt/branch/.git/HEAD", "ref: refs/heads/main\n")
        .file("/opt/branch/.git/refs/heads/main", ID)
        .file("/opt/branch/.git/packed-refs", &packed)
        .file(
            "/opt/branch/.git/FETCH_HEAD",
            format!("{ID}\t\tbranch 'main' of {url}\n"),
        )
        .file("/application/x", "")
        .file("/app/.git/HEAD", ID);
    let facts = facts(&image, &Wanted::default());
    let value = |pair: &Option<Pair>| pair.as_ref().map(|it| (it.key.clone(), it.value.clone()));
    let found: Vec<_> = facts
        .checkouts
        .iter()
        .map(|it| (it.path.as_str(), value(&it.tag), value(&it.fetched)))
        .collect();
    let some = |key: &str, value: &str| Some((key.to_owned(), value.to_owned()));
    assert_eq!(
        found,
        [
            ("/app", None, None),
            ("/opt/branch", None, some("FETCH_HEAD", "refs/heads/main")),
            ("/opt/fetched", None, some("FETCH_HEAD", "refs/pull/7/head")),
            ("/opt/loose", some("refs/tags/v1.1", "v1.1"), None),
            ("/opt/packed", some("refs/tags/v1.0", "v1.0"), None),
            (
                "/opt/pull",
                None,
                some("refs/remotes/pull/12/merge", "refs/pull/12/merge")
            ),
        ]
    );
    let tag = facts.checkouts[4].tag.as_ref().unwrap();
    assert_eq!(tag.source.line, Some(2));
    assert_eq!(facts.losses, []);
}

#[test]
fn a_checkout_with_many_tags_is_read_as_far_as_the_limit() {
    let mut image = imported().file("/app/.git/HEAD", ID);
    for number in 0..70 {
        image = image.file(&format!("/app/.git/refs/tags/a{number:02}"), "1".repeat(40));
    }
    let facts = facts(&image, &Wanted::default());
    let losses = facts.losses.iter().map(|loss| (loss.code, loss.partial));
    assert_eq!(losses.collect::<Vec<_>>(), [("over-limit", false)]);
}
