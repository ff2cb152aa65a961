//! `ecrm source`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use polars::prelude::{Column, DataFrame};

use super::kept::{self, Kept, KeptArgs, Open};
use crate::error::{Error, Result};
use crate::hand::{Correction, Corrections, HandFile, SOURCE_LIST, SOURCES, source_name};
use crate::metrics::finish::dates;
use crate::present::{Kind, Report, Spec, Table};
use crate::schema::accounting::Accounting;
use crate::schema::names;

/// Correct where a customer came from, list and clear corrections
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm source set 1001 douyin --reason 'came from the live show'
  ecrm source set --from fair.csv --reason 'cards of the spring fair'
  ecrm source list
  ecrm source clear 1001
  ecrm sources exports/*                  what that changes, by source

Corrections are kept in source_corrections.csv (customer_id, source, corrected_on, reason) beside ecrm.toml, a file that \
you may also edit by hand or in a spreadsheet: a line per correction, of which the newest of a customer counts, of one day \
the lower line. They count wherever a customer's source is a column: sources, customers, every --where, profile and interest \
--by source; whatever --as-of says. The source of an order (--orders-where, first('source')) stays what the export says.")]
pub struct SourceArgs {
    #[command(subcommand)]
    command: SourceCommand,
}

#[derive(Debug, Subcommand)]
enum SourceCommand {
    Set(SetArgs),
    List(CorrectionsArgs),
    Clear(ClearArgs),
}

/// Say where a customer came from, or many of a list
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm source set 1001 douyin --reason 'came from the live show'
  ecrm source set --from fair.csv --reason 'cards of the spring fair'")]
struct SetArgs {
    /// The customer's id, as the exports have it
    #[arg(value_name = "CUSTOMER", required_unless_present = "from", requires = "source")]
    customer: Option<String>,

    /// Where the customer came from
    #[arg(value_name = "SOURCE")]
    source: Option<String>,

    /// A CSV file with the columns customer_id and source, and reason where --reason does not say one for all
    #[arg(long, value_name = "FILE", conflicts_with_all = ["customer", "source"], help_heading = "Input")]
    from: Option<PathBuf>,

    /// Why the exports are wrong
    #[arg(long, value_name = "TEXT", required_unless_present = "from")]
    reason: Option<String>,

    /// The day of the correction, YYYY-MM-DD or today [default: today, in the shop's zone where ecrm.toml names it]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,

    #[command(flatten)]
    kept: KeptArgs,
}

/// Every correction, or those of one customer, the newest first
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ecrm source list 1001")]
struct CorrectionsArgs {
    /// The customer's id, as the exports have it [default: everybody]
    #[arg(value_name = "CUSTOMER")]
    customer: Option<String>,

    #[command(flatten)]
    kept: KeptArgs,
}

/// Remove all corrections of a customer, so that the exports are right again
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ecrm source clear 1001")]
struct ClearArgs {
    /// The customer's id, as the exports have it
    #[arg(value_name = "CUSTOMER")]
    customer: String,

    #[command(flatten)]
    kept: KeptArgs,
}

/// The key of the remark that is printed if nobody named the folder.
const HERE: &str = "sources_here";

impl SourceArgs {
    /// Runs the subcommand, and writes the corrections of the customers it is about.
    pub fn run(self) -> Result<()> {
        match self.command {
            SourceCommand::Set(args) => args.run(),
            SourceCommand::List(args) => args.run(),
            SourceCommand::Clear(args) => args.run(),
        }
    }
}

impl SetArgs {
    fn run(self) -> Result<()> {
        let kept = self.kept.find()?;
        let corrections = self.corrections(&kept)?;
        let open = kept.open(&SOURCES, HERE, self.from.as_deref())?;
        let ids: Vec<String> = corrections.iter().map(|one| one.customer_id.clone()).collect();
        open.change(
            &SOURCES,
            |file| Ok(file.add_corrections(&corrections)),
            |open, file| write(open, file, Some(&ids)),
        )
    }

    /// The corrections to add.
    fn corrections(&self, kept: &Kept) -> Result<Vec<Correction>> {
        let corrected_on = kept.day(self.on.as_deref())?;
        let given = self.reason.as_deref().map(reason).transpose()?;
        if let (Some(customer), Some(source)) = (&self.customer, &self.source) {
            let source = source_name(source).ok_or_else(|| refused("source_name", source))?.to_owned();
            let customer_id = kept::customer(customer)?;
            return Ok(vec![Correction {
                customer_id,
                source,
                corrected_on,
                reason: given.unwrap_or_default(),
            }]);
        }
        let file = HandFile::list(&SOURCE_LIST, self.from.as_deref().unwrap_or(Path::new("")))?;
        let of_row = |row| {
            let cells = file.cells(row);
            let own = || file.further(row, names::REASON).filter(|reason| !reason.is_empty());
            let reason = given.clone().or_else(own);
            Ok(Correction {
                customer_id: cells.id(0),
                source: cells.text(1),
                corrected_on,
                reason: reason.ok_or_else(|| refused("source_reason", &cells.id(0)))?,
            })
        };
        file.rows.iter().map(of_row).collect()
    }
}

impl CorrectionsArgs {
    fn run(self) -> Result<()> {
        let kept = self.kept.find()?;
        let customer = self.customer.as_deref().map(kept::customer).transpose()?;
        let open = kept.open(&SOURCES, HERE, None)?;
        let file = HandFile::read(&SOURCES, &open.folder)?;
        open.say_rejects(&file);
        write(open, &file, customer.map(|id| vec![id]).as_deref())
    }
}

impl ClearArgs {
    fn run(self) -> Result<()> {
        let kept = self.kept.find()?;
        let customer = kept::customer(&self.customer)?;
        let open = kept.open(&SOURCES, HERE, None)?;
        let clear = |file: &mut HandFile| match file.clear_corrections(&customer) {
            0 => Err(Error::data_of("source_none", &[("id", customer.clone())])),
            _ => Ok(true),
        };
        open.change(&SOURCES, clear, |open, file| write(open, file, Some(std::slice::from_ref(&customer))))
    }
}

fn reason(text: &str) -> Result<String> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() { Err(refused("source_no_reason", "")) } else { Ok(text) }
}

fn refused(key: &str, seen: &str) -> Error {
    Error::usage_of(key, &[("seen", format!("{seen:?}"))])
}

/// Writes the corrections of all customers, or of those with the given ids.
fn write(open: Open, file: &HandFile, ids: Option<&[String]>) -> Result<()> {
    let corrections = Corrections::of(file);
    let shown = match ids {
        Some(ids) => corrections.of_customers(ids),
        None => corrections,
    };
    let report = report(&shown, kept::accounting(file, shown.all.len()))?;
    open.write(&report)
}

fn report(corrections: &Corrections, accounting: Accounting) -> Result<Report> {
    let customer_count = corrections.customer_count();
    let all = &corrections.all;
    let texts = |name: &str, of: fn(&Correction) -> &str| {
        Column::new(name.into(), all.iter().map(of).collect::<Vec<&str>>())
    };
    let columns = vec![
        texts(names::CUSTOMER_ID, |one| &one.customer_id),
        texts(names::SOURCE, |one| &one.source),
        dates(names::CORRECTED_ON, all.iter().map(|one| Some(one.corrected_on))),
        texts(names::REASON, |one| &one.reason),
    ];
    let specs = vec![
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::SOURCE, Kind::Named, 0),
        Spec::new(names::CORRECTED_ON, Kind::Date, 0),
        Spec::new(names::REASON, Kind::Title, 0),
    ];
    let table = Table::new("corrections", "corrections", specs, DataFrame::new(all.len(), columns)?);
    Ok(kept::report("source", vec![table], customer_count, accounting))
}
