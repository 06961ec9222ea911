//! A row for each image.

use super::fit::{fit_end, fit_middle, pad_left, wrap};
use super::layout::{Column, GAP, column, place, stack};
use super::page::{Page, marked, style};
use crate::audit::select::{UNREADABLE, kind_of};
use crate::audit::sums::sum;
use crate::audit::view::GroupBy;
use crate::report::audit::columns::{self, Row, shown};
use crate::report::audit::{Report, count, images, size};
use crate::report::escape;
use crate::report::terminal::{ASIDE, BAD, CARE, GOOD, PLAIN, columns as columns_of, pad};
use anstyle::Style;

/// Spaces before the lines below a row.
const INDENT: usize = 4;
/// If more than one path in so many has no room beside the other columns, each path has a line of its own.
const STACKED: usize = 4;
/// The columns of numbers, which are aligned to the right.
const RIGHT: [&str; 6] = ["size", "allocated", "age", "inodes", "uid", "gid"];

/// An image, and its cells in the order of the columns.
struct Line<'a> {
    row: Row<'a>,
    cells: Vec<String>,
}

/// Adds a header and all images.
pub(super) fn add(page: &mut Page, report: &Report, names: &[String], group: Option<GroupBy>) {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() {
        names.extend(columns::OF_A_TABLE);
        if columns::has_recognised(report) {
            let behind = names.iter().position(|name| *name == "what");
            names.insert(behind.map_or(0, |at| at + 1), columns::RECOGNISED);
        }
    }
    let chosen = names.iter().filter_map(|name| columns::named(name));
    let chosen: Vec<&columns::Column> = chosen.collect();
    let lines = Row::all(report).into_iter().map(|row| Line {
        cells: chosen.iter().map(|it| cell(it, &row, group)).collect(),
        row,
    });
    let lines: Vec<Line> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let placed = chosen.iter().enumerate().map(|(at, chosen)| {
        let cells = lines.iter().filter_map(|line| line.cells.get(at));
        column(chosen.name, cells.map(String::as_str))
    });
    let mut placed: Vec<Column> = placed.collect();
    place(&mut placed, page.width);
    let too_long = |line: &&Line| {
        let first = line.cells.first().zip(placed.first());
        first.is_some_and(|(cell, column)| columns_of(cell) > column.width)
    };
    let long = lines.iter().filter(too_long).count();
    if names.first() == Some(&"path") && long * STACKED > lines.len() {
        stack(&mut placed, page.width);
    }
    let width = page.width;
    header(page, &placed);
    let name = |line: &Line| group.map(|by| by.of(line.row.record));
    for group in lines.chunk_by(|one, other| name(one) == name(other)) {
        if let Some(name) = group.first().and_then(name) {
            heading(page, &name, group);
        }
        for line in group {
            row(page, &placed, line, width);
        }
    }
    legend(page, &lines, &names);
    page.push("");
}

/// Returns the text of a cell. Below a heading with its directory, only the name of a file is shown.
fn cell(column: &columns::Column, row: &Row<'_>, group: Option<GroupBy>) -> String {
    let shown = shown(column, row);
    match column.name {
        "path" if group == Some(GroupBy::Directory) => {
            shown.rsplit('/').next().unwrap_or(&shown).to_owned()
        }
        // The error is shown below the row.
        "what" if row.record.error.is_some() => String::new(),
        "findings" => {
            let codes = row.codes().into_iter();
            let codes: Vec<String> = codes.map(|(code, level)| marked(code, level)).collect();
            escape::text(&codes.join(" ")).into_owned()
        }
        "path" => shown,
        _ => escape::text(&shown).into_owned(),
    }
}

fn header(page: &mut Page, columns: &[Column]) {
    let heads = columns.iter().filter(|column| column.beside);
    if let Some(path) = columns.first().filter(|column| column.width == 0) {
        page.push_painted(ASIDE, &path.name.to_uppercase());
    }
    let heads: Vec<String> = heads
        .map(|column| match column.width {
            0 => String::new(),
            _ => aligned(column, &column.name.to_uppercase()),
        })
        .collect();
    page.push_painted(ASIDE, heads.join(&" ".repeat(GAP)).trim_end());
}

fn heading(page: &mut Page, name: &str, group: &[Line]) {
    let number = group.len() as u64;
    let sizes = group.iter().map(|line| line.row.record.file.size);
    let sums = format!(
        ": {} {}, {}",
        count(number),
        images(number),
        size(sum(sizes))
    );
    let room = page.width.saturating_sub(sums.len());
    let name = fit_middle(&escape::text(name), room);
    page.push("");
    page.heading(&format!("{name}{sums}"));
}

fn aligned(column: &Column, text: &str) -> String {
    if RIGHT.contains(&column.name) {
        pad_left(text, column.width)
    } else {
        pad(text, column.width)
    }
}

/// The longest reason on a narrow terminal, in columns.
const LONGEST_REASON: usize = 160;

fn row(page: &mut Page, columns: &[Column], line: &Line, width: usize) {
    let gap = " ".repeat(GAP);
    let mut first = Vec::new();
    let mut more: Vec<Vec<String>> = Vec::new();
    let mut at = 0;
    for (column, cell) in columns.iter().zip(&line.cells) {
        if !column.beside {
            continue;
        }
        if column.name == "findings" {
            let mut wrapped = wrap(cell.split_whitespace(), column.width).into_iter();
            let codes = wrapped.next().unwrap_or_default();
            first.push(codes_painted(page, line, &codes));
            more = wrapped.collect();
            continue;
        }
        let mut fitted = fit_middle(cell, column.width);
        if column.name == "path" && fitted != *cell {
            // A path has a line of its own before it is cut.
            page.push(&fit_middle(cell, width));
            fitted = String::new();
        }
        let text = aligned(column, &fitted);
        first.push(page.paint(style_of(column, line), &text));
        at += column.width + GAP;
    }
    page.push(&first.join(&gap));
    for codes in more {
        let codes = codes_painted(page, line, &codes);
        page.push(&format!("{}{codes}", " ".repeat(at)));
    }
    below(page, columns, line, width);
}

/// Adds what has no room in the row, and why an image could not be read.
fn below(page: &mut Page, columns: &[Column], line: &Line, width: usize) {
    let mut words: Vec<String> = Vec::new();
    let outside = columns.iter().zip(&line.cells);
    for (column, cell) in outside.filter(|(column, cell)| !column.beside && !cell.is_empty()) {
        match column.name {
            "findings" => words.extend(cell.split_whitespace().map(str::to_owned)),
            "what" | "kind" | "size" => words.push(cell.clone()),
            name => words.push(format!("{name} {cell}")),
        }
    }
    let room = width.saturating_sub(INDENT);
    for line_of_words in wrap(words.iter().map(String::as_str), room) {
        let text = codes_painted(page, line, &line_of_words);
        page.push(&format!("{}{text}", " ".repeat(INDENT)));
    }
    if let Some(error) = &line.row.record.error {
        let error = fit_end(&escape::text(error), LONGEST_REASON.max(2 * room));
        for words in wrap(error.split(' '), room) {
            page.push(&format!("{}{}", " ".repeat(INDENT), words.join(" ")));
        }
    }
}

/// Joins the words of a line. Codes of findings have the colour of their severity.
fn codes_painted(page: &Page, line: &Line, words: &[String]) -> String {
    let codes = line.row.codes();
    let words = words.iter().map(|word| {
        let mut codes = codes.iter();
        match codes.find(|(code, level)| marked(code, *level) == *word) {
            Some((_, level)) => page.paint(style(*level), word),
            None => word.clone(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn style_of(column: &Column, line: &Line) -> Style {
    if column.name != "kind" && column.name != "official" {
        return PLAIN;
    }
    match (kind_of(line.row.record), line.row.official()) {
        (UNREADABLE, _) => BAD.bold(),
        (_, Some(true)) => GOOD,
        ("release" | "nightly", _) => PLAIN,
        _ => CARE,
    }
}

/// Adds what the marks in the table mean.
fn legend(page: &mut Page, lines: &[Line], names: &[&str]) {
    let mut parts = Vec::new();
    let mut unsure = false;
    if names.contains(&"kind") {
        for (official, meaning) in [
            (Some(true), "official"),
            (Some(false), "not official"),
            (None, "not known"),
        ] {
            let mut origins = lines
                .iter()
                .filter_map(|line| line.row.record.origin.as_ref());
            if origins.any(|origin| origin.official == official) {
                unsure |= official != Some(true);
                parts.push(format!("{} {meaning}", columns::mark(official)));
            }
        }
    }
    if unsure {
        parts.push("`sqsh-prov show PATH` says why".to_owned());
    }
    let age = names.iter().position(|name| *name == "age");
    let packed = |line: &Line| {
        let cell = age.and_then(|at| line.cells.get(at));
        cell.is_some_and(|cell| cell.starts_with('>'))
    };
    if age.is_some() {
        parts.push("AGE: days since the build".to_owned());
    }
    if lines.iter().any(packed) {
        parts.push("> since the import, where nothing says when it was built".to_owned());
    }
    if names.contains(&"findings") && lines.iter().any(|line| !line.row.findings.is_empty()) {
        parts.push("! warning, !! error".to_owned());
    }
    if parts.is_empty() {
        return;
    }
    page.push("");
    let parts = parts.join("; ");
    for words in wrap(parts.split(' '), page.width) {
        page.push_painted(ASIDE, &words.join(" "));
    }
}
