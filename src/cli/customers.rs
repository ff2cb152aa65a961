//! `ecrm customers`.

use clap::Args;
use polars::prelude::{BooleanChunked, ChunkFull, PlSmallStr};
use serde_json::{Map, json};

use super::everybody::{Read, with_people};
use super::explain;
use super::session::{Asking, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{output, predict, repurchase, rfm, segment, value};
use crate::answer::{Kind, Spec, Table};
use crate::config::Config;
use crate::customers::{self, Ground, Needs, OrderBy, Settings, Tables, Where, Wished, order_columns};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::customer_facts::AnyOrders;
use crate::metrics::finish::{counts, frame};
use crate::questions::{Answer, CUSTOMERS};
use crate::reading::Ingested;
use crate::schema::{self, Wants, names};

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
    /// Reads, fills the columns, writes.
    pub fn run(self) -> Result<()> {
        output::lang(self.output.lang, &Config::default());
        if let Some(id) = &self.question.explain {
            let asking = Asking::open(&self.input, &self.scope, &self.output)?;
            return explain::run(id, asking);
        }
        let listing = &self.question.listing;
        let listed = listing.listed(self.input.may_hold_customers())?;
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        listing.list(listed, None, |wants| asking.session(CUSTOMERS.name, wants))
    }
}

/// What is to be listed, as far as flags say it.
pub struct Listed {
    shown: Shown,
    order: Option<OrderBy>,
}

/// The columns to show.
struct Shown {
    wished: Wished,
    /// Their names in the order of the list.
    names: Vec<String>,
}

/// What is asked of the table.
struct Asked {
    wished: Wished,
    order: Option<OrderBy>,
    conditions: Vec<Where>,
}

/// The people of what was read.
pub fn ground<'a, P>(
    orders: AnyOrders<'a>,
    read: &'a Ingested<P>,
    scope: Scope,
    settings: &'a Settings,
) -> Result<Ground<'a>> {
    let tables = Tables {
        ids: &read.orders.customers,
        orders,
        has_orders: read.sources.iter().any(|source| source.table() == schema::Table::Orders),
        order_headers: order_columns::of_files(&read.sources),
        events: read.frames.events.as_ref(),
        customers: read.frames.customers.as_ref(),
        sends: read.frames.sends.as_ref(),
        hand: &read.hand,
        accounting: read.accounting.clone(),
    };
    Ground::new(tables, scope, settings)
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
    /// What is to be listed; `may_be_further` where files may bring columns that nobody knows of yet.
    ///
    /// # Errors
    /// Wrong usage of columns and order.
    pub fn listed(&self, may_be_further: bool) -> Result<Listed> {
        let order = self.sort.as_deref().map(|text| OrderBy::parse(text, may_be_further)).transpose()?;
        Ok(Listed { shown: self.shown(may_be_further)?, order })
    }

    /// Reads and lists those of whom the condition of the session and `also` are true.
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

    /// The columns to show; where customers may be named by a list, a name that is not known may be a column of it.
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
        let names: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
        let mut notes = self.notes(&table, &names);
        notes.extend(ground.lacks_amounts().then(|| Remark::new("no_amounts")));
        let mut parameters = Map::new();
        let written = match self.count {
            true => {
                let count = counts(names::CUSTOMER_COUNT, std::iter::once(Some(table.frame.height() as u64)));
                let columns = vec![Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0)];
                Table::new("count", "customers", columns, frame(vec![count])?)
            }
            false => {
                parameters.insert("columns".into(), json!(names));
                let frame = table.frame.select(names.iter().copied())?;
                Table::new("customers", "customers", specs, frame)
            }
        };
        if let Some(order) = &asked.order {
            parameters.insert("sort".into(), json!(order.text()));
        }
        let answer = Answer {
            tables: vec![written],
            parameters,
            notes,
            as_of: ground.scope.known_day(),
            window: ground.scope.window,
            customer_count: table.frame.height() as u64,
            order_count: ground.facts.order_total,
            accounting: ground.facts.accounting.clone(),
            ..Answer::default()
        };
        let mut session = session;
        session.lists_contacts(false);
        session.write(read.sources, read.ids_are_personal, answer)
    }

    /// Whether every column is asked for, those too that cannot be filled.
    fn is_all(&self) -> bool {
        self.columns.iter().any(|name| name.trim() == ALL)
    }

    /// The columns that were asked for of which nothing is known.
    fn notes(&self, table: &customers::Table, names: &[&str]) -> Vec<Remark> {
        let is_empty =
            |name: &&&str| table.frame.column(name).is_ok_and(|column| column.null_count() == column.len());
        let empty: Vec<&str> = names.iter().filter(is_empty).copied().collect();
        match self.columns.is_empty() || self.is_all() || table.frame.height() == 0 || empty.is_empty() {
            true => Vec::new(),
            false => vec![Remark::new("empty_columns").with("columns", empty.join(", "))],
        }
    }
}

/// Names every column there is.
const ALL: &str = "all";
