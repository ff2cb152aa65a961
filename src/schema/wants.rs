//! What a question needs of the tables.

use crate::schema::{Field, Table};

/// What a question needs beyond who ordered when for how much; everything costs time and memory.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// Where orders went.
    pub regions: bool,
    /// The time of day of orders.
    pub times: bool,
    /// Recipients, prices before discounts, costs and sources of orders, with the time of day.
    pub extras: bool,
    /// Of extras the prices before discounts and the costs alone.
    pub prices: bool,
    /// Costs of orders (read with the extras or the prices), taken from files of items where no file of orders has
    /// them.
    pub costs: bool,
    /// The items of orders. Wanting them includes everything above.
    pub items: bool,
    /// What is bought together. Files of items are enough for that; their orders then have no day and no buyer.
    pub baskets: bool,
    /// The tables beside the orders.
    pub tables: Vec<Table>,
    /// Their values too, and not only the orders and customers that they refer to.
    pub details: bool,
    /// Of events only who did what when. Holds only if everything that is asked for is content with that.
    pub bare_events: bool,
    /// Of events only interests and purchases, and of all others only how many there were on each day. Holds only if
    /// everything that is asked for is content with that.
    pub interests_alone: bool,
    /// Which products events were about.
    pub event_products: bool,
    /// Everything that customer lists say about people: names, contacts, whether they want messages, further columns.
    pub people: bool,
    /// What a check of the data's quality needs: every status word found, identities, amounts, repeated rows.
    pub survey: bool,
    /// Which accounts have which phones.
    pub phones: bool,
    /// Further columns of orders, each by the name of its field ([`crate::schema::orders::TEXT_FIELDS`]) or, where no
    /// field is read from it, by its header.
    pub order_columns: Vec<String>,
    /// Instead of these every further column that a file of orders has. Only an import into a store wants that.
    pub every_order_column: bool,
    /// The texts of all ids. Only an import into a store wants them.
    pub texts: bool,
    /// The shop's own notes on customers (`notes.csv`), which are in no export.
    pub notes: bool,
    /// The customers' tags (`tags.csv`), which people and rules set.
    pub tags: bool,
    /// The tags that conditions ask for by name.
    pub tag_names: Vec<String>,
    /// Corrections by hand of where customers came from.
    pub corrections: bool,
}

impl Wants {
    /// What both want.
    pub fn and(mut self, other: &Self) -> Self {
        self.bare_events = self.both_of_events(other, |wants| wants.bare_events);
        self.interests_alone = self.both_of_events(other, |wants| wants.interests_alone);
        self.regions |= other.regions;
        self.times |= other.times;
        self.extras |= other.extras;
        self.prices |= other.prices;
        self.costs |= other.costs;
        self.items |= other.items;
        self.baskets |= other.baskets;
        self.details |= other.details;
        self.event_products |= other.event_products;
        self.people |= other.people;
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

    /// Whether recipients, prices before discounts, costs and sources of orders are wanted, by themselves or with what
    /// brings them.
    pub fn has_extras(&self) -> bool {
        self.extras || self.items
    }

    /// Whether prices before discounts and costs of orders are wanted, by themselves or with what brings them.
    pub fn has_prices(&self) -> bool {
        self.prices || self.has_extras()
    }

    /// Whether less is wanted of events by each that wants any.
    fn both_of_events(&self, other: &Self, wants_less: impl Fn(&Self) -> bool) -> bool {
        let mut wanting =
            [self, other].into_iter().filter(|wants| wants.tables.contains(&Table::Events)).peekable();
        wanting.peek().is_some() && wanting.all(wants_less)
    }

    /// Whether the time of day of orders is wanted, by itself or with what brings it.
    pub fn has_times(&self) -> bool {
        self.times || self.has_extras()
    }

    /// The place of the orders' ids among the further columns, where they are wanted.
    pub fn place_of_order_ids(&self) -> Option<usize> {
        self.order_columns.iter().position(|name| name == Field::OrderId.name())
    }

    /// All that any question could want of exports, to be kept.
    pub fn everything() -> Self {
        Self {
            regions: true,
            times: true,
            extras: true,
            prices: true,
            costs: true,
            items: true,
            baskets: false,
            tables: Table::ALL.to_vec(),
            details: true,
            bare_events: false,
            interests_alone: false,
            event_products: true,
            people: true,
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
