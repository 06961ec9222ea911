//! The files of a large package with their `RECORD`, for `--deep`.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::Result;

const TREE: &str = "usr/local/lib/python3.12/dist-packages";
const MIB: u64 = 1024 * 1024;

/// Small sources, and libraries; the largest has a quarter of all bytes.
pub fn make(root: &Path, mib: u64) -> Result<()> {
    let tree = root.join(TREE);
    let mut sizes: Vec<(String, u64)> = (0..2000.min(mib * 25))
        .map(|n| {
            (
                format!("vllm/part{}/module_{n}.py", n % 40),
                2000 + (n * 7919) % 30_000,
            )
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
    let mut noise = Noise::new(1);
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

/// Numbers without a pattern, the same for the same seed.
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Bytes that compress to about the half, as libraries do.
    fn block(&mut self) -> Vec<u8> {
        let mut block = Vec::with_capacity(64 * 1024);
        while block.len() < 64 * 1024 {
            let number = self.next();
            block.extend_from_slice(&number.to_le_bytes());
            let common: &[u8] = match number % 4 {
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
