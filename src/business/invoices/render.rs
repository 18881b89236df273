//! The PDF of an issued document: rendered once, kept, and served as a file from then on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::actions;
use super::model::{Invoice, InvoiceId, Line, Rendered};
use super::paper;
use crate::base::error::{Error, Result};
use crate::base::time::Clock;
use crate::platform::db::Db;
use crate::platform::files::Files;

/// Lines read at once; a document of a hundred thousand is never whole in memory.
const BATCH: i64 = 500;

/// Renders documents; cheap to clone.
#[derive(Clone)]
pub struct Renderer {
    db: Db,
    files: Files,
    clock: Clock,
    running: Arc<Mutex<HashMap<InvoiceId, Arc<tokio::sync::Mutex<()>>>>>,
}

impl Renderer {
    /// A renderer over these.
    pub fn new(db: Db, files: Files, clock: Clock) -> Self {
        Self { db, files, clock, running: Arc::default() }
    }

    /// The PDF of a document; rendered now if it was not yet, once even when many ask together.
    ///
    /// # Errors
    /// `not_found`, `insufficient_storage`, `database_unavailable`.
    pub async fn ensure(&self, id: InvoiceId) -> Result<Rendered> {
        if let Some(done) = self.db.read(move |tx| actions::rendered(tx, id)).await? {
            return Ok(done);
        }
        let lock = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(running.entry(id).or_default())
        };
        let held = lock.lock().await;
        let rendered = self.render_unless_done(id).await;
        drop(held);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        // The map and this call hold it: nobody waits any more.
        if Arc::strong_count(&lock) <= 2 {
            running.remove(&id);
        }
        rendered
    }

    async fn render_unless_done(&self, id: InvoiceId) -> Result<Rendered> {
        if let Some(done) = self.db.read(move |tx| actions::rendered(tx, id)).await? {
            return Ok(done);
        }
        let (invoice, taxes) = self.db.read(move |tx| Ok((actions::get(tx, id)?, actions::taxes_of(tx, id)?))).await?;
        let (lines, incoming) = tokio::sync::mpsc::channel(2);
        let reading = read_lines(self.db.clone(), id, lines);
        let writing = self.files.generate("application/pdf", move |sink| {
            let mut lines = Incoming { batches: incoming, current: Vec::new().into_iter() };
            paper::write(sink, &invoice, &taxes, &mut lines)
        });
        let (stored, ()) = tokio::join!(writing, reading);
        let (stored, outcome) = stored?;
        if outcome.missing_glyphs > 0 {
            tracing::warn!(invoice = %id, glyphs = outcome.missing_glyphs, "the fonts lack some characters");
        }
        let file = Rendered {
            file_key: stored.key.clone(),
            size: i64::try_from(stored.size).map_err(Error::internal)?,
            sha256: stored.sha256,
            rendered_at: self.clock.now(),
        };
        let recorded = self.db.write(move |tx| actions::record_rendered(tx, id, &file)).await;
        match recorded {
            Ok(recorded) => {
                if recorded.file_key != stored.key {
                    self.files.delete(&stored.key).await?;
                }
                Ok(recorded)
            }
            Err(error) => Err(error),
        }
    }
}

type Batch = Result<Vec<Line>>;

/// Reads lines in batches for as long as somebody takes them.
async fn read_lines(db: Db, id: InvoiceId, lines: tokio::sync::mpsc::Sender<Batch>) {
    let mut after = 0;
    loop {
        let batch = db.read(move |tx| actions::lines_of(tx, id, after, BATCH)).await;
        let count = batch.as_ref().map_or(0, Vec::len);
        if count == 0 && batch.is_ok() {
            return;
        }
        let failed = batch.is_err();
        if lines.send(batch).await.is_err() || failed {
            return;
        }
        after += i64::try_from(count).unwrap_or(0);
    }
}

/// The lines as the layout takes them, one by one.
struct Incoming {
    batches: tokio::sync::mpsc::Receiver<Batch>,
    current: std::vec::IntoIter<Line>,
}

impl paper::Lines for Incoming {
    fn next(&mut self) -> Result<Option<Line>> {
        loop {
            if let Some(line) = self.current.next() {
                return Ok(Some(line));
            }
            match self.batches.blocking_recv() {
                Some(batch) => self.current = batch?.into_iter(),
                None => return Ok(None),
            }
        }
    }
}

/// The name a document is saved under.
pub fn filename(invoice: &Invoice) -> String {
    let number: String =
        invoice.number.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
    format!("{number}.pdf")
}
