//! Reads `/etc/environment` and `/etc/rc` of an image and says how many reads that took.
//!
//! `cargo bench --bench two_files -- IMAGE [OFFSET]`; `scripts/count-reads IMAGE` confirms the number with strace.
#![allow(clippy::print_stdout)]

use std::fs::File;
use std::time::Instant;

use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{Counted, Error, Offset, Squashfs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let Some(path) = arguments.next() else {
        println!("usage: two_files IMAGE [OFFSET]");
        return Ok(());
    };
    let offset = arguments.next().map_or(Ok(0), |offset| offset.parse())?;
    let start = Instant::now();
    let inner = File::open(path)?;
    let len = inner.metadata()?.len().saturating_sub(offset);
    let source = Counted::new(Offset { inner, offset, len });
    let image = Squashfs::open(&source, &Limits::default())?;
    for path in ["/etc/environment", "/etc/rc"] {
        let read = image
            .lookup(path.as_bytes())
            .and_then(|inode| image.read(&inode, 1 << 20));
        match read {
            Ok(bytes) => println!("{path} {} bytes", bytes.len()),
            Err(Error::NotFound { .. }) => println!("{path} missing"),
            Err(error) => return Err(error.into()),
        }
    }
    println!(
        "preads {} bytes {} microseconds {}",
        source.reads(),
        source.bytes(),
        start.elapsed().as_micros()
    );
    Ok(())
}
