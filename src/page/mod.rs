//! The page for readers who want an overview: one HTML file that loads no other file.
//!
//! A section is an answer that some command gives as well. Its charts show the data attached to the answer's tables
//! ([`crate::answer::Chart`], [`Grid`](crate::answer::Grid), [`Curve`](crate::answer::Curve)). Its sentences are made
//! from cells of these tables, which the page shows below. No figure is computed here.
//!
//! Markup is made with maud, which checks it at compile time and escapes every text. The charts are markup, too. The
//! crates that draw charts (poloto, charts-rs, plotters, charming) write colours and fonts into each element, have no
//! heat map with texts in its cells, or need a script in the page. Here elements have classes only, so that one style
//! sheet adapts them to light and dark mode, print and width, and every chart has a description for screen readers.

mod frame;
mod logo;
mod parts;
mod says;
mod sheet;
mod svg;
mod tables;

use std::io::Write;

use crate::answer::Report;
use crate::error::{Error, Result};
use crate::present::Style;

pub use logo::Logo;

/// All contents of the page.
#[derive(Debug)]
pub struct Page<'a> {
    /// The title that the user gives, if any.
    pub title: Option<&'a str>,
    /// The shop's logo.
    pub logo: Option<&'a Logo>,
    /// The report that all sections rest on, for the day, the counts and the inputs. Its tables are not shown.
    pub whole: &'a Report,
    /// The sections, in order.
    pub sections: Vec<Section>,
}

/// A section of the page.
#[derive(Debug)]
pub struct Section {
    /// Its name, which is the anchor in the page and the key of its words.
    pub name: &'static str,
    /// Its contents.
    pub body: Body,
}

/// The contents of a section.
#[derive(Debug)]
pub enum Body {
    /// The answers, and the remarks about them as sentences.
    Answered(Vec<Report>, Vec<String>),
    /// Why there is no answer, and what would help, as sentences.
    Missing(Vec<String>),
}

impl Page<'_> {
    /// Writes the page in the language of `style`. Personal data are masked whatever `style` asks for.
    ///
    /// # Errors
    /// When writing to `out` fails.
    pub fn write(&self, style: &Style, out: &mut dyn Write) -> Result<()> {
        let style = Style { shows_pii: false, limit: None, table: None, ..style.clone() };
        let text = frame::html(self, &style)?.into_string();
        out.write_all(text.as_bytes()).map_err(|error| Error::io("write", std::path::Path::new(""), error))
    }
}
