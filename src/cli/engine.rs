//! `ecrm engine`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::configuration;
use super::reply::ReplyArgs;
use crate::engine::known::Checked;
use crate::engine::{Address, Cluster, known, trial};
use crate::error::Result;

/// Look at a cluster that --engine names
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ecrm engine check sc://localhost:15002")]
pub struct EngineArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask it what is known, and compare: whether it divides, sums, compares and orders as statements rely on, and
    /// answers every question over a tiny shop as ecrm does. The exit code is 1 where it does not, with the expression,
    /// its answer and the right one
    #[command(after_help = "Examples:
  ecrm engine check sc://localhost:15002
  ecrm engine check 'sc://spark.example.com:443/;use_ssl=true' --format json

Nothing is read and nothing is written: the rows are in the statements. The token is read from ECRM_ENGINE_TOKEN.")]
    Check(CheckArgs),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The cluster: sc://HOST:PORT, or sc://HOST:443/;use_ssl=true
    #[arg(value_name = "URL")]
    engine: String,

    #[command(flatten)]
    reply: ReplyArgs,
}

impl EngineArgs {
    /// Checks the cluster and prints the results.
    pub fn run(self) -> Result<()> {
        let Command::Check(args) = self.command;
        let reply = args.reply.reply(&configuration::find(None)?);
        let address = Address::parse(&args.engine)?;
        let name = address.name();
        let cluster = Cluster::connect(address)?;
        let checked = known::check(&cluster)?;
        // After a failed check, wrong answers to questions would be no news.
        let tried = match checked.iter().all(Checked::is_right) {
            true => trial::check(&cluster, &|table, sql| cluster.define(table, sql))?,
            false => Vec::new(),
        };
        let line = |what: &str, is_right: bool| {
            reply.words(if is_right { "known_right" } else { "known_wrong" }, &[("what", what.to_owned())])
        };
        let of_checks =
            checked.iter().map(|one| line(reply.locale().get("engine_check", one.name), one.is_right()));
        let of_questions = tried.iter().map(|(name, is_right)| line(name, *is_right));
        let object = json!({
            "report": "engine_check",
            "engine": name,
            "checks": checked.iter().map(as_json).collect::<Vec<_>>(),
            "questions": tried.iter().map(|(name, is_right)| json!({ "name": name, "is_right": is_right }))
                .collect::<Vec<_>>(),
        });
        reply.done(&object, &of_checks.chain(of_questions).collect::<Vec<_>>())?;
        known::judge(&checked)?;
        trial::judge(&tried)
    }
}

fn as_json(one: &Checked) -> serde_json::Value {
    json!({
        "name": one.name,
        "is_right": one.is_right(),
        "statement": one.sql,
        "answer": one.answer,
        "right": one.right,
    })
}
