//! Reading files anew that are in a store: what they give now stands where what they gave before stood.

use super::common::{ecrm, failure, stdout};
use super::store::{Trial, assert_alike, export, files_of, import};

const HEADER: &str = "order_id,customer_id,status,created_at,paid_at,paid_amount";

fn again(files: &[&str], store: &str) -> String {
    stdout(&[&["import", "--again", "--store", store][..], files].concat())
}

/// That a store answers as these files do.
fn assert_is(store: &str, files: &[&str]) {
    for command in ["rfm", "overview", "check", "profile", "products"] {
        assert_alike(&[command], "json", files, &[store]);
    }
    stdout(&["store", "verify", store]);
}

/// That it does so after one of several steps, of which each is asked another of the further questions.
fn assert_is_after(step: usize, store: &str, files: &[&str]) {
    for command in ["rfm", ["overview", "check", "profile", "products"][step % 4]] {
        assert_alike(&[command], "json", files, &[store]);
    }
    stdout(&["store", "verify", store]);
}

#[test]
fn a_word_that_is_taught_brings_the_rows_back_in_their_place() {
    let trial = Trial::new();
    let store = trial.store();
    // Of order 2 the later export counts; 3 and 4 have a word that nobody taught.
    let may = trial.write(
        "may.csv",
        &format!(
            "{HEADER}\n1,ann,paid,2026-05-01,2026-05-01,10\n2,bob,paid,2026-05-02,2026-05-02,20\n\
             3,cat,at the counter,2026-05-03,2026-05-03,30\n4,dan,at the counter,2026-05-04,2026-05-04,40\n"
        ),
    );
    let june = trial.write(
        "june.csv",
        &format!(
            "{HEADER}\n2,bob,paid,2026-06-02,2026-06-02,25\n4,dan,paid,2026-06-04,2026-06-04,45\n\
             5,eve,paid,2026-06-05,2026-06-05,50\n"
        ),
    );
    let config = trial.write("ecrm.toml", "");
    let run = |args: &[&str]| {
        let output = ecrm().args(args).args(["--config", &config]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    };
    let (_, said) = run(&["import", &may, "--store", &store]);
    assert!(said.contains("2 rows have a status that nobody taught"), "{said}");
    assert!(said.contains("import --again"), "{said}");
    run(&["import", &june, "--store", &store]);
    let rfm = |store: &str| run(&["rfm", store, "--format", "csv", "-q"]).0;
    assert!(!rfm(&store).contains("cat,"));
    // The same file says where to go on.
    let (out, said) = run(&["import", &may, "--store", &store]);
    assert!(
        out.contains("in the store already") && said.contains("2 of its rows could not be read"),
        "{said}"
    );
    std::fs::write(&config, "[status]\n\"at the counter\" = \"paid\"\n").unwrap();
    let (out, _) = run(&["import", "--again", &may, "--store", &store]);
    assert!(out.contains("may.csv: read again: orders, 4 rows") && !out.contains("cannot be read"), "{out}");
    // By hand: ann 10 on 1 May, bob 25 and dan 45 of June, cat 30 of May, eve 50.
    let after = rfm(&store);
    for row in [
        "ann,2026-05-01,35,1,10.00,",
        "bob,2026-06-02,3,1,25.00,",
        "cat,2026-05-03,33,1,30.00,",
        "dan,2026-06-04,1,1,45.00,",
        "eve,2026-06-05,0,1,50.00,",
    ] {
        assert!(after.contains(row), "{row}: {after}");
    }
    let overview = |inputs: &[&str]| run(&[&["overview", "--format", "json", "-q"], inputs].concat()).0;
    assert_eq!(overview(&[&store]), overview(&[&may, &june]));
    // Once more changes nothing that is said, and leaves no file behind.
    let count = files_of(&store).len();
    run(&["import", "--again", &may, &june, "--store", &store]);
    assert_eq!((rfm(&store), overview(&[&store])), (after, overview(&[&may, &june])));
    assert_eq!(files_of(&store).len(), count);
}

#[test]
fn each_import_of_many_can_be_read_again_before_and_after_compacting() {
    let days = [(0..400, 1), (350..500, 2), (380..420, 3), (490..600, 4), (100..120, 5)];
    for compacts in [false, true] {
        let trial = Trial::new();
        let store = trial.store();
        let name = |day: u32| format!("{day}.csv");
        let mut files: Vec<String> = Vec::new();
        for (orders, day) in days.clone() {
            files.push(trial.write(&name(day), &export(orders, day)));
            import(&[files.last().unwrap()], &store);
        }
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        for (step, (orders, day)) in days.clone().into_iter().enumerate() {
            if compacts {
                stdout(&["store", "compact", &store]);
            }
            // The same orders at other amounts and one more, under the same name.
            let text = export(orders.start..orders.end + 1, day + 10);
            trial.write(
                &name(day),
                &text.replace(&format!("2026-06-{:02}", day + 10), &format!("2026-06-{day:02}")),
            );
            let said = again(&[&trial.path(&name(day))], &store);
            assert!(said.contains("read again") && !said.contains("of before"), "{said}");
            assert_is_after(step, &store, &files);
        }
        assert_is(&store, &files);
    }
}

/// Daily exports of a few days each, which overlap; by order, what its export of that day says.
fn days_of_week(trial: &Trial) -> Vec<String> {
    let text = |day: u32| {
        let row = |order: u32| {
            let status = if order == 30 && day > 5 { "at the counter" } else { "paid" };
            format!("{order},c{},{status},2026-05-01,2026-05-{day:02},{day}{order}\n", order % 7)
        };
        let rows: String = (day * 5..day * 5 + 15).map(row).collect();
        format!("{HEADER}\n{rows}")
    };
    (1..8).map(|day| trial.write(&format!("day {day}.csv"), &text(day))).collect()
}

#[test]
fn rows_that_a_file_had_replaced_count_again_when_it_does_not_give_them_any_more() {
    let trial = Trial::new();
    let store = trial.store();
    let files = days_of_week(&trial);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    files.iter().for_each(|file| drop(import(&[file], &store)));
    // Every order was in three exports; what stands together is in one segment.
    let info = || -> serde_json::Value {
        serde_json::from_str(&stdout(&["store", "info", &store, "--format", "json"])).unwrap()
    };
    let segments = info()["segment_count"].as_u64().unwrap();
    assert!(segments < 4, "{segments} segments: nothing was put together");
    assert_is(&store, &files);
    // Each in turn loses every second row, the last first; then a word is taught, and all get theirs back.
    let whole: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    for (step, (file, text)) in files.iter().zip(&whole).rev().enumerate() {
        let kept: Vec<&str> =
            text.lines().enumerate().filter(|(row, _)| row % 2 == 0).map(|(_, line)| line).collect();
        std::fs::write(file, kept.join("\n")).unwrap();
        again(&[file], &store);
        assert_is_after(step, &store, &files);
    }
    assert_is(&store, &files);
    files.iter().zip(&whole).for_each(|(file, text)| std::fs::write(file, text).unwrap());
    let config = trial.write("ecrm.toml", "[status]\n\"at the counter\" = \"cancelled\"\n");
    let taught = ["--config", config.as_str()];
    stdout(&[&["import", "--again", "--store", &store][..], &files, &taught].concat());
    for command in ["rfm", "overview", "check"] {
        assert_alike(&[&[command][..], &taught].concat(), "json", &files, &[&store]);
    }
    // By hand: order 30 was paid on day 5 and is cancelled on day 6, the last that has it.
    let orders = stdout(&[&["rfm", &store, "--format", "csv", "-q"][..], &taught].concat());
    let of_files = stdout(&[&["rfm", "--format", "csv", "-q"][..], &files, &taught].concat());
    assert_eq!(orders, of_files);
    assert!(!files_of(&store).is_empty());
    stdout(&["store", "verify", &store]);
}

#[test]
fn rows_that_compacting_gave_up_are_not_missed_without_a_word() {
    let trial = Trial::new();
    let store = trial.store();
    let files = days_of_week(&trial);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    files.iter().for_each(|file| drop(import(&[file], &store)));
    stdout(&["store", "compact", &store]);
    assert_is(&store, &files);
    // The file of day 4 has 20 to 34, that of day 3 has 15 to 29, that of day 5 has 25 to 39: without 22 in day 4 that
    // of day 3 would count, which is gone.
    let whole = std::fs::read_to_string(files[3]).unwrap();
    let without = |text: &str, order: u32| -> String {
        let is_left = |line: &&str| !line.starts_with(&format!("{order},"));
        text.lines().filter(is_left).map(|line| format!("{line}\n")).collect()
    };
    let is_refused = |file: &str, earlier: &str| {
        let before = super::store::contents(&store);
        let (code, message) = failure(&["import", "--again", file, "--store", &store]);
        assert!(code == 1 && message.contains("1 orders that it gave before"), "{message}");
        assert!(message.contains(&format!("--again {earlier}")), "{message}");
        assert!(super::store::contents(&store) == before);
    };
    std::fs::write(files[3], without(&whole, 22)).unwrap();
    is_refused(files[3], files[2]);
    // Of 28 it is that of day 5 which counts; without that, it would be that of day 3.
    std::fs::write(files[3], without(&whole, 28)).unwrap();
    again(&[files[3]], &store);
    assert_is(&store, &files);
    let fifth = std::fs::read_to_string(files[4]).unwrap();
    std::fs::write(files[4], without(&fifth, 28)).unwrap();
    is_refused(files[4], files[2]);
    // With the earlier ones read anew there is all.
    again(&files[..5], &store);
    assert_is(&store, &files);
    std::fs::write(files[3], without(&whole, 22)).unwrap();
    again(&[files[3]], &store);
    assert_is(&store, &files);
    // What is imported after that is kept again.
    let last = trial.write("last.csv", &whole.replace("2026-05-04", "2026-05-20"));
    let files = [&files[..], &[last.as_str()]].concat();
    import(&[&last], &store);
    std::fs::write(&last, format!("{HEADER}\n77,c1,paid,2026-05-01,2026-05-20,1\n")).unwrap();
    again(&[&last], &store);
    assert_is(&store, &files);
}

#[test]
fn forgetting_somebody_keeps_what_others_rows_may_come_back() {
    let trial = Trial::new();
    let store = trial.store();
    let files = days_of_week(&trial);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    files.iter().for_each(|file| drop(import(&[file], &store)));
    stdout(&["store", "forget", "c3", &store]);
    for (place, file) in files.iter().enumerate() {
        let text = std::fs::read_to_string(file).unwrap();
        let lines = text.lines().enumerate().filter(|(_, line)| !line.contains(",c3,"));
        let lines = lines.filter(|(row, _)| place != 5 || row % 3 == 0).map(|(_, line)| format!("{line}\n"));
        std::fs::write(file, lines.collect::<String>()).unwrap();
    }
    again(&[files[5]], &store);
    for command in ["rfm", "overview", "profile"] {
        assert_alike(&[command], "csv", &files, &[&store]);
    }
    stdout(&["store", "verify", &store]);
}

#[test]
fn items_of_orders_and_other_tables_are_read_again_too() {
    let trial = Trial::new();
    let store = trial.store();
    let header = "order_id,customer_id,status,order_date,product_id,title,quantity,amount,line_id";
    let lines = |amount: u32| {
        format!(
            "{header}\n7,ann,paid,2026-06-20,P1,Tea,1,{amount},7-1\n7,ann,paid,2026-06-20,P2,Cup,1,5,7-2\n\
             8,bob,paid,2026-06-21,P1,Tea,1,{amount},8-1\n"
        )
    };
    let events = |kind: &str| format!("user_id,event,time\nann,{kind},2026-06-19\nbob,{kind},2026-06-20\n");
    let files = [
        trial.write("whole.csv", &export(0..10, 1)),
        trial.write("lines.csv", &lines(30)),
        trial.write("later.csv", &export(8..12, 22)),
        trial.write("events.csv", &events("view")),
        trial.write("customers.csv", "customer_id,name,gender,level\nann,Ann,f,VIP1\nbob,Bob,m,VIP2\n"),
    ];
    let files = files.each_ref().map(String::as_str);
    for file in files {
        import(&[file], &store);
    }
    assert_is(&store, &files);
    trial.write("lines.csv", &lines(40));
    trial.write("events.csv", &events("fav_item"));
    trial.write(
        "customers.csv",
        "customer_id,name,gender,level\nann,Ann,f,VIP3\nbob,Bob,m,VIP2\ncat,Cat,f,VIP1\n",
    );
    again(&[files[1], files[3], files[4]], &store);
    assert_is(&store, &files);
    assert_alike(&["interest"], "json", &files, &[&store]);
    // A file that becomes another table leaves nothing behind where it was.
    trial.write("lines.csv", "customer_id,name,gender,level\ndan,Dan,m,VIP1\n");
    again(&[files[1]], &store);
    assert_is(&store, &files);
}

#[test]
fn what_is_read_again_is_told_by_content_then_by_name() {
    let trial = Trial::new();
    let store = trial.store();
    let day = |orders| trial.write("yesterday.csv", &export(orders, 1));
    let file = day(0..10);
    import(&[&file], &store);
    let renamed = trial.path("renamed.csv");
    std::fs::copy(&file, &renamed).unwrap();
    let said = again(&[&renamed], &store);
    assert!(said.contains("renamed.csv: read again"), "{said}");
    std::fs::rename(&renamed, trial.path("gone.csv")).unwrap();
    for orders in [20..30, 40..50] {
        import(&[&day(orders)], &store);
    }
    // Two imports are called so, and the file has the content of neither.
    day(60..70);
    let (code, message) = failure(&["import", "--again", &file, "--store", &store]);
    assert!(code == 1 && message.contains("2 imports have this name"), "{message}");
    // One that is not there yet is added.
    let new = trial.write("new.csv", &export(80..90, 1));
    assert!(again(&[&new], &store).contains("new.csv: orders, 10 rows"));
    // Orders that a file does not give any more are said.
    trial.write("new.csv", &export(85..90, 1));
    let said = again(&[&new], &store);
    assert!(said.contains(", 5 orders of before not given any more"), "{said}");
    let files = [trial.write("a.csv", &export(0..10, 1)), trial.write("b.csv", &export(20..30, 1))];
    let more = trial.write("c.csv", &export(40..50, 1));
    let rfm = |inputs: &[&str]| stdout(&[&["rfm", "--format", "csv", "-q"], inputs].concat());
    assert_eq!(rfm(&[&store]), rfm(&[&files[0], &files[1], &more, &new]));
}

#[test]
fn another_reading_of_a_file_takes_the_place_of_the_first() {
    let trial = Trial::new();
    let store = trial.store();
    let text =
        "order_id,customer_id,paid_at,paid_amount,total\n1,ann,2026-05-01,10,11\n2,bob,2026-05-02,20,22\n";
    let file = trial.write("orders.csv", text);
    import(&[&file], &store);
    let map = ["--map", "paid_amount=total"];
    let (code, message) = failure(&[&["import", &file, "--store", &store][..], &map].concat());
    assert!(code == 1 && message.contains("--again"), "{message}");
    stdout(&[&["import", "--again", &file, "--store", &store][..], &map].concat());
    let rfm = |more: &[&str]| stdout(&[&["rfm", "--format", "csv", "-q"], more].concat());
    assert_eq!(rfm(&[&store]), rfm(&[&[file.as_str()][..], &map].concat()));
    // Every sheet of a workbook has its content, and stays one file.
    let book = "fixtures/quirks/sheet_per_month_and_a_hidden_one.xlsx";
    let store = trial.path("sheets");
    import(&[book], &store);
    let said = again(&[book], &store);
    assert!(said.lines().all(|line| line.contains("read again")), "{said}");
    assert_eq!(rfm(&[&store]), rfm(&[book]));
}

/// A reading that can make nothing of a file does not take the place of one that could.
#[test]
fn a_file_that_cannot_be_read_again_stays_as_it_was() {
    let trial = Trial::new();
    let store = trial.store();
    let may = trial.write("may.csv", &format!("{HEADER}\n1,ann,paid,2026-05-01,2026-05-01,10\n"));
    import(&[&may], &store);
    std::fs::write(&may, format!("{HEADER}\n1,ann,paid,2026-05-01,2026-05-01,ten\n2,bob,paid,?,?,5\n"))
        .unwrap();
    let (code, said) = failure(&["import", "--again", &may, "--store", &store]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("none of the 2 rows of orders can be read"), "{said}");
    assert!(stdout(&["rfm", &store, "--format", "csv", "-q"]).contains("\nann,2026-05-01,0,1,10.00,"));
    // One of four is a quarter of what was read again.
    let rows = "1,ann,paid,2026-05-01,2026-05-01,10\n2,bob,paid,?,?,5\n3,cat,paid,2026-05-01,2026-05-01,5\n4,dan,paid,2026-05-01,2026-05-01,5\n";
    std::fs::write(&may, format!("{HEADER}\n{rows}")).unwrap();
    let most =
        |most| ["import", "--again", &may, "--store", &store, "--max-rejects", most].map(str::to_owned);
    let run = |most: [String; 7]| failure(&most.each_ref().map(String::as_str));
    assert_eq!(run(most("20%")).0, 1);
    let (code, said) = run(most("25%"));
    assert_eq!(code, 0, "{said}");
}
