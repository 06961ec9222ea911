//! Computes at build time: the contracts as JSON, and the text of `--version`.

#[path = "build/contracts.rs"]
mod contracts;
#[path = "build/version.rs"]
mod version;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    version::say();
    contracts::write()
}
