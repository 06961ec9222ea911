mod damaged;

use super::*;

const NASTY: &[u8] = include_bytes!("../../testdata/i-nasty.rc");
const NASTY_OLD: &[u8] = include_bytes!("../../testdata/i-nasty.enroot-4.1.1.rc");
const FORGED: &[u8] = include_bytes!("../../testdata/i2-forged.enroot-4.1.1.rc");
const FAKE: &[u8] = include_bytes!("../../testdata/i3-fake-provenance.rc");
const FAKE_OLD: &[u8] = include_bytes!("../../testdata/i3-fake-provenance.enroot-4.1.2.rc");
const OLDEST: &[u8] = include_bytes!("../../testdata/h-oci-labels.enroot-1.0.0.rc");
const BARE: &[u8] = include_bytes!("../../testdata/j-bare.rc");
const RELEASE: &[u8] = include_bytes!("../../testdata/a-vllm-release.rc");

fn label<'a>(rc: &'a Rc, key: &str) -> Option<&'a str> {
    rc.labels
        .iter()
        .find(|pair| pair.key == key)
        .map(|pair| pair.value.as_str())
}

fn words(words: &[&str]) -> Option<Vec<String>> {
    Some(words.iter().map(|&word| word.to_owned()).collect())
}

#[test]
fn a_current_import_is_read() {
    let rc = parse(RELEASE).unwrap();
    let uri = rc.uri.clone().unwrap();
    assert_eq!(
        uri.value,
        "docker://registry-1.docker.io#vllm/vllm-openai:v0.23.0"
    );
    assert_eq!(
        (uri.source.carrier.as_str(), uri.source.line),
        ("rc", Some(1))
    );
    assert_eq!(rc.labels.len(), 10);
    let first = rc.labels.first().unwrap();
    assert_eq!(first.key, "ai.vllm.build.commit");
    assert_eq!(
        (first.source.carrier.as_str(), first.source.line),
        ("label", Some(2))
    );
    assert_eq!(rc.workdir.as_deref(), Some("/vllm-workspace"));
    assert_eq!(
        (rc.entrypoint, rc.cmd),
        (words(&["vllm", "serve"]), words(&[]))
    );
    assert!(rc.spilled_lines.is_empty() && rc.false_uris.is_empty());
}

#[test]
fn the_oldest_form_has_no_mkdir_line() {
    let rc = parse(OLDEST).unwrap();
    assert_eq!((rc.uri, rc.labels.len()), (None, 8));
    assert_eq!(rc.workdir.as_deref(), Some("/app"));
    assert_eq!(
        rc.entrypoint,
        words(&["/usr/bin/tini", "--", "/app/server"])
    );
    assert_eq!(
        rc.cmd,
        words(&["--port", "8080", "--config=/etc/acme/config.yaml"])
    );
}

#[test]
fn label_values_keep_every_byte_but_the_newline() {
    let rc = parse(NASTY).unwrap();
    assert_eq!(label(&rc, "com.example.cr"), Some("before\rafter"));
    assert_eq!(label(&rc, "com.example.lead-trail"), Some("  padded  "));
    assert_eq!(label(&rc, "com.example.empty"), Some(""));
    assert_eq!(
        label(&rc, "com.example.comment"),
        Some("# looks like a comment")
    );
    assert_eq!(
        label(&rc, "com.example.ansi"),
        Some("\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}")
    );
    assert_eq!(label(&rc, "com.example.long").map(str::len), Some(80));
    assert_eq!((rc.labels.len(), rc.workdir), (17, None));
    assert_eq!(
        (rc.entrypoint, rc.cmd),
        (words(&["/bin/sh", "-c"]), words(&["echo hi"]))
    );
}

#[test]
fn an_old_label_spills_over_its_line() {
    let rc = parse(NASTY_OLD).unwrap();
    assert_eq!(label(&rc, "com.example.multi"), Some("first line"));
    assert_eq!(rc.spilled_lines, [6, 15, 17]);
    assert_eq!(label(&rc, "com.example.zz"), Some("last"));
}

#[test]
fn a_label_cannot_forge_the_anchor_or_the_provenance() {
    let rc = parse(FORGED).unwrap();
    assert_eq!(rc.uri, None);
    assert_eq!(
        rc.false_uris
            .iter()
            .map(|uri| uri.source.line)
            .collect::<Vec<_>>(),
        [Some(2)]
    );
    assert_eq!(rc.workdir.as_deref(), Some("/work dir/$HOME/\"q\""));
    // A key with a space cannot be told from a key and its value.
    assert_eq!(label(&rc, "key"), Some("with spaces value of spaced key"));
    assert_eq!(
        label(&rc, "z.cr"),
        Some("x\r# ai.vllm.build.url https://buildkite.com/forged")
    );
    assert_eq!(rc.spilled_lines, [5, 10, 11, 12]);
    let entrypoint = [
        "it's",
        "two",
        "lines",
        "tab\there",
        "$(touch x)",
        "ünï",
        "",
        "a b",
    ];
    assert_eq!(rc.entrypoint, words(&entrypoint));
    assert_eq!(rc.cmd, words(&["--x=\"y\"", "*", "--empty=", ";rm"]));
}

#[test]
fn a_provenance_label_after_line_one_is_never_trusted() {
    let rc = parse(FAKE).unwrap();
    assert_eq!(
        rc.uri.as_ref().unwrap().value,
        "docker://registry-1.docker.io#acme/fake-prov:1"
    );
    assert_eq!(rc.false_uris.first().unwrap().source.line, Some(2));
    assert_eq!(
        label(&rc, "enroot-provenance:"),
        Some("docker://registry-1.docker.io#vllm/vllm-openai:v9.9.9")
    );
    // On line 1 a label of an older import cannot be told from the real line.
    let old = parse(FAKE_OLD).unwrap();
    assert_eq!(
        old.uri.unwrap().value,
        "docker://registry-1.docker.io#vllm/vllm-openai:v9.9.9"
    );
    assert_eq!(old.labels.len(), 1);
}

#[test]
fn an_image_without_a_config_is_read() {
    let rc = parse(BARE).unwrap();
    assert_eq!((rc.labels.len(), rc.workdir), (0, None));
    assert_eq!((rc.entrypoint, rc.cmd), (words(&[]), words(&["/bin/sh"])));
}

#[test]
fn the_provenance_value_may_be_empty() {
    for line in ["# enroot-provenance: ", "# enroot-provenance:"] {
        let text = format!("{line}\n\ncd \"/\" && unset OLDPWD || exit 1\n");
        let rc = parse(text.as_bytes()).unwrap();
        assert_eq!(rc.uri.unwrap().value, "");
        assert_eq!((rc.entrypoint, rc.cmd), (None, None));
    }
    let text = b"# enroot-provenance:x y\n\ncd \"/\" && unset OLDPWD || exit 1\n";
    assert_eq!(parse(text).unwrap().uri, None);
}

/// A label line with one flipped bit is lost, and counted among the lines that are not labels.
fn order(labels: &[u8]) -> (bool, bool) {
    let mut text = b"# enroot-provenance: docker://registry-1.docker.io#a/b:1\n".to_vec();
    text.extend_from_slice(labels);
    text.extend_from_slice(b"\nmkdir -p \"/\" 2> /dev/null\ncd \"/\" && unset OLDPWD || exit 1\n");
    let import = parse(&text).unwrap().import();
    assert!(import.uri.is_some() && import.unreadable.is_none());
    (import.label_keys_sorted, import.label_before_line)
}

#[test]
fn the_order_of_the_labels_says_whether_line_one_can_be_a_label() {
    for (labels, expected) in [
        (&b""[..], (true, false)),
        (b"# ai.vllm.build.commit 1\n# maintainer x\n", (true, true)),
        (b"# maintainer x\n# org.example y\n", (true, false)),
        (b"# maintainer x\n# ai.vllm.build.commit 1\n", (false, true)),
        // An empty key sorts before all others, and an empty value is one.
        (b"#  value\n# maintainer x\n", (true, true)),
        (b"# a \n# b \n", (true, true)),
        (b"# b 1\n#  value\n", (false, true)),
        // No JSON object has a key twice.
        (b"# a 1\n# a 2\n", (false, true)),
        // The key is compared, not the line: `a` is before `a!`, though `!` is behind the space.
        (b"# a 1\n# a! 1\n", (true, true)),
        (b"# a z\n# a.b a\n", (true, true)),
        // Bytes, not letters: `Z` is before `a`, 0xc3 behind both, and 0xff behind 0xef 0xbf 0xbd.
        (b"# Z 1\n# a 1\n# \xc3\xa4 1\n", (true, true)),
        (b"# \xc3\xa4 1\n# z 1\n", (false, false)),
        (b"# \xef\xbf\xbd 1\n# \xff 1\n", (true, false)),
        (b"# \xff 1\n# \xef\xbf\xbd 1\n", (false, false)),
        // The key of the line itself, one byte more and one less.
        (b"# enroot-provenance 1\n", (true, true)),
        (b"# enroot-provenance: x\n", (true, false)),
        (b"# enroot-provenance:: 1\n", (true, false)),
        // A value that spills over its line, as up to enroot 4.1.1, is no order.
        (b"# a first\nsecond\n# b 1\n", (false, true)),
        (b"# a first\n\nsecond\n", (false, true)),
        (b"# a first\n\n# b 1\n", (false, true)),
        (b"# a first\n\n", (false, true)),
        (b"# b no-key-without-a-space\n# a\n", (false, true)),
        (b"#a 1\n# b 1\n", (false, false)),
    ] {
        assert_eq!(order(labels), expected, "{}", labels.escape_ascii());
    }
}

#[test]
fn labels_begin_on_line_one_where_there_is_no_provenance() {
    let import = parse(OLDEST).unwrap().import();
    assert!(import.uri.is_none() && import.label_keys_sorted && !import.label_before_line);
    let import = parse(RELEASE).unwrap().import();
    assert!(import.uri.is_some() && import.label_keys_sorted && import.label_before_line);
    let import = parse(BARE).unwrap().import();
    assert!(import.label_keys_sorted && !import.label_before_line);
    let import = parse(FORGED).unwrap().import();
    assert!(!import.label_keys_sorted);
    // A label that older importers make line 1 has none before it.
    let import = parse(FAKE_OLD).unwrap().import();
    assert!(import.uri.is_some() && !import.label_before_line);
}

#[test]
fn a_line_that_no_importer_writes_is_unreadable() {
    for (value, readable) in [
        (
            "docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0",
            true,
        ),
        ("dockerd://vllm/vllm-openai:v0.29.0", true),
        ("", true),
        (
            "docker://evil.example.com?^@registry-1.docker.io#vllm/vllm-openai:v0.29.0",
            false,
        ),
        (
            "docker://evil.example.com?x#vllm/vllm-openai:v0.29.0",
            false,
        ),
        ("docker://vllm/vllm-openai:v0.29.0", false),
        (" ", false),
    ] {
        let text = format!("# enroot-provenance: {value}\n\ncd \"/\" && unset OLDPWD || exit 1\n");
        let import = parse(text.as_bytes()).unwrap().import();
        assert_eq!(import.uri.unwrap().value, value);
        assert_eq!(import.unreadable.is_none(), readable, "{value:?}");
    }
}
