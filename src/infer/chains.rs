//! Synchronous chains and cycles, without ever listing all paths.
//!
//! Cycles are found as strongly connected components. For chains, the calls that close a
//! circle are left out (in the order of names), and paths of the acyclic rest are counted by
//! dynamic programming: linear in calls, times the square of the length limit.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashMap;

/// A call graph: services by number, one edge for each pair that calls.
#[derive(Debug)]
pub struct CallGraph {
    graph: DiGraph<(), ()>,
}

/// Chains that one call carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainGroup {
    /// The services of the longest maximal chain through the carrier, in order.
    pub hops: Vec<u32>,
    /// The call whose removal breaks most of the chains not yet told.
    pub carrier: (u32, u32),
    /// How many maximal chains beyond the limit it carries; [`COUNT_LIMIT`] for more.
    pub chains: u64,
}

/// A circle of services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// A shortest circle, the smallest service first, without its repetition at the end.
    pub hops: Vec<u32>,
    /// Size of the set of services that all reach each other.
    pub entangled: usize,
}

/// A call with the chains that go through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// Caller and callee.
    pub call: (u32, u32),
    /// Maximal chains beyond the limit that go through it; [`COUNT_LIMIT`] for more.
    pub chains: u64,
    /// All maximal chains beyond the limit; [`COUNT_LIMIT`] for more.
    pub of: u64,
    /// Services of the longest chain, with the call and without it.
    pub longest: (usize, usize),
}

/// Counts above this are told as this.
pub const COUNT_LIMIT: u64 = 1_000_000;

/// Most groups of chains told; what is left is carried by the calls named in them or is
/// shorter than they are.
const GROUP_LIMIT: usize = 12;

/// Most circles told for one set of services that all reach each other.
const CIRCLE_LIMIT: usize = 3;

impl CallGraph {
    /// Builds the graph of `services` nodes. Calls of a service to itself are left out;
    /// repeated pairs count once.
    pub fn new(services: usize, calls: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut graph = DiGraph::with_capacity(services, 0);
        for _ in 0..services {
            graph.add_node(());
        }
        let pairs: BTreeSet<(u32, u32)> = calls.filter(|(from, to)| from != to).collect();
        for (from, to) in pairs {
            graph.add_edge(NodeIndex::new(from as usize), NodeIndex::new(to as usize), ());
        }
        Self { graph }
    }

    /// The circles, one for each set of services that all reach each other, and up to two
    /// more that do not share a call with it. Linear in calls for each circle.
    pub fn circles(&self) -> Vec<Circle> {
        let mut circles = Vec::new();
        for component in tarjan_scc(&self.graph) {
            if component.len() < 2 {
                continue;
            }
            let members: BTreeSet<u32> = component.iter().map(|node| node.index() as u32).collect();
            let mut used: BTreeSet<(u32, u32)> = BTreeSet::new();
            for start in members.iter().copied().take(64) {
                if circles.len() >= CIRCLE_LIMIT && used.len() > 1 && members.len() > 64 {
                    break;
                }
                let Some(hops) = self.shortest_circle(start, &members) else { continue };
                let calls: Vec<(u32, u32)> = closed(&hops);
                if calls.iter().any(|call| used.contains(call)) {
                    continue;
                }
                used.extend(calls);
                circles.push(Circle { hops, entangled: members.len() });
                if used.len() > 64 {
                    break;
                }
            }
        }
        for circle in &mut circles {
            let smallest = circle.hops.iter().enumerate().min_by_key(|(_, hop)| **hop).map_or(0, |(at, _)| at);
            circle.hops.rotate_left(smallest);
        }
        circles.sort_by(|a, b| a.hops.cmp(&b.hops));
        circles.dedup();
        circles
    }

    /// A shortest circle through `start` within `members`, by breadth-first search.
    fn shortest_circle(&self, start: u32, members: &BTreeSet<u32>) -> Option<Vec<u32>> {
        let mut before: FxHashMap<u32, u32> = FxHashMap::default();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for next in self.successors(at) {
                if next == start {
                    let mut hops = vec![at];
                    let mut current = at;
                    while let Some(&previous) = before.get(&current) {
                        hops.push(previous);
                        current = previous;
                    }
                    hops.reverse();
                    return Some(hops);
                }
                if members.contains(&next)
                    && let Entry::Vacant(place) = before.entry(next)
                {
                    place.insert(at);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// Called services in the order of their numbers.
    fn successors(&self, from: u32) -> Vec<u32> {
        let mut next: Vec<u32> =
            self.graph.edges(NodeIndex::new(from as usize)).map(|edge| edge.target().index() as u32).collect();
        next.sort_unstable();
        next
    }

    /// Maximal chains of more than `limit` services, grouped by the call that carries most.
    pub fn chains(&self, limit: usize) -> Vec<ChainGroup> {
        self.chains_by(limit, &|node| node)
    }

    /// The same, where several nodes are parts of one service: what carries is a call between
    /// two services, in whichever parts of them. `hops` are nodes, the carrier is of services.
    pub fn chains_by(&self, limit: usize, service_of: &dyn Fn(u32) -> u32) -> Vec<ChainGroup> {
        let (order, mut calls) = self.without_circles();
        let mut groups: Vec<ChainGroup> = Vec::new();
        let sources = maximal_ends(&calls, self.graph.node_count());
        while groups.len() < GROUP_LIMIT {
            let counts = Counts::new(&order, &calls, &sources, limit, self.graph.node_count());
            let mut carried: BTreeMap<(u32, u32), f64> = BTreeMap::new();
            for &(from, to) in &calls {
                *carried.entry((service_of(from), service_of(to))).or_default() += counts.through(from, to);
            }
            let best = carried
                .into_iter()
                .filter(|(_, count)| *count > 0.0)
                // Of equal carriers the one with the smallest numbers; `max_by` takes the last.
                .rev()
                .max_by(|a, b| a.1.total_cmp(&b.1));
            let Some((carrier, count)) = best else { break };
            let longest = calls
                .iter()
                .filter(|(from, to)| (service_of(*from), service_of(*to)) == carrier)
                .rev()
                .max_by_key(|(from, to)| counts.length_through(*from, *to));
            let Some(&(from, to)) = longest else { break };
            let hops = counts.longest_through(from, to);
            groups.push(ChainGroup { hops, carrier, chains: told(count) });
            calls.retain(|(from, to)| (service_of(*from), service_of(*to)) != carrier);
        }
        groups.sort_by(|a, b| (a.hops.len(), &a.hops).cmp(&(b.hops.len(), &b.hops)));
        groups
    }

    /// The `most` calls that carry most maximal chains of more than `limit` services, the one
    /// with most first. Linear in calls for each.
    pub fn carriers(&self, limit: usize, most: usize) -> Vec<Carrier> {
        let (order, calls) = self.without_circles();
        let size = self.graph.node_count();
        let sources = maximal_ends(&calls, size);
        let counts = Counts::new(&order, &calls, &sources, limit, size);
        let mut ranked: Vec<((u32, u32), f64)> = calls
            .iter()
            .map(|&(from, to)| ((from, to), counts.through(from, to)))
            .filter(|(_, count)| *count > 0.0)
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.truncate(most);
        let longest = counts.longest();
        let of = counts.all(&sources);
        ranked
            .into_iter()
            .map(|(call, count)| {
                let rest: Vec<(u32, u32)> = calls.iter().copied().filter(|other| *other != call).collect();
                let without = Counts::new(&order, &rest, &maximal_ends(&rest, size), limit, size);
                Carrier { call, chains: told(count), of: told(of), longest: (longest, without.longest()) }
            })
            .collect()
    }

    /// A topological order and the calls that respect it: calls back to a service that is
    /// still being walked are left out, walking in the order of numbers. Without recursion.
    fn without_circles(&self) -> (Vec<u32>, Vec<(u32, u32)>) {
        let size = self.graph.node_count();
        let mut state = vec![0u8; size];
        let mut order: Vec<u32> = Vec::with_capacity(size);
        let mut calls = Vec::new();
        // Entrances first, so that a chain begins where requests come in.
        let called: BTreeSet<u32> = self.graph.edge_references().map(|edge| edge.target().index() as u32).collect();
        let entrances = (0..size as u32).filter(|node| !called.contains(node));
        let starts: Vec<u32> = entrances.chain(0..size as u32).collect();
        for start in starts {
            if state[start as usize] != 0 {
                continue;
            }
            let mut stack: Vec<(u32, Vec<u32>, usize)> = vec![(start, self.successors(start), 0)];
            state[start as usize] = 1;
            while let Some((node, next, at)) = stack.last_mut() {
                let Some(&target) = next.get(*at) else {
                    state[*node as usize] = 2;
                    order.push(*node);
                    stack.pop();
                    continue;
                };
                *at += 1;
                let node = *node;
                match state[target as usize] {
                    1 => {}
                    0 => {
                        calls.push((node, target));
                        state[target as usize] = 1;
                        let successors = self.successors(target);
                        stack.push((target, successors, 0));
                    }
                    _ => calls.push((node, target)),
                }
            }
        }
        order.reverse();
        calls.sort_unstable();
        (order, calls)
    }
}

/// A count as it is told.
fn told(count: f64) -> u64 {
    if count >= COUNT_LIMIT as f64 { COUNT_LIMIT } else { count as u64 }
}

/// The calls of a circle: each hop to the next, the last to the first.
fn closed(hops: &[u32]) -> Vec<(u32, u32)> {
    let next = hops.iter().cycle().skip(1);
    hops.iter().copied().zip(next.copied()).take(hops.len()).collect()
}

/// Where maximal chains begin and end: services that nobody calls, that call nobody.
struct Ends {
    begins: Vec<bool>,
    finishes: Vec<bool>,
}

fn maximal_ends(calls: &[(u32, u32)], size: usize) -> Ends {
    let mut ends = Ends { begins: vec![true; size], finishes: vec![true; size] };
    for (from, to) in calls {
        ends.begins[*to as usize] = false;
        ends.finishes[*from as usize] = false;
    }
    ends
}

/// Numbers of maximal chains by length, exact up to the limit and together beyond it, and
/// longest paths.
struct Counts<'c> {
    limit: usize,
    /// Paths from a beginning to each service, by number of services so far.
    before: Vec<Vec<f64>>,
    /// Paths from each service to an end, by number of services from it on.
    after: Vec<Vec<f64>>,
    /// Length of the longest such path, and the neighbor it goes through.
    longest_before: Vec<(usize, Option<u32>)>,
    longest_after: Vec<(usize, Option<u32>)>,
    calls: std::marker::PhantomData<&'c ()>,
}

impl Counts<'_> {
    fn new(order: &[u32], calls: &[(u32, u32)], ends: &Ends, limit: usize, size: usize) -> Self {
        let buckets = limit + 2;
        let mut next: Vec<Vec<u32>> = vec![Vec::new(); size];
        for (from, to) in calls {
            next[*from as usize].push(*to);
        }
        let mut before = vec![vec![0.0; buckets]; size];
        let mut longest_before: Vec<(usize, Option<u32>)> = vec![(0, None); size];
        for &node in order {
            let at = node as usize;
            if ends.begins[at] {
                before[at][1] += 1.0;
                longest_before[at] = (longest_before[at].0.max(1), longest_before[at].1);
            }
            for &target in &next[at] {
                let to = target as usize;
                for length in 1..buckets {
                    let longer = (length + 1).min(buckets - 1);
                    before[to][longer] += before[at][length];
                }
                if longest_before[at].0 > 0 && longest_before[at].0 + 1 > longest_before[to].0 {
                    longest_before[to] = (longest_before[at].0 + 1, Some(node));
                }
            }
        }
        let mut after = vec![vec![0.0; buckets]; size];
        let mut longest_after: Vec<(usize, Option<u32>)> = vec![(0, None); size];
        for &node in order.iter().rev() {
            let at = node as usize;
            if ends.finishes[at] {
                after[at][1] += 1.0;
                longest_after[at] = (1, None);
            }
            for &target in &next[at] {
                let to = target as usize;
                for length in 1..buckets {
                    let longer = (length + 1).min(buckets - 1);
                    after[at][longer] += after[to][length];
                }
                if longest_after[to].0 > 0 && longest_after[to].0 + 1 > longest_after[at].0 {
                    longest_after[at] = (longest_after[to].0 + 1, Some(target));
                }
            }
        }
        Self { limit, before, after, longest_before, longest_after, calls: std::marker::PhantomData }
    }

    /// Number of maximal chains of more than the limit through a call.
    fn through(&self, from: u32, to: u32) -> f64 {
        let mut count = 0.0;
        for (i, left) in self.before[from as usize].iter().enumerate().skip(1) {
            for (j, right) in self.after[to as usize].iter().enumerate().skip(1) {
                if i + j > self.limit {
                    count += left * right;
                }
            }
        }
        count
    }

    /// Number of all maximal chains of more than the limit.
    fn all(&self, ends: &Ends) -> f64 {
        let begins = self.after.iter().zip(&ends.begins).filter(|(_, begins)| **begins);
        begins.flat_map(|(after, _)| after.iter().skip(self.limit + 1)).sum()
    }

    /// Services of the longest chain.
    fn longest(&self) -> usize {
        self.longest_before.iter().map(|(length, _)| *length).max().unwrap_or(0)
    }

    /// Its length.
    fn length_through(&self, from: u32, to: u32) -> usize {
        let length = |of: Option<&(usize, Option<u32>)>| of.map_or(0, |(length, _)| *length);
        length(self.longest_before.get(from as usize)) + length(self.longest_after.get(to as usize))
    }

    /// The longest maximal chain through a call.
    fn longest_through(&self, from: u32, to: u32) -> Vec<u32> {
        let mut hops = vec![from];
        let mut current = from;
        while let Some(previous) = self.longest_before[current as usize].1 {
            hops.push(previous);
            current = previous;
        }
        hops.reverse();
        hops.push(to);
        current = to;
        while let Some(next) = self.longest_after[current as usize].1 {
            hops.push(next);
            current = next;
        }
        hops
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNT_LIMIT, CallGraph};

    fn graph(size: usize, calls: &[(u32, u32)]) -> CallGraph {
        CallGraph::new(size, calls.iter().copied())
    }

    #[test]
    fn a_chain_is_maximal_and_told_once() {
        let chains = graph(5, &[(0, 1), (1, 2), (2, 3), (3, 4)]).chains(3);
        assert_eq!(chains.len(), 1);
        assert_eq!(chains[0].hops, [0, 1, 2, 3, 4]);
        assert_eq!(chains[0].chains, 1);
        assert!(graph(3, &[(0, 1), (1, 2)]).chains(3).is_empty());
    }

    #[test]
    fn chains_are_grouped_by_the_call_that_carries_most() {
        // Three entrances into 3 -> 4, behind which two services end.
        let chains = graph(7, &[(0, 3), (1, 3), (2, 3), (3, 4), (4, 5), (4, 6)]).chains(3);
        assert_eq!(chains.len(), 1);
        assert_eq!(chains[0].carrier, (3, 4));
        assert_eq!(chains[0].chains, 6);
        assert_eq!(chains[0].hops.len(), 4);
    }

    #[test]
    fn carriers_tell_what_their_removal_would_do() {
        let carriers = graph(7, &[(0, 3), (1, 3), (2, 3), (3, 4), (4, 5), (4, 6)]).carriers(2, 2);
        assert_eq!(
            carriers[0],
            super::Carrier { call: (3, 4), chains: 6, of: 6, longest: (4, 2) },
            "three entrances, two ends"
        );
        assert_eq!((carriers[1].call, carriers[1].chains, carriers[1].longest), ((4, 5), 3, (4, 4)));
    }

    #[test]
    fn circles_do_not_end_in_endless_chains() {
        let with_circle = graph(4, &[(0, 1), (1, 2), (2, 1), (2, 3)]);
        assert_eq!(with_circle.chains(3)[0].hops, [0, 1, 2, 3]);
        let circles = with_circle.circles();
        assert_eq!(circles.len(), 1);
        assert_eq!(circles[0].hops, [1, 2]);
    }

    #[test]
    fn a_complete_graph_gives_a_handful() {
        let size = 120;
        let all = (0..size).flat_map(|a| (0..size).filter(move |b| *b != a).map(move |b| (a, b)));
        let complete = CallGraph::new(size as usize, all);
        let chains = complete.chains(3);
        assert!(!chains.is_empty() && chains.len() <= 12, "{}", chains.len());
        assert_eq!(chains[0].chains, COUNT_LIMIT);
        let circles = complete.circles();
        assert!(!circles.is_empty() && circles.len() < 40, "{}", circles.len());
        assert_eq!(circles[0].entangled, size as usize);
    }

    #[test]
    fn the_same_calls_in_any_order_give_the_same_chains() {
        let calls = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 2)];
        let mut turned = calls;
        turned.reverse();
        assert_eq!(graph(5, &calls).chains(3), graph(5, &turned).chains(3));
    }
}
