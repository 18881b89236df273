//! Values that go into a statement and come out of a row: null, integer, text, blob.

use std::str::FromStr;

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::money::{BasisPoints, Currency};
use crate::base::tax::{Category, Rounding};
use crate::base::time::{Instant, Local, Zone};

/// A value of a statement, borrowed from its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// A 64-bit integer; flags are 0 and 1, instants microseconds, money minor units.
    Int(i64),
    /// UTF-8 text.
    Text(&'a str),
    /// Text made for this statement.
    Owned(String),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}
impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Owned(value)
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Blob(value)
    }
}
impl<'a, N> From<&'a Id<N>> for Value<'a> {
    fn from(value: &'a Id<N>) -> Self {
        Self::Blob(value.as_bytes())
    }
}
impl From<Instant> for Value<'_> {
    fn from(value: Instant) -> Self {
        Self::Int(value.micros())
    }
}
impl From<BasisPoints> for Value<'_> {
    fn from(value: BasisPoints) -> Self {
        Self::Int(value.millionths())
    }
}
impl<'a> From<&'a Currency> for Value<'a> {
    fn from(value: &'a Currency) -> Self {
        Self::Text(value.as_str())
    }
}
impl<'a> From<&'a Zone> for Value<'a> {
    fn from(value: &'a Zone) -> Self {
        Self::Text(value.name())
    }
}
impl From<Local> for Value<'_> {
    fn from(value: Local) -> Self {
        Self::Owned(value.to_string())
    }
}
impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().map_or(Self::Null, Self::Text)
    }
}
impl<'a, N> From<&'a Option<Id<N>>> for Value<'a> {
    fn from(value: &'a Option<Id<N>>) -> Self {
        value.as_ref().map_or(Self::Null, Into::into)
    }
}
impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::Null, Self::Int)
    }
}
impl From<Option<BasisPoints>> for Value<'_> {
    fn from(value: Option<BasisPoints>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
impl From<Option<Instant>> for Value<'_> {
    fn from(value: Option<Instant>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

/// A row as the engine shows it.
pub enum Row<'r> {
    /// Of SQLite.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of MySQL.
    Mysql(&'r sqlx::mysql::MySqlRow),
}

impl Row<'_> {
    fn int(&self, index: usize) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => row.get(index).map_err(Error::internal),
            Self::Mysql(row) => sqlx::Row::try_get_unchecked(*row, index).map_err(Error::internal),
        }
    }

    fn text(&self, index: usize) -> Result<Option<String>> {
        match self {
            Self::Sqlite(row) => row.get(index).map_err(Error::internal),
            Self::Mysql(row) => sqlx::Row::try_get_unchecked(*row, index).map_err(Error::internal),
        }
    }

    /// A text as it stands in the row, parsed there: words, codes and times are in every row.
    ///
    /// # Errors
    /// `internal` when the column is not text, or not one that `T` reads.
    pub fn parsed<T>(&self, index: usize) -> Result<Option<T>>
    where
        T: FromStr<Err = Error>,
    {
        let text = match self {
            Self::Sqlite(row) => {
                row.get_ref(index).map_err(Error::internal)?.as_str_or_null().map_err(Error::internal)?
            }
            Self::Mysql(row) => sqlx::Row::try_get_unchecked(*row, index).map_err(Error::internal)?,
        };
        text.map(str::parse).transpose().map_err(Error::internal)
    }

    fn blob(&self, index: usize) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Sqlite(row) => row.get(index).map_err(Error::internal),
            Self::Mysql(row) => sqlx::Row::try_get_unchecked(*row, index).map_err(Error::internal),
        }
    }

    /// Fixed-size bytes without a buffer on the heap: ids and hashes are in every row.
    fn bytes<const N: usize>(&self, index: usize) -> Result<Option<[u8; N]>> {
        let fixed = |bytes: &[u8]| <[u8; N]>::try_from(bytes).map_err(Error::internal);
        match self {
            Self::Sqlite(row) => {
                let value = row.get_ref(index).map_err(Error::internal)?;
                value.as_blob_or_null().map_err(Error::internal)?.map(fixed).transpose()
            }
            Self::Mysql(row) => {
                let value: Option<&[u8]> = sqlx::Row::try_get_unchecked(*row, index).map_err(Error::internal)?;
                value.map(fixed).transpose()
            }
        }
    }
}

/// Reads the columns of a row one after the other.
pub struct Columns<'c, 'r> {
    row: &'c Row<'r>,
    index: usize,
}

impl<'c, 'r> Columns<'c, 'r> {
    /// At the first column.
    pub fn new(row: &'c Row<'r>) -> Self {
        Self { row, index: 0 }
    }

    /// The next column.
    ///
    /// # Errors
    /// `internal` when the column is not of this kind: the statement and its reader disagree.
    // Not an iterator: each column has its own type.
    #[allow(clippy::should_implement_trait)]
    pub fn next<T: Column>(&mut self) -> Result<T> {
        let value = T::read(self.row, self.index)?;
        self.index += 1;
        Ok(value)
    }
}

/// What can be read from a column.
pub trait Column: Sized {
    /// Reads column `index`; `None` for NULL.
    ///
    /// # Errors
    /// `internal` when the column is of another kind.
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>>;

    /// Reads column `index`, which is not NULL.
    ///
    /// # Errors
    /// `internal` when it is NULL or of another kind.
    fn read(row: &Row<'_>, index: usize) -> Result<Self> {
        Self::read_optional(row, index)?.ok_or_else(|| Error::internal(format!("column {index} is NULL")))
    }
}

impl<T: Column> Column for Option<T> {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        Ok(Some(T::read_optional(row, index)?))
    }
}

impl Column for i64 {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        row.int(index)
    }
}
impl Column for bool {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        Ok(row.int(index)?.map(|flag| flag != 0))
    }
}
impl Column for String {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        row.text(index)
    }
}
impl Column for Vec<u8> {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        row.blob(index)
    }
}
impl<const N: usize> Column for [u8; N] {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        row.bytes(index)
    }
}
impl<N> Column for Id<N> {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        Ok(row.bytes(index)?.map(Self::from_bytes))
    }
}
impl Column for Instant {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        Ok(row.int(index)?.map(Self::from_micros))
    }
}
impl Column for BasisPoints {
    fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
        Ok(row.int(index)?.map(Self::from_millionths))
    }
}

/// Reads a column whose text is parsed into `T`: words, currencies, zones, wall-clock times.
macro_rules! parsed_columns {
    ($($type:ty),+) => {$(
        impl Column for $type {
            fn read_optional(row: &Row<'_>, index: usize) -> Result<Option<Self>> {
                row.parsed(index)
            }
        }
    )+};
}

parsed_columns!(Currency, Zone, Local);
crate::word_column!(Category, Rounding);

/// Lets a `words!` set be read from a column and written to one.
#[macro_export]
macro_rules! word_column {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::platform::db::Column for $type {
            fn read_optional(
                row: &$crate::platform::db::Row<'_>,
                index: usize,
            ) -> $crate::base::error::Result<Option<Self>> {
                row.parsed(index)
            }
        }
        impl From<$type> for $crate::platform::db::Value<'_> {
            fn from(value: $type) -> Self {
                Self::Text(value.as_str())
            }
        }
    )+};
}
