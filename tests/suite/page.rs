//! The page: what it is made of, that its numbers are those of the commands, and what it does with what is hostile,
//! missing or private.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::common::{ecrm, failure, run, stdout};

const SHOP: [&str; 5] = [
    "fixtures/shop/orders.csv",
    "fixtures/shop/events.csv",
    "fixtures/shop/customers.csv",
    "fixtures/shop/order_items.csv",
    "fixtures/shop/sends.csv",
];
const AS_OF: &str = "2025-12-20";

/// The sections in the order of the page.
const SECTIONS: [&str; 14] = [
    "overview",
    "segments",
    "rfm",
    "repurchase",
    "cohort",
    "interest",
    "region",
    "hours",
    "value",
    "products",
    "due",
    "reach",
    "campaign",
    "quality",
];

/// The page of inputs, in English unless the further flags say otherwise.
fn page(inputs: &[&str], flags: &[&str]) -> String {
    stdout(&[&["report"], inputs, &["--as-of", AS_OF, "--lang", "en"], flags].concat())
}

fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What every page must be, whatever it shows.
fn assert_sound(page: &str) -> Html {
    let html = Html::parse_document(page);
    assert!(html.errors.is_empty(), "{:?}", html.errors);
    let attributes: Vec<(&str, &str)> = all(&html, "*").iter().flat_map(|e| e.value().attrs()).collect();
    let values = |name: &str| -> Vec<&str> {
        attributes.iter().filter(|(of, _)| *of == name).map(|(_, value)| *value).collect()
    };
    let ids = values("id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id is there twice: {ids:?}");
    for name in ["aria-labelledby", "aria-describedby"] {
        for id in values(name).iter().flat_map(|value| value.split(' ')) {
            assert!(unique.contains(id), "{name} names {id}, which is not there");
        }
    }
    for link in values("href") {
        let is_here = link.strip_prefix('#').is_some_and(|id| unique.contains(id));
        assert!(is_here || link == "data:,", "{link}");
    }
    assert!(values("src").iter().all(|source| source.starts_with("data:image/")));
    assert!(
        attributes.iter().all(|(name, _)| !name.starts_with("on") && *name != "style"),
        "a policy forbids these"
    );
    assert!(all(&html, "script, iframe, object, embed, form, base").is_empty());
    for svg in all(&html, "svg") {
        let children: Vec<&str> = svg.child_elements().take(2).map(|child| child.value().name()).collect();
        assert_eq!(children, ["title", "desc"], "{}", svg.html());
        assert_eq!(svg.value().attr("role"), Some("img"));
        assert!(svg.child_elements().take(2).all(|child| !text(child).is_empty()), "{}", svg.html());
    }
    for table in all(&html, "table") {
        assert!(table.child_elements().next().is_some_and(|first| first.value().name() == "caption"));
    }
    assert!(all(&html, "th").iter().all(|head| matches!(head.value().attr("scope"), Some("col" | "row"))));
    let styles = all(&html, "style");
    assert_eq!(styles.len(), 1);
    let digest = STANDARD.encode(Sha256::digest(styles[0].inner_html().as_bytes()));
    let policy = all(&html, "meta[http-equiv]")[0].value().attr("content").unwrap();
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
        )
    );
    assert!(!styles[0].inner_html().contains("url(") && !styles[0].inner_html().contains("@import"));
    html
}

/// The row of a table whose first cells are these, from behind them.
fn row(html: &Html, table: &str, first: &[&str]) -> Vec<String> {
    let rows = all(html, &format!("#{table} tbody tr"));
    let cells = rows.iter().map(|row| row.child_elements().map(text).collect::<Vec<String>>());
    let mut found =
        cells.filter(|cells| cells.len() > first.len() && cells.iter().zip(first).all(|(a, b)| a == b));
    found.next().unwrap_or_else(|| panic!("{table} has no row {first:?}"))[first.len()..].to_vec()
}

/// The cell of a table in the row that begins with these, below a heading.
fn cell(html: &Html, table: &str, first: &[&str], heading: &str) -> String {
    let heads: Vec<String> = all(html, &format!("#{table} thead th")).into_iter().map(text).collect();
    let place =
        heads.iter().position(|head| head == heading).unwrap_or_else(|| panic!("{heading}: {heads:?}"));
    row(html, table, first)[place - first.len()].clone()
}

/// What a command says of the same inputs.
fn json(command: &[&str], inputs: &[&str]) -> Value {
    let args = [command, inputs, &["--as-of", AS_OF, "--format", "json", "-q"]].concat();
    serde_json::from_str(&stdout(&args)).unwrap()
}

fn amount(value: &Value) -> String {
    let text = format!("{:.2}", value.as_f64().unwrap());
    let (whole, cents) = text.split_once('.').unwrap();
    format!("{}.{cents}", ecrm::locale::grouped(whole))
}

fn count(value: &Value) -> String {
    ecrm::locale::grouped(&value.to_string())
}

fn percent(value: &Value) -> String {
    format!("{:.1}%", value.as_f64().unwrap() * 100.0)
}

fn sections(html: &Html) -> Vec<String> {
    all(html, "main > section").iter().map(|section| section.value().attr("id").unwrap().to_owned()).collect()
}

#[test]
fn the_page_of_a_shop_is_sound_in_both_languages_and_the_same_each_time() {
    for lang in ["en", "zh"] {
        let args = [&["report"], &SHOP[..], &["--as-of", AS_OF, "--lang", lang]].concat();
        let (one, two) = (stdout(&args), stdout(&args));
        assert_eq!(one, two);
        assert!(one.len() < 1_500_000, "{}", one.len());
        let html = assert_sound(&one);
        assert_eq!(sections(&html), SECTIONS);
        assert!(all(&html, ".missing").is_empty(), "{lang}: every input is there");
        assert!(all(&html, "svg").len() >= 14, "{}", all(&html, "svg").len());
        let code = all(&html, "html")[0].value().attr("lang");
        assert_eq!(code, Some(if lang == "en" { "en" } else { "zh-Hans" }));
        for section in all(&html, "main > section") {
            let is_said = section.select(&Selector::parse(".says").unwrap()).next().is_some();
            assert!(is_said, "{lang}: {:?} says nothing", section.value().attr("id"));
        }
        // A place of a sentence that was not filled in.
        let said = all(&html, ".says, .todo, .notes li, header, footer, figcaption, desc");
        for said in said.into_iter().map(text) {
            assert!(!said.contains(['{', '}']), "{said}");
        }
    }
}

#[test]
fn the_numbers_are_those_of_the_commands() {
    let html = assert_sound(&page(&SHOP, &[]));
    let overview = json(&["overview"], &SHOP);
    let metric = |name: &str| {
        let rows = overview["rows"].as_array().unwrap();
        rows.iter().find(|row| row["metric"] == name).unwrap().clone()
    };
    let shown = |metric: &str| cell(&html, "overview-0-overview", &[metric], "Value");
    assert_eq!(shown("Net amount"), amount(&metric("net_amount")["value"]));
    assert_eq!(shown("Buyers"), count(&metric("buyers")["value"]));
    assert_eq!(shown("Interest customers"), count(&metric("interest_customers")["value"]));
    let card = all(&html, ".cards li").into_iter().map(text).find(|card| card.starts_with("Buyers")).unwrap();
    assert!(card.contains(&count(&metric("buyers")["value"])), "{card}");

    for found in json(&["segment"], &SHOP)["rows"].as_array().unwrap() {
        let title = |section: &str, name: &str| {
            let key = found[name].as_str().unwrap();
            ecrm::locale::Lang::En.locale().get(section, key).to_owned()
        };
        let first = [title("segment", "segment"), title("value", "value")];
        let row = row(&html, "segments-0-segments", &[&first[0], &first[1]]);
        assert_eq!(row[..2], [count(&found["customer_count"]), percent(&found["customer_share"])]);
        assert!(row.contains(&amount(&found["net_amount"])), "{row:?}");
    }

    let list = json(&["rfm"], &SHOP);
    for (r, f) in [(5, 5), (5, 1), (1, 1), (3, 2)] {
        let of = |row: &&Value| row["r_score"] == r && row["f_score"] == f;
        let found = list["rows"].as_array().unwrap().iter().filter(of).count();
        let shown = row(&html, "rfm-1-grid", &[&r.to_string(), &f.to_string()]);
        assert_eq!(shown[0], ecrm::locale::grouped(&found.to_string()), "{r} {f}");
    }

    let curve = json(&["repurchase"], &SHOP);
    for found in curve["tables"]["curve"].as_array().unwrap() {
        let shown = cell(&html, "repurchase-0-curve", &[&found["horizon_days"].to_string()], "Repurchased");
        assert_eq!(shown, count(&found["repurchased_count"]));
    }

    let due = json(&["repurchase", "--due"], &SHOP);
    for (status, title) in
        [("due", "due"), ("overdue", "overdue"), ("in_cycle", "in cycle"), ("lost", "lost")]
    {
        let rows = due["rows"].as_array().unwrap();
        let found = rows.iter().filter(|row| row["due_status"] == status).count();
        assert_eq!(row(&html, "due-0-due_counts", &[title])[0], ecrm::locale::grouped(&found.to_string()));
    }

    let regions = json(&["region"], &SHOP);
    let first = &regions["rows"][0];
    let province = first["province"].as_str().unwrap();
    let shown = row(&html, "region-0-regions", &[first["country"].as_str().unwrap(), province]);
    assert_eq!(shown[0], count(&first["order_count"]));

    let reach = json(&["touchpoints"], &SHOP);
    for found in reach["tables"]["channels"].as_array().unwrap() {
        let way = ecrm::locale::Lang::En.locale().get("way", found["channel"].as_str().unwrap());
        let shown = cell(&html, "reach-0-channels", &[way], "Reachable");
        let expected = if found["reachable_count"].is_null() {
            "–".to_owned()
        } else {
            count(&found["reachable_count"])
        };
        assert_eq!(shown, expected, "{way}");
    }

    let value = json(&["value"], &SHOP);
    let top = value["tables"]["concentration"].as_array().unwrap();
    let top = top.iter().find(|row| row["measure"] == "top_10_share").unwrap();
    assert_eq!(row(&html, "value-0-concentration", &["Share of the best 10 %"])[0], percent(&top["value"]));
    let said: Vec<String> = all(&html, "#value .says").into_iter().map(text).collect();
    assert!(said[0].contains(&percent(&top["value"])), "{said:?}");
}

#[test]
fn what_is_hostile_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "<script>alert(1)</script>";
    let mut items = "order_id,customer_id,ordered_at,paid_amount,product_id,title,province\n".to_owned();
    for order in 1..=6 {
        for (product, title) in [(1, evil), (2, "\"\"><img src=x onerror=alert(2)>{other}")] {
            items += &format!(
                "{order},c{},2025-12-0{order} 10:00:00,10,p{product},\"{title}\",</desc><script>\n",
                order % 3
            );
        }
    }
    let path = folder.path().join("items.csv");
    fs::write(&path, items).unwrap();
    let title = "</title><script>alert(3)</script> & \"shop\"";
    let page = page(&[path.to_str().unwrap()], &["--title", title]);
    let html = assert_sound(&page);
    assert_eq!(text(all(&html, "h1")[0]), title);
    assert_eq!(text(all(&html, "title")[0]), title);
    assert!(text(all(&html, "#products-0-products")[0]).contains(evil));
    assert!(all(&html, "img").is_empty());
    assert!(!page.contains("<script"), "{page}");
}

#[test]
fn what_is_missing_is_said_with_the_export_that_would_help() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv");
    fs::write(&orders, "order_id,customer_id,order_date,paid_amount\n1,a,2025-12-01,10\n").unwrap();
    let html = assert_sound(&page(&[orders.to_str().unwrap()], &[]));
    let missing =
        |name: &str| all(&html, &format!("#{name} .missing p")).into_iter().map(text).collect::<Vec<_>>();
    assert_eq!(missing("interest")[0], "No file holds events (who did what when).");
    assert!(missing("interest")[1].starts_with("Add a log of events"));
    assert!(missing("products")[1].contains("order items"));
    assert!(missing("region")[1].contains("province"));
    assert!(missing("campaign")[1].contains("sent messages"));
    assert!(missing("segments").is_empty() && missing("overview").is_empty());
    // One order: a page without a figure made of nothing.
    let said: Vec<String> = all(&html, ".says").into_iter().map(text).collect();
    assert!(said.iter().all(|said| !said.contains("NaN") && !said.contains("inf")), "{said:?}");
    assert!(said.iter().any(|said| said.contains("1 customers") || said.contains("1 orders")), "{said:?}");
}

#[test]
fn a_shop_without_orders_rows_or_buyers_has_a_page_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let empty = file("empty.csv", "order_id,customer_id,order_date,paid_amount\n");
    let nobody = file("nobody.csv", "order_id,order_date,paid_amount,province\n1,2025-12-01,10,浙江\n");
    for inputs in [[empty.as_str()], [nobody.as_str()], [SHOP[1]]] {
        let html = assert_sound(&page(&inputs, &[]));
        assert_eq!(sections(&html), SECTIONS, "{inputs:?}");
        assert!(!all(&html, ".missing").is_empty(), "{inputs:?}");
    }
    let html = assert_sound(&page(&[&nobody], &[]));
    let why = text(all(&html, "#segments .missing p")[0]);
    assert!(why.starts_with("No order names a buyer"), "{why}");
    assert!(all(&html, "#region .missing").is_empty());
}

#[test]
fn sections_can_be_chosen_and_come_in_the_order_of_the_page() {
    let html = assert_sound(&page(&SHOP[..1], &["--sections", "due,overview"]));
    assert_eq!(sections(&html), ["overview", "due"]);
    let links: Vec<String> =
        all(&html, "nav a").iter().map(|link| link.value().attr("href").unwrap().to_owned()).collect();
    assert_eq!(links, ["#overview", "#due"]);
    let (code, said) = failure(&["report", SHOP[0], "--sections", "regions"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("there is no section \"regions\"") && SECTIONS.iter().all(|name| said.contains(name)),
        "{said}"
    );
}

#[test]
fn the_page_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let out = path.to_str().unwrap();
    let manifest = folder.path().join("manifest.json");
    let done =
        run(&["report", SHOP[0], "--as-of", AS_OF, "-o", out, "--manifest", manifest.to_str().unwrap()]);
    assert!(done.status.success() && done.stdout.is_empty());
    let written = fs::read_to_string(&path).unwrap();
    assert_sound(&written);
    let manifest: Value = serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
    assert_eq!(
        (&manifest["report"], &manifest["parameters"]["sections"][13]),
        (&"report".into(), &"quality".into())
    );
    let text = folder.path().join("logo.svg");
    fs::write(&text, "no image").unwrap();
    for (args, code, words) in [
        (
            vec!["report", SHOP[0], "-o", out, "--logo", text.to_str().unwrap()],
            1,
            "this is no PNG, JPEG or SVG image",
        ),
        (vec!["report", SHOP[0], "-o", "report.pdf"], 2, "no .pdf file"),
        (vec!["report", "fixtures/none.csv", "-o", out], 1, "none.csv"),
    ] {
        let (found, said) = failure(&args);
        assert!(found == code && said.contains(words), "{found} {said}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
}

#[test]
fn a_logo_becomes_part_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let logo = folder.path().join("logo.svg");
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><script>alert(1)</script></svg>";
    fs::write(&logo, svg).unwrap();
    let page = page(&SHOP[..1], &["--logo", logo.to_str().unwrap(), "--sections", "overview"]);
    let html = assert_sound(&page);
    let source = all(&html, "img")[0].value().attr("src").unwrap();
    assert_eq!(source, format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)));
}

#[test]
fn personal_data_are_masked_whatever_the_configuration_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("ecrm.toml", "[output]\nshow_pii = true\n");
    file(
        "items.csv",
        "order_id,customer_id,ordered_at,paid_amount,title\n1,ann.lee@example.com,2025-12-01,10,call 13800138000\n\
         2,ann.lee@example.com,2025-12-09,10,call 13800138000\n",
    );
    let output =
        ecrm().args(["report", "items.csv", "--lang", "en"]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(!page.contains("ann.lee@example.com") && !page.contains("13800138000"), "{page}");
    assert!(page.contains("call 138****8000"));
}

#[test]
fn every_sentence_of_the_page_is_said_somewhere() {
    let mut sources = String::new();
    for path in ["src/page/says/goods.rs", "src/page/says/people.rs", "src/page/says/trade.rs"] {
        sources += &fs::read_to_string(Path::new(path)).unwrap();
    }
    let words: toml::Table = toml::from_str(&fs::read_to_string("src/locale/en.toml").unwrap()).unwrap();
    for section in ["says", "todo"] {
        for key in words[section].as_table().unwrap().keys() {
            assert!(sources.contains(&format!("\"{key}\"")), "{section}.{key} is said nowhere");
        }
    }
    for section in ["section", "missing"] {
        let keys = words[section].as_table().unwrap();
        for name in SECTIONS.iter().filter(|name| section != "missing" || **name != "quality") {
            assert!(keys.contains_key(*name), "{section}.{name}");
        }
    }
}
