//! How the rows of a log are written: its columns, delimiter and line ends.

use std::collections::BTreeMap;

use super::{CONTACT, Entry, Mailing, NEEDED, arm};
use crate::parse::layout::Layout;
use crate::schema::{Field, money};
use crate::text::neutral;

/// How rows are written.
pub(super) struct Manner {
    pub headers: Vec<String>,
    columns: BTreeMap<Field, usize>,
    contact: Option<usize>,
    pub delimiter: u8,
    pub terminator: csv::Terminator,
}

impl Manner {
    /// The manner of a new file.
    pub fn new(has_cost: bool) -> Self {
        let fields = NEEDED.into_iter().chain(has_cost.then_some(Field::Cost)).chain([Field::OrderId]);
        let columns: BTreeMap<Field, usize> = fields.clone().zip(0..).collect();
        let headers: Vec<String> =
            fields.map(|field| field.name().to_owned()).chain([CONTACT.to_owned()]).collect();
        Self {
            contact: Some(headers.len() - 1),
            columns,
            headers,
            delimiter: b',',
            terminator: csv::Terminator::Any(b'\n'),
        }
    }

    /// The manner of an existing file.
    pub fn of(layout: &Layout, bytes: &[u8]) -> Self {
        let fields = NEEDED.into_iter().chain([Field::Cost, Field::OrderId]);
        // The end of the header, since a cell may contain other line breaks. Characters may be two bytes wide.
        let header = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes, |end| &bytes[..end]);
        let has_returns = header.strip_suffix(b"\0").unwrap_or(header).ends_with(b"\r");
        Self {
            columns: fields.filter_map(|field| Some((field, layout.column(field)?))).collect(),
            contact: layout.headers.iter().position(|header| header.eq_ignore_ascii_case(CONTACT)),
            headers: layout.headers.clone(),
            delimiter: layout.dialect.delimiter,
            terminator: match layout.dialect.terminator {
                b'\n' if has_returns => csv::Terminator::CRLF,
                byte => csv::Terminator::Any(byte),
            },
        }
    }

    /// Whether rows have the order that a message was about.
    pub fn has_orders(&self) -> bool {
        self.columns.contains_key(&Field::OrderId)
    }

    pub fn end(&self) -> &'static str {
        match self.terminator {
            csv::Terminator::CRLF => "\r\n",
            csv::Terminator::Any(b'\r') => "\r",
            _ => "\n",
        }
    }

    pub fn cells(&self, mailing: &Mailing, entry: &Entry) -> Vec<String> {
        let mut cells = vec![String::new(); self.headers.len()];
        let mut set = |place: Option<usize>, text: &str| {
            if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
                *cell = neutral(text).into_owned();
            }
        };
        let column = |field: Field| self.columns.get(&field).copied();
        set(column(Field::CampaignId), &mailing.campaign_id);
        set(column(Field::CustomerId), &entry.customer_id);
        set(column(Field::SentAt), &mailing.sent_on.to_string());
        set(column(Field::Channel), &mailing.channel);
        set(column(Field::Arm), arm(entry));
        if !entry.is_control {
            let cost = mailing.cost.map(money::plain);
            set(column(Field::Cost), &cost.unwrap_or_default());
            set(column(Field::OrderId), entry.written_order().unwrap_or_default());
            set(self.contact, entry.contact.as_deref().unwrap_or_default());
        }
        cells
    }
}
