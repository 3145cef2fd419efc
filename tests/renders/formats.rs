//! Snapshots, and limits of pictures and lists.

use archlint::judge::finding::Severity;
use archlint::render::beside::Beside;
use archlint::render::picture::picture;
use archlint::render::rules_text::{Parameter, RulePage};
use archlint::render::text::Terminal;
use archlint::render::{
    azure, checkstyle, dot, explain_join, gcc, github, github_summary, gitlab, graph_json, graphml, html, json, jsonl,
    junit, markdown, mermaid, rdjson, report_json, rules_text, sarif, structurizr, svg, teamcity, text, vscode,
};

use crate::estate::{self, Estate};

pub const PLAIN: Terminal = Terminal { color: false, width: 100 };

/// All outputs of an estate, by format.
pub fn outputs(estate: &Estate) -> Vec<(&'static str, String)> {
    estate.outcome(|outcome| {
        vec![
            ("json", json::render(outcome)),
            ("jsonl", jsonl::render(outcome)),
            ("sarif", sarif::render(outcome)),
            ("github", github::render(outcome)),
            ("github-summary", github_summary::render(outcome)),
            ("gitlab", gitlab::render(outcome)),
            ("junit", junit::render(outcome)),
            ("checkstyle", checkstyle::render(outcome)),
            ("rdjson", rdjson::render(outcome)),
            ("rdjsonl", rdjson::render_lines(outcome)),
            ("azure", azure::render(outcome)),
            ("teamcity", teamcity::render(outcome)),
            ("gcc", gcc::render(outcome)),
            ("vscode", vscode::render(outcome)),
            ("text", text::render(outcome, PLAIN)),
            ("markdown", markdown::render(outcome, &Beside::default())),
            ("html", html::render(outcome, &Beside::default())),
            ("report-json", report_json::render(outcome, &Beside::default())),
            ("graph-json", graph_json::render(outcome.graph, outcome.sources, outcome.version)),
            ("mermaid", mermaid::render(outcome.graph)),
            ("dot", dot::render(outcome.graph)),
            ("svg", svg::render(picture(outcome.graph))),
            ("structurizr", structurizr::render(&picture(outcome.graph))),
            ("graphml", graphml::render(&picture(outcome.graph))),
        ]
    })
}

/// The page without its style and script, which are files of their own.
fn without_assets(page: &str) -> String {
    let mut out = page.to_owned();
    for (open, close) in [("<style>", "</style>"), ("<script>", "</script>"), ("content=\"default-src", "\">")] {
        let start = out.find(open).expect("an opening") + open.len();
        let end = start + out[start..].find(close).expect("an end");
        out.replace_range(start..end, "…");
    }
    out
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../../fixtures/renders",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name.to_owned(), text);
    });
}

#[test]
fn every_format_of_every_estate() {
    let estates = [("none", estate::none()), ("one", estate::one()), ("many", estate::many()), ("odd", estate::odd())];
    for (name, estate) in &estates {
        for (format, text) in outputs(estate) {
            let shown = if format == "html" { without_assets(&text) } else { text };
            snapshot(&format!("{format}-{name}"), &shown);
        }
    }
}

#[test]
fn joins_are_explained_by_any_name() {
    estate::many().outcome(|outcome| {
        let explained = |name| explain_join::render(outcome.graph, outcome.sources, name);
        snapshot("explain-orders", &explained("orders").expect("a service"));
        let by_alias = explained("orders-svc").expect("another name of a service");
        assert!(by_alias.contains("built there") && by_alias.contains("by its selector"));
        assert!(explained("mail").expect("a service").contains("nothing was joined"));
        assert_eq!(explained("nobody"), None);
    });
}

#[test]
fn rules_are_listed_and_explained() {
    let page = |id: &str, severity| RulePage {
        id: id.to_owned(),
        severity,
        category: "data".to_owned(),
        subject: "database".to_owned(),
        why: "One change breaks two services.\n\nSecond paragraph.\n".to_owned(),
        fix: "Split it.".to_owned(),
        before: Some("url: a\n  nested: b\n".to_owned()),
        after: None,
        limits: String::new(),
        references: vec!["https://guide.example/data".to_owned()],
        parameters: vec![Parameter { name: "max".to_owned(), default: "3".to_owned(), about: "most users".to_owned() }],
    };
    let pages = [page("shared-database", Severity::Error), page("x", Severity::Note)];
    snapshot("rules-table", &rules_text::table(&pages));
    snapshot("rules-explained", &rules_text::explained(&pages[0]));
}

#[test]
fn large_estates_get_capped_pictures_and_tables() {
    let mut estate = estate::none();
    let template = estate.graph.services[0].span;
    estate.graph.services.clear();
    for number in 0..400 {
        let mut one = estate::none().graph.services.remove(0);
        one.name = archlint::source::symbol::Symbol::new(&format!("s-{number:03}"));
        one.span = template;
        estate.graph.services.push(one);
    }
    let chart = mermaid::render(&estate.graph);
    assert!(chart.contains("\"250 hidden\""));
    assert!(chart.contains("s149[") && !chart.contains("s150["));
    assert!(dot::render(&estate.graph).contains("s399 ["));
    let report = estate.outcome(|outcome| markdown::render(outcome, &Beside::default()));
    assert!(!report.contains("```mermaid"));
    assert!(report.contains("200 more services not shown."));
}
