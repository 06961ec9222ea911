//! Where evidence stands, in one piece.

use crate::provenance::Source;

/// A source in one piece: `rc /etc/rc:12 KEY`.
pub(super) fn source(source: &Source) -> String {
    let mut text = source.carrier.clone();
    if let Some(path) = &source.path {
        text.push(' ');
        text.push_str(path);
        if let Some(line) = source.line {
            text.push(':');
            text.push_str(&line.to_string());
        }
    }
    if let Some(key) = &source.key {
        text.push(' ');
        text.push_str(key);
    }
    text
}
