//! Moving all files to another home.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};

use super::open_files;
use crate::base::error::{Code, Error, Result};
use crate::business::desk::Desk;
use crate::business::{invoices, media};
use crate::platform::db::Tx;
use crate::platform::files::{Carried, Known, Move, Place};

/// Files on their way at once.
const LANES: usize = 4;
/// Rows read at once.
const BATCH: i64 = 1000;
/// Files named in an error at most.
const NAMED: usize = 10;

/// Carries every file of the desk to `place`: what rows know, and whatever else its home has. `progress` is told of
/// bytes as they are read, and of how many there are in all. Returns what to do next.
///
/// The source is only read, so a running desk is not disturbed; but what it takes in meanwhile may be missed, so then
/// the move is not done.
///
/// # Errors
/// `unavailable`, `insufficient_storage`: broken off, to be run again. `in_use` when a desk is running or another
/// process moves the files. `invalid_state` when files are missing or damaged.
pub async fn move_files(desk: &Desk, place: &Place, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<String> {
    let lease = desk.files.still()?;
    let to = open_files(&desk.config, place)?;
    let moving = Move::begin(&desk.files, &to, place).await?;
    let mut files: BTreeMap<String, (u64, Option<Known>)> = BTreeMap::new();
    files.extend(desk.files.list(Duration::ZERO).await?.into_iter().map(|(key, size)| (key, (size, None))));
    let known = known(desk, media::actions::files_after).await?;
    files.extend(known.into_iter().map(|(key, known)| (key, (known.size, Some(known)))));
    let known = self::known(desk, invoices::actions::files_after).await?;
    files.extend(known.into_iter().map(|(key, known)| (key, (known.size, Some(known)))));
    let (count, total) = (files.len(), files.values().map(|(size, _)| size).sum());
    let moved = move |bytes| progress(bytes, total);
    moved(0);
    let mut carried = futures_util::stream::iter(files)
        .map(|(key, (_, known))| {
            let (moving, moved) = (&moving, &moved);
            async move { moving.carry(&key, known, moved).await.map(|carried| (key, known, carried)) }
        })
        .buffer_unordered(LANES);
    let (mut copied, mut wrong) = (0, Vec::new());
    while let Some((key, known, outcome)) = carried.try_next().await? {
        match outcome {
            Carried::Copied => copied += 1,
            Carried::There => {}
            // Deleted since the rows were read.
            Carried::Missing if known.is_none() || !still_known(desk, &key).await? => {}
            Carried::Missing => wrong.push(format!("{key} is missing")),
            Carried::Damaged => wrong.push(format!("{key} is damaged")),
        }
    }
    drop(carried);
    let there = shown(desk, place);
    if !wrong.is_empty() {
        let more = if wrong.len() > NAMED { format!(" and {} more", wrong.len() - NAMED) } else { String::new() };
        wrong.truncate(NAMED);
        return Err(Error::new(
            Code::InvalidState,
            format!(
                "All other files are at {there}, but not these: {}{more}. Bring them back into {} from a backup, and \
                 run this again.",
                wrong.join(", "),
                shown(desk, &desk.config.storage)
            ),
        ));
    }
    if lease.is_none() {
        return Err(Error::new(
            Code::InUse,
            format!(
                "{count} files are at {there}, but the desk is running and may have taken in more. Stop it, run this \
                 again (only the rest is carried), and change the setting then."
            ),
        ));
    }
    moving.end()?;
    let mut said = format!(
        "{count} files ({total} bytes) are at {there}, {copied} of them copied now; each was read back and has the \
         right SHA-256.\n"
    );
    let _ = match place {
        Place::Folder => write!(said, "Now remove storage_url (DESKBELL_STORAGE_URL)"),
        Place::Bucket(_) => write!(said, "Now set storage_url (DESKBELL_STORAGE_URL) to the URL you gave here"),
    };
    let _ = write!(
        said,
        " on every node, and start the desk. The files at {} were left as they are; remove them when all is well.",
        shown(desk, &desk.config.storage)
    );
    Ok(said)
}

/// A place as its owner knows it: the folder, or the bucket without its keys.
fn shown(desk: &Desk, place: &Place) -> String {
    match place {
        Place::Folder => desk.files.root().display().to_string(),
        Place::Bucket(_) => place.to_string(),
    }
}

type After = fn(&mut dyn Tx, &str, i64) -> Result<Vec<(String, Known)>>;

async fn known(desk: &Desk, after: After) -> Result<Vec<(String, Known)>> {
    let mut all: Vec<(String, Known)> = Vec::new();
    loop {
        let last = all.last().map(|(key, _)| key.clone()).unwrap_or_default();
        let mut rows = desk.db.read(move |tx| after(tx, &last, BATCH)).await?;
        if rows.is_empty() {
            return Ok(all);
        }
        all.append(&mut rows);
    }
}

async fn still_known(desk: &Desk, key: &str) -> Result<bool> {
    let key = key.to_owned();
    desk.db.read(move |tx| Ok(media::actions::knows_file(tx, &key)? || invoices::actions::knows_file(tx, &key)?)).await
}
