//! Makes images of other forms from the fixtures.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// True when all tools are there; with CI=true a missing one is a failure.
pub fn available(tools: &[&str]) -> bool {
    let missing: Vec<_> = tools
        .iter()
        .filter(|tool| Command::new(tool).arg("--help").output().is_err())
        .collect();
    let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(missing.is_empty() || !ci, "missing: {missing:?}");
    missing.is_empty()
}

/// Runs a tool and gives what it prints.
pub fn run(tool: &str, arguments: &[&dyn AsRef<OsStr>]) -> Vec<u8> {
    let mut command = Command::new(tool);
    arguments.iter().for_each(|argument| {
        command.arg(argument.as_ref());
    });
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool}: {said}");
    output.stdout
}

/// Packs a directory's content.
pub fn tar_of(directory: &Path, archive: &Path) {
    run("tar", &[&"-cf", &archive, &"-C", &directory, &"."]);
}

/// Copies a directory and what is in it.
pub fn copy_directory(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).unwrap();
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// One image as a layout with no layers: its configuration, and annotations at each level.
pub fn layout(root: &Path, config: &[u8], annotations: &Value) {
    let blobs = root.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8], media: &str| {
        let digest = sqsh_prov::image::oci::sha256(bytes);
        fs::write(blobs.join(digest.strip_prefix("sha256:").unwrap()), bytes).unwrap();
        json!({"mediaType": media, "digest": digest, "size": bytes.len()})
    };
    let config = put(config, "application/vnd.oci.image.config.v1+json");
    let text =
        json!({"schemaVersion": 2, "config": config, "layers": [], "annotations": annotations});
    let mut manifest = put(
        text.to_string().as_bytes(),
        "application/vnd.oci.image.manifest.v1+json",
    );
    manifest["annotations"] = annotations.clone();
    let index = json!({"schemaVersion": 2, "manifests": [manifest], "annotations": annotations});
    fs::write(root.join("index.json"), index.to_string()).unwrap();
    let version = r#"{"imageLayoutVersion": "1.0.0"}"#;
    fs::write(root.join("oci-layout"), version).unwrap();
}

/// One image for each platform as a layout: `linux/amd64`, and its configuration.
pub fn layout_of_platforms(root: &Path, images: &[(&str, &[u8])]) {
    let mut manifests = Vec::new();
    for (platform, config) in images {
        layout(root, config, &json!({}));
        let index: Value =
            serde_json::from_slice(&fs::read(root.join("index.json")).unwrap()).unwrap();
        let mut manifest = index["manifests"][0].clone();
        let (os, architecture) = platform.split_once('/').unwrap();
        manifest["platform"] = json!({"os": os, "architecture": architecture});
        manifests.push(manifest);
    }
    let index = json!({"schemaVersion": 2, "manifests": manifests});
    fs::write(root.join("index.json"), index.to_string()).unwrap();
}

/// A SIF file with one primary squashfs partition for x86_64.
pub fn sif(squashfs: &[u8]) -> Vec<u8> {
    sif_with(squashfs, &[])
}

/// The same, with pieces beside the partition: kind, name, bytes.
pub fn sif_with(squashfs: &[u8], pieces: &[(i32, &[u8], &[u8])]) -> Vec<u8> {
    const TABLE: usize = 4096;
    const DATA: usize = 36864;
    let mut file = vec![0_u8; DATA];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"#!/usr/bin/env run-singularity\n");
    put(32, b"SIF_MAGIC\0");
    put(42, b"01\0");
    put(45, b"02\0");
    for (at, value) in [(0x50, 47_i64), (0x58, 48), (0x60, TABLE as i64)] {
        put(at, &value.to_le_bytes());
    }
    put(TABLE, &0x4004_i32.to_le_bytes());
    put(TABLE + 4, &[1]);
    put(TABLE + 5, &1_u32.to_le_bytes());
    put(TABLE + 17, &(DATA as i64).to_le_bytes());
    put(TABLE + 25, &(squashfs.len() as i64).to_le_bytes());
    let extra = TABLE + 201;
    put(extra, &1_i32.to_le_bytes());
    put(extra + 4, &2_i32.to_le_bytes());
    put(extra + 8, b"02\0");
    file.extend_from_slice(squashfs);
    for (number, (kind, name, bytes)) in (1_usize..).zip(pieces) {
        let (at, offset) = (TABLE + 585 * number, file.len() as i64);
        let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
        put(at, &kind.to_le_bytes());
        put(at + 4, &[1]);
        put(at + 5, &(number as u32 + 1).to_le_bytes());
        put(at + 17, &offset.to_le_bytes());
        put(at + 25, &(bytes.len() as i64).to_le_bytes());
        put(at + 73, &name[..name.len().min(127)]);
        file.extend_from_slice(bytes);
    }
    file
}
