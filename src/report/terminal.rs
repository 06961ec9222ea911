//! Text on a terminal: its styles, its width, and where its lines break.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The answer itself, or a heading.
pub(super) const STRONG: Style = Style::new().bold();
/// What belongs to the answer beside it.
pub(super) const ASIDE: Style = Style::new().dimmed();
/// What is right, or new.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// What needs a look.
pub(super) const CARE: Style = AnsiColor::Yellow.on_default();
/// What is wrong, or gone.
pub(super) const BAD: Style = AnsiColor::Red.on_default();
/// Text as it comes.
pub(super) const PLAIN: Style = Style::new();

/// The least width; a narrower terminal wraps lines itself.
pub(super) const LEAST_WIDTH: usize = 40;
/// On a narrower terminal a key or a word has a line of its own.
pub(super) const NARROW: usize = 60;

/// Returns the text in a style, if `colour` is set and there is something to see.
pub(super) fn paint(colour: bool, style: Style, text: &str) -> String {
    if colour && !text.trim().is_empty() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

/// Returns the number of columns that the text takes.
pub(super) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Returns the text with spaces behind it, up to this width.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// Wraps a text at spaces to `width` columns. A longer word stays whole, to be copied, unless
/// `break_words` is set.
pub(super) fn wrap(text: &str, width: usize, break_words: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for (number, word) in text.split(' ').enumerate() {
        let size = columns(word);
        if number > 0 {
            if used + 1 + size <= width {
                line.push(' ');
                used += 1;
            } else {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
        }
        if used + size <= width || !break_words {
            line.push_str(word);
            used += size;
            continue;
        }
        for c in word.chars() {
            let size = UnicodeWidthChar::width(c).unwrap_or(0);
            if used + size > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += size;
        }
    }
    lines.push(line);
    lines
}

/// Returns the lines of a text behind `lead`, wrapped at spaces to `width` columns. Each line begins below the
/// text of the first.
pub(super) fn hang(lead: &str, text: &str, width: usize) -> Vec<String> {
    let indent = columns(lead);
    let lines = wrap(text, width.saturating_sub(indent), false);
    let starts = std::iter::once(lead.to_owned()).chain(std::iter::repeat(" ".repeat(indent)));
    starts
        .zip(lines)
        .map(|(start, line)| start + &line)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{hang, wrap};

    #[test]
    fn a_hanging_text_stays_beside_its_lead() {
        assert_eq!(hang("- ", "one two three", 9,), ["- one two", "  three"]);
        assert_eq!(hang("- ", "", 9), ["- "]);
        assert_eq!(hang("- ", "abcdefghijk l", 5), ["- abcdefghijk", "  l"]);
    }

    #[test]
    fn lines_break_at_spaces_and_cells_inside_of_words() {
        assert_eq!(wrap("one two three", 7, false), ["one two", "three"]);
        assert_eq!(wrap("a abcdefghij k", 4, false), ["a", "abcdefghij", "k"]);
        assert_eq!(wrap("abcdefghij kl", 4, true), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrap("漢字漢字", 4, true), ["漢字", "漢字"]);
        assert_eq!(wrap("", 4, true), [""]);
    }
}
