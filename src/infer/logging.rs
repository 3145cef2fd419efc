//! What the log of a Node service can be used for: whether programs can read its lines, and whether
//! the lines of one request can be found.

use super::Estate;
use super::belonging::{Folders, Placed, Whose};
use super::observability::packages::{Packages, Used};
use super::vocabulary::Datum;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::code::{Dependency, DependencyScope, Runtime};
use crate::facts::program::{Expr, Imported, Module, Property};
use crate::graph::flows::Act;
use crate::graph::logging::CodeLog;
use crate::graph::model::{Service, ServiceId};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::correlation::{CorrelationSign, correlation};
use crate::tables::logging::{LogForm, is_listed};

/// Most places that one answer shows.
const PLACES: usize = 24;
/// Words in the name of a package that no table knows, which may write a log.
const WORDS: [&str; 6] = ["log", "logger", "logging", "pino", "winston", "bunyan"];

/// What is looked up for every service.
pub struct Logs {
    /// Where an id of a request has a name in source files.
    named: Placed<Span>,
}

impl Logs {
    /// Sorts what the estate says.
    pub fn new(estate: &Estate<'_>, folders: &Folders) -> Self {
        Self { named: Placed::new(estate, folders, name_of_id) }
    }

    /// Why programs cannot read all that the service logs, in words; absent where they can.
    pub fn unstructured(
        &self,
        estate: &Estate<'_>,
        packages: &Packages<'_>,
        used: &Used<'_>,
        id: ServiceId,
    ) -> Answer<Datum> {
        let service = estate.graph.service(id);
        let log = match of_node(estate, used, id) {
            Ok(found) => found,
            Err(why) => return Answer::unknown(why),
        };
        let best = log.loggers.first().copied();
        let is_json = best.is_some_and(|logger| logger.form == LogForm::Json);
        if !log.prints.is_empty() {
            let beside = match best {
                Some(logger) if is_json => format!(", past its logger {}", logger.library),
                Some(_) | None => String::new(),
            };
            let what = format!("prints to the console while it answers requests{beside}");
            let places = log.prints.iter().copied().take(PLACES).collect();
            return Answer::Present(Datum::Text(Symbol::new(&what)), Evidence(places));
        }
        let unclear = log.loggers.iter().find(|logger| logger.form == LogForm::Unknown);
        match (best, unclear) {
            (Some(logger), _) if is_json => return Answer::absent(logger.span),
            (_, Some(logger)) => {
                return Answer::unknown(&format!("in which form {} writes is decided elsewhere", logger.library));
            }
            (Some(_) | None, None) => {}
        }
        if let Some(why) = may_log(packages, used) {
            return Answer::unknown(&why);
        }
        match best {
            Some(logger) => {
                let what = format!("writes its log as text: {} is all it logs with", logger.library);
                Answer::present(Datum::Text(Symbol::new(&what)), logger.span)
            }
            None => {
                let what = Datum::Text(Symbol::new("has no logger"));
                Answer::present(what, start(estate, id, service))
            }
        }
    }

    /// What of the service keeps no id of a request, in words; absent where its lines and what it
    /// sends do.
    pub fn uncorrelated(
        &self,
        estate: &Estate<'_>,
        packages: &Packages<'_>,
        used: &Used<'_>,
        id: ServiceId,
        tracing: &Answer<Datum>,
    ) -> Answer<Datum> {
        let service = estate.graph.service(id);
        let log = match of_node(estate, used, id) {
            Ok(found) => found,
            Err(why) => return Answer::unknown(why),
        };
        let folder = service.folder.unwrap_or(EstatePath::root());
        if let Some((path, whose, place)) = self.named.of(folder, used).next() {
            return match whose {
                Whose::Own => Answer::absent(place),
                Whose::Shared => Answer::unknown(&format!("{path} may keep an id")),
            };
        }
        let with = |sign| dependencies(used).find(|one| correlation().lists(sign, &one.name));
        if let Some(carrier) = with(CorrelationSign::Carrier) {
            return Answer::absent(carrier.span);
        }
        if let Some(why) = may_log(packages, used) {
            return Answer::unknown(&why);
        }
        // Loggers of requests see no rpcs and no messages; where no operation is known, requests may come.
        let operations = estate.graph.operations_of(id);
        let serves_http = operations.is_empty() || operations.iter().any(|one| is_http(&one.name));
        let lines = match with(CorrelationSign::RequestLogger).filter(|_| serves_http) {
            Some(logger) => Answer::absent(logger.span),
            None => match (with(CorrelationSign::LogInstrumentation), tracing) {
                (Some(package), _) => Answer::absent(package.span),
                (None, Answer::Present(Datum::Text(name), _))
                    if !correlation().lists(CorrelationSign::SilentTracer, name) =>
                {
                    Answer::unknown(&format!("{name} may bring the id of the trace into log lines"))
                }
                (None, Answer::Unknown(why)) => Answer::Unknown(*why),
                (None, Answer::Present(..) | Answer::Absent(_)) => match log.loggers.first() {
                    Some(logger) => Answer::present((), logger.span),
                    None if log.prints.is_empty() => Answer::unknown("it writes no log"),
                    None => Answer::Present((), Evidence(log.prints.iter().copied().take(1).collect())),
                },
            },
        };
        let sent_at = sends(estate, id);
        let sent = match (sent_at, tracing) {
            (None, _) => Answer::unknown("it sends nothing to others"),
            (Some(place), Answer::Absent(_)) => Answer::present((), place),
            (Some(_), Answer::Unknown(why)) => Answer::Unknown(*why),
            (Some(_), Answer::Present(_, evidence)) => Answer::Absent(evidence.clone()),
        };
        let what = match (&lines, &sent) {
            (Answer::Present(..), Answer::Present(..)) => {
                "keeps no id of a request: neither in its log lines nor in what it sends to others"
            }
            (Answer::Present(..), _) => "writes log lines without an id of the request",
            (_, Answer::Present(..)) => "passes no id of a request on to others",
            (Answer::Absent(evidence), Answer::Absent(_)) => return Answer::Absent(evidence.clone()),
            // What sends nothing has nothing to pass on.
            (Answer::Absent(evidence), Answer::Unknown(_)) if sent_at.is_none() => {
                return Answer::Absent(evidence.clone());
            }
            (Answer::Unknown(why), _) | (_, Answer::Unknown(why)) => return Answer::Unknown(*why),
        };
        let mut places = vec![start(estate, id, service)];
        places.extend(lines.evidence().iter().chain(sent.evidence()).copied());
        places.dedup();
        Answer::Present(Datum::Text(Symbol::new(what)), Evidence(places))
    }
}

/// The log of a service whose Node code was read.
fn of_node<'a>(estate: &Estate<'a>, used: &Used<'_>, id: ServiceId) -> Result<&'a CodeLog, &'static str> {
    let service = estate.graph.service(id);
    if service.runtime != Some(Runtime::Node) {
        return Err("only the code of Node services is read for what it logs");
    }
    if let Some(why) = used.apart {
        return Err(why);
    }
    if !used.readable {
        return Err("no manifest that names its dependencies is in the estate");
    }
    if estate.graph.operations_of(id).is_empty() && estate.graph.listens_at(id).is_none() {
        return Err("no code that was read answers requests or messages");
    }
    let logs = &estate.graph.logs;
    let log = logs.binary_search_by_key(&id, |log| log.service).ok().and_then(|at| logs.get(at));
    log.ok_or("its code was not read")
}

/// Where the service begins to wait for requests.
fn start(estate: &Estate<'_>, id: ServiceId, service: &Service) -> Span {
    estate.graph.listens_at(id).unwrap_or(service.span)
}

fn dependencies<'u>(used: &'u Used<'_>) -> impl Iterator<Item = &'u Dependency> {
    let all = used.units.iter().flat_map(|unit| &unit.dependencies);
    all.filter(|dependency| dependency.scope == DependencyScope::Runtime)
}

/// A package that may write a log, or keep an id, in a way that is not looked at.
fn may_log(packages: &Packages<'_>, used: &Used<'_>) -> Option<String> {
    let tells = |name: &str| {
        !is_listed(name)
            && !name.starts_with("@types/")
            && name.split(['/', '-', '_', '.', '@']).any(|word| WORDS.contains(&word))
    };
    let found = dependencies(used).find(|one| packages.is_of_the_owners(one) || tells(&one.name))?;
    Some(format!("{} may do it", found.name))
}

/// `GET /orders`, and not `shop.Orders/List` or a message.
fn is_http(operation: &str) -> bool {
    operation
        .split_once(' ')
        .is_some_and(|(verb, path)| verb.bytes().all(|byte| byte.is_ascii_uppercase()) && path.starts_with('/'))
}

/// The first call to another service, or message, that the code of a service sends.
fn sends(estate: &Estate<'_>, id: ServiceId) -> Option<Span> {
    let calls = estate.graph.calls.iter().filter(|call| call.from == id);
    let asked = calls.filter_map(|call| call.evidence.0.first().copied());
    let acts = estate.graph.reaches.iter().filter(|reach| {
        let of = estate.graph.operations.get(reach.operation as usize);
        matches!(reach.act, Act::Publishes { .. }) && of.is_some_and(|operation| operation.service == id)
    });
    asked.chain(acts.map(|reach| reach.site)).min()
}

/// The first place of a name that holds the id of a request.
fn name_of_id(module: &Module) -> Option<Span> {
    let is_id = |name: Symbol| {
        let plain: String = name.as_str().chars().filter(|one| *one != '_').collect();
        correlation().lists(CorrelationSign::Name, &plain.to_ascii_lowercase())
    };
    let of_property = |property: &Property| matches!(property, Property::Named { name, .. } if is_id(*name));
    let shows = |expr: &Expr| match expr {
        Expr::Text(name) | Expr::Global(name) | Expr::Member { name, .. } => is_id(*name),
        Expr::Import(id) => module
            .imports
            .get(id.0 as usize)
            .is_some_and(|import| matches!(import.what, Imported::Named(name) if is_id(name))),
        Expr::Object(properties) => properties.iter().any(of_property),
        _nothing_with_a_name => false,
    };
    module.nodes.iter().find(|node| shows(&node.expr)).map(|node| Span::new(module.file, node.start, node.end))
}
