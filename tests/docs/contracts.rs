//! The reference of the contracts, made from those that are compiled in.

use std::fmt::Write as _;

use sqsh_prov::contracts::{Contract, Contracts, Role};

use super::is_current;

const HEAD: &str = "# Contracts

The known publishers. `scripts/docs` makes this page from [`contracts/`](../../contracts).
[`contracts/TEMPLATE.toml`](../../contracts/TEMPLATE.toml) explains each key, and the
[guide](../guide/contracts.md) shows how to add a contract of your own.
";

#[test]
fn the_reference_of_contracts_is_current() {
    let contracts = Contracts::built_in().unwrap();
    let mut all: Vec<_> = contracts.all().iter().collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let mut text = HEAD.to_owned();
    text.push_str("\n| contract | is | releases |\n|---|---|---|\n");
    for contract in &all {
        let repositories = contract.lines.iter().flat_map(|line| &line.repositories);
        let repositories: Vec<String> = repositories.map(|name| code(name)).collect();
        writeln!(
            text,
            "| [`{id}`](#{id}) | {} | {} |",
            contract.name,
            repositories.join(", "),
            id = contract.id
        )
        .unwrap();
    }
    for contract in all {
        describe(contract, &mut text);
    }
    is_current("docs/reference/contracts.md", &text);
}

fn describe(contract: &Contract, text: &mut String) {
    write!(text, "\n## {}\n\n{}", contract.id, contract.name).unwrap();
    text.push_str(match contract.role {
        Role::Publisher => ", a publisher.",
        Role::Base => ", a base that everybody builds on.",
        Role::Generic => ": keys that many publishers use.",
    });
    text.push('\n');
    let file = contract.text();
    let comments = file.lines().take_while(|line| line.starts_with('#'));
    let comments: Vec<&str> = comments
        .map(|line| line.trim_start_matches('#').trim())
        .collect();
    if !comments.is_empty() {
        write!(text, "\n{}\n", comments.join("\n")).unwrap();
    }
    let listed = [
        ("source", &contract.source),
        ("stands on", &contract.wraps),
        ("staging", &contract.repositories.staging),
        ("CI", &contract.repositories.ci),
        ("pull requests", &contract.repositories.pull_request),
        ("never official", &contract.repositories.elsewhere),
    ];
    let mut rows = String::new();
    for (name, values) in listed {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().map(|value| code(value)).collect();
            writeln!(rows, "| {name} | {} |", values.join(", ")).unwrap();
        }
    }
    if let Some(package) = &contract.package {
        writeln!(rows, "| package | {} |", code(package)).unwrap();
    }
    table(text, "| | |\n|---|---|\n", &rows);
    let mut rows = String::new();
    for line in &contract.lines {
        let repositories: Vec<String> = line.repositories.iter().map(|name| code(name)).collect();
        writeln!(rows, "| {} | {} |", line.product, repositories.join(", ")).unwrap();
    }
    table(text, "| product | releases in |\n|---|---|\n", &rows);
    let mut rows = String::new();
    for stamp in &contract.stamps {
        let mut places: Vec<String> = stamp.environment.iter().map(|name| code(name)).collect();
        places.extend(
            stamp
                .label
                .iter()
                .map(|name| format!("label {}", code(name))),
        );
        places.extend(stamp.file.iter().map(|file| {
            let keys: Vec<String> = stamp.key.iter().map(|key| code(key)).collect();
            format!("{} {}", code(file), keys.join(", "))
        }));
        let field = stamp.field.document_field();
        writeln!(rows, "| `{field}` | {} |", places.join(", ")).unwrap();
    }
    table(text, "| stamped | in |\n|---|---|\n", &rows);
    let mut rows = String::new();
    for tag in &contract.tags {
        let pattern = code(tag.pattern.as_str());
        writeln!(rows, "| {pattern} | {} |", tag.kind.as_str()).unwrap();
    }
    table(text, "| tag | means |\n|---|---|\n", &rows);
}

fn table(text: &mut String, head: &str, rows: &str) {
    if !rows.is_empty() {
        write!(text, "\n{head}{rows}").unwrap();
    }
}

/// Code in a cell of a table.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}
