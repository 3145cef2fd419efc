//! Is the compiled expression true of one row?
//!
//! **Unknown** spreads as in Kleene's logic: `unknown && false` is false, `unknown && true`
//! and `!unknown` are unknown, and so is every operation on an unknown value.
//! **Absent** makes the statement around it false: where `call.timeout` is absent,
//! `call.timeout > 2000`, `call.timeout == 5` and `call.timeout != 5` are all false, and
//! `!(call.timeout > 2000)` is true. Who means absence writes `absent(call.timeout)`;
//! of an unknown timeout that is unknown too, and only `unknown(call.timeout)` always answers.

use std::collections::BTreeSet;

use super::typed::{Arithmetic, Loop, State, TextTest, Typed};
use super::value::{Truth, Value, all, any, both, compare, not, one};
use crate::facts::answer::Answer;
use crate::infer::row::Lookup;
use crate::infer::vocabulary::Datum;

/// A compiled condition.
#[derive(Debug)]
pub struct Expression {
    pub(super) root: Typed,
    pub(super) slots: Vec<usize>,
}

/// What an expression says of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rule fires.
    True,
    /// It does not.
    False,
    /// It cannot tell, because of the attributes in these slots; sorted. Empty only where a
    /// computation went out of bounds with no attribute in it.
    Unknown(Vec<usize>),
}

impl Expression {
    /// The slots that the expression reads, sorted.
    pub fn slots(&self) -> &[usize] {
        &self.slots
    }

    /// Evaluates for one row; `parameters` are the rule's values in the order in which the
    /// expression was compiled with them.
    pub fn evaluate(&self, row: &dyn Lookup, parameters: &[Datum]) -> Verdict {
        let mut evaluation = Evaluation { row, parameters, variables: Vec::new() };
        match evaluation.value(&self.root).truth() {
            Truth::True => Verdict::True,
            Truth::False => Verdict::False,
            Truth::Unknown(mut slots) => {
                slots.sort_unstable();
                slots.dedup();
                Verdict::Unknown(slots)
            }
        }
    }
}

struct Evaluation<'v> {
    row: &'v dyn Lookup,
    parameters: &'v [Datum],
    variables: Vec<Value<'v>>,
}

impl<'v> Evaluation<'v> {
    fn value(&mut self, term: &'v Typed) -> Value<'v> {
        match term {
            Typed::Literal(datum) => Value::of(datum),
            Typed::Attribute(slot) => match self.row.attribute(*slot) {
                Answer::Present(datum, _) => Value::of(datum),
                Answer::Absent(_) => Value::Absent,
                Answer::Unknown(_) => Value::Unknown(vec![*slot]),
            },
            Typed::Parameter(number) => self.parameters.get(*number).map_or(Value::Unknown(Vec::new()), Value::of),
            Typed::Variable(number) => {
                self.variables.get(*number).cloned().unwrap_or_else(|| Value::Unknown(Vec::new()))
            }
            Typed::List(items) => self.list(items),
            Typed::Not(operand) => not(self.truth(operand)).into(),
            Typed::And(operands) => all(operands.iter().map(|operand| self.truth(operand))).into(),
            Typed::Or(operands) => any(operands.iter().map(|operand| self.truth(operand))).into(),
            Typed::Compare(comparison, operands) => {
                let [left, right] = self.pair(operands);
                compare(*comparison, left, right).into()
            }
            Typed::In(operands) => self.is_in(operands).into(),
            Typed::Arithmetic(arithmetic, operands) => match self.arithmetic(*arithmetic, operands) {
                Some(value) => value,
                None => out_of_bounds(term),
            },
            Typed::Negate(operand) => match self.value(operand) {
                Value::Int(value) => value.checked_neg().map_or_else(|| out_of_bounds(term), Value::Int),
                other => other,
            },
            Typed::Choice(operands) => self.choice(operands),
            Typed::Size(operand) => match self.value(operand) {
                neither @ (Value::Absent | Value::Unknown(_)) => neither,
                value => Value::Int(i64::try_from(value.size()).unwrap_or(i64::MAX)),
            },
            Typed::TextTest(test, operands) => self.text_test(*test, operands).into(),
            Typed::Matches(operand, regex) => match self.value(operand) {
                Value::Text(text) => Value::Bool(regex.is_match(&text)),
                other => other.truth().into(),
            },
            Typed::State(state, slot) => match (state, self.row.attribute(*slot)) {
                (State::Present, Answer::Present(..))
                | (State::Absent, Answer::Absent(_))
                | (State::Unknown, Answer::Unknown(_)) => Value::Bool(true),
                (State::Present | State::Absent, Answer::Unknown(_)) => Value::Unknown(vec![*slot]),
                (State::Present, Answer::Absent(_))
                | (State::Absent, Answer::Present(..))
                | (State::Unknown, Answer::Present(..) | Answer::Absent(_)) => Value::Bool(false),
            },
            Typed::OrDefault(operands) => {
                let [value, default] = operands.as_ref();
                match self.value(value) {
                    Value::Absent => self.value(default),
                    other => other,
                }
            }
            Typed::Loop(kind, operands) => self.looped(*kind, operands),
        }
    }

    fn truth(&mut self, term: &'v Typed) -> Truth {
        self.value(term).truth()
    }

    fn pair(&mut self, operands: &'v [Typed; 2]) -> [Value<'v>; 2] {
        let [left, right] = operands;
        [self.value(left), self.value(right)]
    }

    fn list(&mut self, items: &'v [Typed]) -> Value<'v> {
        let mut values = Vec::with_capacity(items.len());
        let mut unknown: Option<Vec<usize>> = None;
        let mut absent = false;
        for item in items {
            match self.value(item) {
                Value::Absent => absent = true,
                Value::Unknown(slots) => unknown.get_or_insert_default().extend(slots),
                value => values.push(value),
            }
        }
        match unknown {
            _ if absent => Value::Absent,
            Some(slots) => Value::Unknown(slots),
            None => Value::Built(values),
        }
    }

    /// `a in b`. A list written out is compared item by item, so that one item that is
    /// absent or unknown does not hide another that is equal.
    fn is_in(&mut self, operands: &'v [Typed; 2]) -> Truth {
        let [item, list] = operands;
        let item = self.value(item);
        if let Typed::List(candidates) = list {
            return any(candidates.iter().map(|candidate| {
                let candidate = self.value(candidate);
                compare(super::typed::Comparison::Equal, item.clone(), candidate)
            }));
        }
        let list = self.value(list);
        if matches!(list, Value::Data(_) | Value::Built(_)) && list.size() == 0 {
            return Truth::False;
        }
        match both(item, list) {
            Ok((item, list)) => list.into_items().iter().any(|candidate| candidate.equals(&item)).into(),
            Err(neither) => neither.truth(),
        }
    }

    /// `None` where the result does not fit.
    fn arithmetic(&mut self, arithmetic: Arithmetic, operands: &'v [Typed; 2]) -> Option<Value<'v>> {
        let [left, right] = self.pair(operands);
        match both(left, right) {
            Err(neither) => Some(neither),
            Ok((Value::Text(left), Value::Text(right))) => Some(Value::Text(left + right)),
            Ok((Value::Int(left), Value::Int(right))) => match arithmetic {
                Arithmetic::Add => left.checked_add(right),
                Arithmetic::Subtract => left.checked_sub(right),
                Arithmetic::Multiply => left.checked_mul(right),
            }
            .map(Value::Int),
            Ok(_) => None,
        }
    }

    /// `a ? b : c`. Where `a` is unknown the answer is known only if both are the same.
    fn choice(&mut self, operands: &'v [Typed; 3]) -> Value<'v> {
        let [condition, yes, no] = operands;
        let mut slots = match self.truth(condition) {
            Truth::True => return self.value(yes),
            Truth::False => return self.value(no),
            Truth::Unknown(slots) => slots,
        };
        let (yes, no) = (self.value(yes), self.value(no));
        if yes.equals(&no) || (yes == Value::Absent && no == Value::Absent) {
            return yes;
        }
        for branch in [yes, no] {
            if let Value::Unknown(more) = branch {
                slots.extend(more);
            }
        }
        Value::Unknown(slots)
    }

    fn text_test(&mut self, test: TextTest, operands: &'v [Typed; 2]) -> Truth {
        let [text, part] = self.pair(operands);
        match both(text, part) {
            Ok((Value::Text(text), Value::Text(part))) => match test {
                TextTest::StartsWith => text.starts_with(part.as_ref()),
                TextTest::EndsWith => text.ends_with(part.as_ref()),
                TextTest::Contains => text.contains(part.as_ref()),
            }
            .into(),
            Ok(_) => Truth::False,
            Err(neither) => neither.truth(),
        }
    }

    fn looped(&mut self, kind: Loop, operands: &'v [Typed; 2]) -> Value<'v> {
        let [range, body] = operands;
        let range = self.value(range);
        if let Value::Absent | Value::Unknown(_) = range {
            return match kind {
                Loop::Exists | Loop::All | Loop::ExistsOne => range.truth().into(),
                Loop::Filter | Loop::Map => range,
            };
        }
        let items = range.into_items();
        match kind {
            Loop::Exists => any(items.into_iter().map(|item| self.with(item, body).truth())).into(),
            Loop::All => all(items.into_iter().map(|item| self.with(item, body).truth())).into(),
            Loop::ExistsOne => one(items.into_iter().map(|item| self.with(item, body).truth())).into(),
            Loop::Filter => self.filtered(items, body),
            Loop::Map => self.mapped(items, body),
        }
    }

    fn filtered(&mut self, items: Vec<Value<'v>>, body: &'v Typed) -> Value<'v> {
        let mut kept = Vec::new();
        let mut unknown: Option<Vec<usize>> = None;
        for item in items {
            match self.with(item.clone(), body).truth() {
                Truth::True => kept.push(item),
                Truth::False => {}
                Truth::Unknown(slots) => unknown.get_or_insert_default().extend(slots),
            }
        }
        unknown.map_or(Value::Built(kept), Value::Unknown)
    }

    fn mapped(&mut self, items: Vec<Value<'v>>, body: &'v Typed) -> Value<'v> {
        let mut made = Vec::with_capacity(items.len());
        let mut unknown: Option<Vec<usize>> = None;
        let mut absent = false;
        for item in items {
            match self.with(item, body) {
                Value::Absent => absent = true,
                Value::Unknown(slots) => unknown.get_or_insert_default().extend(slots),
                value => made.push(value),
            }
        }
        match unknown {
            _ if absent => Value::Absent,
            Some(slots) => Value::Unknown(slots),
            None => Value::Built(made),
        }
    }

    /// The value of `body` with one more variable.
    fn with(&mut self, item: Value<'v>, body: &'v Typed) -> Value<'v> {
        self.variables.push(item);
        let value = self.value(body);
        self.variables.pop();
        value
    }
}

/// A sum or product that no number holds is unknown because of all that went into it.
fn out_of_bounds<'v>(term: &Typed) -> Value<'v> {
    let mut slots = BTreeSet::new();
    term.collect_slots(&mut slots);
    Value::Unknown(slots.into_iter().collect())
}
