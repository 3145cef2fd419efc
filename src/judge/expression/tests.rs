//! Truth tables, and every mistake with its place and advice.

use super::check::{Scope, compile};
use super::evaluate::Verdict;
use crate::infer::vocabulary::{Datum, Type};
use crate::judge::parameter::{Parameter, TEXTS};
use crate::judge::sample::{VOCABULARY, call, row, slot, text};

fn parameters() -> Vec<Parameter> {
    let parameter = |name: &str, ty: Type, default: Datum| Parameter {
        name: name.to_owned(),
        ty,
        default,
        min: None,
        max: None,
        unit: String::new(),
        doc: String::new(),
    };
    vec![
        parameter("limit", Type::Int, Datum::Int(1000)),
        parameter("owner", Type::Text, text("shop")),
        parameter("names", TEXTS, Datum::List(vec![text("cart"), text("mail")])),
        parameter("strict", Type::Bool, Datum::Bool(true)),
    ]
}

fn verdict(expression: &str, changes: &str) -> Verdict {
    let parameters = parameters();
    let scope = Scope { subject: call(), vocabulary: VOCABULARY, parameters: &parameters };
    let compiled = compile(expression, scope).unwrap_or_else(|problems| panic!("{expression}: {problems:?}"));
    let values: Vec<Datum> = parameters.iter().map(|parameter| parameter.default.clone()).collect();
    compiled.evaluate(&row(changes), &values)
}

/// `T`, `F`, or `?` with the names of the attributes that made it unknown.
fn answer(expression: &str, changes: &str) -> String {
    match verdict(expression, changes) {
        Verdict::True => "T".to_owned(),
        Verdict::False => "F".to_owned(),
        Verdict::Unknown(slots) => {
            let names: Vec<&str> = slots.iter().map(|&slot| call().attributes[slot].name).collect();
            format!("? {}", names.join(" "))
        }
    }
}

/// The problems of an expression, one a line: `start..end message (help)`.
fn problems(expression: &str) -> Vec<String> {
    let parameters = parameters();
    let scope = Scope { subject: call(), vocabulary: VOCABULARY, parameters: &parameters };
    let found = compile(expression, scope).err().unwrap_or_default();
    let line = |problem: &crate::judge::problem::TextProblem| {
        let help = problem.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
        format!("{}..{} {}{help}", problem.range.start, problem.range.end, problem.message)
    };
    found.iter().map(line).collect()
}

/// The states that a condition can have, as `call.traced` and as `call.retried`.
const STATES: [&str; 4] = ["true", "false", "?", "-"];

#[test]
fn and_or_and_not_follow_the_three_valued_tables() {
    // Rows: the left operand true, false, unknown, absent; columns: the right one.
    let and = [
        ["T", "F", "? retried", "F"],
        ["F", "F", "F", "F"],
        ["? traced", "F", "? traced retried", "F"],
        ["F", "F", "F", "F"],
    ];
    let or = [
        ["T", "T", "T", "T"],
        ["T", "F", "? retried", "F"],
        ["T", "? traced", "? traced retried", "? traced"],
        ["T", "F", "? retried", "F"],
    ];
    for (left, (and, or)) in STATES.iter().zip(and.iter().zip(or)) {
        for (right, (and, or)) in STATES.iter().zip(and.iter().zip(or)) {
            let changes = format!("traced={left}, retried={right}");
            assert_eq!(answer("call.traced && call.retried", &changes), *and, "{left} && {right}");
            assert_eq!(answer("call.traced || call.retried", &changes), or, "{left} || {right}");
        }
    }
    for (operand, not) in STATES.iter().zip(["F", "T", "? traced", "T"]) {
        assert_eq!(answer("!call.traced", &format!("traced={operand}")), not, "!{operand}");
    }
    assert_eq!(answer("!!call.traced", "traced=?"), "? traced");
}

#[test]
fn present_and_absent_of_what_is_unknown_are_unknown() {
    for (state, expected) in [("true", ["T", "F", "F"]), ("-", ["F", "T", "F"]), ("?", ["? traced", "? traced", "T"])] {
        for (function, expected) in ["present", "absent", "unknown"].iter().zip(expected) {
            let expression = format!("{function}(call.traced)");
            assert_eq!(answer(&expression, &format!("traced={state}")), expected, "{expression} of {state}");
        }
    }
}

#[test]
fn what_is_absent_makes_the_statement_around_it_false() {
    for statement in [
        "call.timeout == 5",
        "call.timeout != 5",
        "call.timeout < 5",
        "call.timeout <= 5",
        "call.timeout > 5",
        "call.timeout >= 5",
        "5 < call.timeout",
        "call.timeout + 1 > 0",
        "-call.timeout < 0",
        "call.timeout in [1, 2]",
        "call.timeout in call.attempts",
        "call.knob.startsWith('')",
        "call.knob.endsWith('')",
        "call.knob.contains('')",
        "call.knob.matches('')",
        "call.from.startsWith(call.knob)",
        "size(call.knob) >= 0",
        "call.knob == call.knob",
        "1 in call.attempts || false",
        "'a' in call.tags",
        "size(call.tags) == 0",
        "call.tags.exists(t, true)",
        "call.tags.all(t, true)",
        "call.tags.exists_one(t, true)",
        "size(call.tags.filter(t, true)) >= 0",
        "size(call.tags.map(t, t)) >= 0",
        "[call.timeout] == [5]",
        "(call.synchronous ? call.timeout : 3) > 0",
        "call.traced",
    ] {
        let changes = "timeout=-, tags=-, knob=-, traced=-, attempts=-";
        assert_eq!(answer(statement, changes), "F", "{statement}");
        assert_eq!(answer(&format!("!({statement})"), changes), "T", "!({statement})");
    }
}

#[test]
fn what_is_unknown_makes_the_statement_around_it_unknown() {
    for (statement, because) in [
        ("call.timeout == 5", "timeout"),
        ("call.timeout != 5", "timeout"),
        ("call.timeout > call.hops", "timeout"),
        ("call.timeout * 2 - 1 > 0", "timeout"),
        ("-call.timeout > 0", "timeout"),
        ("call.timeout in [1, 2]", "timeout"),
        ("call.timeout in call.attempts", "timeout attempts"),
        ("call.hops in [1, call.timeout]", "timeout"),
        ("call.knob.startsWith('a')", "knob"),
        ("call.knob.matches('a')", "knob"),
        ("call.knob + 'a' == 'ta'", "knob"),
        ("size(call.tags) == 0", "tags"),
        ("call.tags.exists(t, false)", "tags"),
        ("call.tags.all(t, true)", "tags"),
        ("call.tags.exists_one(t, true)", "tags"),
        ("size(call.tags.filter(t, true)) > 0", "tags"),
        ("size(call.tags.map(t, t)) > 0", "tags"),
        ("[call.timeout, 1] == [5, 1]", "timeout"),
        ("call.traced ? true : false", "traced"),
        ("call.traced ? call.timeout > 1 : call.retried", "timeout traced"),
        ("or_default(call.timeout, 3) > 1", "timeout"),
        ("call.knob == 'x' && call.timeout > 1", "timeout knob"),
    ] {
        let changes = "timeout=?, tags=?, knob=?, traced=?, attempts=?";
        assert_eq!(answer(statement, changes), format!("? {because}"), "{statement}");
        assert_eq!(answer(&format!("!({statement})"), changes), format!("? {because}"), "!({statement})");
    }
}

#[test]
fn the_rest_of_an_expression_can_settle_what_is_unknown() {
    for (expression, changes, expected) in [
        ("call.timeout > 1 && call.hops == 9", "timeout=?", "F"),
        ("call.hops == 9 && call.timeout > 1", "timeout=?", "F"),
        ("call.timeout > 1 || call.hops == 3", "timeout=?", "T"),
        ("call.traced ? call.hops == 3 : call.hops < 4", "traced=?", "T"),
        ("(call.traced ? 'a' : 'a') == 'a'", "traced=?", "T"),
        ("call.timeout == call.knob.size()", "timeout=-, knob=?", "F"),
        ("call.hops in [call.timeout, 3]", "timeout=?", "T"),
        ("call.hops in [call.timeout, 3]", "timeout=-", "T"),
        ("call.hops in [call.timeout, 4]", "timeout=-", "F"),
        ("call.timeout in call.attempts", "timeout=?, attempts=[]", "F"),
        ("unknown(call.timeout) || call.timeout > 1", "timeout=?", "T"),
        ("present(call.timeout) && call.timeout > 1", "timeout=?", "? timeout"),
        ("call.tags.exists(t, t == 'a' || call.traced)", "traced=?", "T"),
        ("call.tags.exists(t, t == 'x' || call.traced)", "traced=?", "? traced"),
        ("call.tags.all(t, t == 'a' && call.traced)", "traced=?", "F"),
        ("call.tags.all(t, t != 'x' && call.traced)", "traced=?", "? traced"),
        ("call.attempts.exists_one(n, n == 1 || call.traced)", "traced=?", "? traced"),
        ("call.attempts.exists_one(n, n < 3 || call.traced)", "traced=?", "F"),
        ("call.tags.exists(t, call.traced)", "traced=?, tags=[]", "F"),
        ("call.tags.all(t, call.traced)", "traced=?, tags=[]", "T"),
        ("size(call.tags.filter(t, call.traced)) == 0", "traced=?", "? traced"),
        ("or_default(call.timeout, 3) == 3", "timeout=-", "T"),
        ("or_default(call.timeout, call.hops) == 1500", "", "T"),
        ("9223372036854775807 + call.hops > 0", "", "? hops"),
        ("call.hops * 9223372036854775807 > 0 && false", "", "F"),
        ("-(-9223372036854775807 - 1) == 1", "", "? "),
    ] {
        assert_eq!(answer(expression, changes), expected, "{expression} where {changes}");
    }
}

#[test]
fn an_expression_names_the_slots_it_reads() {
    let scope = Scope { subject: call(), vocabulary: VOCABULARY, parameters: &[] };
    let text = "call.tags.exists(t, t == call.from) && (absent(call.timeout) || call.from != '')";
    let compiled = compile(text, scope).expect("compiles");
    assert_eq!(compiled.slots(), [slot("from"), slot("timeout"), slot("tags")]);
}

#[test]
fn parameters_are_read_by_name() {
    for expression in [
        "call.timeout > params.limit",
        "params.owner == 'shop'",
        "call.from in params.names",
        "params.strict && params.names.exists(n, n == call.from)",
    ] {
        assert_eq!(answer(expression, ""), "T", "{expression}");
    }
}

#[test]
fn names_that_do_not_exist_are_refused_with_the_nearest() {
    for (expression, expected) in [
        ("call.timeot > 1", "5..11 `call` has no attribute `timeot` (did you mean `timeout`?)"),
        ("absent(call.tiemout)", "12..19 `call` has no attribute `tiemout` (did you mean `timeout`?)"),
        ("cal.timeout > 1", "0..3 `cal` is not known here (did you mean `call`?)"),
        ("timeout > 1", "0..7 `timeout` is not known here (did you mean `call.timeout`?)"),
        ("zebra > 1", "0..5 `zebra` is not known here (known are: `call`, `params`)"),
        ("service.name == 'x'", "0..7 this rule judges `call`, so there is no `service` here"),
        ("call", "0..4 `call` alone is no value (name an attribute: `call.from`)"),
        ("params", "0..6 `params` alone is no value (name a parameter: `params.x`)"),
        ("call.hops > params.limt", "19..23 the rule declares no parameter `limt` (did you mean `limit`?)"),
        ("call.tags.exists(t, u == 'a')", "20..21 `u` is not known here (known are: `call`, `params`, `t`)"),
        ("abscent(call.timeout)", "0..7 there is no function `abscent` (did you mean `absent`?)"),
        ("has(call.timeout)", "0..3 there is no `has` (did you mean `present`?)"),
        ("call.from.startswith('a')", "10..20 there is no function `startswith` (did you mean `startsWith`?)"),
        ("startsWith(call.from, 'a')", "0..10 `startsWith` stands alone (write it behind a value: `x.startsWith(…)`)"),
        ("call.timeout.absent()", "13..19 `absent` does not stand behind a dot (write `absent(call.timeout)`)"),
    ] {
        assert_eq!(problems(expression), [expected], "{expression}");
    }
}

#[test]
fn types_that_do_not_fit_are_refused() {
    for (expression, expected) in [
        ("call.hops == '1'", "0..16 `call.hops` is a number and `'1'` is a text: they cannot be compared"),
        (
            "call.traced < true",
            "0..18 `<` compares numbers or texts, and `call.traced` is true or false and `true` is true or false",
        ),
        (
            "call.tags < ['a']",
            "0..17 `<` compares numbers or texts, and `call.tags` is a list of texts and `['a']` is a list of texts",
        ),
        ("call.hops", "0..9 the condition is a number, not true or false (compare it with something)"),
        ("call.hops && true", "0..9 `&&` joins conditions, and `call.hops` is a number"),
        ("true || call.from", "8..17 `||` joins conditions, and `call.from` is a text"),
        ("!call.hops", "1..10 `!` needs true or false, and `call.hops` is a number"),
        ("-call.from == 'a'", "1..10 `-` needs a number, and `call.from` is a text"),
        (
            "call.hops + 'a' == 'b'",
            "0..15 `+` needs two numbers or two texts, and `call.hops` is a number and `'a'` is a text",
        ),
        ("call.from - 'a' == 'b'", "0..15 `-` needs two numbers, and `call.from` is a text and `'a'` is a text"),
        ("call.hops / 2 == 1", "10..11 `/` is not offered (multiply the other side)"),
        (
            "call.hops in 'abc'",
            "0..18 `in` looks for an item in a list, and `call.hops` is a number and `'abc'` is a text",
        ),
        (
            "1 in call.tags",
            "0..14 `in` looks for an item in a list, and `1` is a number and `call.tags` is a list of texts",
        ),
        ("[1, 'a'] == [1]", "4..7 `'a'` is a text, and what stands before it is a number"),
        ("call.traced ? 1 : 'a'", "0..21 both values need one type, and `1` is a number and `'a'` is a text"),
        ("call.hops ? true : false", "0..9 `?` needs a condition before it, and `call.hops` is a number"),
        ("size(call.hops) == 1", "5..14 `size` counts a list or a text, and `call.hops` is a number"),
        ("call.hops.exists(t, true)", "0..9 `exists` goes through a list, and `call.hops` is a number"),
        ("call.tags.exists(t, t)", "20..21 `exists` needs a condition, and `t` is a text"),
        ("call.tags.exists(t, t > 1)", "20..25 `t` is a text and `1` is a number: they cannot be compared"),
        ("call.tags.exists('t', true)", "17..20 `'t'` is no name for the item (write `exists(x, …)`)"),
        ("call.tags.exists(call, true)", "17..21 the name `call` is already taken"),
        ("call.tags.exists(t, call.tags.exists(t, true))", "37..38 the name `t` is already taken"),
        ("call.tags.exists(true)", "0..22 `exists` takes a name for the item and what to ask of it"),
        ("call.tags.contains('a')", "10..18 `call.tags` is a list of texts, not a text (write `x in call.tags`)"),
        ("call.hops.contains('a')", "0..9 `contains` needs a text, and `call.hops` is a number"),
        ("call.from.contains(1)", "19..20 `contains` needs a text, and `1` is a number"),
        (
            "call.from.matches(call.to)",
            "18..25 the pattern must be a text in quotes (write it as r'…', so that it is checked when the rule is loaded)",
        ),
        ("call.from.matches('(a')", "18..22 the pattern is no regular expression: unclosed group"),
        ("absent(call.hops + 1)", "7..20 `absent` asks about an attribute, and `call.hops + 1` is none"),
        ("absent('x')", "7..10 `absent` asks about an attribute, and `'x'` is none"),
        ("absent()", "0..8 `absent` takes one attribute"),
        ("or_default(call.hops, 'a') == 1", "22..25 `call.hops` is a number and its default `'a'` is a text"),
        ("call.from.name == 'a'", "10..14 `call.from` is a text and has no part `name`"),
        ("call.tags[0] == 'a'", "0..12 items have no numbers here (use `exists` or `in`)"),
        ("call.timeout == null", "16..20 there is no `null` (ask `absent(x)`, `present(x)` or `unknown(x)`)"),
        (
            "call.tags.exists(a, call.tags.exists(b, call.tags.exists(c, a == b)))",
            "40..67 loops are nested more than 2 deep (ask for an attribute that says it)",
        ),
    ] {
        assert_eq!(problems(expression), [expected], "{expression}");
    }
}

#[test]
fn all_mistakes_are_reported_in_the_order_of_the_text() {
    let found = problems("call.timeot > 1 && call.hops == '1' || !call.from");
    let starts: Vec<&str> = found.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(starts, ["5..11", "19..35", "40..49"], "{found:#?}");
}

#[test]
fn texts_that_are_no_expression_are_refused_in_words_for_people() {
    for (expression, expected) in [
        ("", "0..0 the expression ends here, where a value should stand"),
        ("call.traced &&", "12..14 the expression ends here, where a value should stand"),
        ("call.traced && && true", "15..17 `&&` stands here, where a value should stand"),
        ("(call.traced", "6..12 the expression ends here, where a `)` should close the bracket"),
        ("call.traced)", "11..12 `)` stands here, where the expression should end"),
        ("call.hops == 'x", "13..14 this text has no closing quote"),
        ("call.hops = 1", "10..11 `=` is no part of an expression (equality is written `==`)"),
        ("call.traced & true", "12..13 `&` is no part of an expression (\"and\" is written `&&`)"),
        ("call.traced and true", "12..15 `and` stands here, where the expression should end (\"and\" is written `&&`)"),
        ("not call.traced", "0..3 `not` stands here, where a value should stand (\"not\" is written `!`)"),
        ("call.from == “a”", "13..16 `“` is no part of an expression (text stands in straight quotes: 'text')"),
        ("call.traced ? 1", "14..15 the expression ends here, where a `:` and the other value should follow"),
        ("call.", "4..5 the expression ends here, where a name should follow the dot"),
        ("absent(call.timeout", "12..19 the expression ends here, where a `,` or `)` should follow"),
        ("[1, ]", "4..5 `]` stands here, where a value should stand"),
        ("call.hops > 1.5", "12..15 `1.5` is no whole number (numbers are whole, without a unit: `1500`)"),
        ("call.timeout > 2s", "15..17 `2s` is no whole number (numbers are whole, without a unit: `1500`)"),
        ("call.hops > 99999999999999999999", "12..32 `99999999999999999999` is too large"),
        ("call.hops > 9223372036854775808", "12..31 `9223372036854775808` is too large"),
        ("{'a': 1}", "7..8 `}` is no part of an expression"),
        ("if == 1", "0..2 `if` is a reserved word"),
        ("call.from == '\\q'", "14..15 this escape is not known (a backslash is written `\\\\`, or the text as r'…')"),
        ("call.from == b'a'", "13..17 bytes are not offered (write text: '…')"),
        (".call", "0..1 `.` stands here, where a value should stand"),
    ] {
        assert_eq!(problems(expression).first().map(String::as_str), Some(expected), "{expression}");
    }
}

#[test]
fn hostile_texts_are_refused_without_harm() {
    for text in [
        "(".repeat(4000),
        "!(".repeat(2000),
        "[".repeat(4000),
        "f(".repeat(2000),
        "a?".repeat(2000),
        "a?b:".repeat(1000),
        vec!["1"; 2000].join("+"),
        vec!["a"; 2000].join("."),
        format!("a{}", ".f()".repeat(1000)),
        format!("a{}", "[0]".repeat(1000)),
        "-".repeat(4096),
        "'".repeat(4096),
        "a".repeat(1 << 20),
    ] {
        assert!(!problems(&text).is_empty(), "{}…", &text[..20]);
    }
    let many = format!("{}true", "true && ".repeat(500));
    assert_eq!(answer(&many, ""), "T");
    let nested = format!("{}true{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(answer(&nested, ""), "T");
}

#[test]
fn every_beginning_of_an_expression_is_refused_or_compiled() {
    let expression = "call.tags.exists(t, t.startsWith('ä\\n') || t in ['😀', r\"x\"]) ? call.hops * -1 < 0x1F : !absent(call.timeout)";
    for (end, _) in expression.char_indices() {
        for start in [0, end / 2] {
            if let Some(part) = expression.get(start..end) {
                for problem in problems(part) {
                    assert!(!problem.is_empty());
                }
            }
        }
    }
    assert_eq!(problems(expression), Vec::<String>::new());
}

proptest::proptest! {
    /// Words of the language in any order: no panic, and every problem lies in the text.
    #[test]
    fn words_in_any_order_are_refused_inside_the_text_or_compiled(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "call", ".", "timeout", "tags", "from", "&&", "||", "!", "-", "==", "<", "in", "+", "(", ")", "[", "]", ",",
            "?", ":", "'a'", "'", "\"ä", "1", "9223372036854775808", "0x", "1.5", "exists", "map", "t", "absent", "size",
            "params", "limit", "true", "null", "ä", "\\", "r'", "//", "\n", " ", "startsWith", "matches", "or_default",
        ]), 0..40)
    ) {
        let text = words.concat();
        let parameters = parameters();
        let scope = Scope { subject: call(), vocabulary: VOCABULARY, parameters: &parameters };
        match compile(&text, scope) {
            Ok(compiled) => {
                compiled.evaluate(&row("timeout=?, tags=-"), &[]);
            }
            Err(problems) => {
                proptest::prop_assert!(!problems.is_empty());
                for problem in problems {
                    proptest::prop_assert!(text.get(problem.range.clone()).is_some(), "{text}: {problem:?}");
                }
            }
        }
    }
}
