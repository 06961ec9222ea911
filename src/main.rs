//! The `sqsh-prov` program.
fn main() {}
