//! The page of all sections, over what was read once.

use serde_json::{Map, json};

use super::Session;
use crate::check::{self, Check, Verdict};
use crate::cli::customers::{ground, settings};
use crate::cli::manifest::Manifest;
use crate::customers::{OrdersWhere, order_columns};
use crate::error::{Error, Result};
use crate::locale::sentence;
use crate::metrics::Scope;
use crate::metrics::customer_facts::{AnyOrders, customer_facts};
use crate::page::{Body, Logo, Page, Section as Shown};
use crate::present::scope_and_accounting;
use crate::questions::report::{Everything, On, QUALITY, REACH, Section, TABLES};
use crate::questions::{About, Answer};
use crate::reading::Ingested;

/// A day that no data are after: what is in the future depends on when one looks, and the page does not.
const NO_FUTURE: i32 = i32::MAX;

/// What makes a section empty although its question has an answer: nothing in it is known.
const EMPTY: [&str; 3] = ["no_items", "no_places", "no_rows"];

/// How the page is headed.
#[derive(Debug, Default)]
pub struct Head {
    /// The title, where it is not the usual one.
    pub title: Option<String>,
    /// The logo.
    pub logo: Option<Logo>,
}

impl Session {
    /// Reads once, answers all sections, writes the page.
    ///
    /// # Errors
    /// Those of reading and writing; what the inputs do not carry is said in the section that misses it.
    pub fn write_page(mut self, all: &Everything, sections: &[&'static Section], head: Head) -> Result<()> {
        let mut read = self.read_rows(&TABLES)?.in_order()?;
        let mut everybody = None;
        let scope = self.settled_after(&mut read, |read, scope, orders_where| {
            everybody = self.everybody(read, scope, orders_where)?;
            Ok(())
        })?;
        let checked = check::check(&read, &scope, NO_FUTURE, &[])?;
        let facts = customer_facts(&read.orders, &scope, read.accounting.clone())?;
        let whole = Answer {
            parameters: Map::from_iter([(
                "sections".to_owned(),
                json!(sections.iter().map(|section| section.name).collect::<Vec<_>>()),
            )]),
            as_of: scope.as_of,
            window: scope.window,
            customer_count: facts.customer_count,
            order_count: checked.order_count,
            accounting: checked.total.clone(),
            ..Answer::default()
        };
        let ids_are_personal = read.orders.ids_are_personal;
        let settings = settings(&self.config)?;
        let asks_everybody = sections.iter().any(|section| section.name == REACH);
        let people = match asks_everybody {
            true => Some(ground(AnyOrders::InOrder(&read.orders), &read, scope, &settings)?),
            false => None,
        };
        let on = On {
            read: &read,
            scope,
            ground: people.as_ref(),
            everybody: everybody.as_ref(),
            order_count: checked.order_count,
            accounting: &checked.total,
        };
        let mut shown = Vec::with_capacity(sections.len());
        for section in sections {
            shown.push(self.section(section, all, &on, &checked)?);
        }
        let (whole, mut details) = self.report(self.name, ids_are_personal, whole);
        whole.accounting.check_balance()?;
        let page = Page {
            title: head.title,
            logo: head.logo,
            whole,
            currency: self.currency.clone(),
            inputs: inputs(&read),
            sections: shown,
        };
        if !self.is_quiet {
            scope_and_accounting(&page.whole, self.spoken).iter().for_each(|line| super::tell(line));
        }
        details.insert("config".into(), json!(self.config.full_path()));
        details.insert("reading".into(), self.options.reading());
        self.sink.write(|out| page.write(&self.style, out))?;
        let manifest = Manifest { report: &page.whole, sources: &read.sources, hand: &self.hand, details };
        self.manifest.map_or(Ok(()), |sink| manifest.write(sink))
    }

    /// Everybody with who of them is chosen, for questions whose answers rest on all; none where all are chosen.
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
            of_orders.keep(&mut all.orders, &headers, scope.as_of.unwrap_or(0))?;
        }
        let chosen = self.chosen_by(condition, &all, scope)?;
        Ok(Some((all, chosen)))
    }

    /// A section as the page shows it.
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
            .and_then(|about| self.why_not(about, checked))
        {
            return Ok(self.missing(name, why));
        }
        let answers = match section.answers(all, on) {
            Ok(answers) => answers,
            Err(error @ Error::Data { .. }) => {
                let (message, hint) = error.said(self.style.locale.lang);
                let why = [Some(message), hint].into_iter().flatten().map(|text| ended(self, &text));
                return Ok(self.missing(name, why.collect()));
            }
            Err(error) => return Err(error),
        };
        if answers.iter().all(|(_, answer)| answer.tables.iter().all(|table| table.frame.height() == 0)) {
            return Ok(self.missing(name, Vec::new()));
        }
        let mut notes: Vec<String> = Vec::new();
        let mut reports = Vec::with_capacity(answers.len());
        for (command, mut answer) in answers {
            for remark in std::mem::take(&mut answer.notes) {
                let note = ended(self, &super::worded(&remark, self.style.locale));
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            reports.push(self.report(command, on.read.orders.ids_are_personal, answer).0);
        }
        if name == QUALITY {
            notes.extend(self.findings(checked, on.read.sources.len() < 2));
        }
        Ok(Shown { name, body: Body::Answered(reports, notes) })
    }

    /// Why a question has no answer that is worth a picture, in a sentence.
    fn why_not(&self, about: &About, checked: &Check) -> Option<Vec<String>> {
        let (_, verdict, why, values) = checked.verdicts.iter().find(|(name, ..)| *name == about.name)?;
        if *verdict != Verdict::Blocked && !EMPTY.contains(why) {
            return None;
        }
        let text = self.style.locale.sentence("why", &sentence(why, values)).into_owned();
        Some(vec![ended(self, &text)])
    }

    /// A section without an answer: why, and which export would give it.
    fn missing(&self, name: &'static str, mut why: Vec<String>) -> Shown {
        why.extend(self.style.locale.find("missing", name).map(str::to_owned));
        Shown { name, body: Body::Missing(why) }
    }

    /// What stands out in the inputs, the gravest first.
    fn findings(&self, checked: &Check, is_one_file: bool) -> Vec<String> {
        /// Findings on the page; `ecrm check` has all.
        const MAX_FINDINGS: usize = 12;
        let locale = self.style.locale;
        let shown = checked.findings.iter().take(MAX_FINDINGS).map(|finding| {
            let text = finding.explanation(is_one_file, locale);
            format!("{}: {}", locale.get("severity", finding.severity.key()), ended(self, &text))
        });
        let more = checked.findings.len().saturating_sub(MAX_FINDINGS);
        let more =
            (more > 0).then(|| locale.get("page", "more_findings").replace("{count}", &more.to_string()));
        shown.chain(more).collect()
    }
}

/// The inputs by name, with what they hold and their rows.
fn inputs(read: &Ingested) -> Vec<(String, &'static str, u64)> {
    let input = |source: &crate::parse::SourceInfo| {
        // Folders differ from machine to machine.
        let name =
            std::path::Path::new(&source.name).file_name().map(|name| name.to_string_lossy().into_owned());
        (name.unwrap_or_else(|| source.name.clone()), source.table().name(), source.rows_read)
    };
    read.sources.iter().map(input).collect()
}

/// A sentence with a capital and its full stop.
fn ended(session: &Session, text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    // The name of a file stays as it is.
    let is_word =
        text.split(' ').next().is_some_and(|word| word.chars().all(|c| c.is_alphabetic() || c == ','));
    let capital = |c: char| if is_word { c.to_uppercase().collect() } else { c.to_string() };
    let first: String = chars.next().map(capital).unwrap_or_default();
    let stop = match session.style.locale.lang {
        crate::locale::Lang::En => ".",
        crate::locale::Lang::Zh => "。",
    };
    let stop = if text.ends_with(['.', '。', '!', '?', '！', '？', '…']) { "" } else { stop };
    format!("{first}{}{stop}", chars.as_str())
}
