//! Documents: what never changes, how they are counted, how far they can be credited, what is owed.

use deskbell::args;
use deskbell::platform::db::Engine as Kind;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::scenario;
use crate::support::TestApp;

pub fn euro(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

pub fn line(amount: i64, rate: i64) -> Value {
    json!({"description": "Course", "quantity": "1", "unit_price": euro(amount), "tax_rate": rate})
}

pub async fn client(app: &TestApp) -> String {
    app.post("/clients", json!({"name": "Grace Hopper", "email": "grace@example.org"})).await.expect(201).id()
}

/// Issues an invoice; its reply.
pub async fn issue(app: &TestApp, client: &str, lines: Value) -> Value {
    app.post("/invoices", json!({"client_id": client, "lines": lines})).await.expect(201).body
}

fn id(document: &Value) -> &str {
    document["id"].as_str().expect("an id")
}

/// Runs statements past the program, as somebody with the database's password could.
async fn past_the_program(app: &TestApp, statements: &str) {
    match app.app.desk.db.engine() {
        Kind::Sqlite => {
            let conn = rusqlite::Connection::open(app.dir.join("deskbell.db")).expect("opened");
            conn.busy_timeout(std::time::Duration::from_secs(5)).expect("set");
            conn.execute_batch(&format!("PRAGMA foreign_keys = OFF; {statements}")).expect("done");
        }
        Kind::Mysql => {
            use sqlx::{ConnectOptions as _, Connection as _};
            let options: sqlx::mysql::MySqlConnectOptions = app.app.desk.config.database.url.parse().expect("a URL");
            let mut conn = options.connect().await.expect("connected");
            let all = format!("SET FOREIGN_KEY_CHECKS = 0; {statements}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(all)).execute(&mut conn).await.expect("done");
            conn.close().await.expect("closed");
        }
    }
}

async fn found(app: &TestApp) -> deskbell::app::verify::Findings {
    deskbell::app::verify::verify(&app.app.desk).await.expect("looked at")
}

/// Ends an app whose documents were tampered with, without holding it to the facts of the house.
async fn end_tampered(app: TestApp) {
    app.app.stop().await;
    std::fs::remove_dir_all(app.dir).expect("removed");
}

scenario! {
    async fn the_database_refuses_to_change_what_was_issued(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        app.post("/invoices", json!({
            "client_id": client, "lines": [line(11_900, 1900), line(10_700, 700)],
            "adjustments": [{"kind": "discount", "reason": "Friends", "amount": euro(1_000)}],
        })).await.expect(201);
        for statement in [
            "UPDATE invoices SET notes = 'x'",
            "DELETE FROM invoices",
            "UPDATE invoice_lines SET total = 1",
            "DELETE FROM invoice_lines",
            "UPDATE invoice_taxes SET amount = 1",
            "DELETE FROM invoice_taxes",
            "UPDATE invoice_adjustments SET amount = 1",
            "DELETE FROM invoice_adjustments",
            "UPDATE invoice_chain SET content = hash",
            "DELETE FROM invoice_chain",
        ] {
            let refused = app.app.desk.db.write(move |tx| tx.run(statement, args![])).await;
            assert!(refused.is_err(), "{statement}");
        }
        for (table, rows) in [("invoices", 1), ("lines", 2), ("taxes", 2), ("adjustments", 2), ("chain", 1)] {
            let count = match table {
                "invoices" => "SELECT COUNT(*) FROM invoices",
                "lines" => "SELECT COUNT(*) FROM invoice_lines",
                "taxes" => "SELECT COUNT(*) FROM invoice_taxes",
                "adjustments" => "SELECT COUNT(*) FROM invoice_adjustments",
                _ => "SELECT COUNT(*) FROM invoice_chain",
            };
            let counted = app.app.desk.db.read(move |tx| tx.number(count, args![])).await.expect("read");
            assert_eq!(counted, rows, "{table}");
        }
        app.settled().await;
        let findings = found(&app).await;
        assert_eq!((findings.documents, findings.wrong.len()), (1, 0), "{:?}", findings.wrong);
        app.end().await;
    }
}

scenario! {
    async fn verify_names_the_first_document_that_was_tampered_with(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        for _ in 0..4 {
            issue(&app, &client, json!([line(11_900, 1900)])).await;
        }
        app.settled().await;
        assert_eq!(found(&app).await.wrong, Vec::<String>::new());
        past_the_program(&app, "DROP TRIGGER invoices_stay; UPDATE invoices SET notes = 'x' WHERE number = '2026-00003'")
            .await;
        let findings = found(&app).await;
        assert_eq!(findings.documents, 2, "the first two are right");
        assert!(findings.wrong[0].starts_with("Place 3 of the chain, 2026-00003:"), "{:?}", findings.wrong);
        assert_eq!(findings.wrong.len(), 1);
        past_the_program(&app, "DROP TRIGGER invoice_lines_stay; UPDATE invoice_lines SET description = 'Other'
            WHERE invoice_id = (SELECT id FROM invoices WHERE number = '2026-00002')").await;
        let findings = found(&app).await;
        assert!(findings.wrong[0].starts_with("Place 2 of the chain, 2026-00002:"), "{:?}", findings.wrong);
        // Who changes the hash as well must change every hash behind it.
        past_the_program(&app, "DROP TRIGGER invoice_taxes_stay; UPDATE invoice_taxes SET amount = amount + 1
            WHERE invoice_id = (SELECT id FROM invoices WHERE number = '2026-00001');
            DROP TRIGGER invoice_chain_stays; UPDATE invoice_chain SET content = hash WHERE place = 1").await;
        let findings = found(&app).await;
        assert!(findings.wrong[0].starts_with("Place 1 of the chain, 2026-00001:"), "{:?}", findings.wrong);
        end_tampered(app).await;
    }
}

/// Takes a document out, with all that belongs to it.
fn without(number: &str) -> String {
    let mut statements: Vec<String> =
        ["invoice_lines_remain", "invoice_taxes_remain", "invoice_chain_remains", "invoices_remain"]
            .map(|trigger| format!("DROP TRIGGER {trigger}"))
            .into();
    statements.extend(["invoice_lines", "invoice_taxes", "invoice_chain", "invoice_balances", "invoice_files"].map(
        |table| format!("DELETE FROM {table} WHERE invoice_id = (SELECT id FROM invoices WHERE number = '{number}')"),
    ));
    statements.push(format!("DELETE FROM invoices WHERE number = '{number}'"));
    statements.join("; ")
}

scenario! {
    async fn a_last_document_that_was_taken_out_is_missed(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        for _ in 0..3 {
            issue(&app, &client, json!([line(11_900, 1900)])).await;
        }
        app.settled().await;
        past_the_program(&app, &without("2026-00003")).await;
        let findings = found(&app).await;
        assert_eq!(findings.documents, 2);
        assert!(findings.wrong.iter().any(|wrong| wrong.contains("the last documents are gone")), "{:?}", findings.wrong);
        let series = app.get("/invoice-series").await.expect(200).body;
        assert_eq!(series["items"][0]["missing"], json!([{"first": 3, "last": 3}]));
        assert_eq!((series["items"][0]["last"].clone(), series["items"][0]["counter"].clone()), (json!(2), json!(3)));
        end_tampered(app).await;
    }
}

scenario! {
    async fn a_document_that_was_taken_out_of_the_middle_leaves_a_gap(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        for _ in 0..4 {
            issue(&app, &client, json!([line(11_900, 1900)])).await;
        }
        app.settled().await;
        let series = app.get("/invoice-series").await.expect(200).body;
        assert_eq!(series["items"], json!([{
            "series": "2026-", "kind": "invoice", "first": 1, "last": 4, "count": 4, "counter": 4, "missing": [],
        }]));
        past_the_program(&app, &without("2026-00002")).await;
        let findings = found(&app).await;
        // Its place in the chain went with it: the next one does not follow any more.
        assert!(findings.wrong[0].starts_with("Place 3 of the chain, 2026-00003:"), "{:?}", findings.wrong);
        assert_eq!(findings.wrong.len(), 2, "and the number is missed: {:?}", findings.wrong);
        let series = app.get("/invoice-series").await.expect(200).body;
        assert_eq!(series["items"][0]["missing"], json!([{"first": 2, "last": 2}]));
        assert_eq!(series["items"][0]["count"], 3);
        end_tampered(app).await;
    }
}

scenario! {
    async fn an_invoice_that_fails_takes_no_number(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        assert_eq!(issue(&app, &client, json!([line(100, 1900)])).await["number"], "2026-00001");
        for (body, status) in [
            (json!({"client_id": client, "lines": []}), 422),
            (json!({"client_id": client, "lines": [line(100, 1900), line(-200, 1900)]}), 422),
            (json!({"client_id": client, "lines": [line(100, 1900)], "due_date": "2026-11-01"}), 422),
            (json!({"client_id": "01900000-0000-7000-8000-000000000000", "lines": [line(100, 1900)]}), 404),
        ] {
            app.post("/invoices", body).await.expect(status);
        }
        // Fails after the number was taken, in the same transaction.
        let target = client.parse().expect("an id");
        let actor = deskbell::base::actor::Actor::system(app.clock.now(), "test");
        let failed: deskbell::base::error::Result<()> = app.app.desk.db.write(move |tx| {
            use deskbell::business::invoices::{actions, model::{LineInput, Unit}};
            let line = LineInput {
                description: "Course".into(),
                quantity: "1".into(),
                unit: Unit::One,
                unit_price: 100,
                discount: None,
                tax: deskbell::business::settings::actions::get(tx)?.business.tax(
                    deskbell::base::money::BasisPoints::new(1900),
                    None,
                ),
            };
            let invoice = actions::issue(tx, &actor, &actions::NewInvoice::of(target, vec![line]))?;
            assert_eq!(invoice.number, "2026-00002");
            Err(deskbell::base::error::Error::internal("on purpose"))
        }).await;
        assert!(failed.is_err());
        assert_eq!(issue(&app, &client, json!([line(100, 1900)])).await["number"], "2026-00002");
        app.end().await;
    }
}

scenario! {
    async fn numbers_begin_anew_at_new_year_where_the_business_is(engine) {
        let app = TestApp::ready(engine).await;
        // Thirteen hours ahead of UTC: the year changes there at 11:00Z.
        app.patch("/settings", json!({
            "time_zone": "Pacific/Auckland", "invoice_prefix": "R",
            "invoicing": {"invoice_pattern": "{prefix}{year}-{seq:04}", "credit_note_pattern": "{prefix}{yy}/{seq}"},
        })).await.expect(200);
        let client = client(&app).await;
        let next = async |app: &TestApp| {
            let invoice = issue(app, &client, json!([line(11_900, 1900)])).await;
            let credit = format!("/invoices/{}/credit-notes", id(&invoice));
            let note = app.post(&credit, json!({"amount": euro(100)})).await.expect(201).body;
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            (text(&invoice["number"]), text(&note["number"]), text(&invoice["issue_date"]))
        };
        let said = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(next(&app).await, said("R2026-0001", "CN26/1", "2026-11-24"));
        let year_ends: deskbell::base::time::Instant = "2026-12-31T11:00:00Z".parse().expect("a time");
        let minutes = (year_ends.seconds() - app.clock.now().seconds()) / 60;
        app.clock.advance_minutes(minutes - 1);
        assert_eq!(next(&app).await, said("R2026-0002", "CN26/2", "2026-12-31"));
        app.clock.advance_minutes(1);
        assert_eq!(next(&app).await, said("R2027-0001", "CN27/1", "2027-01-01"));
        assert_eq!(next(&app).await, said("R2027-0002", "CN27/2", "2027-01-01"));
        let series = app.get("/invoice-series").await.expect(200).body;
        let names: Vec<_> = series["items"].as_array().expect("a list").iter()
            .map(|s| (s["series"].as_str().expect("text"), s["count"].as_i64().expect("a number"))).collect();
        assert_eq!(names, [("CN26/", 2), ("CN27/", 2), ("R2026-", 2), ("R2027-", 2)]);
        app.end().await;
    }
}

scenario! {
    async fn credit_notes_stay_within_what_is_left_in_all_and_of_each_tax(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        let invoice = issue(&app, &client, json!([line(11_900, 1900), line(10_700, 700)])).await;
        let path = format!("/invoices/{}/credit-notes", id(&invoice));
        let credit = |body: Value| app.post(&path, body);
        assert_eq!(credit(json!({"amount": euro(22_601)})).await.expect(409).code(), "exceeds_balance");
        assert_eq!(credit(json!({"lines": [line(10_701, 700)]})).await.expect(409).code(), "exceeds_balance");
        assert_eq!(credit(json!({"lines": [line(100, 0)]})).await.expect(409).code(), "exceeds_balance");
        let charging = json!({"lines": [line(5_000, 1900), line(-1_000, 700)]});
        assert_eq!(credit(charging).await.expect(409).code(), "exceeds_balance");
        let part = credit(json!({"lines": [line(10_000, 700)], "reason": "Half a day"})).await.expect(201).body;
        assert_eq!((part["total"].clone(), part["corrects_number"].clone()), (euro(10_000), json!("2026-00001")));
        // In all there is enough left, of this tax there is not.
        assert_eq!(credit(json!({"lines": [line(701, 700)]})).await.expect(409).code(), "exceeds_balance");
        credit(json!({"amount": euro(600)})).await.expect(201);
        // Of the rest, twelve ask for 20.00 at once: six fit.
        let replies: Vec<_> = futures_util::stream::iter(0..12)
            .map(|_| credit(json!({"amount": euro(2_000)})))
            .buffer_unordered(12)
            .collect()
            .await;
        let done = replies.iter().filter(|reply| reply.status == 201).count();
        let refused = replies.iter().filter(|reply| reply.code() == "exceeds_balance").count();
        assert_eq!((done, refused), (6, 6));
        let read = async || app.get(&format!("/invoices/{}", id(&invoice))).await.body;
        assert_eq!((read().await["credited"].clone(), read().await["balance_due"].clone()), (euro(22_600), euro(0)));
        assert_eq!(read().await["status"], "credited");
        assert_eq!(credit(json!({})).await.expect(409).code(), "exceeds_balance");
        // What the credit notes say of each tax is what the invoice said.
        let differ = app.app.desk.db.read(|tx| tx.number(
            "SELECT COUNT(*) FROM (SELECT t.tax_rate FROM invoices i JOIN invoice_taxes t ON t.invoice_id = i.id
             GROUP BY t.tax_rate HAVING SUM(CASE WHEN i.kind = 'invoice' THEN t.net + t.amount + t.rounding
                ELSE -(t.net + t.amount + t.rounding) END) <> 0) x",
            args![],
        )).await.expect("read");
        assert_eq!(differ, 0);
        // Two credit the smaller tax at once: one fits.
        let two = issue(&app, &client, json!([line(50_000, 1900), line(10_000, 700)])).await;
        let twice = format!("/invoices/{}/credit-notes", id(&two));
        let replies: Vec<_> = futures_util::stream::iter(0..6)
            .map(|_| app.post(&twice, json!({"lines": [line(9_000, 700)]})))
            .buffer_unordered(6)
            .collect()
            .await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
        let other = issue(&app, &client, json!([line(5_000, 1900)])).await;
        let whole = app.post(&format!("/invoices/{}/credit-notes", id(&other)), json!({})).await.expect(201).body;
        assert_eq!((whole["net_total"].clone(), whole["tax_total"].clone()), (other["net_total"].clone(), other["tax_total"].clone()));
        let again = app.post(&format!("/invoices/{}/credit-notes", id(&whole)), json!({})).await;
        assert_eq!(again.expect(409).code(), "invalid_state");
        app.end().await;
    }
}

scenario! {
    async fn what_becomes_of_an_invoice_is_the_business_rule_unless_it_is_said(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(20).await;
        let cases = [
            // Rule, what is said, then status of the invoice and what is left of the payment.
            ("keep", json!({}), "paid", 4_900),
            ("credit", json!({}), "credited", 4_900),
            ("refund", json!({}), "credited", 0),
            ("keep", json!({"refund": true}), "credited", 0),
            ("refund", json!({"refund": false}), "paid", 4_900),
        ];
        for (rule, said, status, paid) in cases {
            app.patch("/settings", json!({"invoicing": {"on_cancel": rule}})).await.expect(200);
            let booking = app.book(&occurrence, &client, 1).await.expect(201).id();
            app.post(&format!("/bookings/{booking}/confirm"), json!({})).await.expect(200);
            let pay = json!({"amount": euro(4_900), "method": "card"});
            app.post(&format!("/bookings/{booking}/payments"), pay).await.expect(201);
            let over = app.post(&format!("/bookings/{booking}/cancel"), said.clone()).await.expect(200).body;
            assert_eq!(over["paid"], euro(paid), "{rule} {said}");
            let invoice = app.get(&format!("/invoices/{}", over["invoice_id"].as_str().expect("an id"))).await.body;
            assert_eq!(invoice["status"], status, "{rule} {said}");
            let owed = if status == "credited" { -paid } else { 0 };
            assert_eq!(invoice["balance_due"], euro(owed), "{rule} {said}");
        }
        app.end().await;
    }
}

scenario! {
    async fn part_payments_refunds_and_days_decide_how_an_invoice_stands(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        let invoice = issue(&app, &client, json!([line(11_900, 1900)])).await;
        assert_eq!((invoice["status"].clone(), invoice["due_date"].clone()), (json!("open"), json!("2026-12-08")));
        let path = format!("/invoices/{}", id(&invoice));
        let read = async || app.get(&path).await.body;
        let (payments, refunds) = (format!("{path}/payments"), format!("{path}/refunds"));
        let money = |amount: i64| json!({"amount": euro(amount), "method": "transfer", "reference": "Slip"});
        let pay = |amount: i64| app.post(&payments, money(amount));
        let back = |amount: i64| app.post(&refunds, money(amount));
        assert_eq!(back(1).await.expect(409).code(), "exceeds_balance");
        pay(4_000).await.expect(201);
        assert_eq!((read().await["status"].clone(), read().await["balance_due"].clone()), (json!("open"), euro(7_900)));
        app.clock.advance_minutes(14 * 24 * 60);
        assert_eq!(read().await["status"], "open", "the due day is still in time");
        app.clock.advance_minutes(24 * 60);
        assert_eq!(read().await["status"], "overdue");
        assert_eq!(app.get("/invoices?status=overdue").await.body["items"].as_array().expect("a list").len(), 1);
        pay(7_900).await.expect(201);
        assert_eq!(read().await["status"], "paid");
        assert_eq!(app.get("/invoices?status=open").await.body["items"], json!([]));
        let bounced = back(7_900).await.expect(201).body;
        assert_eq!((bounced["amount"].clone(), bounced["method"].clone()), (euro(-7_900), json!("transfer")));
        assert_eq!((read().await["status"].clone(), read().await["paid"].clone()), (json!("overdue"), euro(4_000)));
        assert_eq!(back(4_001).await.expect(409).code(), "exceeds_balance");
        assert_eq!(back(0).await.expect(422).body["errors"][0]["field"], "amount");
        // Eight ask for 10.00 of 40.00 at once.
        let replies: Vec<_> = futures_util::stream::iter(0..8).map(|_| back(1_000)).buffer_unordered(8).collect().await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 4);
        assert_eq!((read().await["paid"].clone(), read().await["balance_due"].clone()), (euro(0), euro(11_900)));
        let note = app.post(&format!("{path}/credit-notes"), json!({"amount": euro(100)})).await.expect(201).id();
        let on_note = json!({"amount": euro(100), "method": "cash"});
        assert_eq!(app.post(&format!("/invoices/{note}/refunds"), on_note).await.expect(409).code(), "invalid_state");
        app.end().await;
    }
}
