//! Here-documents. BuildKit looks for them in every word of RUN, COPY and ADD (github.com/moby/buildkit,
//! frontend/dockerfile/parser/parser.go, heredocsFromLine). The library that parses Dockerfiles takes only those
//! that come first.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::super::text::{SourceError, line_of};
use super::super::words::{plain, split};

/// A text without its here-documents. No offset changes.
pub(super) struct Hidden<'t> {
    pub text: Cow<'t, str>,
    /// Each instruction with here-documents, up to the end of the last one.
    pub instructions: Vec<Range<usize>>,
}

/// Turns here-documents into comments.
pub(super) fn hidden(text: &str) -> Result<Hidden<'_>, SourceError> {
    let mut out = String::new();
    let mut instructions = Vec::new();
    let mut lines = text.split_inclusive('\n').enumerate();
    // The last line with each text.
    let texts = text.split('\n').map(|line| line.trim_end_matches('\r'));
    let last: HashMap<&str, usize> = texts.enumerate().map(|(at, line)| (line, at)).collect();
    let escape = escape(text);
    while let Some((mut at, line)) = lines.next() {
        let start = out.len();
        let is_comment = |line: &str| matches!(line.trim_start().chars().next(), None | Some('#'));
        let mut joined = String::new();
        let mut next = Some((at, line));
        while let Some((number, line)) = next {
            at = number;
            out.push_str(line);
            next = match continued(line, escape) {
                _ if is_comment(line) && joined.is_empty() => None,
                _ if is_comment(line) => lines.next(),
                Some(part) => {
                    joined.push_str(part);
                    lines.next()
                }
                None => {
                    joined.push_str(line);
                    None
                }
            };
        }
        // Older versions of BuildKit take no white space behind the signs, as in `$((1 << 2))`.
        let mut ends = ends(&joined);
        ends.retain(|end| !end.is_spaced || last.get(end.name.as_str()).is_some_and(|it| *it > at));
        if ends.is_empty() {
            continue;
        }
        let marked = out.split_off(start);
        out.push_str(&marked.replace("<<", "xx"));
        for end in &ends {
            body(end, &mut lines, &mut out).ok_or_else(|| {
                let (line, name) = (line_of(text, start), &end.name);
                let text = format!("line {line}: the here-document has no line {name} at its end");
                SourceError::Dockerfile(text)
            })?;
        }
        instructions.push(start..out.len());
    }
    let text = match instructions.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(out),
    };
    Ok(Hidden { text, instructions })
}

/// The line that ends a here-document.
struct End {
    name: String,
    /// True if tabs may come before it: `<<-`.
    is_indented: bool,
    /// True if white space comes before the name: `<< EOF`.
    is_spaced: bool,
}

/// Returns the ends of the here-documents of an instruction, in their order.
fn ends(instruction: &str) -> Vec<End> {
    let (mut name, mut rest) = first(instruction);
    if name.eq_ignore_ascii_case("ONBUILD") {
        (name, rest) = first(rest);
    }
    let takes = |known: &&&str| name.eq_ignore_ascii_case(known);
    if !rest.contains("<<") || ["RUN", "COPY", "ADD"].iter().find(takes).is_none() {
        return Vec::new();
    }
    let mut after = rest;
    while after.starts_with("--") {
        after = first(after).1;
    }
    if serde_json::from_str::<Vec<String>>(after).is_ok() {
        return Vec::new();
    }
    // BuildKit takes a backslash here, whatever `# escape` says.
    let words = split(rest, '\\');
    let spaced = |(at, word): (usize, &String)| {
        let is_sign = word.trim_start_matches(|c: char| c.is_ascii_digit()) == "<<";
        let next = words.get(at.saturating_add(1)).filter(|_| is_sign)?;
        let end = end(&format!("<<{next}"))?;
        Some(End {
            is_spaced: true,
            ..end
        })
    };
    let both = words.iter().enumerate();
    both.filter_map(|(at, word)| end(word).or_else(|| spaced((at, word))))
        .collect()
}

fn first(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

/// Reads `<<EOF`, `3<<-"EOF"`.
fn end(word: &str) -> Option<End> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix("<<")?;
    let (is_indented, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let name = plain(rest, '\\');
    (!name.is_empty() && !rest.contains('<')).then_some(End {
        name,
        is_indented,
        is_spaced: false,
    })
}

/// Writes a here-document as comments; `None` if it has no end.
fn body<'t>(
    end: &End,
    lines: &mut impl Iterator<Item = (usize, &'t str)>,
    out: &mut String,
) -> Option<()> {
    for (_, line) in lines {
        let text = line.trim_end_matches(['\n', '\r']);
        let break_ = line.get(text.len()..).unwrap_or_default();
        if !text.is_empty() {
            out.push('#');
            out.extend(std::iter::repeat_n(' ', text.len().saturating_sub(1)));
        }
        out.push_str(break_);
        let text = match end.is_indented {
            true => text.trim_start_matches('\t'),
            false => text,
        };
        if text == end.name {
            return Some(());
        }
    }
    None
}

/// Returns a line without the escape character that joins it to the next one; `None` if there is none.
fn continued(line: &str, escape: char) -> Option<&str> {
    let part = line.trim_end().strip_suffix(escape)?;
    (!part.ends_with(escape)).then_some(part)
}

/// Returns the escape character that the directives name.
fn escape(text: &str) -> char {
    let comments = text.lines().map_while(|line| line.trim().strip_prefix('#'));
    let mut directives = comments.map_while(|comment| comment.split_once('='));
    let found = directives.find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"));
    found
        .and_then(|(_, value)| value.trim().chars().next())
        .unwrap_or('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_hidden_and_lines_stay() {
        for (text, expected) in [
            ("FROM a\nRUN x\n", "FROM a\nRUN x\n"),
            ("RUN <<A\nx\nA\nRUN y\n", "RUN xxA\n#\n#\nRUN y\n"),
            ("RUN cat > /x <<A\n\n é\nA", "RUN cat > /x xxA\n\n#  \n#"),
            (
                "RUN b <<-\"A\"\n\tFROM\n\tA\n",
                "RUN b xx-\"A\"\n#    \n# \n",
            ),
            (
                "RUN a \\\n# c\n 3<<A <<B\n1\nA\n2\nB\n",
                "RUN a \\\n# c\n 3xxA xxB\n#\n#\n#\n#\n",
            ),
            ("onbuild copy <<A /a\nx\nA\n", "onbuild copy xxA /a\n#\n#\n"),
            ("RUN cat << A\nx\nA\n", "RUN cat xx A\n#\n#\n"),
            ("COPY <<A /a\r\nx\r\nA\r\n", "COPY xxA /a\r\n#\r\n#\r\n"),
        ] {
            let found = hidden(text).map(|it| it.text.into_owned());
            assert_eq!(found, Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn other_words_with_these_signs_are_no_documents() {
        for text in [
            "RUN a <<< b\n",
            "RUN a $((1 << 2))\n",
            "RUN a \"<<A b\"\n",
            "RUN a<<A\n",
            "RUN [\"a\", \"<<A\"]\n",
            "ENV A=<<A\n",
            "# RUN a <<A\n",
        ] {
            let found = hidden(text).map(|it| it.text.into_owned());
            assert_eq!(found, Ok(text.to_owned()), "{text}");
        }
        assert!(hidden("RUN cat <<A\nx\n").is_err());
    }
}
