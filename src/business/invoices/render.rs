//! The PDF of an issued document: rendered once, kept, and served as a file from then on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::actions;
use super::einvoice::Format;
use super::look::Looks;
use super::model::{Document, Invoice, InvoiceId, Line, Lines, Rendered, Rendering};
use super::{einvoice, paper};
use crate::base::error::{Error, Result};
use crate::base::time::Clock;
use crate::platform::db::Db;
use crate::platform::files::Files;
use crate::platform::pdf::Fonts;

/// Lines read at once; a document of a hundred thousand is never whole in memory.
const BATCH: i64 = 500;

/// Whoever holds it renders; the others wait.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// Renders documents; cheap to clone.
#[derive(Clone)]
pub struct Renderer {
    db: Db,
    files: Files,
    clock: Clock,
    fonts: Arc<Fonts>,
    looks: Looks,
    running: Arc<Mutex<HashMap<(InvoiceId, Rendering), Turn>>>,
}

impl Renderer {
    /// A renderer over these.
    pub fn new(db: Db, files: Files, clock: Clock, fonts: Arc<Fonts>) -> Self {
        let looks = Looks::new(db.clone(), files.clone());
        Self { db, files, clock, fonts, looks, running: Arc::default() }
    }

    /// The PDF of a document that is not issued yet; nothing is stored.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn draft(&self, document: Document, lines: Vec<Line>) -> Result<Vec<u8>> {
        let (look, fonts) = (self.looks.now(true).await?, Arc::clone(&self.fonts));
        let writing = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            let mut lines = Held { lines, next: 0 };
            paper::write(&mut bytes, &document, &look, &fonts, &mut lines)?;
            Ok(bytes)
        });
        writing.await.map_err(Error::internal)?
    }

    /// A document as a file; rendered now if it was not yet, once even when many ask together.
    ///
    /// # Errors
    /// `not_found`, `insufficient_storage`, `database_unavailable`.
    pub async fn ensure(&self, id: InvoiceId, what: Rendering) -> Result<Rendered> {
        if let Some(done) = self.db.read(move |tx| actions::rendered(tx, id, what)).await? {
            return Ok(done);
        }
        let lock = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(running.entry((id, what)).or_default())
        };
        let held = lock.lock().await;
        let rendered = self.render_unless_done(id, what).await;
        drop(held);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        // The map and this call hold it: nobody waits any more.
        if Arc::strong_count(&lock) <= 2 {
            running.remove(&(id, what));
        }
        rendered
    }

    async fn render_unless_done(&self, id: InvoiceId, what: Rendering) -> Result<Rendered> {
        if let Some(done) = self.db.read(move |tx| actions::rendered(tx, id, what)).await? {
            return Ok(done);
        }
        let document = self.db.read(move |tx| actions::document(tx, id)).await?;
        let (look, fonts) = (self.looks.now(false).await?, Arc::clone(&self.fonts));
        let mut lines = Reading::new(self.db.clone(), id, Handle::current());
        let writing = self.files.generate(what.content_type(), move |sink| match what.format() {
            None => paper::write(sink, &document, &look, &fonts, &mut lines).map(|outcome| outcome.missing_glyphs),
            Some(format) => einvoice::write(sink, format, &document, &mut lines).map(|()| 0),
        });
        let (stored, missing_glyphs) = writing.await?;
        if missing_glyphs > 0 {
            tracing::warn!(invoice = %id, glyphs = missing_glyphs, "the fonts lack some characters");
        }
        let file = Rendered {
            file_key: stored.key.clone(),
            size: i64::try_from(stored.size).map_err(Error::internal)?,
            sha256: stored.sha256,
            rendered_at: self.clock.now(),
        };
        // After an error the file stays for the sweeper, which asks the rows: a commit whose answer was lost knows it.
        let recorded = self.db.write(move |tx| actions::record_rendered(tx, id, what, &file)).await?;
        if recorded.file_key != stored.key {
            self.files.delete(&stored.key).await?;
        }
        Ok(recorded)
    }
}

impl Rendering {
    /// The e-invoice that it is, unless it is for people.
    const fn format(self) -> Option<Format> {
        match self {
            Self::Pdf => None,
            Self::FacturX => Some(Format::Facturx),
            Self::Cii => Some(Format::Cii),
            Self::Ubl => Some(Format::Ubl),
        }
    }
}

impl From<Format> for Rendering {
    fn from(format: Format) -> Self {
        match format {
            Format::Facturx => Self::FacturX,
            Format::Cii => Self::Cii,
            Format::Ubl => Self::Ubl,
        }
    }
}

type Batch = Result<Vec<Line>>;

/// The lines of a document as they are read, the next batch while the last is written.
struct Reading {
    db: Db,
    id: InvoiceId,
    runtime: Handle,
    after: i64,
    coming: Option<JoinHandle<Batch>>,
    current: std::vec::IntoIter<Line>,
}

impl Reading {
    fn new(db: Db, id: InvoiceId, runtime: Handle) -> Self {
        let mut reading = Self { db, id, runtime, after: 0, coming: None, current: Vec::new().into_iter() };
        reading.ask();
        reading
    }

    fn ask(&mut self) {
        let (db, id, after) = (self.db.clone(), self.id, self.after);
        let read = async move { db.read(move |tx| actions::lines_of(tx, id, after, BATCH)).await };
        self.coming = Some(self.runtime.spawn(read));
        self.after += BATCH;
    }
}

impl Lines for Reading {
    fn next(&mut self) -> Result<Option<Line>> {
        if let Some(line) = self.current.next() {
            return Ok(Some(line));
        }
        let Some(coming) = self.coming.take() else { return Ok(None) };
        let batch = self.runtime.block_on(coming).map_err(Error::internal)??;
        if i64::try_from(batch.len()).map_err(Error::internal)? == BATCH {
            self.ask();
        }
        self.current = batch.into_iter();
        Ok(self.current.next())
    }

    fn rewind(&mut self) -> Result<()> {
        self.current = Vec::new().into_iter();
        self.after = 0;
        self.ask();
        Ok(())
    }
}

/// Lines that are all there.
struct Held {
    lines: Vec<Line>,
    next: usize,
}

impl Lines for Held {
    fn next(&mut self) -> Result<Option<Line>> {
        self.next += 1;
        Ok(self.lines.get(self.next - 1).cloned())
    }

    fn rewind(&mut self) -> Result<()> {
        self.next = 0;
        Ok(())
    }
}

/// The name a document is saved under.
pub fn filename(invoice: &Invoice, what: Rendering) -> String {
    let number: String =
        invoice.number.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
    format!("{number}.{}", what.extension())
}
