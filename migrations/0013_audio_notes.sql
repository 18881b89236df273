-- Spoken notes on a client or one of their bookings. Owned by business/audio_notes.
CREATE TABLE audio_notes (
    id {id} NOT NULL PRIMARY KEY,
    client_id {id} NOT NULL,
    booking_id {id},
    media_id {id} NOT NULL,
    title {key},
    recorded_by {key} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    FOREIGN KEY (client_id) REFERENCES clients (id),
    FOREIGN KEY (booking_id) REFERENCES bookings (id),
    FOREIGN KEY (media_id) REFERENCES media (id)
) {table};
CREATE INDEX audio_notes_by_client ON audio_notes (client_id, id);
CREATE INDEX audio_notes_by_booking ON audio_notes (booking_id, id);
CREATE UNIQUE INDEX audio_notes_by_media ON audio_notes (media_id);
