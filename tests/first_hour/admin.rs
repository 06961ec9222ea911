//! What an administrator sets up must work as it says, or be refused.

use super::*;

fn fixture(name: &str) -> String {
    format!("fixtures/classification/{name}.sqsh")
}

#[test]
fn a_mirror_of_one_repository_counts_for_that_repository() {
    let image = fixture("13d-control-pristine-mirror");
    let (_, plain, _) = run(&["show", "--format", "json", &image]);
    let document: serde_json::Value = serde_json::from_str(&plain).unwrap();
    let imported = document["origin"]["imported"]["reference"]
        .as_str()
        .unwrap();
    let (from, _) = imported.rsplit_once(':').unwrap();
    let from = from.split('@').next().unwrap();
    let public = document["origin"]["public_reference"].as_str();
    let to = public.unwrap_or("docker.io/vllm/vllm-openai:x");
    let (to, _) = to.rsplit_once(':').unwrap();
    let conflicts = |mirror: &str| {
        let (_, json, _) = run(&["show", "--format", "json", "--mirror", mirror, &image]);
        json.contains("\"unmapped-mirror\"")
    };
    assert!(conflicts("elsewhere.example=docker.io"));
    assert!(!conflicts(&format!("{from}={to}")));
    assert!(!conflicts(&format!("{}={to}", from.to_uppercase())));
}

#[test]
fn a_mirror_that_nothing_can_match_is_refused() {
    for (mirror, why) in [
        ("https://harbor.example=docker.io", "://"),
        ("harbor.example=https://docker.io", "://"),
        ("harbor.example#x=docker.io", "in place of #"),
        ("harbor.example = docker.io", "spaces"),
        ("harbor.example/a:v1=docker.io/a", "tag"),
    ] {
        let (code, _, error) = run(&["show", "--mirror", mirror, RELEASE]);
        assert_eq!(code, 64, "{mirror}");
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_policy_that_could_never_hold_says_so_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("site.toml");
    for (rules, why) in [
        (
            "[registries]\nallow = [\"https://docker.io\"]",
            "line 4: registries",
        ),
        (
            "[registries]\nallow = [\"docker.io/vllm\"]",
            "[repositories]",
        ),
        ("[[whole]]", "line 3: write [whole]"),
        ("[age]\nmax-days = -1", "0 or more"),
    ] {
        fs::write(&path, format!("schema = 1\nname = \"site\"\n{rules}\n")).unwrap();
        let (code, _, error) = run(&["verify", "--policy", path.to_str().unwrap(), RELEASE]);
        assert_eq!(code, 64, "{error}");
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn an_index_that_knows_no_image_never_replaces_one() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::create_dir(at.join("images")).unwrap();
    fs::copy(release(), at.join("images/a.sqsh")).unwrap();
    fs::write(at.join("good.idx"), "before").unwrap();
    let (code, _, error) = run_in(at, &["known", "build", "images", "-o", "good.idx"]);
    assert_eq!(code, 64, "{error}");
    assert!(error.contains("--fingerprint"), "{error}");
    assert_eq!(fs::read_to_string(at.join("good.idx")).unwrap(), "before");
    let (code, _, error) = run_in(at, &["known", "build", "images/a.sqsh", "-o", "good.idx"]);
    assert_eq!(code, 64);
    assert!(error.contains("no line of a report"), "{error}");
    fs::write(at.join("a.csv"), "path,size\n").unwrap();
    let (_, _, error) = run_in(at, &["merge", "a.csv"]);
    assert!(error.contains("--format ndjson"), "{error}");
}

#[test]
fn what_a_contract_demands_and_what_check_says_agree() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let contract = |stamp: &str, entrypoints: &str, official: bool| {
        let text = format!(
            "schema = 1\nid = \"acme\"\nname = \"Acme\"\n\n[[stamp]]\nfield = \"commit\"\n{stamp}\n\n\
             [[line]]\nproduct = \"Acme\"\nrepositories = [\"r.acme.example/a/b\"]\n{entrypoints}\n\n\
             [[tag]]\npattern = '^\\d+$'\nkind = \"release\"\n\n\
             [[example]]\nreference = \"r.acme.example/a/b:1\"\nkind = \"release\"\nofficial = {official}\n"
        );
        fs::write(at.join("acme.toml"), text).unwrap();
        let (code, answer, error) = run_in(at, &["contracts", "check", "acme.toml"]);
        (code, answer + &error)
    };
    let variable = "environment = [\"ACME_COMMIT\"]";
    let label = "label = [\"example.acme.commit\"]";
    let serve = "entrypoints = [[\"acme\"]]";
    assert_eq!(contract(variable, serve, true).0, 0);
    // Without entrypoints no image is official, and an example says what repository and tag alone allow.
    let (code, said) = contract(variable, "", true);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("repository and tag alone allow"), "{said}");
    // With labels alone nothing shows where the publisher's variables end.
    let (_, said) = contract(label, serve, true);
    assert!(said.contains("PATH among them"), "{said}");
    let tail = format!("{serve}\ntail = [\"PATH\"]");
    assert!(!contract(label, &tail, true).1.contains("PATH among them"));
}

#[test]
fn a_directory_of_contracts_without_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::copy(release(), at.join("a.sqsh")).unwrap();
    for name in [None, Some("metax.TOML")] {
        if let Some(name) = name {
            fs::write(at.join(name), "schema = 1\n").unwrap();
        }
        let (code, _, error) = run_in(at, &["show", "--contracts", ".", "a.sqsh"]);
        assert_eq!(code, 64, "{error}");
        assert!(error.contains("ends in .toml"), "{error}");
    }
}

#[test]
fn a_slip_is_answered_with_what_is_meant() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::copy(release(), at.join("a.sqsh")).unwrap();
    let key = "a@example.org namespaces=\"x\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA\n";
    fs::write(at.join("allowed_signers"), key).unwrap();
    for (arguments, said) in [
        (&["known", "list"][..], "known build"),
        (&["history", "reports"], "write 'sqsh-prov audit history'"),
        (
            &["show", "--trust", "allowed_signers", "a.sqsh"],
            "[[allowed-signers]]",
        ),
        (&["audit", ".", "--attested", "digest"], "--attested=digest"),
        (
            &["audit", ".", "--columns", "path,attested"],
            "empty without --attested",
        ),
        (
            &["audit", ".", "--columns", "path,same_as"],
            "empty without --lineage",
        ),
        (&["audit", ".", "-o", "-"], "without --output"),
        (&["merge", "-"], "must be a file"),
    ] {
        let (_, _, error) = run_in(at, arguments);
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    assert!(!at.join("-").exists());
}
