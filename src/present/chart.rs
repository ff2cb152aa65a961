//! Small line charts for terminals.

use textplots::{Chart, LabelBuilder, LabelFormat, Plot, Shape, TickDisplay, TickDisplayBuilder};

use super::Style;
use super::report::Curve;

/// Width and height in characters; each character holds two by four dots.
const COLUMNS: u32 = 60;
const LINES: u32 = 8;
/// Width of the axis labels beside the chart.
const BESIDE: u32 = 8;

/// The chart as text; `None` if the terminal cannot show it.
pub(super) fn draw(curve: &Curve, style: &Style) -> Option<String> {
    let (Some(first), Some(last)) = (curve.points.first(), curve.points.last()) else { return None };
    // The dots (Braille) are not ASCII.
    if style.is_ascii || curve.points.len() < 2 {
        return None;
    }
    let columns = style.width.map_or(COLUMNS, u32::from).saturating_sub(BESIDE).clamp(20, COLUMNS);
    let points: Vec<(f32, f32)> = curve.points.iter().map(|(x, y)| (*x as f32, *y as f32)).collect();
    let highest = points.iter().map(|(_, y)| *y).fold(0.0, f32::max);
    // The scale ends at a whole tenth.
    let top = ((highest * 10.0).ceil() / 10.0).clamp(0.1, 1.0);
    let steps = Shape::Steps(&points);
    let mut chart = Chart::new_with_y_range(columns * 2, LINES * 4, first.0 as f32, last.0 as f32, 0.0, top);
    let chart = chart
        .lineplot(&steps)
        .x_label_format(LabelFormat::Custom(Box::new(|x| format!("{x:.0}"))))
        .y_label_format(LabelFormat::Custom(Box::new(|y| format!("{:.0}%", y * 100.0))))
        .y_tick_display(TickDisplay::None);
    chart.axis();
    chart.figures();
    let text = chart.to_string();
    let lines = text.lines().map(|line| line.trim_end_matches([' ', '\u{2800}']).to_owned());
    Some(lines.collect::<Vec<_>>().join("\n").trim_end().to_owned() + "\n")
}
