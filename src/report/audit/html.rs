//! `html`: one page that needs nothing else, for a browser without a network.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use super::Report;
use super::page_data;
use crate::report::json;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SIZE_SCRIPT: &str = include_str!("size.js");
const SCRIPT: &str = include_str!("page.js");
const TREE_STYLE: &str = include_str!("tree.css");
const TREE_SCRIPT: &str = include_str!("tree.js");

/// Returns the page. It contains the data as JSON that cannot end its element. By the page's policy, the
/// browser runs only its own script.
///
/// # Errors
/// If the data cannot be serialised; none of their types does that.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let data = serde_json::to_string(&page_data::page(report))?;
    let data = inert(json::escape(data));
    let style = [STYLE, TREE_STYLE].concat();
    let script = [SIZE_SCRIPT, SCRIPT, TREE_SCRIPT].concat();
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(&style)
    );
    // Goes through the page once, or a text in the data could pass for a placeholder.
    let mut out = String::with_capacity(PAGE.len() + style.len() + script.len() + data.len());
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        out.push_str(before);
        out.push_str(match name {
            "policy" => &policy,
            "style" => &style,
            "script" => &script,
            "data" => &data,
            _ => "",
        });
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Escapes the characters that HTML could take for markup.
fn inert(json: String) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(product: &str) -> String {
        render(&Report::of_product("/a/</script><b>.sqsh", product)).unwrap()
    }

    #[test]
    fn data_cannot_become_markup() {
        let plain = page("x");
        let hostile =
            page("</script><img src=x onerror=alert(1)><!-- {{script}} & \u{2028}\u{202e}");
        for mark in ["<script", "</script", "<img", "<!--", "<b>"] {
            let count = |page: &str| page.matches(mark).count();
            assert_eq!(count(&hostile), count(&plain), "{mark}");
        }
        assert!(hostile.contains("\\u003c/script\\u003e"));
        assert!(!hostile.contains('\u{202e}') && !hostile.contains('\u{2028}'));
        assert!(
            hostile.contains("{{script}}"),
            "the data are not filled in again"
        );
    }

    #[test]
    fn the_page_loads_nothing() {
        let page = page("x");
        for mark in [
            "http://", "https://", " src=", "@import", "url(", "href=\"h",
        ] {
            let page = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!page.contains(mark), "{mark}");
        }
        assert!(page.contains("default-src 'none'"));
        assert!(!page.contains("innerHTML") && !page.contains("style=\""));
    }
}
