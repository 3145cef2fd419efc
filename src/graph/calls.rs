//! Who calls whom: declared calls, proxies' routes, and variables that name a service.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::code_calls::{CodeCall, CodeCallLinker};
use super::connections::Reference;
use super::directory::{Directory, Lead};
use super::inputs::Inputs;
use super::model::{Call, Confidence, DanglingCall, Environment, ServiceId, Target, Unresolved};
use super::values::{Evaluator, Resolved, Scope};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::{Call as CallFact, CallSource, Caller, Layer, LayerKind, Protocol};
use crate::facts::network::{Retries, TrafficPolicy};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What finding calls needs.
pub struct CallLinker<'a, 'e> {
    /// All facts.
    pub inputs: &'e Inputs<'a>,
    /// Host names.
    pub directory: &'e Directory<'a>,
    /// Values.
    pub evaluator: &'e Evaluator<'a>,
    /// The services that a file's code belongs to.
    pub owners_of: &'e dyn Fn(EstatePath) -> Vec<ServiceId>,
    /// Environments of a service's processes, one for each deployed variant.
    pub scopes_of: &'e dyn Fn(ServiceId) -> Vec<&'e Scope<'a>>,
    /// A service by any of its names, where only one has it.
    pub by_name: &'e dyn Fn(&str) -> Option<ServiceId>,
    /// What a file is for.
    pub environment: &'e dyn Fn(EstatePath) -> Environment,
    /// True if a service answers over gRPC only, as far as its contracts and ports tell.
    pub speaks_grpc: &'e dyn Fn(ServiceId) -> bool,
    /// True for services whose code was read.
    pub is_read: &'e dyn Fn(ServiceId) -> bool,
    /// Whether the code of a service speaks of a variable; `None` where it speaks of none.
    pub mentions: &'e dyn Fn(ServiceId, Symbol) -> Option<bool>,
    /// Calls that code shows.
    pub code: &'e [CodeCall],
    /// Resolves them.
    pub of_code: &'e CodeCallLinker<'a, 'e>,
}

/// Calls, dangling calls, and what of them could not be resolved.
#[derive(Default)]
pub struct Calls {
    /// One for each (from, to, protocol), sorted.
    pub calls: Vec<Call>,
    /// Sorted by caller and host.
    pub dangling: Vec<DanglingCall>,
    /// In no order.
    pub unresolved: Vec<Unresolved>,
}

/// One piece of evidence for a call.
pub struct Piece {
    /// How sure.
    pub confidence: Confidence,
    /// Where, best place first.
    pub evidence: Vec<Span>,
    /// What layers say about the timeout.
    pub timeout: Vec<Layer<u64>>,
    /// What layers say about retries.
    pub retries: Vec<Layer<Retries>>,
    /// Whether it changes something, where that is known.
    pub mutating: Option<bool>,
    /// Whether repeating it is safe, where that is said.
    pub idempotent: Option<(bool, Span)>,
    /// Whether it is encrypted, where the address or the client tells.
    pub encrypted: Option<bool>,
    /// True if no layer but those listed can have a say.
    pub complete: bool,
    /// What its file is for.
    pub environment: Environment,
}

impl<'a> CallLinker<'a, '_> {
    /// All calls. `references` are the variables of services that name hosts.
    pub fn calls(&self, references: Vec<Reference>) -> Calls {
        let mut found = Calls::default();
        let mut pieces: BTreeMap<(ServiceId, ServiceId, Protocol), Vec<Piece>> = BTreeMap::new();
        for call in &self.inputs.calls {
            if (self.environment)(call.path) == Environment::Test {
                continue;
            }
            let callers = match call.fact.caller {
                Caller::Named(name) => (self.by_name)(&name).into_iter().collect(),
                Caller::ThisFile => (self.owners_of)(call.path),
            };
            for from in callers {
                self.of_fact(from, call.fact, call.path, &mut pieces, &mut found);
            }
        }
        let mut clients = self.of_code.add(self.code, &mut pieces, &mut found);
        // Code that was read says itself whom it calls; a variable alone is a guess then, unless
        // the code takes it and could not be followed further.
        let (read, mut guessed): (Vec<Reference>, Vec<Reference>) =
            references.into_iter().partition(|reference| (self.is_read)(reference.service));
        let takes = |reference: &Reference| (self.mentions)(reference.service, reference.key) == Some(true);
        let (taken, seen): (Vec<Reference>, Vec<Reference>) = read.into_iter().partition(takes);
        guessed.extend(taken.into_iter().filter(|reference| match &reference.lead {
            Lead::Inside(Target::Service(to), _) => {
                !pieces.keys().any(|(from, known, _)| *from == reference.service && known == to)
            }
            _other => false,
        }));
        for reference in &seen {
            if let (Lead::Inside(Target::Service(to), _), Some(span)) = (&reference.lead, reference.evidence.first())
                && *to != reference.service
                && !pieces.keys().any(|(from, known, _)| *from == reference.service && known == to)
            {
                found
                    .unresolved
                    .push(unresolved(*span, "the variable names a service that the code is not seen to call"));
            }
        }
        self.of_references(guessed, &mut pieces, &mut found);
        let policies = self.policies();
        let merged = pieces.into_iter().map(|((from, to, protocol), all)| {
            let of_callee = policies.get(&to).map_or(&[][..], Vec::as_slice);
            let mut call = merged(from, to, protocol, all, of_callee);
            call.clients = clients.remove(&(from, to, protocol)).unwrap_or_default();
            for client in &mut call.clients {
                mesh(of_callee, protocol, &mut client.timeout, &mut client.retries);
            }
            call
        });
        found.calls = merged.collect();
        let dangling = &mut found.dangling;
        dangling.sort_by(|a, b| {
            (a.from, a.host, std::cmp::Reverse(a.confidence), &a.evidence.0).cmp(&(
                b.from,
                b.host,
                std::cmp::Reverse(b.confidence),
                &b.evidence.0,
            ))
        });
        dangling.dedup_by(|later, first| later.from == first.from && later.host == first.host);
        found
    }

    fn of_fact(
        &self,
        from: ServiceId,
        fact: &'a CallFact,
        path: EstatePath,
        pieces: &mut BTreeMap<(ServiceId, ServiceId, Protocol), Vec<Piece>>,
        found: &mut Calls,
    ) {
        let declared = fact.source == CallSource::Declared;
        let own = Scope { path: Some(path), ..Scope::default() };
        let mut scopes = (self.scopes_of)(from);
        if scopes.is_empty() {
            scopes.push(&own);
        }
        let mut resolved_any = false;
        let mut why = Symbol::new("its target is computed");
        for scope in scopes {
            let text = match self.evaluator.resolve(&fact.target, scope) {
                Resolved::Text(known) if !known.partial => known,
                Resolved::Text(_) => continue,
                Resolved::Hidden { identity, .. } => {
                    why = Symbol::new(&format!("its target hides in {identity}"));
                    continue;
                }
                Resolved::Unknown(reason) => {
                    why = reason.0;
                    continue;
                }
            };
            let named = if declared { (self.by_name)(&text.text) } else { None };
            let host = host_of(&text.text);
            let from_path = scope.path.unwrap_or(path);
            let lead = match named {
                Some(to) => Lead::Inside(Target::Service(to), fact.span),
                None => self.directory.look_up(&host, from_path),
            };
            resolved_any = true;
            match lead {
                Lead::Inside(Target::Service(to), span) if to != from => {
                    let mut evidence = vec![fact.span];
                    evidence.extend(text.trail.iter().copied().filter(|place| !fact.span.contains(*place)));
                    if span != fact.span {
                        evidence.push(span);
                    }
                    pieces.entry((from, to, fact.protocol)).or_default().push(Piece {
                        confidence: match fact.source {
                            CallSource::Declared => Confidence::Declared,
                            CallSource::Proxy | CallSource::Code => Confidence::Observed,
                        },
                        evidence,
                        timeout: fact.timeout_ms.clone(),
                        retries: fact.retries.clone(),
                        mutating: fact.method.map(|method| !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS")),
                        idempotent: match &fact.idempotent {
                            Answer::Present(safe, _) => Some((*safe, fact.span)),
                            Answer::Absent(_) | Answer::Unknown(_) => None,
                        },
                        encrypted: by_scheme(&text.text),
                        complete: fact.source != CallSource::Code || !fact.timeout_ms.is_empty(),
                        environment: (self.environment)(path),
                    });
                }
                Lead::Nowhere(host, reason) => found.dangling.push(DanglingCall {
                    from,
                    host,
                    why: reason,
                    confidence: if declared { Confidence::Declared } else { Confidence::Observed },
                    evidence: Evidence(vec![fact.span]),
                }),
                Lead::Ambiguous(host) => {
                    found.unresolved.push(unresolved(fact.span, &format!("several things answer to {host}")))
                }
                Lead::Inside(..) | Lead::Outside(_) | Lead::Loopback | Lead::None => {}
            }
        }
        if !resolved_any {
            found.unresolved.push(unresolved(fact.span, &why));
        }
    }

    fn of_references(
        &self,
        references: Vec<Reference>,
        pieces: &mut BTreeMap<(ServiceId, ServiceId, Protocol), Vec<Piece>>,
        found: &mut Calls,
    ) {
        for reference in references {
            let span = reference.evidence.first().copied();
            match &reference.lead {
                Lead::Inside(Target::Service(to), place) if *to != reference.service => {
                    let protocol = self.protocol(&reference, *to);
                    // The same pair seen in code or a proxy speaks for itself.
                    let mut evidence = reference.evidence.clone();
                    evidence.push(*place);
                    pieces.entry((reference.service, *to, protocol)).or_default().push(Piece {
                        confidence: Confidence::Configured,
                        evidence,
                        timeout: Vec::new(),
                        retries: Vec::new(),
                        mutating: None,
                        idempotent: None,
                        encrypted: scheme_encrypts(&reference.scheme),
                        complete: false,
                        environment: reference.environment,
                    });
                }
                Lead::Nowhere(host, why) if !reference.scheme.is_empty() || host.contains('.') => {
                    found.dangling.push(DanglingCall {
                        from: reference.service,
                        host: *host,
                        why: *why,
                        confidence: Confidence::Configured,
                        evidence: Evidence(reference.evidence.clone()),
                    });
                }
                Lead::Nowhere(host, _) => {
                    if let Some(span) = span {
                        found.unresolved.push(unresolved(span, &format!("nothing in the estate answers to {host}")));
                    }
                }
                Lead::Ambiguous(host) => {
                    if let Some(span) = span {
                        found.unresolved.push(unresolved(span, &format!("several things answer to {host}")));
                    }
                }
                Lead::Inside(..) | Lead::Outside(_) | Lead::Loopback | Lead::None => {}
            }
        }
    }

    /// How a variable's address is spoken to: by its scheme, its name, the port's name, and
    /// what the callee publishes.
    fn protocol(&self, reference: &Reference, to: ServiceId) -> Protocol {
        let key = reference.key.to_ascii_lowercase();
        let from =
            reference.evidence.first().map(|span| self.inputs.path_of(span.file)).unwrap_or_else(EstatePath::root);
        match reference.scheme.as_str() {
            "http" | "https" if key.contains("graphql") => return Protocol::GraphQl,
            "http" | "https" => return Protocol::Http,
            "grpc" | "grpcs" | "h2c" | "dns" => return Protocol::Grpc,
            "ws" | "wss" => return Protocol::WebSocket,
            _ => {}
        }
        let port = self.directory.address(&reference.host, from).and_then(|address| {
            address.ports.iter().find(|port| reference.port.is_none() || port.port == reference.port)
        });
        let says = |word: &str| {
            key.contains(word) || port.is_some_and(|port| port.name.contains(word) || port.protocol.contains(word))
        };
        if says("grpc") || (!says("http") && (self.speaks_grpc)(to)) {
            return Protocol::Grpc;
        }
        Protocol::Http
    }

    /// What the mesh applies inside the estate, by the service called, in the order of files.
    fn policies(&self) -> FxHashMap<ServiceId, Vec<&'a TrafficPolicy>> {
        let mut policies: FxHashMap<ServiceId, Vec<&TrafficPolicy>> = FxHashMap::default();
        for policy in &self.inputs.policies {
            let scope = Scope { path: Some(policy.path), ..Scope::default() };
            let at_gateway_only = !policy.fact.gateways.is_empty()
                && policy
                    .fact
                    .gateways
                    .iter()
                    .all(|gateway| self.evaluator.text(gateway, &scope).as_deref() != Some("mesh"));
            if at_gateway_only {
                continue;
            }
            let Some(host) = self.evaluator.text(&policy.fact.host, &scope) else { continue };
            if let Lead::Inside(Target::Service(id), _) = self.directory.look_up(&host, policy.path) {
                policies.entry(id).or_default().push(policy.fact);
            }
        }
        policies
    }
}

fn merged(
    from: ServiceId,
    to: ServiceId,
    protocol: Protocol,
    mut all: Vec<Piece>,
    policies: &[&TrafficPolicy],
) -> Call {
    all.sort_by(|a, b| {
        (std::cmp::Reverse(a.confidence), a.environment, &a.evidence).cmp(&(
            std::cmp::Reverse(b.confidence),
            b.environment,
            &b.evidence,
        ))
    });
    let confidence = all.first().map_or(Confidence::Inferred, |piece| piece.confidence);
    let best = || all.iter().filter(|piece| piece.confidence >= Confidence::Observed);
    let mut timeout: Vec<Layer<u64>> = best().flat_map(|piece| piece.timeout.iter().cloned()).collect();
    let mut retries: Vec<Layer<Retries>> = best().flat_map(|piece| piece.retries.iter().cloned()).collect();
    let complete =
        all.iter().any(|piece| piece.confidence >= Confidence::Observed) && best().all(|piece| piece.complete);
    mesh(policies, protocol, &mut timeout, &mut retries);
    let mut evidence: Vec<Span> = all.iter().filter_map(|piece| piece.evidence.first().copied()).collect();
    evidence.extend(all.iter().flat_map(|piece| piece.evidence.iter().skip(1).copied()));
    let mut seen = std::collections::BTreeSet::new();
    evidence.retain(|span| seen.insert(*span));
    let first = evidence.first().copied();
    let stated: Vec<bool> = all.iter().filter_map(|piece| piece.mutating).collect();
    let mutating = match (stated.iter().any(|mutating| *mutating), stated.len() == all.len(), first) {
        (true, _, Some(span)) => Answer::present(true, span),
        (false, true, Some(span)) => Answer::present(false, span),
        _ => Answer::unknown("the requests that are sent are not known"),
    };
    let idempotent = match all.iter().find_map(|piece| piece.idempotent) {
        Some((safe, span)) => Answer::present(safe, span),
        None => Answer::unknown(
            "nobody declares whether the operation may be repeated; `idempotent` in a service.yaml says it",
        ),
    };
    let plain = all.iter().filter(|piece| piece.encrypted == Some(false));
    let plain: Vec<Span> = plain.filter_map(|piece| piece.evidence.first().copied()).collect();
    let encrypted = match (plain.is_empty(), all.iter().all(|piece| piece.encrypted == Some(true)), first) {
        (false, _, _) => Answer::Present(false, Evidence(plain)),
        (true, true, Some(span)) => Answer::present(true, span),
        _ => Answer::unknown("neither its address nor its client tells whether it is encrypted"),
    };
    Call {
        from,
        to,
        protocol,
        confidence,
        evidence: Evidence(evidence),
        timeout,
        retries,
        mutating,
        idempotent,
        layers_complete: complete,
        ejects: ejects(policies),
        encrypted,
        clients: Vec::new(),
    }
}

/// Whether a mesh takes failing instances of a service out of service.
fn ejects(policies: &[&TrafficPolicy]) -> Answer<bool> {
    let known = policies.iter().find(|policy| policy.outlier_detection.is_present());
    let unclear = policies.iter().find(|policy| matches!(policy.outlier_detection, Answer::Unknown(_)));
    match known.or(unclear) {
        Some(policy) => policy.outlier_detection.clone(),
        None => Answer::Absent(Evidence(Vec::new())),
    }
}

/// Adds what the mesh applies to calls of a service.
fn mesh(
    policies: &[&TrafficPolicy],
    protocol: Protocol,
    timeout: &mut Vec<Layer<u64>>,
    retries: &mut Vec<Layer<Retries>>,
) {
    if !matches!(protocol, Protocol::Http | Protocol::Grpc | Protocol::GraphQl) {
        return;
    }
    for policy in policies {
        // A route for some paths only says nothing of the others.
        let whole = policy.paths.iter().all(|path| path == "/" || path.is_empty()) && policy.methods.is_empty();
        if whole || policy.timeout_ms.is_present() {
            let answer = match &policy.timeout_ms {
                Answer::Present(_, _) if !whole => Answer::unknown("a mesh route sets a timeout for some paths only"),
                other => other.clone(),
            };
            timeout.push(Layer { kind: LayerKind::Mesh, answer });
        }
        if policy.retries.is_present() {
            retries.push(Layer { kind: LayerKind::Mesh, answer: policy.retries.clone() });
        }
    }
}

/// A call whose target is not known.
pub fn unresolved(span: Span, why: &str) -> Unresolved {
    Unresolved { span, what: Symbol::new("call"), why: Symbol::new(why) }
}

/// Whether the scheme of an address encrypts; `None` where it has none or none that is known.
pub fn by_scheme(address: &str) -> Option<bool> {
    scheme_encrypts(address.split_once("://")?.0)
}

/// `https`, `wss`: true; `http`, `ws`, `h2c`: false. A `grpc` scheme says how, not how safely.
fn scheme_encrypts(scheme: &str) -> Option<bool> {
    match scheme.to_ascii_lowercase().as_str() {
        "https" | "wss" | "grpcs" => Some(true),
        "http" | "ws" | "h2c" => Some(false),
        _ => None,
    }
}

/// Stands for what is unknown while an address is taken apart; no text of a file holds it.
const UNKNOWN_PART: &str = "\u{0}";

/// The host of a URL, of `host:port` or of a bare name; empty for a path alone.
pub fn host_of(text: &str) -> String {
    let rest = match text.split_once("://") {
        Some((_, rest)) => rest,
        None if text.starts_with("//") => text.trim_start_matches('/'),
        // A path alone leads to whoever the client's base names.
        None if text.starts_with('/') => return String::new(),
        None => text,
    };
    // What is unknown is written with a `?` of its own.
    let rest = rest.replace("${?}", UNKNOWN_PART);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) || port == UNKNOWN_PART => name,
        _ => host,
    };
    name.replace(UNKNOWN_PART, "${?}")
}
