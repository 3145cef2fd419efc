//! Values of code as the linker takes them: to be evaluated in the environment of a service.

use super::lookup::word_of;
use super::value::{Foreign, Known, Step, Value};
use crate::facts::answer::Reason;
use crate::facts::value::{Form, Value as Symbolic};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// How deep values are taken apart.
const DEPTH: usize = 12;
/// How many alternatives a value is taken apart into.
const ALTERNATIVES: usize = 6;

/// A value to be evaluated in an environment; one for each alternative that the code leaves open.
pub fn symbolic(known: &Known) -> Vec<Symbolic> {
    let mut all = alternatives(known, DEPTH);
    all.truncate(ALTERNATIVES);
    all
}

/// One value from the parts of an address: what stands before a path, and the path.
pub fn joined(base: Option<&Known>, path: Option<&Known>, span: Span) -> Vec<Symbolic> {
    let bases = base.map(symbolic).unwrap_or_default();
    let paths = path.map(symbolic).unwrap_or_default();
    match (bases.is_empty(), paths.is_empty()) {
        (true, _) => paths,
        (false, true) => bases,
        (false, false) => {
            let mut all = Vec::new();
            for path in &paths {
                // A whole URL needs nothing before it.
                if starts_with_scheme(path) {
                    all.push(path.clone());
                    continue;
                }
                for base in &bases {
                    let slash = Symbolic::literal("/", span);
                    all.push(Symbolic { form: Form::Concat(vec![base.clone(), slash, path.clone()]), span });
                }
            }
            all.truncate(ALTERNATIVES);
            all
        }
    }
}

fn starts_with_scheme(value: &Symbolic) -> bool {
    match &value.form {
        Form::Literal(text) => text.as_str().contains("://"),
        Form::Concat(parts) => parts.first().is_some_and(starts_with_scheme),
        Form::FirstOf(parts) => parts.iter().any(starts_with_scheme),
        Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Unknown(_) => false,
    }
}

fn alternatives(known: &Known, depth: usize) -> Vec<Symbolic> {
    let span = known.span;
    let unknown = |why: &str| vec![Symbolic { form: Form::Unknown(Reason(Symbol::new(why))), span }];
    let Some(below) = depth.checked_sub(1) else { return unknown("the value is put together from too many parts") };
    match &known.value {
        Value::Text(text) => vec![Symbolic { form: Form::Literal(*text), span }],
        Value::Number(_) | Value::Bool(_) => match word_of(known) {
            Some(word) => vec![Symbolic { form: Form::Literal(word), span }],
            None => unknown("a number"),
        },
        Value::Env(name) => vec![Symbolic { form: Form::Env(*name), span }],
        Value::Setting(key) => vec![Symbolic { form: Form::Setting(*key), span }],
        Value::Concat(parts) => {
            product(parts, below).into_iter().map(|parts| Symbolic { form: Form::Concat(parts), span }).collect()
        }
        Value::FirstOf(parts) => {
            // A default that is set ends the list; what could not be followed before it may win.
            let all: Vec<Symbolic> = parts.iter().flat_map(|part| alternatives(part, below)).collect();
            vec![Symbolic { form: Form::FirstOf(all), span }]
        }
        Value::OneOf(parts) => {
            let mut all: Vec<Symbolic> = Vec::new();
            for part in parts.iter() {
                all.extend(alternatives(part, below));
            }
            all.truncate(ALTERNATIVES);
            all
        }
        Value::Foreign(foreign) => url(foreign, span, below).unwrap_or_else(|| unknown("a value of a library")),
        Value::Parameter(name) => unknown(&format!("it comes from the caller, by {name}")),
        Value::Unknown(why) => vec![Symbolic { form: Form::Unknown(Reason(*why)), span }],
        Value::Nothing => unknown("nothing is given"),
        Value::Computed(_) => unknown("it is computed"),
        Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_) => unknown("it is no text"),
    }
}

/// All ways to choose one alternative for each part.
fn product(parts: &[Known], depth: usize) -> Vec<Vec<Symbolic>> {
    let mut all: Vec<Vec<Symbolic>> = vec![Vec::new()];
    for part in parts {
        let choices = alternatives(part, depth);
        let mut next = Vec::new();
        for way in &all {
            for choice in &choices {
                if next.len() < ALTERNATIVES {
                    let mut longer = way.clone();
                    longer.push(choice.clone());
                    next.push(longer);
                }
            }
        }
        all = next;
    }
    all
}

/// `new URL(path, base)`, also by `.href` and `.toString()`.
fn url(foreign: &Foreign, span: Span, depth: usize) -> Option<Vec<Symbolic>> {
    match (&foreign.step, foreign.before.as_deref()) {
        (Step::New(used), Some(Foreign { step: Step::Global(name), .. })) if name.as_str() == "URL" => {
            url_of(&used.arguments, span, depth)
        }
        (Step::New(used), Some(Foreign { step: Step::Import { package, name }, .. }))
            if package.as_str() == "url" && name.as_str() == "URL" =>
        {
            url_of(&used.arguments, span, depth)
        }
        (Step::Member(name), Some(before)) if matches!(name.as_str(), "href" | "origin" | "host" | "toString") => {
            url(before, span, depth)
        }
        (Step::Call(_), Some(before)) if matches!(&before.step, Step::Member(name) if name.as_str() == "toString") => {
            url(before, span, depth)
        }
        _other => None,
    }
}

fn url_of(arguments: &[Known], span: Span, _: usize) -> Option<Vec<Symbolic>> {
    let path = arguments.first()?;
    Some(joined(arguments.get(1), Some(path), span))
}
