//! Times and repetitions as libraries take them: how long, how often, how far apart.

use super::lookup::{Lookup, look_up, number_of, word_of};
use super::shapes::{Bound, Match, find_match};
use super::value::{Known, Step, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::clients::RetryRow;
use crate::tables::library::{Condition, Knob, Library, Unit, Word};
use crate::tables::resilience::{Meets, resilience};
use crate::tables::shape::Path;

/// How long something may take.
#[derive(Debug, Clone)]
pub enum Amount {
    /// So many ms.
    Millis(u64),
    /// It is switched off: `timeout: 0` where that means none.
    Off,
    /// A value that the environment or the configuration tells, in this unit.
    Stated(Known, Unit),
    /// There is a limit, and the code does not tell which: `signal: request.signal`.
    Unclear,
}

/// How often something is repeated.
#[derive(Debug, Clone)]
pub enum Count {
    /// So many times after the first.
    Times(u32),
    /// Until it succeeds.
    Unlimited,
    /// A value that the environment or the configuration tells.
    Stated(Known),
    /// It is repeated, and the code does not tell how often.
    Unclear,
}

/// How waits between repetitions grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// No wait.
    None,
    /// Always the same.
    Constant,
    /// By the same each time.
    Linear,
    /// By a factor.
    Exponential,
    /// The code does not tell.
    Unclear,
}

/// How a call is repeated.
#[derive(Debug, Clone)]
pub struct Repeats {
    /// How often.
    pub count: Count,
    /// Wait before the first repetition in ms, where known.
    pub delay_ms: Option<u64>,
    /// How waits grow.
    pub growth: Growth,
    /// Whether waits are random; `None`: the code does not tell.
    pub jitter: Option<bool>,
    /// Longest wait in ms, where set.
    pub longest_ms: Option<u64>,
    /// The HTTP methods repeated; empty: all.
    pub methods: Vec<Symbol>,
    /// True where the code itself says what is repeated, so that `methods` may be too few.
    pub widened: bool,
    /// True where nobody says how often: the library does it on its own.
    pub by_default: bool,
    /// A line that makes waits grow and differ, for people.
    pub help: Option<Symbol>,
    /// The place that shows it.
    pub span: Span,
}

/// What a path leads to in one match, through what the row's own shapes made on the way:
/// `transport.settings.baseUrl`, where `transport` is `createGrpcTransport(settings)`.
pub fn seek(found: &Match, path: &Path, library: &Library) -> Option<Lookup> {
    let start = match found.bound(path.name)? {
        Bound::Value(known) => known.clone(),
        Bound::Missing | Bound::Unclear | Bound::Rest(..) | Bound::Name(_) => return found.look_up(path),
    };
    Some(seek_in(&start, &path.keys, library))
}

/// Takes one key with each turn, so this ends.
fn seek_in(at: &Known, keys: &[Symbol], library: &Library) -> Lookup {
    let Some((key, rest)) = keys.split_first() else { return look_up(at, keys) };
    match &at.value {
        Value::Foreign(foreign) => {
            let made: Vec<Match> =
                library.makes.iter().filter_map(|(_, shape)| find_match(shape, library, foreign)).collect();
            match made.iter().find_map(|made| made.bound(*key)) {
                Some(Bound::Value(known)) => seek_in(known, rest, library),
                Some(Bound::Missing) => Lookup::Absent,
                Some(Bound::Unclear | Bound::Rest(..) | Bound::Name(_)) => look_up(at, keys),
                // It is known what it is, and it has nothing of that name.
                None if !made.is_empty() => Lookup::Absent,
                None => look_up(at, keys),
            }
        }
        // `{link: createHttpLink({uri})}`
        Value::Object(_) if !rest.is_empty() => match look_up(at, std::slice::from_ref(key)) {
            Lookup::Present(known) => seek_in(&known, rest, library),
            found @ (Lookup::Absent | Lookup::Unknown(_)) => found,
        },
        // `[httpBatchLink({url})]`: whichever says it.
        Value::Array(all) => {
            let answers: Vec<Lookup> = all.iter().map(|one| seek_in(one, keys, library)).collect();
            let first = |wanted: fn(&Lookup) -> bool| answers.iter().find(|answer| wanted(answer)).cloned();
            first(|answer| matches!(answer, Lookup::Present(_)))
                .or_else(|| first(|answer| matches!(answer, Lookup::Unknown(_))))
                .unwrap_or(Lookup::Absent)
        }
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::FirstOf(_)
        | Value::OneOf(_)
        | Value::Object(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => look_up(at, keys),
    }
}

/// The same in the match or in what it starts from, the nearest that says it first.
pub fn seek_all(found: &Match, path: &Path, library: &Library) -> Lookup {
    let mut unknown = None;
    for level in found.chain() {
        match seek(level, path, library) {
            Some(Lookup::Present(known)) => return Lookup::Present(known),
            Some(Lookup::Unknown(reason)) => unknown = unknown.or(Some(reason)),
            Some(Lookup::Absent) | None => {}
        }
    }
    unknown.map_or(Lookup::Absent, Lookup::Unknown)
}

/// What the first knob that is set says; with its value's place.
pub fn limit_of(found: &Match, knobs: &[Knob], off: &[Symbol], library: &Library) -> Option<Limit> {
    let mut unknown = None;
    let mut looked = false;
    for knob in knobs {
        match seek(found, &knob.path, library) {
            // Settings where a number may stand as well: `timeout: 5000` or `timeout: {request: 5000}`.
            Some(Lookup::Present(known)) if is_settings(&known) && knob.unit != Unit::Signal => looked = true,
            Some(Lookup::Present(known)) => {
                let amount = amount_of(&known, knob.unit, off);
                return Some(Limit::Set(amount, known));
            }
            Some(Lookup::Absent) => looked = true,
            Some(Lookup::Unknown(reason)) => unknown = unknown.or(Some(reason)),
            None => {}
        }
    }
    match unknown {
        Some(reason) => Some(Limit::Unknown(reason)),
        None if looked => Some(Limit::NotSet),
        None => None,
    }
}

/// What knobs say.
#[derive(Debug, Clone)]
pub enum Limit {
    /// This, by this value.
    Set(Amount, Known),
    /// Nothing.
    NotSet,
    /// Who knows.
    Unknown(Symbol),
}

fn is_settings(known: &Known) -> bool {
    matches!(known.value, Value::Object(_))
}

/// A value in a unit.
pub fn amount_of(known: &Known, unit: Unit, off: &[Symbol]) -> Amount {
    if word_of(known).is_some_and(|word| off.contains(&word)) {
        return Amount::Off;
    }
    match unit {
        Unit::Signal => signal_amount(known, 0).unwrap_or(Amount::Unclear),
        Unit::Deadline => deadline_amount(known),
        Unit::Millis | Unit::Seconds | Unit::Duration => match number_of(known) {
            Some(number) if number.is_infinite() => Amount::Off,
            Some(number) if number >= 0.0 => millis(number, unit),
            Some(_) => Amount::Unclear,
            None => stated(known, unit),
        },
    }
}

fn millis(number: f64, unit: Unit) -> Amount {
    let factor = if unit == Unit::Seconds { 1000.0 } else { 1.0 };
    // Longer than any timer; the conversion saturates.
    Amount::Millis((number * factor).round() as u64)
}

/// What the environment tells, where the value is of it; else it is only known to be there.
fn stated(known: &Known, unit: Unit) -> Amount {
    match &known.value {
        Value::Env(_) | Value::Setting(_) | Value::FirstOf(_) | Value::Concat(_) => Amount::Stated(known.clone(), unit),
        Value::OneOf(all) => {
            // The longest of them: what the call may have to wait.
            let all: Option<Vec<f64>> = all.iter().map(number_of).collect();
            match all.and_then(|all| all.into_iter().reduce(f64::max)) {
                Some(number) if number.is_finite() && number > 0.0 => millis(number, unit),
                Some(_) | None => Amount::Unclear,
            }
        }
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Foreign(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => Amount::Unclear,
    }
}

/// How long an `AbortSignal` lets a call run.
fn signal_amount(known: &Known, depth: usize) -> Option<Amount> {
    if depth > 4 {
        return None;
    }
    match &known.value {
        Value::Foreign(foreign) => {
            for row in resilience() {
                for gives in row.gives.iter().filter(|gives| gives.meets == Meets::Signal) {
                    let Some(found) = find_match(&gives.shape, &row.library, foreign) else { continue };
                    let (knobs, _) = gives.timeout.as_ref()?;
                    return match limit_of(&found, knobs, &gives.off, &row.library) {
                        Some(Limit::Set(amount, _)) => Some(amount),
                        Some(Limit::NotSet | Limit::Unknown(_)) | None => None,
                    };
                }
            }
            // `AbortSignal.any([AbortSignal.timeout(5000), other])`
            match &foreign.step {
                Step::Call(used) => used.arguments.iter().find_map(|one| signal_amount(one, depth + 1)),
                Step::Import { .. }
                | Step::Global(_)
                | Step::Injected(_)
                | Step::Member(_)
                | Step::New(_)
                | Step::Subclass(_)
                | Step::Element
                | Step::Handed { .. } => None,
            }
        }
        Value::Array(all) | Value::FirstOf(all) | Value::OneOf(all) => {
            all.iter().find_map(|one| signal_amount(one, depth + 1))
        }
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::Object(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => None,
    }
}

/// `Date.now() + 5000`, `new Date(Date.now() + 5000)`: the one number among what it is of.
fn deadline_amount(known: &Known) -> Amount {
    if number_of(known).is_some_and(f64::is_infinite) {
        return Amount::Off;
    }
    let mut numbers = Vec::new();
    gather_numbers(known, 0, &mut numbers);
    match numbers.as_slice() {
        // A point in time by itself would be years away.
        [one] if *one > 0.0 && *one < 1e9 => Amount::Millis(one.round() as u64),
        _ => Amount::Unclear,
    }
}

fn gather_numbers(known: &Known, depth: usize, found: &mut Vec<f64>) {
    if depth > 6 || found.len() > 4 {
        return;
    }
    match &known.value {
        Value::Number(number) => found.push(*number),
        Value::Computed(all) | Value::Concat(all) => {
            for one in all.iter() {
                gather_numbers(one, depth + 1, found);
            }
        }
        // `Concat` writes numbers as texts.
        Value::Text(text) => found.extend(text.trim().parse::<f64>().ok()),
        Value::Foreign(foreign) => match &foreign.step {
            Step::New(used) | Step::Call(used) => {
                for one in &used.arguments {
                    gather_numbers(one, depth + 1, found);
                }
            }
            Step::Import { .. }
            | Step::Global(_)
            | Step::Injected(_)
            | Step::Member(_)
            | Step::Subclass(_)
            | Step::Element
            | Step::Handed { .. } => {}
        },
        Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::FirstOf(_)
        | Value::OneOf(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Unknown(_) => {}
    }
}

/// What the words of a row come to: a value that is set, or the one where nothing is.
pub enum Chosen {
    /// Set in the code.
    Set(Known),
    /// The row's own.
    Default(Symbol),
    /// It may be set.
    Unknown(Symbol),
    /// Neither.
    Nothing,
}

/// Settings objects are passed over: they stand where a plain value may stand as well.
pub fn choose(found: &Match, words: &[Word], library: &Library) -> Chosen {
    let mut unknown = None;
    for word in words {
        match word {
            Word::Path(path) => match seek_all(found, path, library) {
                Lookup::Present(known) if is_settings(&known) => {}
                Lookup::Present(known) => return Chosen::Set(known),
                Lookup::Absent => {}
                Lookup::Unknown(reason) => unknown = unknown.or(Some(reason)),
            },
            Word::Value(value) => return unknown.map_or(Chosen::Default(*value), Chosen::Unknown),
        }
    }
    unknown.map_or(Chosen::Nothing, Chosen::Unknown)
}

/// True where the condition holds; a value that cannot be read does not.
pub fn holds(found: &Match, condition: &Condition, library: &Library) -> bool {
    match seek_all(found, &condition.path, library) {
        Lookup::Present(known) => condition.is.is_empty() || word_of(&known) == Some(condition.is),
        Lookup::Absent | Lookup::Unknown(_) => false,
    }
}

/// How a use repeats, by its row; `None`: not at all.
pub fn repeats_of(found: &Match, row: &RetryRow, library: &Library, span: Span) -> Option<Repeats> {
    if !row.only.iter().all(|condition| holds(found, condition, library)) {
        return None;
    }
    let mut place = span;
    let chosen = choose(found, &row.count, library);
    let by_default = matches!(chosen, Chosen::Default(_));
    let count = match chosen {
        Chosen::Set(known) => {
            place = known.span;
            count_of(&known)
        }
        Chosen::Default(word) => match word.parse::<u32>() {
            Ok(times) => Count::Times(times),
            Err(_) if word == "unlimited" => Count::Unlimited,
            Err(_) => Count::Unclear,
        },
        Chosen::Unknown(_) | Chosen::Nothing => Count::Unclear,
    };
    let count = match count {
        Count::Times(times) => Count::Times(if row.counts_first { times.saturating_sub(1) } else { times }),
        Count::Unlimited | Count::Stated(_) | Count::Unclear => count,
    };
    let count = match choose(found, &row.forever, library) {
        Chosen::Set(Known { value: Value::Bool(true), span, .. }) => {
            place = span;
            Count::Unlimited
        }
        Chosen::Set(_) | Chosen::Default(_) | Chosen::Unknown(_) | Chosen::Nothing => count,
    };
    if matches!(count, Count::Times(0)) {
        return None;
    }
    let delay = choose(found, &row.delay, library);
    let growth = choose(found, &row.backoff, library);
    let jitter = choose(found, &row.jitter, library);
    let strategy = |chosen: &Chosen| match chosen {
        Chosen::Set(Known { value: Value::Foreign(foreign), .. }) => {
            row.strategies.iter().find(|strategy| find_match(&strategy.shape, library, foreign).is_some())
        }
        Chosen::Set(_) | Chosen::Default(_) | Chosen::Unknown(_) | Chosen::Nothing => None,
    };
    // A function that tells each wait may do anything: `retry({delay: (error, n) => timer(…)})`.
    let own_delay = matches!(
        &delay,
        Chosen::Set(Known {
            value: Value::Function(_) | Value::Foreign(_) | Value::Computed(_) | Value::Unknown(_),
            ..
        }) | Chosen::Unknown(_)
    );
    Some(Repeats {
        count,
        delay_ms: millis_of(&delay),
        growth: match strategy(&growth) {
            Some(strategy) => growth_of(&strategy.backoff),
            None if own_delay => Growth::Unclear,
            None => growth_chosen(&growth),
        },
        jitter: match strategy(&jitter) {
            Some(strategy) => strategy.jitter,
            None if own_delay => None,
            None => truth_of(&jitter),
        },
        longest_ms: millis_of(&choose(found, &row.longest, library)),
        methods: row.methods.clone(),
        widened: row.widened.iter().any(|path| !matches!(seek_all(found, path, library), Lookup::Absent)),
        by_default,
        help: row.help,
        span: place,
    })
}

/// How often a value says that something is repeated.
pub fn count_of(known: &Known) -> Count {
    match (&known.value, number_of(known)) {
        (Value::Bool(false), _) => Count::Times(0),
        (_, Some(number)) if number.is_infinite() => Count::Unlimited,
        (_, Some(number)) if (0.0..1e9).contains(&number) => Count::Times(number as u32),
        (Value::Env(_) | Value::Setting(_) | Value::FirstOf(_), _) => Count::Stated(known.clone()),
        _ => Count::Unclear,
    }
}

fn millis_of(chosen: &Chosen) -> Option<u64> {
    let number = match chosen {
        Chosen::Set(known) => number_of(known),
        Chosen::Default(word) => word.parse().ok(),
        Chosen::Unknown(_) | Chosen::Nothing => None,
    };
    number.filter(|number| number.is_finite() && *number >= 0.0).map(|number| number.round() as u64)
}

fn truth_of(chosen: &Chosen) -> Option<bool> {
    let word = match chosen {
        // A function of the user's own: whatever it does, it was thought about.
        Chosen::Set(Known { value: Value::Function(_), .. }) => return None,
        Chosen::Set(known) => word_of(known)?,
        Chosen::Default(word) => *word,
        Chosen::Unknown(_) | Chosen::Nothing => return None,
    };
    match word.as_str() {
        "false" | "none" | "0" => Some(false),
        "true" | "full" => Some(true),
        other => other.parse::<f64>().ok().map(|number| number > 0.0),
    }
}

fn growth_chosen(chosen: &Chosen) -> Growth {
    match chosen {
        Chosen::Default(word) => growth_of(word),
        Chosen::Set(known) => word_of(known).map_or(Growth::Unclear, |word| growth_of(&word)),
        Chosen::Unknown(_) => Growth::Unclear,
        Chosen::Nothing => Growth::None,
    }
}

fn growth_of(word: &str) -> Growth {
    match word {
        "none" | "0" => Growth::None,
        "constant" | "fixed" | "FIXED" | "1" => Growth::Constant,
        "linear" | "LINEAR" => Growth::Linear,
        "exponential" | "EXPONENTIAL" => Growth::Exponential,
        number => match number.parse::<f64>() {
            Ok(factor) if factor > 1.0 => Growth::Exponential,
            Ok(_) => Growth::Constant,
            Err(_) => Growth::Unclear,
        },
    }
}
