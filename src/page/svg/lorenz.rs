//! A Lorenz curve: which share of the total the customers with the smallest amounts bring, by their share of all
//! customers.

use maud::html;

use super::{Drawn, Figure, WIDTH, percent, unit};
use crate::page::sheet::Sheet;
use crate::page::tables;

/// The side of the square plot, and its margins, in chart units.
const SIDE: f64 = 260.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 44.0;

/// The curve, with the line on which all customers bring the same.
pub(crate) fn lorenz(id: &str, sheet: &Sheet<'_>, x: &str, y: &str) -> Option<Drawn> {
    let points: Vec<(f64, f64)> =
        (0..sheet.height()).filter_map(|row| Some((sheet.number(x, row)?, sheet.number(y, row)?))).collect();
    // If refunds in a window exceed sales, shares lie outside 0 to 1. There is no chart then, only the table.
    if points.is_empty() || points.iter().any(|(x, y)| !(0.0..=1.0).contains(x) || !(0.0..=1.0).contains(y)) {
        return None;
    }
    let at = |x: f64, y: f64| (LEFT + SIDE * x, TOP + SIDE * (1.0 - y));
    let place = |(x, y): &(f64, f64)| {
        let (x, y) = at(*x, *y);
        format!("{} {}", unit(x), unit(y))
    };
    let start = Some((0.0, 0.0)).filter(|start| points.first() != Some(start));
    let path: Vec<String> = start.iter().chain(&points).map(place).collect();
    let quarters = [0.0, 0.25, 0.5, 0.75, 1.0];
    let bottom = TOP + SIDE;
    let body = html! {
        @for part in quarters {
            @let (right, up) = at(part, part);
            line.grid x1=(unit(LEFT)) x2=(unit(LEFT + SIDE)) y1=(unit(up)) y2=(unit(up)) {}
            text.tick.end x=(unit(LEFT - 6.0)) y=(unit(up + 4.0)) { (percent(part)) }
            @if part > 0.0 {
                text.tick.middle x=(unit(right)) y=(unit(bottom + 16.0)) { (percent(part)) }
            }
        }
        line.even x1=(unit(LEFT)) y1=(unit(bottom)) x2=(unit(LEFT + SIDE)) y2=(unit(TOP)) {}
        path.line d={ "M" (path.join("L")) } {}
        text.tick.middle x=(unit(LEFT + SIDE / 2.0)) y=(unit(bottom + BOTTOM - 8.0)) {
            (sheet.style.locale.get("page", "least_first"))
        }
    };
    let description: Vec<String> =
        points.iter().map(|(x, y)| format!("{}: {:.1}%", percent(*x), y * 100.0)).collect();
    let title = tables::titled(sheet, &sheet.heading(y));
    let height = bottom + BOTTOM;
    Some(
        Figure { id: id.to_owned(), title, description: description.join("; "), width: WIDTH, height, body }
            .drawn(),
    )
}
