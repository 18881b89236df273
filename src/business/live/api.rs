//! `/live`.

use std::time::Duration;

use futures_util::stream::unfold;
use poem_openapi::OpenApi;
use serde::Serialize;
use tokio::time::{Interval, MissedTickBehavior, interval_at};

use super::model::area_of;
use crate::base::actor::{Access, Actor, StaffId};
use crate::base::change::Change;
use crate::base::error::{Code, Result};
use crate::base::id::Id;
use crate::business::desk::Desk;
use crate::platform::http::{Call, Events, KEEP_ALIVE, event};
use crate::platform::hub::{Heard, Listening};

/// A line that says nothing is sent this often, and less than a silent connection may live.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// What is told of a deed.
#[derive(Serialize)]
struct Changed<'c> {
    noun: &'c str,
    id: Id<Change>,
    action: &'c str,
    actor_id: Option<StaffId>,
    request_id: &'c str,
}

fn changed(change: &Change) -> Option<String> {
    let data = Changed {
        noun: &change.noun,
        id: change.id,
        action: &change.action,
        actor_id: change.actor_id,
        request_id: &change.request_id,
    };
    serde_json::to_string(&data).ok().map(|data| event("changed", &data))
}

/// Somebody who listens.
struct Ear {
    desk: Desk,
    call: Call,
    actor: Actor,
    listening: Listening,
    ticks: Interval,
    greeted: bool,
}

impl Ear {
    /// The next text; none at the end.
    async fn next(mut self) -> Option<(String, Self)> {
        if !self.greeted {
            self.greeted = true;
            return Some((event("hello", "{}"), self));
        }
        loop {
            let heard = tokio::select! {
                heard = self.listening.next() => Some(heard),
                _ = self.ticks.tick() => None,
            };
            let text = match heard {
                Some(Heard::Change(change)) => {
                    // Sessions end and roles change by deeds on accounts.
                    if matches!(change.noun.as_str(), "account" | "session" | "api_token") && !self.is_known().await {
                        return None;
                    }
                    if !self.actor.grants.has(area_of(&change.noun), Access::Read) {
                        continue;
                    }
                    changed(&change)
                }
                Some(Heard::Missed) => Some(event("missed", "{}")),
                Some(Heard::Over) => None,
                None => self.is_known().await.then(|| KEEP_ALIVE.to_owned()),
            };
            return text.map(|text| (text, self));
        }
    }

    /// Whether they still are who they were; with what they may do now.
    async fn is_known(&mut self) -> bool {
        match self.desk.who(&self.call).await {
            Ok(actor) => {
                self.actor = actor;
                true
            }
            // A database that is gone for a moment is no reason to hang up.
            Err(error) => !matches!(error.code, Code::Unauthenticated | Code::Forbidden),
        }
    }
}

/// The handlers.
pub struct Api {
    desk: Desk,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[OpenApi]
impl Api {
    /// What others change, as server-sent events
    ///
    /// `hello` comes at once. `changed` names what was changed (`noun`, `id`), how (`action`), by whom (`actor_id`) and
    /// in which request (`request_id`, as in `X-Request-Id`), if you may see it. `missed` says that some are lost:
    /// load again what is on screen.
    #[oai(path = "/live", method = "get", operation_id = "listen")]
    async fn live(&self, call: Call) -> Result<Events> {
        let actor = self.desk.who(&call).await?;
        let listening = self.desk.hub.listen()?;
        let every = KEEP_ALIVE_EVERY.min(self.desk.config.idle_timeout / 2).max(Duration::from_millis(100));
        let mut ticks = interval_at(tokio::time::Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ear = Ear { desk: self.desk.clone(), call, actor, listening, ticks, greeted: false };
        Ok(Events::new(unfold(ear, Ear::next)))
    }
}
