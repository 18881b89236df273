//! `/setup`.

use poem::http::header::SET_COOKIE;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::money::Currency;
use crate::base::time::Zone;
use crate::business::accounts::api::{AccountView, Hasher, session_cookie};
use crate::business::desk::Desk;
use crate::business::settings::model::Business;
use crate::business::{accounts, settings};
use crate::platform::config;
use crate::platform::http::{Created, Json, OpenCall};

/// Whether the first run is still to be done.
#[derive(Debug, Object, Serialize, Deserialize)]
struct SetupState {
    needed: bool,
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
}

/// The handlers.
pub struct Api {
    desk: Desk,
    hasher: Hasher,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk, hasher: Hasher) -> Self {
        Self { desk, hasher }
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
    /// Whether the first run is still to be done
    #[oai(path = "/", method = "get", operation_id = "get_setup")]
    async fn state(&self) -> Result<Json<SetupState>> {
        let needed = self.desk.db.read(settings::actions::missing).await?;
        Ok(Json(SetupState { needed }))
    }

    /// Found the desk and sign its owner in
    #[oai(path = "/", method = "post", operation_id = "set_up")]
    async fn found(&self, call: OpenCall, body: Json<SetupInput>) -> Result<Created<AccountView>> {
        let OpenCall(call) = call;
        let Json(SetupInput { token, business, owner }) = body;
        if !self.desk.db.read(settings::actions::missing).await? {
            return Err(Error::new(Code::AlreadySetUp, "This desk is set up already. Sign in."));
        }
        actions::check_token(&token, config::read_setup_token(&self.desk.config.data_dir).as_deref())?;
        let business = Business::new(&business.name, &business.country, business.currency, business.time_zone)
            .map_err(within("business"))?;
        let password_hash = self.hasher.hash(owner.password).await.map_err(within("owner"))?;
        let at = self.desk.clock.now();
        let session = self
            .desk
            .db
            .write(move |tx| {
                let actor = Actor::system(at, &call.request_id);
                let account = actions::found(tx, &actor, &business, &owner.name, &owner.email, &password_hash)
                    .map_err(within("owner"))?;
                accounts::actions::begin_session(tx, &actor, account, call.user_agent.as_deref())
            })
            .await?;
        config::forget_setup_token(&self.desk.config.data_dir);
        let cookie = session_cookie(&self.desk, Some(&session));
        Ok(Created::at("/api/v1/auth/me", session.account.into()).with(SET_COOKIE, &cookie))
    }
}
