//! Names of sheets that Excel accepts: short, unique, without characters that its formulas use.

/// The most UTF-16 units in a name.
const MAX_UNITS: usize = 31;

/// The names given so far.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    /// The first of these names that is free, made valid; if none is, the last one with a number.
    pub fn give(&mut self, wishes: &[&str]) -> String {
        let last = wishes.last().copied().unwrap_or_default();
        let wished = wishes.iter().map(|wish| fitting(wish, ""));
        let numbered = (2..).map(|number: u32| fitting(last, &format!(" {number}")));
        let name = wished.chain(numbered).find(|name| !self.has(name)).unwrap_or_default();
        self.0.push(name.clone());
        name
    }

    /// Whether the name is taken; Excel ignores case and reserves one name for itself.
    fn has(&self, name: &str) -> bool {
        const OF_EXCEL: &str = "history";
        let name = name.to_lowercase();
        name == OF_EXCEL || self.0.iter().any(|given| given.to_lowercase() == name)
    }
}

/// A name with a suffix, shortened if both do not fit.
fn fitting(name: &str, end: &str) -> String {
    const FORBIDDEN: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];
    let units = |text: &str| text.encode_utf16().count();
    let allowed = |c: char| if FORBIDDEN.contains(&c) || c.is_control() { ' ' } else { c };
    let name: String = name.chars().map(allowed).collect();
    let mut name = name.trim_matches(['\'', ' ']).to_owned();
    if name.is_empty() {
        name.push('-');
    }
    if units(&name) + units(end) > MAX_UNITS {
        while units(&name) + units(end) + 1 > MAX_UNITS {
            name.pop();
        }
        name = format!("{}…", name.trim_end());
    }
    name + end
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::locale::Lang;

    #[test]
    fn names_are_such_as_excel_takes_and_each_is_given_once() {
        let mut names = Names::default();
        let mut given = |wishes: &[&str]| names.give(wishes);
        assert_eq!(given(&["Rows"]), "Rows");
        assert_eq!(given(&["ROWS", "Orders: rows"]), "Orders  rows");
        assert_eq!(given(&["rows"]), "rows 2");
        assert_eq!(given(&["rows"]), "rows 3");
        assert_eq!(given(&["History"]), "History 2");
        assert_eq!(given(&["'a/b\\c[d]*?'"]), "a b c d");
        assert_eq!(given(&["''"]), "-");
        assert_eq!(given(&["0123456789012345678901234567890"]), "0123456789012345678901234567890");
        assert_eq!(given(&["01234567890123456789012345678901"]), "012345678901234567890123456789…");
        assert_eq!(given(&["0123456789012345678901234567890x"]), "0123456789012345678901234567… 2");
        // Two units each.
        assert_eq!(given(&[&"😀".repeat(16)]), format!("{}…", "😀".repeat(15)));
    }

    #[test]
    fn every_title_of_a_table_is_short_enough_or_has_a_short_name() {
        for lang in Lang::value_variants() {
            let locale = lang.locale();
            for (key, title) in ["tables", "page_table"].into_iter().flat_map(|section| locale.words(section))
            {
                let name = locale.find("sheet", key).unwrap_or(title);
                assert_eq!(fitting(name, ""), name, "{key}");
            }
        }
    }
}
