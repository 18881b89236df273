use futures_util::StreamExt as _;
use serde_json::json;

use crate::scenario;
use crate::support::TestApp;

scenario! {
    async fn a_thousand_bookers_for_ten_seats_get_exactly_ten(engine) {
        let app = TestApp::ready(engine).await;
        let (program, _, client) = app.given(10).await;
        // Once per run of the tests; `tools/storm.py` does it twenty times, with `kill -9` besides.
        let occurrence = app.post(&format!("/programs/{program}/occurrences"), json!({
            "local_starts_at": "2026-12-02T10:00", "capacity": 10,
        })).await.expect(201).id();
        let replies: Vec<_> = futures_util::stream::iter(0..1000)
            .map(|_| app.book(&occurrence, &client, 1))
            .buffer_unordered(250)
            .collect()
            .await;
        let booked = replies.iter().filter(|reply| reply.status == 201).count();
        let sold_out = replies.iter().filter(|reply| reply.status == 409 && reply.code() == "sold_out").count();
        assert_eq!((booked, sold_out), (10, 990));
        assert_eq!(app.get(&format!("/occurrences/{occurrence}")).await.body["seats_left"], 0);
        app.end().await;
    }
}

scenario! {
    async fn numbers_have_no_gap_and_no_double_under_32_at_once(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(1000).await;
        let replies: Vec<_> = futures_util::stream::iter(0..160)
            .map(|n| {
                // Every fifth asks for more than there is and is rolled back.
                let seats = if n % 5 == 0 { 2000 } else { 1 };
                app.post("/bookings", json!({
                    "occurrence_id": occurrence, "client_id": client, "seats": seats, "confirm": true,
                }))
            })
            .buffer_unordered(32)
            .collect()
            .await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 128);
        app.end().await;
    }
}

scenario! {
    async fn a_hold_expires_and_its_seats_come_back(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(2).await;
        let booking = app.book(&occurrence, &client, 2).await.expect(201).id();
        assert_eq!(app.book(&occurrence, &client, 1).await.expect(409).code(), "sold_out");
        app.clock.advance_minutes(24 * 60 + 1);
        let late = app.post(&format!("/bookings/{booking}/confirm"), json!({})).await;
        assert_eq!(late.expect(409).code(), "invalid_state");
        let (now, actor) = (app.clock.now(), deskbell::base::actor::Actor::system(app.clock.now(), "test"));
        let expired = app
            .app
            .desk
            .db
            .write(move |tx| deskbell::business::bookings::actions::expire_holds(tx, &actor, now))
            .await
            .expect("expired");
        // The desk's own job may have been faster.
        assert!(expired <= 1);
        assert_eq!(app.get(&format!("/bookings/{booking}")).await.body["status"], "expired");
        app.book(&occurrence, &client, 2).await.expect(201);
        app.end().await;
    }
}

scenario! {
    async fn the_waiting_list_moves_up_only_into_free_seats(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(1).await;
        let first = app.book(&occurrence, &client, 1).await.expect(201).id();
        let waiting = app.post("/bookings", json!({
            "occurrence_id": occurrence, "client_id": client, "waitlist": true,
        })).await.expect(201);
        assert_eq!(waiting.body["status"], "waitlisted");
        let confirm = format!("/bookings/{}/confirm", waiting.id());
        assert_eq!(app.post(&confirm, json!({})).await.expect(409).code(), "sold_out");
        app.post(&format!("/bookings/{first}/cancel"), json!({})).await.expect(200);
        assert_eq!(app.post(&confirm, json!({})).await.expect(200).body["status"], "confirmed");
        assert_eq!(app.post(&confirm, json!({})).await.expect(409).code(), "invalid_state");
        let check_in = format!("/bookings/{}/check-in", waiting.id());
        app.post(&check_in, json!({})).await.expect(200);
        assert_eq!(app.post(&check_in, json!({})).await.expect(409).code(), "invalid_state");
        app.end().await;
    }
}

scenario! {
    async fn a_booking_moves_with_its_seats(engine) {
        let app = TestApp::ready(engine).await;
        let (program, from, client) = app.given(4).await;
        let to = app.post(&format!("/programs/{program}/occurrences"), json!({
            "local_starts_at": "2026-12-08T10:00", "capacity": 3,
        })).await.expect(201).id();
        let booking = app.book(&from, &client, 3).await.expect(201).id();
        let moved = app.post(&format!("/bookings/{booking}/reschedule"), json!({"occurrence_id": to})).await.expect(200);
        assert_eq!(moved.body["local_starts_at"], "2026-12-08T10:00");
        assert_eq!(app.get(&format!("/occurrences/{from}")).await.body["seats_taken"], 0);
        assert_eq!(app.get(&format!("/occurrences/{to}")).await.body["seats_left"], 0);
        let other = app.book(&from, &client, 1).await.expect(201).id();
        let full = app.post(&format!("/bookings/{other}/reschedule"), json!({"occurrence_id": to})).await;
        assert_eq!(full.expect(409).code(), "sold_out");
        app.post(&format!("/occurrences/{to}/cancel"), json!({})).await.expect(200);
        assert_eq!(app.book(&to, &client, 1).await.expect(409).code(), "invalid_state");
        app.end().await;
    }
}

scenario! {
    async fn money_given_back_is_never_more_than_was_paid(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(4).await;
        let euro = |amount: i64| json!({"amount": amount, "currency": "EUR"});
        let booking = app.book(&occurrence, &client, 1).await.expect(201).id();
        app.post(&format!("/bookings/{booking}/payments"), json!({"amount": euro(2000), "method": "cash"})).await.expect(201);
        app.post(&format!("/bookings/{booking}/confirm"), json!({})).await.expect(200);
        let path = format!("/bookings/{booking}");
        let read = || app.get(&path);
        assert_eq!(read().await.body["balance_due"], euro(2900));
        let refund = format!("/bookings/{booking}/refunds");
        app.post(&refund, json!({"amount": euro(1000), "reason": "Late start"})).await.expect(201);
        assert_eq!(read().await.body["paid"], euro(1000));
        assert_eq!(app.post(&refund, json!({"amount": euro(4000), "reason": "x"})).await.expect(409).code(), "exceeds_balance");
        app.post(&format!("/bookings/{booking}/cancel"), json!({})).await.expect(200);
        let over = read().await;
        assert_eq!((over.body["paid"].clone(), over.body["balance_due"].clone()), (euro(0), euro(0)));
        app.end().await;
    }
}
