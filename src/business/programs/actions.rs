//! Offering programs and what they show.

use super::model::{Details, Program, ProgramId, Shown, Status};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::page::{Page, Paging};
use crate::base::version::Expected;
use crate::business::media::model::MediaId;
use crate::business::{audit, media, settings};
use crate::platform::db::{Tx, changed_meanwhile};

/// One program.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: ProgramId) -> Result<Program> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("program"))
}

/// A program with the files it shows.
///
/// # Errors
/// `not_found`.
pub fn shown(tx: &mut dyn Tx, program: Program) -> Result<Shown> {
    let poster = program.poster.map(|id| media::actions::get(tx, id)).transpose()?;
    let video = program.video.map(|id| media::actions::get(tx, id)).transpose()?;
    let mut images = Vec::new();
    for id in sql::images(tx, program.id)? {
        images.push(media::actions::get(tx, id)?);
    }
    Ok(Shown { program, poster, images, video })
}

/// Programs, newest first; of one status, when it is named; with a part of the title, when that is given.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, status: Option<Status>, title: Option<&str>, paging: &Paging) -> Result<Page<Shown>> {
    let after = paging.after_id("programs")?;
    let rows = sql::page(tx, status, title.unwrap_or_default().trim(), after, paging.limit.probe())?;
    let page = Page::by_id(rows, paging.limit, "programs", |last| last.id);
    let mut items = Vec::with_capacity(page.items.len());
    for program in page.items {
        items.push(shown(tx, program)?);
    }
    Ok(Page { items, next: page.next })
}

fn taken(error: Error) -> Error {
    match error.code {
        Code::AlreadyExists => Error::new(Code::AlreadyExists, "Another program has this slug. Choose another."),
        _ => error,
    }
}

/// Offers a program.
///
/// # Errors
/// `invalid_field`, `already_exists` for the slug.
pub fn create(tx: &mut dyn Tx, actor: &Actor, details: Details) -> Result<Program> {
    let details = details.checked()?;
    settings::actions::get(tx)?.business.same_currency("price", details.price.currency)?;
    let id = actor.new_id()?;
    sql::insert(tx, id, &details, actor.at).map_err(taken)?;
    audit::actions::note(tx, actor, "create", "program", id, Some(details.title.clone()))?;
    Ok(Program { id, details, poster: None, video: None, version: 1, created_at: actor.at })
}

/// Changes a program; publishing shows its files, withdrawing hides them.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_field`, `already_exists`.
pub fn change(tx: &mut dyn Tx, actor: &Actor, id: ProgramId, expected: &Expected, details: Details) -> Result<Program> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    let details = details.checked()?;
    settings::actions::get(tx)?.business.same_currency("price", details.price.currency)?;
    if sql::update(tx, id, &details, current.version, actor.at).map_err(taken)? == 0 {
        return Err(changed_meanwhile());
    }
    let verb = match (current.details.status, details.status) {
        (before, after) if before == after => "change",
        (_, Status::Published) => "publish",
        (_, Status::Archived) => "archive",
        (_, Status::Draft) => "withdraw",
    };
    audit::actions::note(tx, actor, verb, "program", id, None)?;
    let program = get(tx, id)?;
    show_files(tx, &program)?;
    Ok(program)
}

/// Files follow their program: public while it is published.
fn show_files(tx: &mut dyn Tx, program: &Program) -> Result<()> {
    let public = program.details.status == Status::Published;
    let images = sql::images(tx, program.id)?;
    for id in images.into_iter().chain(program.poster).chain(program.video) {
        media::actions::show(tx, id, public)?;
    }
    Ok(())
}

/// What a file becomes for a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its poster, in place of the one before.
    Poster,
    /// One more picture of its gallery.
    Image,
    /// Its film, in place of the one before.
    Video,
}

/// Shows a file on a program. What it replaces is removed.
///
/// # Errors
/// `not_found`.
pub fn attach(tx: &mut dyn Tx, actor: &Actor, id: ProgramId, role: Role, file: MediaId) -> Result<Program> {
    let current = get(tx, id)?;
    let replaced = match role {
        Role::Poster => {
            sql::set_files(tx, id, Some(file), current.video, actor.at)?;
            current.poster
        }
        Role::Video => {
            sql::set_files(tx, id, current.poster, Some(file), actor.at)?;
            current.video
        }
        Role::Image => {
            let mut images = sql::images(tx, id)?;
            images.push(file);
            sql::set_images(tx, id, &images, actor.at)?;
            None
        }
    };
    if let Some(replaced) = replaced {
        media::actions::release(tx, actor, replaced)?;
    }
    let program = get(tx, id)?;
    show_files(tx, &program)?;
    Ok(program)
}

/// Takes the poster or the film off a program; its file is removed. Without one, nothing happens.
///
/// # Errors
/// `not_found`, `precondition_failed`; `invalid_field` for a role of which there are several.
pub fn detach(tx: &mut dyn Tx, actor: &Actor, id: ProgramId, expected: &Expected, role: Role) -> Result<Program> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    let (gone, poster, video) = match role {
        Role::Poster => (current.poster, None, current.video),
        Role::Video => (current.video, current.poster, None),
        Role::Image => return Err(Error::field("images", "are taken out by changing the program")),
    };
    let Some(gone) = gone else { return Ok(current) };
    sql::set_files(tx, id, poster, video, actor.at)?;
    media::actions::release(tx, actor, gone)?;
    let what = if role == Role::Poster { "remove_poster" } else { "remove_video" };
    audit::actions::note(tx, actor, what, "program", id, None)?;
    get(tx, id)
}

/// Puts the gallery into another order, or takes pictures out of it (their files are removed).
///
/// # Errors
/// `not_found`; `invalid_field` when a picture is not of this gallery.
pub fn arrange(tx: &mut dyn Tx, actor: &Actor, id: ProgramId, images: &[MediaId]) -> Result<Program> {
    get(tx, id)?;
    let before = sql::images(tx, id)?;
    let mut after: Vec<MediaId> = Vec::with_capacity(images.len());
    for image in images {
        if !before.contains(image) || after.contains(image) {
            return Err(Error::field("images", "must name pictures of this gallery, each once"));
        }
        after.push(*image);
    }
    sql::set_images(tx, id, &after, actor.at)?;
    for gone in before.into_iter().filter(|image| !after.contains(image)) {
        media::actions::release(tx, actor, gone)?;
    }
    get(tx, id)
}

/// Removes a program without occurrences, and its files after the commit.
///
/// # Errors
/// `not_found`, `precondition_failed`; `in_use` when it has occurrences.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, id: ProgramId, expected: &Expected) -> Result<()> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    let images = sql::images(tx, id)?;
    sql::delete(tx, id).map_err(|error| match error.code {
        Code::InUse => Error::new(Code::InUse, "This program has occurrences. Archive it instead."),
        _ => error,
    })?;
    for file in images.into_iter().chain(current.poster).chain(current.video) {
        media::actions::release(tx, actor, file)?;
    }
    audit::actions::note(tx, actor, "delete", "program", id, Some(current.details.title))
}

/// Whether there is any program.
///
/// # Errors
/// `database_unavailable`.
pub fn any(tx: &mut dyn Tx) -> Result<bool> {
    sql::any(tx)
}
