//! Every path: the API, its document and explorer, health, and the embedded pages.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use poem::http::{Method, header};
use poem::{Endpoint, EndpointExt as _, IntoEndpoint as _, Response, Route, endpoint::make};
use poem_openapi::{OpenApi, OpenApiService};

use super::{demo, ui};
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::business::accounts::api::Hasher;
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::invoices::render::Renderer;
use crate::business::{
    accounting, accounts, audio_notes, audit, bookings, checklist, client_files, clients, drafts, invoices, live,
    mails, media, occurrences, payments, profile, programs, reminders, reports, settings, setup, system, today,
    uploads, views,
};
use crate::platform::db::Tx;
use crate::platform::http::{Traffic, method_override};

/// One line for each noun.
macro_rules! apis {
    ($desk:expr, $renderer:expr, $hasher:expr) => {
        (
            setup::api::Api::new($desk.clone(), $hasher.clone(), demo::fill_later),
            (
                accounts::api::Api::new($desk.clone(), $hasher.clone()),
                profile::api::Api::new($desk.clone(), $hasher),
                checklist::api::Api::new($desk.clone()),
                views::api::Api::new($desk.clone()),
            ),
            settings::api::Api::new($desk.clone()),
            media::api::Api::new($desk.clone()),
            clients::api::Api::new($desk.clone(), forget_client, follow_client),
            programs::api::Api::new($desk.clone()),
            occurrences::api::Api::new($desk.clone()),
            bookings::api::Api::new($desk.clone(), $renderer.clone()),
            invoices::api::Api::new($desk.clone(), $renderer.clone()),
            invoices::api::PublicApi::new($desk.clone(), $renderer.clone()),
            drafts::api::Api::new($desk.clone(), $renderer.clone()),
            // A tuple has sixteen places at most.
            (
                client_files::api::Api::new($desk.clone()),
                payments::api::Api::new($desk.clone()),
                reminders::api::Api::new($desk.clone()),
                mails::api::Api::new($desk.clone()),
                accounting::api::Api::new($desk.clone()),
                today::api::Api::new($desk.clone()),
                reports::api::Api::new($desk.clone()),
                live::api::Api::new($desk.clone()),
            ),
            audio_notes::api::Api::new($desk.clone()),
            uploads::api::Api::new($desk.clone()),
            audit::api::Api::new($desk.clone()),
            system::api::Api::new($desk.clone()),
        )
    };
}

/// What goes with a client who is removed.
fn forget_client(tx: &mut dyn Tx, actor: &Actor, client: ClientId) -> Result<()> {
    audio_notes::actions::forget_client(tx, actor, client)?;
    client_files::actions::forget_client(tx, actor, client)
}

/// What belongs to a client who is merged belongs to the one that stays. Issued documents never change.
fn follow_client(tx: &mut dyn Tx, actor: &Actor, from: ClientId, to: ClientId) -> Result<()> {
    bookings::actions::follow_client(tx, from, to, actor.at)?;
    audio_notes::actions::follow_client(tx, from, to)?;
    client_files::actions::follow_client(tx, from, to)?;
    drafts::actions::follow_client(tx, from, to)?;
    mails::actions::follow_client(tx, from, to)
}

fn service(desk: &Desk, renderer: &Renderer) -> OpenApiService<impl OpenApi + use<>, ()> {
    let hasher = Hasher::default();
    OpenApiService::new(apis!(desk, renderer, hasher), "Deskbell", env!("CARGO_PKG_VERSION"))
        .description("Bookings, clients, programs, invoices.")
        .server("/api/v1")
}

/// The whole server, without its frame.
pub fn endpoint(desk: &Desk, renderer: &Renderer, traffic: &Traffic) -> impl Endpoint<Output = Response> + 'static {
    let api = service(desk, renderer).into_endpoint();
    let health = OpenApiService::new(system::api::HealthApi::new(desk.clone()), "Health", "1");
    Route::new()
        .at("/api/openapi.json", text("application/json", desk, document))
        .at("/api/openapi.yaml", text("application/yaml", desk, |desk| described(desk).spec_yaml()))
        .at("/api/docs", make(|request| async move { ui::page(&request, "docs.html") }))
        .nest_no_strip("/health", health)
        .at("/metrics", system::api::metrics(desk, traffic))
        .nest("/api/v1", api.before(|request| async move { Ok(method_override(request)) }))
        .at("/api/*rest", make(|_| async { Err::<Response, _>(nothing_here()) }))
        .at("/*path", make(|request| async move { ui::serve(&request) }))
        .map_to_response()
        .into_endpoint()
}

fn nothing_here() -> poem::Error {
    Error::new(Code::NotFound, "There is nothing here. Check the path.").into()
}

/// A text that few ask for: written when somebody first does, so that the others do not pay for it at the start.
fn text(
    content_type: &'static str,
    desk: &Desk,
    write: fn(&Desk) -> String,
) -> impl Endpoint<Output = Response> + use<> {
    let (written, desk) = (Arc::new(OnceLock::<Bytes>::new()), desk.clone());
    make(move |request| {
        let (written, desk) = (Arc::clone(&written), desk.clone());
        async move {
            if request.method() != Method::GET && request.method() != Method::HEAD {
                let error = Error::new(Code::MethodNotAllowed, "This path does not take that method.");
                return Err(poem::Error::from(error));
            }
            let text = written.get_or_init(|| Bytes::from(write(&desk))).clone();
            Ok(Response::builder()
                .header(header::CONTENT_TYPE, content_type)
                .header(header::CACHE_CONTROL, "no-cache")
                .body(text))
        }
    })
}

fn described(desk: &Desk) -> OpenApiService<impl OpenApi + use<>, ()> {
    service(desk, &Renderer::new(desk.db.clone(), desk.files.clone(), desk.clock.clone(), Arc::clone(&desk.fonts)))
}

/// The OpenAPI document, as JSON.
pub fn document(desk: &Desk) -> String {
    described(desk).spec()
}
