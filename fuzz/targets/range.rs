//! `Range` headers: whatever comes, what is sent lies in the file, in order to send, and no two parts touch.
#![no_main]

use deskbell::platform::http::{Wanted, parse_range};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u64, &str)| {
    let (size, header) = input;
    if let Wanted::Parts(parts) = parse_range(header, size) {
        assert!(!parts.is_empty() && parts.len() <= 16);
        for (at, part) in parts.iter().enumerate() {
            assert!(part.start < part.end && part.end <= size, "{part:?} of {size}");
            assert!(parts.iter().skip(at + 1).all(|other| other.end < part.start || part.end < other.start));
        }
    }
});
