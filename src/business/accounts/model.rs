//! Accounts, sessions, tokens, and the rules on passwords and guessing.

use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier as _};

use crate::base::actor::{Actor, Role, StaffId};
use crate::base::error::{Check, Code, Error, Result};
use crate::base::id::Id;
use crate::base::text;
use crate::base::time::Instant;
use crate::business::totp;
use crate::word_column;

word_column!(Role);

/// A person who works at the desk.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// They sign in with it.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
    /// Counts changes.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
}

/// An account, and whether it needs a second factor.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The account.
    pub account: Account,
    /// How its second factor stands.
    pub totp: totp::model::State,
}

/// What an account is made of.
#[derive(Clone, Debug)]
pub struct AccountInput {
    /// Their name.
    pub name: String,
    /// They sign in with it.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
}

impl AccountInput {
    /// Itself, tidied.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong field.
    pub fn checked(self) -> Result<Self> {
        let mut check = Check::new();
        let name = check.take("name", text::line("name", &self.name, 120));
        let email = check.take("email", text::email("email", &self.email));
        check.done()?;
        Ok(Self { name: name.unwrap_or_default(), email: email.unwrap_or_default(), ..self })
    }
}

/// An API token, without its secret.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its id.
    pub id: Id<Token>,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Option<Instant>,
}

/// A session that was begun: the secret is for the cookie, and is known to nobody else.
#[derive(Clone, Debug)]
pub struct Session {
    /// The cookie's value.
    pub secret: String,
    /// When it ends.
    pub expires_at: Instant,
    /// Who signed in.
    pub account: Account,
}

/// Where a session is used.
#[derive(Clone, Copy, Debug)]
pub struct Device<'d> {
    /// `User-Agent`, at most 190 characters.
    pub agent: Option<&'d str>,
    /// The address it is seen from.
    pub address: &'d str,
}

/// The id of a session that goes on.
pub type SessionId = Id<Running>;

/// A session that goes on, as its owner sees it.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its id, which is no secret.
    pub id: SessionId,
    /// What it said it was when it began.
    pub agent: Option<String>,
    /// Where it was seen from last.
    pub address: Option<String>,
    /// When it began.
    pub created_at: Instant,
    /// When it was seen last, to ten minutes.
    pub last_seen_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// What became of a sign-in whose password was right.
#[derive(Clone, Debug)]
pub enum SignedIn {
    /// It began a session.
    Begun(Session),
    /// A code is needed and none was sent.
    CodeNeeded,
    /// The code was wrong; that was counted.
    CodeWrong,
}

/// How long a session lasts, in minutes: 30 days.
pub const SESSION_MINUTES: i64 = 30 * 24 * 60;

/// A session that was seen less than this ago is not noted again, in minutes.
pub const SEEN_MINUTES: i64 = 10;

/// The actor that an account is.
pub fn actor_of(account: &Account, session: [u8; 32], at: Instant, request_id: &str) -> Actor {
    Actor {
        who: crate::base::actor::Who::Staff { id: account.id, role: account.role, session },
        name: account.name.clone(),
        grants: crate::base::actor::Grants::of_role(account.role),
        at,
        request_id: request_id.to_owned(),
        ids: crate::base::id::Ids::default(),
    }
}

/// A password that may be chosen: 10 to 200 characters (NIST SP 800-63B §3.1.1: length, no composition rules).
///
/// # Errors
/// `invalid_field` naming `password`.
pub fn acceptable(password: &str) -> Result<()> {
    match password.chars().count() {
        10..=200 => Ok(()),
        _ => Err(Error::field("password", "must have 10 to 200 characters; a few words in a row are good")),
    }
}

/// The argon2id hash of a password as a PHC string; takes 19 MiB and some tens of milliseconds (OWASP's first
/// choice, the crate's default).
///
/// # Errors
/// `internal` when the system has no randomness.
pub fn hash(password: &str) -> Result<String> {
    let hash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password fits the hash. Without a hash the same work is done, so that time does not tell whether
/// there is such an account.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let Some(hash) = hash else {
        let _ = self::hash(password);
        return false;
    };
    match PasswordHash::new(hash) {
        Ok(parsed) => Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok(),
        Err(_) => false,
    }
}

/// The guesses a place has made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// In a row.
    pub count: i64,
    /// When the last one was, in microseconds.
    pub last_at: i64,
}

/// Guesses that cost nothing.
const FREE_GUESSES: i64 = 5;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 900;

/// Refuses a place that guessed too often: after five failures in a row each further one doubles the wait, up to a
/// quarter of an hour. A place is an address together with an e-mail, so an owner whose name somebody else guesses
/// at still gets in from their own desk; and no wait lasts.
///
/// # Errors
/// `rate_limited` with the seconds to wait.
pub fn may_guess(failures: Failures, now: Instant) -> Result<()> {
    if failures.count < FREE_GUESSES {
        return Ok(());
    }
    let wait = (1_i64 << (failures.count - FREE_GUESSES).clamp(0, 20)).min(LONGEST_WAIT);
    let free_at = Instant::from_micros(failures.last_at).plus_seconds(wait);
    if now >= free_at {
        return Ok(());
    }
    let seconds = u32::try_from(free_at.seconds() - now.seconds() + 1).unwrap_or(1);
    Err(Error::new(Code::RateLimited, format!("Too many wrong passwords. Try again in {seconds} seconds."))
        .retry_after(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_guesses_are_free_and_then_the_wait_doubles_and_ends() {
        let last_at = 1_000_000_000;
        let at = |seconds: i64| Instant::from_micros(last_at).plus_seconds(seconds);
        let failures = |count| Failures { count, last_at };
        assert!(may_guess(failures(4), at(0)).is_ok());
        assert_eq!(may_guess(failures(5), at(0)).expect_err("too soon").code, Code::RateLimited);
        assert!(may_guess(failures(5), at(1)).is_ok());
        assert!(may_guess(failures(8), at(7)).is_err() && may_guess(failures(8), at(8)).is_ok());
        assert!(may_guess(failures(1_000_000), at(LONGEST_WAIT)).is_ok());
    }

    #[test]
    fn a_password_fits_its_hash_and_no_other() {
        let hash = hash("correct horse battery").expect("randomness");
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("correct horse battery", Some(&hash)));
        assert!(!verify("correct horse batterz", Some(&hash)));
        assert!(!verify("correct horse battery", None));
    }

    #[test]
    fn length_is_what_a_password_needs() {
        assert!(acceptable("ten letter").is_ok());
        assert!(acceptable("too short").is_err());
    }
}
