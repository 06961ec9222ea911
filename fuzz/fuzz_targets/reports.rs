//! Reports that `merge`, `--baseline`, `--resume` and `diff` take.
#![no_main]

mod scratch;

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sqsh_prov::audit::baseline::Baseline;
use sqsh_prov::audit::diff::{Side, diff};
use sqsh_prov::audit::merge::{Keep, merge};
use sqsh_prov::audit::record::Line;
use sqsh_prov::audit::saved::{Lines, Resume, find};
use sqsh_prov::report::audit::stream::Ndjson;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| scratch::file(".ndjson"));

fuzz_target!(|data: &[u8]| {
    std::fs::write(&*FILE, data).unwrap();
    let mut out = Vec::new();
    let baseline = Baseline::open(&FILE).ok();
    let all = Keep {
        evidence: true,
        lineage: true,
    };
    let _ = merge(&[FILE.clone()], baseline, all, &mut Ndjson::new(&mut out));
    let _ = merge(
        &[FILE.clone(), FILE.clone()],
        None,
        Keep::default(),
        &mut Ndjson::new(&mut Vec::new()),
    );
    resume();
    let _ = find(&FILE, None);
});

/// Asks an earlier report for each image in it, and compares them.
fn resume() {
    let (Ok(resume), Ok(mut lines)) = (Resume::open(&FILE), Lines::open(&FILE)) else {
        return;
    };
    let mut before = None;
    while let Ok(Some((line, _))) = lines.next_line() {
        let Line::Image(record) = line else { continue };
        let mut touched = record.file.clone();
        let _ = resume.unchanged(&record.path, &touched, true, true);
        // The change time decides, which nobody can set.
        touched.ctime = None;
        assert!(resume.unchanged(&record.path, &touched, false, false).is_none());
        let side = Side::of_record("x".to_owned(), &record);
        if let Some(before) = before.replace(side.clone()) {
            let _ = diff(&before, &side);
        }
    }
}
