//! The customer list on an engine. SQL computes the columns and chooses who is listed. Sorting, quotients, and words
//! that only this program understands are done here.

mod columns;
mod fetched;
mod statement;

use std::collections::BTreeSet;

use self::columns::Lacks;
use self::statement::{Asking, Cut};
use super::lists::{group_of_given, written_as};
use super::rfm::literals;
use super::value::ENDS;
use super::{Dialect, Ground, Listing, ListsOnEngine, OnEngine, Rows, ShopOn, Statement, not_there};
use crate::customers::Table;
use crate::error::Result;
use crate::export::{CUSTOMERS, EVENTS, SENDS};
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::rfm::{Grouping, Scoring};
use crate::questions::customers::{Made, counted};
use crate::questions::{Answer, Customers, Question, Rest, Rfm, Value};
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::{Day, names};

/// Events and messages within this number of days count as recent.
const RECENT_DAYS: u32 = 30;

/// Default columns that engines do not have: names are not exported, the last place of a day is not computed there, and
/// hand-kept files stay here.
pub const MISSING_COLUMNS: [&str; 4] = [names::NAME, names::PROVINCE, names::TAGS, names::NOTE];

/// The columns that are computed here, each with the columns that it needs.
const MADE_HERE: [(&str, &[&str]); 2] = [
    (names::AOV, &[names::ORDER_COUNT, names::NET_AMOUNT]),
    (names::DEEP_DISCOUNT_SHARE, &[columns::DEEP_COUNT, columns::PRICED_COUNT]),
];

impl OnEngine for Customers {
    const TAKES_WHERE: bool = true;
    const COUNTS_EVENTS: bool = true;
    const LISTS_PEOPLE: bool = true;

    fn check(&self) -> Result<()> {
        // For this check the day and the dialect do not matter.
        let ground = Ground { dialect: Dialect::Spark, scope: Scope::up_to(Day::EPOCH) };
        self.asking(&ground, Lacks::default())?.list(&self.printed_cuts(&ground)?).map(drop)
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        let asking = self.asking(ground, Lacks::default())?;
        if asking.wants_rfm_group() && self.settings.rfm.grouping == Grouping::Eight(None) {
            // The group depends on means that no parameter can stand for.
            return Err(not_there(Self::ABOUT.name, "rfm_group by the means of scores"));
        }
        let mut all = vec![ground.left_out()?, ground.statement("customers_later")?];
        if asking.wants_scores() && !matches!(self.settings.rfm.scoring, Scoring::Cuts(_)) {
            all.push(ground.statement("rfm_histograms")?);
        }
        if asking.wants_class() {
            all.push(self.value().contributed(ground, "value_levels")?);
        }
        all.push(ground.statement("customers_buyers")?);
        all.push(asking.list(&self.printed_cuts(ground)?)?);
        Ok(all)
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let asked = self.asked(shop)?;
        let (ground, list, rest) = (&asked.ground, &asked.list, asked.rest);
        let rows = shop.rows(list)?;
        if self.counts {
            let count = rows.one::<u64>(names::CUSTOMER_COUNT)?.unwrap_or(0);
            return counted(count, self.order.as_ref(), Rest { customer_count: count, ..rest });
        }
        let asking = self.asking(ground, asked.lacks)?;
        let mut table = Table { frame: fetched::frame(&rows, &asking, asked.lacks)? };
        if let Some(order) = &self.order {
            table.frame = table.frame.take(&order.order_closed(&table, ground.scope.as_of)?)?;
        }
        let rest = Rest { customer_count: table.frame.height() as u64, ..rest };
        let made = Made {
            table: &table,
            specs: self.specs(),
            counts: false,
            says_empty: self.says_empty,
            // That no order has an amount is reported for every answer in one place.
            lacks_amounts: false,
            order: self.order.as_ref(),
        };
        let mut answer = made.answer(rest)?;
        answer.notes.extend(self.is_usual.then(|| Remark::new("engine_usual_columns")));
        Ok(answer)
    }
}

/// The statement of the list, and what must be known to write it.
struct AskedOn {
    ground: Ground,
    lacks: Lacks,
    list: Statement,
    rest: Rest,
}

impl Customers {
    /// Prepares the statement of the list, asking the engine for the values that it needs.
    fn asked(&self, shop: &ShopOn<'_>) -> Result<AskedOn> {
        let (ground, _) = shop.up_to_events_in(shop.ground)?;
        let asks_costs = self.wished().needs().costs;
        let accounting = accounting(shop, &ground, asks_costs)?;
        let says = &shop.about.says;
        let lacks = Lacks {
            amounts: shop.lacks_amounts(),
            events: !says.has_table(EVENTS.name),
            sends: !says.has_table(SENDS.name),
        };
        let buyers = shop.rows(&ground.statement("customers_buyers")?)?;
        let order_count = buyers.one::<u64>(names::ORDER_COUNT)?.unwrap_or(0);
        let asking = self.asking(&ground, lacks)?;
        let mut cut = match asking.wants_scores() {
            true => self.cut_on(shop, &ground, asking.wants_rfm_group())?,
            false => Cut::none(),
        };
        if asking.wants_class() {
            cut.ends = self.value().ends_on(&shop.with(ground))?;
        }
        let list = asking.list(&cut)?;
        let rest = Rest {
            as_of: ground.scope.known_day(),
            window: ground.scope.window,
            customer_count: 0,
            order_count,
            accounting,
        };
        Ok(AskedOn { ground, lacks, list, rest })
    }

    /// All columns and calls that are needed, by their names.
    fn asking<'a>(&'a self, ground: &'a Ground, lacks: Lacks) -> Result<Asking<'a>> {
        let mut shown: BTreeSet<&str> = self.names.iter().copied().collect();
        shown.extend(self.order.iter().flat_map(|order| order.columns()));
        for (made, of) in MADE_HERE {
            if shown.remove(made) {
                shown.extend(of);
            }
        }
        Asking::new(self, ground, lacks, shown)
    }

    /// The question that value classes are taken from.
    fn value(&self) -> Value {
        Value { params: self.settings.value, lists: false }
    }

    /// The question that scores are taken from.
    fn rfm(&self) -> Result<Rfm> {
        match self.settings.rfm.scoring {
            Scoring::Ntile => Err(not_there(Self::ABOUT.name, "[rfm] method = \"ntile\"")),
            _ => {
                Ok(Rfm { params: self.settings.rfm.clone(), sums_up: false, method: "quantile", groups: "" })
            }
        }
    }

    /// Parameters for cut points, whose values only the rows of an earlier statement give.
    fn printed_cuts(&self, ground: &Ground) -> Result<Cut> {
        let asking = self.asking(ground, Lacks::default())?;
        let ends = ENDS.map(|name| ground.dialect.parameter(name));
        if !asking.wants_scores() {
            return Ok(Cut { ends, ..Cut::none() });
        }
        let rfm = self.rfm()?;
        let group = match (&rfm.params.grouping, asking.wants_rfm_group()) {
            // The statements then refuse the question.
            (Grouping::Eight(None), true) => String::new(),
            (_, true) => group_of_given(&rfm.params, ground.dialect)?,
            (_, false) => String::new(),
        };
        Ok(Cut { points: rfm.printed_cuts(ground), group, ends })
    }

    /// The cut points of the engine's buyers.
    fn cut_on(&self, shop: &ShopOn<'_>, ground: &Ground, wants_group: bool) -> Result<Cut> {
        let rfm = self.rfm()?;
        let of = shop.with(*ground);
        let cuts = rfm.some_cuts_on(&of)?;
        let group = if wants_group { rfm.group_of_scores(&of, &cuts)? } else { String::new() };
        Ok(Cut { points: literals(&cuts), group, ..Cut::none() })
    }
}

/// Rows of customers and messages that are later than the as-of day are left out; events are not.
fn accounting(shop: &ShopOn<'_>, ground: &Ground, asks_costs: bool) -> Result<Accounting> {
    let tables = [shop.order_tables(asks_costs), vec![EVENTS.name, CUSTOMERS.name, SENDS.name]].concat();
    let mut accounting = shop.accounting_of(&tables, &ground.left_out()?)?;
    let later = shop.rows(&ground.statement("customers_later")?)?.one::<u64>(names::ROW_COUNT)?;
    accounting.exclude(Rule::AfterAsOf, later.unwrap_or(0));
    accounting.check_balance()?;
    Ok(accounting)
}

impl ListsOnEngine for Customers {
    fn lists(&self) -> bool {
        !self.counts
    }

    fn check_list(&self) -> Result<()> {
        if self.order.is_some() {
            return Err(not_there(Self::ABOUT.name, "--sort beside --output-to"));
        }
        match self.names.iter().find(|name| fetched::is_made_here(name)) {
            Some(name) => Err(not_there(Self::ABOUT.name, &format!("{name} beside --output-to"))),
            None => Ok(()),
        }
    }

    fn list_on(&self, shop: &ShopOn<'_>) -> Result<Listing> {
        let AskedOn { list, rest, .. } = self.asked(shop)?;
        let notes = self.is_usual.then(|| Remark::new("engine_usual_columns")).into_iter().collect();
        Ok(Listing { notes, ..Listing::of(written_as(&list, &self.specs()), rest.accounting) })
    }
}
