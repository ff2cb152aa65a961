//! A Spark cluster, through Spark Connect.
//!
//! Apache's client blocks without a time limit and may panic. Every call to it therefore runs on a thread of its own,
//! while [`Cluster::call`] checks whether the server can still be reached.

mod connection;
mod failed;
mod received;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use polars::prelude::DataFrame;

use self::connection::{Answered, Connection, files, sql};
use super::{Address, Dialect, Engine};
use crate::engine::rows::Rows;
use crate::error::{Error, Result};
use crate::export::{ABOUT_TABLE, TABLES};
use crate::locale::harmless;
use crate::schema::names;

/// The environment variables that may hold the token: our own, and the one of Spark's clients.
const TOKENS: [&str; 2] = ["ECRM_ENGINE_TOKEN", "SPARK_CONNECT_AUTHENTICATE_TOKEN"];

/// How often it is checked that a working server can be reached.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// After how many failed checks in a row the server is given up. A server that was restarted has lost the session
/// anyway.
const MAX_AWAY: u32 = 3;

/// How long a server may take to open a session.
const GREETING_WAIT: Duration = Duration::from_secs(60);

/// How long closing the session may take.
const FAREWELL_WAIT: Duration = Duration::from_secs(5);

/// A session of a Spark cluster.
pub struct Cluster {
    address: Address,
    connection: Arc<Connection>,
}

impl Cluster {
    /// Opens a session, with the token from the environment.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the token.
    pub fn connect(address: Address) -> Result<Self> {
        let token = TOKENS.iter().find_map(|name| std::env::var(name).ok().filter(|token| !token.is_empty()));
        if token.is_some() && !address.keeps_secrets() {
            return Err(Error::usage_of("engine_token_in_clear", &[("engine", address.name())]));
        }
        if let Err(error) = address.reach() {
            let values = [("engine", address.name()), ("system", error.to_string())];
            return Err(Error::data_of("engine_unreachable", &values));
        }
        let url = address.with_token(token.as_deref());
        let greeting = run(move || {
            let connection = Connection::new(&url)?;
            // With this setting, a sum that overflows 64 bits is an error and not a wrong number.
            connection.set("spark.sql.ansi.enabled", "true").map(|()| connection)
        });
        let greeted = greeting.within(GREETING_WAIT, &address)?;
        let connection = Arc::new(greeted.map_err(|error| failed::error(&error, &address))?);
        Ok(Self { address, connection })
    }

    /// Makes the tables of the export at `path`, as the cluster sees it, known by their names.
    ///
    /// # Errors
    /// When there is no export at the path.
    pub fn open(&self, path: &str) -> Result<()> {
        let path = path.trim_end_matches('/').to_owned();
        for table in std::iter::once(&ABOUT_TABLE).chain(TABLES) {
            let folder = format!("{path}/{}", table.name);
            // If the columns are not given, the cluster runs a job to find them.
            let columns = Some(table.sql());
            self.call(move |connection| connection.name(files(&folder, columns), table.name))?
                .map_err(|error| failed::of_table(&error, &self.address, (&path, table.name)))?;
        }
        Ok(())
    }

    /// Makes the rows of a statement known as a table of this session.
    ///
    /// # Errors
    /// Those of [`Engine::rows`].
    pub fn define(&self, table: &str, statement: &str) -> Result<()> {
        let (table, rows) = (table.to_owned(), sql(statement));
        self.done(move |connection| connection.name(rows, &table))
    }

    /// Lets the cluster write the rows of a statement as Parquet files into a folder that it reaches, and counts the
    /// written rows.
    ///
    /// # Errors
    /// The errors of [`Engine::rows`]; also when the folder exists and must not be replaced.
    pub fn write(&self, statement: &str, folder: &str, replaces: bool) -> Result<u64> {
        /// The written files are counted as a table of this name.
        const WRITTEN: &str = "written";
        if replaces {
            self.check_is_list(statement, folder)?;
        }
        let (rows, target) = (sql(statement), folder.to_owned());
        self.call(move |connection| connection.write(rows, &target, replaces))?
            .map_err(|error| failed::of_target(&error, &self.address, folder))?;
        let written = files(folder, None);
        self.done(move |connection| connection.name(written, WRITTEN))?;
        let counted = Rows::new(self.rows(&format!("SELECT COUNT(*) AS row_count FROM {WRITTEN}"))?, WRITTEN);
        Ok(counted.one(names::ROW_COUNT)?.unwrap_or(0))
    }

    /// Refuses to replace a folder that is not a list with the columns of the statement, since everything in it would
    /// be deleted.
    fn check_is_list(&self, statement: &str, folder: &str) -> Result<()> {
        let columns = |query: &str| -> Result<Vec<Option<String>>> {
            let described = self.rows(&format!("DESCRIBE QUERY {query}"))?;
            Rows::new(described, "described").texts("col_name")
        };
        let there = format!("SELECT * FROM parquet.`{}`", folder.replace('`', "``"));
        let query = sql(&format!("DESCRIBE QUERY {there}"));
        let is_list = match self.call(move |connection| connection.rows(query))? {
            // Nothing exists that would be replaced.
            Err(error) if error.error_class.starts_with("PATH_NOT_FOUND") => true,
            Err(_) => false,
            Ok(_) => columns(&there)? == columns(statement)?,
        };
        let folder = || harmless(folder).into_owned();
        is_list.then_some(()).ok_or_else(|| Error::usage_of("engine_replaces", &[("folder", folder())]))
    }

    /// The result of a call; a failure becomes our own error.
    fn done<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Answered<T> + Send + 'static,
    ) -> Result<T> {
        self.call(work)?.map_err(|error| failed::error(&error, &self.address))
    }

    /// The result of a call; the call is given up when the server cannot be reached any more.
    fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Answered<T> + Send + 'static,
    ) -> Result<Answered<T>> {
        let connection = Arc::clone(&self.connection);
        run(move || work(&connection)).while_there(&self.address)
    }
}

impl Engine for Cluster {
    fn dialect(&self) -> Dialect {
        Dialect::Spark
    }

    fn rows(&self, statement: &str) -> Result<DataFrame> {
        let rows = sql(statement);
        received::frame(&self.done(move |connection| connection.rows(rows))?)
    }
}

impl Drop for Cluster {
    /// Asks the server to forget the session. A failure is ignored.
    fn drop(&mut self) {
        let connection = Arc::clone(&self.connection);
        let _ = run(move || connection.end()).within(FAREWELL_WAIT, &self.address);
    }
}

/// A call of the client that runs on a thread of its own.
struct Running<T>(Receiver<Option<Answered<T>>>);

/// Starts a call.
fn run<T: Send + 'static>(work: impl FnOnce() -> Answered<T> + Send + 'static) -> Running<T> {
    let (sender, receiver) = channel();
    // The receiver may be gone if the caller has given up.
    thread::spawn(move || sender.send(crate::parse::guarded(work)));
    Running(receiver)
}

impl<T> Running<T> {
    /// The result of the call, if it arrives in time.
    fn within(self, wait: Duration, address: &Address) -> Result<Answered<T>> {
        match self.0.recv_timeout(wait) {
            Ok(done) => unbroken(done, address),
            Err(_) => {
                let values = [("engine", address.name()), ("n", wait.as_secs().to_string())];
                Err(Error::data_of("engine_silent", &values))
            }
        }
    }

    /// The result of the call, however long it takes, as long as the server can be reached.
    fn while_there(self, address: &Address) -> Result<Answered<T>> {
        let mut away = 0;
        loop {
            match self.0.recv_timeout(LOOK_EVERY) {
                Ok(done) => return unbroken(done, address),
                Err(RecvTimeoutError::Disconnected) => return unbroken(None, address),
                Err(RecvTimeoutError::Timeout) => away = if address.reach().is_ok() { 0 } else { away + 1 },
            }
            if away == MAX_AWAY {
                return Err(failed::gone(address));
            }
        }
    }
}

/// The result of the call; an error if the client panicked.
fn unbroken<T>(done: Option<Answered<T>>, address: &Address) -> Result<Answered<T>> {
    done.ok_or_else(|| Error::data_of("engine_client", &[("engine", address.name())]))
}
