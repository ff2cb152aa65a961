//! The fields a platform's columns are mapped to.

use std::fmt;
use std::str::FromStr;

pub use super::declared::Field;
use super::spelling::nearest;
use crate::locale::Words;

/// Makes [`Field`] of a list of names and meanings.
macro_rules! fields {
    ($($variant:ident = $name:literal : $meaning:literal),+ $(,)?) => {
        /// A field of an export that ecrm reads; presets and `--map` name them in snake_case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $(#[doc = $meaning] $variant),+ }

        impl Field {
            /// Every field, in the order help lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name used in presets, `--map` and messages.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What the field holds, in one phrase.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}
pub(super) use fields;

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = Words;

    /// Reads a field name; the error lists the right ones.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name == "ordered_at" {
            return Ok(Self::CreatedAt);
        }
        Self::ALL.iter().copied().find(|field| field.name() == name).ok_or_else(|| {
            let near = nearest(name, Self::ALL.iter().map(|field| field.name()));
            let key = if near.is_some() { "no_field_near" } else { "no_field" };
            Words::of("refused", key, &[("name", name.into()), ("near", near.unwrap_or_default().into())])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_ordered_at_is_created_at() {
        for field in Field::ALL {
            assert_eq!(field.name().parse(), Ok(*field));
        }
        assert_eq!("ordered_at".parse(), Ok(Field::CreatedAt));
        assert!("orderid".parse::<Field>().unwrap_err().en.contains("order_id"));
    }
}
