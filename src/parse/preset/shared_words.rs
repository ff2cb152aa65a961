//! The meaning of status words if the platform is unknown: layouts of ordinary names know the words of every platform.

use std::collections::{BTreeMap, BTreeSet};

use crate::parse::preset::{Preset, StatusWord};
use crate::schema::{Field, squash};

/// The layout whose own status words decide if platforms use a word for different things.
const ORDINARY: &str = "generic_orders";

/// Adds the words of all platforms to the layouts of ordinary names, after their own. A word that platforms use for
/// different things stays unknown unless [`ORDINARY`] gives it a meaning; its rows are then refused instead of being
/// counted wrongly.
pub(super) fn share(presets: &mut [Preset]) {
    let shared = shared(presets);
    let of_names = |preset: &&mut Preset| {
        preset.is_generic() && !preset.inherits() && preset.fields.contains_key(Field::Status.name())
    };
    for preset in presets.iter_mut().filter(of_names) {
        let own: BTreeSet<String> = preset.status_words().map(|(word, _)| squash(word)).collect();
        for (word, meaning) in &shared {
            if !own.contains(&squash(word)) {
                preset.status.entry(meaning.name().to_owned()).or_default().push(word.clone());
            }
        }
    }
}

/// The words of all layouts that have exactly one meaning.
fn shared(presets: &[Preset]) -> Vec<(String, StatusWord)> {
    let uses = uses(presets);
    let ordinary = presets.iter().find(|preset| preset.name == ORDINARY);
    let decided: BTreeMap<String, StatusWord> =
        ordinary.into_iter().flat_map(Preset::status_words).map(|(word, of)| (squash(word), of)).collect();
    let one = |(key, (word, meanings)): (String, (String, BTreeSet<StatusWord>))| {
        let only = meanings.first().copied().filter(|_| meanings.len() == 1);
        Some((word, decided.get(&key).copied().or(only)?))
    };
    uses.into_iter().filter_map(one).collect()
}

/// Every status word of any layout in its compared form, with one spelling and the meanings that layouts give it.
fn uses(presets: &[Preset]) -> BTreeMap<String, (String, BTreeSet<StatusWord>)> {
    let mut uses: BTreeMap<String, (String, BTreeSet<StatusWord>)> = BTreeMap::new();
    // The meanings of blank cells, numbers and beginnings of words are specific to one platform.
    let is_word =
        |(word, _): &(&str, StatusWord)| word.chars().any(char::is_alphabetic) && !word.ends_with('*');
    for (word, meaning) in presets.iter().flat_map(Preset::status_words).filter(is_word) {
        let (_, meanings) = uses.entry(squash(word)).or_insert_with(|| (word.to_owned(), BTreeSet::new()));
        meanings.insert(meaning);
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that two layouts use for different things, with what they mean where the platform is not known.
    #[test]
    fn words_of_two_meanings_are_decided_by_name() {
        let presets: Vec<Preset> =
            Preset::all().expect("the presets load").iter().map(|preset| (**preset).clone()).collect();
        // Without what the layouts of ordinary names were given.
        let platforms: Vec<Preset> = presets.iter().filter(|preset| !preset.is_generic()).cloned().collect();
        let uses = uses(&platforms).into_values().filter(|(_, meanings)| meanings.len() > 1);
        let ordinary = Preset::named(ORDINARY).expect("it is there");
        let decided = |word: &str| {
            let found = ordinary.status_words().find(|(own, _)| squash(own) == squash(word));
            found.map_or("unknown", |(_, meaning)| meaning.name())
        };
        let mut found: Vec<String> =
            uses.map(|(word, _)| format!("{} {}", squash(&word), decided(&word))).collect();
        found.sort();
        assert_eq!(found, EXPECTED);
    }

    /// Where one reading is of money that is there and the other of money that may not be, the careful one was taken,
    /// unless most shops that write the word have been paid.
    const EXPECTED: [&str; 21] = [
        // To be confirmed by the seller, in some shops before the payment.
        "chờxácnhận pending",
        "cleared paid",
        // With a payment date it means refunded.
        "closed closed",
        "confirmed paid",
        "delivered completed",
        "enproceso paid",
        "incomplete closed_unpaid",
        "inprogress paid",
        // An invoice is mostly sent before it is paid.
        "invoiced pending",
        "open pending",
        "partiallyrefunded paid",
        "partiallyshipped shipped",
        "pending pending",
        "processing paid",
        "shipping shipped",
        "voided closed_unpaid",
        "đãgiao completed",
        "买家已签收 completed",
        "已关闭 closed_unpaid",
        "待自提 paid",
        "部分支付 pending",
    ];
}
