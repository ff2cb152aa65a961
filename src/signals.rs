//! Handles the signals that end a run: unfinished outputs are removed first.

#[cfg(unix)]
pub use unix::watch;

#[cfg(unix)]
mod unix {
    use std::io;

    use ecrm::present::sink::remove_unfinished;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::exit;

    /// From now on SIGINT, SIGTERM and SIGHUP remove unfinished outputs before the process ends with exit code 130, 143
    /// or 129. These are 128 plus the signal's number, as shells report a process that a signal ended. A signal that
    /// was ignored when the process started stays ignored (`nohup`, and SIGINT in jobs that a script starts with `&`).
    pub fn watch() -> io::Result<()> {
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)))?;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            if let Some(signal) = signals.forever().next() {
                remove_unfinished();
                // The process exits immediately, so that no other thread finishes what it is doing.
                exit(128 + signal);
            }
        })?;
        Ok(())
    }

    #[expect(unsafe_code, reason = "the C library alone knows how a signal is dealt with")]
    fn is_ignored(signal: i32) -> bool {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: without a new action the old one is written to `action`, which is zeroed and of its type.
        unsafe {
            libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
                && action.assume_init().sa_sigaction == libc::SIG_IGN
        }
    }
}

/// From now on Ctrl-C removes unfinished outputs before the process ends.
#[cfg(not(unix))]
pub fn watch() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        ecrm::present::sink::remove_unfinished();
        std::process::exit(130);
    })
}
