//! The columns of who people are and how they are reached, worked out by hand.

use super::common::stdout;
use super::store::Trial;

const MEMBERS: &str = "fixtures/people/members_gbk.csv";
const OVERLAP: &str = "fixtures/people/members_overlap.csv";

/// C1 bought twice, C3 did not pay, E1 bought once and was seen before, V9 was only seen, S7 only written to.
fn shop(trial: &Trial) -> Vec<String> {
    let orders = trial.write(
        "orders.csv",
        "order_id,customer_id,status,paid_at,paid_amount,province,city,source
1,C1,completed,2026-05-01,100,浙江省,宁波市,抖音
2,C1,completed,2026-06-01,50,广东省,深圳市,直播
3,C3,pending,2026-06-02,10,四川省,成都市,搜索
4,E1,completed,2026-06-03,20,,,
",
    );
    let events = trial.write(
        "events.csv",
        "customer_id,occurred_at,kind,source,province
E1,2026-05-20 10:00:00,view,广告,江苏省
V9,2026-05-21 10:00:00,cart,搜索,湖北省
",
    );
    let sends = trial.write(
        "sends.csv",
        "campaign_id,customer_id,sent_at,channel,arm,delivered
june,C1,2026-06-10 10:00:00,sms,treatment,yes
may,C1,2026-05-01 10:00:00,sms,A,
june,C2,2026-06-10 10:00:00,sms,control,
june,C3,2026-06-11 10:00:00,sms,treatment,no
spring,C4,2026-04-01 10:00:00,sms,treatment,
only,S7,2026-06-12 10:00:00,sms,treatment,
late,C4,2026-07-01 10:00:00,sms,treatment,
",
    );
    vec![orders, events, sends, MEMBERS.to_owned(), OVERLAP.to_owned()]
}

/// Columns on 15 June 2026, a line per person: buyers by amount, then the others by id.
fn columns(files: &[String], columns: &str) -> Vec<String> {
    let columns = format!("customer_id,{columns}");
    let mut args = vec![
        "customers",
        "--as-of",
        "2026-06-15",
        "--format",
        "csv",
        "--columns",
        &columns,
        "-q",
        "--show-pii",
    ];
    args.extend(files.iter().map(String::as_str));
    stdout(&args).lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_place_is_that_of_the_last_order_else_of_the_list_else_of_the_first_event() {
    let trial = Trial::new();
    assert_eq!(
        columns(&shop(&trial), "province,city"),
        ["C1,广东,深圳", "E1,江苏,", "C2,广东,深圳", "C3,,", "C4,,", "S7,,", "V9,湖北,"]
    );
}

#[test]
fn a_source_is_that_of_the_first_order_else_of_the_first_event_else_of_the_list() {
    let trial = Trial::new();
    assert_eq!(
        columns(&shop(&trial), "source"),
        ["C1,抖音", "E1,广告", "C2,直播", "C3,", "C4,", "S7,", "V9,搜索"]
    );
}

/// 28 February 1990 and 29 February 1992 to 15 June 2026.
#[test]
fn traits_are_those_of_the_lists() {
    let trial = Trial::new();
    assert_eq!(
        columns(&shop(&trial), "status,gender,birthday,age,level,registered_on,card_claimed_on"),
        [
            "C1,converted,male,1990-02-28,36,VIP1,2025-01-05,2025-02-01",
            "E1,converted,,,,,,",
            "C2,other,male,,,VIP3,2025-03-01,",
            "C3,interested,female,1992-02-29,34,,2025-04-01,",
            "C4,other,,,,,,",
            "S7,other,,,,,,",
            "V9,interested,,,,,,",
        ]
    );
}

#[test]
fn machine_formats_hold_names_and_contacts_whole_where_they_are_asked_for() {
    let trial = Trial::new();
    assert_eq!(
        columns(&shop(&trial), "name,phone,email,wechat,qq,is_opted_out,is_blacklisted"),
        [
            "C1,王小明,13800000001,XM@Shop.example,xm_wx,10001,false,false",
            "E1,,,,,,,",
            "C2,李雷,13800000002,,,,false,true",
            "C3,韩梅梅,138****0003,,,,,false",
            "C4,,,,,,,",
            "S7,,,,,,,",
            "V9,,,,,,,",
        ]
    );
}

/// C2 is in the control arm, C3's message failed, and the last one to C4 comes after the day. From 1 April it is 75
/// days.
#[test]
fn contacts_are_messages_that_arrived() {
    let trial = Trial::new();
    assert_eq!(
        columns(&shop(&trial), "days_since_contact,contact_count_30d,last_campaign_id"),
        ["C1,5,1,june", "E1,,0,", "C2,,0,", "C3,,0,", "C4,75,0,spring", "S7,3,1,only", "V9,,0,"]
    );
    let files: Vec<String> = shop(&trial).into_iter().filter(|file| !file.ends_with("sends.csv")).collect();
    assert_eq!(columns(&files, "days_since_contact,contact_count_30d,last_campaign_id")[0], "C1,,,");
}

/// C3's number is masked.
#[test]
fn who_can_be_reached_has_a_contact_that_can_be_right() {
    let trial = Trial::new();
    assert_eq!(
        columns(&shop(&trial), "has_phone,has_email,has_wechat,has_qq"),
        [
            "C1,true,true,true,true",
            "E1,false,false,false,false",
            "C2,true,false,false,false",
            "C3,false,false,false,false",
            "C4,false,false,false,false",
            "S7,false,false,false,false",
            "V9,false,false,false,false",
        ]
    );
    let orders = trial.write("plain.csv", "order_id,customer_id,order_date,amount\n1,a,2026-06-01,5\n");
    assert_eq!(columns(&[orders], "has_phone,has_email,has_wechat,has_qq"), ["a,,,,"]);
}

#[test]
fn an_id_that_is_an_address_or_a_number_is_a_contact() {
    let trial = Trial::new();
    let text =
        "order_id,email,order_date,amount\n1,ann@shop.example,2026-06-01,5\n2,bob@nowhere,2026-06-01,4\n";
    let orders = trial.write("by_mail.csv", text);
    assert_eq!(
        columns(&[orders], "email,has_email"),
        ["ann@shop.example,ann@shop.example,true", "bob@nowhere,,false"]
    );
    let text = "order_id,phone,order_date,amount\n1,13800000001,2026-06-01,5\n2,13800000,2026-06-01,4\n";
    let orders = trial.write("by_phone.csv", text);
    assert_eq!(columns(&[orders], "phone,has_phone"), ["13800000001,13800000001,true", "13800000,13800000,"]);
}

#[test]
fn tables_mask_names_and_contacts_and_no_two_people_share_a_mask() {
    let trial = Trial::new();
    let text = "customer_id,name,phone,email,wechat,qq
a,王小明,13800000001,ann.lee@shop.example,ann_wx,10001
b,王小明,13800010001,,,
c,王芳,,,,
";
    let list = trial.write("list.csv", text);
    let run = |further: &[&str]| {
        let columns = "customer_id,name,phone,email,wechat,qq";
        stdout(&[&["customers", &list, "--columns", columns, "--format", "markdown"][..], further].concat())
    };
    let shown = run(&[]);
    for row in [
        "| a | 王* | 138****0001 | a***ee@shop.example | a***x | 1***1 |",
        "| b | 王*#2 | 138****0001#2 |",
        "| c | 王*#3 |",
    ] {
        let squeezed = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains(row), "{row}\n{shown}");
    }
    let whole = run(&["--show-pii"]);
    assert!(whole.contains("王小明") && whole.contains("13800000001") && whole.contains("ann_wx"), "{whole}");
}

#[test]
fn further_columns_are_masked_by_what_their_headers_say() {
    let trial = Trial::new();
    let list = trial.write(
        "list.csv",
        "customer_id,name,备用电话,收货地址,身高\na,Ann,5550100,浙江省杭州市西湖区1号,165\n",
    );
    let columns = "customer_id,备用电话,收货地址,身高";
    let run = |format| stdout(&["customers", &list, "--columns", columns, "--format", format, "-q"]);
    let shown = run("markdown").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("| a | 5***100 | 浙江*** | 165 |"), "{shown}");
    assert!(run("csv").contains("a,5***100,浙江***,165"));
    let whole = ["customers", &list, "--columns", columns, "--format", "csv", "-q", "--show-pii"];
    assert!(stdout(&whole).contains("a,5550100,浙江省杭州市西湖区1号,165"));
}

#[test]
fn a_store_says_the_same_of_people() {
    let trial = Trial::new();
    let files = shop(&trial);
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    super::store::import(&names, &trial.store());
    let all = "status,name,gender,age,level,phone,email,province,city,source,is_opted_out,days_since_contact,has_phone";
    assert_eq!(columns(&files, all), columns(&[trial.store()], all));
}
