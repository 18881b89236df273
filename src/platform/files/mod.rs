//! Stored files: bytes stream in under one budget, are hashed on the way, and are visible once whole and synced.
//!
//! Uses: base. Never: a file visible that is not whole; memory that grows with the number or size of files; a name
//! from outside in a path.
//!
//! Layout below the root: `parts/KEY` while bytes arrive, `resumable/KEY` while they arrive in pieces, `ab/cd/KEY`
//! once whole (there or in a bucket). Keys are 32 random hex digits, so a file is never overwritten and its tag never lies.

mod budget;
mod carry;
mod digest;
mod home;
mod kind;
mod part;
mod reader;
mod resume;
mod store;

pub use budget::Budget;
pub use carry::{Carried, Known, Lease, Move};
pub use digest::Checksum;
pub use home::Place;
pub use kind::Kind;
pub use reader::Reader;
pub use resume::{Appended, Piece};
pub use store::{Files, Options, Plan, Stored, Usage, fits};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::time::Duration;

    use super::*;
    use crate::base::text;

    /// An empty store of its own in the data directory.
    pub(super) fn store(name: &str, budget: u64) -> Files {
        store_at(name, &Place::Folder, budget)
    }

    /// An empty store of its own in each home; in a bucket when a server is named.
    pub(super) fn stores(name: &str, budget: u64) -> Vec<Files> {
        let mut stores = vec![store(name, budget)];
        match std::env::var("DESKBELL_TEST_S3_URL") {
            Ok(url) => {
                // A prefix that nobody else has.
                let url = url.replacen('?', &format!("/{name}-{}?", text::secret().expect("random")), 1);
                let place = Place::parse(&url, &BTreeMap::new()).expect("a bucket");
                stores.push(store_at(&format!("{name}-bucket"), &place, budget));
            }
            Err(_) => {
                assert!(std::env::var_os("CI").is_none(), "CI tests both homes");
                eprintln!("skipped in a bucket: DESKBELL_TEST_S3_URL names no server");
            }
        }
        stores
    }

    fn store_at(name: &str, place: &Place, budget: u64) -> Files {
        let root = std::env::temp_dir().join(format!("deskbell-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let options = Options { budget, reserve: 0, idle: Duration::from_millis(300) };
        Files::open_at(&root, place, options).expect("a folder")
    }
}
