//! The business terms that need a decision, taken once for every syntax.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Format, codes};
use crate::base::money::{BasisPoints, net_of_gross};
use crate::base::tax::{Category, Tax};
use crate::business::invoices::model::{Adjustment, Document, Kind, Line, Party, TaxRow};

/// A text that says something.
pub(super) fn present(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// Minor units as a decimal with as many places as the currency has.
pub(super) fn major(minor: i64, document: &Document) -> Decimal {
    Decimal::new(minor, u32::from(document.invoice.currency.decimals()))
}

/// When it was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When<'a> {
    /// Nobody said.
    Unknown,
    /// On a day (BT-72).
    Day(&'a str),
    /// From a day to another (BT-73, BT-74), completed on the last.
    Days(&'a str, &'a str),
}

impl<'a> When<'a> {
    /// When a document's services were.
    pub(super) fn of(document: &'a Document) -> Self {
        match (present(document.invoice.service_from.as_ref()), present(document.invoice.service_to.as_ref())) {
            (Some(from), Some(to)) if from != to => Self::Days(from, to),
            (Some(day), _) | (None, Some(day)) => Self::Day(day),
            (None, None) => Self::Unknown,
        }
    }

    /// The day on which it was completed (BT-72); of several days that is the last.
    pub(super) const fn completed(self) -> Option<&'a str> {
        match self {
            Self::Unknown => None,
            Self::Day(day) | Self::Days(_, day) => Some(day),
        }
    }
}

/// An address, line by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Address<'a> {
    /// First and second line, and what is left (BT-35, BT-36, BT-162 and their sisters).
    pub(super) lines: [Option<String>; 3],
    /// Postal code.
    pub(super) postcode: Option<&'a str>,
    /// City.
    pub(super) city: Option<&'a str>,
    /// Country.
    pub(super) country: Option<&'a str>,
}

impl<'a> Address<'a> {
    fn of(party: &'a Party) -> Self {
        let mut street = party.street.iter().flat_map(|street| street.lines()).map(str::trim).filter(|l| !l.is_empty());
        let (first, second) = (street.next().map(str::to_owned), street.next().map(str::to_owned));
        let rest = street.collect::<Vec<_>>().join(", ");
        Self {
            lines: [first, second, Some(rest).filter(|rest| !rest.is_empty())],
            postcode: present(party.postcode.as_ref()),
            city: present(party.city.as_ref()),
            country: present(party.country.as_ref()),
        }
    }

    /// Whether nothing is known.
    pub(super) const fn is_empty(&self) -> bool {
        matches!(self, Self { lines: [None, ..], postcode: None, city: None, country: None })
    }
}

/// Whom to ask (BG-6).
#[derive(Clone, Debug)]
pub(super) struct Contact<'a> {
    /// A person or a desk (BT-41).
    pub(super) name: &'a str,
    /// BT-42.
    pub(super) phone: Option<&'a str>,
    /// BT-43.
    pub(super) email: Option<&'a str>,
}

/// A party as it is written.
#[derive(Clone, Debug)]
pub(super) struct Shown<'a> {
    /// What the seller goes by when neither a register nor a VAT id is written (BT-29).
    pub(super) id: Option<&'a str>,
    /// BT-27, BT-44.
    pub(super) name: &'a str,
    /// BT-30, BT-47.
    pub(super) registration: Option<&'a str>,
    /// BG-6; sellers only.
    pub(super) contact: Option<Contact<'a>>,
    /// BG-5, BG-8.
    pub(super) address: Address<'a>,
    /// BT-34, BT-49, with the scheme EM.
    pub(super) email: Option<&'a str>,
    /// BT-31, BT-48.
    pub(super) vat_id: Option<&'a str>,
    /// BT-32; sellers only.
    pub(super) tax_number: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(party: &'a Party, document: &Document) -> Self {
        // BR-O-02: what is outside of the tax names nobody's VAT id.
        let vat_id = present(party.vat_id.as_ref()).filter(|_| !document.has(Category::OutOfScope));
        Self {
            id: None,
            name: party.name.trim(),
            registration: present(party.registration.as_ref()),
            contact: None,
            address: Address::of(party),
            email: present(party.email.as_ref()),
            vat_id,
            tax_number: None,
        }
    }

    /// The seller (BG-4).
    pub(super) fn seller(document: &'a Document, format: Format) -> Self {
        let party = &document.invoice.seller;
        let mut seller = Self::of(party, document);
        seller.tax_number = present(party.tax_number.as_ref());
        if seller.registration.is_none() && seller.vat_id.is_none() {
            // BR-CO-26 asks for a register, a VAT id or another identifier; BT-32 does not count as one.
            seller.id = seller.tax_number.or_else(|| present(party.vat_id.as_ref()));
        }
        let (name, phone) = (present(party.contact.as_ref()), present(party.phone.as_ref()));
        if format.is_xrechnung() || name.is_some() || phone.is_some() || seller.email.is_some() {
            seller.contact = Some(Contact { name: name.unwrap_or(seller.name), phone, email: seller.email });
        }
        seller
    }

    /// The buyer (BG-7).
    pub(super) fn buyer(document: &'a Document) -> Self {
        Self::of(&document.invoice.buyer, document)
    }
}

/// How to pay (BG-16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Means<'a> {
    /// UNTDID 4461 (BT-81).
    pub(super) code: &'static str,
    /// IBAN, holder and BIC (BT-84 to BT-86).
    pub(super) account: Option<(&'a str, &'a str, Option<&'a str>)>,
}

impl<'a> Means<'a> {
    /// How a document is to be paid; none where nobody said.
    pub(super) fn of(document: &'a Document, format: Format) -> Option<Self> {
        let invoice = &document.invoice;
        let seller = &invoice.seller;
        if !asks_for_money(document) {
            // BR-DE-1 asks for a means even so; 1 is "not defined".
            return format.is_xrechnung().then_some(Self { code: "1", account: None });
        }
        let iban = present(seller.iban.as_ref())?;
        let code = if invoice.currency.as_str() == "EUR" && codes::is_sepa(iban) { "58" } else { "30" };
        let holder = present(seller.bank_holder.as_ref()).unwrap_or(seller.name.trim());
        Some(Self { code, account: Some((iban, holder, present(seller.bic.as_ref()))) })
    }
}

/// Whether somebody has to pay the seller.
pub(super) fn asks_for_money(document: &Document) -> bool {
    document.invoice.kind == Kind::Invoice && document.invoice.due() > 0
}

/// The few words that are ours.
struct Words {
    until: &'static str,
    at_once: &'static str,
    credited: &'static str,
    discount: &'static str,
}

fn words(document: &Document) -> Words {
    let [until, at_once, credited, discount] = match document.invoice.locale.get(..2) {
        Some("de") => ["Zahlbar bis", "Zahlbar sofort.", "Der Betrag wird erstattet oder verrechnet.", "Rabatt"],
        Some("fr") => {
            ["À payer au plus tard le", "Payable à réception.", "Le montant est remboursé ou imputé.", "Remise"]
        }
        Some("es") => ["A pagar hasta el", "Pago al contado.", "El importe se devuelve o se compensa.", "Descuento"],
        Some("it") => {
            ["Da pagare entro il", "Pagamento a vista.", "L'importo viene rimborsato o compensato.", "Sconto"]
        }
        Some("nl") => {
            ["Te betalen vóór of op", "Direct te betalen.", "Het bedrag wordt terugbetaald of verrekend.", "Korting"]
        }
        _ => ["Payable by", "Payable at once.", "The amount is paid back or set off.", "Discount"],
    };
    Words { until, at_once, credited, discount }
}

/// The terms of payment in words (BT-20); always there where BR-CO-25 asks for them or a due date.
pub(super) fn payment_terms(document: &Document) -> Option<String> {
    let invoice = &document.invoice;
    let words = words(document);
    match (invoice.kind, present(invoice.due_on.as_ref())) {
        _ if invoice.due() <= 0 => None,
        (Kind::CreditNote, _) => Some(words.credited.to_owned()),
        (Kind::Invoice, Some(day)) => Some(format!("{} {day}.", words.until)),
        (Kind::Invoice, None) => Some(words.at_once.to_owned()),
    }
}

/// The due date (BT-9).
pub(super) fn due_date(document: &Document) -> Option<&str> {
    present(document.invoice.due_on.as_ref()).filter(|_| document.invoice.kind == Kind::Invoice)
}

/// A discount or a charge, on a line (BG-27, BG-28) or on the whole (BG-20, BG-21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Off<'a> {
    /// A charge rather than a discount.
    pub(super) charge: bool,
    /// Minor units without tax, not negative.
    pub(super) amount: i64,
    /// What it is a share of, in minor units without tax, and the share.
    pub(super) share: Option<(i64, BasisPoints)>,
    /// Why, in words.
    pub(super) reason: Option<&'a str>,
    /// Why, as a code (UNTDID 5189).
    pub(super) code: Option<&'static str>,
}

/// A share with its base, if they give the amount to a hundredth. PEPPOL-EN16931-R040 allows two, and R041 and R042
/// want both or none; a share of prices with tax may miss the amount without it.
fn share(document: &Document, base: i64, percent: Option<BasisPoints>, amount: i64) -> Option<(i64, BasisPoints)> {
    let percent = percent?;
    let exact = major(base, document).checked_mul(percent.percent())?.checked_div(Decimal::ONE_HUNDRED)?;
    ((exact - major(amount, document)).abs() <= Decimal::new(1, 2)).then_some((base, percent))
}

impl<'a> Off<'a> {
    /// As it stands on the whole document.
    pub(super) fn on_whole(document: &'a Document, adjustment: &'a Adjustment) -> Self {
        let signed = |a: &Adjustment| if a.charge { a.net } else { -a.net };
        let of_row: i64 = document.taxes.iter().filter(|row| row.tax == adjustment.tax).map(|row| row.net).sum();
        let others: i64 = document.adjustments.iter().filter(|a| a.tax == adjustment.tax).map(signed).sum();
        Self {
            charge: adjustment.charge,
            amount: adjustment.net,
            share: share(document, of_row - others, adjustment.percent, adjustment.net),
            reason: Some(adjustment.reason.trim()).filter(|reason| !reason.is_empty()),
            code: (!adjustment.charge).then_some("95"),
        }
    }
}

/// A line as it is written: without tax, and with a price that is not negative (BR-27).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Priced<'a> {
    /// BT-129.
    pub(super) quantity: Decimal,
    /// BT-146.
    pub(super) price: Decimal,
    /// BG-27; BG-28 on a line that takes back.
    pub(super) off: Option<Off<'a>>,
}

/// Places of a price beyond which nobody could tell quantities of nine digits apart.
const MOST_PLACES: u32 = 14;

impl<'a> Priced<'a> {
    /// The price per unit that gives the line's net. A net price is as agreed where it does; otherwise, and for
    /// prices with tax, the net one follows from the net, with as few decimals as do.
    pub(super) fn of(document: &'a Document, line: &'a Line) -> Self {
        let with_tax = document.invoice.prices_include_tax;
        let off = if with_tax { net_of_gross(line.discount, line.tax.rate) } else { line.discount };
        let before = line.net + off;
        let exact = major(before, document);
        // Two hundredths are what PEPPOL-EN16931-R120 lets pass.
        let gives = |price: Decimal| {
            line.quantity.checked_mul(price).is_some_and(|sum| (sum - exact).abs() <= Decimal::new(5, 3))
        };
        let agreed = major(line.unit_price, document);
        let places = u32::from(document.invoice.currency.decimals());
        let derived = || {
            let price = exact.checked_div(line.quantity).unwrap_or_default();
            let mut price = (places..=MOST_PLACES)
                .map(|places| price.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
                .find(|price| gives(*price))
                .unwrap_or(price)
                .normalize();
            price.rescale(price.scale().max(places));
            price
        };
        let price = if gives(agreed) { agreed } else { derived() };
        let (quantity, price) =
            if price.is_sign_negative() { (-line.quantity, -price) } else { (line.quantity, price) };
        let reason = present(line.discount_reason.as_ref());
        Self {
            quantity,
            price,
            off: (off != 0).then(|| Off {
                charge: off < 0,
                amount: off.abs(),
                share: share(document, before.abs(), line.discount_percent, off.abs()),
                reason: reason.or_else(|| (off < 0).then(|| words(document).discount)),
                // Only a discount has a code for being one.
                code: (off > 0).then_some("95"),
            }),
        }
    }
}

/// The name of an item, and what else is said of it (BT-153, BT-154).
pub(super) fn item(line: &Line) -> (&str, Option<&str>) {
    let text = line.description.trim();
    match text.split_once('\n') {
        Some((name, rest)) => (name.trim_end(), Some(rest.trim()).filter(|rest| !rest.is_empty())),
        None => (text, None),
    }
}

/// The rate of a line, a discount or a charge; none where no tax applies (BR-O-05 to BR-O-07).
pub(super) fn rate(tax: Tax) -> Option<String> {
    (tax.category != Category::OutOfScope).then(|| tax.rate.percent().to_string())
}

/// Why a row has no tax, in words and as a code (BT-120, BT-121); none with S and Z (BR-S-10, BR-Z-10).
pub(super) fn exemption<'a>(document: &'a Document, row: &'a TaxRow) -> (Option<&'a str>, Option<&'static str>) {
    let category = row.tax.category;
    if !category.needs_reason() {
        return (None, None);
    }
    let usual = category.usual_reason(&document.invoice.locale);
    (present(row.reason.as_ref()).or(usual), category.reason_code())
}

/// The sums of the discounts and of the charges (BT-107, BT-108); none where there are none.
pub(super) fn sums_of_adjustments(document: &Document) -> (Option<i64>, Option<i64>) {
    let sum = |charge: bool| {
        document.adjustments.iter().filter(|a| a.charge == charge).map(|a| a.net).reduce(|sum, net| sum + net)
    };
    (sum(false), sum(true))
}

/// An amount that stands only where it says something (BT-113, BT-114).
pub(super) fn unless_zero(amount: i64) -> Option<i64> {
    Some(amount).filter(|amount| *amount != 0)
}

/// To whom and where goods were delivered (BG-13, BG-15): the buyer's address, which BR-IC-12 asks for with K.
pub(super) fn deliver_to(document: &Document) -> Option<(&str, Address<'_>)> {
    let buyer = &document.invoice.buyer;
    document.has(Category::IntraCommunity).then(|| (buyer.name.trim(), Address::of(buyer)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{issued, line, of, sample};
    use super::*;
    use crate::base::tax::Rounding;
    use crate::business::invoices::model::DiscountInput;

    fn priced(quantity: &str, unit_price: i64, percent_off: i64, with_tax: bool) -> (String, String, i64, i64) {
        let mut input = line("Seat", quantity, unit_price, of(Category::Standard, 1900));
        let percent = Some(BasisPoints::new(percent_off));
        input.discount = (percent_off != 0).then(|| DiscountInput { percent, ..DiscountInput::default() });
        let (document, lines) = issued(&[input], &[], with_tax, Rounding::Sum);
        let line = lines.0.first().expect("one line");
        let priced = Priced::of(&document, line);
        let off = priced.off.map_or(0, |off| if off.charge { -off.amount } else { off.amount });
        (priced.quantity.to_string(), priced.price.to_string(), off, line.net)
    }

    #[test]
    fn a_net_price_is_written_as_it_was_agreed() {
        assert_eq!(priced("2.5", 10_000, 10, false), ("2.5".into(), "100.00".into(), 25, 24_975));
        // 2.345 × 1.00 is 2.345, which the line rounds to 2.35: half a hundredth is within the rule.
        assert_eq!(priced("2.345", 100, 0, false), ("2.345".into(), "1.00".into(), 0, 235));
    }

    #[test]
    fn a_price_with_tax_has_as_few_decimals_as_give_the_net_of_the_line() {
        // 119.00 with 19 % is 100.00 without.
        assert_eq!(priced("3", 11_900, 0, true), ("3".into(), "100.00".into(), 0, 30_000));
        // 3 × 1.00 with tax is 2.52 without: 0.84 each.
        assert_eq!(priced("3", 100, 0, true), ("3".into(), "0.84".into(), 0, 252));
        // 1,000 × 0.99 is 831.93 without: two decimals would give 830.00.
        assert_eq!(priced("1000", 99, 0, true), ("1000".into(), "0.83193".into(), 0, 83_193));
        assert_eq!(priced("2", 11_900, 1000, true), ("2".into(), "100.00".into(), 2_000, 18_000));
    }

    #[test]
    fn a_price_below_nothing_turns_the_quantity_around() {
        assert_eq!(priced("2", -500, 0, false), ("-2".into(), "5.00".into(), 0, -1_000));
        assert_eq!(priced("-2", -500, 0, false), ("2".into(), "5.00".into(), 0, 1_000));
        // A discount on what is taken back is a charge.
        assert_eq!(priced("-2", 500, 1000, false), ("-2".into(), "5.00".into(), -100, -900));
    }

    #[test]
    fn a_share_is_told_where_it_gives_the_amount() {
        let (document, _) = sample();
        let percent = Some(BasisPoints::new(1000));
        assert_eq!(share(&document, 1_000, percent, 100), Some((1_000, BasisPoints::new(1000))));
        assert_eq!(share(&document, 1_000, percent, 101), Some((1_000, BasisPoints::new(1000))));
        assert_eq!(share(&document, 1_000, percent, 102), None);
        assert_eq!(share(&document, 1_000, None, 100), None);
    }

    #[test]
    fn a_day_is_a_delivery_and_several_are_a_period() {
        let (mut document, _) = sample();
        let mut of = |from: Option<&str>, to: Option<&str>| {
            document.invoice.service_from = from.map(str::to_owned);
            document.invoice.service_to = to.map(str::to_owned);
            format!("{:?}", When::of(&document))
        };
        assert_eq!(of(Some("2026-03-01"), Some("2026-03-02")), r#"Days("2026-03-01", "2026-03-02")"#);
        assert_eq!(of(Some("2026-03-01"), Some("2026-03-01")), r#"Day("2026-03-01")"#);
        assert_eq!(of(Some("2026-03-01"), None), r#"Day("2026-03-01")"#);
        assert_eq!(of(None, Some("2026-03-01")), r#"Day("2026-03-01")"#);
        assert_eq!(of(None, Some(" ")), "Unknown");
    }

    #[test]
    fn an_account_outside_of_sepa_or_another_currency_is_a_plain_transfer() {
        let (mut document, _) = sample();
        let code = |document: &Document, format| Means::of(document, format).map(|means| means.code);
        assert_eq!(code(&document, Format::Facturx), Some("58"));
        document.invoice.currency = "CHF".parse().expect("a currency");
        assert_eq!(code(&document, Format::Facturx), Some("30"));
        document.invoice.prepaid = document.invoice.payable();
        assert_eq!((code(&document, Format::Facturx), code(&document, Format::Cii)), (None, Some("1")));
        document.invoice.prepaid = 0;
        document.invoice.seller.iban = None;
        assert_eq!((code(&document, Format::Facturx), code(&document, Format::Cii)), (None, None));
    }

    #[test]
    fn terms_of_payment_are_said_in_the_language_of_the_document() {
        let (mut document, _) = sample();
        let mut said = |locale: &str| {
            document.invoice.locale = locale.to_owned();
            payment_terms(&document).expect("money is owed")
        };
        assert_eq!(said("de-AT"), "Zahlbar bis 2026-03-19.");
        assert_eq!(said("ar"), "Payable by 2026-03-19.");
        let all: std::collections::BTreeSet<_> = ["en", "de", "fr", "es", "it", "nl"].map(said).into();
        assert_eq!(all.len(), 6);
        document.invoice.due_on = None;
        assert_eq!(payment_terms(&document).as_deref(), Some("Direct te betalen."));
        document.invoice.prepaid = document.invoice.payable();
        assert_eq!(payment_terms(&document), None);
    }
}
