//! `campaign` against a naive oracle: each customer's messages and orders looked at one after the other.

use std::collections::{BTreeMap, BTreeSet};

use super::drawn::{
    Order, Shop, Want, assert_same, cents, count, date, id, mean, rows, seeds, share, text, write,
};

const ARMS: [&str; 15] = [
    "campaign_id",
    "arm",
    "customer_count",
    "message_count",
    "delivered_count",
    "cost",
    "buyer_count",
    "conversion_rate",
    "order_count",
    "net_amount",
    "unpaid_customer_count",
    "unpaid_order_count",
    "unpaid_amount",
    "spend_per_customer",
    "roi",
];

const VALIDITY: [&str; 9] = [
    "campaign_id",
    "arm",
    "assigned_count",
    "mixed_count",
    "unfinished_count",
    "customer_count",
    "refunded_order_count",
    "overlap_customer_count",
    "overlap_order_count",
];

#[derive(Debug, Clone)]
struct Message {
    campaign: &'static str,
    customer: usize,
    day: i32,
    /// Of the day; none where the row gives a day alone.
    minute: Option<u32>,
    arm: &'static str,
    is_delivered: Option<bool>,
    /// In cents.
    cost: Option<i64>,
}

fn messages(rng: &mut fastrand::Rng, shop: &Shop) -> Vec<Message> {
    let mut all = Vec::new();
    for (place, campaign) in ["spring", "summer", "autumn"].into_iter().enumerate() {
        let begins = shop.as_of - [70, 60, 12][place];
        for customer in (0..18).filter(|_| rng.u8(..5) > 0).collect::<Vec<_>>() {
            let arm = ["control", "a", "b"][rng.usize(..3)];
            for _ in 0..rng.usize(1..3) {
                let is_elsewhere = rng.u8(..12) == 0;
                all.push(Message {
                    campaign,
                    customer,
                    day: begins + rng.i32(0..10),
                    minute: (rng.u8(..3) > 0).then(|| rng.u32(..24 * 60)),
                    arm: if is_elsewhere { "a" } else { arm },
                    is_delivered: [None, Some(true), Some(false)][rng.usize(..3)],
                    // The costs of one campaign are known, as far as they are.
                    cost: (place == 0).then(|| rng.i64(0..20)),
                });
            }
        }
    }
    rng.shuffle(&mut all);
    all
}

fn file(messages: &[Message]) -> String {
    let mut lines = "campaign_id,customer_id,sent_at,arm,delivered,cost\n".to_owned();
    for Message { campaign, customer, day, minute, arm, is_delivered, cost } in messages {
        let time =
            minute.map_or_else(String::new, |minute| format!(" {:02}:{:02}:00", minute / 60, minute % 60));
        let delivered = is_delivered.map_or("", |is| if is { "yes" } else { "no" });
        let cost = cost.map_or_else(String::new, |cost| format!("{}.{:02}", cost / 100, cost % 100));
        lines.push_str(&format!(
            "{campaign},{},{}{time},{arm},{delivered},{cost}\n",
            id(*customer),
            date(*day)
        ));
    }
    lines
}

/// A customer of a campaign.
struct Subject {
    campaign: &'static str,
    customer: usize,
    arm: &'static str,
    from: (i32, i64),
    is_mixed: bool,
    is_finished: bool,
    sent: Vec<Message>,
}

fn subjects(messages: &[Message], within: i32, as_of: i32) -> Vec<Subject> {
    let mut of: BTreeMap<(&'static str, usize), Vec<Message>> = BTreeMap::new();
    for message in messages {
        of.entry((message.campaign, message.customer)).or_default().push(message.clone());
    }
    let moment = |of: &Message| (of.day, of.minute.map_or(-1, i64::from));
    let subject = |((campaign, customer), mut all): ((&'static str, usize), Vec<Message>)| {
        // Of one moment the treatment, of which the names come first.
        all.sort_by_key(|of| (moment(of), of.arm == "control", of.arm));
        Subject {
            campaign,
            customer,
            arm: all[0].arm,
            from: moment(&all[0]),
            is_mixed: all.iter().any(|of| of.arm != all[0].arm),
            is_finished: all[0].day + within <= as_of,
            sent: all.into_iter().filter(|of| of.arm != "control").collect(),
        }
    };
    of.into_iter().map(subject).collect()
}

impl Subject {
    fn counts(&self) -> bool {
        self.is_finished && !self.is_mixed
    }

    fn has(&self, order: &Order, within: i32) -> bool {
        let moment = (order.day, i64::from(order.minute));
        order.customer == Some(self.customer) && moment >= self.from && order.day <= self.from.0 + within
    }
}

fn is_buyer(shop: &Shop, customer: usize) -> bool {
    shop.orders
        .iter()
        .any(|order| order.customer == Some(customer) && order.is_valid() && order.day <= shop.as_of)
}

/// The rows of arms and those of validity.
fn wanted(shop: &Shop, messages: &[Message], within: i32) -> (Vec<Vec<Want>>, Vec<Vec<Want>>) {
    let all = subjects(messages, within, shop.as_of);
    let mut first: BTreeMap<&str, i32> = BTreeMap::new();
    messages.iter().for_each(|of| {
        let day = first.entry(of.campaign).or_insert(of.day);
        *day = of.day.min(*day);
    });
    let mut campaigns: Vec<(i32, &str)> = first.iter().map(|(campaign, day)| (-day, *campaign)).collect();
    campaigns.sort_unstable();
    let (mut arms, mut validity) = (Vec::new(), Vec::new());
    for (_, campaign) in campaigns {
        let has_cost =
            messages.iter().any(|of| of.campaign == campaign && of.arm != "control" && of.cost.is_some());
        let named: BTreeSet<(bool, &str)> = messages
            .iter()
            .filter(|of| of.campaign == campaign)
            .map(|of| (of.arm == "control", of.arm))
            .collect();
        for (_, arm) in named {
            let assigned = || all.iter().filter(|of| of.campaign == campaign && of.arm == arm);
            let counted: Vec<&Subject> = assigned().filter(|of| of.counts()).collect();
            let within_days = |of: &Subject, what: &dyn Fn(&Order) -> bool| -> Vec<&Order> {
                shop.orders.iter().filter(|order| what(order) && of.has(order, within)).collect()
            };
            let valid = |of: &Subject| within_days(of, &|order| order.is_valid());
            let unpaid =
                |of: &Subject| within_days(of, &|order| ["pending", "closed_unpaid"].contains(&order.status));
            let notes = |of: &Subject| match is_buyer(shop, of.customer) {
                true => within_days(of, &|order| order.is_credit_note()),
                false => Vec::new(),
            };
            let sum = |orders: Vec<&Order>| orders.iter().map(|order| order.cents()).sum::<i64>();
            let net: i64 = counted.iter().map(|of| sum(valid(of)) + sum(notes(of))).sum();
            let orders: usize = counted.iter().map(|of| valid(of).len()).sum();
            let buyers = counted.iter().filter(|of| !valid(of).is_empty()).count();
            let sent: Vec<&Message> = counted.iter().flat_map(|of| &of.sent).collect();
            let said = sent.iter().filter(|of| of.is_delivered.is_some()).count();
            let arrived = sent.iter().filter(|of| of.is_delivered == Some(true)).count();
            let cost =
                (has_cost && !sent.is_empty()).then(|| sent.iter().filter_map(|of| of.cost).sum::<i64>());
            let roi = cost.filter(|cost| *cost > 0).map(|cost| (net - cost) as f64 / cost as f64);
            arms.push(vec![
                text(campaign),
                text(arm),
                count(counted.len()),
                count(sent.len()),
                if said > 0 { count(arrived) } else { Want::Nothing },
                cost.map_or(Want::Nothing, cents),
                count(buyers),
                share(buyers as i64, counted.len() as i64),
                count(orders),
                cents(net),
                count(counted.iter().filter(|of| !unpaid(of).is_empty()).count()),
                count(counted.iter().map(|of| unpaid(of).len()).sum()),
                cents(counted.iter().map(|of| sum(unpaid(of))).sum()),
                mean(net, counted.len()),
                roi.map_or(Want::Nothing, Want::Number),
            ]);
            let refunded = |of: &&Subject| within_days(of, &|order| order.status == "refunded").len();
            let shared = |of: &Subject| {
                let others = || all.iter().filter(|other| other.campaign != campaign && other.counts());
                let is_shared = |order: &&&Order| others().any(|other| other.has(order, within));
                valid(of).iter().filter(is_shared).count()
            };
            validity.push(vec![
                text(campaign),
                text(arm),
                count(assigned().count()),
                count(assigned().filter(|of| of.is_mixed).count()),
                count(assigned().filter(|of| !of.is_mixed && !of.is_finished).count()),
                count(counted.len()),
                count(counted.iter().map(refunded).sum()),
                count(counted.iter().filter(|of| shared(of) > 0).count()),
                count(counted.iter().map(|of| shared(of)).sum()),
            ]);
        }
    }
    (arms, validity)
}

/// Messages and orders in any order of their rows, with and without a time of day, two weeks and three days.
#[test]
fn arms_are_what_the_oracle_says() {
    let mut unfinished = 0;
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let mut rng = fastrand::Rng::with_seed(seed ^ 0xCA);
        let mut messages = messages(&mut rng, &shop);
        for within in [14, 3] {
            let (arms, validity) = wanted(&shop, &messages, within);
            unfinished += validity.iter().filter(|row| row[4] != Want::Whole(0)).count();
            let folder = tempfile::tempdir().unwrap();
            let [orders, ..] = shop.files(folder.path());
            let sends = write(folder.path(), "sends.csv", &file(&messages)).display().to_string();
            let ask = |table: &str| {
                let days = within.to_string();
                let args = ["campaign", &sends, &orders, "--within", &days, "--table", table];
                [args.map(str::to_owned).to_vec(), shop.flags()].concat()
            };
            assert_same(&format!("arms of seed {seed}"), &rows(&ask("arms"), &ARMS), &arms);
            assert_same(&format!("validity of seed {seed}"), &rows(&ask("validity"), &VALIDITY), &validity);
            rng.shuffle(&mut messages);
        }
    }
    assert!(unfinished > 5, "hardly any days that are not over: {unfinished}");
}
