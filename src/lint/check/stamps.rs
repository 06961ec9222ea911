//! Stamps: is there one, does it have values, and do its places agree?

use crate::attribution::reading::{Carrier, Reading};
use crate::attribution::{CommitText, same_commit};
use crate::contracts::{Field, Role};
use crate::lint::case::{Case, Subject};
use crate::lint::document::Finding;
use crate::lint::rules::{
    COMMIT_ABBREVIATED, COMMIT_DIRTY, COMMIT_PLACEHOLDER, ENV_AND_LABEL_DIFFER, NO_STAMP,
    REVISION_DIFFERS_FROM_STAMP, STAMP_IN_ONE_PLACE, STAMP_INHERITED, STAMP_PLACEHOLDER,
};
use crate::lint::survey::Level;

/// The label with which any image can name its commit.
pub(in crate::lint) const REVISION: &str = "org.opencontainers.image.revision";

/// Fields that identify the build. A base image cannot know them of an image that is built on it.
pub(in crate::lint) const TELLING: [Field; 7] = [
    Field::Commit,
    Field::Source,
    Field::Pipeline,
    Field::BuildId,
    Field::BuildNumber,
    Field::Url,
    Field::Reference,
];

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    for subject in &case.subjects {
        placeholders(case, subject, out);
        commits(case, subject, out);
        if subject.image.known.configuration {
            presence(case, subject, out);
            places(case, subject, out);
        }
    }
}

fn key(reading: &Reading) -> &str {
    reading.source.key.as_deref().unwrap_or_default()
}

/// Returns true for a value that says what an image was built from. The number of a build or pipeline says it only
/// under a publisher's key, and the page of a project does not.
pub(in crate::lint) fn tells(case: &Case, reading: &Reading) -> bool {
    let contract = case.contracts.get(&reading.contract);
    let is_general = contract.is_some_and(|it| it.role == Role::Generic);
    let telling = match reading.field {
        Field::Url if reading.contract == "oci" => is_page(reading),
        Field::Pipeline | Field::BuildId | Field::BuildNumber => !is_general,
        other => TELLING.contains(&other),
    };
    telling && !reading.placeholder || reading.carrier == Carrier::File
}

fn presence(case: &Case, subject: &Subject, out: &mut Vec<Finding>) {
    if !subject.stamps.iter().any(|it| tells(case, it)) {
        let message = "no variable and no label says what the image was built from";
        out.push(subject.image.finding(&NO_STAMP, message));
    } else if subject.derived {
        let message = "it is built on a publisher's image, and has that image's stamp";
        out.push(subject.image.finding(&STAMP_INHERITED, message));
    }
}

/// Parts of the addresses of build pages.
const PAGES: [&str; 5] = [
    "/builds/",
    "/actions/runs/",
    "/pipelines/",
    "/jobs/",
    "/job/",
];

/// Returns true for the page of a build. A project's home page uses the same label.
fn is_page(reading: &Reading) -> bool {
    PAGES.iter().any(|part| reading.value.contains(part))
}

/// Returns true for a build that names its page or pipeline: it was not made by hand.
fn in_ci(subject: &Subject) -> bool {
    subject.stamps.iter().any(|reading| {
        let field = matches!(
            reading.field,
            Field::Pipeline | Field::Url | Field::BuildId | Field::BuildNumber
        );
        let page = reading.field != Field::Url || is_page(reading);
        field && page && !reading.placeholder
    })
}

fn placeholders(case: &Case, subject: &Subject, out: &mut Vec<Finding>) {
    let in_ci = in_ci(subject);
    let placeholders = subject.stamps.iter().filter(|reading| {
        let optional = matches!(
            reading.field,
            Field::PullRequest | Field::Url | Field::Product
        );
        // An empty value hides the base's.
        let emptied = reading.value.trim().is_empty()
            && !matches!(reading.field, Field::Commit | Field::Reference);
        reading.placeholder && !optional && !emptied
    });
    for reading in placeholders {
        let rule = if reading.field == Field::Commit && in_ci {
            &COMMIT_PLACEHOLDER
        } else {
            &STAMP_PLACEHOLDER
        };
        let message = match reading.value.trim() {
            "" => format!("{} is empty", key(reading)),
            value => format!(
                "{} is \"{}\", which is a placeholder",
                key(reading),
                case.shown(key(reading), value)
            ),
        };
        let finding = subject.image.finding(rule, message);
        out.push(finding.at(subject.level(reading), key(reading)));
    }
}

fn commits(case: &Case, subject: &Subject, out: &mut Vec<Finding>) {
    let readings = subject.stamps.iter();
    let commits: Vec<(&Reading, CommitText)> = readings
        .filter(|reading| reading.field == Field::Commit && !reading.placeholder)
        .filter_map(|reading| Some((reading, CommitText::parse(&reading.value)?)))
        .collect();
    for (reading, commit) in &commits {
        let shown = case.shown(key(reading), &reading.value);
        let mut push = |rule, what: &str| {
            let message = format!("{}=\"{shown}\" {what}", key(reading));
            let finding = subject.image.finding(rule, message);
            out.push(finding.at(subject.level(reading), key(reading)));
        };
        if commit.dirty {
            push(&COMMIT_DIRTY, "has uncommitted changes");
        }
        if !commit.is_full() {
            push(&COMMIT_ABBREVIATED, "is abbreviated");
        }
    }
    let Some((revision, named)) = commits.iter().find(|(r, _)| key(r) == REVISION) else {
        return;
    };
    let differs = |(reading, commit): &&(&Reading, CommitText)| {
        is_publishers(case, reading) && !same_commit(&commit.id, &named.id)
    };
    if let Some((stamp, _)) = commits.iter().find(differs) {
        let message = format!(
            "{REVISION} is {}, {} is {}",
            case.shown(REVISION, &revision.value),
            key(stamp),
            case.shown(key(stamp), &stamp.value)
        );
        let finding = subject.image.finding(&REVISION_DIFFERS_FROM_STAMP, message);
        out.push(finding.at(Level::Label, REVISION));
    }
}

fn is_publishers(case: &Case, reading: &Reading) -> bool {
    let contract = case.contracts.get(&reading.contract);
    contract.is_some_and(|contract| contract.role == Role::Publisher) && !reading.internal
}

/// Compares the variable and the label of each field in a publisher's stamp.
fn places(case: &Case, subject: &Subject, out: &mut Vec<Finding>) {
    // Other publishers usually write only one of the two, or use many names for one field.
    let both = (case.contracts.all().iter()).filter(|contract| contract.environment.stamped);
    for contract in both {
        for stamp in contract.stamps.iter().filter(|stamp| stamp.identifying) {
            if stamp.environment.is_empty() || stamp.label.is_empty() {
                continue;
            }
            let of = |carrier| {
                subject.stamps.iter().find(|reading| {
                    reading.contract == contract.id
                        && reading.field == stamp.field
                        && reading.carrier == carrier
                })
            };
            match (of(Carrier::Environment), of(Carrier::Label)) {
                (Some(variable), Some(label)) if variable.value != label.value => {
                    let shown =
                        |r: &Reading| format!("{} is \"{}\"", key(r), case.shown(key(r), &r.value));
                    let message = format!("{}, {}", shown(variable), shown(label));
                    let finding = subject.image.finding(&ENV_AND_LABEL_DIFFER, message);
                    out.push(finding.at(Level::Label, key(label)));
                }
                (Some(one), None) | (None, Some(one)) => {
                    let (there, other) = match one.carrier {
                        Carrier::Environment => ("a variable", &stamp.label),
                        Carrier::Label | Carrier::File => ("a label", &stamp.environment),
                    };
                    let other = other.first().map_or("", String::as_str);
                    let message = format!("{} is {there}, and {other} is not set", key(one));
                    let finding = subject.image.finding(&STAMP_IN_ONE_PLACE, message);
                    out.push(finding.at(subject.level(one), key(one)));
                }
                _ => {}
            }
        }
    }
}
