//! What people did in the shop besides buying.

use std::cmp::Reverse;

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::calendar::first_day_of;
use crate::metrics::finish::{counts, dates, flags, integers, ratios};
use crate::schema::events::Event;
use crate::schema::{Day, EventKind, Micros, names};

/// Columns from the events; null without any events. People without events did nothing.
pub const BEHAVIOUR: Provider = Provider {
    columns: &[
        Spec::new(names::LAST_EVENT_ON, Kind::Date, 3),
        Spec::new(names::IS_SHOP_FAVOURITE, Kind::Flag, 3),
        Spec::new(names::LAST_INTEREST_ON, Kind::Date, 3),
        Spec::new(names::DAYS_SINCE_INTEREST, Kind::Days, 3),
        Spec::new(names::FAV_SHOP_COUNT_30D, Kind::Count, 3),
        Spec::new(names::FAV_ITEM_COUNT_30D, Kind::Count, 3),
        Spec::new(names::CART_COUNT_30D, Kind::Count, 3),
        Spec::new(names::VIEW_COUNT_30D, Kind::Count, 3),
        Spec::new(names::LAST_RATING, Kind::Number, 3),
    ],
    needs: Needs { events: true, ..Needs::NONE },
    fill: behaviour,
};

/// A summary of a person's events up to the as-of day.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    last_on: Option<Day>,
    last_interest_on: Option<Day>,
    /// How often the shop was made a favourite, minus how often that was undone.
    favours: i64,
    /// Counts of the last 30 days: shop favourites, item favourites, carts, views.
    recent: [u64; 4],
    /// The last review with stars: its day and second, and the stars. Of several at the same time the one with the
    /// fewest stars is taken, since it is the one to answer.
    review: Option<(Day, i32, Reverse<Micros>)>,
}

/// The kinds of events that are counted over the last 30 days.
const COUNTED: [EventKind; 4] = [EventKind::FavShop, EventKind::FavItem, EventKind::Cart, EventKind::View];

const RECENT_DAYS: u32 = 30;

impl Seen {
    fn of(events: &[Event], as_of: Day) -> Self {
        let mut seen = Self::default();
        let first_recent = first_day_of(as_of, RECENT_DAYS);
        for event in events.iter().filter(|event| event.day <= as_of) {
            seen.last_on = seen.last_on.max(Some(event.day));
            if EventKind::INTEREST.contains(&event.kind) {
                seen.last_interest_on = seen.last_interest_on.max(Some(event.day));
            }
            if event.kind == EventKind::Review && event.rating.known().is_some() {
                seen.review = seen.review.max(Some((event.day, event.second, Reverse(event.rating))));
            }
            match event.kind {
                EventKind::FavShop => seen.favours += 1,
                EventKind::Unfav => seen.favours -= 1,
                _ => {}
            }
            let place = COUNTED.iter().position(|kind| *kind == event.kind);
            if let Some(place) = place.filter(|_| event.day >= first_recent) {
                seen.recent[place] += 1;
            }
        }
        seen
    }
}

fn behaviour(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let Some(events) = ground.events else {
        return Ok(wanted.iter().map(|name| ground.nothing(name)).collect());
    };
    let as_of = ground.as_of();
    let mut by_code = vec![Seen::default(); ground.ids.len()];
    events.for_each_customer(|own| by_code[own[0].customer.place()] = Seen::of(own, as_of));
    let rows = || ground.of_codes(&by_code);
    let recent = |place: usize| rows().map(move |seen| Some(seen.recent[place]));
    let column = |name: &&'static str| match *name {
        names::LAST_EVENT_ON => dates(name, rows().map(|seen| seen.last_on)),
        names::IS_SHOP_FAVOURITE => flags(name, rows().map(|seen| Some(seen.favours > 0))),
        names::LAST_INTEREST_ON => dates(name, rows().map(|seen| seen.last_interest_on)),
        names::DAYS_SINCE_INTEREST => {
            integers(name, rows().map(|seen| Some(i64::from(seen.last_interest_on?.days_until(as_of)))))
        }
        names::FAV_SHOP_COUNT_30D => counts(name, recent(0)),
        names::FAV_ITEM_COUNT_30D => counts(name, recent(1)),
        names::CART_COUNT_30D => counts(name, recent(2)),
        names::LAST_RATING => {
            let stars = |seen: Seen| {
                let (.., Reverse(stars)) = seen.review?;
                Some(stars.in_units())
            };
            ratios(name, rows().map(stars))
        }
        _ => counts(name, recent(3)),
    };
    Ok(wanted.iter().map(column).collect())
}
