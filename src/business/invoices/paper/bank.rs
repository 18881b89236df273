//! Account numbers and references: what of them is right, and how they are read aloud.

/// An IBAN as machines read it: capitals and digits, the check digits right (ISO 13616-1); none when it is not one.
pub fn iban(text: &str) -> Option<String> {
    let iban: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let good = (15..=34).contains(&iban.len()) && iban.bytes().all(|b| b.is_ascii_alphanumeric());
    let (head, rest) = if good { iban.split_at(4) } else { return None };
    let named =
        head.bytes().take(2).all(|b| b.is_ascii_uppercase()) && head.bytes().skip(2).all(|b| b.is_ascii_digit());
    (named && remainder(rest.bytes().chain(head.bytes())) == 1).then_some(iban)
}

/// Whether it names an account in Switzerland or Liechtenstein.
pub fn is_swiss(iban: &str) -> bool {
    iban.len() == 21 && (iban.starts_with("CH") || iban.starts_with("LI"))
}

/// Whether its institution id is one of those for QR references (30000 to 31999).
pub fn is_qr_iban(iban: &str) -> bool {
    is_swiss(iban)
        && iban.get(4..9).and_then(|id| id.parse().ok()).is_some_and(|id: u32| (30_000..32_000).contains(&id))
}

/// What is left of a text modulo 97, letters counting from 10 (ISO/IEC 7064).
fn remainder(text: impl Iterator<Item = u8>) -> u32 {
    text.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        b'A'..=b'Z' => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
        _ => rest,
    })
}

/// A QR reference of 27 digits for a number: its digits, zeros in front, and a check digit (modulo 10, recursive); none
/// when it has no digits or too many.
pub fn qr_reference(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() || digits.len() > 26 {
        return None;
    }
    let digits = format!("{digits:0>26}");
    let check = check_digit(&digits)?;
    Some(digits + &check.to_string())
}

/// The check digit of a QR reference (Implementation Guidelines QR-bill, annex B).
fn check_digit(digits: &str) -> Option<usize> {
    const TABLE: [usize; 10] = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5];
    let carry = digits.bytes().try_fold(0_usize, |carry, byte| {
        let digit = usize::from(byte.checked_sub(b'0')?);
        TABLE.get((carry + digit) % 10).copied()
    })?;
    Some((10 - carry) % 10)
}

/// A creditor reference (ISO 11649) for a number: its letters and digits behind `RF` and two check digits; none when
/// there are none, or more than 21.
pub fn creditor_reference(number: &str) -> Option<String> {
    let core: String = number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    if core.is_empty() || core.len() > 21 {
        return None;
    }
    let check = 98 - remainder(core.bytes().chain(*b"RF00"));
    Some(format!("RF{check:02}{core}"))
}

/// A text in groups from the left, as IBANs and creditor references are read: `CH44 3199 9123 0008 8901 2`.
pub fn in_fours(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for (index, c) in text.chars().filter(|c| !c.is_whitespace()).enumerate() {
        if index > 0 && index % 4 == 0 {
            out.push('\u{a0}');
        }
        out.push(c);
    }
    out
}

/// A QR reference in groups of five from the right: `21 00000 00003 13947 14300 09017`.
pub fn in_fives(reference: &str) -> String {
    let mut out = String::with_capacity(reference.len() + 6);
    for (index, c) in reference.chars().enumerate() {
        if index > 0 && (reference.len() - index).is_multiple_of(5) {
            out.push('\u{a0}');
        }
        out.push(c);
    }
    out
}

/// An amount as payment codes hold it: `1949.75`. Both are for currencies with hundredths.
pub fn plain_amount(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, (minor % 100).abs())
}

/// One row of at most so many characters, without control characters, which would begin another row of the code.
pub fn row(text: &str, most: usize) -> String {
    let text = text.trim().replace(char::is_control, " ");
    text.chars().take(most).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iban_with_a_wrong_digit_is_none() {
        assert_eq!(iban("ch44 3199 9123 0008 8901 2").as_deref(), Some("CH4431999123000889012"));
        assert_eq!(iban("DE89370400440532013000").as_deref(), Some("DE89370400440532013000"));
        for wrong in ["DE89370400440532013001", "DE8937", "", "äöü", "89DE370400440532013000"] {
            assert_eq!(iban(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_qr_iban_is_told_by_its_institution() {
        assert!(is_qr_iban("CH4431999123000889012"));
        assert!(!is_qr_iban("CH5800791123000889012"));
        assert!(!is_qr_iban("DE8931000440532013000"));
    }

    #[test]
    fn references_have_the_check_digits_of_the_published_examples() {
        // Implementation Guidelines QR-bill 2.2, annex A; ISO 11649's example as the guidelines show it.
        assert_eq!(check_digit("21000000000313947143000901"), Some(7));
        assert_eq!(qr_reference("210000000003139-47143000901").as_deref(), Some("210000000003139471430009017"));
        assert_eq!(creditor_reference("539007547034").as_deref(), Some("RF18539007547034"));
        assert_eq!(qr_reference("2026-00017").map(|r| r.len()), Some(27));
    }

    #[test]
    fn a_number_that_fits_no_reference_has_none() {
        assert_eq!(qr_reference("ABC"), None);
        assert_eq!(qr_reference(&"1".repeat(27)), None);
        assert_eq!(creditor_reference("---"), None);
        assert_eq!(creditor_reference(&"A".repeat(22)), None);
    }

    #[test]
    fn numbers_are_grouped_as_they_are_read() {
        assert_eq!(in_fours("CH4431999123000889012").replace('\u{a0}', " "), "CH44 3199 9123 0008 8901 2");
        assert_eq!(in_fours("RF18539007547034").replace('\u{a0}', " "), "RF18 5390 0754 7034");
        assert_eq!(in_fives("210000000003139471430009017").replace('\u{a0}', " "), "21 00000 00003 13947 14300 09017");
    }

    #[test]
    fn a_name_cannot_begin_another_row_of_a_code() {
        assert_eq!(row(" A\nB\tC ", 70), "A B C");
        assert_eq!(row(&"ä".repeat(80), 70).chars().count(), 70);
    }
}
