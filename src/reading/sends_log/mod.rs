//! A log of sent messages to which ecrm adds rows. Whatever is in it already stays unchanged, byte by byte.
//!
//! ```text
//! old bytes ──read──▶ layout and rows ──▶ new rows in the same manner ──▶ old bytes and new ones, read once more
//!                                                                          └──▶ the file, whole or not at all
//! ```
//!
//! The rows are written in the file's own encoding, delimiter, line ends and order of columns. Before the file is
//! replaced, its new content is read like any input; if that does not give the old rows and the new ones, nothing is
//! written.

mod manner;

use std::collections::HashSet;
use std::io;
use std::path::Path;

use encoding_rs::UTF_16BE;

use self::manner::Manner;
use super::{Ingested, read, recognise};
use crate::disk::sink::Sink;
use crate::error::{Error, Result};
use crate::hand::{Waiting, locked};
use crate::parse::encoding::utf16;
use crate::parse::source::Input;
use crate::parse::{ReadOptions, SourceInfo};
use crate::schema::{CustomerCode, Day, Field, Micros, RowParts, Table, Wants, names, words};
use crate::text::{is_null, neutral};

/// Larger logs should be split into files per month.
const MAX_BYTES: u64 = 1 << 30;

/// The columns that a log must have, since later answers use them.
const NEEDED: [Field; 5] = [Field::CampaignId, Field::CustomerId, Field::SentAt, Field::Channel, Field::Arm];

/// The header of the column of contacts, which the canonical table does not have: a log may be the list by which
/// messages are sent.
const CONTACT: &str = "contact";

/// A row to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The customer's id.
    pub customer_id: String,
    /// The customer's contact; `None` for the control group.
    pub contact: Option<String>,
    /// The order that the message is about, if it is about one.
    pub order_id: Option<String>,
    /// Whether the customer is in the control group, which is sent nothing.
    pub is_control: bool,
}

impl Entry {
    /// The order's id, if the log gives it back unchanged.
    fn written_order(&self) -> Option<&str> {
        let is_kept = |id: &&str| id.trim() == *id && !is_null(id.as_bytes()) && neutral(id) == *id;
        self.order_id.as_deref().filter(is_kept)
    }
}

/// The values that several rows share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    /// The campaign's id.
    pub campaign_id: String,
    /// The day on which the messages are sent.
    pub sent_on: Day,
    /// The channel.
    pub channel: String,
    /// The cost of a message, if known.
    pub cost: Option<Micros>,
}

/// Counts of what happened to the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Rows added to the file.
    pub added: u64,
    /// Rows left out because the file has them: a message of the campaign to the customer on that day (about the same
    /// order, if the file has orders), or the customer in its control group.
    pub known: u64,
    /// Rows added whose customer the file has in the campaign's other arm.
    pub in_both_arms: u64,
    /// Rows added for messages about an order, in a file without a column for orders.
    pub without_order: u64,
}

impl Recorded {
    fn add(&mut self, other: Self) {
        self.added += other.added;
        self.known += other.known;
        self.in_both_arms += other.in_both_arms;
        self.without_order += other.without_order;
    }
}

/// Adds rows to a log, which need not exist yet, then calls `and_then`, and only if that succeeds replaces the file.
/// All of this happens under a lock, so that the second of two processes sees what the first has written. From then on
/// only its owner can read the file.
///
/// # Errors
/// When the file is no sends log in plain text with all columns of a message, has a row that cannot be read, or would
/// be read differently with the new rows; when another process does not release the file; those of `and_then`. Then the
/// file is as it was.
pub fn record(
    path: &Path,
    mailings: &[(Mailing, Vec<Entry>)],
    waiting: Waiting,
    and_then: impl FnOnce(Recorded) -> Result<()>,
) -> Result<()> {
    // No lock is created beside a file that cannot be extended.
    Log::open(path)?;
    let _lock = locked(path, waiting)?;
    let log = Log::open(path)?;
    let mut recorded = Recorded::default();
    let new: Vec<(&Mailing, Vec<&Entry>)> = mailings
        .iter()
        .map(|(mailing, entries)| {
            let (new, of) = log.new_entries(mailing, entries);
            recorded.add(of);
            (mailing, new)
        })
        .collect();
    if recorded.added == 0 && log.is_there() {
        return and_then(recorded);
    }
    let bytes = log.with(&new)?;
    log.check(&bytes, &new)?;
    Sink::kept_private_file(path)?.write(|out| {
        out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| Error::io("write", path, error))?;
        and_then(recorded)
    })
}

/// Refuses a file that [`record`] could not extend, before any work.
///
/// # Errors
/// As [`record`].
pub fn check(path: &Path) -> Result<()> {
    Log::open(path).map(drop)
}

/// A message in a log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    campaign_id: Option<String>,
    customer_id: String,
    sent_on: Day,
    channel: Option<String>,
    arm: Option<String>,
    is_delivered: Option<bool>,
    order_id: Option<String>,
}

/// An existing log.
struct Log {
    name: String,
    bytes: Vec<u8>,
    /// `None` if the file does not exist or is empty.
    source: Option<SourceInfo>,
    rows: Vec<Row>,
}

impl Log {
    fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let refused = |key: &str| Error::input_of(&name, key, &[]);
        let empty = || Self { name: name.clone(), bytes: Vec::new(), source: None, rows: Vec::new() };
        // Opening anything but a regular file may block.
        match std::fs::metadata(path) {
            Ok(meta) if !meta.is_file() => return Err(refused("record_no_file")),
            Ok(meta) if meta.len() > MAX_BYTES => return Err(refused("record_too_long")),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(empty()),
            Err(error) => return Err(Error::io("read", path, error)),
        }
        let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
        if bytes.trim_ascii().is_empty() {
            return Ok(empty());
        }
        if is_packed(&bytes) {
            return Err(refused("record_packed"));
        }
        let mut log = Self { bytes, ..empty() };
        let input = log.input(&log.bytes);
        let no_log = || {
            let needed: Vec<&str> = NEEDED.iter().map(|field| field.name()).collect();
            Error::input_of(&log.name, "record_columns", &[("columns", needed.join(", "))])
        };
        let source = recognise(&input, &ReadOptions::default()).map_err(|_| no_log())?;
        if source.table() != Table::Sends || NEEDED.iter().any(|field| source.layout.column(*field).is_none())
        {
            return Err(no_log());
        }
        let ingested = log.read(&input)?;
        if let Some(reject) = ingested.rejects.first() {
            let values = [("place", reject.place().to_string()), ("n", ingested.rejects.len().to_string())];
            return Err(Error::input_of(&log.name, "record_broken", &values));
        }
        log.rows = rows(&ingested)?;
        log.source = Some(source);
        Ok(log)
    }

    fn input(&self, bytes: &[u8]) -> Input {
        Input { table: Some(Table::Sends), ..Input::bytes(self.name.as_str(), bytes) }
    }

    fn read(&self, input: &Input) -> Result<Ingested<RowParts>> {
        let wants = Wants { details: true, tables: vec![Table::Sends], ..Wants::default() };
        read(std::slice::from_ref(input), &ReadOptions { wants, ..ReadOptions::default() })
    }

    fn is_there(&self) -> bool {
        self.source.is_some()
    }

    /// The rows that the file does not have, without repetitions.
    fn new_entries<'e>(&self, mailing: &Mailing, entries: &'e [Entry]) -> (Vec<&'e Entry>, Recorded) {
        let (mut treated, mut held): (HashSet<&str>, HashSet<&str>) = Default::default();
        // Pairs of customer and order; no order means a message about any.
        let mut sent: HashSet<(&str, Option<&str>)> = HashSet::new();
        let of_campaign = |row: &&Row| row.campaign_id.as_deref() == Some(mailing.campaign_id.as_str());
        for row in self.rows.iter().filter(of_campaign) {
            let id = row.customer_id.as_str();
            match row.arm.as_deref() == Some(words::CONTROL) {
                true => drop(held.insert(id)),
                false => {
                    treated.insert(id);
                    let channel = row.channel.as_deref();
                    if row.sent_on == mailing.sent_on && channel == Some(mailing.channel.as_str()) {
                        sent.insert((id, row.order_id.as_deref()));
                    }
                }
            }
        }
        let has_orders = self.manner(false).has_orders();
        let about =
            |entry: &'e Entry| (entry.customer_id.as_str(), entry.written_order().filter(|_| has_orders));
        let is_known = |entry: &&'e Entry| match about(entry) {
            (id, _) if entry.is_control => held.contains(id),
            (id, order) => sent.contains(&(id, order)) || sent.contains(&(id, None)),
        };
        let (known, mut new): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(is_known);
        let mut seen = HashSet::new();
        new.retain(|entry| seen.insert(about(entry)));
        let other = |entry: &&&Entry| {
            let others = if entry.is_control { &treated } else { &held };
            others.contains(entry.customer_id.as_str())
        };
        let recorded = Recorded {
            added: new.len() as u64,
            known: known.len() as u64,
            in_both_arms: new.iter().filter(other).count() as u64,
            without_order: new.iter().filter(|entry| entry.order_id.is_some() && !has_orders).count() as u64,
        };
        (new, recorded)
    }

    /// The bytes of the file with additional rows.
    fn with(&self, mailings: &[(&Mailing, Vec<&Entry>)]) -> Result<Vec<u8>> {
        let failed = |error: csv::Error| Error::Internal(error.to_string());
        let manner = self.manner(mailings.iter().any(|(mailing, _)| mailing.cost.is_some()));
        let mut writer = csv::WriterBuilder::new()
            .delimiter(manner.delimiter)
            .terminator(manner.terminator)
            .from_writer(Vec::new());
        if !self.is_there() {
            writer.write_record(&manner.headers).map_err(failed)?;
        }
        for (mailing, entries) in mailings {
            for entry in entries {
                writer.write_record(manner.cells(mailing, entry)).map_err(failed)?;
            }
        }
        let text = writer.into_inner().map_err(|error| Error::Internal(error.to_string()))?;
        let text = String::from_utf8(text).map_err(|error| Error::Internal(error.to_string()))?;
        if !self.is_there() {
            return Ok(text.into_bytes());
        }
        let end = self.encoded(manner.end())?;
        let start = if self.bytes.ends_with(&end) { Vec::new() } else { end };
        Ok([self.bytes.as_slice(), &start, &self.encoded(&text)?].concat())
    }

    /// A text in the file's encoding.
    fn encoded(&self, text: &str) -> Result<Vec<u8>> {
        if let Some(wide) = utf16(&self.bytes) {
            let units = text.encode_utf16();
            return Ok(units
                .flat_map(|unit| if wide == UTF_16BE { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect());
        }
        let encoding = self.source.as_ref().map(|source| source.layout.encoding);
        let encoded =
            encoding.map_or_else(|| Some(text.as_bytes().to_vec()), |encoding| encoding.encode(text));
        encoded.ok_or_else(|| {
            let name = encoding.map_or("", |encoding| encoding.name());
            Error::input_of(&self.name, "record_encoding", &[("encoding", name.to_owned())])
        })
    }

    fn manner(&self, has_cost: bool) -> Manner {
        match &self.source {
            Some(source) => Manner::of(&source.layout, &self.bytes),
            None => Manner::new(has_cost),
        }
    }

    /// Reads the new content and compares it with the old and the new rows.
    fn check(&self, bytes: &[u8], new: &[(&Mailing, Vec<&Entry>)]) -> Result<()> {
        let ingested = self.read(&self.input(bytes))?;
        let has_orders = self.manner(false).has_orders();
        let mut expected = self.rows.clone();
        let all = new.iter().flat_map(|(mailing, entries)| entries.iter().map(move |entry| (mailing, entry)));
        expected.extend(all.map(|(mailing, entry)| Row {
            campaign_id: Some(mailing.campaign_id.clone()),
            customer_id: entry.customer_id.clone(),
            sent_on: mailing.sent_on,
            channel: Some(mailing.channel.clone()),
            arm: Some(arm(entry).to_owned()),
            is_delivered: None,
            order_id: entry.written_order().filter(|_| has_orders && !entry.is_control).map(str::to_owned),
        }));
        expected.sort_unstable();
        let mut found = rows(&ingested)?;
        found.sort_unstable();
        if ingested.rejects.is_empty() && found == expected {
            return Ok(());
        }
        Err(Error::input_of(&self.name, "record_otherwise", &[]))
    }
}

fn arm(entry: &Entry) -> &'static str {
    if entry.is_control { words::CONTROL } else { words::TREATMENT }
}

/// Whether bytes are a workbook, compressed, or Parquet, to which no rows can be appended.
fn is_packed(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 5] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\xD0\xCF\x11\xE0", b"PAR1"];
    MARKS.iter().any(|mark| bytes.starts_with(mark))
}

/// The messages that were read, in no particular order.
fn rows(ingested: &Ingested<RowParts>) -> Result<Vec<Row>> {
    let Some(sends) = &ingested.frames.sends else { return Ok(Vec::new()) };
    let texts = |name: &str| {
        let column = sends.column(name);
        let cells = column.map(|column| Ok::<_, Error>(column.str()?.clone())).transpose();
        cells.map(|cells| move |row: usize| cells.as_ref()?.get(row).map(str::to_owned))
    };
    let (campaigns, channels) = (texts(names::CAMPAIGN_ID)?, texts(names::CHANNEL)?);
    let (arms, orders) = (texts(names::ARM)?, texts(names::ORDER_ID)?);
    let delivered = sends.column(names::IS_DELIVERED);
    let delivered = delivered.as_ref().map(|column| column.bool()).transpose()?;
    let row = |(row, (code, day)): (usize, (CustomerCode, &i32))| Row {
        campaign_id: campaigns(row),
        customer_id: ingested.orders.customers.text(code),
        sent_on: Day::new(*day),
        channel: channels(row),
        arm: arms(row),
        is_delivered: delivered.and_then(|delivered| delivered.get(row)),
        order_id: orders(row),
    };
    Ok(sends.codes().zip(sends.days()).enumerate().map(row).collect())
}
