//! May this image run? Exits with 1 if it is not the expected image, and with 2 if that cannot be
//! determined.
//!
//! `cargo run --example gate -- IMAGE vllm/vllm-openai:v0.29.0`
#![allow(clippy::print_stdout, reason = "an example prints its result")]

use std::error::Error;
use std::process::ExitCode;

use sqsh_prov::report::escape;
use sqsh_prov::verify::{self, Expectations, ExpectedImage, Rules, Status, Verdict};
use sqsh_prov::{Inspector, Options};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let image = arguments.next().ok_or("give an image and a reference")?;
    let expected = arguments.next().ok_or("give a reference")?;

    let inspector = Inspector::new(Options::default())?;
    let document = inspector.inspect(image.as_ref())?;
    let expectations = Expectations {
        images: vec![ExpectedImage::new(&expected)?],
        ..Expectations::default()
    };
    let rules = Rules {
        contracts: inspector.contracts(),
        mirrors: &[],
    };
    let outcome = verify::check(&document, &expectations, rules);
    for check in &outcome.checks {
        if check.status != Status::Ok {
            println!("{}", escape::text(&check.message));
        }
    }
    Ok(match outcome.verdict() {
        Verdict::Holds => ExitCode::SUCCESS,
        Verdict::Mismatch => ExitCode::from(1),
        Verdict::Undecidable => ExitCode::from(2),
    })
}
