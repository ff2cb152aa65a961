//! Collects the orders of one partition row by row.

use std::collections::{HashMap, HashSet};

use crate::merge::combine::FileGrain;
use crate::merge::combine::order::{Has, Order, columns};
use crate::merge::combine::texts::TextRows;
use crate::merge::lines::{FileLine, FileLines, Lists};
use crate::parse::orders::Block;
use crate::rows::key_table::KeyTable;
use crate::rows::partition::{Columns, NO_STATUS, Own, Place};
use crate::rows::{Extra, NO_EXTRA};
use crate::schema::items::{Line, NO_LINES};
use crate::schema::money::{MISSING, Micros};
use crate::schema::{Key, Status};

/// The orders of one partition, by order id.
#[derive(Debug, Default)]
pub(super) struct Orders {
    pub list: Vec<Order>,
    /// Extras by index of the order; empty if they are not wanted or no input has any.
    pub extras: Vec<Extra>,
    has_extras: bool,
    /// The items that the extras refer to.
    pub items: Lists,
    /// The texts of additional columns.
    pub texts: TextRows,
    /// For each id, its first order and the file that its rows come from.
    pub heads: Vec<(u32, usize)>,
    /// More orders with the same ids, by number of the id, as index and file: those of earlier files until it is
    /// settled which of them count, then those of other shops that use the same numbers.
    others: HashMap<u32, Vec<(u32, usize)>>,
    /// Whether any row is negative: then replaced rows are recorded.
    has_negatives: bool,
    /// Pairs of the number of an id and a file whose rows with this id a later file has replaced.
    replaced: HashSet<(u32, usize)>,
    /// Ids that several shops use.
    pub shared_ids: u64,
    /// Rows of orders that other rows replace.
    pub superseded_rows: u64,
    /// Rows of items that other rows replace.
    pub superseded_items: u64,
    /// Rows of items whose orders no file lists.
    pub dangling_rows: u64,
    /// The first id that has an order with a sum that does not fit into 64 bits.
    pub beyond: Option<Key>,
}

/// The items that an order has taken from files of items.
struct Taken {
    /// The last file that items were taken from.
    file: u32,
    /// The number of items.
    count: u32,
    /// The sum of their costs: [`MISSING`] if one has no cost, `None` before the first.
    cost: Option<Micros>,
    /// Whether the order's own rows have a cost.
    has_own_cost: bool,
    /// Whether the sum of the costs does not fit into 64 bits.
    is_beyond: bool,
}

impl Taken {
    /// Adds the cost of an item.
    fn add_cost(&mut self, cost: Micros) {
        self.cost = Some(match self.cost {
            None => cost,
            Some(MISSING) => MISSING,
            Some(_) if cost == MISSING => MISSING,
            Some(sum) => sum.checked_add(cost).unwrap_or_else(|| {
                self.is_beyond = true;
                sum
            }),
        });
    }
}

/// A row and its extras.
pub(super) type Row = (Order, Option<Extra>);

impl Orders {
    /// Starts without orders. `has` says which values are wanted and exist; its `ids` says here whether any row is
    /// negative. `texts` are the names of the additional columns.
    pub fn new(has: Has, texts: &[String]) -> Self {
        let (has_negatives, has_extras) = (has.ids, has.extras);
        Self { has_negatives, has_extras, texts: TextRows::new(texts), ..Self::default() }
    }

    pub fn push(&mut self, (order, extra): Row) -> u32 {
        self.list.push(order);
        self.extras.extend(self.has_extras.then(|| extra.unwrap_or(NO_EXTRA)));
        self.list.len() as u32 - 1
    }

    /// The extras of a block's row, with its item in a list of its own.
    pub fn extra_at(&mut self, block: &Block, place: Place) -> Option<Extra> {
        let columns = &block.rows[place.group as usize].columns;
        let mut extra = *columns.extra.get(place.row as usize)?;
        let own = block.extras.lines.get(extra.lines as usize..).unwrap_or_default();
        let count = own.iter().position(|line| line.is_last).map_or(0, |last| last + 1);
        extra.lines = own[..count].iter().fold(NO_LINES, |list, line| {
            let start = self.items.start(*line);
            self.items.join(list, start)
        });
        Some(extra)
    }

    /// Adds a row of the same order to the order at `place`.
    fn combine(&mut self, place: usize, (order, extra): Row, grain: FileGrain) {
        self.list[place].texts =
            self.texts.combine(self.list[place].texts, order.texts, grain.has_order_amount);
        self.list[place].combine(&order, grain);
        if let (Some(mine), Some(theirs)) = (self.extras.get_mut(place), extra) {
            self.list[place].is_beyond |= !mine.combine(&theirs, grain.has_order_amount);
            mine.lines = self.items.join(mine.lines, theirs.lines);
        }
    }

    /// Creates an order without day and customer for each order number among items whose orders no file lists.
    pub fn begin_of_items(&mut self, lines: &[FileLine], table: &mut KeyTable) {
        for FileLine { order, file, .. } in lines {
            if table.insert(*order).is_ok() {
                let place = self.push((Order::OF_ITEMS, Some(NO_EXTRA)));
                self.heads.push((place, *file as usize));
            }
        }
    }

    /// Gives orders the items that a file of items has for them, replacing those of their own rows. If several such
    /// files have the order, the last counts, unless items have ids of their own. The items' rows are counted with the
    /// order. The order's own amount stays; if it has none, and likewise for refunds and costs, the items' are used, but
    /// for amounts beside files of payments: an order without a payment has no known amount.
    pub fn take_items(
        &mut self,
        lines: &[FileLine],
        items: &FileLines,
        table: &mut KeyTable,
        grains: &[FileGrain],
    ) {
        let mut taken: HashMap<u32, Taken> = HashMap::new();
        for item in lines {
            let found = table.find(item.order).map(|number| (number, self.owner(number as usize)));
            let Some((number, place)) = found.filter(|(_, place)| *place < self.extras.len()) else {
                self.dangling_rows += 1;
                continue;
            };
            let is_first = !taken.contains_key(&number);
            let of = taken.entry(number).or_insert_with(|| Taken {
                file: item.file,
                count: 0,
                cost: None,
                has_own_cost: self.extras[place].cost != MISSING,
                is_beyond: false,
            });
            if is_first || (of.file != item.file && !items.are_told_apart(of.file, item.file)) {
                self.superseded_items += u64::from(of.count);
                let order = &mut self.list[place];
                order.row_count -= of.count;
                order.item_row_count -= of.count;
                (of.count, of.cost, of.is_beyond) = (0, None, false);
                for own in self.chain_at(self.heads[number as usize].0).collect::<Vec<_>>() {
                    self.extras[own as usize].lines = NO_LINES;
                }
                self.list[place].leave_amount_of_items();
            }
            of.file = item.file;
            of.count += 1;
            let order = &mut self.list[place];
            order.row_count += 1;
            order.item_row_count += 1;
            if items.give_amounts() && !self.says_amount(number as usize) {
                self.list[place].add_amount_of(item);
                // An item that was not kept is not in the order's amount, and neither is its cost.
                of.add_cost(if item.line.is_lost { Micros::ZERO } else { item.cost });
            } else if let Some(grain) = grains.get(self.heads[number as usize].1) {
                if !grain.says_refunds {
                    self.list[place].add_refund_of(item);
                }
                if !grain.says_costs {
                    of.add_cost(item.cost);
                }
            }
            let own = self.items.start(item.line);
            self.extras[place].lines = self.items.join(self.extras[place].lines, own);
        }
        for (number, of) in taken.into_iter().filter(|(_, of)| !of.has_own_cost) {
            let place = self.owner(number as usize);
            self.extras[place].cost = of.cost.unwrap_or(MISSING);
            self.list[place].is_beyond |= of.is_beyond;
        }
    }

    /// Whether the amount comes from rows of the order or payments for it.
    fn says_amount(&self, number: usize) -> bool {
        let mut rows = self.chain_at(self.heads[number].0).map(|place| &self.list[place as usize]);
        rows.any(|order| order.amount != MISSING && !order.has_amount_of_items)
    }

    /// The index of the order to which items with this id belong: of several, that of the customer with the smallest
    /// key, so that the order of rows does not matter.
    fn owner(&self, number: usize) -> usize {
        let head = self.heads[number].0 as usize;
        if self.list[head].next.is_none() {
            return head;
        }
        let rank = |place: &u32| {
            let key = self.list[*place as usize].customer;
            (!key.is_usable(), key)
        };
        self.chain_at(head as u32).min_by_key(rank).map_or(head, |place| place as usize)
    }

    /// The indices of the orders with one id in one shop, each of another customer.
    fn chain_at(&self, head: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(head), |&place| self.list[place as usize].next)
    }

    /// Adds a row to the orders with its id: to its customer's, or as a new order. A row of a later file replaces what
    /// earlier files had, unless it belongs to another shop; that is settled once all rows are read.
    pub fn add(&mut self, number: usize, row: Row, file: usize, goes_on: bool, grain: FileGrain) {
        let (head, seen_file) = self.heads[number];
        // A row without the order's own cells continues an order, wherever that began.
        let continues = grain.is_part || (row.0.status == NO_STATUS && row.0.amount == MISSING);
        if continues {
            return self.add_to(head, row, grain);
        }
        let is_same = file == seen_file;
        if !is_same && !goes_on && self.is_surely_the_same(head, &row.0) {
            self.superseded_rows += self.rows_at(head);
            if self.has_negatives {
                self.replaced.insert((number as u32, seen_file));
            }
            self.heads[number] = (self.push(row), file);
            return;
        }
        if (!is_same && !goes_on) || self.is_of_another(head, &row.0, is_same.then_some(grain)) {
            let versions = self.others.entry(number as u32).or_default();
            versions.push((head, seen_file));
            let versions = versions.clone();
            let is_its = |(head, of): &(u32, usize)| {
                (*of == file || goes_on) && !self.is_of_another(*head, &row.0, (*of == file).then_some(grain))
            };
            let known = versions.iter().position(is_its);
            let place = match known {
                Some(place) => {
                    let version =
                        self.others.get_mut(&(number as u32)).map(|versions| versions.swap_remove(place));
                    version.map_or(head, |(head, _)| head)
                }
                None => self.push(row),
            };
            self.heads[number] = (place, file);
            if known.is_some() {
                self.add_to(place, row, grain);
            }
            return;
        }
        self.heads[number].1 = file;
        self.add_to(head, row, grain);
    }

    /// Adds a row to its customer's order among those of one id and shop.
    fn add_to(&mut self, head: u32, row: Row, grain: FileGrain) {
        let mut place = head as usize;
        loop {
            if self.list[place].customer == row.0.customer {
                return self.combine(place, row, grain);
            }
            match self.list[place].next {
                Some(next) => place = next as usize,
                None => break,
            }
        }
        self.list[place].next = Some(self.push(row));
    }

    /// Whether a row belongs to another shop's order than those with its id that begin at `head`. Within one file
    /// (`within`) only a column can show that, since the buyer may be missing or differ in some rows. Such a column may
    /// also number rows; these then agree in buyer and day, and in the total if rows repeat the order's.
    fn is_of_another(&self, head: u32, row: &Order, within: Option<FileGrain>) -> bool {
        let mut chain = self.chain_at(head).map(|place| &self.list[place as usize]);
        let Some(grain) = within else {
            return chain.all(|order| order.is_of_another_shop(row));
        };
        row.own != Own::NONE
            && chain.all(|order| {
                let is_alike = order.customer == row.customer
                    && order.is_of_the_day_of(row)
                    && !(grain.has_order_amount && order.has_another_total(row));
                order.own.is_same(row.own) == Some(false) && !is_alike
            })
    }

    /// Whether a row of a later file certainly belongs to the same order: the usual overlap of exports.
    fn is_surely_the_same(&self, head: u32, row: &Order) -> bool {
        let order = &self.list[head as usize];
        let is_alike =
            || (row.customer.is_usable() && order.customer == row.customer) || order.is_of_the_day_of(row);
        match row.own.is_same(order.own) {
            Some(is_same) => is_same,
            None => row.own == Own::NONE && order.own == Own::NONE && order.next.is_none() && is_alike(),
        }
    }

    /// The number of export rows of the orders with one id in one shop.
    fn rows_at(&self, head: u32) -> u64 {
        self.chain_at(head).map(|place| u64::from(self.list[place as usize].row_count)).sum()
    }

    /// Settles which versions of each id count: of one order, the version in the last file.
    pub fn settle_versions(&mut self) {
        for (number, mut versions) in std::mem::take(&mut self.others) {
            versions.push(self.heads[number as usize]);
            versions.sort_unstable_by_key(|(head, file)| (*file, *head));
            let mut standing: Vec<(u32, usize)> = Vec::new();
            while let Some((head, file)) = versions.pop() {
                let is_replaced = standing.iter().any(|(later, of)| {
                    let mut rows = self.chain_at(*later).map(|place| &self.list[place as usize]);
                    *of != file && !rows.all(|order| self.is_of_another(head, order, None))
                });
                if is_replaced {
                    self.superseded_rows += self.rows_at(head);
                    self.replaced.insert((number, file));
                } else {
                    standing.push((head, file));
                }
            }
            self.heads[number as usize] = standing[0];
            self.shared_ids += u64::from(standing.len() > 1);
            if standing.len() > 1 {
                self.others.insert(number, standing.split_off(1));
            }
        }
    }

    /// The orders with an id, as index and file, those of the last file first.
    fn versions(&self, number: u32) -> impl Iterator<Item = (u32, usize)> {
        let others = self.others.get(&number).into_iter().flatten().copied();
        std::iter::once(self.heads[number as usize]).chain(others)
    }

    /// Subtracts refunds in the orders' own rows; `negatives` are these rows with their ids and files. A negative row
    /// on the order's day is a line of the order (a discount), a later one a refund. A refund that occurs in several
    /// files counts once.
    pub fn take_back(
        &mut self,
        mut negatives: Vec<(Key, Row, usize)>,
        table: &mut KeyTable,
        grains: &[FileGrain],
    ) {
        let mark = |row: &Order| (row.customer, row.day(), row.amount);
        let place = |(key, row, file): &(Key, Row, usize)| (*key, *file, mark(&row.0), row.0.status);
        negatives.sort_by_key(place);
        for rows in negatives.chunk_by(|(a, ..), (b, ..)| a == b) {
            let known = table.find(rows[0].0);
            // For each order, day and amount: the largest number of equal rows in one file.
            let mut counted: HashMap<(Key, i32, Micros), usize> = HashMap::new();
            for of_file in rows.chunk_by(|(.., a), (.., b)| a == b) {
                let file = of_file[0].2;
                if known.is_some_and(|number| self.replaced.contains(&(number, file))) {
                    self.superseded_rows += of_file.len() as u64;
                    continue;
                }
                for alike in of_file.chunk_by(|(_, a, _), (_, b, _)| mark(&a.0) == mark(&b.0)) {
                    // Rows are counted whatever their status: the second of two equal refunds in a file is no
                    // repetition.
                    let before = counted.entry(mark(&alike[0].1.0)).or_default();
                    // Rows with ids of their own occur once.
                    if grains[file].has_line_ids {
                        *before = 0;
                    }
                    let new = alike.len().saturating_sub(*before);
                    self.superseded_rows += (alike.len() - new) as u64;
                    *before = (*before).max(alike.len());
                    for (i, (key, row, file)) in alike.iter().take(new).enumerate() {
                        self.take_one_back(known, *key, *row, (*file, i), table, grains);
                    }
                }
            }
        }
    }

    /// Adds a negative row to its order, as a discount or as a refund. `nth` is the row's number among equal rows of
    /// its file, counted from 0.
    fn take_one_back(
        &mut self,
        known: Option<u32>,
        key: Key,
        row: Row,
        (file, nth): (usize, usize),
        table: &mut KeyTable,
        grains: &[FileGrain],
    ) {
        let grain = grains[file];
        let Some(number) = known else {
            // No order has this id, so it becomes a credit note.
            match table.insert(key) {
                Ok(_) => {
                    let place = self.push(row);
                    self.heads.push((place, file));
                }
                Err(number) => {
                    let is_repeated = grain.has_order_amount && nth > 0;
                    let amount = if is_repeated { Micros::ZERO } else { row.0.amount };
                    let head = self.heads[number as usize].0;
                    let rows = FileGrain { has_order_amount: false, ..grain };
                    self.add_to(head, (Order { amount, ..row.0 }, row.1), rows);
                }
            }
            return;
        };
        let place = self.refunded_by(number, &row.0, file);
        let order = self.list[place];
        let is_later = row.0.day() > order.day() || row.0.status == Status::Refunded.code();
        if !grain.has_order_amount && !is_later {
            return self.combine(place, (Order { customer: order.customer, ..row.0 }, row.1), grain);
        }
        // If the order's amount is repeated on its rows, so is its refund.
        let is_repeated = grain.has_order_amount && nth > 0 && order.has_repeated_amount;
        let order = &mut self.list[place];
        order.row_count += 1;
        if !is_repeated {
            order.add_given_back(row.0.amount.abs());
        }
        if let (Some(mine), Some(theirs)) = (self.extras.get_mut(place), row.1) {
            mine.lines = self.items.join(mine.lines, theirs.lines);
        }
    }

    /// The order that a negative row belongs to: its customer's, else one in its file, else the first.
    fn refunded_by(&self, number: u32, row: &Order, file: usize) -> usize {
        let places: Vec<(u32, usize)> = self
            .versions(number)
            .flat_map(|(head, of)| self.chain_at(head).map(move |place| (place, of)))
            .collect();
        let rank = |(place, of): &(u32, usize)| {
            let order = &self.list[*place as usize];
            (order.customer != row.customer, *of != file, !order.customer.is_usable(), order.customer, *place)
        };
        places.iter().min_by_key(|place| rank(place)).map_or(0, |(place, _)| *place as usize)
    }

    /// One row per order, with the ids by number if they are wanted. Rows without a customer belong to the only
    /// customer of their order id; an id that several customers use gives an order for each.
    pub fn finish(
        &mut self,
        grains: &[FileGrain],
        has: Has,
        ids: &[Key],
        splits: &mut u32,
        lines: &mut Vec<Line>,
    ) -> Columns {
        let mut rows: Vec<(u32, Key)> = Vec::with_capacity(self.heads.len());
        for number in 0..self.heads.len() {
            let key = ids.get(number).copied().unwrap_or(Key::NONE);
            let (head, _) = self.heads[number];
            if self.list[head as usize].next.is_none() && self.others.is_empty() {
                rows.push((head, key));
                continue;
            }
            let versions: Vec<(u32, usize)> = self.versions(number as u32).collect();
            for (head, file) in versions {
                let chain: Vec<u32> = self.chain_at(head).collect();
                let usable =
                    chain.iter().filter(|&&place| self.list[place as usize].customer.is_usable()).count();
                if usable > 1 {
                    *splits += 1;
                    rows.extend(chain.into_iter().map(|place| (place, key)));
                } else {
                    for &place in &chain[1..] {
                        let other = (self.list[place as usize], self.extras.get(place as usize).copied());
                        self.combine(head as usize, other, grains[file]);
                    }
                    rows.push((head, key));
                }
            }
        }
        let extra = |(place, _): &(u32, Key)| {
            let extra = self.extras.get(*place as usize).copied().unwrap_or(NO_EXTRA);
            let lines = match extra.lines {
                NO_LINES => NO_LINES,
                list => u64::from(self.items.write(list, lines)),
            };
            Extra { lines, ..extra }
        };
        let extra = if has.extras { rows.iter().map(extra).collect() } else { Vec::new() };
        let orders: Vec<(Order, Key)> =
            rows.into_iter().map(|(place, key)| (self.list[place as usize], key)).collect();
        let columns = columns(&orders, has, extra, &self.texts);
        let beyond =
            orders.iter().enumerate().filter(|(row, (order, _))| order.is_beyond || !columns.can_be(*row));
        self.beyond = beyond.map(|(_, (_, key))| *key).min();
        columns
    }
}
