//! What a template's condition comes to, as far as the values that it asks for are known:
//! pipelines of Go templates with the few functions that conditions of charts are made of.

use super::{raw_string_length, string_length};

/// Deepest nesting of parentheses that is followed.
const DEPTH_LIMIT: usize = 32;

/// A value on its way through a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Not set, or set to null.
    Nil,
    /// `true`
    Bool(bool),
    /// `3`
    Number(f64),
    /// A text.
    Text(Box<str>),
    /// A mapping or list without entries.
    Empty,
    /// Something that is not empty, of which no more is known.
    Full,
}

impl Operand {
    /// Whether a condition takes it for true.
    pub fn truth(&self) -> bool {
        match self {
            Self::Nil | Self::Empty => false,
            Self::Bool(truth) => *truth,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Full => true,
        }
    }
}

/// What is known of a value by its path, `image.tag` of `.Values.image.tag`; `None`: it may be
/// anything.
pub type Values<'v> = dyn Fn(&str) -> Option<Operand> + 'v;

/// What `.` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dot {
    /// What the template was given: `.Values` are the chart's.
    Root,
    /// The value of this path, within `{{ with .Values.image }}`.
    Value(String),
    /// An entry of a list, or something computed.
    Unknown,
}

/// The value of `.` within a `with` of this expression.
pub(super) fn dot_of(expression: &str, dot: &Dot) -> Dot {
    path_of(expression.trim(), dot).map_or(Dot::Unknown, Dot::Value)
}

/// The value of a pipeline; `None` where it is not known.
pub(super) fn evaluate(expression: &str, dot: &Dot, values: &Values<'_>) -> Option<Operand> {
    let mut reader = Reader { rest: expression, dot, values };
    let term = reader.pipeline(0)?;
    if reader.rest.trim().is_empty() { term.value } else { None }
}

/// The path of a reference to a value: `a.b` of `.Values.a.b`, also through `$`, and of `.b`
/// within `{{ with .Values.a }}`.
fn path_of(word: &str, dot: &Dot) -> Option<String> {
    let plain = |path: &str| {
        let name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
        path.split('.').all(name)
    };
    let below = |word: &str| {
        let path = word.strip_prefix(".Values")?;
        if path.is_empty() {
            return Some(String::new());
        }
        let path = path.strip_prefix('.')?;
        plain(path).then(|| path.to_owned())
    };
    if let Some(absolute) = word.strip_prefix('$') {
        return below(absolute);
    }
    match dot {
        Dot::Root => below(word),
        Dot::Value(outer) => {
            let path = word.strip_prefix('.')?;
            match path {
                "" => Some(outer.clone()),
                _ if !plain(path) => None,
                _ if outer.is_empty() => Some(path.to_owned()),
                _ => Some(format!("{outer}.{path}")),
            }
        }
        Dot::Unknown => None,
    }
}

/// A part of a command, with the path that it was read from.
#[derive(Default)]
struct Term {
    value: Option<Operand>,
    path: Option<String>,
}

impl From<Option<Operand>> for Term {
    fn from(value: Option<Operand>) -> Self {
        Self { value, path: None }
    }
}

struct Reader<'e, 'v> {
    rest: &'e str,
    dot: &'v Dot,
    values: &'v Values<'v>,
}

impl<'e> Reader<'e, '_> {
    /// Commands joined by `|`, each the last argument of the next; `None` for what is no
    /// pipeline.
    fn pipeline(&mut self, depth: usize) -> Option<Term> {
        let mut result = self.command(None, depth)?;
        while self.takes('|') {
            result = self.command(Some(result), depth)?;
        }
        Some(result)
    }

    fn command(&mut self, piped: Option<Term>, depth: usize) -> Option<Term> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        let mut function = None;
        let mut terms: Vec<Term> = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let first = match self.rest.chars().next() {
                None | Some('|' | ')') => break,
                Some(first) => first,
            };
            if first == '(' {
                self.takes('(');
                let inner = self.pipeline(depth + 1)?;
                if !self.takes(')') {
                    return None;
                }
                // `(…).field` is a field of something computed.
                let is_whole = self.rest.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '|' | ')'));
                if !is_whole {
                    self.word()?;
                }
                terms.push(if is_whole { inner } else { Term::default() });
                continue;
            }
            let word = self.word()?;
            match self.literal_or_value(word) {
                Some(term) => terms.push(term),
                None if function.is_none() && terms.is_empty() => function = Some(word),
                None => return None,
            }
        }
        terms.extend(piped);
        match function {
            Some(function) => Some(called(function, &terms, self.values).into()),
            // A value with arguments is a call of it.
            None if terms.len() == 1 => terms.pop(),
            None => None,
        }
    }

    /// The next word; a string is one with its quotes.
    fn word(&mut self) -> Option<&'e str> {
        let rest = self.rest;
        let length = match rest.chars().next()? {
            '"' => 1 + string_length(rest.get(1..)?.as_bytes())?,
            '`' => 1 + raw_string_length(rest.get(1..)?.as_bytes())?,
            _ => rest.find(|c: char| c.is_whitespace() || matches!(c, '|' | '(' | ')')).unwrap_or(rest.len()),
        };
        let word = rest.get(..length).filter(|word| !word.is_empty())?;
        self.rest = rest.get(length..)?;
        Some(word)
    }

    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(sign) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    /// `None` for the name of a function.
    fn literal_or_value(&self, word: &str) -> Option<Term> {
        for quote in ['"', '`'] {
            if let Some(text) = word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
                let exact = quote == '`' || !text.contains('\\');
                return Some(exact.then(|| Operand::Text(text.into())).into());
            }
        }
        if word.starts_with(['.', '$']) {
            let path = path_of(word, self.dot);
            let value = path.as_deref().and_then(|path| match path {
                "" => Some(Operand::Full),
                _ => (self.values)(path),
            });
            return Some(Term { value, path });
        }
        let value = match word {
            "true" => Operand::Bool(true),
            "false" => Operand::Bool(false),
            "nil" => Operand::Nil,
            _ => Operand::Number(word.parse().ok().filter(|number: &f64| number.is_finite())?),
        };
        Some(Some(value).into())
    }
}

/// What a function gives; `None` where that is not known.
fn called(function: &str, terms: &[Term], values: &Values<'_>) -> Option<Operand> {
    let value = |at: usize| terms.get(at)?.value.clone();
    let truth = |at: usize| value(at).map(|operand| operand.truth());
    match function {
        "not" if terms.len() == 1 => Some(Operand::Bool(!truth(0)?)),
        "empty" if terms.len() == 1 => Some(Operand::Bool(!truth(0)?)),
        // One empty part decides, whatever the others are.
        "and" => match (0..terms.len()).find(|at| truth(*at) == Some(false)) {
            Some(empty) => value(empty),
            None if terms.iter().all(|term| term.value.is_some()) => value(terms.len().checked_sub(1)?),
            None => None,
        },
        "or" => {
            if terms.iter().all(|term| term.value.is_some()) {
                let first = (0..terms.len()).find(|at| truth(*at) == Some(true));
                return value(first.or_else(|| terms.len().checked_sub(1))?);
            }
            (0..terms.len()).any(|at| truth(at) == Some(true)).then_some(Operand::Full)
        }
        "default" if terms.len() == 2 => {
            if truth(1)? {
                value(1)
            } else {
                value(0)
            }
        }
        "coalesce" => (0..terms.len()).find_map(|at| match truth(at) {
            Some(false) => None,
            known => Some(known.and_then(|_| value(at))),
        })?,
        "ternary" if terms.len() == 3 => {
            if truth(2)? {
                value(0)
            } else {
                value(1)
            }
        }
        "eq" if terms.len() > 1 => {
            let first = value(0)?;
            let answers: Vec<Option<bool>> = (1..terms.len()).map(|at| same(&first, &value(at)?)).collect();
            if answers.contains(&Some(true)) {
                return Some(Operand::Bool(true));
            }
            answers.iter().all(Option::is_some).then_some(Operand::Bool(false))
        }
        "ne" if terms.len() == 2 => Some(Operand::Bool(!same(&value(0)?, &value(1)?)?)),
        "lt" | "le" | "gt" | "ge" if terms.len() == 2 => {
            let (Operand::Number(one), Operand::Number(other)) = (value(0)?, value(1)?) else { return None };
            Some(Operand::Bool(match function {
                "lt" => one < other,
                "le" => one <= other,
                "gt" => one > other,
                _ => one >= other,
            }))
        }
        "int" | "int64" | "float64" if terms.len() == 1 => {
            value(0).filter(|operand| matches!(operand, Operand::Number(_)))
        }
        "lower" | "trim" | "toString" if terms.len() == 1 => {
            let Operand::Text(text) = value(0)? else { return None };
            Some(Operand::Text(match function {
                "lower" => text.to_lowercase().into(),
                "trim" => text.trim().into(),
                _ => text,
            }))
        }
        "hasKey" if terms.len() == 2 => {
            let path = terms.first()?.path.as_deref()?;
            let Operand::Text(key) = value(1)? else { return None };
            let path = if path.is_empty() { key.into_string() } else { format!("{path}.{key}") };
            Some(Operand::Bool(values(&path)? != Operand::Nil))
        }
        _ => None,
    }
}

/// `None` where the comparison fails, or what is compared is not known.
fn same(one: &Operand, other: &Operand) -> Option<bool> {
    match (one, other) {
        (Operand::Nil, Operand::Nil) => Some(true),
        (Operand::Nil, _) | (_, Operand::Nil) => Some(false),
        (Operand::Bool(one), Operand::Bool(other)) => Some(one == other),
        (Operand::Number(one), Operand::Number(other)) => Some(one == other),
        (Operand::Text(one), Operand::Text(other)) => Some(one == other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Dot, Operand, Values, dot_of, evaluate};

    fn values(path: &str) -> Option<Operand> {
        match path {
            "on" | "image.pinned" => Some(Operand::Bool(true)),
            "off" => Some(Operand::Bool(false)),
            "none" => Some(Operand::Nil),
            "kind" => Some(Operand::Text("web".into())),
            "count" => Some(Operand::Number(3.0)),
            "list" => Some(Operand::Empty),
            "image" => Some(Operand::Full),
            _ => None,
        }
    }

    fn truth(expression: &str) -> Option<bool> {
        let values: &Values<'_> = &values;
        evaluate(expression, &Dot::Root, values).map(|operand| operand.truth())
    }

    #[test]
    fn conditions_are_decided_by_the_values_that_they_ask_for() {
        for (expression, expected) in [
            (".Values.on", Some(true)),
            ("$.Values.off", Some(false)),
            ("not .Values.on", Some(false)),
            (".Values.off | not", Some(true)),
            ("and .Values.off .Values.asked", Some(false)),
            ("and .Values.asked .Values.off", Some(false)),
            ("and .Values.on .Values.asked", None),
            ("or .Values.asked .Values.on", Some(true)),
            ("or .Values.off .Values.asked", None),
            ("or .Values.off (and .Values.on (not .Values.none))", Some(true)),
            ("eq .Values.kind \"web\"", Some(true)),
            ("eq .Values.kind \"api\" `web`", Some(true)),
            ("ne .Values.kind \"web\"", Some(false)),
            ("eq .Values.none \"web\"", Some(false)),
            ("eq .Values.count \"3\"", None),
            ("gt .Values.count 1", Some(true)),
            ("gt (int .Values.count) 3", Some(false)),
            (".Values.list", Some(false)),
            ("empty .Values.list", Some(true)),
            (".Values.none | default true", Some(true)),
            ("default true .Values.off", Some(true)),
            ("coalesce .Values.none .Values.kind", Some(true)),
            ("coalesce .Values.asked .Values.kind", None),
            ("hasKey .Values \"kind\"", Some(true)),
            ("hasKey .Values.image \"pinned\"", Some(true)),
            ("hasKey .Values \"none\"", Some(false)),
            ("ternary true false .Values.off", Some(false)),
            (".Values.asked", None),
            (".Release.IsInstall", None),
            ("$on", None),
            ("include \"on\" .", None),
            ("(.Values.image).pinned", None),
            ("not (include \"on\" .)", None),
            (".Values.on .Values.on", None),
            ("or .Values.on (", None),
            ("and", None),
            ("", None),
        ] {
            assert_eq!(truth(expression), expected, "{expression:?}");
        }
    }

    #[test]
    fn the_dot_is_what_with_made_it() {
        let values: &Values<'_> = &values;
        let image = dot_of(".Values.image", &Dot::Root);
        assert_eq!(evaluate(".pinned", &image, values), Some(Operand::Bool(true)));
        assert_eq!(evaluate(".Values.on", &image, values), None);
        assert_eq!(evaluate("$.Values.on", &image, values), Some(Operand::Bool(true)));
        assert_eq!(dot_of("include \"x\" .", &Dot::Root), Dot::Unknown);
        assert_eq!(evaluate(".pinned", &Dot::Unknown, values), None);
    }

    #[test]
    fn nesting_ends_somewhere() {
        let deep = format!("{}.Values.on{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(truth(&deep), None);
    }
}
