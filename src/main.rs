//! The `ecrm` binary: parse, run, map the error to an exit code.

mod signals;

use std::process::ExitCode;

use ecrm::cli::{Cli, tell_error};
use ecrm::{Error, Result};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::from_process();
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            let code = error.exit_code();
            tell_error(&error);
            ExitCode::from(code)
        }
    }
}

fn start(cli: Cli) -> Result<()> {
    set_threads(cli.threads);
    signals::watch().map_err(|error| Error::Internal(error.to_string()))?;
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
