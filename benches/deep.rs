//! `--deep` against `unsquashfs` extracting the same files; `scripts/bench-deep` runs it.
//!
//! `deep make DIRECTORY MIB` writes the files of a package with their `RECORD`.
//! `deep run IMAGE DIRECTORY ROUNDS` takes turns, extracting into the directory, and
//! prints the median of each.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use sqsh_prov::limits::Limits;
use sqsh_prov::{Inspector, Options};

const TREE: &str = "usr/local/lib/python3.12/dist-packages";
const MIB: u64 = 1024 * 1024;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "--bench")
        .collect();
    match words.as_slice() {
        ["make", directory, mib] => make(Path::new(directory), mib.parse()?),
        ["run", image, directory, rounds] => {
            run(Path::new(image), Path::new(directory), rounds.parse()?)
        }
        _ => {
            println!("usage: deep make DIRECTORY MIB | deep run IMAGE DIRECTORY ROUNDS");
            Ok(())
        }
    }
}

/// Small sources, and libraries of which the largest has a quarter of all bytes.
fn make(root: &Path, mib: u64) -> Result<()> {
    let tree = root.join(TREE);
    let mut sizes: Vec<(String, u64)> = (0..2000_u64)
        .map(|n| {
            let name = format!("vllm/part{}/module_{n}.py", n % 40);
            (name, 2000 + (n * 7919) % 30_000)
        })
        .collect();
    let small: u64 = sizes.iter().map(|(_, size)| size).sum();
    let left = (mib * MIB).saturating_sub(small);
    for (n, percent) in [25, 15, 10, 10, 5, 5, 5, 5, 5, 5, 5, 3, 2]
        .iter()
        .enumerate()
    {
        sizes.push((format!("vllm/lib{n}.abi3.so"), left * percent / 100));
    }
    let mut record = fs::File::create({
        let info = tree.join("vllm-0.29.0.dist-info");
        fs::create_dir_all(&info)?;
        info.join("RECORD")
    })?;
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    for (name, size) in sizes {
        let path = tree.join(&name);
        fs::create_dir_all(path.parent().ok_or("no parent")?)?;
        let mut file = fs::File::create(path)?;
        let mut hash = Sha256::new();
        let mut left = size;
        while left > 0 {
            let block = noise.block();
            let part = block
                .get(..usize::try_from(left)?.min(block.len()))
                .unwrap_or(&block);
            file.write_all(part)?;
            hash.update(part);
            left -= part.len() as u64;
        }
        let hash = URL_SAFE_NO_PAD.encode(hash.finalize());
        writeln!(record, "{name},sha256={hash},{size}")?;
    }
    writeln!(record, "vllm-0.29.0.dist-info/RECORD,,")?;
    Ok(())
}

/// Bytes that compress to about the half, as libraries do.
struct Noise(u64);

impl Noise {
    fn block(&mut self) -> Vec<u8> {
        let mut block = Vec::with_capacity(64 * 1024);
        while block.len() < 64 * 1024 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            block.extend_from_slice(&self.0.to_le_bytes());
            let common: &[u8] = match self.0 % 4 {
                0 => b"\0\0\0\0\0\0\0\0",
                1 => b"\x48\x8b\x45\xf8\x48\x89\xc7\xe8",
                2 => b"def forward(self",
                _ => b"\x0f\x1f\x40\0",
            };
            block.extend_from_slice(common);
        }
        block
    }
}

fn run(image: &Path, directory: &Path, rounds: usize) -> Result<()> {
    let options = Options {
        deep: true,
        limits: Limits {
            time: None,
            ..Limits::default()
        },
        ..Options::default()
    };
    let inspector = Inspector::new(options)?;
    let (mut ours, mut theirs, mut bytes) = (Vec::new(), Vec::new(), 0);
    for round in 0..=rounds {
        let start = Instant::now();
        let document = inspector.inspect(image)?;
        let deep = start.elapsed();
        let packages = document.integrity.unwrap_or_default();
        let [package] = packages.as_slice() else {
            return Err("the image should have one package".into());
        };
        if !package.changed.is_empty() || !package.missing.is_empty() || package.files < 2000 {
            return Err("the files should match".into());
        }
        let target = directory.join("extracted");
        let start = Instant::now();
        let status = Command::new("unsquashfs")
            .args(["-quiet", "-no-progress", "-no-xattrs", "-dest"])
            .arg(&target)
            .arg(image)
            .stdout(std::process::Stdio::null())
            .status()?;
        let extract = start.elapsed();
        if !status.success() {
            return Err("unsquashfs failed".into());
        }
        bytes = size(&target)?;
        fs::remove_dir_all(&target)?;
        // The first round fills the page cache.
        if round > 0 {
            ours.push(deep.as_secs_f64());
            theirs.push(extract.as_secs_f64());
        }
    }
    let mib = bytes as f64 / MIB as f64;
    for (name, times) in [("deep", &mut ours), ("unsquashfs", &mut theirs)] {
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
        println!(
            "{name:10} {mib:.0} MiB in {median:.2} s = {:.0} MiB/s",
            mib / median
        );
    }
    Ok(())
}

fn size(directory: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        total += match metadata.is_dir() {
            true => size(&entry.path())?,
            false => metadata.len(),
        };
    }
    Ok(total)
}
