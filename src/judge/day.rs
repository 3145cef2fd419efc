//! Days, as suppressions and baselines write them; always those of UTC, so that one run
//! means the same everywhere.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, Unit};

/// A day: `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The day of `2027-01-31`; `None` for anything else, also for days that do not exist.
    pub fn from_text(text: &str) -> Option<Self> {
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if shaped { text.parse().ok().map(Self) } else { None }
    }

    /// The day of a point in time, in seconds since 1970; `None` beyond the year 9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        Timestamp::from_second(seconds).ok().map(|time| Self(Offset::UTC.to_datetime(time).date()))
    }

    /// Days from `self` to `later`; negative where it lies before.
    pub fn days_until(self, later: Self) -> i64 {
        self.0.until((Unit::Day, later.0)).map_or(0, |span| i64::from(span.get_days()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn a_day_is_written_in_one_way_only() {
        for text in ["2027-01-31", "2028-02-29"] {
            assert_eq!(Day::from_text(text).map(|day| day.to_string()).as_deref(), Some(text));
        }
        for text in
            ["2027-02-29", "2027-13-01", "2027-1-31", "31.01.2027", "2027-01-31T00:00", "", "20270131", "ä027-01-3"]
        {
            assert_eq!(Day::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_ordered_and_counted() {
        let day = |text| Day::from_text(text).expect("a day");
        assert!(day("2026-12-31") < day("2027-01-01"));
        assert_eq!(day("2026-12-31").days_until(day("2027-01-31")), 31);
        assert_eq!(day("2027-01-31").days_until(day("2026-12-31")), -31);
        assert_eq!(Day::from_unix(0), Day::from_text("1970-01-01"));
        assert_eq!(Day::from_unix(1_800_000_000), Day::from_text("2027-01-15"));
        assert_eq!(Day::from_unix(i64::MAX), None);
    }
}
