//! Orders that say who bought when and nothing of money, told from lists of customers and logs of events, which have
//! days and people too.

use super::{Choice, Guesser, has, names};
use crate::error::Result;
use crate::schema::Field;

/// Parts of headers of days on which something was bought.
const DEALS: [&str; 36] = [
    "order",
    "purchas",
    "sale",
    "sold",
    "bought",
    "paid",
    "checkout",
    "invoice",
    "receipt",
    "bestell",
    "kauf",
    "auftrag",
    "commande",
    "achat",
    "pedido",
    "compra",
    "venta",
    "venda",
    "ordine",
    "acquist",
    "zakup",
    "zamów",
    "sipariş",
    "заказ",
    "покуп",
    "下单",
    "订单",
    "購入",
    "购买",
    "成交",
    "付款",
    "支付",
    "交易",
    "消费",
    "注文",
    "주문",
];

/// Parts of headers of logs, which say what somebody did, where or with what.
const LOGS: [&str; 13] = [
    "event",
    "action",
    "behavio",
    "session",
    "page",
    "url",
    "referr",
    "user agent",
    "ip address",
    "device",
    "行为",
    "事件",
    "浏览",
];

impl Guesser<'_> {
    /// The columns of orders without amounts, beside those that are known; `None` where it is not sure enough that they
    /// are orders: without an order's number and what it holds or who bought it, a column must say that its days are
    /// those of purchases, and some buyers must come again. `is_asked` is whether the user says that they are orders.
    ///
    /// # Errors
    /// Where two columns are as good for the day.
    pub(super) fn dated_orders(
        &self,
        file: &str,
        known: &[Choice],
        is_asked: bool,
    ) -> Result<Option<Vec<Choice>>> {
        if self.columns.iter().any(super::Column::is_actions) || self.hides_amounts(known)? {
            return Ok(None);
        }
        let mut chosen = known.to_vec();
        self.add_named(&mut chosen, Field::OrderId)?;
        let days = match has(&chosen, Field::CreatedAt) || has(&chosen, Field::PaidAt) {
            true => Vec::new(),
            false => self.best(Field::CreatedAt, &chosen)?,
        };
        match days.as_slice() {
            [] if days.is_empty() && !has(&chosen, Field::CreatedAt) && !has(&chosen, Field::PaidAt) => {
                return Ok(None);
            }
            [] => {}
            [day] => chosen.push((Field::CreatedAt, *day)),
            [one, two, ..] if has(&chosen, Field::OrderId) || is_asked => {
                return Err(self.tie(file, Field::CreatedAt, *one, *two));
            }
            _ => return Ok(None),
        }
        let buyers = [Field::CustomerId, Field::Email, Field::Phone];
        if !buyers.iter().any(|field| has(&chosen, *field)) {
            self.add_named(&mut chosen, Field::Email)?;
            self.add_named(&mut chosen, Field::CustomerId)?;
        }
        self.add_named(&mut chosen, Field::Status)?;
        let has_items = has(&chosen, Field::ProductId) || has(&chosen, Field::Title);
        let buyer = chosen.iter().find(|(field, _)| buyers.contains(field)).map(|(_, column)| *column);
        let is_order = match has(&chosen, Field::OrderId) {
            true => buyer.is_some() || has_items,
            false => buyer.is_some_and(|buyer| self.columns[buyer].repeats()) && self.are_deals(&chosen),
        };
        Ok((is_order || (is_asked && buyer.is_some())).then(|| chosen.split_off(known.len())))
    }

    /// Adds the best column for a field, where its header says that it is one.
    fn add_named(&self, chosen: &mut Vec<Choice>, field: Field) -> Result<()> {
        const MIN_NAME: i32 = 2;
        if has(chosen, field) {
            return Ok(());
        }
        if let [column] = self.best(field, chosen)?.as_slice()
            && (field == Field::Email || names::score(&self.headers[*column], field)? >= MIN_NAME)
        {
            chosen.push((field, *column));
        }
        Ok(())
    }

    /// Whether a column looks like money and is no amount by its name (hundredths, say): these orders have amounts, if
    /// none that can be read.
    fn hides_amounts(&self, known: &[Choice]) -> Result<bool> {
        for (column, header) in self.headers.iter().enumerate() {
            let is_taken = known.iter().any(|(_, taken)| *taken == column);
            if !is_taken && self.columns[column].is_amounts() && names::hints(header, Field::PaidAmount)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the day is that of a purchase, by its header, and no header is one of a log.
    fn are_deals(&self, chosen: &[Choice]) -> bool {
        let days = [Field::CreatedAt, Field::PaidAt];
        let mut days = chosen.iter().filter(|(field, _)| days.contains(field)).map(|(_, column)| *column);
        let says = |header: &str, parts: &[&str]| {
            let header = header.to_lowercase().replace(['_', '-'], " ");
            parts.iter().any(|part| header.contains(part))
        };
        // Users of a page do other things than buy.
        let is_user = |(field, column): &Choice| {
            *field == Field::CustomerId
                && says(&self.headers[*column], &["user", "visitor", "uid", "用户", "用戶", "访客"])
        };
        let is_bare = self.headers.len() == chosen.len() && !chosen.iter().any(is_user);
        let is_log = self.headers.iter().any(|header| says(header, &LOGS));
        !is_log && (is_bare || days.any(|day| says(&self.headers[day], &DEALS)))
    }
}
