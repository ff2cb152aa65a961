//! Texts that are too long for a cell of a workbook.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::locale::Remark;

/// The most characters in a cell, as Excel counts them: UTF-16 units.
const MAX_TEXT: usize = 32_767;

/// How many texts were cut; clones share the count.
#[derive(Debug, Clone, Default)]
pub struct CutTexts(Arc<AtomicU64>);

impl CutTexts {
    /// The remark about it for the user, if any text was cut.
    pub fn remark(&self) -> Option<Remark> {
        let count = self.0.load(Ordering::Relaxed);
        (count > 0).then(|| Remark::new("cells_cut").with("n", count))
    }

    /// The text, cut to what a cell can hold.
    pub(super) fn fit(&self, text: &str) -> String {
        const MARK: char = '…';
        if text.len() <= MAX_TEXT || text.encode_utf16().count() <= MAX_TEXT {
            return text.to_owned();
        }
        self.0.fetch_add(1, Ordering::Relaxed);
        let mut len = MARK.len_utf16();
        let fitting = text.chars().take_while(|c| {
            len += c.len_utf16();
            len <= MAX_TEXT
        });
        fitting.chain([MARK]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_a_cell_is_full_and_said_to_be() {
        let cut = CutTexts::default();
        for count in [0, 1, MAX_TEXT] {
            let text = "茶".repeat(count);
            assert!(cut.fit(&text) == text, "{count}");
        }
        assert_eq!(cut.remark(), None);
        let text = cut.fit(&"茶".repeat(MAX_TEXT + 1));
        assert_eq!(text.chars().count(), MAX_TEXT);
        assert!(text.ends_with("茶…"));
        // 16,383 cups of two units fill all but one, which the mark takes.
        assert_eq!(cut.fit(&"🍵".repeat(16_384)), format!("{}…", "🍵".repeat(16_383)));
        assert_eq!(cut.remark(), Some(Remark::new("cells_cut").with("n", 2)));
    }
}
