//! Who listens hears what was committed. In memory: what happens while nobody listens is not kept.
//!
//! Uses: base. Never: a teller who waits for a listener; a queue without a bound.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

use crate::base::change::Change;
use crate::base::error::{Code, Error, Result};

/// Most listeners at once.
const LISTENERS: usize = 300;
/// Changes that a slow listener may be behind before it misses some.
const BEHIND: usize = 256;

/// Where changes are told and heard; cheap to clone. Empty once it is closed.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Mutex<Option<Sender<Arc<Change>>>>>);

impl Default for Hub {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Some(broadcast::Sender::new(BEHIND)))))
    }
}

impl Hub {
    /// Tells those who listen now.
    pub fn tell(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        if let Some(sender) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner)
            && sender.receiver_count() > 0
        {
            for change in changes {
                // Nobody listening any more is no failure.
                let _ = sender.send(Arc::new(change));
            }
        }
    }

    /// Listens from now on.
    ///
    /// # Errors
    /// `unavailable` when too many listen already, or the program ends.
    pub fn listen(&self) -> Result<Listening> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(sender) if sender.receiver_count() < LISTENERS => Ok(Listening(sender.subscribe())),
            Some(_) => Err(Error::new(Code::Unavailable, "Too many listen already. Ask again later.").retry_after(30)),
            None => Err(Error::new(Code::Unavailable, "The desk is about to stop.").retry_after(5)),
        }
    }

    /// Ends the listening of all, for good.
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something was changed.
    Change(Arc<Change>),
    /// It was too slow, and some changes are lost to it.
    Missed,
    /// Nothing more will come.
    Over,
}

/// One who listens.
#[derive(Debug)]
pub struct Listening(Receiver<Arc<Change>>);

impl Listening {
    /// Waits for the next. A call that is dropped loses nothing.
    pub async fn next(&mut self) -> Heard {
        match self.0.recv().await {
            Ok(change) => Heard::Change(change),
            Err(RecvError::Lagged(_)) => Heard::Missed,
            Err(RecvError::Closed) => Heard::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;

    fn change(action: &str) -> Change {
        Change {
            noun: "booking".into(),
            id: Id::from_bytes([1; 16]),
            action: action.into(),
            actor_id: None,
            request_id: String::new(),
        }
    }

    #[tokio::test]
    async fn a_listener_hears_what_is_told_after_it_came_and_the_end() {
        let hub = Hub::default();
        hub.tell(vec![change("early")]);
        let mut listening = hub.listen().expect("room");
        hub.tell(vec![change("hold"), change("confirm")]);
        hub.close();
        assert_eq!(listening.next().await, Heard::Change(Arc::new(change("hold"))));
        assert_eq!(listening.next().await, Heard::Change(Arc::new(change("confirm"))));
        assert_eq!(listening.next().await, Heard::Over);
        assert!(hub.listen().is_err());
    }

    #[tokio::test]
    async fn a_slow_listener_learns_that_it_missed_some_and_there_is_an_end_of_room() {
        let hub = Hub::default();
        let mut slow = hub.listen().expect("room");
        for _ in 0..1000 {
            hub.tell(vec![change("hold")]);
        }
        assert_eq!(slow.next().await, Heard::Missed);
        assert!(matches!(slow.next().await, Heard::Change(_)));
        let others: Vec<_> = (1..LISTENERS).map(|_| hub.listen().expect("room")).collect();
        assert_eq!(hub.listen().expect_err("full").code, Code::Unavailable);
        drop(others);
        assert!(hub.listen().is_ok());
    }
}
