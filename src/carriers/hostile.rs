//! Whatever the bytes are, no parser panics, and none makes much out of little.

use proptest::prelude::*;

use super::*;

/// Pieces that the parsers give a meaning to, and noise.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "# ",
        "enroot-provenance: ",
        "mkdir -p \"/a\" 2> /dev/null",
        "cd \"/a\" && unset OLDPWD || exit 1",
        "exec ",
        "\"$@\"",
        "$'\\u",
        "\\x",
        "'",
        "\"",
        "\n",
        "\r",
        " ",
        "  ",
        "=",
        ":",
        "-",
        "- ",
        ".",
        "+g",
        "\\",
        "-----BEGIN X-----",
        "-----END X-----",
        "${ENROOT_ROOTFS}",
        " none x-create=dir,bind,rw,nosuid,nodev",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"k\": 1",
        "[remote \"origin\"]",
        "url = https://a:b@c/d?e=f",
        "ref: refs/heads/x",
        "gitdir: ../x",
        ".dist-info",
        "\u{e9}",
        "\u{1f680}",
        "\x7fELF\x02\x01",
        "export K=\"${K:-\"",
        "%post",
        "from: ",
        "OCI_CMD=",
        "\"config\": ",
        "\"Env\": ",
        "|",
        "#",
        "__commit_id__ = 'x'",
    ]);
    let piece = prop_oneof![
        4 => pieces.prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn parsers_accept_any_bytes(bytes in text()) {
        let lossy = String::from_utf8_lossy(&bytes);
        let lines = bytes.split(|&byte| byte == b'\n').count();
        if let Some(rc) = enroot_rc::parse(&bytes) {
            prop_assert!(rc.labels.len() + rc.spilled_lines.len() <= lines);
            let copies = rc.labels.iter().all(|pair| lossy.contains(&format!("# {} {}", pair.key, pair.value)));
            prop_assert!(copies);
        }
        let environment = environment::parse(&bytes);
        prop_assert!(environment.variables.len() + environment.stray_lines.len() <= lines);
        prop_assert!(fstab::volumes(&bytes).len() <= lines);
        let _ = rc_local::is_edited(&bytes);
        let _ = os_release::parse(&bytes);
        let _ = elf::machine(&bytes);
        let _ = shell_words::split(&lossy);
        let _ = python::split_name(&lossy);
        let _ = python::name_and_version(&bytes);
        let _ = python::direct_url(&bytes);
        let _ = python::local_directory(&lossy);
        let _ = python::commit_of_version(&lossy);
        prop_assert!(python_source::constants(&lossy).count() <= bytes.len());
        let _ = torch_version::parse(&bytes, "/t");
        let _ = git::head(&bytes);
        let _ = git::packed_reference(&bytes, "refs/heads/x");
        let _ = git::git_directory(&bytes);
        let _ = git::origin(&bytes);
        let place = oci_config::Place { carrier: "oci-config", path: "/c" };
        let _ = oci_config::parse(&bytes, place);
        let _ = oci_config::parse_inner(&bytes, place);
        let _ = inspect_output::parse(&bytes, "-");
        let _ = charliecloud::metadata(&bytes);
        prop_assert!(charliecloud::variables(&bytes).len() <= lines);
        let _ = singularity::labels(&bytes, "/l");
        prop_assert!(singularity::environment(&bytes, "/e").len() <= lines);
        prop_assert!(definition_file::parse(&bytes, "/d").all_steps().len() <= lines);
        let _ = singularity::command(&bytes);
        let _ = (system_packages::dpkg(&bytes), system_packages::apk(&bytes));
        let _ = (system_packages::conda(&bytes), system_packages::npm(&bytes));
        for format in [DocumentFormat::Json, DocumentFormat::Yaml] {
            let pairs = document::parse(&bytes, format, "document", "/d").unwrap_or_default();
            prop_assert!(pairs.len() <= bytes.len());
        }
    }

    #[test]
    fn credentials_never_survive(user in "[a-z]{1,8}", secret in "[A-Z0-9]{12}", path in "[a-z/]{0,12}") {
        for url in [
            format!("https://{user}:{secret}@host/{path}"),
            format!("https://{secret}@host/{path}"),
            format!("https://{user}:a/{secret}@host/{path}"),
            format!("https://{user}:a?{secret}@host"),
            format!("https://{user}@{user}:a/{secret}@host/{path}"),
            format!("{user}@https://{user}:{secret}@host/{path}"),
            format!("ssh://git:{secret}@host/{path}"),
            format!("git:{secret}@host:{path}"),
            format!("https://host/{path}?token={secret}"),
            format!("https://host/{path}?{secret}#{secret}"),
        ] {
            let plain = url::without_credentials(&url);
            prop_assert!(!plain.contains(&secret) && plain.contains("host"), "{}", plain);
            prop_assert_eq!(url::without_credentials(&plain), plain);
        }
    }
}
