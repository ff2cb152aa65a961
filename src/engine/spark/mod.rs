//! A Spark cluster, through Spark Connect.
//!
//! Apache's client blocks, and in places waits for a server that is gone for many minutes, or panics: every call to it
//! runs on a thread of its own, beside which [`Cluster::call`] looks whether the server is still there.

mod failed;
mod received;

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use polars::prelude::DataFrame;
use spark_connect::SparkSession;

use super::{Address, Dialect, Engine};
use crate::error::{Error, Result};
use crate::export::{ABOUT_TABLE, TABLES};

/// The variable of the environment that has the token.
const TOKEN: &str = "ECRM_ENGINE_TOKEN";

/// How often it is looked whether the server is there while it works.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often in a row it may be away before it is given up: a server that is started anew has lost the session anyway.
const MAX_AWAY: u32 = 3;

/// How long a server may take to say who it is.
const GREETING_WAIT: Duration = Duration::from_secs(60);

/// How long its goodbye is waited for.
const FAREWELL_WAIT: Duration = Duration::from_secs(5);

/// A session of a Spark cluster.
pub struct Cluster {
    address: Address,
    session: SparkSession,
}

impl Cluster {
    /// Opens a session, with the token of the environment.
    ///
    /// # Errors
    /// When nothing answers there, or it refuses the token.
    pub fn connect(address: Address) -> Result<Self> {
        let token = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
        if token.is_some() && !address.keeps_secrets() {
            return Err(Error::usage_of("engine_token_in_clear", &[("engine", address.name())]));
        }
        if let Err(error) = address.reach() {
            let values = [("engine", address.name()), ("system", error.to_string())];
            return Err(Error::data_of("engine_unreachable", &values));
        }
        let url = address.with_token(token.as_deref());
        let session = run(move || SparkSession::builder().remote(&url).get_or_create());
        let session = session.within(GREETING_WAIT, &address)?.map_err(|error| failed::error(&error, &address))?;
        let cluster = Self { address, session };
        let greeting = |session: SparkSession| {
            session.version()?;
            // An amount that 64 bits do not hold stops a statement, in place of giving a wrong number.
            session.conf().set("spark.sql.ansi.enabled", "true")
        };
        let session = cluster.session.clone();
        let greeted = run(move || greeting(session)).within(GREETING_WAIT, &cluster.address)?;
        greeted.map_err(|error| failed::error(&error, &cluster.address))?;
        Ok(cluster)
    }

    /// Makes the tables of the export that is at a path, as the cluster sees it, known by their names.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(&self, path: &str) -> Result<()> {
        let path = path.trim_end_matches('/').to_owned();
        for table in std::iter::once(&ABOUT_TABLE).chain(TABLES) {
            let (name, files) = (table.name, format!("{path}/{}", table.name));
            // A cluster that is not told the columns looks for them with a job of its own.
            let columns = table.sql();
            let known = move |session: SparkSession| {
                session.read().schema(columns).parquet(&files).create_or_replace_temp_view(name)
            };
            self.call(known)?.map_err(|error| failed::of_table(&error, &self.address, (&path, name)))?;
        }
        Ok(())
    }

    /// Makes the rows of a statement known as a table of this session.
    ///
    /// # Errors
    /// Those of [`Engine::rows`].
    pub fn define(&self, table: &str, sql: &str) -> Result<()> {
        let (table, sql) = (table.to_owned(), sql.to_owned());
        self.done(move |session| session.sql(&sql)?.create_or_replace_temp_view(&table))
    }

    /// Has the cluster write the rows of a statement as Parquet files into a folder that it reaches, and counts them there.
    ///
    /// # Errors
    /// Those of [`Engine::rows`]; when there is something already and it is not to be replaced.
    pub fn write(&self, sql: &str, folder: &str, replaces: bool) -> Result<u64> {
        let mode = if replaces { "overwrite" } else { "errorifexists" };
        let (asked, target) = (sql.to_owned(), folder.to_owned());
        self.call(move |session| session.sql(&asked)?.write().format("parquet").mode(mode).save(Some(&target)))?
            .map_err(|error| failed::of_target(&error, &self.address, folder))?;
        let target = folder.to_owned();
        let rows = self.done(move |session| session.read().parquet(&target).count())?;
        u64::try_from(rows).map_err(|_| Error::Internal(format!("{rows} rows were counted")))
    }

    /// What comes of a call, where it succeeds.
    fn done<T: Send + 'static>(
        &self,
        work: impl FnOnce(SparkSession) -> spark_connect::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.call(work)?.map_err(|error| failed::error(&error, &self.address))
    }

    /// What comes of a call, which ends when the server is there no more.
    fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(SparkSession) -> spark_connect::Result<T> + Send + 'static,
    ) -> Result<spark_connect::Result<T>> {
        let session = self.session.clone();
        run(move || work(session)).while_there(&self.address)
    }
}

impl Engine for Cluster {
    fn dialect(&self) -> Dialect {
        Dialect::Spark
    }

    fn rows(&self, sql: &str) -> Result<DataFrame> {
        let sql = sql.to_owned();
        let batches = self.done(move |session| session.sql(&sql)?.collect_record_batches())?;
        received::frame(&batches)
    }
}

impl Drop for Cluster {
    /// The server may forget the session; that it does not hear of it is no failure.
    fn drop(&mut self) {
        let session = self.session.clone();
        let _ = run(move || session.stop()).within(FAREWELL_WAIT, &self.address);
    }
}

/// What the client does on a thread of its own.
struct Running<T>(Receiver<Option<spark_connect::Result<T>>>);

/// Begins it.
fn run<T: Send + 'static>(
    work: impl FnOnce() -> spark_connect::Result<T> + Send + 'static,
) -> Running<T> {
    let (sender, receiver) = channel();
    // Whoever waits may have given it up.
    thread::spawn(move || sender.send(crate::parse::guarded(work)));
    Running(receiver)
}

impl<T> Running<T> {
    /// What comes of it, where that is in time.
    fn within(self, wait: Duration, address: &Address) -> Result<spark_connect::Result<T>> {
        match self.0.recv_timeout(wait) {
            Ok(done) => unbroken(done, address),
            Err(_) => {
                let values = [("engine", address.name()), ("n", wait.as_secs().to_string())];
                Err(Error::data_of("engine_silent", &values))
            }
        }
    }

    /// What comes of it, however long it takes, as long as the server is there.
    fn while_there(self, address: &Address) -> Result<spark_connect::Result<T>> {
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

/// What came of a call; none where the client panicked.
fn unbroken<T>(done: Option<spark_connect::Result<T>>, address: &Address) -> Result<spark_connect::Result<T>> {
    done.ok_or_else(|| Error::data_of("engine_client", &[("engine", address.name())]))
}
