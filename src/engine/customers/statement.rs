//! The text of the list's statement.

use std::collections::BTreeSet;

use super::RECENT_DAYS;
use super::columns::{Called, Lacks, Made, Maker, Source};
use crate::customers::filter::{Call, Named, refused_on_engines};
use crate::engine::lists::{class_label, segment_label};
use crate::engine::render::Values;
use crate::engine::rfm::score_values;
use crate::engine::segment::segment_values;
use crate::engine::value::ENDS;
use crate::engine::{Ground, Statement};
use crate::error::{Error, Result};
use crate::metrics::calendar::first_day_of;
use crate::questions::{Customers, Value};
use crate::schema::{Day, names, words};

/// The SQL that scores and classes are computed from.
pub(super) struct Cut {
    /// The cut points of the three measures.
    pub points: [Vec<String>; 3],
    /// The expression for the group of three scores.
    pub group: String,
    /// Where the first two classes end, as the values of [`ENDS`].
    pub ends: [String; 4],
}

impl Cut {
    /// For a list without scores and classes.
    pub fn none() -> Self {
        Self { points: Default::default(), group: String::new(), ends: Default::default() }
    }
}

/// The columns and calls that the statement computes.
pub(super) struct Asking<'a> {
    of: &'a Customers,
    ground: &'a Ground,
    lacks: Lacks,
    /// The columns that are returned.
    pub shown: BTreeSet<&'a str>,
    /// The calls that are returned, each in a column of its own.
    pub calls: Vec<&'a Call>,
    /// The columns that only the condition uses.
    chosen_by: BTreeSet<&'a str>,
    /// The calls that only the condition uses.
    chosen_by_calls: Vec<&'a Call>,
}

impl<'a> Asking<'a> {
    /// Collects the columns that are returned and those that the condition uses.
    ///
    /// # Errors
    /// Wrong usage, naming a column or call that engines do not have.
    pub fn new(
        of: &'a Customers,
        ground: &'a Ground,
        lacks: Lacks,
        shown: BTreeSet<&'a str>,
    ) -> Result<Self> {
        let calls: Vec<&Call> = of.order.iter().flat_map(|order| order.calls()).collect();
        let condition = of.condition.iter();
        let mut chosen_by: BTreeSet<&str> = condition.clone().flat_map(|of| of.columns()).collect();
        chosen_by.retain(|name| !shown.contains(name));
        let mut chosen_by_calls: Vec<&Call> = condition.flat_map(|of| of.calls()).collect();
        chosen_by_calls.retain(|call| !calls.contains(call));
        let asking = Self { of, ground, lacks, shown, calls, chosen_by, chosen_by_calls };
        asking.check()?;
        Ok(asking)
    }

    /// Whether any score is needed.
    pub fn wants_scores(&self) -> bool {
        [names::R_SCORE, names::F_SCORE, names::M_SCORE, names::RFM_GROUP].iter().any(|name| self.names(name))
    }

    /// Whether the value class is needed.
    pub fn wants_class(&self) -> bool {
        self.names(names::CLASS)
    }

    /// Whether the RFM group is needed.
    pub fn wants_rfm_group(&self) -> bool {
        self.names(names::RFM_GROUP)
    }

    /// The statement of the list.
    ///
    /// # Errors
    /// Wrong usage, naming a column or call that engines do not have.
    pub fn list(&self, cut: &Cut) -> Result<Statement> {
        let made = self.made(&cut.group)?;
        let mut sources: Vec<Source> = made.iter().filter_map(|(_, made)| made.source).collect();
        sources.sort_unstable();
        sources.dedup();
        let mut parts = sources.clone();
        if sources.contains(&Source::Classed) && !sources.contains(&Source::Contributed) {
            // Classes are computed from contributions.
            parts.insert(sources.len() - 1, Source::Contributed);
        }
        let added = |of: Source| {
            let own = made.iter().filter(|(_, made)| made.source == Some(of));
            let lines = own.filter_map(|(name, made)| Some(format!("{} AS {name}", made.added.as_ref()?)));
            lines.collect::<Vec<_>>().join(",\n    ")
        };
        let join = |source: &Source| {
            let name = source.name();
            format!("\n  LEFT JOIN {name} ON everybody.customer_id = {name}.customer_id")
        };
        let columns = made.iter().map(|(name, made)| format!(",\n    {} AS {name}", made.sql));
        let condition = self.of.condition.as_ref().map(|condition| condition.sql(self)).transpose()?;
        let mut values = Values::from([
            ("columns", columns.collect()),
            ("joins", sources.iter().map(join).collect()),
            ("selected", self.selected()),
            ("where", condition.map_or_else(String::new, |text| format!("\nWHERE {text}"))),
            ("figures_added", added(Source::Figures)),
            ("seen_added", added(Source::Seen)),
            ("recent_from", first_day_of(self.ground.scope.as_of, RECENT_DAYS).number().to_string()),
            ("control", words::CONTROL.to_owned()),
            ("parcel", words::PARCEL.to_owned()),
        ]);
        let settings = &self.of.settings;
        values.extend(segment_values(&settings.segment));
        values.extend(score_values(settings.rfm.bins, &cut.points));
        values.extend(Value { params: settings.value, lists: false }.values());
        values.extend(ENDS.into_iter().zip(cut.ends.clone()));
        let part =
            |source: &Source| Ok(format!("\n{},", self.ground.part(source.name(), &values)?.trim_end()));
        let further = parts.iter().map(part).collect::<Result<String>>()?;
        values.insert("further", further);
        self.ground.statement_with("customers", values)
    }

    fn selected(&self) -> String {
        if self.of.counts {
            return format!("COUNT(*) AS {}", names::CUSTOMER_COUNT);
        }
        let calls = (0..self.calls.len()).map(call_name);
        let own = [names::CUSTOMER_ID.to_owned(), "buyer_net_amount".to_owned()].into_iter();
        let shown =
            self.shown.iter().filter(|name| **name != names::CUSTOMER_ID).map(|name| (*name).to_owned());
        own.chain(shown).chain(calls).collect::<Vec<_>>().join(",\n  ")
    }

    /// Whether a column that is computed here was asked for.
    pub fn makes(&self, name: &str) -> bool {
        self.of.names.contains(&name)
            || self.of.order.iter().flat_map(|order| order.columns()).any(|other| other == name)
    }

    fn names(&self, name: &str) -> bool {
        self.shown.contains(name) || self.chosen_by.contains(name)
    }

    fn check(&self) -> Result<()> {
        self.made("").map(drop)
    }

    /// All columns of the statement except the id, by their names in it.
    fn made(&self, rfm_group: &str) -> Result<Vec<(String, Made)>> {
        let segments = |name: &str| segment_label(self.ground.dialect, "segmented.group_number", name);
        let class = class_label(self.ground.dialect, "classed.class_number");
        let (ground, lacks) = (self.ground, self.lacks);
        let maker = Maker { ground, lacks, segments: &segments, rfm_group, class: &class };
        let columns = self.shown.iter().chain(&self.chosen_by).filter(|name| **name != names::CUSTOMER_ID);
        let column = |name: &&str| {
            let made = maker.made(name).ok_or_else(|| match self.shown.contains(*name) {
                true => no_column(name),
                false => refused_on_engines(name),
            })?;
            Ok(((*name).to_owned(), made))
        };
        let mut all = columns.map(column).collect::<Result<Vec<_>>>()?;
        for (number, call) in self.calls.iter().chain(&self.chosen_by_calls).enumerate() {
            let name = call_name(number);
            let called = self.called(call).ok_or_else(|| no_column(&call.to_string()))?;
            let made = maker.called(&name, &called);
            all.push((name, made));
        }
        Ok(all)
    }

    fn called(&self, call: &Call) -> Option<Called> {
        let as_of = self.ground.scope.as_of;
        match call {
            Call::OrderCount(from, to) => Some(Called::Orders(from.at(as_of), to.at(as_of))),
            Call::NetAmount(from, to) => Some(Called::Net(from.at(as_of), to.at(as_of))),
            _ => None,
        }
    }
}

/// The name of a call's column in the statement.
pub(super) fn call_name(number: usize) -> String {
    format!("call_{}", number + 1)
}

fn no_column(name: &str) -> Error {
    Error::usage_of("engine_column", &[("column", name.to_owned())])
}

/// Turns the names in a condition into those of the statement.
impl Named for Asking<'_> {
    fn text(&self, text: &str) -> String {
        self.ground.dialect.text(text)
    }

    fn column(&self, name: &str) -> Option<String> {
        if name == names::GENDER {
            // Words of lists are only translated here, after the rows have been returned.
            return None;
        }
        if self.names(name) || name == names::CUSTOMER_ID {
            return Some(name.to_owned());
        }
        let mut calls = self.calls.iter().chain(&self.chosen_by_calls);
        calls.position(|call| call.to_string() == name).map(call_name)
    }

    fn as_of(&self) -> Day {
        self.ground.scope.as_of
    }
}
