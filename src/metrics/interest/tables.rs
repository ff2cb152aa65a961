//! The tables of the answer: periods, days, groups of events, and the list of customers.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::counts::{Counts, figures};
use super::listed::{Listed, list};
use super::per_customer::{InPeriod, InterestEvent, Seen, seen};
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
    /// are sorted by their number of customers, unknown ones last; days ascend.
    pub fn summary(&self, periods: &[u32], by: Option<By>, conversion_days: u32) -> Result<DataFrame> {
        let places = Groups::new(self.events.regions(), Level::Province);
        let sources = Corrected::new(self.events.sources(), self.corrections);
        let listed = |names: &[String], number: u32| names.get(number as usize).cloned();
        let (lead, rows) = match by {
            None => {
                let totals = self.totals(self.as_of, periods);
                (None, periods.iter().copied().zip(totals).collect())
            }
            Some(By::Day) => self.by_day(periods.iter().copied().max().unwrap_or(1)),
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
        frame(lead.into_iter().chain(figures(&rows, conversion_days)).collect())
    }

    /// One row per day, as a period of one day; no rows for days before the first interest.
    fn by_day(&self, days: u32) -> Rows {
        // If there is no interest at all, there are no rows.
        let firsts = self.each(|first: &mut Option<Day>, of| {
            let (day, _) = of.interests[0].at;
            *first = Some(first.map_or(day, |first| first.min(day)));
        });
        let earliest = firsts.into_iter().flatten().min().unwrap_or(Day::AFTER_ALL);
        let first = first_day_of(self.as_of, days).max(earliest);
        let parts = self.each(|(all, found): &mut (BTreeMap<Day, Counts>, Vec<(u32, Seen)>), of| {
            let is_of_day = |a: &InterestEvent, b: &InterestEvent| a.at.0 == b.at.0;
            for same_day in of.interests.chunk_by(is_of_day).filter(|events| events[0].at.0 >= first) {
                let (day, _) = same_day[0].at;
                seen(same_day, &(day..=day), |_| 0, found);
                for (_, seen) in &*found {
                    let in_period = InPeriod::of(of, &(day..=day));
                    self.count(all.entry(day).or_default(), of, &(day..=day), seen, in_period);
                }
            }
        });
        let nobody = |day| Counts { is_new_unknown: !self.tells_who_is_new(day), ..Counts::default() };
        let mut all: Vec<Counts> = first.up_to(self.as_of).map(nobody).collect();
        for (day, counts) in parts.into_iter().flat_map(|(part, _)| part) {
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
        /// The rows of a part, and a buffer for the interests of one customer.
        type OfPart = (Vec<(CustomerCode, Listed)>, Vec<(u32, Seen)>);
        let period = first_day_of(self.as_of, days)..=self.as_of;
        let parts = self.each(|(rows, found): &mut OfPart, of| {
            seen(of.interests, &period, |_| 0, found);
            rows.extend(found.iter().map(|(_, seen)| {
                let listed = Listed {
                    last_day: seen.last_day,
                    kinds: seen.kinds,
                    has_bought: of.has_bought,
                    is_converted: first_from(of.conversions, seen.first).is_some(),
                };
                (of.customer, listed)
            }));
        });
        let mut rows: Vec<(CustomerCode, Listed)> = parts.into_iter().flat_map(|(rows, _)| rows).collect();
        rows.sort_by_cached_key(|(customer, of)| (std::cmp::Reverse(of.last_day), ids_of.text(*customer)));
        let (codes, rows): (Vec<CustomerCode>, Vec<Listed>) = rows.into_iter().unzip();
        list(ids(ids_of, &codes)?, &rows, self.as_of, discount_days)
    }
}
