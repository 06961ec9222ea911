//! Finds passwords in the flags of programs. A table lists each program, the flag, the form of its value, the part
//! of the value that is secret, a command with `@@` for a secret, and a command that must stay.

use std::ops::Range;

use super::names::is_open_value;
use super::scan::{run, value_range};

/// The form of a flag with its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `-pX`.
    Joined,
    /// `-a X`.
    Apart,
    /// Either, or `-p=X`.
    Any,
}
use Form::{Any, Apart, Joined};

/// The part of a value that is secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// The part after the first such character, as in `user%X`.
    Behind(char),
    /// The part after this text, as in `pass:X`.
    After(&'static str),
}
use Part::{After, Behind, Whole};

pub(super) struct Flag {
    /// The name, of one word or two; with a star at the end, all names that begin like this.
    program: &'static str,
    flag: &'static str,
    form: Form,
    part: Part,
    /// A command with `@@` in place of a secret.
    #[cfg(test)]
    pub example: &'static str,
    /// A command without a secret.
    #[cfg(test)]
    pub other: &'static str,
}

macro_rules! flags {
    ($($program:literal $flag:literal $form:ident $part:expr, $example:literal $other:literal)*) => {
        /// All flags, by program. The manual of each program says what they mean.
        pub(super) const FLAGS: &[Flag] = &[$(Flag {
            program: $program, flag: $flag, form: $form, part: $part,
            #[cfg(test)] example: $example,
            #[cfg(test)] other: $other,
        }),*];
    };
}

flags! {
    "7z" "-p" Joined Whole, "7z x -p@@ a.7z" "7z x -y a.7z"
    "7za" "-p" Joined Whole, "7za x -p@@ a.7z" "7za x a.7z"
    "acr login" "-p" Any Whole, "az acr login -n x -u me -p @@" "az acr login -n x"
    "az login" "-p" Any Whole, "az login --service-principal -u id -p @@ --tenant t" "az login -u id --tenant t"
    "bcp" "-P" Any Whole, "bcp db.t in f -S h -U sa -P @@" "bcp db.t in f -S h -T"
    "buildah login" "-p" Any Whole, "buildah login -u me -p @@ quay.io" "buildah login quay.io"
    "cf login" "-p" Any Whole, "cf login -u me -p @@ -a api" "cf login -a api"
    "conan user" "-p" Any Whole, "conan user -p @@ -r remote me" "conan user -r remote me"
    "cqlsh" "-p" Any Whole, "cqlsh -u cassandra -p @@ host" "cqlsh host 9042"
    "docker login" "-p" Any Whole, "docker login -u me -p @@ quay.io" "docker login -u me quay.io"
    "ipmitool" "-P" Any Whole, "ipmitool -I lanplus -H h -U root -P @@ power on" "ipmitool -p 623 sel list"
    "jarsigner" "-keypass" Apart Whole, "jarsigner -keypass @@ a.jar k" "jarsigner -verify a.jar"
    "jarsigner" "-storepass" Apart Whole, "jarsigner -storepass @@ a.jar k" "jarsigner -keystore k a.jar"
    "keytool" "-deststorepass" Apart Whole, "keytool -importkeystore -deststorepass @@" "keytool -list -v"
    "keytool" "-keypass" Apart Whole, "keytool -genkey -keypass @@ -alias a" "keytool -genkey -alias a"
    "keytool" "-srcstorepass" Apart Whole, "keytool -importkeystore -srcstorepass @@" "keytool -list"
    "keytool" "-storepass" Apart Whole, "keytool -import -noprompt -storepass @@ -file c" "keytool -list -keystore k"
    "ldap*" "-w" Any Whole, "ldapsearch -x -D cn=admin -w @@ -b dc=x" "ldapsearch -x -W -D cn=admin -b dc=x"
    "mariadb*" "-p" Joined Whole, "mariadb -uroot -p@@ db" "mariadb -u root -p db"
    "mongo" "-p" Any Whole, "mongo -u admin -p @@ db" "mongo --port 27017 db"
    "mongodump" "-p" Any Whole, "mongodump -u admin -p @@" "mongodump -h host"
    "mongoexport" "-p" Any Whole, "mongoexport -u admin -p @@" "mongoexport -h host"
    "mongoimport" "-p" Any Whole, "mongoimport -u admin -p @@" "mongoimport -h host"
    "mongorestore" "-p" Any Whole, "mongorestore -u admin -p @@" "mongorestore -h host"
    "mongosh" "-p" Any Whole, "mongosh -u admin -p @@ db" "mongosh --port 27017 db"
    "mosquitto_pub" "-P" Any Whole, "mosquitto_pub -u me -P @@ -t x" "mosquitto_pub -p 1883 -t x"
    "mosquitto_sub" "-P" Any Whole, "mosquitto_sub -u me -P @@ -t x" "mosquitto_sub -p 1883 -t x"
    "mysql*" "-p" Joined Whole, "mysqldump -uroot -p@@ db" "mysql -u root -p db"
    "nerdctl login" "-p" Any Whole, "nerdctl login -u me -p @@ quay.io" "nerdctl login quay.io"
    "oc login" "-p" Any Whole, "oc login -u me -p @@ h" "oc login h"
    "openssl" "-k" Apart Whole, "openssl enc -aes-256-cbc -k @@ -in a" "openssl enc -kfile f -in a"
    "openssl" "-pass" Apart After("pass:"), "openssl enc -d -pass pass:@@ -in a" "openssl enc -pass env:PW -in a"
    "openssl" "-passin" Apart After("pass:"), "openssl rsa -passin pass:@@ -in k" "openssl rsa -passin file:/k -in k"
    "openssl" "-passout" Apart After("pass:"), "openssl genrsa -passout pass:@@ 2048" "openssl genrsa -passout stdin 2048"
    "oras login" "-p" Any Whole, "oras login -u me -p @@ h" "oras login -u me h"
    "plink" "-pw" Apart Whole, "plink -ssh me@h -pw @@" "plink -P 22 me@h"
    "podman login" "-p" Any Whole, "podman login -u me -p @@ h" "podman login -u me h"
    "pscp" "-pw" Apart Whole, "pscp -pw @@ a me@h:" "pscp -P 22 a me@h:"
    "rabbitmqadmin" "-p" Any Whole, "rabbitmqadmin -u me -p @@ list" "rabbitmqadmin -P 15672 list"
    "redis-cli" "--pass" Apart Whole, "redis-cli --pass @@ ping" "redis-cli --no-auth-warning ping"
    "redis-cli" "-a" Apart Whole, "redis-cli -h h -p 6379 -a @@ ping" "redis-cli -h h -p 6379 ping"
    "registry login" "-p" Any Whole, "helm registry login -u me -p @@ h" "helm registry login -u me h"
    "rpcclient" "-U" Any Behind('%'), "rpcclient -U me%@@ h" "rpcclient -U me h"
    "skopeo login" "-p" Any Whole, "skopeo login -u me -p @@ h" "skopeo login h"
    "smbclient" "-U" Any Behind('%'), "smbclient //h/x -U me%@@ -c ls" "smbclient //h/x -U me -c ls"
    "smbget" "-U" Any Behind('%'), "smbget -U me%@@ smb://h/x" "smbget -U me smb://h/x"
    "sqlcmd" "-P" Any Whole, "sqlcmd -S h -U sa -P @@ -Q q" "sqlcmd -S h -E -Q q"
    "sshpass" "-p" Any Whole, "sshpass -p @@ ssh root@h" "sshpass -e ssh -p 22 root@h"
    "twine upload" "-p" Any Whole, "twine upload -u __token__ -p @@ dist/a.whl" "twine upload -r testpypi dist/a.whl"
    "unzip" "-P" Apart Whole, "unzip -P @@ a.zip" "unzip -q a.zip"
    "useradd" "-p" Apart Whole, "useradd -m -p @@ me" "useradd -m me"
    "usermod" "-p" Apart Whole, "usermod -p @@ me" "usermod -aG docker me"
    "zip" "-P" Apart Whole, "zip -P @@ a.zip f" "zip -r a.zip f"
}

/// Words at most this many bytes after the name of a program are its own.
pub(super) const LONGEST_COMMAND: usize = 256;

/// Returns true for a byte that separates the words of a command, in a shell or in a JSON list.
fn parts(b: u8) -> bool {
    b.is_ascii_whitespace() || b"\"'`,;|&()[]{}=/".contains(&b)
}

fn ends(b: u8) -> bool {
    b"\n;|&".contains(&b)
}

fn flags_of(first: &str, word: &str) -> &'static [Flag] {
    let is_called = |flag: &Flag| match flag.program.split_once(' ') {
        Some((program, command)) => program == first && command == word,
        None => match flag.program.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => flag.program == word,
        },
    };
    let Some(from) = FLAGS.iter().position(is_called) else {
        return &[];
    };
    let rest = FLAGS.get(from..).unwrap_or_default();
    let length = rest.iter().take_while(|flag| is_called(flag)).count();
    rest.get(..length).unwrap_or_default()
}

/// Returns true for a program that another program here calls, with its own flags: `sshpass -e ssh
/// -p 22`.
fn is_another(word: &str) -> bool {
    ["ssh", "scp", "sftp", "rsync"].contains(&word)
}

/// Finds the passwords in commands. It reads each byte once, and compares each word with the names.
pub(super) fn commands(text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let (mut at, mut last) = (0, "");
    let mut flags: &[Flag] = &[];
    let mut until = 0;
    while let Some(&byte) = bytes.get(at) {
        if parts(byte) {
            if ends(byte) || at > until {
                flags = &[];
            }
            at += 1;
            continue;
        }
        // A byte beyond ASCII is a word by itself.
        let end = at + run(text, at, |b| !parts(b)).max(1);
        let word = text.get(at..end).unwrap_or_default();
        let taken = flags.iter().find_map(|flag| {
            let value = word
                .starts_with(flag.flag)
                .then(|| value_of(flag, text, at));
            Some((value.flatten()?, flag.form))
        });
        if let Some((value, form)) = taken {
            at = value.end.max(end);
            found.push(value);
            if form == Any {
                flags = &[];
            }
            continue;
        }
        let known = flags_of(last, word);
        if !known.is_empty() {
            flags = known;
            until = at + LONGEST_COMMAND;
        } else if is_another(word) {
            flags = &[];
        }
        (last, at) = (word, end);
    }
}

/// Finds the secret in the value of the flag at `at`.
fn value_of(flag: &Flag, text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let end = at + flag.flag.len();
    let next = *bytes.get(end)?;
    let before = *bytes.get(at.checked_sub(1)?)?;
    if !before.is_ascii_whitespace() && !b"\"'".contains(&before) {
        return None;
    }
    let is_quote = next == b'"' || next == b'\'';
    // In a JSON list, the flag's own quote ends here: `"-p", "X"`.
    let is_apart = next == b' ' || next == b'\t' || (is_quote && before == next);
    let start = match (is_apart, flag.form) {
        (true, Apart | Any) => {
            let start = end + usize::from(is_quote);
            start + run(text, start, |b| b" \t,".contains(&b))
        }
        (false, Any) if next == b'=' => end + 1,
        (false, Joined | Any) => end,
        _ => return None,
    };
    let value = value_range(text, start);
    let taken = text.get(value.clone())?;
    // The next word is another flag, or this flag is the start of a longer one.
    if is_apart && taken.starts_with('-') {
        return None;
    }
    let skipped = secret_from(flag.part, taken)?;
    let secret = value.start + skipped..value.end;
    let is_open = is_open_value("", text.get(secret.clone())?);
    (!is_open).then_some(secret)
}

/// Returns how many bytes of a value precede the secret.
fn secret_from(part: Part, value: &str) -> Option<usize> {
    match part {
        Whole => Some(0),
        Behind(sign) => Some(value.find(sign)? + sign.len_utf8()),
        After(start) => value.starts_with(start).then_some(start.len()),
    }
}

/// The secret of a flag.
pub(super) enum Taken {
    /// The next word is the secret, or contains it.
    Next(Part),
    /// The word, with its secret masked.
    Masked(String),
}

/// The flags of the programs in the words so far.
#[derive(Default)]
pub(super) struct Words<'w> {
    last: &'w str,
    flags: &'static [Flag],
}

impl<'w> Words<'w> {
    /// Takes the next word of a command, and returns the secret in it.
    pub(super) fn take(&mut self, word: &'w str, mask: &str) -> Option<Taken> {
        let name = word.rsplit('/').next().unwrap_or_default();
        let found = self
            .flags
            .iter()
            .find_map(|flag| Some((flag.taken(word, mask)?, flag.form)));
        if let Some((taken, form)) = found {
            if form == Any {
                self.flags = &[];
            }
            return Some(taken);
        }
        let known = flags_of(self.last, name);
        if !known.is_empty() || is_another(name) {
            self.flags = known;
        }
        self.last = name;
        None
    }
}

impl Flag {
    fn taken(&self, word: &str, mask: &str) -> Option<Taken> {
        let rest = word.strip_prefix(self.flag)?;
        if rest.is_empty() {
            return (self.form != Joined).then_some(Taken::Next(self.part));
        }
        if self.form == Apart {
            return None;
        }
        let value = rest.strip_prefix('=').unwrap_or(rest);
        let before = word.len() - value.len();
        let masked = masked(self.part, value, mask)?;
        Some(Taken::Masked(format!("{}{masked}", word.get(..before)?)))
    }
}

/// Masks the secret in a value; `None` if it has none.
pub(super) fn masked(part: Part, value: &str, mask: &str) -> Option<String> {
    let (before, secret) = value.split_at_checked(secret_from(part, value)?)?;
    (!is_open_value("", secret)).then(|| format!("{before}{mask}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_of_a_program_stand_together() {
        let names: Vec<[&str; 2]> = FLAGS.iter().map(|it| [it.program, it.flag]).collect();
        assert!(names.is_sorted_by(|one, two| one < two), "{names:?}");
    }
}
