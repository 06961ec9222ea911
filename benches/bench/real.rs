//! Images that were made elsewhere, such as imports of published ones.

use std::path::Path;

use super::Result;
use super::measure::Row;
use super::table::Bench;

/// Prints one table for all of them.
pub fn write(bench: &Bench, images: &[&str]) -> Result<()> {
    println!(
        "| image | tool | reads | round trips | KB | MiB | ms | × ours | ms, reads of 1 ms | × ours | of 5 ms | × ours |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for image in images {
        let (rows, trips) = bench.real(Path::new(image))?;
        for (row, trips) in rows.iter().zip(trips) {
            println!("{}", line(row, rows.first(), trips));
        }
    }
    Ok(())
}

fn line(row: &Row, ours: Option<&Row>, trips: Option<usize>) -> String {
    let start = format!("| {} | {} |", row.image, row.tool);
    if let Some(excuse) = &row.excuse {
        return format!("{start} | | | | {excuse} | | | | | |");
    }
    let number = |value: Option<f64>, digits: usize| {
        value.map_or(String::new(), |value| format!("{value:.digits$}"))
    };
    let slow = |which: usize| {
        let ms = row.slow.get(which).copied();
        let times = ms.and_then(|ms| Some(ms / ours?.slow.get(which)?));
        format!("{} | {}", number(ms, 1), number(times, 2))
    };
    format!(
        "{start} {} | {} | {} | {} | {} | {} | {} | {} |",
        number(row.reads.map(|(reads, _)| reads as f64), 0),
        trips.map_or(String::new(), |trips| trips.to_string()),
        number(row.reads.map(|(_, bytes)| bytes as f64 / 1000.0), 0),
        number(row.kib.map(|kib| kib as f64 / 1024.0), 1),
        number(row.milliseconds, 1),
        number(row.times, 2),
        slow(0),
        slow(1),
    )
}
