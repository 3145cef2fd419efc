//! How long a caller waits at worst along calls that follow one another.

use std::collections::BTreeMap;

use super::timeouts::{effective_retries, effective_timeout};
use crate::facts::answer::Answer;
use crate::graph::model::{Call, Graph, ServiceId};

/// Longest time that a caller may wait for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// In ms: the timeout times the attempts.
    AtMost(u64),
    /// No layer sets a limit, and all were read.
    Unlimited,
    /// The timeout or the attempts are not known.
    Unknown,
}

/// One call of a chain.
#[derive(Clone, Debug)]
pub struct Hop<'g> {
    /// Of the calls between these two services the one that waits longest.
    pub call: &'g Call,
    /// Effective timeout of one attempt, in ms.
    pub timeout: Answer<u64>,
    /// How often the call is tried at most: 1 where nothing repeats it. `None`: not known.
    pub attempts: Option<u64>,
    /// Timeout times attempts.
    pub wait: Wait,
    /// One attempt ends before the callee has given up its own next call: work goes on for
    /// nobody.
    pub gives_up_first: bool,
}

/// The calls of a graph by their ends, for looking up hops.
pub struct Waits<'g> {
    calls: BTreeMap<(ServiceId, ServiceId), Vec<&'g Call>>,
}

impl<'g> Waits<'g> {
    /// Sorts the calls once.
    pub fn new(graph: &'g Graph) -> Self {
        let mut calls: BTreeMap<_, Vec<&Call>> = BTreeMap::new();
        for call in &graph.calls {
            calls.entry((call.from, call.to)).or_default().push(call);
        }
        Self { calls }
    }

    /// The hops between neighbors of `services`, in order; a pair that does not call is left
    /// out.
    pub fn hops(&self, services: &[ServiceId]) -> Vec<Hop<'g>> {
        let pairs = services.iter().zip(services.iter().skip(1));
        let mut hops: Vec<Hop<'g>> = pairs.filter_map(|(from, to)| self.hop(*from, *to)).collect();
        let next: Vec<Wait> = hops.iter().skip(1).map(|hop| hop.wait).collect();
        for (hop, next) in hops.iter_mut().zip(next) {
            hop.gives_up_first = match (&hop.timeout, next) {
                (Answer::Present(own, _), Wait::AtMost(callee)) => *own < callee,
                (Answer::Present(..), Wait::Unlimited) => true,
                (Answer::Present(..), Wait::Unknown) | (Answer::Absent(_) | Answer::Unknown(_), _) => false,
            };
        }
        hops
    }

    fn hop(&self, from: ServiceId, to: ServiceId) -> Option<Hop<'g>> {
        let all = self.calls.get(&(from, to))?.iter().map(|call| alone(call));
        all.max_by_key(|hop| match hop.wait {
            Wait::Unlimited => (2, 0),
            Wait::Unknown => (1, 0),
            Wait::AtMost(ms) => (0, ms),
        })
    }
}

/// Most attempts that can arrive at the end of a chain for one request at its start; `None`
/// where some hop's are not known.
pub fn attempts_at_end(hops: &[Hop<'_>]) -> Option<u64> {
    hops.iter().try_fold(1_u64, |all, hop| Some(all.saturating_mul(hop.attempts?)))
}

fn alone(call: &Call) -> Hop<'_> {
    let timeout = effective_timeout(call);
    let attempts = match effective_retries(call) {
        Answer::Present(retries, _) => Some(retries.saturating_add(1)),
        Answer::Absent(_) => Some(1),
        Answer::Unknown(_) => None,
    };
    let wait = match (&timeout, attempts) {
        (Answer::Absent(_), _) => Wait::Unlimited,
        (Answer::Present(ms, _), Some(attempts)) => Wait::AtMost(ms.saturating_mul(attempts)),
        (Answer::Present(..), None) | (Answer::Unknown(_), _) => Wait::Unknown,
    };
    Hop { call, timeout, attempts, wait, gives_up_first: false }
}

#[cfg(test)]
mod tests {
    use super::{Wait, Waits, attempts_at_end};
    use crate::facts::answer::{Answer, Evidence};
    use crate::facts::call::{Layer, LayerKind, Protocol};
    use crate::facts::network::Retries;
    use crate::graph::model::{Call, Confidence, Graph, ServiceId};
    use crate::source::file::FileId;
    use crate::source::span::Span;

    fn call(from: u32, to: u32, timeout: Option<u64>, retries: Option<u32>) -> Call {
        let place = Span::new(FileId(0), 1, 2);
        let timeout = timeout.map_or(Answer::absent(place), |ms| Answer::present(ms, place));
        let retries = retries
            .map_or(Answer::absent(place), |retries| Answer::present(Retries { retries, per_try_ms: None }, place));
        Call {
            from: ServiceId(from),
            to: ServiceId(to),
            protocol: Protocol::Http,
            confidence: Confidence::Observed,
            evidence: Evidence(vec![place]),
            timeout: vec![Layer { kind: LayerKind::Mesh, answer: timeout }],
            retries: vec![Layer { kind: LayerKind::Mesh, answer: retries }],
            mutating: Answer::unknown("x"),
            idempotent: Answer::unknown("x"),
            layers_complete: true,
            ejects: Answer::unknown("x"),
            encrypted: Answer::unknown("not stated"),
            clients: Vec::new(),
        }
    }

    #[test]
    fn timeouts_and_attempts_add_up_along_a_chain() {
        let calls = vec![call(0, 1, Some(1000), Some(2)), call(1, 2, Some(800), Some(1)), call(2, 3, None, None)];
        let graph = Graph { calls, ..Graph::default() };
        let hops = Waits::new(&graph).hops(&[0, 1, 2, 3].map(ServiceId));
        let waits: Vec<Wait> = hops.iter().map(|hop| hop.wait).collect();
        assert_eq!(waits, [Wait::AtMost(3000), Wait::AtMost(1600), Wait::Unlimited]);
        assert_eq!(hops.iter().map(|hop| hop.gives_up_first).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(attempts_at_end(&hops), Some(6));
    }

    #[test]
    fn the_slowest_of_several_protocols_counts() {
        let mut unread = call(0, 1, Some(9), None);
        unread.timeout.clear();
        unread.layers_complete = false;
        let graph = Graph { calls: vec![call(0, 1, Some(5), None), unread], ..Graph::default() };
        let hops = Waits::new(&graph).hops(&[ServiceId(0), ServiceId(1), ServiceId(7)]);
        assert_eq!(hops.len(), 1);
        assert_eq!(hops[0].wait, Wait::Unknown);
    }
}
