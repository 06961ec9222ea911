//! A whole file through `show`, `show --deep` and `verify --strict`, and the answers through every output.
#![no_main]

mod gate;
mod mutator;
mod scratch;

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use sqsh_prov::limits::Limits;
use sqsh_prov::report::{escape, human, json, line, shell, srt_slurm};
use sqsh_prov::verify::{Expectations, ExpectedFramework, ExpectedImage};
use sqsh_prov::{Inspector, Options, Versions};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutator::mutate(data, size, max_size, seed)
});

static FILE: LazyLock<PathBuf> = LazyLock::new(|| scratch::file(""));

/// Without and with `--deep`.
static INSPECTORS: LazyLock<[Inspector; 2]> = LazyLock::new(|| {
    let limits = Limits {
        time: Some(Duration::from_secs(5)),
        ..Limits::default()
    };
    [false, true].map(|deep| {
        Inspector::new(Options {
            limits,
            deep,
            ..Options::default()
        })
        .unwrap()
    })
});

static EXPECTED: LazyLock<Expectations> = LazyLock::new(|| Expectations {
    images: vec![ExpectedImage::new("vllm/vllm-openai:v0.29.0").unwrap()],
    frameworks: vec![ExpectedFramework::parse("vllm=0.29.0").unwrap()],
    ..Expectations::default()
});

fuzz_target!(|data: &[u8]| {
    std::fs::write(&*FILE, data).unwrap();
    // An image may have any number of bytes behind its end.
    let inspector = &INSPECTORS[data.len() % 2];
    let document = match inspector.inspect(&FILE) {
        Ok(document) => document,
        Err(error) => {
            let _ = escape::text(&error.to_string());
            return;
        }
    };
    let human = human::Human {
        width: 80,
        evidence: true,
        packages: true,
        environment: true,
        labels: true,
        ..human::Human::default()
    };
    let outputs = [
        human::render(&document, &human),
        json::line(&document).unwrap(),
        line::render(&document),
        shell::shell(&document),
        shell::taskprolog(&document),
        srt_slurm::fingerprint(&document, &Versions::default()).unwrap(),
        srt_slurm::identity(&document),
    ];
    for (number, output) in outputs.iter().enumerate() {
        let hostile = |c: char| c != '\n' && escape::is_hostile(c);
        assert!(!output.chars().any(hostile), "output {number}: {output:?}");
    }
    assert!(outputs[2].len() <= 257);
    gate::strict(&document, inspector.contracts(), &EXPECTED);
});
