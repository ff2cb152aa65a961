//! Answers all sections of a report from one reading of the inputs, and writes them as a page or a workbook.

use serde_json::{Map, Value, json};

use super::Session;
use crate::check::{self, Check};
use crate::cli::customers::{ground, settings};
use crate::customers::{OrdersWhere, order_columns};
use crate::error::{Error, Result};
use crate::locale::{Locale, sentence};
use crate::metrics::Scope;
use crate::metrics::customer_facts::{AnyOrders, customer_facts};
use crate::page::{Body, Logo, Page, Section as Shown};
use crate::present::{Book, Part, Report, Style};
use crate::questions::report::{Everything, Extent, On, QUALITY, REACH, Section, TABLES};
use crate::questions::{About, Answer};
use crate::reading::Ingested;
use crate::schema::{self, Day};

/// No data are later than this day. It stands in for today, since the page must not depend on when it is made.
const NO_FUTURE: Day = Day::AFTER_ALL;

/// The title and the logo of a page.
#[derive(Debug, Default)]
pub struct Head {
    /// The title, if it is not the usual one.
    pub title: Option<String>,
    /// The logo.
    pub logo: Option<Logo>,
}

/// The answers of all sections, and the data that they rest on.
struct Whole {
    read: Ingested,
    report: Report,
    details: Map<String, Value>,
    sections: Vec<Shown>,
}

impl Session {
    /// Reads the inputs once, answers all sections and writes the page.
    ///
    /// # Errors
    /// The errors of reading and writing. Where the inputs lack what a section needs, the section itself says so.
    pub fn write_page(mut self, all: &Everything, sections: &[&'static Section], head: Head) -> Result<()> {
        let Whole { read, report, details, sections } = self.whole(all, sections, Extent::Page)?;
        self.put_out(report, (&read.sources, details), true, |report, style, sink| {
            let page =
                Page { title: head.title.as_deref(), logo: head.logo.as_ref(), whole: report, sections };
            sink.write(|out| page.write(style, out))
        })
    }

    /// Like [`Self::write_page`], as a workbook with all tables of the sections.
    ///
    /// # Errors
    /// The errors of [`Self::write_page`].
    pub fn write_workbook(
        mut self,
        all: &Everything,
        sections: &[&'static Section],
        title: Option<&str>,
    ) -> Result<()> {
        let Whole { read, mut report, details, sections } = self.whole(all, sections, Extent::Workbook)?;
        let locale = self.style.locale;
        report.notes.push(locale.get("workbook", "lists").to_owned());
        for section in &sections {
            if let Body::Answered(reports, _) = &section.body {
                for of in reports {
                    report.truncated.extend(self.format.truncated(of, &self.style));
                }
            }
        }
        self.put_out(report, (&read.sources, details), true, |report, style, sink| {
            let parts = sections.iter().map(|section| part(section, locale)).collect();
            let book = Book { title, whole: report, is_masked_always: true, parts };
            // Personal data are masked as on the page, whatever flags and configuration say.
            let style = Style { shows_pii: false, ..style.clone() };
            sink.write(|out| book.write(&style, out))
        })
    }

    /// Reads the inputs once and answers all sections.
    fn whole(&mut self, all: &Everything, sections: &[&'static Section], extent: Extent) -> Result<Whole> {
        let mut read = self.read_rows(&TABLES)?.in_order()?;
        let wants_everybody = sections.iter().filter_map(|of| of.about).any(|about| about.chooses_itself);
        let mut everybody = None;
        let scope = self.settled_after(&mut read, |read, scope, orders_where| {
            if wants_everybody {
                everybody = self.everybody(read, scope, orders_where)?;
            }
            Ok(())
        })?;
        let checked = check::check(&read, &scope, NO_FUTURE, &[])?;
        let facts = customer_facts(&read.orders, &scope, read.accounting.clone())?;
        let settings = settings(&self.config)?;
        let asks_everybody = sections.iter().any(|section| section.name == REACH);
        let people = match asks_everybody {
            true => Some(ground(AnyOrders::InOrder(&read.orders), &read, scope, &settings)?),
            false => None,
        };
        let on = On {
            read: &read,
            scope,
            facts: &facts,
            extent,
            ground: people.as_ref(),
            everybody: everybody.as_ref(),
            order_count: checked.order_count,
            accounting: &checked.total,
        };
        let shown: Result<Vec<Shown>> =
            sections.iter().map(|section| self.section(section, all, &on, &checked)).collect();
        let shown = shown?;
        let names: Vec<&str> = sections.iter().map(|section| section.name).collect();
        let answer = Answer {
            parameters: Map::from_iter([
                ("sections".to_owned(), json!(names)),
                // It may differ from the window of the other sections.
                ("overview_window".to_owned(), json!(all.overview.params.window)),
            ]),
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: facts.customer_count,
            order_count: checked.order_count,
            accounting: checked.total,
            ..Answer::default()
        };
        let (report, details) = self.report(self.name, read.orders.ids_are_personal, answer);
        let report = self.resting_on(&read.sources, &[], report);
        Ok(Whole { read, report, details, sections: shown })
    }

    /// All people with a flag for each whether the condition chooses them, for questions whose answers rest on
    /// everybody; none without a condition on customers.
    fn everybody(
        &self,
        read: &Ingested,
        scope: Scope,
        orders_where: Option<&OrdersWhere>,
    ) -> Result<Option<(Ingested, Vec<bool>)>> {
        let Some(condition) = &self.chosen else { return Ok(None) };
        let mut all = read.for_a_question();
        if let Some(of_orders) = orders_where {
            let headers = order_columns::of_files(&all.sources);
            of_orders.keep(&mut all.orders, &headers, scope.as_of)?;
        }
        let chosen = self.chosen_by(condition, &all, scope)?;
        Ok(Some((all, chosen)))
    }

    /// Answers a section, or says why it has no answer.
    fn section(
        &self,
        section: &'static Section,
        all: &Everything,
        on: &On<'_>,
        checked: &Check,
    ) -> Result<Shown> {
        let name = section.name;
        if let Some(why) = section
            .about
            .as_ref()
            .filter(|about| !on.asks_everybody(about))
            .and_then(|about| self.why_not(name, about, checked))
        {
            return Ok(Shown { name, body: Body::Missing(why) });
        }
        let answers = match section.answers(all, on) {
            Ok(answers) => answers,
            Err(error @ Error::Data { .. }) => {
                // The error says what is wrong with the data, the hint what to do.
                let (message, hint) = error.said(self.style.locale.lang);
                let why = [Some(message), hint].into_iter().flatten().map(|text| self.sentence(&text));
                return Ok(Shown { name, body: Body::Missing(why.collect()) });
            }
            Err(error) => return Err(error),
        };
        if answers.iter().all(|(_, answer)| answer.tables.iter().all(|table| table.frame.height() == 0)) {
            // For example, no order of the export is valid; another export would not change that.
            let caveat = section.about.as_ref().and_then(|about| checked.caveat(about.name));
            let why: Vec<String> = match caveat.filter(|_| checked.order_count == 0) {
                Some(why) => vec![self.reason(why)],
                // For example, no period begins within the window.
                None => self.sentences(answers.iter().flat_map(|(_, answer)| &answer.notes)),
            };
            let why = if why.is_empty() { self.export_for(name) } else { why };
            return Ok(Shown { name, body: Body::Missing(why) });
        }
        let mut notes = self.sentences(answers.iter().flat_map(|(_, answer)| &answer.notes));
        let of = |(command, answer)| self.report(command, on.read.orders.ids_are_personal, answer).0;
        let reports = answers.into_iter().map(of).collect();
        if name == QUALITY {
            notes.extend(self.findings(checked, on.read.sources.len() < 2));
        }
        Ok(Shown { name, body: Body::Answered(reports, notes) })
    }

    /// Why a question has no meaningful answer, and which export would help where the reason itself does not say what
    /// to do; none where it has an answer.
    fn why_not(&self, section: &str, about: &About, checked: &Check) -> Option<Vec<String>> {
        /// A section that needs orders with buyers; its text names the export for that.
        const OF_BUYERS: &str = "repurchase";
        let why = checked.why_not(about.name)?;
        let lacks_orders = why.0 == "no_orders" && !about.tables.contains(&schema::Table::Orders);
        let export = self.export_for(if lacks_orders { OF_BUYERS } else { section });
        let export = export.into_iter().filter(|_| check::is_mended_by_another_export(why.0));
        Some([self.reason(why)].into_iter().chain(export).collect())
    }

    /// The reason of a verdict as a sentence.
    fn reason(&self, (why, values): (&'static str, &[(&'static str, String)])) -> String {
        self.sentence(&self.style.locale.sentence("why", &sentence(why, values)))
    }

    /// A sentence on which export a section needs, if there is one.
    fn export_for(&self, section: &str) -> Vec<String> {
        self.style.locale.find("missing", section).map(str::to_owned).into_iter().collect()
    }

    /// The findings about the inputs as sentences, the most severe first.
    fn findings(&self, checked: &Check, is_one_file: bool) -> Vec<String> {
        /// The most findings that the page shows; `ecrm check` shows all.
        const MAX_FINDINGS: usize = 12;
        let locale = self.style.locale;
        let shown = checked.findings.iter().take(MAX_FINDINGS).map(|finding| {
            let text = finding.explanation(is_one_file, locale);
            let severity = locale.get("severity", finding.severity.key());
            format!("{severity}{}{}", locale.get("text", "colon"), self.sentence(&text))
        });
        let more = checked.findings.len().saturating_sub(MAX_FINDINGS);
        let more =
            (more > 0).then(|| locale.get("page", "more_findings").replace("{count}", &more.to_string()));
        shown.chain(more).collect()
    }
}

/// A section as a part of a workbook.
fn part<'a>(section: &'a Shown, locale: &'static Locale) -> Part<'a> {
    let (name, title) = (section.name, locale.get("section", section.name));
    match &section.body {
        Body::Answered(reports, notes) => Part { name, title, reports, notes, lacks: &[] },
        Body::Missing(lacks) => Part { name, title, reports: &[], notes: &[], lacks },
    }
}
