//! What may stand around a call: libraries that give it a deadline, repeat it, or break its
//! circuit: `tables/resilience/`.

use std::sync::LazyLock;

use super::clients::{RetryRow, check_keys, retry_of};
use super::library::{Condition, Knob, Library, conditions, knobs, read_rows, shapes};
use super::row::RowReader;
use super::shape::Shape;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};

const FILES: &[&str] = &[
    include_str!("../../tables/resilience/breakers.yaml"),
    include_str!("../../tables/resilience/retries.yaml"),
    include_str!("../../tables/resilience/rxjs.yaml"),
    include_str!("../../tables/resilience/timeouts.yaml"),
];

/// A library that stands around calls.
#[derive(Clone, Debug)]
pub struct ResilienceRow {
    /// Its packages, versions and what it makes.
    pub library: Library,
    /// What it gives to calls.
    pub gives: Vec<Protection>,
    /// Uses that only hand a call on: `firstValueFrom(call)`, with the name of the argument.
    pub passes: Vec<(Shape, Symbol)>,
    /// Members that only hand a call on: `then`, `pipe`.
    pub carried_by: Vec<Symbol>,
}

/// One way to protect a call.
#[derive(Clone, Debug)]
pub struct Protection {
    /// Its shape.
    pub shape: Shape,
    /// How it meets the call.
    pub meets: Meets,
    /// Where it says how long; with a default in ms, where it has one.
    pub timeout: Option<(Vec<Knob>, Option<u64>)>,
    /// Values that switch the timeout off.
    pub off: Vec<Symbol>,
    /// How it repeats.
    pub retry: Option<RetryRow>,
    /// It stops calling where too much fails.
    pub breaker: bool,
    /// It limits how many run at once.
    pub bulkhead: bool,
    /// It protects only where these hold.
    pub only: Vec<Condition>,
}

/// How a protection meets the call that it protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meets {
    /// `around: NAME`: the argument is the call, or a function in which it stands.
    Around(Symbol),
    /// `operator: true`: it is handed to `.pipe(…)` after the call.
    Operator,
    /// `client: NAME`: the argument is a client; all its calls are protected.
    Client(Symbol),
    /// `policy: true`: an object, used by a shape with `runs`.
    Policy,
    /// `runs: NAME`: the shape starts with `{policy}` and runs the argument under it.
    Runs(Symbol),
    /// `combines: NAME`: an object made of others, as arguments from NAME on.
    Combines(Symbol),
    /// `race: NAME`: the argument is a list of which the first to end counts.
    Race(Symbol),
    /// `timer: true`: ends after a time; makes a race a deadline.
    Timer,
    /// `signal: true`: a value that ends a call after a time.
    Signal,
}

const ROW_KEYS: [&str; 3] = ["gives", "passes", "carried_by"];
const GIVES_KEYS: [&str; 16] = [
    "shape", "around", "operator", "client", "policy", "runs", "combines", "race", "timer", "signal", "timeout",
    "retry", "breaker", "bulkhead", "off", "only",
];

/// What archlint knows about protection of calls.
pub fn resilience() -> &'static [ResilienceRow] {
    static ROWS: LazyLock<Vec<ResilienceRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

fn read(texts: &[&str]) -> (Vec<ResilienceRow>, Vec<SyntaxProblem>) {
    read_rows(texts, &ROW_KEYS, |node, reader| {
        let library = Library::read(node, reader)?;
        let mut gives = Vec::new();
        for item in node.get("gives").into_iter().flat_map(Node::items) {
            check_keys(item, &GIVES_KEYS, reader);
            gives.extend(protections(item, &library, reader));
        }
        let mut passes = Vec::new();
        for item in node.get("passes").into_iter().flat_map(Node::items) {
            check_keys(item, &["shape", "call"], reader);
            let Some(call) = item.get("call").and_then(Node::raw) else {
                reader.problem(item.span(), "passes name the argument that is the call".to_owned());
                continue;
            };
            let all = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
            passes.extend(all.into_iter().map(|shape| (shape, Symbol::new(call))));
        }
        let carried_by = reader.list("carried_by").iter().map(|name| Symbol::new(name)).collect();
        Some(ResilienceRow { library, gives, passes, carried_by })
    })
}

fn protections(item: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> Vec<Protection> {
    let name = |key: &str| item.get(key).and_then(Node::raw).map(Symbol::new);
    let is = |key: &str| item.get(key).and_then(Node::bool) == Some(true);
    let ways = [
        name("around").map(Meets::Around),
        is("operator").then_some(Meets::Operator),
        name("client").map(Meets::Client),
        is("policy").then_some(Meets::Policy),
        name("runs").map(Meets::Runs),
        name("combines").map(Meets::Combines),
        name("race").map(Meets::Race),
        is("timer").then_some(Meets::Timer),
        is("signal").then_some(Meets::Signal),
    ];
    let mut ways = ways.into_iter().flatten();
    let (Some(meets), None) = (ways.next(), ways.next()) else {
        reader.problem(item.span(), "a protection meets its call in one way".to_owned());
        return Vec::new();
    };
    let all = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
    let mut found = Vec::new();
    for shape in all {
        library.check(&shape, reader);
        let mut names = shape.names();
        names.extend(library.makes.iter().flat_map(|(_, shape)| shape.names()));
        let timeout = item.get("timeout").map(|timeout| {
            check_keys(timeout, &["at", "default"], reader);
            let default = timeout.get("default").and_then(Node::raw).and_then(|text| text.parse().ok());
            (knobs(timeout, "at", reader), default)
        });
        let off = item.get("off").map(super::library::words).unwrap_or_default();
        found.push(Protection {
            meets,
            timeout,
            off: off.into_iter().map(Symbol::new).collect(),
            retry: item.get("retry").map(|retry| retry_of(retry, &names, reader)),
            breaker: is("breaker"),
            bulkhead: is("bulkhead"),
            only: conditions(item, "only", reader),
            shape,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{FILES, read, resilience};

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = read(FILES).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
        assert!(resilience().iter().any(|row| row.library.name == "cockatiel"));
    }
}
