//! What is worked out when the program is built.

#[path = "build/version.rs"]
mod version;

fn main() {
    version::say();
}
