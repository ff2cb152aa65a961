//! Flags by which a cluster answers in place of this machine.

use clap::Args;

use super::session::Asking;
use crate::engine::{ListsOnEngine, OnEngine};
use crate::error::Result;

/// Who answers.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Another engine")]
pub struct EngineArgs {
    /// Ask a Spark cluster through Spark Connect, over the tables of `ecrm export`: sc://HOST:PORT, or
    /// sc://HOST:443/;use_ssl=true. FILES is then the one folder that they are in, as the cluster sees it
    /// (s3a://shop/tables). Its token is read from ECRM_ENGINE_TOKEN
    #[arg(long, value_name = "URL")]
    engine: Option<String>,
}

impl EngineArgs {
    /// Whether a cluster answers.
    pub fn is_given(&self) -> bool {
        self.engine.is_some()
    }

    /// Has the question answered, here or by a cluster, and writes the answer.
    ///
    /// # Errors
    /// Those of this machine or the cluster.
    pub fn ask<Q: OnEngine>(&self, asking: Asking<'_>, question: &Q) -> Result<()> {
        match &self.engine {
            Some(url) => asking.ask_on(question, url),
            None => asking.ask(question),
        }
    }
}

/// Who answers, and where a list of customers goes that need not come here.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Another engine")]
pub struct ListEngineArgs {
    #[command(flatten)]
    on: EngineArgs,

    /// Have the cluster write the list of customers itself, as Parquet files in a folder that it reaches
    #[arg(long, value_name = "URL", requires = "engine", help_heading = "Another engine")]
    output_to: Option<String>,

    /// Replace what is in that folder
    #[arg(long, requires = "output_to", help_heading = "Another engine")]
    force: bool,
}

impl ListEngineArgs {
    /// Whether a cluster answers.
    pub fn is_given(&self) -> bool {
        self.on.is_given()
    }

    /// Like [`EngineArgs::ask`]; with `output_to`, the cluster writes the list itself.
    ///
    /// # Errors
    /// Those of this machine or the cluster.
    pub fn ask<Q: ListsOnEngine>(&self, asking: Asking<'_>, question: &Q) -> Result<()> {
        match (&self.on.engine, &self.output_to) {
            (Some(url), Some(folder)) => asking.list_on(question, url, (folder, self.force)),
            _ => self.on.ask(asking, question),
        }
    }
}
