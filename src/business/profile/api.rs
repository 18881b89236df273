//! `/auth/me`, `/auth/password`, `/auth/sessions`, `/auth/totp`, `/auth/recovery-codes`.

use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::base::actor::Credentials;
use crate::base::error::{Code, Error, Result};
use crate::base::qr;
use crate::base::time::Instant;
use crate::business::accounts::actions::{self, Attempt};
use crate::business::accounts::api::{AccountView, Hasher};
use crate::business::accounts::model::{Running, SessionId, Shown};
use crate::business::desk::Desk;
use crate::business::{settings, totp};
use crate::platform::http::{Call, Json, NoContent, Patch, Tagged};

/// What a person may change of their own account.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct Profile {
    name: String,
}

/// Another password.
#[derive(Object, Serialize, Deserialize)]
struct PasswordChange {
    /// The present one.
    current: String,
    /// 10 to 200 characters.
    password: String,
}

/// The present password, asked for again.
#[derive(Object, Serialize, Deserialize)]
struct PasswordCheck {
    password: String,
}

/// A session that goes on.
#[derive(Debug, Object, Serialize, Deserialize)]
struct SessionView {
    id: SessionId,
    user_agent: Option<String>,
    /// Where it was seen from last.
    address: Option<String>,
    created_at: Instant,
    /// To ten minutes.
    last_seen_at: Instant,
    expires_at: Instant,
    /// Whether it is the one that asks.
    current: bool,
}

impl From<Running> for SessionView {
    fn from(r: Running) -> Self {
        Self {
            id: r.id,
            user_agent: r.agent,
            address: r.address,
            created_at: r.created_at,
            last_seen_at: r.last_seen_at,
            expires_at: r.expires_at,
            current: r.current,
        }
    }
}

/// The sessions of an account, the one seen last first.
#[derive(Debug, Object, Serialize, Deserialize)]
struct Sessions {
    items: Vec<SessionView>,
}

/// How many sessions were ended.
#[derive(Debug, Object, Serialize, Deserialize)]
struct SessionsEnded {
    ended: u64,
}

/// A QR code to be drawn.
#[derive(Debug, Object, Serialize, Deserialize)]
#[oai(rename = "QrCode")]
struct QrView {
    /// Modules on a side, with the quiet zone.
    size: usize,
    /// The dark modules as SVG path data, one unit a module.
    path: String,
}

/// A secret for an authenticator app; it counts once a code of it was confirmed.
#[derive(Debug, Object, Serialize, Deserialize)]
struct TotpSetup {
    /// Base32, to be typed.
    secret: String,
    /// `otpauth://`, to be opened.
    uri: String,
    /// The same, to be scanned.
    qr: QrView,
}

/// Six digits of the app.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct TotpCode {
    code: String,
}

/// Codes that each let in once, shown this one time.
#[derive(Debug, Object, Serialize, Deserialize)]
struct RecoveryCodes {
    codes: Vec<String>,
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

    /// Asks for the password again. A wrong one is a wrong field, since the session goes on.
    async fn checked(&self, call: &Call, field: &'static str, password: String) -> Result<Attempt> {
        let peer = call.peer.to_string();
        let attempt = self.desk.read_own(call, move |tx, actor| actions::begin_check(tx, actor, &peer)).await?;
        if self.hasher.verify(password, attempt.password_hash.clone()).await? {
            return Ok(attempt);
        }
        let at = self.desk.clock.now();
        self.desk.db.write(move |tx| actions::note_wrong_password(tx, &attempt, at)).await?;
        Err(Error::field(field, "is not your password"))
    }
}

/// The account of whoever calls, whose session is marked as used.
///
/// # Errors
/// `unauthenticated`.
pub async fn who(desk: &Desk, call: &Call) -> Result<Shown> {
    let (at, address) = (desk.clock.now(), call.peer.to_string());
    let (shown, seen_long_ago) = desk
        .read_own(call, |tx, actor| {
            let account = actions::me(tx, actor)?;
            Ok((actions::shown(tx, account)?, actions::seen_long_ago(tx, actor)?))
        })
        .await?;
    if let (&Credentials::Session(session), true) = (&call.credentials, seen_long_ago) {
        desk.db.write(move |tx| actions::see(tx, &session, &address, at)).await?;
    }
    Ok(shown)
}

#[OpenApi(prefix_path = "/auth")]
impl Api {
    /// Who is signed in
    #[oai(path = "/me", method = "get", operation_id = "get_me")]
    async fn me(&self, call: Call) -> Result<Tagged<AccountView>> {
        let shown = who(&self.desk, &call).await?;
        Ok(Tagged::new(shown.account.version, shown.into()))
    }

    /// Change your own name
    #[oai(path = "/me", method = "patch", operation_id = "change_me")]
    async fn change(&self, call: Call, patch: Patch<Profile>) -> Result<Tagged<AccountView>> {
        let expected = call.expected.clone();
        let shown = self
            .desk
            .write_own(&call, move |tx, actor| {
                let profile = patch.apply(&Profile { name: actions::me(tx, actor)?.name })?;
                let account = actions::rename(tx, actor, &expected, &profile.name)?;
                actions::shown(tx, account)
            })
            .await?;
        Ok(Tagged::new(shown.account.version, shown.into()))
    }

    /// Change your password; your other sessions end
    #[oai(path = "/password", method = "post", operation_id = "change_password")]
    async fn change_password(&self, call: Call, body: Json<PasswordChange>) -> Result<NoContent> {
        let Json(PasswordChange { current, password }) = body;
        actions::check_password(&password)?;
        let attempt = self.checked(&call, "current", current).await?;
        let hash = self.hasher.hash(password).await?;
        self.desk.write_own(&call, move |tx, actor| actions::change_password(tx, actor, &attempt, &hash)).await?;
        Ok(NoContent::default())
    }

    /// Where you are signed in
    #[oai(path = "/sessions", method = "get", operation_id = "list_sessions")]
    async fn sessions(&self, call: Call) -> Result<Json<Sessions>> {
        let running = self.desk.read_own(&call, actions::sessions).await?;
        Ok(Json(Sessions { items: running.into_iter().map(SessionView::from).collect() }))
    }

    /// End one of your sessions
    #[oai(path = "/sessions/:id", method = "delete", operation_id = "end_session")]
    async fn end_session(&self, call: Call, id: Path<SessionId>) -> Result<NoContent> {
        self.desk.write_own(&call, move |tx, actor| actions::end_session(tx, actor, id.0)).await?;
        Ok(NoContent::default())
    }

    /// End your sessions but this one
    #[oai(path = "/sessions/end-others", method = "post", operation_id = "end_other_sessions")]
    async fn end_other_sessions(&self, call: Call) -> Result<Json<SessionsEnded>> {
        let ended = self.desk.write_own(&call, actions::end_other_sessions).await?;
        Ok(Json(SessionsEnded { ended }))
    }

    /// Begin to set up an authenticator app
    #[oai(path = "/totp", method = "post", operation_id = "begin_totp")]
    async fn begin_totp(&self, call: Call) -> Result<Json<TotpSetup>> {
        let setup = self
            .desk
            .write_own(&call, |tx, actor| {
                let (id, _) = actions::signed_in(actor)?;
                let issuer = settings::actions::get(tx)?.business.name;
                let email = actions::me(tx, actor)?.email;
                totp::actions::begin(tx, actor, id, &issuer, &email)
            })
            .await?;
        // 40 is the largest version there is; name and address are far shorter than it holds.
        let code = qr::code(&setup.uri, 40).ok_or_else(|| Error::internal("the link is too long for a code"))?;
        let qr = QrView { size: code.side(), path: code.path() };
        Ok(Json(TotpSetup { secret: setup.secret, uri: setup.uri, qr }))
    }

    /// Confirm the app by one of its codes; from now on signing in takes one
    #[oai(path = "/totp/confirm", method = "post", operation_id = "confirm_totp")]
    async fn confirm_totp(&self, call: Call, body: Json<TotpCode>) -> Result<Json<RecoveryCodes>> {
        let codes = self
            .desk
            .write_own(&call, move |tx, actor| {
                let (id, _) = actions::signed_in(actor)?;
                totp::actions::confirm(tx, actor, id, &body.0.code)
            })
            .await?;
        Ok(Json(RecoveryCodes { codes }))
    }

    /// Ask for no codes any more
    #[oai(path = "/totp/disable", method = "post", operation_id = "disable_totp")]
    async fn disable_totp(&self, call: Call, body: Json<PasswordCheck>) -> Result<NoContent> {
        let attempt = self.checked(&call, "password", body.0.password).await?;
        self.desk
            .write_own(&call, move |tx, actor| {
                let id = actions::end_check(tx, actor, &attempt)?;
                match totp::actions::switch_off(tx, actor, id, "disable_totp")? {
                    true => Ok(()),
                    false => Err(Error::new(Code::InvalidState, "No codes are asked for.")),
                }
            })
            .await?;
        Ok(NoContent::default())
    }

    /// Another set of recovery codes; the earlier ones end
    #[oai(path = "/recovery-codes", method = "post", operation_id = "renew_recovery_codes")]
    async fn renew_codes(&self, call: Call, body: Json<PasswordCheck>) -> Result<Json<RecoveryCodes>> {
        let attempt = self.checked(&call, "password", body.0.password).await?;
        let codes = self
            .desk
            .write_own(&call, move |tx, actor| {
                let id = actions::end_check(tx, actor, &attempt)?;
                totp::actions::renew_codes(tx, actor, id)
            })
            .await?;
        Ok(Json(RecoveryCodes { codes }))
    }
}
