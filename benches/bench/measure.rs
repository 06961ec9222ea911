//! Programs measured: in turns, their reads counted, with slow reads, and their memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Result;

/// A program that does a job.
#[derive(Clone, Debug)]
pub struct Tool {
    pub name: String,
    pub words: Vec<String>,
    /// What it extracts, to be removed outside of the time.
    pub leaves: Option<PathBuf>,
    /// False where the reads are not made by the program but by the kernel or a daemon.
    pub reads: bool,
}

impl Tool {
    pub fn new<S: AsRef<str>>(name: &str, words: impl IntoIterator<Item = S>) -> Self {
        Self {
            name: name.to_owned(),
            words: words
                .into_iter()
                .map(|word| word.as_ref().to_owned())
                .collect(),
            leaves: None,
            reads: true,
        }
    }

    fn command(&self, before: &[String]) -> Command {
        let mut words = before.iter().chain(&self.words);
        let mut command = Command::new(words.next().map_or("", String::as_str));
        command
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn tidy(&self) -> Result<()> {
        match &self.leaves {
            Some(path) if path.exists() => Ok(fs::remove_dir_all(path)?),
            _ => Ok(()),
        }
    }

    /// Why it cannot be measured; it has been run once when it can.
    fn excuse(&self) -> Result<Option<String>> {
        let output = match self.command(&[]).stderr(Stdio::piped()).output() {
            Ok(output) => output,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Some("missing".to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        self.tidy()?;
        if output.status.success() {
            return Ok(None);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let said = said
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or("no reason given");
        let missing = output.status.code() == Some(127);
        Ok(Some(if missing {
            "missing".to_owned()
        } else {
            format!("failed: {}", said.replace('|', "/"))
        }))
    }

    fn milliseconds(&self, before: &[String]) -> Result<f64> {
        self.took(self.command(before))
    }

    fn took(&self, mut command: Command) -> Result<f64> {
        let start = Instant::now();
        let status = command.status()?;
        let took = start.elapsed().as_secs_f64() * 1000.0;
        self.tidy()?;
        match status.success() {
            true => Ok(took),
            false => Err(format!("{} failed: {status}", self.name).into()),
        }
    }
}

/// What was measured of a tool.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub job: String,
    pub image: String,
    pub tool: String,
    /// Reads of the image, and bytes.
    pub reads: Option<(u64, u64)>,
    /// Median.
    pub milliseconds: Option<f64>,
    /// Median of how many times the first tool's time it took, turn by turn.
    pub times: Option<f64>,
    /// Most memory that was in use.
    pub kib: Option<u64>,
    /// Time where each read takes one millisecond, and five.
    pub slow: Vec<f64>,
    /// Why there are no numbers.
    pub excuse: Option<String>,
}

/// What is measured beside the time.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    pub job: &'a str,
    pub label: &'a str,
    /// Whose reads count.
    pub image: Option<&'a Path>,
    /// Turns; tools that take longer than a second have fewer.
    pub rounds: usize,
    /// Milliseconds that each read is made to take.
    pub delays: &'a [u64],
}

/// Measures tools that do the same job. The first one is ours and must work.
pub fn compare(plan: Plan<'_>, tools: &[Tool], work: &Path) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for tool in tools {
        let excuse = tool.excuse()?;
        if let Some(excuse) = excuse.as_ref().filter(|_| rows.is_empty()) {
            return Err(format!("{} {}: {excuse}", plan.job, tool.name).into());
        }
        rows.push(Row {
            job: plan.job.to_owned(),
            image: plan.label.to_owned(),
            tool: tool.name.clone(),
            excuse,
            ..Row::default()
        });
    }
    let mut times = vec![Vec::new(); tools.len()];
    for round in 0..plan.rounds {
        // Each turn starts with another tool: no tool always follows the same one.
        let mut first = None;
        let mut taken = vec![None; tools.len()];
        for step in 0..tools.len() {
            let number = (round + step) % tools.len();
            let (Some(tool), Some(row), Some(past)) =
                (tools.get(number), rows.get(number), times.get(number))
            else {
                continue;
            };
            let slow = past
                .first()
                .is_some_and(|(ms, _): &(f64, f64)| *ms > 1000.0);
            if row.excuse.is_some() || (slow && round >= 3) {
                continue;
            }
            let ms = tool.milliseconds(&[])?;
            if number == 0 {
                first = Some(ms);
            }
            if let Some(slot) = taken.get_mut(number) {
                *slot = Some(ms);
            }
        }
        for (all, ms) in times.iter_mut().zip(taken) {
            if let Some(ms) = ms {
                all.push((ms, ms / first.unwrap_or(f64::NAN)));
            }
        }
    }
    for ((row, tool), times) in rows.iter_mut().zip(tools).zip(times) {
        if row.excuse.is_some() {
            continue;
        }
        row.milliseconds = median(times.iter().map(|(ms, _)| *ms));
        row.times = median(times.iter().map(|(_, ratio)| *ratio));
        row.kib = peak(tool, work)?;
        if let Some(image) = plan.image.filter(|_| tool.reads) {
            row.reads = counted(tool, image, work)?;
            row.slow = plan
                .delays
                .iter()
                .map(|&ms| delayed(tool, image, ms, plan.rounds))
                .collect::<Result<Vec<_>>>()?
                .into_iter()
                .flatten()
                .collect();
        }
    }
    Ok(rows)
}

pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn has(tool: &str) -> bool {
    Command::new(tool)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

const READS: &str = "read,pread64,readv,preadv,preadv2";

/// What strace writes about the reads of the image by the program and its children; `None` without strace.
fn traced(tool: &Tool, image: &Path, work: &Path, options: &[&str]) -> Result<Option<String>> {
    if !has("strace") {
        return Ok(None);
    }
    let log = work.join("strace");
    let (path, written) = (image.to_string_lossy(), log.to_string_lossy());
    let reads = format!("trace={READS}");
    let usual = ["strace", "-f", "-P", &path, "-e", &reads, "-o", &written];
    let words: Vec<String> = usual
        .iter()
        .chain(options)
        .map(|&word| word.to_owned())
        .collect();
    tool.milliseconds(&words)?;
    let text = fs::read_to_string(&log)?;
    fs::remove_file(log)?;
    Ok(Some(text))
}

/// Reads of the image by the program and its children, and bytes, as the kernel sees them.
fn counted(tool: &Tool, image: &Path, work: &Path) -> Result<Option<(u64, u64)>> {
    let Some(text) = traced(tool, image, work, &[])? else {
        return Ok(None);
    };
    // A call is one line, or two when another thread comes between; the result is in the last.
    let results = text
        .lines()
        .filter_map(|line| line.rsplit_once(" = ")?.1.trim().parse::<u64>().ok());
    Ok(Some(
        results
            .filter(|bytes| *bytes > 0)
            .fold((0, 0), |(reads, all), bytes| (reads + 1, all + bytes)),
    ))
}

/// How often the program waits for the image, one read or several at once: each read is made to wait, and what
/// starts while another one waits does not follow from it.
pub fn trips(tool: &Tool, image: &Path, work: &Path) -> Result<Option<usize>> {
    const WAIT: f64 = 0.02;
    let inject = format!("inject={READS}:delay_enter={}", WAIT * 1e6);
    let Some(text) = traced(tool, image, work, &["-ttt", "-e", &inject])? else {
        return Ok(None);
    };
    let begins = text
        .lines()
        .filter(|line| !line.contains(" resumed>") && !line.contains(" +++ "));
    let times = begins.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    let mut waits: Vec<f64> = Vec::new();
    for time in times {
        if waits.last().is_none_or(|last| time - last >= WAIT * 0.9) {
            waits.push(time);
        }
    }
    Ok(Some(waits.len()))
}

/// Returns the prefix of a command that delays each of these calls by `milliseconds`. With `--seccomp-bpf` no other
/// call stops the program.
pub fn slowly(calls: &str, ms: u64) -> Vec<String> {
    let trace = format!("trace={calls}");
    let inject = format!("inject={calls}:delay_enter={}", ms * 1000);
    let words = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &trace,
        "-e",
        &inject,
    ];
    words.map(str::to_owned).to_vec()
}

/// The time it takes where each read of the image takes so many milliseconds. A library makes it wait where
/// scripts/bench could build it; else strace, and its own work counts.
fn delayed(tool: &Tool, image: &Path, ms: u64, rounds: usize) -> Result<Option<f64>> {
    let (mut words, mut variables) = (Vec::new(), Vec::new());
    if let Ok(library) = std::env::var("SLOW_READS") {
        variables.push(("LD_PRELOAD", library));
        variables.push(("READ_TAKES_MICROSECONDS", (ms * 1000).to_string()));
    } else if has("strace") {
        let of_image = ["-P", &image.to_string_lossy()].map(str::to_owned);
        words = [slowly(READS, ms), of_image.to_vec()].concat();
    } else {
        return Ok(None);
    }
    let mut times = Vec::new();
    let started = Instant::now();
    // A slow tool is run a few times only.
    while times.len() < rounds.min(3)
        || (times.len() < rounds && started.elapsed() < Duration::from_secs(3))
    {
        let mut command = tool.command(&words);
        command.envs(variables.iter().map(|(name, value)| (*name, value)));
        times.push(tool.took(command)?);
    }
    Ok(median(times.into_iter()))
}

/// The most memory that the program or a child of it had at once, in KiB.
fn peak(tool: &Tool, work: &Path) -> Result<Option<u64>> {
    const TIME: &str = "/usr/bin/time";
    if !Path::new(TIME).exists() {
        return Ok(None);
    }
    let out = work.join("time");
    let words = [TIME, "-f", "%M", "-o", &out.to_string_lossy()].map(str::to_owned);
    tool.milliseconds(&words)?;
    Ok(fs::read_to_string(out)?
        .lines()
        .last()
        .and_then(|line| line.trim().parse().ok()))
}

/// Instructions that a program needs, as valgrind counts them.
pub fn instructions(words: &[String]) -> Result<Option<u64>> {
    if !has("valgrind") {
        return Ok(None);
    }
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(words);
    let output = command.stdout(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    Ok(line.and_then(|(_, count)| count.trim().parse().ok()))
}

/// The exponent of growth, by least squares in logarithms: 1 is linear, 0 is flat.
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let points: Vec<(f64, f64)> = points
        .iter()
        .map(|(x, y)| (x.ln(), y.ln()))
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    let count = points.len() as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |(a, b), (x, y)| (a + x / count, b + y / count));
    let (up, down) = points.iter().fold((0.0, 0.0), |(up, down), (px, py)| {
        (up + (px - x) * (py - y), down + (px - x).powi(2))
    });
    (points.len() > 1 && down > 0.0).then(|| up / down)
}
