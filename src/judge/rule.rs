//! A rule: what it judges, when it fires, and what it says.

use std::collections::BTreeSet;

use super::expression::evaluate::{Expression, Verdict};
use super::finding::Severity;
use super::parameter::Parameter;
use super::problem::{RuleProblem, suggestion};
use super::template::Template;
use crate::infer::row::Lookup;
use crate::infer::vocabulary::{Datum, SubjectDef};
use crate::source::span::Span;
use crate::syntax::tree::Node;

/// A loaded rule: everything in it is compiled and checked.
#[derive(Debug)]
pub struct Rule {
    /// `missing-timeout`
    pub id: String,
    /// Where the id stands in the rule's file.
    pub id_span: Span,
    /// The severity of a finding for which none of `severities` is true; `None` is `off`.
    pub severity: Option<Severity>,
    /// The first one whose condition is true gives the severity.
    pub severities: Vec<(Expression, Option<Severity>)>,
    /// What the rule judges.
    pub subject: SubjectDef,
    /// In the order of the file.
    pub parameters: Vec<Parameter>,
    /// The parameters' values, in the same order.
    pub values: Vec<Datum>,
    /// Which subjects are judged at all; `None`: all of the kind.
    pub among: Option<Expression>,
    /// That condition as it was written, for the rule's page.
    pub among_text: String,
    /// The message of the one finding that stands for many, where most of those judged are
    /// alike; `None`: each finding stands alone.
    pub together: Option<Together>,
    /// Slots of the attributes that name what a finding is about, where several can be about
    /// the same thing: these are said once.
    pub same: Vec<usize>,
    /// The condition.
    pub when: Expression,
    /// The condition as it was written, for the rule's page.
    pub when_text: String,
    /// One sentence that states the observation.
    pub message: Template,
    /// Slots of the attributes whose evidence may be the primary place, best first; where
    /// none has any it is the subject's own.
    pub at: Vec<usize>,
    /// Slots of the attributes whose evidence becomes related places, in this order.
    pub show: Vec<usize>,
    /// One line that says how to repair this subject.
    pub help: Template,
    /// Why it matters, Markdown.
    pub why: String,
    /// How to fix it, Markdown.
    pub fix: String,
    /// What the rule cannot see, one sentence each.
    pub limits: Vec<String>,
    /// Addresses or titles.
    pub references: Vec<String>,
    /// Ids that the rule had before.
    pub formerly: Vec<String>,
}

/// `"{count} of {of} workloads have no …"`: one sentence for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together(String);

impl Together {
    /// `None` where the text holds other braces than `{count}` and `{of}`, or no `{count}`.
    pub fn new(text: &str) -> Option<Self> {
        let rest = text.replace("{count}", "").replace("{of}", "");
        (text.contains("{count}") && !rest.contains(['{', '}'])).then(|| Self(text.to_owned()))
    }

    /// The sentence about `count` subjects `of` so many judged.
    pub fn render(&self, count: usize, of: usize) -> String {
        self.0.replace("{count}", &count.to_string()).replace("{of}", &of.to_string())
    }
}

impl Rule {
    /// Is `row` one of the subjects that the rule judges?
    pub fn judges(&self, row: &dyn Lookup, values: &[Datum]) -> Verdict {
        self.among.as_ref().map_or(Verdict::True, |among| among.evaluate(row, values))
    }

    /// Does the rule fire on `row`, a row of the rule's subject? `values` are those of the
    /// parameters, mostly the rule's own.
    pub fn verdict(&self, row: &dyn Lookup, values: &[Datum]) -> Verdict {
        self.when.evaluate(row, values)
    }

    /// The severity of a finding about `row`; `None` where the rule is off for it. A
    /// condition that is unknown is not true.
    pub fn severity_of(&self, row: &dyn Lookup, values: &[Datum]) -> Option<Severity> {
        let special = self.severities.iter().find(|(when, _)| when.evaluate(row, values) == Verdict::True);
        special.map_or(self.severity, |(_, severity)| *severity)
    }

    /// The message of a finding about `row`.
    pub fn message_of(&self, row: &dyn Lookup, values: &[Datum]) -> String {
        self.message.render(row, values)
    }

    /// The one-line repair of a finding about `row`.
    pub fn help_of(&self, row: &dyn Lookup, values: &[Datum]) -> String {
        self.help.render(row, values)
    }

    /// All slots that the rule reads, sorted: the others need not be computed for it.
    pub fn slots(&self) -> Vec<usize> {
        let mut slots: BTreeSet<usize> = self.when.slots().iter().copied().collect();
        slots.extend(self.among.iter().flat_map(|among| among.slots().iter().copied()));
        for (when, _) in &self.severities {
            slots.extend(when.slots());
        }
        slots.extend(
            self.message
                .slots()
                .chain(self.help.slots())
                .chain(self.at.iter().copied())
                .chain(self.show.iter().copied()),
        );
        slots.into_iter().collect()
    }

    /// Sets the parameter that `key` names to what stands at `value`, as a configuration
    /// says it; on a problem the rule stays as it was.
    pub fn configure(&mut self, key: Node<'_>, value: Node<'_>) -> Result<(), RuleProblem> {
        let (at, value) = self.parameter_value(key, value)?;
        if let Some(stored) = self.values.get_mut(at) {
            *stored = value;
        }
        Ok(())
    }

    /// The position of the parameter that `key` names, and the value at `value`, checked for
    /// type and range.
    pub fn parameter_value(&self, key: Node<'_>, value: Node<'_>) -> Result<(usize, Datum), RuleProblem> {
        let name = key.raw().unwrap_or("");
        let found = self.parameters.iter().enumerate().find(|(_, parameter)| parameter.name == name);
        let Some((at, parameter)) = found else {
            let names = self.parameters.iter().map(|parameter| parameter.name.as_str());
            let help = suggestion(name, names, "its parameters are");
            let message = format!("`{}` has no parameter `{name}`", self.id);
            return Err(RuleProblem { span: key.span(), message, help });
        };
        parameter.read(value).map(|value| (at, value))
    }
}
