//! Files that people write in TOML: contracts and policies.
//!
//! They are converted to JSON with one line for each key and value, to report errors with the line of the TOML.
//! The built-in contracts are JSON too: serde's code for a second format would be a twentieth of the program.

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use crate::wording::of_parser;

/// Parses a text as a type.
///
/// # Errors
/// If the text is not TOML, or not of this type: `line 4: there is no key …`.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let located = |offset: usize, reason: &str| {
        let before = text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!("line {line}: {}", reason.replace('\n', " "))
    };
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        located(offset, &of_parser(error.message()))
    })?;
    let mut json = Json::default();
    json.table(table.span().start, table.get_ref());
    if let Some((offset, what)) = json.refused {
        return Err(located(offset, &format!("{what} is not allowed here")));
    }
    serde_json::from_slice(json.text.as_bytes()).map_err(|error| {
        let line = error.line().saturating_sub(1);
        let offset = json.offsets.get(line).copied().unwrap_or_default();
        located(offset, &of_parser(&error.to_string()))
    })
}

/// Returns the reason, with the first line from `section` on that contains the text in quotes.
pub(crate) fn at_line(text: &str, section: &str, quoted: &str, reason: &str) -> String {
    let quoted = [format!("\"{quoted}\""), format!("'{quoted}'")];
    (1..)
        .zip(text.lines())
        .skip_while(|(_, line)| !line.trim_start().starts_with(section))
        .find(|(_, line)| quoted.iter().any(|it| line.contains(it)))
        .map_or_else(
            || reason.to_owned(),
            |(at, _)| format!("line {at}: {reason}"),
        )
}

/// JSON, and the line in the TOML for each of its lines.
#[derive(Default)]
struct Json {
    text: String,
    offsets: Vec<usize>,
    refused: Option<(usize, &'static str)>,
}

impl Json {
    fn line(&mut self, offset: usize) {
        if !self.offsets.is_empty() {
            self.text.push('\n');
        }
        self.offsets.push(offset);
    }

    fn table(&mut self, offset: usize, table: &DeTable<'_>) {
        self.line(offset);
        self.text.push('{');
        for (number, (key, value)) in table.iter().enumerate() {
            self.separate(number);
            self.line(key.span().start);
            self.string(key.get_ref());
            self.text.push(':');
            self.value(value.span().start, value.get_ref());
        }
        // A missing key is reported for the whole table.
        self.line(offset);
        self.text.push('}');
    }

    fn value(&mut self, offset: usize, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.table(offset, table),
            DeValue::Array(array) => {
                self.text.push('[');
                for (number, element) in array.iter().enumerate() {
                    self.separate(number);
                    let start = element.span().start;
                    self.line(start);
                    self.value(start, element.get_ref());
                }
                self.line(offset);
                self.text.push(']');
            }
            DeValue::String(text) => self.string(text),
            DeValue::Boolean(value) => self.text.push_str(if *value { "true" } else { "false" }),
            DeValue::Integer(digits) => {
                match i64::from_str_radix(digits.as_str(), digits.radix()) {
                    Ok(number) => self.text.push_str(&number.to_string()),
                    Err(_) => self.refuse(offset, "a number this large"),
                }
            }
            DeValue::Float(digits) => match digits.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => self.text.push_str(&format!("{number:?}")),
                _ => self.refuse(offset, "an infinite number"),
            },
            DeValue::Datetime(_) => self.refuse(offset, "a date without quotes"),
        }
    }

    /// Refuses a value that no file needs and JSON does not have.
    fn refuse(&mut self, offset: usize, what: &'static str) {
        self.refused.get_or_insert((offset, what));
    }

    fn separate(&mut self, number: usize) {
        if number > 0 {
            self.text.push(',');
        }
    }

    fn string(&mut self, text: &str) {
        self.text
            .push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::read;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "read for its type")]
    struct Settings {
        name: String,
        #[serde(default, rename = "rule")]
        rules: Vec<Rule>,
        #[serde(default)]
        words: BTreeMap<String, Vec<u8>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "read for its type")]
    struct Rule {
        tag: String,
    }

    #[test]
    fn it_is_what_toml_says() {
        let text = "a = 1_000\nb = 0x1f\nc = 1.5\nd = true\nf = [1, [\"x\\n\\\"\"], {g = ''}]\n\
                    \"h.i\" = \"é\"\n[t.u]\nv = 0\n[[w]]\n[[w]]\nx = 1e3\n";
        let expected = json!({
            "a": 1000, "b": 31, "c": 1.5, "d": true,
            "f": [1, ["x\n\""], {"g": ""}], "h.i": "é", "t": {"u": {"v": 0}}, "w": [{}, {"x": 1000.0}],
        });
        assert_eq!(read::<Value>(text).unwrap(), expected);
    }

    #[test]
    fn an_error_is_said_with_its_line_in_the_toml() {
        for (text, line, what) in [
            ("name = \"x\"\nname = \"y\"", "line 2: ", "duplicate key"),
            ("name = \"x\"\n\n[rul]\n", "line 3: ", "no key 'rul'"),
            (
                "name = \"x\"\n[[rule]]\ntag = 'a'\n[[rule]]\ntagg = 'b'",
                "line 5: ",
                "'tag'",
            ),
            (
                "name = \"x\"\n[[rule]]\ntag = 'a'\n[[rule]]\n",
                "line 4: ",
                "the key 'tag' is missing",
            ),
            ("\nname = 3\n", "line 2: ", "the number 3 is wrong"),
            (
                "name = 'x'\n[words]\na = [\n1,\n300,\n]",
                "line 5: ",
                "the number 300",
            ),
            // Parts of one table may be in several places.
            (
                "words.a = [1]\nname = 'x'\nwords.b = ['y']",
                "line 3: ",
                "the text \"y\"",
            ),
            ("name = nan", "line 1: ", "infinite"),
            ("\nname = 1979-05-27", "line 2: ", "quotes"),
            ("a = [\n99999999999999999999]", "line 2: ", "large"),
            ("[rule", "line 1: ", ""),
            ("", "line 1: ", "the key 'name' is missing"),
        ] {
            let error = read::<Settings>(text).unwrap_err();
            assert!(
                error.starts_with(line) && error.contains(what),
                "{text:?}: {error}"
            );
            assert!(
                !error.contains("column") && !error.contains('\n'),
                "{error}"
            );
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read::<Value>(&deep).is_err());
    }
}
