//! Recording files, showing and withdrawing them, removing them with their bytes.

use super::model::{Filter, Found, Media, MediaId, Noun, Processing, Use};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Paging};
use crate::business::events::{self, model::Kind as Event};
use crate::business::{audit, settings};
use crate::platform::db::Tx;
use crate::platform::files::{Kind, Known, Stored};

/// One file.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: MediaId) -> Result<Media> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("file"))
}

/// Files of a filter, newest first.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, filter: &Filter, paging: &Paging) -> Result<Page<Media>> {
    let after = paging.after_id("media")?;
    let logo = if filter.unused { logo(tx)? } else { None };
    // One more, since the logo may be among them: no table of files knows it.
    let mut rows = sql::page(tx, filter, after, paging.limit.probe() + i64::from(logo.is_some()))?;
    rows.retain(|file| Some(file.id) != logo);
    Ok(Page::by_id(rows, paging.limit, "media", |last| last.id))
}

/// The picture that is the business's logo.
fn logo(tx: &mut dyn Tx) -> Result<Option<MediaId>> {
    if settings::actions::missing(tx)? {
        return Ok(None);
    }
    Ok(settings::actions::get(tx)?.business.invoicing.logo_id.map(Id::cast))
}

/// What shows a file.
///
/// # Errors
/// `not_found`.
pub fn uses(tx: &mut dyn Tx, id: MediaId) -> Result<Vec<Use>> {
    get(tx, id)?;
    let mut uses = sql::uses(tx, id)?;
    if logo(tx)? == Some(id) {
        let title = settings::actions::get(tx)?.business.name;
        uses.push(Use { noun: Noun::Settings, id: Id::from_bytes([0; 16]), title, role: "logo".to_owned() });
    }
    Ok(uses)
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
/// `not_found`; `in_use` when something shows it, saying what.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, id: MediaId) -> Result<()> {
    // Smaller pictures may be on their way at this moment; they come before, or find nothing to belong to.
    sql::lock(tx, id)?;
    let media = get(tx, id)?;
    if let Some(first) = uses(tx, id)?.first() {
        let detail = format!("This file is {}. Take it out there first.", first.said());
        return Err(Error::new(Code::InUse, detail));
    }
    sql::delete(tx, id).map_err(|error| match error.code {
        // Somebody has just shown it.
        Code::InUse => Error::new(Code::InUse, "Something still shows this file. Take it out there first."),
        _ => error,
    })?;
    let made = media.variants.iter().chain(&media.public_copy).map(|variant| &variant.file_key);
    for key in made.chain([&media.file_key]) {
        events::actions::note(tx, actor, Event::DeleteFile, id, Some(key))?;
    }
    audit::actions::note(tx, actor, "delete", "media", id, Some(media.filename))
}

/// Takes leave of a file that was shown: it goes, unless something else shows it, which then is not for the public.
///
/// # Errors
/// `not_found`.
pub fn release(tx: &mut dyn Tx, actor: &Actor, id: MediaId) -> Result<()> {
    match uses(tx, id)?.is_empty() {
        true => delete(tx, actor, id),
        false => show(tx, id, false),
    }
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
