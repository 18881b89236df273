//! Looking into a file after it was recorded: sizes, durations, smaller pictures, a picture's public copy, peaks.
//!
//! A file that cannot be read is marked so, and stays. What the disk, the store or the database fails with goes back
//! to the event, which is tried again.

use std::sync::mpsc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::actions;
use super::model::{Found, Media, MediaId, PUBLIC_COPY, Processing, Variant};
use crate::base::error::{Code, Error, Result};
use crate::platform::codec::{Source, film, picture, sound, strip};
use crate::platform::db::Db;
use crate::platform::files::{Files, Kind, Stored};

/// A picture or the head of a film is read within this time.
const PATIENCE: Duration = Duration::from_secs(120);
/// A recording is heard whole: a day of speech takes minutes.
const LONG_PATIENCE: Duration = Duration::from_secs(900);
/// Bytes asked for at once of what is read in order.
const IN_ORDER: u64 = 1 << 20;

/// Looks into files; cheap to clone.
#[derive(Clone)]
pub struct Processor {
    db: Db,
    files: Files,
    stop: watch::Receiver<bool>,
}

impl Processor {
    /// Over these; ends early when `stop` says so.
    pub fn new(db: Db, files: Files, stop: watch::Receiver<bool>) -> Self {
        Self { db, files, stop }
    }

    /// Looks into a file, unless that was done.
    ///
    /// # Errors
    /// `insufficient_storage`, `database_unavailable`, `unavailable` when the program ends, `internal`: to be tried
    /// again. A file that cannot be read is no error.
    pub async fn process(&self, id: MediaId) -> Result<()> {
        let media = match self.db.read(move |tx| actions::get(tx, id)).await {
            Ok(media) if media.processing == Processing::Pending => media,
            Ok(_) => return Ok(()),
            Err(error) if error.code == Code::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut found = Found::default();
        let looked = match media.kind {
            Kind::Poster | Kind::Image => self.picture(&media, &mut found).await,
            Kind::Video => self.film(&media, &mut found).await,
            Kind::Audio => self.sound(&media, &mut found).await,
            Kind::Document => Ok(()),
        };
        match looked {
            Ok(()) => {}
            Err(error) if is_of_the_file(&error) => {
                tracing::info!(media = %id, why = %error, "a file cannot be read");
                found.failure = Some(error.detail.into_owned());
            }
            Err(error) => {
                self.remove(&found.variants).await;
                return Err(error);
            }
        }
        self.record(id, found).await
    }

    /// Marks a file as one that cannot be processed, after it was tried often.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn give_up(&self, id: MediaId, error: &Error) -> Result<()> {
        let failure = Some(format!("This file could not be looked into. {}", error.detail));
        self.record(id, Found { failure, ..Found::default() }).await
    }

    async fn record(&self, id: MediaId, found: Found) -> Result<()> {
        let made = found.variants.clone();
        // When the answer is lost, the rows may be there or not: then the sweeper decides about the files.
        if !self.db.write(move |tx| actions::record_found(tx, id, &found)).await? {
            self.remove(&made).await;
        }
        Ok(())
    }

    async fn remove(&self, made: &[Variant]) {
        for variant in made {
            if let Err(error) = self.files.delete(&variant.file_key).await {
                tracing::warn!(%error, "a file that was made for nothing could not be removed");
            }
        }
    }

    async fn picture(&self, media: &Media, found: &mut Found) -> Result<()> {
        let content_type = picture_type(media)?;
        let size = self.read(media, PATIENCE, move |source| picture::size(source, content_type)).await?;
        let (width, height) = (i64::from(size.width), i64::from(size.height));
        (found.width, found.height) = (Some(width), Some(height));
        let copy = self.copy(media, content_type).await?;
        found.variants.push(variant(PUBLIC_COPY.to_owned(), (width, height), &copy)?);
        if !picture::decodes(content_type) {
            found.remark = Some("No smaller pictures are made of AVIF. Send a JPEG, PNG or WebP to have them.".into());
            return Ok(());
        }
        let (sender, made) = mpsc::channel();
        let (files, runtime) = (self.files.clone(), Handle::current());
        let smaller = self
            .read(media, PATIENCE, move |source| {
                picture::smaller(source, content_type, &mut |one| {
                    let name = format!("{}.{}", one.size.width, one.ending);
                    let (size, bytes) = ((i64::from(one.size.width), i64::from(one.size.height)), one.bytes);
                    let storing =
                        files.generate(one.content_type, move |sink| sink.write_all(&bytes).map_err(Error::internal));
                    let (stored, ()) = runtime.block_on(storing)?;
                    sender.send(variant(name, size, &stored)?).map_err(Error::internal)
                })
            })
            .await;
        let made: Vec<Variant> = made.try_iter().collect();
        match smaller {
            Err(error) if is_of_the_file(&error) => {
                // Half a set is none; the copy stays, since a browser may read more than we do.
                self.remove(&made).await;
                Err(error)
            }
            smaller => {
                found.variants.extend(made);
                smaller
            }
        }
    }

    async fn copy(&self, media: &Media, content_type: &'static str) -> Result<Stored> {
        let reader = self.files.reader(&media.file_key).await?.ok_or_else(gone)?;
        let stop = self.stop.clone();
        let copying = self.files.generate(content_type, move |sink| {
            let (mut source, trouble) = Source::open(reader, IN_ORDER, PATIENCE, stop);
            trouble.judge(strip::copy(&mut source, content_type, sink))
        });
        Ok(copying.await?.0)
    }

    async fn film(&self, media: &Media, found: &mut Found) -> Result<()> {
        let content_type = media.content_type.clone();
        let film = self.read(media, PATIENCE, move |source| film::read(source, &content_type)).await?;
        (found.width, found.height) = (film.width.map(i64::from), film.height.map(i64::from));
        found.duration_ms = film.duration;
        Ok(())
    }

    async fn sound(&self, media: &Media, found: &mut Found) -> Result<()> {
        let sound = self.read(media, LONG_PATIENCE, |source| sound::read(source)).await?;
        found.duration_ms = Some(sound.duration);
        found.peaks = Some(sound.peaks);
        Ok(())
    }

    /// Runs `body` on a thread that may block, over the bytes of a file.
    async fn read<T, F>(&self, media: &Media, patience: Duration, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Source) -> Result<T> + Send + 'static,
    {
        let reader = self.files.reader(&media.file_key).await?.ok_or_else(gone)?;
        let window = if media.kind == Kind::Video { film::WINDOW } else { IN_ORDER };
        let stop = self.stop.clone();
        let running = tokio::task::spawn_blocking(move || {
            let (mut source, trouble) = Source::open(reader, window, patience, stop);
            trouble.judge(body(&mut source))
        });
        match running.await {
            Ok(read) => read,
            // A decoder's own defect, brought out by this file.
            Err(error) if error.is_panic() => {
                Err(Error::new(Code::UnsupportedMediaType, "This file is damaged and cannot be read."))
            }
            Err(error) => Err(Error::internal(error)),
        }
    }
}

/// Whether trying again would help nobody.
fn is_of_the_file(error: &Error) -> bool {
    matches!(error.code, Code::UnsupportedMediaType | Code::TooLarge | Code::Timeout)
}

fn gone() -> Error {
    Error::new(Code::UnsupportedMediaType, "The bytes of this file are no longer in the store.")
}

fn picture_type(media: &Media) -> Result<&'static str> {
    media
        .kind
        .content_types()
        .iter()
        .copied()
        .find(|known| *known == media.content_type)
        .ok_or_else(|| Error::new(Code::UnsupportedMediaType, "This picture is of a type that is not known here."))
}

fn variant(name: String, (width, height): (i64, i64), stored: &Stored) -> Result<Variant> {
    Ok(Variant {
        name,
        content_type: stored.content_type.to_owned(),
        width,
        height,
        size: i64::try_from(stored.size).map_err(Error::internal)?,
        sha256: stored.sha256,
        file_key: stored.key.clone(),
    })
}
