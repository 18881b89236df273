//! QR codes (ISO/IEC 18004) with error correction M.

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

/// A code.
pub struct Code {
    /// Modules on a side.
    pub size: usize,
    /// Whether each is dark, row by row from the top.
    pub dark: Vec<bool>,
}

/// The smallest code of a text up to a version; none when it is too long.
///
/// Bytes only: what would choose denser modes by itself takes some UTF-8 for Shift JIS.
pub fn code(text: &str, largest: i16) -> Option<Code> {
    for version in 1..=largest {
        let mut bits = Bits::new(Version::Normal(version));
        if bits.push_byte_data(text.as_bytes()).is_err() || bits.push_terminator(EcLevel::M).is_err() {
            continue;
        }
        let code = QrCode::with_bits(bits, EcLevel::M).ok()?;
        let size = code.width();
        let dark = code.into_colors().into_iter().map(|colour| colour == Color::Dark).collect();
        return Some(Code { size, dark });
    }
    None
}

/// Modules that stay light around a code (ISO/IEC 18004 §6.3.8).
const QUIET: usize = 4;

impl Code {
    /// Modules on a side with the quiet zone.
    pub const fn side(&self) -> usize {
        self.size + 2 * QUIET
    }

    /// The dark modules as SVG path data, one unit a module, inside a square of [`Code::side`] units.
    pub fn path(&self) -> String {
        use std::fmt::Write as _;
        let mut path = String::new();
        for (row, modules) in self.dark.chunks(self.size.max(1)).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|a, b| a == b) {
                if run.first() == Some(&true) {
                    // Writing to a string does not fail.
                    let _ = write!(path, "M{} {}h{}v1h-{}z", column + QUIET, row + QUIET, run.len(), run.len());
                }
                column += run.len();
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_square_with_a_finder_in_three_corners() {
        let code = code("BCD\n002\nä", 13).expect("short");
        assert_eq!(code.dark.len(), code.size * code.size);
        let dark = |row: usize, column: usize| code.dark.get(row * code.size + column).copied();
        let last = code.size - 1;
        for (row, column) in [(0, 0), (0, last), (last, 0), (3, 3)] {
            assert_eq!(dark(row, column), Some(true), "{row}, {column}");
        }
        assert_eq!(dark(7, 7), Some(false), "the light ring around a finder");
    }

    #[test]
    fn the_path_draws_the_dark_modules_behind_the_quiet_zone() {
        let code = Code { size: 2, dark: vec![true, true, false, true] };
        assert_eq!((code.side(), code.path().as_str()), (10, "M4 4h2v1h-2zM5 5h1v1h-1z"));
    }

    #[test]
    fn version_13_holds_331_bytes_and_not_one_more() {
        assert_eq!(code(&"x".repeat(331), 13).map(|code| code.size), Some(69));
        assert!(code(&"x".repeat(332), 13).is_none());
    }
}
