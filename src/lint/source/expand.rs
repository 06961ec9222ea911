//! Removes the quotes of a word in a Dockerfile, and replaces its variables: `$NAME`, `${NAME}`,
//! `${NAME:-word}`, `:+`, `:?`, and without the colon; `#`, `##`, `%`, `%%`, `/`, `//`. As in
//! github.com/moby/buildkit, frontend/dockerfile/shell/lex.go.

use std::iter::Peekable;
use std::str::Chars;

use super::glob;
use super::worth::Worth;

/// The deepest nesting of words.
const DEEPEST: usize = 32;

/// An invalid word: BuildKit refuses it, or it is nested too deep.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadWord;

/// Returns the value of a word. `names` has the values of the variables.
pub(super) fn expand(
    word: &str,
    escape: char,
    names: &dyn Fn(&str) -> Worth,
) -> Result<Worth, BadWord> {
    let mut reader = Reader {
        chars: word.chars().peekable(),
        escape,
        names,
        depth: 0,
    };
    reader.until(None, false)
}

struct Reader<'w, 'n> {
    chars: Peekable<Chars<'w>>,
    escape: char,
    names: &'n dyn Fn(&str) -> Worth,
    depth: usize,
}

impl Reader<'_, '_> {
    /// Reads up to and including a character, or to the end. `raw` keeps escape characters, for a pattern.
    fn until(&mut self, stop: Option<char>, raw: bool) -> Result<Worth, BadWord> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEEPEST {
            return Err(BadWord);
        }
        let mut out = Worth::literal("");
        while let Some(c) = self.chars.next() {
            match c {
                c if Some(c) == stop => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(out);
                }
                '\'' => self.single(&mut out)?,
                '"' => self.double(&mut out, raw)?,
                '$' => out.push(&self.dollar()?),
                c if c == self.escape => {
                    if raw {
                        out.push_char(c);
                    }
                    if let Some(next) = self.chars.next() {
                        out.push_char(next);
                    }
                }
                c => out.push_char(c),
            }
        }
        self.depth = self.depth.saturating_sub(1);
        if stop.is_some() {
            Err(BadWord)
        } else {
            Ok(out)
        }
    }

    fn single(&mut self, out: &mut Worth) -> Result<(), BadWord> {
        loop {
            match self.chars.next() {
                Some('\'') => return Ok(()),
                Some(c) => out.push_char(c),
                None => return Err(BadWord),
            }
        }
    }

    fn double(&mut self, out: &mut Worth, raw: bool) -> Result<(), BadWord> {
        loop {
            match self.chars.next() {
                None => return Err(BadWord),
                Some('"') => return Ok(()),
                Some('$') => out.push(&self.dollar()?),
                Some(c) if c == self.escape => {
                    if raw {
                        out.push_char(c);
                    }
                    // Within double quotes, it escapes only characters with a meaning there.
                    let escape = self.escape;
                    let special = |next: &char| matches!(next, '"' | '$') || *next == escape;
                    match (self.chars.next_if(special), self.chars.peek()) {
                        (Some(next), _) => out.push_char(next),
                        (None, Some(_)) if !raw => out.push_char(c),
                        _ => {}
                    }
                }
                Some(c) => out.push_char(c),
            }
        }
    }

    /// Parses what follows a dollar sign.
    fn dollar(&mut self) -> Result<Worth, BadWord> {
        if self.chars.next_if_eq(&'{').is_none() {
            let name = self.name();
            return Ok(match name.as_str() {
                "" => Worth::literal("$"),
                name => (self.names)(name),
            });
        }
        if matches!(self.chars.peek(), None | Some('{' | '}' | ':')) {
            return Err(BadWord);
        }
        let name = self.name();
        let value = (self.names)(&name);
        match self.chars.next() {
            Some('}') => Ok(value),
            Some(':') => match self.chars.next() {
                Some(c @ ('-' | '+' | '?')) => self.otherwise(c, true, &value),
                _ => Err(BadWord),
            },
            Some(c @ ('-' | '+' | '?')) => self.otherwise(c, false, &value),
            Some(c @ ('#' | '%')) => {
                let longest = self.chars.next_if_eq(&c).is_some();
                let pattern = self.until(Some('}'), true)?;
                let cut = |text: &str, pattern: &str| match c {
                    '#' => glob::without_prefix(text, pattern, longest),
                    _ => glob::without_suffix(text, pattern, longest),
                };
                let text = value.text.as_deref().zip(pattern.text.as_deref());
                Ok(changed(&value, &pattern, text.and_then(|(a, b)| cut(a, b))))
            }
            Some('/') => {
                let everywhere = self.chars.next_if_eq(&'/').is_some();
                let pattern = self.until(Some('/'), true)?;
                let by = self.until(Some('}'), true)?;
                let texts = (&value.text, &pattern.text, &by.text);
                let text = match texts {
                    (Some(a), Some(b), Some(by)) => glob::replaced(a, b, by, everywhere),
                    _ => None,
                };
                let mut out = changed(&value, &pattern, text);
                out.depends(&by);
                Ok(out)
            }
            _ => Err(BadWord),
        }
    }

    /// `${NAME-word}`, `${NAME+word}`, `${NAME?word}`.
    fn otherwise(
        &mut self,
        sign: char,
        empty_is_unset: bool,
        value: &Worth,
    ) -> Result<Worth, BadWord> {
        let word = self.until(Some('}'), false)?;
        let is_there = match (value.is_set, empty_is_unset) {
            (false, _) if value.text.is_none() => None,
            (false, _) => Some(false),
            (true, false) => Some(true),
            (true, true) => value.is_empty().map(|empty| !empty),
        };
        let (yes, no) = match sign {
            '+' => (word, Worth::literal("")),
            '-' => (value.clone(), word),
            _ => (value.clone(), value.clone()),
        };
        let mut out = match is_there {
            Some(true) => yes.clone(),
            Some(false) => no.clone(),
            None => Worth::unknown(),
        };
        // Another build can give the argument, and then the other value counts.
        if !value.is_fixed() || is_there.is_none() {
            out.depends(&yes);
            out.depends(&no);
        }
        out.is_set = true;
        Ok(out)
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        match self.chars.peek().copied() {
            Some(c) if c.is_ascii_digit() => {
                while let Some(c) = self.chars.next_if(char::is_ascii_digit) {
                    name.push(c);
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => name.extend(self.chars.next()),
            _ => {
                let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
                while let Some(c) = self.chars.next_if(is_part) {
                    name.push(c);
                }
            }
        }
        name
    }
}

fn changed(value: &Worth, pattern: &Worth, text: Option<String>) -> Worth {
    let mut out = Worth {
        text,
        is_set: true,
        ..Worth::default()
    };
    out.depends(value);
    out.depends(pattern);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: &str, escape: char) -> Result<Worth, BadWord> {
        let names = |name: &str| match name {
            "A" => Worth::literal("one").of_argument("A"),
            "V" => Worth::literal("v1.4.2-rc.1"),
            "EMPTY" => Worth::literal(""),
            "BASE" => Worth {
                missing: ["BASE".to_owned()].into(),
                ..Worth::default()
            },
            _ => Worth::unset(),
        };
        expand(word, escape, &names)
    }

    #[test]
    fn words_come_to_what_buildkit_makes_of_them() {
        for (word, text) in [
            ("a\\ b'c d'\"e \\\"f\\\" \\n\"", "a bc de \"f\" \\n"),
            ("$A-${A}_$Ab", "one-one_"),
            ("'$A'\"$A\"\\$A", "$Aone$A"),
            (
                "${X:-none} ${X-none} ${EMPTY:-none} ${EMPTY-none}",
                "none none none ",
            ),
            ("${A:+set}${X:+set}${EMPTY+set}${EMPTY:+set}", "setset"),
            ("${A:?no}", "one"),
            (
                "${V#v}/${V%%-*}/${V##*.}/${V%.*}",
                "1.4.2-rc.1/v1.4.2/1/v1.4.2-rc",
            ),
            ("${V/./_}/${V//./_}", "v1_4.2-rc.1/v1_4_2-rc_1"),
            ("${X:-${A:-b}'}'}", "one}"),
            ("$ $$ 100%", "$  100%"),
            ("", ""),
        ] {
            assert_eq!(
                of(word, '\\').unwrap().text.as_deref(),
                Some(text),
                "{word}"
            );
        }
        assert_eq!(of("`$A \\$A", '`').unwrap().text.unwrap(), "$A \\one");
    }

    #[test]
    fn words_that_buildkit_refuses_are_none() {
        for word in [
            "${", "${A", "${}", "${{A}}", "${:-x}", "${A:x}", "${A:#x}", "'a", "\"a", "${A^^}",
        ] {
            assert_eq!(of(word, '\\'), Err(BadWord), "{word}");
        }
        let deep = "${X:-".repeat(40) + &"}".repeat(40);
        assert_eq!(of(&deep, '\\'), Err(BadWord));
    }

    #[test]
    fn arguments_flow_where_their_value_does() {
        let arguments = |word: &str| of(word, '\\').unwrap().arguments.len();
        assert_eq!(arguments("${A}"), 1);
        assert_eq!(arguments("${A:+yes}"), 0);
        assert_eq!(arguments("${X:+$A}"), 0);
        assert_eq!(arguments("${X:-$A}"), 1);
        assert_eq!(arguments("${A#o}"), 1);
        let base = of("${BASE:-x}", '\\').unwrap();
        assert_eq!((base.text, base.missing.len()), (None, 1));
    }
}
