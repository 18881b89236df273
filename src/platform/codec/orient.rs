//! How a picture is to be turned (Exif 2.32 §4.6.4, tag 0x0112), and the smallest Exif block that says so.

/// The tag "Orientation" in the first directory of an Exif block, 1 to 8; 1 when nothing sensible is said.
pub(super) fn of_exif(tiff: &[u8]) -> u8 {
    find(tiff).filter(|turn| (1..=8).contains(turn)).unwrap_or(1)
}

fn find(tiff: &[u8]) -> Option<u8> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes = <[u8; 2]>::try_from(tiff.get(at..at.checked_add(2)?)?).ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| -> Option<u32> {
        let bytes = <[u8; 4]>::try_from(tiff.get(at..at.checked_add(4)?)?).ok()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let count = usize::from(short(directory)?);
    for entry in 0..count.min(256) {
        let at = directory.checked_add(2 + entry * 12)?;
        // Type 3 is a number of two bytes; it stands at the left of the value field.
        if short(at)? == 0x0112 && short(at + 2)? == 3 {
            return u8::try_from(short(at + 8)?).ok();
        }
    }
    None
}

/// An Exif block that says how the picture is to be turned, and nothing else.
pub(super) fn exif(orientation: u8) -> [u8; 26] {
    let mut block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    block[19] = orientation;
    block
}

/// Whether width and height change places.
pub(super) fn swaps(orientation: u8) -> bool {
    orientation >= 5
}

/// Turns pixels of `channels` bytes upright: `(pixels, width, height)`.
pub(super) fn upright(
    pixels: Vec<u8>,
    (width, height): (usize, usize),
    channels: usize,
    orientation: u8,
) -> (Vec<u8>, (usize, usize)) {
    if orientation <= 1 || width == 0 || height == 0 {
        return (pixels, (width, height));
    }
    let (wide, high) = if swaps(orientation) { (height, width) } else { (width, height) };
    let mut turned = Vec::with_capacity(pixels.len());
    for y in 0..high {
        for x in 0..wide {
            let (column, row) = match orientation {
                2 => (width - 1 - x, y),
                3 => (width - 1 - x, height - 1 - y),
                4 => (x, height - 1 - y),
                5 => (y, x),
                6 => (y, height - 1 - x),
                7 => (width - 1 - y, height - 1 - x),
                8 => (width - 1 - y, x),
                _ => (x, y),
            };
            let at = (row * width + column) * channels;
            turned.extend_from_slice(pixels.get(at..at + channels).unwrap_or_default());
        }
    }
    (turned, (wide, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_block_says_what_was_put_in() {
        for orientation in 1..=8 {
            assert_eq!(of_exif(&exif(orientation)), orientation);
        }
    }

    #[test]
    fn a_block_that_makes_no_sense_turns_nothing() {
        let mut far = exif(6);
        far[7] = 0xff;
        for bad in [&b""[..], b"II*\0", b"MM\0*\xff\xff\xff\xff", &far, &exif(9), &exif(6)[..18]] {
            assert_eq!(of_exif(bad), 1, "{bad:?}");
        }
    }

    #[test]
    fn each_way_of_lying_comes_upright() {
        // Upright it reads "ab" above "cd" above "ef"; how a camera would have stored it for each value.
        let stored: [(u8, &[u8], (usize, usize)); 8] = [
            (1, b"abcdef", (2, 3)),
            (2, b"badcfe", (2, 3)),
            (3, b"fedcba", (2, 3)),
            (4, b"efcdab", (2, 3)),
            (5, b"acebdf", (3, 2)),
            (6, b"bdface", (3, 2)),
            (7, b"fdbeca", (3, 2)),
            (8, b"ecafdb", (3, 2)),
        ];
        for (orientation, pixels, size) in stored {
            let (turned, size) = upright(pixels.to_vec(), size, 1, orientation);
            assert_eq!((turned.as_slice(), size), (&b"abcdef"[..], (2, 3)), "{orientation}");
        }
    }
}
