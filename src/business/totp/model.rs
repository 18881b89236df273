//! The codes and their text forms, from values alone.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use crate::base::actor::StaffId;
use crate::base::error::{Error, Result};
use crate::base::text;
use crate::base::time::Instant;

/// Seconds of one step (RFC 6238 §4.1).
const STEP: i64 = 30;
/// Steps before and behind the present whose codes count, for clocks that differ (§5.2 recommends one).
const WINDOW: i64 = 1;
/// Recovery codes of a set.
pub const RECOVERY_CODES: usize = 10;

/// Whether an account needs a second factor, and how many recovery codes are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// A secret was confirmed.
    pub enabled: bool,
    /// Not used yet.
    pub codes_left: i64,
}

/// A secret that is being set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Base32 (RFC 4648), to be typed.
    pub secret: String,
    /// `otpauth://totp/…`, to be scanned.
    pub uri: String,
}

/// What became of a second factor that was shown, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// None is needed, or it is right.
    Passed,
    /// One is needed and none was shown.
    Missing,
    /// It is wrong, too old, or was used before.
    Wrong,
}

/// A stored secret.
#[derive(Clone, Debug)]
pub struct Stored {
    /// 20 bytes.
    pub secret: Vec<u8>,
    /// The latest step whose code was taken.
    pub last_step: i64,
    /// Whether it was confirmed.
    pub confirmed: bool,
}

/// What somebody typed: digits of the app, or a recovery code. Blanks and hyphens do not matter, nor does case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Six digits.
    Digits([u8; 6]),
    /// Anything else.
    Recovery(String),
}

impl Typed {
    /// None when nothing was typed.
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).take(64).collect();
        if plain.is_empty() {
            return None;
        }
        let digits: Option<[u8; 6]> = plain.as_bytes().try_into().ok();
        Some(match digits.filter(|digits| digits.iter().all(u8::is_ascii_digit)) {
            Some(digits) => Self::Digits(digits),
            None => Self::Recovery(plain.to_ascii_uppercase()),
        })
    }
}

/// The code of a step: HOTP (RFC 4226 §5.3) with six digits.
fn code(secret: &[u8], step: i64) -> Result<[u8; 6]> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).map_err(|error| Error::internal(error.to_string()))?;
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let start = usize::from(hash[19] & 0x0f);
    let four = hash.iter().skip(start).take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let mut rest = four & 0x7fff_ffff;
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    Ok(digits)
}

/// The step whose code this is: within the window around `now`, and later than every step that was taken before.
///
/// # Errors
/// `internal` when the secret cannot be a key.
pub fn step_of(stored: &Stored, shown: [u8; 6], now: Instant) -> Result<Option<i64>> {
    let present = now.seconds().div_euclid(STEP);
    let mut found = None;
    // Every step is computed, whichever fits, so that time tells nothing.
    for step in present - WINDOW..=present + WINDOW {
        if bool::from(code(&stored.secret, step)?.ct_eq(&shown)) && step > stored.last_step {
            found = Some(step);
        }
    }
    Ok(found)
}

/// Base32 without padding (RFC 4648 §6).
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for five in bytes.chunks(5) {
        let bits = (0..5).fold(0_u64, |bits, n| bits << 8 | u64::from(five.get(n).copied().unwrap_or(0)));
        for n in 0..(five.len() * 8).div_ceil(5) {
            let letter = usize::try_from(bits >> (35 - 5 * n) & 31).unwrap_or(0);
            out.push(char::from(LETTERS[letter]));
        }
    }
    out
}

/// All but the unreserved characters of RFC 3986 §2.3, percent-encoded.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    out
}

/// What an app is shown: whose account it is, and where. Digits, period and hash are the usual ones, and apps that
/// ignore these parameters take the same.
pub fn setup(secret: &[u8], issuer: &str, email: &str) -> Setup {
    // A colon parts issuer and account.
    let issuer: String = issuer.chars().filter(|c| *c != ':').take(40).collect();
    let (secret, issuer) = (base32(secret), percent(issuer.trim()));
    let uri = format!(
        "otpauth://totp/{issuer}:{}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        percent(email)
    );
    Setup { secret, uri }
}

/// A recovery code of 16 readable characters, about 72 bits: `XXXX-XXXX-XXXX-XXXX`.
///
/// # Errors
/// `internal` when the system has no randomness.
pub fn recovery_code() -> Result<String> {
    let plain = text::reference()? + &text::reference()?;
    let groups: Vec<&str> = (0..4).filter_map(|n| plain.get(n * 4..n * 4 + 4)).collect();
    Ok(groups.join("-"))
}

/// What is stored of a recovery code. It is random and long, so a fast hash is enough.
pub fn recovery_hash(staff: StaffId, typed: &str) -> [u8; 32] {
    let plain: String = typed.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    text::sha256(&[staff.as_bytes().as_slice(), plain.to_ascii_uppercase().as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_rfc_6238_appendix_b() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, seconds / STEP).expect("a key"), expected.as_bytes(), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_one_step_early_and_late_and_never_twice() {
        let at = |seconds: i64| Instant::from_micros(0).plus_seconds(seconds);
        let stored = |last_step| Stored { secret: SECRET.to_vec(), last_step, confirmed: true };
        let shown = code(SECRET, 100).expect("a key");
        for seconds in [99 * STEP, 100 * STEP, 101 * STEP + 29] {
            assert_eq!(step_of(&stored(0), shown, at(seconds)).expect("a key"), Some(100), "{seconds}");
        }
        for seconds in [98 * STEP + 29, 102 * STEP] {
            assert_eq!(step_of(&stored(0), shown, at(seconds)).expect("a key"), None, "{seconds}");
        }
        assert_eq!(step_of(&stored(100), shown, at(100 * STEP)).expect("a key"), None, "taken before");
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (plain, coded) in
            [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_link_for_the_app_survives_any_name() {
        let setup = setup(SECRET, "Größe: Yoga & Co", "a+b@example.org");
        assert_eq!(
            setup.uri,
            "otpauth://totp/Gr%C3%B6%C3%9Fe%20Yoga%20%26%20Co:a%2Bb%40example.org?\
             secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Gr%C3%B6%C3%9Fe%20Yoga%20%26%20Co\
             &algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn what_is_typed_may_have_blanks_hyphens_and_any_case() {
        assert_eq!(Typed::read(" 123 456 "), Some(Typed::Digits(*b"123456")));
        assert_eq!(Typed::read("abcd-efgh"), Some(Typed::Recovery("ABCDEFGH".into())));
        assert_eq!(Typed::read(" - "), None);
        let (code, staff) = (recovery_code().expect("randomness"), Id::from_bytes([1; 16]));
        assert_eq!(code.len(), 19);
        assert_eq!(recovery_hash(staff, &code), recovery_hash(staff, &code.to_lowercase().replace('-', " ")));
        assert_ne!(recovery_hash(staff, &code), recovery_hash(Id::from_bytes([2; 16]), &code));
    }
}
