//! The names of China's provinces and cities, from the data files beside this one.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A province or city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The short form, under which it appears in results.
    pub short: String,
    /// For a city, the short form of its province.
    pub parent: String,
}

impl Place {
    /// Whether a city is a province too: a municipality.
    pub(super) fn is_own_parent(&self) -> bool {
        const OTHERS: [&str; 1] = ["吉林"];
        self.short == self.parent && !OTHERS.contains(&self.short.as_str())
    }
}

/// Places, by every form of their names.
pub(super) struct Gazetteer {
    places: Vec<Place>,
    by_form: HashMap<String, usize>,
    longest: usize,
}

/// The 34 province-level divisions.
pub(super) static PROVINCES: LazyLock<Gazetteer> =
    LazyLock::new(|| Gazetteer::parse(include_str!("china_provinces.tsv"), false));

/// The prefecture-level divisions, and those below that belong to a province directly.
pub(super) static CITIES: LazyLock<Gazetteer> =
    LazyLock::new(|| Gazetteer::parse(include_str!("china_cities.tsv"), true));

impl Gazetteer {
    /// Reads `short, full, (province,) forms`, below lines of remarks and a header.
    fn parse(text: &str, has_parent: bool) -> Self {
        let (mut places, mut by_form, mut longest) = (Vec::new(), HashMap::new(), 0);
        for line in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            let (short, full) = (cell(), cell());
            let parent = if has_parent { cell() } else { "" };
            let forms = cell();
            for form in [short, full].into_iter().chain(forms.split('|')).filter(|form| !form.is_empty()) {
                let form = squash(form);
                longest = longest.max(form.chars().count());
                by_form.insert(form, places.len());
            }
            places.push(Place { short: short.to_owned(), parent: parent.to_owned() });
        }
        Self { places, by_form, longest }
    }

    /// The place with this squashed form.
    pub(super) fn named(&self, form: &str) -> Option<&Place> {
        self.by_form.get(form).map(|&place| &self.places[place])
    }

    /// The place whose longest form begins the text, and the rest of the text. Only for Chinese characters, since a
    /// Latin name has no recognisable end within running text.
    pub(super) fn leading<'a>(&self, text: &'a str) -> Option<(&Place, &'a str)> {
        let ends: Vec<usize> = text
            .char_indices()
            .take(self.longest)
            .take_while(|(_, c)| !c.is_ascii())
            .map(|(start, c)| start + c.len_utf8())
            .collect();
        ends.into_iter().rev().find_map(|end| Some((self.named(&text[..end])?, &text[end..])))
    }
}

/// The form in which names are compared: lower case, without spaces, apostrophes and hyphens.
pub(super) fn squash(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_are_whole() {
        assert_eq!(PROVINCES.places.len(), 34);
        assert!(CITIES.places.len() > 380);
        for city in &CITIES.places {
            assert!(PROVINCES.named(&city.parent).is_some(), "{city:?}");
        }
    }
}
