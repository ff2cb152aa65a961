//! Files that mean harm, or had bad luck: what they claim is checked before it is believed, no panic of anybody's
//! reader comes through, and the file at fault is named.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use ecrm::limits::{MAX_COLUMNS, MAX_RECORD_BYTES, MIN_WORKBOOK_BYTES};
use ecrm::locale::Lang;
use ecrm::parse::source::Input;
use ecrm::parse::{ReadOptions, parse_input};
use flate2::Crc;
use flate2::write::DeflateEncoder;
use polars::prelude::{Column, DataFrame, ParquetWriter, Scalar};

use super::common::{failure, stdout};

/// A zip archive of these parts, deflated.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        let deflated = encoder.finish().unwrap();
        let mut crc = Crc::new();
        crc.update(content);
        let start = out.len() as u32;
        // Version, flags, method 8, time, day, checksum, sizes, length of the name, nothing further.
        let mut head = [20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0].to_vec();
        let sizes = [crc.sum(), deflated.len() as u32, content.len() as u32];
        sizes.iter().for_each(|size| head.extend(size.to_le_bytes()));
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        out.extend([&b"PK\x03\x04"[..], &head, name.as_bytes(), &deflated].concat());
        let tail = [&[0; 10][..], &start.to_le_bytes(), name.as_bytes()].concat();
        directory.extend([&b"PK\x01\x02\x14\0"[..], &head, &tail].concat());
    }
    let (count, start) = ((parts.len() as u16).to_le_bytes(), out.len() as u32);
    out.extend_from_slice(&directory);
    let sizes = [(directory.len() as u32).to_le_bytes(), start.to_le_bytes()].concat();
    out.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &sizes, &[0, 0]].concat());
    out
}

/// A workbook of one sheet with these rows as XML. Style 1 is a date.
fn workbook(rows: &str) -> Vec<u8> {
    workbook_of(&[("Orders", rows)])
}

/// The same of several sheets.
fn workbook_of(sheets: &[(&str, &str)]) -> Vec<u8> {
    const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
    let links = |targets: &[(&str, &str)]| {
        let link = |(number, (kind, target)): (usize, &(&str, &str))| {
            format!("<Relationship Id=\"r{number}\" Type=\"{LINKS}/{kind}\" Target=\"{target}\"/>")
        };
        let all: String = targets.iter().enumerate().map(link).collect();
        format!("<Relationships {PACKAGE}>{all}</Relationships>")
    };
    let listed = |(number, (name, _)): (usize, &(&str, &str))| {
        format!("<sheet name=\"{name}\" sheetId=\"{}\" r:id=\"r{number}\"/>", number + 1)
    };
    let all: String = sheets.iter().enumerate().map(listed).collect();
    let book = format!("<workbook {MAIN} xmlns:r=\"{LINKS}\"><sheets>{all}</sheets></workbook>");
    let styles = format!(
        "<styleSheet {MAIN}><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let names: Vec<String> =
        (0..sheets.len()).map(|number| format!("worksheets/sheet{}.xml", number + 1)).collect();
    let targets = names.iter().map(|name| ("worksheet", name.as_str())).chain([("styles", "styles.xml")]);
    let (book_links, package_links) =
        (links(&targets.collect::<Vec<_>>()), links(&[("officeDocument", "xl/workbook.xml")]));
    let bodies: Vec<(String, String)> = names
        .iter()
        .zip(sheets)
        .map(|(name, (_, rows))| {
            let sheet = format!("<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>");
            (format!("xl/{name}"), sheet)
        })
        .collect();
    let mut parts = vec![
        ("_rels/.rels", package_links.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", book_links.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
    ];
    parts.extend(bodies.iter().map(|(name, sheet)| (name.as_str(), sheet.as_bytes())));
    archive(&parts)
}

fn text(reference: &str, text: &str) -> String {
    format!("<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// The rows of an order on a day, by its serial number.
fn order(row: u32, day: &str) -> String {
    let number = row - 1;
    format!(
        "<row r=\"{row}\"><c r=\"A{row}\"><v>{number}</v></c>{}<c r=\"C{row}\" s=\"1\"><v>{day}</v></c><c r=\"D{row}\"><v>5</v></c></row>",
        text(&format!("B{row}"), "ann")
    )
}

fn header() -> String {
    let names = [("A1", "order_id"), ("B1", "customer_id"), ("C1", "ordered_at"), ("D1", "paid_amount")];
    let cells: String = names.iter().map(|(reference, name)| text(reference, name)).collect();
    format!("<row r=\"1\">{cells}</row>")
}

/// Exit code and standard error of a run on a file, in bounded memory.
fn bounded(folder: &Path, name: &str, bytes: &[u8], further: &[&str]) -> (i32, String) {
    std::fs::write(folder.join(name), bytes).unwrap();
    let mut command = Command::new("sh");
    command.env_clear().env("LANG", "en_US.UTF-8").current_dir(folder);
    command.args([
        "-c",
        "ulimit -v 8000000; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_ecrm"),
        "overview",
        name,
    ]);
    let output = command.args(further).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap_or_else(|| panic!("{name}: {}: {said}", output.status)), said)
}

/// Asserts that a file is refused by its name and for this reason, and that nothing of a panic is told.
fn assert_refused(name: &str, bytes: &[u8], reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = bounded(folder.path(), name, bytes, &[]);
    assert_eq!(code, 1, "{name}: {said}");
    assert!(said.starts_with(&format!("error: {name}: ")) && said.contains(reason), "{name}: {said}");
    assert!(!said.contains("panicked"), "{name}: {said}");
}

#[test]
fn what_a_sheet_claims_is_not_believed() {
    let cell = |row: &str, reference: &str| {
        workbook(&format!("{}{}<row r=\"{row}\">{}</row>", header(), order(2, "46000"), text(reference, "x")))
    };
    assert_refused("sparse.xlsx", &cell("1048576", "XFD1048576"), "1,048,576 rows of 16384 columns");
    assert_refused(
        "beyond.xlsx",
        &cell("1048577", "A1048577"),
        "row 1048577 and column 1; Excel ends with row 1048576",
    );
    assert_refused("column.xlsx", &cell("3", "XFE3"), "row 3 and column 16385");
    assert_refused("row.xlsx", &cell("99999999999999999999", "A99999999999999999999"), "sheet \"Orders\"");
    // A value far below the table is an accident: the rows between are blank.
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = bounded(folder.path(), "stray.xlsx", &cell("100000", "D100000"), &["--verbose"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 used"), "{said}");
}

#[test]
fn a_sheet_that_is_too_much_costs_no_other_sheet() {
    let orders = [header(), order(2, "46000")].concat();
    let stray = format!(
        "<row r=\"1\">{}</row><row r=\"1048576\">{}</row>",
        text("A1", "notes"),
        text("XFD1048576", "x")
    );
    let beyond = format!("<row r=\"1048577\">{}</row>", text("A1048577", "x"));
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, bytes: &[u8], further: &[&str]| bounded(folder.path(), name, bytes, further);
    for (name, sheets) in [
        ("first.xlsx", [("Notes", stray.as_str()), ("Orders", &orders)]),
        ("last.xlsx", [("Orders", &orders), ("Notes", &stray)]),
        ("beyond.xlsx", [("Notes", &beyond), ("Orders", &orders)]),
    ] {
        let (code, said) = read(name, &workbook_of(&sheets), &["--verbose"]);
        assert!(code == 0 && said.contains("1 used"), "{name}: {said}");
        assert!(said.contains("left out for their size: Notes."), "{name}: {said}");
        let (code, said) = read(name, &workbook_of(&sheets), &["--sheet", "Orders"]);
        assert!(code == 0 && !said.contains("left out"), "{name}: {said}");
        let (code, said) = read(name, &workbook_of(&sheets), &["--sheet", "Notes"]);
        assert!(code == 1 && said.contains("sheet \"Notes\""), "{name}: {said}");
    }
    // Where no other sheet is anything, it is what there is to mend.
    let notes = format!("<row r=\"1\">{}</row>", text("A1", "Remember the milk"));
    for sheets in [[("Plan", notes.as_str()), ("Orders", &stray)], [("Plan", &stray), ("Orders", &stray)]] {
        let (code, said) = read("none.xlsx", &workbook_of(&sheets), &[]);
        assert!(code == 1 && said.contains("claims 1,048,576 rows of 16384 columns"), "{said}");
    }
}

/// The old workbook of `Notes` and `Orders`, with other bytes from where a record of a kind and length begins, the
/// `number`th of them.
fn old_workbook(record: [u8; 4], number: usize, from: usize, bytes: &[u8]) -> Vec<u8> {
    let mut book = std::fs::read("fixtures/quirks/second_sheet.xls").unwrap();
    let mut places = (512..book.len() - 4).filter(|at| book[*at..at + 4] == record);
    let at = places.nth(number).unwrap() + from;
    drop(places);
    book[at..at + bytes.len()].copy_from_slice(bytes);
    book
}

#[test]
fn an_old_sheet_that_is_too_much_costs_no_other_sheet() {
    const DIMENSIONS: [u8; 4] = [0x00, 0x02, 14, 0];
    // Rows 0 to 16,777,215 of 65,535 columns.
    let claim = [&0_u32.to_le_bytes()[..], &0xff_ffff_u32.to_le_bytes(), &[0, 0, 0xff, 0xff]].concat();
    let folder = tempfile::tempdir().unwrap();
    let sparse = |number| old_workbook(DIMENSIONS, number, 4, &claim);
    let (code, said) = bounded(folder.path(), "notes.xls", &sparse(0), &["--verbose"]);
    assert!(code == 0 && said.contains("left out for their size: Notes.") && said.contains("used"), "{said}");
    let (code, said) = bounded(folder.path(), "notes.xls", &sparse(0), &["--sheet", "Notes"]);
    assert!(code == 1 && said.contains("sheet \"Notes\" claims 16,777,215 rows of 65535 columns"), "{said}");
    let (code, said) = bounded(folder.path(), "orders.xls", &sparse(1), &[]);
    assert!(code == 1 && said.contains("sheet \"Orders\" claims"), "{said}");
}

#[test]
fn a_workbook_with_a_password_is_told_as_one() {
    let reason = "the workbook is locked with a password";
    // The record that says who wrote the workbook is one that says how it is encrypted: with a key, or in the old way.
    const WRITER: [u8; 4] = [0x5c, 0x00, 112, 0];
    for way in [1_u16, 0] {
        let record = [&[0x2f, 0x00, 112, 0], &way.to_le_bytes()[..]].concat();
        assert_refused("locked.xls", &old_workbook(WRITER, 0, 0, &record), reason);
    }
    // A newer one is a stream of that name within such a file.
    let units = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut book = std::fs::read("fixtures/quirks/second_sheet.xls").unwrap();
    let (old, new) = (units("Workbook"), units("EncryptedPackage"));
    let at = book.windows(old.len()).position(|bytes| bytes == old).unwrap();
    book[at..at + new.len()].copy_from_slice(&new);
    assert_refused("locked.xlsx", &book, reason);
}

#[test]
fn a_date_that_no_calendar_has_costs_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let rows =
        [header(), order(2, "46000"), order(3, "-1e308"), order(4, "1e300"), order(5, "46001")].concat();
    let (code, said) = bounded(folder.path(), "days.xlsx", &workbook(&rows), &["--verbose"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("rows read 4: 2 used, 0 excluded, 2 quarantined"), "{said}");
}

#[test]
fn a_workbook_that_unfolds_without_end_is_not_unfolded() {
    let blank = vec![b' '; MIN_WORKBOOK_BYTES as usize + 1];
    let bytes = archive(&[("xl/sharedStrings.xml", &blank)]);
    assert!(bytes.len() < 1 << 21, "{} bytes", bytes.len());
    assert_refused("bomb.xlsx", &bytes, "unfolds to more than 128 MiB");
}

#[test]
fn damaged_workbooks_are_refused_by_name() {
    let whole = workbook(&[header(), order(2, "46000")].concat());
    assert_refused("cut.xlsx", &whole[..whole.len() / 2], "cannot be read");
    assert_refused("signature.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and no more", "cannot be read");
    let xls = std::fs::read("fixtures/quirks/second_sheet.xls").unwrap();
    // The directory begins at itself: its chain is a circle, which calamine would follow for ever.
    let mut circle = xls.clone();
    let first = u32::from_le_bytes(xls[48..52].try_into().unwrap());
    let table = u32::from_le_bytes(xls[76..80].try_into().unwrap());
    let at = 512 * (table as usize + 1) + 4 * first as usize;
    circle[at..at + 4].copy_from_slice(&first.to_le_bytes());
    assert_refused("circle.xls", &circle, "cannot be read");
}

/// Orders as a Parquet file.
fn parquet() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.parquet");
    stdout(&["customers", "fixtures/by_hand/orders.csv", "--quiet", "-o", path.to_str().unwrap()]);
    std::fs::read(path).unwrap()
}

#[test]
fn no_changed_byte_of_a_parquet_file_ends_the_program() {
    let files = [parquet(), std::fs::read("fixtures/kinds/20_a_micros.parquet").unwrap()];
    for whole in files {
        let footer = whole.len()
            - 8
            - u32::from_le_bytes(whole[whole.len() - 8..whole.len() - 4].try_into().unwrap()) as usize;
        // The headers of the first page and of the footer, and places all over.
        let spread = whole.len() / 150 + 1;
        let headers = (4..60).chain(footer..(footer + 60).min(whole.len()));
        let headers = headers.flat_map(|place| [(place, 0), (place, 1), (place, 2)]);
        // Of the places all over each has one of the three bytes, in turn.
        let all_over =
            (0..whole.len()).step_by(spread).enumerate().map(|(number, place)| (place, number % 3));
        for (place, kind) in headers.chain(all_over) {
            let byte = [0xFF, 0x00, whole[place] ^ 1][kind];
            let mut bytes = whole.clone();
            bytes[place] = byte;
            let input = Input::bytes("mutant.parquet", bytes);
            if let Err(error) = parse_input(&input, false, &ReadOptions::default()) {
                let (said, _) = error.said(Lang::En);
                assert!(said.starts_with("mutant.parquet"), "{place} {byte}: {said}");
            }
        }
    }
}

/// Rows of nothing but one value pack to next to nothing, and would each take the memory of an order.
#[test]
fn a_small_parquet_file_of_millions_of_rows_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.parquet");
    let rows = |count: usize| {
        let column = Column::new_scalar("order_id".into(), Scalar::from(7_i32), count);
        let mut frame = DataFrame::new(count, vec![column]).unwrap();
        ParquetWriter::new(std::fs::File::create(&path).unwrap()).finish(&mut frame).unwrap();
        std::fs::read(&path).unwrap()
    };
    assert_refused("rows.parquet", &rows(2_000_001), "more than 2,000,000 rows");
    assert_refused("rows.parquet", &rows(2_000_000), "order_id");
}

#[test]
fn a_parquet_file_that_is_cut_is_refused_by_name() {
    let whole = parquet();
    for len in [4, 7, 11, 12, whole.len() / 2, whole.len() - 1] {
        assert_refused("cut.parquet", &whole[..len], "");
    }
    let mut long = whole;
    let at = long.len() - 8;
    long[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_refused("long.parquet", &long, "cut or damaged");
}

#[test]
fn a_record_without_end_is_refused() {
    let head = "order_id,customer_id,ordered_at,paid_amount\n1,ann,2026-01-02,5\n2,";
    let endless = [head.as_bytes(), &vec![b'x'; 2 * MAX_RECORD_BYTES]].concat();
    let packed = zstd::encode_all(&endless[..], 1).unwrap();
    assert!(packed.len() < 1 << 16, "{} bytes", packed.len());
    assert_refused("endless.csv.zst", &packed, "longer than 16 MiB");
    // One of a megabyte is a long note.
    let folder = tempfile::tempdir().unwrap();
    let long = format!(
        "order_id,customer_id,ordered_at,paid_amount,note\n1,ann,2026-01-02,5,{}\n",
        "x".repeat(1 << 20)
    );
    let (code, said) = bounded(folder.path(), "long.csv", long.as_bytes(), &["--verbose"]);
    assert!(code == 0 && said.contains("1 used"), "{said}");
}

#[test]
fn tables_of_more_columns_than_any_has_are_refused() {
    let columns = |count: usize| {
        let rest: String = (4..count).map(|column| format!(",c{column}")).collect();
        format!(
            "order_id,customer_id,ordered_at,paid_amount{rest}\n1,ann,2026-01-02,5{}\n",
            ",".repeat(count - 4)
        )
    };
    assert_refused("wide.csv", columns(MAX_COLUMNS + 1).as_bytes(), "16385 columns; at most 16384 are read");
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = bounded(folder.path(), "wide.csv", columns(2_000).as_bytes(), &["--verbose"]);
    assert!(code == 0 && said.contains("1 used"), "{said}");
}

#[test]
fn an_error_does_not_fill_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let header: String = (0..5_000).map(|column| format!("unheard-of header {column},")).collect();
    let (code, said) = bounded(folder.path(), "odd.csv", format!("{header}\n1,2\n").as_bytes(), &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.len() < 9_000 && said.contains(" …\n"), "{} bytes", said.len());
}

#[test]
fn a_preset_of_fewer_columns_than_the_file_is_refused_or_read() {
    let folder = tempfile::tempdir().unwrap();
    let preset = |columns: &str| {
        let text = format!(
            "name = \"d\"\ntitle = {{ en = \"A\", zh = \"A\" }}\ntable = \"orders\"\ncolumns = [{columns}]\n"
        );
        std::fs::write(folder.path().join("d.toml"), text).unwrap();
    };
    let rows = b"1,a,2026-01-02,5\n2,b,2026-01-03,6\n";
    preset("\"order_id\"");
    let (code, said) = bounded(folder.path(), "nh.csv", rows, &["--preset", "d.toml"]);
    assert!(code == 1 && said.starts_with("error: d.toml: "), "{code} {said}");
    preset("\"order_id\", \"customer_id\", \"created_at\"");
    let (code, said) = bounded(folder.path(), "nh.csv", rows, &["--preset", "d.toml"]);
    assert!(code != 101 && !said.contains("panicked"), "{code} {said}");
}

#[test]
fn the_limits_are_told() {
    let (english, chinese) =
        (stdout(&["define", "limits", "--lang", "en"]), stdout(&["define", "limits", "--lang", "zh"]));
    assert!(english.contains("16 MiB") && chinese.contains("16 MiB"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.parquet");
    std::fs::write(&path, b"PAR1 and no more").unwrap();
    let (code, said) = failure(&["overview", path.to_str().unwrap(), "--lang", "zh"]);
    assert!(code == 1 && said.contains("无法读取"), "{said}");
}
