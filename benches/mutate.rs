//! Mutates images many times and says what came of it; `scripts/mutate` runs it.
//!
//! `mutate write NAME NUMBER FILE`: writes one of them, to be looked at.
//! `mutate COUNT [NAME]...`: COUNT mutations of each fixture, or of those whose name has NAME in it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a harness, which stops where it cannot go on"
)]

#[path = "../tests/mutate_support/mod.rs"]
mod mutate_support;
#[path = "../tests/squashfs_support/mod.rs"]
mod squashfs_support;

use std::fs;
use std::path::Path;
use std::time::Instant;

use mutate_support::layout::Layout;
use mutate_support::run::{Figures, MEMORY, Run, remember_panics};
use mutate_support::{Random, mutate};

/// Every so many mutations other readers are asked what they read.
const SAMPLE: usize = 100;
/// Every so many mutations a gate judges the image, with `--deep` too.
const GATE: usize = 5;
/// An answer that differs is shown to other readers at most so often for each image.
const MOST_ASKED: usize = 100;
/// The figures while it runs, which takes hours.
const SO_FAR: &str = "target/mutate-so-far.txt";

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if let [one, name, round, out] = &arguments[..]
        && one == "write"
    {
        return write(name, round.parse().unwrap(), Path::new(out));
    }
    let Some(count) = arguments.first().and_then(|count| count.parse().ok()) else {
        println!("usage: mutate COUNT [NAME]...");
        return;
    };
    remember_panics();
    let directory = tempfile::tempdir_in(MEMORY)
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let mut figures = Figures::default();
    let started = Instant::now();
    let mut images = 0;
    let wanted = |name: &str| {
        arguments.len() == 1
            || arguments[1..]
                .iter()
                .any(|word| name.contains(word.as_str()))
    };
    for (path, offset) in mutate_support::images(directory.path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !wanted(&name) {
            continue;
        }
        images += 1;
        let bytes = fs::read(&path).unwrap();
        let run = Run {
            name: &name,
            intact: &bytes[offset as usize..],
            directory: directory.path(),
            sample: SAMPLE,
            gate: GATE,
            most_asked: MOST_ASKED,
        };
        run.run(count, &mut figures);
        let _ = fs::write(SO_FAR, text(&figures, images));
        eprintln!(
            "{:>6.0} s  {images} images, {} mutations  {name}",
            started.elapsed().as_secs_f64(),
            figures.mutations
        );
    }
    print!("{}", text(&figures, images));
}

/// Writes one mutated image, to be looked at.
fn write(wanted: &str, round: usize, out: &Path) {
    let directory = tempfile::tempdir().unwrap();
    for (path, offset) in mutate_support::images(directory.path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == wanted {
            let mut image = fs::read(&path).unwrap()[offset as usize..].to_vec();
            let layout = Layout::of(&image);
            mutate(&mut image, &layout, &mut Random::of(&name, round));
            fs::write(out, image).unwrap();
        }
    }
}

/// The figures so far.
fn text(figures: &Figures, images: u64) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let Figures {
        mutations,
        same,
        partial,
        refused,
        differ,
        asked,
        agreed,
        alone,
        wrong,
        silent,
        ..
    } = figures;
    let _ = writeln!(out, "images                    {images}");
    let _ = writeln!(out, "mutations                 {mutations}");
    let _ = writeln!(out, "panics                    {}", figures.panics);
    let _ = writeln!(
        out,
        "time-outs                 {} (slowest {:.3} s)",
        figures.late,
        figures.slowest.as_secs_f64()
    );
    let _ = writeln!(
        out,
        "peak memory               {:.1} MB, the harness included",
        figures.peak_kib as f64 / 1024.0
    );
    let _ = writeln!(out, "answered as intact        {same}");
    let _ = writeln!(
        out,
        "answered in part          {partial}, with a warning and exit 2"
    );
    let _ = writeln!(out, "refused as no image       {refused}");
    let _ = writeln!(
        out,
        "state something else      {differ}; other readers asked about {asked}"
    );
    let _ = writeln!(out, "  read so by others too   {agreed}");
    let _ = writeln!(out, "  others read other bytes {alone}");
    let _ = writeln!(out, "  others read nothing     {silent}");
    let _ = writeln!(out, "  wrong facts             {wrong}");
    let _ = writeln!(out, "became official           {}", figures.became_official);
    let _ = writeln!(
        out,
        "verify, --strict, policies, --deep, baseline: {} of them judged; passed where the intact one does not: {}",
        figures.gated, figures.opened
    );
    let sample = &figures.sample;
    let _ = writeln!(
        out,
        "sample: files read        {} (after 1 in 100 mutations)",
        sample.reads
    );
    for (name, [right, other]) in [
        ("sqsh-prov", sample.ours),
        ("unsquashfs", sample.unsquashfs),
        ("rdsquashfs", sample.rdsquashfs),
    ] {
        let _ = writeln!(out, "  {name:<12} right {right}, other bytes {other}");
    }
    let _ = writeln!(
        out,
        "  missed by us            {} that unsquashfs reads, {} that rdsquashfs reads",
        sample.missed[0], sample.missed[1]
    );
    let _ = writeln!(out, "hit: intact or changed / in part / refused");
    for (part, [whole, partial, refused]) in &figures.by_part {
        let _ = writeln!(out, "  {part:<24}{whole:>9}{partial:>9}{refused:>9}");
    }
    for (note, (count, example)) in &figures.notes {
        let _ = writeln!(out, "{count:>7} {note}  [{example}]");
    }
    out
}
