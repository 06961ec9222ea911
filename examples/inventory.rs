//! Prints each image below a directory and the codes of its findings, as soon as it is read.
//!
//! `cargo run --example inventory -- /shared/images`
#![allow(clippy::print_stdout, reason = "an example prints its result")]

use std::error::Error;
use std::sync::atomic::AtomicBool;

use sqsh_prov::audit::findings::Rules;
use sqsh_prov::audit::record::Line;
use sqsh_prov::audit::walk::Scope;
use sqsh_prov::audit::{self, Earlier, Jobs, Progress, Settings};
use sqsh_prov::{Inspector, Options};

fn main() -> Result<(), Box<dyn Error>> {
    let inspector = Inspector::new(Options::default())?;
    let settings = Settings {
        scope: Scope {
            roots: std::env::args_os().skip(1).map(Into::into).collect(),
            ..Scope::default()
        },
        jobs: Jobs::default(),
        rules: Rules {
            now: jiff::Timestamp::now(),
            nightly_days: 14,
        },
        tree_id: false,
        fingerprint: false,
        lineage: false,
        attested: false,
        evidence: false,
        policy: None,
        owners: Default::default(),
    };
    let mut sink = |line: Line| {
        if let Line::Image(record) = line {
            let codes = record.findings.iter().map(|finding| finding.code.as_str());
            let codes: Vec<&str> = codes.collect();
            println!("{:?}: {}", record.path, codes.join(", "));
        }
        Ok(())
    };
    let (progress, stop) = (Progress::default(), AtomicBool::new(false));
    let earlier = Earlier::default();
    let summary = audit::run(&inspector, &settings, earlier, &progress, &stop, &mut sink)?;
    println!("{} images", summary.images);
    Ok(())
}
