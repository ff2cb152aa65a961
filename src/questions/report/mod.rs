//! All questions at once, over data that were read once: the sections of the page for readers who want an overview.
//!
//! To add a section, add an entry to [`SECTIONS`] and its question to [`Everything`], its words under `section`,
//! `says`, `todo` and `missing` to both files of `locale/`, and its sentences to `page/says`.

mod tables;

use super::{
    About, Answer, Asked, Campaign, Cohort, Interest, Migration, Overview, Predict, Products, Profile,
    Question, Region, Repurchase, Rfm, Segment, Touchpoints, Trend, Value,
};
use crate::answer::Table;
use crate::customers::Ground;
use crate::error::{Error, Result};
use crate::locale::Words;
use crate::metrics::{CustomerFacts, Scope};
use crate::reading::Ingested;
use crate::schema::accounting::Accounting;
use crate::schema::{self, Wants};
use tables::{accounting_table, due_counts, grid};

/// The questions of all sections with their parameters.
#[derive(Debug)]
pub struct Everything {
    /// Key figures and their change.
    pub overview: Overview,
    /// New and returning customers, by month.
    pub trend: Trend,
    /// Lifecycle segments.
    pub segment: Segment,
    /// How customers moved between segments since the month before.
    pub migration: Migration,
    /// RFM groups.
    pub groups: Rfm,
    /// The scores of each buyer.
    pub scores: Rfm,
    /// Whether and when customers order again.
    pub repurchase: Repurchase,
    /// When the next orders are expected.
    pub due: Repurchase,
    /// Whether customers come back, by month of the first order.
    pub cohort: Cohort,
    /// Who is interested.
    pub interest: Interest,
    /// Where orders go.
    pub region: Region,
    /// At which hours orders are placed.
    pub profile: Profile,
    /// Which customers bring most of the net amount.
    pub value: Value,
    /// Which products are bought together.
    pub products: Products,
    /// What buyers are likely to do.
    pub predict: Predict,
    /// How people can be reached.
    pub touchpoints: Touchpoints,
    /// What campaigns brought.
    pub campaign: Campaign,
}

/// Answers, each with the name of the command that gives it.
pub type Answers = Vec<(&'static str, Answer)>;

/// A section of the page.
pub struct Section {
    /// What `--sections` calls it.
    pub name: &'static str,
    /// The question that the section answers; `None` for the section about data quality, which concerns every answer.
    pub about: Option<About>,
    wants: fn(&Everything) -> Wants,
    answer: fn(&Everything, &On<'_>) -> Result<Answers>,
}

/// The name of the section about the quality of the data.
pub const QUALITY: &str = "quality";

/// The name of the section that asks about everybody whom any input names.
pub const REACH: &str = "reach";

/// The sections in the order of the page.
pub static SECTIONS: [Section; 17] = [
    Section {
        name: "overview",
        about: Some(Overview::ABOUT),
        wants: |all| all.overview.wants(),
        answer: |all, on| on.alone(&all.overview),
    },
    Section {
        name: "trend",
        about: Some(Trend::ABOUT),
        wants: |all| all.trend.wants(),
        answer: |all, on| on.alone(&all.trend),
    },
    Section {
        name: "segments",
        about: Some(Segment::ABOUT),
        wants: |all| all.segment.wants(),
        answer: |all, on| on.alone(&all.segment),
    },
    Section {
        name: "rfm",
        about: Some(Rfm::ABOUT),
        wants: |all| all.groups.wants(),
        answer: |all, on| {
            let groups = on.ask(&all.groups)?;
            let mut scores = on.ask(&all.scores)?;
            scores.tables = vec![grid(&scores.tables[0].frame, all.scores.params.bins)?];
            Ok(vec![(Rfm::ABOUT.name, groups), (Rfm::ABOUT.name, scores)])
        },
    },
    Section {
        name: "migration",
        about: Some(Migration::ABOUT),
        wants: |all| all.migration.wants(),
        answer: |all, on| on.alone(&all.migration),
    },
    Section {
        name: "repurchase",
        about: Some(Repurchase::ABOUT),
        wants: |all| all.repurchase.wants(),
        answer: |all, on| on.alone(&all.repurchase),
    },
    Section {
        name: "cohort",
        about: Some(Cohort::ABOUT),
        wants: |all| all.cohort.wants(),
        answer: |all, on| on.alone(&all.cohort),
    },
    Section {
        name: "interest",
        about: Some(Interest::ABOUT),
        wants: |all| all.interest.wants(),
        answer: |all, on| on.alone(&all.interest),
    },
    Section {
        name: "region",
        about: Some(Region::ABOUT),
        wants: |all| all.region.wants(),
        answer: |all, on| on.alone(&all.region),
    },
    Section {
        name: "hours",
        about: Some(Profile::ABOUT),
        wants: |all| all.profile.wants(),
        answer: |all, on| {
            let mut answer = on.ask(&all.profile)?;
            if on.extent == Extent::Page {
                answer.tables.retain(|table| table.name == "hours");
                // The remarks are about the portrait and not about the hours.
                answer.notes.clear();
            }
            Ok(vec![(Profile::ABOUT.name, answer)])
        },
    },
    Section {
        name: "value",
        about: Some(Value::ABOUT),
        wants: |all| all.value.wants(),
        answer: |all, on| on.alone(&all.value),
    },
    Section {
        name: "products",
        about: Some(Products::ABOUT),
        wants: |all| all.products.wants(),
        answer: |all, on| {
            let mut answer = on.ask(&all.products)?;
            // What is bought next is a detail that only the workbook has.
            answer.tables.retain(|table| table.name != "next" || on.extent == Extent::Workbook);
            Ok(vec![(Products::ABOUT.name, answer)])
        },
    },
    Section {
        name: "due",
        about: Some(Repurchase::ABOUT),
        wants: |all| all.due.wants(),
        answer: |all, on| {
            let mut answer = on.ask(&all.due)?;
            answer.tables = vec![due_counts(&answer.tables[0].frame)?];
            Ok(vec![(Repurchase::ABOUT.name, answer)])
        },
    },
    Section {
        name: REACH,
        about: Some(Touchpoints::ABOUT),
        wants: |all| all.touchpoints.wants(),
        answer: |all, on| {
            let ground =
                on.ground.ok_or_else(|| Error::Internal("nobody was looked up to be reached".into()))?;
            Ok(vec![(Touchpoints::ABOUT.name, all.touchpoints.answer(ground)?)])
        },
    },
    Section {
        name: "campaign",
        about: Some(Campaign::ABOUT),
        wants: |all| all.campaign.wants(),
        answer: |all, on| {
            let mut answer = on.ask(&all.campaign)?;
            let is_of_all = |table: &Table| match table.name {
                "customers" => false,
                "products" => on.extent == Extent::Workbook,
                _ => true,
            };
            answer.tables.retain(is_of_all);
            Ok(vec![(Campaign::ABOUT.name, answer)])
        },
    },
    Section {
        name: "forecast",
        about: Some(Predict::ABOUT),
        wants: |all| all.predict.wants(),
        answer: |all, on| {
            let mut answer = match on.ask(&all.predict) {
                // The holdout may have too few data, because it ends earlier, while the forecast itself has enough.
                Err(Error::Data { .. }) => on.ask(&Predict { holdout: None, params: all.predict.params })?,
                answer => answer?,
            };
            // Rows of single customers belong to the command `predict`.
            answer.tables.retain(|table| table.name != "customers");
            Ok(vec![(Predict::ABOUT.name, answer)])
        },
    },
    Section {
        name: QUALITY,
        about: None,
        wants: |_| Wants { survey: true, ..Wants::default() },
        answer: |_, on| {
            let answer = Answer {
                tables: vec![accounting_table(on.accounting)?],
                as_of: on.scope.known_day(),
                window: on.scope.window,
                order_count: on.order_count,
                accounting: on.accounting.clone(),
                ..Answer::default()
            };
            Ok(vec![("check", answer)])
        },
    },
];

/// The tables of which at least one must be among the inputs.
pub const TABLES: [schema::Table; 4] =
    [schema::Table::Orders, schema::Table::Events, schema::Table::Customers, schema::Table::Sends];

/// How much of the answers is shown. Neither has lists of customers, which the commands write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Only what becomes a chart or a sentence.
    Page,
    /// Every table.
    Workbook,
}

/// The data that the sections are made from, restricted to what the user chose, with the orders sorted.
pub struct On<'a> {
    /// The tables.
    pub read: &'a Ingested,
    /// Which orders count.
    pub scope: Scope,
    /// The facts of each buyer.
    pub facts: &'a CustomerFacts,
    /// How much of the answers is shown.
    pub extent: Extent,
    /// Everybody named in the inputs, if a section needs them.
    pub ground: Option<&'a Ground<'a>>,
    /// All data with a flag for each customer who is chosen, if not all are: for questions that apply the condition
    /// themselves.
    pub everybody: Option<&'a (Ingested, Vec<bool>)>,
    /// The number of valid orders, including those without a customer.
    pub order_count: u64,
    /// How many rows of all inputs were used or left out, and why.
    pub accounting: &'a Accounting,
}

impl Section {
    /// Finds a section by its name.
    ///
    /// # Errors
    /// Wrong usage for an unknown name, with the list of all names.
    pub fn of_name(name: &str) -> Result<&'static Self> {
        SECTIONS.iter().find(|section| section.name == name).ok_or_else(|| {
            let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
            let values = [("name", format!("{name:?}")), ("all", Words::names(names).to_string())];
            Error::usage_of("no_section", &values)
        })
    }

    /// What has to be read from the inputs for this section.
    pub fn wants(&self, all: &Everything) -> Wants {
        (self.wants)(all)
    }

    /// The answers that the section shows.
    ///
    /// # Errors
    /// Those of its question.
    pub fn answers(&self, all: &Everything, on: &On<'_>) -> Result<Answers> {
        (self.answer)(all, on)
    }
}

impl On<'_> {
    /// Whether a question is asked about everybody although not all are chosen. Facts of the chosen customers then do
    /// not tell whether it can be answered.
    pub fn asks_everybody(&self, about: &About) -> bool {
        self.everybody.is_some() && about.chooses_itself
    }

    /// Asks a question; the answer is the same as that of its command.
    fn ask<Q: Question>(&self, question: &Q) -> Result<Answer> {
        const { assert!(!(Q::ASKS_FACTS && Q::ABOUT.chooses_itself), "these facts are of those who are chosen") };
        let everybody = self.everybody.filter(|_| Q::ABOUT.chooses_itself);
        let read = everybody.map_or(self.read, |(all, _)| all).for_a_question();
        let chosen = everybody.map(|(_, chosen)| chosen.clone());
        let facts = Q::ASKS_FACTS.then(|| self.facts.clone());
        let answer = question.answer(Asked {
            read,
            came: None,
            facts,
            scope: self.scope,
            chosen,
            shows: &|name| name != "customers",
        })?;
        if self.read.orders.lacks_amounts { answer.without_amounts() } else { Ok(answer) }
    }

    fn alone<Q: Question>(&self, question: &Q) -> Result<Answers> {
        Ok(vec![(Q::ABOUT.name, self.ask(question)?)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_one_section_each_and_an_unknown_one_is_refused_with_all() {
        let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
        assert_eq!(names.len(), SECTIONS.len());
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), names.len());
        let error = Section::of_name("regions").err().expect("no such section");
        assert_eq!(error.exit_code(), 2);
        assert!(names.iter().all(|name| error.hint().unwrap_or_default().contains(name)), "{error:?}");
    }
}
