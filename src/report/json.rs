//! Documents as JSON. Every control or invisible character of a string is escaped.

use std::fmt::Write as _;

use serde::Serialize;

use super::escape::is_hostile;

/// Returns a document, or a list of them, indented and with a newline at the end.
///
/// # Errors
/// If it cannot be serialised; no document of this program has such a type.
pub fn pretty<T: Serialize + ?Sized>(document: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(document).map(ended)
}

/// Returns a document on one line, with a newline at the end.
///
/// # Errors
/// If it cannot be serialised; no document of this program has such a type.
pub fn line<T: Serialize + ?Sized>(document: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(document).map(ended)
}

fn ended(json: String) -> String {
    escape(json + "\n")
}

/// Returns JSON text that is safe to show on a terminal: control characters in strings are escaped.
/// Outside of strings, JSON is ASCII.
#[must_use]
pub fn escape(json: String) -> String {
    let acts = |c: char| is_hostile(c) && c != '\n';
    if json.is_ascii() && !json.contains('\u{7f}') || !json.contains(acts) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::Provenance;
    use crate::report::samples;

    #[test]
    fn json_reads_back_as_the_same_document() {
        for document in [samples::release(), samples::hostile(), samples::unknown()] {
            let back: Provenance = serde_json::from_str(&pretty(&document).unwrap()).unwrap();
            assert_eq!(back, document);
            let back: Provenance = serde_json::from_str(&line(&document).unwrap()).unwrap();
            assert_eq!(back, document);
        }
    }

    #[test]
    fn json_of_a_hostile_image_is_safe_to_show() {
        let json = pretty(&samples::hostile()).unwrap();
        let bad: Vec<char> = json
            .chars()
            .filter(|&c| is_hostile(c) && c != '\n')
            .collect();
        assert!(bad.is_empty(), "{bad:?}");
        assert!(json.contains("\\u202e") && json.contains("\\u007f") && json.contains("\\u009b"));
        assert!(
            json.contains("\\udb40\\udc41"),
            "a tag is a pair of surrogates"
        );
    }

    #[test]
    fn a_line_is_one_line() {
        let line = line(&samples::hostile()).unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.ends_with('\n'));
    }

    #[test]
    fn several_images_are_an_array() {
        let json = pretty(&[samples::release(), samples::unknown()]).unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value.as_array().map(Vec::len), Some(2));
    }
}
