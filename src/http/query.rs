//! The query of a request: names and values, each read as what its endpoint expects.

use std::ops::RangeInclusive;

use switchboard_domain::time::Timestamp;

use super::body::FieldError;
use super::wire::Word;

/// A time as callers give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A whole UTC day, told by its first moment.
    Day(Timestamp),
    /// A point in time.
    Point(Timestamp),
}

impl Moment {
    fn read(text: &str) -> Option<Self> {
        // A plus sign in a query is a space once it is decoded.
        let text = text.replace(' ', "+");
        if let Some(day) = Timestamp::parse_date(&text) {
            return Some(Self::Day(day));
        }
        let point = Timestamp::parse(&text).or_else(|| Timestamp::parse(&format!("{text}Z")));
        point.map(Self::Point)
    }

    /// Its first moment.
    pub const fn first(self) -> Timestamp {
        match self {
            Self::Day(at) | Self::Point(at) => at,
        }
    }

    /// Its last moment.
    pub const fn last(self) -> Timestamp {
        match self {
            Self::Day(day) => Timestamp::from_millis(Timestamp::from_day(day.day() + 1).as_millis() - 1),
            Self::Point(at) => at,
        }
    }
}

/// A decoded query. A parameter without a value is there; of a repeated one the last counts.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Decodes `a=1&b=2` (`application/x-www-form-urlencoded`).
    pub fn parse(raw: &str) -> Self {
        Self {
            pairs: serde_urlencoded::from_str(raw).unwrap_or_default(),
        }
    }

    /// All of it, encoded as a form is.
    pub fn to_form(&self) -> String {
        serde_urlencoded::to_string(&self.pairs).unwrap_or_default()
    }

    /// The value of a parameter, if it is there.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A whole number of at least `least`; one beyond the type's range is its largest.
    ///
    /// # Errors
    /// The field that is none.
    pub fn number(&self, name: &str, least: u64) -> Result<Option<u64>, FieldError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().unwrap_or(u64::MAX);
        if is_number && number >= least {
            return Ok(Some(number));
        }
        Err(FieldError::new(name, format!("a whole number from {least}")).in_query())
    }

    /// A date, or a date with a time (RFC 3339; one without an offset is UTC).
    ///
    /// # Errors
    /// The field that is neither.
    pub fn moment(&self, name: &str) -> Result<Option<Moment>, FieldError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let moment = Moment::read(text);
        moment
            .map(Some)
            .ok_or_else(|| FieldError::new(name, "a date, or a date with a time (RFC 3339)").in_query())
    }

    /// A whole number within a range, `default` without.
    ///
    /// # Errors
    /// The field that is none, or lies outside.
    pub fn number_within(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
        default: u64,
    ) -> Result<u64, FieldError> {
        let number = self.number(name, *range.start()).ok();
        let number = number.map(|number| number.unwrap_or(default));
        number.filter(|number| range.contains(number)).ok_or_else(|| {
            let (least, most) = range.into_inner();
            FieldError::new(name, format!("a whole number from {least} to {most}"))
        })
    }

    /// A word out of a closed list.
    ///
    /// # Errors
    /// The field whose word is not in the list.
    pub fn word<T: Word>(&self, name: &str) -> Result<Option<T>, FieldError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        T::read(text)
            .map(Some)
            .ok_or_else(|| FieldError::new(name, T::EXPECTED).in_query())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_the_last_one_counts() {
        let query = Query::parse("channel=web&name=a%20b+c&channel=sms&empty");
        assert_eq!(query.text("channel"), Some("sms"));
        assert_eq!(query.text("name"), Some("a b c"));
        assert_eq!(query.text("empty"), Some(""));
        assert_eq!(query.text("absent"), None);
    }

    #[test]
    fn a_date_is_a_whole_day_and_a_time_may_lack_its_offset() {
        let moment = |text: &str| Query::parse(&format!("at={text}")).moment("at");
        let day = moment("2025-06-23").unwrap().unwrap();
        assert_eq!(day.first().to_string(), "2025-06-23T00:00:00.000Z");
        assert_eq!(day.last().to_string(), "2025-06-23T23:59:59.999Z");
        for point in [
            "2025-06-23T03:20:00Z",
            "2025-06-23T03:20:00",
            "2025-06-23T05:20:00+02:00",
            "2025-06-23T05:20:00%2B02:00",
        ] {
            let at = moment(point).unwrap().unwrap();
            assert_eq!(at.first().to_string(), "2025-06-23T03:20:00.000Z", "{point}");
            assert_eq!(at.first(), at.last());
        }
        for wrong in ["", "yesterday", "2025-02-30", "23.06.2025", "5"] {
            assert_eq!(moment(wrong).unwrap_err().field, "at", "{wrong}");
        }
    }

    #[test]
    fn a_number_beyond_its_range_is_no_other_number() {
        let days = |raw: &str| Query::parse(raw).number_within("days", 1..=3_660, 7);
        assert_eq!((days("").unwrap(), days("days=3660").unwrap()), (7, 3_660));
        for wrong in ["days=0", "days=3661", "days=x", "days="] {
            assert!(
                days(wrong).unwrap_err().to_string().contains("from 1 to 3660"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_is_no_number_is_named() {
        let limit = |raw: &str| Query::parse(raw).number("limit", 1);
        assert_eq!(limit("").unwrap(), None);
        assert_eq!(limit("limit=20").unwrap(), Some(20));
        assert_eq!(limit("limit=99999999999999999999").unwrap(), Some(u64::MAX));
        for wrong in ["limit=0", "limit=-1", "limit=1.5", "limit=ten", "limit="] {
            assert_eq!(limit(wrong).unwrap_err().field, "limit", "{wrong}");
        }
    }
}
