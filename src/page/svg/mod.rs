//! Charts as inline SVG. Their elements have classes and no colours, so that the style sheet adapts them to light and
//! dark mode and print. Each chart has a description in words for screen readers, and its numbers are in the table
//! below.

mod bars;
mod curve;
mod heat;
mod lorenz;

use maud::{Markup, html};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(super) use bars::{bars, funnel, index};
pub(super) use curve::curve;
pub(super) use heat::heat;
pub(super) use lorenz::lorenz;

/// The width of a chart in its own units: a unit is about a pixel on a phone and a little more on a desktop.
const WIDTH: f64 = 360.0;

/// The greatest width of a column of text, in units, at a font size of 13 units. A Chinese character takes two columns.
const COLUMN: f64 = 8.2;

/// A chart as markup.
pub(super) struct Drawn {
    /// A `figure` element.
    pub markup: Markup,
    /// Whether the chart keeps its size and scrolls where there is not enough room.
    pub is_wide: bool,
}

/// A chart with its title and description.
struct Figure {
    id: String,
    title: String,
    description: String,
    width: f64,
    height: f64,
    body: Markup,
}

impl Figure {
    fn drawn(&self) -> Drawn {
        let Self { id, title, description, width, height, body } = self;
        let is_wide = *width > WIDTH;
        let (width, height) = (unit(*width), unit(*height));
        let svg = html! {
            svg viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="img"
                aria-labelledby={ (id) "-title " (id) "-text" } {
                title id={ (id) "-title" } { (title) }
                desc id={ (id) "-text" } { (description) }
                (body)
            }
        };
        let markup = html! {
            figure.whole[is_wide] {
                figcaption id={ (id) "-name" } { (title) }
                @if is_wide {
                    div.scroll.wide role="region" tabindex="0" aria-labelledby={ (id) "-name" } { (svg) }
                } @else {
                    (svg)
                }
            }
        };
        Drawn { markup, is_wide }
    }
}

/// Formats a length or position, rounded to a tenth of a unit, which is finer than the eye sees.
fn unit(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0 + 0.0;
    format!("{rounded}")
}

/// Formats a share as axes do.
fn percent(part: f64) -> String {
    format!("{:.0}%", part * 100.0)
}

/// Cuts a text to at most so many columns, ending with an ellipsis.
fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut taken = 1;
    let fits = text.chars().take_while(|c| {
        taken += c.width().unwrap_or(0);
        taken <= columns
    });
    let mut cut: String = fits.collect();
    cut = cut.trim_end().to_owned();
    cut.push('…');
    cut
}

/// The marks of an axis for shares, from 0 to at least `highest`, at most five of them above 0. Their step is 1, 2, 5,
/// 10, 20 or 25 percent.
fn marks(highest: f64) -> Vec<f64> {
    /// The most marks above 0.
    const MAX_MARKS: f64 = 5.0;
    let hundredths = (highest * 100.0).clamp(1.0, 100.0);
    let step = [1.0, 2.0, 5.0, 10.0, 20.0].into_iter().find(|step| step * MAX_MARKS >= hundredths);
    let step = step.unwrap_or(25.0);
    let count = (hundredths / step).ceil() as usize;
    (0..=count).map(|mark| mark as f64 * step / 100.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_by_the_columns_they_take() {
        assert_eq!(fit("Zhejiang", 8), "Zhejiang");
        assert_eq!(fit("Zhejiang", 7), "Zhejia…");
        // A Chinese character takes two.
        assert_eq!(fit("浙江省杭州市", 12), "浙江省杭州市");
        assert_eq!(fit("浙江省杭州市", 11), "浙江省杭州…");
        assert_eq!(fit("a b c d", 5), "a b…");
    }

    #[test]
    fn axes_end_at_or_above_what_they_show() {
        assert_eq!(marks(0.0), [0.0, 0.01]);
        assert_eq!(marks(0.012), [0.0, 0.01, 0.02]);
        assert_eq!(marks(0.23), [0.0, 0.05, 0.1, 0.15, 0.2, 0.25]);
        assert_eq!(marks(0.61), [0.0, 0.2, 0.4, 0.6, 0.8]);
        assert_eq!(marks(1.0), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    }

    #[test]
    fn lengths_are_short_and_never_minus_nothing() {
        assert_eq!([0.04, -0.04, 12.34, 100.0].map(unit), ["0", "0", "12.3", "100"]);
    }
}
