//! What an organization spends, from the counters of costs.

use switchboard_domain::cost::Money;
use switchboard_domain::scope::Scope;
use switchboard_domain::time::Timestamp;

use super::{Span, Timeframe};
use crate::error::HubError;
use crate::hub::Hub;

/// Days that lead from any day of a month into the next month: it is then never the month after that.
const INTO_NEXT_MONTH: i64 = 31;

/// Today's and this month's costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spending {
    /// Since midnight.
    pub today: Money,
    /// Since the first of the month.
    pub this_month: Money,
    /// This month's, if it goes on as it has: so far, divided by the part of the month gone by.
    pub projected: Money,
}

impl Hub {
    /// What is spent today and this month. Staff and services.
    pub fn spending(&self, scope: &Scope) -> Result<Spending, HubError> {
        let now = self.services.now();
        let today = self.report(scope, Span::of_days(now, now))?;
        let month = self.report(scope, Span::this_month(now))?;
        let this_month = month.figures().total_cost();
        Ok(Spending {
            today: today.figures().total_cost(),
            this_month,
            projected: projected(this_month, now),
        })
    }
}

/// The whole month's costs at the rate so far. The first hour counts whole, so that its costs are no month's.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn projected(so_far: Money, now: Timestamp) -> Money {
    let first = Timeframe::Monthly.start_of(now);
    let next = Timeframe::Monthly.start_of(Timestamp::from_day(first.day() + INTO_NEXT_MONTH));
    let hour = 3_600_000;
    let gone = (now.as_millis() - first.as_millis()).max(hour) as f64;
    let whole = (next.as_millis() - first.as_millis()) as f64;
    Money::from_units(so_far.as_units() * whole / gone).unwrap_or(so_far)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projection_goes_on_as_the_month_has_begun() {
        let spent = Money::from_units(15.0).unwrap();
        let at = |text| {
            projected(spent, Timestamp::parse(text).unwrap())
                .as_units()
                .to_string()
        };
        assert_eq!(at("2026-04-16T00:00:00Z"), "30");
        assert_eq!(at("2026-02-15T00:00:00Z"), "30");
        assert_eq!(at("2026-12-31T23:59:59.999Z"), "15");
        assert_eq!(at("2026-04-01T00:00:01Z"), "10800", "one hour of 720");
    }
}
