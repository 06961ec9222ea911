//! Cuts and wraps text to a width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The mark for the part that is left out.
const CUT: char = '…';

/// The characters at which a path, a reference or a name is cut.
const BETWEEN: [char; 5] = ['/', ':', '+', '@', ' '];

/// Returns the text with spaces in front of it, up to this width.
pub(super) fn pad_left(text: &str, width: usize) -> String {
    let gap = width.saturating_sub(text.width());
    format!("{}{text}", " ".repeat(gap))
}

fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > width {
            return text.get(at + c.len_utf8()..).unwrap_or_default();
        }
    }
    text
}

/// Cuts off the end of a text that is too wide, at a space if there is one in its second half.
pub(super) fn fit_end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let start = head(text, width.saturating_sub(1));
    let word = start.rfind(' ').filter(|at| *at >= start.len() / 2);
    let start = word.and_then(|at| start.get(..at)).unwrap_or(start);
    format!("{}{CUT}", start.trim_end_matches([',', ';', ':']))
}

/// Cuts out the middle of a text that is too wide. The end often says most: the name of a file, a tag.
pub(in crate::report::audit) fn fit_middle(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let text = &short_hex(text);
    if text.width() <= width {
        return text.clone();
    }
    let room = width.saturating_sub(1);
    let ends = text.match_indices(BETWEEN);
    let ends = ends.filter_map(|(at, _)| text.get(at..));
    let end = ends
        .filter(|end| end.width() > 1)
        .find(|end| end.width() <= room * 3 / 4)
        .filter(|end| end.width() >= 3.min(room))
        .unwrap_or_else(|| tail(text, room * 2 / 3));
    let start = head(text, room.saturating_sub(end.width()));
    format!("{start}{CUT}{end}")
}

/// Returns the text with commits and digests as short as people compare them.
fn short_hex(text: &str) -> String {
    const LONG: usize = 32;
    const SHOWN: usize = 12;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_hexdigit());
        let (run, after) = from.split_at(end.unwrap_or(from.len()));
        out.push_str(before);
        if run.len() >= LONG {
            out.push_str(run.get(..SHOWN).unwrap_or(run));
            out.push(CUT);
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Puts words into lines of at most this width. Cuts out the middle of a wider word.
pub(super) fn wrap<'t>(words: impl IntoIterator<Item = &'t str>, width: usize) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut used = 0;
    for word in words {
        let word = fit_middle(word, width);
        let needed = word.width();
        match lines.last_mut() {
            Some(line) if used + 1 + needed <= width => {
                used += 1 + needed;
                line.push(word);
            }
            _ => {
                used = needed;
                lines.push(vec![word]);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_cut_behind_a_word() {
        assert_eq!(
            fit_end("the file is empty; make it", 20),
            "the file is empty…"
        );
        assert_eq!(fit_end("abcdef", 4), "abc…");
        assert_eq!(fit_end("漢字漢字", 5), "漢字…");
        assert_eq!(fit_end("abc", 3), "abc");
    }

    #[test]
    fn a_path_keeps_its_name_and_a_reference_its_tag() {
        for (text, width, fitted) in [
            ("/a/b/cd", 5, "/…/cd"),
            (
                "on docker.io/vllm/vllm-openai:v0.29.0",
                20,
                "on docker.i…:v0.29.0",
            ),
            (
                "/shared/images/team/vllm+vllm-openai+v0.29.0.sqsh",
                40,
                "/shared/images…+vllm-openai+v0.29.0.sqsh",
            ),
            (
                "on docker.io/vllm/vllm-openai:nightly-ac7509e2b1db40fec2f03dde1ed4e9dfdc2338c9",
                34,
                "on docker.i…:nightly-ac7509e2b1db…",
            ),
            ("NGC PyTorch 26.03", 14, "NGC PyT… 26.03"),
            ("abcdefghij", 7, "ab…ghij"),
            ("abc", 3, "abc"),
            ("abcdef", 1, "…"),
        ] {
            assert_eq!(fit_middle(text, width), fitted);
        }
    }

    #[test]
    fn words_that_are_wider_than_a_line_are_cut() {
        let lines = wrap(["one", "two", "three", "abcdefghijkl"], 8);
        assert_eq!(lines.concat(), ["one", "two", "three", "abc…ijkl"]);
        assert_eq!(lines.len(), 3);
    }
}
