//! Work beside the requests: loops that are woken or come round, and end when the program does.
//!
//! Uses: base. Never: a loop that spins; work that outlives the stop.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::base::error::Result;

/// Wakes a loop before its time.
#[derive(Clone, Debug, Default)]
pub struct Nudge(Arc<Notify>);

impl Nudge {
    /// There may be something to do. Many nudges before the loop comes round are one.
    pub fn now(&self) {
        self.0.notify_one();
    }
}

/// Comes back once the stop is asked for, or nobody is left to ask.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The loops of a running program.
#[derive(Debug)]
pub struct Jobs {
    stop: watch::Receiver<bool>,
    running: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// No loops yet; all end when `stop` says true.
    pub fn new(stop: watch::Receiver<bool>) -> Self {
        Self { stop, running: Vec::new() }
    }

    /// Runs `work` now, after each nudge, and at the latest each `every`. What fails is logged and tried again. Jobs
    /// begin one shortly after the other: together each would open a connection of its own, only to look.
    pub fn every<F, W>(&mut self, name: &'static str, every: Duration, nudge: Nudge, work: W)
    where
        W: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<()>> + Send,
    {
        let mut stop = self.stop.clone();
        let begin = Duration::from_millis(30).saturating_mul(u32::try_from(self.running.len()).unwrap_or(0));
        self.running.push(tokio::spawn(async move {
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = tokio::time::sleep(begin) => {}
            }
            loop {
                if let Err(error) = work().await {
                    tracing::warn!(job = name, %error, "a job failed and will be tried again");
                }
                tokio::select! {
                    () = stopped(&mut stop) => return,
                    () = tokio::time::sleep(every) => {}
                    () = nudge.0.notified() => {
                        // A burst of requests nudges once per request; let it gather.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
        }));
    }

    /// Waits for every loop to come to its end.
    pub async fn join(self) {
        for job in self.running {
            if let Err(error) = job.await {
                tracing::error!(%error, "a job ended with a panic");
            }
        }
    }
}
