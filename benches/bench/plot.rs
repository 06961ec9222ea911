//! A plot with logarithmic axes, as SVG.

use std::fmt::Write as _;

const COLOURS: [&str; 8] = [
    "#0b6e4f", "#c1440e", "#2456a6", "#8a5a00", "#7b2d8b", "#3a7d7c", "#a31621", "#555555",
];
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;

pub struct Series {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// Draws lines; points must be greater than zero.
pub fn lines(title: &str, x_name: &str, y_name: &str, series: &[Series]) -> String {
    let points = || {
        series
            .iter()
            .flat_map(|series| series.points.iter().copied())
    };
    let range = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        (
            low.log10().floor(),
            high.log10().ceil().max(low.log10().floor() + 1.0),
        )
    };
    let (x_low, x_high) = range(&mut points().map(|(x, _)| x));
    let (y_low, y_high) = range(&mut points().map(|(_, y)| y));
    let x = |value: f64| 70.0 + (value.log10() - x_low) / (x_high - x_low) * (WIDTH - 260.0);
    let y =
        |value: f64| HEIGHT - 50.0 - (value.log10() - y_low) / (y_high - y_low) * (HEIGHT - 100.0);
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"70\" y=\"24\" font-size=\"15\">{title}</text>"
    );
    let mut grid = |value: f64, upright: bool| {
        let (x1, x2) = if upright {
            (x(value), x(value))
        } else {
            (70.0, WIDTH - 190.0)
        };
        let (y1, y2) = if upright {
            (50.0, HEIGHT - 50.0)
        } else {
            (y(value), y(value))
        };
        let _ = writeln!(
            svg,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#dddddd\"/>"
        );
        let (at, anchor) = if upright {
            ((x1, HEIGHT - 32.0), "middle")
        } else {
            ((64.0, y1 + 4.0), "end")
        };
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            at.0,
            at.1,
            short(value)
        );
    };
    for power in x_low as i32..=x_high as i32 {
        grid(10f64.powi(power), true);
    }
    for power in y_low as i32..=y_high as i32 {
        grid(10f64.powi(power), false);
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{x_name}</text>",
        (WIDTH - 120.0) / 2.0,
        HEIGHT - 10.0
    );
    let _ = writeln!(
        svg,
        "<text x=\"70\" y=\"42\" fill=\"#555555\">{y_name}</text>"
    );
    for (number, (series, colour)) in series.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let path: Vec<String> = series
            .points
            .iter()
            .map(|(px, py)| format!("{:.1},{:.1}", x(*px), y(*py)))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
        for (px, py) in &series.points {
            let _ = writeln!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>",
                x(*px),
                y(*py)
            );
        }
        let at = 66.0 + 20.0 * number as f64;
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{:.0}\" width=\"14\" height=\"4\" fill=\"{colour}\"/>",
            WIDTH - 176.0,
            at - 6.0
        );
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{at:.0}\">{}</text>",
            WIDTH - 156.0,
            series.name
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn short(value: f64) -> String {
    if value >= 1e6 {
        format!("{} M", value / 1e6)
    } else if value >= 1e3 {
        format!("{} k", value / 1e3)
    } else {
        format!("{value}")
    }
}
