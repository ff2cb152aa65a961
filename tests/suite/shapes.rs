//! Shapes that exports have as a whole: sheets of a workbook, lines above the header, tables that are no orders, and
//! what is said of those that cannot be read.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::Workbook;

use super::common::{ecrm, failure, run};

/// A folder for one test's files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn workbook(&self, name: &str, sheets: &[(&str, &[&[&str]])]) -> PathBuf {
        let path = self.0.path().join(name);
        let mut book = Workbook::new();
        for (title, rows) in sheets {
            let sheet = book.add_worksheet().set_name(*title).unwrap();
            for (row, cells) in (0..).zip(*rows) {
                for (column, cell) in (0..).zip(*cells) {
                    sheet.write_string(row, column, *cell).unwrap();
                }
            }
        }
        book.save(&path).unwrap();
        path
    }
}

/// The CSV of a command on a file, and what was said.
fn ask(command: &str, file: &Path, flags: &[&str]) -> (String, String) {
    let output = run(&[&[command, file.to_str().unwrap()], flags, &["--format", "csv"]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{command} {file:?}: {said}");
    (String::from_utf8(output.stdout).unwrap(), said)
}

/// `customer,orders,net` of each customer, as `rfm` has them.
fn buyers(file: &Path, flags: &[&str]) -> Vec<String> {
    let (table, _) = ask("rfm", file, flags);
    let cut = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        [cells[0], cells[3], cells[4]].join(",")
    };
    let mut rows: Vec<String> = table.lines().skip(1).map(cut).collect();
    rows.sort();
    rows
}

const ORDERS: &[&[&str]] = &[
    &["Order ID", "Customer ID", "Order date", "Total"],
    &["1", "ann", "2026-01-01", "10"],
    &["2", "ann", "2026-01-11", "20"],
    &["3", "bob", "2026-01-01", "5"],
];

const PEOPLE: &[&[&str]] =
    &[&["Customer ID", "Name", "Gender"], &["ann", "Ann Low", "F"], &["cy", "Cy High", "M"]];

#[test]
fn a_workbook_of_orders_and_customers_gives_both() {
    let folder = Folder::new();
    let remarks: &[&[&str]] = &[&["Printed by the shop system"]];
    for sheets in [[("Orders", ORDERS), ("People", PEOPLE)], [("People", PEOPLE), ("Orders", ORDERS)]] {
        let book = folder.workbook("shop.xlsx", &[sheets[0], ("Notes", remarks), sheets[1]]);
        assert_eq!(buyers(&book, &[]), ["ann,2,30.00", "bob,1,5.00"]);
        let columns = ["--columns", "customer_id,order_count,gender", "--sort", "customer_id"];
        let (people, said) = ask("customers", &book, &columns);
        assert_eq!(
            people.lines().skip(1).collect::<Vec<_>>(),
            ["ann,2,female", "bob,1,", "cy,0,male"],
            "{said}"
        );
        assert!(said.contains("of 3 are read"), "{said}");
        // One sheet asked for is one sheet.
        let (one, _) = ask("customers", &book, &[&columns[..], &["--sheet", "Orders"]].concat());
        assert_eq!(one.lines().count(), 3, "{one}");
    }
    // Of two layouts of orders that of the first counts: the other may be a view of it.
    let view: &[&[&str]] = &[
        &["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"],
        &["9", "x", "1", "2026-01-01", "7", "zoe"],
    ];
    let book = folder.workbook("views.xlsx", &[("Orders", ORDERS), ("Lines", view)]);
    assert_eq!(buyers(&book, &[]), ["ann,2,30.00", "bob,1,5.00"]);
}

#[test]
fn a_workbook_that_cannot_be_read_lists_every_sheet_with_its_headers() {
    let folder = Folder::new();
    let (stock, staff): (&[&[&str]], &[&[&str]]) = (
        &[&["Report of May"], &["SKU", "Shelf", "Left"], &["a", "b", "3"]],
        &[&["Who", "Since"], &["x", "2020"]],
    );
    let book = folder.workbook("none.xlsx", &[("Stock", stock), ("Staff", staff)]);
    let (code, said) = failure(&["rfm", book.to_str().unwrap()]);
    assert!(code == 1 && said.contains("Stock (SKU, Shelf, Left); Staff (Who, Since)"), "{said}");
    let (_, said) = failure(&["rfm", book.to_str().unwrap(), "--lang", "zh"]);
    assert!(said.contains("没有一张表能识别"), "{said}");
}

/// Lines of any words, one of them as wide as a small table, stand above the header.
#[test]
fn a_header_below_a_preamble_is_the_first_row_as_wide_as_those_below() {
    let folder = Folder::new();
    let text = "Laden Sonne\nBericht vom, 5. Mai 2026\nZeitraum;Januar;\nBon;Kundin;Kauftag;Summe brutto\n\
                1;ann;01.01.2026;10,00\n2;bob;13.01.2026;20,00\n3;ann;14.01.2026;5,00\n";
    assert_eq!(buyers(&folder.file("pre.csv", text.as_bytes()), &[]), ["ann,2,15.00", "bob,1,20.00"]);
    let sheet: &[&[&str]] = &[
        &["My shop", "May"],
        &["Printed on", "5 May"],
        &["Slip", "Shopper", "Sold on", "Total due"],
        &["1", "ann", "2026-01-01", "10"],
        &["2", "bob", "2026-01-11", "20"],
    ];
    let book = folder.workbook("pre.xlsx", &[("Report", sheet)]);
    assert_eq!(buyers(&book, &[]), ["ann,1,10.00", "bob,1,20.00"]);
}

/// Each byte beyond ASCII may be half of a Chinese character, and is none.
#[test]
fn latin_1_with_accented_headers_is_no_gbk() {
    let folder = Folder::new();
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    let spanish = "Número;Cliente;Fecha de operación;Importe;Población\n1;íñigo;01/01/2026;10,00;Logroño\n\
                   2;begoña;15/01/2026;20,00;Cádiz\n";
    assert_eq!(buyers(&folder.file("es.csv", &latin(spanish)), &[]), ["begoña,1,20.00", "íñigo,1,10.00"]);
    let french =
        "Réf;Acheteur;Date d'achat;Montant réglé\n1;léa;01/01/2026;10,00\n2;hélène;15/01/2026;20,00\n";
    assert_eq!(buyers(&folder.file("fr.csv", &latin(french)), &[]), ["hélène,1,20.00", "léa,1,10.00"]);
}

/// A map is for the files that have its header, and fails only where none has.
#[test]
fn a_map_is_for_the_files_that_have_its_header() {
    let folder = Folder::new();
    let odd =
        folder.file("odd.csv", b"nr,who knows,on,worth\n1,ann,2026-01-01,10.00\n2,ann,2026-01-05,5.00\n");
    let plain = folder.file("plain.csv", b"order_id,customer_id,order_date,total\n7,bob,2026-01-03,4.00\n");
    let args = ["rfm", odd.to_str().unwrap(), plain.to_str().unwrap(), "--format", "csv"];
    let mapped = [&args[..], &["--map", "customer_id=who knows"]].concat();
    let output = run(&mapped);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("ann,") && table.contains("bob,"), "{table}");
    let (code, said) = failure(&[&args[..], &["--map", "customer_id=nobody"]].concat());
    assert!(code != 0 && said.contains("no column is called \"nobody\""), "{said}");
}

/// One row per customer, in whatever language, is no list of orders.
#[test]
fn totals_per_customer_are_refused_as_that() {
    let folder = Folder::new();
    for header in [
        "Kunde;Letzte Bestellung;Anzahl Bestellungen;Gesamtumsatz",
        "Cliente;Última compra;Compras;Total gastado",
        "Client;Dernière commande;Nombre de commandes;Montant total",
        "会员编号;最后购买时间;购买次数;消费总额",
        "客户编号;上次下单日期;下单次数;消费金额合计",
        "customer_id;last_date;frequency;monetary",
        "Cliente;Ultimo acquisto;Numero ordini;Totale",
    ] {
        let text =
            format!("{header}\nann;2026-01-01;4;150.00\nbob;2026-01-15;1;20.00\ncem;2026-01-16;2;44.00\n");
        let file = folder.file("totals.csv", text.as_bytes());
        let (code, said) = failure(&["rfm", file.to_str().unwrap()]);
        assert!(code == 1 && said.contains("these are totals per customer, not orders"), "{header}: {said}");
    }
    // Orders that say which is the first of a customer are orders.
    let text =
        "Order,Customer,Order date,Total,First order\n1,ann,2026-01-01,10,yes\n2,bob,2026-01-02,5,yes\n";
    assert_eq!(buyers(&folder.file("first.csv", text.as_bytes()), &[]), ["ann,1,10.00", "bob,1,5.00"]);
}

/// The finest place that is known, unless the level is said.
#[test]
fn regions_are_those_of_the_finest_place_that_is_known() {
    let folder = Folder::new();
    let text = "order_id,customer_id,order_date,total,country,city\n1,ann,2026-01-01,10,NO,Oslo\n\
                2,bob,2026-01-02,5,NO,Oslo\n3,cy,2026-01-03,7,SE,Malmö\n";
    let cities = folder.file("cities.csv", text.as_bytes());
    let (table, said) = ask("region", &cities, &[]);
    assert!(table.contains("NO,,Oslo,2,2,15.00,") && table.contains("SE,,Malmö,1,1,7.00,"), "{table}");
    assert!(said.contains("grouped by city"), "{said}");
    let (table, said) = ask("region", &cities, &["--level", "country"]);
    assert!(table.contains("NO,2,2,15.00,") && !said.contains("grouped by"), "{table}: {said}");
    let (table, said) = ask("region", &cities, &["--level", "province"]);
    assert!(table.contains(",,3,3,22.00,") && !said.contains("grouped by"), "{table}: {said}");
    let text = text.replace("Oslo", "").replace("Malmö", "");
    let (table, said) = ask("region", &folder.file("countries.csv", text.as_bytes()), &[]);
    assert!(table.contains("NO,2,2,15.00,") && said.contains("grouped by country"), "{table}: {said}");
}

/// The column of a hint holds what the field needs, and all that is missing is said at once.
#[test]
fn hints_name_columns_whose_cells_would_do() {
    let folder = Folder::new();
    for (text, says, says_not) in [
        (
            "a;b;c;d\nx1;ann;01.02.2026;10,00\nx2;bob;13.02.2026;12,50\nx3;ann;14.02.2026;1,00\n",
            "--map customer_id='b'",
            "='c'",
        ),
        (
            "gid,ok,z\n1,y,5.00\n2,n,6.00\n",
            "--map paid_amount='z'; no column holds what could stand for created_at",
            "='ok'",
        ),
        (
            "txn,user_ref,evt_ts,gross_cents\n1,u1,2026-01-01T00:00:00,1000\n2,u2,2026-01-02T00:00:00,1200\n",
            "--map created_at='evt_ts'; no column holds what could stand for paid_amount",
            "='gross_cents'",
        ),
        (
            "id,name,height,weight\n1,ann,1.70,60.5\n2,bob,1.80,80.0\n",
            "no column holds what could stand for created_at or paid_at, nor for paid_amount",
            "--map created",
        ),
        (
            "Ref;Kundin;Kauftag;Wert\nA1;ann;gestern;zehn\nA2;bob;heute;zwölf\n",
            "no column holds what could stand for created_at",
            "='Kauftag'",
        ),
        (
            "Mois;CA\nJanvier 2026;1000,00\nFévrier 2026;1200,00\n",
            "--map paid_amount='CA'; no column holds",
            "='Mois'",
        ),
        (
            "visitor,happened at,action,page\nv1,2024-01-03 10:00:00,view,/mug\nv2,2024-01-03 10:05:00,cart,/bowl\n",
            "--map customer_id='visitor' --map occurred_at='happened at'",
            "created_at='",
        ),
        (
            "编,者,时,数\n1,甲,2026-01-01,10.00\n2,乙,2026-01-02,12.00\n3,甲,2026-01-03,2.00\n",
            "--map customer_id='者'",
            "='数'",
        ),
        (
            "Zeit|Person|Betragung|Nr\n21.02.2026|ann|10,00|1\n22.02.2026|bob|12,00|2\n",
            "--map customer_id='Person'",
            "='Betragung'",
        ),
        (
            "campaign name,to whom,went out\nspring,ann,2026-01-01\nspring,bob,2026-01-02\n",
            "--map created_at='went out'",
            "='to whom'",
        ),
    ] {
        let file = folder.file("bad.csv", text.as_bytes());
        let (code, said) = failure(&["rfm", file.to_str().unwrap(), "--lang", "en"]);
        let hint = said.lines().find(|line| line.starts_with("hint:")).unwrap_or_default();
        assert!(code == 1 && hint.contains(says) && !hint.contains(says_not), "{text}: {said}");
    }
    // A hint that is followed leads on.
    let log = folder.file("log.csv", "visitor,happened at,action,page\nv1,2024-01-03 10:00:00,view,/mug\nv2,2024-01-03 10:05:00,cart,/bowl\n".as_bytes());
    let log = log.to_str().unwrap();
    let output = run(&[
        "interest",
        "--events",
        log,
        "--map",
        "customer_id=visitor",
        "--map",
        "occurred_at=happened at",
        "--format",
        "csv",
    ]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && table.lines().count() > 1,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// ann ordered an hour before her cart and bob two hours after his, so that one of two was converted: by whatever name
/// the workbook goes, and from a pipe.
#[test]
fn events_beside_orders_in_one_workbook_are_told_apart_by_the_time_of_day() {
    let folder = Folder::new();
    let orders: &[&[&str]] = &[
        &["order_id", "customer_id", "paid_at", "paid_amount", "province"],
        &["1", "ann", "2026-06-10 09:00:00", "10", "浙江省"],
        &["2", "bob", "2026-06-10 12:00:00", "10", "浙江省"],
    ];
    let events: &[&[&str]] = &[
        &["user_id", "item_id", "behavior_type", "time", "province"],
        &["ann", "i", "cart", "2026-06-10 10:00:00", "浙江省"],
        &["bob", "i", "cart", "2026-06-10 10:00:00", "浙江省"],
    ];
    let converted = |table: &str| {
        let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let place = lines.next().unwrap().iter().position(|name| *name == "interest_customer_count").unwrap();
        lines.next().unwrap()[place..place + 2].join(",")
    };
    for name in ["shop.xlsx", "shop.csv"] {
        let book = folder.workbook(name, &[("Orders", orders), ("Events", events)]);
        assert_eq!(converted(&ask("region", &book, &["-q"]).0), "2,1", "{name}");
        let pipe = std::fs::File::open(&book).unwrap();
        let piped = ecrm().args(["region", "-", "-q"]).stdin(pipe).output().unwrap();
        assert!(piped.status.success(), "{name}: {}", String::from_utf8_lossy(&piped.stderr));
        assert_eq!(converted(&String::from_utf8(piped.stdout).unwrap()), "2,1", "{name}");
    }
}
