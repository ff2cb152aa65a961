//! The canonical customers table: what the shop knows of people beside their orders.

use crate::regions::Region;

/// One customer. Days are since 1970-01-01, `i32::MIN` where not known; numbers are [`super::events::UNKNOWN`] where
/// not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomerRow {
    /// Number of the customer among those of the orders table and the other tables.
    pub customer: u32,
    /// Day of birth.
    pub birthday: i32,
    /// Day of registration.
    pub registered_on: i32,
    /// Day on which a member card was claimed.
    pub card_claimed_on: i32,
    /// Number among [`Customers::genders`].
    pub gender: u32,
    /// Number among [`Customers::levels`].
    pub level: u32,
    /// Number among [`Customers::sources`].
    pub source: u32,
    /// Number among [`Customers::regions`].
    pub region: u32,
    /// Rows that say something of the customer.
    pub row_count: u32,
}

/// The customers of all inputs, each once: what a later row says of one counts.
#[derive(Debug, Clone, Default)]
pub struct Customers {
    /// By customer.
    pub rows: Vec<CustomerRow>,
    /// The words for genders, by number.
    pub genders: Vec<String>,
    /// The words for member levels, by number.
    pub levels: Vec<String>,
    /// Where customers came from, by number.
    pub sources: Vec<String>,
    /// Where they live, by number.
    pub regions: Vec<Region>,
    /// Whether any input says when cards were claimed.
    pub has_cards: bool,
    /// Whether any input says the member level.
    pub has_levels: bool,
}

impl Customers {
    /// The last day on which anybody registered or claimed a card.
    pub fn latest(&self) -> Option<i32> {
        let days = self.rows.iter().flat_map(|row| [row.registered_on, row.card_claimed_on]);
        days.filter(|day| *day != i32::MIN).max()
    }

    /// Takes out those who registered after a day, and says how many rows that were.
    pub fn leave_out_later(&mut self, day: i32) -> u64 {
        let is_later = |row: &CustomerRow| row.registered_on > day;
        let rows = self.rows.iter().filter(|row| is_later(row)).map(|row| u64::from(row.row_count)).sum();
        self.rows.retain(|row| !is_later(row));
        rows
    }

    /// The customers.
    pub fn codes(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().map(|row| row.customer)
    }

    /// The row of a customer.
    pub fn find(&self, customer: u32) -> Option<&CustomerRow> {
        let place = self.rows.binary_search_by_key(&customer, |row| row.customer).ok()?;
        self.rows.get(place)
    }
}
