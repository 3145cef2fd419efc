//! Whether a service publishes a contract for what others ask it for.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Estate;
use super::belonging::upwards;
use super::observability::packages::Packages;
use super::vocabulary::Datum;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::Protocol;
use crate::facts::code::Runtime;
use crate::facts::contract::ContractKind;
use crate::graph::model::{Call, Endpoint, Service, ServiceId};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::contracts::publishes_contract;

/// What is looked up for every call.
pub struct Contracts<'a> {
    packages: Packages<'a>,
    /// A contract of OpenAPI that nobody is known to answer.
    ownerless: Option<Span>,
    /// Folders with a file, directly or further below, whose name says that it is a contract; the
    /// first of them.
    named: FxHashMap<EstatePath, EstatePath>,
    /// Services of which code shows operations.
    read: FxHashSet<ServiceId>,
}

impl<'a> Contracts<'a> {
    /// Sorts what the estate says.
    pub fn new(estate: &Estate<'a>) -> Self {
        let mut ownerless = estate.graph.endpoints.iter().filter(|one| one.service.is_none() && is_openapi(one));
        let ownerless = ownerless.find_map(|endpoint| endpoint.evidence.0.first().copied());
        let mut named = FxHashMap::default();
        for path in estate.paths.iter().filter(|path| is_contract(path.name())) {
            for folder in upwards(*path) {
                named.entry(folder).or_insert(*path);
            }
        }
        let read = estate.graph.operations.iter().map(|operation| operation.service).collect();
        Self { packages: Packages::new(estate), ownerless, named, read }
    }

    /// What states the interface that a call goes to: `openapi`, a library. Absent where the
    /// callee's code was read and nothing of it states any.
    pub fn of(&self, estate: &Estate<'a>, call: &Call, endpoints: &[&Endpoint], place: Span) -> Answer<Datum> {
        let present = |what: &str, evidence: Evidence| Answer::Present(Datum::Text(Symbol::new(what)), evidence);
        match call.protocol {
            Protocol::Grpc | Protocol::GraphQl => {
                return Answer::unknown("its protocol does not work without a contract");
            }
            Protocol::WebSocket => return Answer::unknown("what is sent over a socket was not followed"),
            Protocol::Http | Protocol::Tcp | Protocol::RpcOverBroker => {}
        }
        let callee = estate.graph.service(call.to);
        if let Some(endpoint) = endpoints.iter().find(|endpoint| is_openapi(endpoint)) {
            return present("openapi", endpoint.evidence.clone());
        }
        if self.ownerless.is_some() {
            return Answer::unknown("the estate holds contracts whose owners are not known");
        }
        if let Some(path) = self.unread(callee) {
            return Answer::unknown(&format!("{path} may state it"));
        }
        let used = self.packages.of(callee);
        let dependencies = || used.units.iter().flat_map(|unit| &unit.dependencies);
        if let Some(one) = dependencies().find(|one| publishes_contract(&one.name)) {
            return present(&one.name, Evidence(vec![one.span]));
        }
        if let Some(one) = dependencies().find(|one| self.packages.is_of_the_owners(one)) {
            return Answer::unknown(&format!("{} may bring one", one.name));
        }
        if callee.runtime == Some(Runtime::Node) && self.read.contains(&call.to) && used.readable {
            Answer::absent(place)
        } else {
            Answer::unknown(
                "the code of the callee was not read; an OpenAPI or .proto file in its folder would be seen",
            )
        }
    }

    /// A file of the callee whose name says that it is a contract, and that holds nothing which was
    /// understood.
    fn unread(&self, callee: &Service) -> Option<&'static str> {
        self.named.get(&callee.folder?).map(|path| path.as_str())
    }
}

fn is_openapi(endpoint: &Endpoint) -> bool {
    matches!(endpoint.contract, ContractKind::OpenApi)
}

fn is_contract(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["openapi", "swagger", "asyncapi", "raml"].iter().any(|word| name.contains(word))
}
