//! A transaction that gathers what it changed, to be told once it is committed and never before.

use super::{Engine, Row, Sql, Tx, Value};
use crate::base::change::Change;
use crate::base::error::Result;

/// Who hears of committed changes; called on the thread of the commit, so it must not wait.
pub type Hear = std::sync::Arc<dyn Fn(Vec<Change>) + Send + Sync>;

/// A transaction, and what it told so far. A body that is run again begins with an empty one.
pub(super) struct Telling<'t> {
    tx: &'t mut dyn Tx,
    told: Vec<Change>,
}

impl<'t> Telling<'t> {
    pub(super) fn new(tx: &'t mut dyn Tx) -> Self {
        Self { tx, told: Vec::new() }
    }

    pub(super) fn told(self) -> Vec<Change> {
        self.told
    }
}

impl Tx for Telling<'_> {
    fn engine(&self) -> Engine {
        self.tx.engine()
    }

    fn execute(&mut self, sql: Sql, args: &[Value<'_>]) -> Result<u64> {
        self.tx.execute(sql, args)
    }

    fn query(&mut self, sql: Sql, args: &[Value<'_>], each: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        self.tx.query(sql, args, each)
    }

    fn tell(&mut self, change: Change) {
        self.told.push(change);
    }
}
