//! Functions of texts.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex_lite::Regex;
use sha2::{Digest as _, Sha256};

use crate::image::oci::hex;
use crate::lint::source::bake::known::{Known, LONGEST, Val};
use crate::lint::source::bake::operators::{counted, exactly};

type Answer = Result<Val, String>;

/// Calls a function; `None` if there is none of this name.
pub(super) fn call(name: &str, arguments: &[Known]) -> Option<Answer> {
    let one = |change: fn(&str) -> String| -> Answer {
        let [text] = exactly(arguments)?;
        Ok(Val::Text(change(&text.as_text()?)))
    };
    let two = |change: fn(&str, &str) -> String| -> Answer {
        let [text, other] = exactly(arguments)?;
        Ok(Val::Text(change(&text.as_text()?, &other.as_text()?)))
    };
    Some(match name {
        "upper" => one(str::to_uppercase),
        "lower" => one(str::to_lowercase),
        "title" => one(title),
        "trimspace" => one(|text| text.trim().to_owned()),
        "chomp" => one(|text| text.trim_end_matches(['\n', '\r']).to_owned()),
        "reverse" => one(|text| text.chars().rev().collect()),
        "sanitize" => one(sanitize),
        "basename" => one(|text| path(text).1),
        "dirname" => one(|text| path(text).0),
        "base64encode" => one(|text| STANDARD.encode(text)),
        "urlencode" => one(url),
        "sha256" => one(|text| hex(&Sha256::digest(text))),
        "base64decode" => exactly(arguments).and_then(|[text]| {
            let bytes = STANDARD.decode(text.as_text()?);
            let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Ok(Val::Text(text.ok_or("it is not the base64 of a text")?))
        }),
        "trim" => two(|text, cut| text.trim_matches(|c| cut.contains(c)).to_owned()),
        "trimprefix" => two(|text, cut| text.strip_prefix(cut).unwrap_or(text).to_owned()),
        "trimsuffix" => two(|text, cut| text.strip_suffix(cut).unwrap_or(text).to_owned()),
        "replace" => exactly(arguments).and_then(|[text, old, new]| {
            let (text, old, new) = (text.as_text()?, old.as_text()?, new.as_text()?);
            let many = text.matches(old.as_str()).count().saturating_mul(new.len());
            match many > LONGEST {
                true => Err("the result is too long".to_owned()),
                false => Ok(Val::Text(text.replace(&old, &new))),
            }
        }),
        "regex_replace" => exactly(arguments).and_then(|[text, pattern, new]| {
            let (text, new) = (text.as_text()?, new.as_text()?);
            if new.len().saturating_mul(text.len().saturating_add(1)) > LONGEST {
                return Err("the result may be too long".to_owned());
            }
            let found = regex(pattern)?;
            Ok(Val::Text(
                found.replace_all(&text, new.as_str()).into_owned(),
            ))
        }),
        "regex" => exactly(arguments).and_then(|[pattern, text]| {
            let (pattern, text) = (regex(pattern)?, text.as_text()?);
            matched(&pattern, &text)
        }),
        "substr" => exactly(arguments).and_then(|[text, from, many]| {
            substr(&text.as_text()?, from.as_number()?, many.as_number()?)
        }),
        "strlen" => exactly(arguments).and_then(|[text]| counted(text.as_text()?.chars().count())),
        "byteslen" => exactly(arguments).and_then(|[text]| counted(text.as_text()?.len())),
        "split" => exactly(arguments).and_then(|[by, text]| {
            let (by, text) = (by.as_text()?, text.as_text()?);
            let items: Vec<Known> = match (by.as_str(), text.as_str()) {
                (_, "") => vec![Known::text("")],
                ("", text) => text.chars().map(Known::text).collect(),
                (by, text) => text.split(by).map(Known::text).collect(),
            };
            Ok(Val::List(items))
        }),
        "join" => join(arguments),
        "indent" => exactly(arguments).and_then(|[spaces, text]| {
            let spaces = " ".repeat(spaces.as_index()?.min(LONGEST));
            let text = text.as_text()?;
            let lines = text.split('\n').count();
            match lines.saturating_mul(spaces.len()) > LONGEST {
                true => Err("the result is too long".to_owned()),
                false => Ok(Val::Text(text.replace('\n', &format!("\n{spaces}")))),
            }
        }),
        "format" => format(arguments).map(Val::Text),
        _ => return None,
    })
}

fn title(text: &str) -> String {
    let mut out = String::new();
    let mut starts = true;
    for c in text.chars() {
        match starts {
            true => out.extend(c.to_uppercase()),
            false => out.push(c),
        }
        starts = !(c.is_alphanumeric() || c == '_' || c == '\'');
    }
    out
}

fn sanitize(text: &str) -> String {
    let keeps = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    text.chars()
        .map(|c| if keeps(c) { c } else { '_' })
        .collect()
}

/// Returns the directory and the last part of a path, without further cleaning.
fn path(text: &str) -> (String, String) {
    let trimmed = text.trim_end_matches('/');
    match trimmed.rsplit_once('/') {
        _ if text.is_empty() => (".".to_owned(), ".".to_owned()),
        _ if trimmed.is_empty() => ("/".to_owned(), "/".to_owned()),
        Some(("", last)) => ("/".to_owned(), last.to_owned()),
        Some((before, last)) => (before.to_owned(), last.to_owned()),
        None => (".".to_owned(), trimmed.to_owned()),
    }
}

fn url(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => {
                out.push(char::from(byte));
            }
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn regex(pattern: &Known) -> Result<Regex, String> {
    Regex::new(&pattern.as_text()?).map_err(|_| "the pattern cannot be read".to_owned())
}

/// Returns the match, or its groups if the pattern has any.
fn matched(pattern: &Regex, text: &str) -> Answer {
    let found = pattern.captures(text).ok_or("the pattern does not match")?;
    let group = |at: usize| match found.get(at) {
        Some(it) => Known::text(it.as_str()),
        None => Val::Null.into(),
    };
    let names: Vec<Option<&str>> = pattern.capture_names().collect();
    if names.len() <= 1 {
        return Ok(group(0).val);
    }
    if names.iter().flatten().next().is_none() {
        return Ok(Val::List((1..names.len()).map(group).collect()));
    }
    let named = names.iter().enumerate();
    let mut pairs: Vec<(String, Known)> = named
        .filter_map(|(at, name)| Some(((*name)?.to_owned(), group(at))))
        .collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Val::Map(pairs))
}

/// Returns `many` characters from a place on, or all if `many` is negative. A negative place counts from the
/// end.
fn substr(text: &str, from: f64, many: f64) -> Answer {
    let chars: Vec<char> = text.chars().collect();
    let count = u32::try_from(chars.len()).map_or(f64::MAX, f64::from);
    let start = if from < 0.0 {
        (count + from).max(0.0)
    } else {
        from
    };
    let start = Known::from(Val::Number(start)).as_index()?;
    let rest = chars.get(start..).unwrap_or_default();
    let taken: String = match many < 0.0 {
        true => rest.iter().collect(),
        false => {
            let many = Known::from(Val::Number(many)).as_index()?;
            rest.iter().take(many).collect()
        }
    };
    Ok(Val::Text(taken))
}

/// Joins the elements of lists, with a text between them.
fn join(arguments: &[Known]) -> Answer {
    let (by, lists) = arguments.split_first().ok_or("it takes a text and lists")?;
    let by = by.as_text()?;
    let mut texts = Vec::new();
    for list in lists {
        for item in list.as_list()? {
            texts.push(item.as_text()?);
        }
    }
    Ok(Val::Text(texts.join(&by)))
}

/// `%s`, `%d`, `%v`, `%q`, `%%`, with a width and zeros.
pub(super) fn format(arguments: &[Known]) -> Result<String, String> {
    let (pattern, rest) = arguments.split_first().ok_or("it takes a text")?;
    let pattern = pattern.as_text()?;
    let mut rest = rest.iter();
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let left = chars.next_if_eq(&'-').is_some();
        let zeros = chars.next_if_eq(&'0').is_some();
        let mut width = String::new();
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            width.push(digit);
        }
        let width = width.parse::<usize>().unwrap_or(0);
        let value = rest.next().ok_or("it has more verbs than arguments")?;
        let text = match chars.next() {
            Some('s' | 'v') => value.as_text()?,
            Some('d') => format!("{:.0}", value.as_number()?.trunc()),
            Some('q') => format!("{:?}", value.as_text()?),
            _ => return Err("it has a verb that lint cannot evaluate".to_owned()),
        };
        if width > 1024 || out.len() > LONGEST {
            return Err("the result is too long".to_owned());
        }
        let room = width.saturating_sub(text.chars().count());
        match (left, zeros) {
            (true, _) => out.extend([text, " ".repeat(room)]),
            (false, true) => out.extend(["0".repeat(room), text]),
            (false, false) => out.extend([" ".repeat(room), text]),
        }
    }
    match rest.next() {
        Some(_) => Err("it has fewer verbs than arguments".to_owned()),
        None => Ok(out),
    }
}
