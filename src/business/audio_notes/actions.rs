//! Keeping spoken notes.

use super::model::{AudioNote, AudioNoteId};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Paging};
use crate::base::text;
use crate::base::version::Expected;
use crate::business::bookings::model::BookingId;
use crate::business::clients::model::ClientId;
use crate::business::{audit, bookings, clients, media};
use crate::platform::db::{Tx, changed_meanwhile};
use crate::platform::files::{Kind, Stored};

/// What a note is on.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// A client.
    Client(ClientId),
    /// A booking, and thereby its client.
    Booking(BookingId),
}

/// Whom a note on this would be on; for refusing before the sound is read.
///
/// # Errors
/// `not_found`.
pub fn client_of(tx: &mut dyn Tx, subject: Subject) -> Result<(ClientId, Option<BookingId>)> {
    match subject {
        Subject::Client(id) => Ok((clients::actions::get(tx, id)?.id, None)),
        Subject::Booking(id) => Ok((bookings::actions::get(tx, id)?.client_id, Some(id))),
    }
}

/// Keeps a note whose sound is stored.
///
/// # Errors
/// `not_found`, `invalid_field` for the title.
pub fn record(
    tx: &mut dyn Tx,
    actor: &Actor,
    subject: Subject,
    title: Option<&str>,
    filename: &str,
    stored: &Stored,
) -> Result<AudioNote> {
    let (client_id, booking_id) = client_of(tx, subject)?;
    let title = text::optional_line("title", title, 120)?;
    let media = media::actions::record(tx, actor, Kind::Audio, filename, stored)?;
    let note = AudioNote {
        id: Id::new(actor.at)?,
        client_id,
        booking_id,
        title,
        recorded_by: actor.name.clone(),
        media,
        peaks: None,
        version: 1,
        created_at: actor.at,
    };
    sql::insert(tx, &note)?;
    audit::actions::note(tx, actor, "record", "audio_note", note.id, None)?;
    Ok(note)
}

/// One note.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: AudioNoteId) -> Result<AudioNote> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("audio note"))
}

/// Notes on a client, newest first.
///
/// # Errors
/// `not_found` for the client, `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, client: ClientId, paging: &Paging) -> Result<Page<AudioNote>> {
    let client = clients::actions::get(tx, client)?.id;
    let after = paging.after_id("audio_notes")?;
    let rows = sql::page(tx, client, after, paging.limit.probe())?;
    Ok(Page::by_id(rows, paging.limit, "audio_notes", |last| last.id))
}

/// Gives a note another title.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_field`.
pub fn rename(
    tx: &mut dyn Tx,
    actor: &Actor,
    id: AudioNoteId,
    expected: &Expected,
    title: Option<&str>,
) -> Result<AudioNote> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    let title = text::optional_line("title", title, 120)?;
    if sql::update(tx, id, title.as_deref(), current.version)? == 0 {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "rename", "audio_note", id, None)?;
    get(tx, id)
}

/// Removes a note; its sound goes after the commit.
///
/// # Errors
/// `not_found`, `precondition_failed`.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, id: AudioNoteId, expected: &Expected) -> Result<()> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    sql::delete(tx, id)?;
    media::actions::delete(tx, actor, current.media.id)?;
    audit::actions::note(tx, actor, "delete", "audio_note", id, None)
}

/// Removes every note on a client; their sound goes after the commit.
///
/// # Errors
/// `database_unavailable`.
pub fn forget_client(tx: &mut dyn Tx, actor: &Actor, client: ClientId) -> Result<()> {
    loop {
        let notes = sql::page(tx, client, None, 100)?;
        if notes.is_empty() {
            return Ok(());
        }
        for note in notes {
            sql::delete(tx, note.id)?;
            media::actions::delete(tx, actor, note.media.id)?;
        }
    }
}

/// Notes on one client are on another from now on: the two are one.
///
/// # Errors
/// `database_unavailable`.
pub fn follow_client(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<()> {
    sql::set_client(tx, from, to).map(|_| ())
}
