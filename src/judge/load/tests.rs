//! Rule files as texts: what is loaded, and every mistake with its line, column and advice.

use super::load;
use crate::infer::vocabulary::Datum;
use crate::judge::expression::evaluate::Verdict;
use crate::judge::finding::Severity;
use crate::judge::problem::RuleProblem;
use crate::judge::rule::Rule;
use crate::judge::sample::{FILE, VOCABULARY, place, row, slot, text};
use crate::syntax::yaml;

const RULE: &str = r#"id: slow-call            # its own name
severity: error
severities:
  - {when: call.knob == "guess", severity: note}
  - when: call.hops > params.most
    severity: warning
subject: call
parameters:
  most: {type: int, default: 3, min: 2, max: 50, unit: services, doc: "the most hops"}
  owner: {type: text, default: shop, doc: whose calls}
  names: {type: list, default: [cart], doc: which callers}
  strict: {type: bool, default: true, doc: be strict}
when: >-
  call.synchronous &&
  absent(call.timeout)
message: "{call.from} calls {call.to}, more than {params.most}"
at: call.timeout
show: [call.timeout, call.tags]
why: |
  A call without an end.
fix: |
  Set the timeout of the client, e.g. 2 s. Then measure
  it again.
limits: [sees no code, "sees: no mesh"]
references:
  - https://docs.example/timeouts
formerly: [endless-call]
"#;

fn problems(text: &str) -> Vec<String> {
    let (rule, problems) = load(FILE, "slow-call", text, VOCABULARY);
    assert_eq!(rule.is_some(), problems.is_empty(), "{problems:?}");
    problems.iter().map(|problem| shown(text, problem)).collect()
}

fn shown(text: &str, problem: &RuleProblem) -> String {
    assert_eq!(problem.span.file, FILE);
    let help = problem.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
    format!("{} {}{help}", place(text, problem.span), problem.message)
}

fn loaded(text: &str) -> Rule {
    let (rule, problems) = load(FILE, "slow-call", text, VOCABULARY);
    let shown: Vec<String> = problems.iter().map(|problem| shown(text, problem)).collect();
    rule.unwrap_or_else(|| panic!("{shown:#?}"))
}

/// [`RULE`] with one text replaced, which must be there.
fn with(old: &str, new: &str) -> String {
    assert!(RULE.contains(old), "{old}");
    RULE.replacen(old, new, 1)
}

fn severity(rule: &Rule, changes: &str) -> Option<Severity> {
    rule.severity_of(&row(changes), &rule.values)
}

#[test]
fn a_rule_is_loaded_with_everything_in_it() {
    let rule = loaded(RULE);
    assert_eq!((rule.id.as_str(), rule.severity, rule.subject.kind), ("slow-call", Some(Severity::Error), "call"));
    assert_eq!(place(RULE, rule.id_span), "1:5-1:14");
    assert_eq!(rule.when_text, "call.synchronous && absent(call.timeout)");
    assert_eq!(
        (rule.at.clone(), rule.show.as_slice()),
        (vec![slot("timeout")], [slot("timeout"), slot("tags")].as_slice())
    );
    assert_eq!(rule.why, "A call without an end.");
    assert_eq!(rule.limits, ["sees no code", "sees: no mesh"]);
    assert_eq!(rule.references, ["https://docs.example/timeouts"]);
    assert_eq!(rule.formerly, ["endless-call"]);
    let names: Vec<&str> = rule.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["most", "owner", "names", "strict"]);
    assert_eq!(rule.values, [Datum::Int(3), text("shop"), Datum::List(vec![text("cart")]), Datum::Bool(true)]);
    assert_eq!((rule.parameters[0].min, rule.parameters[0].max), (Some(2), Some(50)));
    assert_eq!((rule.parameters[0].unit.as_str(), rule.parameters[0].doc.as_str()), ("services", "the most hops"));
    let slots = ["from", "to", "synchronous", "timeout", "hops", "tags", "knob"].map(slot);
    assert_eq!(rule.slots(), slots);
}

#[test]
fn a_rule_judges_rows() {
    let rule = loaded(RULE);
    assert_eq!(rule.verdict(&row("timeout=-"), &rule.values), Verdict::True);
    assert_eq!(rule.verdict(&row(""), &rule.values), Verdict::False);
    assert_eq!(rule.verdict(&row("synchronous=?"), &rule.values), Verdict::False);
    assert_eq!(
        rule.verdict(&row("synchronous=?, timeout=-"), &rule.values),
        Verdict::Unknown(vec![slot("synchronous")])
    );
    assert_eq!(rule.message_of(&row("timeout=-"), &rule.values), "cart calls catalogue, more than 3");
}

#[test]
fn the_first_true_condition_gives_the_severity() {
    assert_eq!(severity(&loaded(RULE), ""), Some(Severity::Error));
    let guessed = loaded(&with("call.knob == \"guess\"", "call.knob == \"t\""));
    assert_eq!(severity(&guessed, ""), Some(Severity::Note));
    assert_eq!(severity(&guessed, "knob=?"), Some(Severity::Error));
    assert_eq!(severity(&loaded(&with("call.hops > params.most", "call.hops == 3")), ""), Some(Severity::Warning));
    let off = loaded(&with("severity: error", "severity: off"));
    assert_eq!((severity(&off, ""), off.severity), (None, None));
}

#[test]
fn help_is_the_first_sentence_of_the_fix_where_there_is_none() {
    for (fix, expected) in [
        ("fix: Set it. Then measure.", "Set it"),
        ("fix: Set it", "Set it"),
        ("fix: Set 1.5 s, e.g. here, v. 2 too. Then", "Set 1.5 s, e.g. here, v. 2 too"),
        ("fix: |\n  Set\n  it:\n\n  Then. More.", "Set it"),
        ("fix: |\n  Do this.\n  `that` too.", "Do this"),
        ("fix: x\nhelp: \"Set {call.hops} for {call.to}\"", "Set 3 for catalogue"),
        ("fix: Write {this}", "Write {this}"),
    ] {
        let rule = format!("{}{fix}\n", &RULE[..RULE.find("fix:").expect("has a fix")]);
        assert_eq!(loaded(&rule).help_of(&row(""), &[]), expected, "{fix}");
    }
}

#[test]
fn keys_are_checked() {
    for (old, new, expected) in [
        (
            "severity: error",
            "severty: error",
            vec![
                "1:1-1:3 a rule needs the key `severity`",
                "2:1-2:8 a rule has no key `severty` (did you mean `severity`?)",
            ],
        ),
        ("why: |\n  A call without an end.\n", "", vec!["1:1-1:3 a rule needs the key `why`"]),
        ("at: call.timeout", "at: call.timeout\nat: call.tags", vec!["18:1-18:3 `at` stands twice"]),
        (
            "at: call.timeout",
            "<<: {at: call.timeout}",
            vec![
                "17:1-17:3 a rule has no key `<<` (a rule has: `id`, `severity`, `severities`, `subject`, `parameters`, `among`, `when`, `message`, `together`, `same`, `at`, `show`, …)",
            ],
        ),
        ("at: call.timeout", "[at]: call.timeout", vec!["17:1-17:5 a key must be a name"]),
        (
            "when: call.knob == \"guess\"",
            "if: true",
            vec![
                "4:6-4:8 an item of `severities` has no key `if` (an item of `severities` has: `when`, `severity`)",
                "4:6-4:8 an item of `severities` needs the key `when`",
            ],
        ),
        (
            "doc: whose calls",
            "docs: whose calls",
            vec![
                "10:11-10:15 a parameter needs the key `doc`",
                "10:38-10:42 a parameter has no key `docs` (did you mean `doc`?)",
            ],
        ),
    ] {
        let mut found = problems(&with(old, new));
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{new}");
    }
}

#[test]
fn values_are_checked_at_their_place() {
    for (old, new, expected) in [
        (
            "id: slow-call ",
            "id: Slow_call ",
            "1:5-1:14 `Slow_call` is no rule id (small letters, digits and hyphens: `late-answer`)",
        ),
        (
            "id: slow-call ",
            "id: late-call ",
            "1:5-1:14 the id `late-call` is not the file's name (call the file `late-call.yaml`, or the rule `slow-call`)",
        ),
        ("id: slow-call ", "id: [a] ", "1:5-1:8 `id` must be a text"),
        ("severity: error", "severity: eror", "2:11-2:15 `eror` is no severity (did you mean `error`?)"),
        (
            "severity: error",
            "severity: [error]",
            "2:11-2:18 `` is no severity (there are: `error`, `warning`, `note`, `off`)",
        ),
        ("severity: note}", "severity: notes}", "4:44-4:49 `notes` is no severity (did you mean `note`?)"),
        ("subject: call", "subject: calls", "7:10-7:15 there is no subject `calls` (did you mean `call`?)"),
        (
            "at: call.timeout",
            "at: call.timeot",
            "17:10-17:16 `call` has no attribute `timeot` (did you mean `timeout`?)",
        ),
        ("at: call.timeout", "at: timeout", "17:5-17:12 `timeout` is no attribute of `call` (write `call.from`)"),
        (
            "show: [call.timeout, call.tags]",
            "show: [call.timeout, call.tag]",
            "18:27-18:30 `call` has no attribute `tag` (did you mean `tags`?)",
        ),
        (
            "show: [call.timeout, call.tags]",
            "show: call.tags",
            "18:7-18:16 `show` must be a list of attributes (write `[call.…]`)",
        ),
        ("why: |\n  A call without an end.", "why:", "19:4-19:4 `why` must be a text"),
        ("limits: [sees no code", "limits: [[sees no code]", "24:10-24:24 `limits` must be a text"),
        (
            "limits: [sees no code, \"sees: no mesh\"]",
            "limits: nothing",
            "24:9-24:16 `limits` must be a list (write `[one, two]`)",
        ),
        (
            "severities:\n  - {when: call.knob == \"guess\", severity: note}\n  - when: call.hops > params.most\n    severity: warning",
            "severities: note",
            "3:13-3:17 `severities` must be a list (write `- {when: …, severity: warning}`)",
        ),
        (
            "message: \"{call.from} calls {call.to}, more than {params.most}\"",
            "message: |\n  one\n  two",
            "17:3-18:6 `message` must be one line",
        ),
        (
            "{type: int, default: 3, min",
            "{type: number, default: 3, min",
            "9:16-9:22 `number` is no type of a parameter (there are: `bool`, `int`, `text`, `list`)",
        ),
        ("default: 3, min", "default: three, min", "9:30-9:35 `most` must be a whole number"),
        ("default: 3, min", "default: 1, min", "9:30-9:31 `most` must lie in 2…50 services"),
        ("min: 2, max: 50", "min: 60, max: 50", "9:3-9:7 `min` 60 is above `max` 50"),
        ("min: 2, max: 50", "min: two, max: 50", "9:38-9:41 `min` must be a whole number"),
        ("default: shop", "default: shop, min: 1", "10:43-10:44 `min` is for numbers only"),
        ("default: shop", "default: 1.5", "10:32-10:35 `owner` must be a text (in quotes, if it looks like a number)"),
        ("default: [cart]", "default: [cart, 5]", "11:39-11:40 `names` must be a list of texts"),
        ("default: [cart]", "default: cart", "11:32-11:36 `names` must be a list of texts"),
        ("default: true", "default: yes", "12:33-12:36 `strict` must be `true` or `false`"),
        (
            "strict: {type: bool, default: true, doc: be strict}",
            "strict: true",
            "12:3-12:9 the parameter `strict` must be a mapping (write `{type: int, default: 3, doc: …}`)",
        ),
        ("  strict:", "  most:", "12:3-12:7 `most` stands twice"),
        (
            "  strict:",
            "  Strict:",
            "12:3-12:9 `Strict` is no parameter's name (small letters, digits and underscores: `max_services`)",
        ),
    ] {
        assert_eq!(problems(&with(old, new)), [expected], "{new}");
    }
}

#[test]
fn mistakes_in_expressions_and_sentences_stand_at_their_word() {
    let block = "when: >-\n  call.synchronous &&\n  absent(call.timeout)";
    for (old, new, expected) in [
        (block, "when: absent(call.timeot)", "13:19-13:25 `call` has no attribute `timeot` (did you mean `timeout`?)"),
        (
            block,
            "when: 'absent(call.timeot)'",
            "13:20-13:26 `call` has no attribute `timeot` (did you mean `timeout`?)",
        ),
        (
            block,
            "when: \"call.from == 'ä' && call.timeot > 1\"",
            "13:33-13:39 `call` has no attribute `timeot` (did you mean `timeout`?)",
        ),
        (
            block,
            "when: \"call.from == \\\"a\\\" && call.timeot > 1\"",
            "13:7-13:46 `call` has no attribute `timeot` (did you mean `timeout`?)",
        ),
        (
            block,
            "when: 'call.from == ''a'' && call.timeot > 1'",
            "13:7-13:46 `call` has no attribute `timeot` (did you mean `timeout`?)",
        ),
        (
            "absent(call.timeout)",
            "absent(call.timeot)",
            "15:15-15:21 `call` has no attribute `timeot` (did you mean `timeout`?)",
        ),
        (
            block,
            "when: |\n  call.synchronous &&\n    absent(call.timeot)",
            "15:17-15:23 `call` has no attribute `timeot` (did you mean `timeout`?)",
        ),
        (
            block,
            "when: call.synchronous &&\n  absent(call.timeot)",
            "14:15-14:21 `call` has no attribute `timeot` (did you mean `timeout`?)",
        ),
        (
            block,
            "when: call.hops",
            "13:7-13:16 the condition is a number, not true or false (compare it with something)",
        ),
        (block, "when: call.synchronous &&", "13:24-13:26 the expression ends here, where a value should stand"),
        (
            block,
            "when: true && (call.hops > 1",
            "13:28-13:29 the expression ends here, where a `)` should close the bracket",
        ),
        (block, "when: ", "13:5-13:5 `when` must be a text"),
        (block, "when: [true]", "13:7-13:13 `when` must be a text"),
        (
            "call.hops > params.most",
            "call.hops > params.mst",
            "5:30-5:33 the rule declares no parameter `mst` (did you mean `most`?)",
        ),
        ("{call.from} calls", "{call.form} calls", "16:17-16:21 `call` has no attribute `form` (did you mean `from`?)"),
        (
            "{call.from} calls",
            "{call.timeout} calls",
            "16:12-16:24 `call.timeout` may be absent or unknown (say what stands there then: `{call.timeout|else \"none\"}`)",
        ),
        (
            "{params.most}\"",
            "{params.most\"",
            "16:50-16:51 this `{` is never closed (the brace itself is written `{{`)",
        ),
        (
            "formerly:",
            "help: \"{call.x}\"\nformerly:",
            "27:14-27:15 `call` has no attribute `x` (`call` has: `from`, `to`, `synchronous`, `timeout`, `hops`, `tags`, `attempts`, `traced`, `retried`, `knob`)",
        ),
    ] {
        assert_eq!(problems(&with(old, new)), [expected], "{new}");
    }
}

#[test]
fn all_mistakes_of_a_file_are_reported_in_its_order() {
    let text = with("severity: error", "severity: bad")
        .replace("call.from} calls", "call.form} calls")
        .replace("at: call.timeout", "at: call.x");
    let places: Vec<String> =
        problems(&text).iter().filter_map(|problem| problem.split(' ').next().map(str::to_owned)).collect();
    assert_eq!(places, ["2:11-2:14", "16:17-16:21", "17:10-17:11"]);
}

#[test]
fn files_that_are_no_rule_are_refused() {
    for (text, expected) in [
        ("", "1:1-1:1 a rule is a mapping (begin with `id: the-rules-name`)"),
        ("# only a comment\n", "1:1-1:1 a rule is a mapping (begin with `id: the-rules-name`)"),
        ("- id: a\n", "1:1-2:1 a rule is a mapping (begin with `id: the-rules-name`)"),
        ("rule", "1:1-1:5 a rule is a mapping (begin with `id: the-rules-name`)"),
    ] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let message = expected.split_once(' ').map_or("", |(_, message)| message);
        assert!(found[0].ends_with(message), "{text}: {found:?}");
    }
    assert!(!problems("id: [a").is_empty());
    let two = format!("{RULE}---\nid: other\n");
    assert_eq!(problems(&two).len(), 1);
}

#[test]
fn a_byte_order_mark_and_foreign_line_ends_do_not_move_the_places() {
    let text = format!("\u{feff}{}", with("absent(call.timeout)", "absent(call.timeot)").replace('\n', "\r\n"));
    assert_eq!(problems(&text), ["15:15-15:21 `call` has no attribute `timeot` (did you mean `timeout`?)"]);
}

#[test]
fn a_configuration_sets_parameters_within_their_types_and_ranges() {
    let configuration = "most: 5\nowner: mail\nnames: [a, b]\nstrict: false\n";
    let tree = yaml::parse(FILE, configuration);
    let mut rule = loaded(RULE);
    for (key, value) in tree.documents().flat_map(|root| root.entries()) {
        assert_eq!(rule.configure(key, value), Ok(()));
    }
    let names = Datum::List(vec![text("a"), text("b")]);
    assert_eq!(rule.values, [Datum::Int(5), text("mail"), names, Datum::Bool(false)]);
    assert_eq!(rule.message_of(&row(""), &rule.values), "cart calls catalogue, more than 5");
}

#[test]
fn a_configuration_with_a_mistake_is_refused_and_changes_nothing() {
    for (configuration, expected) in [
        ("moast: 5", "1:1-1:6 `slow-call` has no parameter `moast` (did you mean `most`?)"),
        (
            "zzz: 5",
            "1:1-1:4 `slow-call` has no parameter `zzz` (its parameters are: `most`, `owner`, `names`, `strict`)",
        ),
        ("most: '5'", "1:7-1:10 `most` must be a whole number"),
        ("most: 51", "1:7-1:9 `most` must lie in 2…50 services"),
        ("most: ", "1:5-1:5 `most` must be a whole number"),
        ("owner: [a]", "1:8-1:11 `owner` must be a text (in quotes, if it looks like a number)"),
        ("names: a", "1:8-1:9 `names` must be a list of texts"),
        ("strict: 1", "1:9-1:10 `strict` must be `true` or `false`"),
    ] {
        let tree = yaml::parse(FILE, configuration);
        let mut rule = loaded(RULE);
        let before = rule.values.clone();
        for (key, value) in tree.documents().flat_map(|root| root.entries()) {
            let problem = rule.configure(key, value).expect_err(configuration);
            assert_eq!(shown(configuration, &problem), expected, "{configuration}");
        }
        assert_eq!(rule.values, before);
    }
}

#[test]
fn every_beginning_of_a_rule_file_is_refused_or_loaded() {
    for end in 0..RULE.len() {
        if let Some(text) = RULE.get(..end) {
            problems(text);
        }
    }
}

#[test]
fn hostile_files_are_refused_without_harm() {
    for text in [
        "a: 1\n".repeat(1 << 20),
        (0..8000).map(|n| format!("k{n}: 1\n")).collect(),
        "[".repeat(60_000),
        format!("a: &a [x, x]\nb: &b [*a, *a]\nlimits: *b\n{}", "show: *b\n".repeat(5000)),
        with("{call.from}", &"}".repeat(60_000)),
        with("call.synchronous", &"$".repeat(60_000)),
    ] {
        let (rule, problems) = load(FILE, "slow-call", &text, VOCABULARY);
        assert!(rule.is_none() && !problems.is_empty());
    }
}
