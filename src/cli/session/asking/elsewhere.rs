//! Questions that this process does not answer from files: they are printed as SQL statements, or asked of a cluster
//! over the tables of an export.

use serde_json::json;

use super::Asking;
use crate::answer::Input;
use crate::cli::session::Session;
use crate::cli::{configuration, reading, voice};
use crate::engine::{
    Address, Cluster, Dialect, Ground, ListsOnEngine, OnEngine, ShopOn, Statement, answer, listing,
};
use crate::error::{Error, Result};
use crate::export::About;
use crate::locale::{harmless, sentence};
use crate::metrics::latest;
use crate::parse::IdentityMode;
use crate::present::{Report, scope_and_accounting};
use crate::questions::Answer;
use crate::schema::{Table, Wants};

impl Asking<'_> {
    /// Asks a cluster over the export that is the only input, and writes the answer as if it were computed here.
    ///
    /// # Errors
    /// Wrong usage: a flag that engines do not support, or one about reading files. The errors of the cluster.
    pub fn ask_on<Q: OnEngine>(self, question: &Q, url: &str) -> Result<()> {
        // Some commands write another kind of table with a flag.
        let tables = if self.tables.is_empty() { Q::ABOUT.writes } else { self.tables };
        let (mut session, cluster, path) = self.session_on(question, url)?;
        session.check_table(tables)?;
        if Q::LISTS_PEOPLE {
            session.lists_contacts(false);
        }
        cluster.open(&path)?;
        let shop = ShopOn::open(&cluster, &session.request)?;
        let (answer, about) = {
            let shows = |name: &str| session.shows(tables.first().copied(), name);
            let shop = shop.showing(&shows);
            (answer(question, &shop)?, shop.about().clone())
        };
        session.write_of(&about, &path, answer)
    }

    /// Lets a cluster write a list of customers into a folder that the cluster reaches, and prints how many rows it
    /// has.
    ///
    /// # Errors
    /// The errors of [`Self::ask_on`]; also when the question has no list, or the folder holds something that must not
    /// be replaced.
    pub fn list_on<Q: ListsOnEngine>(
        self,
        question: &Q,
        url: &str,
        (folder, replaces): (&str, bool),
    ) -> Result<()> {
        let command = ("command", Q::ABOUT.name.to_owned());
        if !question.lists() {
            return Err(Error::usage_of("engine_no_list", &[command]));
        }
        if let Some(flag) = self.output_flag() {
            return Err(Error::usage_of("engine_list_flag", &[("flag", flag.to_owned())]));
        }
        question.check_list()?;
        let (session, cluster, path) = self.session_on(question, url)?;
        let folder = target(folder)?;
        if are_nested(&folder, &path) {
            let values = [("name", format!("--output-to {}", harmless(&folder))), ("other", path)];
            return Err(Error::usage_of("folder_is_read", &values));
        }
        cluster.open(&path)?;
        let shop = ShopOn::open(&cluster, &session.request)?;
        let listing = listing(question, &shop)?;
        session.remark(&listing.notes);
        let rows = cluster.write(&listing.statement.text, &folder, replaces)?;
        let report = Report {
            name: Q::ABOUT.name,
            as_of: shop.scope().known_day(),
            window: session.request.window,
            accounting: listing.accounting,
            customer_count: rows,
            ..Report::default()
        };
        voice::mention(&scope_and_accounting(&report, session.spoken)[1]);
        let values = [("rows", rows.to_string()), ("folder", folder)];
        let line = session.spoken.sentence("text", &sentence("engine_written", &values)).into_owned();
        session.sink.write_with(|out| writeln!(out, "{}", harmless(&line)))
    }

    /// Opens the outputs and then a session of the cluster. Also returns the path of the export as the cluster knows
    /// it.
    pub(super) fn session_on<Q: OnEngine>(
        self,
        question: &Q,
        url: &str,
    ) -> Result<(Session, Cluster, String)> {
        let address = Address::parse(url)?;
        self.check_engine(question)?;
        self.check_reads_an_export()?;
        let path = match self.input.files.as_slice() {
            [path] => as_the_cluster_has(path),
            others => {
                return Err(Error::usage_of("engine_path", &[("n", others.len().to_string())]));
            }
        };
        let options = reading::options(self.input, &self.config)?;
        self.unmask();
        let session = self.begin(Q::ABOUT.name, &Wants::default(), Vec::new(), options)?;
        session.remark(configuration::note(&session.config).as_slice());
        session.remark(configuration::idle(&session.config).as_slice());
        session.remark(latest::future_as_of(&session.request, session.today()).as_slice());
        if session.is_verbose {
            session.remark(configuration::detail(&session.config).as_slice());
        }
        let name = address.name();
        let cluster = Cluster::connect(address)?;
        voice::detail(
            &session.spoken.fill("engine_opened", &[("engine", &name), ("path", &harmless(&path))]),
        );
        Ok((session, cluster, path))
    }

    /// The statements that answer a question on another engine. Nothing is read.
    ///
    /// # Errors
    /// Wrong usage: no as-of day, or a flag that engines do not support.
    pub fn statements<Q: OnEngine>(&self, question: &Q, dialect: Dialect) -> Result<Vec<Statement>> {
        self.check_engine(question)?;
        self.check_nothing_is_read()?;
        if let Some(file) = self.input.files.first() {
            return Err(Error::usage_of("sql_reads_nothing", &[("file", harmless(file).into_owned())]));
        }
        let Some(day) = self.request.as_of else {
            return Err(Error::usage_of("sql_as_of", &[("command", Q::ABOUT.name.to_owned())]));
        };
        question.statements(&Ground { dialect, scope: self.request.on(Some(day)) })
    }

    /// Refuses flags about reading files and about where the answer goes, since neither happens here.
    fn check_nothing_is_read(&self) -> Result<()> {
        self.check_joins_nobody()?;
        if let Some(flag) = self.reading_flag() {
            return Err(Error::usage_of("sql_reading_flag", &[("flag", flag)]));
        }
        match self.output_flag() {
            Some(flag) => Err(Error::usage_of("sql_output_flag", &[("flag", flag.to_owned())])),
            None => Ok(()),
        }
    }

    /// Refuses flags about reading files, since the export has already read them.
    fn check_reads_an_export(&self) -> Result<()> {
        self.check_joins_nobody()?;
        match self.reading_flag() {
            Some(flag) => Err(Error::usage_of("engine_reading_flag", &[("flag", flag)])),
            None => Ok(()),
        }
    }

    /// Refuses to join customer ids, since only making the export can do that.
    fn check_joins_nobody(&self) -> Result<()> {
        match reading::options(self.input, &self.config)?.identity.mode {
            IdentityMode::Off => Ok(()),
            mode => Err(Error::usage_of("sql_identity", &[("mode", mode.name().to_owned())])),
        }
    }

    /// A flag about reading files, if any is given.
    fn reading_flag(&self) -> Option<String> {
        // With `--identity off` nothing changes, so it is accepted.
        let of_reading = self.input.reading_flags().find(|flag| *flag != "--identity");
        let of_zone = || self.of_kinds.has_idle_zone(&self.config).then(|| "--tz".to_owned());
        let of_table = || self.input.tables.iter().next().map(|(table, _)| format!("--{}", table.name()));
        of_reading.map(str::to_owned).or_else(of_zone).or_else(of_table)
    }

    /// A flag about where the answer goes or what it looks like, if any is given.
    pub(super) fn output_flag(&self) -> Option<&'static str> {
        let output = self.output;
        let given = [
            ("-o", output.output.is_some()),
            ("--format", output.format.is_some()),
            ("--limit", output.limit.is_some()),
            ("--table", output.table.is_some()),
            ("--manifest", output.manifest.is_some()),
            ("--show-pii", output.show_pii),
            ("--keys", output.keys),
            ("--bom", output.bom),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }

    /// Refuses flags and settings that engines do not support.
    fn check_engine<Q: OnEngine>(&self, question: &Q) -> Result<()> {
        let given = [
            ("--where", self.chosen.is_some() && !Q::TAKES_WHERE),
            ("--orders-where", self.orders_where.is_some()),
            (
                "[interest] exclude_source",
                Q::COUNTS_EVENTS && !self.config.interest.exclude_source.is_empty(),
            ),
            ("--exclude-occasional", self.request.excludes_occasional),
        ];
        match given.iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) => {
                let values = [("command", Q::ABOUT.name.to_owned()), ("flag", (*flag).to_owned())];
                Err(Error::usage_of("engine_flag", &values))
            }
            None => question.check(),
        }
    }
}

impl Session {
    /// Writes an answer that a cluster computed from an export.
    fn write_of(mut self, about: &About, path: &str, mut answer: Answer) -> Result<()> {
        let says = &about.says;
        self.currency.clone_from(&says.currency);
        self.request.include_zero_orders |= says.lacks_amounts;
        let file = |table: &Table| Input {
            name: about.files.join(", "),
            table: table.name(),
            row_count: about.rows_read(*table),
        };
        self.exported = Table::ALL.iter().filter(|table| about.has(**table)).map(file).collect();
        answer.details.insert("tables".into(), json!(path));
        self.export = Some((path.to_owned(), about.clone()));
        self.write(&[], says.ids_are_personal, answer)
    }
}

/// A path as a cluster finds it. A local path is made absolute, since the cluster works in another folder.
fn as_the_cluster_has(path: &str) -> String {
    match std::path::absolute(path) {
        Ok(absolute) if !path.contains("://") => absolute.display().to_string(),
        _ => path.trim_end_matches('/').to_owned(),
    }
}

/// The folder that a list is written to. It must not be a root, and must not be a pattern, which could match many
/// folders.
fn target(folder: &str) -> Result<String> {
    let path = as_the_cluster_has(folder);
    let (_, parts) = parts_of(&path);
    match parts.is_empty() || path.contains(['*', '?', '[', ']', '{', '}']) {
        true => Err(Error::usage_of("engine_target", &[("seen", harmless(folder).into_owned())])),
        false => Ok(path),
    }
}

/// Whether two folders are the same or one lies in the other. A pattern counts as the folder before its first wildcard,
/// since it may match anything below that.
fn are_nested(one: &str, other: &str) -> bool {
    let plain = |path: &str| path.split(['*', '?', '[', '{']).next().unwrap_or_default().to_owned();
    let is_pattern = |path: &str| plain(path).len() < path.len();
    let cut = |path: &str| {
        let (place, mut parts) = parts_of(&plain(path));
        if is_pattern(path) && !plain(path).ends_with('/') {
            parts.pop();
        }
        (place, parts)
    };
    let ((place, parts), (other_place, others)) = (cut(one), cut(other));
    place == other_place && (parts.starts_with(&others) || others.starts_with(&parts))
}

/// The storage that a path is in (a bucket; empty for local files) and the names of its folders, in one spelling.
fn parts_of(path: &str) -> (String, Vec<String>) {
    let (place, path) = match path.split_once("://") {
        Some(("file", path)) => (String::new(), path),
        Some((scheme, rest)) => {
            let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
            let scheme = if ["s3", "s3n"].contains(&scheme) { "s3a" } else { scheme };
            (format!("{scheme}://{bucket}"), path)
        }
        None => (String::new(), path.strip_prefix("file:").unwrap_or(path)),
    };
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part.to_owned()),
        }
    }
    (place, parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_not_written_over_what_is_read() {
        for (export, list) in [
            ("/data/tables", "/data/tables"),
            ("/data/tables", "/data/"),
            ("/data/tables/", "/data/tables/orders"),
            ("/data/tables", "/data/x/../tables"),
            ("/data/tables", "file:///data/tables"),
            ("/data/tables", "file:/data"),
            ("s3a://shop/tables", "s3://shop//tables/"),
            ("s3a://shop/tab*", "s3a://shop/tables"),
            ("s3a://shop/a/tab{le,x}s", "s3a://shop/a"),
        ] {
            assert!(are_nested(export, list) && are_nested(list, export), "{export} {list}");
        }
        for (export, list) in [
            ("/data/tables", "/data/tables2"),
            ("/data/tables", "/data/list"),
            ("s3a://shop/tables", "s3a://other/tables"),
            ("s3a://shop/tables", "/tables"),
            ("s3a://shop/2026/*", "s3a://shop/list"),
        ] {
            assert!(!are_nested(export, list) && !are_nested(list, export), "{export} {list}");
        }
    }

    #[test]
    fn a_list_has_a_folder_of_its_own() {
        for folder in ["/", "/.", "/a/..", "s3a://shop", "s3a://shop/", "s3a://shop/list*", "/data/[a]"] {
            assert!(target(folder).is_err(), "{folder}");
        }
        assert_eq!(target("s3a://shop/list/").expect("a folder"), "s3a://shop/list");
    }
}
