//! Which accounts are booked to: as the settings say, or the usual ones of the German chart SKR03. Pure.

use crate::base::money::BasisPoints;
use crate::base::tax::{Category, Tax};
use crate::business::settings::model::Accounts;

/// An account of revenue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revenue {
    /// Digits.
    pub account: String,
    /// Whether the tax follows from the account, so that amounts with tax are booked to it.
    pub carries_tax: bool,
}

/// The accounts of a business.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    said: &'a Accounts,
}

const NINETEEN: BasisPoints = BasisPoints::new(1900);
const SEVEN: BasisPoints = BasisPoints::new(700);

impl<'a> Chart<'a> {
    /// As the settings say.
    pub const fn of(said: &'a Accounts) -> Self {
        Self { said }
    }

    /// Digits of an impersonal account.
    pub fn digits(self) -> usize {
        usize::try_from(self.said.digits).ok().filter(|digits| (4..=8).contains(digits)).unwrap_or(4)
    }

    /// Whether no account is said, so that all are those of SKR03.
    pub fn is_usual(self) -> bool {
        let s = self.said;
        let said = [&s.receivable, &s.bank, &s.cash, &s.card, &s.tax, &s.rounding, &s.other_revenue];
        s.revenue.is_empty() && said.iter().all(|account| account.is_empty())
    }

    /// Zeros behind a usual account where a business has longer ones.
    fn account(self, said: &str, usual: &str) -> String {
        match said {
            "" => format!("{usual:0<width$}", width = usual.len() + self.digits() - 4),
            said => said.to_owned(),
        }
    }

    /// What clients owe: a personal account (a digit longer than the others), since 1400 only collects them and cannot
    /// be booked to.
    pub fn receivable(self) -> String {
        self.account(&self.said.receivable, "10000")
    }

    /// The bank.
    pub fn bank(self) -> String {
        self.account(&self.said.bank, "1200")
    }

    /// The till.
    pub fn cash(self) -> String {
        self.account(&self.said.cash, "1000")
    }

    /// Money on its way.
    pub fn card(self) -> String {
        self.account(&self.said.card, "1360")
    }

    /// Rounding amounts.
    pub fn rounding(self) -> String {
        self.account(&self.said.rounding, "2700")
    }

    /// Tax that is owed.
    pub fn tax(self, tax: Tax) -> String {
        let usual = match tax.rate {
            NINETEEN => "1776",
            SEVEN => "1771",
            _ => "1770",
        };
        self.account(&self.said.tax, usual)
    }

    /// Revenue of a tax. A listed account carries its tax, as the automatic ones of SKR03 do; one for all the rest does
    /// not.
    pub fn revenue(self, tax: Tax) -> Revenue {
        let listed = self.said.revenue.iter().find(|listed| listed.category == tax.category && listed.rate == tax.rate);
        if let Some(listed) = listed.filter(|listed| !listed.account.is_empty()) {
            return Revenue { account: listed.account.clone(), carries_tax: true };
        }
        let (usual, carries_tax) = match (tax.category, tax.rate) {
            _ if !self.said.other_revenue.is_empty() => ("", false),
            (Category::Standard, NINETEEN) => ("8400", true),
            (Category::Standard, SEVEN) => ("8300", true),
            (Category::Exempt, _) => ("8100", true),
            (Category::ReverseCharge, _) => ("8337", true),
            (Category::IntraCommunity, _) => ("8125", true),
            (Category::Export, _) => ("8120", true),
            (Category::Standard | Category::Zero | Category::OutOfScope, _) => ("8200", false),
        };
        Revenue { account: self.account(&self.said.other_revenue, usual), carries_tax }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::settings::model::RevenueAccount;

    fn standard(rate: i64) -> Tax {
        Tax { category: Category::Standard, rate: BasisPoints::new(rate) }
    }

    #[test]
    fn the_usual_accounts_are_those_of_skr03_and_grow_with_the_digits() {
        let mut accounts = Accounts::default();
        let usual = |accounts: &Accounts, tax| Chart::of(accounts).revenue(tax);
        assert_eq!(usual(&accounts, standard(1900)), Revenue { account: "8400".into(), carries_tax: true });
        assert_eq!(usual(&accounts, standard(700)).account, "8300");
        assert_eq!(usual(&accounts, standard(2000)), Revenue { account: "8200".into(), carries_tax: false });
        for (category, account) in [
            (Category::Exempt, "8100"),
            (Category::ReverseCharge, "8337"),
            (Category::IntraCommunity, "8125"),
            (Category::Export, "8120"),
            (Category::OutOfScope, "8200"),
        ] {
            assert_eq!(usual(&accounts, Tax { category, rate: BasisPoints::ZERO }).account, account);
        }
        accounts.digits = 6;
        let chart = Chart::of(&accounts);
        assert_eq!((chart.bank().as_str(), chart.receivable().as_str()), ("120000", "1000000"));
        assert!(chart.is_usual());
    }

    #[test]
    fn what_is_said_comes_first_and_the_account_for_the_rest_takes_the_rest() {
        let accounts = Accounts {
            bank: "1800".into(),
            other_revenue: "4200".into(),
            revenue: vec![RevenueAccount {
                category: Category::Standard,
                rate: BasisPoints::new(1900),
                account: "4400".into(),
            }],
            ..Accounts::default()
        };
        let chart = Chart::of(&accounts);
        assert_eq!(chart.bank(), "1800");
        assert_eq!(chart.revenue(standard(1900)), Revenue { account: "4400".into(), carries_tax: true });
        assert_eq!(chart.revenue(standard(700)), Revenue { account: "4200".into(), carries_tax: false });
        assert!(!chart.is_usual());
    }
}
