//! The text of statements: templates in `sql/`, filled in for one scope.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::metrics::Scope;
use crate::metrics::calendar::{Period, first_day_of};
use crate::metrics::scope::ValidOrder;
use crate::schema::accounting::Rule;

/// Which SQL an engine speaks, where the two are not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum Dialect {
    /// Apache Spark, Databricks
    Spark,
    /// DuckDB
    Duckdb,
}

impl Dialect {
    /// A day, given as the number of days since 1970-01-01, as a date.
    fn date(self, day: &str) -> String {
        match self {
            Self::Spark => format!("DATE_FROM_UNIX_DATE({day})"),
            Self::Duckdb => format!("(DATE '1970-01-01' + {day})"),
        }
    }

    /// The whole part of the quotient of two numbers, neither of which is negative.
    fn quotient(self, dividend: &str, divisor: i32) -> String {
        match self {
            Self::Spark => format!("({dividend}) DIV {divisor}"),
            Self::Duckdb => format!("({dividend}) // {divisor}"),
        }
    }

    /// A text as an SQL literal.
    pub(super) fn text(self, text: &str) -> String {
        match self {
            Self::Spark => spark_text(text),
            Self::Duckdb => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// A parameter, whose value is given when the statement runs.
    pub(super) fn parameter(self, name: &str) -> String {
        match self {
            Self::Spark => format!(":{name}"),
            Self::Duckdb => format!("${name}"),
        }
    }

    /// The number of the period that a day lies in, counted as by [`Period::of`]. It is only right for days since
    /// 1970-01-01, as those of orders are.
    pub(super) fn period(self, period: Period, day: &str) -> String {
        let month = |date: &str| format!("YEAR({date}) * 12 + MONTH({date}) - 1");
        match period {
            Period::Week => self.quotient(&format!("{day} + 3"), 7),
            Period::Month => month(&self.date(day)),
            Period::Quarter => self.quotient(&month(&self.date(day)), 3),
        }
    }
}

/// A text as an expression in Spark. The meaning of a backslash in a literal depends on a setting, and `${…}` is
/// replaced from settings even within a literal, so that neither is written as such.
fn spark_text(text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut start = 0;
    let plain = |parts: &mut Vec<String>, piece: &str| {
        parts.extend((!piece.is_empty()).then(|| format!("'{piece}'")));
    };
    for (at, mark) in text.match_indices(['\'', '\\', '{']) {
        if mark == "{" && !text[..at].ends_with('$') {
            continue;
        }
        plain(&mut parts, &text[start..at]);
        start = at;
        if mark != "{" {
            parts.push(format!("CHAR({})", mark.as_bytes()[0]));
            start += mark.len();
        }
    }
    plain(&mut parts, &text[start..]);
    match parts.as_slice() {
        [] => "''".to_owned(),
        [one] => one.clone(),
        several => format!("CONCAT({})", several.join(", ")),
    }
}

/// A statement that an engine runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its name.
    pub name: &'static str,
    /// Its SQL.
    pub text: String,
}

/// The dialect and the scope that statements are rendered for.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// The SQL dialect.
    pub dialect: Dialect,
    /// Which orders count; the as-of day is decided.
    pub scope: Scope,
}

/// By name, the values that fill in a template.
pub(super) type Values = BTreeMap<&'static str, String>;

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("sql/", $name, ".sql")))
    };
}

/// The templates by their names.
const TEMPLATES: [(&str, &str); 52] = [
    template!("about"),
    template!("buyers"),
    template!("campaign_arms"),
    template!("campaign_customers"),
    template!("campaign_followed"),
    template!("campaign_lists"),
    template!("campaign_not_joined"),
    template!("campaign_people"),
    template!("campaign_products"),
    template!("campaign_sends"),
    template!("campaign_spends"),
    template!("campaign_subjects"),
    template!("classed"),
    template!("cohort"),
    template!("contacted"),
    template!("contributed"),
    template!("customers"),
    template!("customers_buyers"),
    template!("customers_later"),
    template!("events_span"),
    template!("everybody"),
    template!("figures"),
    template!("interest"),
    template!("interest_events"),
    template!("interest_list"),
    template!("left_out"),
    template!("left_out_alone"),
    template!("listed"),
    template!("overview_interest"),
    template!("overview_lists"),
    template!("overview_orders"),
    template!("purchases"),
    template!("region"),
    template!("region_buyers"),
    template!("region_places"),
    template!("repurchase_buyers"),
    template!("repurchase_gaps"),
    template!("rfm"),
    template!("rfm_histograms"),
    template!("rfm_list"),
    template!("ruled"),
    template!("scored"),
    template!("seen"),
    template!("segment"),
    template!("segment_list"),
    template!("segmented"),
    template!("span"),
    template!("summed"),
    template!("value_ends"),
    template!("value_levels"),
    template!("value_list"),
    template!("written_list"),
];

impl Ground {
    /// A statement that only depends on the scope.
    pub(super) fn statement(&self, name: &'static str) -> Result<Statement> {
        self.statement_with(name, Values::new())
    }

    /// A statement with values of its own.
    pub(super) fn statement_with(&self, name: &'static str, own: Values) -> Result<Statement> {
        Ok(Statement { name, text: filled(template(name)?, &self.values(own)?)? })
    }

    /// A part of a statement, filled in.
    pub(super) fn part(&self, name: &str, own: &Values) -> Result<String> {
        filled(template(name)?, &self.values(own.clone())?)
    }

    /// The same for all time. Questions that follow customers use the first order of all to decide who came before the
    /// window.
    pub(super) fn all_time(&self) -> Self {
        Self { scope: self.scope.all_time(), ..*self }
    }

    /// An SQL condition on the first order: the customer has one, and it lies within the window if there is one.
    pub(super) fn is_asked(&self) -> String {
        let asked = "first_ordered_on IS NOT NULL".to_owned();
        match self.first_day() {
            Some(day) => format!("{asked} AND first_ordered_on >= {day}"),
            None => asked,
        }
    }

    /// The as-of day.
    pub(super) fn as_of(&self) -> i32 {
        self.scope.as_of.number()
    }

    /// The first day of the window.
    pub(super) fn first_day(&self) -> Option<i32> {
        self.scope.window.map(|days| first_day_of(self.scope.as_of, days).number())
    }

    /// The values that the scope gives; those of the statement replace the ones of the same name.
    fn values(&self, own: Values) -> Result<Values> {
        let when = |condition: &str, rule: Rule| format!("\n      WHEN {condition} THEN '{}'", rule.code());
        let nobody = when("customer_id IS NULL AND is_masked", Rule::MaskedCustomer)
            + &when("customer_id IS NULL", Rule::NoCustomer);
        let mut values = Values::from([
            ("as_of", self.as_of().to_string()),
            ("is_order", ValidOrder::is_order_sql(self.scope.include_zero_orders)),
            ("nobody", nobody),
            ("left_out", self.scope.valid_order().sql_cases().join("\n      ")),
        ]);
        values.extend(own);
        Ok(values)
    }
}

fn template(name: &str) -> Result<&'static str> {
    let found = TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    found.ok_or_else(|| Error::Internal(format!("there is no statement {name}")))
}

/// Fills in each `{{name}}` of a template, by the value or the template of that name.
fn filled(text: &str, values: &Values) -> Result<String> {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after
            .split_once("}}")
            .ok_or_else(|| Error::Internal("a statement has an open place".to_owned()))?;
        done.push_str(before);
        match values.get(name) {
            Some(value) => done.push_str(value),
            None => done.push_str(filled(template(name)?, values)?.trim_end()),
        }
        rest = behind;
    }
    done.push_str(rest);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Day;

    fn ground(scope: Scope) -> Ground {
        Ground { dialect: Dialect::Duckdb, scope }
    }

    #[test]
    fn places_are_filled_in_and_none_is_forgotten() {
        let values = Values::from([("a", "1".to_owned())]);
        assert_eq!(filled("x {{a}} y", &values).expect("filled"), "x 1 y");
        assert!(filled("{{b}}", &values).is_err() && filled("{{a", &values).is_err());
    }

    /// As-of is 2026-06-30, day 20634; the last 30 days begin on day 20605.
    #[test]
    fn the_scope_is_in_the_rules() {
        let scope = Scope { window: Some(30), ..Scope::up_to(Day::new(20_634)) };
        let text = ground(scope).statement("left_out");
        // The rows before the window are filled in by questions that follow customers.
        assert!(text.is_err());
        let text = ground(scope).statement("rfm_histograms").expect("a text").text;
        assert!(text.contains("WHEN ordered_on > 20634 THEN 'after_as_of'"), "{text}");
        assert!(text.contains("WHEN ordered_on < 20605 THEN 'outside_window'"), "{text}");
        assert!(text.contains("WHEN paid_amount = 0 THEN 'zero_amount'"), "{text}");
        assert!(!text.contains("{{"), "{text}");
        let zero = Scope { include_zero_orders: true, window: None, ..scope };
        let text = ground(zero).statement("rfm_histograms").expect("a text").text;
        assert!(!text.contains("zero_amount") && text.contains("paid_amount >= 0"), "{text}");
        assert!(!text.contains("WHEN ordered_on <"), "{text}");
    }

    #[test]
    fn a_text_ends_where_it_ends() {
        let of = |dialect: Dialect| dialect.text(r"a'b\");
        assert_eq!(of(Dialect::Duckdb), r"'a''b\'");
        assert_eq!(of(Dialect::Spark), "CONCAT('a', CHAR(39), 'b', CHAR(92))");
        let spark = |text| Dialect::Spark.text(text);
        assert_eq!(["", "{a}", "${a}", "'"].map(spark), ["''", "'{a}'", "CONCAT('$', '{a}')", "CHAR(39)"]);
    }

    #[test]
    fn periods_are_counted_as_by_the_calendar() {
        let of = |period| Dialect::Spark.period(period, "d");
        assert_eq!(of(Period::Week), "(d + 3) DIV 7");
        assert_eq!(
            of(Period::Month),
            "YEAR(DATE_FROM_UNIX_DATE(d)) * 12 + MONTH(DATE_FROM_UNIX_DATE(d)) - 1"
        );
    }
}
