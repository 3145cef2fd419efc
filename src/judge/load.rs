//! From a rule file's text to a rule, with every mistake at its place.
//!
//! Built-in rules and users' rules come this way alike. The file's shape stands in `KEYS`.

use super::expression::check::{Scope, compile, unknown_attribute};
use super::expression::evaluate::Expression;
use super::finding::Severity;
use super::parameter::{Parameter, TEXTS};
use super::places::Places;
use super::problem::{RuleProblem, TextProblem, suggestion};
use super::rule::{Rule, Together};
use super::template::Template;
use crate::infer::vocabulary::{Datum, SubjectDef, Type};
use crate::source::file::FileId;
use crate::source::span::Span;
use crate::syntax::tree::Node;
use crate::syntax::yaml;

/// The keys of a rule file, and whether each is required.
pub const KEYS: [(&str, bool); 18] = [
    ("id", true),
    ("severity", true),
    ("severities", false),
    ("subject", true),
    ("parameters", false),
    ("among", false),
    ("when", true),
    ("message", true),
    ("together", false),
    ("same", false),
    ("at", false),
    ("show", false),
    ("help", false),
    ("why", true),
    ("fix", true),
    ("limits", false),
    ("references", false),
    ("formerly", false),
];
const SEVERITY_KEYS: [(&str, bool); 2] = [("when", true), ("severity", true)];
/// What `severity` may say.
const SEVERITIES: [&str; 4] = ["error", "warning", "note", "off"];
const PARAMETER_KEYS: [(&str, bool); 6] =
    [("type", true), ("default", true), ("doc", true), ("unit", false), ("min", false), ("max", false)];
const PARAMETER_TYPES: [(&str, Type); 4] =
    [("bool", Type::Bool), ("int", Type::Int), ("text", Type::Text), ("list", TEXTS)];

/// Longest rule file in bytes; keeps every check of hostile files short.
const LARGEST: usize = 64 << 10;

/// Loads the rule file `file`, whose name without its extension is `stem` and whose text is
/// `text`. The rule is there if nothing is wrong with it; the problems are in the order of
/// the text.
pub fn load(file: FileId, stem: &str, text: &str, vocabulary: &[SubjectDef]) -> (Option<Rule>, Vec<RuleProblem>) {
    if text.len() > LARGEST {
        let message = format!("a rule file has at most {LARGEST} bytes, and this one has {}", text.len());
        return (None, vec![RuleProblem::new(Span::file_start(file), message)]);
    }
    let tree = yaml::parse(file, text);
    let mut problems: Vec<RuleProblem> =
        tree.problems.iter().map(|problem| RuleProblem::new(problem.span, problem.message.clone())).collect();
    let mut documents = tree.documents();
    let root = documents.next();
    if let Some(second) = documents.next() {
        problems
            .push(RuleProblem::new(second.span(), "a rule file holds one rule").with_help("one file for each rule"));
    }
    let Some(root) = root.filter(|root| root.is_mapping()) else {
        if problems.is_empty() {
            let span = root.map_or(Span::file_start(file), Node::span);
            problems.push(RuleProblem::new(span, "a rule is a mapping").with_help("begin with `id: the-rules-name`"));
        }
        return (None, problems);
    };
    let mut loader = Loader { text, vocabulary, problems };
    let rule = loader.rule(root, stem);
    let mut problems = loader.problems;
    problems.sort_by_key(|problem| problem.span);
    if problems.is_empty() { (rule, problems) } else { (None, problems) }
}

struct Loader<'s> {
    text: &'s str,
    vocabulary: &'s [SubjectDef],
    problems: Vec<RuleProblem>,
}

impl Loader<'_> {
    /// `None` only where a problem was reported.
    fn rule(&mut self, root: Node<'_>, stem: &str) -> Option<Rule> {
        self.keys(root, &KEYS, "a rule");
        let id = root.get("id").and_then(|node| self.id(node, stem));
        let severity = root.get("severity").and_then(|node| self.severity(node));
        let parameters = root.get("parameters").map_or(Some(Vec::new()), |node| self.parameters(node));
        let why = root.get("why").and_then(|node| self.prose(node, "why"));
        let fix = root.get("fix").and_then(|node| self.prose(node, "fix"));
        let limits = self.texts(root, "limits");
        let references = self.texts(root, "references");
        let formerly = self.texts(root, "formerly");
        let subject = root.get("subject").and_then(|node| self.subject(node))?;
        // What names a parameter that cannot be read would be reported once more at each use.
        let parameters = parameters?;
        let vocabulary = self.vocabulary;
        let scope = Scope { subject: &subject, vocabulary, parameters: &parameters };
        let among = root.get("among").and_then(|node| self.expression(node, "among", scope));
        let when = root.get("when").and_then(|node| self.expression(node, "when", scope));
        let together = root.get("together").and_then(|node| self.together(node));
        let same = root.get("same").map_or(Vec::new(), |node| self.one_or_more_slots(node, &subject));
        let severities = root.get("severities").map_or(Vec::new(), |node| self.severities(node, scope));
        let message = root.get("message").and_then(|node| self.sentence(node, "message", scope));
        let help = root.get("help").and_then(|node| self.sentence(node, "help", scope));
        let at = root.get("at").map_or(Vec::new(), |node| self.one_or_more_slots(node, &subject));
        let show = root.get("show").map_or(Vec::new(), |node| {
            if !node.is_sequence() {
                let help = Some(format!("write `[{}.…]`", subject.kind));
                self.wrong(node.span(), "`show` must be a list of attributes", help);
            }
            self.slots(node, &subject)
        });
        let when_text = root.get("when").and_then(Node::text).unwrap_or("").trim().to_owned();
        let among_text = root.get("among").and_then(Node::text).unwrap_or("").trim().to_owned();
        let (id, id_span) = id?;
        let fix = fix?;
        Some(Rule {
            id,
            id_span,
            severity: severity?,
            severities,
            subject,
            values: parameters.iter().map(|parameter| parameter.default.clone()).collect(),
            among,
            among_text,
            together,
            same,
            when: when?,
            when_text,
            message: message?,
            at,
            show,
            help: help.unwrap_or_else(|| Template::plain(&first_sentence(&fix))),
            why: why?,
            fix,
            limits,
            references,
            formerly,
            parameters,
        })
    }

    fn wrong(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.problems.push(RuleProblem { span, message: message.into(), help });
    }

    /// Reports keys that are unknown, stand twice or are missing; `owner` is "a rule".
    fn keys(&mut self, mapping: Node<'_>, known: &[(&str, bool)], owner: &str) {
        let mut seen: Vec<&str> = Vec::new();
        for (key, _) in mapping.own_entries() {
            let Some(name) = key.raw() else {
                self.wrong(key.span(), "a key must be a name", None);
                continue;
            };
            if seen.contains(&name) {
                self.wrong(key.span(), format!("`{name}` stands twice"), None);
            } else if !known.iter().any(|(key, _)| *key == name) {
                let help = suggestion(name, known.iter().map(|(key, _)| *key), &format!("{owner} has"));
                self.wrong(key.span(), format!("{owner} has no key `{name}`"), help);
            }
            seen.push(name);
        }
        let place = mapping.own_entries().next().map_or(mapping.span(), |(key, _)| key.span());
        for (name, required) in known {
            if *required && !seen.contains(name) {
                self.wrong(place, format!("{owner} needs the key `{name}`"), None);
            }
        }
    }

    fn id(&mut self, node: Node<'_>, stem: &str) -> Option<(String, Span)> {
        let id = self.prose(node, "id")?;
        if !is_word(&id, '-') {
            let help = "small letters, digits and hyphens: `late-answer`".to_owned();
            self.wrong(node.span(), format!("`{id}` is no rule id"), Some(help));
        } else if id != stem {
            let help = Some(format!("call the file `{id}.yaml`, or the rule `{stem}`"));
            self.wrong(node.span(), format!("the id `{id}` is not the file's name"), help);
        }
        Some((id, node.span()))
    }

    /// The outer `None` stands for a mistake, the inner one for `off`.
    fn severity(&mut self, node: Node<'_>) -> Option<Option<Severity>> {
        let name = node.text().unwrap_or("");
        let found = if name == "off" { Some(None) } else { Severity::from_word(name).map(Some) };
        if found.is_none() {
            let help = suggestion(name, SEVERITIES, "there are");
            self.wrong(node.span(), format!("`{name}` is no severity"), help);
        }
        found
    }

    fn subject(&mut self, node: Node<'_>) -> Option<SubjectDef> {
        let name = node.text().unwrap_or("");
        let found = self.vocabulary.iter().find(|subject| subject.kind == name).copied();
        if found.is_none() {
            let help = suggestion(name, self.vocabulary.iter().map(|subject| subject.kind), "there are");
            self.wrong(node.span(), format!("there is no subject `{name}`"), help);
        }
        found
    }

    /// A text that says something.
    fn prose(&mut self, node: Node<'_>, key: &str) -> Option<String> {
        let found = node.text().map(str::trim).filter(|text| !text.is_empty());
        if found.is_none() {
            self.wrong(node.span(), format!("`{key}` must be a text"), None);
        }
        found.map(str::to_owned)
    }

    /// A list of texts; empty where the key is missing.
    fn texts(&mut self, root: Node<'_>, key: &str) -> Vec<String> {
        let Some(node) = root.get(key) else { return Vec::new() };
        if !node.is_sequence() {
            self.wrong(node.span(), format!("`{key}` must be a list"), Some("write `[one, two]`".to_owned()));
        }
        node.items().filter_map(|item| self.prose(item, key)).collect()
    }

    fn expression(&mut self, node: Node<'_>, key: &str, scope: Scope<'_>) -> Option<Expression> {
        let text = self.written(node, key)?;
        compile(text, scope).map_err(|problems| self.place(node, problems)).ok()
    }

    fn sentence(&mut self, node: Node<'_>, key: &str, scope: Scope<'_>) -> Option<Template> {
        let text = self.written(node, key)?;
        if text.trim().contains('\n') {
            self.wrong(node.span(), format!("`{key}` must be one line"), None);
            return None;
        }
        Template::compile(text.trim_end(), scope).map_err(|problems| self.place(node, problems)).ok()
    }

    /// The sentence for many subjects at once.
    fn one_or_more_slots(&mut self, node: Node<'_>, subject: &SubjectDef) -> Vec<usize> {
        match node.is_sequence() {
            true => self.slots(node, subject),
            false => self.slot(node, subject).into_iter().collect(),
        }
    }

    fn together(&mut self, node: Node<'_>) -> Option<Together> {
        let text = self.prose(node, "together")?;
        let together = Together::new(&text).filter(|_| !text.contains('\n'));
        if together.is_none() {
            let help = Some("write one line such as `\"{count} of {of} workloads have no …\"`".to_owned());
            self.wrong(node.span(), "`together` is a sentence with `{count}`, and with `{of}` where it helps", help);
        }
        together
    }

    /// The scalar's own text, so that offsets in it mean something.
    fn written<'n>(&mut self, node: Node<'n>, key: &str) -> Option<&'n str> {
        self.prose(node, key)?;
        node.text()
    }

    /// Reports problems of a text inside the scalar `node` at their place in the file.
    fn place(&mut self, node: Node<'_>, problems: Vec<TextProblem>) {
        let places = Places::of(node, self.text);
        for TextProblem { range, message, help } in problems {
            self.wrong(places.span(range), message, help);
        }
    }

    fn severities(&mut self, node: Node<'_>, scope: Scope<'_>) -> Vec<(Expression, Option<Severity>)> {
        if !node.is_sequence() {
            let help = Some("write `- {when: …, severity: warning}`".to_owned());
            self.wrong(node.span(), "`severities` must be a list", help);
        }
        let mut severities = Vec::new();
        for item in node.items() {
            self.keys(item, &SEVERITY_KEYS, "an item of `severities`");
            let when = item.get("when").and_then(|node| self.expression(node, "when", scope));
            let severity = item.get("severity").and_then(|node| self.severity(node));
            severities.extend(when.zip(severity));
        }
        severities
    }

    /// The slot of an attribute that is named outright, as in `at: call.timeout`.
    fn slot(&mut self, node: Node<'_>, subject: &SubjectDef) -> Option<usize> {
        let text = node.text().unwrap_or("").trim();
        let Some(name) = text.strip_prefix(subject.kind).and_then(|rest| rest.strip_prefix('.')) else {
            let example = subject.attributes.first().map_or("name", |attribute| attribute.name);
            let help = Some(format!("write `{}.{example}`", subject.kind));
            self.wrong(node.span(), format!("`{text}` is no attribute of `{}`", subject.kind), help);
            return None;
        };
        let found = subject.attribute(name);
        if found.is_none() {
            let range = text.len() - name.len()..text.len();
            self.place(node, vec![unknown_attribute(subject, name, range)]);
        }
        found.map(|(slot, _)| slot)
    }

    fn slots(&mut self, node: Node<'_>, subject: &SubjectDef) -> Vec<usize> {
        node.items().filter_map(|item| self.slot(item, subject)).collect()
    }

    /// `None` if one of them cannot be read.
    fn parameters(&mut self, node: Node<'_>) -> Option<Vec<Parameter>> {
        if !node.is_mapping() {
            let help = Some("write `name: {type: int, default: 3, doc: …}`".to_owned());
            self.wrong(node.span(), "`parameters` must be a mapping", help);
        }
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut declared = 0;
        for (key, value) in node.own_entries() {
            declared += 1;
            let name = key.raw().unwrap_or("");
            if !is_word(name, '_') {
                let help = Some("small letters, digits and underscores: `max_services`".to_owned());
                self.wrong(key.span(), format!("`{name}` is no parameter's name"), help);
            } else if parameters.iter().any(|known| known.name == name) {
                self.wrong(key.span(), format!("`{name}` stands twice"), None);
            } else {
                parameters.extend(self.parameter(name, key, value));
            }
        }
        (parameters.len() == declared).then_some(parameters)
    }

    fn parameter(&mut self, name: &str, key: Node<'_>, node: Node<'_>) -> Option<Parameter> {
        if !node.is_mapping() {
            let help = Some("write `{type: int, default: 3, doc: …}`".to_owned());
            self.wrong(key.span(), format!("the parameter `{name}` must be a mapping"), help);
            return None;
        }
        self.keys(node, &PARAMETER_KEYS, "a parameter");
        let ty = node.get("type").and_then(|node| self.parameter_type(node))?;
        let doc = node.get("doc").and_then(|node| self.prose(node, "doc"));
        let unit = node.get("unit").and_then(|node| self.prose(node, "unit"));
        let mut parameter = Parameter {
            name: name.to_owned(),
            ty,
            default: Datum::Bool(false),
            min: node.get("min").and_then(|node| self.bound(node, "min", ty)),
            max: node.get("max").and_then(|node| self.bound(node, "max", ty)),
            unit: unit.unwrap_or_default(),
            doc: doc.unwrap_or_default(),
        };
        if let (Some(min), Some(max)) = (parameter.min, parameter.max)
            && min > max
        {
            self.wrong(key.span(), format!("`min` {min} is above `max` {max}"), None);
            return None;
        }
        match parameter.read(node.get("default")?) {
            Ok(default) => parameter.default = default,
            Err(problem) => {
                self.problems.push(problem);
                // Any value of the type will do, so that the names of the rule still resolve.
                parameter.default = some_value(ty);
            }
        }
        Some(parameter)
    }

    fn parameter_type(&mut self, node: Node<'_>) -> Option<Type> {
        let name = node.text().unwrap_or("");
        let found = PARAMETER_TYPES.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty);
        if found.is_none() {
            let help = suggestion(name, PARAMETER_TYPES.iter().map(|(name, _)| *name), "there are");
            self.wrong(node.span(), format!("`{name}` is no type of a parameter"), help);
        }
        found
    }

    fn bound(&mut self, node: Node<'_>, key: &str, ty: Type) -> Option<i64> {
        if ty != Type::Int {
            self.wrong(node.span(), format!("`{key}` is for numbers only"), None);
            return None;
        }
        let found = node.int();
        if found.is_none() {
            self.wrong(node.span(), format!("`{key}` must be a whole number"), None);
        }
        found
    }
}

fn some_value(ty: Type) -> Datum {
    match ty {
        Type::Bool => Datum::Bool(false),
        Type::Int => Datum::Int(0),
        Type::Text => Datum::Text("".into()),
        Type::List(_) => Datum::List(Vec::new()),
    }
}

/// Small letters and digits, with single `joint`s between them, beginning with a letter.
fn is_word(text: &str, joint: char) -> bool {
    let parts_fit = text
        .split(joint)
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    parts_fit && text.starts_with(|first: char| first.is_ascii_lowercase())
}

/// The first sentence of a Markdown text on one line, without its full stop.
fn first_sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or("");
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.match_indices(". ").map(|(at, _)| at).find(|at| {
        let next = line.get(at + 2..).and_then(|rest| rest.chars().next());
        next.is_some_and(|next| !next.is_lowercase() && !next.is_ascii_digit())
    });
    let sentence = end.and_then(|end| line.get(..end)).unwrap_or(&line);
    sentence.trim_end_matches(['.', ':']).to_owned()
}

#[cfg(test)]
mod tests;
