//! A target list for one message: who gets it, who is held out to compare with, and why the others do not get it.

mod messages;
mod tables;

use polars::prelude::*;
use rayon::prelude::*;
use serde_json::{Map, json};

use self::tables::{balance, balance_table, exclusions_table, unbalanced};
use super::{About, Answer, CUSTOMERS};
use crate::answer::{Kind, Spec, Table};
use crate::customers::reach::{Contacts, Judged, Marked, Way};
use crate::customers::{self, Ground, OrderBy, Where, Wished};
use crate::error::{Error, Result};
use crate::locale::Remark;
use crate::metrics::audience::{Candidate, Draw, Exclusion, sift};
use crate::metrics::finish::{frame, texts};
use crate::metrics::segment::CARE;
use crate::metrics::value::WHOLE;
use crate::schema::{Day, Personal, Sends, Wants, names};

/// Who is a candidate for a message, and the rules by which candidates are left out.
#[derive(Debug, Clone)]
pub struct Audience {
    /// The campaign's id, as logs have it.
    pub campaign_id: String,
    /// The id by which the control group is drawn. A step of a campaign uses the campaign's id, all others their own.
    pub drawn_by: String,
    /// Whether only people are candidates who got the campaign before and have not ordered since.
    pub is_second_notice: bool,
    /// The channel, as sends logs have it.
    pub channel: &'static str,
    /// The way in which that channel reaches people.
    pub way: Way,
    /// The share of the control group, in units of [`WHOLE`].
    pub holdout: u32,
    /// How many candidates may be taken at most, the control group included; `None` takes all.
    pub max: Option<usize>,
    /// Length in days of the period, ending with the day of the message, in which nobody may get a second message. 0
    /// turns the rule off.
    pub fatigue_days: u32,
    /// Whether the message offers a discount.
    pub has_discount: bool,
    /// The columns to show after customer, contact and channel.
    pub columns: Vec<String>,
    /// The condition that candidates meet; `None` makes everybody a candidate.
    pub condition: Option<Where>,
    /// The order in which candidates are taken. `None` takes buyers by net amount and then the others by id.
    pub order: Option<OrderBy>,
}

/// The day of the message, and what holds on that day.
#[derive(Debug, Clone, Copy)]
pub struct On<'a> {
    /// The day of the message.
    pub day: Day,
    /// The share of the standing holdout, in units of [`WHOLE`].
    pub standing: u32,
    /// All messages in any input, those after the as-of day included.
    pub sends: Option<&'a Sends>,
}

/// The answer, and the people in each of the two arms.
pub struct Pulled {
    /// The list, the reasons why others are not on it, and the balance of the arms, as tables.
    pub answer: Answer,
    /// The people who get the message, in the order of the list: id and contact.
    pub listed: Vec<(String, String)>,
    /// The ids of the people who are held out as the control group.
    pub held_out: Vec<String>,
}

impl Audience {
    /// What is known of this question before it is asked.
    pub const ABOUT: About = About { name: "audience", writes: &Self::TABLES, ..CUSTOMERS };

    /// The tables that it writes.
    pub const TABLES: [&'static str; 3] = ["list", "exclusions", "balance"];

    /// The columns of the customer table that this question needs.
    pub fn wished(&self) -> Wished {
        let mut wished = Wished::default();
        let own = [
            names::CUSTOMER_ID,
            names::NET_AMOUNT,
            names::RECENCY_DAYS,
            names::ORDER_COUNT,
            names::IS_OPTED_OUT,
            names::IS_BLACKLISTED,
        ];
        let mode = self.has_discount.then_some(names::MODE);
        own.into_iter().chain(mode).for_each(|name| wished.add_any(name));
        if self.is_second_notice {
            wished.add_any(names::LAST_ORDERED_ON);
        }
        self.columns.iter().for_each(|name| wished.add_any(name));
        self.condition.iter().for_each(|condition| wished.add_all(&condition.wished()));
        self.order.iter().for_each(|order| wished.add_all(&order.wished()));
        wished
    }

    /// What has to be read from the inputs for this question.
    pub fn wants(&self) -> Wants {
        let needs = self.way.needs().and(customers::Needs::EVERYBODY);
        self.wished().wants().and(&needs.wants())
    }

    /// Finds the candidates, and sorts out those whom a rule excludes.
    ///
    /// # Errors
    /// Wrong usage when a name in the condition or the order is a column neither of the customer table nor of the
    /// files.
    pub fn pull(&self, ground: &Ground<'_>, on: On<'_>) -> Result<Pulled> {
        let table = customers::Table::build(ground, &self.wished())?;
        let rows = self.chosen(ground, &table, on)?;
        let contacts = Contacts::new(ground, self.way)?;
        let judged: Vec<Option<Judged>> = rows.par_iter().map(|row| contacts.judge(*row as usize)).collect();
        let candidates = self.candidates(ground, &table, &contacts, (&rows, &judged), on)?;
        let draw = Draw {
            campaign_id: self.drawn_by.clone(),
            holdout: self.holdout,
            standing: on.standing,
            max: self.max,
        };
        let sifted = sift(&candidates, &draw);
        let of = |what: Option<Exclusion>| -> Vec<IdxSize> {
            rows.iter().zip(&sifted).filter(|(_, why)| **why == what).map(|(row, _)| *row).collect()
        };
        let (listed, held_out) = (of(None), of(Some(Exclusion::HeldOut)));
        let exclusions: Vec<(Exclusion, u64)> =
            Exclusion::ALL.iter().map(|why| (*why, of(Some(*why)).len() as u64)).collect();
        let left_out: u64 = exclusions.iter().map(|(_, count)| count).sum();
        if rows.len() as u64 != listed.len() as u64 + left_out {
            let (all, listed) = (rows.len(), listed.len());
            return Err(Error::Internal(format!(
                "of {all} candidates {listed} are listed and {left_out} left out"
            )));
        }
        let balance = balance(&table, &listed, &held_out)?;
        let tables = vec![
            self.list(ground, &table, &contacts, &listed)?,
            exclusions_table(&exclusions)?,
            balance_table(&balance, listed.len(), held_out.len())?,
        ];
        let is_unsure = |(why, judged): &(&Option<Exclusion>, &Option<Judged>)| {
            why.is_none() && **judged == Some(Judged::Unsure)
        };
        let unsure = sifted.iter().zip(&judged).filter(is_unsure).count();
        let mut notes = self.notes(&table, &contacts, on, rows.is_empty(), unsure);
        notes.push(sum_remark(rows.len(), listed.len(), left_out));
        notes.extend(unbalanced(&balance));
        let ids = ground.texts()?;
        let id = |row: &IdxSize| ids.get(*row as usize).unwrap_or_default().to_owned();
        let contact = |row: &IdxSize| contacts.text(*row as usize).unwrap_or_default();
        Ok(Pulled {
            listed: listed.iter().map(|row| (id(row), contact(row))).collect(),
            held_out: held_out.iter().map(id).collect(),
            answer: Answer {
                tables,
                parameters: self.parameters(on),
                notes,
                as_of: ground.scope.known_day(),
                window: ground.scope.window,
                customer_count: rows.len() as u64,
                order_count: ground.facts.order_total,
                accounting: ground.facts.accounting.clone(),
                ..Answer::default()
            },
        })
    }

    /// The rows of the candidates, in the order in which they are taken.
    fn chosen(&self, ground: &Ground<'_>, table: &customers::Table, on: On<'_>) -> Result<Vec<IdxSize>> {
        let mut rows: Vec<IdxSize> = match &self.condition {
            Some(condition) => {
                let kept = condition.keeps(ground, table)?;
                (0..)
                    .zip(kept.iter())
                    .filter(|(_, is_kept)| *is_kept == Some(true))
                    .map(|(row, _)| row)
                    .collect()
            }
            None => (0..ground.len() as IdxSize).collect(),
        };
        if self.is_second_notice {
            let has_not_joined = self.not_joined(ground, table, on)?;
            rows.retain(|row| has_not_joined[*row as usize]);
        }
        let Some(order) = &self.order else { return Ok(rows) };
        let chosen = customers::Table { frame: take(&table.frame, &rows)? };
        let places = order.order(ground, &chosen)?;
        Ok(places.iter().flatten().map(|place| rows[place as usize]).collect())
    }

    fn candidates(
        &self,
        ground: &Ground<'_>,
        table: &customers::Table,
        contacts: &Contacts<'_>,
        (rows, judged): (&[IdxSize], &[Option<Judged>]),
        on: On<'_>,
    ) -> Result<Vec<Candidate>> {
        let opted_out = table.flags(names::IS_OPTED_OUT)?;
        let blacklisted = table.flags(names::IS_BLACKLISTED)?;
        let contacted = self.contacted(ground, on)?;
        let [opted_out, blacklisted, contacted] =
            [opted_out, blacklisted, contacted].map(|marks| Marked::new(marks, contacts));
        let in_care = match self.has_discount {
            true => table.frame.column(names::MODE)?.str()?.iter().map(|mode| mode == Some(CARE)).collect(),
            false => Vec::new(),
        };
        let net = table.frame.column(names::NET_AMOUNT)?.decimal()?.physical().rechunk().into_owned();
        let ids = ground.texts()?;
        let candidate = |(row, judged): (&IdxSize, &Option<Judged>)| {
            let row = *row as usize;
            let contact = contacts.key(row);
            let is = |marked: &Marked| marked.has(row, contact.as_deref());
            Candidate {
                id: ids.get(row).unwrap_or_default().to_owned(),
                is_opted_out: is(&opted_out),
                is_blacklisted: is(&blacklisted),
                is_wrong: matches!(judged, Some(Judged::Wrong(_))),
                net: net.get(row),
                was_contacted: is(&contacted),
                is_in_care: in_care.get(row).copied().unwrap_or(false),
                contact,
            }
        };
        Ok(rows.par_iter().zip(judged).map(candidate).collect())
    }

    fn list(
        &self,
        ground: &Ground<'_>,
        table: &customers::Table,
        contacts: &Contacts<'_>,
        listed: &[IdxSize],
    ) -> Result<Table> {
        let contact = match self.way {
            // A platform id is shown or masked as customer ids are, not as contacts are.
            Way::Platform => Kind::CustomerId,
            _ => Kind::Personal(Personal::Contact),
        };
        let mut specs = vec![
            customers::listed(names::CUSTOMER_ID, 0),
            Spec::new(names::CONTACT, contact, 0),
            Spec::new(names::CHANNEL, Kind::Label("channel"), 1),
        ];
        let taken = take(&table.frame, listed)?;
        let mut columns = vec![
            taken.column(names::CUSTOMER_ID)?.clone(),
            texts(names::CONTACT, listed.iter().map(|row| contacts.text(*row as usize))),
            texts(names::CHANNEL, listed.iter().map(|_| Some(self.channel.to_owned()))),
        ];
        for name in &self.columns {
            if specs.iter().any(|spec| spec.name == name) {
                continue;
            }
            specs.push(table.known_spec(name, ground)?);
            columns.push(taken.column(name)?.clone());
        }
        Ok(Table::new("list", "customers", specs, frame(columns)?))
    }

    fn parameters(&self, on: On<'_>) -> Map<String, serde_json::Value> {
        let share = |of: u32| f64::from(of) / f64::from(WHOLE);
        let mut parameters = Map::new();
        parameters.insert("campaign_id".into(), json!(self.campaign_id));
        parameters.insert("channel".into(), json!(self.channel));
        parameters.insert("sent_on".into(), json!(on.day.to_string()));
        parameters.insert("holdout".into(), json!(share(self.holdout)));
        parameters.insert("global_holdout".into(), json!(share(on.standing)));
        parameters.insert("fatigue_days".into(), json!(self.fatigue_days));
        parameters.insert("discount".into(), json!(self.has_discount));
        parameters.insert("max".into(), json!(self.max));
        if self.is_second_notice {
            parameters.insert("not_joined".into(), json!(true));
        }
        if let Some(order) = &self.order {
            parameters.insert("sort".into(), json!(order.text()));
        }
        parameters
    }

    /// Remarks about rules that could not be applied because the inputs lack what they need.
    fn notes(
        &self,
        table: &customers::Table,
        contacts: &Contacts<'_>,
        on: On<'_>,
        is_empty: bool,
        unsure: usize,
    ) -> Vec<Remark> {
        let mut notes = Vec::new();
        if !contacts.is_known() && !is_empty {
            notes.push(Remark::new("audience_no_contacts").with("column", self.way.code()));
        }
        let says_nothing =
            |name: &str| table.frame.column(name).is_ok_and(|column| column.null_count() == column.len());
        if says_nothing(names::IS_OPTED_OUT) && !is_empty {
            notes.push(Remark::new("audience_no_opt_outs"));
        }
        if self.fatigue_days > 0 && on.sends.is_none() {
            notes.push(Remark::new("audience_no_sends"));
        }
        if unsure > 0 {
            notes.push(Remark::new("audience_unsure").with("n", unsure));
        }
        if self.holdout == 0 {
            notes.push(Remark::new("audience_no_control"));
        }
        notes
    }
}

fn take(frame: &DataFrame, rows: &[IdxSize]) -> Result<DataFrame> {
    Ok(frame.take(&IdxCa::from_slice("row".into(), rows))?)
}

/// The remark that all candidates are either listed or left out, with the three counts.
fn sum_remark(candidates: usize, listed: usize, left_out: u64) -> Remark {
    Remark::new("audience_sum").with("rows", candidates).with("listed", listed).with("left_out", left_out)
}
