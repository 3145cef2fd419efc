//! What a host name means: the estate's services and infrastructure by address.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::deployments::Deployments;
use super::inputs::{Inputs, Near};
use super::labels::{Labels, Selector};
use super::model::Target;
use super::values::{Evaluator, Scope};
use crate::facts::network::Address;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Where a host name leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Lead {
    /// To something of the estate; the span is the address or workload that says so.
    Inside(Target, Span),
    /// To a host outside.
    Outside(Symbol),
    /// The name looks internal, and nothing answers: (name, why it looks internal).
    Nowhere(Symbol, Symbol),
    /// Several things answer, and nothing tells which.
    Ambiguous(Symbol),
    /// To the machine itself.
    Loopback,
    /// It is no host name.
    None,
}

#[derive(Clone, Copy)]
struct Listing<'a> {
    target: Option<Target>,
    span: Span,
    external: Option<Symbol>,
    namespace: Option<Symbol>,
    address: Option<&'a Address>,
    /// Its place among all listings: addresses come before workloads.
    number: usize,
}

/// All host names of the estate.
pub struct Directory<'a> {
    names: FxHashMap<Symbol, Near<Listing<'a>>>,
    namespaces: BTreeSet<Symbol>,
}

impl<'a> Directory<'a> {
    /// Lists addresses, workloads that are addressed by their own name, and their aliases.
    pub fn new(
        inputs: &Inputs<'a>,
        deployments: &Deployments<'a>,
        labels: &Labels,
        target_of: &dyn Fn(usize) -> Option<Target>,
        evaluator: &Evaluator<'a>,
    ) -> Self {
        let mut names: FxHashMap<Symbol, Vec<(EstatePath, Listing<'a>)>> = FxHashMap::default();
        let mut namespaces = BTreeSet::new();
        let mut count = 0;
        let mut list = |name: Symbol, path: EstatePath, listing: Listing<'a>| {
            names.entry(name).or_default().push((path, Listing { number: count, ..listing }));
            count += 1;
        };
        for address in &inputs.addresses {
            let scope = Scope { path: Some(address.path), ..Scope::default() };
            let Some(name) = evaluator.text(&address.fact.name, &scope) else { continue };
            let namespace = address.fact.namespace.as_ref().and_then(|value| evaluator.text(value, &scope));
            let namespace = namespace.as_deref().map(Symbol::new);
            namespaces.extend(namespace);
            let behind = behind(address.fact, address.path, deployments, labels, evaluator);
            let target = behind.and_then(target_of);
            let external = address.fact.external_name.as_ref().and_then(|value| evaluator.text(value, &scope));
            list(
                Symbol::new(&name),
                address.path,
                Listing {
                    target,
                    span: address.fact.span,
                    external: external.as_deref().map(Symbol::new),
                    namespace,
                    address: Some(address.fact),
                    number: 0,
                },
            );
        }
        for (id, instance) in deployments.instances.iter().enumerate() {
            let Some(target) = target_of(id) else { continue };
            let scope = Scope { path: Some(instance.path), ..Scope::default() };
            let aliases = instance.layers.iter().flat_map(|layer| &layer.fact.aliases);
            let texts = aliases.filter_map(|alias| evaluator.text(alias, &scope));
            let names = instance.name.into_iter().chain(texts.map(|text| Symbol::new(&text)));
            for name in names {
                let listing = Listing {
                    target: Some(target),
                    span: instance.span(),
                    external: None,
                    namespace: None,
                    address: None,
                    number: 0,
                };
                list(name, instance.path, listing);
            }
        }
        Self { names: names.into_iter().map(|(name, all)| (name, Near::new(all))).collect(), namespaces }
    }

    /// The address fact of a host, for its ports.
    pub fn address(&self, host: &str, from: EstatePath) -> Option<&'a Address> {
        let listed = self.names.get(&Symbol::new(host.split('.').next().unwrap_or(host)))?;
        listed_first(listed.nearest(from, |listing| listing.address.is_some()))?.address
    }

    /// Where `host` (without port) leads when a file at `from` names it.
    pub fn look_up(&self, host: &str, from: EstatePath) -> Lead {
        let host = host.trim_end_matches('.');
        if matches!(host, "localhost" | "127.0.0.1" | "::1" | "0.0.0.0" | "[::1]" | "host.docker.internal") {
            return Lead::Loopback;
        }
        let whole = Symbol::new(host);
        if host.is_empty() || host.contains(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))) {
            return Lead::None;
        }
        let mut labels = host.split('.');
        let first = labels.next().unwrap_or("");
        let rest: Vec<&str> = labels.collect();
        let in_cluster = match rest.as_slice() {
            [] => true,
            [_, "svc"] | [_, "svc", "cluster", "local"] => true,
            [namespace] => {
                self.namespaces.contains(&Symbol::new(namespace)) || self.names.contains_key(&Symbol::new(first))
            }
            _ => false,
        };
        let Some(listed) =
            self.names.get(&whole).or_else(|| self.names.get(&Symbol::new(first)).filter(|_| in_cluster))
        else {
            return match rest.as_slice() {
                [] if first.contains(|c: char| c.is_ascii_alphabetic()) => {
                    Lead::Nowhere(whole, Symbol::new("a host name without a domain is looked up inside"))
                }
                [namespace, "svc", ..] if self.namespaces.contains(&Symbol::new(namespace)) => {
                    Lead::Nowhere(whole, Symbol::new("it is a name inside the cluster, in a namespace of the estate"))
                }
                [_, "svc", ..] | [] => Lead::None,
                _ => Lead::Outside(whole),
            };
        };
        let namespace = rest.first().filter(|_| in_cluster).map(|text| Symbol::new(text));
        let fits =
            |listing: Listing<'a>| namespace.is_none() || listing.namespace.is_none() || listing.namespace == namespace;
        let near = || listed.nearest(from, fits);
        let lead = match leads(near()) {
            Leads::Nowhere => leads(listed.iter().filter(|listing| fits(*listing))),
            found => found,
        };
        match lead {
            Leads::To(target, span) => Lead::Inside(target, span),
            Leads::Apart => Lead::Ambiguous(whole),
            Leads::Nowhere => match listed_first(near().filter(|listing| listing.external.is_some()))
                .and_then(|listing| listing.external)
            {
                // An external name leads where its host leads; it never leads back to itself.
                Some(external) if external != whole => match self.look_up_once(&external, from) {
                    Some(lead) => lead,
                    None => Lead::Outside(external),
                },
                Some(_) | None => Lead::None,
            },
        }
    }

    fn look_up_once(&self, host: &str, from: EstatePath) -> Option<Lead> {
        let listed = self.names.get(&Symbol::new(host.split('.').next()?))?;
        let found = listed_first(listed.nearest(from, |_| true).filter(|listing| listing.target.is_some()))?;
        Some(Lead::Inside(found.target?, found.span))
    }
}

/// Where several listings lead.
enum Leads {
    /// All that lead somewhere lead here; the place of the first of them.
    To(Target, Span),
    /// To different things.
    Apart,
    /// None of them leads anywhere.
    Nowhere,
}

/// Looks at listings until two of them lead to different things.
fn leads<'a>(listings: impl Iterator<Item = Listing<'a>>) -> Leads {
    let mut found: Option<(Target, Listing<'a>)> = None;
    for listing in listings {
        let Some(target) = listing.target else { continue };
        match &found {
            Some((known, _)) if *known != target => return Leads::Apart,
            Some((_, earlier)) if earlier.number < listing.number => {}
            Some(_) | None => found = Some((target, listing)),
        }
    }
    found.map_or(Leads::Nowhere, |(target, listing)| Leads::To(target, listing.span))
}

/// The listing that was listed first.
fn listed_first<'a>(listings: impl Iterator<Item = Listing<'a>>) -> Option<Listing<'a>> {
    listings.min_by_key(|listing| listing.number)
}

/// The instance behind an address: one that its selector picks, nearest file first; without
/// any, the workload of its name.
fn behind<'a>(
    address: &'a Address,
    path: EstatePath,
    deployments: &Deployments<'a>,
    labels: &Labels,
    evaluator: &Evaluator<'a>,
) -> Option<usize> {
    let near = labels.nearest(Selector { labels: &address.selector, path, deployments, evaluator });
    // Of several workloads behind one address, that of the address's name tells most.
    let scope = Scope { path: Some(path), ..Scope::default() };
    let name = evaluator.text(&address.name, &scope).map(|text| Symbol::new(&text));
    let namesake = near.iter().find(|id| name.is_some() && deployments.instances[**id].name == name);
    namesake.or(near.first()).copied()
}
