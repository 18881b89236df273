//! Recording files, showing and withdrawing them, removing them with their bytes.

use super::model::{Found, Media, MediaId, Processing};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Paging};
use crate::business::audit;
use crate::business::events::{self, model::Kind as Event};
use crate::platform::db::Tx;
use crate::platform::files::{Kind, Known, Stored};

/// One file.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: MediaId) -> Result<Media> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("file"))
}

/// Files, newest first; of one kind, when it is named.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, kind: Option<Kind>, paging: &Paging) -> Result<Page<Media>> {
    let after = paging.after_id("media")?;
    let rows = sql::page(tx, kind, after, paging.limit.probe())?;
    Ok(Page::by_id(rows, paging.limit, "media", |last| last.id))
}

/// Records a file that is whole; from now on it is visible to those who may see it. What it holds is found out after
/// the commit.
///
/// # Errors
/// `database_unavailable`.
pub fn record(tx: &mut dyn Tx, actor: &Actor, kind: Kind, filename: &str, stored: &Stored) -> Result<Media> {
    let processing = if kind == Kind::Document { Processing::Done } else { Processing::Pending };
    let media = Media {
        id: Id::new(actor.at)?,
        kind,
        filename: filename.to_owned(),
        content_type: stored.content_type.to_owned(),
        size: i64::try_from(stored.size).map_err(Error::internal)?,
        sha256: stored.sha256,
        file_key: stored.key.clone(),
        is_public: false,
        created_at: actor.at,
        processing,
        processing_error: None,
        width: None,
        height: None,
        duration_ms: None,
        variants: Vec::new(),
        public_copy: None,
    };
    sql::insert(tx, &media, &actor.name)?;
    if processing == Processing::Pending {
        events::actions::note(tx, actor, Event::ProcessMedia, media.id, None)?;
    }
    audit::actions::note(tx, actor, "upload", "media", media.id, Some(media.filename.clone()))?;
    Ok(media)
}

/// Records what was found in a file and made of it; false when that was done already or the file is gone, and what
/// was made is nobody's.
///
/// # Errors
/// `database_unavailable`.
pub fn record_found(tx: &mut dyn Tx, id: MediaId, found: &Found) -> Result<bool> {
    if sql::set_found(tx, id, found)? == 0 {
        return Ok(false);
    }
    for variant in &found.variants {
        sql::insert_variant(tx, id, variant)?;
    }
    Ok(true)
}

/// Shows a file to the public, or withdraws it.
///
/// # Errors
/// `database_unavailable`.
pub fn show(tx: &mut dyn Tx, id: MediaId, is_public: bool) -> Result<()> {
    sql::set_public(tx, id, is_public)
}

/// Removes a file: its row now, its bytes and what was made of them after the commit.
///
/// # Errors
/// `not_found`; `in_use` when a program or a note shows it.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, id: MediaId) -> Result<()> {
    let media = get(tx, id)?;
    sql::delete(tx, id).map_err(|error| match error.code {
        Code::InUse => Error::new(Code::InUse, "A program or a note still shows this file. Take it out there first."),
        _ => error,
    })?;
    let made = media.variants.iter().chain(&media.public_copy).map(|variant| &variant.file_key);
    for key in made.chain([&media.file_key]) {
        events::actions::note(tx, actor, Event::DeleteFile, id, Some(key))?;
    }
    audit::actions::note(tx, actor, "delete", "media", id, Some(media.filename))
}

/// Files and bytes of each kind.
///
/// # Errors
/// `database_unavailable`.
pub fn totals(tx: &mut dyn Tx) -> Result<Vec<(Kind, i64, i64)>> {
    sql::totals(tx)
}

/// Whether a file of the store belongs to a row here.
///
/// # Errors
/// `database_unavailable`.
pub fn knows_file(tx: &mut dyn Tx, key: &str) -> Result<bool> {
    sql::has_key(tx, key)
}

/// Stored files and what they must be, in the order of their keys, behind one.
///
/// # Errors
/// `database_unavailable`.
pub fn files_after(tx: &mut dyn Tx, key: &str, limit: i64) -> Result<Vec<(String, Known)>> {
    sql::files_after(tx, key, limit)
}
