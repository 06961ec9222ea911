//! Every attack, through every carrier, into every output.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sqsh_prov::audit::record::Line;

use super::judge;
use super::list::{OUTPUTS, Of};
use super::payloads::PAYLOADS;
use super::planted::{CARRIERS, Forms, plant};
use super::store::{Answer, Store, run, saved};

/// In every text of a report, whatever attack comes before it.
const EVERYWHERE: &str = "\u{1b}[31m\u{9b}2J\u{202e}\nFORGED-LINE";

/// Follows the attack, and says in an output which carrier it came through.
fn mark(carrier: &str) -> String {
    let number = CARRIERS.iter().position(|known| *known == carrier).unwrap();
    format!("mk{number:02}mk")
}

fn attack(payload: &[u8], carrier: &str) -> Vec<u8> {
    let mark = mark(carrier);
    match carrier {
        // A remote ends where a comment begins.
        "git-remote" => [mark.as_bytes(), payload].concat(),
        _ => [payload, mark.as_bytes()].concat(),
    }
}

/// Images, reports, recipes, policies and contracts with every attack in them.
fn store(directory: &Path) -> Option<Store> {
    let mut groups = Vec::new();
    let alone = PAYLOADS
        .iter()
        .map(|(_, payload)| (payload.to_vec(), Forms::Roots));
    // What is rendered is the same whatever form it was read from.
    let together = joined(400).into_iter().map(|payload| (payload, Forms::All));
    for (number, (payload, forms)) in alone.chain(together).enumerate() {
        let store = directory.join(format!("store/{number}"));
        let work = directory.join("work");
        fs::create_dir(&work).unwrap();
        groups.push(plant(&store, &work, forms, &[], &|carrier| {
            attack(&payload, carrier)
        })?);
        fs::remove_dir_all(&work).unwrap();
    }
    // What an audit does not read is reported, too.
    symlink("gone", directory.join("store/0/link.sqsh")).unwrap();
    symlink("gone", directory.join("store/1/link.sqsh")).unwrap();
    let (store, report) = saved(directory, groups);
    fs::write(store.at("report"), hostile_report(&report)).unwrap();
    fs::write(store.at("recipe"), recipe()).unwrap();
    fs::write(store.at("policy"), policy()).unwrap();
    fs::create_dir(store.at("contracts")).unwrap();
    fs::write(store.at("contracts/evil.toml"), contract()).unwrap();
    Some(store)
}

/// All attacks in one text, without what TOML and the arguments of a program cannot hold.
fn all_attacks() -> String {
    let texts = PAYLOADS
        .iter()
        .map(|(_, payload)| String::from_utf8_lossy(payload).replace('\0', ""));
    texts.collect::<Vec<_>>().join(" ")
}

/// The attacks behind each other, in texts of about this many bytes without NULs.
fn joined(bytes: usize) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![Vec::new()];
    for (_, payload) in PAYLOADS {
        if all
            .last()
            .is_some_and(|last| last.len() + payload.len() > bytes)
        {
            all.push(Vec::new());
        }
        let last = all.last_mut().unwrap();
        last.extend(payload.iter().filter(|&&byte| byte != 0));
    }
    all
}

/// A report in which every text that may be anything is an attack.
fn hostile_report(report: &[u8]) -> Vec<u8> {
    let mut attacks = PAYLOADS.iter().cycle();
    replaced(report, || {
        let (_, attack) = attacks.next().unwrap();
        format!("{}{EVERYWHERE}mkfile", String::from_utf8_lossy(attack))
    })
}

/// A report with other texts wherever there may be any.
pub fn replaced(report: &[u8], mut text: impl FnMut() -> String) -> Vec<u8> {
    let mut out = Vec::new();
    for line in report
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let mut value: Value = serde_json::from_slice(line).unwrap();
        for pointer in texts(&value, String::new()) {
            let kept = ["/schema", "/type", "/now", "/path", "/roots", "/file/mtime"];
            // The last line has its keys in an object.
            let key = pointer.strip_prefix("/summary").unwrap_or(&pointer);
            if kept.iter().any(|start| key.starts_with(start)) {
                continue;
            }
            let before = value.clone();
            *value.pointer_mut(&pointer).unwrap() = json!(text());
            // Some texts are one of a few words, and a report with another is refused.
            if Line::parse(&serde_json::to_vec(&value).unwrap()).is_err() {
                value = before;
            }
        }
        out.extend(serde_json::to_vec(&value).unwrap());
        out.push(b'\n');
    }
    out
}

fn texts(value: &Value, pointer: String) -> Vec<String> {
    match value {
        Value::String(_) => vec![pointer],
        Value::Array(list) => list
            .iter()
            .enumerate()
            .flat_map(|(at, value)| texts(value, format!("{pointer}/{at}")))
            .collect(),
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .flat_map(|(key, value)| {
                texts(
                    value,
                    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")),
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// JSON is YAML, once the controls in it are spelled out.
fn recipe() -> String {
    let attacks = format!("{}mkfile", all_attacks());
    let recipe = json!({
        "name": attacks, "model": {"container": attacks, "path": attacks},
        "identity": {"frameworks": {"vllm": attacks, "sglang": attacks}},
        "frontend": {"nginx_container": attacks, "type": attacks},
        "benchmark": {"container_image": format!("/{attacks}.sqsh")},
    });
    sqsh_prov::report::json::escape(recipe.to_string())
}

fn policy() -> String {
    let text = toml_text(&all_attacks());
    // The names of publishers and hosts have fewer characters, and others are refused.
    format!(
        "schema = 1\nname = {text}\ndescription = {text}\n\
         [publishers]\nallow = [\"nobody\"]\nforbid = [\"*\"]\nseverity = \"error\"\nunknown = \"warning\"\n\
         [registries]\nallow = [\"none.example\"]\nseverity = \"error\"\n\
         [labels]\nrequire = [{text}]\nseverity = \"error\"\n"
    )
}

/// TOML lets a comment hold what a terminal acts on: everything but the controls of ASCII.
fn contract() -> String {
    let text = toml_text(&all_attacks());
    let comment: String = all_attacks()
        .chars()
        .filter(|c| !c.is_ascii_control())
        .collect();
    format!(
        "# {comment} \u{9b}2J\nschema = 1\nid = \"evil\"\nname = {text}\n\n[[stamp]]\nfield = \"commit\"\nenvironment = [{text}]\n"
    )
}

fn toml_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_ascii_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

#[test]
fn no_output_acts_on_its_reader() {
    let directory = tempfile::tempdir().unwrap();
    let Some(store) = store(directory.path()) else {
        return;
    };
    let (mut seen, mut empty) = (BTreeSet::new(), Vec::new());
    let mut bad = Vec::new();
    for output in OUTPUTS {
        let answers = store.answers(output);
        judge::complaints(&answers);
        if std::panic::catch_unwind(|| (output.judge)(&answers)).is_err() {
            bad.push(output.arguments);
        }
        let printed = |answer: &Answer| [answer.stdout.as_slice(), &answer.stderr].concat();
        let printed: Vec<u8> = answers.iter().flat_map(printed).collect();
        let printed = String::from_utf8_lossy(&printed).to_ascii_lowercase();
        let marks: BTreeSet<&str> = CARRIERS
            .iter()
            .copied()
            .filter(|carrier| printed.contains(&mark(carrier)))
            .collect();
        let of_report =
            printed.contains("mkfile") || matches!(output.of, Of::Contracts | Of::Contract);
        if !of_report && marks.is_empty() {
            empty.push(output.arguments);
        }
        seen.extend(marks);
    }
    on_a_terminal(&store);
    assert!(bad.is_empty(), "judged above: {bad:?}");
    assert!(empty.is_empty(), "nothing of any image is in {empty:?}");
    let unseen: Vec<_> = CARRIERS
        .iter()
        .filter(|carrier| !seen.contains(*carrier))
        .collect();
    assert!(unseen.is_empty(), "planted, and in no output: {unseen:?}");
}

/// The line that says how far an audit has come, as `script` (util-linux) shows it to a terminal.
fn on_a_terminal(store: &Store) {
    let command = format!(
        "'{}' audit store --all-files --rootfs --format html --output page.html",
        env!("CARGO_BIN_EXE_sqsh-prov")
    );
    let shown = std::process::Command::new("script")
        .current_dir(&store.directory)
        .args(["-qec", &command, "/dev/null"])
        .env("TERM", "xterm")
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains(" files, "), "{shown:?}");
    assert!(!shown.contains("mk"), "{shown:?}");
    // What a bar is drawn with: clear the line, go up, hide the cursor.
    let mut plain = shown.replace('\r', "");
    for sequence in ["\x1b[2K", "\x1b[1A", "\x1b[0J", "\x1b[?25l", "\x1b[?25h"] {
        plain = plain.replace(sequence, "");
    }
    judge::inert("the progress line", &plain);
}

/// Files of the user's own that are none, and arguments: what is said of them is safe to show.
/// Arguments that carry a payload in each place, and files that hold it.
fn calls(
    root: &Path,
    payload: &[u8],
    image: &Path,
    file: PathBuf,
    text: PathBuf,
) -> Vec<Vec<OsString>> {
    let os = |text: &str| OsString::from(text);
    let given = OsString::from_vec(payload.to_vec());
    let missing = root.join(&file).with_extension("missing");
    let equals = |flag: &str| {
        let mut argument = os(flag);
        argument.push("=");
        argument.push(&given);
        argument
    };
    let (file, text) = (file.into_os_string(), text.into_os_string());
    let image = image.to_owned().into_os_string();
    vec![
        vec![os("show"), missing.clone().into()],
        vec![os("show"), file.clone()],
        vec![os("show"), text.clone()],
        vec![os("show"), os("-v"), file.clone()],
        vec![os("show"), equals("--field"), image.clone()],
        vec![os("show"), equals("--platform"), image.clone()],
        vec![os("show"), equals("--mirror"), image.clone()],
        vec![os("show"), equals("--format"), image.clone()],
        vec![os("show"), equals("--contracts"), image.clone()],
        vec![
            os("show"),
            os("--"),
            OsString::from_vec([b"docker://", payload].concat()),
        ],
        vec![given.clone()],
        vec![equals("--x")],
        vec![os("verify"), equals("--image"), image.clone()],
        vec![os("verify"), equals("--commit"), image.clone()],
        vec![os("verify"), equals("--kind"), image.clone()],
        vec![os("verify"), equals("--framework"), image.clone()],
        vec![os("verify"), equals("--publisher"), image.clone()],
        vec![os("verify"), equals("--timeout"), image.clone()],
        vec![os("verify"), equals("--policy"), image.clone()],
        vec![os("verify"), os("--policy"), text.clone(), image.clone()],
        vec![os("verify"), os("--recipe"), text.clone(), image.clone()],
        vec![os("verify"), os("--recipe"), file.clone(), image.clone()],
        vec![os("verify"), os("--lockfile"), file.clone(), image.clone()],
        vec![os("verify"), os("--format=line"), missing.clone().into()],
        vec![os("audit"), missing.clone().into()],
        vec![os("audit"), equals("--shard"), os(".")],
        vec![os("audit"), equals("--now"), os(".")],
        vec![os("audit"), os("--baseline"), file.clone(), os(".")],
        vec![os("audit"), os("--resume"), text.clone(), os(".")],
        vec![os("audit"), os("--files-from"), missing.clone().into()],
        vec![
            os("audit"),
            os("--output"),
            OsString::from_vec([b"/no/such/", payload].concat()),
            os("contracts"),
        ],
        vec![os("merge"), file.clone()],
        vec![os("merge"), missing.clone().into()],
        vec![os("diff"), file.clone(), image.clone()],
        vec![os("diff"), image.clone(), missing.clone().into()],
        vec![os("contracts"), os("show"), os("--"), given.clone()],
        vec![os("contracts"), os("check"), text.clone()],
        vec![os("contracts"), os("check"), missing.clone().into()],
        vec![os("build-args"), os("--"), given.clone()],
        vec![os("build-args"), equals("--target")],
        vec![os("build-args"), equals("--contract")],
        vec![os("build-args"), equals("--context")],
    ]
}

#[test]
fn no_error_acts_on_its_reader() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let image = super::support::fixture("classification", "01-vllm-release.sqsh");
    let mut answers = Vec::new();
    for (number, payload) in joined(150).into_iter().enumerate() {
        let file = root.join(super::planted::file_name(
            &payload,
            &format!("-{number}.sqsh"),
        ));
        fs::write(
            &file,
            [b"{\"", payload.as_slice(), b"\": [", &payload].concat(),
        )
        .unwrap();
        let text = root.join(super::planted::file_name(
            &payload,
            &format!("-{number}.toml"),
        ));
        fs::write(
            &text,
            [b"x = \"", payload.as_slice(), b"\"\n", &payload, b" = 1\n"].concat(),
        )
        .unwrap();
        for arguments in calls(root, &payload, &image, file, text) {
            let shown: Vec<_> = arguments
                .iter()
                .map(|a| a.to_string_lossy().into_owned())
                .collect();
            answers.push(run(root, &format!("{shown:?}"), &arguments));
        }
    }
    for answer in &answers {
        // Nothing but the parser of arguments writes lines that do not start with the program's name,
        // and it does so where the arguments are harmless.
        let said =
            String::from_utf8(answer.stderr.clone()).unwrap_or_else(|_| panic!("{}", answer.name));
        let of_parser = said.starts_with("error: ") && answer.code == 64;
        if of_parser {
            judge::inert(&answer.name, &said);
        } else {
            judge::complaints(std::slice::from_ref(answer));
        }
    }
    judge::page(&answers);
}
