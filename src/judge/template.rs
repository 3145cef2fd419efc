//! Sentences with attributes in them: `"{call.from} calls {call.to} with no timeout"`.
//!
//! `{call}` prints the subject's name, `{x}` a value, `{x|list}` a list as "a, b and c", `{x|count}` its length;
//! `{x|else "none"}` says what stands there when `x` is absent or unknown, and must be
//! said where that can be. `{{` and `}}` are braces.

use std::ops::Range;

use super::expression::check::{Scope, find_parameter, unknown_attribute};
use super::problem::{TextProblem, nearest, suggestion};
use crate::facts::answer::Answer;
use crate::infer::row::Lookup;
use crate::infer::vocabulary::{Datum, Type};

/// A checked sentence.
#[derive(Clone, Debug)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Value { source: Source, filter: Filter, otherwise: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Subject,
    Attribute(usize),
    Parameter(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    None,
    List,
    Count,
}

/// Longest sentence in bytes, with its placeholders.
const LONGEST: usize = 1024;
/// Items that `list` prints in full; of more it prints one less and says how many follow.
const LISTED: usize = 6;
/// What stands between the parts of a name, as in `cart -> catalogue`.
const ARROW: &str = " -> ";
/// A name of more parts is shown without its middle.
const HOPS: usize = 8;
/// Stands for an attribute that should always be there and is not: our mistake, but no
/// reason to lose the finding.
const MISSING: &str = "?";

impl Template {
    /// Compiles `text`; all mistakes are returned, in the order of the text.
    pub fn compile(text: &str, scope: Scope<'_>) -> Result<Self, Vec<TextProblem>> {
        if text.len() > LONGEST {
            let problem = TextProblem::new(0..text.len(), format!("the sentence is longer than {LONGEST} bytes"));
            return Err(vec![problem]);
        }
        let mut reader =
            Reader { text, scope, at: 0, literal: String::new(), pieces: Vec::new(), problems: Vec::new() };
        reader.read();
        if reader.problems.is_empty() { Ok(Self { pieces: reader.pieces }) } else { Err(reader.problems) }
    }

    /// A sentence without values.
    pub fn plain(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())] }
    }

    /// The sentence for one row; `parameters` are the rule's values.
    pub fn render(&self, row: &dyn Lookup, parameters: &[Datum]) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Value { source, filter, otherwise } => {
                    let value = match source {
                        Source::Subject => {
                            out.push_str(&shortened(row.name()));
                            continue;
                        }
                        Source::Attribute(slot) => match row.attribute(*slot) {
                            Answer::Present(value, _) => Some(value),
                            Answer::Absent(_) | Answer::Unknown(_) => None,
                        },
                        Source::Parameter(number) => parameters.get(*number),
                    };
                    match value {
                        Some(value) => out.push_str(&filtered(value, *filter)),
                        None => out.push_str(otherwise),
                    }
                }
            }
        }
        out
    }

    /// The slots that the sentence reads, in its order, with repetitions.
    pub fn slots(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value { source: Source::Attribute(slot), .. } => Some(*slot),
            Piece::Value { source: Source::Subject | Source::Parameter(_), .. } | Piece::Text(_) => None,
        })
    }
}

fn filtered(value: &Datum, filter: Filter) -> String {
    match (value, filter) {
        (Datum::List(items), Filter::Count) => items.len().to_string(),
        (Datum::List(items), Filter::None | Filter::List) => listed(items),
        (Datum::Bool(_) | Datum::Int(_) | Datum::Text(_), Filter::None | Filter::List | Filter::Count) => plain(value),
    }
}

/// A value as sentences and labels spell it.
pub(super) fn plain(value: &Datum) -> String {
    match value {
        Datum::Bool(value) => value.to_string(),
        Datum::Int(value) => value.to_string(),
        Datum::Text(value) => value.as_str().to_owned(),
        Datum::List(items) => listed(items),
    }
}

/// A name of many parts, such as a chain's, without its middle:
/// `a -> b -> c -> d -> (12 more) -> q -> r`.
fn shortened(name: &str) -> String {
    let parts: Vec<&str> = name.split(ARROW).collect();
    match (parts.get(..4), parts.len().checked_sub(2).and_then(|at| parts.get(at..))) {
        (Some(first), Some(last)) if parts.len() > HOPS => {
            let more = format!("({} more)", parts.len() - first.len() - last.len());
            [first, &[more.as_str()], last].concat().join(ARROW)
        }
        _ => name.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`, `a, b, c, d, e and 7 more`; `none` of nothing.
fn listed(items: &[Datum]) -> String {
    let shown = if items.len() > LISTED { LISTED - 1 } else { items.len() };
    let mut words: Vec<String> = items.iter().take(shown).map(plain).collect();
    if items.len() > shown {
        words.push(format!("{} more", items.len() - shown));
    }
    match (words.pop(), words.is_empty()) {
        (None, _) => "none".to_owned(),
        (Some(only), true) => only,
        (Some(last), false) => format!("{} and {last}", words.join(", ")),
    }
}

struct Reader<'s> {
    text: &'s str,
    scope: Scope<'s>,
    at: usize,
    literal: String,
    pieces: Vec<Piece>,
    problems: Vec<TextProblem>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(rest) = self.text.get(self.at..)
            && let Some(first) = rest.chars().next()
        {
            let start = self.at;
            if rest.starts_with("{{") || rest.starts_with("}}") {
                self.literal.push(first);
                self.at += 2;
            } else if first == '}' {
                self.at += 1;
                let problem = TextProblem::new(start..self.at, "this `}` closes nothing");
                self.problems.push(problem.with_help("the brace itself is written `}}`"));
            } else if first == '{' {
                let Some(length) = closing_brace(rest) else {
                    let problem = TextProblem::new(start..start + 1, "this `{` is never closed");
                    self.problems.push(problem.with_help("the brace itself is written `{{`"));
                    // What follows cannot be told apart from what should stand in the braces.
                    break;
                };
                self.at += length + 1;
                match self.value(start + 1..start + length) {
                    Ok(piece) => {
                        self.flush();
                        self.pieces.push(piece);
                    }
                    Err(problem) => self.problems.push(problem),
                }
            } else {
                self.literal.push(first);
                self.at += first.len_utf8();
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.literal)));
        }
    }

    /// What stands between two braces.
    fn value(&self, range: Range<usize>) -> Result<Piece, TextProblem> {
        let mut parts = split_at_bars(self.text, range.clone()).into_iter();
        let name_range = parts.next().unwrap_or(range.clone());
        let name = self.text.get(name_range.clone()).unwrap_or("");
        let (source, ty, optional) = self.source(name, name_range.clone())?;
        let mut filter = Filter::None;
        let mut otherwise = None;
        for part in parts {
            let written = self.text.get(part.clone()).unwrap_or("");
            match written {
                "list" => filter = Filter::List,
                "count" => filter = Filter::Count,
                _ => match written.strip_prefix("else") {
                    Some(text) if !text.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
                        otherwise = Some(quoted(text.trim(), part)?);
                    }
                    _ => return Err(unknown_filter(written, part)),
                },
            }
        }
        let is_list = matches!(ty, Type::List(_));
        if filter != Filter::None && !is_list {
            let message = format!("`{name}` is no list");
            return Err(TextProblem::new(name_range, message).with_help("leave out `list` or `count`"));
        }
        if filter == Filter::None && is_list {
            let help = format!("write `{{{name}|list}}` or `{{{name}|count}}`");
            return Err(TextProblem::new(name_range, format!("`{name}` is a list")).with_help(help));
        }
        if optional && otherwise.is_none() {
            let help = format!("say what stands there then: `{{{name}|else \"none\"}}`");
            return Err(TextProblem::new(name_range, format!("`{name}` may be absent or unknown")).with_help(help));
        }
        Ok(Piece::Value { source, filter, otherwise: otherwise.unwrap_or_else(|| MISSING.to_owned()) })
    }

    /// Where the value comes from, its type, and whether it may be missing.
    fn source(&self, name: &str, range: Range<usize>) -> Result<(Source, Type, bool), TextProblem> {
        let subject = self.scope.subject;
        let part = |part: &str| range.end - part.len()..range.end;
        match name.split_once('.') {
            Some((root, attribute)) if root == subject.kind => match subject.attribute(attribute) {
                Some((slot, definition)) => Ok((Source::Attribute(slot), definition.ty, definition.optional)),
                None => Err(unknown_attribute(subject, attribute, part(attribute))),
            },
            Some(("params", parameter)) => {
                let (number, declared) = find_parameter(self.scope.parameters, parameter, part(parameter))?;
                Ok((Source::Parameter(number), declared.ty, false))
            }
            Some((root, _)) => {
                let root_range = range.start..range.start + root.len();
                if self.scope.vocabulary.iter().any(|other| other.kind == root) {
                    let message = format!("this rule judges `{}`, so there is no `{root}` here", subject.kind);
                    return Err(TextProblem::new(root_range, message));
                }
                let help = suggestion(root, [subject.kind, "params"], "known are");
                Err(TextProblem { range: root_range, message: format!("`{root}` is not known here"), help })
            }
            None if name == subject.kind => Ok((Source::Subject, Type::Text, false)),
            None => {
                let near = nearest(name, subject.attributes.iter().map(|attribute| attribute.name));
                let example = near.or(subject.attributes.first().map(|attribute| attribute.name)).unwrap_or("name");
                let help = format!("write `{{{}.{example}}}`; a brace itself is written `{{{{`", subject.kind);
                // An empty placeholder is shown with its braces.
                let shown = if range.is_empty() { range.start.saturating_sub(1)..range.end + 1 } else { range };
                Err(TextProblem::new(shown, format!("`{name}` is no attribute")).with_help(help))
            }
        }
    }
}

fn unknown_filter(written: &str, range: Range<usize>) -> TextProblem {
    let help = suggestion(written, ["list", "count", "else"], "there are");
    TextProblem { range, message: format!("there is no `|{written}`"), help }
}

/// The text between two double quotes.
fn quoted(text: &str, range: Range<usize>) -> Result<String, TextProblem> {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) if !inner.contains('"') => Ok(inner.to_owned()),
        _ => Err(TextProblem::new(range, "`else` needs a text").with_help("write `else \"none\"`")),
    }
}

/// Where the `}` is that closes the `{` at the start of `text`; braces in quotes do not count.
fn closing_brace(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '"' => quoted = !quoted,
            '}' if !quoted => return Some(at),
            '{' | '\n' if !quoted => return None,
            _ => {}
        }
    }
    None
}

/// The parts between `|` signs that stand outside quotes, without the blanks around them.
fn split_at_bars(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let inner = text.get(range.clone()).unwrap_or("");
    let mut cuts = vec![0];
    let mut quoted = false;
    for (at, character) in inner.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '|' if !quoted => cuts.extend([at, at + 1]),
            _ => {}
        }
    }
    cuts.push(inner.len());
    let trimmed = |pair: &[usize]| {
        let &[start, end] = pair else { return 0..0 };
        let part = inner.get(start..end).unwrap_or("");
        let start = start + part.len() - part.trim_start().len();
        range.start + start..range.start + start + part.trim().len()
    };
    cuts.chunks(2).map(trimmed).collect()
}

#[cfg(test)]
mod tests {
    use super::{Template, listed};
    use crate::infer::vocabulary::{Datum, Type};
    use crate::judge::expression::check::Scope;
    use crate::judge::parameter::Parameter;
    use crate::judge::sample::{VOCABULARY, call, row, slot};

    fn compile(text: &str) -> Result<Template, Vec<String>> {
        let parameters = [Parameter {
            name: "limit".to_owned(),
            ty: Type::Int,
            default: Datum::Int(3),
            min: None,
            max: None,
            unit: String::new(),
            doc: String::new(),
        }];
        let scope = Scope { subject: call(), vocabulary: VOCABULARY, parameters: &parameters };
        Template::compile(text, scope).map_err(|problems| {
            let line = |problem: &crate::judge::problem::TextProblem| {
                let help = problem.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
                format!("{}..{} {}{help}", problem.range.start, problem.range.end, problem.message)
            };
            problems.iter().map(line).collect()
        })
    }

    #[test]
    fn values_stand_where_they_are_named() {
        for (text, changes, expected) in [
            ("{call.from} calls {call.to}", "", "cart calls catalogue"),
            ("{ call.from }{call.hops}", "", "cart3"),
            ("{call.synchronous}", "", "true"),
            ("{call.timeout|else \"none\"} ms", "", "1500 ms"),
            ("{call.timeout|else \"none\"} ms", "timeout=-", "none ms"),
            ("{call.timeout | else \"a | } b\"}", "timeout=?", "a | } b"),
            ("{call.timeout|else \"\"}", "timeout=?", ""),
            ("{call.tags|list|else \"no tags\"}", "", "a and bc"),
            ("{call.tags|else \"no tags\"|list}", "tags=-", "no tags"),
            ("{call.tags|list|else \"no tags\"}", "tags=[]", "none"),
            ("{call.attempts|count|else \"some\"} tries", "", "3 tries"),
            ("more than {params.limit}", "", "more than 3"),
            ("{{{call.from}}} {{}}", "", "{cart} {}"),
            ("ä {call.from} 😀", "", "ä cart 😀"),
            ("", "", ""),
        ] {
            let template = compile(text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
            assert_eq!(template.render(&row(changes), &[Datum::Int(3)]), expected, "{text} where {changes}");
        }
    }

    #[test]
    fn long_names_are_shown_without_their_middle() {
        let chain = |hops: usize| (0..hops).map(|hop| format!("s{hop}")).collect::<Vec<_>>().join(" -> ");
        assert_eq!(super::shortened("orders/app"), "orders/app");
        assert_eq!(super::shortened(&chain(8)), chain(8));
        assert_eq!(super::shortened(&chain(9)), "s0 -> s1 -> s2 -> s3 -> (3 more) -> s7 -> s8");
        assert_eq!(super::shortened(""), "");
    }

    #[test]
    fn an_attribute_that_should_be_there_and_is_not_leaves_a_mark() {
        let template = compile("{call.from}!").expect("compiles");
        assert_eq!(template.render(&row("from=?"), &[]), "?!");
    }

    #[test]
    fn long_lists_are_cut() {
        let items = |count: i64| (1..=count).map(Datum::Int).collect::<Vec<_>>();
        for (count, expected) in [
            (0, "none"),
            (1, "1"),
            (2, "1 and 2"),
            (3, "1, 2 and 3"),
            (6, "1, 2, 3, 4, 5 and 6"),
            (7, "1, 2, 3, 4, 5 and 2 more"),
        ] {
            assert_eq!(listed(&items(count)), expected);
        }
    }

    #[test]
    fn mistakes_are_refused_with_their_place() {
        for (text, expected) in [
            ("a {call.form}", "8..12 `call` has no attribute `form` (did you mean `from`?)"),
            ("{cal.from}", "1..4 `cal` is not known here (did you mean `call`?)"),
            ("{service.name}", "1..8 this rule judges `call`, so there is no `service` here"),
            ("{params.limits}", "8..14 the rule declares no parameter `limits` (did you mean `limit`?)"),
            ("{from}", "1..5 `from` is no attribute (write `{call.from}`; a brace itself is written `{{`)"),
            ("a {} b", "2..4 `` is no attribute (write `{call.from}`; a brace itself is written `{{`)"),
            ("a {call.from", "2..3 this `{` is never closed (the brace itself is written `{{`)"),
            ("{a {call.from}", "0..1 this `{` is never closed (the brace itself is written `{{`)"),
            ("a } b", "2..3 this `}` closes nothing (the brace itself is written `}}`)"),
            (
                "{call.timeout} ms",
                "1..13 `call.timeout` may be absent or unknown (say what stands there then: `{call.timeout|else \"none\"}`)",
            ),
            ("{call.tags|else \"x\"}", "1..10 `call.tags` is a list (write `{call.tags|list}` or `{call.tags|count}`)"),
            ("{call.from|list}", "1..10 `call.from` is no list (leave out `list` or `count`)"),
            ("{call.tags|lst}", "11..14 there is no `|lst` (did you mean `list`?)"),
            ("{call.tags|}", "11..11 there is no `|` (there are: `list`, `count`, `else`)"),
            ("{call.tags|elsewhere}", "11..20 there is no `|elsewhere` (there are: `list`, `count`, `else`)"),
            ("{call.timeout|else none}", "14..23 `else` needs a text (write `else \"none\"`)"),
            ("{call.timeout|else \"a\"b\"}", "0..1 this `{` is never closed (the brace itself is written `{{`)"),
        ] {
            let problems = compile(text).err().unwrap_or_default();
            assert_eq!(problems, [expected], "{text}");
        }
        assert_eq!(compile("{call.x} {call.y} }").err().map(|problems| problems.len()), Some(3));
    }

    #[test]
    fn a_template_names_the_slots_it_reads() {
        let template = compile("{call.to} {params.limit} {call.timeout|else \"x\"}").expect("compiles");
        assert_eq!(template.slots().collect::<Vec<_>>(), [slot("to"), slot("timeout")]);
    }

    #[test]
    fn a_sentence_has_a_limit() {
        assert!(compile(&"a".repeat(1024)).is_ok());
        assert_eq!(compile(&"}".repeat(1025)).err().map(|problems| problems.len()), Some(1));
    }

    #[test]
    fn every_beginning_of_a_template_is_refused_or_compiled() {
        let text = "ä {{ {call.timeout | else \"ö } | \"} }} {call.tags|list|else \"😀\"}";
        for (end, _) in text.char_indices() {
            if let Ok(template) = compile(text.get(..end).unwrap_or("")) {
                template.render(&row("timeout=?"), &[]);
            }
        }
        assert!(compile(text).is_ok());
    }
}
