//! `/clients`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Client, ClientId, Details};
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::Result;
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::platform::db::Tx;
use crate::platform::http::{Call, Created, Json, List, NoContent, Patch, Tagged};

/// A postal address.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
#[serde(from = "AddressWire")]
#[oai(rename = "Address")]
pub struct AddressView {
    street: Option<String>,
    postcode: Option<String>,
    city: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
}

/// An address may also come as plain text; its lines become the street.
#[derive(Deserialize)]
#[serde(untagged)]
enum AddressWire {
    Text(String),
    Parts { street: Option<String>, postcode: Option<String>, city: Option<String>, country: Option<String> },
}

impl From<AddressWire> for AddressView {
    fn from(wire: AddressWire) -> Self {
        match wire {
            AddressWire::Text(text) => {
                let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                Self { street: Some(lines.join(", ")), ..Self::default() }
            }
            AddressWire::Parts { street, postcode, city, country } => Self { street, postcode, city, country },
        }
    }
}

/// What is known about a client.
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize)]
pub struct ClientInput {
    name: String,
    email: Option<String>,
    phone: Option<String>,
    /// An object, or plain text.
    address: Option<AddressView>,
    vat_id: Option<String>,
    /// Language of mails and invoices, such as `de`.
    locale: Option<String>,
    tags: Option<Vec<String>>,
    /// Written notes.
    notes: Option<String>,
    /// What they want to read on invoices, such as a Leitweg-ID.
    buyer_reference: Option<String>,
}

impl From<ClientInput> for Details {
    fn from(input: ClientInput) -> Self {
        let address = input.address.unwrap_or_default();
        Self {
            name: input.name,
            email: input.email,
            phone: input.phone,
            street: address.street,
            postcode: address.postcode,
            city: address.city,
            country: address.country,
            vat_id: input.vat_id,
            locale: input.locale,
            tags: input.tags.unwrap_or_default(),
            notes: input.notes,
            buyer_reference: input.buyer_reference,
        }
    }
}

impl From<Details> for ClientInput {
    fn from(details: Details) -> Self {
        let address = AddressView {
            street: details.street,
            postcode: details.postcode,
            city: details.city,
            country: details.country,
        };
        Self {
            name: details.name,
            email: details.email,
            phone: details.phone,
            address: Some(address),
            vat_id: details.vat_id,
            locale: details.locale,
            tags: Some(details.tags),
            notes: details.notes,
            buyer_reference: details.buyer_reference,
        }
    }
}

/// A person or firm that books.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Client")]
struct ClientView {
    id: ClientId,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    address: AddressView,
    vat_id: Option<String>,
    locale: Option<String>,
    tags: Vec<String>,
    notes: Option<String>,
    buyer_reference: Option<String>,
    created_at: Instant,
    version: i64,
}

impl From<Client> for ClientView {
    fn from(client: Client) -> Self {
        let d = client.details;
        let address = AddressView { street: d.street, postcode: d.postcode, city: d.city, country: d.country };
        Self {
            id: client.id,
            name: d.name,
            email: d.email,
            phone: d.phone,
            address,
            vat_id: d.vat_id,
            locale: d.locale,
            tags: d.tags,
            notes: d.notes,
            buyer_reference: d.buyer_reference,
            created_at: client.created_at,
            version: client.version,
        }
    }
}

const READ: (Area, Access) = (Area::Clients, Access::Read);
const WRITE: (Area, Access) = (Area::Clients, Access::Write);

/// Takes leave of a client in the rooms below this one, in the same transaction; registered by the wiring.
pub type Farewell = fn(&mut dyn Tx, &Actor, ClientId) -> Result<()>;

/// The handlers.
pub struct Api {
    desk: Desk,
    farewell: Farewell,
}

impl Api {
    /// Handlers over this desk; `farewell` removes what goes with a client.
    pub fn new(desk: Desk, farewell: Farewell) -> Self {
        Self { desk, farewell }
    }
}

#[OpenApi(prefix_path = "/clients")]
impl Api {
    /// Clients, newest first
    #[oai(path = "/", method = "get", operation_id = "list_clients")]
    async fn list(
        &self,
        call: Call,
        /// Beginnings of words of the name, e-mail, city, tags or phone number.
        q: Query<Option<String>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<ClientView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self.desk.read(&call, READ, move |tx, _| actions::page(tx, q.0.as_deref(), &paging)).await?;
        Ok(Json(List::of(page, ClientView::from)))
    }

    /// Take a client in
    #[oai(path = "/", method = "post", operation_id = "create_client")]
    async fn create(&self, call: Call, body: Json<ClientInput>) -> Result<Created<ClientView>> {
        let retry = call.retry(&body.0)?;
        let client = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    actions::create(tx, actor, body.0.clone().into()).map(ClientView::from)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/clients/{}", client.id), client.clone()).tagged(client.version))
    }

    /// One client
    #[oai(path = "/:id", method = "get", operation_id = "get_client")]
    async fn get(&self, call: Call, id: Path<ClientId>) -> Result<Tagged<ClientView>> {
        let client = self.desk.read(&call, READ, move |tx, _| actions::get(tx, id.0)).await?;
        Ok(Tagged::new(client.version, client.into()))
    }

    /// Change what is known about a client
    #[oai(path = "/:id", method = "patch", operation_id = "change_client")]
    async fn change(&self, call: Call, id: Path<ClientId>, patch: Patch<ClientInput>) -> Result<Tagged<ClientView>> {
        let expected = call.expected.clone();
        let client = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let form = patch.apply(&actions::get(tx, id.0)?.details.into())?;
                actions::change(tx, actor, id.0, &expected, form.into())
            })
            .await?;
        Ok(Tagged::new(client.version, client.into()))
    }

    /// Remove a client that nothing refers to
    #[oai(path = "/:id", method = "delete", operation_id = "delete_client")]
    async fn delete(&self, call: Call, id: Path<ClientId>) -> Result<NoContent> {
        let (expected, farewell) = (call.expected.clone(), self.farewell);
        let leave = move |tx: &mut dyn Tx, actor: &Actor| {
            farewell(tx, actor, id.0)?;
            actions::delete(tx, actor, id.0, &expected)
        };
        self.desk.write(&call, WRITE, leave).await?;
        Ok(NoContent::default())
    }
}
