//! `/auth`, `/staff`, `/api-tokens`.

use std::sync::Arc;

use poem::http::header::SET_COOKIE;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::actions;
use super::model::{AccountInput, Device, Session, Shown, SignedIn, Token, hash, verify};
use crate::base::actor::{Access, Area, Role, StaffId};
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::platform::http::{Call, Created, Json, List, NoContent, OpenCall, Patch, SESSION_COOKIE, Tagged};
use crate::wire_words;

wire_words!(Role);

/// A person who works at the desk.
#[derive(Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Account")]
pub struct AccountView {
    id: StaffId,
    name: String,
    email: String,
    role: Role,
    active: bool,
    /// Whether signing in takes a code of an authenticator app.
    totp_enabled: bool,
    recovery_codes_left: i64,
    created_at: Instant,
    version: i64,
}

impl From<Shown> for AccountView {
    fn from(Shown { account, totp }: Shown) -> Self {
        Self {
            id: account.id,
            name: account.name,
            email: account.email,
            role: account.role,
            active: account.active,
            totp_enabled: totp.enabled,
            recovery_codes_left: totp.codes_left,
            created_at: account.created_at,
            version: account.version,
        }
    }
}

/// E-mail and password.
#[derive(Object, Serialize, Deserialize)]
struct Login {
    email: String,
    password: String,
    /// Six digits of the authenticator app, or a recovery code; needed after `totp_required`.
    totp: Option<String>,
}

/// A new account.
#[derive(Clone, Object, Serialize, Deserialize)]
#[oai(rename = "AccountInput")]
struct AccountForm {
    name: String,
    email: String,
    role: Role,
    #[serde(default = "yes")]
    #[oai(default = "yes")]
    active: bool,
    /// 10 to 200 characters; needed when the account is opened, and changes the password when it is sent later.
    password: Option<String>,
}

fn yes() -> bool {
    true
}

impl AccountForm {
    fn input(&self) -> AccountInput {
        AccountInput { name: self.name.clone(), email: self.email.clone(), role: self.role, active: self.active }
    }
}

/// A new API token.
#[derive(Clone, Object, Serialize, Deserialize)]
struct ApiTokenInput {
    name: String,
    /// `*`, or an area with `:read`, `:write` or `:*`.
    scopes: Vec<String>,
    expires_at: Option<Instant>,
}

/// An API token.
#[derive(Debug, Object, Serialize, Deserialize)]
#[oai(rename = "ApiToken")]
struct TokenView {
    id: Id<Token>,
    name: String,
    scopes: Vec<String>,
    created_at: Instant,
    expires_at: Option<Instant>,
    /// The secret; shown once, when the token is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    token: Option<String>,
}

impl TokenView {
    fn of(token: Token, secret: Option<String>) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scopes: token.scopes,
            created_at: token.created_at,
            expires_at: token.expires_at,
            token: secret,
        }
    }
}

/// Hashes passwords beside the requests, two at a time: each takes 19 MiB.
#[derive(Clone)]
pub struct Hasher(Arc<Semaphore>);

impl Default for Hasher {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(2)))
    }
}

impl Hasher {
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        })
        .await
        .map_err(Error::internal)
    }

    /// The hash of a password that was chosen.
    ///
    /// # Errors
    /// `invalid_field` naming `password`.
    pub async fn hash(&self, password: String) -> Result<String> {
        actions::check_password(&password)?;
        self.run(move || hash(&password)).await?
    }

    /// Whether a password fits the hash.
    ///
    /// # Errors
    /// `internal` when the thread that looked ended.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || verify(&password, hash.as_deref())).await
    }
}

/// The `Set-Cookie` of a session (RFC 6265): not for scripts, and not for other sites.
pub fn session_cookie(desk: &Desk, session: Option<&Session>) -> String {
    let secure = desk.config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    let (value, age) = match session {
        Some(session) => (session.secret.as_str(), session.expires_at.seconds() - desk.clock.now().seconds()),
        None => ("", 0),
    };
    let secure = if secure { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
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

#[OpenApi]
impl Api {
    /// Sign in
    #[oai(path = "/auth/login", method = "post", operation_id = "sign_in")]
    async fn sign_in(&self, call: OpenCall, body: Json<Login>) -> Result<Created<AccountView>> {
        let OpenCall(call) = call;
        let Json(Login { email, password, totp }) = body;
        let totp = totp.filter(|code| !code.trim().is_empty());
        let (at, peer) = (self.desk.clock.now(), call.peer.to_string());
        let attempt = self.desk.db.read(move |tx| actions::begin_sign_in(tx, &email, &peer, at)).await?;
        let fits = self.hasher.verify(password, attempt.password_hash.clone()).await?;
        if !fits {
            self.desk.db.write(move |tx| actions::note_wrong_password(tx, &attempt, at)).await?;
            return Err(actions::wrong_credentials());
        }
        let (outcome, shown) = self
            .desk
            .db
            .write(move |tx| {
                let address = call.peer.to_string();
                let device = Device { agent: call.user_agent.as_deref(), address: &address };
                let outcome = actions::sign_in(tx, &attempt, totp.as_deref(), device, at, &call.request_id)?;
                let shown = match &outcome {
                    SignedIn::Begun(session) => Some(actions::shown(tx, session.account.clone())?),
                    SignedIn::CodeNeeded | SignedIn::CodeWrong => None,
                };
                Ok((outcome, shown))
            })
            .await?;
        match (outcome, shown) {
            (SignedIn::Begun(session), Some(shown)) => {
                let cookie = session_cookie(&self.desk, Some(&session));
                Ok(Created::at("/api/v1/auth/me", shown.into()).with(SET_COOKIE, &cookie))
            }
            (SignedIn::CodeWrong, _) => {
                Err(Error::new(Code::WrongCode, "The code is wrong or was used. Wait for the next one."))
            }
            _ => Err(Error::new(Code::TotpRequired, "Enter the code of your authenticator app, or a recovery code.")),
        }
    }

    /// Sign out
    #[oai(path = "/auth/logout", method = "post", operation_id = "sign_out")]
    async fn sign_out(&self, call: Call) -> Result<NoContent> {
        self.desk.write_own(&call, actions::sign_out).await?;
        Ok(NoContent::default().with(SET_COOKIE, &session_cookie(&self.desk, None)))
    }

    /// Accounts
    #[oai(path = "/staff", method = "get", operation_id = "list_staff")]
    async fn list(
        &self,
        call: Call,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<AccountView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self.desk.read(&call, (Area::Staff, Access::Read), move |tx, _| actions::page(tx, &paging)).await?;
        Ok(Json(List::of(page, AccountView::from)))
    }

    /// Open an account
    #[oai(path = "/staff", method = "post", operation_id = "create_staff")]
    async fn open(&self, call: Call, body: Json<AccountForm>) -> Result<Created<AccountView>> {
        self.desk.admit(&call, (Area::Staff, Access::Write)).await?;
        let form = body.0;
        let password = form.password.clone().ok_or_else(|| Error::field("password", "is required"))?;
        let password_hash = self.hasher.hash(password).await?;
        let shown = self
            .desk
            .write(&call, (Area::Staff, Access::Write), move |tx, actor| {
                let account = actions::open(tx, actor, form.input(), &password_hash)?;
                actions::shown(tx, account)
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/staff/{}", shown.account.id), shown.into()).tagged(1))
    }

    /// One account
    #[oai(path = "/staff/:id", method = "get", operation_id = "get_staff")]
    async fn get(&self, call: Call, id: Path<StaffId>) -> Result<Tagged<AccountView>> {
        let shown = self
            .desk
            .read(&call, (Area::Staff, Access::Read), move |tx, _| {
                let account = actions::get(tx, id.0)?;
                actions::shown(tx, account)
            })
            .await?;
        Ok(Tagged::new(shown.account.version, shown.into()))
    }

    /// Change an account
    #[oai(path = "/staff/:id", method = "patch", operation_id = "change_staff")]
    async fn change(&self, call: Call, id: Path<StaffId>, patch: Patch<AccountForm>) -> Result<Tagged<AccountView>> {
        let read = move |tx: &mut dyn crate::platform::db::Tx| {
            let current = actions::get(tx, id.0)?;
            let form = AccountForm {
                name: current.name,
                email: current.email,
                role: current.role,
                active: current.active,
                password: None,
            };
            patch.apply(&form)
        };
        let read = Arc::new(read);
        let first = Arc::clone(&read);
        let form = self.desk.read(&call, (Area::Staff, Access::Write), move |tx, _| first(tx)).await?;
        let password_hash = match form.password {
            Some(password) => Some(self.hasher.hash(password).await?),
            None => None,
        };
        let expected = call.expected.clone();
        let shown = self
            .desk
            .write(&call, (Area::Staff, Access::Write), move |tx, actor| {
                let form = read(tx)?;
                let mut account = actions::change(tx, actor, id.0, &expected, form.input())?;
                if let Some(hash) = &password_hash {
                    actions::reset_password(tx, actor, &account.email, hash)?;
                    account = actions::get(tx, id.0)?;
                }
                actions::shown(tx, account)
            })
            .await?;
        Ok(Tagged::new(shown.account.version, shown.into()))
    }

    /// Ask an account for no codes any more; for an owner, when phone and recovery codes are lost
    #[oai(path = "/staff/:id/reset-totp", method = "post", operation_id = "reset_staff_totp")]
    async fn reset_totp(&self, call: Call, id: Path<StaffId>) -> Result<NoContent> {
        self.desk
            .write(&call, (Area::Staff, Access::Write), move |tx, actor| actions::reset_totp(tx, actor, id.0))
            .await?;
        Ok(NoContent::default())
    }

    /// API tokens
    #[oai(path = "/api-tokens", method = "get", operation_id = "list_api_tokens")]
    async fn list_tokens(
        &self,
        call: Call,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<TokenView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page =
            self.desk.read(&call, (Area::Staff, Access::Read), move |tx, _| actions::page_tokens(tx, &paging)).await?;
        Ok(Json(List::of(page, |token| TokenView::of(token, None))))
    }

    /// Make an API token; its secret is shown once
    #[oai(path = "/api-tokens", method = "post", operation_id = "create_api_token")]
    async fn make_token(&self, call: Call, body: Json<ApiTokenInput>) -> Result<Created<TokenView>> {
        let (token, secret) = self
            .desk
            .write(&call, (Area::Staff, Access::Write), move |tx, actor| {
                actions::make_token(tx, actor, &body.0.name, &body.0.scopes, body.0.expires_at)
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/api-tokens/{}", token.id), TokenView::of(token, Some(secret))))
    }

    /// Revoke an API token
    #[oai(path = "/api-tokens/:id", method = "delete", operation_id = "revoke_api_token")]
    async fn revoke_token(&self, call: Call, id: Path<Id<Token>>) -> Result<NoContent> {
        self.desk
            .write(&call, (Area::Staff, Access::Write), move |tx, actor| actions::revoke_token(tx, actor, id.0))
            .await?;
        Ok(NoContent::default())
    }
}
