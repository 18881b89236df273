//! The books: every entry balanced, the same as a page, a table and a batch for DATEV.

use std::collections::BTreeMap;

use deskbell::args;
use deskbell::base::actor::Actor;
use deskbell::base::money::{BasisPoints, Currency, Money};
use deskbell::base::tax::{Category, Tax};
use deskbell::business::invoices::actions::{Credit, NewInvoice, credit, issue};
use deskbell::business::invoices::model::{AdjustmentInput, LineInput, Unit};
use deskbell::business::payments::actions::{For, receive, refund};
use deskbell::business::payments::model::{Method, NewPayment};
use reqwest::Method as Verb;
use serde_json::{Value, json};

use crate::paper::{self, euro, line};
use crate::scenario;
use crate::support::TestApp;

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).expect("31 bits") % most
    }
}

fn random_line(dice: &mut Dice) -> LineInput {
    let taxes = [
        (Category::Standard, 190_000),
        (Category::Standard, 70_000),
        (Category::Standard, 99_750),
        (Category::Zero, 0),
        (Category::Exempt, 0),
        (Category::ReverseCharge, 0),
        (Category::IntraCommunity, 0),
        (Category::Export, 0),
        (Category::OutOfScope, 0),
    ];
    // The rates of the usual kind come most often.
    let pick = if dice.below(2) == 0 { dice.below(3) } else { dice.below(9) };
    let (category, millionths) = taxes[usize::try_from(pick).expect("small")];
    LineInput {
        description: "Something".into(),
        quantity: format!("{}.{}", dice.below(20), 1 + dice.below(999)),
        unit: Unit::One,
        unit_price: 1 + dice.below(50_000),
        discount: None,
        tax: Tax { category, rate: BasisPoints::from_millionths(millionths) },
    }
}

/// Issues, credits and takes money for so many random documents, in one transaction.
async fn many(app: &TestApp, client: &str, seed: u64, count: usize) {
    let client = client.parse().expect("an id");
    let actor = Actor::system(app.clock.now(), "test");
    app.app
        .desk
        .db
        .write(move |tx| {
            let mut dice = Dice(seed);
            for _ in 0..count {
                let mut lines: Vec<_> = (0..=dice.below(4)).map(|_| random_line(&mut dice)).collect();
                // What is out of scope stands alone (BR-O-11).
                if lines.len() > 1 {
                    lines.retain(|line| line.tax.category != Category::OutOfScope);
                }
                if lines.is_empty() {
                    continue;
                }
                let mut new = NewInvoice::of(client, lines);
                if dice.below(3) == 0 {
                    new.adjustments.push(AdjustmentInput {
                        charge: dice.below(2) == 0,
                        reason: "Because".into(),
                        percent: Some(BasisPoints::new(1 + dice.below(3_000))),
                        amount: None,
                        tax: None,
                    });
                }
                let invoice = issue(tx, &actor, &new)?;
                let payable = invoice.payable();
                if payable < 3 {
                    continue;
                }
                match dice.below(6) {
                    0 => credit(tx, &actor, invoice.id, &Credit::Whole, None).map(|_| ())?,
                    1 => {
                        let part = 1 + dice.below(payable - 1);
                        credit(tx, &actor, invoice.id, &Credit::Amount(part), None)?;
                        credit(tx, &actor, invoice.id, &Credit::Whole, None).map(|_| ())?;
                    }
                    2 | 3 => {
                        let methods = [Method::Cash, Method::Card, Method::Transfer, Method::Other];
                        let method = methods[usize::try_from(dice.below(4)).expect("small")];
                        let money = |amount| NewPayment {
                            amount: Money::new(amount, Currency::EUR),
                            method,
                            reference: Some("Slip, \"1\"".into()),
                            paid_at: None,
                        };
                        let what = For { invoice_id: Some(invoice.id), booking_id: None };
                        receive(tx, &actor, what, money(payable))?;
                        refund(tx, &actor, invoice.id, money(1 + dice.below(payable - 1)))?;
                    }
                    _ => {}
                }
            }
            // Nobody wants to see these on paper, and thousands take their time.
            tx.run("DELETE FROM events WHERE kind = 'render_invoice'", args![]).map(|_| ())
        })
        .await
        .expect("written");
}

/// Fields of a table (RFC 4180), without its head.
fn table(text: &str, separator: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut within) = (Vec::new(), Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => within = !within,
            c if c == separator && !within => row.push(std::mem::take(&mut field)),
            '\n' if !within => {
                row.push(std::mem::take(&mut field).trim_end_matches('\r').to_owned());
                rows.push(std::mem::take(&mut row));
            }
            c => field.push(c),
        }
    }
    assert!(row.is_empty() && field.is_empty(), "the last line is ended");
    rows.remove(0);
    rows
}

fn cents(text: &str) -> i64 {
    if text.is_empty() { 0 } else { text.replace(['.', ','], "").parse().expect("an amount") }
}

async fn csv(app: &TestApp, from: &str, to: &str) -> Vec<Vec<String>> {
    let path = format!("/accounting/journal?from={from}&to={to}&format=csv");
    let (status, headers, bytes) = app.bytes(app.request(Verb::GET, &path)).await;
    assert_eq!(
        (status.as_u16(), &headers["content-type"]),
        (200, &"text/csv; charset=utf-8; header=present".parse().expect("a value"))
    );
    table(&String::from_utf8(bytes).expect("UTF-8"), ',')
}

async fn datev(app: &TestApp, from: &str, to: &str) -> (String, Vec<Vec<String>>) {
    let path = format!("/accounting/datev?from={from}&to={to}");
    let (status, headers, bytes) = app.bytes(app.request(Verb::GET, &path)).await;
    assert_eq!(
        (status.as_u16(), &headers["content-type"]),
        (200, &"text/csv; charset=windows-1252".parse().expect("a value"))
    );
    assert!(bytes.ends_with(b"\r\n"));
    // Its first 256 characters are those of Unicode but for a few that no name here has.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let (head, rest) = text.split_once("\r\n").expect("lines");
    (head.to_owned(), table(rest, ';'))
}

async fn entries(app: &TestApp, query: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/accounting/journal?{query}{cursor}")).await.expect(200).body;
        all.extend(page["items"].as_array().expect("a list").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

scenario! {
    async fn every_entry_of_thousands_of_documents_is_balanced(engine) {
        let app = TestApp::ready(engine).await;
        let client = paper::client(&app).await;
        // The fixtures of the field: Quebec's 9.975 %, two seats with a fee at 7 %, 353.90 with 19 %.
        for body in [
            json!({"lines": [{"description": "Quebec", "quantity": "1", "unit_price": euro(818_000), "tax_rate": 997.5}]}),
            json!({
                "lines": [{"description": "Seats", "quantity": "2", "unit_price": euro(3_400), "tax_rate": 700}],
                "adjustments": [{"kind": "charge", "reason": "Fee", "amount": euro(250), "tax_rate": 700}],
            }),
            json!({"lines": [line(35_390, 1900)]}),
        ] {
            let body = json!({"client_id": client, "lines": body["lines"], "adjustments": body["adjustments"]});
            app.post("/invoices", body).await.expect(201);
        }
        let ways = [(true, "gross"), (false, "sum"), (true, "per_line"), (false, "per_line"), (true, "sum")];
        for (seed, (with_tax, way)) in (1..).zip(ways) {
            app.patch("/settings", json!({"prices_include_tax": with_tax, "invoicing": {"rounding": way}})).await.expect(200);
            for part in 0..4 {
                many(&app, &client, seed * 100 + part, 100).await;
                // Some days have none, and a year ends in between.
                app.clock.advance_minutes(3 * 24 * 60);
            }
        }
        let (from, to) = ("2026-01-01", "2027-12-31");
        let rows = csv(&app, from, to).await;
        let mut balances: BTreeMap<&str, i64> = BTreeMap::new();
        let mut accounts: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        let mut order: Vec<&str> = Vec::new();
        for row in &rows {
            let signed = cents(&row[7]) - cents(&row[8]);
            assert!(cents(&row[7]) >= 0 && cents(&row[8]) >= 0 && signed != 0, "{row:?}");
            *balances.entry(&row[13]).or_default() += signed;
            let money = matches!(row[1].as_str(), "payment" | "refund");
            *accounts.entry((if money { "money" } else { "documents" }, &row[6])).or_default() += signed;
            if order.last() != Some(&row[13].as_str()) {
                order.push(&row[13]);
            }
        }
        assert!(balances.len() > 3_000, "{}", balances.len());
        assert_eq!(order.len(), balances.len(), "the lines of an entry stand together");
        assert!(balances.values().all(|balance| *balance == 0), "debits are credits");
        assert!(rows.is_sorted_by_key(|row| row[0].clone()), "by day");

        let sums: Vec<i64> = app.app.desk.db.read(|tx| tx.all(
            "SELECT CAST(SUM(s * (gross + rounding)) AS SIGNED), CAST(SUM(s * net) AS SIGNED),
                CAST(SUM(s * tax) AS SIGNED), CAST(SUM(s * rounding) AS SIGNED), COUNT(*)
             FROM (SELECT CASE kind WHEN 'invoice' THEN 1 ELSE -1 END AS s, gross, net, tax, rounding FROM invoices) i",
            args![],
            |row| Ok(vec![row.next()?, row.next()?, row.next()?, row.next()?, row.next()?]),
        )).await.expect("read").remove(0);
        let of = |what, role| accounts.get(&(what, role)).copied().unwrap_or(0);
        assert_eq!(of("documents", "receivable"), sums[0]);
        assert_eq!(-of("documents", "revenue"), sums[1]);
        assert_eq!(-of("documents", "tax"), sums[2]);
        assert_eq!(-of("documents", "rounding"), sums[3]);
        let paid = app.app.desk.db.read(|tx| tx.number("SELECT CAST(SUM(amount) AS SIGNED) FROM payments", args![])).await.expect("read");
        assert_eq!(of("money", "bank") + of("money", "cash") + of("money", "card"), paid);

        // As pages, the same entries in the same order.
        let pages = entries(&app, &format!("from={from}&to={to}&limit=199")).await;
        let listed: Vec<_> = pages.iter().map(|entry| entry["id"].as_str().expect("an id")).collect();
        assert_eq!(listed, order);

        // For DATEV, year by year: what is owed and what moved are the same, and each line is sound.
        let mut owed = 0;
        let mut moved = 0;
        for year in [2026, 2027] {
            let (head, lines) = datev(&app, &format!("{year}-01-01"), &format!("{year}-12-31")).await;
            assert!(head.starts_with("\"EXTF\";700;21;\"Buchungsstapel\";13;"), "{head}");
            assert!(head.contains(&format!(";1001;1;{year}0101;4;{year}0101;{year}1231;")), "{head}");
            assert!(!lines.is_empty());
            for line in &lines {
                assert_eq!(line.len(), 125);
                let amount = cents(&line[0]);
                assert!(amount > 0 && matches!(line[1].as_str(), "S" | "H"));
                let signed = if line[1] == "S" { amount } else { -amount };
                if line[6] == "10000" { owed += signed } else { moved += signed }
            }
        }
        assert_eq!((owed, moved), (sums[0], paid));
        app.end().await;
    }
}

scenario! {
    async fn the_books_of_a_small_shop_read_as_an_accountant_writes_them(engine) {
        let app = TestApp::ready(engine).await;
        let grace = app.post("/clients", json!({"name": "Grace \"G\" Höpper; & Co"})).await.expect(201).id();
        // 353.90 with 19 % misses its tax by a cent.
        let invoice = paper::issue(&app, &grace, json!([line(35_390, 1900), line(3_400, 700)])).await;
        let path = format!("/invoices/{}", invoice["id"].as_str().expect("an id"));
        app.clock.advance_minutes(1);
        let late = json!({"amount": euro(38_790), "method": "transfer", "paid_at": "2026-11-24T23:30:00Z", "reference": "=SUM(A1)"});
        app.post(&format!("{path}/payments"), late).await.expect(201);
        app.post(&format!("{path}/credit-notes"), json!({"lines": [line(3_400, 700)], "reason": "Ill"})).await.expect(201);
        app.post(&format!("{path}/refunds"), json!({"amount": euro(3_400), "method": "cash"})).await.expect(201);
        app.clock.advance_minutes(1);
        // A deposit on a booking that is invoiced later counts for its invoice.
        let (_, occurrence, client) = app.given(4).await;
        let booking = app.book(&occurrence, &client, 1).await.expect(201);
        app.post(&format!("/bookings/{}/payments", booking.id()), json!({"amount": euro(1_000), "method": "card"})).await.expect(201);
        app.clock.advance_minutes(1);
        let held = app.book(&occurrence, &client, 1).await.expect(201);
        app.post(&format!("/bookings/{}/payments", held.id()), json!({"amount": euro(500), "method": "other"})).await.expect(201);
        app.post(&format!("/bookings/{}/confirm", booking.id()), json!({})).await.expect(200);

        let all = entries(&app, "from=2026-11-24&to=2026-11-25&limit=3").await;
        let said: Vec<_> = all.iter().map(|entry| {
            let lines: Vec<_> = entry["lines"].as_array().expect("a list").iter().map(|line| {
                let amount = |side: &str| line[side]["amount"].as_i64().expect("a number");
                (line["account"].as_str().expect("digits").to_owned(), amount("debit") - amount("credit"))
            }).collect();
            let lines: Vec<_> = lines.iter().map(|(account, signed)| format!("{account} {signed}")).collect();
            format!("{} {} {}: {}", entry["date"].as_str().expect("a day"), entry["kind"].as_str().expect("a word"),
                entry["settles"].as_str().expect("a number"), lines.join(", "))
        }).collect();
        let reference = held.body["reference"].as_str().expect("text");
        assert_eq!(said, [
            "2026-11-24 invoice 2026-00001: 10000 38790, 8400 -29739, 1776 -5650, 2700 -1, 8300 -3178, 1771 -222".to_owned(),
            "2026-11-24 credit_note 2026-00001: 10000 -3400, 8300 3178, 1771 222".to_owned(),
            "2026-11-24 invoice 2026-00002: 10000 4900, 8400 -4118, 1776 -782".to_owned(),
            "2026-11-24 refund 2026-00001: 1000 -3400, 10000 3400".to_owned(),
            "2026-11-24 payment 2026-00002: 1360 1000, 10000 -1000".to_owned(),
            format!("2026-11-24 payment {reference}: 1360 500, 10000 -500"),
            // Half an hour before midnight in UTC is the next day in Berlin.
            "2026-11-25 payment 2026-00001: 1200 38790, 10000 -38790".to_owned(),
        ]);
        let rows = csv(&app, "2026-11-25", "2026-11-25").await;
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0][..13], ["2026-11-25", "payment", "", "2026-00001", "Grace G Höpper; & Co", "1200", "bank", "387.90", "", "EUR", "", "", "'=SUM(A1)"].map(String::from));
        assert_eq!(csv(&app, "2026-11-26", "2027-11-25").await.len(), 0);

        let accounts = json!({"adviser": "29098", "client": "55003", "receivable": "12345", "bank": "1800",
            "revenue": [{"category": "S", "rate": 1900, "account": "4400"}]});
        app.patch("/settings", json!({"invoicing": {"accounts": accounts}})).await.expect(200);
        let (head, lines) = datev(&app, "2026-11-24", "2026-11-25").await;
        assert!(head.contains(";29098;55003;20260101;4;20261124;20261125;\"Rechnungen und Zahlungen\";"), "{head}");
        let short: Vec<_> = lines.iter().map(|line| [0, 1, 6, 7, 9, 10].map(|field: usize| line[field].as_str()).join(" ")).collect();
        let paid_before = format!("5,00 S 1360 12345 2411 {reference}");
        assert_eq!(short, [
            "353,89 S 12345 4400 2411 2026-00001",
            "0,01 S 12345 2700 2411 2026-00001",
            "34,00 S 12345 8300 2411 2026-00001",
            "34,00 H 12345 8300 2411 2026-00001",
            "49,00 S 12345 4400 2411 2026-00002",
            "34,00 H 1000 12345 2411 2026-00001",
            "10,00 S 1360 12345 2411 2026-00002",
            paid_before.as_str(),
            "387,90 S 1800 12345 2511 2026-00001",
        ]);
        assert_eq!(lines[0][13], "2026-00001 Grace G Höpper; & Co");
        assert_eq!(lines[3][13], "CN2026-00001 Grace G Höpper; & Co");
        assert_eq!((lines[0][116].as_str(), lines[3][116].as_str()), ("08122026", ""));
        app.end().await;
    }
}

scenario! {
    async fn a_span_is_checked_and_a_batch_stays_within_a_year(engine) {
        let app = TestApp::ready(engine).await;
        for (path, field) in [
            ("/accounting/journal?from=2026-02-30&to=2026-03-01", "from"),
            ("/accounting/journal?from=2026-03-02&to=2026-03-01&format=csv", "to"),
            ("/accounting/datev?from=2026-12-31&to=2027-01-01", "to"),
            ("/accounting/datev?from=2026-12-31&to=never", "to"),
        ] {
            assert_eq!(app.get(path).await.expect(422).body["errors"][0]["field"], field, "{path}");
        }
        app.get("/accounting/journal?from=2026-01-01&to=2026-12-31&format=xml").await.expect(422);
        app.get("/accounting/journal?from=2026-01-01&to=2026-12-31&cursor=x").await.expect(400);
        let open = app.http.get(format!("{}/api/v1/accounting/datev?from=2026-01-01&to=2026-12-31", app.url)).send();
        assert_eq!(open.await.expect("answered").status(), 401);
        let (head, lines) = datev(&app, "2026-01-01", "2026-12-31").await;
        assert!(head.starts_with("\"EXTF\";700;21;") && lines.is_empty());
        app.end().await;
    }
}
