//! Annotations that are on one level and not on the other, or that no import keeps.

use std::collections::{BTreeMap, BTreeSet};

use crate::carriers::Pair;
use crate::lint::case::Case;
use crate::lint::document::Finding;
use crate::lint::rules::{
    ANNOTATION_LEVELS_DIFFER, ANNOTATION_NOT_ON_ALL, ANNOTATION_ONLY, ANNOTATIONS_NOT_ON_INDEX,
    INDEX_WITHOUT_ANNOTATIONS,
};
use crate::lint::survey::{Form, Image, Level};
use crate::reference::Reference;

/// Annotations that tools write for themselves, on the level where they are needed.
const OF_TOOLS: [&str; 7] = [
    "vnd.docker.reference.type",
    "vnd.docker.reference.digest",
    "io.containerd.image.name",
    "org.opencontainers.image.ref.name",
    "in-toto.io/predicate-type",
    "com.docker.official-images.bashbrew.arch",
    "containerd.io/distribution.source",
];

/// The least length of a value that counts as the same under another key, in bytes.
const TELLING: usize = 4;

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    let mut groups = BTreeSet::new();
    groups.extend(case.survey.images.iter().map(|image| image.group));
    for group in groups {
        let images = case.survey.images.iter();
        let images: Vec<&Image> = images.filter(|image| image.group == group).collect();
        not_on_index(case, &images, out);
        not_on_all(case, &images, out);
    }
    for subject in &case.subjects {
        only(case, subject.image, out);
    }
    let bare = |image: &Image| image.pairs(Level::IndexAnnotation).next().is_none();
    let images = &case.survey.images;
    let has_findings = out.iter().any(|f| f.code == ANNOTATIONS_NOT_ON_INDEX.code);
    if case.survey.form == Form::ImageIndex
        && images.len() > 1
        && images.iter().all(bare)
        && !has_findings
    {
        out.push(Finding::new(
            &INDEX_WITHOUT_ANNOTATIONS,
            format!("the index of {} platforms has no annotations", images.len()),
        ));
    }
}

fn is_of_tools(key: &str) -> bool {
    OF_TOOLS.contains(&key) || key.starts_with("vnd.docker.")
}

/// The annotations of an image below its index.
fn below(image: &Image) -> impl Iterator<Item = (&Pair, Level)> {
    let levels = [Level::ManifestAnnotation, Level::DescriptorAnnotation];
    let index = image.index.as_ref();
    levels.into_iter().flat_map(move |level| {
        image
            .pairs(level)
            // The entry for the index itself, in a layout's own index, is above it.
            .filter(move |pair| {
                level == Level::ManifestAnnotation || pair.source.path.as_ref() == index
            })
            .filter(|pair| !is_of_tools(&pair.key))
            .map(move |pair| (pair, level))
    })
}

/// The loss of a build on several nodes: the platforms' manifests are made on the nodes,
/// the index is put together afterwards, without the annotations that it was to have.
fn not_on_index(case: &Case, images: &[&Image], out: &mut Vec<Finding>) {
    let Some(first) = images.first() else { return };
    if images.len() < 2 || !images.iter().all(|image| image.known.index) {
        return;
    }
    let mut missing: BTreeMap<&str, &str> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let all = images.iter().flat_map(|image| below(image));
    for (pair, level) in all.filter(|(pair, _)| seen.insert(pair.key.as_str())) {
        let below = images
            .iter()
            .filter_map(|image| below(image).find(|(other, _)| other.key == pair.key));
        let mut values = BTreeSet::new();
        values.extend(below.map(|(pair, _)| pair.value.as_str()));
        match first.value(Level::IndexAnnotation, &pair.key) {
            None if values.len() == 1 => {
                missing.insert(&pair.key, &pair.value);
            }
            Some(on_index) if !values.contains(on_index) => {
                let message = format!(
                    "{} is \"{}\" on the index and \"{}\" on a {}",
                    pair.key,
                    case.shown(&pair.key, on_index),
                    case.shown(&pair.key, &pair.value),
                    if level == Level::ManifestAnnotation {
                        "manifest"
                    } else {
                        "platform's entry"
                    },
                );
                out.push(
                    Finding::new(&ANNOTATION_LEVELS_DIFFER, message)
                        .at(Level::IndexAnnotation, &pair.key),
                );
            }
            _ => {}
        }
    }
    if missing.is_empty() {
        return;
    }
    let keys: Vec<&str> = missing.keys().copied().collect();
    let message = format!(
        "{} of {} platforms {} not on their index: {}",
        match keys.len() {
            1 => "an annotation".to_owned(),
            count => format!("{count} annotations"),
        },
        images.len(),
        if keys.len() == 1 { "is" } else { "are" },
        keys.join(", ")
    );
    let (command, left_out) = command(case, first, &missing);
    let mut finding = Finding::new(&ANNOTATIONS_NOT_ON_INDEX, message);
    if let [key] = keys.as_slice() {
        finding = finding.at(Level::IndexAnnotation, key);
    }
    finding.level = Some(Level::IndexAnnotation);
    if !left_out.is_empty() {
        finding.change = format!(
            "{}; its command leaves out {}: the values are secrets or have control characters",
            finding.change,
            left_out.join(", ")
        );
    }
    finding.command = command;
    out.push(finding);
}

/// An annotation that the image for one platform has, and the one for another has not.
fn not_on_all(case: &Case, images: &[&Image], out: &mut Vec<Finding>) {
    let name = |image: &Image| image.name.clone();
    let mut seen = BTreeSet::new();
    for (pair, level) in images.iter().flat_map(|image| below(image)) {
        if !seen.insert((level, pair.key.as_str())) {
            continue;
        }
        let (has, lacks): (Vec<&Image>, Vec<&Image>) = images
            .iter()
            .copied()
            .partition(|image| below(image).any(|(it, at)| at == level && it.key == pair.key));
        let names = |images: &[&Image]| -> Vec<String> {
            images.iter().filter_map(|image| name(image)).collect()
        };
        let (has, lacks) = (names(&has), names(&lacks));
        if has.is_empty() || lacks.is_empty() {
            continue;
        }
        let message = format!(
            "the {} {}=\"{}\" is on {} and not on {}",
            level.noun(),
            pair.key,
            case.shown(&pair.key, &pair.value),
            has.join(", "),
            lacks.join(", ")
        );
        let mut finding = Finding::new(&ANNOTATION_NOT_ON_ALL, message).at(level, &pair.key);
        finding.images = lacks;
        out.push(finding);
    }
}

/// The command that puts annotations on the index in the registry, and the keys that it
/// cannot have: a secret is not printed, a control character not pasted.
fn command<'k>(
    case: &Case,
    image: &Image,
    missing: &BTreeMap<&'k str, &str>,
) -> (Option<Vec<String>>, Vec<&'k str>) {
    let owned = |word: &str| word.to_owned();
    let mut words: Vec<String> = ["docker", "buildx", "imagetools", "create"]
        .map(owned)
        .to_vec();
    let mut left_out = Vec::new();
    for (key, value) in missing {
        let controls = key.chars().chain(value.chars()).any(char::is_control);
        if !controls && case.is_open(key, value) {
            words.push(owned("--annotation"));
            words.push(format!("index:{key}={value}"));
        } else {
            left_out.push(*key);
        }
    }
    let name = name(image).unwrap_or_else(|| owned("NAME"));
    words.extend([owned("-t"), name.clone(), name]);
    let command = (left_out.len() < missing.len()).then_some(words);
    (command, left_out)
}

/// What the image is called in its registry; never what an option could be.
fn name(image: &Image) -> Option<String> {
    let names = image.facts.named.as_ref()?.names.iter();
    let mut parsed = names.filter_map(|name| Reference::parse(&name.value).ok());
    let reference = parsed.find(|reference| reference.tag.is_some() && !reference.irregular)?;
    let text = format!("{}:{}", reference.name(), reference.tag?);
    (!text.starts_with('-')).then_some(text)
}

/// Annotations that nothing else says.
fn only(case: &Case, image: &Image, out: &mut Vec<Finding>) {
    if !image.known.configuration {
        return;
    }
    let mut seen = BTreeMap::new();
    let above = image.pairs(Level::IndexAnnotation);
    let above = above.filter(|pair| !is_of_tools(&pair.key));
    for (pair, level) in above
        .map(|pair| (pair, Level::IndexAnnotation))
        .chain(below(image))
    {
        seen.entry(pair.key.as_str()).or_insert((level, pair));
    }
    for (key, (level, pair)) in seen {
        let said = |level: Level| {
            image.pairs(level).any(|other| {
                other.value == pair.value && (other.key == key || pair.value.len() >= TELLING)
            })
        };
        let label = image.value(Level::Label, key);
        if said(Level::Label) || said(Level::Env) {
            continue;
        }
        let shown = case.shown(key, &pair.value);
        let message = match label {
            Some(label) => format!(
                "the {} {key} is \"{shown}\", and the label that an import keeps is \"{}\"",
                level.noun(),
                case.shown(key, label)
            ),
            None => format!(
                "the {} {key}=\"{shown}\" is on no label and in no variable",
                level.noun()
            ),
        };
        out.push(
            Finding::new(&ANNOTATION_ONLY, message)
                .at(level, key)
                .on(image.name.as_ref()),
        );
    }
}
