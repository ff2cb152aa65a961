//! Decisions made by hand about pairs of ids.

use crate::error::{Error, Result};
use crate::parse::orders::{Aliases, spellings};
use crate::parse::{Decision, IdentityOptions};
use crate::schema::Key;

/// A decision, with the keys of both ids in every form they may be written.
pub(super) struct Decided {
    pub keys: [Vec<Key>; 2],
    pub decision: Decision,
}

/// Refuses decisions that contradict each other.
///
/// # Errors
/// Bad data, which names the two rows.
pub fn check(options: &IdentityOptions) -> Result<()> {
    decided(options, &Aliases::default()).map(drop)
}

/// The decisions, with aliases in lists of customers resolved first.
///
/// # Errors
/// As [`check`].
pub(super) fn decided(options: &IdentityOptions, listed_aliases: &Aliases) -> Result<Vec<Decided>> {
    let keys = |id: &String| {
        let written = spellings(id).into_iter().chain([id.clone().into_bytes()]);
        let mut keys: Vec<Key> = written.map(|text| listed_aliases.resolve(Key::of(&text))).collect();
        let mut seen = Vec::new();
        keys.retain(|key| !seen.contains(key) && (seen.push(*key), true).1);
        keys
    };
    let of =
        |decision: &Decision| Decided { keys: decision.ids.each_ref().map(keys), decision: decision.clone() };
    let decisions: Vec<Decided> = options.decisions.iter().map(of).collect();
    match contradiction(&decisions) {
        None => Ok(decisions),
        Some((apart, same)) => Err(refusal(&options.file, &apart.decision, same.map(|same| &same.decision))),
    }
}

/// Looks for a decision that keeps two ids apart although other decisions join them. It is returned with the last of
/// the joining decisions, or with `None` if the inputs themselves treat the two ids as one.
fn contradiction(decisions: &[Decided]) -> Option<(&Decided, Option<&Decided>)> {
    // Few decisions are made by hand, so the sets can be merged one by one.
    let mut sets: Vec<Vec<Key>> = Vec::new();
    let mut join = |keys: Vec<Key>| {
        let (joined, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut sets).into_iter().partition(|set| set.iter().any(|key| keys.contains(key)));
        sets = others;
        sets.push(joined.into_iter().flatten().chain(keys).collect());
        let are_one =
            |[a, b]: &[Vec<Key>; 2]| sets.iter().any(|set| set.contains(&a[0]) && set.contains(&b[0]));
        decisions.iter().find(|decided| !decided.decision.is_same && are_one(&decided.keys))
    };
    for written in decisions.iter().flat_map(|decided| &decided.keys) {
        if let Some(apart) = join(written.clone()) {
            return Some((apart, None));
        }
    }
    for same in decisions.iter().filter(|decided| decided.decision.is_same) {
        if let Some(apart) = join(vec![same.keys[0][0], same.keys[1][0]]) {
            return Some((apart, Some(same)));
        }
    }
    None
}

fn refusal(file: &str, apart: &Decision, same: Option<&Decision>) -> Error {
    let row = |decision: &Decision| decision.record.to_string();
    let pair = |decision: &Decision| decision.ids.join(", ");
    let key = if same.is_some() { "identity_conflict" } else { "identity_one" };
    let values = [
        ("apart", pair(apart)),
        ("apart_row", row(apart)),
        ("same", same.map(pair).unwrap_or_default()),
        ("same_row", same.map(row).unwrap_or_default()),
    ];
    Error::input_of(file, key, &values)
}
