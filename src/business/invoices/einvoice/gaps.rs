//! What is missing for a legal e-invoice, by the field that its owner can fill.
//!
//! With nothing missing, the rules of the format pass; `tools/einvoice_check.py` has them.

use super::terms::{self, Shown, When, present};
use super::{Format, codes};
use crate::base::money::Currency;
use crate::base::tax::Category;
use crate::business::invoices::model::{Document, TaxRow};

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The field to fill, as the API calls it: `settings.vat_id`, `client.address.country`, `invoice.service_from`.
    pub field: String,
    /// The business term of EN 16931 that it becomes.
    pub term: &'static str,
    /// One sentence that says what to do.
    pub message: String,
}

#[derive(Default)]
struct Gaps(Vec<Gap>);

impl Gaps {
    fn unless(&mut self, good: bool, field: &str, term: &'static str, message: impl Into<String>) {
        if !good {
            self.0.push(Gap { field: field.to_owned(), term, message: message.into() });
        }
    }
}

/// What a document lacks to be a legal e-invoice of a format; nothing where it is one.
pub fn gaps(document: &Document, format: Format) -> Vec<Gap> {
    let mut gaps = Gaps::default();
    whole(&mut gaps, document);
    parties(&mut gaps, document, format);
    categories(&mut gaps, document, format);
    if format.is_xrechnung() {
        xrechnung(&mut gaps, document);
    }
    gaps.0
}

/// What holds for the document as such.
fn whole(gaps: &mut Gaps, document: &Document) {
    let invoice = &document.invoice;
    let currency = invoice.currency;
    gaps.unless(
        codes::is_currency(currency),
        "settings.currency",
        "BT-5",
        format!("An e-invoice in {currency} cannot be: EN 16931 knows currencies of at most two decimals that are current. Send the PDF."),
    );
    // Art. 226 (7) of the VAT directive, § 14 (4) no. 6 UStG, BR-IC-11. The rules only warn where it is not K
    // (BR-DE-TMP-32, PEPPOL-EN16931-R008).
    gaps.unless(
        When::of(document) != When::Unknown,
        "invoice.service_from",
        "BT-72",
        "Enter the day of the service or delivery, or its first and last day.",
    );
    let in_order = !matches!(When::of(document), When::Days(from, to) if to < from);
    gaps.unless(in_order, "invoice.service_to", "BT-74", "Give a last day of service that is not before the first.");
    gaps.unless(
        document.taxes.iter().all(|row| tax_follows(row, currency)),
        "settings.invoicing.rounding",
        "BT-117",
        "Round taxes on the sum of a rate: rounded line by line they are too far from rate times net.",
    );
    let outside = document.has(Category::OutOfScope);
    gaps.unless(
        !outside || document.taxes.len() == 1,
        "invoice.lines",
        "BT-151",
        "Issue what no tax applies to (O) on a document of its own.",
    );
}

/// BR-CO-17 and BR-S-09 as the official rules test them: within one unit of the currency. They round to hundredths
/// first, so a hundredth of a unit is kept away from.
fn tax_follows(row: &TaxRow, currency: Currency) -> bool {
    let unit = 10_i128.pow(u32::from(currency.decimals()));
    let amount = i128::from(row.amount.unsigned_abs()) * 1_000_000;
    if row.tax.rate.millionths() < 5_000 {
        // A rate that rounds to 0 % wants a tax that rounds to 0.
        return amount * 2 < unit * 1_000_000;
    }
    let exact = i128::from(row.net.unsigned_abs()) * i128::from(row.tax.rate.millionths());
    (amount - exact).abs() <= unit * 990_000
}

/// Who sells and who buys.
fn parties(gaps: &mut Gaps, document: &Document, format: Format) {
    let (seller, buyer) = (Shown::seller(document, format), Shown::buyer(document));
    gaps.unless(!seller.name.is_empty(), "settings.name", "BT-27", "Enter the name of the business.");
    gaps.unless(
        seller.address.country.is_some_and(codes::is_country),
        "settings.country",
        "BT-40",
        "Enter the country of the business as its ISO 3166-1 code, such as DE.",
    );
    gaps.unless(
        seller.vat_id.is_none_or(codes::has_country),
        "settings.vat_id",
        "BT-31",
        "Write the VAT id with the country that it is of, such as DE123456789.",
    );
    gaps.unless(!buyer.name.is_empty(), "client.name", "BT-44", "Enter the name of the client.");
    gaps.unless(
        buyer.address.country.is_some_and(codes::is_country),
        "client.address.country",
        "BT-55",
        "Enter the country of the client as its ISO 3166-1 code, such as DE.",
    );
    gaps.unless(
        buyer.vat_id.is_none_or(codes::has_country),
        "client.vat_id",
        "BT-48",
        "Write the client's VAT id with the country that it is of, such as FR12345678901.",
    );
}

/// What the categories of the taxes ask for.
fn categories(gaps: &mut Gaps, document: &Document, format: Format) {
    let (seller, buyer) = (Shown::seller(document, format), Shown::buyer(document));
    let within_union = document.has(Category::IntraCommunity);
    if within_union || document.has(Category::Export) {
        // BR-IC-02, BR-G-02: a tax number does not do.
        gaps.unless(
            seller.vat_id.is_some(),
            "settings.vat_id",
            "BT-31",
            "Enter the VAT id of the business: deliveries across borders (K, G) need it.",
        );
    } else if document.has(Category::OutOfScope) {
        // BR-CO-26.
        gaps.unless(
            seller.id.or(seller.registration).is_some(),
            "settings.vat_id",
            "BT-29",
            "Enter the VAT id of the business, its tax number or its entry in a register.",
        );
    } else {
        // BR-S-02, BR-Z-02, BR-E-02, BR-AE-02, BR-CO-26, BR-DE-16.
        gaps.unless(
            seller.vat_id.or(seller.tax_number).is_some(),
            "settings.vat_id",
            "BT-31",
            "Enter the VAT id of the business, or its tax number if it has none.",
        );
    }
    if within_union || document.has(Category::ReverseCharge) {
        // BR-IC-02, BR-AE-02.
        let known = buyer.vat_id.or(buyer.registration.filter(|_| !within_union)).is_some();
        gaps.unless(known, "client.vat_id", "BT-48", "Enter the client's VAT id: the client owes the tax (AE, K).");
    }
}

/// What XRechnung asks for beyond EN 16931.
fn xrechnung(gaps: &mut Gaps, document: &Document) {
    let (seller, buyer) = (Shown::seller(document, Format::Ubl), Shown::buyer(document));
    gaps.unless(
        present(document.invoice.buyer_reference.as_ref()).is_some(),
        "client.buyer_reference",
        "BT-10",
        "Enter the reference that the client wants to read, such as the Leitweg-ID (BR-DE-15).",
    );
    gaps.unless(seller.address.city.is_some(), "settings.city", "BT-37", "Enter the city of the business (BR-DE-3).");
    gaps.unless(
        seller.address.postcode.is_some(),
        "settings.postcode",
        "BT-38",
        "Enter the postal code of the business (BR-DE-4).",
    );
    gaps.unless(
        seller.contact.as_ref().and_then(|c| c.phone).is_some_and(is_phone),
        "settings.phone",
        "BT-42",
        "Enter a phone number of the business with at least three digits (BR-DE-6, BR-DE-27).",
    );
    gaps.unless(
        seller.email.is_some_and(is_email),
        "settings.email",
        "BT-43",
        "Enter an e-mail address of the business (BR-DE-7, BR-DE-28, PEPPOL-EN16931-R020).",
    );
    gaps.unless(buyer.address.city.is_some(), "client.address.city", "BT-52", "Enter the client's city (BR-DE-8).");
    gaps.unless(
        buyer.address.postcode.is_some(),
        "client.address.postcode",
        "BT-53",
        "Enter the client's postal code (BR-DE-9).",
    );
    gaps.unless(
        buyer.email.is_some(),
        "client.email",
        "BT-49",
        "Enter the client's e-mail address, where the e-invoice goes (PEPPOL-EN16931-R010).",
    );
    gaps.unless(
        terms::Means::of(document, Format::Ubl).is_some(),
        "settings.iban",
        "BT-84",
        "Enter the account that is to be paid to (BR-DE-1).",
    );
}

/// BR-DE-27.
fn is_phone(phone: &str) -> bool {
    phone.chars().filter(char::is_ascii_digit).count() >= 3
}

/// BR-DE-28.
fn is_email(email: &str) -> bool {
    email.split_once('@').is_some_and(|(local, domain)| {
        let labels = |text: &str| text.split('.').all(|label| !label.is_empty()) && text.contains('.');
        !local.is_empty() && labels(domain) && !domain.contains('@') && !email.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{credited, issued, line, of, sample};
    use super::*;
    use crate::base::tax::Rounding;
    use crate::business::invoices::model::Invoice;

    fn fields(document: &Document, format: Format) -> Vec<String> {
        gaps(document, format).into_iter().map(|gap| format!("{} {}", gap.field, gap.term)).collect()
    }

    type Change = fn(&mut Invoice);

    /// The gaps of a document with one line of a category, after a change.
    fn of_category(category: Category, format: Format, change: impl FnOnce(&mut Invoice)) -> Vec<String> {
        let rate = if category == Category::Standard { 1900 } else { 0 };
        let (mut document, _) = issued(&[line("Seat", "1", 10_000, of(category, rate))], &[], false, Rounding::Sum);
        change(&mut document.invoice);
        fields(&document, format)
    }

    #[test]
    fn a_document_that_says_everything_has_no_gaps() {
        for format in Format::ALL {
            assert_eq!(gaps(&sample().0, *format), []);
            assert_eq!(gaps(&credited(sample()).0, *format), []);
            for category in Category::ALL {
                assert_eq!(of_category(*category, *format, |_| ()), [] as [&str; 0], "{category}");
            }
        }
    }

    #[test]
    fn each_thing_that_every_einvoice_needs_is_named() {
        let changes: [(&str, Change); 9] = [
            ("settings.name BT-27", |i| i.seller.name = " ".into()),
            ("settings.country BT-40", |i| i.seller.country = None),
            ("settings.country BT-40", |i| i.seller.country = Some("XX".into())),
            ("client.name BT-44", |i| i.buyer.name = String::new()),
            ("client.address.country BT-55", |i| i.buyer.country = None),
            ("client.vat_id BT-48", |i| i.buyer.vat_id = Some("12345".into())),
            ("settings.vat_id BT-31", |i| i.seller.vat_id = Some("12345".into())),
            ("invoice.service_from BT-72", |i| (i.service_from, i.service_to) = (None, None)),
            ("invoice.service_to BT-74", |i| i.service_to = Some("2026-02-01".into())),
        ];
        for (gap, change) in changes {
            for format in Format::ALL {
                assert_eq!(of_category(Category::Standard, *format, change), [gap], "{format}");
            }
        }
    }

    #[test]
    fn what_only_xrechnung_needs_is_named_for_it_alone() {
        let changes: [(&str, Change); 11] = [
            ("client.buyer_reference BT-10", |i| i.buyer_reference = None),
            ("settings.city BT-37", |i| i.seller.city = None),
            ("settings.postcode BT-38", |i| i.seller.postcode = None),
            ("settings.phone BT-42", |i| i.seller.phone = None),
            ("settings.phone BT-42", |i| i.seller.phone = Some("12".into())),
            ("settings.email BT-43", |i| i.seller.email = None),
            ("settings.email BT-43", |i| i.seller.email = Some("ada@example".into())),
            ("client.address.city BT-52", |i| i.buyer.city = None),
            ("client.address.postcode BT-53", |i| i.buyer.postcode = None),
            ("client.email BT-49", |i| i.buyer.email = None),
            ("settings.iban BT-84", |i| i.seller.iban = None),
        ];
        for (gap, change) in changes {
            assert_eq!(of_category(Category::Standard, Format::Cii, change), [gap]);
            assert_eq!(of_category(Category::Standard, Format::Ubl, change), [gap]);
            assert_eq!(of_category(Category::Standard, Format::Facturx, change), [] as [&str; 0], "{gap}");
        }
        // Nobody pays what is paid.
        assert!(
            of_category(Category::Standard, Format::Ubl, |i| (i.seller.iban, i.prepaid) = (None, 11_900)).is_empty()
        );
    }

    #[test]
    fn each_category_asks_for_the_ids_that_its_rules_want() {
        let no_vat_id = |i: &mut Invoice| i.seller.vat_id = None;
        let no_ids = |i: &mut Invoice| {
            (i.seller.vat_id, i.seller.tax_number, i.seller.registration) = (None, None, None);
        };
        let no_buyer = |i: &mut Invoice| i.buyer.vat_id = None;
        let of = |category, change: &dyn Fn(&mut Invoice)| of_category(category, Format::Facturx, change);
        for category in Category::ALL {
            let crosses = matches!(category, Category::IntraCommunity | Category::Export);
            assert_eq!(of(*category, &no_vat_id).len(), usize::from(crosses), "{category}");
            let owes = matches!(category, Category::IntraCommunity | Category::ReverseCharge);
            assert_eq!(of(*category, &no_buyer).len(), usize::from(owes), "{category}");
        }
        assert_eq!(of(Category::Exempt, &no_ids), ["settings.vat_id BT-31"]);
        assert_eq!(of(Category::OutOfScope, &no_ids), ["settings.vat_id BT-29"]);
    }

    #[test]
    fn a_currency_that_en_16931_cannot_say_is_a_gap() {
        for (currency, gap) in [("KWD", true), ("BGN", true), ("JPY", false), ("CHF", false)] {
            let found = of_category(Category::Standard, Format::Facturx, |i| {
                i.currency = currency.parse().expect("a currency");
            });
            assert_eq!(found == ["settings.currency BT-5"], gap, "{currency}: {found:?}");
        }
    }

    #[test]
    fn taxes_rounded_line_by_line_may_stray_by_less_than_one_unit() {
        let many = |count: usize| {
            let lines = vec![line("Seat", "1", 3, of(Category::Standard, 1900)); count];
            fields(&issued(&lines, &[], false, Rounding::PerLine).0, Format::Facturx)
        };
        // 0.03 at 19 % is 0.0057, rounded to 0.01: 0.0043 too much a line.
        assert!(many(230).is_empty());
        assert_eq!(many(231), ["settings.invoicing.rounding BT-117"]);
    }

    #[test]
    fn a_gap_says_what_to_do_in_one_sentence() {
        let (mut document, _) = sample();
        (document.invoice.seller, document.invoice.buyer) = Default::default();
        let found = gaps(&document, Format::Ubl);
        assert!(found.len() > 10);
        for gap in found {
            assert!(gap.message.ends_with('.') && gap.message.len() > 20, "{}", gap.message);
        }
    }
}
