//! `ecrm touchpoints` on `fixtures/audience`, by hand: see there who is reached how (`audience.rs`). Of 23 people six
//! cannot be reached by phone: c06 has none, that of c07 is masked, c04 and c08 have opted out and c19 has the phone of
//! c04, c05 is blacklisted; those six bought for 60 of 1,967.

use super::common::{run, stdout};

const ASKED: [&str; 5] = ["touchpoints", "--config", "fixtures/audience/ecrm.toml", "--format", "csv"];

fn asked(further: &[&str]) -> String {
    stdout(&[&ASKED[..], &["-q"], further].concat())
}

/// Wilson's intervals by Python: 17 of 23 is .5353 to .8745, 1 of 23 .0077 to .2099, 20 of 23 .6787 to .9546.
#[test]
fn each_way_counts_everybody_once() {
    let table = asked(&[]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(
        lines[0],
        "channel,customer_count,reachable_count,reachable_share,reachable_low,reachable_high,reachable_net_share,\
         no_contact_count,invalid_count,opted_out_count,blacklisted_count,duplicate_count,contacted_count,\
         median_days_since_contact"
    );
    assert_eq!(
        lines[1..],
        [
            "phone,23,17,0.7391304348,0.5352999516,0.8745138396,0.9694966955,1,1,3,1,1,2,5",
            "email,23,1,0.0434782609,0.0077166661,0.2099115507,0.2541942044,20,2,0,0,0,1,6",
            "wechat,23,,,,,,,,,,,0,",
            "qq,23,,,,,,,,,,,0,",
            "platform,23,20,0.8695652174,0.6787251773,0.9546234091,0.9847483477,0,0,2,1,0,0,",
            "own,23,17,0.7391304348,0.5352999516,0.8745138396,0.9694966955,,,,,,3,6",
            "any,23,20,0.8695652174,0.6787251773,0.9546234091,0.9847483477,,,,,,3,6",
        ]
    );
}

#[test]
fn why_contacts_are_wrong_how_often_people_are_reached_and_what_reaches_most() {
    assert_eq!(
        asked(&["--table", "faults"]),
        "channel,reason,invalid_count\nphone,masked,1\nemail,masked,1\nemail,malformed,1\n"
    );
    let frequency = asked(&["--table", "frequency"]);
    let shares: Vec<&str> = frequency.lines().map(|line| line.rsplit_once(',').unwrap().0).collect();
    assert_eq!(
        shares,
        [
            "channel,contact_count_30d,customer_count",
            "phone,0,21",
            "phone,1,2",
            "email,0,22",
            "email,1,1",
            "own,0,20",
            "own,1,3",
            "any,0,20",
            "any,1,3",
        ]
    );
    // Of the twenty of one order long ago, fourteen; c24 has bought nothing.
    let segments = asked(&["--table", "segments"]);
    let rows: Vec<String> =
        segments.lines().map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(
        rows,
        [
            "segment,customer_count,best_channel,reachable_count",
            "active_new,1,phone,1",
            "lapsing_new,20,phone,14",
            "lapsing_loyal,1,phone,1",
            "no_order,1,phone,1",
        ]
    );
}

#[test]
fn a_condition_narrows_it_and_what_nobody_knows_is_said() {
    let of_two = asked(&["--where", "customer_id in ('c01', 'c06')"]);
    assert!(of_two.contains("phone,2,1,0.5,"), "{of_two}");
    let output = run(&["touchpoints", "fixtures/audience/orders.csv", "--lang", "en"]);
    let (table, noted) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(table.contains("phone,22,,,,,,,,,,,,\n"), "{table}");
    assert!(noted.contains("who wants no messages") && noted.contains("no list of sent messages"), "{noted}");
    let chinese = stdout(&[
        "touchpoints",
        "--config",
        "fixtures/audience/ecrm.toml",
        "--format",
        "table",
        "--lang",
        "zh",
    ]);
    for word in ["触点覆盖", "手机号", "平台消息以外任一", "可触达率", "最佳触达渠道", "已脱敏"]
    {
        assert!(chinese.contains(word), "{word}: {chinese}");
    }
}
