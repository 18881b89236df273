//! Unpacking what was packed with gzip (RFC 1952), for whoever takes nothing packed.

use std::io::Read as _;

use flate2::read::GzDecoder;

use crate::base::error::{Error, Result};

/// The bytes that `packed` holds, `most` at most.
///
/// # Errors
/// `internal` when it is no whole gzip member, or holds more.
pub fn unpack(packed: &[u8], most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let took = GzDecoder::new(packed).take(most + 1).read_to_end(&mut bytes).map_err(Error::internal)?;
    if took as u64 > most {
        return Err(Error::internal("a packed text is larger than it may be"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_was_packed_comes_back_and_never_more_than_asked_for() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&[7; 5000]).expect("memory");
        let packed = packer.finish().expect("memory");
        assert_eq!(unpack(&packed, 5000).expect("whole"), vec![7; 5000]);
        assert!(unpack(&packed, 4999).is_err());
        assert!(unpack(&packed[..packed.len() - 3], 5000).is_err());
    }
}
