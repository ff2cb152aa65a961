//! `[inputs]`: the files of each table, and a store.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::schema::Table;

const STORE: &str = "store";

/// `[inputs]`: names or patterns.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// A store, read before the files.
    pub store: Option<String>,
    tables: BTreeMap<Table, Vec<String>>,
}

impl Inputs {
    /// The names of one table's files.
    pub fn of(&self, table: Table) -> &[String] {
        self.tables.get(&table).map_or(&[], Vec::as_slice)
    }
}

/// A key of `[inputs]`.
enum Key {
    Store,
    Files(Table),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        static KEYS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
            [STORE].into_iter().chain(Table::ALL.iter().map(|table| table.name())).collect()
        });
        let name = String::deserialize(deserializer)?;
        match Table::named(&name) {
            _ if name == STORE => Ok(Self::Store),
            Some(table) => Ok(Self::Files(table)),
            None => Err(D::Error::unknown_field(&name, &KEYS)),
        }
    }
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Inputs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of names of files")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Inputs, M::Error> {
                let mut inputs = Inputs::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Store => inputs.store = map.next_value()?,
                        Key::Files(table) => drop(inputs.tables.insert(table, map.next_value()?)),
                    }
                }
                Ok(inputs)
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_key_and_others_are_refused_by_name() {
        for table in Table::ALL {
            let inputs: Inputs = toml::from_str(&format!("{} = [\"a.csv\"]\n", table.name())).unwrap();
            assert_eq!(inputs.of(*table), ["a.csv"]);
            assert!(inputs.store.is_none());
        }
        let inputs: Inputs = toml::from_str("store = \"shop\"\n").unwrap();
        assert_eq!(inputs.store.as_deref(), Some("shop"));
        let error = toml::from_str::<Inputs>("order = [\"a.csv\"]\n").unwrap_err().to_string();
        assert!(error.contains("unknown field `order`") && error.contains("`orders`"), "{error}");
        assert!(toml::from_str::<Inputs>("orders = \"a.csv\"\n").is_err(), "a list is asked for");
    }
}
