//! `/etc/rc` as enroot's importer writes it: provenance, labels, working
//! directory and command.
//!
//! Line 1 is `# enroot-provenance: URI` from enroot 4.2 on. Labels follow as
//! `# key value`. Up to enroot 4.1.1 a label's value may hold newlines, so that
//! anything can stand among the labels; what the importer generated is therefore
//! anchored on the *last* line that changes into the working directory.

use super::{Import, Pair, shell_words};
use crate::provenance::Source;

const PATH: &str = "/etc/rc";
const PROVENANCE_KEY: &str = "enroot-provenance:";

/// What `/etc/rc` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rc {
    /// The value of the provenance line on line 1, which may be empty.
    pub uri: Option<Pair>,
    /// Later lines that look like one.
    pub false_uris: Vec<Pair>,
    /// Labels in the order of the file.
    pub labels: Vec<Pair>,
    /// Lines among the labels that are no label line.
    pub spilled_lines: Vec<u32>,
    /// `None` is unknown, empty is none.
    pub entrypoint: Option<Vec<String>>,
    /// `None` is unknown, empty is none; the importer writes `/bin/sh` where an
    /// image has neither entrypoint nor arguments.
    pub cmd: Option<Vec<String>>,
    /// `None` for `/`, which is what the importer writes for an image without one.
    pub workdir: Option<String>,
}

impl Rc {
    /// The part that says how the image was imported.
    #[must_use]
    pub fn import(&self) -> Import {
        Import {
            uri: self.uri.clone(),
            false_uris: self.false_uris.clone(),
            spilled_lines: self.spilled_lines.clone(),
        }
    }
}

/// Reads `/etc/rc`; `None` when the file does not have the importer's form.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Rc> {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.split('\n').collect();
    let (cd_at, directory) = lines
        .iter()
        .enumerate()
        .rev()
        .find_map(|(at, line)| Some((at, working_directory(line)?)))?;
    // enroot 1.0 has no mkdir line.
    let mkdir = format!("mkdir -p \"{directory}\" 2> /dev/null");
    let has_mkdir = cd_at.checked_sub(1).and_then(|at| lines.get(at)) == Some(&mkdir.as_str());
    let anchor = cd_at.saturating_sub(usize::from(has_mkdir));

    let mut rc = Rc {
        workdir: Some(directory.to_owned()).filter(|it| it != "/"),
        ..Rc::default()
    };
    for (number, line) in (1_u32..).zip(lines.iter().take(anchor)) {
        rc.header_line(number, line);
    }
    let body = lines.get(cd_at.saturating_add(1)..).unwrap_or_default();
    for (at, line) in lines.iter().enumerate().skip(cd_at) {
        let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        if let Some(value) = provenance(line) {
            rc.false_uris.push(provenance_pair(number, value));
        }
    }
    (rc.entrypoint, rc.cmd) = command(body);
    Some(rc)
}

impl Rc {
    fn header_line(&mut self, number: u32, line: &str) {
        if let Some(value) = provenance(line) {
            let pair = provenance_pair(number, value);
            if number == 1 {
                self.uri = Some(pair);
                return;
            }
            self.false_uris.push(pair);
        }
        if let Some((key, value)) = line
            .strip_prefix("# ")
            .and_then(|label| label.split_once(' '))
        {
            self.labels.push(Pair {
                key: key.to_owned(),
                value: value.to_owned(),
                source: source("label", number, key),
            });
        } else if !line.is_empty() {
            self.spilled_lines.push(number);
        }
    }
}

fn provenance(line: &str) -> Option<&str> {
    let value = line.strip_prefix("# ")?.strip_prefix(PROVENANCE_KEY)?;
    if value.is_empty() {
        Some(value)
    } else {
        value.strip_prefix(' ')
    }
}

fn provenance_pair(number: u32, value: &str) -> Pair {
    let key = PROVENANCE_KEY.trim_end_matches(':');
    Pair {
        key: key.to_owned(),
        value: value.to_owned(),
        source: source("rc", number, key),
    }
}

fn source(carrier: &str, line: u32, key: &str) -> Source {
    Source {
        carrier: carrier.to_owned(),
        path: Some(PATH.to_owned()),
        line: Some(line),
        key: Some(key.to_owned()),
    }
}

fn working_directory(line: &str) -> Option<&str> {
    line.strip_prefix("cd \"")?
        .strip_suffix("\" && unset OLDPWD || exit 1")
}

/// The entrypoint stands before `"$@"` in the first branch; the second branch
/// has the entrypoint again, followed by the default arguments.
fn command(body: &[&str]) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let mut calls = body
        .iter()
        .filter_map(|line| line.trim_start_matches(' ').strip_prefix("exec "));
    let entrypoint = calls
        .by_ref()
        .find_map(|call| call.strip_suffix("\"$@\""))
        .and_then(shell_words::split);
    let Some(entrypoint) = entrypoint else {
        return (None, None);
    };
    let cmd = calls
        .next()
        .and_then(shell_words::split)
        .and_then(|words| Some(words.strip_prefix(entrypoint.as_slice())?.to_vec()));
    (Some(entrypoint), cmd)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &[u8] = include_bytes!("testdata/i-nasty.rc");
    const NASTY_OLD: &[u8] = include_bytes!("testdata/i-nasty.enroot-4.1.1.rc");
    const FORGED: &[u8] = include_bytes!("testdata/i2-forged.enroot-4.1.1.rc");
    const FAKE: &[u8] = include_bytes!("testdata/i3-fake-provenance.rc");
    const FAKE_OLD: &[u8] = include_bytes!("testdata/i3-fake-provenance.enroot-4.1.2.rc");
    const OLDEST: &[u8] = include_bytes!("testdata/h-oci-labels.enroot-1.0.0.rc");
    const BARE: &[u8] = include_bytes!("testdata/j-bare.rc");
    const RELEASE: &[u8] = include_bytes!("testdata/a-vllm-release.rc");

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

    #[test]
    fn another_programs_file_is_not_the_importers() {
        for text in [
            "",
            "#!/bin/sh\n# rc of the base image, must not survive\n# org.example.base label\nexit 0\n",
            "# enroot-provenance: docker://vllm/vllm-openai:v1\n# a b\n",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
