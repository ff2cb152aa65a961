//! Files that say of orders what others do not: items, payments, and which of them a question needs.

use crate::error::{Error, Result, said};
use crate::parse::options::ReadOptions;
use crate::parse::orders::FileTraits;
use crate::parse::preset::Preset;
use crate::parse::source::Input;
use crate::parse::{SourceInfo, parse_input};
use crate::reading::{Ingested, Reading, read};
use crate::schema::{Field, RowParts, Table};

/// The same inputs with those that hold items as orders, of which no file is, with the day and the buyer that their rows
/// have; `None` where they have none.
pub(super) fn read_items_as_orders(
    inputs: &[Input],
    options: &ReadOptions,
    seen: &Ingested<RowParts>,
) -> Result<Option<Ingested<RowParts>>> {
    let holds_items = |input: &Input| {
        let name = input.name();
        let is_its = |source: &&SourceInfo| source.name == name && source.table() == Table::OrderItems;
        input.table.is_none()
            && input.can_be_read_twice()
            && seen.sources.iter().any(|source| is_its(&source))
    };
    if options.preset.is_some() || !inputs.iter().any(holds_items) {
        return Ok(None);
    }
    let as_orders = |input: &Input| match holds_items(input) {
        true => Input { table: Some(Table::Orders), ..input.clone() },
        false => input.clone(),
    };
    let inputs: Vec<Input> = inputs.iter().map(as_orders).collect();
    let has_orders =
        |read: &Ingested<RowParts>| read.sources.iter().any(|source| source.table() == Table::Orders);
    Ok(read(&inputs, options).ok().filter(has_orders))
}

impl Reading<'_> {
    /// Whether orders have no amounts but in files of items, which nobody asked for.
    pub(super) fn misses_amounts(&self) -> bool {
        let are_items =
            |source: &SourceInfo| source.table() == Table::OrderItems && source.layout.says_amounts();
        !self.options.wants.items
            && self.files.iter().any(|file| file.lacks_amounts)
            && !self.files.iter().any(|file| file.is_part || self.may_be_payments(file))
            && self.done.sources.iter().any(are_items)
    }

    /// Whether a file of orders names neither buyers nor items, as payments of orders do that another file lists.
    pub(super) fn may_be_payments(&self, file: &FileTraits) -> bool {
        let names_items = |source: &SourceInfo| {
            let layout = &source.layout;
            source.name == file.name && (layout.has(Field::ProductId) || layout.has(Field::Title))
        };
        let has_amounts = file.is_guessed && file.has_order_id && !file.lacks_amounts;
        has_amounts && !file.has_customer && !self.done.sources.iter().any(names_items)
    }

    /// Takes the files that wait for what stands beside them: where that is a file of their orders they are read again,
    /// as its items.
    pub(super) fn items_of_orders(&mut self) -> Result<()> {
        for (input, parsed) in std::mem::take(&mut self.either) {
            let is_beside = parsed.iter().any(|of| {
                let orders = of.info.layout.preset.items_of.as_deref();
                self.done.sources.iter().any(|source| Some(source.layout.preset.name.as_str()) == orders)
            });
            let may_be_items = parsed.iter().any(|of| says_items_alone(&of.info));
            let lists_orders =
                |source: &SourceInfo| source.table() == Table::Orders && !says_items_alone(source);
            let as_items =
                || parse_input(&Input { table: Some(Table::OrderItems), ..input.clone() }, self.options);
            let parsed = match is_beside {
                true => as_items()?,
                // A list of orders beside them says more of these.
                false if may_be_items && self.done.sources.iter().any(lists_orders) => {
                    as_items().unwrap_or(parsed)
                }
                false => parsed,
            };
            self.take_all(parsed)?;
        }
        Ok(())
    }

    /// Refuses files that answer only together with others where these are not there.
    pub(super) fn check_needs(&self) -> Result<()> {
        let sources = &self.done.sources;
        let has = |name: &String| sources.iter().any(|source| &source.layout.preset.name == name);
        for source in sources {
            let missing: Vec<&String> = source.layout.preset.needs.iter().filter(|need| !has(need)).collect();
            if !missing.is_empty() {
                let titles =
                    missing.iter().map(|name| Preset::named(name).map(|preset| preset.title.en.clone()));
                let titles = titles.collect::<Result<Vec<String>>>()?.join("; ");
                let (message, hint) = said("needs_beside", &[("titles", titles)]);
                return Err(Error::input(source.name.clone(), message, hint));
            }
        }
        Ok(())
    }

    /// Files with amounts and without buyers beside orders without amounts are payments of these, whose rows add up.
    pub(super) fn find_payments(&mut self) {
        let is_listed = |file: &FileTraits| file.lacks_amounts && file.has_order_id;
        if !self.files.iter().any(is_listed) {
            return;
        }
        let are_payments: Vec<bool> = self.files.iter().map(|file| self.may_be_payments(file)).collect();
        for (file, _) in self.files.iter_mut().zip(are_payments).filter(|(_, are_payments)| *are_payments) {
            (file.is_part, file.has_order_amount) = (true, false);
        }
    }

    /// Refuses payments alone: they are no orders.
    pub(super) fn check_payments(&self) -> Result<()> {
        let is_orders = |source: &&SourceInfo| source.table() == Table::Orders;
        let mut orders = self.done.sources.iter().filter(is_orders);
        let Some(first) = orders.next().filter(|first| first.layout.preset.is_part) else { return Ok(()) };
        if orders.any(|source| !source.layout.preset.is_part) {
            return Ok(());
        }
        let (message, hint) = said("payments_alone", &[]);
        Err(Error::input(first.name.clone(), message, hint))
    }

    /// Puts files that say parts of orders behind those that list them, and these in front that say no amounts, in
    /// whatever order they were named.
    pub(super) fn parts_last(&mut self) {
        let mut order: Vec<usize> = (0..self.files.len()).collect();
        // What says no amounts does not replace what does.
        order.sort_by_key(|&file| (self.files[file].is_part, !self.files[file].lacks_amounts));
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &file)| places[file] = place);
        self.files = order.iter().map(|&file| self.files[file].clone()).collect();
        self.blocks.iter_mut().for_each(|block| block.file = places[block.file]);
        self.blocks.sort_by_key(|block| block.file);
    }
}

/// Whether a file under ordinary names says of orders when they were placed and what they hold, but not who bought or for
/// how much: it may be the items of orders that another file lists.
pub(super) fn says_items_alone(source: &SourceInfo) -> bool {
    let layout = &source.layout;
    let has_items = layout.has(Field::ProductId) || layout.has(Field::Title);
    let has_buyer =
        [Field::CustomerId, Field::Email, Field::Phone].into_iter().any(|field| layout.has(field));
    let is_bare = layout.preset.is_generic() && (!layout.says_amounts() || !has_buyer);
    source.table() == Table::Orders && is_bare && layout.has(Field::OrderId) && has_items
}
