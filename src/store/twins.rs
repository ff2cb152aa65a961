//! Files that may belong to two tables. Both readings are kept, one as the twin of the other, and each answer uses one
//! of them, depending on what other files there are.

use std::collections::HashSet;

use super::importing::Importing;
use super::manifest::Import;
use crate::error::{Error, Result};
use crate::locale::{Lang, Remark, Words};
use crate::parse::source::Input;
use crate::parse::{Other, Parsed, ReadOptions, parse_other};

impl Importing<'_> {
    /// The file parsed as the second table that it may belong to. Which of the two is right is only decided when the
    /// store is read, with all other files. If it cannot be read as the second table, it is kept as the first alone,
    /// and a remark says so.
    pub(super) fn twin(
        &mut self,
        parsed: &mut Parsed,
        again: Option<&Input>,
        options: &ReadOptions,
    ) -> Result<Option<Parsed>> {
        let (Some(Other { table, question }), Some(again)) = (parsed.other.take(), again) else {
            return Ok(None);
        };
        let other = question.map_or_else(|| parse_other(again, &parsed.info, table, options), Err);
        match other {
            Ok(other) => other.accounting().check_balance().map(|()| Some(other)),
            Err(error @ (Error::Input { .. } | Error::Data { .. })) => {
                let [en, zh] = [Lang::En, Lang::Zh].map(|lang| error.said(lang).0);
                let remark = Remark::new("kept_one_way").with("file", &parsed.info.name);
                let remark = remark.with("canonical", parsed.info.table().name());
                self.notes.push(remark.with("message", Words { en, zh }));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Adds the second reading of a file. `place` is the index of the import of the first.
    pub(super) fn add_twin(&mut self, place: usize, twin: Parsed) -> Result<()> {
        let Parsed { info, notes, dates, rejects, rows, .. } = twin;
        let number = self.manifest.number();
        self.again.insert(number);
        let made = self.rows(number, (&info, true), &notes, &dates, rows)?;
        let Import { number: of, name, sha256, .. } = self.manifest.imports[place].clone();
        let import = self.import(number, &info, sha256, &rejects, &made)?;
        self.manifest.imports.insert(place + 1, Import { name, twin_of: Some(of), ..import });
        Ok(())
    }

    /// Removes the second reading of a file that now belongs to one table only.
    pub(super) fn drop_twin(&mut self, place: usize) {
        let twin = HashSet::from([self.manifest.imports.remove(place).number]);
        self.manifest.tables.retain(|part| !twin.contains(&part.import));
        self.manifest.segments.retain(|segment| !segment.is_of(&twin));
    }
}
