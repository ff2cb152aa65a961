//! Progress on a terminal's standard error.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::ingest::source::{BytesRead, Input, Place};

/// A bar on a terminal's stderr for work that takes long enough to wonder.
pub fn bar(inputs: &[Input], bytes_read: &BytesRead, is_quiet: bool) -> Option<ProgressBar> {
    const NOTICEABLE: u64 = 32 << 20;
    let sizes = inputs.iter().map(|input| match &input.place {
        Place::File(path) => std::fs::metadata(path).map(|meta| meta.len()).ok(),
        Place::Bytes(_, bytes) => Some(bytes.len() as u64),
        // Its files are not read from end to end.
        Place::Store(_) => Some(0),
        Place::Stdin => None,
    });
    let total: Option<u64> = sizes.sum();
    if is_quiet || total.is_some_and(|total| total < NOTICEABLE) || !std::io::stderr().is_terminal() {
        return None;
    }
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "reading {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "reading {bytes}, {bytes_per_sec}"),
    };
    // The templates are constants that a wrong edit would show at once.
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (read, shown) = (Arc::clone(bytes_read), bar.clone());
    std::thread::spawn(move || {
        while !shown.is_finished() {
            shown.set_position(read.load(Ordering::Relaxed));
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    Some(bar)
}
