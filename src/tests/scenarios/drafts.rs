//! Drafts, and the ways an issued document leaves the desk: PDF, e-invoice, signed link.

use reqwest::Method;
use serde_json::{Value, json};

use crate::paper::{client, euro, issue, line};
use crate::scenario;
use crate::support::TestApp;

fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

scenario! {
    async fn a_draft_may_be_incomplete_and_issuing_it_takes_its_place(engine) {
        let app = TestApp::ready(engine).await;
        let empty = app.post("/drafts", json!({})).await.expect(201);
        let path = format!("/drafts/{}", empty.id());
        assert_eq!(empty.body["total"], euro(0));
        assert_eq!(app.post(&format!("{path}/issue"), json!({})).await.expect(422).body["errors"][0]["field"], "client_id");

        let client = client(&app).await;
        let content = json!({"client_id": client, "lines": [line(4_900, 1900), line(2_890, 700)],
            "adjustments": [{"kind": "discount", "reason": "Members", "percent": 1000}]});
        let preview = app.post("/drafts/preview", content.clone()).await.expect(200).body;
        assert_eq!((&preview["number"], &preview["total"]), (&json!(""), &euro(7_011)));
        let changed = app.patch(&path, content).await.expect(200);
        assert_eq!((&changed.body["total"], &changed.body["client_name"]), (&preview["total"], &json!("Grace Hopper")));

        let stale = app.request(Method::PATCH, &path).header("If-Match", "\"1\"").json(&json!({"notes": "x"}));
        app.send(stale).await.expect(412);
        let wrong = app.post("/drafts/preview", json!({"client_id": client, "lines": [
            {"description": "", "quantity": "x", "unit_price": euro(1)}]})).await.expect(422);
        let fields: Vec<_> = wrong.body["errors"].as_array().expect("some").iter().map(|e| text(e, "/field")).collect();
        assert_eq!(fields, ["lines[0].description", "lines[0].quantity"]);

        let (status, headers, pdf) = app.bytes(app.request(Method::GET, &format!("{path}/pdf"))).await;
        assert_eq!((status.as_u16(), &pdf[..5]), (200, &b"%PDF-"[..]));
        assert_eq!(headers["cache-control"], "private, no-store");

        let invoice = app.post(&format!("{path}/issue"), json!({})).await.expect(201).body;
        for sum in ["total", "net_total", "tax_total", "rounding_amount", "taxes", "adjustments", "lines"] {
            assert_eq!(invoice[sum], preview[sum], "{sum}");
        }
        app.get(&path).await.expect(404);
        assert_eq!(app.get("/drafts").await.expect(200).body["items"], json!([]));
        assert_eq!(app.get("/invoices/summary").await.expect(200).body["open"], euro(7_011));
        let other = app.post("/drafts", json!({"notes": "Never mind"})).await.expect(201).id();
        app.delete(&format!("/drafts/{other}")).await.expect(204);
        app.end().await;
    }
}

scenario! {
    async fn a_document_leaves_as_paper_and_as_e_invoice_each_a_file(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        let poor = issue(&app, &client, json!([line(4_900, 1900)])).await;
        let missing: Vec<_> = poor["einvoice"]["missing"].as_array().expect("some").iter().map(|m| text(m, "/field")).collect();
        assert!(missing.contains(&"settings.vat_id".to_owned()), "{missing:?}");
        app.patch("/settings", json!({"street": "Road 1", "postcode": "10115", "city": "Berlin", "vat_id": "DE123456789",
            "iban": "DE89370400440532013000"})).await.expect(200);
        app.patch(&format!("/clients/{client}"), json!({"address": {"street": "Lane 2", "postcode": "20095",
            "city": "Hamburg", "country": "DE"}})).await.expect(200);
        let rich = json!({"client_id": client, "lines": [line(4_900, 1900)], "service_from": "2026-11-24"});
        let invoice = app.post("/invoices", rich).await.expect(201).body;
        assert_eq!(invoice["einvoice"]["complete"], json!(true), "{}", invoice["einvoice"]);

        let path = format!("/invoices/{}", text(&invoice, "/id"));
        for (format, root) in [("facturx", "CrossIndustryInvoice"), ("cii", "CrossIndustryInvoice"), ("ubl", "<Invoice")] {
            let (status, headers, xml) = app.bytes(app.request(Method::GET, &format!("{path}/xml?format={format}"))).await;
            let xml = String::from_utf8(xml).expect("UTF-8");
            assert_eq!((status.as_u16(), headers["content-type"].as_bytes()), (200, &b"application/xml"[..]));
            assert!(xml.contains(root) && xml.contains(&text(&invoice, "/number")), "{format}: {xml}");
        }
        // From then on each is a file: tags, ranges, conditions.
        let whole = app.bytes(app.request(Method::GET, &format!("{path}/pdf"))).await;
        let part = app.request(Method::GET, &format!("{path}/pdf")).header("Range", "bytes=0-4");
        let (status, headers, bytes) = app.bytes(part).await;
        assert_eq!((status.as_u16(), &bytes[..], &headers["etag"]), (206, &b"%PDF-"[..], &whole.1["etag"]));
        let again = app.request(Method::GET, &format!("{path}/pdf")).header("If-None-Match", headers["etag"].clone());
        assert_eq!(app.bytes(again).await.0.as_u16(), 304);
        app.end().await;
    }
}

scenario! {
    async fn fifty_who_ask_together_get_one_and_the_same_file(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        let invoice = issue(&app, &client, json!([line(4_900, 1900)])).await;
        let path = format!("/invoices/{}/xml?format=ubl", text(&invoice, "/id"));
        let asked = futures_util::future::join_all((0..50).map(|_| app.bytes(app.request(Method::GET, &path)))).await;
        let (_, first, body) = &asked[0];
        for (status, headers, bytes) in &asked {
            assert_eq!((status.as_u16(), &headers["last-modified"], &headers["etag"]), (200, &first["last-modified"], &first["etag"]));
            assert_eq!(bytes, body);
        }
        // The facts of the house at the end find no stray file.
        app.end().await;
    }
}

scenario! {
    async fn a_signed_link_opens_one_document_until_it_ends(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        let invoice = issue(&app, &client, json!([line(4_900, 1900)])).await;
        let link = app.post(&format!("/invoices/{}/link", text(&invoice, "/id")), json!({})).await.expect(200).body;
        let path = text(&link, "/path").trim_start_matches("/api/v1").to_owned();
        let stranger = |path: &str| reqwest::Client::new().get(format!("http://{}/api/v1{path}", app.app.address));
        let (status, headers, pdf) = app.bytes(stranger(&path)).await;
        assert_eq!((status.as_u16(), &pdf[..5], headers["content-type"].as_bytes()), (200, &b"%PDF-"[..], &b"application/pdf"[..]));
        let there = &path[path.len() - 12..path.len() - 10];
        let swapped = if there == "AA" { "BB" } else { "AA" };
        let forged = format!("{}{swapped}{}", &path[..path.len() - 12], &path[path.len() - 10..]);
        assert_eq!(app.bytes(stranger(&forged)).await.0.as_u16(), 404);
        app.clock.advance_minutes(91 * 24 * 60);
        assert_eq!(app.bytes(stranger(&path)).await.0.as_u16(), 404);
        app.end().await;
    }
}

scenario! {
    async fn lists_of_invoices_are_filtered_by_what_people_look_for(engine) {
        let app = TestApp::ready(engine).await;
        let (one, other) = (client(&app).await, client(&app).await);
        let first = issue(&app, &one, json!([line(1_000, 1900)])).await;
        app.clock.advance_minutes(24 * 60);
        let second = issue(&app, &other, json!([line(2_000, 1900)])).await;
        let paid = json!({"amount": euro(2_000), "method": "cash"});
        app.post(&format!("/invoices/{}/payments", text(&second, "/id")), paid).await.expect(201);
        app.clock.advance_minutes(1);
        let note = app.post(&format!("/invoices/{}/credit-notes", text(&first, "/id")), json!({"amount": euro(100)})).await.expect(201).body;
        app.clock.advance_minutes(20 * 24 * 60);
        let day = |document: &Value| text(document, "/issue_date");
        let list = async |query: &str| {
            let found = app.get(&format!("/invoices?{query}")).await.expect(200).body;
            found["items"].as_array().expect("items").iter().map(|i| text(i, "/number")).collect::<Vec<_>>()
        };
        let numbers = |documents: &[&Value]| documents.iter().map(|d| text(d, "/number")).collect::<Vec<_>>();
        assert_eq!(list("").await, numbers(&[&note, &second, &first]));
        assert_eq!(list("status=open").await, numbers(&[&first]));
        assert_eq!(list("status=overdue").await, numbers(&[&first]));
        assert_eq!(list("kind=credit_note").await, numbers(&[&note]));
        assert_eq!(list(&format!("client_id={other}")).await, numbers(&[&second]));
        assert_eq!(list("q=CN").await, numbers(&[&note]));
        assert_eq!(list(&format!("q=CN&client_id={one}")).await, numbers(&[&note]));
        assert!(list("status=open&kind=credit_note").await.is_empty());
        assert_eq!(list(&format!("to={}", day(&first))).await, numbers(&[&first]));
        assert_eq!(list(&format!("from={}", day(&second))).await, numbers(&[&note, &second]));
        let owed = app.get("/invoices/summary").await.expect(200).body;
        assert_eq!((&owed["overdue"], &owed["overdue_count"]), (&euro(900), &json!(1)));
        app.end().await;
    }
}

scenario! {
    async fn an_amount_beyond_the_range_is_refused_and_takes_no_number(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        for amount in [i64::MIN, i64::MIN + 1, i64::MAX, 1_000_000_000_001] {
            let lines = json!([line(amount, 0), line(amount, 0), line(11_900, 1900)]);
            let refused = app.post("/invoices", json!({"client_id": client, "lines": lines})).await.expect(422);
            assert_eq!(refused.body["errors"][0]["field"], "lines[0].unit_price");
        }
        assert_eq!(issue(&app, &client, json!([line(100, 1900)])).await["number"], "2026-00001");
        app.end().await;
    }
}

scenario! {
    async fn a_refund_gives_back_the_cent_that_net_and_tax_miss(engine) {
        let app = TestApp::ready(engine).await;
        let client = client(&app).await;
        let course = json!({"title": "Course", "price": euro(35_390), "tax_rate": 1900, "default_capacity": 5});
        let program = app.post("/programs", course).await.expect(201).id();
        let when = json!({"local_starts_at": "2027-01-10T10:00"});
        let occurrence = app.post(&format!("/programs/{program}/occurrences"), when).await.expect(201).id();
        let booking = app.book(&occurrence, &client, 1).await.expect(201).id();
        let path = format!("/bookings/{booking}");
        app.post(&format!("{path}/confirm"), json!({})).await.expect(200);
        let paid = json!({"amount": euro(35_390), "method": "card"});
        app.post(&format!("{path}/payments"), paid).await.expect(201);
        let note = app.post(&format!("{path}/refunds"), json!({"reason": "Ill"})).await.expect(201).body;
        assert_eq!((&note["total"], &note["rounding_amount"]), (&euro(35_390), &euro(1)));
        let invoice = app.get("/invoices?kind=invoice").await.expect(200).body["items"][0].clone();
        assert_eq!((&invoice["paid"], &invoice["balance_due"]), (&euro(0), &euro(0)));
        app.end().await;
    }
}
