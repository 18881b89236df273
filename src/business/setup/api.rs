//! `/setup`.

use std::future::Future;
use std::pin::Pin;

use poem::http::header::SET_COOKIE;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::{Code, Error, Result};
use crate::base::money::Currency;
use crate::base::time::Zone;
use crate::business::accounts::api::{AccountView, Hasher, session_cookie};
use crate::business::accounts::model::Device;
use crate::business::desk::Desk;
use crate::business::settings::api::TaxRateView;
use crate::business::settings::model::{Business, COUNTRIES, Country};
use crate::business::{accounts, profile, settings};
use crate::platform::config;
use crate::platform::http::{Call, Created, Json, NoContent, OpenCall};

/// What a page must know before it shows anything.
#[derive(Object, Serialize, Deserialize)]
struct SetupState {
    /// Whether the first run is still to be done.
    needed: bool,
    /// Who calls, if they are signed in.
    account: Option<AccountView>,
}

/// The business, as the first run asks for it.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct SetupBusiness {
    name: String,
    /// ISO 3166-1 alpha-2; suggests language and tax rates.
    country: String,
    currency: Currency,
    time_zone: Zone,
}

/// The owner, as the first run asks for them.
#[derive(Clone, Object, Serialize, Deserialize)]
struct SetupOwner {
    name: String,
    email: String,
    /// 10 to 200 characters.
    password: String,
}

/// The first run.
#[derive(Clone, Object, Serialize, Deserialize)]
struct SetupInput {
    /// Printed at the first start.
    token: String,
    business: SetupBusiness,
    owner: SetupOwner,
    /// Language of invoices; what the country suggests unless given.
    locale: Option<String>,
    /// What the country suggests unless given.
    tax_rates: Option<Vec<TaxRateView>>,
}

/// What a country suggests.
#[derive(Debug, Object, Serialize, Deserialize)]
struct CountryDefaults {
    /// ISO 3166-1 alpha-2.
    code: String,
    currency: Currency,
    time_zone: Zone,
    locale: String,
    tax_rates: Vec<TaxRateView>,
}

/// What the countries suggest, by code.
#[derive(Debug, Object, Serialize, Deserialize)]
struct Countries {
    items: Vec<CountryDefaults>,
}

impl CountryDefaults {
    fn of(country: &Country) -> Result<Self> {
        Ok(Self {
            code: country.code.to_owned(),
            currency: country.currency.parse()?,
            time_zone: country.zone.parse()?,
            locale: country.locale.to_owned(),
            tax_rates: country.tax_rates().into_iter().map(Into::into).collect(),
        })
    }
}

/// Fills an empty desk with a believable studio, as somebody; registered by the wiring, since the demo stands above.
pub type Fill = fn(Desk, Actor) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// The handlers.
pub struct Api {
    desk: Desk,
    hasher: Hasher,
    fill: Fill,
}

impl Api {
    /// Handlers over this desk; `fill` makes the demo.
    pub fn new(desk: Desk, hasher: Hasher, fill: Fill) -> Self {
        Self { desk, hasher, fill }
    }
}

fn within(part: &str) -> impl Fn(Error) -> Error + '_ {
    move |mut error| {
        for wrong in &mut error.fields {
            wrong.field = format!("{part}.{}", wrong.field);
        }
        error
    }
}

#[OpenApi(prefix_path = "/setup")]
impl Api {
    /// Whether the first run is still to be done, and who is signed in
    #[oai(path = "/", method = "get", operation_id = "get_setup")]
    async fn state(&self, call: OpenCall) -> Result<Json<SetupState>> {
        let needed = self.desk.db.read(settings::actions::missing).await?;
        let account = match profile::api::who(&self.desk, &call.0).await {
            Ok(shown) => Some(shown.into()),
            // Nobody is no failure here.
            Err(error) if error.code == Code::Unauthenticated => None,
            Err(error) => return Err(error),
        };
        Ok(Json(SetupState { needed, account }))
    }

    /// What countries suggest
    #[oai(path = "/countries", method = "get", operation_id = "list_countries")]
    #[allow(clippy::unused_async, reason = "every handler is async")]
    async fn countries(&self) -> Result<Json<Countries>> {
        let items = COUNTRIES.iter().map(CountryDefaults::of).collect::<Result<_>>()?;
        Ok(Json(Countries { items }))
    }

    /// Fill an empty desk with a believable studio; for an owner
    #[oai(path = "/demo", method = "post", operation_id = "fill_with_demo")]
    async fn demo(&self, call: Call) -> Result<NoContent> {
        let actor = self
            .desk
            .read(&call, (Area::Settings, Access::Write), |tx, actor| {
                actions::check_empty(tx)?;
                Ok(actor.clone())
            })
            .await?;
        (self.fill)(self.desk.clone(), actor).await?;
        Ok(NoContent::default())
    }

    /// Found the desk and sign its owner in
    #[oai(path = "/", method = "post", operation_id = "set_up")]
    async fn found(&self, call: OpenCall, body: Json<SetupInput>) -> Result<Created<AccountView>> {
        let OpenCall(call) = call;
        let Json(SetupInput { token, business, owner, locale, tax_rates }) = body;
        if !self.desk.db.read(settings::actions::missing).await? {
            return Err(Error::new(Code::AlreadySetUp, "This desk is set up already. Sign in."));
        }
        actions::check_token(&token, config::read_setup_token(&self.desk.config.data_dir).as_deref())?;
        let mut business = Business::new(&business.name, &business.country, business.currency, business.time_zone)
            .map_err(within("business"))?;
        if let Some(locale) = locale {
            locale.trim().clone_into(&mut business.locale);
        }
        if let Some(rates) = tax_rates {
            business.tax_rates = rates.into_iter().map(Into::into).collect();
        }
        let business = business.checked()?;
        let password_hash = self.hasher.hash(owner.password).await.map_err(within("owner"))?;
        let at = self.desk.clock.now();
        let (session, shown) = self
            .desk
            .db
            .write(move |tx| {
                let actor = Actor::system(at, &call.request_id);
                let account = actions::found(tx, &actor, &business, &owner.name, &owner.email, &password_hash)
                    .map_err(within("owner"))?;
                let address = call.peer.to_string();
                let device = Device { agent: call.user_agent.as_deref(), address: &address };
                let session = accounts::actions::begin_session(tx, &actor, account, device)?;
                let shown = accounts::actions::shown(tx, session.account.clone())?;
                Ok((session, shown))
            })
            .await?;
        config::forget_setup_token(&self.desk.config.data_dir);
        let cookie = session_cookie(&self.desk, Some(&session));
        Ok(Created::at("/api/v1/auth/me", shown.into()).with(SET_COOKIE, &cookie))
    }
}
