//! Making a picture smaller by a whole number while its rows come in, so that it is never whole in memory.

/// Averages squares of pixels; alpha weighs the colours, so that what is invisible does not show.
pub(super) struct Shrink {
    factor: usize,
    width: usize,
    channels: usize,
    sums: Vec<u32>,
    rows: usize,
    out: Vec<u8>,
}

/// Sums of squares of so many pixels a side, weighed by alpha, still fit 32 bits.
const LARGEST: u32 = 128;

/// By how much a picture of `from` pixels may shrink and still have `to` pixels.
pub(super) fn factor(from: (u32, u32), to: (u32, u32)) -> usize {
    let factor = (from.0 / to.0.max(1)).min(from.1 / to.1.max(1)).clamp(1, LARGEST);
    usize::try_from(factor).unwrap_or(1)
}

impl Shrink {
    /// For rows of `width` pixels of 3 or 4 bytes.
    pub(super) fn new(factor: usize, width: usize, channels: usize) -> Self {
        let sums = if factor > 1 { vec![0; width.div_ceil(factor) * channels] } else { Vec::new() };
        Self { factor, width, channels, sums, rows: 0, out: Vec::new() }
    }

    /// The next row.
    pub(super) fn row(&mut self, row: &[u8]) {
        if self.factor == 1 {
            self.out.extend_from_slice(row);
            return;
        }
        let (channels, block) = (self.channels, self.factor * self.channels);
        for (sums, square) in self.sums.chunks_exact_mut(channels).zip(row.chunks(block)) {
            for pixel in square.chunks_exact(channels) {
                let alpha = if channels == 4 { pixel.last().copied().map_or(255, u32::from) } else { 1 };
                for (place, (sum, value)) in sums.iter_mut().zip(pixel).enumerate() {
                    *sum += if place == 3 { alpha } else { u32::from(*value) * alpha };
                }
            }
        }
        self.rows += 1;
        if self.rows == self.factor {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let mut left = self.width;
        for sums in self.sums.chunks_exact_mut(self.channels) {
            let count = u32::try_from(rows * left.min(self.factor)).unwrap_or(1).max(1);
            left = left.saturating_sub(self.factor);
            let weight = if self.channels == 4 { sums.last().copied().unwrap_or(0) } else { count };
            for (place, sum) in sums.iter_mut().enumerate() {
                let by = if place == 3 { count } else { weight.max(1) };
                self.out.push(u8::try_from((*sum + by / 2) / by).unwrap_or(255));
                *sum = 0;
            }
        }
    }

    /// The pixels, and their rows and columns.
    pub(super) fn finish(mut self) -> (Vec<u8>, usize, usize) {
        if self.rows > 0 {
            self.flush();
        }
        let width = self.width.div_ceil(self.factor);
        let line = (width * self.channels).max(1);
        let height = self.out.len() / line;
        self.out.truncate(height * line);
        (self.out, width, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_become_their_average_and_a_rest_its_own() {
        let mut shrink = Shrink::new(2, 3, 3);
        for row in [[[0, 0, 0], [4, 8, 12], [9, 9, 9]], [[0, 0, 0], [4, 8, 12], [9, 9, 9]], [[7; 3], [7; 3], [1; 3]]] {
            shrink.row(row.as_flattened());
        }
        assert_eq!(shrink.finish(), (vec![2, 4, 6, 9, 9, 9, 7, 7, 7, 1, 1, 1], 2, 2));
    }

    #[test]
    fn invisible_colours_do_not_show() {
        let mut shrink = Shrink::new(2, 2, 4);
        shrink.row(&[200, 0, 0, 255, 0, 255, 0, 0]);
        shrink.row(&[200, 0, 0, 255, 0, 255, 0, 0]);
        assert_eq!(shrink.finish(), (vec![200, 0, 0, 128], 1, 1));
    }

    #[test]
    fn the_factor_never_makes_it_too_small() {
        assert_eq!(factor((6000, 4000), (1920, 1280)), 3);
        assert_eq!(factor((1921, 1281), (1920, 1280)), 1);
        assert_eq!(factor((65_535, 1000), (320, 5)), 128);
        assert_eq!(factor((10, 10), (0, 0)), 10);
    }
}
