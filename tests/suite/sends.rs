//! Logs of sent messages as those who send them report them. The files are those of `fixtures/sends`; what they hold
//! was worked out by hand.

use super::common::stdout;

/// The arms of the one campaign of a report, cut to what was sent and bought.
fn arms(report: &str, key: &str) -> Vec<String> {
    let args =
        ["campaign", "fixtures/sends/orders.csv", report, "--customer-key", key, "--format", "csv", "-q"];
    let text = stdout(&args);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let cell = |row: &csv::StringRecord, name: &str| {
        row[headers.iter().position(|header| header == name).unwrap()].to_owned()
    };
    let names = [
        "campaign_id",
        "arm",
        "message_count",
        "delivered_count",
        "cost",
        "buyer_count",
        "order_count",
        "net_amount",
    ];
    reader
        .records()
        .map(|row| row.unwrap())
        .map(|row| names.map(|name| cell(&row, name)).join(","))
        .filter(|row| row.contains("treatment"))
        .collect()
}

/// Of five messages two arrived; whoever was sent one that did not arrive was sent one nevertheless. Within the seven
/// days two customers bought, for 50 and 30; what came on the 20th is too late.
#[test]
fn a_report_of_short_messages_says_what_arrived_and_what_it_cost() {
    let arms = arms("fixtures/sends/sms_report_gbk.csv", "phone");
    assert_eq!(arms, ["六月促销,treatment,5,2,0.225,2,2,80.00"]);
}

#[test]
fn a_report_of_mails_says_what_arrived() {
    assert_eq!(arms("fixtures/sends/email_report.csv", "email"), ["June,treatment,3,2,,2,2,80.00"]);
}

#[test]
fn what_was_opened_and_followed_is_read_from_counts() {
    let text =
        stdout(&["check", "fixtures/sends/email_report.csv", "--table", "columns", "--format", "csv", "-q"]);
    for (header, field) in [("Opens", "opened"), ("Clicks", "clicked"), ("Delivery Status", "delivered")] {
        assert!(text.lines().any(|line| line.ends_with(&format!("{header},{field}"))), "{text}");
    }
}
