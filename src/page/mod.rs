//! The page for those who look rather than read: one HTML file that needs nothing but itself.
//!
//! A section is an answer that some command gives as well: its charts are the data that stand beside the answer's
//! tables ([`crate::answer::Chart`], [`Grid`](crate::answer::Grid), [`Curve`](crate::answer::Curve)), its sentences are
//! made from the cells of these tables, which themselves stand below. Nothing is worked out here.
//!
//! Markup is made by maud: it is checked when it is compiled, and every text that is put into it is escaped. The charts
//! are markup, too. The crates that draw charts (poloto, charts-rs, plotters, charming) write colours and fonts into
//! each element, know no heat map whose cells are texts, or need a script in the page; here an element has a class and
//! nothing else, so that one style sheet makes it follow light and dark, print and width, and a reader of the screen
//! is told what it shows.

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

/// All that the page holds.
#[derive(Debug)]
pub struct Page<'a> {
    /// The title, where the user gives one.
    pub title: Option<&'a str>,
    /// The shop's logo.
    pub logo: Option<&'a Logo>,
    /// What all sections rest on; its tables are not shown.
    pub whole: &'a Report,
    /// The sections, in order.
    pub sections: Vec<Section>,
}

/// A section of the page.
#[derive(Debug)]
pub struct Section {
    /// Its name, which is its anchor and the key of its words.
    pub name: &'static str,
    /// What it holds.
    pub body: Body,
}

/// What a section holds.
#[derive(Debug)]
pub enum Body {
    /// The answers, and what the user should know of them, in sentences.
    Answered(Vec<Report>, Vec<String>),
    /// Why there is none, and what would help, in sentences.
    Missing(Vec<String>),
}

impl Page<'_> {
    /// Writes the page; its words are those of `style`. Personal data are masked whatever it says.
    ///
    /// # Errors
    /// When the place to write to fails.
    pub fn write(&self, style: &Style, out: &mut dyn Write) -> Result<()> {
        let style = Style { shows_pii: false, limit: None, table: None, ..style.clone() };
        let text = frame::html(self, &style)?.into_string();
        out.write_all(text.as_bytes()).map_err(|error| Error::io("write", std::path::Path::new(""), error))
    }
}
