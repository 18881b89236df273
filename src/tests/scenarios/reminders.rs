//! Letters: documents sent, and reminders at three levels.

use deskbell::app::worker::remind;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::paper::{client, euro, issue, line};
use crate::scenario;
use crate::support::TestApp;

const DAY: i64 = 24 * 60;

async fn client_in(app: &TestApp, locale: &str) -> String {
    let email = format!("{locale}@example.org");
    app.post("/clients", json!({"name": "Ada", "email": email, "locale": locale})).await.expect(201).id()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

scenario! {
    async fn a_document_is_sent_in_its_language_and_can_be_called_off(engine) {
        let app = TestApp::ready(engine).await;
        for (locale, subject, said) in [
            ("de", "Rechnung 2026-00001 von Atelier", "1.190,00\u{a0}€ bis zum 08.12.2026"),
            ("en", "Invoice 2026-00002 from Atelier", "€1,190.00 by 8\u{a0}December\u{a0}2026"),
            ("fr", "Facture 2026-00003 de Atelier", "1\u{202f}190,00\u{a0}€ avant le 08/12/2026"),
            ("es", "Factura 2026-00004 de Atelier", "1190,00\u{a0}€ a más tardar el 08/12/2026"),
            ("it", "Fattura 2026-00005 di Atelier", "1.190,00\u{a0}€ entro il 08/12/2026"),
            ("nl", "Factuur 2026-00006 van Atelier", "€\u{a0}1.190,00 uiterlijk op 08-12-2026"),
        ] {
            let client = client_in(&app, locale).await;
            let invoice = issue(&app, &client, json!([line(119_000, 1900)])).await;
            let path = format!("/invoices/{}/send", text(&invoice["id"]));
            let sent = app.post(&path, json!({})).await.expect(201);
            assert_eq!(sent.header("location"), format!("/api/v1/mails/{}", sent.id()));
            let mail = sent.body;
            assert_eq!((text(&mail["status"]), text(&mail["purpose"])), ("queued", "invoice"));
            assert_eq!(text(&mail["recipient"]), format!("{locale}@example.org"));
            assert_eq!(text(&mail["subject"]), subject);
            assert!(text(&mail["body"]).contains(said), "{}", mail["body"]);
            assert_eq!(mail["invoice_id"], invoice["id"]);
            app.clock.advance_minutes(1);
        }
        let all = app.get("/mails?status=queued&limit=4").await.expect(200).body;
        assert_eq!(all["items"].as_array().expect("a list").len(), 4);
        let rest = app.get(&format!("/mails?status=queued&cursor={}", text(&all["next_cursor"]))).await.expect(200).body;
        assert_eq!(rest["items"].as_array().expect("a list").len(), 2);
        let first = &rest["items"][1];
        app.clock.advance_minutes(1);
        let cancel = format!("/mails/{}/cancel", text(&first["id"]));
        assert_eq!(app.post(&cancel, json!({})).await.expect(200).body["status"], "cancelled");
        assert_eq!(app.post(&cancel, json!({})).await.expect(409).code(), "invalid_state");
        let of_client = format!("/mails?client_id={}&status=cancelled", text(&first["client_id"]));
        assert_eq!(app.get(&of_client).await.body["items"][0]["id"], first["id"]);
        let of_invoice = format!("/mails?invoice_id={}", text(&first["invoice_id"]));
        assert_eq!(app.get(&of_invoice).await.body["items"].as_array().expect("a list").len(), 1);
        let log = app.get(&format!("/audit-log?subject_id={}", text(&first["id"]))).await.body;
        assert_eq!(log["items"][0]["action"], "cancel");
        app.end().await;
    }
}

scenario! {
    async fn a_client_without_an_address_cannot_be_written_to_unless_one_is_said(engine) {
        let app = TestApp::ready(engine).await;
        let silent = app.post("/clients", json!({"name": "Silent"})).await.expect(201).id();
        let invoice = issue(&app, &silent, json!([line(11_900, 1900)])).await;
        let path = format!("/invoices/{}/send", text(&invoice["id"]));
        assert_eq!(app.post(&path, json!({})).await.expect(422).body["errors"][0]["field"], "to");
        let bad = json!({"to": "x", "subject": "two\nlines"});
        let fields: Vec<_> = app.post(&path, bad).await.expect(422).body["errors"].as_array().expect("a list").iter()
            .map(|wrong| text(&wrong["field"]).to_owned()).collect();
        assert_eq!(fields, ["to", "subject"]);
        let own = json!({"to": "office@example.org", "subject": "Yours", "message": "As agreed."});
        let mail = app.post(&path, own).await.expect(201).body;
        assert_eq!((text(&mail["recipient"]), text(&mail["subject"]), text(&mail["body"])), ("office@example.org", "Yours", "As agreed."));
        let key = |request: reqwest::RequestBuilder| app.send(request.header("idempotency-key", "once").json(&json!({"to": "a@example.org"})));
        let first = key(app.request(reqwest::Method::POST, &path)).await.expect(201).id();
        assert_eq!(key(app.request(reqwest::Method::POST, &path)).await.expect(201).id(), first);
        app.end().await;
    }
}

scenario! {
    async fn reminders_by_hand_go_up_three_levels_each_in_its_time(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        let invoice = issue(&app, &client, json!([line(11_900, 1900)])).await;
        let path = format!("/invoices/{}/reminders", text(&invoice["id"]));
        let remind = || app.post(&path, json!({}));
        assert_eq!(remind().await.expect(409).code(), "invalid_state", "not overdue");
        app.clock.advance_minutes(15 * DAY);
        // Eight at once write it once.
        let replies: Vec<_> = futures_util::stream::iter(0..8).map(|_| remind()).buffer_unordered(8).collect().await;
        let written: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
        assert_eq!(written.len(), 1);
        let first = &written[0].body;
        assert_eq!((first["level"].clone(), text(&first["due_date"])), (json!(1), "2026-12-23"));
        assert_eq!(text(&first["mail"]["purpose"]), "reminder");
        assert!(text(&first["mail"]["body"]).contains("119,00\u{a0}€"));
        assert_eq!(remind().await.expect(409).code(), "invalid_state", "the first gives time");
        app.post(&format!("/invoices/{}/payments", text(&invoice["id"])), json!({"amount": euro(1_900), "method": "cash"})).await.expect(201);
        app.clock.advance_minutes(15 * DAY);
        let second = remind().await.expect(201).body;
        assert_eq!(second["level"], 2);
        assert!(text(&second["mail"]["body"]).contains("100,00\u{a0}€"), "what is open now");
        app.clock.advance_minutes(15 * DAY);
        assert_eq!(remind().await.expect(201).body["level"], 3);
        app.clock.advance_minutes(15 * DAY);
        assert_eq!(remind().await.expect(409).code(), "invalid_state", "the third is the last");
        let listed = app.get(&path).await.expect(200).body;
        let levels: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|r| r["level"].clone()).collect();
        assert_eq!(levels, [json!(1), json!(2), json!(3)]);

        let paid = issue(&app, &client, json!([line(100, 1900)])).await;
        app.post(&format!("/invoices/{}/payments", text(&paid["id"])), json!({"amount": euro(100), "method": "cash"})).await.expect(201);
        let other = issue(&app, &client, json!([line(100, 1900)])).await;
        let note = app.post(&format!("/invoices/{}/credit-notes", text(&other["id"])), json!({"amount": euro(50)})).await.expect(201).id();
        app.clock.advance_minutes(30 * DAY);
        for id in [text(&paid["id"]), note.as_str()] {
            assert_eq!(app.post(&format!("/invoices/{id}/reminders"), json!({})).await.expect(409).code(), "invalid_state");
        }
        app.get("/invoices/01900000-0000-7000-8000-000000000000/reminders").await.expect(404);
        app.end().await;
    }
}

scenario! {
    async fn reminders_are_written_by_themselves_once_for_each_level(engine) {
        let app = TestApp::ready(engine).await;
        let mut invoices = Vec::new();
        for locale in ["de", "en", "fr", "es", "it", "nl"] {
            let client = client_in(&app, locale).await;
            invoices.push(issue(&app, &client, json!([line(11_900, 1900)])).await);
        }
        let silent = app.post("/clients", json!({"name": "Silent"})).await.expect(201).id();
        issue(&app, &silent, json!([line(11_900, 1900)])).await;
        let pay = format!("/invoices/{}/payments", text(&invoices[5]["id"]));
        app.post(&pay, json!({"amount": euro(11_900), "method": "cash"})).await.expect(201);
        let mails = async || app.get("/mails?limit=200").await.body["items"].as_array().expect("a list").len();
        app.clock.advance_minutes(60 * DAY);
        assert_eq!(remind(&app.app.desk).await.expect("ran"), 0, "the business does not want it");
        app.patch("/settings", json!({"invoicing": {"remind": true}})).await.expect(200);
        app.clock.advance_minutes(-60 * DAY);
        // Due after 14 days; the first level comes 7 days later.
        app.clock.advance_minutes(20 * DAY);
        assert_eq!(remind(&app.app.desk).await.expect("ran"), 0);
        app.clock.advance_minutes(DAY);
        let desk = &app.app.desk;
        let (one, other) = tokio::join!(remind(desk), remind(desk));
        assert_eq!(one.expect("ran") + other.expect("ran"), 5, "two at once write each once");
        assert_eq!(mails().await, 5);
        for (invoice, subject) in invoices.iter().zip([
            "Zahlungserinnerung zu Rechnung 2026-00001",
            "Reminder: invoice 2026-00002",
            "Rappel : facture 2026-00003",
            "Recordatorio de pago: factura 2026-00004",
            "Promemoria di pagamento: fattura 2026-00005",
        ]) {
            let mail = app.get(&format!("/mails?invoice_id={}", text(&invoice["id"]))).await.body["items"][0].clone();
            assert_eq!(text(&mail["subject"]), subject);
        }
        assert_eq!(remind(&app.app.desk).await.expect("ran"), 0);
        app.post(&format!("/invoices/{}/credit-notes", text(&invoices[4]["id"])), json!({})).await.expect(201);
        // The first gave 14 days.
        app.clock.advance_minutes(14 * DAY);
        assert_eq!(remind(&app.app.desk).await.expect("ran"), 0);
        app.clock.advance_minutes(DAY);
        assert_eq!(remind(&app.app.desk).await.expect("ran"), 4, "the second level, without the one taken back");
        app.clock.advance_minutes(100 * DAY);
        assert_eq!(remind(&app.app.desk).await.expect("ran"), 4, "the third level");
        app.clock.advance_minutes(100 * DAY);
        assert_eq!(remind(&app.app.desk).await.expect("ran"), 0, "and no fourth");
        assert_eq!(mails().await, 13);
        app.end().await;
    }
}

scenario! {
    async fn many_reminders_are_written_in_batches_in_the_words_of_the_business(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        let levels: Vec<_> = (1..=3).map(|level| json!({
            "days": level * 10, "subject": format!("{level}/3 {{number}}"), "text": "{name}: {amount} since {due_date}, until {pay_by}",
        })).collect();
        app.patch("/settings", json!({"invoicing": {"remind": true, "reminders": levels}})).await.expect(200);
        let replies: Vec<_> = futures_util::stream::iter(0..230)
            .map(|_| app.post("/invoices", json!({"client_id": client, "lines": [line(100, 1900)]})))
            .buffer_unordered(16)
            .collect()
            .await;
        assert!(replies.iter().all(|reply| reply.status == 201));
        app.settled().await;
        app.clock.advance_minutes(24 * DAY);
        assert_eq!(remind(&app.app.desk).await.expect("ran"), 230);
        let mail = &app.get("/mails?limit=1").await.body["items"][0];
        assert!(text(&mail["subject"]).starts_with("1/3 2026-"));
        assert_eq!(text(&mail["body"]), "Grace Hopper: 1,00\u{a0}€ since 08.12.2026, until 01.01.2027");
        app.end().await;
    }
}
