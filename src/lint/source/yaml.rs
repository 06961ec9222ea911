//! YAML as a tree. Each value has its line.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{MessageFormatter as _, Spanned, UserMessageFormatter};

use super::text::SourceError;

/// A value and its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub line: u32,
    pub value: Yaml,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Yaml {
    Null,
    /// A text, number or truth value, as text.
    Text(String),
    List(Vec<Node>),
    /// The keys with their lines, in the order of the file.
    Map(Vec<(String, u32, Node)>),
}

/// Parses one document. Follows anchors and `<<`; the last one of a duplicate key counts.
pub(super) fn parse(text: &str) -> Result<Node, SourceError> {
    let options = serde_saphyr::options! { duplicate_keys: DuplicateKeyPolicy::LastWins };
    let parsed = serde_saphyr::from_str_with_options::<Spanned<Yaml>>(text, options);
    parsed.map(node).map_err(|error| {
        let plain = error.without_snippet();
        let line = plain.location().map_or(0, |location| location.line());
        let reason = UserMessageFormatter.format_message(plain);
        SourceError::Yaml(format!("line {line}: {reason}"))
    })
}

/// Returns true where a text can be read as YAML.
pub(in crate::lint) fn is_yaml(text: &str) -> bool {
    parse(text).is_ok()
}

fn node(spanned: Spanned<Yaml>) -> Node {
    Node {
        line: u32::try_from(spanned.defined.line()).unwrap_or(u32::MAX),
        value: spanned.value,
    }
}

impl Node {
    /// Converts JSON, without lines.
    pub fn of_json(value: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        let value = match value {
            Json::Null => Yaml::Null,
            Json::String(text) => Yaml::Text(text.clone()),
            Json::Bool(_) | Json::Number(_) => Yaml::Text(value.to_string()),
            Json::Array(items) => Yaml::List(items.iter().map(Self::of_json).collect()),
            Json::Object(map) => {
                let pairs = map
                    .iter()
                    .map(|(key, it)| (key.clone(), 1, Self::of_json(it)));
                Yaml::Map(pairs.collect())
            }
        };
        Self { line: 1, value }
    }

    /// Returns the value of a key. Null counts as absent.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let (_, _, found) = self.entries().iter().rfind(|(own, _, _)| own == key)?;
        (found.value != Yaml::Null).then_some(found)
    }

    pub fn entries(&self) -> &[(String, u32, Self)] {
        match &self.value {
            Yaml::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Self] {
        match &self.value {
            Yaml::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the values of a list. Anything else is its own only value.
    pub fn items_or_self(&self) -> &[Self] {
        match &self.value {
            Yaml::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Yaml::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

macro_rules! visit_as_text {
    ($($name:ident: $type:ty,)*) => {
        $(fn $name<E>(self, value: $type) -> Result<Yaml, E> {
            Ok(Yaml::Text(value.to_string()))
        })*
    };
}

impl<'de> Visitor<'de> for Any {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a mapping")
    }

    visit_as_text! {
        visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128,
        visit_f64: f64, visit_str: &str,
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Yaml, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<Spanned<Yaml>>()? {
            items.push(node(item));
        }
        Ok(Yaml::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<Yaml>, Spanned<Yaml>>()? {
            let key = node(key);
            // No recipe has keys that are not text.
            if let Yaml::Text(text) = key.value {
                entries.push((text, key.line, node(value)));
            }
        }
        Ok(Yaml::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_lines_and_anchors_are_followed() {
        let text = "a: &x\n  b: 1.5\n  c: [d, true, ~]\ne:\n  <<: *x\n  f: |\n    g\n    h\n";
        let found = parse(text).unwrap();
        let e = found.get("e").unwrap();
        assert_eq!(e.get("b").unwrap().text(), Some("1.5"));
        assert_eq!(e.get("b").unwrap().line, 2);
        let list = e.get("c").unwrap().items();
        let texts: Vec<_> = list.iter().map(Node::text).collect();
        assert_eq!(texts, [Some("d"), Some("true"), None]);
        assert_eq!(e.get("f").unwrap().text(), Some("g\nh\n"));
        assert_eq!(found.entries()[1].1, 4);
        assert_eq!(found.get("z"), None);
    }

    #[test]
    fn what_is_no_yaml_is_refused_with_its_line() {
        let error = parse("a: 1\nb: [\n").unwrap_err().to_string();
        assert!(error.contains("line "), "{error}");
        let bomb: String = (0..40)
            .map(|i| match i {
                0 => "a0: &a0 [x]\n".to_owned(),
                i => format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1),
            })
            .collect();
        assert!(parse(&bomb).is_err());
        assert!(parse(&"[".repeat(5000)).is_err());
    }
}
