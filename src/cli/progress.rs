//! Progress on a terminal's standard error.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::locale::Locale;
use crate::parse::source::{Input, Place, Progress};

/// A progress bar on a terminal's stderr for long work: bytes, rows per second, time left.
pub fn bar(
    inputs: &[Input],
    progress: &Progress,
    is_quiet: bool,
    locale: &'static Locale,
) -> Option<ProgressBar> {
    const NOTICEABLE: u64 = 32 << 20;
    let sizes = inputs.iter().map(|input| match &input.place {
        Place::File(path) => std::fs::metadata(path).map(|meta| meta.len()).ok(),
        Place::Bytes(_, bytes) => Some(bytes.len() as u64),
        // Not all of a store's files are read to the end.
        Place::Store(_) => Some(0),
        Place::Stdin => None,
    });
    let total: Option<u64> = sizes.sum();
    if is_quiet || total.is_some_and(|total| total < NOTICEABLE) || !std::io::stderr().is_terminal() {
        return None;
    }
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "progress"),
        None => (ProgressBar::new_spinner(), "progress_of_unknown"),
    };
    // The templates are our own texts; a mistake in them shows at once.
    let template = locale.get("text", template);
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (progress, shown) = (progress.clone(), bar.clone());
    std::thread::spawn(move || {
        let start = Instant::now();
        while !shown.is_finished() {
            let (bytes, rows) = progress.so_far();
            let in_a_second = rows as f64 / start.elapsed().as_secs_f64().max(0.001);
            let rate = HumanCount(in_a_second as u64).to_string();
            shown.set_message(locale.fill("progress_rate", &[("n", &rate)]));
            match total {
                Some(total) if bytes >= total => shown.set_message(locale.get("text", "progress_done")),
                _ => {}
            }
            shown.set_position(bytes);
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    Some(bar)
}
