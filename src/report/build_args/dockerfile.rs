//! The lines of a Dockerfile that put the stamp into the image.
//!
//! Quoting: <https://docs.docker.com/reference/dockerfile/#environment-replacement>. In double
//! quotes `\`, `"` and `$` are escaped with `\`; what a variable holds is not expanded again.

use crate::emit::Stamp;
use crate::report::escape;

/// Returns `ARG`, `ENV` and `LABEL` lines. The build's values are the defaults of the arguments.
#[must_use]
pub fn dockerfile(stamp: &Stamp) -> String {
    let mut out = String::from(
        "# The stamp of this build (sqsh-prov build-args). Put it last in the final stage: a stage that
# only names it in FROM does not pass it on, and what stands after it looks like another image's.
# In a Dockerfile that is kept, leave the values after ARG's = out, and give them with
# --build-arg (sqsh-prov build-args --format args): a default stamps old values into later builds.
",
    );
    for (name, value) in &stamp.build_args {
        match stamp.unprinted.contains(name) {
            true => out.push_str(&format!("ARG {name}\n")),
            false => out.push_str(&format!("ARG {name}={}\n", quoted(value))),
        }
    }
    let variables: Vec<String> = stamp
        .env
        .keys()
        .map(|name| {
            let argument = stamp.argument_of(name);
            // As vLLM writes it: without the argument, a build has the fallback.
            let default = stamp.defaults.get(&argument).map_or("", String::as_str);
            match default.bytes().all(is_plain) {
                true => format!("{name}=${{{argument}:-{default}}}"),
                false => format!("{name}=\"${{{argument}}}\""),
            }
        })
        .collect();
    instruction(&mut out, "ENV", &variables);
    let labels: Vec<String> = stamp
        .labels
        .iter()
        .map(|(key, value)| match stamp.label_args.get(key) {
            Some(argument) => format!("{}=\"${{{argument}}}\"", word(key)),
            None => format!("{}={}", word(key), quoted(value)),
        })
        .collect();
    instruction(&mut out, "LABEL", &labels);
    out
}

fn instruction(out: &mut String, name: &str, pairs: &[String]) {
    if !pairs.is_empty() {
        out.push_str(&format!("{name} {}\n", pairs.join(" \\\n    ")));
    }
}

fn word(key: &str) -> String {
    match key.bytes().all(is_plain) {
        true => key.to_owned(),
        false => quoted(key),
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._/:-".contains(&byte)
}

/// A double-quoted string on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in escape::text(text).chars() {
        if matches!(c, '\\' | '"' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
