//! The journal as a table (RFC 4180): UTF-8, CRLF, one line for each posting. Pure.

use rust_decimal::Decimal;

use super::model::Entry;

/// Names of the columns.
pub const HEAD: &str =
    "date,kind,number,settles,name,account,role,debit,credit,currency,tax_category,tax_rate,reference,id\r\n";

/// Appends the lines of an entry.
pub fn write(out: &mut String, entry: &Entry) {
    let decimals = u32::from(entry.currency.decimals());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    for posting in &entry.postings {
        let amount = |amount: i64| if amount == 0 { String::new() } else { Decimal::new(amount, decimals).to_string() };
        let (category, rate) = posting
            .tax
            .map_or_else(Default::default, |tax| (tax.category.as_str().to_owned(), tax.rate.percent().to_string()));
        let fields = [
            entry.day.clone(),
            entry.source.as_str().to_owned(),
            text(&entry.number),
            text(&entry.settles),
            entry.name.clone(),
            posting.account.clone(),
            posting.role.as_str().to_owned(),
            amount(posting.debit),
            amount(posting.credit),
            entry.currency.to_string(),
            category,
            rate,
            text(&entry.reference),
            entry.id.to_string(),
        ];
        for (index, value) in fields.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            field(out, value);
        }
        out.push_str("\r\n");
    }
}

/// §2.5 to §2.7: quotes around what holds a comma, a quote or a line break, and each quote twice. Names come from
/// strangers and tables are opened by people: what a spreadsheet would take for a formula gets an apostrophe.
fn field(out: &mut String, value: &str) {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        out.push('\'');
    }
    if value.contains([',', '"', '\r', '\n']) {
        out.push('"');
        out.push_str(&value.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::chart::Chart;
    use super::super::model::Moved;
    use super::*;
    use crate::base::id::Id;
    use crate::base::time::Instant;
    use crate::business::payments::model::Method;
    use crate::business::settings::model::Accounts;

    fn written(name: &str, currency: &str) -> String {
        let moved = Moved {
            id: Id::from_bytes([7; 16]),
            at: Instant::from_micros(0),
            amount: 123_450,
            currency: currency.parse().expect("a currency"),
            method: Method::Cash,
            reference: None,
            settles: Some("2026-00001".into()),
            name: name.into(),
        };
        let mut out = String::new();
        write(&mut out, &moved.entry(Chart::of(&Accounts::default()), "2026-11-24"));
        out
    }

    #[test]
    fn a_line_for_each_posting_with_as_many_fields_as_the_head() {
        let text = written("Ada", "EUR");
        let lines: Vec<_> = text.split_terminator("\r\n").collect();
        assert!(lines[0].starts_with("2026-11-24,payment,,2026-00001,Ada,1000,cash,1234.50,,EUR,,,,"));
        assert!(lines[1].contains(",10000,receivable,,1234.50,EUR,"));
        for line in &lines {
            assert_eq!(line.split(',').count(), HEAD.split(',').count());
        }
        assert!(written("Ada", "JPY").contains(",123450,"));
        assert!(written("Ada", "KWD").contains(",123.450,"));
    }

    #[test]
    fn quotes_and_commas_stay_within_their_field_and_formulas_are_text() {
        assert!(written("Smith, \"Bob\"", "EUR").contains(",\"Smith, \"\"Bob\"\"\",1000,"));
        assert!(written("=1+1", "EUR").contains(",'=1+1,"));
    }
}
