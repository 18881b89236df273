//! Finding out who acts; opening and changing accounts, sessions and tokens.

use super::model::{
    Account, AccountInput, Device, Failures, Running, SEEN_MINUTES, SESSION_MINUTES, Session, SessionId, Shown,
    SignedIn, Token, acceptable, actor_of, may_guess,
};
use super::sql;
use crate::base::actor::{Actor, Credentials, Grants, Role, StaffId, Who};
use crate::base::error::{Check, Code, Error, Result};
use crate::base::id::{Id, Ids};
use crate::base::page::{Page, Paging};
use crate::base::text;
use crate::base::time::Instant;
use crate::base::version::Expected;
use crate::business::totp::model::Verdict;
use crate::business::{audit, totp};
use crate::platform::db::{Tx, changed_meanwhile};

/// Who shows these credentials.
///
/// # Errors
/// `unauthenticated` when nobody, or nobody any more.
pub fn identify(tx: &mut dyn Tx, shown: &Credentials, at: Instant, request_id: &str) -> Result<Actor> {
    match shown {
        Credentials::Session(hash) => match sql::find_session(tx, hash, at)? {
            Some(account) => Ok(actor_of(&account, *hash, at, request_id)),
            None => Err(Error::new(Code::Unauthenticated, "The session has ended. Sign in again.")),
        },
        Credentials::Token(hash) => match sql::find_token(tx, hash, at)? {
            Some((token, account)) => {
                let scopes = Grants::of_scopes(&token.scopes)?;
                let role = Grants::of_role(account.role);
                Ok(Actor {
                    who: Who::Token { id: account.id },
                    name: format!("{} ({})", account.name, token.name),
                    // A token never does more than its maker may.
                    grants: scopes.within(role),
                    at,
                    request_id: request_id.to_owned(),
                    ids: Ids::default(),
                })
            }
            None => Err(Error::new(Code::Unauthenticated, "The API token is unknown, revoked or expired.")),
        },
        Credentials::None => Err(Error::new(Code::Unauthenticated, "Sign in first, or send an API token.")),
    }
}

/// The account behind an actor.
///
/// # Errors
/// `not_found` when there is none.
pub fn me(tx: &mut dyn Tx, actor: &Actor) -> Result<Account> {
    let id = actor.staff_id().ok_or_else(|| Error::not_found("account"))?;
    get(tx, id)
}

/// An account with how its second factor stands.
///
/// # Errors
/// `database_unavailable`.
pub fn shown(tx: &mut dyn Tx, account: Account) -> Result<Shown> {
    let totp = totp::actions::state(tx, account.id)?;
    Ok(Shown { account, totp })
}

/// One account.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: StaffId) -> Result<Account> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("account"))
}

/// Accounts in the order they were made.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, paging: &Paging) -> Result<Page<Shown>> {
    let after = paging.after_id("staff")?;
    let rows = sql::page(tx, after, paging.limit.probe())?;
    let page = Page::by_id(rows, paging.limit, "staff", |last| last.id);
    let items = page.items.into_iter().map(|account| shown(tx, account)).collect::<Result<_>>()?;
    Ok(Page { items, next: page.next })
}

/// Opens an account whose password has this hash.
///
/// # Errors
/// `invalid_field`, `already_exists` when the address has an account.
pub fn open(tx: &mut dyn Tx, actor: &Actor, new: AccountInput, password_hash: &str) -> Result<Account> {
    let new = new.checked()?;
    let id = actor.new_id()?;
    sql::insert(tx, id, &new, password_hash, actor.at).map_err(taken)?;
    audit::actions::note(tx, actor, "open", "account", id, Some(new.email.clone()))?;
    get(tx, id)
}

fn taken(error: Error) -> Error {
    match error.code {
        Code::AlreadyExists => Error::new(Code::AlreadyExists, "There is an account with this e-mail already."),
        _ => error,
    }
}

/// Changes an account. Taking away the right to sign in, or a role, ends its sessions.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_field`, `already_exists`; `invalid_state` when it is the last owner.
pub fn change(tx: &mut dyn Tx, actor: &Actor, id: StaffId, expected: &Expected, new: AccountInput) -> Result<Account> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    let new = new.checked()?;
    let was_owner = current.active && current.role == Role::Owner;
    let stays_owner = new.active && new.role == Role::Owner;
    if was_owner && !stays_owner && sql::count_owners(tx)? <= 1 {
        return Err(Error::new(Code::InvalidState, "This is the last owner. Make somebody else an owner first."));
    }
    if sql::update(tx, id, &new, current.version, actor.at).map_err(taken)? == 0 {
        return Err(changed_meanwhile());
    }
    if current.role != new.role || !new.active {
        sql::delete_sessions_of(tx, id)?;
    }
    audit::actions::note(tx, actor, "change", "account", id, None)?;
    get(tx, id)
}

/// Gives an account another password and ends its sessions.
///
/// # Errors
/// `not_found` when the address has no account.
pub fn reset_password(tx: &mut dyn Tx, actor: &Actor, email: &str, password_hash: &str) -> Result<()> {
    let email = text::email("email", email)?;
    let (account, _) = sql::find_by_email(tx, &email)?.ok_or_else(|| Error::not_found("account"))?;
    sql::update_password(tx, account.id, password_hash, actor.at)?;
    sql::delete_sessions_of(tx, account.id)?;
    audit::actions::note(tx, actor, "reset_password", "account", account.id, None)
}

/// Gives an account that cannot sign in any more another password, and asks it for no codes: for whoever may run the
/// program on its machine.
///
/// # Errors
/// `not_found` when the address has no account.
pub fn reset_access(tx: &mut dyn Tx, actor: &Actor, email: &str, password_hash: &str) -> Result<()> {
    reset_password(tx, actor, email, password_hash)?;
    let (account, _) =
        sql::find_by_email(tx, &text::email("email", email)?)?.ok_or_else(|| Error::not_found("account"))?;
    totp::actions::switch_off(tx, actor, account.id, "reset_totp").map(|_| ())
}

/// Asks an account for no codes any more: its owner lost the phone and the recovery codes.
///
/// # Errors
/// `not_found`.
pub fn reset_totp(tx: &mut dyn Tx, actor: &Actor, id: StaffId) -> Result<()> {
    get(tx, id)?;
    totp::actions::switch_off(tx, actor, id, "reset_totp").map(|_| ())
}

/// What a sign-in needs before the password is tried.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The address, tidied.
    pub email: String,
    /// Where the guess comes from, for counting.
    place: String,
    /// The stored hash, if there is such an account.
    pub password_hash: Option<String>,
}

/// Begins a sign-in: the brake first, then the hash to try the password against.
///
/// # Errors
/// `rate_limited`.
pub fn begin_sign_in(tx: &mut dyn Tx, email: &str, peer: &str, at: Instant) -> Result<Attempt> {
    let email = email.trim().to_lowercase();
    let place: String = format!("{peer} {email}").chars().take(190).collect();
    let failures: Failures = sql::failures(tx, &place)?;
    may_guess(failures, at)?;
    let found = sql::find_by_email(tx, &email)?.filter(|(account, _)| account.active);
    Ok(Attempt { email, place, password_hash: found.map(|(_, hash)| hash) })
}

/// The password did not fit.
///
/// # Errors
/// `database_unavailable`.
pub fn note_wrong_password(tx: &mut dyn Tx, attempt: &Attempt, at: Instant) -> Result<()> {
    sql::count_failure(tx, &attempt.place, at)
}

/// The password fitted: begins a session, when the second factor fits too. A wrong one is counted in this very
/// transaction, so that many at once are not tried before the first is counted.
///
/// # Errors
/// `wrong_credentials` when the account was closed meanwhile, `rate_limited` when others guessed meanwhile.
pub fn sign_in(
    tx: &mut dyn Tx,
    attempt: &Attempt,
    code: Option<&str>,
    device: Device<'_>,
    at: Instant,
    request_id: &str,
) -> Result<SignedIn> {
    let (account, hash) =
        sql::find_by_email(tx, &attempt.email)?.filter(|(account, _)| account.active).ok_or_else(wrong_credentials)?;
    if Some(&hash) != attempt.password_hash.as_ref() {
        return Err(wrong_credentials());
    }
    let by = Actor::public(at, request_id);
    if code.is_some() {
        may_guess(sql::failures(tx, &attempt.place)?, at)?;
    }
    match totp::actions::check(tx, &by, account.id, code)? {
        Verdict::Passed => {}
        Verdict::Missing => return Ok(SignedIn::CodeNeeded),
        Verdict::Wrong => {
            sql::count_failure(tx, &attempt.place, at)?;
            return Ok(SignedIn::CodeWrong);
        }
    }
    sql::forget_failures(tx, &attempt.place)?;
    begin_session(tx, &by, account, device).map(SignedIn::Begun)
}

/// Begins a session for an account that has proved itself to `by`, who lets it in.
///
/// # Errors
/// `internal` when the system has no randomness.
pub fn begin_session(tx: &mut dyn Tx, by: &Actor, account: Account, device: Device<'_>) -> Result<Session> {
    let secret = text::secret()?;
    let hash = text::sha256(secret.as_bytes());
    let expires_at = by.at.plus_minutes(SESSION_MINUTES);
    sql::insert_session(tx, (by.new_id()?, &hash), account.id, device, by.at, expires_at)?;
    let actor = Actor { ids: by.ids.clone(), ..actor_of(&account, hash, by.at, &by.request_id) };
    audit::actions::note(tx, &actor, "sign_in", "account", account.id, None)?;
    Ok(Session { secret, expires_at, account })
}

/// The account and session of somebody who signed in: what concerns how one signs in is not for API tokens.
///
/// # Errors
/// `forbidden`.
pub fn signed_in(actor: &Actor) -> Result<(StaffId, [u8; 32])> {
    match &actor.who {
        Who::Staff { id, session, .. } => Ok((*id, *session)),
        Who::Token { .. } | Who::Public | Who::System => {
            Err(Error::new(Code::Forbidden, "An API token may not do this. Sign in with e-mail and password."))
        }
    }
}

/// Begins to ask somebody who is signed in for their password again, with the same brake as a sign-in.
///
/// # Errors
/// `forbidden` for a token, `rate_limited`.
pub fn begin_check(tx: &mut dyn Tx, actor: &Actor, peer: &str) -> Result<Attempt> {
    signed_in(actor)?;
    let account = me(tx, actor)?;
    begin_sign_in(tx, &account.email, peer, actor.at)
}

/// The password fitted: forgets the guesses before, and makes sure that it is still the one.
///
/// # Errors
/// `forbidden` for a token; `wrong_credentials` when the password was changed meanwhile.
pub fn end_check(tx: &mut dyn Tx, actor: &Actor, attempt: &Attempt) -> Result<StaffId> {
    let (id, _) = signed_in(actor)?;
    if sql::password_hash(tx, id)? != attempt.password_hash {
        return Err(wrong_credentials());
    }
    sql::forget_failures(tx, &attempt.place)?;
    Ok(id)
}

/// Gives the actor another password, and ends their other sessions.
///
/// # Errors
/// As [`end_check`].
pub fn change_password(tx: &mut dyn Tx, actor: &Actor, attempt: &Attempt, password_hash: &str) -> Result<()> {
    let id = end_check(tx, actor, attempt)?;
    let (_, session) = signed_in(actor)?;
    sql::update_password(tx, id, password_hash, actor.at)?;
    sql::delete_sessions_but(tx, id, &session)?;
    audit::actions::note(tx, actor, "change_password", "account", id, None)
}

/// Changes the actor's own name.
///
/// # Errors
/// `forbidden` for a token, `precondition_failed`, `invalid_field`.
pub fn rename(tx: &mut dyn Tx, actor: &Actor, expected: &Expected, name: &str) -> Result<Account> {
    let (id, _) = signed_in(actor)?;
    let account = get(tx, id)?;
    let Account { email, role, active, .. } = account;
    change(tx, actor, id, expected, AccountInput { name: name.to_owned(), email, role, active })
}

/// The actor's sessions that go on, the one seen last first.
///
/// # Errors
/// `forbidden` for a token.
pub fn sessions(tx: &mut dyn Tx, actor: &Actor) -> Result<Vec<Running>> {
    let (id, session) = signed_in(actor)?;
    sql::sessions(tx, id, &session, actor.at)
}

/// Whether it should be noted that the actor's session is in use.
///
/// # Errors
/// `database_unavailable`.
pub fn seen_long_ago(tx: &mut dyn Tx, actor: &Actor) -> Result<bool> {
    let Who::Staff { session, .. } = &actor.who else { return Ok(false) };
    let seen = sql::last_seen(tx, session)?;
    Ok(seen.is_some_and(|seen| seen.plus_minutes(SEEN_MINUTES) <= actor.at))
}

/// Notes that a session is in use, and from where.
///
/// # Errors
/// `database_unavailable`.
pub fn see(tx: &mut dyn Tx, session: &[u8; 32], address: &str, at: Instant) -> Result<()> {
    sql::touch_session(tx, session, address, at)
}

/// Ends one of the actor's sessions.
///
/// # Errors
/// `forbidden` for a token, `not_found`.
pub fn end_session(tx: &mut dyn Tx, actor: &Actor, session: SessionId) -> Result<()> {
    let (id, _) = signed_in(actor)?;
    if sql::delete_session_called(tx, id, session)? == 0 {
        return Err(Error::not_found("session"));
    }
    audit::actions::note(tx, actor, "end", "session", session, None)
}

/// Ends the actor's sessions but the one that asks; how many.
///
/// # Errors
/// `forbidden` for a token.
pub fn end_other_sessions(tx: &mut dyn Tx, actor: &Actor) -> Result<u64> {
    let (id, session) = signed_in(actor)?;
    let ended = sql::delete_sessions_but(tx, id, &session)?;
    if ended > 0 {
        audit::actions::note(tx, actor, "end_other_sessions", "account", id, None)?;
    }
    Ok(ended)
}

/// What is said for a wrong address and a wrong password alike.
pub fn wrong_credentials() -> Error {
    Error::new(Code::WrongCredentials, "E-mail or password is wrong.")
}

/// Ends the actor's session.
///
/// # Errors
/// `database_unavailable`.
pub fn sign_out(tx: &mut dyn Tx, actor: &Actor) -> Result<()> {
    if let Who::Staff { session, id, .. } = &actor.who {
        sql::delete_session(tx, session)?;
        audit::actions::note(tx, actor, "sign_out", "account", *id, None)?;
    }
    Ok(())
}

/// Makes an API token; its secret is in the answer and nowhere else.
///
/// # Errors
/// `invalid_field`; `forbidden` when the actor has no account.
pub fn make_token(
    tx: &mut dyn Tx,
    actor: &Actor,
    name: &str,
    scopes: &[String],
    expires_at: Option<Instant>,
) -> Result<(Token, String)> {
    let mut check = Check::new();
    let name = check.take("name", text::line("name", name, 120));
    check.that(
        !scopes.is_empty() && scopes.len() <= 40,
        "scopes",
        "must name at least one scope, such as bookings:read",
    );
    check.take("scopes", Grants::of_scopes(scopes));
    check.that(expires_at.is_none_or(|end| end > actor.at), "expires_at", "must lie in the future");
    check.done()?;
    let staff =
        actor.staff_id().ok_or_else(|| Error::new(Code::Forbidden, "Only an account can make an API token."))?;
    let secret = format!("deskbell_{}", text::secret()?);
    let token = Token {
        id: actor.new_id()?,
        name: name.unwrap_or_default(),
        scopes: scopes.to_vec(),
        created_at: actor.at,
        expires_at,
    };
    sql::insert_token(tx, &token, staff, &text::sha256(secret.as_bytes()))?;
    audit::actions::note(tx, actor, "make", "api_token", token.id, Some(token.scopes.join(" ")))?;
    Ok((token, secret))
}

/// Tokens, newest first.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page_tokens(tx: &mut dyn Tx, paging: &Paging) -> Result<Page<Token>> {
    let after = paging.after_id("api_tokens")?;
    let rows = sql::page_tokens(tx, after, paging.limit.probe())?;
    Ok(Page::by_id(rows, paging.limit, "api_tokens", |last| last.id))
}

/// Revokes a token at once.
///
/// # Errors
/// `not_found`.
pub fn revoke_token(tx: &mut dyn Tx, actor: &Actor, id: Id<Token>) -> Result<()> {
    if sql::delete_token(tx, id)? == 0 {
        return Err(Error::not_found("API token"));
    }
    audit::actions::note(tx, actor, "revoke", "api_token", id, None)
}

/// Forgets sessions that have ended and guesses of yesterday.
///
/// # Errors
/// `database_unavailable`.
pub fn forget_old(tx: &mut dyn Tx, now: Instant) -> Result<u64> {
    Ok(sql::delete_sessions_before(tx, now)? + sql::delete_failures_before(tx, now.plus_minutes(-24 * 60))?)
}

/// The rule on passwords, for those who hash one.
///
/// # Errors
/// `invalid_field` naming `password`.
pub fn check_password(password: &str) -> Result<()> {
    acceptable(password)
}
