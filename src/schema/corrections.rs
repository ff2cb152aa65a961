//! Where customers came from, where a person says it otherwise than the exports.

use std::collections::HashMap;

use super::CustomerCode;

/// The corrected sources of customers, by code.
#[derive(Debug, Clone, Default)]
pub struct Corrections {
    names: Vec<String>,
    by_code: HashMap<CustomerCode, u32>,
}

impl Corrections {
    /// Of customers' codes and the names of their sources.
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

    /// The number of a customer's corrected source, where there is one.
    pub fn of(&self, customer: CustomerCode) -> Option<u32> {
        self.by_code.get(&customer).copied()
    }

    /// The name of a corrected source.
    pub fn name(&self, number: u32) -> Option<&str> {
        self.names.get(number as usize).map(String::as_str)
    }

    /// How many customers have one.
    pub fn len(&self) -> usize {
        self.by_code.len()
    }

    /// Whether nobody has.
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }
}

/// The sources that a table numbers, and the corrected ones under the same numbering: a corrected source that the table
/// knows has the table's number.
#[derive(Debug)]
pub struct Corrected<'a> {
    names: &'a [String],
    corrections: Option<&'a Corrections>,
    /// The number under which each corrected source stands.
    numbers: Vec<u32>,
}

impl<'a> Corrected<'a> {
    /// Over the names of a table's sources.
    pub fn new(names: &'a [String], corrections: Option<&'a Corrections>) -> Self {
        let own: HashMap<&String, u32> = names.iter().zip(0..).collect();
        let corrected = corrections.iter().flat_map(|corrections| &corrections.names);
        let numbers =
            corrected.zip(names.len() as u32..).map(|(name, new)| own.get(name).copied().unwrap_or(new));
        Self { names, corrections, numbers: numbers.collect() }
    }

    /// The number of a customer's source, of whom the table says `own`.
    pub fn number(&self, customer: CustomerCode, own: u32) -> u32 {
        let corrected = self.corrections.and_then(|corrections| corrections.of(customer));
        corrected.and_then(|number| self.numbers.get(number as usize).copied()).unwrap_or(own)
    }

    /// The name of a number.
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
