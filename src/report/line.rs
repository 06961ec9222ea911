//! One line for a log: printable ASCII, at most 256 bytes.

use super::{escape, given_path, words};
use crate::provenance::{Kind, Provenance};

/// The longest line, without its newline.
pub const MAX_BYTES: usize = 256;

/// The most bytes of the path, to keep room for the answer.
const MAX_NAME: usize = 96;

/// File, verdict, reference, commit, confidence; with a newline at the end.
#[must_use]
pub fn render(document: &Provenance) -> String {
    let origin = &document.origin;
    let mut parts = Vec::new();
    match (origin.kind, words::subject(document)) {
        (Kind::Derived, _) => {
            let base = words::base(document);
            let name = base.and_then(|base| base.reference.as_deref().or(base.product.as_deref()));
            let name = name.unwrap_or("an unknown image");
            parts.push(format!("derived from {name}"));
        }
        (_, Some(product)) => parts.push(format!("{product}, {}", words::kind(origin))),
        (_, None) => parts.push(words::kind(origin)),
    }
    if let Some(reference) = origin.pull.reference.as_deref().filter(|_| origin.pull.ok) {
        parts.push(reference.to_owned());
    }
    if let Some(commit) = &origin.commit {
        let dirty = if commit.dirty { " with changes" } else { "" };
        let id = commit.id.get(..12).unwrap_or(&commit.id);
        parts.push(format!("commit {id}{dirty}"));
    }
    let confidence = words::confidence(document);
    if !confidence.is_empty() {
        parts.push(confidence);
    }
    if document.is_partial() {
        parts.push("read in part".to_owned());
    }
    let mut name = given_path(&document.file.path);
    let which: Vec<String> = document.part.iter().flat_map(words::part).collect();
    if !which.is_empty() {
        name = format!("{name} ({})", which.join(", "));
    }
    logged((&name, MAX_NAME), &parts.join(", "), MAX_BYTES)
}

/// Returns `name: text` in printable ASCII and with a newline. Cuts the name to so many bytes, and then the
/// line to `most`.
pub(super) fn logged((name, most_of_name): (&str, usize), text: &str, most: usize) -> String {
    let name = cut_in_front(&escape::lines(&escape::ascii(name)), most_of_name);
    let line = format!("{name}: {}", escape::ascii(text));
    cut(&line, most) + "\n"
}

/// Cuts off the end of an ASCII text that is too long.
fn cut(text: &str, most: usize) -> String {
    match text.get(..most.saturating_sub(3)) {
        Some(start) if text.len() > most => format!("{start}..."),
        _ => text.to_owned(),
    }
}

/// Cuts off the start of an ASCII text that is too long. The name is at the end of a path.
fn cut_in_front(text: &str, most: usize) -> String {
    match text.len().checked_sub(most.saturating_sub(3)) {
        Some(over) if text.len() > most => format!("...{}", text.get(over..).unwrap_or_default()),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::Part;
    use crate::report::samples;

    #[test]
    fn says_the_main_things() {
        assert_eq!(
            render(&samples::release()),
            "/images/vllm+vllm-openai+v0.29.0.sqsh: vLLM 0.29.0, official release, docker.io/vllm/vllm-openai:v0.29.0, \
             commit 98dff2a81d74, declared by 4 sources that agree\n"
        );
        assert_eq!(
            render(&samples::unknown()),
            "/images/model.sqsh: origin unknown\n"
        );
        assert_eq!(
            render(&samples::derived()),
            "llm-d.sqsh: derived from docker.io/vllm/vllm-openai:v0.23.0, declared by one source\n"
        );
    }

    #[test]
    fn each_image_of_a_file_is_named_by_its_platform_and_target() {
        let mut document = samples::unknown();
        document.part = Some(Part {
            platform: Some("linux/arm64".to_owned()),
            target: Some("app".to_owned()),
            ..Part::default()
        });
        assert_eq!(
            render(&document),
            "/images/model.sqsh (target app, linux/arm64): origin unknown\n"
        );
    }

    #[test]
    fn is_short_printable_and_one_line_whatever_the_image_says() {
        let mut document = samples::hostile();
        document.origin.version = Some("é".repeat(10_000));
        let line = render(&document);
        let text = line.strip_suffix('\n').unwrap();
        assert!(
            text.len() <= MAX_BYTES && text.bytes().all(|b| (0x20..0x7f).contains(&b)),
            "{text}"
        );
        assert!(text.ends_with("..."));
    }
}
