//! What all layers together say of a call's timeout and retries.

use crate::facts::answer::{Answer, Evidence, Reason};
use crate::facts::call::{Layer, LayerKind};
use crate::facts::network::Retries;
use crate::graph::model::{Call, ClientUse};
use crate::source::symbol::Symbol;

/// Longest time the caller waits, in ms, over all layers that apply: the smallest wins, and
/// 0 switches a layer's timeout off. Absent only if every layer that can have a say was seen
/// and none does. Of several clients the one that waits longest: one without a timeout, then
/// one that is not known.
pub fn effective_timeout(call: &Call) -> Answer<u64> {
    if call.clients.is_empty() {
        return smallest(&call.timeout, call.layers_complete && !call.timeout.is_empty(), || unread(call));
    }
    let mut longest: Option<Answer<u64>> = None;
    for client in &call.clients {
        let answer = client_timeout(call, client);
        let rank = |answer: &Answer<u64>| match answer {
            Answer::Absent(_) => u128::MAX,
            Answer::Unknown(_) => u128::MAX - 1,
            Answer::Present(ms, _) => u128::from(*ms),
        };
        if longest.as_ref().is_none_or(|known| rank(&answer) > rank(known)) {
            longest = Some(answer);
        }
    }
    longest.unwrap_or_else(|| Answer::Unknown(unread(call)))
}

/// The same for one client of the call. What a proxy or a declaration sets applies to it, too.
pub fn client_timeout(call: &Call, client: &ClientUse) -> Answer<u64> {
    let mut layers = client.timeout.clone();
    layers.extend(call.timeout.iter().filter(|layer| layer.kind == LayerKind::Declaration).cloned());
    smallest(&layers, !client.timeout.is_empty(), || Reason(Symbol::new("what its client was told is not known")))
}

fn smallest(layers: &[Layer<u64>], complete: bool, why: impl FnOnce() -> Reason) -> Answer<u64> {
    let mut best: Option<(u64, Evidence)> = None;
    let mut standing_in = false;
    let mut absent = Vec::new();
    let mut unknown: Option<Reason> = None;
    for layer in layers {
        match &layer.answer {
            Answer::Present(0, evidence) | Answer::Absent(evidence) => absent.extend(evidence.0.iter().copied()),
            Answer::Present(ms, evidence) => {
                if best.as_ref().is_none_or(|(known, _)| ms < known) {
                    best = Some((*ms, evidence.clone()));
                    standing_in = layer.kind == LayerKind::LibraryDefault;
                }
            }
            Answer::Unknown(reason) => unknown = unknown.or(Some(*reason)),
        }
    }
    match (best, unknown) {
        // A default holds only where nothing is set, and that is not known here.
        (Some(_), Some(reason)) if standing_in => Answer::Unknown(reason),
        (Some((ms, evidence)), _) => Answer::Present(ms, evidence),
        (None, Some(reason)) => Answer::Unknown(reason),
        (None, None) if complete => Answer::Absent(Evidence(absent)),
        (None, None) => Answer::Unknown(why()),
    }
}

/// How often the call is repeated when it fails: what the layers add up to, since a mesh
/// repeats each attempt of the application. Present(0) where a layer says never. Of several
/// clients the one that repeats most.
pub fn effective_retries(call: &Call) -> Answer<u64> {
    if call.clients.is_empty() {
        return multiplied(&call.retries, call.layers_complete, || unread(call));
    }
    let mut most: Option<Answer<u64>> = None;
    for client in &call.clients {
        let answer = client_retries(client);
        let rank = |answer: &Answer<u64>| match answer {
            Answer::Absent(_) => 0,
            Answer::Unknown(_) => 1,
            Answer::Present(times, _) => u128::from(*times) + 2,
        };
        if most.as_ref().is_none_or(|known| rank(&answer) > rank(known)) {
            most = Some(answer);
        }
    }
    most.unwrap_or_else(|| Answer::Unknown(unread(call)))
}

/// The same for one client of a call.
pub fn client_retries(client: &ClientUse) -> Answer<u64> {
    multiplied(&client.retries, true, || Reason(Symbol::new("what its client was told is not known")))
}

fn multiplied(layers: &[Layer<Retries>], complete: bool, why: impl FnOnce() -> Reason) -> Answer<u64> {
    let mut attempts: u64 = 1;
    let mut evidence = Vec::new();
    let mut unknown: Option<Reason> = None;
    let mut present = false;
    for Layer { answer, .. } in layers {
        match answer {
            Answer::Present(Retries { retries, .. }, places) => {
                present = true;
                attempts = attempts.saturating_mul(u64::from(*retries).saturating_add(1));
                evidence.extend(places.0.iter().copied());
            }
            Answer::Absent(places) => evidence.extend(places.0.iter().copied()),
            Answer::Unknown(reason) => unknown = unknown.or(Some(*reason)),
        }
    }
    match (present, unknown) {
        (true, _) => Answer::Present(attempts - 1, Evidence(evidence)),
        (false, Some(reason)) => Answer::Unknown(reason),
        (false, None) if complete => Answer::Absent(Evidence(evidence)),
        (false, None) => Answer::Unknown(why()),
    }
}

fn unread(call: &Call) -> Reason {
    let why = if call.layers_complete {
        "no layer that applies says anything"
    } else {
        "the caller's code was not read; declare the call in its service.yaml"
    };
    Reason(Symbol::new(why))
}

#[cfg(test)]
mod tests {
    use super::{effective_retries, effective_timeout};
    use crate::facts::answer::{Answer, Evidence};
    use crate::facts::call::{Layer, LayerKind, Protocol};
    use crate::facts::network::Retries;
    use crate::graph::model::{Call, Confidence, ServiceId};
    use crate::source::file::FileId;
    use crate::source::span::Span;

    fn call(timeout: Vec<Answer<u64>>, retries: Vec<u32>, complete: bool) -> Call {
        let place = Span::new(FileId(0), 1, 2);
        Call {
            from: ServiceId(0),
            to: ServiceId(1),
            protocol: Protocol::Http,
            confidence: Confidence::Observed,
            evidence: Evidence(vec![place]),
            timeout: timeout.into_iter().map(|answer| Layer { kind: LayerKind::Mesh, answer }).collect(),
            retries: retries
                .into_iter()
                .map(|retries| Layer {
                    kind: LayerKind::Mesh,
                    answer: Answer::present(Retries { retries, per_try_ms: None }, place),
                })
                .collect(),
            mutating: Answer::unknown("x"),
            idempotent: Answer::unknown("x"),
            layers_complete: complete,
            ejects: Answer::unknown("x"),
            encrypted: Answer::unknown("not stated"),
            clients: Vec::new(),
        }
    }

    fn present(ms: u64) -> Answer<u64> {
        Answer::present(ms, Span::new(FileId(0), 1, 2))
    }

    fn absent() -> Answer<u64> {
        Answer::absent(Span::new(FileId(0), 3, 4))
    }

    #[test]
    fn the_smallest_timeout_wins_and_zero_is_none() {
        assert_eq!(effective_timeout(&call(vec![present(900), present(300)], vec![], true)).value(), Some(&300));
        assert_eq!(effective_timeout(&call(vec![present(0), present(300)], vec![], true)).value(), Some(&300));
        assert!(effective_timeout(&call(vec![present(0)], vec![], true)).is_absent());
        assert!(effective_timeout(&call(vec![absent(), Answer::unknown("x"), present(5)], vec![], false)).is_present());
    }

    #[test]
    fn absence_needs_every_layer() {
        assert!(effective_timeout(&call(vec![absent()], vec![], true)).is_absent());
        assert!(matches!(effective_timeout(&call(vec![absent()], vec![], false)), Answer::Unknown(_)));
        assert!(matches!(effective_timeout(&call(vec![], vec![], true)), Answer::Unknown(_)));
        assert!(matches!(
            effective_timeout(&call(vec![absent(), Answer::unknown("x")], vec![], true)),
            Answer::Unknown(_)
        ));
    }

    #[test]
    fn a_default_holds_only_where_nothing_else_may_be_set() {
        let default = Layer { kind: LayerKind::LibraryDefault, answer: present(300_000) };
        let unclear = Layer { kind: LayerKind::Client, answer: Answer::unknown("x") };
        let around = Layer { kind: LayerKind::Wrapper, answer: present(900) };
        let of = |timeout: Vec<Layer<u64>>| effective_timeout(&Call { timeout, ..call(vec![], vec![], true) });
        assert_eq!(of(vec![default.clone()]).value(), Some(&300_000));
        assert!(matches!(of(vec![unclear.clone(), default.clone()]), Answer::Unknown(_)));
        assert_eq!(of(vec![around, unclear, default]).value(), Some(&900));
    }

    #[test]
    fn retries_of_layers_multiply() {
        assert_eq!(effective_retries(&call(vec![], vec![2, 3], true)).value(), Some(&11));
        assert!(effective_retries(&call(vec![], vec![], true)).is_absent());
        assert!(matches!(effective_retries(&call(vec![], vec![], false)), Answer::Unknown(_)));
    }
}
