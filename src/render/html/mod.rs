//! `report --format html`: the page that an architecture review is held over.
//!
//! One file: style, script and data are in it, and its policy lets nothing else load or run.
//! Everything stands in the page without the script; the script filters, and draws parts
//! of the picture on demand. All text from files passes [`markup`]. Knows no rule by name.

mod accepted;
mod chains;
mod coupling;
mod data;
mod digest;
mod findings;
mod gaps;
pub mod markup;
mod picture;
mod services;
mod summary;

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::model::ServiceId;
use crate::infer::coupling::{Coupling, coupling};
use crate::infer::waits::Waits;
use crate::source::line_index::ColumnUnit;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::beside::Beside;
use super::outcome::Outcome;
use super::steps::{Step, steps};
use super::themes::{Theme, themes};

const STYLE: &str = concat!(include_str!("../svg.css"), include_str!("report.css"));
const SCRIPT: &str = concat!(include_str!("layout.js"), include_str!("report.js"));

/// What the sections are written from.
struct Page<'a> {
    outcome: &'a Outcome<'a>,
    themes: Vec<Theme<'a>>,
    coupling: Coupling,
    waits: Waits<'a>,
    names: BTreeMap<Symbol, ServiceId>,
    beside: &'a Beside<'a>,
    /// What would make visible what was not decided.
    steps: Vec<Step<'a>>,
    /// Fingerprints of the findings that the page shows.
    shown: BTreeSet<&'a str>,
}

/// The whole page.
pub fn render(outcome: &Outcome<'_>, beside: &Beside<'_>) -> String {
    let graph = outcome.graph;
    let named = graph.services.iter().enumerate().map(|(at, one)| (one.name, ServiceId(at as u32)));
    let themes = themes(&outcome.judgement.findings);
    let most = findings::most_of_a_rule(outcome.judgement.findings.len());
    let shown = themes.iter().flat_map(|theme| &theme.rules).flat_map(|(_, _, all)| all.iter().take(most));
    let page = Page {
        outcome,
        shown: shown.map(|finding| finding.fingerprint.as_str()).collect(),
        themes,
        coupling: coupling(graph),
        waits: Waits::new(graph),
        names: named.collect(),
        beside,
        steps: steps(outcome.judgement),
    };
    let sections: [(&str, &str, String); 10] = [
        ("summary", "Summary", summary::section(&page)),
        ("picture", "Picture", picture::section(&page)),
        ("findings", "Findings", findings::section(&page)),
        ("chains", "Chains", chains::section(&page)),
        ("coupling", "Coupling", coupling::section(&page)),
        ("data", "Databases and channels", data::section(&page)),
        ("surface", "Public surface", coupling::surface(&page)),
        ("services", "Services", services::section(&page)),
        ("gaps", "Not verified", gaps::section(&page)),
        ("accepted", "Accepted", accepted::section(&page)),
    ];
    let mut out = head(&markup::text(&beside.heading()));
    out.push_str("<a class=\"skip\" href=\"#summary\">Skip to the summary</a>\n");
    out.push_str(&summary::header(&page));
    out.push_str("<nav aria-label=\"Sections\"><ul>");
    for (id, title, _) in &sections {
        out.push_str(&format!("<li><a href=\"#{id}\">{title}</a></li>"));
    }
    out.push_str("</ul></nav>\n<main>\n");
    for (id, title, body) in &sections {
        out.push_str(&format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>\n{body}</section>\n"
        ));
    }
    out.push_str("</main>\n");
    out.push_str(&format!("<script type=\"application/json\" id=\"estate\">{}</script>\n", picture::data(&page)));
    out.push_str(&format!("<script>{SCRIPT}</script>\n</body>\n</html>\n"));
    out
}

/// The policy allows this script and this style by their hashes, and nothing else.
fn head(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '{}'; style-src '{}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        digest::source_hash(SCRIPT),
        digest::source_hash(STYLE),
    )
}

impl Page<'_> {
    /// A service's name as a link to its section.
    fn service(&self, id: ServiceId) -> String {
        let name = self.outcome.graph.services.get(id.0 as usize).map_or("", |one| one.name.as_str());
        format!("<a href=\"#s{}\">{}</a>", id.0, markup::text(name))
    }

    /// A name as a link where a service has it.
    fn named(&self, name: &str) -> String {
        self.names.get(&Symbol::new(name)).map_or_else(|| markup::text(name), |id| self.service(*id))
    }

    /// `path:line:column` of a place, as a link where the user said what it leads to.
    fn place(&self, span: Span) -> String {
        let sources = self.outcome.sources;
        let place = markup::code(&sources.place(span));
        let Some(url) = self.beside.source else { return place };
        let line = sources.position(span, ColumnUnit::Characters).0.line;
        let address = url.address(&format!("{}{}", self.outcome.prefix, sources.path(span.file).as_str()), line);
        format!("<a href=\"{}\" rel=\"noreferrer noopener\">{place}</a>", markup::text(&address))
    }

    /// Links, separated by commas; at most `most`, and how many more there are.
    fn services(&self, ids: &[ServiceId], most: usize) -> String {
        let mut links: Vec<String> = ids.iter().take(most).map(|id| self.service(*id)).collect();
        if ids.len() > most {
            links.push(format!("{} more", ids.len() - most));
        }
        if links.is_empty() { "–".to_owned() } else { links.join(", ") }
    }
}

/// A table that scrolls by itself where it is wide. Cells are markup already. End tags that
/// HTML implies are left out.
struct Table {
    out: String,
    rows: usize,
}

impl Table {
    /// `columns`: headings; one that starts with `#` is for numbers.
    fn new(caption: &str, columns: &[&str]) -> Self {
        let mut out = format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\
             <table><caption>{caption}</caption><thead><tr>"
        );
        for column in columns {
            match column.strip_prefix('#') {
                Some(number) => out.push_str(&format!("<th scope=\"col\" class=\"n\">{number}")),
                None => out.push_str(&format!("<th scope=\"col\">{column}")),
            }
        }
        out.push_str("<tbody>\n");
        Self { out, rows: 0 }
    }

    /// The first cell heads its row.
    fn row(&mut self, cells: &[String]) {
        self.rows += 1;
        self.out.push_str("<tr>");
        for (at, cell) in cells.iter().enumerate() {
            let number = cell.starts_with(|first: char| first.is_ascii_digit() || first == '±')
                && cell.chars().all(|one| one.is_ascii_digit() || " %+-±()".contains(one));
            let class = if number { " class=\"n\"" } else { "" };
            let cell = if at == 0 { format!("<th scope=\"row\">{cell}") } else { format!("<td{class}>{cell}") };
            self.out.push_str(&cell);
        }
        self.out.push('\n');
    }

    /// The table, and a sentence for rows of `all` that it leaves out.
    fn finish(mut self, all: usize, one: &str, many: &str) -> String {
        self.out.push_str("</table></div>\n");
        self.out.push_str(&more(all, self.rows, one, many));
        self.out
    }
}

/// A sentence for what a list left out; empty where it left out nothing.
fn more(all: usize, shown: usize, one: &str, many: &str) -> String {
    match all.saturating_sub(shown) {
        0 => String::new(),
        rest => format!("<p class=\"more\">{rest} more {} not shown.</p>\n", if rest == 1 { one } else { many }),
    }
}
