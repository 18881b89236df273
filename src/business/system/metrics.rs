//! The figures as OpenMetrics text, version 1.0.0 (prometheus.io/docs/specs/om/open_metrics_spec).
//!
//! A writer of our own: the figures are read where they are counted, at the moment they are asked for, so there is
//! nothing to register.

use std::fmt::{Display, Write as _};

use crate::platform::db::{PoolFigures, WriterFigures};
use crate::platform::files::Usage;
use crate::platform::http::TrafficFigures;

/// The `Content-Type` of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is told.
pub struct Figures {
    /// The program's version.
    pub version: &'static str,
    /// `sqlite` or `mysql`.
    pub engine: &'static str,
    /// Seconds since the start.
    pub uptime_seconds: i64,
    /// Resident memory, where the system tells it.
    pub memory_bytes: Option<u64>,
    /// The connections.
    pub pool: PoolFigures,
    /// The writer; on SQLite.
    pub writer: Option<WriterFigures>,
    /// Bytes in flight, and the disk.
    pub usage: Usage,
    /// Events that wait, and that were given up; none when the database does not answer.
    pub events: Option<(i64, i64)>,
    /// Requests.
    pub traffic: TrafficFigures,
}

/// The kinds of families used here (§ Metric Types).
#[derive(Clone, Copy)]
enum Kind {
    Gauge,
    Counter,
    Info,
    Summary,
}

struct Text(String);

impl Text {
    /// Begins a family; a unit is the last word of its name.
    fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Info => "info",
            Kind::Summary => "summary",
        };
        self.line(format_args!("# TYPE {name} {kind}"));
        for unit in ["seconds", "bytes"] {
            if name.ends_with(unit) {
                self.line(format_args!("# UNIT {name} {unit}"));
            }
        }
        self.line(format_args!("# HELP {name} {help}"));
    }

    /// One sample; label values are words of ours and need no escape.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(key, word)| format!("{key}=\"{word}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.line(format_args!("{name}{labels} {value}"));
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, Kind::Gauge, help);
        self.sample(name, &[], value);
    }

    fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, Kind::Counter, help);
        self.sample(&format!("{name}_total"), &[], value);
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{text}");
    }
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// The whole exposition.
pub fn text(f: &Figures) -> String {
    let mut text = Text(String::with_capacity(6 << 10));
    text.family("deskbell_build", Kind::Info, "The program and its database engine.");
    text.sample("deskbell_build_info", &[("version", f.version), ("engine", f.engine)], 1);
    text.gauge("deskbell_uptime_seconds", "Time since the start.", f.uptime_seconds);
    if let Some(bytes) = f.memory_bytes {
        text.gauge("deskbell_resident_memory_bytes", "Resident memory.", bytes);
    }
    requests(&mut text, &f.traffic);
    text.gauge("deskbell_database_up", "Whether the database answered just now.", u8::from(f.events.is_some()));
    pool(&mut text, &f.pool);
    if let Some(writer) = f.writer {
        text.gauge("deskbell_database_writer_queued", "Transactions that wait for the writer.", writer.queued);
        text.counter("deskbell_database_writer_commits", "Commits of the writer.", writer.commits_total);
        text.counter("deskbell_database_writer_transactions", "Transactions in those commits.", writer.bodies_total);
    }
    text.gauge("deskbell_budget_in_flight_bytes", "Uploads and downloads in memory.", f.usage.in_flight);
    text.gauge("deskbell_budget_bytes", "Most bytes of uploads and downloads in memory.", f.usage.budget);
    text.gauge("deskbell_budget_waiting", "Transfers that wait for their share.", f.usage.waiting);
    text.gauge("deskbell_disk_free_bytes", "Free disk.", f.usage.free);
    text.gauge("deskbell_disk_reserve_bytes", "Free disk that uploads leave alone.", f.usage.reserve);
    if let Some((waiting, failed)) = f.events {
        text.family("deskbell_events", Kind::Gauge, "What is to be done after commits; failed: given up.");
        text.sample("deskbell_events", &[("state", "waiting")], waiting);
        text.sample("deskbell_events", &[("state", "failed")], failed);
    }
    text.line(format_args!("# EOF"));
    text.0
}

fn requests(text: &mut Text, traffic: &TrafficFigures) {
    text.gauge("deskbell_http_requests_running", "Requests that are being answered.", traffic.running);
    text.family("deskbell_http_requests", Kind::Counter, "Requests answered, by the class of their status.");
    for (class, count) in ["1xx", "2xx", "3xx", "4xx", "5xx"].iter().zip(traffic.answered) {
        text.sample("deskbell_http_requests_total", &[("status", class)], count);
    }
}

fn pool(text: &mut Text, pool: &PoolFigures) {
    text.gauge("deskbell_database_connections_max", "Most connections.", pool.max);
    text.gauge("deskbell_database_connections_min", "Connections kept when idle.", pool.min);
    text.family("deskbell_database_connections", Kind::Gauge, "Open connections.");
    text.sample("deskbell_database_connections", &[("state", "idle")], pool.idle);
    text.sample("deskbell_database_connections", &[("state", "in_use")], pool.in_use);
    let oldest = pool.connections.iter().map(|c| c.age_ms).max().unwrap_or(0);
    let busiest = pool.connections.iter().filter(|c| c.state == "in_use").map(|c| c.since_ms).max().unwrap_or(0);
    text.gauge("deskbell_database_connection_oldest_seconds", "Age of the oldest connection.", seconds(oldest * 1000));
    text.gauge("deskbell_database_connection_held_seconds", "Longest use that goes on.", seconds(busiest * 1000));
    text.gauge("deskbell_database_waiting", "Requests that wait for a connection.", pool.waiting);
    text.counter("deskbell_database_connections_opened", "Connections opened.", pool.opened_total);
    text.family("deskbell_database_connections_closed", Kind::Counter, "Connections closed, by reason.");
    let closed = [
        ("idle", pool.closed_idle_total),
        ("max_age", pool.closed_max_age_total),
        ("broken", pool.closed_broken_total),
    ];
    for (reason, count) in closed {
        text.sample("deskbell_database_connections_closed_total", &[("reason", reason)], count);
    }
    text.counter("deskbell_database_acquire_timeouts", "Requests that waited in vain.", pool.acquire_timeouts_total);
    text.family("deskbell_database_acquire_wait_seconds", Kind::Summary, "Waits for a connection, the last 1,024.");
    let waits =
        [("0.5", pool.acquire_wait_p50_us), ("0.95", pool.acquire_wait_p95_us), ("0.99", pool.acquire_wait_p99_us)];
    for (quantile, micros) in waits {
        text.sample("deskbell_database_acquire_wait_seconds", &[("quantile", quantile)], seconds(micros));
    }
    text.sample("deskbell_database_acquire_wait_seconds_count", &[], pool.acquired_total);
}
