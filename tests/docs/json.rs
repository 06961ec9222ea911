//! The reference of the JSON documents, made from `schema/*.json`.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::{is_current, repository};

const HEAD: &str = "# JSON documents

`scripts/docs` makes this page from [`schema/`](../../schema). `sqsh-prov schema` prints the same schemas.
Fields are added, never renamed. An unknown value is `null` or empty. `[]` is each element of a list. `{}`
is each value of an object with variable keys. A field with a `?` may be left out.
";

struct Schema {
    root: Value,
}

#[test]
fn the_reference_of_the_documents_is_current() {
    let mut files: Vec<_> = fs::read_dir(repository("schema"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    // The document of `show` comes first: its name is a prefix of the others'.
    files.sort_by_key(|path| path.file_stem().unwrap().to_owned());
    files.sort_by_key(|path| path.file_stem().unwrap() != "sqsh-prov-1");
    let mut text = HEAD.to_owned();
    for file in files {
        let root = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        Schema { root }.describe(&mut text);
    }
    is_current("docs/reference/json.md", &text);
}

impl Schema {
    fn describe(&self, text: &mut String) {
        let title = self.root["title"].as_str().unwrap();
        let about = self.root["description"].as_str().unwrap_or_default();
        writeln!(text, "\n## `{title}`\n\n{}", prose(about)).unwrap();
        if self.root["properties"].is_object() {
            self.table(&self.root, text);
        }
        for variant in list(&self.root["oneOf"]) {
            let tag = variant["properties"]["type"]["const"].as_str().unwrap();
            let about = variant["description"].as_str().unwrap_or_default();
            writeln!(text, "\n### `\"type\": \"{tag}\"`\n\n{}", prose(about)).unwrap();
            self.table(self.resolve(variant), text);
        }
    }

    fn table(&self, schema: &Value, text: &mut String) {
        text.push_str("\n| field | type | meaning |\n|---|---|---|\n");
        self.rows(schema, "", &mut Vec::new(), text);
    }

    /// A row for each property, and below it those of the objects in it. `within` are the names
    /// of the definitions on the way, so that one that holds itself ends.
    fn rows(&self, schema: &Value, prefix: &str, within: &mut Vec<String>, text: &mut String) {
        let required: Vec<&str> = list(&schema["required"])
            .filter_map(Value::as_str)
            .collect();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let mark = if required.contains(&name.as_str()) || nullable(property) {
                ""
            } else {
                "?"
            };
            let mut path = format!("{prefix}{name}");
            let inner = self.inner(property, &mut path);
            let about = property["description"].as_str();
            let about = about
                .or_else(|| inner["description"].as_str())
                .unwrap_or_default();
            writeln!(
                text,
                "| `{path}`{mark} | {} | {}{} |",
                self.kind(property),
                prose(about),
                self.values(inner)
            )
            .unwrap();
            let named = reference(property).or_else(|| reference(&property["items"]));
            let named = named.unwrap_or_default().to_owned();
            if !inner["properties"].is_object() || (!named.is_empty() && within.contains(&named)) {
                continue;
            }
            within.push(named);
            self.rows(inner, &format!("{path}."), within, text);
            within.pop();
        }
    }

    /// What a property holds, behind references, `null`, lists and maps; these are added to the path.
    fn inner<'s>(&'s self, property: &'s Value, path: &mut String) -> &'s Value {
        let schema = self.resolve(property);
        if schema["items"].is_object() {
            path.push_str("[]");
            return self.inner(&schema["items"], path);
        }
        if schema["additionalProperties"].is_object() {
            path.push_str(".{}");
            return self.inner(&schema["additionalProperties"], path);
        }
        schema
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match reference(schema) {
            Some(name) => &self.root["$defs"][name],
            None => schema,
        }
    }

    fn kind(&self, property: &Value) -> String {
        let schema = self.resolve(property);
        for (key, word) in [("items", "list"), ("additionalProperties", "map")] {
            if schema[key].is_object() {
                let or_null = if nullable(property) { " or null" } else { "" };
                return format!("{word} of {}{or_null}", self.kind(&schema[key]));
            }
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            several => list(several).filter_map(Value::as_str).collect(),
        };
        let mut words: Vec<&str> = types.into_iter().filter(|&name| name != "null").collect();
        if words.is_empty() {
            let mut choices = list(&schema["anyOf"]);
            words = vec![if choices.any(|choice| choice["type"] == "object") {
                "string or object"
            } else {
                "string"
            }];
        }
        let or_null = if nullable(property) { " or null" } else { "" };
        format!("{}{or_null}", words.join(" or "))
    }

    /// The values of an enumeration, each with its meaning.
    fn values(&self, schema: &Value) -> String {
        let mut values = String::new();
        for value in list(&schema["enum"]).filter_map(Value::as_str) {
            values.push_str(&format!("<br>`{value}`"));
        }
        for choice in list(&schema["oneOf"]).chain(list(&schema["anyOf"])) {
            let about = choice["description"].as_str().unwrap_or_default();
            let about = prose(about.trim_end_matches('.'));
            match choice["const"].as_str() {
                Some(value) => values.push_str(&format!("<br>`{value}`: {about}")),
                None => values.push_str(&self.values(self.resolve(choice))),
            }
        }
        values
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The definition that a schema names, also as `anyOf` with `null`.
fn reference(schema: &Value) -> Option<&str> {
    let direct = schema["$ref"].as_str();
    let choices = || list(&schema["anyOf"]).find_map(|choice| choice["$ref"].as_str());
    direct.or_else(choices)?.strip_prefix("#/$defs/")
}

fn nullable(schema: &Value) -> bool {
    let of_type = list(&schema["type"]).any(|name| name == "null");
    of_type || list(&schema["anyOf"]).any(|choice| choice["type"] == "null")
}

/// A description in a cell of a table.
fn prose(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}
