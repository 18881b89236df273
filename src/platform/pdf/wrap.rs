//! Rows of a text: broken where Unicode allows it (UAX #14), within a word only where it is too wide.

use unicode_linebreak::{BreakOpportunity, linebreaks};

use super::canvas::Centi;
use super::line::Typesetter;
use super::types::Face;

impl Typesetter {
    /// Breaks a text into rows of at most `width`.
    pub fn wrap<'t>(&mut self, face: Face, size: Centi, text: &'t str, width: Centi) -> Vec<&'t str> {
        let plain = !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
        if plain && self.set(face, size, text) <= width {
            return vec![text.trim_end()];
        }
        let most = i64::from(width.max(0)) * 1_000_000 / i64::from(size.max(1));
        let mut rows = Rows { text, rows: Vec::new(), from: 0, so_far: 0, end: 0 };
        let mut before = 0;
        for (at, kind) in linebreaks(text) {
            let piece = text.get(before..at).unwrap_or_default();
            // Spaces at a row's end may stand beyond the edge.
            let bare = piece.trim_end();
            let bare_width = self.measure(face, size, bare);
            if rows.so_far + bare_width > most && rows.end > rows.from {
                rows.cut(before);
            }
            if bare_width > most {
                self.break_within(&mut rows, (face, size), before, bare, most);
            } else {
                rows.so_far += bare_width;
            }
            if bare.len() < piece.len() {
                rows.so_far += self.measure(face, size, &spaced(piece)) - bare_width;
            }
            rows.end = at;
            if kind == BreakOpportunity::Mandatory && at < text.len() {
                rows.cut(at);
            }
            before = at;
        }
        // A line break at the very end begins no other row.
        if rows.from < text.len() || rows.rows.is_empty() {
            rows.cut(text.len());
        }
        rows.rows
    }

    /// Breaks a piece that is wider than a row between its characters, never before a mark.
    fn break_within(&mut self, rows: &mut Rows<'_>, (face, size): (Face, Centi), start: usize, piece: &str, most: i64) {
        for (at, c) in piece.char_indices() {
            let mut bytes = [0; 4];
            let own = self.measure(face, size, c.encode_utf8(&mut bytes));
            if rows.so_far + own > most && start + at > rows.from && own > 0 {
                rows.cut(start + at);
            }
            rows.so_far += own;
        }
    }
}

/// Line breaks have no width.
fn spaced(piece: &str) -> String {
    piece.chars().filter(|c| !c.is_control()).collect()
}

struct Rows<'t> {
    text: &'t str,
    rows: Vec<&'t str>,
    from: usize,
    // Width of the row so far, in millionths of an em, and where it ends.
    so_far: i64,
    end: usize,
}

impl Rows<'_> {
    fn cut(&mut self, at: usize) {
        let row = self.text.get(self.from..at).unwrap_or_default();
        self.rows.push(row.trim_end());
        (self.from, self.end, self.so_far) = (at, at, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::fonts::Fonts;
    use super::*;

    fn rows(text: &str, width: Centi) -> Vec<String> {
        let fonts = Arc::new(Fonts::new());
        let mut set = Typesetter::new(&fonts, "en").expect("fonts");
        let rows: Vec<String> = set.wrap(Face::Regular, 1000, text, width).into_iter().map(str::to_owned).collect();
        for row in &rows {
            let wide = set.set(Face::Regular, 1000, row);
            let letters = row.chars().filter(|c| *c != '\u{301}').count();
            assert!(wide <= width || letters == 1, "{row:?} is {wide} of {width}");
        }
        rows
    }

    #[test]
    fn rows_are_broken_where_a_reader_expects_it() {
        assert_eq!(rows("one two three", 5000), ["one two", "three"]);
        assert_eq!(rows("first\nsecond\n", 20_000), ["first", "second"]);
        assert_eq!(rows("first\n\nthird", 20_000), ["first", "", "third"]);
        assert_eq!(rows("well-known (parenthesis)", 6500), ["well-known", "(parenthesis)"]);
        assert_eq!(rows("", 5000), [""]);
    }

    #[test]
    fn no_text_is_lost() {
        let texts = [
            "Donaudampfschifffahrtsgesellschaftskapitän und noch etwas, 12.50 EUR (netto).",
            "https://example.org/a/very/long/path?with=queries&and=more",
            "日本語のテキスト and مرحبا بالعالم mixed",
            "a  b   c\td e\u{301}e\u{301}e\u{301}",
        ];
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        for text in texts {
            for width in [1, 300, 1000, 2500, 7000, 30_000] {
                assert_eq!(bare(&rows(text, width).concat()), bare(text), "at {width}");
            }
        }
    }
}
