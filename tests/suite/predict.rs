//! `ecrm predict` on `fixtures/shop`. Expected figures are those of another way to them: orders by DuckDB, the
//! likelihood written once more in Python and made greatest by SciPy's Nelder and Mead, expected orders by the closed
//! form with mpmath's hypergeometric function, intervals by 20,000 draws of every customer.

use std::path::Path;

use super::common::{ecrm, failure, run, stdout};

/// The place of a list's expected orders.
const EXPECTED_ORDERS: usize = 6;

const SHOP: &str = "fixtures/shop/orders.csv";

fn asked(further: &[&str]) -> String {
    stdout(&[&["predict", SHOP, "--format", "csv", "-q"], further].concat())
}

/// The rows of a table as cells, without the header.
fn cells(table: &str) -> Vec<Vec<String>> {
    table.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell:?} is no number"))
}

fn near(found: &str, right: f64, relative: f64) {
    let found = number(found);
    assert!((found - right).abs() <= relative * right.abs(), "{found} is not {right}");
}

#[test]
fn the_parameters_are_those_that_another_optimiser_finds() {
    let table = asked(&["--table", "model"]);
    assert!(table.starts_with("parameter,value,standard_error\n"));
    let rows = cells(&table);
    for (row, (name, value, error)) in rows.iter().zip([
        ("r", 1.01234235, 0.160496),
        ("alpha", 9.91830027, 1.870859),
        ("a", 1.91945052, 0.657088),
        ("b", 6.93244138, 2.935189),
        ("p", 1.78765574, 0.209472),
    ]) {
        assert_eq!(row[0], name);
        near(&row[1], value, 1e-4);
        near(&row[2], error, 3e-3);
    }
    // Customers of this shop hardly differ in what they spend, so that q and v alone are known by their ratio only.
    near(&format!("{}", number(&rows[6][1]) / number(&rows[5][1])), 38069.6311 / 422.779214, 1e-4);
    let last: Vec<&str> = rows[7..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(last, ["log_likelihood", "spend_log_likelihood", "spend_correlation"]);
    near(&rows[7][1], -2670.4383858, 1e-9);
    near(&rows[8][1], -1189.4626669, 1e-8);
    near(&rows[9][1], 0.055922160229667756, 1e-7);
    assert_eq!(rows[7][2], "");
}

#[test]
fn customers_come_by_what_is_expected_of_them() {
    let table = asked(&[]);
    assert_eq!(
        table.lines().next(),
        Some(
            "customer_id,last_ordered_on,recency_days,tenure_days,repeat_day_count,p_alive,expected_orders,\
             expected_orders_low,expected_orders_high,p_order,expected_spend,is_prior"
        )
    );
    let rows = cells(&table);
    assert_eq!(rows.len(), 298);
    for (row, (id, x, alive, orders, any, spend)) in rows[..5].iter().chain(&rows[295..]).zip([
        ("u000160", "18", 0.914641222, 2.803274794, 0.876133503, 456.3097),
        ("u000170", "16", 0.838097490, 2.378973184, 0.793201204, 384.5579),
        ("u000280", "4", 0.789427798, 2.390899543, 0.748010610, 383.1324),
        ("u000300", "3", 0.796589132, 2.359086826, 0.747854684, 380.1291),
        ("u000190", "12", 0.902509934, 2.265410649, 0.833723900, 369.3073),
        ("u000005", "3", 2.2594790961e-4, 6.949986659e-5, 5.935832320e-5, 0.01116083),
        ("u000008", "4", 1.4737377e-5, 5.782076e-6, 4.758829e-6, 0.000941986),
        ("u000000", "18", 2.320289e-7, 3.245270e-7, 1.758874e-7, 0.0000531583),
    ]) {
        assert_eq!((row[0].as_str(), row[4].as_str()), (format!("{id}@shop.example").as_str(), x));
        near(&row[5], alive, 2e-3);
        near(&row[6], orders, 2e-3);
        near(&row[9], any, 2e-3);
        near(&row[10], spend, 0.02);
        assert_eq!(row[11], "false");
    }
    // Whoever has most repeats: of the draws 5 % are at most 0, and 95 % at most 5.
    let row = rows.iter().find(|row| row[0] == "u000030@shop.example").expect("a row");
    assert_eq!((row[7].as_str(), row[8].as_str()), ("0", "5"));
    assert_eq!(rows.iter().filter(|row| row[11] == "true").count(), 298 - 210);
    assert_eq!(rows.iter().filter(|row| number(&row[5]) > 0.5).count(), 124);
}

#[test]
fn the_shop_and_a_new_customer_are_summed_up() {
    let rows = cells(&asked(&["--table", "summary"]));
    let (shop, quarter, year) = (&rows[0], &rows[1], &rows[2]);
    assert_eq!(shop[..3], ["shop", "90", "298"]);
    near(&shop[3], 97.55333968541585, 1e-5);
    near(&shop[7], 15754.27733275142, 1e-4);
    for (cell, right) in [(&shop[4], 75.906), (&shop[5], 119.200), (&shop[8], 11673.6), (&shop[9], 19835.0)] {
        near(cell, right, 0.01);
    }
    // The prior mean of an order is 161.3531.
    assert_eq!(
        (quarter[..3].join(","), year[..3].join(",")),
        ("new_customer,90,1".into(), "new_customer,365,1".into())
    );
    for (row, orders, any, high) in [(quarter, 0.8314285, 0.446, "3"), (year, 2.2474574, 0.660, "8")] {
        near(&row[3], orders, 1e-4);
        near(&row[6], any, 5e-3);
        near(&row[7], orders * 161.3531256, 2e-4);
        assert_eq!((row[4].as_str(), row[5].as_str(), row[8].as_str(), row[9].as_str()), ("0", high, "", ""));
    }
}

#[test]
fn a_total_of_who_is_chosen_is_not_called_that_of_all() {
    let chosen = ["--table", "summary", "--where", "order_count >= 2"];
    let rows = cells(&asked(&chosen));
    let listed = cells(&asked(&["--where", "order_count >= 2"]));
    // It is the sum over those who are listed, whose figures are printed with ten decimals.
    let sum: f64 = listed.iter().map(|row| number(&row[EXPECTED_ORDERS])).sum();
    assert_eq!(rows[0][..3], ["chosen", "90", &listed.len().to_string()]);
    assert!(listed.len() < 298);
    near(&rows[0][3], sum, 1e-6);
    for (lang, word) in [("en", "these buyers"), ("zh", "这些买家")] {
        let table = stdout(&[&["predict", SHOP, "--format", "table", "--lang", lang], &chosen[..]].concat());
        assert!(
            table.contains(word) && !table.contains("all buyers") && !table.contains("全部买家"),
            "{table}"
        );
    }
}

#[test]
fn a_forecast_of_the_past_stands_beside_what_came() {
    let table = asked(&["--holdout", "90", "--table", "holdout"]);
    assert!(table.starts_with("group,customer_count,actual,predicted,naive\n"));
    let rows = cells(&table);
    assert_eq!(rows[0][..3], ["total", "269", "78"]);
    near(&rows[0][3], 72.73106074, 1e-4);
    near(&rows[0][4], 148.35640088402087, 1e-9);
    let counted: Vec<String> = rows[1..9].iter().map(|row| row[..3].join(",")).collect();
    assert_eq!(counted, ["0,76,17", "1,86,19", "2,54,6", "3,17,8", "4,10,4", "5,2,0", "6,2,2", "7+,22,22"]);
    let weeks: Vec<&str> = rows[9..22].iter().map(|row| row[2].as_str()).collect();
    assert_eq!(weeks, ["4", "7", "6", "7", "6", "4", "6", "4", "9", "9", "7", "4", "5"]);
    assert_eq!((rows[9][0].as_str(), rows[21][0].as_str()), ("week 1", "week 13"));
    let errors: Vec<&str> = rows[22..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(errors, ["mae", "rmse", "bias"]);
    for (row, naive) in rows[22..].iter().zip([0.5143338638817666, 0.8662984872275931, 0.26154795867665764]) {
        near(&row[4], naive, 1e-9);
        assert_eq!((row[1].as_str(), row[2].as_str()), ("", ""));
    }
    // Better than each customer's own rate, so that nothing is said of it.
    assert!(number(&rows[23][3]) < number(&rows[23][4]));
    let said =
        String::from_utf8(run(&["predict", SHOP, "--holdout", "90", "--format", "csv"]).stderr).unwrap();
    assert!(!said.contains("own rate"), "{said}");
    let tenths = cells(&asked(&["--holdout", "90", "--table", "calibration"]));
    let sum = |column: usize| tenths.iter().map(|row| number(&row[column])).sum::<f64>();
    assert_eq!(sum(1), 269.0);
    assert!(number(&tenths[0][5]) < number(&tenths[tenths.len() - 1][5]), "{tenths:?}");
}

/// Half of those who had come back order four times more in the last ninety days: nothing foresees that, a customer's
/// own rate least wrongly.
#[test]
fn a_model_that_is_worse_than_the_customers_own_rates_says_so() {
    let mut orders = std::fs::read_to_string(SHOP).unwrap();
    let cut = chrono::NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
    for row in cells(&asked(&["--as-of", "2026-04-01"])) {
        let customer: u64 = row[0][1..7].parse().unwrap();
        if row[4] != "0" && customer.is_multiple_of(2) {
            for time in 0..4 {
                let day = cut + chrono::Days::new(5 + customer % 7 + 20 * time);
                let (id, amounts) = (&row[0], "100.00,0.00,100.00,0.00,CNY,,,");
                orders.push_str(&format!(
                    "77{customer}{time},{id},paid,{day} 10:00:00,{day} 10:00:00,,{amounts}\n"
                ));
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    std::fs::write(&file, orders).unwrap();
    let asked =
        ["predict", file.to_str().unwrap(), "--holdout", "90", "--format", "csv", "--table", "holdout"];
    let output = run(&asked);
    let (out, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(said.contains("each customer's own rate so far would have been the better forecast"), "{said}");
    let rmse = cells(&out).into_iter().find(|row| row[0] == "rmse").expect("a row");
    assert!(number(&rmse[3]) > number(&rmse[4]), "{rmse:?}");
}

/// Whom a condition chooses is foretold what is foretold without it: the models are those of everybody.
#[test]
fn a_condition_chooses_who_is_listed_and_changes_no_forecast() {
    let all = cells(&asked(&[]));
    for condition in ["order_count >= 2", "recency_days <= 90", "p_alive > 0.3"] {
        let chosen =
            ["customers", SHOP, "--columns", "customer_id", "--where", condition, "--format", "csv", "-q"];
        let chosen: Vec<String> = stdout(&chosen).lines().skip(1).map(str::to_owned).collect();
        let expected: Vec<Vec<String>> = all.iter().filter(|row| chosen.contains(&row[0])).cloned().collect();
        let listed = cells(&asked(&["--where", condition]));
        assert!(!listed.is_empty() && listed.len() < all.len(), "{condition}");
        assert_eq!(listed, expected, "{condition}");
        // The total is that of the listed, and is not called that of the shop.
        let total = cells(&asked(&["--where", condition, "--table", "summary"]));
        assert_eq!(total[0][..3].join(","), format!("chosen,90,{}", listed.len()), "{condition}");
        near(&total[0][3], listed.iter().map(|row| number(&row[EXPECTED_ORDERS])).sum(), 1e-6);
    }
}

#[test]
fn forecasts_are_columns_of_everybody() {
    let count = ["customers", SHOP, "--where", "p_alive > 0.5", "--count", "--format", "csv", "-q"];
    assert_eq!(stdout(&count), "customer_count\n124\n");
    let sorted = [
        "customers",
        SHOP,
        "--columns",
        "customer_id,p_alive,expected_orders,expected_spend",
        "--sort",
        "expected_spend desc, customer_id",
        "--format",
        "csv",
        "-q",
    ];
    let listed = cells(&asked(&[]));
    let right: Vec<String> = listed
        .iter()
        .map(|row| [&row[0], &row[5], &row[6], &row[10]].map(String::as_str).join(","))
        .collect();
    let found = stdout(&sorted);
    let (buyers, others): (Vec<&str>, Vec<&str>) =
        found.lines().skip(1).partition(|row| !row.ends_with(",,,"));
    assert_eq!(buyers, right);
    // Who is named and has not bought is nobody of whom anything is foretold.
    assert!(!others.is_empty());
}

#[test]
fn forecasts_that_cannot_be_made_are_refused_and_never_taken_for_nobody() {
    const SMALL: &str = "fixtures/by_hand/orders.csv";
    let few = "ordered on a second day up to 2026";
    for args in [
        &["predict", SMALL][..],
        &["customers", SMALL, "--where", "p_alive > 0.5"],
        &["customers", SMALL, "--sort", "expected_orders desc"],
        &["customers", SMALL, "--columns", "p_alive"],
        &["segment", SMALL, "--where", "expected_spend > 10"],
    ] {
        let (code, said) = failure(args);
        assert!(code == 1 && said.contains(few) && said.contains("hint: "), "{args:?}: {code} {said}");
    }
    let (_, said) = failure(&["predict", SMALL, "--lang", "zh"]);
    assert!(said.contains("预测至少需要 30 位"), "{said}");
    // Every column there is: those stay empty.
    let all = stdout(&["customers", SMALL, "--columns", "all", "--format", "json", "-q"]);
    let answer: serde_json::Value = serde_json::from_str(&all).unwrap();
    let rows = answer["rows"].as_array().expect("rows");
    assert!(
        !rows.is_empty()
            && rows.iter().all(|row| row["p_alive"].is_null() && row["expected_spend"].is_null())
    );
    let check = |file: &str| stdout(&["check", file, "--format", "csv", "-q"]);
    assert!(check(SMALL).contains("\npredict,blocked,"), "{}", check(SMALL));
    assert!(check(SHOP).contains("\npredict,ready,"), "{}", check(SHOP));
}

#[test]
fn the_configuration_says_model_and_horizon() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("ecrm.toml");
    let with = |text: &str, further: &[&str]| {
        std::fs::write(&config, text).unwrap();
        run(&[&["predict", SHOP, "--format", "csv", "-q", "--config", config.to_str().unwrap()], further]
            .concat())
    };
    let both = with("[predict]\nhorizon = 30\nmodel = \"bg-nbd\"\n", &[]);
    assert_eq!(String::from_utf8(both.stdout).unwrap(), asked(&["--horizon", "30", "--model", "bg-nbd"]));
    let flags =
        with("[predict]\nhorizon = 30\nmodel = \"bg-nbd\"\n", &["--horizon", "90", "--model", "mbg-nbd"]);
    assert_eq!(String::from_utf8(flags.stdout).unwrap(), asked(&[]));
    assert_ne!(asked(&[]), asked(&["--model", "bg-nbd"]));
    // All of this shop's customers stop at about the same rate, which that model has as a parameter beyond all bounds.
    let (code, said) = failure(&["predict", SHOP, "--model", "pareto-nbd"]);
    assert!(
        code == 1 && said.contains("the further its parameter s goes") && said.contains("--model"),
        "{said}"
    );
    for text in ["[predict]\nhorizon = 0\n", "[predict]\nmodel = \"nbd\"\n"] {
        let refused = with(text, &[]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(refused.status.code() == Some(1) && said.contains("ecrm.toml"), "{said}");
    }
    let (code, said) = failure(&["predict", SHOP, "--table", "holdout"]);
    assert!(code == 2 && said.contains("customers, summary, model"), "{said}");
}

/// Who ordered when is all that a chance rests on.
#[test]
fn orders_without_amounts_are_foretold() {
    let text = std::fs::read_to_string(SHOP).unwrap();
    let valid = |cells: &[&str]| {
        matches!(cells[2], "paid" | "shipped" | "completed")
            && number(cells[8]) > 0.0
            && number(cells[8]) > number(cells[9])
    };
    let mut orders = String::from("order_id,customer_id,paid_at\n");
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if valid(&cells) {
            orders.push_str(&format!("{},{},{}\n", cells[0], cells[1], cells[4]));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    std::fs::write(&file, orders).unwrap();
    let output = run(&["predict", file.to_str().unwrap(), "--format", "csv"]);
    let (out, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(said.contains("no file says what orders came to"), "{said}");
    let mut found: Vec<String> = cells(&out).iter().map(|row| row[..10].join(",")).collect();
    let mut right: Vec<String> = cells(&asked(&[])).iter().map(|row| row[..10].join(",")).collect();
    found.sort();
    right.sort();
    assert_eq!(found, right);
    assert!(cells(&out).iter().all(|row| row[10].is_empty() && row[11].is_empty()));
    let order: Vec<f64> = cells(&out).iter().map(|row| number(&row[6])).collect();
    assert!(order.iter().zip(&order[1..]).all(|(a, b)| *a >= b - 1e-6));
}

#[test]
fn neither_rows_nor_threads_nor_a_store_change_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(SHOP).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut turned: Vec<&str> = rows.lines().collect();
    turned.reverse();
    let file = folder.path().join("turned.csv");
    std::fs::write(&file, format!("{header}\n{}\n", turned.join("\n"))).unwrap();
    let store = folder.path().join("store");
    let import = ecrm().args(["import", SHOP, "--store"]).arg(&store).output().unwrap();
    assert!(import.status.success());
    for table in ["customers", "summary", "model", "holdout", "calibration"] {
        let further = ["--holdout", "60", "--table", table];
        let right = asked(&further);
        let of = |input: &Path, threads: &[&str]| {
            let args = ["predict", input.to_str().unwrap(), "--format", "csv", "-q"];
            stdout(&[&args, &further[..], threads].concat())
        };
        assert_eq!(of(&file, &[]), right, "{table}");
        assert_eq!(of(&store, &[]), right, "{table}");
        assert_eq!(of(Path::new(SHOP), &["--threads", "1"]), right, "{table}");
    }
}
