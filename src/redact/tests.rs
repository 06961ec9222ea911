use std::borrow::Cow;

use rustix::time::{ClockId, clock_gettime};

use super::masking::mask;
use super::*;
use crate::provenance::{Evidence, Source, Status, Warning};
use crate::report::samples;

#[test]
fn secrets_in_texts() {
    for (raw, masked) in [
        ("hf_abcdefghijklmnopqrstuvwxyz0123456789", "***"),
        ("x=ghp_0123456789abcdefghij0123456789abcdef y", "x=*** y"),
        ("github_pat_11ABCDEFG0_abcdefghijklmnop", "***"),
        ("glpat-abcdEFGH1234_5678-90", "***"),
        ("AKIAIOSFODNN7EXAMPLE", "***"),
        ("key AKIAIOSFODNN7EXAMPLE.", "key ***."),
        ("xoxb-123456789012-abcdef", "***"),
        ("sk-proj-abcdefghijkl0123456789", "***"),
        ("nvapi-abcdefghijklmnopqrst", "***"),
        ("AIzaSyA0123456789abcdefghijklmnopqrstuv", "***"),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
            "***",
        ),
        (
            "Authorization: Bearer abcdefgh12345678",
            "Authorization: Bearer ***",
        ),
        (
            "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- z",
            "a *** z",
        ),
        ("-----BEGIN", "***"),
        ("https://user:pw@host/x", "https://***@host/x"),
        (
            "git+https://oauth2:tok@gitlab.com/a/b.git@v1",
            "git+https://***@gitlab.com/a/b.git@v1",
        ),
        ("postgres://u:p/w#d@db:5432/x", "postgres://***@db:5432/x"),
        (
            "docker://$oauthtoken@nvcr.io#nvidia/x:1",
            "docker://***@nvcr.io#nvidia/x:1",
        ),
        (
            "https://h/p?token=x&y=z#top",
            "https://h/p?token=***&y=***#top",
        ),
        ("?token=x&y=z", "?token=***&y=***"),
        ("see https://h/?a=b, then", "see https://h/?a=***, then"),
        ("https://u:p@h/?t=é", "https://***@h/?t=***"),
        (
            "login --password hunter2 --user x",
            "login --password *** --user x",
        ),
        ("login --token=abc -v", "login --token=*** -v"),
        ("export HF_TOK=abc; run", "export HF_TOK=***; run"),
        (
            "sh -c 'export HF_TOKEN=abc; run'",
            "sh -c 'export HF_TOKEN=***; run'",
        ),
        ("PASSWORD=\"a b\" run", "PASSWORD=\"***\" run"),
        ("curl -u me:pw https://h/", "curl -u me:*** https://h/"),
        ("curl --user='me:p w' x", "curl --user='me:***' x"),
        (
            "machine h login me password pw x",
            "machine h login me password *** x",
        ),
        (
            "curl -H 'PRIVATE-TOKEN: pw' x",
            "curl -H 'PRIVATE-TOKEN: ***' x",
        ),
        ("X-Api-Key: pw", "X-Api-Key: ***"),
        (
            "aws_secret_access_key = pw\nx = y",
            "aws_secret_access_key = ***\nx = y",
        ),
        (
            "authorization: basic bWU6cHdwdw==",
            "authorization: basic ***",
        ),
        (
            r#"{"auth": "dXNlcjpwdw==", "n": 1}"#,
            r#"{"auth": "***", "n": 1}"#,
        ),
    ] {
        assert_eq!(text(raw), masked);
    }
}

#[test]
fn a_secret_behind_a_letter_of_two_bytes_is_masked() {
    let token = format!("123456789:A{}", "b".repeat(34));
    assert_eq!(text(&format!("\u{df}aaaaaaa{token}")), "\u{df}aaaaaaa***");
    // The letter stands as far before `@` as a password may be long.
    let before = format!("\u{df}{} ", "a".repeat(113));
    assert_eq!(
        text(&format!("{before}user:hunter22@db.example.com")),
        format!("{before}***@db.example.com")
    );
}

#[test]
fn texts_without_secrets_stay() {
    for raw in [
        "",
        "98dff2a81d747d1dba01a47f939f48c3526d4206",
        "sha256:46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3",
        "docker://ubuntu@sha256:46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3",
        "docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0",
        "docker.io/vllm/vllm-openai:nightly-98dff2a81d747d1dba01a47f939f48c3526d4206",
        "https://buildkite.com/vllm/release-v2/builds/6292",
        "https://github.com/vllm-project/vllm",
        "https://host:8443/a@b",
        "ssh://git@github.com/a/b.git",
        "NVIDIA CORPORATION <cudatools@nvidia.com>",
        "hf_transfer hf_hub_download",
        "disk-throughput-benchmark-0123456789",
        "sk-learn-contrib-estimators",
        "docker run -u 1000:1000 x",
        "su -u root: x",
        "the password is not there",
        "/etc/x/auth.json: no such file",
        "--tokenizer mistral --max-num-batched-tokens 8192",
        "vllm serve --model x",
        "RUN python -c 'tok = AutoTokenizer.from_pretrained(x)'",
        "what? nothing=here",
        r#"{"buildpacks":[{"key":"paketo-buildpacks/cpython"}]}"#,
        "cuda>=13.0 brand=unknown,driver>=535,driver<536",
    ] {
        assert!(
            matches!(text(raw), Cow::Borrowed(same) if same == raw),
            "{raw} became {}",
            text(raw)
        );
    }
}

#[test]
fn named_values() {
    for name in ["SSHPASS", "DB_PW", "HF_TOK", "PRIVKEY", "CONSUMERKEY"] {
        assert_eq!(value(name, "abc"), MASK, "{name}");
    }
    for name in ["PWD", "OLDPWD", "SSH_ASKPASS"] {
        assert_eq!(value(name, "/a/b"), "/a/b");
    }
    assert_eq!(value("HF_TOKEN", "abc"), MASK);
    assert_eq!(value("http_proxy", "user:pw@proxy:3128"), "***@proxy:3128");
    assert_eq!(
        value("HTTPS_PROXY", "http://user:pw@proxy:3128"),
        "http://***@proxy:3128"
    );
    assert_eq!(
        value("org.opencontainers.image.authors", "Ada <ada@example.org>"),
        "Ada <ada@example.org>"
    );
}

#[test]
fn every_place_of_the_document() {
    let secret = "s3cr3t-value-41";
    let mut document = samples::release();
    let commit = document.origin.commit.clone();
    let labels = document.labels.clone();
    document
        .environment
        .insert("MY_API_KEY".into(), secret.into());
    document
        .environment
        .insert("COPY".into(), format!("is {secret}"));
    document
        .labels
        .insert("org.example.db-password".into(), "hunter2".into());
    document
        .file
        .xattrs
        .insert("user.token".into(), "abc".into());
    document.evidence.push(Evidence {
        field: "environment.MY_API_KEY".into(),
        value: secret.into(),
        source: Source {
            carrier: "environment".into(),
            key: Some("MY_API_KEY".into()),
            ..Source::default()
        },
        contract: None,
        strength: 3,
        status: Status::Alone,
    });
    document.warnings.push(Warning {
        code: "x".into(),
        message: format!("MY_API_KEY is {secret} and other"),
    });
    document.runtime.cmd = ["--api-key", "k", "--model", "m", secret]
        .map(str::to_owned)
        .to_vec();
    document.origin.imported.as_mut().unwrap().uri =
        "docker://me:pw@registry-1.docker.io#a/b:c".into();
    if let Some(package) = document.packages.first_mut() {
        package.url = Some("https://me:pw@host/w.whl?sig=q".into());
    }
    redact(&mut document);
    let json = serde_json::to_string(&document).unwrap();
    for left in [secret, "hunter2", "me:pw", "sig=q", "\"abc\""] {
        assert!(!json.contains(left), "{left} is still there");
    }
    assert_eq!(
        document.runtime.cmd,
        ["--api-key", "***", "--model", "m", "***"]
    );
    assert_eq!(document.origin.commit, commit);
    for (key, value) in &labels {
        assert_eq!(document.labels.get(key), Some(value), "{key}");
    }
}

#[test]
fn a_secret_name_cannot_hide_the_commit() {
    let mut document = samples::release();
    let id = document.origin.commit.as_ref().unwrap().id.clone();
    document.environment.insert("COMMIT_KEY".into(), id.clone());
    redact(&mut document);
    assert_eq!(document.origin.commit.as_ref().unwrap().id, id);
    assert!(
        document
            .evidence
            .iter()
            .any(|e| e.field == "origin.commit" && e.value == id)
    );
}

#[test]
fn masking_twice_changes_nothing() {
    let mut once = samples::hostile();
    redact(&mut once);
    let mut twice = once.clone();
    redact(&mut twice);
    assert_eq!(once, twice);
}

#[test]
fn a_line_of_a_key_that_became_a_name_is_masked() {
    let mut document = samples::release();
    let line = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7";
    document.environment.insert(line.into(), "=".into());
    redact(&mut document);
    assert!(!serde_json::to_string(&document).unwrap().contains(line));
}

/// Four times the text takes four times as long, and not sixteen: it is not read once for each of its parts.
#[test]
fn a_long_text_is_read_once() {
    let seconds = |raw: &str| {
        let now = || {
            let time = clock_gettime(ClockId::ThreadCPUTime);
            time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
        };
        let start = now();
        let _ = value("http_proxy", raw);
        let _ = text(raw);
        now() - start
    };
    for part in [
        "?a=",
        "://",
        "://b:c/",
        "sk-",
        "github_pat_",
        "eyJ.",
        "a=",
        "KEY=",
        "\"a\":",
        "--token ",
        "-----BEGIN",
        "Bearer ",
        "hooks.slack.com/services/",
        "discord.com/api/",
        "SG.a",
        "SG.a-",
        "xai-",
        "tskey-",
        "dapi0-",
        "@:",
        "://a@",
        "'a'='",
        "AUTH: ",
        "AUTH: 1\n",
        "-u a:b ",
        "--user=",
        "login a password ",
        "eyJa.",
        "SG.aaaaaaaaaaaaaaaa",
        "a:b@",
        "@",
        "/t/a",
        "%3A%2F%2F",
        "%2F%2F%3F%3D",
        "%3D",
        "mysql -p",
        "mysql -pmysql",
        "docker login -p",
        "curl -u",
        "curl -b a=",
        "configure set KEY ",
        "%253A",
        "https%3A%2F%2Fa%3Ab%40",
        "password: \"",
        "<password <",
        "PASSWORD=\\\"",
        "sshpass ",
        "wandb login ",
        "redis-cli -a ",
        "redis-cli -a -a ",
        "openssl -pass -pass pass:",
        "smbclient -U a%",
        "chpasswd",
        "a:b|chpasswd",
        ":|chpasswd echo a|x --password-stdin config set KEY ",
        "\"-p\",\"",
        "<token>",
        "0Q~",
        "12345:A",
        "a.atlasv1.",
        "_mmk",
    ] {
        let once = seconds(&part.repeat(10_000 / part.len()));
        let four = seconds(&part.repeat(40_000 / part.len()));
        assert!(four < 10.0 * once + 0.02, "{part}: {once} s, {four} s");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_masked(raw in "\\PC{0,80}|[?&=:/@a-z\"' -]{0,40}") {
        let once = text(&raw).into_owned();
        let _ = value(&raw, &raw);
        proptest::prop_assert!(once.len() <= raw.len() + 3 * raw.len() + 3);
    }
}

proptest::proptest! {
    #[test]
    fn no_detector_is_left_out_where_it_would_find_something(
        raw in "((--token|-u |mysql|sshpass| -p|%3A%2F%2F|%40|%3F|%3D|/t/|<password>|8Q~|:A|--user=|--user |login a password |password|Authorization|KEY|://|hf_|Bearer |ghp_|SG\\.|hooks.slack.com/services/|-----BEGIN|\\?a=|eyJ|[ =:?@&.\"'-]|é|[a-z0-9]{1,20})){0,8}",
    ) {
        let mut found = Vec::new();
        shapes::pem(&raw, &mut found);
        shapes::azure(&raw, &mut found);
        shapes::telegram(&raw, &mut found);
        shapes::tokens(&raw, &mut found);
        urls::user_information(&raw, &mut found);
        urls::bare_user_information(&raw, &mut found);
        urls::paths(&raw, &mut found);
        urls::encoded(&raw, &mut found);
        percent::user_information(&raw, &mut found);
        shapes::mailchimp(&raw, &mut found);
        urls::queries(&raw, &mut found);
        commands::assignments(&raw, &mut found);
        commands::passwords(&raw, &mut found);
        proptest::prop_assert_eq!(text(&raw), mask(&raw, found));
    }
}

#[test]
fn json_in_base64_is_masked_as_a_whole_where_a_secret_is_in_it() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    for (json, is_masked) in [
        (r#"{"attrs":{"build-arg:VERSION":"1.4.2"}}"#, false),
        (r#"{"attrs":{"build-arg:HF_TOKEN":"s3cret-of-mine"}}"#, true),
        (r#"{"sources":[{"ref":"https://u:pw@host/a"}]}"#, true),
        (
            r#"[{"x": "hf_abcdefghijklmnopqrstuvwxyz0123456789"}]"#,
            true,
        ),
        ("{}", false),
    ] {
        let raw = BASE64.encode(json);
        let key = "org.mobyproject.buildkit.buildinfo.v0";
        assert_eq!(value(key, &raw) == MASK, is_masked, "{json}");
    }
    // The depth of what is decoded is bounded: what is deeper is no JSON to us.
    let deep = format!("{}\"x\"{}", "[".repeat(100), "]".repeat(100));
    assert_ne!(value("LABEL", &BASE64.encode(deep)), MASK);
}
