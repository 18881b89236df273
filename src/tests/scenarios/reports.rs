//! The day at the desk, and figures over time.

use serde_json::json;

use crate::scenario;
use crate::support::TestApp;

fn euro(amount: i64) -> serde_json::Value {
    json!({"amount": amount, "currency": "EUR"})
}

scenario! {
    async fn a_day_shows_who_comes_and_what_is_owed(engine) {
        let app = TestApp::ready(engine).await;
        let (program, _, client) = app.given(10).await;
        // In Berlin it is the evening of the 24th; in Greenwich the day ends an hour later.
        let plan = |starts: &str| json!({"local_starts_at": starts, "capacity": 4});
        let path = format!("/programs/{program}/occurrences");
        let late = app.post(&path, plan("2026-11-24T23:30")).await.expect(201).id();
        let early = app.post(&path, plan("2026-11-24T00:15")).await.expect(201).id();
        app.post(&path, plan("2026-11-25T00:00")).await.expect(201);
        let booked = app.post("/bookings", json!({
            "occurrence_id": late, "client_id": client, "seats": 2, "confirm": true,
        })).await.expect(201);
        let held = app.book(&early, &client, 1).await.expect(201);
        app.post(&format!("/bookings/{}/check-in", booked.id()), json!({})).await.expect(200);
        let paid = json!({"amount": euro(9000), "method": "cash"});
        app.post(&format!("/bookings/{}/payments", booked.id()), paid).await.expect(201);

        let today = app.get("/today").await.expect(200).body;
        assert_eq!((today["date"].as_str(), today["time_zone"].as_str()), (Some("2026-11-24"), Some("Europe/Berlin")));
        let starts: Vec<_> = today["occurrences"].as_array().unwrap().iter().map(|o| o["local_starts_at"].as_str().unwrap()).collect();
        assert_eq!(starts, ["2026-11-24T00:15", "2026-11-24T23:30"]);
        assert_eq!((&today["occurrences"][1]["checked_in"], &today["occurrences"][1]["seats_left"]), (&json!(2), &json!(2)));
        let arrivals = today["arrivals"].as_array().unwrap();
        assert_eq!(arrivals.iter().map(|a| a["booking_id"].as_str().unwrap()).collect::<Vec<_>>(), [held.id(), booked.id()]);
        assert_eq!((&arrivals[1]["balance_due"], &arrivals[1]["version"]), (&euro(800), &json!(3)));
        assert_eq!((&today["open_balances"]["count"], &today["open_balances"]["amount"]), (&json!(2), &euro(5700)));
        assert_eq!(today["open_balances"]["first"][1]["balance_due"], euro(800));
        assert_eq!(today["overdue"], json!({"count": 0, "amount": euro(0), "first": []}));
        assert_eq!(today["jobs"]["failed"], 0);
        assert!(today["disk"]["free_bytes"].as_u64().unwrap() > 0 && today["disk"]["low"] == false);

        let later = app.get("/today?date=2027-03-01").await.expect(200).body;
        assert_eq!((&later["overdue"]["count"], &later["overdue"]["amount"]), (&json!(1), &euro(800)));
        assert_eq!(later["overdue"]["first"][0]["number"], booked.body["invoice_number"]);
        assert_eq!(app.get("/today?date=x").await.expect(422).body["errors"][0]["field"], "date");
        app.end().await;
    }
}

scenario! {
    async fn reports_have_a_row_for_every_period_and_credit_notes_lower_them(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(10).await;
        let book = || app.post("/bookings", json!({
            "occurrence_id": occurrence, "client_id": client, "seats": 2, "confirm": true,
        }));
        let first = book().await.expect(201);
        let paid = json!({"amount": euro(9800), "method": "cash"});
        app.post(&format!("/bookings/{}/payments", first.id()), paid).await.expect(201);
        app.clock.advance_minutes(2 * 24 * 60);
        app.post(&format!("/bookings/{}/refunds", first.id()), json!({"amount": euro(4900), "reason": "Half"})).await.expect(201);
        let second = book().await.expect(201);
        app.post(&format!("/bookings/{}/check-in", second.id()), json!({})).await.expect(200);

        let days = app.get("/reports/revenue?from=2026-11-23&to=2026-11-27").await.expect(200).body;
        let rows = days["rows"].as_array().unwrap();
        assert_eq!(rows.iter().map(|row| row["period"].as_str().unwrap()).collect::<Vec<_>>(),
            ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]);
        assert_eq!((&rows[1]["invoiced"], &rows[1]["received"]), (&euro(9800), &euro(9800)));
        assert_eq!((&rows[2]["gross"], &rows[2]["received"]), (&euro(0), &euro(0)));
        assert_eq!((&rows[3]["invoiced"], &rows[3]["credited"], &rows[3]["gross"], &rows[3]["received"]),
            (&euro(9800), &euro(4900), &euro(4900), &euro(-4900)));
        assert_eq!((&days["total"]["gross"], &days["total"]["received"]), (&euro(14700), &euro(4900)));
        let (net, tax) = (days["total"]["net"]["amount"].as_i64().unwrap(), days["total"]["tax"]["amount"].as_i64().unwrap());
        assert_eq!(net + tax, 14700);

        let weeks = app.get("/reports/revenue?from=2026-11-24&to=2026-11-30&by=week").await.expect(200).body;
        let rows = weeks["rows"].as_array().unwrap();
        assert_eq!((rows.len(), &rows[0]["period"], &rows[1]["period"]), (2, &json!("2026-11-23"), &json!("2026-11-30")));
        assert_eq!(rows[0]["gross"], euro(14700));

        let taxes = app.get("/reports/tax?from=2026-10-01&to=2026-11-30&by=month").await.expect(200).body;
        let rows = taxes["rows"].as_array().unwrap();
        assert_eq!((rows.len(), &rows[0]["gross"], &rows[1]["gross"]), (2, &euro(0), &euro(14700)));
        assert_eq!((&taxes["totals"][0]["tax_rate"], &taxes["totals"][0]["net"]["amount"]), (&json!(1900), &json!(net)));

        let seats = app.get("/reports/occupancy?from=2026-12-01&to=2026-12-02").await.expect(200).body;
        assert_eq!(seats["rows"][0], json!({
            "period": "2026-12-01", "occurrences": 1, "capacity": 10, "seats_taken": 4, "checked_in": 2, "no_show": 0,
        }));
        assert_eq!((&seats["rows"][1]["capacity"], &seats["total"]["seats_taken"]), (&json!(0), &json!(4)));
        assert_eq!((&seats["programs"][0]["title"], &seats["programs"][0]["seats_taken"]), (&json!("Pottery"), &json!(4)));
        app.end().await;
    }
}

scenario! {
    async fn reports_are_tables_too_and_have_bounds(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(10).await;
        app.post("/bookings", json!({"occurrence_id": occurrence, "client_id": client, "confirm": true})).await.expect(201);
        let request = app.request(reqwest::Method::GET, "/reports/revenue?from=2026-11-24&to=2026-11-25&format=csv");
        let (status, headers, bytes) = app.bytes(request).await;
        assert_eq!((status.as_u16(), headers["content-type"].to_str().unwrap()), (200, "text/csv; charset=utf-8; header=present"));
        let text = String::from_utf8(bytes).expect("UTF-8");
        let lines: Vec<_> = text.split_terminator("\r\n").collect();
        assert_eq!(lines[0], "period,invoiced,credited,net,tax,gross,received,currency");
        assert!(lines[1].starts_with("2026-11-24,49.00,0.00,") && lines[1].ends_with(",49.00,0.00,EUR"), "{}", lines[1]);
        assert_eq!((lines.len(), lines[2]), (3, "2026-11-25,0.00,0.00,0.00,0.00,0.00,0.00,EUR"));
        for report in ["occupancy", "tax"] {
            let request = app.request(reqwest::Method::GET, &format!("/reports/{report}?from=2024-01-01&to=2026-09-26&format=csv"));
            let (status, _, bytes) = app.bytes(request).await;
            assert!(status == 200 && bytes.starts_with(b"period,"), "{report}");
            let long = app.get(&format!("/reports/{report}?from=2024-01-01&to=2026-09-27")).await.expect(422);
            assert_eq!(long.body["errors"][0]["field"], "to");
        }
        app.get("/reports/revenue?from=2026-11-24").await.expect(422);
        app.end().await;
    }
}
