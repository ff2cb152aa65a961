//! Sources of customers that a person corrected by hand.

use std::collections::HashMap;

use super::CustomerCode;

/// The corrected sources, by customer code.
#[derive(Debug, Clone, Default)]
pub struct Corrections {
    names: Vec<String>,
    by_code: HashMap<CustomerCode, u32>,
}

impl Corrections {
    /// Builds them from customer codes and the names of their sources.
    pub fn new<'n>(corrected: impl Iterator<Item = (CustomerCode, &'n str)>) -> Self {
        let mut corrections = Self::default();
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        for (code, name) in corrected {
            let number = *numbers.entry(name).or_insert_with(|| {
                corrections.names.push(name.to_owned());
                corrections.names.len() as u32 - 1
            });
            corrections.by_code.insert(code, number);
        }
        corrections
    }

    /// The number of a customer's corrected source, if there is one.
    pub fn of(&self, customer: CustomerCode) -> Option<u32> {
        self.by_code.get(&customer).copied()
    }

    /// The name of a corrected source.
    pub fn name(&self, number: u32) -> Option<&str> {
        self.names.get(number as usize).map(String::as_str)
    }

    /// How many customers have a corrected source.
    pub fn len(&self) -> usize {
        self.by_code.len()
    }

    /// Whether no customer has one.
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }
}

/// A table's numbered sources together with the corrected ones: a corrected source whose name is in the table has the
/// table's number, others have numbers behind them.
#[derive(Debug)]
pub struct Corrected<'a> {
    names: &'a [String],
    corrections: Option<&'a Corrections>,
    /// The number of each corrected source in the common numbering.
    numbers: Vec<u32>,
}

impl<'a> Corrected<'a> {
    /// Combines the source names of a table with the corrections.
    pub fn new(names: &'a [String], corrections: Option<&'a Corrections>) -> Self {
        let own: HashMap<&String, u32> = names.iter().zip(0..).collect();
        let corrected = corrections.iter().flat_map(|corrections| &corrections.names);
        let numbers =
            corrected.zip(names.len() as u32..).map(|(name, new)| own.get(name).copied().unwrap_or(new));
        Self { names, corrections, numbers: numbers.collect() }
    }

    /// The number of a customer's source: the corrected one, or else the table's number `own`.
    pub fn number(&self, customer: CustomerCode, own: u32) -> u32 {
        let corrected = self.corrections.and_then(|corrections| corrections.of(customer));
        corrected.and_then(|number| self.numbers.get(number as usize).copied()).unwrap_or(own)
    }

    /// The name of a source by number.
    pub fn name(&self, number: u32) -> Option<&str> {
        let own = self.names.get(number as usize).map(String::as_str);
        own.or_else(|| self.corrections?.name(number.checked_sub(self.names.len() as u32)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_source_that_the_table_knows_is_the_tables() {
        let corrections = Corrections::new(
            [(4, "new"), (7, "web"), (9, "new")]
                .map(|(code, name)| (CustomerCode::new(code), name))
                .into_iter(),
        );
        let names = ["app".to_owned(), "web".to_owned()];
        let sources = Corrected::new(&names, Some(&corrections));
        // 5 has no correction; u32::MAX stands for a source that is not known.
        let named = |customer, own| sources.name(sources.number(CustomerCode::new(customer), own));
        assert_eq!(
            [(4, 0), (7, 0), (9, u32::MAX), (5, 0), (5, u32::MAX)]
                .map(|(customer, own)| named(customer, own)),
            [Some("new"), Some("web"), Some("new"), Some("app"), None]
        );
        assert_eq!(sources.number(CustomerCode::new(7), 0), 1);
        let none = Corrected::new(&names, None);
        assert_eq!(
            (none.number(CustomerCode::new(4), 1), none.name(1), none.name(2)),
            (1, Some("web"), None)
        );
    }
}
