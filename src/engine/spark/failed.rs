//! Turns errors of a cluster into messages of our own: what the user can do, and the first line of the server's
//! message.

use spark_connect_core::SparkError;

use crate::engine::Address;
use crate::error::Error;
use crate::locale::harmless;

/// Status codes of gRPC.
const PERMISSION_DENIED: i32 = 7;
const UNAVAILABLE: i32 = 14;
const UNAUTHENTICATED: i32 = 16;

/// The most characters of a server's message that are shown.
const MAX_SEEN: usize = 300;

/// The error for a failed call.
pub fn error(error: &SparkError, address: &Address) -> Error {
    let engine = ("engine", address.name());
    match error.grpc_code() {
        Some(UNAUTHENTICATED | PERMISSION_DENIED) => Error::data_of("engine_token", &[engine]),
        Some(UNAVAILABLE) => gone(address),
        _ if error.message.contains("ExecutorLostFailure") => {
            Error::data_of("engine_executor", &[engine, ("seen", seen(error))])
        }
        // What Spark says itself has a class; else it may have been the connection.
        _ if error.error_class.is_empty() && address.reach().is_err() => gone(address),
        _ => Error::data_of("engine_failed", &[engine, ("seen", seen(error))]),
    }
}

/// The error for a failed call about a table of the export at a path, where the table may be missing.
pub fn of_table(failed: &SparkError, address: &Address, (path, table): (&str, &str)) -> Error {
    /// Spark's error classes for a folder without files, and for files that are not Parquet.
    const NO_TABLE: [&str; 4] =
        ["PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA", "FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER"];
    match NO_TABLE.iter().any(|class| failed.error_class.starts_with(class)) {
        true => {
            let path = harmless(path).into_owned();
            let values = [("path", path), ("name", table.to_owned()), ("engine", address.name())];
            Error::data_of("engine_no_table", &values)
        }
        false => error(failed, address),
    }
}

/// The error for a failed call that writes into a folder, where something may exist already.
pub fn of_target(failed: &SparkError, address: &Address, folder: &str) -> Error {
    match failed.error_class.as_str() {
        "PATH_ALREADY_EXISTS" => {
            Error::usage_of("engine_target_exists", &[("folder", harmless(folder).into_owned())])
        }
        _ => error(failed, address),
    }
}

/// The error that the server cannot be reached any more.
pub fn gone(address: &Address) -> Error {
    Error::data_of("engine_gone", &[("engine", address.name())])
}

/// The first line of the server's message, cut to [`MAX_SEEN`] characters.
fn seen(error: &SparkError) -> String {
    let message = if error.message.is_empty() { error.message() } else { error.message.clone() };
    let line = message.trim().lines().next().unwrap_or_default();
    let mut shown: String = line.chars().take(MAX_SEEN).collect();
    if line.chars().count() > MAX_SEEN {
        shown.push('…');
    }
    harmless(&shown).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address where nothing listens.
    fn address() -> Address {
        Address::parse("sc://localhost:1").expect("an address")
    }

    fn failed(code: i32, class: &str, message: &str) -> SparkError {
        let mut error = SparkError::connect_msg(message);
        error.grpc_code = Some(code);
        error.error_class = class.to_owned();
        error
    }

    #[test]
    fn each_failure_is_said_for_what_it_is() {
        let said = |code, class, message| error(&failed(code, class, message), &address()).to_string();
        assert!(said(16, "", "Invalid token").contains("token"));
        assert!(said(14, "", "tcp connect error").contains("does not answer any more"));
        assert!(said(2, "", "h2 protocol error").contains("does not answer any more"));
        assert!(
            said(13, "", "Job aborted due to stage failure: ExecutorLostFailure (x)").contains("executor")
        );
        let refused = said(13, "PARSE_SYNTAX_ERROR", "[PARSE_SYNTAX_ERROR] Syntax error\n== SQL ==\nSELECT");
        assert!(refused.contains("Syntax error") && !refused.contains("SELECT"), "{refused}");
        assert!(said(13, "INTERNAL_ERROR", &"x".repeat(10_000)).len() < 500);
    }

    #[test]
    fn what_is_not_there_and_what_is_are_named() {
        let missing = failed(13, "PATH_NOT_FOUND", "[PATH_NOT_FOUND] Path does not exist");
        let error = of_table(&missing, &address(), ("s3a://shop/tables", "orders"));
        assert!(error.to_string().contains("s3a://shop/tables") && error.exit_code() == 1, "{error}");
        let taken = failed(13, "PATH_ALREADY_EXISTS", "[PATH_ALREADY_EXISTS] Path exists");
        let error = of_target(&taken, &address(), "s3a://shop/list");
        assert!(error.to_string().contains("s3a://shop/list") && error.exit_code() == 2, "{error}");
    }
}
