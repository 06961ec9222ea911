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

/// Annotations that tools write for their own use. They belong on one level only.
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
    let mut groups: BTreeMap<usize, Vec<&Image>> = BTreeMap::new();
    for image in &case.survey.images {
        groups.entry(image.group).or_default().push(image);
    }
    for images in groups.values() {
        not_on_index(case, images, out);
        not_on_all(case, images, out);
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

/// Returns the annotations of an image that are not on its index.
fn below(image: &Image) -> impl Iterator<Item = (&Pair, Level)> {
    let levels = [Level::ManifestAnnotation, Level::DescriptorAnnotation];
    let index = image.index.as_ref();
    levels.into_iter().flat_map(move |level| {
        image
            .pairs(level)
            // The entry for the index, which is in the layout's own index, is above the index.
            .filter(move |pair| {
                level == Level::ManifestAnnotation || pair.source.path.as_ref() == index
            })
            .filter(|pair| !is_of_tools(&pair.key))
            .map(move |pair| (pair, level))
    })
}

/// Annotations that a build on several nodes loses: each node makes the manifest of its platform with them. A later
/// step makes the index without them.
fn not_on_index(case: &Case, images: &[&Image], out: &mut Vec<Finding>) {
    let Some(first) = images.first() else { return };
    if images.len() < 2 || !images.iter().all(|image| image.known.index) {
        return;
    }
    let mut missing: BTreeMap<&str, &str> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let all = images.iter().flat_map(|image| below(image));
    for (pair, level) in all.filter(|(pair, _)| seen.insert(pair.key.as_str())) {
        let same = images
            .iter()
            .filter_map(|image| below(image).find(|(other, _)| other.key == pair.key));
        let values: BTreeSet<&str> = same.map(|(pair, _)| pair.value.as_str()).collect();
        match first.value(Level::IndexAnnotation, &pair.key) {
            None if values.len() == 1 => {
                missing.insert(&pair.key, &pair.value);
            }
            Some(on_index) if !values.contains(on_index) => {
                let key = &pair.key;
                let place = match level {
                    Level::ManifestAnnotation => "manifest",
                    _ => "platform's entry",
                };
                let message = format!(
                    "{key} is \"{}\" on the index and \"{}\" on a {place}",
                    case.shown(key, on_index),
                    case.shown(key, &pair.value)
                );
                let finding = Finding::new(&ANNOTATION_LEVELS_DIFFER, message);
                out.push(finding.at(Level::IndexAnnotation, key));
            }
            _ => {}
        }
    }
    if missing.is_empty() {
        return;
    }
    let keys: Vec<&str> = missing.keys().copied().collect();
    let platforms = images.len();
    let message = match keys.as_slice() {
        [key] => format!("an annotation of {platforms} platforms is not on their index: {key}"),
        keys => format!(
            "{} annotations of {platforms} platforms are not on their index: {}",
            keys.len(),
            keys.join(", ")
        ),
    };
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

/// Annotations that the image for one platform has, and the image for another lacks.
fn not_on_all(case: &Case, images: &[&Image], out: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (pair, level) in images.iter().flat_map(|image| below(image)) {
        if !seen.insert((level, pair.key.as_str())) {
            continue;
        }
        let (has, lacks): (Vec<&Image>, Vec<&Image>) = images
            .iter()
            .partition(|image| below(image).any(|(it, at)| at == level && it.key == pair.key));
        let names = |images: Vec<&Image>| -> Vec<String> {
            images.iter().filter_map(|it| it.name.clone()).collect()
        };
        let (has, lacks) = (names(has), names(lacks));
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

/// Returns the command that puts annotations on the index in the registry, and the keys that it leaves out: a secret
/// must not be printed, and a control character must not be pasted.
fn command<'k>(
    case: &Case,
    image: &Image,
    missing: &BTreeMap<&'k str, &str>,
) -> (Option<Vec<String>>, Vec<&'k str>) {
    let owned = |word: &str| word.to_owned();
    let start = ["docker", "buildx", "imagetools", "create"];
    let mut words: Vec<String> = start.map(owned).to_vec();
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

/// Returns the name of the image in its registry, unless a program could take it for an option.
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
    let above = above.map(|pair| (pair, Level::IndexAnnotation));
    for (pair, level) in above.chain(below(image)) {
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
        out.push(image.finding(&ANNOTATION_ONLY, message).at(level, key));
    }
}
