//! What every handler holds: the database, the files, the clock, and the way from a call to the one who acts.
//!
//! Uses: base, db, files, http. Never: a rule of the business.

use std::sync::Arc;

use crate::base::actor::{Access, Actor, Area, Credentials};
use crate::base::error::Result;
use crate::base::time::{Clock, Instant};
use crate::platform::config::Config;
use crate::platform::db::{Db, Tx};
use crate::platform::files::Files;
use crate::platform::http::Call;
use crate::platform::hub::Hub;
use crate::platform::jobs::Nudge;
use crate::platform::pdf::Fonts;

/// Finds out who shows these credentials; registered by the wiring, since accounts stand below.
pub type Identify = fn(&mut dyn Tx, &Credentials, Instant, &str) -> Result<Actor>;

/// What every handler holds; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub db: Db,
    /// The stored files.
    pub files: Files,
    /// The clock.
    pub clock: Clock,
    /// The configuration.
    pub config: Arc<Config>,
    /// What documents are written with.
    pub fonts: Arc<Fonts>,
    /// Wakes the worker that looks after events.
    pub nudge: Nudge,
    /// Where committed changes are heard.
    pub hub: Hub,
    /// Finds out who acts.
    pub identify: Identify,
}

impl Desk {
    /// Runs `body` in one transaction that may change rows, as the one who calls, if they may.
    ///
    /// # Errors
    /// `unauthenticated`, `forbidden`, and what `body` returns.
    pub async fn write<T, F>(&self, call: &Call, need: (Area, Access), body: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx, &Actor) -> Result<T> + Send + Sync + 'static,
    {
        self.write_own(call, move |tx, actor| {
            actor.may(need.0, need.1)?;
            body(tx, actor)
        })
        .await
    }

    /// Runs `body` with a right to look, as the one who calls, if they may.
    ///
    /// # Errors
    /// As [`Desk::write`].
    pub async fn read<T, F>(&self, call: &Call, need: (Area, Access), body: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx, &Actor) -> Result<T> + Send + Sync + 'static,
    {
        self.read_own(call, move |tx, actor| {
            actor.may(need.0, need.1)?;
            body(tx, actor)
        })
        .await
    }

    /// As [`Desk::write`], for what is the caller's own and needs no right.
    ///
    /// # Errors
    /// `unauthenticated`, and what `body` returns.
    pub async fn write_own<T, F>(&self, call: &Call, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx, &Actor) -> Result<T> + Send + Sync + 'static,
    {
        let (identify, credentials, at) = (self.identify, call.credentials, self.clock.now());
        let request_id = call.request_id.clone();
        let done = self
            .db
            .write(move |tx| {
                let actor = identify(tx, &credentials, at, &request_id)?;
                body(tx, &actor)
            })
            .await?;
        self.nudge.now();
        Ok(done)
    }

    /// As [`Desk::read`], for what is the caller's own and needs no right.
    ///
    /// # Errors
    /// As [`Desk::write_own`].
    pub async fn read_own<T, F>(&self, call: &Call, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx, &Actor) -> Result<T> + Send + Sync + 'static,
    {
        let (identify, credentials, at) = (self.identify, call.credentials, self.clock.now());
        let request_id = call.request_id.clone();
        self.db
            .read(move |tx| {
                let actor = identify(tx, &credentials, at, &request_id)?;
                body(tx, &actor)
            })
            .await
    }

    /// Who calls, whatever they may do.
    ///
    /// # Errors
    /// `unauthenticated`.
    pub async fn who(&self, call: &Call) -> Result<Actor> {
        self.read_own(call, |_, actor| Ok(actor.clone())).await
    }

    /// Refuses the call before its body is read, for uploads.
    ///
    /// # Errors
    /// `unauthenticated`, `forbidden`.
    pub async fn admit(&self, call: &Call, need: (Area, Access)) -> Result<Actor> {
        self.read(call, need, |_, actor| Ok(actor.clone())).await
    }
}
