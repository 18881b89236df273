//! Kinds of events and when a failed one is tried again.

use crate::base::id::Id;
use crate::base::time::Instant;
use crate::{word_column, words};

words! {
    /// What is to be done.
    pub enum Kind {
        /// Render the PDF of the invoice `subject_id`.
        RenderInvoice = "render_invoice",
        /// Delete the file `payload` from the store.
        DeleteFile = "delete_file",
        /// Look into the file `subject_id`: sizes, durations, smaller pictures, peaks.
        ProcessMedia = "process_media",
    }
}
word_column!(Kind);

impl Kind {
    /// Whether it may take minutes, so that it must not stand in the way of the others.
    pub const fn is_slow(self) -> bool {
        matches!(self, Self::ProcessMedia)
    }
}

/// Names the id of whatever an event is about.
pub struct Subject;

/// Something to be done.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id.
    pub id: Id<Event>,
    /// What.
    pub kind: Kind,
    /// To which one.
    pub subject_id: Id<Subject>,
    /// With what.
    pub payload: Option<String>,
    /// How often it was begun.
    pub attempts: i64,
}

words! {
    /// Which events are meant.
    pub enum Standing {
        /// To be done, now or after a pause.
        Waiting = "waiting",
        /// Tried too often.
        Failed = "failed",
    }
}

/// An event as those who look after the desk see it.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: Id<Event>,
    /// What.
    pub kind: Kind,
    /// To which one.
    pub subject_id: Id<Subject>,
    /// When it is tried next, or was to be tried.
    pub due_at: Instant,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was tried too often.
    pub failed_at: Option<Instant>,
    /// Why the last try failed.
    pub error: Option<String>,
}

impl Job {
    /// How it stands.
    pub const fn standing(&self) -> Standing {
        match self.failed_at {
            Some(_) => Standing::Failed,
            None => Standing::Waiting,
        }
    }
}

/// Begun more often than this, an event has failed and waits for somebody to look.
pub const ATTEMPTS: i64 = 8;

/// How long a worker may take before another takes the event over, in seconds.
pub const LEASE_SECONDS: i64 = 120;

/// When an event that failed for the `attempts`th time is tried again: after 1, 2, 4 … seconds, an hour at most.
pub fn next_try(now: Instant, attempts: i64) -> Instant {
    let seconds = 1_i64 << attempts.clamp(1, 12).saturating_sub(1);
    now.plus_seconds(seconds.min(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_waits_twice_as_long_up_to_an_hour() {
        let now = Instant::from_micros(0);
        assert_eq!(next_try(now, 1).seconds(), 1);
        assert_eq!(next_try(now, 4).seconds(), 8);
        assert_eq!(next_try(now, 99).seconds(), 2048);
    }
}
