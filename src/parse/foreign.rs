//! Guards calls to third-party readers (calamine, polars), which panic on files they did not expect.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many such calls are running.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether such a call runs on this thread. Panics on its worker threads are recognised by where their code lies.
    static IS_AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Returns what `read` gives, or `None` if it panicked; the panic message is not printed. What `read` was reading from
/// must not be used again. Running out of memory cannot be caught, so sizes that a file claims must be checked before.
pub(crate) fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(silence);
    AT_WORK.fetch_add(1, Ordering::SeqCst);
    let outer = IS_AT_WORK.replace(true);
    let given = panic::catch_unwind(AssertUnwindSafe(read));
    IS_AT_WORK.set(outer);
    AT_WORK.fetch_sub(1, Ordering::SeqCst);
    given.ok()
}

/// Suppresses the messages of panics in third-party code; panics of our own code are printed as usual.
fn silence() {
    // The folder of our own code, as the compiler writes it into the location of a panic.
    let ours = &file!()[..file!().len() - "parse/foreign.rs".len()];
    let default_hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_ours = info.location().is_some_and(|at| at.file().starts_with(ours));
        let is_foreign = IS_AT_WORK.get() || (AT_WORK.load(Ordering::SeqCst) > 0 && !is_ours);
        if !is_foreign {
            default_hook(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_nothing_and_the_next_reader_works() {
        assert_eq!(guarded(|| 7), Some(7));
        let nothing: Vec<u8> = Vec::new();
        assert_eq!(guarded(|| nothing[..].first().copied().expect("a byte")), None);
        assert_eq!(guarded(|| guarded(|| nothing[0]).is_none()), Some(true));
        assert!(!IS_AT_WORK.get());
        // Other threads of the pool carry the panic back.
        let many = guarded(|| rayon::join(|| nothing[0], || 8));
        assert_eq!(many, None);
        assert_eq!(guarded(|| 8), Some(8));
    }
}
