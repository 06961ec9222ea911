//! What is worked out when the program is built.

#[path = "build/contracts.rs"]
mod contracts;
#[path = "build/version.rs"]
mod version;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    version::say();
    contracts::write()
}
