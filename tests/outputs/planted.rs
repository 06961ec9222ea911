//! Images of every form in which each carrier holds a text of the test's.

use super::contents::*;
use super::forms_support::{layout, sif_with, tar_of};
use super::support::pack;
use serde_json::json;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What to put where: called with the name of each carrier.
pub type Text<'t> = &'t dyn Fn(&str) -> Vec<u8>;

/// Variables and labels beside those: names and values.
pub type Pairs<'p> = &'p [(&'p str, String)];

/// Every carrier that [`plant`] fills. What is planted in one of these must be seen in some output.
pub const CARRIERS: &[&str] = &[
    "annotation",
    "ch-env",
    "ch-label",
    "config-cmd",
    "config-env",
    "config-history",
    "config-label",
    "daemon-env",
    "daemon-label",
    "daemon-tag",
    "direct-url",
    "document",
    "env-key",
    "env-value",
    "file-name",
    "fstab",
    "git-remote",
    "label-key",
    "label-value",
    "oci-label",
    "os-release",
    "package",
    "rc-cmd",
    "rc-entrypoint",
    "rc-provenance",
    "rc-workdir",
    "repo-tag",
    "sif-definition",
    "sif-label",
    "stamp",
    "xattr",
];

/// Which forms to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// A squashfs image and a root file system.
    Roots,
    /// Those, and one of every other form.
    All,
}

fn set_uri(file: &Path, uri: &[u8]) {
    let none = rustix::fs::XattrFlags::empty();
    let _ = rustix::fs::setxattr(file, "user.image_uri", uri, none);
}

/// A checkout whose remote has the text.
fn write_checkout(checkout: &Path, text: Text<'_>) {
    rc(checkout, b"/app", &[], &[], Vec::new());
    put(checkout, "app/.git/HEAD", format!("{COMMIT}\n").as_bytes());
    put(
        checkout,
        "app/.git/config",
        &lines(&[
            ("[remote \"origin\"]", b"", ""),
            ("\turl = https://github.com/a/", &text("git-remote"), ""),
        ]),
    );
}

/// A SIF file with the text in each of its pieces.
fn write_sif(sif: &Path, text: Text<'_>) -> Option<()> {
    let labels = json!({
        "org.label-schema.usage": string(&text("sif-label")),
        "org.opencontainers.image.version": string(&text("sif-label")),
        string(&text("sif-label")): "x",
    });
    let mut definition = b"bootstrap: docker\nfrom: ".to_vec();
    definition.extend(text("sif-definition"));
    definition.extend(b"\n%post\n  echo ");
    definition.extend(text("sif-definition"));
    let pieces: [(i32, &[u8], &[u8]); 3] = [
        (0x4001, &text("sif-definition"), &definition),
        (0x4003, &text("sif-label"), &bytes(&labels)),
        (0x4006, &text("sif-label"), b"{ bad"),
    ];
    fs::write(sif, sif_with(empty_image()?, &pieces)).unwrap();
    Some(())
}

/// Images with these texts, below `store`. `None` without mksquashfs and tar.
pub fn plant(
    store: &Path,
    directory: &Path,
    forms: Forms,
    pairs: Pairs<'_>,
    text: Text<'_>,
) -> Option<Vec<PathBuf>> {
    let store = store.join(file_name(&text("file-name"), ""));
    fs::create_dir_all(&store).unwrap();
    let at = |end: &str| store.join(file_name(&text("file-name"), end));

    let root = directory.join("root");
    everything(&root, pairs, text);
    let squashfs = at(".sqsh");
    pack(&root, &directory.join("packed"))?;
    fs::rename(directory.join("packed"), &squashfs).unwrap();
    let uri = text("xattr");
    set_uri(&squashfs, &uri);

    let stamped_root = at("");
    stamped(&stamped_root, text);
    if forms == Forms::Roots {
        return Some(vec![squashfs, stamped_root]);
    }
    let charliecloud = at("-ch");
    put(
        &charliecloud,
        "ch/config.pulled.json",
        &bytes(&config("ch-env", "ch-label", pairs, text)),
    );
    put(&charliecloud, "ch/metadata.json", b"{}");
    put(&charliecloud, "usr/lib/os-release", b"ID=debian\n");

    let checkout = at("-git");
    write_checkout(&checkout, text);

    let layout_root = at("-layout");
    let configuration = config("config-env", "config-label", pairs, text);
    let annotations = json!({
        "org.opencontainers.image.ref.name": string(&text("annotation")),
        "org.opencontainers.image.source": string(&text("annotation")),
        string(&text("annotation")): "x",
    });
    layout(&layout_root, &bytes(&configuration), &annotations);

    let saved = directory.join("saved");
    put(&saved, "config.json", &bytes(&configuration));
    let tag = format!("acme/x:{}", string(&text("repo-tag")));
    let manifest = json!([{"Config": "config.json", "RepoTags": [tag, string(&text("repo-tag"))], "Layers": []}]);
    put(&saved, "manifest.json", &bytes(&manifest));
    let archive = at(".tar");
    tar_of(&saved, &archive);

    let inspected = at(".json");
    fs::write(&inspected, bytes(&docker_inspect(pairs, text))).unwrap();

    let sif = at(".sif");
    write_sif(&sif, text)?;
    set_uri(&sif, &uri);

    Some(vec![
        squashfs,
        stamped_root,
        charliecloud,
        checkout,
        layout_root,
        archive,
        inspected,
        sif,
    ])
}

/// An image with nothing in it.
fn empty_image() -> Option<&'static [u8]> {
    static IMAGE: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let image = IMAGE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        put(&root, "etc/hostname", b"x");
        pack(&root, &directory.path().join("image")).map(|image| fs::read(image).unwrap())
    });
    image.as_deref()
}

/// A name for a file: the text without what no name can have.
pub fn file_name(text: &[u8], end: &str) -> std::ffi::OsString {
    let mut name: Vec<u8> = text.iter().copied().filter(|&byte| byte != 0).collect();
    name.iter_mut()
        .filter(|byte| **byte == b'/')
        .for_each(|byte| *byte = b'_');
    name.truncate(200);
    name.extend(end.as_bytes());
    std::ffi::OsString::from_vec(name)
}
