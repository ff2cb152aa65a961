//! Replaces the Spark client in builds without it: no cluster can be connected to.

use polars::prelude::DataFrame;

use super::{Address, Dialect, Engine};
use crate::error::{Error, Result};

/// A session of a Spark cluster. This build cannot open one, so that no value of this type exists.
pub enum Cluster {}

impl Cluster {
    /// Refuses to connect.
    ///
    /// # Errors
    /// Always: wrong usage, with a hint at how to get a build with Spark.
    pub fn connect(_: Address) -> Result<Self> {
        Err(Error::usage_of("engine_not_built", &[]))
    }

    /// Makes the tables of an export known to the session.
    ///
    /// # Errors
    /// None, since no cluster exists.
    pub fn open(&self, _: &str) -> Result<()> {
        match *self {}
    }

    /// Makes the rows of a statement known as a table.
    ///
    /// # Errors
    /// None, since no cluster exists.
    pub fn define(&self, _: &str, _: &str) -> Result<()> {
        match *self {}
    }

    /// Lets the cluster write the rows of a statement.
    ///
    /// # Errors
    /// None, since no cluster exists.
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
