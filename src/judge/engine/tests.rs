//! Rows in, findings out: what becomes of each answer, and in which order.

use super::{ActiveRule, Options, judge};
use crate::facts::answer::{Answer, Evidence};
use crate::graph::model::Confidence;
use crate::infer::subject::Subject;
use crate::judge::finding::{Judgement, Severity};
use crate::judge::rules::{RuleFile, load_all};
use crate::judge::sample::{VOCABULARY, call, row, slot};
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

const HEAD: &str = "severity: error\nsubject: call\nwhy: w\nfix: Set it.\n";
const SLOW: &str = "id: slow\nwhen: absent(call.timeout)\nmessage: \"{call} of {call.from} waits\"\n";

fn rules(texts: &[&str]) -> Vec<ActiveRule> {
    let texts: Vec<String> = texts.iter().map(|text| format!("{text}{HEAD}")).collect();
    let names: Vec<String> =
        texts.iter().map(|text| format!("{}.yaml", &text["id: ".len()..text.find('\n').expect("a line")])).collect();
    let files: Vec<RuleFile<'_>> =
        texts.iter().zip(&names).map(|(text, name)| RuleFile { category: "resilience", name, text }).collect();
    load_all(&files, VOCABULARY).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn at(file: u32, start: u32) -> Span {
    Span::new(FileId(file), start, start + 4)
}

fn subject(name: &str, span: Span, changes: &str) -> Subject {
    Subject {
        def: call(),
        name: name.to_owned(),
        anchor: name.to_owned(),
        span,
        services: vec![Symbol::new("cart")],
        confidence: Confidence::Observed,
        row: row(changes),
        related: Vec::new(),
    }
}

/// File 0 sorts behind all others, as the configuration does.
fn path_of(file: FileId) -> EstatePath {
    EstatePath::new(&if file.0 == 0 { "z.yaml".to_owned() } else { format!("file-{}.yaml", file.0) })
}

fn judged(subjects: &[Subject], rules: &[ActiveRule]) -> Judgement {
    judge(subjects, rules, &path_of, Options { passed: true })
}

#[test]
fn true_is_a_finding_false_passes_and_unknown_is_undecided() {
    let subjects = [subject("a", at(1, 0), "timeout=-"), subject("b", at(1, 8), ""), subject("c", at(1, 16), "tags=?")];
    let rules = rules(&["id: slow\nwhen: absent(call.timeout) || size(call.tags) == 9\nmessage: m\n"]);
    let judgement = judged(&subjects, &rules);
    let [finding] = judgement.findings.as_slice() else { panic!("{judgement:#?}") };
    assert_eq!((finding.rule.as_str(), finding.category.as_str()), ("slow", "resilience"));
    assert_eq!((finding.subject_kind.as_str(), finding.subject.as_str()), ("call", "a"));
    assert_eq!((finding.severity, finding.help.as_str()), (Severity::Error, "Set it"));
    assert_eq!(judgement.passed, [(Symbol::new("slow"), at(1, 8))]);
    let [undecided] = judgement.undecided.as_slice() else { panic!("{judgement:#?}") };
    let why = "for tests; look there, or declare it in the service.yaml beside the service's code";
    assert_eq!((undecided.subject.as_str(), undecided.why.as_str()), ("c", why));
    assert_eq!(undecided.span, at(1, 16));
    let silent = judge(&subjects, &rules, &path_of, Options { passed: false });
    assert!(silent.passed.is_empty());
}

#[test]
fn reasons_are_given_once_each() {
    let mut one = subject("a", at(1, 0), "timeout=?, tags=?");
    one.row.values[slot("knob")] = Answer::unknown("the chart is not rendered");
    let rules = rules(&["id: slow\nwhen: call.timeout > 1 && 'a' in call.tags && call.knob == 'x'\nmessage: m\n"]);
    assert_eq!(
        judged(&[one], &rules).undecided[0].why,
        "for tests, and the chart is not rendered; look there, or declare it in the service.yaml beside the service's code"
    );
}

#[test]
fn errors_need_hard_evidence() {
    for (confidence, severity, expected) in [
        (Confidence::Declared, "error", Severity::Error),
        (Confidence::Observed, "error", Severity::Error),
        (Confidence::Configured, "error", Severity::Warning),
        (Confidence::Inferred, "error", Severity::Warning),
        (Confidence::Inferred, "warning", Severity::Warning),
        (Confidence::Inferred, "note", Severity::Note),
        (Confidence::Declared, "note", Severity::Note),
    ] {
        let mut one = subject("a", at(1, 0), "timeout=-");
        one.confidence = confidence;
        let text = format!("{SLOW}severities: [{{when: 'true', severity: {severity}}}]\n");
        let findings = judged(&[one], &rules(&[&text])).findings;
        assert_eq!((findings[0].severity, findings[0].confidence), (expected, confidence), "{severity}");
    }
}

#[test]
fn a_rule_that_is_off_for_a_subject_says_nothing() {
    let text = format!("{SLOW}severities: [{{when: call.from == 'cart', severity: off}}]\n");
    let judgement = judged(&[subject("a", at(1, 0), "timeout=-")], &rules(&[&text]));
    assert!(judgement.findings.is_empty() && judgement.passed.is_empty() && judgement.undecided.is_empty());
}

#[test]
fn the_place_is_the_evidence_of_the_attribute_named() {
    let mut one = subject("a", at(1, 0), "timeout=-");
    one.row.values[slot("timeout")] = Answer::Absent(Evidence(vec![at(1, 40), at(2, 40)]));
    one.row.values[slot("hops")] = Answer::Present(crate::infer::vocabulary::Datum::Int(3), Evidence(vec![at(3, 1)]));
    one.related =
        vec![(at(2, 40), "again".to_owned()), (at(1, 40), "primary".to_owned()), (at(1, 0), "the call".to_owned())];
    let text = format!("{SLOW}at: call.timeout\nshow: [call.hops, call.timeout, call.tags]\n");
    let findings = judged(&[one], &rules(&[&text])).findings;
    assert_eq!(findings[0].span, at(1, 40));
    let related: Vec<_> = findings[0].related.iter().map(|one| (one.span, one.message.as_str())).collect();
    assert_eq!(related, [(at(3, 1), "hops: 3"), (at(2, 40), "no timeout"), (at(1, 0), "the call")]);
}

#[test]
fn of_several_attributes_the_first_that_says_something_gives_the_place() {
    for (changes, expected) in [
        ("", 10),
        ("traced=false", 20),
        ("traced=false, tags=[]", 10),
        ("traced=-, tags=[]", 10),
        ("traced=?, tags=[]", 20),
        ("traced=?, tags=?", 0),
    ] {
        let mut one = subject("a", at(1, 0), changes);
        for (name, start) in [("traced", 10), ("tags", 20)] {
            if let Answer::Present(_, evidence) | Answer::Absent(evidence) = &mut one.row.values[slot(name)] {
                evidence.0.push(at(1, start));
            }
        }
        let text = "id: slow\nwhen: call.hops == 3\nmessage: m\nat: [call.traced, call.tags]\nshow: [call.tags]\n";
        let findings = judged(&[one], &rules(&[text])).findings;
        assert_eq!(findings[0].span, at(1, expected), "{changes}");
        let shows_tags = !findings[0].related.is_empty();
        assert_eq!(shows_tags, changes.is_empty(), "{changes}");
    }
}

#[test]
fn an_attribute_without_evidence_leaves_the_place_to_the_subject() {
    let text = format!("{SLOW}at: call.timeout\n");
    let findings = judged(&[subject("a", at(1, 0), "timeout=-")], &rules(&[&text])).findings;
    assert_eq!((findings[0].span, findings[0].related.len()), (at(1, 0), 0));
}

#[test]
fn findings_are_sorted_by_path_place_rule_and_subject() {
    let subjects = [
        subject("late file", at(0, 0), "timeout=-"),
        subject("b", at(2, 8), "timeout=-"),
        subject("a", at(2, 8), "timeout=-"),
        subject("c", at(2, 4), "timeout=-"),
        subject("first file", at(1, 90), "timeout=-"),
    ];
    let rules = rules(&[SLOW, "id: long\nwhen: call.hops == 3\nmessage: m\n"]);
    let findings = judged(&subjects, &rules).findings;
    let order: Vec<String> =
        findings.iter().filter(|one| one.span.start == 8).map(|one| format!("{} {}", one.rule, one.subject)).collect();
    assert_eq!(order, ["long a", "long b", "slow a", "slow b"]);
    let paths: Vec<u32> = findings.iter().map(|one| one.span.file.0).collect();
    assert_eq!(paths, [1, 1, 2, 2, 2, 2, 2, 2, 0, 0]);
    let mut turned = subjects.to_vec();
    turned.reverse();
    assert_eq!(judged(&turned, &rules).findings, findings);
}

#[test]
fn fingerprints_know_rule_and_anchor_and_nothing_of_the_place() {
    let print = |subject: Subject, rule: &str| judged(&[subject], &rules(&[rule])).findings[0].fingerprint.clone();
    let one = print(subject("a", at(1, 0), "timeout=-"), SLOW);
    assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
    assert_eq!(print(subject("a", at(2, 70), "timeout=-, tags=?"), SLOW), one);
    assert_ne!(print(subject("b", at(1, 0), "timeout=-"), SLOW), one);
    assert_ne!(print(subject("a", at(1, 0), "timeout=-"), &SLOW.replace("id: slow", "id: slower")), one);
    // Pinned: another value makes every baseline stale.
    assert_eq!(one, "8b797efcfad222561a9efe6634329bde");
}

#[test]
fn findings_of_one_identity_are_numbered_in_the_order_of_places() {
    let subjects = [subject("a", at(2, 0), "timeout=-"), subject("a", at(1, 5), "timeout=-")];
    let findings = judged(&subjects, &rules(&[SLOW])).findings;
    let prints: Vec<_> = findings.iter().map(|one| (one.span, one.fingerprint.clone())).collect();
    assert_eq!(prints[0].0, at(1, 5));
    assert_eq!(findings[0].message, "a of cart waits");
    assert_eq!(prints[1].1, format!("{}:2", prints[0].1));
}

#[test]
fn what_most_of_those_judged_have_in_common_is_said_once() {
    let rule = "id: slow\nseverities: [{when: \"call.to == 'catalogue'\", severity: warning}]\n\
                among: call.synchronous\nwhen: absent(call.timeout)\nmessage: \"{call} waits\"\n\
                together: \"{count} of {of} calls wait\"\n";
    for (lacking, in_order, elsewhere, expected) in [
        (3, 0, 4, vec!["3 of 3 calls wait"]),
        (3, 2, 4, vec!["3 of 5 calls wait"]),
        (3, 3, 4, vec!["c0 waits", "c1 waits", "c2 waits"]),
        (2, 0, 4, vec!["c0 waits", "c1 waits"]),
    ] {
        let mut subjects: Vec<Subject> = Vec::new();
        for (count, changes) in [(lacking, "timeout=-"), (in_order, ""), (elsewhere, "timeout=-, synchronous=false")] {
            for _ in 0..count {
                let number = subjects.len();
                subjects.push(subject(&format!("c{number}"), at(1, number as u32 * 8), changes));
            }
        }
        let judgement = judged(&subjects, &rules(&[rule]));
        let messages: Vec<&str> = judgement.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, expected, "{lacking} lacking, {in_order} in order");
        if let [all] = judgement.findings.as_slice() {
            assert_eq!((all.subject_kind.as_str(), all.subject.as_str()), ("estate", "estate"));
            let others: Vec<&str> = all.related.iter().map(|related| related.message.as_str()).collect();
            assert_eq!(others, ["c1", "c2"]);
        }
    }
}

#[test]
fn errors_are_never_said_together() {
    let rule = "id: slow\nwhen: absent(call.timeout)\nmessage: \"{call} waits\"\ntogether: \"{count} calls wait\"\n";
    let subjects: Vec<Subject> =
        (0..5).map(|number| subject(&format!("c{number}"), at(1, number * 8), "timeout=-")).collect();
    assert_eq!(judged(&subjects, &rules(&[rule])).findings.len(), 5);
}

#[test]
fn what_is_about_the_same_thing_is_said_once() {
    let rule = |severity: &str| {
        format!(
            "id: slow\nseverities: [{{when: 'true', severity: {severity}}}]\nsame: call.to\nwhen: absent(call.timeout)\nmessage: \"{{call}} waits\"\n"
        )
    };
    for (severity, count, expected) in [
        ("warning", 3, vec!["c0 waits, here and in 2 other places"]),
        ("warning", 2, vec!["c0 waits", "c1 waits"]),
        ("error", 3, vec!["c0 waits", "c1 waits", "c2 waits"]),
    ] {
        let subjects: Vec<Subject> =
            (0..count).map(|number| subject(&format!("c{number}"), at(1, number * 8), "timeout=-")).collect();
        let judgement = judged(&subjects, &rules(&[&rule(severity)]));
        let messages: Vec<&str> = judgement.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages, expected, "{severity}, {count}");
        if let [one] = judgement.findings.as_slice() {
            let others: Vec<&str> = one.related.iter().map(|related| related.message.as_str()).collect();
            assert_eq!((one.subject.as_str(), others), ("c0", vec!["c1", "c2"]));
        }
    }
}
