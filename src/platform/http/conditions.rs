//! Conditional requests (RFC 9110 §13): whether to go on, from the headers and what the file is. Pure.

/// What the file is.
#[derive(Clone, Copy, Debug)]
pub struct Validators<'v> {
    /// Its strong entity tag, with the quotes (§8.8.3).
    pub etag: &'v str,
    /// When it was last changed, in seconds since the epoch (§8.8.2).
    pub modified: i64,
}

/// The conditional headers of a request, as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'h> {
    /// `If-Match`.
    pub if_match: Option<&'h str>,
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: Option<&'h str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'h str>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<&'h str>,
    /// `If-Range`.
    pub if_range: Option<&'h str>,
}

/// What follows for a `GET` or `HEAD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send it.
    Proceed,
    /// 304: the client has it.
    NotModified,
    /// 412: it is not what the client believes.
    Failed,
}

/// The verdict, in the order of §13.2.2.
pub fn judge(conditions: &Conditions<'_>, file: &Validators<'_>) -> Verdict {
    // 1. If-Match; 2. without it, If-Unmodified-Since.
    if let Some(tags) = conditions.if_match {
        if !matches(tags, file.etag, true) {
            return Verdict::Failed;
        }
    } else if let Some(date) = conditions.if_unmodified_since.and_then(seconds)
        && file.modified > date
    {
        return Verdict::Failed;
    }
    // 3. If-None-Match; 4. without it, If-Modified-Since.
    if let Some(tags) = conditions.if_none_match {
        if matches(tags, file.etag, false) {
            return Verdict::NotModified;
        }
    } else if let Some(date) = conditions.if_modified_since.and_then(seconds)
        && file.modified <= date
    {
        return Verdict::NotModified;
    }
    Verdict::Proceed
}

/// Whether a `Range` counts, the fifth step (§13.1.5): without `If-Range` always, else when the tag is the same by strong
/// comparison, or the date exactly the same.
pub fn range_counts(conditions: &Conditions<'_>, file: &Validators<'_>) -> bool {
    match conditions.if_range.map(str::trim) {
        None => true,
        Some(tag) if tag.starts_with('"') => tag == file.etag,
        // A weak tag never matches by strong comparison.
        Some(tag) if tag.starts_with("W/") => false,
        Some(date) => seconds(date) == Some(file.modified),
    }
}

/// Whether a list of tags holds this one; `strong` comparison refuses weak tags (§8.8.3.2).
fn matches(tags: &str, etag: &str, strong: bool) -> bool {
    if tags.trim() == "*" {
        return true;
    }
    let mut rest = tags.trim_start_matches([',', ' ', '\t']);
    while !rest.is_empty() {
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        // A comma may stand within the quotes, so the list is read and not split.
        let Some(end) = quoted.strip_prefix('"').and_then(|inner| inner.find('"')) else { return false };
        let (tag, behind) = quoted.split_at(end + 2);
        if tag == etag && !(strong && weak) {
            return true;
        }
        rest = behind.trim_start_matches([',', ' ', '\t']);
    }
    false
}

/// An HTTP date (§5.6.7) in seconds since the epoch; one that is malformed is ignored (§13.1.3, §13.1.4).
fn seconds(date: &str) -> Option<i64> {
    let date = httpdate::parse_http_date(date.trim()).ok()?;
    i64::try_from(date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: Validators<'static> = Validators { etag: "\"abc\"", modified: 784_111_777 };
    const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const NONE: Conditions<'static> = Conditions {
        if_match: None,
        if_unmodified_since: None,
        if_none_match: None,
        if_modified_since: None,
        if_range: None,
    };

    #[test]
    fn if_match_needs_the_same_strong_tag() {
        let verdict = |tags| judge(&Conditions { if_match: Some(tags), ..NONE }, &FILE);
        assert_eq!(verdict("\"abc\""), Verdict::Proceed);
        assert_eq!(verdict("\"x\", \"abc\""), Verdict::Proceed);
        assert_eq!(verdict("\"a,b\", \"abc\""), Verdict::Proceed);
        assert_eq!(verdict("*"), Verdict::Proceed);
        assert_eq!(verdict("W/\"abc\""), Verdict::Failed);
        assert_eq!(verdict("\"x\""), Verdict::Failed);
        assert_eq!(verdict("abc"), Verdict::Failed);
    }

    #[test]
    fn if_unmodified_since_fails_a_file_changed_later() {
        let verdict = |date| judge(&Conditions { if_unmodified_since: Some(date), ..NONE }, &FILE);
        assert_eq!(verdict(SAME), Verdict::Proceed);
        assert_eq!(verdict(BEFORE), Verdict::Failed);
        assert_eq!(verdict("yesterday"), Verdict::Proceed);
    }

    #[test]
    fn if_match_goes_before_if_unmodified_since() {
        let both = Conditions { if_match: Some("\"abc\""), if_unmodified_since: Some(BEFORE), ..NONE };
        assert_eq!(judge(&both, &FILE), Verdict::Proceed);
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let verdict = |tags| judge(&Conditions { if_none_match: Some(tags), ..NONE }, &FILE);
        assert_eq!(verdict("\"abc\""), Verdict::NotModified);
        assert_eq!(verdict("W/\"abc\""), Verdict::NotModified);
        assert_eq!(verdict("*"), Verdict::NotModified);
        assert_eq!(verdict("\"x\""), Verdict::Proceed);
    }

    #[test]
    fn if_none_match_goes_before_if_modified_since() {
        let both = Conditions { if_none_match: Some("\"x\""), if_modified_since: Some(SAME), ..NONE };
        assert_eq!(judge(&both, &FILE), Verdict::Proceed);
    }

    #[test]
    fn if_modified_since_spares_a_file_that_is_not_newer() {
        let verdict = |date| judge(&Conditions { if_modified_since: Some(date), ..NONE }, &FILE);
        assert_eq!(verdict(SAME), Verdict::NotModified);
        assert_eq!(verdict(BEFORE), Verdict::Proceed);
        assert_eq!(verdict("0"), Verdict::Proceed);
    }

    #[test]
    fn a_range_counts_only_for_the_very_same_file() {
        let counts = |value| range_counts(&Conditions { if_range: Some(value), ..NONE }, &FILE);
        assert!(counts("\"abc\"") && counts(SAME) && range_counts(&NONE, &FILE));
        assert!(!counts("W/\"abc\"") && !counts("\"x\"") && !counts(BEFORE) && !counts("nonsense"));
    }
}
