//! `--format jsonl`: one finding a line, each as in `--format json`.

use super::json::{finding, on_one_line};
use super::outcome::Outcome;

/// One line for each finding; nothing at all for a clean estate.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    for one in &outcome.judgement.findings {
        out.push_str(&on_one_line(&finding(one, outcome.sources)));
        out.push('\n');
    }
    out
}
