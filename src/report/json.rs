//! The document as JSON: `json` is one object for one image and an array for
//! several; `ndjson` is one object on a line for each.

use std::fmt::Write as _;

use serde::Serialize;

use super::escape::is_hostile;
use crate::provenance::Provenance;

/// One image: an object, indented, with a newline at the end.
///
/// # Errors
///
/// When the document cannot be serialised; none of its types does that.
pub fn pretty(document: &Provenance) -> Result<String, serde_json::Error> {
    serialise(document, true)
}

/// Several images: an array of objects in the order given. Images that could not
/// be opened are not in it.
///
/// # Errors
///
/// When a document cannot be serialised; none of its types does that.
pub fn pretty_array(documents: &[Provenance]) -> Result<String, serde_json::Error> {
    serialise(&documents, true)
}

/// One image on one line.
///
/// # Errors
///
/// When the document cannot be serialised; none of its types does that.
pub fn line(document: &Provenance) -> Result<String, serde_json::Error> {
    serialise(document, false)
}

/// Any value that is made for it, indented.
pub(super) fn pretty_value<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serialise(value, true)
}

fn serialise<T: Serialize>(value: &T, indented: bool) -> Result<String, serde_json::Error> {
    let mut json = if indented {
        serde_json::to_string_pretty(value)?
    } else {
        serde_json::to_string(value)?
    };
    json.push('\n');
    Ok(escape(json))
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
        let json = pretty_array(&[samples::release(), samples::unknown()]).unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value.as_array().map(Vec::len), Some(2));
    }
}
