//! Ids: UUIDv7 (RFC 9562 §5.7), one type per noun, 16 bytes in the database and a string on the wire.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{self, AtomicU32};

use uuid::Uuid;

use crate::base::error::{Code, Error, Result};
use crate::base::text;
use crate::base::time::Instant;

/// The id of a noun `N`; ids of two nouns do not mix.
pub struct Id<N>(Uuid, PhantomData<fn() -> N>);

impl<N> Id<N> {
    /// A fresh id whose order follows `at` to the microsecond.
    ///
    /// Milliseconds stand in the first 48 bits; the 12 bits behind the version carry the microseconds
    /// (RFC 9562 §6.2, method 3), so that what is made in one millisecond still lists in its order.
    ///
    /// # Errors
    /// `internal` when the system has no randomness.
    pub fn new(at: Instant) -> Result<Self> {
        Ok(Self::build(at, text::random()?))
    }

    /// Lower than every id of that moment or later: where a list by ids begins at a time.
    pub fn floor(at: Instant) -> Self {
        Self::build(at, [0; 10])
    }

    fn build(at: Instant, mut random: [u8; 10]) -> Self {
        let micros = u64::try_from(at.micros()).unwrap_or(0);
        let fraction = (micros % 1000) * 4096 / 1000;
        random[0] = u8::try_from(fraction >> 8).unwrap_or(0);
        random[1] = u8::try_from(fraction & 0xff).unwrap_or(0);
        Self::from(uuid::Builder::from_unix_timestamp_millis(micros / 1000, &random).into_uuid())
    }

    /// From its 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::from(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The same id, said of another noun: for places that refer to "some subject" (audit, events).
    pub fn cast<M>(self) -> Id<M> {
        Id::from(self.0)
    }
}

/// Ids of one moment in the order in which they are made, across nouns: what one transaction makes lists as it was
/// made. Clones share one count.
#[derive(Clone, Debug, Default)]
pub struct Ids(Arc<AtomicU32>);

/// The count has the 14 bits behind the variant (RFC 9562 §6.2, method 1); 48 random bits remain.
const LAST: u32 = (1 << 14) - 1;

impl Ids {
    /// The next id of the moment `at`; from the 16,384th on, those of one moment have no order among each other.
    ///
    /// # Errors
    /// `internal` when the system has no randomness.
    pub fn next<N>(&self, at: Instant) -> Result<Id<N>> {
        let mut random: [u8; 10] = text::random()?;
        let count = self.0.fetch_add(1, atomic::Ordering::Relaxed).min(LAST);
        // The top two bits of the third byte are the variant's.
        random[2] = u8::try_from(count >> 8).unwrap_or(0);
        random[3] = u8::try_from(count & 0xff).unwrap_or(0);
        Ok(Id::build(at, random))
    }
}

impl<N> From<Uuid> for Id<N> {
    fn from(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }
}

impl<N> FromStr for Id<N> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Uuid::try_parse(text).map(Self::from).map_err(|_| Error::new(Code::BadRequest, "This is not an id."))
    }
}

impl<N> fmt::Display for Id<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl<N> fmt::Debug for Id<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl<N> serde::Serialize for Id<N> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        let mut buffer = Uuid::encode_buffer();
        s.serialize_str(self.0.as_hyphenated().encode_lower(&mut buffer))
    }
}

impl<'de, N> serde::Deserialize<'de> for Id<N> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        Uuid::try_parse(&text).map(Self::from).map_err(|_| serde::de::Error::custom("must be an id (a UUID)"))
    }
}

// Derives would ask the same of `N`, which is only a name.
impl<N> Clone for Id<N> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<N> Copy for Id<N> {}
impl<N> PartialEq for Id<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<N> Eq for Id<N> {}
impl<N> PartialOrd for Id<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<N> Ord for Id<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<N> Hash for Id<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;

    #[test]
    fn ids_list_in_the_order_of_their_microseconds() {
        let at = Instant::from_micros(1_800_000_000_000_000);
        let ids: Vec<Id<Thing>> =
            (0..1000).map(|n| Id::new(Instant::from_micros(at.micros() + n)).expect("randomness")).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(ids[0].0.get_version_num(), 7);
    }

    #[test]
    fn ids_of_one_moment_list_in_the_order_in_which_they_were_made() {
        let (ids, at) = (Ids::default(), Instant::from_micros(1_800_000_000_000_999));
        let made: Vec<Id<Thing>> = (0..=LAST).map(|_| ids.next(at).expect("randomness")).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        let later = Ids::default().next(Instant::from_micros(at.micros() + 1)).expect("randomness");
        assert!(made.iter().all(|id| *id < later));
        assert_eq!((later.0.get_version_num(), later.0.get_variant()), (7, uuid::Variant::RFC4122));
    }

    #[test]
    fn an_id_reads_what_it_writes() {
        let id: Id<Thing> = Id::new(Instant::from_micros(1)).expect("randomness");
        assert_eq!(id.to_string().parse::<Id<Thing>>().expect("its own text"), id);
        assert!("not-an-id".parse::<Id<Thing>>().is_err());
    }
}
