//! What a host name means: the estate's services and infrastructure by address.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::deployments::{Deployments, Instance};
use super::inputs::{Inputs, nearest};
use super::model::Target;
use super::services::selects;
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
}

/// All host names of the estate.
pub struct Directory<'a> {
    names: FxHashMap<Symbol, Vec<(EstatePath, Listing<'a>)>>,
    namespaces: BTreeSet<Symbol>,
}

impl<'a> Directory<'a> {
    /// Lists addresses, workloads that are addressed by their own name, and their aliases.
    pub fn new(
        inputs: &Inputs<'a>,
        deployments: &Deployments<'a>,
        target_of: &dyn Fn(usize) -> Option<Target>,
        evaluator: &Evaluator<'a>,
    ) -> Self {
        let mut directory = Self { names: FxHashMap::default(), namespaces: BTreeSet::new() };
        let mut by_label: FxHashMap<Symbol, Vec<usize>> = FxHashMap::default();
        for (id, instance) in deployments.instances.iter().enumerate() {
            for label in instance.labels(|workload| &workload.pod_labels) {
                by_label.entry(label.key).or_default().push(id);
            }
        }
        for address in &inputs.addresses {
            let scope = Scope { path: Some(address.path), ..Scope::default() };
            let Some(name) = evaluator.text(&address.fact.name, &scope) else { continue };
            let namespace = address.fact.namespace.as_ref().and_then(|value| evaluator.text(value, &scope));
            let namespace = namespace.as_deref().map(Symbol::new);
            directory.namespaces.extend(namespace);
            let behind = behind(address.fact, address.path, deployments, &by_label, evaluator);
            let target = behind.and_then(target_of);
            let external = address.fact.external_name.as_ref().and_then(|value| evaluator.text(value, &scope));
            directory.list(
                Symbol::new(&name),
                address.path,
                Listing {
                    target,
                    span: address.fact.span,
                    external: external.as_deref().map(Symbol::new),
                    namespace,
                    address: Some(address.fact),
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
                };
                directory.list(name, instance.path, listing);
            }
        }
        directory
    }

    fn list(&mut self, name: Symbol, path: EstatePath, listing: Listing<'a>) {
        self.names.entry(name).or_default().push((path, listing));
    }

    /// The address fact of a host, for its ports.
    pub fn address(&self, host: &str, from: EstatePath) -> Option<&'a Address> {
        let listed = self.names.get(&Symbol::new(host.split('.').next().unwrap_or(host)))?;
        nearest(from, listed.iter().filter(|(_, listing)| listing.address.is_some()).copied()).first()?.address
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
        let fitting: Vec<(EstatePath, Listing<'a>)> = listed
            .iter()
            .filter(|(_, listing)| namespace.is_none() || listing.namespace.is_none() || listing.namespace == namespace)
            .copied()
            .collect();
        let near = nearest(from, fitting.iter().copied());
        let leads = |listings: &[Listing<'a>]| -> BTreeSet<Target> {
            listings.iter().filter_map(|listing| listing.target).collect()
        };
        let mut targets = leads(&near);
        let all: Vec<Listing<'a>> = fitting.iter().map(|(_, listing)| *listing).collect();
        if targets.is_empty() {
            targets = leads(&all);
        }
        let mut found = targets.iter();
        match (found.next(), found.next()) {
            (Some(target), None) => {
                let listing = near.iter().chain(&all).find(|listing| listing.target == Some(*target));
                listing.map_or(Lead::None, |listing| Lead::Inside(*target, listing.span))
            }
            (Some(_), Some(_)) => Lead::Ambiguous(whole),
            (None, _) => match near.iter().find_map(|listing| listing.external) {
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
        let near = nearest(from, listed.iter().copied());
        let found = near.iter().find_map(|listing| Some((listing.target?, listing.span)))?;
        Some(Lead::Inside(found.0, found.1))
    }
}

/// The instance behind an address: one that its selector picks, nearest file first; without
/// any, the workload of its name.
fn behind<'a>(
    address: &'a Address,
    path: EstatePath,
    deployments: &Deployments<'a>,
    by_label: &FxHashMap<Symbol, Vec<usize>>,
    evaluator: &Evaluator<'a>,
) -> Option<usize> {
    let candidates = address.selector.first().and_then(|label| by_label.get(&label.key));
    let picked = candidates.into_iter().flatten().filter(|id| {
        let instance: &Instance<'a> = &deployments.instances[**id];
        selects(&address.selector, instance, path, evaluator)
    });
    let near = nearest(path, picked.map(|id| (deployments.instances[*id].path, *id)));
    // Of several workloads behind one address, that of the address's name tells most.
    let scope = Scope { path: Some(path), ..Scope::default() };
    let name = evaluator.text(&address.name, &scope).map(|text| Symbol::new(&text));
    let namesake = near.iter().find(|id| name.is_some() && deployments.instances[**id].name == name);
    namesake.or(near.first()).copied()
}
