use super::*;

fn without_line(rc: &Rc, line: u32) -> Vec<&Pair> {
    let labels = rc.labels.iter();
    labels
        .filter(|pair| pair.source.line != Some(line))
        .collect()
}

#[test]
fn one_flipped_bit_loses_no_label_in_silence() {
    for (name, whole) in [
        ("release", RELEASE),
        ("oldest", OLDEST),
        ("nasty", NASTY_OLD),
        ("forged", FORGED),
        ("bare", BARE),
    ] {
        let intact = parse(whole).unwrap();
        assert!(!intact.is_damaged, "{name}");
        let script = whole.len()
            - whole
                .split(|&b| b == b'\n')
                .rev()
                .take(12)
                .map(|l| l.len() + 1)
                .sum::<usize>();
        for at in 0..whole.len() {
            let line =
                u32::try_from(whole[..at].iter().filter(|&&b| b == b'\n').count()).unwrap() + 1;
            for bit in 0..8 {
                let mut bytes = whole.to_vec();
                bytes[at] ^= 1 << bit;
                let place = format!("{name}, bit {bit} of byte {at}, line {line}");
                let rc = parse(&bytes).unwrap_or_else(|| panic!("{place}: not the importer's"));
                if rc.is_damaged || rc.spilled_lines != intact.spilled_lines {
                    // Lines below one that is cut or joined move.
                    let least = intact.labels.len().saturating_sub(2);
                    assert!(
                        rc.labels.len() >= least,
                        "{place}: {} labels",
                        rc.labels.len()
                    );
                    continue;
                }
                if bytes[at] == b'\n' || whole[at] == b'\n' {
                    assert!(rc.labels.len() + 1 >= intact.labels.len(), "{place}");
                    assert_eq!(rc.uri.is_some(), intact.uri.is_some(), "{place}");
                    continue;
                }
                assert_eq!(
                    without_line(&rc, line),
                    without_line(&intact, line),
                    "{place}"
                );
                assert_eq!(rc.uri.is_some(), intact.uri.is_some(), "{place}");
                if at >= script {
                    assert_eq!(rc.labels, intact.labels, "{place}");
                }
            }
        }
    }
}

#[test]
fn a_damaged_file_is_read_as_far_as_it_goes() {
    let text = String::from_utf8(RELEASE.to_vec()).unwrap();
    let beside = Beside {
        stub: true,
        environment_and_fstab: true,
    };
    let header = text.split("\n\n").next().unwrap();
    for (what, bytes, labels) in [
        ("cd", text.replace("unset", "Unset"), 10),
        (
            "mkdir and cd",
            text.replace("/vllm-workspace", "/x\" y"),
            10,
        ),
        (
            "the provenance line",
            text.replace("enroot-p", "enroot-q"),
            10,
        ),
        ("rc.local", text.replace("    . /etc", "    / /etc"), 10),
        ("the end", text.trim_end().to_owned() + "*", 10),
        ("only the labels", header.to_owned(), 10),
        ("only line 1", text.lines().next().unwrap().to_owned(), 0),
        (
            "a part of a label",
            header.get(..120).unwrap().to_owned(),
            0,
        ),
        ("zeros", "\0".repeat(900), 0),
        ("nothing", String::new(), 0),
    ] {
        let rc = parse_beside(bytes.as_bytes(), beside);
        let rc = rc.unwrap_or_else(|| panic!("{what}"));
        assert!(rc.labels.len() >= labels, "{what}: {}", rc.labels.len());
        let is_edit = what == "mkdir and cd" || what == "the provenance line";
        assert!(rc.is_damaged || is_edit, "{what}");
    }
    let cd = parse(text.replace("unset", "Unset").as_bytes()).unwrap();
    assert_eq!(cd.workdir.as_deref(), Some("/vllm-workspace"));
    assert_eq!(cd.entrypoint, words(&["vllm", "serve"]));
    let line = "# enrood-provenance: docker://registry-1.docker.io#a/b:1";
    let damaged = text.replacen(text.lines().next().unwrap(), line, 1);
    let damaged = parse(damaged.replace("enrood", "enroou").as_bytes()).unwrap();
    assert_eq!(
        damaged.uri.unwrap().value,
        "docker://registry-1.docker.io#a/b:1"
    );
}

#[test]
fn a_flipped_bit_in_a_command_is_damage_and_no_edit() {
    let text = String::from_utf8(RELEASE.to_vec()).unwrap();
    let intact = parse(RELEASE).unwrap();
    let first = text.find("exec 'vllm' 'serve' ").unwrap() + "exec ".len();
    let second = text.rfind("exec 'vllm' 'serve' ").unwrap() + "exec ".len();
    assert!(first < second);
    let length = "'vllm' 'serve' ".len();
    for at in (first..first + length).chain(second..second + length) {
        for bit in 0..8 {
            let mut bytes = RELEASE.to_vec();
            bytes[at] ^= 1 << bit;
            let rc = parse(&bytes).unwrap();
            let place = format!("bit {bit} of byte {at}");
            assert!(rc.is_damaged && !rc.is_edited, "{place}");
            assert_eq!(rc.labels, intact.labels, "{place}");
        }
    }
    // Of an image's own arguments there is no copy: their quotes are all that is known.
    let with_arguments = text.replace("exec 'vllm' 'serve' \n", "exec 'vllm' 'serve' 'a' 'b'\n");
    let of = |from: &str, to: &str| {
        let rc = parse(with_arguments.replacen(from, to, 1).as_bytes()).unwrap();
        (rc.is_damaged, rc.is_edited)
    };
    assert_eq!(of(" ", " "), (false, false));
    assert_eq!(of("'a' 'b'", "'a' 'b%"), (true, false));
    assert_eq!(of("'a' 'b'", "'a'\"'b'"), (true, false));
    assert_eq!(of("'a' 'b'", "'a' 'c'"), (false, false));
    assert_eq!(of("'a' 'b'", "'a' \"b\""), (false, true));
}

#[test]
fn a_label_that_looks_like_the_script_does_not_stand_for_a_damaged_one() {
    let damaged = String::from_utf8(FORGED.to_vec()).unwrap();
    let damaged = damaged.replace("q\"\" && unset OLDPWD", "q\"\" && Unset OLDPWD");
    let rc = parse(damaged.as_bytes()).unwrap();
    assert!(rc.is_damaged);
    assert_eq!(rc.labels, parse(FORGED).unwrap().labels);
}

#[test]
fn a_script_that_somebody_rewrote_is_not_damaged() {
    let text = String::from_utf8(RELEASE.to_vec()).unwrap();
    for edited in [
        text.replace("exec 'vllm' 'serve' \"$@\"", "exec /opt/start \"$@\""),
        text.replace("exit 1\n", "exit 1\n# set for us\nexport A=b\n"),
        text.replace("exit 1\n", "exit 1\ncd \"/elsewhere\"\n"),
        text.split("exit 1\n").next().unwrap().to_owned() + "exit 1\nexec /start\n",
    ] {
        let rc = parse(edited.as_bytes()).unwrap();
        assert_eq!((rc.labels.len(), rc.is_damaged), (10, false), "{edited}");
    }
}

#[test]
fn another_programs_script_is_never_the_importers() {
    let beside = Beside {
        stub: false,
        environment_and_fstab: true,
    };
    for text in [
        // What BSD, System V and BusyBox systems have there, in short.
        "#!/bin/sh\n#\n# System startup script run by init on autoboot\n# or after single-user.\n\nstty status '^T'\nset -T\n. /etc/rc.subr\nload_rc_config\n",
        "#\t$OpenBSD: rc,v 1.1 deraadt Exp $\n\n# System startup script.\nset +o sh\n[[ -f /etc/rc.local ]] && sh /etc/rc.local\n",
        "#!/sbin/openrc-run\n\ndepend() {\n    need net\n}\n",
        "#!/bin/bash\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\nexit 0\n",
        "#!/bin/sh -e\n#\n# rc.local\n#\n# This script is executed at the end of each multiuser runlevel.\ncd \"/\"\nexit 0\n",
        "#!/bin/sh\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\nif [ $# -gt 0 ]; then\n    exec \"$@\"\nfi\n",
        "# for x in /etc/rc.d\nmount -a\ncd \"/\"\n",
        "::sysinit:/etc/init.d/rcS\n",
        "\0\0\0",
        "",
    ] {
        assert_eq!(parse(text.as_bytes()), None, "{text}");
        assert_eq!(parse_beside(text.as_bytes(), beside), None, "{text}");
    }
    // Somebody replaced the importer's file.
    let stub = Beside {
        stub: true,
        environment_and_fstab: true,
    };
    assert_eq!(parse_beside(b"#!/bin/sh\nexec /start\n", stub), None);
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
