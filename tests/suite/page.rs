//! The page: what it is made of, that its numbers are those of the commands, and what it does with what is hostile,
//! missing or private.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node, ParsingOptions};
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
const SECTIONS: [&str; 17] = [
    "overview",
    "trend",
    "segments",
    "rfm",
    "migration",
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
    "forecast",
    "quality",
];

/// Elements of HTML that have no end.
const VOID: [&str; 3] = ["meta", "link", "img"];

/// The page of inputs, in English; those elements that have no end have one, so that a strict reader can read it.
fn page(inputs: &[&str], flags: &[&str]) -> String {
    strict(&stdout(&[&["report"], inputs, &["--as-of", AS_OF, "--lang", "en"], flags].concat()))
}

fn strict(page: &str) -> String {
    let pieces = page.split('<').map(|piece| {
        let is_void =
            VOID.iter().any(|name| piece.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        // An attribute's own brackets are escaped.
        if is_void { piece.replacen('>', "/>", 1) } else { piece.to_owned() }
    });
    pieces.collect::<Vec<_>>().join("<")
}

/// A page as a tree: every element ends where it must, every attribute is quoted and there once.
fn read(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap_or_else(|error| panic!("{error}"))
}

/// The elements below a node by name, or by class where it begins with a dot.
fn all<'a>(within: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
    let is_it = |node: &Node<'a, 'a>| match name.strip_prefix('.') {
        Some(class) => node.attribute("class").is_some_and(|all| all.split(' ').any(|of| of == class)),
        None => node.tag_name().name() == name,
    };
    within.descendants().filter(Node::is_element).filter(is_it).collect()
}

fn by_id<'a>(html: &'a Document<'a>, id: &str) -> Node<'a, 'a> {
    let found = html.descendants().find(|node| node.attribute("id") == Some(id));
    found.unwrap_or_else(|| panic!("nothing has the id {id}"))
}

fn text(node: Node<'_, '_>) -> String {
    let texts: Vec<&str> = node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect();
    texts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn children<'a>(node: Node<'a, 'a>) -> Vec<Node<'a, 'a>> {
    node.children().filter(Node::is_element).collect()
}

/// What every page must be, whatever it shows.
fn assert_sound(html: &Document<'_>) {
    let root = html.root_element();
    let elements: Vec<Node<'_, '_>> = html.descendants().filter(Node::is_element).collect();
    let values =
        |name: &str| -> Vec<&str> { elements.iter().filter_map(|node| node.attribute(name)).collect() };
    let ids = values("id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id is there twice: {ids:?}");
    for id in values("aria-labelledby").iter().flat_map(|value| value.split(' ')) {
        assert!(unique.contains(id), "{id} is not there");
    }
    for link in values("href") {
        let is_here = link.strip_prefix('#').is_some_and(|id| unique.contains(id));
        assert!(is_here || link == "data:,", "{link}");
    }
    assert!(values("src").iter().all(|source| source.starts_with("data:image/")));
    for attribute in elements.iter().flat_map(|node| node.attributes()) {
        let name = attribute.name();
        assert!(!name.starts_with("on") && name != "style", "the policy forbids {name}");
    }
    for forbidden in ["script", "iframe", "object", "embed", "form", "base", "use", "image"] {
        assert!(all(root, forbidden).is_empty(), "{forbidden}");
    }
    for svg in all(root, "svg") {
        let said: Vec<(&str, bool)> =
            children(svg)[..2].iter().map(|of| (of.tag_name().name(), !text(*of).is_empty())).collect();
        assert_eq!(said, [("title", true), ("desc", true)]);
        assert_eq!(svg.attribute("role"), Some("img"));
    }
    for table in all(root, "table") {
        assert_eq!(children(table)[0].tag_name().name(), "caption");
    }
    assert!(all(root, "th").iter().all(|head| matches!(head.attribute("scope"), Some("col" | "row"))));
    let [style] = all(root, "style")[..] else { panic!("not one style") };
    let style = style.text().unwrap();
    let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = all(root, "meta").into_iter().find(|meta| meta.has_attribute("http-equiv")).unwrap();
    assert_eq!(policy.attribute("http-equiv"), Some("Content-Security-Policy"));
    let allowed = format!("style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'");
    assert_eq!(policy.attribute("content"), Some(format!("default-src 'none'; {allowed}").as_str()));
    assert!(!style.contains("url(") && !style.contains("@import"));
}

/// The row of a table whose first cells are these, from behind them.
fn row(html: &Document<'_>, table: &str, first: &[&str]) -> Vec<String> {
    let body = all(by_id(html, table), "tbody")[0];
    let cells =
        all(body, "tr").into_iter().map(|row| children(row).into_iter().map(text).collect::<Vec<String>>());
    let mut found =
        cells.filter(|cells| cells.len() > first.len() && cells.iter().zip(first).all(|(a, b)| a == b));
    found.next().unwrap_or_else(|| panic!("{table} has no row {first:?}"))[first.len()..].to_vec()
}

/// The cell of a table in the row that begins with these, in the column of this name.
fn cell(html: &Document<'_>, table: &str, first: &[&str], column: &str) -> String {
    let name = table.rsplit('-').next().unwrap();
    let heading = ecrm::locale::Lang::En.locale().heading(name, column);
    let head = all(by_id(html, table), "thead")[0];
    let heads: Vec<String> = all(head, "th").into_iter().map(text).collect();
    let place =
        heads.iter().position(|head| head == heading).unwrap_or_else(|| panic!("{heading}: {heads:?}"));
    row(html, table, first)[place - first.len()].clone()
}

/// The texts of what has a class, in a section or in all.
fn texts(html: &Document<'_>, section: Option<&str>, class: &str) -> Vec<String> {
    let within = section.map_or(html.root_element(), |id| by_id(html, id));
    all(within, class).into_iter().map(text).collect()
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

fn sections<'a>(html: &'a Document<'a>) -> Vec<&'a str> {
    all(html.root_element(), "section").iter().filter_map(|section| section.attribute("id")).collect()
}

#[test]
fn the_page_of_a_shop_is_sound_in_both_languages_and_the_same_each_time() {
    for (lang, code) in [("en", "en"), ("zh", "zh-Hans")] {
        let args = [&["report"], &SHOP[..], &["--as-of", AS_OF, "--lang", lang]].concat();
        let (one, two) = (stdout(&args), stdout(&args));
        assert_eq!(one, two);
        assert!(one.len() < 1_500_000, "{}", one.len());
        let page = strict(&one);
        let html = read(&page);
        assert_sound(&html);
        assert_eq!(sections(&html), SECTIONS);
        assert!(texts(&html, None, ".missing").is_empty(), "{lang}: every input is there");
        let charts = all(html.root_element(), "svg").len();
        assert!(charts >= 14, "{charts}");
        assert_eq!(html.root_element().attribute("lang"), Some(code));
        for section in SECTIONS {
            assert!(!texts(&html, Some(section), ".says").is_empty(), "{lang}: {section} says nothing");
        }
        // A place of a sentence that was not filled in.
        for class in [".says", ".todo", ".notes", "header", "footer", "figcaption", "desc"] {
            for said in texts(&html, None, class) {
                assert!(!said.contains(['{', '}']), "{said}");
            }
        }
    }
}

#[test]
fn the_numbers_are_those_of_the_commands() {
    let page = page(&SHOP, &[]);
    let html = read(&page);
    assert_sound(&html);
    let overview = json(&["overview"], &SHOP);
    let metric = |name: &str| {
        let rows = overview["rows"].as_array().unwrap();
        rows.iter().find(|row| row["metric"] == name).unwrap().clone()
    };
    let shown = |metric: &str| cell(&html, "overview-0-overview", &[metric], "value");
    assert_eq!(shown("Net amount"), amount(&metric("net_amount")["value"]));
    assert_eq!(shown("Buyers"), count(&metric("buyers")["value"]));
    assert_eq!(shown("Interest customers"), count(&metric("interest_customers")["value"]));
    let mut cards = all(by_id(&html, "overview"), "li").into_iter().map(text);
    let card = cards.find(|card| card.starts_with("Buyers")).unwrap();
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
        let shown =
            cell(&html, "repurchase-0-curve", &[&found["horizon_days"].to_string()], "repurchased_count");
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
        let shown = cell(&html, "reach-0-channels", &[way], "reachable_count");
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
    let said = texts(&html, Some("value"), ".says");
    assert!(said[0].contains(&percent(&top["value"])), "{said:?}");
}

#[test]
fn conditions_narrow_every_section_as_they_narrow_the_commands() {
    let condition = "order_count >= 3 and province = '浙江'";
    let sections = ["--where", condition, "--sections", "segments,reach,value"];
    let page = page(&SHOP, &sections);
    let html = read(&page);
    assert_sound(&html);
    let reach = json(&["touchpoints", "--where", condition], &SHOP);
    let found = reach["tables"]["channels"].as_array().unwrap();
    let email = found.iter().find(|row| row["channel"] == "email").unwrap();
    let shown = row(&html, "reach-0-channels", &["e-mail"]);
    assert_eq!(shown[..2], [count(&email["customer_count"]), count(&email["reachable_count"])]);
    let segments = json(&["segment", "--where", condition], &SHOP);
    let all: u64 =
        segments["rows"].as_array().unwrap().iter().map(|row| row["customer_count"].as_u64().unwrap()).sum();
    assert!(all > 0 && texts(&html, None, "header")[0].contains(&format!("{all} customers")), "{all}");
    // Who reads the page sees whom it is about, and where the others went.
    assert!(texts(&html, None, "header")[0].contains("only customers of whom"), "{condition}");
    let orders: u64 =
        segments["rows"].as_array().unwrap().iter().map(|row| row["order_count"].as_u64().unwrap()).sum();
    assert!(texts(&html, None, "header")[0].contains(&format!("{orders} orders")), "{orders}");
}

/// Of six orders two hold tea and pot, one and a half times what chance gives (4/6 · 2/6 · 6 = 4/3), and two cup and
/// bowl, three times as much as chance gives (2/6 · 2/6 · 6 = 2/3). Six times over, with a customer for each order,
/// that is beyond chance; once it is not, and nothing is offered.
#[test]
fn what_is_offered_together_is_bought_together_beyond_chance() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("items.csv");
    let orders =
        [["tea", "pot"], ["tea", "pot"], ["cup", "bowl"], ["cup", "bowl"], ["tea", "jar"], ["tea", "tin"]];
    let mut items = "order_id,customer_id,ordered_at,paid_amount,product_id,title\n".to_owned();
    let few = items.clone();
    for (order, products) in orders.iter().cycle().take(36).enumerate() {
        for product in products {
            let day = 1 + order % 6;
            items += &format!("{order},c{order},2025-12-0{day} 10:00:00,10,{product},{product}\n");
        }
    }
    fs::write(&path, &items).unwrap();
    fs::write(folder.path().join("ecrm.toml"), "[products]\nmin_count = 2\n").unwrap();
    let config = folder.path().join("ecrm.toml");
    let flags = ["--config", config.to_str().unwrap(), "--sections", "products"];
    let page = page(&[path.to_str().unwrap()], &flags);
    let html = read(&page);
    assert_sound(&html);
    let said = texts(&html, None, ".says");
    // 12 of 36 with both, over 12/36 · 12/36.
    let pair = "are bought together 3 times as often as chance would have it, in 12 orders.";
    assert!(said[1].ends_with(pair) && said[1].contains("cup") && said[1].contains("bowl"), "{said:?}");
    // Each pair stands once in the picture, and both ways round in the table.
    let labels: Vec<String> = texts(&html, Some("products"), ".label");
    assert_eq!(labels.iter().filter(|label| label.contains("cup")).count(), 1, "{labels:?}");
    let once: String =
        few + &items.lines().skip(1).take(12).map(|line| format!("{line}\n")).collect::<String>();
    fs::write(&path, once).unwrap();
    let page = self::page(&[path.to_str().unwrap()], &flags);
    let said = texts(&read(&page), None, ".says");
    assert!(said.iter().any(|said| said.contains("than chance can explain")), "{said:?}");
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
    let html = read(&page);
    assert_sound(&html);
    assert_eq!(texts(&html, None, "h1"), [title]);
    assert_eq!(texts(&html, None, "head").iter().filter(|head| head.starts_with(title)).count(), 1);
    assert!(text(by_id(&html, "products-0-products")).contains(evil));
    assert!(all(html.root_element(), "img").is_empty());
    assert!(!page.contains("<script"), "{page}");
}

#[test]
fn what_is_missing_is_said_with_the_export_that_would_help() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv");
    fs::write(&orders, "order_id,customer_id,order_date,paid_amount\n1,a,2025-12-01,10\n").unwrap();
    let sends = page(&[SHOP[4]], &[]);
    let page = page(&[orders.to_str().unwrap()], &[]);
    let html = read(&page);
    assert_sound(&html);
    let missing_in = |html: &Document<'_>, name: &str| -> Vec<String> {
        let boxes = all(by_id(html, name), ".missing");
        boxes.into_iter().flat_map(|of| all(of, "p")).map(text).collect()
    };
    let missing = |name: &str| missing_in(&html, name);
    assert_eq!(missing("interest")[0], "No file holds events (who did what when).");
    assert!(missing("interest")[1].starts_with("Add a log of events"));
    assert!(missing("campaign")[1].contains("sent messages"));
    // What says itself what to do is not said twice.
    for (name, remedy) in [("products", "add an export of items"), ("region", "--map province=HEADER")] {
        let said = missing(name);
        assert!(said.len() == 1 && said[0].contains(remedy), "{said:?}");
    }
    assert!(missing("forecast").len() == 2 && missing("forecast")[1].contains("over a year"));
    // Of messages without orders it is orders that are missing.
    let said = missing_in(&read(&sends), "campaign");
    assert_eq!(said, ["No file holds orders.", "Add an order export that says who bought."]);
    assert!(missing("segments").is_empty() && missing("overview").is_empty());
    // One order: a page without a figure made of nothing.
    let said = texts(&html, None, ".says");
    assert!(said.iter().all(|said| !said.contains("NaN") && !said.contains("inf")), "{said:?}");
    assert_eq!(said[0], "In the last 30 days one order was placed, worth 10.00 net of refunds.");
    assert!(said.contains(&"The one customer is in the segment “Active, new”.".to_owned()), "{said:?}");
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
        let page = page(&inputs, &[]);
        let html = read(&page);
        assert_sound(&html);
        assert_eq!(sections(&html), SECTIONS, "{inputs:?}");
        assert!(!texts(&html, None, ".missing").is_empty(), "{inputs:?}");
    }
    let page = page(&[&nobody], &[]);
    let html = read(&page);
    assert_sound(&html);
    let why = texts(&html, Some("segments"), ".missing");
    assert!(why[0].starts_with("No order names a buyer"), "{why:?}");
    assert!(texts(&html, Some("region"), ".missing").is_empty());
}

#[test]
fn sections_can_be_chosen_and_come_in_the_order_of_the_page() {
    let page = page(&SHOP[..1], &["--sections", "due,overview"]);
    let html = read(&page);
    assert_sound(&html);
    assert_eq!(sections(&html), ["overview", "due"]);
    let contents = all(html.root_element(), "nav")[0];
    let links: Vec<&str> = all(contents, "a").iter().filter_map(|link| link.attribute("href")).collect();
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
    assert_sound(&read(&strict(&written)));
    let manifest: Value = serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
    assert_eq!(
        (&manifest["report"], &manifest["parameters"]["sections"][16]),
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
    let html = read(&page);
    assert_sound(&html);
    let source = all(html.root_element(), "img")[0].attribute("src").unwrap();
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
    // Of a movement, and of what made a difference, the key is made of the cell's.
    let is_made = |key: &str| {
        let movements = ["migration_up", "migration_down", "migration_lost", "migration_won_back"];
        let effects = ["trend_customers_effect", "trend_frequency_effect", "trend_aov_effect"];
        movements.contains(&key) || effects.contains(&key)
    };
    for section in ["says", "todo"] {
        let keys = words[section].as_table().unwrap().keys().map(|key| key.trim_end_matches("_one"));
        for key in keys {
            assert!(
                sources.contains(&format!("\"{key}\"")) || is_made(key),
                "{section}.{key} is said nowhere"
            );
        }
    }
    for section in ["section", "missing"] {
        let keys = words[section].as_table().unwrap();
        for name in SECTIONS.iter().filter(|name| section != "missing" || **name != "quality") {
            assert!(keys.contains_key(*name), "{section}.{name}");
        }
    }
}
