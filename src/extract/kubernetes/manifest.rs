//! One document being read: look-ups that know what a template leaves open, complain about
//! wrong shapes at their place, and give answers instead of options.

use rustc_hash::FxHashSet;

use crate::extract::reading::Reading;
use crate::facts::answer::{Answer, Evidence, Reason};
use crate::facts::value::{Form, Value};
use crate::facts::workload::Label;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Style};

use super::template::{Template, computed};

/// A document and the reading it adds to.
pub(super) struct Manifest<'m, 'a> {
    /// Takes facts and problems.
    pub reading: &'m mut Reading<'a>,
    /// What the chart's template leaves open here.
    pub template: Template<'m>,
    /// Entries that may still be visited. Aliases can make a small text large; more than
    /// some multiple of its length is not read.
    budget: usize,
    /// Where something was complained about; a mapping may be looked at more than once.
    complaints: FxHashSet<Span>,
}

/// Honest documents need less than one: each entry of a list takes some bytes, and few lists
/// are visited twice.
const VISITS_PER_BYTE: usize = 2;

/// A mapping that settings are looked for in.
#[derive(Clone, Copy)]
pub(super) struct Section<'t> {
    /// The mapping; `None` where the file has none.
    pub node: Option<Node<'t>>,
    /// What an absent setting points to: the mapping's key, or the name of what it belongs to.
    pub anchor: Span,
    /// Why nothing is known of it, where it stands and cannot be read.
    pub closed: Option<Reason>,
    /// Why what it states may not hold: only some condition includes it.
    pub doubt: Option<Reason>,
}

impl<'t> Section<'t> {
    /// A mapping of which all is seen.
    pub fn of(node: Node<'t>, anchor: Span) -> Self {
        Self { node: Some(node), anchor, closed: None, doubt: None }
    }
}

impl<'m, 'a> Manifest<'m, 'a> {
    /// Starts a document.
    pub fn new(reading: &'m mut Reading<'a>, template: Template<'m>, document: Node<'_>) -> Self {
        let span = document.span();
        let budget = 1_000 + VISITS_PER_BYTE * span.end.saturating_sub(span.start) as usize;
        Self { reading, template, budget, complaints: FxHashSet::default() }
    }

    /// Notes a wrong shape, once for each place.
    pub fn complain(&mut self, span: Span, message: &str, help: &str) {
        if self.complaints.insert(span) {
            self.reading.problem(span, message, help);
        }
    }

    fn spend(&mut self, visits: usize, span: Span) -> bool {
        match self.budget.checked_sub(visits + 1) {
            Some(left) => self.budget = left,
            None if self.budget == 0 => return false,
            None => {
                self.budget = 0;
                self.reading.problem(
                    span,
                    "aliases make this document many times as large as its text",
                    "write the repeated parts out, or split the document",
                );
                return false;
            }
        }
        true
    }

    /// Items of the sequence at `key`; nothing where it is missing, null or computed. Another
    /// shape is a problem.
    pub fn items<'t>(&mut self, parent: Node<'t>, key: &str) -> Vec<Node<'t>> {
        let Some((_, value)) = parent.entry(key) else { return Vec::new() };
        if value.is_null() || self.template.hole_in(value.span()).is_some() && !value.is_sequence() {
            return Vec::new();
        }
        if !value.is_sequence() {
            let message = format!("`{key}` is {}, but must be a list", shape(value));
            self.complain(place(value), &message, &format!("start each entry of `{key}` with `- `"));
            return Vec::new();
        }
        let items: Vec<_> = value.items().collect();
        if self.spend(items.len(), value.span()) { items } else { Vec::new() }
    }

    /// Items of the sequence at `key` that are mappings; others are a problem.
    pub fn mappings<'t>(&mut self, parent: Node<'t>, key: &str) -> Vec<Node<'t>> {
        let mut items = self.items(parent, key);
        items.retain(|item| {
            if !item.is_mapping() && !item.is_null() && self.template.hole_in(item.span()).is_none() {
                let message = format!("an entry of `{key}` is {}, but must be a mapping", shape(*item));
                self.complain(place(*item), &message, "write it as `key: value` lines below its `- `");
            }
            item.is_mapping()
        });
        items
    }

    /// The mapping at `key`; `None` where it is missing, null or computed. Another shape is a
    /// problem.
    pub fn mapping<'t>(&mut self, parent: Node<'t>, key: &str) -> Option<Node<'t>> {
        let (_, value) = parent.entry(key)?;
        if value.is_mapping() {
            return self.spend(0, value.span()).then_some(value);
        }
        if !value.is_null() && self.template.hole_in(value.span()).is_none() {
            let message = format!("`{key}` is {}, but must be a mapping", shape(value));
            self.complain(place(value), &message, &format!("write `key: value` lines below `{key}:`"));
        }
        None
    }

    /// The mapping at the end of a path of keys.
    pub fn mapping_at<'t>(&mut self, node: Node<'t>, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(node, |node, key| self.mapping(node, key))
    }

    /// Entries of a mapping, merged ones too.
    pub fn entries<'t>(&mut self, node: Node<'t>) -> Vec<(Node<'t>, Node<'t>)> {
        let entries = node.entries();
        if self.spend(entries.len(), node.span()) { entries } else { Vec::new() }
    }

    /// Entries of the mapping at `key`.
    pub fn entries_of<'t>(&mut self, parent: Node<'t>, key: &str) -> Vec<(Node<'t>, Node<'t>)> {
        match self.mapping(parent, key) {
            Some(node) => self.entries(node),
            None => Vec::new(),
        }
    }

    /// The text of a scalar; `None` for null, for collections and where a template computes it.
    pub fn text<'t>(&self, node: Node<'t>) -> Option<&'t str> {
        if self.template.hole_in(node.definition()).is_some() { None } else { node.text() }
    }

    /// The text at `key`.
    pub fn text_at<'t>(&self, parent: Node<'t>, key: &str) -> Option<&'t str> {
        self.text(parent.get(key)?)
    }

    /// The text at `key`; empty where it is missing or computed.
    pub fn symbol_at(&self, parent: Node<'_>, key: &str) -> Symbol {
        Symbol::new(self.text_at(parent, key).unwrap_or_default())
    }

    /// A whole number, also one in quotes.
    pub fn number(&self, node: Node<'_>) -> Option<i64> {
        self.text(node)?.trim().parse().ok()
    }

    /// A port; `None` where it is computed or none.
    pub fn port(&self, node: Node<'_>) -> Option<u16> {
        u16::try_from(self.number(node)?).ok()
    }

    /// The value at `key`; `None` where it is missing or null.
    pub fn value_at(&self, parent: Node<'_>, key: &str) -> Option<Value> {
        let (key, value) = parent.entry(key)?;
        if value.is_null() {
            let filler = *self.template.fillers(key.span()).first()?;
            return Some(Value { form: Form::Unknown(computed(&filler)), span: key.span() });
        }
        Some(self.value(value))
    }

    /// Labels, annotations, selectors: the entries of the mapping at `key`. What a template
    /// adds to it becomes a label whose key is the template's expression, such as
    /// `{{ include "shop.selectorLabels" . }}`, and whose value is unknown: two mappings that
    /// take in the same template have these entries in common.
    pub fn labels(&mut self, parent: Node<'_>, key: &str) -> Vec<Label> {
        let mut labels = Vec::new();
        for (name, value) in self.entries_of(parent, key) {
            let span = name.span().cover(value.span());
            let Some(text) = name.raw() else { continue };
            if self.template.hole_in(name.span()).is_some() {
                continue;
            }
            labels.push(Label { key: Symbol::new(text), value: self.value(value), span });
        }
        if let Some((name, value)) = parent.entry(key) {
            let own = if value.raw().is_some() { name.span() } else { value.span() };
            let inline = self.template.hole_in(value.span()).filter(|_| value.raw().is_some());
            let inline = inline.map(|hole| Symbol::new(&hole.expression));
            for expression in self.template.fillers(own).iter().copied().chain(inline) {
                labels.push(Label {
                    key: included(&expression),
                    value: Value { form: Form::Unknown(computed(&expression)), span: name.span() },
                    span: name.span(),
                });
            }
        }
        labels
    }

    /// Why keys that a mapping does not show may still be in it.
    pub fn gap(&self, mapping: Node<'_>) -> Option<Reason> {
        if let Some(expression) = self.template.fillers(mapping.definition()).first() {
            return Some(computed(expression));
        }
        mapping.is_cut_off().then(|| Reason(Symbol::new("the file cannot be read behind this place")))
    }

    /// The mapping at `key` of a section, for answers.
    pub fn section<'t>(&mut self, outer: Section<'t>, key: &str) -> Section<'t> {
        let missing = Section { node: None, ..outer };
        if outer.closed.is_some() {
            return missing;
        }
        let Some(node) = outer.node else { return missing };
        let Some((name, value)) = node.entry(key) else { return Section { closed: self.gap(node), ..missing } };
        let mut section = Section { node: None, anchor: name.span(), closed: None, doubt: outer.doubt };
        if let Some(hole) = self.template.hole_in(value.span()).filter(|_| value.raw().is_some()) {
            section.closed = Some(computed(&hole.expression));
        } else if let Some(expression) = self.template.fillers(name.span()).first() {
            section.closed = Some(computed(expression));
        } else if value.is_mapping() {
            section.node = Some(value);
            if section.doubt.is_none() {
                section.doubt = self.doubt(name.span(), outer.anchor);
            }
        } else if value.is_cut_off() {
            section.closed = Some(Reason(Symbol::new("the file cannot be read behind this place")));
        } else if !value.is_null() {
            // The problem is noted by the look-up.
            self.mapping(node, key);
            section.closed = Some(Reason(Symbol::new(&format!("`{key}` is no mapping"))));
        }
        section
    }

    /// Why what stands at `inner` may not hold where `outer` does.
    fn doubt(&self, inner: Span, outer: Span) -> Option<Reason> {
        let conditional = self.template.is_conditional_within(inner.start, outer.start);
        conditional.then(|| {
            Reason(Symbol::new(
                "only some condition of the template includes it; render the chart with its values, and check that",
            ))
        })
    }

    /// What a section says of `key`. `read` gives `None` for what it does not accept, which is
    /// a problem: `expected` says what must stand there, such as `true or false`.
    pub fn answer<'t, T>(
        &mut self,
        section: Section<'t>,
        key: &str,
        expected: &str,
        read: impl FnOnce(&Self, Node<'t>) -> Option<T>,
    ) -> Answer<T> {
        if let Some(reason) = section.closed {
            return Answer::Unknown(reason);
        }
        let Some(node) = section.node else { return Answer::absent(section.anchor) };
        let Some((name, value)) = node.entry(key) else {
            return self.gap(node).map_or_else(|| Answer::absent(section.anchor), Answer::Unknown);
        };
        if let Some(reason) = section.doubt.or_else(|| self.doubt(name.span(), section.anchor)) {
            return Answer::Unknown(reason);
        }
        if let Some(hole) = self.template.hole_in(value.definition()).filter(|_| value.raw().is_some()) {
            return Answer::Unknown(computed(&hole.expression));
        }
        if let Some(expression) = self.template.fillers(name.span()).first() {
            return Answer::Unknown(computed(expression));
        }
        if value.is_cut_off() && value.is_null() {
            return Answer::unknown("the file cannot be read behind this place");
        }
        if value.is_null() {
            return Answer::absent(section.anchor);
        }
        match read(self, value) {
            Some(answer) => Answer::Present(answer, evidence(node, name, value)),
            None => {
                let message = format!("`{key}` must be {expected}");
                self.complain(place(value), &message, &format!("set `{key}` to {expected}"));
                Answer::unknown(&message)
            }
        }
    }

    /// [`Manifest::answer`] for `true` and `false`.
    pub fn flag(&mut self, section: Section<'_>, key: &str) -> Answer<bool> {
        self.answer(section, key, "true or false", |manifest, node| match manifest.text(node)? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        })
    }

    /// [`Manifest::answer`] for a word.
    pub fn word(&mut self, section: Section<'_>, key: &str) -> Answer<Symbol> {
        self.answer(section, key, "a text", |manifest, node| manifest.text(node).map(Symbol::new))
    }

    /// [`Manifest::answer`] for a whole number.
    pub fn integer(&mut self, section: Section<'_>, key: &str) -> Answer<i64> {
        self.answer(section, key, "a whole number", |manifest, node| manifest.number(node))
    }
}

/// `{{ include "shop.labels" . }}` without what only moves the text to its column.
fn included(expression: &str) -> Symbol {
    let cut = expression.rfind('|').filter(|&at| {
        expression.get(at + 1..).is_some_and(|step| step.trim_start().trim_start_matches('n').starts_with("indent"))
    });
    let kept = cut.and_then(|at| expression.get(..at)).unwrap_or(expression);
    Symbol::new(&format!("{{{{ {} }}}}", kept.trim()))
}

/// The places that show a setting: its value; where an anchor or a merge brought it here,
/// the use first.
fn evidence(mapping: Node<'_>, key: Node<'_>, value: Node<'_>) -> Evidence {
    if mapping.span() != mapping.definition() {
        return Evidence(vec![mapping.span(), text_span(value)]);
    }
    if !mapping.span().contains(key.span()) {
        let merges = mapping.own_entries().filter(|(name, _)| name.raw() == Some("<<"));
        if let Some((_, merge)) = merges.last() {
            return Evidence(vec![merge.span(), text_span(value)]);
        }
    }
    if value.span() != value.definition() {
        return Evidence(vec![value.span(), definition_text_span(value)]);
    }
    Evidence(vec![text_span(value)])
}

/// A scalar's place without its quotes; for an alias the alias.
pub(super) fn text_span(node: Node<'_>) -> Span {
    if node.span() == node.definition() { definition_text_span(node) } else { node.span() }
}

/// Where a scalar's text was written, without its quotes.
pub(super) fn definition_text_span(node: Node<'_>) -> Span {
    let span = node.definition();
    if node.style() == Some(Style::Quoted) && span.end >= span.start + 2 {
        return Span::new(span.file, span.start + 1, span.end - 1);
    }
    span
}

/// What a problem about a node points to: the first key of a mapping, the start of a list,
/// the whole scalar.
pub(super) fn place(node: Node<'_>) -> Span {
    let span = node.span();
    match node.own_entries().next() {
        Some((key, _)) if span.contains(key.span()) => key.span(),
        Some(_) | None if node.is_sequence() => Span::new(span.file, span.start, span.start),
        Some(_) | None => span,
    }
}

/// For messages: `a mapping`.
fn shape(node: Node<'_>) -> &'static str {
    if node.is_mapping() {
        "a mapping"
    } else if node.is_sequence() {
        "a list"
    } else {
        "a single value"
    }
}
