//! The parcel list: orders to pack that deserve something in the box, and what for.

use super::Row;
use super::calendar::Calendar;
use super::history::{History, Order};
use super::settings::Settings;
use super::tasks::Task;
use crate::locale::Remark;

/// What is known of a customer besides the orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// Whether the configured condition for VIPs is true of the customer.
    pub is_vip: bool,
    /// The member level.
    pub level: Option<String>,
    /// The tags, in one text.
    pub tags: Option<String>,
    /// The notes of the shop's staff.
    pub note: Option<String>,
}

/// `parcel` of a customer's orders that are paid and not sent off.
pub(super) fn due(
    history: &History<'_>,
    settings: &Settings,
    calendar: &Calendar,
    traits: &[Traits],
    out: &mut Vec<Row>,
) {
    let Some(when) = settings.when(Task::Parcel) else { return };
    let usual = history.usual_recipient();
    let nobody = Traits::default();
    let traits = traits.get(history.customer.place()).unwrap_or(&nobody);
    let (mut nth, mut was_given_back) = (0, false);
    for order in history.orders {
        nth += u32::from(order.is_valid);
        if order.is_to_pack() {
            let start = order.paid_or_placed();
            let mut reasons = of_order(order, nth, usual, settings);
            reasons.extend(of_customer(traits));
            reasons.extend(was_given_back.then(|| Remark::new("refund_before")));
            let mut reasons = reasons.into_iter();
            if let Some((due, first)) = calendar.due_after(start, when).zip(reasons.next()) {
                let mut row = Row::of_order(Task::Parcel, history, order, (due, start), first);
                row.reasons.extend(reasons);
                out.push(row);
            }
        }
        was_given_back |= order.is_given_back;
    }
}

/// The reasons that come from the order itself.
fn of_order(order: &Order<'_>, nth: u32, usual: Option<u64>, settings: &Settings) -> Vec<Remark> {
    let mut reasons = Vec::new();
    match nth {
        nth if !settings.celebrated.contains(&nth) => {}
        1 => reasons.push(Remark::new("first_of_all")),
        nth => reasons.push(Remark::new("nth_order").with("nth", nth)),
    }
    if order.recipient.zip(usual).is_some_and(|(recipient, usual)| recipient != usual) {
        reasons.push(Remark::new("gift"));
    }
    reasons.extend(order.note.map(|note| Remark::new("order_note").with("note", note)));
    reasons
}

/// The reasons that come from the customer.
fn of_customer(traits: &Traits) -> Vec<Remark> {
    let mut reasons = Vec::new();
    if traits.is_vip {
        reasons.push(Remark::new("vip"));
    }
    reasons.extend(traits.tags.as_ref().map(|tags| Remark::new("tagged").with("tags", tags)));
    reasons.extend(traits.note.as_ref().map(|note| Remark::new("noted").with("note", note)));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::care::testing::Shop;

    const HEADER: &str = "order_id,customer_id,status,created_at,paid_at,shipped_at,amount,recipient,note;";

    /// a's first order; b's second, to somebody else than the first and third; c's tenth; d's second, after one that
    /// was refunded; e's second, with a note; f's second, an order like any other; g's first is sent off already.
    #[test]
    fn a_parcel_says_why_it_is_not_like_the_others() {
        let mut rows = String::from(
            "1,a,paid,2026-06-10,2026-06-10,,5,Ann,;2,b,completed,2026-05-01,2026-05-01,,5,Bob,;
             3,b,paid,2026-06-09,2026-06-09,,5,Mum,;4,b,completed,2026-06-10 09:00:00,2026-06-10,,5,Bob,;
             5,d,refunded,2026-05-01,2026-05-01,,5,Dan,;6,d,completed,2026-05-02,2026-05-02,,5,Dan,;7,d,paid,2026-06-10,2026-06-10,,5,Dan,;
             8,e,completed,2026-05-01,2026-05-01,,5,Eve,;9,e,paid,2026-06-10,2026-06-10,,5,Eve,no plastic;
             10,f,completed,2026-05-01,2026-05-01,,5,Fay,;11,f,paid,2026-06-10,2026-06-10,,5,Fay,;
             12,g,shipped,2026-06-10,2026-06-10,2026-06-10,5,Gus,",
        );
        for n in 0..9 {
            rows.push_str(&format!(";c{n},c,completed,2026-04-0{},2026-04-0{},,5,Cat,", n + 1, n + 1));
        }
        rows.push_str(";c9,c,paid,2026-06-10,2026-06-10,,5,Cat,");
        let shop = Shop::of(&[("orders.csv", &format!("{HEADER}{rows}"))]);
        let list = shop.at("2026-06-10", 86_399);
        assert_eq!(
            list.rows(Task::Parcel),
            ["a 2026-06-10 1", "b 2026-06-10 3", "c 2026-06-10 c9", "d 2026-06-10 7", "e 2026-06-10 9"]
        );
        for (customer, reason) in [
            ("a", "first_of_all"),
            ("b", "gift"),
            ("c", "nth_order nth=10"),
            ("d", "refund_before"),
            ("e", "order_note note=no plastic"),
        ] {
            assert_eq!(list.reason(Task::Parcel, customer), reason);
        }
    }

    /// An order may have several reasons, which come in this order.
    #[test]
    fn what_is_known_of_the_customer_goes_into_the_box() {
        let mut shop = Shop::of(&[(
            "orders.csv",
            &format!(
                "{HEADER}1,a,paid,2026-06-10,2026-06-10,,5,Ann,hello;2,b,paid,2026-06-10,2026-06-10,,5,,;3,x,shipped,2026-06-10,2026-06-10,,5,,"
            ),
        )]);
        shop.settings.celebrated = Vec::new();
        let code = shop.code("b").place();
        shop.traits = vec![Traits::default(); 3];
        shop.traits[code] = Traits {
            is_vip: true,
            level: None,
            tags: Some("fan, picky".into()),
            note: Some("allergic to nuts".into()),
        };
        let list = shop.at("2026-06-10", 86_399);
        assert_eq!(list.reason(Task::Parcel, "a"), "order_note note=hello");
        assert_eq!(
            list.reason(Task::Parcel, "b"),
            "vip; tagged tags=fan, picky; noted note=allergic to nuts"
        );
    }
}
