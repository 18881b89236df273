use reqwest::Method;
use serde_json::json;

use crate::scenario;
use crate::support::TestApp;

scenario! {
    async fn the_main_job_from_setup_to_the_refund_invoice(engine) {
        let app = TestApp::ready(engine).await;
        let program = app.post("/programs", json!({
            "title": "Töpfern für Anfänger", "price": {"amount": 4900, "currency": "EUR"}, "tax_rate": 1900,
        })).await.expect(201);
        assert_eq!(program.header("location"), format!("/api/v1/programs/{}", program.id()));
        assert_eq!(program.body["slug"], "topfern-fur-anfanger");
        let id = program.id();
        let png = crate::variants::png(30, 20);
        let posted = app.upload(&format!("/programs/{id}/poster"), "poster.png", png.clone()).await.expect(201);
        assert_eq!(posted.body["poster"]["content_type"], "image/png");
        app.upload(&format!("/programs/{id}/images"), "one.png", png.clone()).await.expect(201);
        let film = [b"\0\0\0\x20ftypisom\0\0\x02\0".to_vec(), vec![1; 5000]].concat();
        let shown = app.upload(&format!("/programs/{id}/video"), "film.mp4", film).await.expect(201);
        let poster = shown.body["poster"]["content_url"].as_str().expect("a path").to_owned();
        let open = || app.http.get(format!("{}{poster}", app.url)).send();
        assert_eq!(open().await.expect("answered").status(), 404, "a draft's file does not exist for the public");
        app.patch(&format!("/programs/{id}"), json!({"status": "published"})).await.expect(200);
        let published = open().await.expect("answered");
        assert_eq!(published.status(), 200, "at once, although it was looked into only now");
        assert_eq!(published.bytes().await.expect("a body"), png, "there was nothing to take out");

        let planned = app.post(&format!("/programs/{id}/occurrences"), json!({
            "local_starts_at": "2026-12-01T10:00", "time_zone": "Europe/Berlin", "capacity": 8,
            "recurrence": "FREQ=WEEKLY;COUNT=3",
        })).await.expect(201);
        assert_eq!(planned.body["items"].as_array().expect("three").len(), 3);
        assert_eq!(planned.body["items"][0]["starts_at"], "2026-12-01T09:00:00Z");
        let client = app.post("/clients", json!({"name": "Grace Hopper", "email": "grace@example.org"})).await.expect(201);
        let found = app.get("/clients?q=hop").await.expect(200);
        assert_eq!(found.body["items"][0]["id"], client.body["id"]);

        let booking = app.book(&planned.id(), &client.id(), 2).await.expect(201);
        assert_eq!(booking.body["status"], "held");
        assert_eq!(booking.body["total"], json!({"amount": 9800, "currency": "EUR"}));
        let b = booking.id();
        assert_eq!(app.get(&format!("/bookings/{b}/invoice")).await.expect(409).code(), "not_invoiced");
        let note = [b"OggS\0\x02\0\0\0\0\0\0\0\0".to_vec(), vec![0; 2000]].concat();
        let recorded = app.upload(&format!("/clients/{}/audio-notes", client.id()), "note.ogg", note).await.expect(201);
        assert_eq!(recorded.body["content_type"], "audio/ogg");

        let confirmed = app.post(&format!("/bookings/{b}/confirm"), json!({})).await.expect(200);
        assert_eq!(confirmed.body["status"], "confirmed");
        assert_eq!(confirmed.body["invoice_number"], "2026-00001");
        let paid = json!({"amount": {"amount": 9800, "currency": "EUR"}, "method": "card"});
        app.post(&format!("/bookings/{b}/payments"), paid).await.expect(201);
        assert_eq!(app.get(&format!("/bookings/{b}")).await.body["balance_due"]["amount"], 0);
        let (status, headers, pdf) = app.bytes(app.request(Method::GET, &format!("/bookings/{b}/invoice"))).await;
        assert_eq!((status.as_u16(), &pdf[..5]), (200, &b"%PDF-"[..]));
        assert_eq!(headers["content-type"], "application/pdf");

        app.clock.advance_minutes(1);
        let cancelled =
            app.post(&format!("/bookings/{b}/cancel"), json!({"reason": "Ill", "refund": true})).await.expect(200);
        assert_eq!(cancelled.body["status"], "cancelled");
        assert_eq!(cancelled.body["balance_due"]["amount"], 0);
        let (status, _, pdf) = app.bytes(app.request(Method::GET, &format!("/bookings/{b}/refund-invoice"))).await;
        assert_eq!((status.as_u16(), &pdf[..5]), (200, &b"%PDF-"[..]));
        let invoices = app.get("/invoices").await.expect(200);
        assert_eq!(invoices.body["items"][0]["kind"], "credit_note");
        assert_eq!(invoices.body["items"][0]["corrects_number"], "2026-00001");
        assert_eq!(invoices.body["items"][1]["status"], "credited");
        app.end().await;
    }
}

scenario! {
    async fn a_stale_change_is_refused_and_a_patch_keeps_the_rest(engine) {
        let app = TestApp::ready(engine).await;
        let made = app.post("/clients", json!({"name": "Ada", "phone": "123", "tags": ["vip"]})).await.expect(201);
        let path = format!("/clients/{}", made.id());
        let etag = app.get(&path).await.header("etag").to_owned();
        assert_eq!(etag, "\"1\"");
        let change = |etag: &str, name: &str| {
            app.send(app.request(Method::PATCH, &path).header("if-match", etag).json(&json!({"name": name})))
        };
        let changed = change(&etag, "Ada L.").await.expect(200);
        assert_eq!((changed.body["phone"].as_str(), changed.body["tags"][0].as_str()), (Some("123"), Some("vip")));
        assert_eq!(change(&etag, "Ada X.").await.expect(412).code(), "precondition_failed");
        let delete = app.send(app.request(Method::DELETE, &path).header("if-match", "\"1\"")).await;
        delete.expect(412);
        app.delete(&path).await.expect(204);
        app.get(&path).await.expect(404);
        app.end().await;
    }
}

scenario! {
    async fn a_repeated_request_is_done_once(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(8).await;
        let book = |key: &str, seats: i64| {
            let body = json!({"occurrence_id": occurrence, "client_id": client, "seats": seats});
            app.send(app.request(Method::POST, "/bookings").header("idempotency-key", key).json(&body))
        };
        let first = book("k1", 2).await.expect(201);
        let again = book("k1", 2).await.expect(201);
        assert_eq!(first.body, again.body);
        assert_eq!(book("k1", 3).await.expect(409).code(), "idempotency_conflict");
        assert_ne!(book("k2", 2).await.expect(201).id(), first.id());
        assert_eq!(app.get(&format!("/occurrences/{occurrence}")).await.body["seats_taken"], 4);
        app.end().await;
    }
}

scenario! {
    async fn lists_go_on_where_they_stopped_and_new_rows_do_not_move_them(engine) {
        let app = TestApp::ready(engine).await;
        for n in 0..5 {
            app.post("/clients", json!({"name": format!("Client {n}")})).await.expect(201);
        }
        let first = app.get("/clients?limit=2").await.expect(200);
        let cursor = first.body["next_cursor"].as_str().expect("more").to_owned();
        app.clock.advance_minutes(1);
        app.post("/clients", json!({"name": "Late"})).await.expect(201);
        let second = app.get(&format!("/clients?limit=200&cursor={cursor}")).await.expect(200);
        let mut names: Vec<_> = [&first, &second]
            .iter()
            .flat_map(|page| page.body["items"].as_array().expect("rows"))
            .map(|row| row["name"].as_str().expect("a name").to_owned())
            .collect();
        assert!(second.body["next_cursor"].is_null());
        names.sort();
        assert_eq!(names, ["Client 0", "Client 1", "Client 2", "Client 3", "Client 4"]);
        assert_eq!(app.get("/clients?limit=0").await.expect(422).code(), "invalid_field");
        app.get(&format!("/bookings?cursor={cursor}")).await.expect(400);
        app.end().await;
    }
}

scenario! {
    async fn every_error_is_a_problem_with_a_request_id(engine) {
        let app = TestApp::ready(engine).await;
        let cases = [
            (app.get("/nowhere").await, 404, "not_found"),
            (app.delete("/bookings").await, 405, "method_not_allowed"),
            (app.get("/bookings/not-an-id").await, 404, "not_found"),
            (app.send(app.request(Method::POST, "/clients").header("content-type", "application/json").body("{")).await, 400, "bad_request"),
            (app.send(app.request(Method::POST, "/clients").header("content-type", "text/plain").body("x")).await, 415, "unsupported_media_type"),
            (app.post("/clients", json!({})).await, 422, "invalid_field"),
            (app.post("/clients", json!({"name": "", "email": "x"})).await, 422, "invalid_field"),
            (app.send(app.http.get(format!("{}/api/v1/clients", app.url))).await, 401, "unauthenticated"),
            (app.send(app.http.post(format!("{}/api/v1/clients", app.url)).body("{")).await, 401, "unauthenticated"),
        ];
        for (reply, status, code) in cases {
            assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{}", reply.body);
            assert_eq!(reply.header("content-type"), "application/problem+json");
            assert_eq!(reply.body["request_id"], reply.header("x-request-id"));
            assert_eq!(reply.body["status"], status);
        }
        app.end().await;
    }
}

scenario! {
    async fn a_free_invoice_is_credited_in_parts_and_never_beyond(engine) {
        let app = TestApp::ready(engine).await;
        let client = app.post("/clients", json!({"name": "Firm", "address": "Musterstr. 1"})).await.expect(201).id();
        let euro = |amount: i64| json!({"amount": amount, "currency": "EUR"});
        let invoice = app.post("/invoices", json!({"client_id": client, "lines": [
            {"description": "Room", "quantity": "2.5", "unit_price": euro(1000), "tax_rate": 1900},
            {"description": "Book", "quantity": "1", "unit_price": euro(700), "tax_rate": 700},
        ]})).await.expect(201);
        assert_eq!(invoice.body["total"], euro(3200));
        assert_eq!(invoice.body["taxes"].as_array().expect("two").len(), 2);
        let credit = format!("/invoices/{}/credit-notes", invoice.id());
        let note = app.post(&credit, json!({"amount": euro(1200)})).await.expect(201);
        assert_eq!((note.body["kind"].as_str(), note.body["total"].clone()), (Some("credit_note"), euro(1200)));
        assert_eq!(app.post(&credit, json!({"amount": euro(2001)})).await.expect(409).code(), "exceeds_balance");
        app.post(&credit, json!({})).await.expect(201);
        assert_eq!(app.post(&credit, json!({})).await.expect(409).code(), "exceeds_balance");
        assert_eq!(app.get(&format!("/invoices/{}", invoice.id())).await.body["status"], "credited");
        let wrong = app.post("/invoices", json!({"client_id": client, "lines": [
            {"description": "", "quantity": "x", "unit_price": euro(1)}]})).await.expect(422);
        let fields: Vec<_> = wrong.body["errors"].as_array().expect("two").iter().map(|e| e["field"].clone()).collect();
        assert_eq!(fields, ["lines[0].description", "lines[0].quantity"]);
        app.end().await;
    }
}

scenario! {
    async fn the_document_names_every_path_and_serves_itself(engine) {
        let app = TestApp::fresh(engine).await;
        let document = app.get("/api/openapi.json").await.expect(200).body;
        for path in ["/setup", "/bookings/{id}/confirm", "/media/{id}/content", "/system/database", "/audit-log"] {
            assert!(document["paths"].get(path).is_some(), "{path}");
        }
        assert!(document["components"]["schemas"]["Problem"].is_object());
        app.end().await;
    }
}
