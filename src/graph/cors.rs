//! What code answers to pages of other sites. Knows libraries, not headers that are set by hand.

use std::rc::Rc;

use super::model::ServiceId;
use super::program::lookup::Lookup;
use super::program::recognize::{first, match_of, may_be_of};
use super::program::value::{Known, Value};
use super::sources::Source;
use crate::facts::answer::Answer;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::cors::cors;

/// A place of code that lets pages of other sites in.
#[derive(Debug, Clone)]
pub struct CodeCors {
    /// Whose code.
    pub service: ServiceId,
    /// The library, as its package is called: `cors`.
    pub library: Symbol,
    /// Whether any site may.
    pub any_origin: Answer<bool>,
    /// Whether the user's cookies come along.
    pub credentials: Answer<bool>,
    /// The call.
    pub span: Span,
}

/// Those of all services, sorted by service and place.
pub fn code_cors(sources: &[Source]) -> Vec<CodeCors> {
    let rows: Vec<_> = cors().iter().map(|row| (row.library.starts(&row.shapes), row)).collect();
    let mut found: Vec<CodeCors> = Vec::new();
    for source in sources {
        for event in &source.events.list {
            for (starts, row) in &rows {
                if !may_be_of(starts, &event.trace) {
                    continue;
                }
                let Some(matched) = match_of(&row.shapes, &row.library, &event.trace) else { continue };
                let stated = |paths| first(paths, &matched, &Rc::clone(&event.trace));
                found.push(CodeCors {
                    service: source.service,
                    library: row.library.name,
                    any_origin: match stated(&row.origin) {
                        Lookup::Present(known) => any_origin(&known),
                        Lookup::Unknown(why) => Answer::unknown(&why),
                        Lookup::Absent => Answer::present(row.any_by_default, event.span),
                    },
                    credentials: match stated(&row.credentials) {
                        Lookup::Present(Known { value: Value::Bool(sent), span, .. }) => Answer::present(sent, span),
                        Lookup::Present(_) => Answer::unknown("whether cookies come along is computed"),
                        Lookup::Unknown(why) => Answer::unknown(&why),
                        Lookup::Absent => Answer::present(false, event.span),
                    },
                    span: event.span,
                });
            }
        }
    }
    found.sort_by_key(|one| (one.service, one.span, one.library));
    found.dedup_by_key(|one| (one.service, one.span, one.library));
    found
}

/// `*`, `true` (whoever asks is answered by name), or a list with `*` in it.
fn any_origin(known: &Known) -> Answer<bool> {
    match &known.value {
        Value::Text(text) => Answer::present(&**text == "*", known.span),
        Value::Bool(whoever) => Answer::present(*whoever, known.span),
        Value::Array(all) => {
            let each: Vec<Answer<bool>> = all.iter().map(any_origin).collect();
            let any = each.iter().position(|one| one.value() == Some(&true));
            let open = each.iter().find(|one| matches!(one, Answer::Unknown(_)));
            match (any.and_then(|at| each.get(at)), open) {
                (Some(one), _) | (None, Some(one)) => one.clone(),
                (None, None) => Answer::present(false, known.span),
            }
        }
        _computed => Answer::unknown("which sites may use it is computed"),
    }
}
