//! The `ecrm` binary: parse, run, map the error to an exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use ecrm::cli::Cli;
use ecrm::present::sink::remove_unfinished;
use ecrm::{Error, Result};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 128 + SIGINT, as shells report it.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            let code = error.exit_code();
            report(&error);
            ExitCode::from(code)
        }
    }
}

fn start(cli: Cli) -> Result<()> {
    set_threads(cli.threads);
    ctrlc::set_handler(|| {
        remove_unfinished();
        std::process::exit(INTERRUPTED);
    })
    .map_err(|error| Error::Internal(error.to_string()))?;
    // One pool for our own parallel work and that of polars.
    polars_core::runtime::THREAD_POOL.install(|| cli.run())
}

/// Sets the size of the pool, which is made on first use.
fn set_threads(threads: Option<u16>) {
    let Some(threads) = threads else { return };
    // SAFETY: this is the only thread so far; polars reads the variable when its pool is made.
    #[expect(unsafe_code, reason = "polars takes its thread count from the environment alone")]
    unsafe {
        std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
    }
}

/// `error:` with the cause, `hint:`, in the language of the run.
fn report(error: &Error) {
    let (message, hint) = error.said(ecrm::cli::spoken());
    let hint = hint.map_or_else(String::new, |hint| format!("hint: {hint}\n"));
    // Where standard error is closed too, only the exit code can tell.
    let _ = write!(std::io::stderr(), "error: {message}\n{hint}");
}
