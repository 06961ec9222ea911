//! Each parser of what tools leave in an image.
#![no_main]

mod tree;

use libfuzzer_sys::fuzz_target;
use sqsh_prov::carriers::{
    DocumentFormat, charliecloud, document, elf, enroot_rc, environment, fstab, git, git_index,
    inspect_output, oci_config, os_release, python, python_source, rc_local, record, rpm, shell_words,
    singularity, system_packages, torch_version, url,
};

fuzz_target!(|data: &[u8]| {
    // The first byte chooses the parser: each has its own corpus.
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let place = oci_config::Place {
        carrier: "oci-config",
        path: "/c",
    };
    match which % 27 {
        0 => drop(enroot_rc::parse(bytes).map(|rc| rc.import())),
        1 => drop(environment::parse(bytes)),
        2 => drop(fstab::volumes(bytes)),
        3 => drop(rc_local::is_edited(bytes)),
        4 => drop(os_release::parse(bytes)),
        5 => drop(elf::machine(bytes)),
        6 => drop(shell_words::split(&text)),
        7 => {
            let _ = python::split_name(&text);
            let _ = (
                python::commit_of_version(&text),
                python::is_dirty(&text),
                python::normalise(&text),
            );
        }
        8 => drop(python::name_and_version(bytes)),
        9 => drop(python::direct_url(bytes)),
        10 => drop(python::local_directory(&text)),
        11 => drop(python_source::constants(&text).count()),
        12 => drop(torch_version::parse(bytes, "/t")),
        13 => {
            let _ = (
                git::head(bytes),
                git::git_directory(bytes),
                git::common_directory(bytes),
            );
            let _ = (
                git::origin(bytes),
                git::packed_reference(bytes, "refs/heads/main"),
            );
            drop(git_index::parse(bytes));
        }
        14 => drop(oci_config::parse(bytes, place)),
        15 => drop(oci_config::parse_inner(bytes, place)),
        16 => drop(inspect_output::parse(bytes, "-")),
        17 => drop(charliecloud::metadata(bytes)),
        18 => drop(charliecloud::variables(bytes)),
        19 => drop(
            singularity::labels(bytes, "/l")
                .map(|labels| singularity::pulled(&labels.packer).is_some()),
        ),
        20 => {
            let _ = (
                singularity::environment(bytes, "/e"),
                singularity::definition(bytes, "/d"),
            );
            let _ = singularity::command(bytes);
        }
        21 => {
            let plain = url::without_credentials(&text);
            assert_eq!(url::without_credentials(&plain), plain);
        }
        22 => drop(record::parse(bytes, 500_000)),
        23 => {
            let (packages, _) = rpm::packages(bytes);
            assert!(packages.len() <= bytes.len());
        }
        24 => tree::compare(bytes),
        25 => {
            let _ = (system_packages::dpkg(bytes), system_packages::apk(bytes));
            let _ = (system_packages::conda(bytes), system_packages::npm(bytes));
        }
        _ => {
            for format in [DocumentFormat::Json, DocumentFormat::Yaml] {
                if let Ok(pairs) = document::parse(bytes, format, "document", "/d") {
                    assert!(pairs.len() <= bytes.len());
                }
            }
        }
    }
});
