//! Lists by keyset: a limit, and a cursor that names the last row seen.
//!
//! Never: OFFSET. A row made while somebody pages neither repeats nor hides another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;

/// How many rows a page has: 1 to 200, 50 unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// The largest page.
    pub const MAX: u16 = 200;

    /// From a query parameter.
    ///
    /// # Errors
    /// `invalid_field` when it is not 1 to 200.
    pub fn new(limit: Option<u32>) -> Result<Self> {
        match limit {
            None => Ok(Self(50)),
            Some(n) => u16::try_from(n)
                .ok()
                .filter(|n| (1..=Self::MAX).contains(n))
                .map(Self)
                .ok_or_else(|| Error::field("limit", "must be 1 to 200")),
        }
    }

    /// One row more than the page, to learn whether another page follows.
    pub fn probe(self) -> i64 {
        i64::from(self.0) + 1
    }
}

/// The keys of the last row seen, with the order they belong to.
///
/// The text is opaque to clients: base64url of a version, the order's name and the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Vec<String>);

impl Cursor {
    const VERSION: &'static str = "1";

    /// A cursor of `order` after the row with these keys.
    pub fn new(order: &str, keys: &[&str]) -> Self {
        Self(std::iter::once(order).chain(keys.iter().copied()).map(str::to_owned).collect())
    }

    /// The keys, when the cursor belongs to `order` and has `N` of them.
    ///
    /// # Errors
    /// `bad_request` when it comes from another list.
    pub fn keys<const N: usize>(&self, order: &str) -> Result<[&str; N]> {
        match self.0.split_first() {
            Some((own, keys)) if own == order => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                keys.try_into().map_err(|_| bad_cursor())
            }
            _ => Err(bad_cursor()),
        }
    }

    /// The opaque text.
    pub fn encode(&self) -> String {
        let mut text = String::from(Self::VERSION);
        for part in &self.0 {
            text.push('\u{1f}');
            text.push_str(part);
        }
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads what [`Cursor::encode`] wrote.
    ///
    /// # Errors
    /// `bad_request` for anything else.
    pub fn decode(text: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad_cursor())?;
        let text = String::from_utf8(bytes).map_err(|_| bad_cursor())?;
        let mut parts = text.split('\u{1f}');
        if parts.next() != Some(Self::VERSION) {
            return Err(bad_cursor());
        }
        Ok(Self(parts.map(str::to_owned).collect()))
    }
}

fn bad_cursor() -> Error {
    Error::new(Code::BadRequest, "The cursor is not one that this list gave. Start again without a cursor.")
}

/// What a list asks for.
#[derive(Clone, Debug)]
pub struct Paging {
    /// Rows of a page.
    pub limit: Limit,
    /// The last row seen.
    pub after: Option<Cursor>,
}

impl Paging {
    /// From the query parameters `limit` and `cursor`.
    ///
    /// # Errors
    /// `invalid_field` for the limit, `bad_request` for the cursor.
    pub fn new(limit: Option<u32>, cursor: Option<&str>) -> Result<Self> {
        Ok(Self { limit: Limit::new(limit)?, after: cursor.map(Cursor::decode).transpose()? })
    }
}

impl Paging {
    /// The id behind which a list called `order`, kept in the order of its ids, goes on.
    ///
    /// # Errors
    /// `bad_request` when the cursor comes from another list.
    pub fn after_id<N>(&self, order: &str) -> Result<Option<Id<N>>> {
        let Some(cursor) = &self.after else { return Ok(None) };
        let [id] = cursor.keys(order)?;
        id.parse().map(Some)
    }
}

/// One page of rows, and where the next begins.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// As [`Page::cut`], for a list called `order` that is kept in the order of its ids.
    pub fn by_id<N>(rows: Vec<T>, limit: Limit, order: &str, id: impl FnOnce(&T) -> Id<N>) -> Self {
        Self::cut(rows, limit, |last| Cursor::new(order, &[&id(last).to_string()]))
    }

    /// Cuts the probe row off and makes the cursor from the last row that stays.
    pub fn cut(mut rows: Vec<T>, limit: Limit, cursor: impl FnOnce(&T) -> Cursor) -> Self {
        let size = usize::from(limit.0);
        let more = rows.len() > size;
        rows.truncate(size);
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_what_it_writes_and_belongs_to_one_order() {
        let cursor = Cursor::new("clients.name", &["Ünal", "id"]);
        let back = Cursor::decode(&cursor.encode()).expect("its own text");
        assert_eq!(back.keys::<2>("clients.name").expect("its order"), ["Ünal", "id"]);
        assert!(back.keys::<2>("bookings").is_err());
        assert!(back.keys::<1>("clients.name").is_err());
        assert!(Cursor::decode("!!").is_err());
    }

    #[test]
    fn the_probe_row_tells_of_another_page_and_is_not_shown() {
        let limit = Limit::new(Some(2)).expect("in range");
        let page = Page::cut(vec![1, 2, 3], limit, |n| Cursor::new("n", &[&n.to_string()]));
        assert_eq!(page.items, [1, 2]);
        assert_eq!(page.next, Some(Cursor::new("n", &["2"])));
        assert!(Page::cut(vec![1, 2], limit, |_| Cursor::new("n", &[])).next.is_none());
        assert!(Limit::new(Some(0)).is_err() && Limit::new(Some(201)).is_err());
    }
}
