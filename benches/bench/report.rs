//! The results for a person: the table, the targets and how they were met, growth, plots.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use super::Result;
use super::images::Size;
use super::measure::{Row, exponent, instructions};
use super::plot::{Series, lines};
use super::table::{
    AUDIT, BACKHAND, Bench, DEEP, LIBRARY, MEMORY, ONE_FILE, RDSQUASHFS, SHOW, TWO_FILES,
    UNSQUASHFS,
};

/// What stands above is written by hand.
const MARK: &str = "<!-- What follows is written by scripts/bench. -->";

/// Prints the results; with a report also writes them there, and the plots beside it.
pub fn write(bench: &Bench, size: Size, rows: &[Row], report: Option<&Path>) -> Result<()> {
    let targets = targets(rows, size);
    let mut text = format!("{MARK}\n\n{}\n", circumstances(bench)?);
    text.push_str("## Targets\n\n| what | target | measured | met |\n|---|---|---|---|\n");
    for target in &targets {
        let met = if target.met { "yes" } else { "**no**" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {met} |",
            target.what, target.target, target.measured
        );
    }
    let _ = writeln!(
        text,
        "\n## Growth\n\nExponents over the number of inodes or images: 0 is flat, 1 is linear.\n\n{}",
        growth(rows)
    );
    let _ = writeln!(text, "## Everything\n\n{}", table(rows));
    println!("{text}");
    if let Some(report) = report {
        let old = fs::read_to_string(report).unwrap_or_default();
        let by_hand = old.split(MARK).next().unwrap_or_default();
        fs::write(
            report,
            format!("{by_hand}{}", text.trim_end().to_owned() + "\n"),
        )?;
        plots(rows, &report.with_file_name("docs").join("bench"))?;
    }
    // What is counted does not depend on the machine.
    let missed: Vec<&str> = targets
        .iter()
        .filter(|target| target.counted && !target.met)
        .map(|target| target.what.as_str())
        .collect();
    match missed.as_slice() {
        [] => Ok(()),
        missed => Err(format!("counted targets were missed: {}", missed.join(", ")).into()),
    }
}

fn circumstances(bench: &Bench) -> Result<String> {
    let first = |words: &[&str]| -> String {
        let mut words = words.iter();
        let output = words
            .next()
            .and_then(|name| Command::new(name).args(words).output().ok());
        let text = output
            .map(|output| [output.stdout, output.stderr].concat())
            .unwrap_or_default();
        String::from_utf8_lossy(&text)
            .lines()
            .next()
            .unwrap_or("missing")
            .trim()
            .to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown", |(_, name)| name);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let size = fs::metadata(bench.program())?.len();
    let fixture = Bench::fixture();
    let words = [
        bench.program(),
        "show",
        "--format",
        "json",
        &fixture.to_string_lossy(),
    ]
    .map(str::to_owned);
    let show = instructions(&words)?
        .map_or("not counted: valgrind is missing".to_owned(), |count| {
            format!("{:.2} million", count as f64 / 1e6)
        });
    Ok(format!(
        "`{}` on {}, commit {}.\n\n* {cores} cores of {cpu}, Linux {}; load {load} at the end.\n* {}; {}; {}; strace {}.\n\
         * The program has {:.2} MB and {}. Instructions of `show --format json` on a small image \
         (`valgrind --tool=callgrind`): {show}.\n",
        env::var("BENCH_COMMAND").unwrap_or_else(|_| "scripts/bench".to_owned()),
        first(&["date", "-u", "+%Y-%m-%d %H:%M UTC"]),
        first(&[
            "git",
            "-C",
            env!("CARGO_MANIFEST_DIR"),
            "rev-parse",
            "--short=12",
            "HEAD"
        ]),
        first(&["uname", "-r"]),
        first(&["unsquashfs", "-version"]),
        first(&["rdsquashfs", "--version"]),
        first(&["squashfuse", "--help"]),
        first(&["strace", "--version"])
            .rsplit(' ')
            .next()
            .unwrap_or_default(),
        size as f64 / 1e6,
        if first(&["readelf", "-d", bench.program()]).contains("no dynamic section")
            || first(&["file", "-b", bench.program()]).contains("static")
        {
            "is static"
        } else {
            "is linked dynamically"
        },
    ))
}

struct Target {
    what: String,
    target: &'static str,
    measured: String,
    met: bool,
    counted: bool,
}

fn targets(rows: &[Row], size: Size) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut add = |what: &str, target, measured: String, met, counted| {
        targets.push(Target {
            what: what.to_owned(),
            target,
            measured,
            met,
            counted,
        });
    };
    let of = |job: &'static str, tool: &'static str| {
        rows.iter()
            .filter(move |row| row.job == job && row.tool.starts_with(tool))
    };
    let worst_reads = |rows: &mut dyn Iterator<Item = &Row>| {
        rows.filter_map(|row| row.reads)
            .fold((0, 0), |(a, b), (reads, bytes)| {
                (a.max(reads), b.max(bytes))
            })
    };
    let kib = |bytes: u64| format!("{:.0} KB", bytes as f64 / 1000.0);
    // The targets are for blocks of 128 KiB and compressed tables; the other packings stand in the table.
    let usual = |row: &&Row| {
        ["lzo", "zstd", "gzip", "xz"]
            .iter()
            .any(|codec| row.image.ends_with(&format!(", {codec}")))
    };
    let (reads, bytes) = worst_reads(&mut of(TWO_FILES, LIBRARY).filter(usual));
    add(
        "two files: reads",
        "≤ 5, ≤ 6 in two fragments",
        reads.to_string(),
        reads <= 5,
        true,
    );
    add(
        "two files: bytes",
        "≤ 120 KB, ≤ 170 KB in two fragments",
        kib(bytes),
        bytes <= 120_000,
        false,
    );
    // Where a read has to be asked for, a few of a megabyte cost less than many small ones.
    let up_to = |most: f64| {
        move |row: &&Row| {
            let inodes = row.image.split(' ').next();
            inodes
                .and_then(|count| count.parse().ok())
                .is_some_and(|count: f64| count <= most)
        }
    };
    let (reads, bytes) = worst_reads(&mut of(SHOW, "sqsh-prov").filter(up_to(1e5)));
    add(
        "`show --format json`, up to 100000 inodes: reads",
        "≤ 6",
        reads.to_string(),
        reads <= 6,
        true,
    );
    add(
        "`show --format json`, up to 100000 inodes: bytes",
        "≤ 4 MiB",
        kib(bytes),
        bytes <= 4 << 20,
        true,
    );
    let (reads, _) = worst_reads(&mut of(SHOW, "sqsh-prov"));
    add(
        "all evidence, every packing: reads",
        "≤ 8",
        reads.to_string(),
        reads <= 8,
        true,
    );
    let largest = if size == Size::Full {
        "200000 "
    } else {
        "4000 "
    };
    let least = |job, tool, image: &str| {
        let times = of(job, tool)
            .filter(|row| row.image.starts_with(image))
            .filter(usual)
            .filter_map(|row| row.times);
        times.fold(f64::INFINITY, f64::min)
    };
    let times = |value: f64| {
        if value.is_finite() {
            format!("{value:.2} ×")
        } else {
            "not measured".to_owned()
        }
    };
    for (tool, target, least_times) in [
        (UNSQUASHFS, "≥ 1.67 × (≤ 0.6 of its time)", 1.0 / 0.6),
        (RDSQUASHFS, "≥ 1.00 ×", 1.0),
        (BACKHAND, "≥ 150 ×", 150.0),
    ] {
        let value = least(TWO_FILES, tool, largest);
        add(
            &format!("two files, {largest}inodes: {tool}"),
            target,
            times(value),
            value.is_finite() && value >= least_times,
            false,
        );
    }
    let (reads, _) = worst_reads(&mut of(ONE_FILE, LIBRARY));
    add(
        "one file of a large directory: reads",
        "≤ 8",
        reads.to_string(),
        reads <= 8,
        true,
    );
    let value = of(ONE_FILE, UNSQUASHFS)
        .filter_map(|row| row.times)
        .fold(f64::INFINITY, f64::min);
    add(
        "one file of a large directory: unsquashfs",
        "≥ 10 ×",
        times(value),
        value.is_finite() && value >= 10.0,
        false,
    );
    let value = of(AUDIT, "xargs")
        .next_back()
        .and_then(|row| row.times)
        .unwrap_or(f64::NAN);
    add(
        "audit: `xargs -P2 unsquashfs -cat`",
        "≥ 4 ×",
        times(value),
        value >= 4.0,
        false,
    );
    let slow = of(AUDIT, "sqsh-prov audit")
        .filter_map(|row| row.slow.first())
        .copied()
        .next_back()
        .unwrap_or(f64::NAN);
    add(
        "audit, reads of 1 ms",
        "≤ 2 s",
        format!("{:.2} s", slow / 1000.0),
        slow <= 2000.0,
        false,
    );
    let most = |rows: &mut dyn Iterator<Item = &Row>| {
        rows.filter_map(|row| row.kib).max().unwrap_or(0) as f64 / 1024.0
    };
    let mib = most(&mut of(SHOW, "sqsh-prov").filter(usual));
    add(
        "`show`: peak memory",
        "≤ 8 MB",
        format!("{mib:.1} MiB"),
        mib * 1.048_576 <= 8.0,
        false,
    );
    let mib = most(&mut of(MEMORY, "sqsh-prov"));
    add(
        "audit: peak memory",
        "≤ 64 MB",
        format!("{mib:.1} MiB"),
        mib * 1.048_576 <= 64.0,
        false,
    );
    for row in of(DEEP, UNSQUASHFS) {
        let value = row.times.unwrap_or(f64::NAN);
        add(
            &format!("`--deep`, {}: unsquashfs", row.image),
            "≥ 1.00 ×",
            times(value),
            value >= 1.0,
            false,
        );
    }
    targets
}

/// The numbers of one tool by the number at the start of the image's label.
fn by_number<'r>(
    rows: &'r [Row],
    job: &'r str,
    tool: &'r str,
    codec: &'r str,
) -> Vec<(f64, &'r Row)> {
    let rows = rows
        .iter()
        .filter(move |row| row.job == job && row.tool == tool && row.image.ends_with(codec));
    let number = |row: &Row| {
        row.image
            .split(' ')
            .next()
            .and_then(|word| word.parse::<f64>().ok())
    };
    rows.filter_map(|row| Some((number(row)?, row))).collect()
}

fn growth(rows: &[Row]) -> String {
    let mut text =
        "| job | tool | reads | bytes | time | memory |\n|---|---|---|---|---|---|\n".to_owned();
    let jobs: [(&str, &str, &str); 6] = [
        (TWO_FILES, LIBRARY, ", lzo"),
        (SHOW, "sqsh-prov show --format json", ", lzo"),
        (TWO_FILES, UNSQUASHFS, ", lzo"),
        (TWO_FILES, RDSQUASHFS, ", lzo"),
        (TWO_FILES, BACKHAND, ", lzo"),
        (AUDIT, "sqsh-prov audit", ", zstd"),
    ];
    for (job, tool, codec) in jobs {
        let rows = by_number(rows, job, tool, codec);
        let of = |value: &dyn Fn(&Row) -> Option<f64>| {
            let points: Vec<(f64, f64)> = rows
                .iter()
                .filter_map(|(number, row)| Some((*number, value(row)?)))
                .collect();
            exponent(&points).map_or("–".to_owned(), |exponent| format!("{exponent:.2}"))
        };
        let _ = writeln!(
            text,
            "| {job} | {tool} | {} | {} | {} | {} |",
            of(&|row| row.reads.map(|(reads, _)| reads as f64)),
            of(&|row| row.reads.map(|(_, bytes)| bytes as f64)),
            of(&|row| row.milliseconds),
            of(&|row| row.kib.map(|kib| kib as f64)),
        );
    }
    text
}

fn table(rows: &[Row]) -> String {
    let mut text =
        "| job | image | tool | reads | KB | ms | × ours | MiB | ms, reads of 1 ms | of 5 ms |\n\
                    |---|---|---|--:|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    let number = |value: Option<f64>, digits: usize| {
        value.map_or(String::new(), |value| format!("{value:.digits$}"))
    };
    let mut before = (String::new(), String::new());
    for row in rows {
        let same_job = before.0 == row.job;
        let job = if same_job { "" } else { &row.job };
        let image = if same_job && before.1 == row.image {
            ""
        } else {
            &row.image
        };
        let _ = write!(text, "| {job} | {image} | {} |", row.tool);
        let _ = match &row.excuse {
            Some(excuse) => writeln!(text, " | | {excuse} | | | | |"),
            None => writeln!(
                text,
                " {} | {} | {} | {} | {} | {} | {} |",
                number(row.reads.map(|(reads, _)| reads as f64), 0),
                number(row.reads.map(|(_, bytes)| bytes as f64 / 1000.0), 0),
                number(row.milliseconds, 2),
                number(row.times, 2),
                number(row.kib.map(|kib| kib as f64 / 1024.0), 1),
                number(row.slow.first().copied(), 1),
                number(row.slow.get(1).copied(), 1),
            ),
        };
        before = (row.job.clone(), row.image.clone());
    }
    text
}

fn plots(rows: &[Row], directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    let series = |job: &'static str, codec: &'static str, value: &dyn Fn(&Row) -> Option<f64>| {
        let mut tools: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.job == job) {
            let next = tools.len();
            tools.entry(&row.tool).or_insert(next);
        }
        let mut tools: Vec<(&str, usize)> = tools.into_iter().collect();
        tools.sort_by_key(|(_, order)| *order);
        let all = tools.into_iter().map(|(tool, _)| Series {
            name: tool.to_owned(),
            points: by_number(rows, job, tool, codec)
                .into_iter()
                .filter_map(|(number, row)| Some((number, value(row)?)))
                .filter(|(number, value)| *number > 0.0 && *value > 0.0)
                .collect(),
        });
        all.filter(|series| !series.points.is_empty())
            .collect::<Vec<_>>()
    };
    let mut time = series(TWO_FILES, ", lzo", &|row| row.milliseconds);
    time.extend(series(SHOW, ", lzo", &|row| row.milliseconds));
    let mut bytes = series(TWO_FILES, ", lzo", &|row| {
        row.reads.map(|(_, bytes)| bytes as f64 / 1000.0)
    });
    bytes.extend(series(SHOW, ", lzo", &|row| {
        row.reads.map(|(_, bytes)| bytes as f64 / 1000.0)
    }));
    let audit = series(AUDIT, ", zstd", &|row| {
        row.milliseconds.map(|ms| ms / 1000.0)
    });
    for (name, title, x, y, series) in [
        (
            "time.svg",
            "Two files of an image, whole process",
            "inodes (lzo)",
            "milliseconds",
            time,
        ),
        (
            "bytes.svg",
            "Bytes read for two files of an image",
            "inodes (lzo)",
            "KB",
            bytes,
        ),
        (
            "audit.svg",
            "A directory of images of 20,000 inodes",
            "images (zstd)",
            "seconds",
            audit,
        ),
    ] {
        fs::write(directory.join(name), lines(title, x, y, &series))?;
    }
    Ok(())
}
