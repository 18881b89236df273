//! A believable studio in a fresh data directory: programs, four weeks of what was and four of what comes, 240 bookings.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::money::{BasisPoints, Currency, Money};
use crate::base::version::Expected;
use crate::business::accounts::api::Hasher;
use crate::business::bookings::model::{BookingId, NewBooking, Status as State, Verb};
use crate::business::clients::model::Details as Client;
use crate::business::desk::Desk;
use crate::business::occurrences::model::Plan as Occurrence;
use crate::business::payments::model::{Method, NewPayment};
use crate::business::programs::actions::Role;
use crate::business::programs::model::{Details as Program, Status};
use crate::business::settings::model::{Business, OnCancel};
use crate::business::{bookings, clients, media, occurrences, programs, settings, setup};
use crate::platform::config;
use crate::platform::db::Tx;
use crate::platform::files::{Kind, Plan};

/// The demo's owner.
pub const EMAIL: &str = "ada@example.org";
/// The demo's password; a real desk has none by default.
pub const PASSWORD: &str = "demo demo demo";

/// Days that the studio has been open.
const DAYS: i64 = 29;
/// Minutes.
const DAY: i64 = 24 * 60;
const BOOKINGS: usize = 240;

struct Offer {
    title: &'static str,
    summary: &'static str,
    price: i64,
    reduced: bool,
    seats: i64,
    minutes: i64,
    hour: i8,
    rule: &'static str,
    poster: &'static [u8],
}

const OFFERS: &[Offer] = &[
    Offer {
        title: "Pottery for beginners",
        summary: "Throw your first bowl on the wheel, and glaze it the week after.",
        price: 4900,
        reduced: false,
        seats: 8,
        minutes: 150,
        hour: 18,
        rule: "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=17",
        poster: include_bytes!("../../assets/demo/pottery.png"),
    },
    Offer {
        title: "Morning yoga",
        summary: "An hour of quiet movement before the day begins.",
        price: 1600,
        reduced: false,
        seats: 14,
        minutes: 60,
        hour: 7,
        rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=41",
        poster: include_bytes!("../../assets/demo/yoga.png"),
    },
    Offer {
        title: "Linocut and print",
        summary: "Cut a block, mix your inks and take ten prints home.",
        price: 6900,
        reduced: true,
        seats: 6,
        minutes: 240,
        hour: 10,
        rule: "FREQ=WEEKLY;BYDAY=SA;COUNT=8",
        poster: include_bytes!("../../assets/demo/print.png"),
    },
    Offer {
        title: "The old town on foot",
        summary: "Two hours through courtyards that most people walk past.",
        price: 1900,
        reduced: true,
        seats: 20,
        minutes: 120,
        hour: 14,
        rule: "FREQ=WEEKLY;BYDAY=SU;COUNT=8",
        poster: include_bytes!("../../assets/demo/walk.png"),
    },
];

const FIRST: &[&str] = &[
    "Ada", "Ben", "Clara", "David", "Elif", "Felix", "Greta", "Hannes", "Ida", "Jonas", "Karla", "Leon", "Mia", "Nils",
    "Olga", "Paul", "Rosa", "Sami", "Tilda", "Yusuf",
];
const LAST: &[&str] = &["Adler", "Berg", "Costa", "Dorn", "Engel", "Fuchs", "Grimm", "Horn", "Ito", "Jansen"];

/// Fills a fresh desk, with an owner of its own.
///
/// # Errors
/// `already_set_up`, and what the actions refuse.
pub async fn fill(desk: &Desk) -> Result<()> {
    let at = desk.clock.now();
    let actor = Actor::system(at, "demo");
    let hash = Hasher::default().hash(PASSWORD.to_owned()).await?;
    let founding = actor.clone();
    desk.db
        .write(move |tx| {
            let zone = "Europe/Berlin".parse()?;
            let mut business = Business::new("Atelier Nord", "DE", Currency::EUR, zone)?;
            business.street = Some("Speicherstraße 4".into());
            business.postcode = Some("24103".into());
            business.city = Some("Kiel".into());
            business.vat_id = Some("DE123456789".into());
            business.email = Some("hallo@example.org".into());
            business.iban = Some("DE89370400440532013000".into());
            setup::actions::found(tx, &founding, &business, "Ada Adler", EMAIL, &hash)
        })
        .await?;
    config::forget_setup_token(&desk.config.data_dir);
    fill_as(desk, &actor).await
}

/// Fills a desk that was set up and is still empty, as `actor`. It goes on when whoever asked has gone: half a studio
/// would be worse than one too many.
pub fn fill_later(desk: Desk, actor: Actor) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> {
    let filling = tokio::spawn(async move { fill_as(&desk, &actor).await });
    Box::pin(async move { filling.await.map_err(Error::internal)? })
}

/// Prices are those of a studio in euro; in another currency they are as many of its minor units.
async fn fill_as(desk: &Desk, actor: &Actor) -> Result<()> {
    let at = actor.at;
    let actor = Actor { at: at.plus_minutes(-DAYS * DAY), ..actor.clone() };
    let business = desk.db.read(settings::actions::get).await?.business;
    let rates: Vec<BasisPoints> = business.tax_rates.iter().map(|rate| rate.rate).collect();
    let usual = rates.first().copied().unwrap_or_default();
    let reduced = rates.get(1).copied().filter(|rate| *rate > BasisPoints::ZERO).unwrap_or(usual);

    let (acting, country, city) = (actor.clone(), business.country.clone(), business.city.clone());
    let people = desk
        .db
        .write(move |tx| {
            // Looked at here again, so that two who ask at once do not both fill it.
            setup::actions::check_empty(tx)?;
            (0..60_usize)
                .map(|n| {
                    let (first, last) = (pick(FIRST, n * 7 + 3), pick(LAST, n * 3 + n / 10));
                    let details = Client {
                        name: format!("{first} {last}"),
                        email: Some(format!("{}.{}{n}@example.org", first.to_lowercase(), last.to_lowercase())),
                        phone: Some(format!("+49 431 555{n:03}")),
                        tags: [(n % 4 == 0, "regular"), (n % 9 == 0, "newsletter")]
                            .iter()
                            .filter(|(has, _)| *has)
                            .map(|(_, tag)| (*tag).to_owned())
                            .collect(),
                        city: city.clone(),
                        country: Some(country.clone()),
                        ..Client::default()
                    };
                    Ok(clients::actions::create(tx, &acting, details)?.id)
                })
                .collect::<Result<Vec<_>>>()
        })
        .await?;

    let mut times = Vec::new();
    for offer in OFFERS {
        let poster = futures_util::stream::iter([Ok(Bytes::from_static(offer.poster))]);
        let plan = Plan { kind: Kind::Poster, limit: Kind::Poster.default_limit(), expected: None, sha256: None };
        let stored = desk.files.receive(plan, poster).await?;
        let acting = actor.clone();
        let (zone, currency) = (business.time_zone.clone(), business.currency);
        let place =
            business.street.clone().zip(business.city.clone()).map(|(street, city)| format!("{street}, {city}"));
        let tax_rate = if offer.reduced { reduced } else { usual };
        let today = at.local_in(&zone);
        let made = desk
            .db
            .write(move |tx| {
                let details = Program {
                    title: offer.title.into(),
                    slug: String::new(),
                    summary: Some(offer.summary.into()),
                    description: Some(format!(
                        "{}\n\nEverything you need is there; just bring yourself.",
                        offer.summary
                    )),
                    status: Status::Published,
                    price: Money::new(offer.price, currency),
                    tax_rate,
                    default_capacity: offer.seats,
                    duration_minutes: offer.minutes,
                    location: place.clone(),
                };
                let program = programs::actions::create(tx, &acting, details)?;
                let file = media::actions::record(tx, &acting, Kind::Poster, "poster.png", &stored)?;
                programs::actions::attach(tx, &acting, program.id, Role::Poster, file.id)?;
                let (year, month, day, ..) = today.parts();
                let first = crate::base::time::Local::from_parts(year, month, day, offer.hour, 0)?.plus_days(-DAYS);
                let plan = Occurrence {
                    local_starts_at: first,
                    time_zone: zone.clone(),
                    duration_minutes: offer.minutes,
                    capacity: offer.seats,
                };
                occurrences::actions::plan(tx, &acting, program.id, &plan, Some(offer.rule))
            })
            .await?;
        times.extend(made.into_iter().map(|occurrence| (occurrence.starts_at, occurrence.id)));
    }

    // Booked over the weeks, each for one of the next times, so that numbers and days of invoices go up together.
    times.sort_unstable();
    let mut booked = Vec::new();
    for n in 0_usize..900 {
        if booked.len() == BOOKINGS {
            break;
        }
        let step = i64::try_from(booked.len()).unwrap_or(0) * (DAYS - 1) * DAY / i64::try_from(BOOKINGS).unwrap_or(1);
        let acting = Actor { at: actor.at.plus_minutes(step + DAY), ..actor.clone() };
        let next: Vec<_> = times.iter().filter(|(start, _)| *start > acting.at).take(24).collect();
        let (Some((start, time)), Some(person)) =
            (next.get(n * 7 % next.len().max(1)), people.get(n * 11 % people.len().max(1)))
        else {
            return Err(Error::internal("the demo has no times"));
        };
        let new = NewBooking {
            occurrence_id: *time,
            client_id: *person,
            seats: if n % 5 == 0 { 2 } else { 1 },
            note: (n % 17 == 0).then(|| "First time here".to_owned()),
            waitlist: false,
        };
        match desk.db.write(move |tx| book(tx, &acting, &new, n)).await {
            Ok(id) => booked.push((*start, id)),
            Err(error) if error.code == Code::SoldOut => {}
            Err(error) => return Err(error),
        }
    }

    // Who had a seat came, nearly always.
    for (n, (start, id)) in booked.into_iter().enumerate().filter(|(_, (start, _))| *start < at) {
        let acting = Actor { at: start, ..actor.clone() };
        let verb = if n % 13 == 4 { Verb::NoShow } else { Verb::CheckIn };
        desk.db
            .write(move |tx| match bookings::actions::get(tx, id)?.status {
                State::Confirmed => bookings::actions::attend(tx, &acting, id, &Expected::Anything, verb).map(|_| ()),
                _ => Ok(()),
            })
            .await?;
    }
    desk.nudge.now();
    Ok(())
}

/// Holds seats; most are confirmed, many of those paid, a few called off.
fn book(tx: &mut dyn Tx, acting: &Actor, new: &NewBooking, n: usize) -> Result<BookingId> {
    let booking = bookings::actions::hold(tx, acting, new)?;
    if n.is_multiple_of(12) {
        return Ok(booking.id);
    }
    let booking = bookings::actions::confirm(tx, acting, booking.id, &Expected::Anything)?;
    if !n.is_multiple_of(5) {
        let amount = Money::new(booking.total, booking.currency);
        let method = if n.is_multiple_of(3) { Method::Cash } else { Method::Card };
        let payment = NewPayment { amount, method, reference: None, paid_at: None };
        bookings::actions::pay(tx, acting, booking.id, payment)?;
    }
    if n.is_multiple_of(19) {
        let rule = Some(OnCancel::Refund);
        bookings::actions::cancel(tx, acting, booking.id, &Expected::Anything, Some("Fell ill"), rule)?;
    }
    Ok(booking.id)
}

fn pick(names: &'static [&'static str], n: usize) -> &'static str {
    names.get(n % names.len()).copied().unwrap_or("Ada")
}
