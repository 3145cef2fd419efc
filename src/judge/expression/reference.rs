//! What we compile, the `cel` crate's interpreter judges alike, where all is present.

use std::collections::HashMap;

use cel::{Context, Program, Value};

use super::check::{Scope, compile};
use super::evaluate::Verdict;
use crate::facts::answer::Answer;
use crate::infer::vocabulary::Datum;
use crate::judge::sample::{VOCABULARY, call, full_row};

fn reference_value(datum: &Datum) -> Value {
    match datum {
        Datum::Bool(value) => (*value).into(),
        Datum::Int(value) => (*value).into(),
        Datum::Text(value) => value.as_str().into(),
        Datum::List(items) => items.iter().map(reference_value).collect::<Vec<Value>>().into(),
    }
}

/// Operands of every type, to be combined with every operator.
const INTS: [&str; 5] = ["call.hops", "3", "-1", "call.timeout", "size(call.tags) + 1"];
const TEXTS: [&str; 5] = ["call.from", "'cart'", "''", "call.knob", "'ca' + \"rt\""];
const LISTS: [&str; 4] = ["call.tags", "['a', 'bc']", "[call.from]", "call.tags.map(x, x + 'c')"];
const CONDITIONS: [&str; 4] = ["call.traced", "call.retried", "(call.hops == 3)", "!call.synchronous"];

fn pairs(operands: &[&str], signs: &[&str]) -> Vec<String> {
    let mut expressions = Vec::new();
    for left in operands {
        for right in operands {
            expressions.extend(signs.iter().map(|sign| format!("{left} {sign} {right}")));
        }
    }
    expressions
}

fn expressions() -> Vec<String> {
    let mut expressions = pairs(&INTS, &["==", "!=", "<", "<=", ">", ">="]);
    expressions.extend(pairs(&TEXTS, &["==", "!=", "<", "<=", ">", ">="]));
    expressions.extend(pairs(&LISTS, &["==", "!="]));
    expressions.extend(pairs(&CONDITIONS, &["&&", "||", "==", "!="]));
    for method in ["startsWith", "endsWith", "contains"] {
        for left in TEXTS {
            expressions.extend(TEXTS.iter().map(|right| format!("({left}).{method}({right})")));
        }
    }
    for list in LISTS {
        expressions.extend(TEXTS.iter().map(|text| format!("({text}) in {list}")));
        for condition in ["t == 'a'", "t.size() == 2", "t != ''", "t in call.tags", "call.traced", "false"] {
            for kind in ["exists", "all", "exists_one"] {
                expressions.push(format!("{list}.{kind}(t, {condition})"));
            }
            expressions.push(format!("size({list}.filter(t, {condition})) > 0"));
            expressions.push(format!("{list}.filter(t, {condition}) == {list}"));
        }
    }
    expressions.extend(
        [
            "call.traced ? call.hops == 3 : call.hops == 4",
            "call.retried ? true : call.traced ? false : true",
            "true || false && false",
            "(true || false) && false",
            "1 + 2 * 3 == 7",
            "10 - 3 - 2 == 5",
            "2 * -3 + 1 == -5",
            "- 3 == -3 && 5 - -3 == 8",
            "--call.hops == 3",
            "!!call.traced",
            "-call.hops < 0 == true",
            "-9223372036854775808 < 0",
            "0x1F == 31",
            "size('ä😀') == 2",
            "size([]) == 0 && [] == []",
            "call.attempts == [1, 2, 3]",
            "call.attempts.map(n, n * n) == [1, 4, 9]",
            "call.attempts.all(n, call.attempts.exists(m, m >= n))",
            "call.attempts.exists(n, n == call.hops)",
            "call.from.matches('^c.r')",
            "call.from.matches('AR')",
            "call.from.matches(r'\\bcart\\b')",
            "'\\x41\\u00e4\\U0001F600\\101\\n\\t\\'' == 'AäA' || size('\\x41\\u00e4\\U0001F600\\101\\n\\t\\'') == 7",
            "'\\u00e4' == 'ä' && '\\101' == 'A' && '\\x41' == 'A'",
            "r'a\\n'.size() == 3",
            "'''a'b''' == \"a'b\"",
            "\"a\\\"b\".contains('\"')",
            "'a' // a comment\n == 'a'",
            "call . hops == 3",
            "[[1], [2]] == [[1], [2]]",
            "[1] in [[1], [2]]",
            "call.synchronous == (call.from != call.to)",
            "true ? false : true ? false : true",
        ]
        .map(str::to_owned),
    );
    expressions
}

#[test]
fn the_reference_interpreter_agrees_on_what_is_present() {
    let row = full_row();
    let mut subject: HashMap<String, Value> = HashMap::new();
    for (attribute, answer) in call().attributes.iter().zip(&row.values) {
        if let Answer::Present(datum, _) = answer {
            subject.insert(attribute.name.to_owned(), reference_value(datum));
        }
    }
    let mut context = Context::default();
    context.add_variable_from_value("call", subject);
    let scope = Scope { subject: call(), vocabulary: VOCABULARY, parameters: &[] };
    let expressions = expressions();
    assert!(expressions.len() > 500, "{}", expressions.len());
    let mut fired = 0;
    for expression in &expressions {
        let ours = compile(expression, scope).unwrap_or_else(|problems| panic!("{expression}: {problems:?}"));
        let program = Program::compile(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        let theirs = match program.execute(&context) {
            Ok(Value::Bool(true)) => Verdict::True,
            Ok(Value::Bool(false)) => Verdict::False,
            other => panic!("{expression}: {other:?}"),
        };
        fired += usize::from(theirs == Verdict::True);
        assert_eq!(ours.evaluate(&row, &[]), theirs, "{expression}");
    }
    assert!(fired > 100 && fired + 100 < expressions.len(), "both answers occur: {fired}");
}
