//! Functions of lists and maps. They keep elements that are not known.

use std::collections::BTreeMap;

use super::texts::format;
use crate::image::json;
use crate::lint::source::bake::known::{Known, MOST, Val};
use crate::lint::source::bake::operators::{counted, element, exactly, same};

type Answer = Result<Known, String>;

/// Calls a function; `None` if there is none of this name.
pub(super) fn call(name: &str, arguments: &[Known]) -> Option<Answer> {
    // Most functions need the number of elements, and not their values.
    let is_open = arguments.iter().any(Known::is_unknown);
    let compares = matches!(
        name,
        "contains" | "distinct" | "index" | "indexof" | "sort" | "compact"
    );
    let is_open = is_open || (compares && arguments.iter().any(Known::has_unknown));
    let answer = match name {
        "length" => exactly(arguments).and_then(|[of]| length(of)),
        "concat" => concat(arguments),
        "merge" => merge(arguments),
        "flatten" => exactly(arguments).map(|[of]| {
            let mut out = Vec::new();
            flatten(of, &mut out);
            Val::List(out).into()
        }),
        "contains" => exactly(arguments).and_then(|[list, wanted]| {
            let found = list.as_list()?.iter().any(|it| same(it, wanted));
            Ok(Val::Bool(found).into())
        }),
        "index" | "element" => exactly(arguments).and_then(|[list, at]| match (name, &list.val) {
            ("element", Val::List(items)) if !items.is_empty() => {
                // An index behind the end starts again at the first element.
                let at = at.as_index()?.checked_rem(items.len()).unwrap_or(0);
                Ok(items.get(at).cloned().unwrap_or_default())
            }
            _ => element(list, at),
        }),
        "indexof" => exactly(arguments).and_then(|[list, wanted]| {
            let at = list.as_list()?.iter().position(|it| same(it, wanted));
            counted(at.ok_or("there is no such element")?).map(Known::from)
        }),
        "lookup" => match arguments {
            [map, key, other] => Ok(element(map, key).unwrap_or_else(|_| other.clone())),
            _ => exactly(arguments).and_then(|[map, key]| element(map, key)),
        },
        "hasindex" => exactly(arguments).map(|[of, at]| Val::Bool(element(of, at).is_ok()).into()),
        "keys" => exactly(arguments).and_then(|[map]| {
            let keys = map
                .as_map()?
                .iter()
                .map(|(key, _)| Known::text(key.clone()));
            Ok(Val::List(keys.collect()).into())
        }),
        "values" => exactly(arguments).and_then(|[map]| {
            let values = map.as_map()?.iter().map(|(_, value)| value.clone());
            Ok(Val::List(values.collect()).into())
        }),
        "zipmap" => exactly(arguments).and_then(|[keys, values]| {
            let mut out = BTreeMap::new();
            for (key, value) in keys.as_list()?.iter().zip(values.as_list()?) {
                out.insert(key.as_text()?, value.clone());
            }
            Ok(Val::Map(out.into_iter().collect()).into())
        }),
        _ => of_values(name, arguments)?,
    };
    Some(match is_open {
        true => Ok(Known::default()),
        false => answer,
    })
}

/// Calls a function that reads the elements.
fn of_values(name: &str, arguments: &[Known]) -> Option<Answer> {
    Some(match name {
        "distinct" => exactly(arguments).and_then(|[list]| {
            let mut out: Vec<Known> = Vec::new();
            for item in list.as_list()? {
                if !out.iter().any(|other| same(other, item)) {
                    out.push(item.clone());
                }
            }
            Ok(Val::List(out).into())
        }),
        "compact" => exactly(arguments).and_then(|[list]| {
            let empty =
                |it: &&Known| !matches!(&it.val, Val::Null) && it.as_text().as_deref() != Ok("");
            let left = list.as_list()?.iter().filter(empty).cloned();
            Ok(Val::List(left.collect()).into())
        }),
        "coalesce" => first(arguments, |it| it.val != Val::Null),
        "coalescelist" => first(arguments, |it| it.as_list().is_ok_and(|it| !it.is_empty())),
        "reverselist" => exactly(arguments).and_then(|[list]| {
            let items = list.as_list()?.iter().rev().cloned();
            Ok(Val::List(items.collect()).into())
        }),
        "sort" => exactly(arguments).and_then(|[list]| {
            let texts: Result<Vec<String>, String> =
                list.as_list()?.iter().map(Known::as_text).collect();
            let mut texts = texts?;
            texts.sort();
            Ok(Val::List(texts.into_iter().map(Known::text).collect()).into())
        }),
        "slice" => exactly(arguments).and_then(|[list, from, to]| {
            let part = list.as_list()?.get(from.as_index()?..to.as_index()?);
            Ok(Val::List(part.ok_or("there are no such elements")?.to_vec()).into())
        }),
        "range" => range(arguments),
        "setproduct" => product(arguments),
        "formatlist" => formatlist(arguments),
        "jsondecode" => exactly(arguments).and_then(|[text]| {
            let parsed = json::parse::<serde_json::Value>(text.as_text()?.as_bytes());
            parsed.map(of_json).map_err(|error| error.to_string())
        }),
        "jsonencode" => exactly(arguments).and_then(|[of]| {
            Ok(match of.has_unknown() {
                true => Known::default(),
                false => Known::text(to_json(of)?.to_string()),
            })
        }),
        _ => return None,
    })
}

fn length(of: &Known) -> Answer {
    let count = match &of.val {
        Val::Map(pairs) => pairs.len(),
        _ => of.as_list()?.len(),
    };
    counted(count).map(Known::from)
}

fn concat(lists: &[Known]) -> Answer {
    let mut out = Vec::new();
    for list in lists {
        out.extend(list.as_list()?.iter().cloned());
    }
    Ok(Val::List(out).into())
}

/// Joins maps. A later map overrides an earlier one. Skips null.
fn merge(maps: &[Known]) -> Answer {
    let mut out = BTreeMap::new();
    for map in maps.iter().filter(|it| it.val != Val::Null) {
        out.extend(map.as_map()?.iter().cloned());
    }
    Ok(Val::Map(out.into_iter().collect()).into())
}

fn flatten(of: &Known, out: &mut Vec<Known>) {
    match &of.val {
        Val::List(items) => items.iter().for_each(|it| flatten(it, out)),
        _ => out.push(of.clone()),
    }
}

fn first(arguments: &[Known], fits: fn(&Known) -> bool) -> Answer {
    let found = arguments.iter().find(|it| fits(it));
    found
        .cloned()
        .ok_or_else(|| "no argument has a value".to_owned())
}

/// `range(to)`, `range(from, to)`, `range(from, to, step)`.
fn range(arguments: &[Known]) -> Answer {
    let numbers: Result<Vec<f64>, String> = arguments.iter().map(Known::as_number).collect();
    let (from, to, step) = match numbers?.as_slice() {
        [to] => (0.0, *to, if *to < 0.0 { -1.0 } else { 1.0 }),
        [from, to] => (*from, *to, if to < from { -1.0 } else { 1.0 }),
        [from, to, step] => (*from, *to, *step),
        _ => return Err("it takes one to three numbers".to_owned()),
    };
    let mut out = Vec::new();
    let mut at = from;
    while (step > 0.0 && at < to) || (step < 0.0 && at > to) {
        if out.len() >= MOST {
            return Err("the result is too long".to_owned());
        }
        out.push(Val::Number(at).into());
        at += step;
    }
    Ok(Val::List(out).into())
}

fn product(lists: &[Known]) -> Answer {
    let mut out: Vec<Vec<Known>> = vec![Vec::new()];
    for list in lists {
        let items = list.as_list()?;
        if out.len().saturating_mul(items.len()) > MOST {
            return Err("the result is too long".to_owned());
        }
        out = out
            .iter()
            .flat_map(|row| {
                items
                    .iter()
                    .map(|it| [row.as_slice(), std::slice::from_ref(it)].concat())
            })
            .collect();
    }
    let rows = out.into_iter().map(|row| Val::List(row).into());
    Ok(Val::List(rows.collect()).into())
}

/// Calls `format` for each element. An argument that is no list is the same for all.
fn formatlist(arguments: &[Known]) -> Answer {
    if arguments.iter().any(Known::has_unknown) {
        return Ok(Known::default());
    }
    let lengths = arguments
        .iter()
        .filter_map(|it| Some(it.as_list().ok()?.len()));
    let many = lengths.min().unwrap_or(1).min(MOST);
    let mut out = Vec::new();
    for at in 0..many {
        let row: Vec<Known> = arguments
            .iter()
            .map(|it| match &it.val {
                Val::List(items) => items.get(at).cloned().unwrap_or_default(),
                _ => it.clone(),
            })
            .collect();
        out.push(Known::text(format(&row)?));
    }
    Ok(Val::List(out).into())
}

fn of_json(value: serde_json::Value) -> Known {
    use serde_json::Value;
    let val = match value {
        Value::Null => Val::Null,
        Value::Bool(it) => Val::Bool(it),
        Value::Number(it) => it.as_f64().map_or(Val::Unknown, Val::Number),
        Value::String(it) => Val::Text(it),
        Value::Array(items) => Val::List(items.into_iter().map(of_json).collect()),
        Value::Object(map) => {
            let pairs: BTreeMap<String, Known> = map
                .into_iter()
                .map(|(key, it)| (key, of_json(it)))
                .collect();
            Val::Map(pairs.into_iter().collect())
        }
    };
    val.into()
}

fn to_json(of: &Known) -> Result<serde_json::Value, String> {
    use serde_json::Value;
    Ok(match &of.val {
        Val::Unknown | Val::Null => Value::Null,
        Val::Bool(it) => Value::Bool(*it),
        Val::Number(_) => {
            let text = of.as_text()?;
            serde_json::from_str(&text).map_err(|error| error.to_string())?
        }
        Val::Text(it) => Value::String(it.clone()),
        Val::List(items) => {
            let items: Result<_, String> = items.iter().map(to_json).collect();
            Value::Array(items?)
        }
        Val::Map(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, it)| Ok((key.clone(), to_json(it)?)));
            Value::Object(pairs.collect::<Result<_, String>>()?)
        }
    })
}
