//! Wiring: a configuration in, an address and a way to stop out. The app is a value; tests start many.

pub mod cli;
pub mod demo;
mod routes;
pub mod storage;
mod ui;
pub mod verify;
pub mod worker;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::base::error::Result;
use crate::base::time::Clock;
use crate::business::desk::Desk;
use crate::business::invoices::render::Renderer;
use crate::business::{accounts, clients, settings};
use crate::platform::config::{self, Config};
use crate::platform::db::Db;
use crate::platform::files::{self, Files, Lease};
use crate::platform::http::{Frame, Limits, Listener, Traffic};
use crate::platform::hub::Hub;
use crate::platform::jobs::{Jobs, Nudge};
use crate::platform::pdf::Fonts;

pub use routes::document;

/// A running desk.
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its handlers hold.
    pub desk: Desk,
    /// The token of the first run, while it is still to be done.
    pub setup_token: Option<String>,
    /// Nobody moves the files meanwhile.
    _lease: Option<Lease>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    jobs: Jobs,
}

/// Opens what a desk needs, without serving: for the command line.
///
/// # Errors
/// What the database and the store refuse.
pub async fn open(config: Config, clock: Clock) -> Result<Desk> {
    config.make_data_dir()?;
    let hub = Hub::default();
    let teller = hub.clone();
    let db = Db::open(&config.database).await?.heard_by(Arc::new(move |changes| teller.tell(changes)));
    let files = open_files(&config, &config.storage)?;
    let identify = accounts::actions::identify;
    let fonts = Arc::new(Fonts::with_extra(config.fonts()));
    Ok(Desk { db, files, clock, fonts, config: Arc::new(config), nudge: Nudge::default(), hub, identify })
}

/// The store of the data directory with its whole files at a place, which need not be the configured one.
fn open_files(config: &Config, place: &files::Place) -> Result<Files> {
    let options = files::Options { budget: config.byte_budget, reserve: config.disk_reserve, idle: config.upload_idle };
    Files::open_at(&config.data_dir.join("files"), place, options)
}

/// Clients that an older Deskbell kept become findable before anybody searches.
async fn adopt_clients(desk: &Desk) -> Result<()> {
    let mut adopted = 0;
    loop {
        // A look first, which costs no commit.
        if !desk.db.read(clients::actions::any_to_adopt).await? {
            break;
        }
        adopted += desk.db.write(clients::actions::adopt).await?;
    }
    if adopted > 0 {
        tracing::info!(adopted, "clients were made findable");
    }
    Ok(())
}

impl App {
    /// Starts a desk.
    ///
    /// # Errors
    /// What opening refuses; `unavailable` when the address is taken.
    pub async fn start(config: Config, clock: Clock) -> Result<Self> {
        let listener = Listener::bind(config.listen).await?;
        let address = listener.address();
        let desk = open(config, clock).await?;
        let lease = desk.files.serving()?;
        if let Err(error) = desk.files.check().await {
            // The database is waited for; without its files the desk can at least say what is wrong.
            tracing::warn!(%error, "the store of the files does not answer");
        }
        verify::adopt(&desk).await?;
        adopt_clients(&desk).await?;
        let setup_token = match desk.db.read(settings::actions::missing).await? {
            true => Some(config::setup_token(&desk.config.data_dir)?),
            false => None,
        };
        let limits = Limits {
            connections: desk.config.max_connections,
            head: desk.config.head_timeout,
            idle: desk.config.idle_timeout,
            grace: desk.config.shutdown_grace,
        };
        let (stop, stopped) = watch::channel(false);
        let renderer = Renderer::new(desk.db.clone(), desk.files.clone(), desk.clock.clone(), Arc::clone(&desk.fonts));
        let traffic = Traffic::default();
        let endpoint = Frame::new(routes::endpoint(&desk, &renderer, &traffic), desk.config.trust_proxy, traffic);
        let mut jobs = Jobs::new(stopped.clone());
        worker::begin(&mut jobs, &desk, &renderer, &stopped);
        let serving = tokio::spawn(listener.serve(endpoint, limits, stopped));
        Ok(Self { address, desk, setup_token, _lease: lease, stop, serving, jobs })
    }

    /// Finishes running requests and commits, then ends.
    pub async fn stop(self) {
        // Those who listen for changes would never finish by themselves.
        self.desk.hub.close();
        // Nobody listening any more is as good as stopped.
        let _ = self.stop.send(true);
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the listener ended with a panic");
        }
        self.jobs.join().await;
        self.desk.db.close().await;
    }
}
