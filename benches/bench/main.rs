//! What `scripts/bench` runs: makes images, does single jobs on them, and compares tools that do the same job.
//!
//! `bench make CACHE SIZE`, `bench table CACHE SIZE [REPORT]`, `bench real CACHE IMAGE...`, and the jobs, each a process of its own:
//! `bench two-files IMAGE [OFFSET]`, `bench one-file IMAGE PATH`, `bench backhand IMAGE`.
#![allow(clippy::print_stdout)]

#[path = "../../tests/squashfs_support/codecs.rs"]
mod codecs;
mod images;
mod jobs;
mod measure;
mod package;
mod plot;
mod real;
mod report;
mod table;
#[path = "../../tests/squashfs_support/tree.rs"]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "it belongs to the tests"
)]
mod tree;

use std::error::Error;
use std::path::Path;

use images::Size;

// As in the program.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "--bench")
        .collect();
    match words.as_slice() {
        ["make", cache, size] => images::make(Path::new(cache), Size::parse(size)?),
        ["table", cache, size, report @ ..] => {
            let size = Size::parse(size)?;
            let bench = table::Bench::new(Path::new(cache), size)?;
            let rows = bench.rows()?;
            report::write(&bench, size, &rows, report.first().map(Path::new))
        }
        ["real", cache, images @ ..] => {
            let bench = table::Bench::new(Path::new(cache), Size::Full)?;
            real::write(&bench, images)
        }
        ["two-files", image] => jobs::two_files(Path::new(image), 0),
        ["two-files", image, offset] => jobs::two_files(Path::new(image), offset.parse()?),
        ["one-file", image, path] => jobs::one_file(Path::new(image), path),
        ["backhand", image] => jobs::backhand(Path::new(image)),
        _ => {
            println!("scripts/bench --help says how to run the benches");
            Ok(())
        }
    }
}

/// Bytes that compress like text, the same for the same seed.
fn text(seed: u64, len: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "import ", "def ", "return ", "self.", "config", "(", "):\n    ", "=", "model", "tensor",
        "\n", "if ", "None", "0x", "_", " + ",
    ];
    let mut noise = package::Noise::new(seed);
    let mut text = Vec::with_capacity(len + 16);
    while text.len() < len {
        let number = noise.next();
        let word = WORDS.get((number >> 32) as usize % WORDS.len()).copied();
        text.extend_from_slice(word.unwrap_or_default().as_bytes());
        if number.is_multiple_of(3) {
            text.extend_from_slice((number >> 44).to_string().as_bytes());
        }
    }
    text.truncate(len);
    text
}
