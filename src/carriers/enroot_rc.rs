//! Parses `/etc/rc` as enroot's importer writes it: provenance, labels, working directory and command.
//!
//! Line 1 is `# enroot-provenance: URI` from enroot 4.2 on. Labels follow as `# key value`. Up to enroot
//! 4.1.1, the value of a label may contain line breaks, and so any line. The parser therefore starts at the
//! *last* line that changes into the working directory: the importer generated that line and everything
//! below it.

mod damage;
mod script;

pub use damage::Beside;

use super::pair::Place;
use super::{Import, Pair, shell_words};
use crate::reference::ImportUri;

const PLACE: Place<'static> = Place {
    carrier: "rc",
    path: "/etc/rc",
};
const LABELS: Place<'static> = Place {
    carrier: "label",
    ..PLACE
};
const PROVENANCE_KEY: &str = "enroot-provenance:";

/// The content of `/etc/rc`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rc {
    /// The value of the provenance line on line 1, which may be empty.
    pub uri: Option<Pair>,
    /// Later lines that look like one.
    pub false_uris: Vec<Pair>,
    /// Labels in the order of the file.
    pub labels: Vec<Pair>,
    /// Lines among the labels that are not labels.
    pub spilled_lines: Vec<u32>,
    /// The order of the labels.
    pub order: LabelOrder,
    /// The entrypoint; `None` if it is not known, empty if the image has none.
    pub entrypoint: Option<Vec<String>>,
    /// The arguments; `None` if they are not known, empty if the image has none. The importer writes
    /// `/bin/sh` for an image with neither entrypoint nor arguments.
    pub cmd: Option<Vec<String>>,
    /// The working directory; `None` for `/`, which the importer writes for an image without one.
    pub workdir: Option<String>,
    /// True if the importer's own lines differ, by one bit or one line, from those that it writes.
    pub is_damaged: bool,
    /// True if the script below the labels is not the importer's: somebody edited it.
    pub is_edited: bool,
}

/// The order of the labels below line 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelOrder {
    /// See [`Import::label_keys_sorted`].
    pub is_sorted: bool,
    /// See [`Import::label_before_line`].
    pub has_key_before: bool,
}

impl Rc {
    /// Returns the part about the import.
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

/// Parses `/etc/rc`; `None` if the file does not have the importer's form.
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
            self.labels.push(LABELS.line("", number, key, value));
        } else if !line.is_empty() {
            self.spilled_lines.push(number);
        }
    }
}

/// Returns the order of the labels. An empty line ends them. Up to enroot 4.1.1 a value may contain an
/// empty line; the labels below it do not count.
///
/// jq prints labels in the order of the configuration. A key ends at the first space, so a key with a
/// space is compared up to it. A key may be empty.
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
    PLACE.line("", number, PROVENANCE_KEY.trim_end_matches(':'), value)
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
