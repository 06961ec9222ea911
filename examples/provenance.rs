//! Where do these images come from? Prints one line for each.
//!
//! `cargo run --example provenance -- IMAGE...`
#![allow(clippy::print_stdout, reason = "an example prints its result")]

use std::path::PathBuf;

use sqsh_prov::report::escape;
use sqsh_prov::{Inspector, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let inspector = Inspector::new(Options::default())?;
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let answer = inspector.inspect(&path)?;
        let origin = answer.origin;
        let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
        let line = format!(
            "{}: {} {} {}, commit {}, pull {}",
            path.display(),
            or_unknown(origin.product),
            or_unknown(origin.version),
            origin.kind.as_str(),
            or_unknown(origin.commit.map(|commit| commit.id)),
            or_unknown(origin.pull.reference),
        );
        // Text from an image may contain escape sequences.
        println!("{}", escape::text(&line));
    }
    Ok(())
}
