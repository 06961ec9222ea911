//! The parts that read nothing: parsers, contracts, attribution, masking. `cargo bench --bench parsers`.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;

use criterion::{Criterion, Throughput};
use sqsh_prov::attribution::attribute;
use sqsh_prov::carriers::{DocumentFormat, collect, document, enroot_rc, environment, record};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::Squashfs;
use sqsh_prov::{Inspector, Options, redact};

const FIXTURE: &str = "fixtures/classification/01-vllm-release.sqsh";
const RECORD: &str = "/usr/local/lib/python3.12/dist-packages/vllm-0.29.0.dist-info/RECORD";

fn main() -> Result<(), Box<dyn Error>> {
    let limits = Limits::default();
    let image = Squashfs::open(File::open(FIXTURE)?, &limits)?;
    let read = |path: &str| image.read(&image.lookup(path.as_bytes())?, limits.text_file);
    let mut criterion = Criterion::default().configure_from_args();

    let mut group = criterion.benchmark_group("parse");
    let rc = read("/etc/rc")?;
    group.throughput(Throughput::Bytes(rc.len() as u64));
    group.bench_function("rc", |b| b.iter(|| enroot_rc::parse(black_box(&rc))));
    let variables = read("/etc/environment")?;
    group.throughput(Throughput::Bytes(variables.len() as u64));
    group.bench_function("environment", |b| {
        b.iter(|| environment::parse(black_box(&variables)))
    });
    let rows = read(RECORD)?.repeat(50);
    group.throughput(Throughput::Bytes(rows.len() as u64));
    group.bench_function("record", |b| {
        b.iter(|| record::parse(black_box(&rows), u64::MAX))
    });
    let provenance = Inspector::new(Options::default())?.inspect(FIXTURE.as_ref())?;
    let json = serde_json::to_vec(&provenance)?;
    group.throughput(Throughput::Bytes(json.len() as u64));
    group.bench_function("json document", |b| {
        b.iter(|| {
            document::parse(
                black_box(&json),
                DocumentFormat::Json,
                "document",
                "/a.json",
            )
        })
    });
    group.finish();

    let contracts = Contracts::built_in()?;
    let facts = collect(&image, &contracts.wanted(), &limits);
    criterion.bench_function("contracts", |b| b.iter(Contracts::built_in));
    criterion.bench_function("attribute", |b| {
        b.iter(|| attribute(black_box(&facts), &contracts, &[]))
    });
    criterion.bench_function("redact", |b| {
        b.iter_batched(
            || provenance.clone(),
            |mut document| redact::redact(&mut document),
            criterion::BatchSize::SmallInput,
        )
    });
    criterion.final_summary();
    Ok(())
}
