//! The decimal mark of a column of amounts, decided from all its cells, since `1.234` alone may mean 1234 or 1.234.

use std::collections::BTreeMap;

use crate::parse::value::money::written::Written;
use crate::parse::value::money::{DecimalMark, plain};
use crate::schema::money::UNIT;
use crate::schema::packed::Packed;
use crate::text;

/// Counts of a column's cells, by what they show about its decimal mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// Cells that can only be read with a decimal point: `12.5`, `0.750`, `1,234,567`.
    pub point: u64,
    /// Cells that can only be read with a decimal comma: `12,5`, `0,750`, `1.250.000`.
    pub comma: u64,
    /// Cells with one point in front of three digits: `1.234`.
    pub either_point: u64,
    /// Cells with one comma in front of three digits: `1,234`.
    pub either_comma: u64,
    /// Cells whose groups have another separator: `1 234`.
    pub other_groups: u64,
    /// Bare numbers from 1 to 999.
    pub small: u64,
    /// Bare numbers from 1000 on.
    pub large: u64,
    /// The first cell that can be read either way.
    pub example: String,
}

/// How a column's amounts are read, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decided {
    /// The decimal mark.
    pub mark: DecimalMark,
    /// The evidence.
    pub why: Why,
}

/// The evidence for a column's decimal mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Why {
    /// None yet: no cell has a point or comma.
    #[default]
    Open,
    /// The cells themselves, the currency's decimals, other columns of the file, or the user.
    Known,
    /// An assumption, of which the user must be told.
    Assumed,
}

/// Other facts about a file's amounts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// How many decimals prices in the currency have.
    pub decimals: Option<u8>,
    /// The decimal mark in other columns of the file.
    pub of_file: Option<DecimalMark>,
    /// Whether cells are separated by semicolons, which goes with decimal commas.
    pub has_semicolons: bool,
}

impl Cells {
    /// Adds a cell.
    pub fn add(&mut self, cell: &[u8]) {
        let cell = text::trim(cell);
        // The usual price: a group of thousands never has one or two digits.
        if matches!(cell, [.., b'.', _] | [.., b'.', _, _]) && plain(Packed::of(cell)).is_some() {
            self.point += 1;
            return;
        }
        if memchr::memchr2(b'.', b',', cell).is_none() && cell.is_ascii() {
            if let Some(micros) = plain(Packed::of(cell)) {
                match micros.number().abs() / UNIT {
                    0 => {}
                    1..1000 => self.small += 1,
                    _ => self.large += 1,
                }
                return;
            }
            if !cell.iter().any(|byte| matches!(byte, b' ' | b'\'')) {
                return;
            }
        }
        let Some(written) = Written::of(cell) else { return };
        match (written.micros(DecimalMark::Point), written.micros(DecimalMark::Comma)) {
            (Some(_), None) => self.point += 1,
            (None, Some(_)) => self.comma += 1,
            (Some(point), Some(comma)) if point != comma => {
                if self.either() == 0 {
                    self.example = String::from_utf8_lossy(cell).into_owned();
                }
                // Read as a decimal mark, the mark makes the number smaller.
                if point.abs() < comma.abs() { self.either_point += 1 } else { self.either_comma += 1 }
            }
            (Some(micros), Some(_)) => {
                let whole = micros.number().abs() / UNIT;
                self.other_groups += u64::from(written.has_groups());
                self.small += u64::from((1..1000).contains(&whole));
                self.large += u64::from(whole >= 1000 && !written.has_groups());
            }
            (None, None) => {}
        }
    }

    /// Adds the cells of further rows.
    pub fn merge(&mut self, other: Self) {
        if self.either() == 0 {
            self.example = other.example;
        }
        self.point += other.point;
        self.comma += other.comma;
        self.either_point += other.either_point;
        self.either_comma += other.either_comma;
        self.other_groups += other.other_groups;
        self.small += other.small;
        self.large += other.large;
    }

    /// The number of cells that can be read either way.
    pub fn either(&self) -> u64 {
        self.either_point + self.either_comma
    }

    /// The decimal mark of the cells that can only be read one way; if they disagree, the one of most.
    pub fn evident(&self) -> Option<DecimalMark> {
        let mark = if self.comma > self.point { DecimalMark::Comma } else { DecimalMark::Point };
        (self.point + self.comma > 0).then_some(mark)
    }

    /// Decides the decimal mark of the column.
    pub fn decide(&self, known: Known) -> Decided {
        let decided = |mark, why| Decided { mark, why };
        if let Some(mark) = self.evident() {
            return decided(mark, Why::Known);
        }
        if self.either() == 0 {
            return decided(known.of_file.unwrap_or_default(), Why::Open);
        }
        if self.either_comma > 0 && self.either_point > 0 {
            return decided(known.of_file.unwrap_or_default(), Why::Assumed);
        }
        let has_commas = self.either_comma > 0;
        let (as_decimals, as_groups) = match has_commas {
            true => (DecimalMark::Comma, DecimalMark::Point),
            false => (DecimalMark::Point, DecimalMark::Comma),
        };
        if self.other_groups > 0 {
            return decided(as_decimals, Why::Known);
        }
        match known.decimals {
            Some(0) => return decided(as_groups, Why::Known),
            Some(3) => return decided(as_decimals, Why::Known),
            _ => {}
        }
        if let Some(mark) = known.of_file {
            return decided(mark, Why::Known);
        }
        // Bare numbers exist only below a thousand: so the mark separates groups.
        let looks_grouped = self.small > 0 && self.large == 0;
        match () {
            () if has_commas && (looks_grouped || known.decimals == Some(2)) => {
                decided(as_groups, Why::Known)
            }
            () if looks_grouped => decided(as_groups, Why::Assumed),
            () if known.has_semicolons => decided(DecimalMark::Comma, Why::Assumed),
            () => decided(DecimalMark::Point, Why::Assumed),
        }
    }
}

/// The decimal mark of every column of numbers in a file.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    decided: Vec<Decided>,
    /// What the head shows of columns that it does not settle.
    heads: BTreeMap<usize, Cells>,
    known: Known,
}

impl Numbers {
    /// Decides from the counts of a file's head.
    pub fn new(heads: BTreeMap<usize, Cells>, known: Known) -> Self {
        let of_file = || {
            let shown = |mark| heads.values().filter(|cells| cells.evident() == Some(mark)).count();
            let (commas, points) = (shown(DecimalMark::Comma), shown(DecimalMark::Point));
            let mark = if commas > points { DecimalMark::Comma } else { DecimalMark::Point };
            (commas != points).then_some(mark)
        };
        let mut numbers =
            Self { known: Known { of_file: known.of_file.or_else(of_file), ..known }, ..Self::default() };
        for (column, cells) in heads {
            let decided = cells.decide(numbers.known);
            numbers.set(column, decided);
            if decided.why != Why::Known {
                numbers.heads.insert(column, cells);
            }
        }
        numbers
    }

    /// Gives all columns the decimal mark that the user named.
    pub fn fixed(columns: impl Iterator<Item = usize>, mark: DecimalMark) -> Self {
        let mut numbers = Self::default();
        columns.for_each(|column| numbers.set(column, Decided { mark, why: Why::Known }));
        numbers
    }

    /// Sets how a column is read.
    pub fn set(&mut self, column: usize, decided: Decided) {
        if self.decided.len() <= column {
            self.decided.resize(column + 1, Decided::default());
        }
        self.decided[column] = decided;
    }

    /// How a column is read.
    #[inline]
    pub fn of(&self, column: usize) -> Decided {
        self.decided.get(column).copied().unwrap_or(Decided { mark: DecimalMark::Point, why: Why::Known })
    }

    /// Decides a column that the head did not settle, from all its cells with marks.
    pub fn decide(&self, column: usize, cells: &Cells) -> Decided {
        let bare = self.heads.get(&column);
        let bare = |count: fn(&Cells) -> u64| bare.map_or(0, count);
        let cells = Cells {
            small: bare(|head| head.small),
            large: bare(|head| head.large),
            other_groups: cells.other_groups.max(bare(|head| head.other_groups)),
            ..cells.clone()
        };
        cells.decide(self.known)
    }

    /// Whether any column has a decimal comma.
    pub fn has_comma(&self) -> bool {
        self.decided.iter().any(|decided| decided.mark == DecimalMark::Comma)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DecimalMark::{Comma, Point};

    fn cells(list: &[&str]) -> Cells {
        let mut cells = Cells::default();
        list.iter().for_each(|cell| cells.add(cell.as_bytes()));
        cells
    }

    #[test]
    fn cells_that_can_be_read_in_one_way_only_decide() {
        for (list, mark) in [
            (vec!["12,5", "1.234"], Comma),
            (vec!["1.250.000", "45.500"], Comma),
            (vec!["12,500", "0,750"], Comma),
            (vec!["12,500", "1 234,250"], Comma),
            (vec!["12,500", "1234,567"], Comma),
            (vec!["12.500", "0.750"], Point),
            (vec!["1,234", "12.50"], Point),
            (vec!["1,23,456", "1,234"], Point),
            (vec!["1.234", "1.5E+03"], Point),
            (vec!["Rp 1.250.000", "Rp 150.000"], Comma),
            (vec!["12.500", "1'080"], Point),
            (vec!["12,500", "1\u{202f}080"], Comma),
        ] {
            assert_eq!(cells(&list).decide(Known::default()), Decided { mark, why: Why::Known }, "{list:?}");
        }
    }

    #[test]
    fn usual_prices_have_a_point_as_other_ones_do() {
        for cell in ["12.50", "0.5", "-3.30", ".5", "1234.56", "123456789.1", "-.25", "000.10"] {
            let written = Written::of(cell.as_bytes()).expect("an amount");
            let readings = (written.micros(Point), written.micros(Comma));
            assert!(matches!(readings, (Some(_), None)), "{cell}");
            assert_eq!(cells(&[cell]), Cells { point: 1, ..Cells::default() }, "{cell}");
        }
        assert_eq!(cells(&["1.2.34", "1..5", ".", "5.", "a.5"]).point, 0);
    }

    #[test]
    fn where_no_cell_decides_the_currency_or_the_file_does() {
        let groups = cells(&["320.000", "85.000", "99.000"]);
        let known = |decimals, of_file| Known { decimals, of_file, has_semicolons: false };
        for (list, known, mark, why) in [
            (&groups, known(Some(0), None), Comma, Why::Known),
            (&groups, known(Some(3), None), Point, Why::Known),
            (&groups, known(None, Some(Comma)), Comma, Why::Known),
            (&groups, known(None, None), Point, Why::Assumed),
            (&groups, Known { has_semicolons: true, ..Known::default() }, Comma, Why::Assumed),
            (&cells(&["1.234", "999"]), known(None, None), Comma, Why::Assumed),
            (&cells(&["1.234", "1500"]), known(None, None), Point, Why::Assumed),
            (&cells(&["1,234", "999"]), known(None, None), Point, Why::Known),
            (&cells(&["1,234", "2,999"]), known(None, None), Point, Why::Assumed),
            (&cells(&["৳1,234", "৳2,999"]), known(Some(2), None), Point, Why::Known),
            (&cells(&["12,500", "125,000"]), known(Some(3), None), Comma, Why::Known),
            (&cells(&["1,234", "1.234"]), known(None, None), Point, Why::Assumed),
            (&cells(&["1,234", "1.234"]), known(Some(0), Some(Comma)), Comma, Why::Assumed),
            (&cells(&["1,234", "2,345", "1.234"]), known(Some(0), None), Point, Why::Assumed),
            (&cells(&["1,234", "1.234", "2.345"]), known(Some(0), None), Point, Why::Assumed),
            (&cells(&["1,234", "999", "1500"]), known(None, None), Point, Why::Assumed),
            (
                &cells(&["1,234", "0"]),
                Known { has_semicolons: true, ..Known::default() },
                Comma,
                Why::Assumed,
            ),
            (&cells(&["1,234", "999"]), known(Some(3), None), Comma, Why::Known),
            // A point before three digits is no price of two decimals either, but says less than a comma.
            (&groups, known(Some(2), None), Point, Why::Assumed),
            (&cells(&["12", "1500"]), known(None, None), Point, Why::Open),
            (&cells(&["12", "1500"]), known(Some(0), Some(Comma)), Comma, Why::Open),
            // As many that show the one as show the other: a point; one more decides.
            (&cells(&["12,5", "12.5"]), known(None, Some(Comma)), Point, Why::Known),
            (&cells(&["12,5", "12,5", "12.5"]), known(None, None), Comma, Why::Known),
        ] {
            assert_eq!(list.decide(known), Decided { mark, why }, "{list:?} {known:?}");
        }
        assert_eq!((groups.either(), groups.example.as_str()), (3, "320.000"));
    }

    #[test]
    fn cells_are_counted_by_what_they_say() {
        let none = Cells::default();
        let example = |text: &str| text.to_owned();
        for (cell, expected) in [
            ("12.5", Cells { point: 1, ..none.clone() }),
            ("12,5", Cells { comma: 1, ..none.clone() }),
            ("-1.234", Cells { either_point: 1, example: example("-1.234"), ..none.clone() }),
            (" ¥1,234 ", Cells { either_comma: 1, example: example("¥1,234"), ..none.clone() }),
            ("0", none.clone()),
            ("-1", Cells { small: 1, ..none.clone() }),
            ("999", Cells { small: 1, ..none.clone() }),
            ("1000", Cells { large: 1, ..none.clone() }),
            ("¥0", none.clone()),
            ("¥1", Cells { small: 1, ..none.clone() }),
            ("-¥999", Cells { small: 1, ..none.clone() }),
            ("¥1000", Cells { large: 1, ..none.clone() }),
            ("1 234", Cells { other_groups: 1, ..none.clone() }),
            ("1'234", Cells { other_groups: 1, ..none.clone() }),
            ("12 EUR", Cells { small: 1, ..none.clone() }),
            ("none", none),
        ] {
            assert_eq!(cells(&[cell]), expected, "{cell}");
        }
    }

    /// A column's rows are read in parts: what the parts say together is what the whole says.
    #[test]
    fn merged_parts_are_the_whole() {
        let parts = [
            ["12.5", "12,5", "1 234", "7", "1500", "8"],
            ["1.234", "1,234", "2,345", "1 500", "12.75", "2000"],
            ["9.876", "8,765", "1,5", "1'000", "3", "3000"],
        ];
        let mut merged = Cells::default();
        parts.iter().for_each(|part| merged.merge(cells(part)));
        let expected = Cells {
            point: 2,
            comma: 2,
            either_point: 2,
            either_comma: 3,
            other_groups: 3,
            small: 3,
            large: 3,
            example: "1.234".to_owned(),
        };
        assert_eq!(merged, expected);
        assert_eq!(merged.either(), 5);
        assert_eq!(cells(&parts.concat()), expected);
    }

    #[test]
    fn columns_of_a_file_are_written_alike() {
        let numbers = |columns: &[&[&str]]| {
            let heads = columns.iter().map(|list| cells(list)).enumerate().collect();
            Numbers::new(heads, Known::default())
        };
        let known = |mark| Decided { mark, why: Why::Known };
        assert_eq!(numbers(&[&["12,5"], &["1.234"]]).of(1), known(Comma));
        assert_eq!(numbers(&[&["12.5"], &["1.234"]]).of(1), known(Point));
        assert_eq!(numbers(&[&["12,5"], &["12,5"], &["12.5"], &["1.234"]]).of(3), known(Comma));
        // As many columns show the one as the other.
        let torn = numbers(&[&["12,5"], &["12.5"], &["1.234"]]);
        assert_eq!(torn.of(2), Decided { mark: Point, why: Why::Assumed });
        assert_eq!((torn.of(0), torn.of(7)), (known(Comma), known(Point)));
        assert!(torn.has_comma() && !numbers(&[&["12.5"]]).has_comma());
        // What the head has seen of bare numbers counts for the marks behind it.
        let open = numbers(&[&["7", "8"], &["7", "1500"], &["1 234"]]);
        assert_eq!(open.of(0).why, Why::Open);
        let groups = cells(&["1,234"]);
        assert_eq!(open.decide(0, &groups), known(Point));
        assert_eq!(open.decide(1, &groups), Decided { mark: Point, why: Why::Assumed });
        assert_eq!(open.decide(2, &groups), known(Comma));
        assert_eq!(Numbers::fixed([2].into_iter(), Comma).of(2), known(Comma));
        assert_eq!(Numbers::fixed([2].into_iter(), Comma).of(1), Decided { mark: Point, why: Why::Open });
    }
}
