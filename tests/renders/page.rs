//! The report's page: nothing breaks out of its place, and nothing else is loaded.

use archlint::judge::finding::Severity;
use archlint::render::beside::Beside;
use archlint::render::html;
use archlint::render::trend::{PreviousFinding, Trend};

use crate::estate::{self, Estate};

fn page(estate: &Estate) -> String {
    estate.outcome(|outcome| html::render(outcome, &Beside::default()))
}

#[test]
fn the_policy_allows_the_pages_own_script_and_style_only() {
    let page = page(&estate::many());
    let policy =
        page.split("http-equiv=\"Content-Security-Policy\" content=\"").nth(1).and_then(|rest| rest.split('"').next());
    let policy = policy.expect("a policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(policy.contains("style-src 'sha256-") && policy.contains("base-uri 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    // The policy holds from where it stands: nothing may come before it.
    assert!(page.find("Content-Security-Policy") < page.find("<style>"));
}

#[test]
fn the_page_asks_for_nothing() {
    for estate in [estate::none(), estate::one(), estate::many(), estate::odd()] {
        let page = page(&estate);
        for word in [
            "src=\"",
            "@import",
            "url(h",
            "<link",
            "<iframe",
            "<object",
            "<embed",
            "<base",
            "<form action",
            " style=\"",
        ] {
            assert!(!page.contains(word), "{word}");
        }
        let links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
        for link in links {
            let target = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out of the page"));
            assert!(page.contains(&format!("id=\"{target}\"")), "{link} leads nowhere");
        }
    }
}

#[test]
fn hostile_names_stay_text() {
    let mut estate = estate::odd();
    for (at, hostile) in [
        "</script><script>alert(1)</script>",
        "\" onfocus=\"alert(1)\" x=\"",
        "' onclick='alert(1)",
        "<!--",
        "]]></style><img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "-->",
    ]
    .iter()
    .enumerate()
    {
        let mut service = estate::none().graph.services.remove(0);
        service.name = archlint::source::symbol::Symbol::new(&format!("{hostile}{at}"));
        service.owners = vec![archlint::source::symbol::Symbol::new(hostile)];
        service.workloads = vec![archlint::source::symbol::Symbol::new(hostile)];
        service.span = estate.graph.services[0].span;
        estate.graph.services.push(service);
    }
    let page = page(&estate);
    assert_eq!(page.matches("<script").count(), 2, "the data and the script");
    assert_eq!(page.matches("</script").count(), 2);
    assert_eq!(page.matches("<style").count(), 1);
    assert!(!page.contains("<img") && !page.contains("<!--"));
    // Inside of tags, every quote that opens closes.
    let body = &page[page.find("<body>").expect("a body")..page.find("<script").expect("the data")];
    for tag in body.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let outside: String = tag.split('"').step_by(2).collect();
        assert!(!outside.contains("onfocus") && !outside.contains("onclick") && !outside.contains('\''), "{tag}");
    }
    let data = page.split("id=\"estate\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("data");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["nodes"][2][1], "</script><script>alert(1)</script>0");
}

#[test]
fn ids_are_unique_and_labels_have_their_fields() {
    for estate in [estate::one(), estate::many(), estate::odd()] {
        let page = page(&estate);
        let page = &page[..page.find("<script").expect("the data")];
        let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}

#[test]
fn a_trend_names_what_is_new_and_what_is_fixed() {
    let estate = estate::many();
    let old = |fingerprint: &str, theme: &str| PreviousFinding {
        rule: "some-rule".to_owned(),
        theme: theme.to_owned(),
        severity: Severity::Error,
        message: "cart <b>waited</b>".to_owned(),
        place: "cart/x.js:3".to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    let known = estate.judgement.findings[0].fingerprint.clone();
    let trend = Trend::new(&estate.judgement, vec![old(&known, "resilience"), old("gone", "resilience")]);
    assert_eq!((trend.new.len(), trend.fixed.len(), trend.unchanged), (estate.judgement.findings.len() - 1, 1, 1));
    let page = estate.outcome(|outcome| html::render(outcome, &Beside { trend: Some(&trend), ..Beside::default() }));
    assert!(page.contains("<b>1</b> fixed") && page.contains("cart &lt;b&gt;waited&lt;/b&gt;"));
    assert!(page.contains("<b class=\"new\">new</b>"));
    assert!(page.contains("6 (+4)"), "errors of the theme, with the change");
    let mut accepting = estate::many();
    let accepted = accepting.judgement.findings.remove(0);
    accepting.judgement.baselined.push(accepted);
    let trend = Trend::new(&accepting.judgement, vec![old(&known, "resilience"), old("gone", "resilience")]);
    assert_eq!((trend.fixed.len(), trend.unchanged, trend.accepted), (1, 0, 1));
    let page = accepting.outcome(|outcome| html::render(outcome, &Beside { trend: Some(&trend), ..Beside::default() }));
    assert!(page.contains("<b>1</b> accepted since"));
    let without_themes = Trend::new(&estate.judgement, vec![old(&known, "")]);
    assert_eq!(without_themes.before_in("resilience", Severity::Error), None);
}

#[test]
fn the_same_estate_gives_the_same_bytes() {
    assert_eq!(page(&estate::many()), page(&estate::many()));
}
