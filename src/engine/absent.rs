//! What stands in place of a cluster where ecrm is built without Spark's client: there never is one.

use polars::prelude::DataFrame;

use super::{Address, Dialect, Engine};
use crate::error::{Error, Result};

/// A session of a Spark cluster, which this ecrm cannot open.
pub enum Cluster {}

impl Cluster {
    /// Refuses.
    ///
    /// # Errors
    /// Always: wrong usage, with how to get an ecrm that can.
    pub fn connect(_: Address) -> Result<Self> {
        Err(Error::usage_of("engine_not_built", &[]))
    }

    /// Makes the tables of an export known.
    ///
    /// # Errors
    /// None: there is no cluster.
    pub fn open(&self, _: &str) -> Result<()> {
        match *self {}
    }

    /// Makes the rows of a statement known as a table.
    ///
    /// # Errors
    /// None: there is no cluster.
    pub fn define(&self, _: &str, _: &str) -> Result<()> {
        match *self {}
    }

    /// Has the rows of a statement written.
    ///
    /// # Errors
    /// None: there is no cluster.
    pub fn write(&self, _: &str, _: &str, _: bool) -> Result<u64> {
        match *self {}
    }
}

impl Engine for Cluster {
    fn dialect(&self) -> Dialect {
        match *self {}
    }

    fn rows(&self, _: &str) -> Result<DataFrame> {
        match *self {}
    }
}
