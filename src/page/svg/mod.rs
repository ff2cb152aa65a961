//! Charts as inline SVG: elements with classes and no colours, so that the page's style makes them follow light, dark
//! and print. Each says in words what it shows, for those who do not see it, and its numbers stand in the table below.

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

/// Units of a chart's width: on a phone a unit is about a pixel, on a desktop a little more.
const WIDTH: f64 = 360.0;

/// Units that a column of text takes at most, at 13 units of height: half a Chinese character, or a wide Latin letter.
const COLUMN: f64 = 8.2;

/// A chart as markup.
pub(super) struct Drawn {
    /// A figure.
    pub markup: Markup,
    /// Whether it keeps its size, and scrolls by itself where there is no room for it.
    pub is_wide: bool,
}

/// A chart with its title above.
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

/// A length or place: a tenth of a unit is finer than anyone sees.
fn unit(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0 + 0.0;
    format!("{rounded}")
}

/// A part as an axis has it.
fn percent(part: f64) -> String {
    format!("{:.0}%", part * 100.0)
}

/// A text of so many columns at most, cut with an ellipsis.
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

/// The marks of an axis of parts that begins at 0 and ends at or above `highest`: a step of 1, 2, 5, 10, 20 or 25
/// hundredths, so that there are at most five above 0.
fn marks(highest: f64) -> Vec<f64> {
    /// Marks above 0.
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
