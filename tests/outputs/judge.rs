//! Whether an output can act on the one who reads it. Each judge reads an output as its reader
//! does: a terminal, a shell, Slurm, a spreadsheet, a browser, a parser of JSON or YAML.

use super::payloads::FORGED;
use super::scripts;
use super::store::Answer;
use serde_json::Value;
use sqsh_prov::report::escape::is_hostile;

/// Judges all answers of an output; panics with what is wrong.
pub type Judge = fn(&[Answer]);

pub fn text<'a>(answer: &Answer, bytes: &'a [u8]) -> &'a str {
    std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{}: no UTF-8: {error}", answer.name))
}

/// Text that a terminal shows and does nothing else with, and in which no line is an attack's.
pub fn inert(name: &str, text: &str) {
    for line in text.split('\n') {
        if let Some(bad) = line.chars().find(|&c| is_hostile(c)) {
            panic!("{name}: {bad:?} in {line:?}");
        }
        let forged = FORGED.iter().any(|forged| line.starts_with(forged));
        assert!(!forged, "{name}: forged {line:?}");
        let start = line.trim_start();
        let command = ["::", "##[", "##vso["];
        let command = command.iter().any(|it| start.starts_with(it));
        assert!(!command, "{name}: a command of a build system {line:?}");
    }
}

/// What every run must keep to, whatever it prints.
pub fn complaints(answers: &[Answer]) {
    for answer in answers {
        let said = text(answer, &answer.stderr);
        inert(&answer.name, said);
        for line in said.lines() {
            assert!(line.starts_with("sqsh-prov: "), "{}: {line:?}", answer.name);
        }
        assert!(
            matches!(answer.code, 0..=2 | 64),
            "{}: {}",
            answer.name,
            answer.code
        );
    }
}

/// A page without colours.
pub fn page(answers: &[Answer]) {
    for answer in answers {
        inert(&answer.name, text(answer, &answer.stdout));
    }
}

/// A page with colours: the program's own sequences, and none beside them.
pub fn coloured(answers: &[Answer]) {
    for answer in answers {
        let page = text(answer, &answer.stdout);
        let mut rest = page;
        let mut plain = String::new();
        while let Some((before, after)) = rest.split_once("\x1b[") {
            plain.push_str(before);
            let (codes, after) = after.split_once('m').unwrap_or_default();
            assert!(
                codes.len() < 12 && codes.bytes().all(|b| b.is_ascii_digit() || b == b';'),
                "{}: {codes:?}",
                answer.name
            );
            rest = after;
        }
        plain.push_str(rest);
        assert!(
            plain.len() < page.len(),
            "{}: nothing is coloured",
            answer.name
        );
        inert(&answer.name, &plain);
        assert!(
            page.trim_end().rfind("\x1b[0m") >= page.rfind("\x1b["),
            "{}: a colour is left on",
            answer.name
        );
    }
}

fn not_official(name: &str, value: &Value) {
    match value {
        Value::Object(map) => {
            assert_ne!(map.get("official"), Some(&Value::Bool(true)), "{name}");
            map.values().for_each(|value| not_official(name, value));
        }
        Value::Array(list) => list.iter().for_each(|value| not_official(name, value)),
        _ => {}
    }
}

/// One JSON value, safe to print.
pub fn json(answers: &[Answer]) {
    page(answers);
    for answer in answers.iter().filter(|answer| !answer.stdout.is_empty()) {
        let value: Value = serde_json::from_slice(&answer.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}", answer.name));
        not_official(&answer.name, &value);
    }
}

/// A JSON object on each line.
pub fn json_lines(answers: &[Answer]) {
    page(answers);
    for answer in answers {
        for line in text(answer, &answer.stdout).lines() {
            let value: Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{}: {error}: {line}", answer.name));
            assert!(value.is_object(), "{}", answer.name);
            not_official(&answer.name, &value);
        }
    }
}

/// Short lines of ASCII, one for each image.
pub fn log_lines(answers: &[Answer]) {
    page(answers);
    a_line_each(answers);
    for answer in answers {
        // An answer of `verify` says why, and what to import in its place.
        let most = if answer.name.starts_with("verify") {
            512
        } else {
            256
        };
        for line in text(answer, &answer.stdout).lines() {
            assert!(
                line.len() <= most && line.bytes().all(|b| matches!(b, 0x20..0x7f)),
                "{}: {line:?}",
                answer.name
            );
        }
    }
}

/// One line for each image.
pub fn a_line_each(answers: &[Answer]) {
    page(answers);
    for answer in answers {
        let fields = answer.name.matches("--field").count().max(1);
        let lines = answer.stdout.iter().filter(|&&byte| byte == b'\n').count();
        assert_eq!(lines, answer.images * fields, "{}", answer.name);
    }
}

/// A table that a spreadsheet takes no formula from.
pub fn csv(answers: &[Answer]) {
    for answer in answers {
        let table = text(answer, &answer.stdout);
        inert(&answer.name, &table.replace("\r\n", "\n"));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(table.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert!(rows.len() > 1, "{}", answer.name);
        for row in &rows {
            assert_eq!(row.len(), rows[0].len(), "{}: {row:?}", answer.name);
            for cell in row {
                let start = cell.trim_start();
                // Full-width forms are formulas to a spreadsheet in some languages.
                assert!(
                    !start.starts_with([
                        '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−',
                    ]),
                    "{}: {cell:?}",
                    answer.name
                );
            }
        }
    }
}

/// Elements and attributes of a page as a browser's tokenizer finds them.
fn markup(page: &str) -> Vec<String> {
    use html5gum::{DefaultEmitter, Token, Tokenizer};
    let mut emitter = DefaultEmitter::<()>::default();
    emitter.naively_switch_states(true);
    let tokens = Tokenizer::new_with_emitter(page, emitter);
    tokens
        .filter_map(|token| match token.unwrap() {
            Token::StartTag(tag) => Some(format!("{tag:?}")),
            Token::EndTag(tag) => Some(format!("/{tag:?}")),
            Token::Comment(comment) => Some(format!("!{comment:?}")),
            _ => None,
        })
        .collect()
}

/// A page whose markup is the program's own: that of a report about nothing.
pub fn html(answers: &[Answer]) {
    let empty =
        sqsh_prov::report::audit::html::render(&sqsh_prov::report::audit::Report::default())
            .unwrap();
    let own = markup(&empty);
    assert!(own.len() > 50, "{}", own.len());
    for answer in answers {
        let page = text(answer, &answer.stdout);
        inert(&answer.name, page);
        assert!(
            markup(page) == own,
            "{}: markup that is not the program's",
            answer.name
        );
    }
}

/// Paths that end in NUL: bytes for a program, which name existing files.
pub fn paths(answers: &[Answer]) {
    use std::os::unix::ffi::OsStrExt as _;
    for answer in answers {
        let all = answer.stdout.strip_suffix(b"\0").unwrap();
        for path in all.split(|&byte| byte == 0) {
            let path = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
            assert!(path.exists(), "{}: {path:?}", answer.name);
        }
    }
}

#[test]
fn a_judge_can_fail() {
    let answer = |stdout: &[u8]| Answer {
        name: "x".to_owned(),
        images: 1,
        stdout: stdout.to_vec(),
        stderr: Vec::new(),
        code: 0,
    };
    let page = |body: &str| {
        let empty =
            sqsh_prov::report::audit::html::render(&sqsh_prov::report::audit::Report::default())
                .unwrap();
        empty.replace("</body>", &format!("{body}</body>"))
    };
    let cases: Vec<(Judge, Vec<u8>, Vec<u8>)> = vec![
        (self::page, b"a\n".to_vec(), b"\x1b[31m".to_vec()),
        (self::page, b"a\n".to_vec(), "\u{9b}2J".into()),
        (self::page, b"a\n".to_vec(), b"\x9b2J".to_vec()),
        (self::page, b"a\n".to_vec(), b"a\nFORGED-LINE\n".to_vec()),
        (
            self::coloured,
            b"\x1b[31mx\x1b[0m".to_vec(),
            b"\x1b]0;x\x07\x1b[31mx\x1b[0m".to_vec(),
        ),
        (self::json, b"{}".to_vec(), b"{\"official\":true}".to_vec()),
        (self::json_lines, b"{}\n{}\n".to_vec(), b"{}\nx\n".to_vec()),
        (self::log_lines, b"a\n".to_vec(), b"a\nb\n".to_vec()),
        (
            scripts::shell,
            b"SQSH_PROV_X='$(touch canary)'\n".to_vec(),
            b"SQSH_PROV_X=$(touch canary)\n".to_vec(),
        ),
        (
            scripts::shell,
            b"SQSH_PROV_X='1'\n".to_vec(),
            b"SQSH_PROV_X='1'\nPATH_X=1\n".to_vec(),
        ),
        (
            scripts::task_prolog,
            b"export SQSH_PROV_X=1\nunset SQSH_PROV_Y\n".to_vec(),
            b"export SQSH_PROV_X=1\nexport LD_PRELOAD=/x\n".to_vec(),
        ),
        (
            scripts::identity,
            b"identity:\n  container:\n    image: \"x\"\n".to_vec(),
            b"identity:\n  x: 1\n".to_vec(),
        ),
        (self::csv, b"a,b\n1,'=2\n".to_vec(), b"a,b\n1,=2\n".to_vec()),
        (
            self::html,
            page("text").into_bytes(),
            page("<img src=x>").into_bytes(),
        ),
        (self::paths, b"/dev/null\0".to_vec(), b"/no/such\0".to_vec()),
    ];
    for (judge, good, bad) in cases {
        judge(&[answer(&good)]);
        let shown = String::from_utf8_lossy(&bad).into_owned();
        let caught = std::panic::catch_unwind(|| judge(&[answer(&bad)]));
        assert!(caught.is_err(), "{shown:?}");
    }
    let mut loud = answer(b"");
    loud.stderr = b"owned\n".to_vec();
    assert!(std::panic::catch_unwind(|| complaints(&[loud])).is_err());
}

/// A reference to push to, or nothing.
pub fn reference(answers: &[Answer]) {
    page(answers);
    for answer in answers {
        let printed = text(answer, &answer.stdout);
        if !printed.is_empty() {
            let line = printed.strip_suffix('\n').unwrap();
            assert!(
                sqsh_prov::reference::Reference::parse(line).is_ok(),
                "{}: {line:?}",
                answer.name
            );
        }
    }
}
