//! Every rule, place and name against values that are made up, and against a list of what is no secret.

use super::rules::{EXAMPLES, RULES};
use super::*;

/// Characters of a kind, plainly made up: no file holds what looks like a secret.
fn made_up(kind: u8, length: usize) -> String {
    let alphabet = match kind {
        b'h' => "0123456789abcdef",
        b'n' => "1234567890",
        b'u' => "FAKE2EXAMPLE3VALUE4",
        _ => "Fake1Example2Value3",
    };
    alphabet.chars().cycle().take(length).collect()
}

/// A made-up value with `<a36>` put in, and its longest part.
fn filled(template: &str) -> (String, String) {
    let (mut value, mut longest) = (String::new(), String::new());
    for piece in template.split_inclusive(['<', '>']) {
        let part = piece
            .strip_suffix('>')
            .and_then(|part| part.split_at_checked(1));
        match part {
            Some((kind, length)) => {
                let part = made_up(kind.as_bytes()[0], length.parse().unwrap());
                value.push_str(&part);
                if part.len() > longest.len() {
                    longest = part;
                }
            }
            None => value.push_str(piece.trim_end_matches('<')),
        }
    }
    (value, longest)
}

#[test]
fn every_rule_masks_its_value_and_leaves_its_counter_example() {
    let mut failed = Vec::new();
    assert_eq!(EXAMPLES.len(), RULES.len());
    for [name, template, other] in EXAMPLES {
        let (token, longest) = filled(template);
        let texts = [
            token.clone(),
            format!("a={token}, then"),
            format!("'{token}' ({token})"),
            format!("https://host.example/x/{token}/y"),
            format!("\u{1b}[31m{token}\u{1b}[0m"),
        ];
        let hidden = texts.iter().all(|raw| !text(raw).contains(&longest));
        if !hidden || !is_secret("HOOK", &token) {
            failed.push(format!("{name}: {token} is shown"));
        }
        if text(other) != **other || is_secret("HOOK", other) {
            failed.push(format!("{name}: {other} is hidden"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Where a secret stands, `@@` in its place.
const PLACES: &[&str] = &[
    "https://conda.example.org/t/@@/channel",
    "https://conda.anaconda.org/t/ab-@@/conda-forge",
    "RUN sshpass -p @@ ssh root@host.example",
    "RUN sshpass -p'@@' ssh root@host.example",
    "RUN mysql -u root -p@@ -e 'select 1'",
    "RUN mysqldump --all-databases -uroot -p@@ > x",
    "mariadb -p@@ db",
    "redis-cli -a '@@' ping",
    "sshpass -p \"@@\" ssh -p 22 root@h",
    "docker login -u=me -p=@@ h",
    "echo 'root:@@' | chpasswd",
    "RUN echo \"root:@@\" | chpasswd && true",
    "echo root:@@|chpasswd",
    "RUN echo @@ | docker login -u me --password-stdin r.example",
    "RUN /bin/sh -c echo \"@@\" | podman login --password-stdin -u me r.example",
    "set -e; printf '%s' '@@' | helm registry login -u me --password-stdin h",
    "[\"sh\", \"-c\", \"echo -n @@|docker login -u me --password-stdin\"]",
    "[\"sh\", \"-c\", \"echo \\\"@@\\\" | docker login -u me --password-stdin\"]",
    "echo @@ | passwd --stdin root",
    "echo @@ | gh auth login --with-token",
    "conda config --set anaconda_token @@",
    "conda config --set token @@",
    "pip config set global.password @@",
    "psql postgres://me:@@@h/db",
    "mongosh mongodb+srv://me:@@@h/db",
    "az storage blob list --account-key @@",
    "gpg --batch --passphrase @@ -d a",
    "wget --user=me --http-password=@@ u",
    "svn co --username me --password @@ u",
    "kubectl create secret generic x --from-literal=password=@@",
    "proxy is bob:@@@proxy.example:3128",
    "amqp bob:@@@10.0.0.1",
    "bob:@@@localhost",
    "https://h.example/login?next=https%3A%2F%2Fbob%3A@@%40git.example%2Fa",
    "next=https%3a%2f%2fh.example%2f%3fsig%3d@@%26x%3d1",
    "<server><id>x</id><password>@@</password></server>",
    "<passphrase>@@</passphrase>",
    "<add key=\"ClearTextPassword\" value=\"@@\" />",
    "java -Djavax.net.ssl.keyStorePassword=@@ -jar x.jar",
    "-Ddb.password=@@",
    "-Dpassword=@@",
    "curl -H 'Cookie: session=@@; theme=dark' https://h.example",
    "Set-Cookie: id=@@",
    "wandb login @@0123456789012345",
    "wandb login --relogin @@0123456789012345",
    "client abc8Q~@@_.~AbCdEfGhIjKl",
    "bot123456789:A@@AbCdEfGhIjKl",
    "https://x.webhook.office.com/webhookb2/019d130e-464e-4ff7-b84b-492992c0c06b@019d130e-464e-4ff7-b84b-492992c0c06b/IncomingWebhook/@@/019d130e",
];

/// The same, as a shell, YAML, a connection string or another tool writes it.
const SPELLINGS: &[&str] = &[
    "password: \"@@\"",
    "db_password: '@@'",
    "api_key: \"@@\"",
    "X-Api-Key: \"@@\"",
    "https://user%3A@@%40host/x",
    "https%253A%252F%252Fuser%253A@@%2540host",
    "https%3A//u:@@%40h",
    "user:@@@postgres/db",
    "server=user:@@@host",
    "root:@@@tcp(localhost:3306)/db",
    "root:@@@[::1]:5432",
    "<password xml:space=\"preserve\">@@</password>",
    "<password >@@</password>",
    "PASSWORD=a\\ @@",
    "PASSWORD=$'a @@'",
    "PASSWORD=\"a\\\"@@\"",
    "Server=h;Uid=u;Pwd=@@;",
    "server=h;uid=u;pwd=@@",
    "docker login -u me -p @@ registry.example.org",
    "podman login -p @@ h",
    "curl -b session=@@ https://h.example",
    "curl -ume:@@ https://h.example",
    "aws configure set aws_secret_access_key @@",
    "Authorization: BEARER @@",
];

#[test]
fn a_secret_is_masked_however_it_is_spelled() {
    for place in SPELLINGS {
        let secret = "S3cretValue41xYzAbCdEf";
        let raw = place.replacen("@@", secret, 1);
        let masked = text(&raw).into_owned();
        assert!(!masked.contains(secret), "{raw} became {masked}");
    }
    let hex = "0123456789abcdef".repeat(2);
    assert_eq!(text(&format!("key-{hex}")), MASK);
    assert_eq!(text(&format!("a {hex}-us12")), "a ***");
    for raw in [
        "PWD=/workspace",
        "x;pwd",
        "vllm/vllm-openai:v0.29.0@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "image:nightly1@latest",
        "docker run -p 8000:8000 vllm",
        "OTP_VERSION=28.1",
        "SAS_ROOT=/opt/sas",
        "region-us1",
    ] {
        let named = raw.split_once('=');
        let shown = named.is_none_or(|(name, raw)| value(name, raw) == raw);
        assert!(shown && text(raw) == raw, "{raw} became {}", text(raw));
    }
}

/// A command, and the same as a list of JSON and of a Dockerfile.
fn spelled(command: &str) -> [String; 4] {
    let words: Vec<&str> = command.split(' ').collect();
    let list = serde_json::to_string(&words).unwrap();
    [
        command.to_owned(),
        format!("RUN set -e; /usr/bin/{command} && true"),
        format!("CMD {}", list.replace(',', ", ")),
        list,
    ]
}

#[test]
fn a_password_on_the_command_line_of_a_known_program_is_masked() {
    let secret = "S3cretValue41";
    let mut failed = Vec::new();
    for flag in super::programs::FLAGS {
        let command = flag.example.replacen("@@", secret, 1);
        for raw in spelled(&command) {
            let masked = text(&raw).into_owned();
            let rest = raw.replace(secret, MASK);
            if masked != rest {
                failed.push(format!("{raw} became {masked}"));
            }
        }
        let mut words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        words.splice(0..0, ["/tini".to_owned(), "--".to_owned()]);
        commands::mask_words(&mut words, MASK);
        if words[2..].join(" ") != command.replace(secret, MASK) {
            failed.push(format!("{command} became {words:?}"));
        }
        for raw in spelled(flag.other) {
            if text(&raw) != raw {
                failed.push(format!("{raw} became {}", text(&raw)));
            }
        }
        let other: Vec<String> = flag.other.split(' ').map(str::to_owned).collect();
        let mut words = other.clone();
        commands::mask_words(&mut words, MASK);
        if words != other {
            failed.push(format!("{other:?} became {words:?}"));
        }
    }
    for raw in [
        "sshpass -e ssh -p 22 root@h",
        "redis-cli -a $REDIS_PASSWORD ping",
        "redis-cli -a ${PW} ping",
        "docker run -d mongo && docker run -p 80:80 nginx",
        "echo \"root:$PW\" | chpasswd",
        "printf 'root:%s' \"$PW\" | chpasswd",
        "echo $PW | docker login -u me --password-stdin r.example",
        "printf '%s' \"${PW}\" | docker login -u me --password-stdin r.example",
        "cat /run/secrets/pw | docker login -u me --password-stdin r.example",
        "aws ecr get-login-password --region us-east-1 | docker login -u AWS --password-stdin r.example",
        "echo hello; docker login -u me --password-stdin r.example <f",
        "echo hello || docker login -u me --password-stdin r.example",
        "conda config --set ssl_verify false",
        "gcloud config set auth/disable_credentials true",
        "npm config set always-auth true",
        "mysql -p",
    ] {
        if text(raw) != raw {
            failed.push(format!("{raw} became {}", text(raw)));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_secret_is_masked_for_its_place() {
    for place in PLACES {
        let secret = "S3cretValue41xYzAbCdEf";
        let raw = place.replacen("@@", secret, 1);
        let masked = text(&raw).into_owned();
        assert!(!masked.contains(secret), "{raw} became {masked}");
        assert!(masked.contains(MASK), "{masked}");
    }
}

#[test]
fn the_words_of_a_command_are_masked_alike() {
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    for (command, expected) in [
        (
            ["sshpass", "-p", "pw", "ssh"],
            ["sshpass", "-p", "***", "ssh"],
        ),
        (
            ["/usr/bin/sshpass", "-ppw", "ssh", "x"],
            ["/usr/bin/sshpass", "-p***", "ssh", "x"],
        ),
        (
            ["mysql", "-ppw", "-p", "db"],
            ["mysql", "-p***", "-p", "db"],
        ),
        (["ssh", "-p", "22", "host"], ["ssh", "-p", "22", "host"]),
    ] {
        let mut command = words(&command);
        commands::mask_words(&mut command, MASK);
        assert_eq!(command, words(&expected));
    }
}

#[test]
fn a_secret_is_masked_for_its_name() {
    for name in [
        "CI_JOB_JWT",
        "CI_JOB_JWT_V2",
        "DATABASE_URL",
        "DSN",
        "SENTRY_DSN",
        "CONNECTION_STRING",
        "AZURE_STORAGE_CONNECTION_STRING",
        "WEBHOOK_URL",
        "SLACK_WEBHOOK_URL",
        "NEXUS_PSW",
        "COOKIE",
        "SESSION_COOKIE",
        "NETRC",
        "SLACK_WEBHOOK",
        "PASSCODE",
        "LOGIN_OTP",
        "STORAGE_SAS",
        "MONGO_URI",
        "REDIS_URL",
        "AMQP_URL",
    ] {
        for secret in [
            "S3cretValue41",
            "x://bob:S3cretValue41@host/",
            "https://h.example/?k=S3cretValue41",
        ] {
            assert_eq!(value(name, secret), MASK, "{name}");
        }
    }
}

/// At most 2 % may be hidden; today none is.
#[test]
fn what_real_images_carry_stays() {
    let list = include_str!("testdata/legitimate.txt");
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() >= 150, "{}", lines.len());
    let hidden = lines.iter().filter(|line| {
        let named = line.split_once('=').filter(|(name, _)| {
            name.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        });
        let shown = named.is_none_or(|(name, raw)| {
            value(name, raw) == raw && !is_secret(name, raw) && super::name(name) == name
        });
        !shown || text(line) != **line
    });
    let hidden: Vec<&&str> = hidden.collect();
    assert!(
        hidden.is_empty(),
        "{} of {}: {hidden:#?}",
        hidden.len(),
        lines.len()
    );
}
