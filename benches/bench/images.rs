//! The images, made once from directories by mksquashfs and kept in the cache.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Result, package, text, tree};

/// How much is made and measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Enough to see that the benches run.
    Quick,
    /// Everything that BENCHMARKS.md shows.
    Full,
}

impl Size {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "quick" => Ok(Self::Quick),
            "full" => Ok(Self::Full),
            _ => Err(format!("{text}: it is quick or full").into()),
        }
    }

    /// Inodes of the images of each codec; `BENCH_INODES` in the environment says the most.
    pub fn inodes(self) -> Vec<usize> {
        match self {
            Self::Quick => vec![1_000, 4_000],
            Self::Full => {
                let most = said("BENCH_INODES", 1_000_000);
                let mut all = vec![1_000, 20_000, 200_000, 1_000_000];
                all.retain(|&inodes| inodes <= most || inodes <= 20_000);
                all
            }
        }
    }

    pub fn codecs(self) -> &'static [Packing] {
        match self {
            Self::Quick => PACKINGS.get(..2).unwrap_or_default(),
            Self::Full => PACKINGS.get(..4).unwrap_or_default(),
        }
    }

    /// All packings, those of other block sizes and raw tables too, of one tree.
    pub fn packings(self) -> (usize, &'static [Packing]) {
        match self {
            Self::Quick => (4_000, &PACKINGS),
            Self::Full => (20_000, &PACKINGS),
        }
    }

    /// Entries of the large directory.
    pub fn entries(self) -> usize {
        match self {
            Self::Quick => 5_000,
            Self::Full => 100_000,
        }
    }

    /// Images to audit, and inodes of each.
    pub fn fleet(self) -> (usize, usize) {
        match self {
            Self::Quick => (20, 1_000),
            Self::Full => (1_000, 20_000),
        }
    }

    /// Small images, for the memory of an audit.
    pub fn crowd(self) -> usize {
        match self {
            Self::Quick => 100,
            Self::Full => 100_000,
        }
    }

    /// Packings of the package files: with the data compressed, and as enroot packs by default.
    pub fn packages(self) -> &'static [Packing] {
        match self {
            Self::Quick => PACKAGES.get(..2).unwrap_or_default(),
            Self::Full => &PACKAGES,
        }
    }

    /// MiB of package files; `BENCH_MIB` in the environment says another number.
    pub fn package(self) -> u64 {
        match self {
            Self::Quick => 8,
            Self::Full => said("BENCH_MIB", 2048),
        }
    }
}

/// A number in the environment, or what it is without.
fn said<T: std::str::FromStr>(variable: &str, otherwise: T) -> T {
    let said = std::env::var(variable).ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// A way to pack: its name, and the options of mksquashfs.
pub type Packing = (&'static str, &'static [&'static str]);

/// The first four are packed in every size; enroot's default is the first, the second is that of its caching importer
/// with mksquashfs' block size.
pub const PACKINGS: [Packing; 8] = [
    ("lzo", &["-comp", "lzo", "-noD"]),
    ("zstd", &["-comp", "zstd", "-Xcompression-level", "3"]),
    ("gzip", &["-comp", "gzip"]),
    ("xz", &["-comp", "xz"]),
    ("lz4", &["-comp", "lz4"]),
    ("lzo-1M", &["-comp", "lzo", "-noD", "-b", "1M"]),
    (
        "zstd-1M",
        &["-comp", "zstd", "-Xcompression-level", "3", "-b", "1M"],
    ),
    ("raw", &["-noI", "-noD", "-noF", "-noX"]),
];

const PACKAGES: [Packing; 5] = [
    ("zstd", &["-comp", "zstd", "-Xcompression-level", "3"]),
    ("lzo", &["-comp", "lzo"]),
    ("gzip", &["-comp", "gzip"]),
    ("xz", &["-comp", "xz"]),
    ("lzo-noD", &["-comp", "lzo", "-noD"]),
];

pub fn tree_image(cache: &Path, inodes: usize, packing: &str) -> PathBuf {
    cache.join(format!("tree-{inodes}-{packing}.sqsh"))
}

pub fn directory_image(cache: &Path, entries: usize, packing: &str) -> PathBuf {
    cache.join(format!("directory-{entries}-{packing}.sqsh"))
}

pub fn package_image(cache: &Path, mib: u64, packing: &str) -> PathBuf {
    cache.join(format!("package-{mib}-{packing}.sqsh"))
}

/// A directory of `count` images with `inodes` inodes each.
pub fn fleet(cache: &Path, count: usize, inodes: usize) -> PathBuf {
    cache.join(format!("fleet-{count}-{inodes}"))
}

/// Makes what is not there yet. Each tree is deleted when its images are made.
pub fn make(cache: &Path, size: Size) -> Result<()> {
    let work = Work::new(cache)?;
    let (one, packings) = size.packings();
    for inodes in size.inodes() {
        let packings = if inodes == one {
            packings
        } else {
            size.codecs()
        };
        let missing = missing(packings, |name| tree_image(cache, inodes, name));
        work.pack(missing, |root| release(root, inodes))?;
    }
    if !size.inodes().contains(&one) {
        return Err("the packings are of one of the sizes".into());
    }
    let entries = size.entries();
    let packings = PACKINGS.get(..2).unwrap_or_default();
    let images = missing(packings, |name| directory_image(cache, entries, name));
    work.pack(images, |root| directory(root, entries))?;
    let (count, inodes) = size.fleet();
    for (count, inodes) in [
        (count, inodes),
        (count / 10, inodes),
        (count / 100, inodes),
        (size.crowd(), 0),
    ] {
        copies(&work, &fleet(cache, count, inodes), count, inodes)?;
    }
    let mib = size.package();
    let images = missing(size.packages(), |name| package_image(cache, mib, name));
    work.pack(images, |root| package::make(root, mib))
}

fn missing(packings: &[Packing], image: impl Fn(&str) -> PathBuf) -> Vec<(&Packing, PathBuf)> {
    let images = packings.iter().map(|packing| (packing, image(packing.0)));
    images.filter(|(_, image)| !image.exists()).collect()
}

/// Where trees and unfinished images are.
struct Work(PathBuf);

impl Work {
    fn new(cache: &Path) -> Result<Self> {
        let work = cache.join(format!("make-{}", std::process::id()));
        fs::create_dir_all(&work)?;
        Ok(Self(work))
    }

    fn pack(
        &self,
        images: Vec<(&Packing, PathBuf)>,
        fill: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        if images.is_empty() {
            return Ok(());
        }
        let root = self.0.join("root");
        fs::create_dir(&root)?;
        fill(&root)?;
        for ((_, options), image) in images {
            println!("making {}", image.display());
            self.mksquashfs(&root, &image, options)?;
        }
        fs::remove_dir_all(root)?;
        Ok(())
    }

    /// An image is there when it is whole.
    fn mksquashfs(&self, root: &Path, image: &Path, options: &[&str]) -> Result<()> {
        let part = self.0.join("part");
        let mut command = Command::new("mksquashfs");
        command.arg(root).arg(&part).args([
            "-noappend",
            "-quiet",
            "-no-progress",
            "-all-root",
            "-mkfs-time",
            "1780000000",
        ]);
        run(command.args(options))?;
        fs::rename(part, image)?;
        Ok(())
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A release of vLLM in a tree of about so many inodes. Most files beyond the first 20,000 are empty.
fn release(root: &Path, inodes: usize) -> Result<()> {
    tree::fill(root, inodes);
    overlay(root)
}

/// What a release of vLLM has in `/etc` and of packages.
fn overlay(root: &Path) -> Result<()> {
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/classification/01-vllm-release.sqsh");
    let mut command = Command::new("unsquashfs");
    command
        .args(["-quiet", "-no-progress", "-no-xattrs", "-force", "-dest"])
        .arg(root)
        .arg(fixture);
    run(&mut command)
}

/// One directory with many files; most of them are empty.
fn directory(root: &Path, entries: usize) -> Result<()> {
    let data = root.join("data");
    fs::create_dir(&data)?;
    for number in 0..entries {
        let bytes = if number % 1000 == 0 {
            text(number as u64, 500)
        } else {
            Vec::new()
        };
        fs::write(data.join(format!("sample-{number:06}.bin")), bytes)?;
    }
    Ok(())
}

/// Images that differ in their times only, as `mksquashfs -mkfs-time` would make them.
fn copies(work: &Work, target: &Path, count: usize, inodes: usize) -> Result<()> {
    if target.exists() {
        return Ok(());
    }
    println!("making {}", target.display());
    let root = work.0.join("root");
    fs::create_dir(&root)?;
    overlay(&root)?;
    for number in 0..inodes {
        let directory = root.join(format!("usr/share/many/{}", number / 500));
        if number % 500 == 0 {
            fs::create_dir_all(&directory)?;
        }
        fs::write(
            directory.join(format!("file-{number}")),
            format!("{number:0200}"),
        )?;
    }
    let image = work.0.join("image");
    let options: &[&str] = &[
        "-comp",
        "zstd",
        "-Xcompression-level",
        "3",
        "-no-duplicates",
        "-nopad",
    ];
    work.mksquashfs(&root, &image, options)?;
    fs::remove_dir_all(root)?;
    let directory = work.0.join("fleet");
    fs::create_dir(&directory)?;
    for number in 0..count {
        let copy = directory.join(format!("image-{number}.sqsh"));
        fs::copy(&image, &copy)?;
        let mut file = fs::OpenOptions::new().write(true).open(copy)?;
        // The time of packing in the superblock.
        file.seek(SeekFrom::Start(8))?;
        file.write_all(&(1_780_000_000 + u32::try_from(number)?).to_le_bytes())?;
    }
    fs::rename(directory, target)?;
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.stdout(Stdio::null()).status();
    match status
        .map_err(|error| format!("{name}: {error}; install squashfs-tools"))?
        .success()
    {
        true => Ok(()),
        false => Err(format!("{name} failed").into()),
    }
}
