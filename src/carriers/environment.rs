//! Reads `/etc/environment` as enroot writes it: each line is one `NAME=value` of the image's
//! configuration, in the order of the build steps, without escapes.

use super::Pair;
use super::pair::Place;

const PLACE: Place<'static> = Place {
    carrier: "environment",
    path: "/etc/environment",
};

/// The most lines of a key or certificate.
const MAX_ARMOUR: usize = 1024;

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The variables in the order of the file, with duplicates. Values are verbatim.
    pub variables: Vec<Pair>,
    /// Lines with text but without a name and `=`: the rest of a value with line breaks.
    pub stray_lines: Vec<u32>,
}

/// Parses the file. The lines of a key or certificate in a value belong to that value. They are never
/// taken for variables.
#[must_use]
pub fn parse(bytes: &[u8]) -> Environment {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.split('\n').collect();
    let mut environment = Environment::default();
    let mut at = 0_usize;
    while let Some(line) = lines.get(at) {
        let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        at = at.saturating_add(1);
        match line.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                environment
                    .variables
                    .push(PLACE.line("", number, name, value));
            }
            _ if line.is_empty() => {}
            _ => environment.stray_lines.push(number),
        }
        let rest = lines.get(at..).unwrap_or_default();
        at = at.saturating_add(armoured_lines(line, rest));
    }
    environment
}

/// Returns the number of following lines that belong to a PEM block that begins in a line.
fn armoured_lines(line: &str, rest: &[&str]) -> usize {
    let Some((_, begun)) = line.rsplit_once("-----BEGIN ") else {
        return 0;
    };
    let Some((label, after)) = begun.split_once("-----") else {
        return 0;
    };
    let end = format!("-----END {label}-----");
    if after.contains(&end) {
        return 0;
    }
    let rest = rest.get(..MAX_ARMOUR).unwrap_or(rest);
    // If another block begins first, the end is missing.
    let ends = |line: &&str| line.starts_with(&end) || line.contains("-----BEGIN ");
    rest.iter()
        .position(ends)
        .filter(|at| rest.get(*at).is_some_and(|line| line.starts_with(&end)))
        .map_or_else(
            // The end is missing. The lines of base64 are still no variables.
            || rest.iter().take_while(|line| is_base64(line)).count(),
            |at| at.saturating_add(1),
        )
}

/// Returns true for a full line of base64: digits, then at most two `=`.
fn is_base64(line: &str) -> bool {
    let digits = line.trim_end_matches('=');
    !digits.is_empty()
        && line.len().is_multiple_of(4)
        && line.len().saturating_sub(digits.len()) <= 2
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &[u8] = include_bytes!("testdata/i-nasty.environment");
    const FORGED: &[u8] = include_bytes!("testdata/i2-forged.enroot-4.1.1.environment");

    fn values<'a>(environment: &'a Environment, name: &str) -> Vec<&'a str> {
        let variables = environment.variables.iter();
        variables
            .filter(|pair| pair.key == name)
            .map(|pair| pair.value.as_str())
            .collect()
    }

    #[test]
    fn values_are_verbatim() {
        let environment = parse(NASTY);
        for (name, value) in [
            ("MULTI", "line one"),
            ("EQ", "a=b=c"),
            ("EMPTY", ""),
            ("QUOTED", "\"double quoted\""),
            ("SQUOTED", "'single quoted'"),
            ("SPACES", "  two leading, two trailing  "),
            ("HASH", "a # not a comment"),
            ("DOLLAR", "${HOME} $PATH $(id) `id`"),
            ("BACKSLASH", "a\\nb\\"),
            ("CRLF", "a\r"),
            ("LAST", "end"),
        ] {
            assert_eq!(values(&environment, name), [value], "{name}");
        }
        let last = environment.variables.last().unwrap();
        assert_eq!(
            (last.source.line, last.source.key.as_deref()),
            (Some(29), Some("LAST"))
        );
    }

    #[test]
    fn a_key_inside_a_value_gives_no_variables() {
        let environment = parse(NASTY);
        assert_eq!(
            values(&environment, "TLS_KEY"),
            ["-----BEGIN PRIVATE KEY-----"]
        );
        assert!(values(&environment, "AAAA").is_empty());
        assert_eq!(environment.stray_lines, [3, 6, 28]);
    }

    #[test]
    fn duplicates_stay_and_lines_without_a_name_are_stray() {
        let environment = parse(FORGED);
        assert_eq!(values(&environment, "DUP"), ["first", "second"]);
        assert_eq!(values(&environment, "lower.dot-dash"), ["odd name"]);
        assert_eq!(values(&environment, "1BAD"), ["digit"]);
        assert_eq!(environment.stray_lines, [7, 8]);
    }

    #[test]
    fn armour_that_never_ends_hides_no_variable() {
        let environment = parse(b"K=-----BEGIN X-----\nTUlJ\nTUk=\nA=b\nTQ==\nC=");
        let names: Vec<&str> = environment
            .variables
            .iter()
            .map(|pair| pair.key.as_str())
            .collect();
        assert_eq!(names, ["K", "A", "TQ", "C"]);
        for inline in [
            "K=-----BEGIN X-----abc-----END X-----\nA=b",
            "K=-----BEGIN X\nA=b",
        ] {
            assert_eq!(parse(inline.as_bytes()).variables.len(), 2, "{inline}");
        }
    }

    #[test]
    fn an_end_that_is_damaged_hides_no_variable_up_to_the_next_block() {
        let block = "-----BEGIN X-----\nTUk=\n-----END X-----";
        let damaged = block.replace("END", "FND");
        let environment = parse(format!("A={damaged}\nB=1\nC={block}\nD=2").as_bytes());
        let names = environment.variables.iter().map(|pair| pair.key.as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["A", "B", "C", "D"]);
    }

    #[test]
    fn every_block_of_a_chain_belongs_to_its_value() {
        let block = "-----BEGIN X-----\nTUk=\n-----END X-----";
        let environment = parse(format!("CHAIN={block}\n{block}\nB=1").as_bytes());
        assert_eq!(environment.variables.len(), 2);
        assert_eq!(environment.stray_lines, [4]);
    }

    #[test]
    fn bytes_that_are_not_utf8_become_a_replacement() {
        let environment = parse(b"A=\xff\x80b\nB=1");
        assert_eq!(values(&environment, "A"), ["\u{fffd}\u{fffd}b"]);
        assert_eq!(values(&environment, "B"), ["1"]);
        assert_eq!(parse(b""), Environment::default());
        assert_eq!(parse(b"\n"), Environment::default());
    }
}
