//! The messages sent to a person, the person's events other than orders, and the notes of the shop's staff.

use polars::prelude::*;

use super::Person;
use super::orders::time;
use crate::answer::{Kind, Spec, Table};
use crate::error::Result;
use crate::metrics::finish::{counts, dates, frame, texts};
use crate::questions::identity;
use crate::schema::{CustomerCode, Day, EventKind, names, sends};

impl Person<'_> {
    /// The messages up to the as-of day, by time, including those that were withheld because the person is in the
    /// control arm.
    pub(super) fn contacts(&self) -> Result<Table> {
        let specs = vec![
            Spec::new(names::SENT_ON, Kind::Date, 0),
            Spec::new(names::TIME, Kind::Text, 3),
            Spec::new(names::CAMPAIGN_ID, Kind::Named, 0),
            Spec::new(names::CHANNEL, Kind::LabelOr("channel"), 0),
            Spec::new(names::ARM, Kind::LabelOr("arm"), 1),
            Spec::new(names::IS_DELIVERED, Kind::Flag, 2),
        ];
        let rows: Vec<IdxSize> =
            self.ground.sends.iter().flat_map(|sends| self.rows_of(sends.codes())).collect();
        let rows = IdxCa::from_vec("row".into(), rows);
        let taken = |name: &str, empty: &DataType| -> Result<Column> {
            let column = self.ground.sends.and_then(|sends| sends.column(name));
            match column {
                Some(column) => Ok(column.take(&rows)?),
                None => Ok(Column::new_empty(name.into(), empty)),
            }
        };
        let seconds = taken(sends::SECOND, &DataType::Int32)?;
        let columns = vec![
            taken(names::SENT_ON, &DataType::Date)?,
            texts(names::TIME, seconds.i32()?.iter().map(|second| second.map(time))),
            taken(names::CAMPAIGN_ID, &DataType::String)?,
            taken(names::CHANNEL, &DataType::String)?,
            taken(names::ARM, &DataType::String)?,
            taken(names::IS_DELIVERED, &DataType::Boolean)?,
        ];
        Ok(Table::new("contacts", "messages", specs, frame(columns)?))
    }

    /// For each kind of event how often and when the person caused one, up to the as-of day.
    pub(super) fn events(&self) -> Result<Table> {
        let as_of = self.ground.as_of();
        let mut all = self.ground.events.map_or_else(Vec::new, |events| events.of_customer(self.code));
        all.retain(|event| event.day <= as_of);
        let own = || all.iter();
        let summed = EventKind::ALL.into_iter().filter_map(|kind| {
            let days = || own().filter(move |event| event.kind == kind).map(|event| event.day);
            Some((kind, days().count() as u64, days().min()?, days().max()?))
        });
        let summed: Vec<(EventKind, u64, Day, Day)> = summed.collect();
        let columns = vec![
            texts(names::KIND, summed.iter().map(|(kind, ..)| Some(kind.name().to_owned()))),
            counts(names::EVENT_COUNT, summed.iter().map(|(_, count, ..)| Some(*count))),
            dates(names::FIRST_ON, summed.iter().map(|(_, _, first, _)| Some(*first))),
            dates(names::LAST_ON, summed.iter().map(|(.., last)| Some(*last))),
        ];
        let specs = vec![
            Spec::new(names::KIND, Kind::Label("meaning"), 0),
            Spec::new(names::EVENT_COUNT, Kind::Count, 0),
            Spec::new(names::FIRST_ON, Kind::Date, 0),
            Spec::new(names::LAST_ON, Kind::Date, 0),
        ];
        Ok(Table::new("events", "kinds", specs, frame(columns)?))
    }

    /// The notes of the shop's staff, the newest first. The as-of day does not limit them.
    pub(super) fn noted(&self) -> Result<Table> {
        let notes =
            self.ground.hand.notes.as_ref().map_or(&[][..], |notes| notes.of(self.ground.ids.key(self.code)));
        let columns = vec![
            dates(names::NOTED_ON, notes.iter().map(|note| Some(note.noted_on))),
            texts(names::NOTE, notes.iter().map(|note| Some(note.text.clone()))),
        ];
        let specs = vec![Spec::new(names::NOTED_ON, Kind::Date, 0), Spec::new(names::NOTE, Kind::Text, 0)];
        Ok(Table::new("notes", "notes", specs, frame(columns)?))
    }

    /// The ids that belong to the person, and why.
    pub(super) fn joined(&self) -> Result<Table> {
        let rows = self.identity.map(identity::rows).unwrap_or_default();
        Ok(Table::new("identity", "ids", identity::specs(), frame(identity::columns(&rows))?))
    }

    /// The positions at which the person's code stands among `codes`.
    fn rows_of<'c>(
        &self,
        codes: impl Iterator<Item = CustomerCode> + 'c,
    ) -> impl Iterator<Item = IdxSize> + 'c {
        let code = self.code;
        codes.zip(0..).filter(move |(of, _)| *of == code).map(|(_, row)| row)
    }
}
