//! `/etc/rc` as enroot's importer writes it: provenance, labels, working
//! directory and command.
//!
//! Line 1 is `# enroot-provenance: URI` from enroot 4.2 on. Labels follow as `# key value`. Up to
//! enroot 4.1.1 a label's value may contain line breaks, and so any line. The parser therefore starts
//! at the *last* line that changes into the working directory: the importer generated that line and
//! everything below it.

mod damage;
mod script;

pub use damage::Beside;

use super::{Import, Pair, shell_words};
use crate::provenance::Source;
use crate::reference::ImportUri;

const PATH: &str = "/etc/rc";
const PROVENANCE_KEY: &str = "enroot-provenance:";

/// What `/etc/rc` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rc {
    /// The value of the provenance line on line 1, which may be empty.
    pub uri: Option<Pair>,
    /// Later lines that look like one.
    pub false_uris: Vec<Pair>,
    /// Labels in the order of the file.
    pub labels: Vec<Pair>,
    /// Lines among the labels that are no label line.
    pub spilled_lines: Vec<u32>,
    /// What the order of the label lines says of line 1.
    pub order: LabelOrder,
    /// `None` if not known, empty if the image has none.
    pub entrypoint: Option<Vec<String>>,
    /// `None` if not known, empty if the image has none. The importer writes `/bin/sh` if an image has
    /// neither entrypoint nor arguments.
    pub cmd: Option<Vec<String>>,
    /// `None` for `/`: the importer writes that for an image without a working directory.
    pub workdir: Option<String>,
    /// The importer's own lines are not as it writes them, by one bit or one line.
    pub is_damaged: bool,
    /// True if the script below the labels is not the importer's: somebody edited it.
    pub is_edited: bool,
}

/// The order of the label lines behind line 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelOrder {
    /// See [`Import::label_keys_sorted`].
    pub is_sorted: bool,
    /// See [`Import::label_before_line`].
    pub has_key_before: bool,
}

impl Rc {
    /// The part that says how the image was imported.
    #[must_use]
    pub fn import(&self) -> Import {
        let uri = self.uri.as_ref().filter(|uri| !uri.value.is_empty());
        let error = uri.and_then(|uri| ImportUri::parse(&uri.value).err());
        Import {
            uri: self.uri.clone(),
            unreadable: error.map(|error| error.to_string()),
            false_uris: self.false_uris.clone(),
            spilled_lines: self.spilled_lines.clone(),
            label_keys_sorted: self.order.is_sorted,
            label_before_line: self.order.has_key_before,
        }
    }
}

/// Reads `/etc/rc`; `None` when the file does not have the importer's form.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Rc> {
    parse_beside(bytes, Beside::default())
}

/// Parses `/etc/rc`, or the readable part of a damaged one. Returns `None` if another program wrote
/// it. The files beside it distinguish the two.
#[must_use]
pub fn parse_beside(bytes: &[u8], beside: Beside) -> Option<Rc> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<&str> = text.split('\n').collect();
    let place = damage::place(bytes, &lines, beside)?;
    let damaged = damage::damaged_provenance(bytes);
    let line_one = damaged.map(|value| {
        let value = String::from_utf8_lossy(value);
        format!("# {PROVENANCE_KEY} {value}")
    });
    if let (Some(first), Some(line_one)) = (lines.first_mut(), &line_one) {
        *first = line_one;
    }
    let mut rc = Rc {
        workdir: place.directory.map(str::to_owned).filter(|it| it != "/"),
        is_damaged: place.is_damaged || line_one.is_some(),
        ..Rc::default()
    };
    for (number, line) in (1_u32..).zip(lines.iter().take(place.anchor)) {
        rc.header_line(number, line);
    }
    let header = bytes.split(|&byte| byte == b'\n').take(place.anchor);
    rc.order = label_order(header.skip(usize::from(rc.uri.is_some())));
    for (at, line) in lines.iter().enumerate().skip(place.anchor) {
        let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        if let Some(value) = provenance(line) {
            rc.false_uris.push(provenance_pair(number, value));
        }
    }
    (rc.entrypoint, rc.cmd) = command(lines.get(place.script..).unwrap_or_default());
    rc.is_edited = !rc.is_damaged && place.is_edited;
    Some(rc)
}

impl Rc {
    fn header_line(&mut self, number: u32, line: &str) {
        if let Some(value) = provenance(line) {
            let pair = provenance_pair(number, value);
            if number == 1 {
                self.uri = Some(pair);
                return;
            }
            self.false_uris.push(pair);
        }
        if let Some((key, value)) = line
            .strip_prefix("# ")
            .and_then(|label| label.split_once(' '))
        {
            self.labels.push(Pair {
                key: key.to_owned(),
                value: value.to_owned(),
                source: source("label", number, key),
            });
        } else if !line.is_empty() {
            self.spilled_lines.push(number);
        }
    }
}

/// Returns the order of the label lines. An empty line ends the labels. Up to enroot 4.1.1 a value may
/// contain an empty line; the labels below it do not count.
///
/// jq prints labels in the order of the configuration, a key ends at the first space, and an empty
/// key is one. A key with a space in it is compared as far as the space.
fn label_order<'a>(lines: impl Iterator<Item = &'a [u8]>) -> LabelOrder {
    let mut order = LabelOrder {
        is_sorted: true,
        has_key_before: false,
    };
    let mut last: Option<&[u8]> = None;
    let mut has_ended = false;
    for line in lines {
        let rest = line.strip_prefix(b"# ").unwrap_or_default();
        let mut parts = rest.splitn(2, |&byte| byte == b' ');
        let (Some(key), Some(_), false) = (parts.next(), parts.next(), has_ended) else {
            order.is_sorted &= line.is_empty() && !has_ended;
            has_ended = true;
            continue;
        };
        order.is_sorted &= last.is_none_or(|last| last < key);
        order.has_key_before |= key < PROVENANCE_KEY.as_bytes();
        last = Some(key);
    }
    order
}

fn provenance(line: &str) -> Option<&str> {
    let value = line.strip_prefix("# ")?.strip_prefix(PROVENANCE_KEY)?;
    if value.is_empty() {
        Some(value)
    } else {
        value.strip_prefix(' ')
    }
}

fn provenance_pair(number: u32, value: &str) -> Pair {
    let key = PROVENANCE_KEY.trim_end_matches(':');
    Pair {
        key: key.to_owned(),
        value: value.to_owned(),
        source: source("rc", number, key),
    }
}

fn source(carrier: &str, line: u32, key: &str) -> Source {
    Source {
        carrier: carrier.to_owned(),
        path: Some(PATH.to_owned()),
        line: Some(line),
        key: Some(key.to_owned()),
    }
}

/// Returns entrypoint and arguments. In the first branch the entrypoint is before `"$@"`. The second
/// branch has the entrypoint again, and then the default arguments.
fn command(body: &[&str]) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let mut calls = body
        .iter()
        .filter_map(|line| line.trim_start_matches(' ').strip_prefix("exec "));
    let entrypoint = calls
        .by_ref()
        .find_map(|call| call.strip_suffix("\"$@\""))
        .and_then(shell_words::split);
    let Some(entrypoint) = entrypoint else {
        return (None, None);
    };
    let cmd = calls
        .next()
        .and_then(shell_words::split)
        .and_then(|words| Some(words.strip_prefix(entrypoint.as_slice())?.to_vec()));
    (Some(entrypoint), cmd)
}

#[cfg(test)]
mod tests;
