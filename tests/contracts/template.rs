//! The template, which explains every key.

use super::*;

/// A key of a contract, and the table that it stands in; of a table itself the key is empty.
type Place = (String, String);

/// Every key below a table, as the reader names them that refuses another.
fn keys_below(directory: &Path, table: &str) -> BTreeSet<Place> {
    let file = directory.join("keys.toml");
    let mut keys = BTreeSet::new();
    for header in [format!("[{table}]"), format!("[[{table}]]")] {
        let header = if table.is_empty() { "" } else { &header };
        fs::write(&file, format!("{header}\nno-such-key = 1\n")).unwrap();
        let said = contracts::check(&file).unwrap_err().to_string();
        let Some((_, known)) = said.split_once("unknown field `no-such-key`, expected ") else {
            continue;
        };
        keys.insert((table.to_owned(), String::new()));
        for key in known.split('`').skip(1).step_by(2) {
            let dot = if table.is_empty() { "" } else { "." };
            let below = keys_below(directory, &format!("{table}{dot}{key}"));
            if below.is_empty() {
                keys.insert((table.to_owned(), key.to_owned()));
            }
            keys.extend(below);
        }
    }
    keys
}

/// Every key and table of a text, also of what is commented out, and the text with that in it.
fn keys_in(text: &str) -> (BTreeSet<Place>, String) {
    let mut keys = BTreeSet::from([Place::default()]);
    let mut table = String::new();
    let mut whole = String::new();
    for line in text.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let header = bare.split(" # ").next().unwrap().trim_end();
        let header = header.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let key = bare.split_once(" = ").map(|(key, _)| key);
        let key = key.filter(|key| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
        if let Some(name) = header {
            table = name
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned();
            keys.insert((table.clone(), String::new()));
            // A table that takes any name is explained as one key.
            if let Some((of, name)) = table.rsplit_once('.').or(Some(("", &table))) {
                keys.insert((of.to_owned(), name.to_owned()));
            }
        }
        keys.extend(key.map(|key| (table.clone(), key.to_owned())));
        let used = header.is_some() || key.is_some();
        whole.push_str(if used { bare } else { line });
        whole.push('\n');
    }
    (keys, whole)
}

#[test]
fn the_template_is_sound_and_explains_every_key() {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/TEMPLATE.toml");
    let text = fs::read_to_string(&template).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (explained, whole) = keys_in(&text);
    let commented_in = directory.path().join("whole.toml");
    fs::write(&commented_in, whole).unwrap();
    for file in [&template, &commented_in] {
        let mut command = Command::cargo_bin("sqsh-prov").unwrap();
        command.args(["contracts", "check"]).arg(file);
        command.assert().code(0);
    }

    let known = keys_below(directory.path(), "");
    for (table, key) in [
        ("", "schema"),
        ("name-rule", "classes"),
        ("build-args.tag", "kind"),
    ] {
        assert!(
            known.contains(&(table.to_owned(), key.to_owned())),
            "{known:?}"
        );
    }
    let missing: Vec<&Place> = known.difference(&explained).collect();
    assert!(
        missing.is_empty(),
        "contracts/TEMPLATE.toml does not explain {missing:?}"
    );
}
