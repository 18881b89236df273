-- What is offered. Owned by business/programs.
CREATE TABLE programs (
    id {id} NOT NULL PRIMARY KEY,
    title {key} NOT NULL,
    slug {key} NOT NULL,
    summary {text},
    description {text},
    status {key} NOT NULL,
    price {int} NOT NULL CHECK (price >= 0),
    currency {key} NOT NULL,
    tax_rate {int} NOT NULL CHECK (tax_rate >= 0),
    default_capacity {int} NOT NULL CHECK (default_capacity > 0),
    duration_minutes {int} NOT NULL CHECK (duration_minutes > 0),
    location {key},
    poster_id {id},
    video_id {id},
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    FOREIGN KEY (poster_id) REFERENCES media (id),
    FOREIGN KEY (video_id) REFERENCES media (id)
) {table};
CREATE UNIQUE INDEX programs_by_slug ON programs (slug);
CREATE INDEX programs_by_status ON programs (status, id);
CREATE INDEX programs_by_poster ON programs (poster_id);
CREATE INDEX programs_by_video ON programs (video_id);
CREATE TABLE program_images (
    program_id {id} NOT NULL,
    media_id {id} NOT NULL,
    position {int} NOT NULL,
    PRIMARY KEY (program_id, media_id),
    FOREIGN KEY (program_id) REFERENCES programs (id),
    FOREIGN KEY (media_id) REFERENCES media (id)
) {table};
CREATE INDEX program_images_by_media ON program_images (media_id);
