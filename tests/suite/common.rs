//! Running the binary and the library.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use ecrm::metrics::customer_facts::{CustomerFacts, customer_facts};
use ecrm::metrics::{Scope, ScopeRequest};
use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::reading::{Ingested, read_orders};
use ecrm::schema::accounting::Accounting;
use ecrm::schema::{CustomerCode, Orders};

/// The binary, with an environment that does not depend on where the tests run.
pub fn ecrm() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecrm"));
    command.env_clear().env("LANG", "en_US.UTF-8").env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The binary for tests that send it signals. Whoever runs the tests may ignore some (`nohup`, and shells for what a script
/// starts with `&`), and what is ignored would be inherited.
#[cfg(unix)]
pub fn ecrm_with_default_signals() -> Command {
    let mut command = Command::new("env");
    command.env_clear().env("LANG", "en_US.UTF-8").env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.args(["--default-signal=HUP,INT,TERM", env!("CARGO_BIN_EXE_ecrm")]);
    command
}

pub fn run(args: &[&str]) -> Output {
    ecrm().args(args).output().unwrap()
}

/// Standard output of a run that must succeed.
pub fn stdout(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Exit code and standard error.
pub fn failure(args: &[&str]) -> (i32, String) {
    let output = run(args);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

pub fn ingest(files: &[&Path]) -> ecrm::Result<Ingested> {
    let inputs: Vec<Input> = files.iter().map(|path| Input::file(*path)).collect();
    read_orders(&inputs, &ReadOptions::default())?.in_order()
}

/// All time up to the last day of the orders.
pub fn all_time(orders: &Orders) -> Scope {
    ScopeRequest::default().settled(orders, None).unwrap()
}

/// Net amount (micro-units) and order count per customer of a fixture, and the whole accounting.
pub fn buyers(files: &[&str]) -> (BTreeMap<String, (i64, u32)>, Accounting) {
    let paths: Vec<&Path> = files.iter().map(Path::new).collect();
    let ingested = ingest(&paths).unwrap();
    let facts = customer_facts(&ingested.orders, &all_time(&ingested.orders), ingested.accounting).unwrap();
    (by_customer(&facts, &ingested.orders), facts.accounting)
}

pub fn by_customer(facts: &CustomerFacts, orders: &Orders) -> BTreeMap<String, (i64, u32)> {
    let frame = facts.frame().unwrap();
    let codes = frame.column("customer").unwrap().u32().unwrap();
    let net = frame.column("net_amount").unwrap().i64().unwrap();
    let count = frame.column("order_count").unwrap().u32().unwrap();
    (0..frame.height())
        .map(|row| {
            let id = orders.customers.text(CustomerCode::new(codes.get(row).unwrap()));
            (id, (net.get(row).unwrap(), count.get(row).unwrap()))
        })
        .collect()
}

/// The names in a folder, in order.
pub fn files_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
