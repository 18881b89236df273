//! Statements of the checklist.

use super::model::Mark;
use crate::args;
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::platform::db::Tx;

pub(super) fn marks(tx: &mut dyn Tx) -> Result<Vec<Mark>> {
    tx.all("SELECT mark FROM checklist_marks", args![], |row| row.next())
}

pub(super) fn insert(tx: &mut dyn Tx, mark: Mark, at: Instant) -> Result<()> {
    tx.run("INSERT INTO checklist_marks (mark, created_at) VALUES (?, ?)", args![mark, at]).map(|_| ())
}

pub(super) fn delete(tx: &mut dyn Tx, mark: Mark) -> Result<u64> {
    tx.run("DELETE FROM checklist_marks WHERE mark = ?", args![mark])
}
