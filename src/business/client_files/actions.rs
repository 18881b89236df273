//! Keeping clients' files.

use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Error, Result};
use crate::base::page::{Page, Paging};
use crate::business::clients::model::ClientId;
use crate::business::media::model::{Media, MediaId};
use crate::business::{audit, clients, media};
use crate::platform::db::Tx;
use crate::platform::files::{Kind, Stored};

/// Whether a kind of file may belong to a client: posters are for programs.
pub fn takes(kind: Kind) -> bool {
    kind != Kind::Poster
}

/// Files of a client, the newest first.
///
/// # Errors
/// `not_found` for the client, `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, client: ClientId, paging: &Paging) -> Result<Page<Media>> {
    let client = clients::actions::get(tx, client)?.id;
    let after = paging.after_id("client_files")?;
    let rows = sql::page(tx, client, after, paging.limit.probe())?;
    let page = Page::by_id(rows, paging.limit, "client_files", |last| *last);
    let mut items = Vec::with_capacity(page.items.len());
    for id in page.items {
        items.push(media::actions::get(tx, id)?);
    }
    Ok(Page { items, next: page.next })
}

/// Keeps a file that is stored.
///
/// # Errors
/// `not_found`; `invalid_field` for a kind that no client has.
pub fn record(
    tx: &mut dyn Tx,
    actor: &Actor,
    client: ClientId,
    kind: Kind,
    filename: &str,
    stored: &Stored,
) -> Result<Media> {
    let client = clients::actions::get(tx, client)?.id;
    if !takes(kind) {
        return Err(Error::field("kind", "must be image, video, audio or document for a client"));
    }
    let file = media::actions::record(tx, actor, kind, filename, stored)?;
    sql::insert(tx, client, file.id, actor.at)?;
    audit::actions::note(tx, actor, "add_file", "client", client, Some(file.filename.clone()))?;
    Ok(file)
}

/// Removes a file; its bytes go after the commit.
///
/// # Errors
/// `not_found`.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, client: ClientId, file: MediaId) -> Result<()> {
    let client = clients::actions::get(tx, client)?.id;
    if sql::delete(tx, client, file)? == 0 {
        return Err(Error::not_found("file"));
    }
    let name = media::actions::get(tx, file)?.filename;
    media::actions::delete(tx, actor, file)?;
    audit::actions::note(tx, actor, "remove_file", "client", client, Some(name))
}

/// Removes every file of a client; their bytes go after the commit.
///
/// # Errors
/// `database_unavailable`.
pub fn forget_client(tx: &mut dyn Tx, actor: &Actor, client: ClientId) -> Result<()> {
    loop {
        let files = sql::page(tx, client, None, 100)?;
        if files.is_empty() {
            return Ok(());
        }
        for file in files {
            sql::delete(tx, client, file)?;
            media::actions::delete(tx, actor, file)?;
        }
    }
}

/// Files of one client belong to another from now on: the two are one.
///
/// # Errors
/// `database_unavailable`.
pub fn follow_client(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<()> {
    sql::set_client(tx, from, to).map(|_| ())
}
