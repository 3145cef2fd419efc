//! What rules see of how a call is repeated: at which pace, and whether it ends.

use super::vocabulary::Datum;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::LayerKind;
use crate::graph::model::{ClientUse, Repeating};
use crate::source::symbol::Symbol;

/// How one client of a call repeats it.
pub struct Repetition {
    /// Somebody chose to repeat it: it is not only what a library does on its own.
    pub chosen: bool,
    /// Present where waits differ by chance, absent where callers come back together.
    pub spread: Answer<Datum>,
    /// `at once`, `every 1000 ms`; empty where it is not repeated.
    pub pace: Symbol,
    /// What spreads the waits: `randomize: true`, in backticks where it can be pasted.
    pub fix: String,
    /// The most repetitions; absent where it never ends.
    pub limit: Answer<Datum>,
    /// `for ever`, `10 times`, with a remark where no attempt has a timeout; empty where it is not repeated.
    pub extent: Symbol,
}

impl Repetition {
    /// Nobody knows anything.
    pub fn unknown(why: &str) -> Self {
        let nothing = Symbol::new("");
        Self {
            chosen: false,
            spread: Answer::unknown(why),
            pace: nothing,
            fix: String::new(),
            limit: Answer::unknown(why),
            extent: nothing,
        }
    }

    /// Of a client that is repeated `retries` times, all layers together.
    pub fn of(client: &ClientUse, retries: &Answer<u64>, timeout: &Answer<u64>) -> Self {
        // What a library does on its own is no choice of the service's.
        let chosen: Vec<&Repeating> =
            client.repeating.iter().filter(|one| one.kind != LayerKind::LibraryDefault).collect();
        let alike: Vec<&Repeating> = chosen.iter().copied().filter(|one| one.spread == Some(false)).collect();
        let places = |all: &[&Repeating]| Evidence(all.iter().map(|one| one.place).collect());
        let spread = if !alike.is_empty() {
            Answer::Absent(places(&alike))
        } else if chosen.is_empty() {
            Answer::unknown("the code does not repeat it")
        } else if chosen.iter().all(|one| one.spread == Some(true)) {
            Answer::Present(Datum::Bool(true), places(&chosen))
        } else {
            Answer::unknown("the code computes the waits between repetitions")
        };
        let endless: Vec<&Repeating> = client.repeating.iter().filter(|one| one.endless).collect();
        let limit = match retries {
            _any if !endless.is_empty() => Answer::Absent(places(&endless)),
            Answer::Present(times, evidence) => {
                Answer::Present(Datum::Int(i64::try_from(*times).unwrap_or(i64::MAX)), evidence.clone())
            }
            Answer::Absent(evidence) => Answer::Present(Datum::Int(0), evidence.clone()),
            Answer::Unknown(reason) => Answer::Unknown(*reason),
        };
        let extent = match (endless.is_empty(), retries) {
            (false, _) => "for ever".to_owned(),
            (true, Answer::Present(1, _)) => "once".to_owned(),
            (true, Answer::Present(times, _)) => format!("{times} times"),
            (true, Answer::Unknown(_)) => "some times".to_owned(),
            (true, Answer::Absent(_)) => String::new(),
        };
        let extent = match timeout {
            Answer::Absent(_) if !extent.is_empty() => format!("{extent}, and nothing limits the time of an attempt"),
            Answer::Absent(_) | Answer::Present(..) | Answer::Unknown(_) => extent,
        };
        let shown = alike.first().or(chosen.first());
        Self {
            chosen: !chosen.is_empty(),
            spread,
            pace: shown.map_or_else(|| Symbol::new(""), |one| one.pace),
            fix: match shown.map(|one| one.knob.as_str()) {
                None | Some("") => "waits that double each time and differ by chance".to_owned(),
                Some(knob) => format!("`{knob}`"),
            },
            limit,
            extent: Symbol::new(&extent),
        }
    }
}
