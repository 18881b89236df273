//! Who acts: a person, a program or the house itself, with what they may do and when it happens.

use crate::base::error::{Code, Error, Result};
use crate::base::id::{Id, Ids};
use crate::base::time::Instant;
use crate::words;

/// Names the id of a staff account.
pub struct Staff;
/// The id of a staff account.
pub type StaffId = Id<Staff>;

words! {
    /// What a staff account may do in general.
    pub enum Role {
        /// Everything, also staff, tokens and settings.
        Owner = "owner",
        /// Everything but staff, tokens and changes to settings.
        Manager = "manager",
        /// The daily desk: bookings, clients, payments, notes, uploads.
        Staff = "staff",
    }
}

words! {
    /// A part of the desk that access is granted to.
    pub enum Area {
        /// Bookings and their state.
        Bookings = "bookings",
        /// Clients and their notes.
        Clients = "clients",
        /// Programs and occurrences.
        Programs = "programs",
        /// Files.
        Media = "media",
        /// Invoices and payments.
        Invoices = "invoices",
        /// Business, tax, numbering.
        Settings = "settings",
        /// Accounts and API tokens.
        Staff = "staff",
        /// Figures of the running system, audit log, backups.
        System = "system",
    }
}

words! {
    /// Looking or changing.
    pub enum Access {
        /// Looking.
        Read = "read",
        /// Changing.
        Write = "write",
    }
}

/// A set of (area, access) pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grants(u32);

impl Grants {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self(u32::MAX);

    const fn bit(area: Area, access: Access) -> u32 {
        1 << ((area as u32) * 2 + access as u32)
    }

    /// This set and one pair more.
    #[must_use]
    pub const fn with(self, area: Area, access: Access) -> Self {
        Self(self.0 | Self::bit(area, access))
    }

    /// Only what both sets hold.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the pair is in the set.
    pub const fn has(self, area: Area, access: Access) -> bool {
        self.0 & Self::bit(area, access) != 0
    }

    /// Whether every pair of `other` is in the set.
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What a role may do.
    pub fn of_role(role: Role) -> Self {
        let desk = [Area::Bookings, Area::Clients, Area::Media, Area::Invoices];
        let reads = [Area::Programs, Area::Settings];
        match role {
            Role::Owner => Self::ALL,
            Role::Manager => {
                let mut grants = Self::of_role(Role::Staff).with(Area::Programs, Access::Write);
                grants = grants.with(Area::System, Access::Read).with(Area::System, Access::Write);
                grants.with(Area::Staff, Access::Read)
            }
            Role::Staff => {
                let mut grants = Self::NONE;
                for area in desk {
                    grants = grants.with(area, Access::Read).with(area, Access::Write);
                }
                for area in reads {
                    grants = grants.with(area, Access::Read);
                }
                grants
            }
        }
    }

    /// From token scopes: `*`, `bookings:*`, `bookings:read`, `bookings:write` (which covers reading).
    ///
    /// # Errors
    /// `invalid_field` naming `scopes`.
    pub fn of_scopes<S: AsRef<str>>(scopes: &[S]) -> Result<Self> {
        let mut grants = Self::NONE;
        for scope in scopes {
            let scope = scope.as_ref();
            let wrong = || {
                Error::field("scopes", format!("{scope:?} is not a scope; take *, or an area with :read, :write or :*"))
            };
            if scope == "*" {
                return Ok(Self::ALL);
            }
            let (area, access) = scope.split_once(':').ok_or_else(wrong)?;
            let area: Area = area.parse().map_err(|_| wrong())?;
            grants = grants.with(area, Access::Read);
            match access {
                "read" => {}
                "write" | "*" => grants = grants.with(area, Access::Write),
                _ => return Err(wrong()),
            }
        }
        Ok(grants)
    }
}

/// What a request shows to say who it is: the SHA-256 of a secret, never the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A session cookie.
    Session([u8; 32]),
    /// An API token.
    Token([u8; 32]),
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A signed-in account.
    Staff {
        /// The account.
        id: StaffId,
        /// Its role.
        role: Role,
        /// The session, as the hash of its secret.
        session: [u8; 32],
    },
    /// A program with an API token, for the account that made it.
    Token {
        /// The account that made the token.
        id: StaffId,
    },
    /// A person of the public.
    Public,
    /// The house itself: jobs, the command line, setup.
    System,
}

/// Who acts, under which name, with which grants, when, and in which request.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// The name for the audit log.
    pub name: String,
    /// What they may do.
    pub grants: Grants,
    /// The present, the same for everything one request does.
    pub at: Instant,
    /// The request's id; of a job, its own.
    pub request_id: String,
    /// Counts what the actor makes.
    pub ids: Ids,
}

impl Actor {
    /// The house itself.
    pub fn system(at: Instant, request_id: impl Into<String>) -> Self {
        Self {
            who: Who::System,
            name: "Deskbell".into(),
            grants: Grants::ALL,
            at,
            request_id: request_id.into(),
            ids: Ids::default(),
        }
    }

    /// Somebody of the public, who may only do what the public may.
    pub fn public(at: Instant, request_id: impl Into<String>) -> Self {
        Self {
            who: Who::Public,
            name: "Public".into(),
            grants: Grants::NONE,
            at,
            request_id: request_id.into(),
            ids: Ids::default(),
        }
    }

    /// A fresh id, later in order than all that this actor made before.
    ///
    /// # Errors
    /// `internal` when the system has no randomness.
    pub fn new_id<N>(&self) -> Result<Id<N>> {
        self.ids.next(self.at)
    }

    /// Refuses what the actor may not do.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn may(&self, area: Area, access: Access) -> Result<()> {
        if self.grants.has(area, access) {
            Ok(())
        } else {
            let verb = match access {
                Access::Read => "see",
                Access::Write => "change",
            };
            Err(Error::new(Code::Forbidden, format!("You may not {verb} {area}. Ask an owner of this desk.")))
        }
    }

    /// The staff account behind the actor, if any.
    pub fn staff_id(&self) -> Option<StaffId> {
        match self.who {
            Who::Staff { id, .. } | Who::Token { id } => Some(id),
            Who::Public | Who::System => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_one_below_may() {
        let [owner, manager, staff] = [Role::Owner, Role::Manager, Role::Staff].map(Grants::of_role);
        assert!(owner.covers(manager) && manager.covers(staff));
        assert!(!staff.has(Area::Programs, Access::Write) && !staff.has(Area::Staff, Access::Read));
        assert!(!manager.has(Area::Settings, Access::Write));
    }

    #[test]
    fn scopes_grant_what_they_name_and_nothing_else() {
        let grants = Grants::of_scopes(&["bookings:read", "clients:write"]).expect("scopes");
        assert!(grants.has(Area::Bookings, Access::Read) && !grants.has(Area::Bookings, Access::Write));
        assert!(grants.has(Area::Clients, Access::Read) && grants.has(Area::Clients, Access::Write));
        assert!(!grants.has(Area::Settings, Access::Read));
        for bad in ["bookings", "bookings:all", "boats:read", ""] {
            assert!(Grants::of_scopes(&[bad]).is_err(), "{bad}");
        }
    }
}
