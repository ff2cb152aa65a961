//! Functions that ask more of the data than columns hold. Each call is answered by a column of its own.

use std::fmt;

use crate::schema::{Day, Holds};

/// A call with checked arguments. Its [`Display`](fmt::Display) is the name of the column that answers it; calls that
/// ask the same have the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `has_tag('x')`: whether the customer has the tag.
    HasTag(String),
    /// `bought('P101')`, `bought('P101', 30)`: whether the customer bought the product with this id, or else this
    /// title, at all or within this number of days up to the as-of day.
    Bought(String, Option<u32>),
    /// `bought_category('茶', 30)`: whether the customer bought anything of this category.
    BoughtCategory(String, Option<u32>),
    /// `order_count(from, to)`: the number of valid orders from one day to another, both included.
    OrderCount(DayArgument, DayArgument),
    /// `net_amount(from, to)`: the net amount of the orders of these days.
    NetAmount(DayArgument, DayArgument),
    /// `first('coupon_code')`: the value of a column in the customer's first valid order.
    First(String, Holds),
    /// `last('payment_method')`: the value of a column in the customer's last valid order.
    Last(String, Holds),
}

/// A day as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayArgument {
    /// A given day.
    On(Day),
    /// A number of days after the as-of day, negative for days before it.
    AfterAsOf(i32),
}

impl Call {
    /// The type of the column that answers the call.
    pub fn holds(&self) -> Holds {
        match self {
            Self::HasTag(_) | Self::Bought(..) | Self::BoughtCategory(..) => Holds::Flag,
            Self::OrderCount(..) => Holds::Whole,
            Self::NetAmount(..) => Holds::Amount,
            Self::First(_, kind) | Self::Last(_, kind) => *kind,
        }
    }

    /// Whether it sums amounts and its column has this name.
    pub fn is_amount_called(&self, name: &str) -> bool {
        matches!(self, Self::NetAmount(..)) && self.to_string() == name
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = |days: &Option<u32>| days.map_or_else(String::new, |days| format!(", {days}"));
        match self {
            Self::HasTag(tag) => write!(f, "has_tag({})", quoted(tag)),
            Self::Bought(product, within) => write!(f, "bought({}{})", quoted(product), days(within)),
            Self::BoughtCategory(category, within) => {
                write!(f, "bought_category({}{})", quoted(category), days(within))
            }
            Self::OrderCount(from, to) => write!(f, "order_count({from}, {to})"),
            Self::NetAmount(from, to) => write!(f, "net_amount({from}, {to})"),
            Self::First(column, _) => write!(f, "first({})", quoted(column)),
            Self::Last(column, _) => write!(f, "last({})", quoted(column)),
        }
    }
}

impl DayArgument {
    /// The day, given the as-of day.
    pub fn at(self, as_of: Day) -> Day {
        match self {
            Self::On(day) => day,
            Self::AfterAsOf(days) => as_of.plus_days(days),
        }
    }
}

impl fmt::Display for DayArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(day) => write!(f, "'{day}'"),
            Self::AfterAsOf(0) => write!(f, "as_of"),
            Self::AfterAsOf(days) if *days < 0 => write!(f, "as_of - {}", days.unsigned_abs()),
            Self::AfterAsOf(days) => write!(f, "as_of + {days}"),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
