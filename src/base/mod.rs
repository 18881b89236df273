//! Values that know no I/O: the words every floor above speaks.
//!
//! Never: a file, a socket, a database. Time and randomness enter the house here, as values.

pub mod error;
pub mod text;
pub mod time;
pub mod day;
pub mod id;
pub mod money;
pub mod tax;
pub mod page;
pub mod actor;
pub mod change;
pub mod version;
pub mod qr;
