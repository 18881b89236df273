//! `/clients`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Follow};
use super::model::{
    Client, ClientId, Details, Filter, Group, Imported, Likeness, OnDuplicate, Order, Outcome, Summary,
};
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::Result;
use crate::base::money::{Currency, Money};
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::settings;
use crate::platform::db::Tx;
use crate::platform::http::{Call, Created, FieldView, Json, List, NoContent, Patch, Tagged};
use crate::wire_words;

wire_words!(Likeness, OnDuplicate, Order, Outcome);

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
    /// Bookings of any state.
    bookings_count: Option<i64>,
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
            bookings_count: Some(client.bookings),
            version: client.version,
        }
    }
}

/// What a client has in all.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "ClientSummary")]
struct SummaryView {
    /// Bookings of any state.
    bookings: i64,
    /// Held or confirmed bookings of what is still to come.
    upcoming: i64,
    no_shows: i64,
    /// Invoices and credit notes.
    invoices: i64,
    audio_notes: i64,
    files: i64,
    /// What invoices come to, credit notes taken off.
    invoiced: Money,
    /// What is owed on invoices.
    balance_due: Money,
    /// When what they last came to began.
    last_visit_at: Option<Instant>,
}

impl SummaryView {
    fn of(summary: Summary, currency: Currency) -> Self {
        Self {
            bookings: summary.bookings,
            upcoming: summary.upcoming,
            no_shows: summary.no_shows,
            invoices: summary.invoices,
            audio_notes: summary.audio_notes,
            files: summary.files,
            invoiced: Money::new(summary.invoiced, currency),
            balance_due: Money::new(summary.balance_due, currency),
            last_visit_at: summary.last_visit_at,
        }
    }
}

/// Clients who may be one.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "DuplicateGroup")]
struct GroupView {
    reason: Likeness,
    /// What they have in common.
    value: String,
    /// The oldest first, 20 at most.
    clients: Vec<ClientView>,
}

impl From<Group> for GroupView {
    fn from(group: Group) -> Self {
        Self {
            reason: group.likeness,
            value: group.value,
            clients: group.clients.into_iter().map(ClientView::from).collect(),
        }
    }
}

/// Who becomes one with a client.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct MergeInput {
    /// 50 at most.
    other_ids: Vec<ClientId>,
}

/// Rows of a file.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct ImportInput {
    /// 200 at most.
    rows: Vec<ClientInput>,
    /// Only say what would become of them.
    dry_run: bool,
    /// What becomes of a row with the e-mail of a client, or of an earlier row.
    on_duplicate: OnDuplicate,
}

/// What became of a row.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "ImportedRow")]
struct ImportedView {
    /// Its place in `rows`, from 0.
    row: i64,
    outcome: Outcome,
    /// Whom it became or was already.
    client_id: Option<ClientId>,
    /// What is wrong with it.
    errors: Vec<FieldView>,
}

/// What became of rows.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "ImportReport")]
struct ReportView {
    rows: Vec<ImportedView>,
    created: i64,
    updated: i64,
    skipped: i64,
    wrong: i64,
}

impl From<Vec<Imported>> for ReportView {
    fn from(rows: Vec<Imported>) -> Self {
        let count = |outcome| i64::try_from(rows.iter().filter(|row| row.outcome == outcome).count()).unwrap_or(0);
        let view = |row: &Imported| ImportedView {
            row: i64::try_from(row.row).unwrap_or(0),
            outcome: row.outcome,
            client_id: row.client_id,
            errors: row.errors.iter().map(FieldView::from).collect(),
        };
        Self {
            created: count(Outcome::Created),
            updated: count(Outcome::Updated),
            skipped: count(Outcome::Skipped),
            wrong: count(Outcome::Wrong),
            rows: rows.iter().map(view).collect(),
        }
    }
}

/// A tag, and how many clients have it.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "ClientTag")]
struct TagView {
    tag: String,
    clients: i64,
}

/// Tags that clients have.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "ClientTags")]
struct TagsView {
    /// The most used first, 200 at most.
    items: Vec<TagView>,
}

const READ: (Area, Access) = (Area::Clients, Access::Read);
const WRITE: (Area, Access) = (Area::Clients, Access::Write);

/// Takes leave of a client in the rooms below this one, in the same transaction; registered by the wiring.
pub type Farewell = fn(&mut dyn Tx, &Actor, ClientId) -> Result<()>;

/// The handlers.
pub struct Api {
    desk: Desk,
    farewell: Farewell,
    follow: Follow,
}

impl Api {
    /// Handlers over this desk; `farewell` removes what goes with a client, `follow` gives it to another.
    pub fn new(desk: Desk, farewell: Farewell, follow: Follow) -> Self {
        Self { desk, farewell, follow }
    }
}

#[OpenApi]
impl Api {
    /// Clients, newest first unless said
    ///
    /// Of several words that many have and few have all, a page may hold fewer clients than asked for, or none, and yet
    /// name a next one: it looked as far as one reply allows.
    #[oai(path = "/clients", method = "get", operation_id = "list_clients")]
    async fn list(
        &self,
        call: Call,
        /// Beginnings of words of the name, e-mail, city, tags or phone number.
        q: Query<Option<String>>,
        /// A tag, as it is written.
        tag: Query<Option<String>>,
        /// `newest` unless said.
        sort: Query<Option<Order>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<ClientView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let filter = Filter { query: q.0, tag: tag.0, order: sort.0.unwrap_or(Order::Newest) };
        let page = self.desk.read(&call, READ, move |tx, _| actions::page(tx, &filter, &paging)).await?;
        Ok(Json(List::of(page, ClientView::from)))
    }

    /// Take a client in
    #[oai(path = "/clients", method = "post", operation_id = "create_client")]
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

    /// Tags that clients have
    #[oai(path = "/client-tags", method = "get", operation_id = "list_client_tags")]
    async fn tags(&self, call: Call) -> Result<Json<TagsView>> {
        let tags = self.desk.read(&call, READ, |tx, _| actions::tags(tx)).await?;
        Ok(Json(TagsView { items: tags.into_iter().map(|(tag, clients)| TagView { tag, clients }).collect() }))
    }

    /// Clients who may be one, in groups: of the same e-mail, then telephone number, then name
    #[oai(path = "/clients/duplicates", method = "get", operation_id = "list_duplicate_clients")]
    async fn duplicates(
        &self,
        call: Call,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<GroupView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self.desk.read(&call, READ, move |tx, _| actions::duplicates(tx, &paging)).await?;
        Ok(Json(List::of(page, GroupView::from)))
    }

    /// Take many clients in, or say what would become of them
    ///
    /// A row that is wrong is reported and stands in nobody's way.
    #[oai(path = "/clients/import", method = "post", operation_id = "import_clients")]
    async fn import(&self, call: Call, body: Json<ImportInput>) -> Result<Json<ReportView>> {
        let retry = call.retry(&body.0)?;
        let report = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    let ImportInput { rows, dry_run, on_duplicate } = body.0.clone();
                    let rows = rows.into_iter().map(Details::from).collect();
                    actions::import(tx, actor, rows, on_duplicate, dry_run).map(ReportView::from)
                })
            })
            .await?;
        Ok(Json(report))
    }

    /// Make other clients one with this client, for good
    ///
    /// What belongs to them belongs to this client, which takes over what it lacks. Issued documents stay as they are.
    #[oai(path = "/clients/:id/merge", method = "post", operation_id = "merge_clients")]
    async fn merge(&self, call: Call, id: Path<ClientId>, body: Json<MergeInput>) -> Result<Tagged<ClientView>> {
        let (expected, retry, follow) = (call.expected.clone(), call.retry(&body.0)?, self.follow);
        let client = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    actions::merge(tx, actor, id.0, &expected, &body.0.other_ids, follow).map(ClientView::from)
                })
            })
            .await?;
        Ok(Tagged::new(client.version, client))
    }

    /// What a client has in all
    #[oai(path = "/clients/:id/summary", method = "get", operation_id = "get_client_summary")]
    async fn summary(&self, call: Call, id: Path<ClientId>) -> Result<Json<SummaryView>> {
        let view = self
            .desk
            .read(&call, READ, move |tx, actor| {
                let summary = actions::summary(tx, id.0, actor.at)?;
                Ok(SummaryView::of(summary, settings::actions::get(tx)?.business.currency))
            })
            .await?;
        Ok(Json(view))
    }

    /// One client; by the id of one that was merged, the one that stayed
    #[oai(path = "/clients/:id", method = "get", operation_id = "get_client")]
    async fn get(&self, call: Call, id: Path<ClientId>) -> Result<Tagged<ClientView>> {
        let client = self.desk.read(&call, READ, move |tx, _| actions::get(tx, id.0)).await?;
        Ok(Tagged::new(client.version, client.into()))
    }

    /// Change what is known about a client
    #[oai(path = "/clients/:id", method = "patch", operation_id = "change_client")]
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
    #[oai(path = "/clients/:id", method = "delete", operation_id = "delete_client")]
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
