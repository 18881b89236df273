//! Stored files: bytes stream in under one budget, are hashed on the way, and are visible once whole and synced.
//!
//! Uses: base. Never: a file visible that is not whole; memory that grows with the number or size of files; a name
//! from outside in a path.
//!
//! Layout below the root: `parts/KEY` while bytes arrive, `resumable/KEY` while they arrive in pieces, `ab/cd/KEY`
//! once whole. Keys are 32 random hex digits, so a file is never overwritten and its tag never lies.

mod budget;
mod digest;
mod kind;
mod part;
mod reader;
mod resume;
mod store;

pub use budget::Budget;
pub use digest::Checksum;
pub use kind::Kind;
pub use reader::Reader;
pub use resume::{Appended, Piece};
pub use store::{Files, Options, Plan, Stored, Usage};

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    /// An empty store of its own.
    pub(super) fn store(name: &str, budget: u64) -> Files {
        let root = std::env::temp_dir().join(format!("deskbell-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        Files::open(&root, Options { budget, reserve: 0, idle: Duration::from_millis(300) }).expect("a folder")
    }
}
