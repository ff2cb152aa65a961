//! `ecrm customers`.

use clap::Args;
use polars::prelude::{BooleanChunked, ChunkFull, PlSmallStr};

use super::everybody::{Read, with_people};
use super::explain;
use super::on_engine::ListEngineArgs;
use super::session::{Asking, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{output, predict, repurchase, rfm, segment, value};
use crate::answer::Spec;
use crate::config::Config;
use crate::customers::{self, Ground, Needs, OrderBy, Settings, Where, Wished};
use crate::engine::{self, Dialect, Statement};
use crate::error::Result;
use crate::questions::customers::Made;
pub use crate::questions::customers::ground;
use crate::questions::{CUSTOMERS, Customers, Rest};
use crate::schema::{Wants, names};

/// The list of everybody whom any input names, with the columns you choose
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm customers orders.csv customers.csv
  ecrm customers exports/* --columns customer_id,phone,net_amount,due_status
  ecrm customers exports/* --where \"province = '浙江' and order_count >= 2\" --sort \"net_amount desc\"
  ecrm customers exports/* --where \"bought('P101') and recency_days > 90\" --count
  ecrm customers orders.csv --columns all -o customers.xlsx
  ecrm customers exports/* --explain 17850

`ecrm define customers` says what each column means. The result is one table, `customers`; buyers come first, by net \
amount. With --explain it is the tables orders (the main one), scores, rfm_group, segment, class, due, contacts, \
events, tags, notes, identity and person.")]
pub struct CustomersArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: CustomersQuestion,
    #[command(flatten)]
    engine: ListEngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Which columns of whom, in which order.
#[derive(Debug, Args)]
#[command(next_help_heading = "Customers")]
pub struct ListingArgs {
    /// The columns, in this order, or `all` [default: who they are, what they bought, segment and group]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    columns: Vec<String>,

    /// The order of the rows: "net_amount desc, customer_id" [default: buyers by net amount, then the others by id]
    #[arg(long, value_name = "COLUMN [desc],…")]
    sort: Option<String>,

    /// Only say how many they are
    #[arg(long, conflicts_with_all = ["columns", "sort"])]
    count: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Customers")]
struct CustomersQuestion {
    #[command(flatten)]
    listing: ListingArgs,

    /// Explain one customer: every order and why it counts or not, and what scores, segment, class and due date follow
    /// from. ID is a customer id, or another one that --identity or identities.csv makes the same person's
    #[arg(long, value_name = "ID", conflicts_with_all = ["columns", "sort", "count", "condition"])]
    explain: Option<String>,
}

impl CustomersArgs {
    /// Reads the inputs, fills the columns that were asked for, and writes the list.
    pub fn run(self) -> Result<()> {
        output::lang(self.output.lang, &Config::default());
        if self.engine.is_given() {
            let (asking, question) = self.asked()?;
            return self.engine.ask(asking, &question);
        }
        if let Some(id) = &self.question.explain {
            let asking = Asking::open(&self.input, &self.scope, &self.output)?;
            return explain::run(id, asking);
        }
        let listing = &self.question.listing;
        let listed = listing.listed(self.input.may_hold_customers())?;
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        listing.list(listed, None, |wants| asking.session(CUSTOMERS.name, wants))
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let (asking, question) = self.asked()?;
        asking.statements(&question, dialect)
    }

    /// The question for an engine, whose columns are known before anything is read.
    fn asked(&self) -> Result<(Asking<'_>, Customers)> {
        let listing = &self.question.listing;
        let not_there = |flag: &str| Err(engine::not_there(CUSTOMERS.name, flag));
        if self.question.explain.is_some() {
            return not_there("--explain");
        }
        if listing.is_all() {
            return not_there("--columns all");
        }
        let Listed { shown, order } = listing.listed(false)?;
        let is_usual = listing.columns.is_empty() && !listing.count;
        let columns = shown.names.iter().filter_map(|name| customers::find(name)).map(|(_, spec)| spec.name);
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let question = Customers {
            names: columns.filter(|name| !is_usual || !engine::MISSING_COLUMNS.contains(name)).collect(),
            order,
            condition: asking.condition_of_export()?,
            counts: listing.count,
            says_empty: listing.says_empty(),
            is_usual,
            settings: settings(asking.config())?,
        };
        Ok((asking, question))
    }
}

/// The list that is asked for, as far as the flags describe it.
pub struct Listed {
    shown: Shown,
    order: Option<OrderBy>,
}

/// The columns to show.
struct Shown {
    wished: Wished,
    /// Column names in the order of the list.
    names: Vec<String>,
}

/// The request to the customer table.
struct Asked {
    wished: Wished,
    order: Option<OrderBy>,
    conditions: Vec<Where>,
}

/// The thresholds of the configuration.
pub fn settings(config: &Config) -> Result<Settings> {
    let (churn, due_days, weight) = repurchase::params_of(config)?;
    Ok(Settings {
        segment: segment::params_of(config)?,
        rfm: rfm::params_of(config)?,
        value: value::params_of(config)?,
        churn,
        due_days,
        weight,
        predict: predict::params_of(config),
    })
}

impl ListingArgs {
    /// The list that is asked for. `may_be_further` is whether files may add columns that are not known yet.
    ///
    /// # Errors
    /// Wrong usage in the columns or the order.
    pub fn listed(&self, may_be_further: bool) -> Result<Listed> {
        let order = self.sort.as_deref().map(|text| OrderBy::parse(text, may_be_further)).transpose()?;
        Ok(Listed { shown: self.shown(may_be_further)?, order })
    }

    /// Reads the inputs and lists the customers for whom the condition of the session and `also` hold.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub fn list(
        &self,
        listed: Listed,
        also: Option<Where>,
        session: impl FnOnce(Wants) -> Result<Session>,
    ) -> Result<()> {
        let Listed { shown, order } = listed;
        let mut wished = shown.wished.clone();
        order.iter().for_each(|order| wished.add_all(&order.wished()));
        also.iter().for_each(|also| wished.add_all(&also.wished()));
        let mut session = session(wished.wants().and(&Needs::EVERYBODY.wants()))?;
        let conditions: Vec<Where> = session.take_condition().into_iter().chain(also).collect();
        conditions.iter().for_each(|condition| wished.add_all(&condition.wished()));
        let asked = Asked { wished: wished.clone(), order, conditions };
        with_people(session, &CUSTOMERS, wished.needs(), |session, ground, read| {
            self.write(session, ground, &read, &asked, shown)
        })
    }

    /// The columns to show. If customers may come from a list, an unknown name may be one of the list's columns.
    fn shown(&self, may_be_further: bool) -> Result<Shown> {
        let all = || customers::columns().map(|spec| spec.name);
        let named: Vec<&str> = match self.columns.iter().map(|name| name.trim()).collect::<Vec<_>>() {
            _ if self.count => vec![names::CUSTOMER_ID],
            none if none.is_empty() => customers::DEFAULT.to_vec(),
            one if one == [ALL] => all().collect(),
            some => some,
        };
        let mut shown = Shown { wished: Wished::default(), names: Vec::new() };
        for name in named {
            if !may_be_further && customers::find(name).is_none() {
                return Err(customers::no_column(name, &all().map(str::to_owned).collect::<Vec<_>>()));
            }
            if !shown.names.iter().any(|other| other == name) {
                shown.wished.add_any(name);
                shown.names.push(name.to_owned());
            }
        }
        Ok(shown)
    }

    fn write(
        &self,
        session: Session,
        ground: &Ground<'_>,
        read: &Read<'_>,
        asked: &Asked,
        mut shown: Shown,
    ) -> Result<()> {
        let mut wished = asked.wished.clone();
        if self.is_all() {
            for (name, _) in ground.further() {
                wished.add_any(&name);
                shown.names.push(name);
            }
        }
        if !self.is_all() {
            ground.require(shown.names.iter().map(String::as_str))?;
        }
        let mut table = customers::Table::build(ground, &wished)?;
        let mut kept = BooleanChunked::full(PlSmallStr::EMPTY, true, ground.len());
        for condition in &asked.conditions {
            kept = kept & condition.keeps(ground, &table)?;
        }
        if !asked.conditions.is_empty() {
            table.frame = table.frame.filter(&kept)?;
        }
        if let Some(order) = &asked.order {
            let rows = order.order(ground, &table)?;
            table.frame = table.frame.take(&rows)?;
        }
        let specs =
            shown.names.iter().map(|name| table.known_spec(name, ground)).collect::<Result<Vec<Spec>>>()?;
        let rest = Rest::of(ground, table.frame.height() as u64);
        let made = Made {
            table: &table,
            specs,
            counts: self.count,
            says_empty: self.says_empty(),
            lacks_amounts: ground.lacks_amounts(),
            order: asked.order.as_ref(),
        };
        let answer = made.answer(rest)?;
        let mut session = session;
        session.lists_contacts(false);
        session.write(read.sources, read.ids_are_personal, answer)
    }

    /// Whether all columns are asked for, including those that cannot be filled.
    fn is_all(&self) -> bool {
        self.columns.iter().any(|name| name.trim() == ALL)
    }

    /// Whether to report columns without any value: only those that were named one by one.
    fn says_empty(&self) -> bool {
        !self.columns.is_empty() && !self.is_all()
    }
}

/// The name that stands for all columns.
const ALL: &str = "all";
