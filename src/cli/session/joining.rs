//! How joining customer ids changes the figures of customers.

use super::Session;
use super::asking::{Pass, Subject};
use crate::error::Result;
use crate::parse::{IdentityOptions, ReadOptions};
use crate::questions::identity::{ABOUT, Buyers};
use crate::reading::{Ingested, read_any};
use crate::schema::accounting::Accounting;
use crate::schema::{Day, RowParts};

/// The inputs read with ids joined, and the buyers with and without joining.
pub struct BothWays {
    /// The inputs without the rows of orders.
    pub read: Ingested,
    /// Which rows were used and which were left out.
    pub accounting: Accounting,
    /// The as-of day.
    pub as_of: Option<Day>,
    /// The buyers where every id is a customer.
    pub before: Buyers,
    /// The buyers where ids are joined.
    pub after: Buyers,
}

impl Session {
    /// Reads the inputs twice: first with each id as a customer of its own, then with ids joined. Remarks are only
    /// printed for the second time.
    ///
    /// # Errors
    /// Those of reading.
    pub fn read_both_ways(&mut self) -> Result<BothWays> {
        self.keep_streams()?;
        let apart = ReadOptions {
            identity: IdentityOptions::default(),
            has_digests: false,
            progress: Default::default(),
            ..self.options.clone()
        };
        let is_quiet = std::mem::replace(&mut self.is_quiet, true);
        let before = read_any(&self.inputs, &apart, ABOUT.tables).and_then(|read| self.as_they_are(read));
        self.is_quiet = is_quiet;
        let before = before?.after;
        let read = self.read_rows(ABOUT.tables)?;
        Ok(BothWays { before, ..self.as_they_are(read)? })
    }

    /// The buyers of the inputs that were read, with all that [`BothWays`] has beside them; `before` is the same as
    /// `after`.
    fn as_they_are(&self, read: Ingested<RowParts>) -> Result<BothWays> {
        let Subject { read, facts, scope, .. } = self.subject(read, &ABOUT, Pass::Facts)?;
        let after = facts.as_ref().map(Buyers::of).transpose()?.unwrap_or_default();
        let accounting = facts.map(|facts| facts.accounting).unwrap_or_default();
        Ok(BothWays { read, accounting, as_of: scope.known_day(), before: after, after })
    }
}
