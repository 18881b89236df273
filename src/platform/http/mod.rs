//! HTTP: the listener, the frame around every request, JSON and bytes in and out, errors as problems.
//!
//! Uses: base, files. Never: a business word; a body held whole when it is a file; a status chosen anywhere but in
//! `problem.rs`.

mod call;
mod conditions;
mod events;
mod frame;
mod json;
mod json_writer;
mod listener;
mod problem;
mod range;
mod serve;
mod streamed;
mod tus;
mod types;
mod upload;

pub use call::{Call, OpenCall, Peer, SESSION_COOKIE};
pub use conditions::{Conditions, Validators, Verdict, judge, range_counts};
pub use events::{Events, KEEP_ALIVE, event};
pub use frame::{Frame, Traffic, TrafficFigures, refuse};
pub use json::{Created, Json, NoContent, Patch, Tagged, parse};
pub use listener::{Limits, Listener};
pub use problem::{FieldView, reply as problem};
pub use range::{Wanted, parse as parse_range};
pub use serve::{Asked, Download, FileReply, Made};
pub use streamed::{Streamed, Table};
pub use tus::{Octets, TusReply, metadata, method_override, piece_checksum, speaks_tus};
pub use types::List;
pub use upload::{Frames, Incoming, Upload};
