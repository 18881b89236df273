//! A believable studio in a fresh data directory: programs, a month of occurrences, 200 bookings.

use bytes::Bytes;

use crate::base::actor::Actor;
use crate::base::error::{Error, Result};
use crate::base::money::{BasisPoints, Currency, Money};
use crate::base::version::Expected;
use crate::business::accounts::api::Hasher;
use crate::business::bookings::model::NewBooking;
use crate::business::clients::model::Details as Client;
use crate::business::desk::Desk;
use crate::business::occurrences::model::Plan as Occurrence;
use crate::business::payments::model::{Method, NewPayment};
use crate::business::programs::actions::Role;
use crate::business::programs::model::{Details as Program, Status};
use crate::business::settings::model::{Business, OnCancel};
use crate::business::{bookings, clients, media, occurrences, programs, setup};
use crate::platform::config;
use crate::platform::files::{Kind, Plan};

/// The demo's owner.
pub const EMAIL: &str = "ada@example.org";
/// The demo's password; a real desk has none by default.
pub const PASSWORD: &str = "demo demo demo";

struct Offer {
    title: &'static str,
    summary: &'static str,
    price: i64,
    rate: i64,
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
        rate: 1900,
        seats: 8,
        minutes: 150,
        hour: 18,
        rule: "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=9",
        poster: include_bytes!("../../assets/demo/pottery.png"),
    },
    Offer {
        title: "Morning yoga",
        summary: "An hour of quiet movement before the day begins.",
        price: 1600,
        rate: 1900,
        seats: 14,
        minutes: 60,
        hour: 7,
        rule: "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=13",
        poster: include_bytes!("../../assets/demo/yoga.png"),
    },
    Offer {
        title: "Linocut and print",
        summary: "Cut a block, mix your inks and take ten prints home.",
        price: 6900,
        rate: 700,
        seats: 6,
        minutes: 240,
        hour: 10,
        rule: "FREQ=WEEKLY;BYDAY=SA;COUNT=4",
        poster: include_bytes!("../../assets/demo/print.png"),
    },
    Offer {
        title: "The old town on foot",
        summary: "Two hours through courtyards that most people walk past.",
        price: 1900,
        rate: 700,
        seats: 20,
        minutes: 120,
        hour: 14,
        rule: "FREQ=WEEKLY;BYDAY=SU;COUNT=4",
        poster: include_bytes!("../../assets/demo/walk.png"),
    },
];

const FIRST: &[&str] = &[
    "Ada", "Ben", "Clara", "David", "Elif", "Felix", "Greta", "Hannes", "Ida", "Jonas", "Karla", "Leon", "Mia", "Nils",
    "Olga", "Paul", "Rosa", "Sami", "Tilda", "Yusuf",
];
const LAST: &[&str] = &["Adler", "Berg", "Costa", "Dorn", "Engel", "Fuchs", "Grimm", "Horn", "Ito", "Jansen"];

/// Fills a fresh desk.
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

    let mut people = Vec::new();
    for n in 0..60_usize {
        let (first, last) = (pick(FIRST, n * 7 + 3), pick(LAST, n * 3 + n / 10));
        let details = Client {
            name: format!("{first} {last}"),
            email: Some(format!("{}.{}{n}@example.org", first.to_lowercase(), last.to_lowercase())),
            phone: Some(format!("+49 431 555{n:03}")),
            city: Some("Kiel".into()),
            country: Some("DE".into()),
            ..Client::default()
        };
        let actor = actor.clone();
        people.push(desk.db.write(move |tx| clients::actions::create(tx, &actor, details.clone())).await?.id);
    }

    let mut times = Vec::new();
    for offer in OFFERS {
        let poster = futures_util::stream::iter([Ok(Bytes::from_static(offer.poster))]);
        let plan = Plan { kind: Kind::Poster, limit: Kind::Poster.default_limit(), expected: None, sha256: None };
        let stored = desk.files.receive(plan, poster).await?;
        let acting = actor.clone();
        let today = at.local_in(&"Europe/Berlin".parse()?);
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
                    price: Money::new(offer.price, Currency::EUR),
                    tax_rate: BasisPoints::new(offer.rate),
                    default_capacity: offer.seats,
                    duration_minutes: offer.minutes,
                    location: Some("Speicherstraße 4, Kiel".into()),
                };
                let program = programs::actions::create(tx, &acting, details)?;
                let file = media::actions::record(tx, &acting, Kind::Poster, "poster.png", &stored)?;
                programs::actions::attach(tx, &acting, program.id, Role::Poster, file.id)?;
                let (year, month, day, ..) = today.parts();
                let first = crate::base::time::Local::from_parts(year, month, day, offer.hour, 0)?.plus_days(1);
                let plan = Occurrence {
                    local_starts_at: first,
                    time_zone: "Europe/Berlin".parse()?,
                    duration_minutes: offer.minutes,
                    capacity: offer.seats,
                };
                occurrences::actions::plan(tx, &acting, program.id, &plan, Some(offer.rule))
            })
            .await?;
        times.extend(made.into_iter().map(|occurrence| occurrence.id));
    }

    let mut booked = 0_usize;
    for n in 0_usize.. {
        if booked == 200 || n > 2000 {
            break;
        }
        let (Some(time), Some(person)) = (times.get(n * 13 % times.len()), people.get(n * 11 % people.len())) else {
            return Err(Error::internal("the demo has no times"));
        };
        let new = NewBooking {
            occurrence_id: *time,
            client_id: *person,
            seats: if n % 5 == 0 { 2 } else { 1 },
            note: (n % 17 == 0).then(|| "First time here".to_owned()),
            waitlist: false,
        };
        let acting = actor.clone();
        let outcome = desk
            .db
            .write(move |tx| {
                let booking = bookings::actions::hold(tx, &acting, &new)?;
                if n % 6 != 0 {
                    let booking = bookings::actions::confirm(tx, &acting, booking.id, &Expected::Anything)?;
                    if n % 3 != 0 {
                        let amount = Money::new(booking.total, booking.currency);
                        let payment = NewPayment { amount, method: Method::Card, reference: None, paid_at: None };
                        bookings::actions::pay(tx, &acting, booking.id, payment)?;
                    }
                    if n % 19 == 0 {
                        let reason = Some("Fell ill");
                        bookings::actions::cancel(
                            tx,
                            &acting,
                            booking.id,
                            &Expected::Anything,
                            reason,
                            Some(OnCancel::Refund),
                        )?;
                    }
                }
                Ok(())
            })
            .await;
        match outcome {
            Ok(()) => booked += 1,
            Err(error) if error.code == crate::base::error::Code::SoldOut => {}
            Err(error) => return Err(error),
        }
    }
    desk.nudge.now();
    Ok(())
}

fn pick(names: &'static [&'static str], n: usize) -> &'static str {
    names.get(n % names.len()).copied().unwrap_or("Ada")
}
