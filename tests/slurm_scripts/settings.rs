//! The settings of the Slurm scripts: what each word means, and what a slip of the pen does.

use super::*;

/// A site with these settings has its Prolog look at a job; returns its log and what it called.
fn refused(settings: &str, job: &[(&str, &str)]) -> (String, String) {
    let site = Site::new(PROGRAM);
    fs::write(
        site.path("sqsh-prov.conf"),
        site.text("sqsh-prov.conf") + settings,
    )
    .unwrap();
    site.run("prolog-refuse.sh", job);
    (site.text("log"), site.text("calls"))
}

#[test]
fn a_strict_site_refuses_a_named_container_whatever_image_is_named_beside_it() {
    let good = image("01-vllm-release.sqsh");
    for job in [
        &[(PYXIS, good.as_str()), (CONTAINER, "mine")][..],
        &[(CONTAINER, "mine")],
    ] {
        let (log, calls) = refused("SQSH_PROV_STRICT=1\n", job);
        assert!(calls.contains("scancel 7"), "{log}");
        assert!(log.contains("leave out --container-name"), "{log}");
        assert_eq!(refused("", job).1, "");
    }
}

#[test]
fn a_setting_has_one_meaning_and_a_slip_of_the_pen_never_opens_the_gate_or_ends_the_script() {
    let job = [(PYXIS, "/no/such.sqsh")];
    for (word, strict, wrong) in [
        ("1", true, false),
        ("true", true, false),
        ("yes", true, false),
        ("on", true, false),
        ("TRUE", true, false),
        ("0", false, false),
        ("off", false, false),
        ("FALSE", false, false),
        ("No", false, false),
        ("''", false, false),
        ("ture", true, true),
    ] {
        let (log, calls) = refused(&format!("SQSH_PROV_STRICT={word}\n"), &job);
        assert_eq!(calls.contains("scancel 7"), strict, "{word}: {log}");
        assert_eq!(
            log.contains("THE SETTINGS ARE WRONG"),
            wrong,
            "{word}: {log}"
        );
    }
    for (time, wrong) in [("2.5", false), ("5s", false), ("08", true), ("soon", true)] {
        let (log, _) = refused(&format!("SQSH_PROV_TIMEOUT={time}\n"), &job);
        assert!(log.contains("no such file"), "{time}: {log}");
        assert_eq!(
            log.contains("THE SETTINGS ARE WRONG"),
            wrong,
            "{time}: {log}"
        );
    }
    let good = [(PYXIS, image("01-vllm-release.sqsh"))];
    let good = good.each_ref().map(|(name, value)| (*name, value.as_str()));
    for (strict, denied) in [("0", false), ("1", true)] {
        let settings = format!("SQSH_PROV_EXPECT=--offical\nSQSH_PROV_STRICT={strict}\n");
        let (log, calls) = refused(&settings, &good);
        assert_eq!(calls.contains("scancel 7"), denied, "{log}");
        assert!(log.contains("THE SETTINGS ARE WRONG"), "{log}");
    }
}

#[test]
fn a_setting_that_does_not_exist_never_opens_the_gate_in_silence() {
    let job = [(PYXIS, "/no/such.sqsh")];
    for (settings, denied) in [
        ("SQSH_PROV_STRIKT=1", true),
        ("export SQSH_PROV_STRICKT=1", true),
        ("SQHS_PROV_STRICT=1", true),
        ("sqsh_prov_strict=1", true),
        ("SQSH_PROV_EXPCT='--policy official-only'", true),
        // The site says that it is not strict.
        ("SQSH_PROV_LOGALL=1\nSQSH_PROV_STRICT=no", false),
    ] {
        let (log, calls) = refused(&format!("{settings}\n"), &job);
        assert_eq!(calls.contains("scancel 7"), denied, "{settings}: {log}");
        let said = log.contains("THE SETTINGS ARE WRONG") && log.contains("there is no setting");
        assert!(said, "{settings}: {log}");
    }
    // A site's own variables are its own.
    for settings in [
        "MIRROR=a.example",
        "SQSH_MIRROR=a.example",
        "# SQSH_PROV_STRIKT=1",
    ] {
        let (log, calls) = refused(&format!("{settings}\n"), &job);
        assert_eq!(calls, "", "{settings}");
        assert!(!log.contains("THE SETTINGS"), "{settings}: {log}");
    }
}

#[test]
fn a_full_or_wrong_directory_for_temporary_files_lets_no_denied_job_run() {
    let derived = image("11-derived-llm-d.sqsh");
    let site = Site::new(PROGRAM);
    site.run(
        "prolog-refuse.sh",
        &[(PYXIS, &derived), ("TMPDIR", "/no/such")],
    );
    assert!(site.text("log").contains("derived"), "{}", site.text("log"));
    assert!(site.text("calls").contains("scancel 7"));
    // A file system without room: each byte that is written is an error.
    let site = Site::new(PROGRAM);
    let full = "at=$(/usr/bin/mktemp \"$@\") || exit 1\nln -s /dev/full \"$at/out\"\nln -s /dev/full \"$at/err\"\necho \"$at\"";
    site.program("bin/mktemp", full);
    site.run("prolog-refuse.sh", &[(PYXIS, &derived)]);
    let log = site.text("log");
    assert!(log.contains("denied: exit code 1"), "{log}");
    assert!(site.text("calls").contains("scancel 7"), "{log}");
}

#[test]
fn a_settings_file_that_is_no_sh_ends_no_script_and_is_said() {
    let good = image("01-vllm-release.sqsh");
    let job = [(PYXIS, good.as_str())];
    for slip in [
        "SQSH_PROV_EXPECT='--official",
        "SQSH_PROV_EXPECT=--policy official-only",
        "SQSH_PROV_EXPECT=--policy true",
        "X=${there_is_none:?}",
        "exit 3",
    ] {
        let (log, calls) = refused(&format!("{slip}\n"), &job);
        assert!(
            log.contains("THE SETTINGS ARE WRONG, nothing is checked"),
            "{slip}: {log}"
        );
        assert_eq!(calls, "", "{slip}");
        let (log, calls) = refused(&format!("SQSH_PROV_STRICT=yes\n{slip}\n"), &job);
        assert!(calls.contains("scancel 7"), "{slip}: {log}");
    }
    for fine in [
        "SQSH_PROV_EXPECT='--policy official-only' # ours",
        "SQSH_PROV_LOG_ALL= # nothing",
        "false",
    ] {
        let (log, _) = refused(&format!("{fine}\n"), &job);
        assert!(log.contains("accepted"), "{fine}: {log}");
    }
}

#[test]
fn a_prolog_without_the_files_beside_it_does_not_drain_the_node() {
    for script in ["prolog-log.sh", "prolog-refuse.sh", "prologslurmctld.sh"] {
        let site = Site::new(PROGRAM);
        let run = |directory: &Path| {
            let mut sh = Command::new("/bin/sh");
            sh.env_clear()
                .arg(script)
                .current_dir(directory)
                .output()
                .unwrap()
                .status
        };
        // From its own directory, without a slash in its name.
        assert!(run(site.0.path()).success(), "{script}");
        fs::remove_file(site.path("common.sh")).unwrap();
        assert!(run(site.0.path()).success(), "{script}");
        site.run(script, &[]);
    }
}

#[test]
fn a_program_that_is_missing_fails_or_hangs_stops_nothing() {
    let site = Site::new("/no/such/program");
    site.run("prolog-refuse.sh", &[(PYXIS, "/images/model.sqsh")]);
    assert!(
        site.text("log")
            .contains("THE SETTINGS ARE WRONG, nothing is checked and the job runs: SQSH_PROV=/no/such/program cannot be run")
    );
    for (body, said) in [
        (
            "exit 64",
            "THE SETTINGS ARE WRONG, nothing is checked and the job runs",
        ),
        ("kill -9 $$", "did not run"),
        ("exec sleep 60", "no answer in time"),
    ] {
        let site = Site::new("/replaced");
        let program = site.program("program", body);
        let settings = site.text("sqsh-prov.conf").replace("/replaced", &program);
        fs::write(site.path("sqsh-prov.conf"), settings).unwrap();
        site.run("prolog-refuse.sh", &[(PYXIS, "/images/model.sqsh")]);
        assert!(
            site.text("log").contains(said),
            "{body}: {}",
            site.text("log")
        );
        assert_eq!(site.text("calls"), "", "{body}");
    }
}
