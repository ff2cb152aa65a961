//! Reads named inputs into rows, each file as the table that it is beside all others.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::locale::{Remark, harmless};
use crate::parse::identity::IdentityMode;
use crate::parse::options::ReadOptions;
use crate::parse::orders::Block;
use crate::parse::source::{Input, Place};
use crate::parse::{Other, Parsed, ParsedInput, check_mapping, parse_input, parse_other};
use crate::reading::Reading;
use crate::reading::beside::{Candidate, kept_as_orders, read_otherwise};
use crate::schema::Table;
use crate::store::{Loaded, Notice, Store, StoreFiles, Wanted};

/// The content of an input, before it is decided which table each of its files is.
enum Opened {
    /// Files, parsed as recognised, and what gives their bytes again.
    Files(Vec<Parsed>, Option<Input>),
    /// A store.
    Store(Box<StoreFiles>),
}

impl Opened {
    fn candidates(&self) -> Vec<Candidate<'_>> {
        match self {
            Self::Files(files, _) => files.iter().map(Candidate::of_file).collect(),
            Self::Store(store) => store.stored().map(Candidate::of_store).collect(),
        }
    }
}

impl<'a> Reading<'a> {
    /// Parses all inputs; also returns what gives the bytes of each again.
    pub(super) fn of(inputs: &[Input], options: &'a ReadOptions) -> Result<(Self, Vec<Option<Input>>)> {
        let mut reading = Self::new(options);
        let may_hold_orders = |input: &&Input| input.table.is_none_or(|table| table == Table::Orders);
        let is_mixed = inputs.iter().filter(may_hold_orders).count() > 1;
        let opened: Vec<Opened> =
            inputs.iter().map(|input| reading.open(input, inputs.len() > 1)).collect::<Result<_>>()?;
        let again = opened.iter().zip(inputs).map(|(opened, input)| match opened {
            Opened::Files(_, again) => again.clone(),
            Opened::Store(_) => Some(input.clone()),
        });
        let again = again.collect();
        let candidates: Vec<Candidate<'_>> = opened.iter().flat_map(Opened::candidates).collect();
        let kept = kept_as_orders(&candidates).into_iter();
        reading.done.notes.extend(kept.map(|file| Remark::new("kept_as_orders").with("file", file)));
        let mut others = read_otherwise(&candidates).into_iter();
        for opened in opened {
            match opened {
                Opened::Files(files, again) => {
                    for file in files {
                        let is_other = others.next().unwrap_or(false);
                        reading.take(chosen(file, again.as_ref(), is_other, options)?)?;
                    }
                }
                Opened::Store(store) => {
                    let others: Vec<bool> = others.by_ref().take(store.stored().count()).collect();
                    reading.store(*store, &others, is_mixed)?;
                }
            }
        }
        check_mapping(reading.done.sources.iter(), options)?;
        Ok((reading, again))
    }

    fn open(&self, input: &Input, has_others: bool) -> Result<Opened> {
        let Place::Store(folder) = &input.place else {
            let ParsedInput { files, again } = parse_input(input, has_others, self.options)?;
            return Ok(Opened::Files(files, again));
        };
        let note = |notice: Notice<'_>| {
            if let (Notice::Waiting(lock, who), Some(tell)) = (notice, self.options.on_wait) {
                tell(lock, who);
            }
        };
        let files = Store::open(folder)?.files(&note)?;
        match files.manifest().read_otherwise(&self.options.reading()) {
            None => Ok(Opened::Store(Box::new(files))),
            Some((setting, file)) => {
                let store = harmless(&folder.display().to_string()).into_owned();
                let values = [("store", store), ("file", harmless(file).into_owned()), ("setting", setting)];
                Err(Error::usage_of("read_otherwise", &values))
            }
        }
    }

    /// Continues with the files of a store, each read as the table that its mark says.
    fn store(&mut self, store: StoreFiles, others: &[bool], is_mixed: bool) -> Result<()> {
        let wanted = Wanted {
            wants: self.options.wants.clone(),
            phones: self.options.wants_phones(),
            mails: self.options.wants_mails(),
            lists: self.options.identity.mode != IdentityMode::Off,
            is_mixed,
            has_aliases: !self.options.identity.is_idle(),
        };
        let folder = store.folder().to_owned();
        let Loaded {
            sources,
            notes,
            dates,
            order_rejects,
            table_rejects,
            files,
            blocks,
            surveys,
            tables,
            not_kept,
        } = store.load(&wanted, others)?;
        if !not_kept.columns.is_empty() {
            let list = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
            let remark = Remark::new("order_columns_not_kept").with("store", folder.display());
            let remark = remark.with("columns", list(not_kept.columns));
            self.done.notes.push(remark.with("files", list(not_kept.files)));
        }
        let first = self.files.len();
        self.blocks.extend(blocks.into_iter().map(|block| Block { file: first + block.file, ..block }));
        self.files.extend(files);
        self.rejects.extend(order_rejects);
        self.done.sources.extend(sources);
        self.done.notes.extend(notes);
        self.done.dates.extend(dates);
        self.done.rejects.extend(table_rejects);
        self.done.surveys.extend(surveys);
        self.done.tables.extend(tables);
        Ok(())
    }
}

/// The file, read as the table that it is beside all others.
///
/// # Errors
/// When it must be read as its second table and cannot be.
fn chosen(mut file: Parsed, again: Option<&Input>, is_other: bool, options: &ReadOptions) -> Result<Parsed> {
    let Some(Other { table, question }) = file.other.take().filter(|_| is_other) else { return Ok(file) };
    if let Some(question) = question {
        return Err(question);
    }
    let unkept = || Error::Internal(format!("the bytes of {} were not kept", file.info.name));
    parse_other(again.ok_or_else(unkept)?, &file.info, table, options)
}
