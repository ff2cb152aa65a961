//! Writes a condition as SQL for another engine, which then keeps the same rows as here.
//!
//! On engines, days are whole numbers, flags are 0 and 1, and amounts are millionths. Exact numbers are compared as
//! whole numbers, after multiplication has brought them to the same number of decimals. Where engines differ (upper and
//! lower case beyond ASCII, quotients), or where a number could exceed their 38 digits, the condition is refused.

use super::node::{AMOUNT_DECIMALS, Arithmetic, Comparison, Constant, Node, Type};
use crate::error::{Error, Result};
use crate::schema::{Day, Holds};

/// The names of columns and calls on an engine.
pub trait Named {
    /// A text as a literal.
    fn text(&self, text: &str) -> String;

    /// The expression for a column or a call; none if the engine does not have it.
    fn column(&self, name: &str) -> Option<String>;

    /// The as-of day.
    fn as_of(&self) -> Day;
}

/// All numbers must be smaller than this, so that 38 digits suffice.
const NUMBER_LIMIT: u128 = 10_u128.pow(38);

/// The most days that a day of an export can be away from 1970-01-01. A calculated date must not be more than ten times
/// as many days away.
const MOST_DAYS: u128 = 100_000_000;

/// The greatest count that a column can hold.
const MOST_COUNT: u128 = 1 << 33;

/// The most characters of a condition in which a part is repeated.
const MOST_TEXT: usize = 1 << 20;

/// A node as SQL.
#[derive(Clone)]
struct Written {
    text: String,
    kind: Type,
    /// The greatest possible magnitude of a number (in units of its last decimal) or of a date.
    most: u128,
    /// The number in units of its last decimal, if it is written in the condition.
    constant: Option<i128>,
}

impl Written {
    fn new(text: String, kind: Type) -> Self {
        Self { text, kind, most: 0, constant: None }
    }

    fn truth(text: String) -> Self {
        Self::new(text, Type::Truth)
    }

    fn decimals(&self) -> u8 {
        match self.kind {
            Type::Exact(decimals) => decimals,
            _ => 0,
        }
    }

    /// The same number with more decimals.
    fn rescaled(self, decimals: u8) -> Result<Self> {
        let more = u32::from(decimals.saturating_sub(self.decimals()));
        if more == 0 || !matches!(self.kind, Type::Exact(_)) {
            return Ok(self);
        }
        let kind = Type::Exact(decimals);
        if let Some(units) = self.constant {
            return exact(units.checked_mul(10_i128.pow(more)).ok_or_else(too_large)?, decimals);
        }
        let factor = 10_u128.pow(more);
        let most = within(self.most.checked_mul(factor))?;
        Ok(Self { text: format!("({} * {factor})", wide(&self)), kind, most, constant: None })
    }
}

/// A node of type truth as SQL.
///
/// # Errors
/// Wrong usage, naming what is not supported on engines.
pub(super) fn condition(node: &Node, named: &dyn Named) -> Result<String> {
    Ok(Writer { named }.of(node)?.text)
}

struct Writer<'a> {
    named: &'a dyn Named,
}

impl Writer<'_> {
    fn of(&self, node: &Node) -> Result<Written> {
        match node {
            Node::Column(name, holds) => self.column(name, *holds),
            Node::Constant(constant) => self.constant(constant),
            Node::AsOf => Ok(date(self.named.as_of())),
            Node::Arithmetic(op, left, right, _) => calculated(*op, self.of(left)?, self.of(right)?),
            Node::Negated(inner, _) => calculated(Arithmetic::Subtract, exact(0, 0)?, self.of(inner)?),
            Node::Compared(op, left, right, _) => compared(*op, self.of(left)?, self.of(right)?),
            Node::All(parts) => self.joined(parts, " AND "),
            Node::Any(parts) => self.joined(parts, " OR "),
            Node::Not(inner) => Ok(Written::truth(format!("(NOT {})", self.of(inner)?.text))),
            Node::IsNull(inner) => Ok(Written::truth(format!("({} IS NULL)", self.of(inner)?.text))),
            Node::Is(inner, wanted) => {
                let inner = self.of(inner)?.text;
                let is_so = if *wanted { inner } else { format!("(NOT {inner})") };
                Ok(Written::truth(format!("COALESCE({is_so}, FALSE)")))
            }
            Node::Between(of, low, high, _) => {
                let of = self.of(of)?;
                let above = compared(Comparison::GreaterOrEqual, of.clone(), self.of(low)?)?;
                let below = compared(Comparison::LessOrEqual, of, self.of(high)?)?;
                Ok(Written::truth(format!("({} AND {})", above.text, below.text)))
            }
            Node::Among(of, list, _) => self.among(of, list),
            Node::Like(_, pattern) if pattern.ignores_case() => Err(refused_on_engines("ILIKE")),
            Node::Like(of, pattern) => {
                let pattern = self.named.text(pattern.escaped());
                Ok(Written::truth(format!("({} LIKE {pattern} ESCAPE '!')", self.of(of)?.text)))
            }
            Node::Lower(_) => Err(refused_on_engines("lower(x)")),
            Node::Coalesce(nodes, _) => self.coalesce(nodes),
        }
    }

    fn column(&self, name: &str, holds: Holds) -> Result<Written> {
        let text = self.named.column(name).ok_or_else(|| refused_on_engines(name))?;
        let kind = holds.into();
        Ok(match holds {
            Holds::Text => Written::new(text, kind),
            Holds::Whole => Written { most: MOST_COUNT, ..Written::new(text, kind) },
            Holds::Amount => Written { most: 1 << 63, ..Written::new(text, kind) },
            Holds::Date => Written { most: MOST_DAYS, ..Written::new(text, kind) },
            Holds::Flag => Written::truth(format!("({text} = 1)")),
            Holds::Real => return Err(refused_on_engines(name)),
        })
    }

    fn constant(&self, constant: &Constant) -> Result<Written> {
        Ok(match constant {
            Constant::Text(text) => Written::new(self.named.text(text), Type::Text),
            Constant::Exact(units, decimals) => exact(*units, *decimals)?,
            Constant::Real(number) => return Err(refused_on_engines(&number.to_string())),
            Constant::Date(day) => date(*day),
            Constant::Truth(truth) => Written::truth(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
            Constant::Null(kind) => {
                let sql = match kind {
                    Type::Text => "STRING",
                    Type::Exact(_) => "DECIMAL(38, 0)",
                    Type::Date => "INT",
                    Type::Truth | Type::Null | Type::Later => "BOOLEAN",
                    Type::Real => return Err(refused_on_engines("NULL")),
                };
                Written::new(format!("CAST(NULL AS {sql})"), *kind)
            }
        })
    }

    fn joined(&self, parts: &[Node], between: &str) -> Result<Written> {
        let parts = parts.iter().map(|part| Ok(self.of(part)?.text)).collect::<Result<Vec<_>>>()?;
        Ok(Written::truth(format!("({})", parts.join(between))))
    }

    /// An `IN` list if all its items are constants, else comparisons. Both give the same result, also with NULLs.
    fn among(&self, of: &Node, list: &[Node]) -> Result<Written> {
        let subject = self.of(of)?;
        let items = list.iter().map(|node| self.of(node)).collect::<Result<Vec<_>>>()?;
        let is_listed = |(node, item): (&Node, &Written)| {
            matches!(node, Node::Constant(constant) if !matches!(constant, Constant::Null(_)))
                && item.decimals() <= subject.decimals()
        };
        if list.iter().zip(&items).all(is_listed) {
            let decimals = subject.decimals();
            let texts = items.into_iter().map(|item| Ok(item.rescaled(decimals)?.text));
            let texts = texts.collect::<Result<Vec<_>>>()?;
            return Ok(Written::truth(format!("({} IN ({}))", subject.text, texts.join(", "))));
        }
        // The value before the list is repeated for each item.
        if subject.text.len() * items.len() > MOST_TEXT {
            return Err(too_large());
        }
        let equal =
            items.into_iter().map(|item| Ok(compared(Comparison::Equal, subject.clone(), item)?.text));
        Ok(Written::truth(format!("({})", equal.collect::<Result<Vec<_>>>()?.join(" OR "))))
    }

    fn coalesce(&self, nodes: &[Node]) -> Result<Written> {
        let sides = nodes.iter().map(|node| self.of(node)).collect::<Result<Vec<_>>>()?;
        let decimals = sides.iter().map(Written::decimals).max().unwrap_or(0);
        let sides = sides.into_iter().map(|side| side.rescaled(decimals)).collect::<Result<Vec<_>>>()?;
        let kind = sides.first().map_or(Type::Truth, |side| side.kind);
        let most = sides.iter().map(|side| side.most).max().unwrap_or(0);
        let is_number = matches!(kind, Type::Exact(_));
        let text = |side: &Written| if is_number { wide(side) } else { side.text.clone() };
        let text = format!("COALESCE({})", sides.iter().map(text).collect::<Vec<_>>().join(", "));
        Ok(Written { text, kind, most, constant: None })
    }
}

fn compared(op: Comparison, left: Written, right: Written) -> Result<Written> {
    let decimals = left.decimals().max(right.decimals());
    let (left, right) = (left.rescaled(decimals)?, right.rescaled(decimals)?);
    let op = match op {
        Comparison::Equal => "=",
        Comparison::Unequal => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    };
    Ok(Written::truth(format!("({} {op} {})", left.text, right.text)))
}

/// A calculation; division and floating-point numbers are not supported on engines.
fn calculated(op: Arithmetic, left: Written, right: Written) -> Result<Written> {
    let sign = match op {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => return Err(refused_on_engines("/")),
    };
    match (left.kind, right.kind) {
        (Type::Exact(ours), Type::Exact(theirs)) if op == Arithmetic::Multiply => {
            if ours + theirs > super::literals::MOST_DECIMALS {
                return Err(refused_on_engines("*"));
            }
            let most = within(left.most.checked_mul(right.most))?;
            let text = format!("({} * {})", wide(&left), wide(&right));
            Ok(Written { text, kind: Type::Exact(ours + theirs), most, constant: None })
        }
        (Type::Exact(ours), Type::Exact(theirs)) => {
            let decimals = ours.max(theirs);
            let (left, right) = (left.rescaled(decimals)?, right.rescaled(decimals)?);
            let most = within(left.most.checked_add(right.most))?;
            let text = format!("({} {sign} {})", wide(&left), wide(&right));
            Ok(Written { text, kind: Type::Exact(decimals), most, constant: None })
        }
        (left_kind, right_kind) => {
            let kind = if left_kind == right_kind { Type::Exact(0) } else { Type::Date };
            let most = left.most.saturating_add(right.most);
            if most > 10 * MOST_DAYS {
                return Err(too_large());
            }
            let text = format!("({} {sign} {})", left.text, right.text);
            Ok(Written { text, kind, most, constant: None })
        }
    }
}

fn exact(units: i128, decimals: u8) -> Result<Written> {
    let most = within(Some(units.unsigned_abs()))?;
    let text = match i64::try_from(units) {
        Ok(units) if units >= 0 => units.to_string(),
        Ok(units) => format!("({units})"),
        Err(_) => format!("CAST({units} AS DECIMAL(38, 0))"),
    };
    Ok(Written { text, kind: Type::Exact(decimals), most, constant: Some(units) })
}

fn date(day: Day) -> Written {
    let number = day.number();
    let text = if number < 0 { format!("({number})") } else { number.to_string() };
    Written { text, kind: Type::Date, most: u128::from(number.unsigned_abs()), constant: None }
}

/// A value cast to a number with 38 digits.
fn wide(written: &Written) -> String {
    format!("CAST({} AS DECIMAL(38, 0))", written.text)
}

fn within(most: Option<u128>) -> Result<u128> {
    most.filter(|most| *most < NUMBER_LIMIT).ok_or_else(too_large)
}

/// The error that a part of a condition is not supported on engines.
pub fn refused_on_engines(what: &str) -> Error {
    Error::usage_of("engine_where", &[("what", what.to_owned())])
}

fn too_large() -> Error {
    Error::usage_of("engine_where_large", &[])
}

/// Amounts are handled as whole numbers of their last decimal.
const _: () = assert!(AMOUNT_DECIMALS == 6);
