//! What a target of a bake file is built with.

use super::fields::{Field, Fields, Item};
use crate::lint::source::raw::{Entry, Value};
use crate::lint::source::targets::{Target, annotation};

/// Returns true if a target makes an image. Some targets only check or list, and others write files
/// (docs.docker.com/build/bake/reference: call, output).
pub(super) fn is_image(fields: &Fields) -> bool {
    if let Some(Field::One(call, _)) = fields.get("call")
        && call.literal().is_some_and(|it| !matches!(it, "" | "build"))
    {
        return false;
    }
    let Some(Field::List(outputs)) = fields.get("output") else {
        return true;
    };
    let is_files = |item: &Item| {
        let text = item.value.usual().unwrap_or_default();
        let kind = text.split(',').find_map(|part| part.strip_prefix("type="));
        match kind {
            Some(kind) => matches!(kind, "local" | "tar" | "cacheonly"),
            // A path alone.
            None => !text.is_empty() && !text.contains('='),
        }
    };
    outputs.is_empty() || !outputs.iter().all(is_files)
}

/// Fills a target.
///
/// # Errors
/// If the Dockerfile in the file cannot be read.
pub(super) fn fill(target: &mut Target, mut fields: Fields) -> Result<(), String> {
    target.is_whole &= fields.remove("?").is_none();
    for (key, list) in [
        ("args", &mut target.arguments),
        ("labels", &mut target.labels),
        ("contexts", &mut target.contexts),
    ] {
        match fields.remove(key) {
            Some(Field::Map(entries)) => *list = entries,
            Some(_) => target.is_whole = false,
            None => {}
        }
    }
    match fields.remove("annotations") {
        Some(Field::List(items)) => {
            target.is_whole &= !items.iter().any(|it| it.leading.is_empty());
            let annotations = items.into_iter();
            let annotations = annotations.map(|it| annotation((it.leading, it.value, it.line)));
            target.annotations = annotations.flatten().collect();
        }
        Some(_) => target.is_whole = false,
        None => {}
    }
    if let Some(Field::List(platforms)) = fields.get("platforms") {
        let known = platforms.iter().all(|it| it.value.usual().is_some());
        target.platforms = known.then_some(platforms.len()).filter(|many| *many > 0);
    }
    for (key, list) in [("attest", &mut target.attests), ("tags", &mut target.tags)] {
        if let Some(Field::List(items)) = fields.get(key) {
            let entry = |it: &Item| Entry::new(key, it.value.clone(), it.line);
            *list = items.iter().map(entry).collect();
        }
    }
    paths(target, &mut fields)
}

/// Sets the stage, the context and the Dockerfile.
fn paths(target: &mut Target, fields: &mut Fields) -> Result<(), String> {
    let line = target.line;
    // `None` is not known, `Some(None)` is not set.
    let mut one = |key: &str| match fields.remove(key) {
        Some(Field::One(value, line)) => Some(Some((value.usual()?.to_owned(), value, line))),
        Some(_) => None,
        None => Some(None),
    };
    let stage = one("target");
    let is_stage_known = stage.is_some();
    target.stage = stage.flatten().map(|(text, _, _)| text);
    let inline = one("dockerfile-inline").map(|it| it.map(|(text, _, line)| (text, line)));
    let file = one("dockerfile").map(|it| match it {
        Some((text, _, _)) if !text.is_empty() => text,
        _ => "Dockerfile".to_owned(),
    });
    let here = || (".".to_owned(), Value::Literal(".".to_owned()), line);
    let context = one("context").map(|it| it.unwrap_or_else(here));
    let entry = context.as_ref();
    target.context = entry.map(|(_, value, line)| Entry::new("context", value.clone(), *line));
    let context = context.as_ref().map(|(text, _, _)| text.as_str());
    if !is_stage_known {
        return Err("an expression decides its target: its Dockerfile is not checked".to_owned());
    }
    target.dockerfile(inline, context, file.as_deref())
}
