//! `campaign` on shops drawn with a seed, in which what happened is known.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::common::{failure, run};
use super::drawn::write;

/// A table of `campaign` on sends and orders, some of its columns, and what was said beside it.
fn answer(
    folder: &Path,
    [sends, orders, config]: [&str; 3],
    args: &[&str],
    columns: &str,
) -> (Vec<Vec<String>>, String) {
    let files = [("sends.csv", sends), ("orders.csv", orders), ("ecrm.toml", config)];
    let [sends, orders, config] = files.map(|(name, text)| write(folder, name, text).display().to_string());
    let all = ["campaign", &sends, &orders, "--config", &config, "--as-of", "2026-07-31", "--format", "csv"];
    let output = run(&[&all, args].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let header = reader.headers().unwrap().clone();
    let place =
        |name: &str| header.iter().position(|found| found == name).unwrap_or_else(|| panic!("{name}"));
    let places: Vec<usize> = columns.split(',').map(place).collect();
    let rows = reader.records().map(|row| row.unwrap());
    (rows.map(|row| places.iter().map(|place| row[*place].to_owned()).collect()).collect(), said)
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell:?} is no number"))
}

const SENDS: &str = "campaign_id,customer_id,sent_at,channel,arm\n";
const ORDERS: &str = "order_id,customer_id,status,paid_at,paid_amount\n";

/// 600 by SMS and 600 by e-mail, half of each held out. A tenth buys anyway; an SMS makes three tenths of it, an e-mail
/// nothing. The plan is one half.
fn by_channel(seed: u64, planned: &str) -> [String; 3] {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut sends, mut orders) = (SENDS.to_owned(), ORDERS.to_owned());
    for customer in 0..1_200 {
        let (channel, arm) = (["sms", "email"][customer % 2], ["treatment", "control"][customer / 2 % 2]);
        sends.push_str(&format!("june,c{customer},2026-06-01 10:00:00,{channel},{arm}\n"));
        let rate = if (channel, arm) == ("sms", "treatment") { 0.3 } else { 0.1 };
        if rng.f64() < rate {
            let (day, amount) = (rng.u8(2..8), rng.u8(20..80));
            orders.push_str(&format!("{customer},c{customer},paid,2026-06-0{day} 12:00:00,{amount}\n"));
        }
    }
    [sends, orders, format!("[[campaign]]\nid = \"june\"\nholdout = \"{planned}\"\n")]
}

#[test]
fn an_effect_in_one_group_alone_is_found_there() {
    let folder = tempfile::tempdir().unwrap();
    let [sends, orders, config] = by_channel(7, "50%");
    let (rows, _) = answer(
        folder.path(),
        [&sends, &orders, &config],
        &["--by", "channel", "--table", "groups"],
        "channel,result,rate_interaction_p_value,spend_interaction_p_value,rate_difference",
    );
    assert_eq!(
        rows.iter().map(|row| [row[0].as_str(), &row[1]]).collect::<Vec<_>>(),
        [["email", "no_difference"], ["sms", "more"]]
    );
    for row in &rows {
        assert!(number(&row[2]) < 1e-4 && number(&row[3]) < 1e-3, "{row:?}");
    }
    assert!((0.1..0.3).contains(&number(&rows[1][4])), "{rows:?}");
}

/// Half are held out where a tenth was planned: whatever the arms differ by, nothing is claimed of it.
#[test]
fn a_broken_split_is_found_and_nothing_claimed() {
    let folder = tempfile::tempdir().unwrap();
    let [sends, orders, config] = by_channel(7, "10%");
    let files = [sends.as_str(), &orders, &config];
    let (rows, said) = answer(folder.path(), files, &["--table", "lift"], "result,rate_p_value");
    assert!(rows[0][0] == "broken_split" && number(&rows[0][1]) < 1e-3, "{rows:?}");
    assert!(said.contains("the arms of june are not as large as planned"), "{said}");
    let columns = "is_split_as_planned,split_p_value,planned_share";
    let (rows, _) = answer(folder.path(), files, &["--table", "validity"], columns);
    assert_eq!(rows, [["false", "0", "0.9"], ["false", "0", "0.1"]]);
    let [_, _, config] = by_channel(7, "50%");
    let files = [sends.as_str(), &orders, &config];
    let (rows, said) = answer(folder.path(), files, &["--table", "lift"], "result");
    assert!(rows[0][0] == "more" && !said.contains("planned"), "{rows:?} {said}");
}

/// The rule as the contract has it, worked out here once more.
fn is_in_standing_holdout(customer: &str, share: f64) -> bool {
    let digest = Sha256::digest(format!("global\u{1f}{customer}"));
    let first = u64::from_be_bytes(digest[..8].try_into().unwrap());
    (first as f64) / 2_f64.powi(64) < share
}

/// 4,000 bought in May. From June on a fifth is kept from all messages, and a tenth of these buys; of the others three
/// tenths. Messages go to the 1,500 first of these, of whom half buy; one more goes to somebody in the holdout. 500
/// come in June for the first time and say nothing.
#[test]
fn everybody_is_compared_with_the_standing_holdout() {
    let mut rng = fastrand::Rng::with_seed(11);
    let (mut sends, mut orders) = (SENDS.to_owned(), ORDERS.to_owned());
    let (mut held_out, mut reached, mut bought) = (Vec::new(), 0, [0; 2]);
    for customer in 0..4_000 {
        let id = format!("c{customer}");
        orders.push_str(&format!("m{customer},{id},paid,2026-05-10 12:00:00,30\n"));
        let is_held_out = is_in_standing_holdout(&id, 0.2);
        let is_reached = !is_held_out && reached < 1_500;
        reached += usize::from(is_reached);
        if is_reached {
            sends.push_str(&format!("june,{id},2026-06-05 10:00:00,sms,treatment\n"));
        }
        let rate = if is_held_out {
            0.1
        } else if is_reached {
            0.5
        } else {
            0.2
        };
        if rng.f64() < rate {
            orders.push_str(&format!("j{customer},{id},paid,2026-06-{:02} 12:00:00,40\n", rng.u8(1..31)));
            bought[usize::from(is_held_out)] += 1;
        }
        held_out.extend(is_held_out.then_some(id));
    }
    sends.push_str(&format!("june,{},2026-06-05 10:00:00,sms,treatment\n", held_out[0]));
    for customer in 0..500 {
        orders.push_str(&format!("n{customer},n{customer},paid,2026-06-10 12:00:00,30\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let config = "[holdout]\nshare = \"20%\"\nfrom = \"2026-06-01\"\nto = \"2026-06-30\"\n";
    let files = [sends.as_str(), &orders, config];
    let columns = "campaign_id,arm,customer_count,message_count,buyer_count";
    let (rows, said) = answer(folder.path(), files, &["--global"], columns);
    let others = 4_000 - held_out.len();
    assert!(held_out.len() > 700 && held_out.len() < 900, "{}", held_out.len());
    let row = |arm: &str, customers: usize, messages: usize, buyers: usize| {
        ["global", arm, &customers.to_string(), &messages.to_string(), &buyers.to_string()].map(str::to_owned)
    };
    assert_eq!(rows[0], row("not_held_out", others, 1_500, bought[0]));
    assert_eq!((rows[1][1].as_str(), rows[1][2].as_str()), ("reached", "1500"));
    assert_eq!(rows[2], row("control", held_out.len(), 1, bought[1]));
    assert!(said.contains("1 customer of the standing holdout was sent something all the same"), "{said}");
    let (rows, _) =
        answer(folder.path(), files, &["--global", "--table", "lift"], "arm,result,rate_p_value_holm");
    assert_eq!(
        rows.iter().map(|row| [row[0].as_str(), &row[1]]).collect::<Vec<_>>(),
        [["not_held_out", "more"], ["reached", "not_drawn"]]
    );
    assert!(rows[1][2].is_empty(), "{rows:?}");
    let columns = "arm,mixed_count,is_split_as_planned";
    let (rows, _) = answer(folder.path(), files, &["--global", "--table", "validity"], columns);
    assert_eq!(rows, [["not_held_out", "0", "true"], ["reached", "0", "true"], ["control", "1", "true"]]);
}

#[test]
fn nobody_in_the_holdout_has_a_channel() {
    let (code, said) = failure(&["campaign", "sends.csv", "--global", "--by", "channel"]);
    assert!(code == 2 && said.contains("cannot be split by channel"), "{said}");
}

#[test]
fn a_holdout_that_does_not_say_since_when_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [sends, orders, _] = by_channel(1, "50%");
    let files = [
        ("sends.csv", sends.as_str()),
        ("orders.csv", &orders),
        ("ecrm.toml", "[holdout]\nshare = \"5%\"\n"),
    ];
    let [sends, orders, config] =
        files.map(|(name, text)| write(folder.path(), name, text).display().to_string());
    let (code, said) = failure(&["campaign", &sends, &orders, "--config", &config, "--global"]);
    assert!(code == 2 && said.contains("share and from"), "{said}");
}
