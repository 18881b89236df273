//! Versions of rows, as `If-Match` names them, and the identity of a repeated request.

use crate::base::error::{Code, Error, Result};

/// What the caller believes the row to be (RFC 9110 §13.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Nothing was said: the last one wins.
    #[default]
    Anything,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl Expected {
    /// Refuses a row that has moved on.
    ///
    /// # Errors
    /// `precondition_failed`.
    pub fn check(&self, current: i64) -> Result<()> {
        match self {
            Self::Versions(versions) if !versions.contains(&current) => Err(Error::new(
                Code::PreconditionFailed,
                "Somebody else has changed this since you read it. Load it again and repeat your change.",
            )),
            Self::Anything | Self::Versions(_) => Ok(()),
        }
    }
}

/// A request that its client may repeat: the key it chose, and what it asked for as one hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// `Idempotency-Key`, 1 to 190 visible characters.
    pub key: String,
    /// SHA-256 over method, path and body.
    pub fingerprint: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_moved_on_is_refused_and_silence_is_not() {
        assert!(Expected::Anything.check(7).is_ok());
        assert!(Expected::Versions(vec![6, 7]).check(7).is_ok());
        let error = Expected::Versions(vec![6]).check(7).expect_err("stale");
        assert_eq!(error.code, Code::PreconditionFailed);
    }
}
