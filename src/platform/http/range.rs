//! Byte ranges (RFC 9110 §14): what a `Range` header asks for of a file of a given size. Pure.

use std::ops::Range;

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The whole file: no range, one that is malformed, or one not worth honouring (§14.2).
    Whole,
    /// These parts, in the order asked for, none touching another.
    Parts(Vec<Range<u64>>),
    /// None of the ranges is in the file (§15.5.17).
    Unsatisfiable,
}

/// More ranges than this are not a reader but an attack (§14.2 allows to ignore them).
const MOST: usize = 16;

/// Reads a `Range` header for a file of `size` bytes.
pub fn parse(header: &str, size: u64) -> Wanted {
    // 1. §14.1: the unit is not case sensitive; another one is ignored.
    let Some((unit, set)) = header.split_once('=') else { return Wanted::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    // 2. §14.1.1: each is `first-last`, `first-` or `-suffix`; one that is malformed spoils the set.
    let mut parts = Vec::new();
    let mut any = false;
    for spec in set.split(',').map(str::trim).filter(|spec| !spec.is_empty()) {
        any = true;
        if parts.len() > MOST * 4 {
            return Wanted::Whole;
        }
        match one(spec, size) {
            Some(Some(part)) => parts.push(part),
            Some(None) => {}
            None => return Wanted::Whole,
        }
    }
    if !any {
        return Wanted::Whole;
    }
    if parts.is_empty() {
        return Wanted::Unsatisfiable;
    }
    // 3. §14.2: overlapping and touching ranges are joined; too many are ignored.
    let parts = join(parts);
    if parts.len() > MOST { Wanted::Whole } else { Wanted::Parts(parts) }
}

/// `Some(None)` is well formed but outside the file; `None` is malformed.
fn one(spec: &str, size: u64) -> Option<Option<Range<u64>>> {
    let (first, last) = spec.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    let number = |text: &str| -> Option<u64> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        // A number too large for 64 bits is beyond any file.
        Some(text.parse().unwrap_or(u64::MAX))
    };
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(if suffix == 0 || size == 0 { None } else { Some(size.saturating_sub(suffix)..size) });
    }
    let first = number(first)?;
    let end = if last.is_empty() {
        size
    } else {
        let last = number(last)?;
        if last < first {
            return None;
        }
        last.saturating_add(1).min(size)
    };
    Some(if first < size { Some(first..end) } else { None })
}

fn join(parts: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for part in parts {
        let mut part = part;
        // Joining may bring a part into touch with another: until nothing touches any more.
        while let Some(at) = joined.iter().position(|other| part.start <= other.end && other.start <= part.end) {
            let other = joined.remove(at);
            part = part.start.min(other.start)..part.end.max(other.end);
        }
        joined.push(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(header: &str, size: u64) -> Vec<(u64, u64)> {
        match parse(header, size) {
            Wanted::Parts(parts) => parts.into_iter().map(|part| (part.start, part.end)).collect(),
            other => panic!("{header} of {size}: {other:?}"),
        }
    }

    #[test]
    fn first_and_last_are_both_inside() {
        assert_eq!(parts("bytes=0-1", 10), [(0, 2)]);
        assert_eq!(parts("bytes=9-9", 10), [(9, 10)]);
        assert_eq!(parts("BYTES = 2 - 3", 10), [(2, 4)]);
    }

    #[test]
    fn a_last_beyond_the_end_is_cut_to_it() {
        assert_eq!(parts("bytes=5-99", 10), [(5, 10)]);
        assert_eq!(parts("bytes=5-99999999999999999999999", 10), [(5, 10)]);
    }

    #[test]
    fn without_a_last_it_goes_to_the_end() {
        assert_eq!(parts("bytes=5-", 10), [(5, 10)]);
        assert_eq!(parts("bytes=4294967296-", 5_000_000_000), [(4_294_967_296, 5_000_000_000)]);
    }

    #[test]
    fn a_suffix_counts_from_the_end() {
        assert_eq!(parts("bytes=-3", 10), [(7, 10)]);
        assert_eq!(parts("bytes=-30", 10), [(0, 10)]);
    }

    #[test]
    fn what_lies_outside_is_unsatisfiable() {
        for header in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(parse(header, 10), Wanted::Unsatisfiable, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), Wanted::Unsatisfiable);
        assert_eq!(parse("bytes=-5", 0), Wanted::Unsatisfiable);
    }

    #[test]
    fn one_range_inside_is_enough_to_satisfy() {
        assert_eq!(parts("bytes=50-60, 0-0", 10), [(0, 1)]);
    }

    #[test]
    fn what_is_malformed_is_ignored() {
        for header in [
            "bytes",
            "bytes=",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=--1",
            "lines=0-1",
            "bytes=1-2,x",
            "bytes=+1-2",
            "bytes=0x1-2",
        ] {
            assert_eq!(parse(header, 10), Wanted::Whole, "{header}");
        }
    }

    #[test]
    fn overlapping_and_touching_ranges_are_joined() {
        assert_eq!(parts("bytes=0-4,2-6", 10), [(0, 7)]);
        assert_eq!(parts("bytes=0-1,2-3", 10), [(0, 4)]);
        assert_eq!(parts("bytes=0-0,4-4,0-4", 10), [(0, 5)]);
        assert_eq!(parts("bytes=8-8,0-0", 10), [(8, 9), (0, 1)]);
    }

    #[test]
    fn too_many_ranges_are_ignored() {
        let many: Vec<String> = (0..40).map(|n| format!("{0}-{0}", n * 3)).collect();
        assert_eq!(parse(&format!("bytes={}", many.join(",")), 1000), Wanted::Whole);
        let endless = format!("bytes={}", "0-,".repeat(10_000));
        assert_eq!(parse(&endless, 1000), Wanted::Whole);
    }
}
