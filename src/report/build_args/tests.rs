//! Every format with values that would like to be more than values.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::*;
use crate::emit::Stamp;
use crate::provenance::Kind;
use crate::report::json::pretty;

/// Values that a branch, a job or an agent could have. The stamp refuses some; no format relies on it.
const HOSTILE: [&str; 16] = [
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "${HOME} $HOME %{ if true }x%{ endif }",
    "a b --push --output=type=local,dest=/",
    "a\nRUN touch pwned",
    "a\r\nENV LD_PRELOAD=/x",
    "\u{1b}[31mred\u{1b}]52;c;aGk=\u{7}",
    "trailing \\",
    "\\\" $(touch pwned)",
    "# no comment",
    "- a: {b: [c]} & *d !e | >",
    "über/ветка-漢字",
    "a\u{202e}b\u{2028}c",
    "",
];

fn stamp(value: &str) -> Stamp {
    let map = |key: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    Stamp {
        kind: Kind::Ci,
        build_args: map("KEY"),
        env: map("KEY"),
        labels: map("com.acme.key"),
        annotations: map("com.acme.key"),
        push: vec!["registry.example/acme/tool:1".to_owned()],
        label_args: BTreeMap::from([("com.acme.key".to_owned(), "KEY".to_owned())]),
        ..Stamp::default()
    }
}

/// The words that a real shell makes of a line, in an empty directory.
fn words(line: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let script = format!("set -- {line}\nprintf '%s\\0' \"$@\"");
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}");
    assert!(!directory.path().join("pwned").exists(), "{line}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.strip_suffix('\0')
        .unwrap()
        .split('\0')
        .map(str::to_owned)
        .collect()
}

#[test]
fn arguments_are_the_values_to_a_shell_and_nothing_else() {
    for value in HOSTILE {
        let stamp = stamp(value);
        let arguments = args(&stamp);
        assert_eq!(arguments.matches('\n').count(), 1, "{value:?}");
        let expected = [
            "--build-arg",
            &format!("KEY={value}"),
            "--tag",
            "registry.example/acme/tool:1",
        ];
        assert_eq!(words(&arguments), expected);
        let expected = [
            "--label",
            &format!("com.acme.key={value}"),
            "--annotation",
            &format!("index,manifest:com.acme.key={value}"),
        ];
        assert_eq!(words(&labels(&stamp)), expected);
    }
}

#[test]
fn a_plain_stamp_is_printed_as_vllms_script_prints_it() {
    let stamp = stamp("https://ci.example/a_b~1".trim_end_matches("~1"));
    assert_eq!(
        args(&stamp),
        "--build-arg KEY=https://ci.example/a_b --tag registry.example/acme/tool:1\n"
    );
}

#[test]
fn lines_of_variables_are_the_values_to_a_shell() {
    for value in HOSTILE {
        let text = env(&stamp(value));
        assert_eq!(text.matches('\n').count(), 1, "{value:?}");
        let directory = tempfile::tempdir().unwrap();
        let script = format!("{text}printf '%s' \"$KEY\"");
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(directory.path())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), value);
        assert!(!directory.path().join("pwned").exists(), "{value}");
    }
}

#[test]
fn bake_gets_templates_that_stand_for_the_values() {
    for value in HOSTILE {
        let text = bake(&stamp(value), &["server".to_owned()]).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let target = &file["target"]["server"];
        let template = target["args"]["KEY"].as_str().unwrap();
        for begin in ["${", "%{"] {
            let escaped = format!("{}{begin}", &begin[..1]);
            assert_eq!(
                template.matches(begin).count(),
                template.matches(&escaped).count()
            );
        }
        let literal = template.replace("$${", "${").replace("%%{", "%{");
        assert_eq!(literal, value);
        assert_eq!(target["labels"]["com.acme.key"], template);
        let annotation = format!("index,manifest:com.acme.key={template}");
        assert_eq!(target["annotations"][0], annotation);
        assert_eq!(target["tags"][0], "registry.example/acme/tool:1");
    }
    let without = bake(&Stamp::default(), &["server".to_owned()]).unwrap();
    assert!(
        !without.contains("tags"),
        "an empty list would remove the project's tags"
    );
}

#[test]
fn compose_gets_the_values_with_its_own_dollar_doubled() {
    for value in HOSTILE {
        let context = "https://github.com/acme/tool.git#main";
        let text = compose(&stamp(value), &["server".to_owned()], Some(context));
        let file: Value = serde_saphyr::from_str(&text).unwrap();
        let build = &file["services"]["server"]["build"];
        assert_eq!(build["context"], context);
        let doubled = value.replace('$', "$$");
        assert_eq!(build["args"]["KEY"], doubled);
        assert_eq!(build["labels"]["com.acme.key"], doubled);
        assert_eq!(build["tags"][0], "registry.example/acme/tool:1");
    }
}

#[test]
fn a_dockerfile_gets_one_instruction_for_each_line() {
    for value in HOSTILE {
        let text = dockerfile(&stamp(value));
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(
            lines[0].starts_with("ARG KEY=\"") && lines[0].ends_with('"'),
            "{text}"
        );
        assert_eq!(lines[1], "ENV KEY=${KEY:-}");
        assert_eq!(lines[2], "LABEL com.acme.key=\"${KEY}\"");
        // What Docker's parser makes of it: a backslash takes the meaning of the next character.
        let inside = lines[0]
            .strip_prefix("ARG KEY=\"")
            .unwrap()
            .strip_suffix('"')
            .unwrap();
        let mut literal = String::new();
        let mut characters = inside.chars();
        while let Some(c) = characters.next() {
            assert!(c != '"' && c != '$', "{inside}");
            literal.push(if c == '\\' {
                characters.next().unwrap()
            } else {
                c
            });
        }
        assert_eq!(literal, crate::report::escape::text(value));
    }
}

#[test]
fn json_is_the_whole_stamp_and_reads_back() {
    for value in HOSTILE {
        let text = pretty(&stamp(value)).unwrap();
        let back: Stamp = serde_json::from_str(&text).unwrap();
        assert_eq!(back.build_args["KEY"], value);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    }
}

#[test]
fn the_tag_is_alone() {
    assert_eq!(
        tag(&stamp("x")).as_deref(),
        Some("registry.example/acme/tool:1\n")
    );
    assert_eq!(tag(&Stamp::default()), None);
}

#[test]
fn no_format_shows_what_acts_on_a_terminal() {
    let stamp = stamp("\u{1b}[31m\u{9b}\u{202e}\u{200b}\r\n");
    let target = ["t".to_owned()];
    for text in [
        args(&stamp),
        env(&stamp),
        pretty(&stamp).unwrap(),
        bake(&stamp, &target).unwrap(),
        labels(&stamp),
        dockerfile(&stamp),
        compose(&stamp, &target, None),
    ] {
        let acts = |c: char| c != '\n' && crate::report::escape::is_hostile(c);
        assert!(!text.contains(acts), "{text:?}");
    }
}
