//! Runbooks in Markdown: what can go wrong, and which commands to run then.

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::watch::{FailureMode, Runbook, Watch};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Words of a heading whose sections below it are ways to fail.
const FAILURE_WORDS: [&str; 14] = [
    "failure",
    "failures",
    "incident",
    "incidents",
    "alert",
    "alerts",
    "problem",
    "problems",
    "symptom",
    "symptoms",
    "scenario",
    "scenarios",
    "troubleshooting",
    "issues",
];
/// Words of headings that are about something else than a way to fail.
const OTHER_WORDS: [&str; 26] = [
    "overview",
    "contact",
    "contacts",
    "owner",
    "owners",
    "ownership",
    "dashboard",
    "dashboards",
    "link",
    "links",
    "architecture",
    "escalation",
    "references",
    "introduction",
    "contents",
    "prerequisites",
    "summary",
    "glossary",
    "background",
    "dependencies",
    "slo",
    "slos",
    "deployment",
    "about",
    "access",
    "purpose",
];
/// Sections that are read of one file.
const MOST: usize = 2_000;
/// Words that are kept of one file.
const MOST_WORDS: usize = 400;

/// `runbook.md`, `orders-runbook.md`, and Markdown in a folder `runbooks` apart from its index.
pub fn claims(path: EstatePath) -> bool {
    let lower = path.as_str().to_ascii_lowercase();
    let Some(stem) = lower.strip_suffix(".md").or_else(|| lower.strip_suffix(".markdown")) else { return false };
    let (folders, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let is_runbook = |text: &str| text.contains("runbook") || text.contains("run-book") || text.contains("run_book");
    if matches!(name, "readme" | "index" | "template" | "_template") {
        return false;
    }
    is_runbook(name) || folders.split('/').any(is_runbook)
}

struct Section {
    level: usize,
    title: String,
    commands: usize,
    span: Span,
}

/// Adds the runbook.
pub fn read(reading: &mut Reading<'_>) {
    let sections = sections(reading);
    let path = reading.file.path;
    let first = sections.first();
    let title = first.map_or("", |first| first.title.as_str());
    let headings: Vec<&str> = sections.iter().skip(1).map(|section| section.title.as_str()).collect();
    let runbook = Runbook {
        service: Symbol::new(""),
        path: Some(path),
        title: Symbol::new(title),
        modes: modes(&sections),
        words: words(&format!("{path} {title}")),
        headings: words(&headings.join(" ")),
        span: first.map_or_else(|| reading.file_start(), |first| first.span),
    };
    reading.add(Fact::Watch(Box::new(Watch::Runbook(runbook))));
}

/// Words as names of services are spelled, sorted: of `orders-api runbook` these are
/// `orders-api`, `orders`, `api` and `runbook`.
fn words(text: &str) -> Vec<Symbol> {
    let lower = text.to_lowercase();
    let whole = lower.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '-' | '_'));
    let mut found: Vec<Symbol> = whole
        .flat_map(|word| std::iter::once(word).chain(word.split(['-', '_'])))
        .filter(|word| word.len() > 1)
        .take(MOST_WORDS)
        .map(Symbol::new)
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Headings in order, each with the commands below it up to the next one.
fn sections(reading: &Reading<'_>) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut fence: Option<&str> = None;
    let mut goes_on = false;
    let mut offset = 0;
    for line in reading.file.text.split_inclusive('\n') {
        offset += line.len();
        let line = line.trim_start_matches('\u{feff}');
        let start = offset - line.len();
        let text = line.trim();
        let marker = ["```", "~~~"].into_iter().find(|marker| text.starts_with(marker));
        match (fence, marker) {
            (Some(open), Some(close)) if open == close => fence = None,
            (Some(_), _) => {
                let is_command = !text.is_empty() && !text.starts_with('#') && !goes_on;
                goes_on = text.ends_with('\\');
                if let Some(section) = sections.last_mut().filter(|_| is_command) {
                    section.commands += 1;
                }
            }
            (None, Some(open)) => {
                fence = Some(open);
                goes_on = false;
            }
            (None, None) => {
                let level = text.bytes().take_while(|byte| *byte == b'#').count();
                let title = text.get(level..).unwrap_or_default();
                if (1..=6).contains(&level) && title.starts_with([' ', '\t']) && sections.len() < MOST {
                    let at = start + line.len() - line.trim_start().len();
                    let title = title.trim().trim_end_matches('#').trim().to_owned();
                    sections.push(Section { level, title, commands: 0, span: reading.span(at, at + text.len()) });
                } else if is_step(text)
                    && let Some(section) = sections.last_mut()
                {
                    section.commands += 1;
                }
            }
        }
    }
    sections
}

/// A point of a list with a command in it: ``1. `kubectl get pods` ``.
fn is_step(line: &str) -> bool {
    let point = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_point = match point.len() == line.len() {
        true => ["- ", "* ", "+ "].iter().any(|mark| point.starts_with(mark)),
        false => [". ", ") "].iter().any(|mark| point.starts_with(mark)),
    };
    is_point && line.split('`').nth(1).is_some_and(|code| code.contains(' '))
}

/// Sections that tell a way to fail: those below a heading that announces them, else those of
/// the second level that are not about something else.
fn modes(sections: &[Section]) -> Vec<FailureMode> {
    let has_word = |title: &str, all: &[&str]| {
        title.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).any(|word| all.contains(&word))
    };
    let announced = sections.iter().enumerate().skip(1).find(|(at, section)| {
        let below = sections.get(at + 1).is_some_and(|next| next.level > section.level);
        below && has_word(&section.title, &FAILURE_WORDS)
    });
    let (from, to, level) = match announced {
        Some((at, section)) => {
            let rest = sections.get(at + 1..).unwrap_or_default();
            let end = rest.iter().position(|next| next.level <= section.level).unwrap_or(rest.len());
            (at + 1, at + 1 + end, rest.first().map_or(section.level + 1, |first| first.level))
        }
        None => {
            let top = sections.first().map_or(1, |first| first.level);
            let deeper = sections.iter().map(|section| section.level).filter(|level| *level > top).min();
            (1, sections.len(), deeper.unwrap_or(top))
        }
    };
    let inside = sections.get(from..to).unwrap_or_default();
    let mut modes: Vec<FailureMode> = Vec::new();
    let mut open = false;
    for section in inside {
        if section.level == level {
            open = announced.is_some() || !has_word(&section.title, &OTHER_WORDS);
            if open {
                let title = Symbol::new(&section.title);
                modes.push(FailureMode { title, commands: section.commands, span: section.span });
            }
        } else if let Some(mode) = modes.last_mut().filter(|_| open) {
            mode.commands += section.commands;
        }
    }
    modes
}

#[cfg(test)]
mod tests {
    use super::{claims, read};
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::facts::watch::Watch;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;

    fn modes(text: &str) -> Vec<(String, usize)> {
        let file = SourceFile { id: FileId(0), path: EstatePath::new("docs/runbook.md"), text };
        let mut reading = Reading::new(file);
        read(&mut reading);
        let facts = reading.into_facts();
        let Some(Fact::Watch(watch)) = facts.facts.first() else { return Vec::new() };
        let Watch::Runbook(runbook) = &**watch else { return Vec::new() };
        runbook.modes.iter().map(|mode| (mode.title.as_str().to_owned(), mode.commands)).collect()
    }

    #[test]
    fn files_are_claimed_by_their_name_or_folder() {
        for (path, expected) in [
            ("docs/runbook.md", true),
            ("orders/RUNBOOK.md", true),
            ("docs/runbooks/orders.md", true),
            ("docs/runbooks/README.md", false),
            ("docs/orders.md", false),
            ("docs/runbook.txt", false),
        ] {
            assert_eq!(claims(EstatePath::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn sections_are_failure_modes_with_their_commands() {
        for (text, expected) in [
            (
                "# Orders\n## Overview\n## Slow\n```sh\n# look\nkubectl get pods\nkubectl top \\\n  pods\n```\n",
                vec![("Slow", 2)],
            ),
            (
                "# Orders\n## Contacts\n## Failure modes\n### Slow\n1. `kubectl get pods`\n2. ask `@shop`\n### Down\n## After\n",
                vec![("Slow", 1), ("Down", 0)],
            ),
            ("# Orders\n## Slow\n### Look\n- `a b`\n### Act\n- `c d`\n", vec![("Slow", 2)]),
            ("no heading\n", vec![]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(title, count): (&str, usize)| (title.to_owned(), count)).collect();
            assert_eq!(modes(text), expected, "{text}");
        }
    }
}
