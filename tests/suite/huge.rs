//! Amounts at the ends of what can be held. A cell holds up to 100,000,000,000.00, an order ten times as much, and what
//! a customer comes to in 64 bits of millionths up to 9,223,372,036,854.775807.

use super::common::{failure, run, stdout};
use super::store::{Trial, import};

/// The most that a cell holds.
const MOST: &str = "100000000000";

/// Rows of one order, each of one piece at this price.
fn order_of(rows: u32, price: &str) -> String {
    let rows = (1..=rows).map(|row| format!("N7,ann,2026-05-01,tea {row},{price},1\n"));
    format!("order_id,customer_id,order_date,title,unit_price,quantity\n{}", rows.collect::<String>())
}

#[test]
fn an_order_of_more_than_can_be_held_is_refused_by_its_number() {
    let trial = Trial::new();
    // Ten times the most is the most of an order.
    let held = trial.write("held.csv", &order_of(10, MOST));
    let columns = ["customers", "--columns", "customer_id,order_count,net_amount", "--format", "csv"];
    let rows = "customer_id,order_count,net_amount\nann,1,1000000000000.00\n";
    assert_eq!(stdout(&[&columns[..], &[&held]].concat()), rows);
    let store = trial.store();
    import(&[&held], &store);
    assert_eq!(stdout(&[&columns[..], &[&store]].concat()), rows);
    // One row more is beyond an order, a hundred are beyond 64 bits.
    for count in [11, 100] {
        let beyond = trial.write("beyond.csv", &order_of(count, MOST));
        for command in ["rfm", "region", "overview", "value"] {
            let (code, said) = failure(&[command, &beyond]);
            assert!(
                code == 1 && said.contains("the rows of order N7 add up to more than 1000000000000.00"),
                "{said}"
            );
        }
        let (_, said) = failure(&["rfm", &beyond, "--lang", "zh"]);
        assert!(said.contains("订单 N7 各行的金额合计超过 1000000000000.00"), "{said}");
    }
}

/// What rows in succession come to is added while they are read: there are more than are added at a time, 3,000 times 7.
#[test]
fn an_order_of_thousands_of_rows_is_one_order() {
    let trial = Trial::new();
    let file = trial.write("long.csv", &order_of(3_000, "7"));
    let columns = ["customers", "--columns", "customer_id,order_count,net_amount", "--format", "csv"];
    assert!(stdout(&[&columns[..], &[&file]].concat()).ends_with("ann,1,21000.00\n"));
}

/// 92 of the most are within 64 bits, 93 are not.
#[test]
fn margins_and_amounts_of_one_customer_that_cannot_be_held_are_refused() {
    let trial = Trial::new();
    for (count, is_held) in [(92, true), (93, false)] {
        let row = |i, amount: &str, cost: &str| format!("{i},ann,2026-05-01,{amount},{cost}\n");
        let head = "order_id,customer_id,order_date,amount,cost\n";
        let costly: String = (0..count).map(|i| row(i, "1", MOST)).collect();
        let costly = trial.write("costly.csv", &format!("{head}{costly}"));
        let output = run(&["value", &costly, "--list", "--format", "csv"]);
        assert_eq!(output.status.success(), is_held, "{}", String::from_utf8_lossy(&output.stderr));
        if is_held {
            let text = String::from_utf8(output.stdout).unwrap();
            // 92 less 92 times the most.
            assert!(text.contains(",92.00,-9199999999908.00,"), "{text}");
        } else {
            assert!(
                String::from_utf8(output.stderr).unwrap().contains("one customer's amounts add up to more")
            );
        }
        let dear: String = (0..count).map(|i| row(i, MOST, "1")).collect();
        let dear = trial.write("dear.csv", &format!("{head}{dear}"));
        for command in [&["rfm"][..], &["value"], &["customers", "--columns", "net_amount_90d"]] {
            assert_eq!(run(&[command, &[&dear]].concat()).status.success(), is_held, "{command:?} {count}");
        }
    }
}

/// A preset of orders and one of items that add up many columns.
fn preset(table: &str, columns: usize) -> String {
    let plus: Vec<String> = (0..columns).map(|i| format!("\"Part {i}\"")).collect();
    format!(
        "name = \"parts_{table}\"\ntitle = {{ en = \"Parts\", zh = \"各部分\" }}\ntable = \"{table}\"\n\
         signature = [\"Ticket\", \"Part 0\"]\nrequires = [[\"order_id\"], [\"amount\"]]\n\
         [fields]\norder_id = [\"Ticket\"]\ncustomer_id = [\"Guest\"]\ncreated_at = [\"Day\"]\ntitle = [\"Leaf\"]\n\
         [sums.amount]\nplus = [{}]\n",
        plus.join(", ")
    )
}

/// A header and two rows: of nothing but the most in each column, and of one in each.
fn parts(columns: usize) -> String {
    let all = |cell: &dyn Fn(usize) -> String| (0..columns).map(cell).collect::<Vec<_>>().join(",");
    let (head, most, one) =
        (all(&|i| format!("Part {i}")), all(&|_| MOST.to_owned()), all(&|_| "1".to_owned()));
    format!("Ticket,Guest,Day,Leaf,{head}\n1,ann,2026-05-01,tea,{most}\n2,ann,2026-05-02,tea,{one}\n")
}

#[test]
fn columns_that_add_up_to_more_than_a_row_can_have_are_a_broken_row() {
    let trial = Trial::new();
    for columns in [2, 100] {
        let preset = trial.write("parts.toml", &preset("orders", columns));
        let file = trial.write("parts.csv", &parts(columns));
        let output = run(&["rfm", &file, "--preset", &preset, "--format", "csv"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("1 quarantined"), "{said}");
        assert!(String::from_utf8(output.stdout).unwrap().contains(&format!(",1,{columns}.00,")));
    }
}

#[test]
fn items_whose_columns_add_up_to_more_than_any_shop_has_are_of_unknown_amount() {
    let trial = Trial::new();
    let preset = trial.write("parts.toml", &preset("order_items", 100));
    let file = trial.write("parts.csv", &parts(100));
    let flags = ["products", &file, "--preset", &preset, "--table", "products", "--format", "csv"];
    let output = run(&flags);
    let (text, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Part 0"), "{text} {said}");
}

#[test]
fn messages_to_one_customer_that_cost_more_than_can_be_held_are_an_error() {
    let trial = Trial::new();
    let orders = trial.write("orders.csv", "order_id,customer_id,paid_at,paid_amount\n1,ann,2026-05-01,5\n");
    // 92 times the most is in 64 bits of millionths, 93 times is not.
    for (count, is_held) in [(92, true), (93, false)] {
        let row = |second| format!("june,ann,2026-05-03 10:{:02}:{:02},{MOST}\n", second / 60, second % 60);
        let rows: String = (0..count).map(row).collect();
        let sends = trial.write("sends.csv", &format!("campaign_id,customer_id,sent_at,cost\n{rows}"));
        let output = run(&["campaign", &sends, &orders, "--as-of", "2026-06-30", "--format", "csv"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), is_held, "{count}: {said}");
        assert!(is_held || said.contains("one customer's amounts add up to more"), "{said}");
    }
}
