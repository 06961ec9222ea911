//! Root file systems to pack, and the ways to pack them.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::json;
use sqsh_prov::image::oci::sha256;
use sqsh_prov::{Inspector, Options};

use crate::forms_support::run;

/// The content digest of an image.
pub fn content(image: &Path) -> String {
    static INSPECTOR: OnceLock<Inspector> = OnceLock::new();
    let inspector = INSPECTOR.get_or_init(|| Inspector::new(Options::default()).unwrap());
    inspector.content(image).unwrap()
}

/// Writes a root file system with one of everything: files large and small, links, an empty directory.
pub fn root(at: &Path) {
    let write = |path: &str, bytes: &[u8], mode: u32| {
        let path = at.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    };
    let large: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    write("usr/bin/tool", b"#!/bin/sh\necho a\n", 0o755);
    write("usr/lib/large.so", &large, 0o644);
    write("usr/lib/sparse", &[0; 400_000], 0o600);
    write("opt/empty", b"", 0o644);
    write("opt/a-b/x", b"1", 0o644);
    write("opt/a/x", b"2", 0o644);
    write("srv/\u{fc}ml\u{e4}ut name\n2", b"odd", 0o644);
    fs::create_dir_all(at.join("var/empty")).unwrap();
    fs::create_dir_all(at.join("etc")).unwrap();
    symlink("usr/bin", at.join("bin")).unwrap();
    symlink("/nowhere", at.join("opt/dangling")).unwrap();
    fs::hard_link(at.join("opt/a/x"), at.join("opt/second")).unwrap();
}

/// What an importer writes, which differs between two imports.
pub fn import(at: &Path, uri: &str) {
    let rc = format!(
        "# enroot-provenance: {uri}\n\nmkdir -p \"/work/dir\" 2> /dev/null\n\
         cd \"/work/dir\" && unset OLDPWD || exit 1\n"
    );
    fs::create_dir_all(at.join("work/dir")).unwrap();
    for (name, text) in [
        ("rc", rc.as_str()),
        ("rc.local", "# a comment\n"),
        ("environment", "A=1\n"),
        ("fstab", ""),
    ] {
        fs::write(at.join("etc").join(name), text).unwrap();
    }
}

/// Packs a root with mksquashfs and this compressor.
pub fn squash(root: &Path, image: &Path, compressor: &str, block: &str) {
    let flags: [&dyn AsRef<std::ffi::OsStr>; 9] = [
        &root,
        &image,
        &"-all-root",
        &"-noappend",
        &"-no-progress",
        &"-comp",
        &compressor,
        &"-b",
        &block,
    ];
    run("mksquashfs", &flags);
}

/// A layout of these layers, each a tar archive, compressed or not.
pub fn layout(at: &Path, layers: &[Vec<u8>], config: &serde_json::Value) -> PathBuf {
    let blobs = at.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8], media: &str| {
        let digest = sha256(bytes);
        fs::write(blobs.join(digest.strip_prefix("sha256:").unwrap()), bytes).unwrap();
        json!({"mediaType": media, "digest": digest, "size": bytes.len()})
    };
    let layer = |bytes: &Vec<u8>| put(bytes, "application/vnd.oci.image.layer.v1.tar");
    let layers: Vec<_> = layers.iter().map(layer).collect();
    let config = put(
        config.to_string().as_bytes(),
        "application/vnd.oci.image.config.v1+json",
    );
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers});
    let manifest = put(
        manifest.to_string().as_bytes(),
        "application/vnd.oci.image.manifest.v1+json",
    );
    let index = json!({"schemaVersion": 2, "manifests": [manifest]});
    fs::write(at.join("index.json"), index.to_string()).unwrap();
    let version = json!({"imageLayoutVersion": "1.0.0"});
    fs::write(at.join("oci-layout"), version.to_string()).unwrap();
    at.to_owned()
}

/// The configuration of an image for this host that starts in a directory.
pub fn config() -> serde_json::Value {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    json!({"os": "linux", "architecture": architecture, "config": {"WorkingDir": "/work/dir", "Env": ["A=1"]},
           "rootfs": {"type": "layers", "diff_ids": []}})
}

/// A tar archive of what is in a directory.
pub fn tar(root: &Path) -> Vec<u8> {
    run("tar", &[&"-c", &"-C", &root, &"."])
}
