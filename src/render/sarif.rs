//! `--format sarif`: SARIF 2.1.0 as GitHub code scanning takes it.
//!
//! Limits are those of GitHub's documentation ("SARIF support for code scanning", read in
//! August 2026). What exceeds them is left out and told of, since GitHub refuses the whole
//! file otherwise. Of its limits on runs (20), extensions of a tool (100), rules (25 000) and
//! tags of a rule (20) we stay far away: one run, no extension, the rules there are, two tags.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::suppression::SuppressionForm;
use crate::judge::finding::{Finding, Severity, Suppressed};
use crate::source::file::FileId;
use crate::source::line_index::ColumnUnit;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::escape;
use super::json::written;
use super::line_hash::{LineHash, line_hashes};
use super::outcome::{Outcome, RuleText};
use super::region::region;
use super::sources::Sources;
use super::uri;
use model::{
    ArtifactLocation, AutomationDetails, BaseIds, CodeFlow, Configuration, Document, Driver, Invocation, Level,
    Location, Message, MultiformatMessage, Notification, PartialFingerprints, PhysicalLocation, Region, Reporting,
    ReportingProperties, ResultObject, Root, Run, Suppression, SuppressionKind, ThreadFlow, ThreadFlowLocation, Tool,
};

mod model;

/// Results of a run above which GitHub refuses the file.
const RESULTS_LIMIT: usize = 25_000;
/// Results of a run that GitHub shows.
const SHOWN_RESULTS: usize = 5000;
/// Bytes of all results: GitHub refuses files above 10 MB after compression, and text of this
/// kind shrinks to less than a sixth.
const BYTES_LIMIT: usize = 60 << 20;
/// Related places of a result that GitHub shows; 1000 are taken.
const RELATED_LIMIT: usize = 100;
/// Steps of a code flow that GitHub shows; 10 000 are taken.
const STEPS_LIMIT: usize = 1000;
/// Longest description and help text, in characters.
const TEXT_LIMIT: usize = 1024;
/// Related places that the message links to: GitHub shows no others.
const LINKS: usize = 8;

/// The findings, the worst first: GitHub shows the first 5000.
pub fn render(outcome: &Outcome<'_>) -> String {
    document(outcome, &[])
}

/// The same, and behind them the findings that are suppressed, each with its suppression.
/// GitHub takes these for open alerts; other readers leave them out by themselves.
pub fn render_with_suppressed(outcome: &Outcome<'_>) -> String {
    document(outcome, &outcome.judgement.suppressed)
}

fn document(outcome: &Outcome<'_>, suppressed: &[Suppressed]) -> String {
    let rules = rules(outcome, suppressed);
    let mut all: Vec<(&Finding, Option<&Suppressed>)> =
        outcome.judgement.findings.iter().map(|finding| (finding, None)).collect();
    all.extend(suppressed.iter().map(|one| (&one.finding, Some(one))));
    all.sort_by_key(|(finding, by)| (by.is_some(), std::cmp::Reverse(finding.severity)));
    let kept = all.get(..RESULTS_LIMIT).unwrap_or(&all);
    let mut identities = Identities::new(outcome.sources, kept.iter().map(|(finding, _)| *finding));
    let mut results: Vec<ResultObject> = Vec::new();
    let mut left_out = LeftOut::default();
    let mut bytes = 0;
    for (finding, by) in kept {
        let result = result(outcome, finding, *by, &rules, &mut identities);
        bytes += serde_json::to_vec(&result).map_or(0, |bytes| bytes.len());
        if bytes > BYTES_LIMIT {
            break;
        }
        left_out.places += finding.related.len().saturating_sub(RELATED_LIMIT);
        left_out.steps += steps(finding).len().saturating_sub(STEPS_LIMIT);
        results.push(result);
    }
    left_out.findings = all.len() - results.len();
    let described = rules.iter().map(|(id, text)| described(id, text)).collect();
    written(&Document {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "archlint",
                    version: outcome.version,
                    semantic_version: outcome.version,
                    rules: described,
                },
            },
            invocations: [Invocation {
                execution_successful: true,
                tool_execution_notifications: left_out.told(results.len()),
            }],
            automation_details: AutomationDetails { id: format!("archlint/{}", outcome.prefix) },
            column_kind: "utf16CodeUnits",
            original_uri_base_ids: BaseIds { root: Root { description: plain("the root of the repository") } },
            results,
        }],
    })
}

/// What the limits kept out of a file.
#[derive(Default)]
struct LeftOut {
    findings: usize,
    /// Related places.
    places: usize,
    /// Steps of code flows.
    steps: usize,
}

impl LeftOut {
    /// A sentence for each limit that was met.
    fn told(&self, results: usize) -> Vec<Notification> {
        let Self { findings, places, steps } = self;
        [
            (*findings > 0).then(|| {
                format!(
                    "{findings} findings are not in this file, which holds the {results} worst: GitHub refuses more than {RESULTS_LIMIT} results or 10 MB"
                )
            }),
            (results > SHOWN_RESULTS).then(|| {
                format!("this file holds {results} findings, the worst first, of which GitHub shows {SHOWN_RESULTS}")
            }),
            (*places > 0).then(|| {
                format!("{places} related places are not in this file: GitHub shows {RELATED_LIMIT} of a result")
            }),
            (*steps > 0).then(|| {
                format!("{steps} steps of code flows are not in this file: GitHub shows {STEPS_LIMIT} of a result")
            }),
        ]
        .into_iter()
        .flatten()
        .map(|text| Notification { level: Level::Warning, message: plain(&text) })
        .collect()
    }
}

/// What is known of every rule that was asked, and of those that findings name, sorted by id.
fn rules(outcome: &Outcome<'_>, suppressed: &[Suppressed]) -> Vec<(&'static str, RuleText)> {
    let asked = outcome.rules.iter().filter(|(id, _)| !id.is_empty());
    let mut rules: BTreeMap<&str, RuleText> = asked.map(|(id, text)| (id.as_str(), text.clone())).collect();
    for finding in outcome.judgement.findings.iter().chain(suppressed.iter().map(|one| &one.finding)) {
        rules
            .entry(finding.rule.as_str())
            .or_insert_with(|| RuleText { category: finding.category.as_str().to_owned(), ..RuleText::default() });
    }
    rules.into_iter().collect()
}

fn described(id: &'static str, rule: &RuleText) -> Reporting {
    let short = if rule.title.is_empty() { in_words(id) } else { rule.title.clone() };
    let why = rule.why.split("\n\n").next().unwrap_or_default();
    let full = why.split_whitespace().collect::<Vec<_>>().join(" ");
    let full = if full.is_empty() { short.clone() } else { full };
    let (help, markdown) = help(rule, &short);
    let level = rule.severity.map_or(Level::Warning, level);
    let tags = ["architecture", rule.category.as_str()].into_iter().filter(|tag| !tag.is_empty());
    Reporting {
        id,
        name: in_camel_case(id),
        short_description: plain(&cut(&short)),
        full_description: plain(&cut(&full)),
        help: MultiformatMessage { text: help, markdown },
        default_configuration: Configuration { level },
        properties: ReportingProperties {
            tags: tags.map(str::to_owned).collect(),
            precision: "high",
            problem_severity: match level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "recommendation",
            },
        },
    }
}

/// The rule's page as text, cut where it is too long, and as Markdown.
fn help(rule: &RuleText, short: &str) -> (String, String) {
    let mut markdown = String::new();
    for (title, text) in [("Why it matters", &rule.why), ("How to fix it", &rule.fix)] {
        if !text.trim().is_empty() {
            markdown.push_str(&format!("## {title}\n\n{}\n\n", text.trim()));
        }
    }
    if !rule.references.is_empty() {
        markdown.push_str("## References\n\n");
        for reference in &rule.references {
            let is_address = reference.starts_with("https://") && !reference.contains(char::is_whitespace);
            let reference = if is_address { format!("<{reference}>") } else { reference.clone() };
            markdown.push_str(&format!("- {reference}\n"));
        }
    }
    if markdown.is_empty() {
        markdown = short.to_owned();
    }
    let text = if rule.fix.trim().is_empty() { short } else { rule.fix.trim() };
    (cut(text), markdown.trim_end().to_owned())
}

fn result(
    outcome: &Outcome<'_>,
    finding: &Finding,
    by: Option<&Suppressed>,
    rules: &[(&str, RuleText)],
    identities: &mut Identities<'_>,
) -> ResultObject {
    let places = finding.related.iter().take(RELATED_LIMIT).enumerate();
    ResultObject {
        rule_id: finding.rule.as_str(),
        rule_index: rules.binary_search_by(|(id, _)| (*id).cmp(finding.rule.as_str())).unwrap_or_default(),
        level: level(finding.severity),
        message: plain(&message(finding)),
        locations: [location(outcome, finding.span, None, None)],
        related_locations: places
            .map(|(at, place)| location(outcome, place.span, Some(at + 1), Some(&place.message)))
            .collect(),
        code_flows: code_flow(outcome, finding).into_iter().collect(),
        suppressions: by.map(suppression).into_iter().collect(),
        partial_fingerprints: PartialFingerprints {
            line: identities.of(finding),
            archlint: finding.fingerprint.clone(),
        },
    }
}

/// The message, then links to the related places: `See [billing connects here](1).`
fn message(finding: &Finding) -> String {
    let mut out = without_links(&finding.message);
    if finding.related.is_empty() {
        return out;
    }
    out.push_str(". See ");
    for (at, place) in finding.related.iter().take(LINKS).enumerate() {
        let between = if at == 0 { "" } else { ", " };
        // Brackets would end the text of the link.
        let label = without_links(&place.message).replace(['[', ']', '\\'], " ");
        out.push_str(&format!("{between}[{}]({})", label.trim(), at + 1));
    }
    if finding.related.len() > LINKS {
        out.push_str(&format!(" and {} more", finding.related.len() - LINKS));
    }
    out.push('.');
    out
}

/// Text that no viewer takes for a link (SARIF 2.1.0, 3.11.6) or a placeholder (3.11.5).
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let shown = escape::line(text).replace("](", "] (");
    let mut rest = shown.as_str();
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        out.push('{');
        let digits = behind.trim_start_matches(|letter: char| letter.is_ascii_digit());
        if digits.len() < behind.len() && digits.starts_with('}') {
            out.push(' ');
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn suppression(by: &Suppressed) -> Suppression {
    Suppression {
        kind: match by.form {
            SuppressionForm::Comment | SuppressionForm::Annotation => SuppressionKind::InSource,
            SuppressionForm::Configuration => SuppressionKind::External,
        },
        status: "accepted",
        justification: escape::line(&by.reason),
    }
}

/// The steps of a chain or a cycle, one call after the other; none for other subjects.
///
/// The related places are the steps without the primary one, so that one is put back where
/// the step between two services is missing.
fn steps(finding: &Finding) -> Vec<(Span, String)> {
    if finding.subject_kind != "chain" && finding.subject_kind != "cycle" {
        return Vec::new();
    }
    let hops: Vec<&str> = finding.subject.split(" -> ").collect();
    let mut steps: Vec<(Span, String)> = Vec::new();
    let mut primary = Some(finding.span);
    for pair in hops.windows(2) {
        let [from, to] = pair else { continue };
        let label = format!("{from} calls {to}");
        let known = finding.related.iter().find(|place| place.message == label).map(|place| place.span);
        steps.extend(known.or_else(|| primary.take()).map(|span| (span, label)));
    }
    if steps.len() < 2 {
        let related = finding.related.iter().map(|place| (place.span, place.message.clone()));
        steps = [(finding.span, finding.message.clone())].into_iter().chain(related).collect();
    }
    steps
}

fn code_flow(outcome: &Outcome<'_>, finding: &Finding) -> Option<CodeFlow> {
    let steps = steps(finding);
    let locations = steps
        .iter()
        .take(STEPS_LIMIT)
        .map(|(span, label)| ThreadFlowLocation { location: location(outcome, *span, None, Some(label)) });
    (!steps.is_empty()).then(|| CodeFlow { thread_flows: [ThreadFlow { locations: locations.collect() }] })
}

fn location(outcome: &Outcome<'_>, span: Span, id: Option<usize>, label: Option<&str>) -> Location {
    let place = region(outcome, span, ColumnUnit::Utf16);
    Location {
        id,
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri::relative(&place.path), uri_base_id: "%SRCROOT%" },
            region: Region {
                start_line: place.start.line,
                start_column: place.start.column,
                end_line: place.end.line,
                end_column: place.end.column,
            },
        },
        message: label.map(|label| plain(&without_links(label))),
    }
}

/// GitHub tells results apart by path, rule and the hash of the line.
struct Identities<'a> {
    sources: &'a Sources<'a>,
    /// Of the lines on which findings start, by file and number.
    hashes: BTreeMap<(FileId, u32), LineHash>,
    taken: BTreeSet<(FileId, Symbol, String)>,
}

impl<'a> Identities<'a> {
    /// Reads each file once, and keeps what findings need. Secrets are masked in what is
    /// hashed: from a hash that is so simple a short one could be guessed.
    fn new<'f>(sources: &'a Sources<'a>, findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut lines: BTreeMap<FileId, BTreeSet<u32>> = BTreeMap::new();
        for finding in findings {
            lines.entry(finding.span.file).or_default().insert(line_of(sources, finding));
        }
        let mut hashes = BTreeMap::new();
        for (file, lines) in lines {
            let Some(text) = sources.masked(file) else { continue };
            let of_file = line_hashes(&text);
            let hash = |line: u32| Some(((file, line), *of_file.get(line.saturating_sub(1) as usize)?));
            hashes.extend(lines.into_iter().filter_map(hash));
        }
        Self { sources, hashes, taken: BTreeSet::new() }
    }

    /// The line's hash, as `upload-sarif` would add it, so that it agrees. For a second
    /// result of one rule on one line our own fingerprint, since both would be one alert; so
    /// it is where the file is gone.
    fn of(&mut self, finding: &Finding) -> String {
        let file = finding.span.file;
        let hash = self.hashes.get(&(file, line_of(self.sources, finding)));
        let identity = hash.map_or_else(|| own(finding), ToString::to_string);
        if self.taken.insert((file, finding.rule, identity.clone())) { identity } else { own(finding) }
    }
}

fn line_of(sources: &Sources<'_>, finding: &Finding) -> u32 {
    sources.position(finding.span, ColumnUnit::Utf16).0.line
}

/// A fingerprint in the shape of a line's hash.
fn own(finding: &Finding) -> String {
    if finding.fingerprint.contains(':') { finding.fingerprint.clone() } else { format!("{}:1", finding.fingerprint) }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Note => Level::Note,
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    }
}

fn plain(text: &str) -> Message {
    Message { text: text.to_owned() }
}

/// `missing-timeout` → `Missing timeout`
fn in_words(id: &str) -> String {
    let words = id.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `missing-timeout` → `MissingTimeout`, as names of rules are written by habit.
fn in_camel_case(id: &str) -> String {
    id.split('-').map(in_words).collect::<String>().chars().take(255).collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TEXT_LIMIT {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(TEXT_LIMIT - 1).collect();
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::{cut, in_camel_case, in_words, without_links};

    #[test]
    fn text_is_no_link_and_no_placeholder() {
        for (text, expected) in [
            ("a [b](https://c.example)", "a [b] (https://c.example)"),
            ("POST /orders/{id} [x]", "POST /orders/{id} [x]"),
            ("{0} and {{12}}", "{ 0} and {{ 12}}"),
            ("{1x} {} {", "{1x} {} {"),
            ("]((", "] (("),
        ] {
            assert_eq!(without_links(text), expected);
        }
    }

    #[test]
    fn ids_are_named_in_words() {
        assert_eq!(in_words("missing-timeout"), "Missing timeout");
        assert_eq!(in_camel_case("missing-timeout"), "MissingTimeout");
        assert_eq!((in_words(""), cut(&"ä".repeat(2000)).chars().count()), (String::new(), 1024));
    }
}
