//! `rules` and `explain RULE`: what a rule says of itself, as plain text.

use unicode_width::UnicodeWidthStr;

use crate::judge::finding::Severity;

use super::escape;

/// A rule's page. The texts are the rule file's own: several lines, Markdown allowed.
#[derive(Clone, Debug)]
pub struct RulePage {
    /// `shared-database`
    pub id: String,
    /// By default, or as configured.
    pub severity: Severity,
    /// `data`
    pub category: String,
    /// What is judged, one at a time: `database`.
    pub subject: String,
    /// Why it matters.
    pub why: String,
    /// How to repair it.
    pub fix: String,
    /// A flagged example.
    pub before: Option<String>,
    /// The same, repaired.
    pub after: Option<String>,
    /// What the rule cannot see.
    pub limits: String,
    /// Where to read on.
    pub references: Vec<String>,
    /// What can be configured.
    pub parameters: Vec<Parameter>,
}

/// One parameter of a rule.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// `max_services`
    pub name: String,
    /// `3`
    pub default: String,
    /// What it is, with its unit.
    pub about: String,
}

/// One line for each rule, columns aligned, in the order given.
pub fn table(pages: &[RulePage]) -> String {
    let mut rows = vec![["RULE", "SEVERITY", "SUBJECT", "CATEGORY"].map(str::to_owned)];
    for page in pages {
        rows.push([
            escape::line(&page.id),
            page.severity.word().to_owned(),
            escape::line(&page.subject),
            escape::line(&page.category),
        ]);
    }
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A rule's page in sections; those without text are left out.
pub fn explained(page: &RulePage) -> String {
    let mut out = format!(
        "{}\n{} · subject: {} · category: {}\n",
        escape::line(&page.id),
        page.severity.word(),
        escape::line(&page.subject),
        escape::line(&page.category)
    );
    section(&mut out, "Why", &page.why);
    section(&mut out, "How to fix it", &page.fix);
    section(&mut out, "Before", page.before.as_deref().unwrap_or_default());
    section(&mut out, "After", page.after.as_deref().unwrap_or_default());
    section(&mut out, "Limits", &page.limits);
    let parameters: Vec<String> =
        page.parameters.iter().map(|one| format!("{} (default {}): {}", one.name, one.default, one.about)).collect();
    section(&mut out, "Parameters", &parameters.join("\n"));
    section(&mut out, "References", &page.references.join("\n"));
    escape::log_safe(&out)
}

fn section(out: &mut String, title: &str, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}\n"));
    for line in text.trim_end().trim_start_matches('\n').lines() {
        let line = format!("  {}", escape::source(line));
        out.push_str(line.trim_end());
        out.push('\n');
    }
}
