//! What a gate, `--deep` and a comparison with an earlier report make of a mutated image.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqsh_prov::audit::baseline::Baseline;
use sqsh_prov::audit::record::{FileFields, Line, Record, SCHEMA, Summary};
use sqsh_prov::jiff::Timestamp;
use sqsh_prov::limits::Limits;
use sqsh_prov::policy::{self, Policy};
use sqsh_prov::provenance::{PathText, Provenance};
use sqsh_prov::verify::document::Verification;
use sqsh_prov::verify::{Expectations, ExpectedImage, Rules, Verdict, check};
use sqsh_prov::{Inspector, Options};

use super::run::{PATIENCE, panicked};

/// Judges one image again and again.
pub struct Gate {
    deep: Inspector,
    policies: Vec<Policy>,
    expectations: Expectations,
    /// The earlier report, and the image's key in it.
    report: PathBuf,
    content: Option<String>,
    /// The answers about the intact image: open, and strict.
    intact: [Vec<Verdict>; 2],
}

/// What came of one image.
#[derive(Default)]
pub struct Passed {
    /// An answer was 0 where the intact image's is not.
    pub opened: bool,
    pub panicked: Option<String>,
    pub took: Duration,
}

impl Gate {
    /// `directory` is for the earlier report.
    pub fn new(intact: &Provenance, path: &Path, directory: &Path) -> Self {
        let deep = Inspector::new(Options {
            deep: true,
            limits: Limits {
                time: Some(PATIENCE),
                ..Limits::default()
            },
            ..Options::default()
        });
        let import = intact.origin.imported.as_ref();
        let reference = import.and_then(|import| import.reference.as_deref());
        let images = reference.and_then(|text| ExpectedImage::new(text).ok());
        let record = record(path, intact);
        let content = record.keys.content.clone();
        let summary = Summary {
            schema: SCHEMA.to_owned(),
            complete: true,
            ..Summary::default()
        };
        let lines = [
            Line::Image(Box::new(record)),
            Line::Summary(Box::new(summary)),
        ];
        let lines = lines.map(|line| serde_json::to_string(&line).unwrap() + "\n");
        let report = directory.join("earlier.ndjson");
        std::fs::write(&report, lines.concat()).unwrap();
        let mut gate = Self {
            deep: deep.unwrap(),
            policies: ["publishable", "official-only"]
                .map(|name| Policy::load(name).unwrap())
                .into(),
            expectations: Expectations {
                images: images.into_iter().collect(),
                ..Expectations::default()
            },
            report,
            content,
            intact: Default::default(),
        };
        gate.intact = [false, true].map(|strict| gate.verdicts(intact, strict));
        gate
    }

    /// Judges a mutated image.
    pub fn pass(&self, path: &Path, document: &Provenance) -> Passed {
        let start = Instant::now();
        let all = || {
            let mut opened = self.opens(document);
            if let Ok(deep) = self.deep.inspect(path) {
                opened |= self.opens(&deep);
            }
            self.compare(path, document);
            opened
        };
        let opened = catch_unwind(AssertUnwindSafe(all));
        let failed = opened.is_err();
        Passed {
            opened: opened.unwrap_or_default(),
            // Also that of a thread that hashes, which the program catches.
            panicked: Some(panicked()).filter(|place| failed || !place.is_empty()),
            took: start.elapsed(),
        }
    }

    fn opens(&self, document: &Provenance) -> bool {
        [false, true].into_iter().any(|strict| {
            let now = self.verdicts(document, strict);
            assert!(!strict || !now.contains(&Verdict::Undecidable));
            let intact = self.intact[usize::from(strict)].iter();
            let mut pairs = intact.zip(&now);
            pairs.any(|(was, now)| *now == Verdict::Holds && *was != Verdict::Holds)
        })
    }

    /// By what is expected, by `--official`, and by each policy.
    fn verdicts(&self, document: &Provenance, strict: bool) -> Vec<Verdict> {
        let rules = Rules {
            contracts: self.deep.contracts(),
            mirrors: &[],
        };
        let official = Expectations {
            official: true,
            ..Expectations::default()
        };
        let answer = |expectations: &Expectations| {
            let outcome = check(document, expectations, rules);
            let answer = Verification::new(None, outcome, None);
            if strict { answer.strict() } else { answer }
        };
        let plain = answer(&self.expectations);
        let by = |policy: &Policy| {
            let policy = Policy {
                strict,
                ..policy.clone()
            };
            let findings = policy::evaluate(document, &policy, Timestamp::UNIX_EPOCH);
            plain.clone().with_findings(&policy.name, findings).verdict
        };
        let by_policies = self.policies.iter().map(by);
        [plain.verdict, answer(&official).verdict]
            .into_iter()
            .chain(by_policies)
            .collect()
    }

    /// A file with other tables is never the same as in the earlier report.
    fn compare(&self, path: &Path, document: &Provenance) {
        let mut baseline = Baseline::open(&self.report).unwrap();
        let record = record(path, document);
        baseline.see(&record);
        let same = record.keys.content == self.content;
        assert_eq!(baseline.changes(true).is_empty(), same);
    }
}

fn record(path: &Path, document: &Provenance) -> Record {
    let mut record = Record::unread(PathText::from(path), FileFields::default());
    record.answer(document);
    record
}
