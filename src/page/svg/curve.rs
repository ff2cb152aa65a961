//! A step curve of shares with its confidence band.

use maud::html;

use super::{Drawn, Figure, WIDTH, marks, percent, unit};
use crate::answer::Curve;
use crate::page::sheet::Sheet;

const HEIGHT: f64 = 240.0;
/// Margins of the plot in chart units: for the labels at the left and below, and for the name of the days.
const LEFT: f64 = 44.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 44.0;

/// Days between two marks of the axis.
const DAYS: f64 = 90.0;

/// Maps days and shares to positions in the chart.
struct Scale {
    first: f64,
    last: f64,
    highest: f64,
}

impl Scale {
    fn x(&self, x: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (x - self.first) / (self.last - self.first)
    }

    fn y(&self, y: f64) -> f64 {
        TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - y.clamp(0.0, self.highest) / self.highest)
    }

    fn point(&self, x: f64, y: f64) -> String {
        format!("{} {}", unit(self.x(x)), unit(self.y(y)))
    }
}

/// The chart of the curve; `None` if the curve has no two different days.
pub(crate) fn curve(id: &str, sheet: &Sheet<'_>, curve: &Curve) -> Option<Drawn> {
    let (first, last) = (curve.points.first()?, curve.points.last()?);
    if last.0 <= first.0 {
        return None;
    }
    let locale = sheet.style.locale;
    let title = locale.get("tables", curve.title).to_owned();
    // The band is widest where few customers are left. The chart is as high as the curve or the band needs, but at most
    // twice as high as the curve.
    let of_curve = curve.points.iter().map(|(_, y)| *y).fold(0.0, f64::max);
    let of_band = curve.band.iter().map(|(.., high)| *high).fold(0.0, f64::max);
    let marks = marks(of_band.min(of_curve * 2.0).max(of_curve));
    let scale = Scale { first: first.0, last: last.0, highest: marks.last().copied().unwrap_or(1.0) };
    let days = (0..).map(|mark| f64::from(mark) * DAYS).take_while(|day| *day <= scale.last);
    let days: Vec<f64> = days.filter(|day| *day >= scale.first).collect();
    let body = html! {
        @for mark in &marks {
            line.grid x1=(unit(LEFT)) x2=(unit(WIDTH - RIGHT)) y1=(unit(scale.y(*mark))) y2=(unit(scale.y(*mark))) {}
            text.tick.end x=(unit(LEFT - 6.0)) y=(unit(scale.y(*mark) + 4.0)) { (percent(*mark)) }
        }
        @if let Some(band) = band(curve, &scale) { path.band d=(band) {} }
        path.line d=(steps(curve, &scale)) {}
        @for day in &days {
            text.tick.middle x=(unit(scale.x(*day))) y=(unit(HEIGHT - BOTTOM + 16.0)) { (format!("{day:.0}")) }
        }
        text.tick.middle x=(unit((LEFT + WIDTH - RIGHT) / 2.0)) y=(unit(HEIGHT - 6.0)) { (locale.get("page", "days")) }
    };
    let said = days.iter().skip(1).filter_map(|day| {
        let (_, part) = curve.points.iter().rev().find(|(x, _)| x <= day)?;
        Some(format!("{day:.0}: {:.1}%", part * 100.0))
    });
    let said: Vec<String> = said.chain([format!("{:.0}: {:.1}%", last.0, last.1 * 100.0)]).collect();
    let description = format!("{} {}", locale.get("page", "days"), said.join("; "));
    Some(
        Figure { id: id.to_owned() + "-curve", title, description, width: WIDTH, height: HEIGHT, body }
            .drawn(),
    )
}

/// The path of the curve: it keeps its value until the next point. Points with the same value as the one before are
/// left out.
fn steps(curve: &Curve, scale: &Scale) -> String {
    let mut path = String::new();
    let mut before: Option<f64> = None;
    for (x, y) in &curve.points {
        match before {
            None => path.push_str(&format!("M{}", scale.point(*x, *y))),
            Some(of) if of == *y => continue,
            Some(_) => path.push_str(&format!("H{}V{}", unit(scale.x(*x)), unit(scale.y(*y)))),
        }
        before = Some(*y);
    }
    path + &format!("H{}", unit(scale.x(scale.last)))
}

/// The outline of the band: along the upper edge, then back along the lower edge.
fn band(curve: &Curve, scale: &Scale) -> Option<String> {
    /// Only every fifth point is drawn. More would not be visible.
    const STEP: usize = 5;
    let last = curve.band.len().checked_sub(1)?;
    let kept = |(place, _): &(usize, &(f64, f64, f64))| place % STEP == 0 || *place == last;
    let points: Vec<&(f64, f64, f64)> =
        curve.band.iter().enumerate().filter(kept).map(|(_, point)| point).collect();
    let above = points.iter().map(|(x, _, high)| scale.point(*x, *high));
    let below = points.iter().rev().map(|(x, low, _)| scale.point(*x, *low));
    Some(format!("M{}Z", above.chain(below).collect::<Vec<_>>().join("L")))
}
