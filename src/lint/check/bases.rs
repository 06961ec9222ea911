//! Labels of a base image. An image that does not override them inherits them.

use crate::carriers::Facts;
use crate::contracts::{Contract, Contracts, any_glob};
use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::BASE_LABELS_INHERITED;
use crate::lint::survey::Level;

/// Returns true if the value of a label can be the base's own.
type Looks = fn(&str) -> bool;

/// A base image: the label by which it is recognised, and the labels that others inherit from it.
struct Base {
    name: &'static str,
    /// The contract that says what an image of the base itself has.
    contract: &'static str,
    marker: (&'static str, Looks),
    labels: &'static [(&'static str, Looks)],
}

const ANY: Looks = |_| true;
const UBI: Looks = |value| value.starts_with("ubi");
const NVIDIA: Looks = |value| value.starts_with("NVIDIA CORPORATION");
/// `24.04`.
const UBUNTU_VERSION: Looks =
    |value| value.len() == 5 && value.find('.') == Some(2) && UBI_VERSION(value);
/// `9.6`.
const UBI_VERSION: Looks = |value| {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (value.split_once('.')).is_some_and(|(major, minor)| digits(major) && digits(minor))
};

const BASES: [Base; 4] = [
    Base {
        name: "Ubuntu",
        contract: "ubuntu",
        marker: ("org.opencontainers.image.ref.name", |v| v == "ubuntu"),
        labels: &[
            ("org.opencontainers.image.ref.name", |v| v == "ubuntu"),
            ("org.opencontainers.image.version", UBUNTU_VERSION),
        ],
    },
    Base {
        name: "Red Hat UBI",
        contract: "redhat",
        marker: ("com.redhat.component", UBI),
        labels: &[
            ("vcs-ref", ANY),
            ("vcs-url", ANY),
            ("vcs-type", ANY),
            ("version", UBI_VERSION),
            ("release", ANY),
            ("build-date", ANY),
            ("name", UBI),
            ("com.redhat.component", UBI),
            ("url", |v| v.contains("redhat.com")),
            ("vendor", |v| v.starts_with("Red Hat")),
        ],
    },
    Base {
        name: "NVIDIA NGC",
        contract: "ngc",
        marker: ("com.nvidia.build.ref", ANY),
        labels: &[("com.nvidia.build.ref", ANY), ("com.nvidia.build.id", ANY)],
    },
    Base {
        name: "NVIDIA CUDA",
        contract: "ngc",
        marker: ("maintainer", NVIDIA),
        labels: &[("maintainer", NVIDIA)],
    },
];

/// Returns the labels that come from a base, each with the base's name. An image of the base itself has none.
pub(in crate::lint) fn inherited(
    facts: &Facts,
    contracts: &Contracts,
) -> Vec<(String, &'static str)> {
    let value = |key: &str| {
        let pair = facts.labels.iter().rfind(|pair| pair.key == key)?;
        Some(pair.value.as_str())
    };
    let fits =
        |key: &str, looks: Looks| value(key).is_some_and(|value| !value.is_empty() && looks(value));
    let mut found = Vec::new();
    for base in &BASES {
        let (key, looks) = base.marker;
        let contract = contracts.get(base.contract);
        if !fits(key, looks) || contract.is_some_and(|it| is_base(it, facts)) {
            continue;
        }
        // UBI images keep the base's labels in a file. It shows which labels are still the base's.
        let frozen = |key: &str| {
            let known = facts.base_labels.as_deref();
            let known = known.filter(|_| base.contract == "redhat");
            known.is_none_or(|known| {
                let mut pairs = known.iter();
                pairs.any(|pair| pair.key == key && Some(pair.value.as_str()) == value(key))
            })
        };
        let labels = base.labels.iter();
        let labels = labels.filter(|(key, looks)| fits(key, *looks) && frozen(key));
        found.extend(labels.map(|(key, _)| ((*key).to_owned(), base.name)));
    }
    found
}

/// Returns true if the configuration of an image has nothing that its base lacks.
fn is_base(contract: &Contract, facts: &Facts) -> bool {
    let stamped = |key: &String| {
        let mut stamps = contract.stamps.iter();
        stamps.any(|stamp| stamp.environment.contains(key) || stamp.label.contains(key))
    };
    // Variables of any base, and of NVIDIA's bases.
    let base = ["PATH", "container", "LANG", "maintainer"];
    let environment = &contract.environment;
    let known = |key: &String| {
        base.contains(&key.as_str())
            || stamped(key)
            || any_glob(&environment.tail, key)
            || any_glob(&environment.anchors, key)
            || any_glob(&contract.labels.known, key)
            || key.starts_with("org.opencontainers.image.")
    };
    let has_source =
        (facts.labels.iter()).any(|pair| pair.key == "org.opencontainers.image.source");
    let pairs = facts.environment.iter().chain(&facts.labels);
    !has_source && pairs.map(|pair| &pair.key).all(known)
}

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    for subject in &case.subjects {
        let mut bases: Vec<&str> = subject.inherited.iter().map(|(_, base)| *base).collect();
        bases.dedup();
        for base in bases {
            let keys = subject.inherited.iter().filter(|(_, other)| *other == base);
            let keys: Vec<&str> = keys.map(|(key, _)| key.as_str()).collect();
            let shown = keys.iter().map(|key| {
                let value = subject.image.value(Level::Label, key).unwrap_or_default();
                format!("{key}=\"{}\"", case.shown(key, value))
            });
            let shown: Vec<String> = shown.collect();
            let message = format!("labels of the base, {base}: {}", shown.join(", "));
            let mut finding = subject.image.finding(&BASE_LABELS_INHERITED, message);
            finding.level = Some(Level::Label);
            if let [key] = keys.as_slice() {
                finding.key = Some((*key).to_owned());
            }
            out.push(finding);
        }
    }
}
