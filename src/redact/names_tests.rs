use super::*;

#[test]
fn names_of_secrets() {
    for name in [
        "HF_TOKEN",
        "HFTOKEN",
        "hfToken",
        "GITHUB_TOKEN",
        "NGC_API_KEY",
        "apiKey",
        "apikey",
        "KEY",
        "TLS_KEY",
        "PRIVATE_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "KEY_1",
        "SIGNING_KEY_PEM",
        "SSHKEY",
        "MYSQL_PASSWORD",
        "MYSQL_PWD",
        "DB_PASS",
        "PASSPHRASE",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "REGISTRY_AUTH",
        "DOCKER_AUTH_CONFIG",
        "--api-key",
        "com.example.auth",
        "com.example.client-secret",
        "OAUTH",
        "AUTHORIZATION",
        "PASSWD",
        "npm_config__authToken",
        "PW",
        "DB_PW",
        "db.pw",
        "--root-pw",
        "LDAP_BINDPW",
        "rootpw",
        "SSHPASS",
        "CRED",
        "KRB5_KEYTAB_B64",
        "PGPASS",
        "HF_TOK",
        "hfTok",
        "PRIVKEY",
        "SSL_PRIV_KEY",
        "CONSUMERKEY",
        "CONSUMER_KEY",
    ] {
        assert!(is_secret(name), "{name}");
    }
}

#[test]
fn names_that_only_look_like_it() {
    for name in [
        "TOKENIZERS_PARALLELISM",
        "--tokenizer",
        "org.opencontainers.image.authors",
        "authors",
        "AUTHOR",
        "maintainer",
        "KEYBOARD",
        "KRB5_KEYTAB",
        "ACCREDITATION",
        "KEYRING",
        "KEYS",
        "MONKEY_PATCH",
        "NVIDIA_REQUIRE_CUDA",
        "NV_CUDA_LIB_VERSION",
        "PYTHONHASHSEED",
        "PWD",
        "OLDPWD",
        "PUBLIC_KEY",
        "key with spaces",
        "key\n# org.opencontainers.image.source",
        "vllm.rocm.dependency_key",
        "SSH_AUTH_SOCK",
        "PASSTHROUGH",
        "COMPASS",
        "AUTH_TYPE",
        "TOKEN_LIMIT",
        "XAUTHORITY",
        "PATH",
        "PW_BROWSERS_PATH",
        "SSH_ASKPASS",
        "BYPASS",
        "KEEPASS",
        "STOKES",
        "TOKYO",
        "TOKIO_WORKER_THREADS",
        "HPWL",
        "UPWARD",
        "VLLM_BUILD_COMMIT",
        "org.opencontainers.image.revision",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}

proptest::proptest! {
    #[test]
    fn every_name_of_a_secret_has_a_telling_part(
        name in "((pass|Key|TOKEN|api|Auth|oauth2|pat|secret|creds|bearer|PWD|PWDS|pw|tok|SSH|priv|ſ|[a-z]|[A-Z]|[_.-])){0,6}",
    ) {
        proptest::prop_assert_eq!(is_secret(&name), is_secret_by_words(&name));
    }
}

#[test]
fn every_secret_word_has_a_telling_part() {
    let others = ["TOKEN", "AUTH", "KEY", "PWD"];
    for word in WITHIN.into_iter().chain(WHOLE.split(' ')).chain(others) {
        assert!(has_telling_part(word), "{word}");
        assert!(TELLING.iter().any(|part| word.contains(part)), "{word}");
    }
    for part in TELLING {
        assert!(has_telling_part(part), "{part}");
    }
}

#[test]
fn values_that_nobody_keeps() {
    for (name, value) in [
        ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"),
        ("AUTH", "false"),
        ("TOKEN", ""),
        ("MAX_BATCHED_TOKENS", "8192"),
        ("MAX_TOK", "512"),
        ("HF_TOKEN", "${HF_TOKEN}"),
    ] {
        assert!(is_open_value(name, value), "{name}={value}");
    }
    for (name, value) in [
        ("PASSWORD", "123456"),
        ("TOKEN", "8192"),
        ("HF_TOK", "8192"),
        ("PASSWORD", "$ecret!"),
        ("PASSWORD", "${A}x}"),
    ] {
        assert!(!is_open_value(name, value), "{name}={value}");
    }
}
