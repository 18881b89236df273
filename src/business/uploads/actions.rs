//! Beginning uploads, finding them again, finishing them once, giving them up.

use super::model::{self, Intent, MOST_OPEN, Target, Upload, UploadId};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Paging};
use crate::base::time::Instant;
use crate::business::audio_notes::actions::client_of;
use crate::business::{audio_notes, client_files, clients, media, programs, settings};
use crate::platform::db::{Tx, changed_meanwhile, others_first};
use crate::platform::files::{Stored, fits};

/// Refuses an upload before anything is made of it: nobody it could belong to, or too many unfinished ones. Bytes
/// that it may have at most.
///
/// # Errors
/// `not_found`, `rate_limited`.
pub fn admit(tx: &mut dyn Tx, actor: &Actor, intent: &Intent) -> Result<u64> {
    match intent.target {
        Target::Media => {}
        Target::Program(id, _) => programs::actions::get(tx, id).map(|_| ())?,
        Target::Client(id) => clients::actions::get(tx, id).map(|_| ())?,
        Target::Note(subject) => client_of(tx, subject).map(|_| ())?,
    }
    if sql::count_open(tx, actor.staff_id())? >= MOST_OPEN {
        let detail = "Too many uploads are unfinished. Finish or remove some of them first.";
        return Err(Error::new(Code::RateLimited, detail).retry_after(60));
    }
    Ok(settings::actions::upload_limits(tx)?.of(intent.kind))
}

/// Begins an upload whose file is there, still empty.
///
/// # Errors
/// `database_unavailable`.
pub fn begin(
    tx: &mut dyn Tx,
    actor: &Actor,
    intent: &Intent,
    (size, limit): (Option<u64>, u64),
    file_key: &str,
) -> Result<Upload> {
    let upload = Upload {
        id: Id::new(actor.at)?,
        owner: actor.staff_id(),
        intent: intent.clone(),
        size,
        limit,
        file_key: file_key.to_owned(),
        media_id: None,
        note_id: None,
        expires_at: model::expiry(actor.at),
        created_at: actor.at,
    };
    sql::insert(tx, &upload)?;
    Ok(upload)
}

/// One upload of the actor's own.
///
/// # Errors
/// `not_found`, `gone` when it was given up, `forbidden`.
pub fn get(tx: &mut dyn Tx, actor: &Actor, id: UploadId) -> Result<Upload> {
    let own = |upload: &Upload| upload.owner == actor.staff_id();
    let upload = sql::find(tx, id)?.filter(own).ok_or_else(|| Error::not_found("upload"))?;
    let (area, access) = upload.intent.target.need();
    actor.may(area, access)?;
    if upload.expires_at <= actor.at {
        return Err(Error::new(Code::Gone, "This upload was given up, since nothing was added for a day. Begin anew."));
    }
    Ok(upload)
}

/// The actor's unfinished uploads, newest first.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, actor: &Actor, paging: &Paging) -> Result<Page<Upload>> {
    let after = paging.after_id("uploads")?;
    let rows = match actor.staff_id() {
        Some(owner) => sql::page(tx, owner, after, paging.limit.probe())?,
        None => Vec::new(),
    };
    Ok(Page::by_id(rows, paging.limit, "uploads", |last| last.id))
}

/// Says how many bytes an upload has that was begun without.
///
/// # Errors
/// `not_found`, `gone`; `invalid_state` when another size was said before, `too_large`.
pub fn declare(tx: &mut dyn Tx, actor: &Actor, id: UploadId, size: u64) -> Result<Upload> {
    let upload = get(tx, actor, id)?;
    fits(upload.intent.kind, size, upload.limit)?;
    match upload.size {
        Some(said) if said == size => Ok(upload),
        Some(_) => Err(Error::new(Code::InvalidState, "The size of this upload was said before and cannot change.")),
        None if sql::set_size(tx, id, size)? == 1 => Ok(Upload { size: Some(size), ..upload }),
        None => Err(changed_meanwhile()),
    }
}

/// Notes that something was added: the upload is kept for another day. An hour more or less is not worth a commit.
///
/// # Errors
/// `database_unavailable`.
pub fn extend(tx: &mut dyn Tx, upload: &Upload, at: Instant) -> Result<Instant> {
    let expires_at = model::expiry(at);
    sql::set_expiry(tx, upload.id, expires_at)?;
    Ok(expires_at)
}

/// Whether noting an addition at `at` is worth a commit.
pub fn wants_extending(upload: &Upload, at: Instant) -> bool {
    upload.expires_at < model::expiry(at).plus_minutes(-60)
}

/// Makes of a whole file what it was meant for. Asked again, the answer is the same.
///
/// # Errors
/// `not_found` when nobody is there any more whom it belongs to; what the target's own rules refuse.
pub fn finish(tx: &mut dyn Tx, actor: &Actor, id: UploadId, stored: &Stored) -> Result<Upload> {
    let upload = get(tx, actor, id)?;
    if upload.media_id.is_some() {
        return Ok(upload);
    }
    let Intent { kind, filename, target, title } = &upload.intent;
    // Of two that finish at once, one meets the other's file: it runs again and finds the work done.
    let (media, note) = match *target {
        Target::Media => (media::actions::record(tx, actor, *kind, filename, stored).map_err(others_first)?.id, None),
        Target::Program(program, role) => {
            let file = media::actions::record(tx, actor, *kind, filename, stored).map_err(others_first)?;
            programs::actions::attach(tx, actor, program, role, file.id)?;
            (file.id, None)
        }
        Target::Client(client) => {
            let file = client_files::actions::record(tx, actor, client, *kind, filename, stored);
            (file.map_err(others_first)?.id, None)
        }
        Target::Note(subject) => {
            let note = audio_notes::actions::record(tx, actor, subject, title.as_deref(), filename, stored);
            let note = note.map_err(others_first)?;
            (note.media.id, Some(note.id))
        }
    };
    if sql::finish(tx, id, media, note)? == 0 {
        return Err(changed_meanwhile());
    }
    Ok(Upload { media_id: Some(media), note_id: note, ..upload })
}

/// Forgets an upload. What it has become stays; what has come of it is to be discarded after the commit.
///
/// # Errors
/// `database_unavailable`.
pub fn forget(tx: &mut dyn Tx, id: UploadId) -> Result<()> {
    sql::delete(tx, id).map(|_| ())
}

/// Uploads whose time is over, 100 at most.
///
/// # Errors
/// `database_unavailable`.
pub fn expired(tx: &mut dyn Tx, now: Instant) -> Result<Vec<Upload>> {
    sql::expired(tx, now, 100)
}

/// Whether a file of the store belongs to an unfinished upload.
///
/// # Errors
/// `database_unavailable`.
pub fn knows_file(tx: &mut dyn Tx, key: &str) -> Result<bool> {
    sql::has_key(tx, key)
}
