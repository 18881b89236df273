//! The jobs of a running desk: events are worked off, holds expire, what is old is forgotten.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;

use crate::base::actor::Actor;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::business::desk::Desk;
use crate::business::events::model::{ATTEMPTS, Event, Kind};
use crate::business::invoices::model::Rendering;
use crate::business::invoices::render::Renderer;
use crate::business::media::process::Processor;
use crate::business::{accounts, bookings, events, idempotency, invoices, media, reminders, settings, uploads};
use crate::platform::jobs::{Jobs, Nudge};

/// Events taken at once.
const BATCH: i64 = 16;
/// Reminders looked for at once.
const REMINDERS: i64 = 100;
/// A slow event's lease is renewed this often.
const KEEP_EVERY: Duration = Duration::from_secs(30);
/// A file without a row is left alone for this long: its row may be on its way.
const ORPHAN_AGE: Duration = Duration::from_secs(3600);

/// Begins every job.
pub fn begin(jobs: &mut Jobs, desk: &Desk, renderer: &Renderer, stop: &watch::Receiver<bool>) {
    let (d, r, slow) = (desk.clone(), renderer.clone(), Nudge::default());
    let wake = slow.clone();
    jobs.every("events", Duration::from_secs(5), desk.nudge.clone(), move || {
        let (desk, renderer, wake) = (d.clone(), r.clone(), wake.clone());
        async move { work_off(&desk, &renderer, &wake).await }
    });
    let (d, stop) = (desk.clone(), stop.clone());
    jobs.every("media", Duration::from_secs(60), slow, move || {
        let (desk, stop) = (d.clone(), stop.clone());
        async move { Box::pin(work_off_slow(&desk, &stop)).await }
    });
    let d = desk.clone();
    jobs.every("holds", Duration::from_secs(15), Nudge::default(), move || {
        let desk = d.clone();
        async move { expire_holds(&desk).await }
    });
    let d = desk.clone();
    jobs.every("sweep", Duration::from_secs(3600), Nudge::default(), move || {
        let desk = d.clone();
        async move { sweep(&desk).await }
    });
    let d = desk.clone();
    jobs.every("reminders", Duration::from_secs(3600), Nudge::default(), move || {
        let desk = d.clone();
        async move { remind(&desk).await.map(|_| ()) }
    });
}

/// Works off every quick event that is due, and wakes the one who looks after the slow.
///
/// # Errors
/// `database_unavailable`; an event's own failure is noted in its row.
async fn work_off(desk: &Desk, renderer: &Renderer, slow: &Nudge) -> Result<()> {
    loop {
        let now = desk.clock.now();
        // Looking costs a read; taking costs a commit, and most of the time there is nothing.
        let due = desk
            .db
            .read(move |tx| Ok((events::actions::any_due(tx, now, false)?, events::actions::any_due(tx, now, true)?)));
        let (quick_due, slow_due) = due.await?;
        if slow_due {
            slow.now();
        }
        if !quick_due {
            return Ok(());
        }
        let taken = desk.db.write(move |tx| events::actions::take(tx, now, false, BATCH)).await?;
        if taken.is_empty() {
            return Ok(());
        }
        for event in taken {
            let outcome = run(desk, renderer, &event).await;
            let now = desk.clock.now();
            match outcome {
                Ok(()) => desk.db.write(move |tx| events::actions::done(tx, event.id)).await?,
                Err(error) => {
                    tracing::warn!(event = %event.id, kind = event.kind.as_str(), %error, "an event failed");
                    let why = error.to_string();
                    desk.db.write(move |tx| events::actions::failed(tx, &event, now, &why)).await?;
                }
            }
        }
    }
}

/// Works off slow events one after the other, so that only one picture is decoded at a time.
async fn work_off_slow(desk: &Desk, stop: &watch::Receiver<bool>) -> Result<()> {
    let processor = Processor::new(desk.db.clone(), desk.files.clone(), stop.clone());
    while !*stop.borrow() {
        let now = desk.clock.now();
        if !desk.db.read(move |tx| events::actions::any_due(tx, now, true)).await? {
            return Ok(());
        }
        let taken = desk.db.write(move |tx| events::actions::take(tx, now, true, 1)).await?;
        let Some(event) = taken.into_iter().next() else { return Ok(()) };
        let media = event.subject_id.cast();
        let outcome = keeping(desk, &event, Box::pin(processor.process(media))).await;
        let now = desk.clock.now();
        match outcome {
            Ok(()) => desk.db.write(move |tx| events::actions::done(tx, event.id)).await?,
            Err(_) if *stop.borrow() => desk.db.write(move |tx| events::actions::leave(tx, event.id, now)).await?,
            Err(error) => {
                tracing::warn!(event = %event.id, kind = event.kind.as_str(), %error, "an event failed");
                if event.attempts >= ATTEMPTS {
                    processor.give_up(media, &error).await?;
                    desk.db.write(move |tx| events::actions::done(tx, event.id)).await?;
                } else {
                    let why = error.to_string();
                    desk.db.write(move |tx| events::actions::failed(tx, &event, now, &why)).await?;
                }
            }
        }
    }
    Ok(())
}

/// Does `work`, and says meanwhile that it is being done.
async fn keeping(desk: &Desk, event: &Event, work: impl Future<Output = Result<()>>) -> Result<()> {
    let mut work = std::pin::pin!(work);
    let id = event.id;
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            () = tokio::time::sleep(KEEP_EVERY) => {
                let now = desk.clock.now();
                if let Err(error) = desk.db.write(move |tx| events::actions::keep(tx, id, now)).await {
                    tracing::warn!(event = %id, %error, "a running event could not be kept");
                }
            }
        }
    }
}

async fn run(desk: &Desk, renderer: &Renderer, event: &Event) -> Result<()> {
    match event.kind {
        Kind::RenderInvoice => renderer.ensure(event.subject_id.cast(), Rendering::Pdf).await.map(|_| ()),
        Kind::ProcessMedia => Err(Error::internal("a slow event among the quick ones")),
        Kind::DeleteFile => match &event.payload {
            Some(key) => desk.files.delete(key).await,
            None => Err(Error::internal("the event names no file")),
        },
    }
}

async fn expire_holds(desk: &Desk) -> Result<()> {
    let now = desk.clock.now();
    let actor = Actor::system(now, "holds");
    loop {
        let actor = actor.clone();
        // A reader's look first: a commit each quarter of a minute would keep a disk awake for nothing.
        let any = desk.db.read(move |tx| bookings::actions::has_overdue_holds(tx, now)).await?;
        if !any || desk.db.write(move |tx| bookings::actions::expire_holds(tx, &actor, now)).await? == 0 {
            return Ok(());
        }
    }
}

/// Writes the reminders that are due, when the business wants that; returns how many it wrote. Each is a transaction of
/// its own, so one that fails keeps no other from being written.
///
/// # Errors
/// `database_unavailable`.
pub async fn remind(desk: &Desk) -> Result<usize> {
    let now = desk.clock.now();
    if desk.db.read(settings::actions::missing).await? {
        return Ok(0);
    }
    let (mut after, mut written) = (Id::from_bytes([0; 16]), 0);
    loop {
        let due = desk.db.read(move |tx| reminders::actions::due(tx, now, after, REMINDERS)).await?;
        let Some(last) = due.last() else { break };
        after = *last;
        for id in due {
            let actor = Actor::system(now, "reminders");
            match desk.db.write(move |tx| reminders::actions::remind_if_due(tx, &actor, id)).await {
                Ok(reminder) => written += usize::from(reminder.is_some()),
                Err(error) => tracing::warn!(invoice = %id, %error, "a reminder could not be written"),
            }
        }
    }
    if written > 0 {
        tracing::info!(written, "reminders were written");
    }
    Ok(written)
}

/// Removes parts that nobody writes and files that no row knows, and forgets what is old.
///
/// # Errors
/// `database_unavailable`, `internal` when the store cannot be read.
pub async fn sweep(desk: &Desk) -> Result<()> {
    let mut parts = desk.files.sweep().await?;
    let mut orphans = 0;
    end_uploads(desk).await?;
    for key in desk.files.resumable_keys(ORPHAN_AGE).await? {
        let name = key.clone();
        if !desk.db.read(move |tx| uploads::actions::knows_file(tx, &name)).await? {
            desk.files.discard_resumable(&key).await?;
            parts += 1;
        }
    }
    for key in desk.files.keys(ORPHAN_AGE).await? {
        let name = key.clone();
        let known = desk
            .db
            .read(move |tx| {
                Ok(media::actions::knows_file(tx, &name)?
                    || invoices::actions::knows_file(tx, &name)?
                    || uploads::actions::knows_file(tx, &name)?)
            })
            .await?;
        if !known {
            desk.files.delete(&key).await?;
            orphans += 1;
        }
    }
    if parts + orphans > 0 {
        tracing::info!(parts, orphans, "files without a row were removed");
    }
    let now = desk.clock.now();
    desk.db
        .write(move |tx| Ok(accounts::actions::forget_old(tx, now)? + idempotency::actions::forget_old(tx, now)?))
        .await?;
    Ok(())
}

/// Gives up uploads to which nothing was added for a day, and forgets those that were finished.
async fn end_uploads(desk: &Desk) -> Result<()> {
    let now = desk.clock.now();
    loop {
        let over = desk.db.read(move |tx| uploads::actions::expired(tx, now)).await?;
        if over.is_empty() {
            return Ok(());
        }
        for upload in over {
            if upload.media_id.is_none() {
                desk.files.discard_resumable(&upload.file_key).await?;
            }
            desk.db.write(move |tx| uploads::actions::forget(tx, upload.id)).await?;
        }
    }
}
