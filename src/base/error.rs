//! The one error of the house: a code for machines, a sentence for people, a cause for the log.
//!
//! Every floor returns [`Error`]; only `platform/http/problem.rs` turns it into a reply. A code is
//! never renamed: clients match on it.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// What every fallible function of the house returns.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, as a closed set. The wire name is the `snake_case` of the variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request is not well formed (bad JSON, bad header, bad cursor).
    BadRequest,
    /// No identity, or one that is no longer good.
    Unauthenticated,
    /// E-mail or password is wrong.
    WrongCredentials,
    /// The password is right, and a code of the authenticator app is needed beside it.
    TotpRequired,
    /// The code of the authenticator app, or the recovery code, is wrong or was used.
    WrongCode,
    /// The identity may not do this.
    Forbidden,
    /// Unknown, or not visible to this identity.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The state of the resource does not allow the change.
    InvalidState,
    /// No seats left.
    SoldOut,
    /// A confirmed booking has no such invoice yet.
    NotInvoiced,
    /// More money than is open was to be refunded or credited.
    ExceedsBalance,
    /// A unique value is taken.
    AlreadyExists,
    /// Something else still refers to the resource.
    InUse,
    /// The same `Idempotency-Key` came with another body.
    IdempotencyConflict,
    /// First-run setup is already done.
    AlreadySetUp,
    /// A piece of an upload begins elsewhere than where the upload ends.
    OffsetMismatch,
    /// Another request holds the upload.
    Locked,
    /// The upload is over or was given up.
    Gone,
    /// The bytes have another checksum than was said.
    ChecksumMismatch,
    /// `If-Match` or `If-Unmodified-Since` does not hold.
    PreconditionFailed,
    /// The body, file or list is over its limit.
    TooLarge,
    /// The content type is not one that is taken here.
    UnsupportedMediaType,
    /// A range that the file does not have.
    RangeNotSatisfiable,
    /// One or more fields are wrong.
    InvalidField,
    /// Too many requests from one place.
    RateLimited,
    /// The client was too slow to send.
    Timeout,
    /// A defect of ours.
    Internal,
    /// The database cannot serve just now.
    DatabaseUnavailable,
    /// The server is shutting down or over its limits.
    Unavailable,
    /// The disk is below its reserve.
    InsufficientStorage,
}

impl Code {
    /// The stable wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthenticated => "unauthenticated",
            Self::WrongCredentials => "wrong_credentials",
            Self::TotpRequired => "totp_required",
            Self::WrongCode => "wrong_code",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::InvalidState => "invalid_state",
            Self::SoldOut => "sold_out",
            Self::NotInvoiced => "not_invoiced",
            Self::ExceedsBalance => "exceeds_balance",
            Self::AlreadyExists => "already_exists",
            Self::InUse => "in_use",
            Self::IdempotencyConflict => "idempotency_conflict",
            Self::AlreadySetUp => "already_set_up",
            Self::OffsetMismatch => "offset_mismatch",
            Self::Locked => "locked",
            Self::Gone => "gone",
            Self::ChecksumMismatch => "checksum_mismatch",
            Self::PreconditionFailed => "precondition_failed",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::RangeNotSatisfiable => "range_not_satisfiable",
            Self::InvalidField => "invalid_field",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
            Self::DatabaseUnavailable => "database_unavailable",
            Self::Unavailable => "unavailable",
            Self::InsufficientStorage => "insufficient_storage",
        }
    }
}

/// One wrong field: its path in the request (`lines[2].quantity`) and a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field, dots and `[index]`.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// An error: `code` for machines, `detail` for people, the cause for the log alone.
#[derive(Debug)]
pub struct Error {
    /// What went wrong.
    pub code: Code,
    /// One sentence: what happened and what to do.
    pub detail: Cow<'static, str>,
    /// Wrong fields; only with [`Code::InvalidField`].
    pub fields: Vec<FieldError>,
    /// Seconds after which a retry makes sense (429, 503).
    pub retry_after: Option<u32>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with its sentence.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), retry_after: None, cause: None }
    }

    /// A defect or a failure below us. The cause goes to the log, never to the client.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Internal, "Something went wrong on the server. The request id names the log entry.")
            .because(cause)
    }

    /// One wrong field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// Several wrong fields, all said at once.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [one] => format!("{}: {}", one.field, one.message),
            many => format!("{} fields need attention.", many.len()),
        };
        Self { fields, ..Self::new(Code::InvalidField, detail) }
    }

    /// `noun` is unknown or not visible: "There is no such booking."
    pub fn not_found(noun: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {noun}."))
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Says when to come back, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// What lies below, for the log.
    pub fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.cause.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)?;
        match &self.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {}

/// Collects every wrong field before refusing, so that a form is corrected in one go.
#[derive(Debug, Default)]
pub struct Check {
    wrong: Vec<FieldError>,
}

impl Check {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes `message` for `field` unless `holds`.
    pub fn that(&mut self, holds: bool, field: &str, message: &str) {
        if !holds {
            self.wrong.push(FieldError { field: field.to_owned(), message: message.to_owned() });
        }
    }

    /// Takes the value, or notes the field errors of a failed one. Other errors count as wrong under `field`.
    pub fn take<T>(&mut self, field: &str, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                // The detail of one wrong field names it already.
                let message = match error.fields.as_slice() {
                    [one] => one.message.clone(),
                    _ => error.detail.into_owned(),
                };
                self.wrong.push(FieldError { field: field.to_owned(), message });
                None
            }
        }
    }

    /// Refuses when anything was wrong.
    ///
    /// # Errors
    /// `invalid_field` with every field noted.
    pub fn done(self) -> Result<()> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Error::fields(self.wrong)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_said_at_once() {
        let mut check = Check::new();
        check.that(false, "name", "must not be empty");
        check.that(true, "email", "never noted");
        check.that(false, "seats", "must be 1 or more");
        let error = check.done().expect_err("two fields are wrong");
        assert_eq!(error.code, Code::InvalidField);
        let fields: Vec<_> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["name", "seats"]);
    }

    #[test]
    fn the_cause_is_for_the_log_and_not_in_the_detail() {
        let error = Error::internal("disk on fire");
        assert!(!error.detail.contains("fire"));
        assert!(error.to_string().contains("fire"));
    }
}
