use super::*;

#[test]
fn what_cannot_be_read_is_lost_and_the_rest_is_read() {
    let damaged = Error::Damaged {
        path: "/etc/passwd".to_owned(),
        reason: "block at 96".to_owned(),
    };
    for (image, code, partial) in [
        (
            imported().link("/etc/environment", "environment"),
            "importer-file-unreadable",
            true,
        ),
        (
            imported().directory("/etc/environment"),
            "importer-file-unreadable",
            true,
        ),
        (
            imported().link("/etc/environment", "/proc/self/environ"),
            "unreadable-file",
            true,
        ),
        (
            imported().file("/etc/environment", vec![b'a'; 2_000_000]),
            "over-limit",
            true,
        ),
        (imported().fifo("/etc/rc"), "importer-file-unreadable", true),
        (imported().fifo("/etc/fstab"), "not-a-regular-file", false),
        (imported().failing("/etc/passwd", damaged), "damaged", true),
        (
            imported().directory("/usr/share/buildinfo/labels.json"),
            "not-a-regular-file",
            false,
        ),
        (
            imported().file("/usr/share/buildinfo/labels.json", "[1"),
            "malformed-document",
            false,
        ),
    ] {
        let facts = facts(&image, &Wanted::default());
        let losses: Vec<_> = facts
            .losses
            .iter()
            .map(|loss| (loss.code, loss.partial))
            .collect();
        assert!(
            losses.contains(&(code, partial)),
            "{code}: {:?}",
            facts.losses
        );
        assert_eq!(facts.os_release.len(), 2);
    }
}

#[test]
fn one_flipped_bit_of_the_importers_files_loses_nothing_in_silence() {
    const STUB: &[u8] = b"# This file is sourced by /etc/rc when the container starts.\n\
        # It can be used to manipulate the entrypoint or the command of the container.\n";
    let old_rc: &[u8] = include_bytes!("../../testdata/h-oci-labels.enroot-1.0.0.rc");
    let forged_rc: &[u8] = include_bytes!("../../testdata/i2-forged.enroot-4.1.1.rc");
    let forged: &[u8] = include_bytes!("../../testdata/i2-forged.enroot-4.1.1.environment");
    let plain: &[u8] = b"PATH=/usr/bin:/bin\nVLLM_BUILD_COMMIT=abc\nVLLM_IMAGE_TAG=a/b:c\n";
    for (rc, environment) in [
        (RELEASE_RC, plain),
        (old_rc, NASTY_ENVIRONMENT),
        (forged_rc, forged),
    ] {
        let files = [
            ("/etc/rc", rc),
            ("/etc/environment", environment),
            ("/etc/fstab", b"".as_slice()),
            ("/etc/rc.local", STUB),
        ];
        let read = |files: &[(&str, Vec<u8>)]| {
            let put = |image: Memory, (path, bytes): &(&str, Vec<u8>)| image.file(path, bytes);
            let image = files.iter().fold(Memory::new(), put);
            collect(&image, &Wanted::default(), &Limits::default())
        };
        let files = files.map(|(path, bytes)| (path, bytes.to_vec()));
        let intact = read(&files);
        assert_eq!(intact.losses, []);
        for (file, (path, bytes)) in files.iter().enumerate() {
            // In each byte another bit or two.
            for place in (0..bytes.len() * 8).step_by(5) {
                let mut files = files.clone();
                files[file].1[place / 8] ^= 1 << (place % 8);
                let facts = read(&files);
                let place = format!("bit {} of byte {} of {path}", place % 8, place / 8);
                let import = facts.import.as_ref().expect(&place);
                let whole = intact.import.as_ref().unwrap();
                let is_said = !facts.losses.is_empty()
                    || import.spilled_lines != whole.spilled_lines
                    || facts.stray_environment_lines != intact.stray_environment_lines;
                // The line that is damaged may be lost, or be one with the next.
                let lost = usize::from(is_said) + 1;
                let (labels, variables) = (facts.labels.len(), facts.environment.len());
                assert!(
                    labels + lost >= intact.labels.len(),
                    "{place}: {labels} labels"
                );
                let least = intact.environment.len();
                assert!(variables + lost >= least, "{place}: {variables} variables");
            }
        }
    }
}

#[test]
fn a_loss_is_noted_once() {
    let image = imported()
        .link("/etc/environment", "environment")
        .link("/etc/rc", "rc");
    let facts = facts(&image, &Wanted::default());
    assert_eq!(facts.losses.len(), 2, "{:?}", facts.losses);
    assert!(facts.losses.iter().all(|loss| loss.partial));
}
