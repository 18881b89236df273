//! Who may hear of what.

use crate::base::actor::Area;

/// The part of the desk that a noun of the audit log belongs to; what is not known is for those who may see that log.
pub fn area_of(noun: &str) -> Area {
    match noun {
        "booking" => Area::Bookings,
        "client" | "audio_note" => Area::Clients,
        "program" | "occurrence" => Area::Programs,
        "media" | "upload" => Area::Media,
        "invoice" | "credit_note" | "payment" | "draft" | "mail" => Area::Invoices,
        "settings" => Area::Settings,
        "account" | "session" | "api_token" => Area::Staff,
        _ => Area::System,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::actor::{Access, Grants, Role};

    #[test]
    fn staff_hear_of_the_daily_desk_and_not_of_accounts() {
        let staff = Grants::of_role(Role::Staff);
        for noun in ["booking", "client", "payment", "occurrence", "audio_note"] {
            assert!(staff.has(area_of(noun), Access::Read), "{noun}");
        }
        for noun in ["account", "api_token", "something new"] {
            assert!(!staff.has(area_of(noun), Access::Read), "{noun}");
        }
    }
}
