//! What stands in a link. Pure.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::words;

words! {
    /// What a link opens.
    pub enum Purpose {
        /// The PDF of an invoice.
        Invoice = "invoice",
    }
}

/// Bytes of the signature that stand in a link: 128 bits cannot be guessed, and the link stays short.
const SIGNED: usize = 16;

/// The text of a link: the id, the second it ends, and a signature over both and the purpose.
///
/// # Errors
/// `internal` when the key cannot be used.
pub fn seal<N>(key: &[u8; 32], purpose: Purpose, id: Id<N>, until: Instant) -> Result<String> {
    let mut bytes = Vec::with_capacity(24 + SIGNED);
    bytes.extend(id.as_bytes());
    bytes.extend(until.seconds().to_be_bytes());
    let signature = sign(key, purpose, &bytes)?.finalize().into_bytes();
    bytes.extend(signature.iter().take(SIGNED));
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The id of a link that was signed with the key and has not ended.
///
/// # Errors
/// `not_found`, whatever is wrong: a stranger learns nothing.
pub fn open<N>(key: &[u8; 32], purpose: Purpose, link: &str, now: Instant) -> Result<Id<N>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(link).map_err(|_| unknown())?;
    let (said, signature) = bytes.split_at_checked(24).ok_or_else(unknown)?;
    if signature.len() != SIGNED {
        return Err(unknown());
    }
    // Compared in constant time.
    sign(key, purpose, said)?.verify_truncated_left(signature).map_err(|_| unknown())?;
    let (id, until) = said.split_at_checked(16).ok_or_else(unknown)?;
    let until = i64::from_be_bytes(until.try_into().map_err(|_| unknown())?);
    if until < now.seconds() {
        return Err(unknown());
    }
    Ok(Id::from_bytes(id.try_into().map_err(|_| unknown())?))
}

pub(super) fn unknown() -> Error {
    Error::new(Code::NotFound, "This link is not valid, or no longer. Ask for a new one.")
}

fn sign(key: &[u8; 32], purpose: Purpose, said: &[u8]) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?;
    mac.update(purpose.as_str().as_bytes());
    mac.update(&[0]);
    mac.update(said);
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;

    #[test]
    fn a_link_opens_what_it_names_until_it_ends_and_nothing_else() {
        let (key, now) = ([7; 32], Instant::from_micros(1_000_000_000));
        let id = Id::<Thing>::from_bytes([9; 16]);
        let link = seal(&key, Purpose::Invoice, id, now.plus_minutes(1)).expect("a link");
        assert_eq!(open::<Thing>(&key, Purpose::Invoice, &link, now).expect("opened"), id);
        assert!(open::<Thing>(&key, Purpose::Invoice, &link, now.plus_minutes(2)).is_err(), "ended");
        assert!(open::<Thing>(&[8; 32], Purpose::Invoice, &link, now).is_err(), "another key");
        for place in 0..link.len() {
            let mut forged = link.clone().into_bytes();
            if let Some(byte) = forged.get_mut(place) {
                *byte = if *byte == b'A' { b'B' } else { b'A' };
            }
            let forged = String::from_utf8(forged).expect("text");
            assert!(open::<Thing>(&key, Purpose::Invoice, &forged, now).is_err(), "{forged}");
        }
        for bad in ["", "A", "ünd", &link[..link.len() - 2]] {
            assert!(open::<Thing>(&key, Purpose::Invoice, bad, now).is_err(), "{bad}");
        }
    }
}
