//! A DATEV batch of postings (EXTF, header 700, category 21 "Buchungsstapel", format version 13). Pure.
//!
//! Source: DATEV developer portal, DATEV-Format, pages "Einstieg", "Header" and "Buchungsstapel" (names of the columns,
//! their order, and the expression of each). Fields are separated by semicolons and lines end with CR LF; text stands in
//! quotes, also when it is empty, and nothing else does; decimals follow a comma; Windows-1252.
//!
//! What the format asks for beyond that: an amount is positive and not 0,00, and S or H says the side of the first
//! account; the year of a posting is that of the header's fiscal year; field "Belegfeld 1" links an invoice with what
//! pays or credits it, so a credit note or a payment shows the invoice's number there, and its own in the text.

use super::chart::Chart;
use super::model::{Entry, Posting, Role, Source, Span};
use crate::base::tax::Category;
use crate::base::time::{Instant, Zone};

/// Decimals of an amount.
pub const DECIMALS: u8 = 2;

/// Largest amount of a line: ten digits before the comma. A larger one takes several lines.
const MOST: i64 = 999_999_999_999;

/// Fields 1 to 20.
const FIRST: [&str; 20] = [
    "Umsatz (ohne Soll/Haben-Kz)",
    "Soll/Haben-Kennzeichen",
    "WKZ Umsatz",
    "Kurs",
    "Basis-Umsatz",
    "WKZ Basis-Umsatz",
    "Konto",
    "Gegenkonto (ohne BU-Schlüssel)",
    "BU-Schlüssel",
    "Belegdatum",
    "Belegfeld 1",
    "Belegfeld 2",
    "Skonto",
    "Buchungstext",
    "Postensperre",
    "Diverse Adressnummer",
    "Geschäftspartnerbank",
    "Sachverhalt",
    "Zinssperre",
    "Beleglink",
];

/// Fields 37 to 47, behind eight pairs of "Beleginfo".
const MIDDLE: [&str; 11] = [
    "KOST1 - Kostenstelle",
    "KOST2 - Kostenstelle",
    "Kost-Menge",
    "EU-Land u. UStID (Bestimmung)",
    "EU-Steuersatz (Bestimmung)",
    "Abw. Versteuerungsart",
    "Sachverhalt L+L",
    "Funktionsergänzung L+L",
    "BU 49 Hauptfunktionstyp",
    "BU 49 Hauptfunktionsnummer",
    "BU 49 Funktionsergänzung",
];

/// Fields 88 to 125, behind twenty pairs of "Zusatzinformation".
const LAST: [&str; 38] = [
    "Stück",
    "Gewicht",
    "Zahlweise",
    "Forderungsart",
    "Veranlagungsjahr",
    "Zugeordnete Fälligkeit",
    "Skontotyp",
    "Auftragsnummer",
    "Buchungstyp",
    "USt-Schlüssel (Anzahlungen)",
    "EU-Land (Anzahlungen)",
    "Sachverhalt L+L (Anzahlungen)",
    "EU-Steuersatz (Anzahlungen)",
    "Erlöskonto (Anzahlungen)",
    "Herkunft-Kz",
    "Buchungs GUID",
    "KOST-Datum",
    "SEPA-Mandatsreferenz",
    "Skontosperre",
    "Gesellschaftername",
    "Beteiligtennummer",
    "Identifikationsnummer",
    "Zeichnernummer",
    "Postensperre bis",
    "Bezeichnung SoBil-Sachverhalt",
    "Kennzeichen SoBil-Buchung",
    "Festschreibung",
    "Leistungsdatum",
    "Datum Zuord. Steuerperiode",
    "Fälligkeit",
    "Generalumkehr (GU)",
    "Steuersatz",
    "Land",
    "Abrechnungsreferenz",
    "BVV-Position",
    "EU-Land u. UStID (Ursprung)",
    "EU-Steuersatz (Ursprung)",
    "Abw. Skontokonto",
];

/// Fields of a line.
const FIELDS: usize = 125;

/// Whether a field, counted from 1, is text.
const fn is_text(field: usize) -> bool {
    matches!(
        field,
        2 | 3 | 6 | 9 | 11 | 12 | 14 | 16 | 20..=38 | 40 | 42 | 48..=87 | 91 | 95 | 96 | 98 | 102 | 103 | 105 | 107 | 109 | 110 | 112 | 118 | 120 | 121 | 123
    )
}

/// What the header says.
pub struct Batch<'b> {
    /// When it is written.
    pub at: Instant,
    /// Where the business is.
    pub zone: &'b Zone,
    /// Number of the tax adviser; 1001, the lowest there is, when none is said. DATEV refuses or asks when it is not the
    /// number of the books that the batch is read into.
    pub adviser: &'b str,
    /// Number of the business at the adviser; 1 when none is said.
    pub client: &'b str,
    /// The days, all of one year.
    pub span: &'b Span,
    /// Of every amount.
    pub currency: &'b str,
    /// The accounts.
    pub chart: Chart<'b>,
}

/// The two first lines: the header with its 31 fields, and the names of the columns.
pub fn head(batch: &Batch<'_>) -> String {
    let local = batch.at.local_in(batch.zone).to_string();
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).map(char::from).collect::<String>();
    let millis = batch.at.micros().rem_euclid(60_000_000) / 1000;
    let written = format!("{}{millis:05}", digits(&local));
    let or = |said: &str, usual: &str| if said.is_empty() { usual.to_owned() } else { said.to_owned() };
    let fields = [
        quoted("EXTF"),                                            // 1 written by another than DATEV
        "700".into(),                                              // 2 version of the header
        "21".into(),                                               // 3 category
        quoted("Buchungsstapel"),                                  // 4 name of the format
        "13".into(),                                               // 5 its version
        written,                                                   // 6 written at
        String::new(),                                             // 7 read at: DATEV's
        quoted("RE"),                                              // 8 origin
        quoted("Deskbell"),                                        // 9 written by
        quoted(""),                                                // 10 read by: DATEV's
        or(batch.adviser, "1001"),                                 // 11 adviser
        or(batch.client, "1"),                                     // 12 client
        format!("{}0101", batch.span.from.get(..4).unwrap_or("")), // 13 first day of the fiscal year
        batch.chart.digits().to_string(),                          // 14 digits of an impersonal account
        digits(&batch.span.from),                                  // 15 first day
        digits(&batch.span.to),                                    // 16 last day
        quoted("Rechnungen und Zahlungen"),                        // 17 description
        quoted(""),                                                // 18 initials
        "1".into(),                                                // 19 financial accounting
        "0".into(),                                                // 20 for no purpose of its own
        "0".into(),                                                // 21 not locked, so that the adviser may correct
        quoted(batch.currency),                                    // 22 currency
        String::new(),                                             // 23
        quoted(""),                                                // 24
        String::new(),                                             // 25
        String::new(),                                             // 26
        quoted(if batch.chart.is_usual() { "03" } else { "" }),    // 27 chart of accounts
        String::new(),                                             // 28
        String::new(),                                             // 29
        quoted(""),                                                // 30
        quoted(""),                                                // 31
    ];
    format!("{}\r\n{}\r\n", fields.join(";"), columns().join(";"))
}

fn columns() -> Vec<String> {
    let pairs = |count: usize, kind: &'static str, content: &'static str| {
        (1..=count).flat_map(move |n| [format!("{kind} {n}"), format!("{content} {n}")])
    };
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut names = owned(&FIRST);
    names.extend(pairs(8, "Beleginfo - Art", "Beleginfo - Inhalt"));
    names.extend(owned(&MIDDLE));
    names.extend(pairs(20, "Zusatzinformation - Art", "Zusatzinformation- Inhalt"));
    names.extend(owned(&LAST));
    names
}

/// Appends the lines of an entry: one for each account that stands against what is owed or where money moved. The tax of
/// an automatic account is not booked, it follows from the amount with tax.
pub fn write(out: &mut String, entry: &Entry, chart: Chart<'_>) {
    let Some((base, others)) = entry.postings.split_first() else { return };
    let automatic = |posting: &Posting| {
        posting.role == Role::Revenue && posting.tax.is_some_and(|tax| chart.revenue(tax).carries_tax)
    };
    for posting in others {
        let same = |role: Role| others.iter().find(move |other| other.role == role && other.tax == posting.tax);
        let signed = match posting.role {
            Role::Tax if same(Role::Revenue).is_some_and(automatic) => continue,
            Role::Revenue if automatic(posting) => posting.signed() + same(Role::Tax).map_or(0, Posting::signed),
            _ => posting.signed(),
        };
        let mut left = signed.abs();
        while left > 0 {
            let amount = left.min(MOST);
            left -= amount;
            line(out, entry, &base.account, posting, (amount, signed < 0));
        }
    }
}

fn line(out: &mut String, entry: &Entry, account: &str, against: &Posting, (amount, debit): (i64, bool)) {
    // Amounts have two decimals, also those of a currency without any.
    let cents = if entry.currency.decimals() == 0 { amount.saturating_mul(100) } else { amount };
    let due = entry.due_on.as_deref().filter(|_| entry.source == Source::Invoice);
    let abroad = against.tax.is_some_and(|tax| tax.category == Category::IntraCommunity);
    let texts = [entry.number.as_deref(), Some(entry.name.as_str()), entry.reference.as_deref()];
    let text = texts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    for field in 1..=FIELDS {
        if field > 1 {
            out.push(';');
        }
        let value = match field {
            1 => format!("{},{:02}", cents / 100, cents % 100),
            2 => if debit { "S" } else { "H" }.to_owned(),
            3 => entry.currency.to_string(),
            7 => account.to_owned(),
            8 => against.account.clone(),
            10 => day(&entry.day, false),
            11 => voucher(entry.settles.as_deref().unwrap_or("")),
            14 => cut(&text, 60),
            // For the summary report of supplies within the union.
            40 if abroad => cut(entry.vat_id.as_deref().unwrap_or(""), 15),
            114 => "0".to_owned(),
            117 => due.map(|due| day(due, true)).unwrap_or_default(),
            _ => String::new(),
        };
        if is_text(field) {
            out.push_str(&quoted(&value));
        } else {
            out.push_str(&value);
        }
    }
    out.push_str("\r\n");
}

/// `TTMM` of a day, or `TTMMJJJJ`.
fn day(iso: &str, with_year: bool) -> String {
    let part = |from: usize, to: usize| iso.get(from..to).unwrap_or("");
    format!("{}{}{}", part(8, 10), part(5, 7), if with_year { part(0, 4) } else { "" })
}

/// "Belegfeld 1": letters, digits and `$ & % * + - / _`, at most 36. A point in a number becomes a hyphen.
fn voucher(number: &str) -> String {
    number.chars().map(|c| if c.is_ascii_alphanumeric() || "$%-/_".contains(c) { c } else { '-' }).take(36).collect()
}

/// At most so many characters, none of them a control character.
fn cut(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::super::model::{Issued, Moved};
    use super::*;
    use crate::base::id::Id;
    use crate::base::money::{BasisPoints, Currency};
    use crate::base::tax::Tax;
    use crate::business::invoices::model::{Kind, TaxRow};
    use crate::business::payments::model::Method;
    use crate::business::settings::model::{Accounts, RevenueAccount};

    /// Splits a line, whose quoted fields may hold semicolons and doubled quotes.
    fn fields(line: &str) -> Vec<String> {
        let (mut fields, mut field, mut within) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '"' => {
                    within = !within;
                    field.push(c);
                }
                ';' if !within => fields.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        fields.push(field);
        fields
    }

    fn row(category: Category, rate: i64, (net, amount, rounding): (i64, i64, i64)) -> TaxRow {
        TaxRow { tax: Tax { category, rate: BasisPoints::new(rate) }, net, amount, rounding, reason: None }
    }

    fn issued(kind: Kind, taxes: Vec<TaxRow>) -> Issued {
        Issued {
            id: Id::from_bytes([7; 16]),
            kind,
            number: "CN.2026-00001".into(),
            corrects: (kind == Kind::CreditNote).then(|| "R2026-00009".into()),
            due_on: Some("2026-12-08".into()),
            currency: Currency::EUR,
            payable: taxes.iter().map(TaxRow::payable).sum(),
            name: "Jürgen \"Jo\" Weiß; & Söhne".into(),
            vat_id: Some("ATU12345678".into()),
            taxes,
        }
    }

    fn lines(issued: Issued, accounts: &Accounts) -> Vec<Vec<String>> {
        let chart = Chart::of(accounts);
        let mut out = String::new();
        write(&mut out, &issued.entry(chart, "2026-11-24"), chart);
        assert!(out.ends_with("\r\n"));
        out.split_terminator("\r\n").map(fields).collect()
    }

    fn short(line: &[String]) -> [&str; 4] {
        [&line[0], &line[1], &line[6], &line[7]].map(String::as_str)
    }

    #[test]
    fn the_header_has_its_31_fields_and_the_columns_are_125() {
        let accounts = Accounts::default();
        let zone: Zone = "Europe/Berlin".parse().expect("a zone");
        let span = Span::new("2026-01-01", "2026-08-31").expect("days");
        let batch = Batch {
            at: "2026-11-24T09:00:05.123Z".parse().expect("a time"),
            zone: &zone,
            adviser: "29098",
            client: "55003",
            span: &span,
            currency: "EUR",
            chart: Chart::of(&accounts),
        };
        let head = head(&batch);
        let lines: Vec<_> = head.split_terminator("\r\n").collect();
        assert_eq!(
            lines[0],
            "\"EXTF\";700;21;\"Buchungsstapel\";13;20261124100005123;;\"RE\";\"Deskbell\";\"\";29098;55003;20260101;4;\
             20260101;20260831;\"Rechnungen und Zahlungen\";\"\";1;0;0;\"EUR\";;\"\";;;\"03\";;;\"\";\"\""
        );
        assert_eq!(lines[0].split(';').count(), 31);
        let columns: Vec<_> = lines[1].split(';').collect();
        assert_eq!(columns.len(), FIELDS);
        for (field, name) in [
            (21, "Beleginfo - Art 1"),
            (36, "Beleginfo - Inhalt 8"),
            (37, "KOST1 - Kostenstelle"),
            (40, "EU-Land u. UStID (Bestimmung)"),
            (48, "Zusatzinformation - Art 1"),
            (87, "Zusatzinformation- Inhalt 20"),
            (88, "Stück"),
            (102, "Herkunft-Kz"),
            (114, "Festschreibung"),
            (117, "Fälligkeit"),
            (125, "Abw. Skontokonto"),
        ] {
            assert_eq!(columns[field - 1], name);
        }
    }

    #[test]
    fn a_line_has_125_fields_with_quotes_around_text_and_nothing_else() {
        let accounts = Accounts::default();
        let lines = lines(issued(Kind::Invoice, vec![row(Category::Standard, 1900, (10_000, 1_900, 0))]), &accounts);
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(line.len(), FIELDS);
        for (index, value) in line.iter().enumerate() {
            assert_eq!(value.starts_with('"'), is_text(index + 1), "field {} is {value}", index + 1);
            assert_eq!(value.ends_with('"'), is_text(index + 1), "field {} is {value}", index + 1);
        }
        let at = |field: usize| line[field - 1].as_str();
        assert_eq!(short(line), ["119,00", "\"S\"", "10000", "8400"]);
        assert_eq!((at(3), at(10), at(11)), ("\"EUR\"", "2411", "\"CN-2026-00001\""));
        assert_eq!(at(14), "\"CN.2026-00001 Jürgen \"\"Jo\"\" Weiß; & Söhne\"");
        assert_eq!((at(40), at(114), at(117)), ("\"\"", "0", "08122026"));
    }

    #[test]
    fn automatic_accounts_take_the_amount_with_tax_and_others_a_line_for_each() {
        let accounts = Accounts::default();
        let taxes = vec![
            row(Category::Standard, 2000, (10_000, 2_000, 0)),
            row(Category::Standard, 1900, (29_739, 5_650, 1)),
            row(Category::Standard, 700, (-1_000, -70, 0)),
            row(Category::IntraCommunity, 0, (5_000, 0, 0)),
            row(Category::Exempt, 0, (0, 0, 0)),
        ];
        let written = lines(issued(Kind::Invoice, taxes.clone()), &accounts);
        let seen: Vec<_> = written.iter().map(|line| short(line)).collect();
        assert_eq!(
            seen,
            [
                ["100,00", "\"S\"", "10000", "8200"],
                ["20,00", "\"S\"", "10000", "1770"],
                ["353,89", "\"S\"", "10000", "8400"],
                ["0,01", "\"S\"", "10000", "2700"],
                ["10,70", "\"H\"", "10000", "8300"],
                ["50,00", "\"S\"", "10000", "8125"],
            ]
        );
        assert_eq!(written[5][39], "\"ATU12345678\"");
        let back = lines(issued(Kind::CreditNote, taxes), &accounts);
        assert_eq!(short(&back[2]), ["353,89", "\"H\"", "10000", "8400"]);
        assert_eq!((back[2][10].as_str(), back[2][116].as_str()), ("\"R2026-00009\"", ""));
        let own = Accounts {
            revenue: vec![RevenueAccount {
                category: Category::Standard,
                rate: BasisPoints::new(2000),
                account: "4400".into(),
            }],
            ..Accounts::default()
        };
        let own = lines(issued(Kind::Invoice, vec![row(Category::Standard, 2000, (10_000, 2_000, 0))]), &own);
        assert_eq!(own.iter().map(|line| short(line)).collect::<Vec<_>>(), [["120,00", "\"S\"", "10000", "4400"]]);
    }

    #[test]
    fn the_tax_that_follows_from_an_automatic_account_is_that_of_the_document() {
        for rate in [1900, 700].map(BasisPoints::new) {
            for net in 0..20_000 {
                let tax = crate::base::money::share_of(net, rate);
                assert_eq!(crate::base::money::net_of_gross(net + tax, rate), net, "{net} at {rate}");
            }
        }
    }

    #[test]
    fn money_is_positive_and_the_side_says_its_way() {
        let accounts = Accounts::default();
        let chart = Chart::of(&accounts);
        for (amount, currency, said, side) in [
            (5_000, "EUR", "50,00", "\"S\""),
            (-5_000, "EUR", "50,00", "\"H\""),
            (5_000, "JPY", "5000,00", "\"S\""),
            (7, "EUR", "0,07", "\"S\""),
        ] {
            let moved = Moved {
                id: Id::from_bytes([7; 16]),
                at: Instant::from_micros(0),
                amount,
                currency: currency.parse().expect("a currency"),
                method: Method::Transfer,
                reference: Some("Bank\tslip".into()),
                settles: Some("2026-00001".into()),
                name: "Ada".into(),
            };
            let mut out = String::new();
            write(&mut out, &moved.entry(chart, "2026-01-02"), chart);
            let line = fields(out.trim_end());
            assert_eq!(short(&line), [said, side, "1200", "10000"]);
            assert_eq!((line[9].as_str(), line[13].as_str()), ("0201", "\"Ada Bank slip\""));
        }
    }

    #[test]
    fn what_is_too_large_for_a_line_takes_several() {
        let accounts = Accounts::default();
        let net = MOST + 1_234;
        let lines = lines(issued(Kind::Invoice, vec![row(Category::Export, 0, (net, 0, 0))]), &accounts);
        let amounts: Vec<_> = lines.iter().map(|line| line[0].as_str()).collect();
        assert_eq!(amounts, ["9999999999,99", "12,34"]);
    }
}
