//! Faults that a file may have, for tests: the same ones each time.

use std::time::{Duration, Instant};

/// A source of faults.
pub(super) struct Faults(u64);

/// Runs `round` with its number, again and again for so many seconds.
pub(super) fn many(seconds: u64, mut round: impl FnMut(&mut Faults, u32)) {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut faults = Faults(0x2545_f491_4f6c_dd1d);
    let mut rounds = 0;
    while Instant::now() < until {
        round(&mut faults, rounds);
        rounds += 1;
    }
    assert!(rounds > 20, "only {rounds} rounds");
}

impl Faults {
    /// A number below `below` (xorshift, Marsaglia 2003).
    fn number(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % below.max(1)
    }

    /// The file with one to five faults, half of them in its head.
    pub(super) fn of(&mut self, file: &[u8]) -> Vec<u8> {
        let mut file = file.to_vec();
        for _ in 0..=self.number(4) {
            let within = if self.number(2) == 0 { file.len().min(120) } else { file.len() };
            let at = self.number(within);
            match self.number(4) {
                0 => file[at] = [0, 0xff, 0x7f, 0x80, 1][self.number(5)],
                1 => file[at] ^= 1 << self.number(8),
                2 => file.truncate(at.max(1)),
                _ => {
                    file.remove(at);
                    file.push(0);
                }
            }
        }
        file
    }
}
