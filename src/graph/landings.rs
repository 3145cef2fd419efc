//! In which operation of the callee a request lands: by method and path, by rpc, by message.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Call, Endpoint, Entry, Operation, ServiceId, Site};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::Protocol;
use crate::facts::contract::ContractKind;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Longest path, in parts, that is compared; nothing real is longer.
const MOST_PARTS: usize = 40;
/// Places told of what a callee has instead.
const MOST_PLACES: usize = 5;

/// What services answer to, by service.
pub struct Landings<'a> {
    operations: &'a [Operation],
    of: BTreeMap<ServiceId, Vec<u32>>,
    /// Rpcs of contracts: `OrderService` to the methods with their places.
    rpcs: BTreeMap<(ServiceId, String), BTreeMap<String, Span>>,
    /// Services with registrations that could not be followed.
    unclear: &'a BTreeSet<ServiceId>,
}

impl<'a> Landings<'a> {
    /// Sorts operations by service once.
    pub fn new(operations: &'a [Operation], endpoints: &[Endpoint], unclear: &'a BTreeSet<ServiceId>) -> Self {
        let mut of: BTreeMap<ServiceId, Vec<u32>> = BTreeMap::new();
        for (place, operation) in operations.iter().enumerate() {
            of.entry(operation.service).or_default().push(place as u32);
        }
        let mut rpcs: BTreeMap<(ServiceId, String), BTreeMap<String, Span>> = BTreeMap::new();
        for endpoint in endpoints.iter().filter(|endpoint| endpoint.contract == ContractKind::Proto) {
            let (Some(service), Some(span)) = (endpoint.service, endpoint.evidence.0.first()) else { continue };
            if let Some((rpc, method)) = rpc_of(&endpoint.name) {
                rpcs.entry((service, rpc)).or_default().insert(method, *span);
            }
        }
        Self { operations, of, rpcs, unclear }
    }

    /// Finds for every request of code where it lands.
    pub fn land(&self, calls: &mut [Call]) {
        for call in calls {
            let (to, protocol) = (call.to, call.protocol);
            for site in call.clients.iter_mut().flat_map(|client| &mut client.sites) {
                site.lands_in = self.landing(to, protocol, site);
            }
        }
    }

    fn landing(&self, to: ServiceId, protocol: Protocol, site: &Site) -> Answer<Vec<u32>> {
        let Some(asked) = site.operation else { return Answer::unknown("what it asks for is computed") };
        match protocol {
            Protocol::Http => self.by_path(to, site.method, &asked),
            Protocol::Grpc => self.by_rpc(to, &asked),
            Protocol::Tcp | Protocol::RpcOverBroker => self.by_message(to, &asked),
            Protocol::GraphQl | Protocol::WebSocket => Answer::unknown("what it asks for is not followed"),
        }
    }

    /// Operations of a service of one kind.
    fn all(&self, of: ServiceId, kinds: &'static [Entry]) -> impl Iterator<Item = (u32, &'a Operation)> + '_ {
        let own = self.of.get(&of).map_or(&[][..], Vec::as_slice);
        let all = own.iter().filter_map(|place| Some((*place, self.operations.get(*place as usize)?)));
        all.filter(|(_, operation)| kinds.contains(&operation.kind))
    }

    fn present(&self, found: Vec<u32>) -> Answer<Vec<u32>> {
        let places = found.iter().filter_map(|place| self.operations.get(*place as usize));
        let places = Evidence(places.map(|operation| operation.span).collect());
        Answer::Present(found, places)
    }

    fn by_rpc(&self, to: ServiceId, asked: &str) -> Answer<Vec<u32>> {
        let Some((rpc, method)) = rpc_of(asked) else { return Answer::unknown("its rpc is computed") };
        let fits =
            |operation: &Operation| rpc_of(&operation.name).is_some_and(|known| known == (rpc.clone(), method.clone()));
        let found: Vec<u32> =
            self.all(to, &[Entry::Grpc]).filter(|(_, operation)| fits(operation)).map(|(place, _)| place).collect();
        if !found.is_empty() {
            return self.present(found);
        }
        match self.rpcs.get(&(to, rpc)) {
            // Code in a language that is not read answers what its contract promises.
            Some(methods) => match methods.get(&method) {
                Some(span) => Answer::Present(Vec::new(), Evidence(vec![*span])),
                None => Answer::Absent(Evidence(methods.values().take(MOST_PLACES).copied().collect())),
            },
            None => Answer::unknown("the handler of its rpc was not found"),
        }
    }

    fn by_message(&self, to: ServiceId, asked: &str) -> Answer<Vec<u32>> {
        let mut own = self.all(to, &[Entry::Request, Entry::Message]).peekable();
        if own.peek().is_none() {
            return Answer::unknown("no message that its callee takes is known");
        }
        let mut places = Vec::new();
        let mut found = Vec::new();
        let mut complete = !self.unclear.contains(&to) && !asked.contains("{}");
        for (place, operation) in own {
            let pattern = operation.name.strip_prefix("message ").unwrap_or(&operation.name);
            // What a pattern that is computed says is not known.
            complete &= pattern != "a message" && !pattern.contains(['*', '>', '#']);
            if pattern == asked {
                found.push(place);
            }
            places.push(operation.span);
        }
        if !found.is_empty() {
            return self.present(found);
        }
        places.truncate(MOST_PLACES);
        if complete {
            Answer::Absent(Evidence(places))
        } else {
            Answer::unknown("not all messages of its callee are known")
        }
    }

    fn by_path(&self, to: ServiceId, method: Option<Symbol>, asked: &str) -> Answer<Vec<u32>> {
        let parts = parts_of(asked);
        if parts.len() > MOST_PARTS {
            return Answer::unknown("its path is too long");
        }
        let mut best: Option<(usize, Vec<u32>)> = None;
        let mut other_method: Vec<Span> = Vec::new();
        let mut complete = !self.unclear.contains(&to) && method.is_some();
        for (place, operation) in self.all(to, &[Entry::Http]) {
            let Some((verb, path)) = operation.name.split_once(' ') else { continue };
            let own = parts_of(path);
            let answers =
                verb == "ANY" || method.is_none_or(|method| method == verb || (method == "HEAD" && verb == "GET"));
            let catches_all = path.contains("*}");
            complete &= operation.whole && !catches_all && verb != "ANY";
            let fit = if operation.whole { fit(&parts, &own) } else { below(&parts, &own) };
            match fit {
                Some(score) if answers => match &mut best {
                    Some((known, _)) if *known > score => {}
                    Some((known, places)) if *known == score => places.push(place),
                    Some(_) | None => best = Some((score, vec![place])),
                },
                Some(_) => other_method.push(operation.span),
                // A part that is computed may hold more than one part.
                None => complete &= !(answers && may_fit(&parts, &own)),
            }
        }
        if let Some((_, found)) = best {
            return self.present(found);
        }
        // Libraries answer paths of their own; a path that the code itself answers with another
        // method is nobody else's.
        if complete && !other_method.is_empty() {
            other_method.truncate(MOST_PLACES);
            return Answer::Absent(Evidence(other_method));
        }
        Answer::unknown("no operation of its callee is known by that path; look for it in its code or its contract")
    }
}

/// `shop.OrderService/Place`: the service without its package, and the method, in small letters.
fn rpc_of(name: &str) -> Option<(String, String)> {
    let (service, method) = name.rsplit_once('/')?;
    let short = service.rsplit('.').next().unwrap_or(service);
    Some((short.to_lowercase(), method.to_lowercase()))
}

fn parts_of(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

/// How well a path fits a template: parts that are equal count most. `None`: it does not.
fn fit(asked: &[&str], template: &[&str]) -> Option<usize> {
    let mut score = 1;
    let mut at = 0;
    for part in template {
        if part.ends_with("*}") {
            return Some(score);
        }
        let given = asked.get(at)?;
        at += 1;
        if part.eq_ignore_ascii_case(given) {
            score += 4;
        } else if part.contains('{') {
            // What is computed is mostly what the template leaves open.
            score += if given.contains("{}") { 3 } else { 2 };
        } else if given.contains("{}") && may_be(given, part) {
            score += 1;
        } else {
            return None;
        }
    }
    (at == asked.len()).then_some(score)
}

/// The same for a template before which more may stand. Any that is wholly known fits better.
fn below(asked: &[&str], template: &[&str]) -> Option<usize> {
    let from = if template.last().is_some_and(|last| last.ends_with("*}")) {
        return None;
    } else {
        asked.len().checked_sub(template.len())?
    };
    if template.is_empty() {
        return None;
    }
    fit(asked.get(from..)?, template).map(|_| 0)
}

/// True if a part such as `order-{}` can be `text`.
fn may_be(given: &str, text: &str) -> bool {
    let (before, after) = given.split_once("{}").unwrap_or((given, ""));
    let after = after.rsplit("{}").next().unwrap_or("");
    text.starts_with(before) && text.ends_with(after)
}

/// True if a path with computed parts can fit a template, where what is computed may hold any
/// number of parts, and the template's last one may be left out.
fn may_fit(asked: &[&str], template: &[&str]) -> bool {
    let known: Vec<&str> = asked.iter().take_while(|part| !part.contains("{}")).copied().collect();
    let is_open = known.len() < asked.len();
    let fits = |(given, part): (&&str, &&str)| part.contains('{') || given.eq_ignore_ascii_case(part);
    let starts = known.iter().zip(template).all(fits);
    let optional = template.last().is_some_and(|last| last.contains('{')) && template.len() == asked.len() + 1;
    starts && (is_open || optional)
}

#[cfg(test)]
mod tests {
    use super::{fit, may_fit, parts_of};

    #[test]
    fn a_path_fits_the_nearest_template() {
        for (asked, template, expected) in [
            ("/orders/7", "/orders/{id}", true),
            ("/orders/{}", "/orders/{id}", true),
            ("/orders/{}/", "/Orders/{id}", true),
            ("/orders", "/orders/{id}", false),
            ("/orders/7/items", "/orders/{id}", false),
            ("/files/a/b", "/files/{rest*}", true),
            ("/orders/by-{}", "/orders/by-day", true),
            ("/orders/by-{}", "/orders/all", false),
        ] {
            assert_eq!(fit(&parts_of(asked), &parts_of(template)).is_some(), expected, "{asked} {template}");
        }
        let score = |template: &str| fit(&parts_of("/orders/{}"), &parts_of(template));
        assert!(score("/orders/{id}") > score("/orders/search"), "what is computed is a parameter");
    }

    #[test]
    fn what_is_computed_may_hold_more_than_one_part() {
        for (asked, template, expected) in [
            ("/orders/{}", "/orders/{id}/items", true),
            ("/orders/{}", "/items/{id}", false),
            ("/orders", "/orders/{id}", true),
            ("/orders", "/orders/{id}/items", false),
        ] {
            assert_eq!(may_fit(&parts_of(asked), &parts_of(template)), expected, "{asked} {template}");
        }
    }
}
