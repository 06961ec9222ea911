//! Reports that `merge`, `--baseline`, `--resume` and `diff` take.
#![no_main]

mod scratch;

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sqsh_prov::audit::baseline::Baseline;
use sqsh_prov::audit::merge::merge;
use sqsh_prov::audit::saved::{Resume, find};
use sqsh_prov::report::audit::stream::Ndjson;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| scratch::file(".ndjson"));

fuzz_target!(|data: &[u8]| {
    std::fs::write(&*FILE, data).unwrap();
    let mut out = Vec::new();
    let baseline = Baseline::open(&FILE).ok();
    let _ = merge(&[FILE.clone()], baseline, true, &mut Ndjson::new(&mut out));
    let _ = merge(
        &[FILE.clone(), FILE.clone()],
        None,
        false,
        &mut Ndjson::new(&mut Vec::new()),
    );
    let _ = Resume::open(&FILE);
    let _ = find(&FILE, None);
});
