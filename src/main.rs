//! The `ecrm` binary: parse, run, map the error to an exit code.

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
    // One pool for our own parallel work and that of polars.
    Ok(polars_core::runtime::THREAD_POOL.install(|| asked.run())?)
}

/// Says what went wrong, and with which exit code. That nobody reads on is no failure.
fn fail(error: anyhow::Error) -> ExitCode {
    // A command's own errors know their place, their hint and both languages; what fails around it is a defect.
    let error = error.downcast::<Error>().unwrap_or_else(|other| Error::Internal(format!("{other:#}")));
    if error.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    let code = error.exit_code();
    tell_error(&error);
    ExitCode::from(code)
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
