//! What a verified statement makes of an image: official, or in conflict with what it says of itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sqsh_prov::attestation::{Trust, documents};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::provenance::Provenance;
use sqsh_prov::verify::{Expectations, Rules, Verdict, check};
use sqsh_prov::{Attesting, Bindings, Inspector, Look, Options};

use crate::keys::Kind;

const SLSA: &str = "https://slsa.dev/provenance/v1";
const DOCUMENT: &str = "urn:sqsh-prov:document:1";
/// An old import of a real release: its line could be a label, and so proves nothing.
const UNPROVEN: &str = "fixtures/carriers/a-vllm-release.pre42.sqsh";
const RELEASE: &str = "fixtures/classification/01-vllm-release.sqsh";
const DERIVED: &str = "fixtures/classification/11-derived-llm-d.sqsh";
const COMMIT: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";

fn inspector() -> Inspector {
    Inspector::new(Options::default()).unwrap()
}

fn slsa(repository: &str, commit: &str) -> Value {
    json!({"buildDefinition": {"externalParameters": {"workflow": {"repository": repository,
        "ref": "refs/tags/v0.29.0"}}, "resolvedDependencies": [{"uri": format!("git+{repository}@refs/tags/v0.29.0"),
        "digest": {"gitCommit": commit}}]}})
}

/// What the unproven image says of itself.
fn own() -> Value {
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join(UNPROVEN);
    let commit = inspector().inspect(&image).unwrap().origin.commit.unwrap();
    slsa("https://github.com/vllm-project/vllm", &commit.id)
}

/// The answer about an image with a signed statement; `subject` chooses its digest.
fn answer(
    fixture: &str,
    kind: &str,
    predicate: &Value,
    subject: impl Fn(&Bindings) -> Value,
    publishers: &str,
) -> Provenance {
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("m.sqsh");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture), &image).unwrap();
    let found = inspector().bindings(&image, true).unwrap();
    let statement = json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": kind,
        "subject": [{"digest": subject(&found)}], "predicate": predicate});
    let signed = Kind::P256.sign(&statement.to_string(), &"0".repeat(64), 3, "");
    fs::write(directory.path().join("m.sqsh.intoto.json"), signed.text).unwrap();
    let trust = directory.path().join("trust.toml");
    let section = Kind::P256.trust(3, &format!("publishers = {publishers}"));
    fs::write(&trust, format!("schema = 1\n{section}")).unwrap();
    let inspector = inspector().attesting(Attesting {
        trust: Trust::load(&[trust]).unwrap(),
        look: Look::Near,
        ..Attesting::default()
    });
    let document = inspector.inspect(&image).unwrap();
    assert!(
        document.attestations[0].is_verified(),
        "{:?}",
        document.attestations
    );
    document
}

fn file(found: &Bindings) -> Value {
    json!({"sha256": found.file})
}

fn content(found: &Bindings) -> Value {
    json!({"sqshProvContent1": found.content})
}

fn is_attested(document: &Provenance) -> bool {
    document
        .origin
        .reasons
        .iter()
        .any(|reason| reason == "attested")
}

#[test]
fn a_publishers_own_statement_makes_official_what_could_not_be_known() {
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join(UNPROVEN);
    assert_eq!(inspector().inspect(&image).unwrap().origin.official, None);
    let document = answer(UNPROVEN, SLSA, &own(), file, "[\"vllm\"]");
    assert_eq!(document.origin.official, Some(true));
    assert!(is_attested(&document));
    let evidence = document
        .evidence
        .iter()
        .find(|it| it.source.carrier == "attestation");
    assert_eq!(evidence.unwrap().strength, 5);
}

#[test]
fn nobody_makes_official_what_they_may_not_speak_for() {
    for publishers in ["[]", "[\"sglang\"]", "[\"vll\"]", "[\"vllm-project\"]"] {
        let document = answer(UNPROVEN, SLSA, &own(), file, publishers);
        assert_eq!(document.origin.official, None, "{publishers}");
        assert!(!is_attested(&document));
    }
}

#[test]
fn a_list_of_packages_proves_nothing_about_where_an_image_is_from() {
    for kind in [
        "https://spdx.dev/Document",
        "https://cosign.sigstore.dev/attestation/vuln/v1",
    ] {
        let document = answer(UNPROVEN, kind, &json!({}), file, "[\"vllm\"]");
        assert_eq!(document.origin.official, None, "{kind}");
    }
}

#[test]
fn what_is_known_not_to_be_official_stays_so() {
    let document = answer(DERIVED, SLSA, &json!({}), file, "[\"*\"]");
    assert_ne!(document.origin.official, Some(true));
}

#[test]
fn a_statement_over_the_content_proves_nothing_of_what_the_importer_wrote() {
    let document = answer(UNPROVEN, SLSA, &own(), content, "[\"vllm\"]");
    assert_eq!(document.origin.official, None);
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join(UNPROVEN);
    let settings = inspector().bindings(&image, false).unwrap().settings;
    let said = |settings: Value| json!({"origin": {"official": true, "publisher": "vllm"}, "settings": settings});
    let good = said(json!(settings));
    let document = answer(UNPROVEN, DOCUMENT, &good, content, "[\"vllm\"]");
    assert_eq!(document.origin.official, Some(true));
    for bad in [said(json!("sha256:0")), said(json!(null))] {
        let document = answer(UNPROVEN, DOCUMENT, &bad, content, "[\"vllm\"]");
        assert_eq!(document.origin.official, None);
    }
}

#[test]
fn a_statement_whose_settings_differ_satisfies_nobody_who_asks_for_one() {
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join(UNPROVEN);
    let settings = inspector().bindings(&image, false).unwrap().settings;
    let contracts = Contracts::built_in().unwrap();
    let rules = Rules {
        contracts: &contracts,
        mirrors: &[],
    };
    let expectations = Expectations {
        attested: true,
        ..Expectations::default()
    };
    for (stated, reason, code) in [
        (json!(settings), "signed", "attested"),
        (
            json!(null),
            "settings-not-stated",
            "attestation-settings-not-stated",
        ),
        (
            json!("sha256:0"),
            "settings-differ",
            "attestation-settings-differ",
        ),
    ] {
        let said = json!({"settings": stated});
        let document = answer(UNPROVEN, DOCUMENT, &said, content, "[]");
        assert_eq!(document.attestations[0].reason, reason);
        assert_eq!(document.attested_by().is_some(), reason == "signed");
        let outcome = check(&document, &expectations, rules);
        let codes: Vec<&str> = outcome.checks.iter().map(|it| it.code.as_str()).collect();
        assert!(codes.contains(&code), "{codes:?}");
        let verdict = match reason {
            "signed" => Verdict::Holds,
            _ => Verdict::Undecidable,
        };
        assert_eq!(outcome.verdict(), verdict);
    }
    // The digest of the file has them in it.
    let said = json!({"settings": "sha256:0"});
    let document = answer(UNPROVEN, DOCUMENT, &said, file, "[]");
    assert_eq!(document.attestations[0].reason, "signed");
}

#[test]
fn a_document_that_did_not_call_it_official_does_not_make_it_so() {
    for origin in [
        json!({"official": null, "publisher": "vllm"}),
        json!({"official": true}),
    ] {
        let said = json!({"origin": origin});
        let document = answer(UNPROVEN, DOCUMENT, &said, file, "[\"vllm\"]");
        assert_eq!(document.origin.official, None, "{said}");
    }
}

#[test]
fn a_statement_that_contradicts_the_stamp_wins_over_it() {
    let fork = slsa("https://github.com/evil/vllm", COMMIT);
    let other = slsa("https://github.com/vllm-project/vllm", &"1".repeat(40));
    for (said, field) in [
        (fork, "origin.commit.repository"),
        (other, "origin.commit.id"),
    ] {
        let document = answer(RELEASE, SLSA, &said, file, "[\"vllm\"]");
        assert_eq!(document.origin.official, Some(false), "{field}");
        assert!(!document.origin.pull.ok && !is_attested(&document));
        let conflict = document
            .conflicts
            .iter()
            .find(|it| it.code == "attestation-differs");
        assert_eq!(conflict.unwrap().field, field);
    }
}

/// Different spellings of one repository or commit do not contradict. A pattern does not either.
#[test]
fn another_spelling_contradicts_nothing_and_another_repository_does() {
    let full = "98dff2a81d747d1dba01a47f939f48c3526d4206";
    let repository = "https://github.com/vllm-project/vllm";
    for (repository, commit, same) in [
        ("git@github.com:vllm-project/vllm", full, true),
        ("ssh://git@github.com/vllm-project/vllm.git", full, true),
        ("git+https://github.com/vLLM-project/vllm@v1", full, false),
        ("https://user@github.com/vllm-project/vllm", full, true),
        ("https://github.com/*/vllm", full, false),
        ("https://github.com/vllm-project/*", full, false),
        ("https://gitlab.com/vllm-project/vllm", full, false),
        ("unknown", "unknown", true),
        (repository, "98DFF2A81D", true),
        (repository, "98dff2a81-dirty", true),
        (repository, "main", true),
        (repository, "98dff2a82", false),
        (repository, &format!("{full}00"), false),
    ] {
        let said = json!({"origin": {"official": true, "publisher": "vllm",
            "commit": {"id": commit, "repository": repository}}});
        let document = answer(RELEASE, DOCUMENT, &said, file, "[\"vllm\"]");
        let contradicts = document.origin.official == Some(false);
        assert_eq!(!contradicts, same, "{said}: {:?}", document.conflicts);
        assert_eq!(is_attested(&document), same, "{said}");
    }
}

#[test]
fn an_import_counts_from_the_publishers_repository_alone() {
    let said = |reference: Value| {
        json!({"buildDefinition": {"buildType": "urn:sqsh-prov:import:1",
            "externalParameters": {"reference": reference}}})
    };
    let official = |reference: Value| {
        answer(UNPROVEN, SLSA, &said(reference), file, "[\"vllm\"]")
            .origin
            .official
    };
    assert_eq!(
        official(json!("docker.io/vllm/vllm-openai:v0.29.0")),
        Some(true)
    );
    assert_eq!(official(json!("docker://vllm/vllm-openai")), Some(true));
    assert_eq!(official(json!(null)), None);
    assert_ne!(
        official(json!("ghcr.io/evil/vllm-openai:v0.29.0")),
        Some(true)
    );
}

/// A statement that names many files says nothing about other files.
#[test]
fn hostile_documents_are_refused_and_named() {
    let subject = json!({"digest": {"sha256": "0".repeat(64)}});
    let statement = |subjects: Value| {
        json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": SLSA, "subject": subjects})
            .to_string()
    };
    let envelope = |payload: &str, kind: &str, count: usize| {
        use base64::Engine as _;
        let payload = base64::engine::general_purpose::STANDARD.encode(payload);
        json!({"payload": payload, "payloadType": kind, "signatures": vec![json!({"sig": "AA=="}); count]})
            .to_string()
    };
    let good = statement(json!([subject]));
    let deep = "[".repeat(100_000);
    for (text, said) in [
        (
            statement(json!(vec![subject.clone(); 5000])),
            "4,096 subjects",
        ),
        (statement(json!([])), "about nothing"),
        (envelope(&good, "text/plain", 1), "no in-toto statement"),
        (
            envelope(&good, "application/vnd.in-toto+json", 17),
            "16 signatures",
        ),
        (
            envelope(&good, "application/vnd.in-toto+json", 0),
            "no signature",
        ),
        (
            envelope("{}", "application/vnd.in-toto+json", 1),
            "JSON cannot be read",
        ),
        (deep, "nested deeper"),
        (
            json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}).to_string(),
            "neither an envelope",
        ),
        (
            good.replacen("\"subject\"", "\"subject\":[],\"subject\"", 1),
            "is there twice",
        ),
        ("\u{1b}[31m".to_owned(), "JSON cannot be read"),
        (String::new(), "JSON cannot be read"),
    ] {
        let found = documents(text.as_bytes());
        let [Err(reason)] = found.as_slice() else {
            panic!("{said}: {found:?}");
        };
        assert!(
            reason.contains(said)
                || reason.contains("ends in the middle")
                || reason.contains("a value is missing"),
            "{said}: {reason}"
        );
    }
    let lines = format!("{good}\n").repeat(300);
    let found = documents(lines.as_bytes());
    assert_eq!(found.len(), 257);
    assert!(found[256].as_ref().unwrap_err().contains("300 lines"));
}

/// The five commands of docs/guide/attestations.md, with the real ssh-keygen.
#[test]
fn the_guides_commands_work_with_the_real_ssh_keygen() {
    if !crate::forms_support::available(&["ssh-keygen"]) {
        return;
    }
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/attestations.md");
    let guide = fs::read_to_string(guide).unwrap();
    let blocks: Vec<&str> = guide.split("```sh\n").skip(1).take(3).collect();
    let commands: String = blocks
        .iter()
        .map(|it| it.split("```").next().unwrap())
        .collect();
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("vllm+vllm-openai+v0.29.0.sqsh");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(RELEASE), &image).unwrap();
    // Nobody is there to be asked for a passphrase.
    let script = format!(
        "set -eu\n{}",
        commands.replace("ssh-keygen -t", "ssh-keygen -q -N '' -t")
    );
    let program = Path::new(env!("CARGO_BIN_EXE_sqsh-prov")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let run = |script: &str| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .current_dir(&directory)
            .env("PATH", &path);
        shell.output().unwrap()
    };
    let made = run(&script);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let checked = "ssh-keygen -Y verify -f allowed_signers -I importer@hpc.example.org -n sqsh-prov \
        -s vllm+vllm-openai+v0.29.0.sqsh.intoto.json.sig < vllm+vllm-openai+v0.29.0.sqsh.intoto.json";
    assert!(
        run(checked).status.success(),
        "ssh-keygen does not take its own"
    );
    let verify = "sqsh-prov --trust site.toml verify --attested-by importer@hpc.example.org *.sqsh";
    let good = run(verify);
    assert!(
        good.status.success(),
        "{}",
        String::from_utf8_lossy(&good.stdout)
    );
    let edit = "sed -i s/0.29.0/0.28.0/ vllm+vllm-openai+v0.29.0.sqsh.intoto.json";
    assert!(run(edit).status.success());
    assert_eq!(run(verify).status.code(), Some(1));
    assert!(!run(checked).status.success());
}
