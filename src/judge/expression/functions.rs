//! The functions and loops of expressions: their names, operands and types.

use std::ops::Range;

use regex::RegexBuilder;

use super::check::{Checked, Checker, Kind};
use super::parse::{CallTerm, Term, TermKind};
use super::typed::{Loop, State, TextTest, Typed};
use crate::infer::vocabulary::Datum;
use crate::judge::problem::suggestion;

/// What is written `f(x)`.
const FUNCTIONS: [&str; 5] = ["present", "absent", "unknown", "or_default", "size"];
/// What is written `x.f(y)`.
const METHODS: [&str; 10] =
    ["startsWith", "endsWith", "contains", "matches", "size", "exists", "all", "exists_one", "filter", "map"];
/// Loops within loops: more would let one rule cost the cube of a list's length and worse.
const LOOPS: usize = 2;
/// Bytes that a compiled pattern may take.
const PATTERN_LIMIT: usize = 1 << 20;

impl<'s> Checker<'s> {
    pub(super) fn call(&mut self, call: &CallTerm<'s>, range: &Range<usize>) -> Checked {
        match &call.target {
            Some(target) => self.method(call, target, range),
            None => self.function(call, range),
        }
    }

    fn function(&mut self, call: &CallTerm<'s>, range: &Range<usize>) -> Checked {
        let state = match call.name {
            "present" => State::Present,
            "absent" => State::Absent,
            "unknown" => State::Unknown,
            "or_default" => return self.or_default(call, range),
            "size" => {
                let Some([operand]) = self.arguments(call, range, "one value") else { return any() };
                return self.size(operand);
            }
            name if METHODS.contains(&name) => {
                let help = format!("write it behind a value: `x.{name}(…)`");
                return self.wrong(&call.name_range, format!("`{name}` stands alone"), Some(&help));
            }
            "has" => return self.wrong(&call.name_range, "there is no `has`", Some("did you mean `present`?")),
            name => {
                let help = suggestion(name, FUNCTIONS, "there are");
                return self.wrong(&call.name_range, format!("there is no function `{name}`"), help.as_deref());
            }
        };
        let Some([operand]) = self.arguments(call, range, "one attribute") else { return any() };
        let (typed, kind) = self.check(operand);
        match typed {
            Typed::Attribute(slot) => (Typed::State(state, slot), Kind::Bool),
            _ if kind == Kind::Any => any(),
            _ => {
                let shown = self.shown(&operand.range);
                let message = format!("`{}` asks about an attribute, and {shown} is none", call.name);
                self.wrong(&operand.range, message, None)
            }
        }
    }

    fn or_default(&mut self, call: &CallTerm<'s>, range: &Range<usize>) -> Checked {
        let Some([value, default]) = self.arguments(call, range, "a value and its default") else { return any() };
        let (value_typed, value_kind) = self.check(value);
        let (default_typed, default_kind) = self.check(default);
        if !value_kind.fits(&default_kind) {
            let (shown, other) = (self.shown(&value.range), self.shown(&default.range));
            let message = format!("{shown} is {value_kind} and its default {other} is {default_kind}");
            return self.wrong(&default.range, message, None);
        }
        let kind = if value_kind == Kind::Any { default_kind } else { value_kind };
        (Typed::OrDefault(Box::new([value_typed, default_typed])), kind)
    }

    fn size(&mut self, operand: &Term<'s>) -> Checked {
        let (typed, kind) = self.check(operand);
        match kind {
            Kind::Text | Kind::List(_) | Kind::Any => (Typed::Size(Box::new(typed)), Kind::Int),
            Kind::Bool | Kind::Int => {
                let shown = self.shown(&operand.range);
                self.wrong(&operand.range, format!("`size` counts a list or a text, and {shown} is {kind}"), None)
            }
        }
    }

    fn method(&mut self, call: &CallTerm<'s>, target: &Term<'s>, range: &Range<usize>) -> Checked {
        let kind = match call.name {
            "startsWith" => return self.text_test(TextTest::StartsWith, call, target, range),
            "endsWith" => return self.text_test(TextTest::EndsWith, call, target, range),
            "contains" => return self.text_test(TextTest::Contains, call, target, range),
            "matches" => return self.matches(call, target, range),
            "size" => {
                let Some([]) = self.arguments(call, range, "nothing in its brackets") else { return any() };
                return self.size(target);
            }
            "exists" => Loop::Exists,
            "all" => Loop::All,
            "exists_one" => Loop::ExistsOne,
            "filter" => Loop::Filter,
            "map" => Loop::Map,
            name if FUNCTIONS.contains(&name) => {
                let help = format!("write `{name}({})`", self.shown(&target.range).trim_matches('`'));
                return self.wrong(&call.name_range, format!("`{name}` does not stand behind a dot"), Some(&help));
            }
            name => {
                let help = suggestion(name, METHODS, "there are");
                return self.wrong(&call.name_range, format!("there is no function `{name}`"), help.as_deref());
            }
        };
        self.looped(kind, call, target, range)
    }

    fn text_test(&mut self, test: TextTest, call: &CallTerm<'s>, target: &Term<'s>, range: &Range<usize>) -> Checked {
        let (text, kind) = self.check(target);
        if let (TextTest::Contains, Kind::List(_)) = (test, &kind) {
            let list = self.shown(&target.range);
            let help = format!("write `x in {}`", list.trim_matches('`'));
            return self.wrong(&call.name_range, format!("{list} is {kind}, not a text"), Some(&help));
        }
        if !kind.fits(&Kind::Text) {
            let shown = self.shown(&target.range);
            self.wrong(&target.range, format!("`{}` needs a text, and {shown} is {kind}", call.name), None);
        }
        let Some([part]) = self.arguments(call, range, "one text") else { return any() };
        let part = self.wanted(part, &Kind::Text, &format!("`{}` needs a text", call.name));
        (Typed::TextTest(test, Box::new([text, part])), Kind::Bool)
    }

    fn matches(&mut self, call: &CallTerm<'s>, target: &Term<'s>, range: &Range<usize>) -> Checked {
        let text = self.wanted(target, &Kind::Text, "`matches` needs a text");
        let Some([pattern]) = self.arguments(call, range, "one pattern") else { return any() };
        let TermKind::Text(written) = &pattern.kind else {
            let help = Some("write it as r'…', so that it is checked when the rule is loaded");
            return self.wrong(&pattern.range, "the pattern must be a text in quotes", help);
        };
        match RegexBuilder::new(written).size_limit(PATTERN_LIMIT).build() {
            Ok(regex) => (Typed::Matches(Box::new(text), regex), Kind::Bool),
            Err(error) => {
                let reason = pattern_reason(&error);
                self.wrong(&pattern.range, format!("the pattern is no regular expression: {reason}"), None)
            }
        }
    }

    fn looped(&mut self, kind: Loop, call: &CallTerm<'s>, target: &Term<'s>, range: &Range<usize>) -> Checked {
        let (list, list_kind) = self.check(target);
        let item = match list_kind {
            Kind::List(item) => *item,
            Kind::Any => Kind::Any,
            Kind::Bool | Kind::Int | Kind::Text => {
                let shown = self.shown(&target.range);
                let message = format!("`{}` goes through a list, and {shown} is {list_kind}", call.name);
                return self.wrong(&target.range, message, None);
            }
        };
        let wants = "a name for the item and what to ask of it";
        let Some([variable, body]) = self.arguments(call, range, wants) else { return any() };
        let TermKind::Name(name) = variable.kind else {
            let shown = self.shown(&variable.range);
            let help = format!("write `{}(x, …)`", call.name);
            return self.wrong(&variable.range, format!("{shown} is no name for the item"), Some(&help));
        };
        let taken = name == self.scope.subject.kind || name == "params";
        if taken || self.variables.iter().any(|(known, _)| *known == name) {
            return self.wrong(&variable.range, format!("the name `{name}` is already taken"), None);
        }
        if self.variables.len() >= LOOPS {
            let message = format!("loops are nested more than {LOOPS} deep");
            return self.wrong(range, message, Some("ask for an attribute that says it"));
        }
        self.variables.push((name, item.clone()));
        let (body, result) = match kind {
            Loop::Map => self.check(body),
            Loop::Exists | Loop::All | Loop::ExistsOne | Loop::Filter => {
                (self.wanted(body, &Kind::Bool, &format!("`{}` needs a condition", call.name)), Kind::Bool)
            }
        };
        self.variables.pop();
        let result = match kind {
            Loop::Exists | Loop::All | Loop::ExistsOne => Kind::Bool,
            Loop::Filter => Kind::List(Box::new(item)),
            Loop::Map => Kind::List(Box::new(result)),
        };
        (Typed::Loop(kind, Box::new([list, body])), result)
    }

    /// The arguments, if there are as many as wanted.
    fn arguments<'c, const N: usize>(
        &mut self,
        call: &'c CallTerm<'s>,
        range: &Range<usize>,
        wants: &str,
    ) -> Option<&'c [Term<'s>; N]> {
        let arguments = call.arguments.as_slice().try_into().ok();
        if arguments.is_none() {
            self.wrong(range, format!("`{}` takes {wants}", call.name), None);
        }
        arguments
    }
}

/// Stands in for a call whose mistake is already reported.
fn any() -> Checked {
    (Typed::Literal(Datum::Bool(false)), Kind::Any)
}

/// The last line of the regex crate's message, which alone says what is wrong.
fn pattern_reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or("");
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}
