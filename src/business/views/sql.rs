//! Statements of saved views.

use super::model::{Details, ListPage, View, ViewId};
use crate::args;
use crate::base::actor::StaffId;
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::platform::db::{Columns, Tx};

fn read(row: &mut Columns<'_, '_>) -> Result<View> {
    Ok(View {
        id: row.next()?,
        staff_id: row.next()?,
        details: Details { page: row.next()?, name: row.next()?, query: row.next()?, shared: row.next()? },
    })
}

/// Own and shared views, of one list or of all, by name.
pub(super) fn of(tx: &mut dyn Tx, staff: StaffId, page: Option<ListPage>) -> Result<Vec<View>> {
    let page = page.map(ListPage::as_str);
    tx.all(
        "SELECT id, staff_id, page, name, query, shared FROM saved_views
         WHERE (staff_id = ? OR shared = 1) AND (? IS NULL OR page = ?) ORDER BY name, id",
        args![&staff, page, page],
        read,
    )
}

pub(super) fn find(tx: &mut dyn Tx, id: ViewId) -> Result<Option<View>> {
    tx.first("SELECT id, staff_id, page, name, query, shared FROM saved_views WHERE id = ?", args![&id], read)
}

pub(super) fn count(tx: &mut dyn Tx, staff: StaffId) -> Result<i64> {
    tx.number("SELECT COUNT(*) FROM saved_views WHERE staff_id = ?", args![&staff])
}

pub(super) fn insert(tx: &mut dyn Tx, view: &View, at: Instant) -> Result<()> {
    let Details { page, name, query, shared } = &view.details;
    tx.run(
        "INSERT INTO saved_views (id, staff_id, page, name, query, shared, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        args![&view.id, &view.staff_id, *page, name, query, *shared, at],
    )
    .map(|_| ())
}

pub(super) fn delete(tx: &mut dyn Tx, id: ViewId) -> Result<u64> {
    tx.run("DELETE FROM saved_views WHERE id = ?", args![&id])
}
