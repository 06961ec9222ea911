//! Mutates one image many times, and judges each answer.

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqsh_prov::limits::Limits;
use sqsh_prov::provenance::Provenance;
use sqsh_prov::{Inspector, Options};

use super::facts::{Stated, changed, lost, stated};
use super::gate::{Gate, Passed};
use super::layout::Layout;
use super::others::{Others, Read};
use super::{Random, mutate};

/// An image is mutated on a file system in memory.
pub const MEMORY: &str = "/dev/shm";
/// Longer than this is counted as a time-out.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What came of the mutations.
#[derive(Default)]
pub struct Figures {
    pub mutations: u64,
    pub same: u64,
    pub partial: u64,
    pub refused: u64,
    pub panics: u64,
    pub late: u64,
    pub slowest: Duration,
    pub peak_kib: u64,
    /// Answers that state something else: another reader reads the same, no other reader does, wrong.
    pub differ: u64,
    pub asked: u64,
    pub agreed: u64,
    pub alone: u64,
    pub wrong: u64,
    pub silent: u64,
    pub became_official: u64,
    /// Images that a gate, `--deep` and a baseline judged too, and those that passed where the intact one does not.
    pub gated: u64,
    pub opened: u64,
    pub sample: Sample,
    pub by_part: BTreeMap<&'static str, [u64; 3]>,
    pub notes: BTreeMap<String, (u64, String)>,
}

/// Reads of `/etc/environment` and `/etc/rc` in the sample.
#[derive(Default)]
pub struct Sample {
    pub reads: u64,
    pub ours: [u64; 2],
    pub unsquashfs: [u64; 2],
    pub rdsquashfs: [u64; 2],
    /// Right by unsquashfs or rdsquashfs and not by us.
    pub missed: [u64; 2],
}

impl Figures {
    fn note(&mut self, what: String, example: &str) {
        let entry = self
            .notes
            .entry(what)
            .or_insert_with(|| (0, example.to_owned()));
        if (1..8).contains(&entry.0) {
            entry.1 += ", ";
            entry.1 += example;
        }
        entry.0 += 1;
    }

    fn gated(&mut self, passed: Passed, example: &str) {
        self.gated += 1;
        self.peak_kib = self.peak_kib.max(peak_kib());
        self.late += u64::from(passed.took > 2 * PATIENCE);
        if let Some(place) = passed.panicked {
            self.panics += 1;
            self.note(format!("PANIC at {place}"), example);
        }
        if passed.opened {
            self.opened += 1;
            self.note("OPENED A GATE".to_owned(), example);
        }
    }
}

static PANICKED: Mutex<String> = Mutex::new(String::new());

/// Keeps where a panic was, instead of printing it.
pub fn remember_panics() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.location().map(ToString::to_string).unwrap_or_default();
        *PANICKED.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }));
}

/// Where the last panic was that nobody has asked for yet; empty where there was none.
pub fn panicked() -> String {
    std::mem::take(&mut *PANICKED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// An image that is mutated.
pub struct Run<'a> {
    pub name: &'a str,
    pub intact: &'a [u8],
    /// For what is written meanwhile.
    pub directory: &'a Path,
    /// Every so many mutations other readers are asked what they read.
    pub sample: usize,
    /// Every so many mutations a gate judges it, with `--deep` too.
    pub gate: usize,
    /// An answer that differs is shown to other readers at most so often.
    pub most_asked: usize,
}

fn inspector() -> Inspector {
    let limits = Limits {
        time: Some(PATIENCE),
        ..Limits::default()
    };
    Inspector::new(Options {
        limits,
        reveal: true,
        ..Options::default()
    })
    .unwrap()
}

impl Run<'_> {
    /// Mutates it so many times.
    pub fn run(&self, count: usize, figures: &mut Figures) {
        let path = self.directory.join("image.sqsh");
        fs::write(&path, self.intact).unwrap();
        let inspector = inspector();
        let document = inspector.inspect(&path).unwrap();
        let gate = Gate::new(&document, &path, self.directory);
        let intact = stated(&document);
        let layout = Layout::of(self.intact);
        let others = Others::new(&path, self.directory);
        let mut asked = 0;
        let mut image = Vec::new();
        for round in 0..count {
            image.clear();
            image.extend_from_slice(self.intact);
            let mut random = Random::of(self.name, round);
            let part = mutate(&mut image, &layout, &mut random);
            fs::write(&path, &image).unwrap();
            let example = format!("{} #{round} {part}", self.name);
            forget_peak();
            let start = Instant::now();
            let answer = catch_unwind(std::panic::AssertUnwindSafe(|| {
                inspector.inspect(&path).map_err(|error| error.to_string())
            }));
            let took = start.elapsed();
            figures.mutations += 1;
            figures.peak_kib = figures.peak_kib.max(peak_kib());
            figures.slowest = figures.slowest.max(took);
            figures.late += u64::from(took > PATIENCE + Duration::from_secs(1));
            let answer = match answer {
                Ok(answer) => answer,
                Err(_) => {
                    figures.panics += 1;
                    figures.note(format!("PANIC at {}", panicked()), &example);
                    continue;
                }
            };
            self.judge(
                &answer, &intact, &path, &others, &mut asked, part, &example, figures,
            );
            if let (Ok(document), 0) = (&answer, round % self.gate) {
                figures.gated(gate.pass(&path, document), &example);
            }
            if round % self.sample == 0 {
                self.sample(&path, &others, &example, figures);
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one caller")]
    fn judge(
        &self,
        answer: &Result<Provenance, String>,
        intact: &Stated,
        path: &Path,
        others: &Others,
        asked: &mut usize,
        part: &'static str,
        example: &str,
        figures: &mut Figures,
    ) {
        let by_part = figures.by_part.entry(part).or_default();
        let document = match answer {
            Ok(document) => document,
            Err(error) => {
                figures.refused += 1;
                by_part[2] += 1;
                if std::env::var_os("MUTATE_REFUSALS").is_some() {
                    let text = format!("refused {part}: {}", without_digits(error, path));
                    figures.note(text, example);
                }
                return;
            }
        };
        by_part[usize::from(document.is_partial())] += 1;
        let now = stated(document);
        let (changed, lost) = (changed(intact, &now), lost(intact, &now));
        match (changed.is_empty() && lost.is_empty(), document.is_partial()) {
            (true, false) => figures.same += 1,
            (_, true) => figures.partial += 1,
            (false, false) => {}
        }
        let official =
            |stated: &Stated| stated.get("origin.official").map(String::as_str) == Some("true");
        if official(&now) && !official(intact) {
            figures.became_official += 1;
            figures.note("BECAME OFFICIAL".to_owned(), example);
        }
        // What is gone is a loss; without a word about it, it is a wrong answer as well.
        let suspect: Vec<&String> = match document.is_partial() {
            true => changed.iter().collect(),
            false => changed.iter().chain(in_silence(&lost, document)).collect(),
        };
        if suspect.is_empty() {
            return;
        }
        figures.differ += 1;
        *asked += 1;
        if *asked > self.most_asked {
            return;
        }
        figures.asked += 1;
        let theirs = others.stated(path);
        if theirs.is_empty() {
            figures.silent += 1;
            return;
        }
        let as_we_do = || others.read_as_we_do(path, "etc/environment");
        match against(&suspect, &now, intact, &theirs, as_we_do) {
            Found::Wrong(field) => {
                figures.wrong += 1;
                let (ours, was) = (now.get(field), intact.get(field));
                let kind = if ours.is_some() {
                    "WRONG"
                } else {
                    "WRONG, gone in silence"
                };
                let field = field.split('.').take(2).collect::<Vec<_>>().join(".");
                let values = match field.as_str() {
                    "origin.kind" | "origin.official" => format!(" {was:?} -> {ours:?}"),
                    _ => String::new(),
                };
                let partial = document.is_partial();
                let text = format!("{kind}: {field}{values} ({part}, partial {partial})");
                figures.note(text, example);
            }
            Found::Alone => figures.alone += 1,
            Found::Agreed => figures.agreed += 1,
        }
    }

    fn sample(&self, path: &Path, others: &Others, example: &str, figures: &mut Figures) {
        for (file, intact) in others.files() {
            let sample = &mut figures.sample;
            let of = |read: &Read| match read {
                Read::Bytes(bytes) if bytes == intact => Some(0),
                Read::Bytes(_) => Some(1),
                Read::Nothing(_) => None,
            };
            let (ours, un, rd) = (
                others.ours(path, file),
                others.unsquashfs(path, file),
                others.rdsquashfs(path, file),
            );
            sample.reads += 1;
            for (counts, read) in [
                (&mut sample.ours, &ours),
                (&mut sample.unsquashfs, &un),
                (&mut sample.rdsquashfs, &rd),
            ] {
                if let Some(which) = of(read) {
                    counts[which] += 1;
                }
            }
            for (which, read) in [&un, &rd].into_iter().enumerate() {
                if of(read) == Some(0) && of(&ours) != Some(0) {
                    figures.sample.missed[which] += 1;
                    let why = match &ours {
                        Read::Nothing(error) => without_digits(error, path),
                        Read::Bytes(_) => "other bytes".to_owned(),
                    };
                    figures.note(
                        format!(
                            "missed what {} reads: {why}",
                            ["unsquashfs", "rdsquashfs"][which]
                        ),
                        example,
                    );
                }
            }
        }
    }
}

/// A message by its kind: numbers differ each time.
fn without_digits(message: &str, path: &Path) -> String {
    let message = message.replace(&path.display().to_string(), "");
    let mut text = String::new();
    for word in message
        .split(|c: char| c.is_ascii_digit())
        .filter(|word| !word.is_empty())
    {
        text.push_str(word);
        text.push('#');
    }
    text.chars().take(110).collect()
}

fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// What others say where we say something else than of the intact image.
enum Found<'f> {
    /// Another reads the field as it was.
    Wrong(&'f String),
    /// Nobody says of some field what we say.
    Alone,
    Agreed,
}

fn against<'f>(
    suspect: &[&'f String],
    now: &Stated,
    intact: &Stated,
    theirs: &[Stated],
    environment_is_read_as_we_do: impl Fn() -> bool,
) -> Found<'f> {
    // Theirs may have lost more than we did: then what follows from it differs too.
    let mut alone = false;
    for &field in suspect {
        let (ours, was) = (now.get(field), intact.get(field));
        if theirs.iter().any(|stated| stated.get(field) == ours) {
            continue;
        }
        // Without /etc/rc a tree is not an importer's, and its environment is not looked at.
        if field.starts_with("environment.") && environment_is_read_as_we_do() {
            continue;
        }
        if theirs.iter().any(|stated| stated.get(field) == was) {
            return Found::Wrong(field);
        }
        alone = true;
    }
    if alone { Found::Alone } else { Found::Agreed }
}

/// What is gone without a word: a warning says of a repacked image why it is official no longer.
fn in_silence<'a>(
    lost: &'a [String],
    document: &Provenance,
) -> impl Iterator<Item = &'a String> + use<'a> {
    let mut warnings = document.warnings.iter();
    let said = warnings.any(|warning| warning.code == "repacked");
    lost.iter()
        .filter(move |field| !(said && *field == "origin.official"))
}
