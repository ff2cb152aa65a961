//! What joining customer ids does to the figures of customers.

use super::Session;
use super::asking::{Pass, Subject};
use crate::error::Result;
use crate::parse::{IdentityOptions, ReadOptions};
use crate::questions::identity::{ABOUT, Buyers};
use crate::reading::{Ingested, read_any};
use crate::schema::accounting::Accounting;
use crate::schema::{Day, RowParts};

/// What was read with ids joined, and the buyers without and with that.
pub struct BothWays {
    /// The inputs without the rows of orders.
    pub read: Ingested,
    /// Where every row went.
    pub accounting: Accounting,
    /// The as-of day.
    pub as_of: Option<Day>,
    /// The buyers where every id is a customer.
    pub before: Buyers,
    /// The buyers where ids are joined.
    pub after: Buyers,
}

impl Session {
    /// Reads the inputs with every id by itself, then with ids joined; what there is to say of them is said once.
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

    /// The buyers of what was read.
    fn as_they_are(&self, read: Ingested<RowParts>) -> Result<BothWays> {
        let Subject { read, facts, scope, .. } = self.subject(read, &ABOUT, Pass::Facts)?;
        let after = facts.as_ref().map(Buyers::of).transpose()?.unwrap_or_default();
        let accounting = facts.map(|facts| facts.accounting).unwrap_or_default();
        Ok(BothWays { read, accounting, as_of: scope.known_day(), before: after, after })
    }
}
