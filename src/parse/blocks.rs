//! Delimited text as blocks of whole records, in buffers that are filled again.

use std::io::{self, Read};
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use crate::error::Result;
use crate::limits::MAX_RECORD_BYTES;
use crate::parse::records::{Dialect, whole_records};
use crate::parse::source::{Limit, unreadable};
use crate::sync::locked;

/// How many bytes are parsed at once: large enough to split the work cheaply, small enough to stay in cache.
const BLOCK: usize = 1 << 20;

/// Blocks of whole records; each begins where the one before ended.
pub struct Blocks {
    name: String,
    rest: Box<dyn Read + Send>,
    carry: Filled,
    dialect: Dialect,
    is_done: bool,
    used: Used,
}

impl Iterator for Blocks {
    type Item = Result<Filled>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut wanted = BLOCK;
        loop {
            if !self.is_done {
                match self.carry.fill(wanted, &mut self.rest) {
                    Ok(is_filled) => self.is_done = !is_filled,
                    Err(error) => {
                        self.is_done = true;
                        self.carry.len = 0;
                        return Some(Err(unreadable(&self.name, error)));
                    }
                }
            }
            if self.carry.is_empty() {
                return None;
            }
            let view = &self.carry[..self.carry.len().min(wanted)];
            let is_last = self.is_done && view.len() == self.carry.len();
            let end = whole_records(view, self.dialect, is_last);
            if end > 0 {
                let mut rest = self.used.take();
                rest.set(&self.carry[end..]);
                self.carry.len = end;
                return Some(Ok(std::mem::replace(&mut self.carry, rest)));
            }
            // A single record is longer than the block: read on until it ends.
            if view.len() >= MAX_RECORD_BYTES {
                self.is_done = true;
                self.carry.len = 0;
                return Some(Err(unreadable(&self.name, io::Error::other(Limit::Record))));
            }
            wanted *= 2;
        }
    }
}

impl Blocks {
    /// Cuts `head`, and then what `rest` still gives, into blocks.
    pub(super) fn new(name: String, head: &[u8], rest: Box<dyn Read + Send>, dialect: Dialect) -> Self {
        Self { name, rest, carry: head.into(), dialect, is_done: false, used: Used::default() }
    }

    /// Where the buffers of parsed blocks are given back.
    pub fn used(&self) -> Used {
        self.used.clone()
    }
}

/// The bytes of a block, in a buffer that is zeroed once, so that readers do not need fresh memory for every block.
#[derive(Debug, Default)]
pub struct Filled {
    bytes: Vec<u8>,
    len: usize,
}

impl Deref for Filled {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl From<&[u8]> for Filled {
    fn from(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), len: bytes.len() }
    }
}

impl Filled {
    /// Replaces the bytes by these.
    fn set(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.len = bytes.len();
    }

    /// Reads until the buffer holds `wanted` bytes. Returns whether there were as many.
    fn fill(&mut self, wanted: usize, from: &mut impl Read) -> io::Result<bool> {
        while self.len < wanted {
            let before = self.len;
            match from.read(&mut self.room(wanted)[before..]) {
                Ok(0) => return Ok(false),
                Ok(read) => self.len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The first `wanted` bytes of the buffer, whether they hold anything yet or not.
    fn room(&mut self, wanted: usize) -> &mut [u8] {
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        &mut self.bytes[..wanted]
    }
}

/// Buffers of parsed blocks, to be filled again: taking fresh memory costs more time than the parsing done in it.
#[derive(Debug, Clone, Default)]
pub struct Used(Arc<Mutex<Vec<Filled>>>);

impl Used {
    /// Gives a block's buffer back.
    pub fn put(&self, buffer: Filled) {
        locked(&self.0).push(buffer);
    }

    fn take(&self) -> Filled {
        locked(&self.0).pop().unwrap_or_default()
    }
}
