//! The tables of the answer: periods, days, groups of events, and the list of customers.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::counts::{Counts, figures};
use super::listed::{Listed, list};
use super::per_customer::{InPeriod, InterestEvent, Seen};
use super::{By, Interests};
use crate::error::Result;
use crate::metrics::calendar::first_day_of;
use crate::metrics::finish::{dates, frame, ids, texts};
use crate::metrics::purchases::first_from;
use crate::metrics::region::{Groups, Level};
use crate::schema::events::UNKNOWN;
use crate::schema::{Corrected, CustomerCode, CustomerIds, Day, names};

/// The column that names the rows, if there is one; and for each row the length of its period and its counts.
type Rows = (Option<Column>, Vec<(u32, Counts)>);

impl Interests<'_> {
    /// One row per period and group: the group's column if `by` is given, `days`, `interest_customer_count`,
    /// `fav_shop`, `fav_item`, `cart`, `not_bought_in_period_count`, `not_yet_bought_count`, `new_customer_count` (null
    /// if the events begin later than 30 days before the period), `converted_count`, `conversion_rate` and
    /// `conversion_7d_rate` (of `conversion_days` since the first interest, Kaplan–Meier) with their intervals. Groups
    /// are sorted by their number of customers, unknown ones last; days ascend. Also returns the number of customers
    /// with an interest in the longest period.
    pub fn summary(&self, periods: &[u32], by: Option<By>, conversion_days: u32) -> Result<(DataFrame, u64)> {
        let longest = periods.iter().copied().max().unwrap_or(1);
        let places = Groups::new(self.events.regions(), Level::Province);
        let sources = Corrected::new(self.events.sources(), self.corrections);
        let listed = |names: &[String], number: u32| names.get(number as usize).cloned();
        let (lead, rows) = match by {
            None => {
                let totals = self.totals(self.as_of, periods);
                (None, periods.iter().copied().zip(totals).collect::<Vec<_>>())
            }
            Some(By::Day) => self.by_day(longest),
            Some(By::Source) => self.by_group(
                periods,
                names::SOURCE,
                |event, customer| sources.number(customer, self.columns.get(event.row).source),
                |n| sources.name(n).map(str::to_owned),
            ),
            Some(By::Category) => self.by_group(
                periods,
                names::CATEGORY,
                |event, _| self.columns.get(event.row).category,
                |n| listed(self.events.categories(), n),
            ),
            Some(By::Province) => self.by_group(
                periods,
                names::PROVINCE,
                |event, _| places.known(self.columns.get(event.row).region).unwrap_or(UNKNOWN),
                |group| places.province(group),
            ),
        };
        let whole = match by {
            None => rows.iter().find(|(days, _)| *days == longest).map_or(0, |(_, counts)| counts.interested),
            // A customer may be in several groups.
            Some(_) => self.total(self.as_of, longest).interested,
        };
        Ok((frame(lead.into_iter().chain(figures(&rows, conversion_days)).collect())?, whole))
    }

    /// One row per day, as a period of one day; no rows for days before the first interest.
    fn by_day(&self, days: u32) -> Rows {
        // If there is no interest at all, there are no rows.
        let firsts = self.each(|first: &mut Option<Day>, of| {
            let (day, _) = of.interests[0].at;
            *first = Some(first.map_or(day, |first| first.min(day)));
        });
        let long_ago = self.events.long_ago().first_day().map(Day::new);
        let earliest = firsts.into_iter().flatten().chain(long_ago).min().unwrap_or(Day::AFTER_ALL);
        let first = first_day_of(self.as_of, days).max(earliest);
        let parts = self.each(|all: &mut BTreeMap<Day, Counts>, of| {
            let is_of_day = |a: &InterestEvent, b: &InterestEvent| a.at.0 == b.at.0;
            for same_day in of.interests.chunk_by(is_of_day).filter(|events| events[0].at.0 >= first) {
                let (day, _) = same_day[0].at;
                if let Some(seen) = Seen::of(same_day, &(day..=day)) {
                    let in_period = InPeriod::of(of, &(day..=day));
                    all.entry(day).or_default().add(of, &seen, in_period, self.as_of);
                }
            }
        });
        let nobody = |day| Counts { is_new_unknown: !self.tells_who_is_new(day), ..Counts::default() };
        let mut all: Vec<Counts> = first.up_to(self.as_of).map(nobody).collect();
        for (day, counts) in parts.into_iter().flatten() {
            all[first.days_until(day) as usize].merge(&counts);
        }
        let column = dates(names::DAY, first.up_to(self.as_of).map(Some));
        (Some(column), all.into_iter().map(|counts| (1, counts)).collect())
    }

    /// One row per period and group of events; `name` names the groups in a column called `column`.
    fn by_group(
        &self,
        periods: &[u32],
        column: &str,
        group: impl Fn(&InterestEvent, CustomerCode) -> u32 + Sync,
        name: impl Fn(u32) -> Option<String>,
    ) -> Rows {
        let mut rows = Vec::new();
        let first_days = periods.iter().map(|days| first_day_of(self.as_of, *days));
        let counted = self.counts_of(&first_days.map(|day| day..=self.as_of).collect::<Vec<_>>(), group);
        for (&days, counted) in periods.iter().zip(counted) {
            let counted = counted.into_iter();
            let mut groups: Vec<(Option<String>, Counts)> =
                counted.map(|(group, counts)| (name(group), counts)).collect();
            groups.sort_by_cached_key(|(name, counts)| {
                (name.is_none(), std::cmp::Reverse(counts.interested), name.clone())
            });
            rows.extend(groups.into_iter().map(|(name, counts)| (name, (days, counts))));
        }
        let (names, rows): (Vec<Option<String>>, Vec<(u32, Counts)>) = rows.into_iter().unzip();
        (Some(texts(column, names.into_iter())), rows)
    }

    /// One row per customer with an interest in the last `days` days, the latest first: `customer_id`,
    /// `last_interest_on`, `days_since_interest`, `fav_shop_count`, `fav_item_count`, `cart_count`, `has_bought`,
    /// `is_converted`, `is_past_discount_window` (more than `discount_days` since).
    pub fn customers(&self, ids_of: &CustomerIds, days: u32, discount_days: u32) -> Result<DataFrame> {
        let period = first_day_of(self.as_of, days)..=self.as_of;
        let parts = self.each(|rows: &mut Vec<(CustomerCode, Listed)>, of| {
            rows.extend(Seen::of(of.interests, &period).map(|seen| {
                let listed = Listed {
                    last_day: seen.last_day,
                    kinds: seen.kinds,
                    has_bought: of.has_bought,
                    is_converted: first_from(of.conversions, seen.first).is_some(),
                };
                (of.customer, listed)
            }));
        });
        let mut rows: Vec<(CustomerCode, Listed)> = parts.concat();
        rows.sort_by_cached_key(|(customer, of)| (std::cmp::Reverse(of.last_day), ids_of.text(*customer)));
        let (codes, rows): (Vec<CustomerCode>, Vec<Listed>) = rows.into_iter().unzip();
        list(ids(ids_of, &codes)?, &rows, self.as_of, discount_days)
    }
}
