//! Where the estate is coupled: who depends on whom, and what breaks with what.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::chains::{CallGraph, Carrier, ChainGroup, Circle};
use crate::facts::answer::Answer;
use crate::graph::model::{Graph, Route, ServiceId};

/// Calls walked at most to count dependents; services that few call are left out first.
const MOST_STEPS: usize = 50_000_000;
/// A chain that is worth counting has more services than this: one that waits for one that
/// waits.
pub const CHAIN_SERVICES: usize = 2;
/// Calls that are told with what their removal would do.
const CARRIERS: usize = 10;

/// The coupling of an estate over synchronous calls.
#[derive(Debug)]
pub struct Coupling {
    /// One for each service, in the graph's order.
    pub services: Vec<ServiceCoupling>,
    /// Calls that carry most chains, the one with most first.
    pub carriers: Vec<Carrier>,
    /// Long chains, grouped; the shortest first.
    pub chains: Vec<ChainGroup>,
    /// Services that call each other in a circle.
    pub circles: Vec<Circle>,
}

/// How one service is coupled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceCoupling {
    /// Who calls it, sorted (afferent coupling).
    pub callers: Vec<ServiceId>,
    /// Whom it calls, sorted (efferent coupling).
    pub callees: Vec<ServiceId>,
    /// How many services wait for it, directly or through others: they fail with it.
    /// `None`: the estate is too large to count this for every service.
    pub dependents: Option<usize>,
}

impl ServiceCoupling {
    /// Callees in percent of callers and callees (Martin, instability): 0, others depend on
    /// it only; 100, it depends on others only. `None`: it has neither.
    pub fn instability_percent(&self) -> Option<usize> {
        let all = self.callers.len() + self.callees.len();
        (self.callees.len() * 100).checked_div(all)
    }
}

/// Counts the coupling. Linear in services and calls, apart from dependents: at most
/// services times calls, and never more than fifty million steps.
pub fn coupling(graph: &Graph) -> Coupling {
    let pairs: BTreeSet<(ServiceId, ServiceId)> =
        graph.calls.iter().filter(|call| call.from != call.to).map(|call| (call.from, call.to)).collect();
    let mut services = vec![ServiceCoupling::default(); graph.services.len()];
    for &(from, to) in &pairs {
        if let Some(one) = services.get_mut(from.0 as usize) {
            one.callees.push(to);
        }
        if let Some(one) = services.get_mut(to.0 as usize) {
            one.callers.push(from);
        }
    }
    let mut ranked: Vec<usize> = (0..services.len()).collect();
    ranked.sort_by_key(|&at| (Reverse(services.get(at).map_or(0, |one| one.callers.len())), at));
    let mut steps = 0;
    for at in ranked {
        if steps > MOST_STEPS {
            break;
        }
        let (count, walked) = dependents(&services, at);
        steps += walked;
        if let Some(one) = services.get_mut(at) {
            one.dependents = Some(count);
        }
    }
    let calls = CallGraph::new(graph.services.len(), pairs.iter().map(|(from, to)| (from.0, to.0)));
    Coupling {
        services,
        carriers: calls.carriers(CHAIN_SERVICES, CARRIERS),
        chains: calls.chains(CHAIN_SERVICES),
        circles: calls.circles(),
    }
}

/// Services from which calls lead to one, and how many calls were walked to count them.
fn dependents(services: &[ServiceCoupling], of: usize) -> (usize, usize) {
    let mut seen = vec![false; services.len()];
    if let Some(own) = seen.get_mut(of) {
        *own = true;
    }
    let (mut count, mut walked) = (0, 1);
    let mut left = vec![of];
    while let Some(at) = left.pop() {
        let Some(one) = services.get(at) else { continue };
        walked += one.callers.len();
        for caller in &one.callers {
            let caller = caller.0 as usize;
            if let Some(known) = seen.get_mut(caller).filter(|known| !**known) {
                *known = true;
                count += 1;
                left.push(caller);
            }
        }
    }
    (count, walked)
}

/// The ways in that the world can take, or that nobody can tell of, in the graph's order.
pub fn public_surface(graph: &Graph) -> Vec<&Route> {
    let open = |route: &&Route| match route.way_in() {
        Answer::Present(public, _) => public,
        Answer::Absent(_) => false,
        Answer::Unknown(_) => true,
    };
    graph.routes.iter().filter(open).collect()
}

#[cfg(test)]
mod tests {
    use super::{ServiceCoupling, dependents};
    use crate::graph::model::ServiceId;

    fn services(size: usize, calls: &[(u32, u32)]) -> Vec<ServiceCoupling> {
        let mut services = vec![ServiceCoupling::default(); size];
        for &(from, to) in calls {
            services[from as usize].callees.push(ServiceId(to));
            services[to as usize].callers.push(ServiceId(from));
        }
        services
    }

    #[test]
    fn dependents_are_counted_through_others_and_around_circles() {
        let services = services(5, &[(0, 1), (1, 2), (2, 1), (3, 2)]);
        let count = |of| dependents(&services, of).0;
        assert_eq!([0, 1, 2, 3, 4].map(count), [0, 3, 3, 0, 0]);
    }

    #[test]
    fn instability_is_the_share_of_outgoing_calls() {
        let services = services(4, &[(0, 1), (1, 2), (3, 1)]);
        let percent: Vec<Option<usize>> = services.iter().map(ServiceCoupling::instability_percent).collect();
        assert_eq!(percent, [Some(100), Some(33), Some(0), Some(100)]);
        assert_eq!(ServiceCoupling::default().instability_percent(), None);
    }
}
