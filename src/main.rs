//! The `ecrm` binary: parses the command line, runs the command, and maps an error to an exit code.

mod signals;

use std::process::ExitCode;

use anyhow::Context;
use ecrm::Error;
use ecrm::cli::{Asked, tell_error};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error),
    }
}

fn start() -> anyhow::Result<()> {
    let asked = Asked::from_process()?;
    set_threads(asked.threads());
    signals::watch().context("cannot watch for signals")?;
    // Our own parallel work and that of polars share one thread pool.
    Ok(polars_core::runtime::THREAD_POOL.install(|| asked.run())?)
}

/// Reports an error and returns its exit code. A closed pipe is no failure.
fn fail(error: anyhow::Error) -> ExitCode {
    // Errors of commands have their place, their hint and both languages; anything else is a defect.
    let error = error.downcast::<Error>().unwrap_or_else(|other| Error::Internal(format!("{other:#}")));
    if error.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    let code = error.exit_code();
    tell_error(&error);
    ExitCode::from(code)
}

/// Sets the number of threads of the pool, which is created on first use.
fn set_threads(threads: Option<u16>) {
    let Some(threads) = threads else { return };
    // SAFETY: this is the only thread so far; polars reads the variable when its pool is made.
    #[expect(unsafe_code, reason = "polars takes its thread count from the environment alone")]
    unsafe {
        std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
    }
}
