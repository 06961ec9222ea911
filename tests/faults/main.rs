//! Storage that fails, files that change while they are read, disks that are full: nothing is
//! lost that could be read, nothing is said that is wrong, and the rest goes on.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]
#[path = "../support/mod.rs"]
mod support;

mod changing;
mod given;
mod growth;
mod kernel;
mod reads;
mod reports;
mod threads;
mod written;

use serde_json::Value;
use sqsh_prov::attribution::attribute;
use sqsh_prov::carriers::{Facts, Pair, collect};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{ReadAt, Squashfs};
use sqsh_prov::{Inspector, Options};
use std::cell::Cell;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::{fixture, pack};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sqsh-prov");

/// An audit of a directory, as lines that say the same on every day.
const AUDIT: [&str; 6] = [
    "audit",
    "store",
    "--format",
    "ndjson",
    "--now",
    "2026-11-01",
];

/// Most bytes of one read of a faulty source.
const PIECE: usize = 1024;

const EIO: i32 = 5;

const ESTALE: i32 = 116;

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SLURM_")) {
        command.env_remove(name);
    }
    command
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
