//! What a report shows beside the run itself: what changed, what is accepted and since when,
//! and where the estate's files can be looked at.

use std::collections::BTreeMap;

use crate::judge::day::Day;

use super::outcome::counted;
use super::source_url::SourceUrl;
use super::suppressions::Listed;
use super::trend::Trend;

/// All of it; empty by default.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// What changed since an earlier report.
    pub trend: Option<&'a Trend>,
    /// Statements that findings are accepted, in the judgement's order.
    pub suppressions: Vec<Listed<'a>>,
    /// When the findings of the baseline were accepted, by fingerprint.
    pub baselined: BTreeMap<String, Day>,
    /// The day of the run, for ages; `None`: no age is shown.
    pub today: Option<Day>,
    /// The repository's name, as its origin is called, with the way down to the estate:
    /// `shop/services`. `None`: nobody knows; folders are called differently on each machine.
    pub estate: Option<String>,
    /// The commit that is checked out: `1f0c2a9be731`; `None` outside of a repository.
    pub commit: Option<String>,
    /// What makes links of places; `None`: places are text.
    pub source: Option<&'a SourceUrl>,
}

impl Beside<'_> {
    /// `Architecture report: shop`. Not escaped.
    pub fn heading(&self) -> String {
        self.estate
            .as_ref()
            .map_or_else(|| "Architecture report".to_owned(), |name| format!("Architecture report: {name}"))
    }

    /// Days from `since` to the run; `None` where either is not known.
    pub fn age_days(&self, since: Option<Day>) -> Option<i64> {
        Some(since?.days_until(self.today?))
    }

    /// `2026-01-31 (296 days)`; nothing where nobody knows.
    pub fn age(&self, since: Option<Day>) -> Option<String> {
        let day = since?;
        let days = self.age_days(since).and_then(|days| usize::try_from(days).ok());
        Some(days.map_or_else(|| day.to_string(), |days| format!("{day} ({})", counted(days, "day", "days"))))
    }
}
