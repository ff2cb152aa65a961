//! What a question needs of the tables.

use crate::schema::{Day, Field, Table};

/// The last days up to the as-of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    /// How many days.
    pub days: u32,
    /// The as-of day that was asked for; `None` means the last day of the data.
    pub as_of: Option<Day>,
}

impl Recent {
    /// The first of these days, if the data do not end before `last`.
    pub fn first_day(self, last: Day) -> Day {
        self.as_of.map_or(last, |as_of| as_of.min(last)).minus_days(i64::from(self.days) - 1)
    }
}

/// What a question needs to be read beyond customer, day and amount of orders. Everything that is read costs time and
/// memory.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// Regions of orders.
    pub regions: bool,
    /// The time of day of orders.
    pub times: bool,
    /// Recipients, prices before discounts, costs and sources of orders, with the time of day.
    pub extras: bool,
    /// Only the prices before discounts and the costs among the extras.
    pub prices: bool,
    /// Costs of orders (read with the extras or the prices), taken from files of items where no file of orders has
    /// them.
    pub costs: bool,
    /// The items of orders. Wanting them includes everything above.
    pub items: bool,
    /// How many rows of files of items each order has. Only an export wants that.
    pub item_rows: bool,
    /// Which items are in an order together. Files of items are enough for that; their orders then have no day and no
    /// customer.
    pub baskets: bool,
    /// The tables besides orders that are wanted.
    pub tables: Vec<Table>,
    /// The values of these tables, and not only which customers they name.
    pub details: bool,
    /// Only customer, kind and time of events. In combined wants this holds only if it holds for every question that
    /// wants events.
    pub bare_events: bool,
    /// Only interests and purchases among the events, and of all others only their number per day. In combined wants
    /// this holds only if it holds for every question that wants events.
    pub interests_alone: bool,
    /// If only interests and purchases are wanted: the only days whose interests are looked at. Of earlier ones only
    /// their number per day is wanted. `None` means all days.
    pub recent_interests: Option<Recent>,
    /// Which products events were about.
    pub event_products: bool,
    /// Everything that customer lists contain about people: names, contacts, whether they want messages, further
    /// columns.
    pub people: bool,
    /// Only whether people want messages, of what `people` includes.
    pub opt_outs: bool,
    /// What a check of the data's quality needs: every status word found, identities, amounts, repeated rows.
    pub survey: bool,
    /// Which accounts have which phones.
    pub phones: bool,
    /// Additional columns of orders, each by the name of its field ([`crate::schema::orders::TEXT_FIELDS`]) or, if no
    /// field is read from it, by its header.
    pub order_columns: Vec<String>,
    /// All additional columns that files of orders have, instead of the named ones. Only an import into a store wants
    /// that.
    pub every_order_column: bool,
    /// The texts of all ids. Only an import into a store wants them.
    pub texts: bool,
    /// The shop's own notes on customers (`notes.csv`), which are in no export.
    pub notes: bool,
    /// The customers' tags (`tags.csv`), which people and rules set.
    pub tags: bool,
    /// The names of the tags that conditions use.
    pub tag_names: Vec<String>,
    /// The corrections of customers' sources that people made by hand.
    pub corrections: bool,
}

impl Wants {
    /// The union of both.
    pub fn and(mut self, other: &Self) -> Self {
        self.bare_events = self.both_of_events(other, |wants| wants.bare_events);
        self.interests_alone = self.both_of_events(other, |wants| wants.interests_alone);
        self.recent_interests = self.recent_of_both(other);
        self.regions |= other.regions;
        self.times |= other.times;
        self.extras |= other.extras;
        self.prices |= other.prices;
        self.costs |= other.costs;
        self.items |= other.items;
        self.item_rows |= other.item_rows;
        self.baskets |= other.baskets;
        self.details |= other.details;
        self.event_products |= other.event_products;
        self.people |= other.people;
        self.opt_outs |= other.opt_outs;
        self.survey |= other.survey;
        self.phones |= other.phones;
        self.texts |= other.texts;
        self.notes |= other.notes;
        self.tags |= other.tags;
        self.corrections |= other.corrections;
        let new = other.tag_names.iter().filter(|name| !self.tag_names.contains(name));
        let new: Vec<String> = new.cloned().collect();
        self.tag_names.extend(new);
        self.every_order_column |= other.every_order_column;
        let new = other.order_columns.iter().filter(|name| !self.order_columns.contains(name));
        let new: Vec<String> = new.cloned().collect();
        self.order_columns.extend(new);
        let new = other.tables.iter().filter(|table| !self.tables.contains(table));
        let new: Vec<Table> = new.copied().collect();
        self.tables.extend(new);
        self
    }

    /// Whether recipients, prices before discounts, costs and sources of orders are wanted, directly or because
    /// something else needs them.
    pub fn has_extras(&self) -> bool {
        self.extras || self.items
    }

    /// Whether prices before discounts and costs of orders are wanted, directly or because something else needs them.
    pub fn has_prices(&self) -> bool {
        self.prices || self.has_extras()
    }

    /// Whether `wants_less` holds for both, as far as they want events, and at least one of them does.
    fn both_of_events(&self, other: &Self, wants_less: impl Fn(&Self) -> bool) -> bool {
        let mut wanting =
            [self, other].into_iter().filter(|wants| wants.tables.contains(&Table::Events)).peekable();
        wanting.peek().is_some() && wanting.all(wants_less)
    }

    /// The days whose interests either looks at, as far as it wants events.
    fn recent_of_both(&self, other: &Self) -> Option<Recent> {
        let wanting = [self, other].into_iter().filter(|wants| wants.tables.contains(&Table::Events));
        let recent: Option<Vec<Recent>> = wanting.map(|wants| wants.recent_interests).collect();
        recent?.into_iter().max_by_key(|recent| recent.days)
    }

    /// Whether the time of day of orders is wanted, directly or because something else needs it.
    pub fn has_times(&self) -> bool {
        self.times || self.has_extras()
    }

    /// The index of the order ids among the additional columns, if they are wanted.
    pub fn place_of_order_ids(&self) -> Option<usize> {
        self.order_columns.iter().position(|name| name == Field::OrderId.name())
    }

    /// Everything that any question could want, for an import into a store.
    pub fn everything() -> Self {
        Self {
            regions: true,
            times: true,
            extras: true,
            prices: true,
            costs: true,
            items: true,
            item_rows: false,
            baskets: false,
            tables: Table::ALL.to_vec(),
            details: true,
            bare_events: false,
            interests_alone: false,
            recent_interests: None,
            event_products: true,
            people: true,
            opt_outs: true,
            survey: true,
            phones: true,
            order_columns: Vec::new(),
            every_order_column: true,
            texts: true,
            notes: false,
            tags: false,
            tag_names: Vec::new(),
            corrections: false,
        }
    }
}
