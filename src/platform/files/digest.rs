//! Checksums that a client says beforehand, so that what arrives broken is refused.

use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::base::error::{Code, Error, Result};

/// A checksum on its way, and what it must come to.
#[derive(Clone, Debug)]
pub struct Checksum {
    hasher: Hasher,
    said: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// The names that are taken, as tus writes them in `Tus-Checksum-Algorithm`.
    pub const ALGORITHMS: &'static str = "sha1,sha256";

    /// A checksum by its name (`sha1`, `sha256`, `sha-256`) and its bytes.
    ///
    /// # Errors
    /// `bad_request` for another algorithm or a wrong length.
    pub fn new(algorithm: &str, said: &[u8]) -> Result<Self> {
        let (hasher, length) = match algorithm.to_ascii_lowercase().as_str() {
            "sha1" => (Hasher::Sha1(Sha1::new()), 20),
            "sha256" | "sha-256" => (Hasher::Sha256(Sha256::new()), 32),
            _ => {
                return Err(Error::new(Code::BadRequest, "This checksum algorithm is not known here. Use sha256."));
            }
        };
        if said.len() != length {
            return Err(Error::new(Code::BadRequest, "The checksum has the wrong length for its algorithm."));
        }
        Ok(Self { hasher, said: said.to_vec() })
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Sha1(hasher) => hasher.update(bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// Whether what was read is what was said.
    ///
    /// # Errors
    /// `checksum_mismatch`.
    pub(super) fn verify(self) -> Result<()> {
        let found = match self.hasher {
            Hasher::Sha1(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha256(hasher) => hasher.finalize().to_vec(),
        };
        if bool::from(found.ct_eq(&self.said)) { Ok(()) } else { Err(mismatch()) }
    }
}

pub(super) fn mismatch() -> Error {
    Error::new(Code::ChecksumMismatch, "The bytes do not have the checksum that was said. Send them again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_holds_for_the_bytes_it_was_made_of_and_no_others() {
        let sha1 = hex::decode("a9993e364706816aba3e25717850c26c9cd0d89d").expect("hex");
        let mut good = Checksum::new("SHA1", &sha1).expect("known");
        good.update(b"ab");
        good.update(b"c");
        assert!(good.verify().is_ok());
        let mut bad = Checksum::new("sha1", &sha1).expect("known");
        bad.update(b"abd");
        assert_eq!(bad.verify().expect_err("other bytes").code, Code::ChecksumMismatch);
        assert!(Checksum::new("md4", &sha1).is_err() && Checksum::new("sha256", &sha1).is_err());
    }
}
