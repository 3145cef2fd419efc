//! Calls that source code shows: where they lead in each environment of their service.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::calls::{Calls, Piece, by_scheme, host_of, unresolved};
use super::directory::{Directory, Lead};
use super::hosts::in_some_namespace;
use super::model::{ClientUse, Confidence, DanglingCall, Environment, ServiceId, Site, Target};
use super::values::{Evaluator, Resolved, Scope};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::{Layer, Protocol};
use crate::facts::network::Retries;
use crate::facts::value::Value;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// One request that the code of a service sends.
#[derive(Debug)]
pub struct CodeCall {
    /// Who sends it.
    pub from: ServiceId,
    /// The file of the call.
    pub path: EstatePath,
    /// How.
    pub protocol: Protocol,
    /// A URL, a host or `host:port`; `None` where only the operation tells who answers.
    pub address: Option<Value>,
    /// What is asked for, where its name tells who answers: `shop.OrderService`, `{"cmd":"sum"}`.
    pub asks: Option<Asked>,
    /// The request itself; what it lands in is not known yet.
    pub site: Site,
    /// What its client was told; without sites.
    pub client: ClientUse,
    /// Whether it changes something at the callee, where the request tells.
    pub mutating: Option<bool>,
    /// Whether its client's credentials encrypt, where they tell.
    pub encrypted: Option<bool>,
    /// The key it carries so that repeating it is safe, where it does.
    pub key: Answer<Symbol>,
}

/// What a request asks for, where that names the callee.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// An rpc service: `shop.OrderService`, or without its package.
    Rpc(Symbol),
    /// A message pattern: `sum`, `{"cmd":"sum"}`.
    Pattern(Symbol),
}

/// Who answers what, and who listens where.
#[derive(Debug, Default)]
pub struct Answering {
    /// Services by what they answer: an rpc service both with and without its package.
    pub by_name: BTreeMap<Asked, BTreeSet<ServiceId>>,
    /// Services by the port that they can be reached at on the developer's machine.
    pub by_port: BTreeMap<u16, BTreeSet<ServiceId>>,
}

/// What resolving calls of code needs.
pub struct CodeCallLinker<'a, 'e> {
    /// Host names.
    pub directory: &'e Directory<'a>,
    /// Values.
    pub evaluator: &'e Evaluator<'a>,
    /// Environments of a service's processes, with the variables of its own files.
    pub scopes: &'e BTreeMap<ServiceId, Vec<Scope<'a>>>,
    /// Who answers.
    pub answering: &'e Answering,
    /// What a file is for.
    pub environment: &'e dyn Fn(EstatePath) -> Environment,
    /// Names of services, for reasons.
    pub name: &'e dyn Fn(ServiceId) -> Symbol,
}

/// Where one request leads.
struct Found {
    to: ServiceId,
    confidence: Confidence,
    trail: Vec<Span>,
    /// What the address says of encryption.
    encrypted: Option<bool>,
    /// The path in the address, with `{}` for what is computed.
    path: Option<Symbol>,
}

/// The clients of one pair of services, by place and what they were told.
type Clients = BTreeMap<(ServiceId, ServiceId, Protocol), Vec<ClientUse>>;

impl<'a> CodeCallLinker<'a, '_> {
    /// Adds the calls of code to the pieces of evidence, and gives the clients that they go
    /// through.
    pub fn add(
        &self,
        calls: &'a [CodeCall],
        pieces: &mut BTreeMap<(ServiceId, ServiceId, Protocol), Vec<Piece>>,
        found: &mut Calls,
    ) -> Clients {
        let mut clients: Clients = BTreeMap::new();
        for call in calls {
            if (self.environment)(call.path) == Environment::Test {
                continue;
            }
            for target in self.targets(call, found) {
                let key = (call.from, target.to, call.protocol);
                let mut evidence = vec![call.site.span];
                evidence.extend(target.trail.iter().copied().filter(|place| !call.site.span.contains(*place)));
                pieces.entry(key).or_default().push(Piece {
                    confidence: target.confidence,
                    evidence,
                    timeout: Vec::new(),
                    retries: Vec::new(),
                    mutating: call.mutating,
                    idempotent: match &call.key {
                        Answer::Present(_, places) => places.0.first().map(|span| (true, *span)),
                        Answer::Absent(_) | Answer::Unknown(_) => None,
                    },
                    encrypted: target.encrypted.or(call.encrypted),
                    complete: false,
                    environment: (self.environment)(call.path),
                });
                let site = match target.path {
                    Some(path) if call.protocol == Protocol::Http => {
                        Site { operation: Some(path), ..call.site.clone() }
                    }
                    Some(_) | None => call.site.clone(),
                };
                add_client(clients.entry(key).or_default(), call, site);
            }
        }
        for all in clients.values_mut() {
            all.sort_by_key(|client| (client.place, client.sites.first().map(|site| site.span)));
        }
        clients
    }

    fn targets(&self, call: &'a CodeCall, found: &mut Calls) -> Vec<Found> {
        let mut targets: Vec<Found> = Vec::new();
        let mut why: Option<Symbol> = None;
        let mut nowhere: Option<DanglingCall> = None;
        let mut outside = false;
        if let Some(address) = &call.address {
            let own = [Scope { path: Some(call.path), ..Scope::default() }];
            let scopes =
                self.scopes.get(&call.from).filter(|scopes| !scopes.is_empty()).map_or(&own[..], Vec::as_slice);
            for scope in scopes {
                let text = match self.evaluator.resolve(address, scope) {
                    Resolved::Text(known) => known,
                    Resolved::Hidden { identity, .. } => {
                        why = Some(Symbol::new(&format!("its target hides in {identity}")));
                        continue;
                    }
                    Resolved::Unknown(reason) => {
                        why = why.or(Some(reason.0));
                        continue;
                    }
                };
                // `fetch('/api/cart')` asks whoever the page came from.
                if text.text.starts_with('/') && !text.text.starts_with("//") {
                    outside = true;
                    continue;
                }
                let host = in_some_namespace(&host_of(&text.text)).to_owned();
                if host.contains("${?}") {
                    why = why.or(Some(Symbol::new("the host of its target is computed")));
                    continue;
                }
                let from = scope.path.unwrap_or(call.path);
                match self.directory.look_up(&host, from) {
                    Lead::Inside(Target::Service(to), span) if to != call.from => {
                        let mut trail = text.trail.clone();
                        trail.push(span);
                        targets.push(Found {
                            to,
                            confidence: Confidence::Observed,
                            trail,
                            encrypted: by_scheme(&text.text),
                            path: path_in(&text.text),
                        });
                    }
                    Lead::Inside(..) => outside = true,
                    Lead::Loopback => match self.behind_port(&text.text) {
                        Some(to) if to != call.from => {
                            targets.push(Found {
                                to,
                                confidence: Confidence::Inferred,
                                trail: text.trail.clone(),
                                encrypted: by_scheme(&text.text),
                                path: path_in(&text.text),
                            });
                        }
                        Some(_) => outside = true,
                        None => {
                            why = why.or(Some(Symbol::new(
                                "it leads to the machine itself, and nothing is known to listen there",
                            )));
                        }
                    },
                    Lead::Outside(_) => outside = true,
                    Lead::Nowhere(host, reason) => {
                        nowhere = nowhere.or(Some(DanglingCall {
                            from: call.from,
                            host,
                            why: reason,
                            confidence: if text.by_default { Confidence::Configured } else { Confidence::Observed },
                            evidence: Evidence(
                                std::iter::once(call.site.span).chain(text.trail.iter().copied()).collect(),
                            ),
                        }));
                    }
                    Lead::Ambiguous(host) => {
                        why = why.or(Some(Symbol::new(&format!("several things answer to {host}"))));
                    }
                    Lead::None => why = why.or(Some(Symbol::new("its target is no host name"))),
                }
            }
        }
        // What a deployment says counts more than what happens to listen on a developer's machine.
        if targets.iter().any(|target| target.confidence > Confidence::Inferred) {
            targets.retain(|target| target.confidence > Confidence::Inferred);
        }
        if targets.iter().all(|target| target.confidence == Confidence::Inferred)
            && let Some(asked) = &call.asks
            && !outside
        {
            match self.answering.by_name.get(asked).map(|all| all.iter().copied().collect::<Vec<_>>()).as_deref() {
                Some([to]) if *to != call.from => {
                    targets = vec![Found {
                        to: *to,
                        confidence: Confidence::Observed,
                        trail: Vec::new(),
                        encrypted: None,
                        path: None,
                    }];
                }
                Some([_]) => return Vec::new(),
                Some(several) if targets.is_empty() => {
                    let names: Vec<String> = several.iter().map(|id| (self.name)(*id).to_string()).collect();
                    why = Some(Symbol::new(&format!("several services answer it: {}", names.join(", "))));
                }
                Some(_) | None => {}
            }
        }
        targets.sort_by_key(|target| (target.to, std::cmp::Reverse(target.confidence)));
        targets.dedup_by_key(|target| target.to);
        if targets.is_empty() && !outside {
            match nowhere {
                Some(dangling) => found.dangling.push(dangling),
                None => {
                    let why = why.unwrap_or_else(|| Symbol::new("its target is computed"));
                    found.unresolved.push(unresolved(call.site.span, &why));
                }
            }
        }
        targets
    }

    fn behind_port(&self, text: &str) -> Option<ServiceId> {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next()?;
        let port: u16 = authority.rsplit_once(':')?.1.parse().ok()?;
        match self.answering.by_port.get(&port)?.iter().copied().collect::<Vec<_>>().as_slice() {
            [one] => Some(*one),
            _several => None,
        }
    }
}

/// The path of an evaluated address, with `{}` for what is computed: `/orders/{}`.
fn path_in(text: &str) -> Option<Symbol> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest).replace("${?}", "{}");
    let path = rest.get(rest.find('/')?..)?.split(['?', '#']).next()?;
    Some(Symbol::new(path))
}

/// Adds a call to the client it goes through; calls that were told the same share one.
fn add_client(clients: &mut Vec<ClientUse>, call: &CodeCall, site: Site) {
    let same = clients.iter_mut().find(|client| {
        client.shared
            && call.client.shared
            && client.place == call.client.place
            && told(&client.timeout) == told(&call.client.timeout)
            && repeats(&client.retries) == repeats(&call.client.retries)
    });
    match same {
        Some(client) => {
            for layer in &call.client.repeating {
                if !client.repeating.contains(layer) {
                    client.repeating.push(layer.clone());
                }
            }
            if !client.sites.iter().any(|site| site.span == call.site.span) {
                client.sites.push(site);
                client.sites.sort_by_key(|site| site.span);
            }
        }
        None => {
            let known = clients.iter_mut().find(|client| !client.shared && client.place == call.client.place);
            match known {
                Some(client) => {
                    for operation in &call.site.reached_by {
                        for site in &mut client.sites {
                            if !site.reached_by.contains(operation) {
                                site.reached_by.push(*operation);
                                site.reached_by.sort_unstable();
                            }
                        }
                    }
                }
                None => clients.push(ClientUse { sites: vec![site], ..call.client.clone() }),
            }
        }
    }
}

/// What layers say, without where.
fn told(layers: &[Layer<u64>]) -> Vec<(bool, Option<u64>)> {
    layers.iter().map(|layer| (layer.answer.is_absent(), layer.answer.value().copied())).collect()
}

fn repeats(layers: &[Layer<Retries>]) -> Vec<Option<u32>> {
    layers.iter().map(|layer| layer.answer.value().map(|retries| retries.retries)).collect()
}

/// The variables that a service's own files set, below those of its processes.
pub fn with_files<'a>(
    processes: Vec<Scope<'a>>,
    files: &FxHashMap<Symbol, &'a Value>,
    folder: Option<EstatePath>,
) -> Vec<Scope<'a>> {
    let own = || Scope { path: folder.and_then(|folder| folder.join(".env")), env: files.clone() };
    if processes.is_empty() {
        return vec![own()];
    }
    processes
        .into_iter()
        .map(|mut scope| {
            for (name, value) in files {
                scope.env.entry(*name).or_insert(value);
            }
            scope
        })
        .collect()
}
