//! Conditional headers and `Upload-Metadata`: no panic, and the precedence of RFC 9110 §13.2.2 holds.
#![no_main]

use deskbell::platform::http::{Conditions, Validators, Verdict, judge, metadata, range_counts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: [Option<&str>; 6]| {
    let [if_match, if_unmodified_since, if_none_match, if_modified_since, if_range, said] = input;
    let file = Validators { etag: "\"abc\"", modified: 784_111_777 };
    let asked = Conditions { if_match, if_unmodified_since, if_none_match, if_modified_since, if_range };
    let verdict = judge(&asked, &file);
    // A tag that matches makes the date beside it irrelevant.
    if if_match.is_some_and(|tags| tags.trim() == "*") {
        assert_ne!(verdict, Verdict::Failed);
    }
    if if_none_match.is_some() {
        assert_eq!(verdict, judge(&Conditions { if_modified_since: None, ..asked }, &file));
    }
    let weak = if_range.is_some_and(|tag| tag.trim().starts_with("W/"));
    assert!(!(weak && range_counts(&asked, &file)));
    if let Some(said) = said {
        let _ = metadata(said);
    }
});
