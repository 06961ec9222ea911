//! What is said of what cannot be used: in plain words, once, and with the name that was meant.

use super::*;

/// Words of a parser, of the standard library and of the system that mean nothing to a reader.
const FOREIGN: [&str; 9] = [
    "invalid type",
    "unknown field",
    "unknown variant",
    "missing field",
    "EOF while",
    "No such file or directory",
    "No space left",
    "os error",
    "u32",
];

#[test]
fn an_error_has_no_word_of_a_parser_or_the_system_and_is_said_once() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    let policy = "schema = 1\nname = \"p\"\n";
    write("type.toml", &format!("{policy}[age]\nmax-days = \"3\"\n"));
    write(
        "key.toml",
        &format!("{policy}[official]\nseverty = \"error\"\n"),
    );
    write(
        "word.toml",
        &format!("{policy}[official]\nseverity = \"eror\"\n"),
    );
    write("none.toml", "schema = 1\n");
    write("half.json", "{\"a\": \n");
    write(
        "twice.yaml",
        "model: {container: a}\nmodel: {container: ./no.sqsh}\n",
    );
    let image = release();
    let image = image.to_str().unwrap();
    for (arguments, said) in [
        (
            &["verify", "--policy", "type.toml", image][..],
            "it must be a whole number",
        ),
        (
            &["verify", "--policy", "key.toml", image],
            "the closest known name is 'severity'",
        ),
        (
            &["verify", "--policy", "word.toml", image],
            "the closest known name is 'error'",
        ),
        (
            &["verify", "--policy", "none.toml", image],
            "the key 'name' is missing",
        ),
        (
            &["verify", "--policy", "publishabel", image],
            "the closest known name is 'publishable'",
        ),
        (&["verify", "--recipe", "no.yaml"], "there is no such file"),
        (
            &["verify", "--recipe", "twice.yaml"],
            "the key 'model' is given twice; the last counts",
        ),
        (&["audit", "--files-from", "no"], "there is no such file"),
        (&["audit", "--passwd", "no", image], "there is no such file"),
        (
            &["audit", "--output", "no/x.csv", image],
            "there is no such file or directory",
        ),
        (
            &["audit", "--output", "/dev/full", "--format", "csv", image],
            "the disk is full",
        ),
        (
            &["audit", "history", "no"],
            "there is no such file or directory",
        ),
        (&["merge", "half.json"], "it ends in the middle"),
        (&["show", "--known", "no", image], "there is no such file"),
        (&["show", "--trust", "no", image], "there is no such file"),
    ] {
        let (code, _, error) = run_in(directory.path(), arguments);
        assert_ne!(code, 0, "{arguments:?}: {error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
        let foreign = FOREIGN.iter().find(|word| error.contains(**word));
        assert_eq!(foreign, None, "{arguments:?}: {error}");
        let twice = error.matches("there is no such file").count();
        assert!(twice <= 1, "{arguments:?}: {error}");
    }
}

#[test]
fn a_publisher_that_nearly_is_a_known_one_is_told_with_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let policy = "schema = 1\nname = \"p\"\n[publishers]\nallow = [\"vlm\"]\nseverity = \"info\"\n";
    fs::write(directory.path().join("p.toml"), policy).unwrap();
    let image = release();
    let image = image.to_str().unwrap();
    for arguments in [
        &["verify", "--publisher", "vlm", image][..],
        &["verify", "--policy", "p.toml", image],
        &["audit", "--where", "publisher=vlm", image],
        &["audit", "--policy", "p.toml", image],
    ] {
        let (_, _, error) = run_in(directory.path(), arguments);
        let said = "no contract has the id 'vlm'; the closest known name is 'vllm'";
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    let at = "policy p: line 4: publishers: no contract has the id 'vlm'";
    for command in ["verify", "audit"] {
        let (_, _, error) = run_in(directory.path(), &[command, "--policy", "p.toml", image]);
        assert!(error.contains(at), "{command}: {error}");
    }
    let (_, _, error) = run(&["verify", "--publisher", "nvidia", image]);
    let said = "no contract has the id 'nvidia'; the contracts of 'nvidia' are: nemo-rl, ngc, tensorrt-llm";
    assert!(error.contains(said), "{error}");
    // An owner without a contract is no slip of the pen.
    let (_, _, error) = run(&["verify", "--publisher", "acme", image]);
    assert!(!error.contains("no contract"), "{error}");
}

#[test]
fn what_will_surprise_is_said_before_it_does() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("empty")).unwrap();
    let image = release();
    let image = image.to_str().unwrap();
    for (arguments, said) in [
        (
            &["audit", "--output", "x.xlsx", image][..],
            ".html, .csv, .json",
        ),
        (
            &["audit", "--where", "kind=release,nightly", image],
            "repeat --where kind=VALUE",
        ),
        (
            &["audit", "--where", "recognised=no", image],
            "there are no known images",
        ),
        (&["audit", "--shard", "1/2", image], "the same --now"),
        (
            &["known", "build", "empty", "-o", "k.idx"],
            "no record of an image was found",
        ),
    ] {
        let (_, _, error) = run_in(directory.path(), arguments);
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
    let (_, _, error) = run_in(directory.path(), &["audit", "--output", "x.txt", image]);
    assert_eq!(error, "");
    let unread = directory.path().join("bad.sqsh");
    fs::write(&unread, [0; 200]).unwrap();
    let all = [".", "--where", "kind=release"];
    let (code, _, error) = run_in(directory.path(), &[&["audit"][..], &all].concat());
    assert!(code != 2 || error.contains("the exit code is 2"), "{error}");
}

#[test]
fn a_field_has_as_many_lines_of_each_image_also_of_one_that_cannot_be_read() {
    let fields = [
        "show",
        "--field",
        "origin.kind",
        "--field",
        "origin.publisher",
    ];
    let (code, text, _) = run(&[&fields[..], &[RELEASE, "/no/such.sqsh", RELEASE]].concat());
    assert_eq!(code, 2);
    assert_eq!(text, "release\nvllm\n\n\nrelease\nvllm\n");
}

#[test]
fn images_that_do_not_differ_are_said_to_be_compared_in_what_they_are() {
    let (code, text, _) = run(&["diff", RELEASE, RELEASE]);
    assert_eq!(code, 0);
    assert!(
        text.contains("No difference in: ") && text.contains("environment"),
        "{text}"
    );
    assert!(
        text.contains("The content of files is not compared"),
        "{text}"
    );
}

#[test]
fn a_contract_of_ones_own_never_makes_the_answer_worse() {
    let directory = tempfile::tempdir().unwrap();
    let contract = "schema = 1\nid = \"bf\"\nname = \"BF vLLM\"\n\
        source = [\"https://github.com/blackfuel-ai/bf-vllm\"]\nwraps = [\"vllm\", \"ubuntu\"]\n\
        package = \"vllm\"\n[[line]]\nproduct = \"BF vLLM ROCm\"\n\
        repositories = [\"ghcr.io/blackfuel-ai/bf-vllm/vllm-openai-rocm\"]\n\
        [[tag]]\npattern = '^[0-9][0-9.]*_bf\\.[0-9.]+$'\nkind = \"release\"\n";
    let file = directory.path().join("bf.toml");
    fs::write(&file, contract).unwrap();
    let image = "fixtures/classification/17-bf-vllm-fork.sqsh";
    let own = ["--contracts", directory.path().to_str().unwrap(), image];
    let fields = [
        "show",
        "--field",
        "origin.commit.id",
        "--field",
        "lineage[0].version",
    ];
    let (_, without, _) = run(&[&fields[..], &[image]].concat());
    let (_, with, _) = run(&[&fields[..], &own].concat());
    assert_eq!(with, without);
    assert_eq!(with, "eb901734cbccf108716ec1f01e122ee67014fbf8\n0.20.2\n");
    let (_, said, _) = run(&[&["verify", "--official"][..], &own].concat());
    assert!(!said.contains("nothing contradicts"), "{said}");
    let (code, said, notes) = run(&["contracts", "check", file.to_str().unwrap()]);
    assert_eq!((code, said.as_str()), (0, "bf: sound\n"));
    assert!(
        notes.contains("no [[example]]") && notes.contains("no entrypoints"),
        "{notes}"
    );
}
