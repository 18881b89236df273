//! The Swiss QR bill: what its code and its paper say (Swiss Implementation Guidelines QR-bill 2.3).
//!
//! Addresses are structured (type S), the only kind that is taken since November 2025.

use super::bank;
use crate::business::invoices::model::{Document, Kind, Party};

/// Largest amount in hundredths (guidelines 4.2.2).
const MOST: i64 = 99_999_999_999;

/// A structured address within the guidelines' lengths and characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub name: String,
    pub street: String,
    pub house: String,
    pub postcode: String,
    pub town: String,
    pub country: String,
}

/// What names the payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A QR reference, for QR-IBANs only.
    Qr(String),
    /// A creditor reference (ISO 11649).
    Creditor(String),
    /// None; the message says it.
    None,
}

/// A bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    pub iban: String,
    pub creditor: Address,
    pub debtor: Option<Address>,
    /// Hundredths.
    pub amount: i64,
    /// `CHF` or `EUR`.
    pub currency: String,
    pub reference: Reference,
    pub message: String,
}

impl Bill {
    /// The bill for what a document asks for; none when nothing is owed, or the seller has no account or address that
    /// such a bill can name.
    pub fn of(document: &Document, message: &str) -> Option<Self> {
        let invoice = &document.invoice;
        let (seller, due, currency) = (&invoice.seller, invoice.due(), invoice.currency.as_str());
        let home = matches!(seller.country.as_deref(), Some("CH" | "LI"));
        if invoice.kind != Kind::Invoice || !home || !matches!(currency, "CHF" | "EUR") || !(1..=MOST).contains(&due) {
            return None;
        }
        let usable = |text: &Option<String>| text.as_deref().and_then(bank::iban).filter(|iban| bank::is_swiss(iban));
        let of_qr = usable(&seller.qr_iban).filter(|iban| bank::is_qr_iban(iban));
        let plain = usable(&seller.iban);
        let by_qr = of_qr.or_else(|| plain.clone().filter(|iban| bank::is_qr_iban(iban)));
        let (iban, reference) = match by_qr.zip(bank::qr_reference(&invoice.number)) {
            Some((iban, reference)) => (iban, Reference::Qr(reference)),
            None => {
                // A QR-IBAN takes no other reference.
                let iban = plain.filter(|iban| !bank::is_qr_iban(iban))?;
                (iban, bank::creditor_reference(&invoice.number).map_or(Reference::None, Reference::Creditor))
            }
        };
        let holder = seller.bank_holder.as_deref().filter(|name| !name.trim().is_empty());
        Some(Self {
            iban,
            creditor: Address::of(seller, holder.unwrap_or(&seller.name), None)?,
            debtor: Address::of(&invoice.buyer, &invoice.buyer.name, seller.country.as_deref()),
            amount: due,
            currency: currency.to_owned(),
            reference,
            // A number in other letters is left to the reference.
            message: latin(message, 140).unwrap_or_default(),
        })
    }

    /// The text of its code.
    pub fn payload(&self) -> String {
        let mut rows = vec!["SPC", "0200", "1", &self.iban];
        rows.extend(self.creditor.rows());
        // The ultimate creditor, for use in the future.
        rows.extend([""; 7]);
        let amount = bank::plain_amount(self.amount);
        rows.extend([&amount, self.currency.as_str()]);
        match &self.debtor {
            Some(debtor) => rows.extend(debtor.rows()),
            None => rows.extend([""; 7]),
        }
        let (kind, reference) = match &self.reference {
            Reference::Qr(reference) => ("QRR", reference.as_str()),
            Reference::Creditor(reference) => ("SCOR", reference.as_str()),
            Reference::None => ("NON", ""),
        };
        rows.extend([kind, reference, &self.message, "EPD"]);
        rows.join("\n")
    }
}

impl Address {
    /// Of a party; none when it lacks what a structured address needs, or has letters that the code cannot hold.
    fn of(party: &Party, name: &str, usual_country: Option<&str>) -> Option<Self> {
        let (street, house) = party.street.as_deref().map_or(("", ""), street_and_house);
        let address = Self {
            name: latin(name, 70)?,
            street: latin(street, 70)?,
            house: latin(house, 16)?,
            postcode: latin(party.postcode.as_deref()?, 16)?,
            town: latin(party.city.as_deref()?, 35)?,
            country: party.country.as_deref().or(usual_country)?.to_owned(),
        };
        let whole = [&address.name, &address.postcode, &address.town].iter().all(|part| !part.is_empty());
        (whole && address.country.len() == 2).then_some(address)
    }

    fn rows(&self) -> [&str; 7] {
        ["S", &self.name, &self.street, &self.house, &self.postcode, &self.town, &self.country]
    }

    /// The rows on paper.
    pub fn shown(&self) -> Vec<String> {
        let street = format!("{} {}", self.street, self.house);
        // Abroad the country's code stands before the postal code.
        let country = if matches!(self.country.as_str(), "CH" | "LI") { "" } else { &self.country };
        let town = format!("{country} {} {}", self.postcode, self.town);
        [self.name.as_str(), street.trim(), town.trim()]
            .into_iter()
            .filter(|row| !row.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// Takes the number of a house from the end of a street: `Rue du Lac 1268`, `Hauptstrasse 10 a`.
fn street_and_house(street: &str) -> (&str, &str) {
    let street = street.trim();
    let begins = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let Some((rest, last)) = street.rsplit_once(' ') else { return (street, "") };
    if begins(last) {
        return (rest.trim_end(), last);
    }
    if last.len() == 1
        && let Some((head, number)) = rest.rsplit_once(' ')
        && begins(number)
        && let Some(house) = street.get(head.len() + 1..)
    {
        return (head.trim_end(), house);
    }
    (street, "")
}

/// A text in the characters that the code may hold (guidelines 4.1.1: Latin and Latin Extended-A), with typographic
/// marks as plain ones; none when there are other letters in it.
fn latin(text: &str, most: usize) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for c in bank::row(text, usize::MAX).chars() {
        match c {
            '\u{20}'..='\u{7e}' | '\u{a1}'..='\u{17f}' | '\u{218}'..='\u{21b}' | '€' => out.push(c),
            '’' | '‘' | 'ʼ' => out.push('\''),
            '“' | '”' | '„' => out.push('"'),
            '–' | '—' | '‑' | '−' => out.push('-'),
            '…' => out.push_str("..."),
            '\u{a0}' | '\u{202f}' | '\u{2009}' => out.push(' '),
            _ => return None,
        }
    }
    Some(bank::row(&out, most))
}

/// The titles of a bill (Style Guide QR-bill, annex: multilingual headings).
pub struct Titles {
    pub payment_part: &'static str,
    pub receipt: &'static str,
    pub account: &'static str,
    pub reference: &'static str,
    pub information: &'static str,
    pub currency: &'static str,
    pub amount: &'static str,
    pub acceptance_point: &'static str,
    pub payable_by: &'static str,
    pub payable_by_whom: &'static str,
}

impl Titles {
    /// In the language of the document, if it is one of a bill's; else in English.
    pub const fn of(language: &str) -> Self {
        match language.as_bytes() {
            b"de" => Self {
                payment_part: "Zahlteil",
                receipt: "Empfangsschein",
                account: "Konto / Zahlbar an",
                reference: "Referenz",
                information: "Zusätzliche Informationen",
                currency: "Währung",
                amount: "Betrag",
                acceptance_point: "Annahmestelle",
                payable_by: "Zahlbar durch",
                payable_by_whom: "Zahlbar durch (Name/Adresse)",
            },
            b"fr" => Self {
                payment_part: "Section paiement",
                receipt: "Récépissé",
                account: "Compte / Payable à",
                reference: "Référence",
                information: "Informations supplémentaires",
                currency: "Monnaie",
                amount: "Montant",
                acceptance_point: "Point de dépôt",
                payable_by: "Payable par",
                payable_by_whom: "Payable par (nom/adresse)",
            },
            b"it" => Self {
                payment_part: "Sezione pagamento",
                receipt: "Ricevuta",
                account: "Conto / Pagabile a",
                reference: "Riferimento",
                information: "Informazioni supplementari",
                currency: "Valuta",
                amount: "Importo",
                acceptance_point: "Punto di accettazione",
                payable_by: "Pagabile da",
                payable_by_whom: "Pagabile da (nome/indirizzo)",
            },
            _ => Self {
                payment_part: "Payment part",
                receipt: "Receipt",
                account: "Account / Payable to",
                reference: "Reference",
                information: "Additional information",
                currency: "Currency",
                amount: "Amount",
                acceptance_point: "Acceptance point",
                payable_by: "Payable by",
                payable_by_whom: "Payable by (name/address)",
            },
        }
    }
}

/// An amount as a bill shows it: `1 949.75`.
pub fn shown_amount(minor: i64) -> String {
    let plain = bank::plain_amount(minor);
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, "00"));
    let mut out = String::with_capacity(plain.len() + 4);
    for (index, c) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(c);
    }
    out.push('.');
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address([name, street, house, postcode, town]: [&str; 5]) -> Address {
        Address {
            name: name.into(),
            street: street.into(),
            house: house.into(),
            postcode: postcode.into(),
            town: town.into(),
            country: "CH".into(),
        }
    }

    #[test]
    fn the_published_example_is_written_row_by_row() {
        // Implementation Guidelines QR-bill 2.2, annex A, example 1 without billing information.
        let bill = Bill {
            iban: "CH4431999123000889012".into(),
            creditor: address(["Robert Schneider AG", "Rue du Lac", "1268", "2501", "Biel"]),
            debtor: Some(address(["Pia-Maria Rutschmann-Schnyder", "Grosse Marktgasse", "28", "9400", "Rorschach"])),
            amount: 194_975,
            currency: "CHF".into(),
            reference: Reference::Qr("210000000003139471430009017".into()),
            message: "Order from 15.10.2020".into(),
        };
        let expected = "SPC\n0200\n1\nCH4431999123000889012\nS\nRobert Schneider AG\nRue du Lac\n1268\n2501\nBiel\nCH\n\
                        \n\n\n\n\n\n\n1949.75\nCHF\nS\nPia-Maria Rutschmann-Schnyder\nGrosse Marktgasse\n28\n9400\n\
                        Rorschach\nCH\nQRR\n210000000003139471430009017\nOrder from 15.10.2020\nEPD";
        assert_eq!(bill.payload(), expected);
        assert_eq!(bill.payload().lines().count(), 31);
    }

    #[test]
    fn a_street_is_told_from_its_house() {
        assert_eq!(street_and_house("Rue du Lac 1268"), ("Rue du Lac", "1268"));
        assert_eq!(street_and_house("Hauptstrasse 10 a"), ("Hauptstrasse", "10 a"));
        assert_eq!(street_and_house("12 rue du Lac"), ("12 rue du Lac", ""));
        assert_eq!(street_and_house("Hof"), ("Hof", ""));
        assert_eq!(street_and_house("Weg ä"), ("Weg ä", ""));
    }

    #[test]
    fn typographic_marks_become_plain_and_other_scripts_have_no_place() {
        assert_eq!(latin("L’Étoile – “Š”", 70).as_deref(), Some("L'Étoile - \"Š\""));
        assert_eq!(latin("Δ", 70), None);
        assert_eq!(latin(&"é".repeat(90), 70).map(|text| text.chars().count()), Some(70));
    }

    #[test]
    fn amounts_are_grouped_by_spaces() {
        assert_eq!(shown_amount(194_975).replace('\u{a0}', " "), "1 949.75");
        assert_eq!(shown_amount(5), "0.05");
        assert_eq!(shown_amount(99_999_999_999).replace('\u{a0}', " "), "999 999 999.99");
    }

    #[test]
    fn abroad_the_country_stands_before_the_postcode() {
        let mut debtor = address(["A", "B", "1", "80331", "München"]);
        assert_eq!(debtor.shown(), ["A", "B 1", "80331 München"]);
        debtor.country = "DE".into();
        assert_eq!(debtor.shown(), ["A", "B 1", "DE 80331 München"]);
    }
}
