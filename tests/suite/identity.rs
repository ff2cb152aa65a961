//! Who is who: which column tells customers apart, and several accounts of one person.

use std::collections::{BTreeMap, BTreeSet};

use ecrm::parse::{IdentityMode, IdentityOptions};

use super::common::{ecrm, run, stdout};
use super::store::{COMMANDS, Trial, assert_alike, import};

const ACCOUNTS: &str = "fixtures/identity/accounts.csv";

/// Customer, orders and net amount of each row of `ecrm segment --list`, sorted.
fn customers(args: &[&str]) -> Vec<(String, String, String)> {
    let csv = stdout(&[&["segment", ACCOUNTS, "--list", "--format", "csv", "-q"], args].concat());
    let mut rows: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[0].to_owned(), cells[3].to_owned(), cells[4].to_owned())
        })
        .collect();
    rows.sort();
    rows
}

fn named(rows: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    rows.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

#[test]
fn the_platforms_id_comes_first_and_a_masked_one_falls_back() {
    // Order 5 has a masked id; its e-mail names the buyer.
    let expected = [
        ("bob", "1", "40.00"),
        ("bob@shop.example", "1", "50.00"),
        ("cem", "1", "60.00"),
        ("mini_ann", "1", "20.00"),
        ("old_ann", "1", "30.00"),
        ("shop_ann", "1", "10.00"),
    ];
    assert_eq!(customers(&[]), named(&expected));
}

#[test]
fn the_customer_key_can_be_chosen() {
    // Orders 1 and 2: one address in two spellings. Orders 3 and 6 have none.
    let by_email = [("ann@shop.example", "2", "30.00"), ("bob@shop.example", "2", "90.00")];
    assert_eq!(customers(&["--customer-key", "email"]), named(&by_email));
    // Orders 1 and 2: one number in two spellings. Order 4 is masked, 6 has none.
    let by_phone =
        [("10000000001", "2", "30.00"), ("10000000002", "1", "30.00"), ("10000000003", "1", "50.00")];
    assert_eq!(customers(&["--customer-key", "phone"]), named(&by_phone));
}

/// Options with everything that joins ids.
pub fn joining() -> IdentityOptions {
    IdentityOptions { mode: IdentityMode::Both, ..IdentityOptions::default() }
}

/// A folder with a shop whose ids share contacts of every kind, worked out by hand.
pub struct Shop(tempfile::TempDir);

impl Shop {
    pub fn new() -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        shop.write("orders.csv", &orders());
        shop.write("ecrm.toml", "");
        shop
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn run(&self, args: &[&str]) -> std::process::Output {
        ecrm().args(args).current_dir(self.0.path()).output().unwrap()
    }

    pub fn says(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn notes(&self, args: &[&str]) -> String {
        String::from_utf8(self.run(args).stderr).unwrap()
    }

    /// The ids of each person, the one the person is known as first.
    fn persons(&self, args: &[&str]) -> BTreeSet<Vec<String>> {
        let text = self.says(&[&["identity", "orders.csv", "--format", "csv", "-q"], args].concat());
        let mut persons: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let ids = persons.entry(cells[0].to_owned()).or_default();
            if !ids.iter().any(|id| id == cells[1]) {
                ids.push(cells[1].to_owned());
            }
        }
        persons.into_values().collect()
    }

    fn table(&self, name: &str, args: &[&str]) -> String {
        self.says(&[&["identity", "orders.csv", "--table", name, "--format", "csv", "-q"], args].concat())
    }

    fn decided(&self, rows: &str) {
        self.write("identities.csv", &format!("customer_id,other_id,decision,noted_on,note\n{rows}"));
    }
}

/// a1, a2 and a3 are one person: an address in two spellings, a number in two spellings. Addresses that forward, masked
/// numbers and what is no address say nothing; eleven ids have one number, and an agent orders for twelve.
fn orders() -> String {
    let mut text = "order_id,customer_id,phone,email,paid_at,paid_amount
1,a1,,ann@shop.example,2026-01-01,10
2,a2,13800000001,ANN@Shop.example,2026-01-02,20
3,a3,+86 138-0000-0001,,2026-01-03,30
4,a2,,,2026-01-04,5
5,b1,,bob@marketplace.amazon.com,2026-01-05,1
6,b2,,bob@marketplace.amazon.com,2026-01-06,2
7,c1,138****0002,,2026-01-07,1
8,c2,138****0002,,2026-01-08,1
9,d1,,at the door,2026-01-09,1
10,d2,,at the door,2026-01-10,1
11,p1,13800000100,,2026-01-11,1
"
    .to_owned();
    (0..11).for_each(|i| text += &format!("{},s{i:02},13800000009,,2026-01-12,1\n", 20 + i));
    text += "40,agent,13800000001,,2026-01-13,1\n";
    (0..11).for_each(|i| text += &format!("{},agent,{},,2026-01-13,1\n", 41 + i, 13_800_000_100_u64 + i));
    text
}

fn ids(list: &[&[&str]]) -> BTreeSet<Vec<String>> {
    list.iter().map(|ids| ids.iter().map(|id| (*id).to_owned()).collect()).collect()
}

#[test]
fn ids_that_share_a_contact_are_one_person() {
    let shop = Shop::new();
    // a2 has two orders; of the others a1 ordered first.
    assert_eq!(shop.persons(&[]), ids(&[&["a2", "a1", "a3"]]));
    assert_eq!(shop.persons(&["--identity", "both"]), ids(&[&["a2", "a1", "a3"]]));
    assert_eq!(shop.persons(&["--identity", "email"]), ids(&[&["a2", "a1"]]));
    assert_eq!(shop.persons(&["--identity", "phone"]), ids(&[&["a2", "a3"]]));
    assert_eq!(shop.persons(&["--identity", "off"]), ids(&[]));
    assert_eq!(
        shop.table("persons", &["--identity", "email"]),
        "person,customer_id,all_order_count,key_kind,key,noted_on,note
a2,a2,2,email,ann@shop.example,,
a2,a1,1,email,ann@shop.example,,
"
    );
    assert_eq!(
        shop.table("refused", &[]),
        "reason,key_kind,key,id_count,customer_id,key_count
shared,phone,13800000009,11,,
for_many,phone,,,agent,12
"
    );
    // 22 ids bought, a2 and the agent twice or more; with three of them one, 20 did.
    assert_eq!(
        shop.table("effect", &[]),
        "state,customer_count,order_count,repeat_customer_rate,repeat_customer_rate_low,repeat_customer_rate_high
before,22,34,0.0909090909,0.025295429,0.2781494684
after,20,34,0.1,0.0278664812,0.3010336452
"
    );
    let rfm = shop.says(&["rfm", "orders.csv", "--identity", "both", "--format", "csv", "-q"]);
    let row = rfm.lines().find(|line| line.starts_with("a2,")).unwrap();
    assert!(row.starts_with("a2,2026-01-04,9,4,65.00,"), "{row}");
    assert!(!rfm.contains("\na1,") && !rfm.contains("\na3,"), "{rfm}");
}

#[test]
fn a_contact_of_more_ids_than_a_person_has_joins_nobody() {
    let shop = Shop::new();
    // Three ids name 13800000001; the agent's numbers join the agent to none of them.
    shop.write("ecrm.toml", "[identity]\nmax = 2\n");
    assert_eq!(shop.persons(&[]), ids(&[&["a2", "a1"]]));
    shop.write("ecrm.toml", "[identity]\nmax = 3\n");
    assert_eq!(shop.persons(&[]), ids(&[&["a2", "a1", "a3"]]));
    // At eleven the shared number is a person's, at twelve so is the agent.
    shop.write("ecrm.toml", "[identity]\nmax = 11\nmode = \"phone\"\n");
    let shared: Vec<String> = (0..11).map(|i| format!("s{i:02}")).collect();
    let shared: Vec<&str> = shared.iter().map(String::as_str).collect();
    assert_eq!(shop.persons(&[]), ids(&[&["a2", "a3"], &shared]));
    shop.write("ecrm.toml", "[identity]\nmax = 12\n");
    assert_eq!(shop.persons(&[]), ids(&[&["agent", "a2", "a1", "a3", "p1"], &shared]));
    let notes = shop.notes(&["rfm", "orders.csv", "--identity", "both"]);
    assert!(notes.contains("customer ids that are one customer's with others: 16, which makes 2 of them (by e-mail addresses: 1, phone numbers: 3, decisions by hand: 0)"), "{notes}");
}

#[test]
fn decisions_beat_contacts_and_count_always() {
    let shop = Shop::new();
    shop.decided("a1,a2,not_same,2026-02-01,mother and daughter\n");
    assert_eq!(shop.persons(&[]), ids(&[&["a2", "a3"]]));
    // b1 is joined by hand; with --identity off nothing else is.
    shop.decided("b1,c1,same,2026-02-01,\n");
    assert_eq!(shop.persons(&["--identity", "off"]), ids(&[&["b1", "c1"]]));
    let list = shop.says(&["segment", "orders.csv", "--list", "--format", "csv", "-q"]);
    assert!(list.contains("\nb1,") && !list.contains("\nc1,"), "{list}");
    // a1 and a3 are two people's; a2 shares an address with the one and a number with the other, and addresses come
    // first.
    shop.decided("a1,a3,not_same,2026-02-01,\n");
    assert_eq!(shop.persons(&[]), ids(&[&["a2", "a1"]]));
    assert_eq!(
        shop.table("refused", &[]),
        "reason,key_kind,key,id_count,customer_id,key_count
shared,phone,13800000009,11,,
kept_apart,phone,13800000001,3,,
for_many,phone,,,agent,12
"
    );
    // Links go on over an id that no input names; and ids are written in whatever way.
    shop.decided("p1,gone,same,2026-02-01,\n'gone,17850.0,same,2026-02-01,\n");
    shop.write("orders.csv", &format!("{}60,17850,,,2026-01-20,1\n", orders()));
    assert_eq!(shop.persons(&["--identity", "off"]), ids(&[&["p1", "17850"]]));
    let notes = shop.notes(&["rfm", "orders.csv"]);
    assert!(
        notes.contains("identities.csv decides on customer ids that none of the files read here names: 1"),
        "{notes}"
    );
}

#[test]
fn decisions_that_contradict_each_other_are_an_error_that_names_both_rows() {
    let shop = Shop::new();
    for (rows, said) in [
        ("a1,a2,same,2026-02-01,\na1,a2,not_same,2026-02-02,\n", "records 2 and 3 contradict each other"),
        (
            "a1,b1,same,2026-02-01,\nb1,c1,same,2026-02-01,\nc1,a1,not_same,2026-02-01,\n",
            "records 3 and 4 contradict each other",
        ),
        ("a1,a1,not_same,2026-02-01,\n", "record 2 keeps a1, a1 apart, which are one customer's id"),
    ] {
        shop.decided(rows);
        for args in [&["rfm", "orders.csv"][..], &["identity", "orders.csv"], &["check", "orders.csv"]] {
            let output = shop.run(args);
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.code() == Some(1) && message.contains(said), "{args:?} {rows}: {message}");
        }
    }
    // A row that cannot be read is left out, and that is said.
    shop.decided("a1,a2,maybe,2026-02-01,\nb1,b2,same,2026-02-01,\n");
    assert_eq!(shop.persons(&["--identity", "off"]), ids(&[&["b1", "b2"]]));
    let notes = shop.notes(&["rfm", "orders.csv"]);
    assert!(notes.contains("unknown_decision") && notes.contains("maybe"), "{notes}");
    assert_eq!(shop.run(&["rfm", "orders.csv", "--strict"]).status.code(), Some(1));
}

#[test]
fn a_decision_is_noted_and_takes_the_place_of_an_older_one() {
    let shop = Shop::new();
    let decide = |args: &[&str]| {
        shop.says(&[&["identity"], args, &["--on", "2026-03-01", "--format", "csv", "-q"]].concat())
    };
    let header = "customer_id,other_id,decision,noted_on,note\n";
    assert_eq!(
        decide(&["same", "a1", "b1", "--note", "said so"]),
        format!("{header}a1,b1,same,2026-03-01,said so\n")
    );
    // The same again changes nothing, nor does a dry run.
    let path = shop.0.path().join("identities.csv");
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, format!("\u{feff}{header}a1,b1,same,2026-03-01,said so\n"));
    decide(&["same", "a1", "b1", "--note", "said so"]);
    let dry = decide(&["not_same", "b1", "a1", "--dry-run"]);
    assert_eq!(dry, format!("{header}b1,a1,not_same,2026-03-01,\n"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), kept);
    assert_eq!(decide(&["not-same", "b1", "a1"]), format!("{header}b1,a1,not_same,2026-03-01,\n"));
    // What contradicts the others is refused, and nothing is written.
    decide(&["same", "a1", "c1"]);
    let kept = std::fs::read_to_string(&path).unwrap();
    let output = shop.run(&["identity", "same", "c1", "b1"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && message.contains("records 4 and 2 contradict"), "{message}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), kept);
    for args in
        [&["same", "a1", "'a1"][..], &["same", "a1", "t**3"], &["same", "a1"], &["not_same", "", "a1"]]
    {
        let output = shop.run(&[&["identity"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    // The file that ecrm.toml names.
    shop.write("ecrm.toml", "[identity]\nfile = \"kept/who.csv\"\n");
    std::fs::create_dir(shop.0.path().join("kept")).unwrap();
    decide(&["same", "b1", "b2"]);
    assert!(shop.0.path().join("kept/who.csv").is_file());
    assert_eq!(shop.persons(&["--identity", "off"]), ids(&[&["b1", "b2"]]));
    let output = shop.run(&["rfm", "orders.csv", "-o", "kept/who.csv"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_note_says_what_contacts_would_join() {
    let shop = Shop::new();
    let note = "customer ids that share an e-mail address or a phone number with others: 3 (addresses: 1, numbers: 1); --identity both makes them 1";
    assert!(shop.notes(&["rfm", "orders.csv"]).contains(note), "{}", shop.notes(&["rfm", "orders.csv"]));
    // Once somebody decides or chooses, there is nothing left to say of it.
    for args in [&["rfm", "orders.csv", "--identity", "both"][..], &["rfm", "orders.csv", "-q"]] {
        assert!(!shop.notes(args).contains("makes them"), "{args:?}");
    }
    shop.decided("a1,a2,same,2026-02-01,\n");
    let note =
        "customer ids that share a phone number with others: 3 (numbers: 1); --identity phone makes them 1";
    assert!(shop.notes(&["rfm", "orders.csv"]).contains(note), "{}", shop.notes(&["rfm", "orders.csv"]));
    shop.decided("a1,a2,same,2026-02-01,\na2,a3,same,2026-02-01,\n");
    assert!(!shop.notes(&["rfm", "orders.csv"]).contains("makes them"));
    // A store says it too.
    shop.decided("");
    shop.says(&["import", "orders.csv", "--store", "kept"]);
    let note = "--identity both makes them 1";
    assert!(shop.notes(&["rfm", "kept"]).contains(note), "{}", shop.notes(&["rfm", "kept"]));
}

#[test]
fn everything_that_is_known_of_a_person_follows() {
    let shop = Shop::new();
    shop.write("events.csv", "user_id,event,time\na1,fav,2026-01-10\nz9,fav,2026-01-10\n");
    shop.write("sends.csv", "campaign_id,customer_id,sent_at,channel,arm\nC1,a3,2026-01-09,sms,treatment\n");
    shop.write("customers.csv", "customer_id,name,email\na1,Ann,\nz9,Zoe,ann@shop.example\n");
    shop.write("notes.csv", "customer_id,noted_on,note\na3,2026-01-09,prefers tea\n");
    let columns = "customer_id,name,order_count,fav_item_count_30d,contact_count_30d,note";
    let args = ["customers", "orders.csv", "events.csv", "sends.csv", "customers.csv", "--columns", columns];
    let of = |more: &[&str]| {
        shop.says(
            &[
                &args[..],
                &["--where", "name is not null or customer_id = 'a2'", "--format", "csv", "--show-pii", "-q"],
                more,
            ]
            .concat(),
        )
    };
    // z9 is in the list alone, and shares the address of a1.
    assert_eq!(
        of(&["--identity", "both"]),
        "customer_id,name,order_count,fav_item_count_30d,contact_count_30d,note\na2,Zoe,4,2,1,prefers tea\n"
    );
    assert_eq!(
        of(&[]),
        "customer_id,name,order_count,fav_item_count_30d,contact_count_30d,note
a2,,2,0,0,
a1,Ann,1,1,0,
z9,Zoe,0,1,0,
"
    );
    // By whichever id somebody is named.
    for id in ["a1", "a2", "a3", "z9"] {
        let args = ["customers", "orders.csv", "customers.csv", "--identity", "both", "--explain", id];
        let table = shop.says(&[&args[..], &["--table", "identity", "--format", "csv", "-q"]].concat());
        assert_eq!(
            table,
            "customer_id,all_order_count,key_kind,key,noted_on,note
a2,2,email,ann@shop.example,,
a2,2,phone,13800000001,,
a1,1,email,ann@shop.example,,
a3,1,phone,13800000001,,
z9,0,email,ann@shop.example,,
",
            "{id}"
        );
    }
    // A list is read for its contacts where the question is of buyers alone; its people are then no part of the answer.
    let rfm =
        shop.says(&["rfm", "orders.csv", "customers.csv", "--identity", "both", "--format", "csv", "-q"]);
    assert!(rfm.contains("\na2,") && !rfm.contains("z9"), "{rfm}");
}

#[test]
fn an_id_that_is_an_address_names_it() {
    let shop = Shop::new();
    // A guest is known by the address, of more and of fewer than 15 letters; a list has only addresses for ids.
    let rows = "order_id,customer_id,email,paid_at,paid_amount
1,long.address@shop.example,,2026-01-01,1
2,u1,Long.Address@shop.example,2026-01-02,1
3,a@b.example,,2026-01-03,1
4,u2,a@b.example,2026-01-04,1
5,guest,u3@shop.example,2026-01-05,1
6,u3,U3@shop.example,2026-01-06,1
";
    shop.write("orders.csv", rows);
    let expected =
        ids(&[&["a@b.example", "u2"], &["long.address@shop.example", "u1"], &["u3@shop.example", "u3"]]);
    assert_eq!(shop.persons(&["--identity", "email"]), expected);
    assert_eq!(shop.persons(&["--identity", "phone"]), ids(&[]));
}

/// Every command that reads files takes the flag, and answers with it.
#[test]
fn every_command_takes_it() {
    use clap::CommandFactory;
    let command = ecrm::cli::Cli::command();
    let has = |command: &clap::Command, id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
    let reading: Vec<&clap::Command> = command.get_subcommands().filter(|of| has(of, "encoding")).collect();
    assert!(reading.len() > 13, "{}", reading.len());
    let trial = Trial::new();
    let orders = trial.write("orders.csv", &orders());
    let events = trial.write("events.csv", "user_id,event,time\na1,fav,2026-01-10\n");
    let items = trial.write(
        "items.csv",
        "order_id,line_no,product_id,title,category,quantity,unit_price,amount\n1,1,P1,Tea,tea,1,10,10\n",
    );
    let files = [orders.as_str(), &events, &items];
    for of in reading {
        let name = of.get_name();
        assert!(has(of, "identity"), "{name}");
        if name == "import" {
            let store = trial.store();
            let output = run(&[&["import"], &files[..], &["--store", &store, "--identity", "both"]].concat());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                output.status.success() && said.contains("a store keeps customer ids as they are"),
                "{said}"
            );
            continue;
        }
        let tables = format!("{}-tables", trial.store());
        let own: &[&str] = match name {
            "audience" => &["--campaign", "june", "--channel", "sms"],
            "export" => &["-o", &tables],
            _ => &[],
        };
        let output = run(&[&[name], &files[..], own, &["--identity", "both"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() < Some(2), "{name}: {said}");
    }
}

#[test]
fn a_store_joins_the_same_ids() {
    let trial = Trial::new();
    let orders = trial.write("orders.csv", &orders());
    let more = trial.write(
        "more.csv",
        "order_id,customer_id,phone,email,paid_at,paid_amount\n4,a1,,,2026-01-04,5\n70,n1,13800000001,,2026-01-20,9\n",
    );
    let list = trial.write("customers.csv", "customer_id,name,email\na1,Ann,\nz9,Zoe,ann@shop.example\n");
    let events = trial.write("events.csv", "user_id,event,time\na1,fav,2026-01-10\nz9,fav,2026-01-10\n");
    let files = [orders.as_str(), &more, &list, &events];
    let store = trial.store();
    import(&files, &store);
    trial.write("identities.csv", "customer_id,other_id,decision,noted_on,note\nb1,c1,same,2026-02-01,\n");
    let config = trial.write("ecrm.toml", "");
    // Ids are joined while files are read, whatever a command then makes of them: each command is asked in one form.
    let others: [&[&str]; 8] = [
        &["segment"],
        &["rfm"],
        &["rfm", "--window", "365"],
        &["repurchase"],
        &["repurchase", "--by", "product"],
        &["region", "--by", "month"],
        &["profile", "--table", "decision"],
        &["migration", "--table", "flows"],
    ];
    let commands = COMMANDS.into_iter().filter(|command| !others.contains(command));
    for command in commands.chain([&["identity"][..], &["customers", "--columns", "all"]]) {
        let args: Vec<&str> = match command.contains(&"--identity") {
            true => command.to_vec(),
            false => [command, &["--identity", "both", "--config", &config]].concat(),
        };
        assert_alike(&args, "json", &files, &[&store]);
    }
    for mode in ["off", "email", "phone"] {
        let args = ["identity", "--identity", mode, "--config", &config];
        assert_alike(&args, "json", &files, &[&store]);
    }
}

#[test]
fn the_configuration_chooses_as_the_flag_does() {
    let shop = Shop::new();
    shop.write("ecrm.toml", "[identity]\nmode = \"email\"\n");
    let count = |more: &[&str]| {
        shop.says(&[&["rfm", "orders.csv", "--format", "csv", "-q"], more].concat()).lines().count() - 1
    };
    assert_eq!([count(&[]), count(&["--identity", "off"]), count(&["--identity", "both"])], [21, 22, 20]);
    // A list among the inputs of the configuration is read for it.
    shop.write("customers.csv", "customer_id,name,email\nb1,Bo,ann@shop.example\n");
    shop.write(
        "ecrm.toml",
        "[inputs]\norders = [\"orders.csv\"]\ncustomers = [\"customers.csv\"]\n[identity]\nmode = \"email\"\n",
    );
    let rfm = shop.says(&["rfm", "--format", "csv", "-q"]);
    assert_eq!(rfm.lines().count() - 1, 20, "{rfm}");
    for (text, said) in
        [("max = 1", "[identity] max cannot be 1"), ("mode = \"mail\"", "mode"), ("by = 1", "by")]
    {
        shop.write("ecrm.toml", &format!("[identity]\n{text}\n"));
        let output = shop.run(&["rfm", "orders.csv"]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() != Some(0) && message.contains(said), "{text}: {message}");
    }
}

#[test]
fn occasional_purchases_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    // Four of five orders go to Zhejiang: the one to Hainan is occasional. Two orders tell nothing of bob.
    let rows = ["浙江", "浙江省", "Zhejiang", "海南省", "浙江"]
        .iter()
        .enumerate()
        .map(|(i, province)| format!("{i},ann,2026-01-0{},10,{province}\n", i + 1));
    let text: String = rows.collect();
    let text = format!(
        "order_id,customer_id,paid_at,paid_amount,province\n{text}8,bob,2026-01-01,5,海南\n9,bob,2026-01-02,5,浙江\n"
    );
    std::fs::write(&path, text).unwrap();
    let list = |flags: &[&str]| {
        let path = path.to_str().unwrap();
        stdout(&[&["segment", path, "--list", "--format", "csv", "-q"], flags].concat())
    };
    assert!(list(&[]).contains("ann,2026-01-05,0,5,50.00"));
    assert!(list(&["--exclude-occasional"]).contains("ann,2026-01-05,0,4,40.00"));
    assert!(list(&["--exclude-occasional"]).contains("bob,2026-01-02,3,2,10.00"));
}
