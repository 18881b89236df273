//! The code for a SEPA credit transfer (EPC069-12 v2.1, "GiroCode"): its text.

use super::bank;

/// Most bytes of a code of version 13 with error correction M (EPC069-12 §3).
pub const MOST_BYTES: usize = 331;

/// Largest amount in cents (EPC069-12, AT-04).
const MOST: i64 = 99_999_999_999;

/// A transfer in euro.
pub struct Transfer<'a> {
    /// Who gets it.
    pub name: &'a str,
    /// Their account; its check digits are right.
    pub iban: &'a str,
    /// Their bank; not needed within the area (version 002).
    pub bic: Option<&'a str>,
    /// Cents.
    pub amount: i64,
    /// What it is for.
    pub text: &'a str,
}

/// The text of its code; none when it cannot be said in one.
pub fn payload(transfer: &Transfer<'_>) -> Option<String> {
    let name = bank::row(transfer.name, 70);
    if name.is_empty() || !(1..=MOST).contains(&transfer.amount) {
        return None;
    }
    let bic: String = transfer.bic.unwrap_or("").chars().filter(|c| !c.is_whitespace()).collect();
    let bic = if matches!(bic.len(), 8 | 11) { bic.to_ascii_uppercase() } else { String::new() };
    let rows = [
        "BCD",
        "002",
        "1", // UTF-8
        "SCT",
        &bic,
        &name,
        transfer.iban,
        &format!("EUR{}", bank::plain_amount(transfer.amount)),
        "", // purpose
        "", // creditor reference
        &bank::row(transfer.text, 140),
    ];
    let text = rows.join("\n");
    (text.len() <= MOST_BYTES).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_written_row_by_row() {
        // EPC069-12 v2.1, annex: version 002 without a BIC. The amount may have one decimal or two (AT-04).
        let transfer = Transfer {
            name: "François D'Alsace S.A.",
            iban: "FR1420041010050500013M02606",
            bic: None,
            amount: 1230,
            text: "Client:Marie Louise La Lune",
        };
        let expected = "BCD\n002\n1\nSCT\n\nFrançois D'Alsace S.A.\nFR1420041010050500013M02606\nEUR12.30\n\n\n\
                        Client:Marie Louise La Lune";
        assert_eq!(payload(&transfer).as_deref(), Some(expected));
        assert_eq!(bank::iban(transfer.iban).as_deref(), Some(transfer.iban));
    }

    #[test]
    fn a_transfer_of_nothing_has_no_code() {
        let transfer = |amount, name| Transfer { name, iban: "DE89370400440532013000", bic: None, amount, text: "1" };
        assert_eq!(payload(&transfer(0, "A")), None);
        assert_eq!(payload(&transfer(-1, "A")), None);
        assert_eq!(payload(&transfer(100_000_000_000, "A")), None);
        assert_eq!(payload(&transfer(1, " ")), None);
        assert!(payload(&transfer(1, "A")).is_some_and(|text| text.contains("\nEUR0.01\n")));
    }

    #[test]
    fn the_longest_texts_stay_within_331_bytes_or_have_no_code() {
        let name = "é".repeat(200);
        let text = "x".repeat(400);
        let long =
            Transfer { name: &name, iban: "DE89370400440532013000", bic: Some("COBADEFFXXX"), amount: 1, text: &text };
        assert_eq!(payload(&long), None);
        assert!(payload(&Transfer { text: "2026-00017", ..long }).is_some_and(|text| text.len() <= MOST_BYTES));
    }
}
