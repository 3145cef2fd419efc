//! What calls to others look like in source code, library by library, and what each does about
//! timeouts and retries where nothing is set: `tables/clients/`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::library::{
    Condition, Knob, Library, Word, choices, conditions, knobs, matches_package, paths, read_rows, shapes, words,
};
use super::pools::{PoolRow, pool_of};
use super::row::RowReader;
use super::shape::{Head, Path, Shape, names_export};
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};

#[cfg(test)]
mod tests;

const FILES: &[&str] = &[
    include_str!("../../tables/clients/graphql.yaml"),
    include_str!("../../tables/clients/http.yaml"),
    include_str!("../../tables/clients/nest.yaml"),
    include_str!("../../tables/clients/rpc.yaml"),
    include_str!("../../tables/clients/sockets.yaml"),
];

/// How the calls of a row travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// `http`
    Http,
    /// `grpc`
    Grpc,
    /// `graphql`
    GraphQl,
    /// `tcp`
    Tcp,
    /// `websocket`
    WebSocket,
    /// `rpc-over-broker`
    RpcOverBroker,
    /// `message`: no call, nobody answers.
    Message,
}

const TRAVELS: [(&str, Travel); 7] = [
    ("http", Travel::Http),
    ("grpc", Travel::Grpc),
    ("graphql", Travel::GraphQl),
    ("tcp", Travel::Tcp),
    ("websocket", Travel::WebSocket),
    ("rpc-over-broker", Travel::RpcOverBroker),
    ("message", Travel::Message),
];

/// Words of a setting and how calls travel by them: `TCP` and `tcp`.
pub type TravelWords = Vec<(Symbol, Travel)>;

/// A library that calls others.
#[derive(Clone, Debug)]
pub struct ClientRow {
    /// Its packages, versions and what it makes.
    pub library: Library,
    /// How its calls travel.
    pub travel: Travel,
    /// Where it says so, and words for it: Nest's `transport`.
    pub travels: Option<(Vec<Path>, TravelWords)>,
    /// What its calls look like; the first that matches counts.
    pub calls: Vec<CallShape>,
    /// Members of a client that call nobody: `close`.
    pub except: Vec<Symbol>,
    /// Where the address stands; a call's own wins over its client's.
    pub address: AddressPaths,
    /// HTTP method; a value is the one where nothing is set.
    pub method: Vec<Word>,
    /// True if a call that is not known to only read may change something: rpcs.
    pub operation: Option<Path>,
    /// What it knows of timeouts.
    pub timeout: TimeoutRow,
    /// What it knows of repeating calls; `None`: it never does.
    pub retries: Option<RetryRow>,
    /// What is said further along the chain: `.timeout(5000)`.
    pub chained: Vec<Chained>,
    /// Settings by which a container makes injected clients.
    pub registrations: Vec<Registration>,
    /// Marks of calls that stay open: no deadline is wanted.
    pub streaming: Vec<Condition>,
    /// Settings that make TLS accept any certificate.
    pub unverified: Vec<Condition>,
    /// Settings by which the client itself stops calling where too much fails.
    pub breaks: Vec<Condition>,
    /// Where it is said that calls are encrypted, if not in the address.
    pub credentials: Option<CredentialsRow>,
    /// What its calls share with those to others; `None`: each client has connections of its own.
    pub pool: Option<PoolRow>,
}

/// How a library is told to encrypt.
#[derive(Clone, Debug, Default)]
pub struct CredentialsRow {
    /// Where the credentials stand.
    pub at: Vec<Path>,
    /// Members that make credentials without encryption: `createInsecure`.
    pub plain: Vec<Symbol>,
    /// Members that make them with it: `createSsl`.
    pub encrypted: Vec<Symbol>,
    /// True if calls are not encrypted where nothing is said.
    pub plain_by_default: bool,
}

/// What one kind of call looks like.
#[derive(Clone, Debug)]
pub struct CallShape {
    /// The shape.
    pub shape: Shape,
    /// Its method, where the shape tells more than the row.
    pub method: Vec<Word>,
    /// Its URL, where it stands elsewhere than the row says.
    pub url: Vec<Path>,
    /// Its travel, where it differs: Nest's `emit`.
    pub travel: Option<Travel>,
    /// True if it stays open.
    pub streaming: bool,
    /// The call only counts where this holds.
    pub only: Vec<Condition>,
}

/// Where the parts of an address stand.
#[derive(Clone, Debug, Default)]
pub struct AddressPaths {
    /// The URL, path or host and port.
    pub url: Vec<Path>,
    /// What stands in front of it.
    pub base: Vec<Path>,
    /// A host by itself.
    pub host: Vec<Path>,
    /// Its port.
    pub port: Vec<Path>,
    /// The path below it.
    pub path: Vec<Path>,
    /// The name of the service called, where the protocol has one (gRPC).
    pub service: Vec<Path>,
    /// The body, for keys of idempotency.
    pub body: Vec<Path>,
    /// The headers.
    pub headers: Vec<Path>,
}

/// What a library does about time.
#[derive(Clone, Debug, Default)]
pub struct TimeoutRow {
    /// Where a call says it.
    pub call: Vec<Knob>,
    /// Where a client says it.
    pub client: Vec<Knob>,
    /// What may hold a limit that cannot be read: `options.dispatcher`.
    pub unclear: Vec<Path>,
    /// Values that switch it off: `0`, `false`.
    pub off: Vec<Symbol>,
    /// In ms where nothing is set; `None`: it waits for ever.
    pub default: Option<u64>,
    /// What code assigns to: `{client}.defaults.timeout`.
    pub assigned: Vec<Shape>,
    /// Shapes that add a function which may set it on each request: `handler` is the function.
    pub interceptors: Vec<Shape>,
    /// Uses that set it for all calls of the process that go through no client of their own:
    /// `setGlobalDispatcher(dispatcher)`.
    pub everywhere: Vec<Shape>,
    /// Where those say it.
    pub everywhere_at: Vec<Knob>,
    /// The line that sets it, for people: `timeout: 5000`.
    pub help: Option<Symbol>,
    /// Where that line goes: for a client that is made once, and for a call by itself.
    /// `in the settings of axios.create`
    pub put: Option<(Symbol, Symbol)>,
}

/// What a library does about repeating.
#[derive(Clone, Debug, Default)]
pub struct RetryRow {
    /// How often; a value is the number where nothing is set, `unlimited` among them.
    pub count: Vec<Word>,
    /// It repeats only where all of these hold: `settings.retryPolicy.enabled is true`.
    pub only: Vec<Condition>,
    /// True if the number holds the first attempt.
    pub counts_first: bool,
    /// Where `true` means without end: `options.forever`.
    pub forever: Vec<Word>,
    /// Wait before the first repetition, in ms.
    pub delay: Vec<Word>,
    /// How waits grow: `none`, `constant`, `linear`, `exponential`, or a factor.
    pub backoff: Vec<Word>,
    /// Whether waits are random: `true`, `false`.
    pub jitter: Vec<Word>,
    /// Longest wait in ms.
    pub longest: Vec<Word>,
    /// HTTP methods that are repeated where nothing is set; empty: all.
    pub methods: Vec<Symbol>,
    /// What may widen the methods: `options.retryCondition`.
    pub widened: Vec<Path>,
    /// Values of `backoff` and `delay` that stand for a way to wait.
    pub strategies: Vec<Strategy>,
    /// The line that makes waits grow and differ, for people: `randomize: true`.
    pub help: Option<Symbol>,
}

/// A named way to wait.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// Its shape: `#exponentialDelay`, `new #ExponentialBackoff(options)`.
    pub shape: Shape,
    /// How it grows.
    pub backoff: Symbol,
    /// Whether it is random; `None`: it depends.
    pub jitter: Option<bool>,
}

/// A step further along the chain of a call.
#[derive(Clone, Debug)]
pub struct Chained {
    /// `{call}.timeout(limit)`
    pub shape: Shape,
    /// Where it says how long.
    pub timeout: Vec<Knob>,
    /// Where it says how often to repeat.
    pub retries: Vec<Word>,
    /// The URL.
    pub url: Vec<Path>,
    /// The call stays open where this holds.
    pub streaming: Vec<Condition>,
}

/// Settings by which a container makes injected clients; they are bound to `registration`.
#[derive(Clone, Debug)]
pub struct Registration {
    /// `#HttpModule.register(options)`
    pub shape: Shape,
    /// The settings, or the list of them.
    pub settings: Vec<Path>,
    /// A function that gives the settings: `options.useFactory`.
    pub factory: Vec<Path>,
    /// True if `settings` is a list.
    pub each: bool,
    /// The name that a client is injected by.
    pub token: Option<Path>,
}

const ROW_KEYS: [&str; 23] = [
    "protocol",
    "protocols",
    "calls",
    "except",
    "url",
    "base",
    "host",
    "port",
    "path",
    "service",
    "body",
    "headers",
    "method",
    "operation",
    "timeout",
    "retries",
    "chained",
    "registrations",
    "streaming",
    "unverified",
    "breaks",
    "credentials",
    "pool",
];

/// The libraries that call others.
#[derive(Debug)]
pub struct Clients {
    /// All rows, in the order of their files; of two about one package, the newer version stands
    /// first.
    pub rows: Vec<ClientRow>,
    by_start: FxHashMap<Symbol, Vec<usize>>,
    beginnings: Vec<(Symbol, usize)>,
}

/// What archlint knows about libraries that call others.
pub fn clients() -> &'static Clients {
    static CLIENTS: LazyLock<Clients> = LazyLock::new(|| Clients::read(FILES).0);
    &CLIENTS
}

impl Clients {
    /// Reads tables; the second is what is wrong with them.
    pub fn read(texts: &[&str]) -> (Self, Vec<SyntaxProblem>) {
        let (rows, problems) = read_rows(texts, &ROW_KEYS, row_of);
        let mut clients = Self { rows: Vec::new(), by_start: FxHashMap::default(), beginnings: Vec::new() };
        for row in rows {
            let index = clients.rows.len();
            for start in row.library.starts(row.calls.iter().map(|call| &call.shape)) {
                if start.ends_with('*') {
                    clients.beginnings.push((start, index));
                } else {
                    clients.by_start.entry(start).or_default().push(index);
                }
            }
            clients.rows.push(row);
        }
        (clients, problems)
    }

    /// True if a row knows the class `name` of generated code: `StockClient` of `generated`.
    pub fn generated(&self, package: Symbol, name: Symbol) -> bool {
        self.rows.iter().any(|row| {
            row.library.makes.iter().any(|(_, shape)| match &shape.head {
                Head::Export { package: of, names, .. } => {
                    let here = of.map_or_else(|| row.library.is_of(package), |of| matches_package(&of, &package));
                    here && names.iter().any(|known| names_export(known, &name))
                }
                Head::Global(_) | Head::Made(_) => false,
            })
        })
    }

    /// Rows whose shapes may start in `package`; `global` for names of the environment.
    pub fn of(&self, package: Symbol) -> impl Iterator<Item = (usize, &ClientRow)> {
        let exact = self.by_start.get(&package).into_iter().flatten().copied();
        let begun = self.beginnings.iter().filter(move |(start, _)| matches_package(start, &package));
        exact.chain(begun.map(|(_, index)| *index)).filter_map(|index| Some((index, self.rows.get(index)?)))
    }
}

fn credentials_of(node: Node<'_>, reader: &mut RowReader<'_, '_>) -> CredentialsRow {
    check_keys(node, &["at", "plain", "encrypted", "default"], reader);
    let names = |key: &str| {
        node.get(key).into_iter().flat_map(Node::items).filter_map(|item| Some(Symbol::new(item.raw()?))).collect()
    };
    let default = node.get("default").and_then(Node::raw);
    if default.is_some_and(|word| !matches!(word, "plain" | "unknown")) {
        reader.problem_here("`default` of credentials is `plain` or `unknown`".to_owned());
    }
    CredentialsRow {
        at: paths(node, "at", reader),
        plain: names("plain"),
        encrypted: names("encrypted"),
        plain_by_default: default == Some("plain"),
    }
}

fn row_of(node: Node<'_>, reader: &mut RowReader<'_, '_>) -> Option<ClientRow> {
    let library = Library::read(node, reader)?;
    let travel = reader.word("protocol", &TRAVELS.map(|(word, _)| word), travel_of);
    if travel.is_none() {
        reader.problem_here("the row has no protocol".to_owned());
    }
    let calls: Vec<CallShape> = node
        .get("calls")
        .into_iter()
        .flat_map(Node::items)
        .flat_map(|item| call_shapes(item, &library, reader))
        .collect();
    if calls.is_empty() {
        reader.problem_here("there is no list of calls".to_owned());
    }
    for call in &calls {
        library.check(&call.shape, reader);
    }
    let address = AddressPaths {
        url: paths(node, "url", reader),
        base: paths(node, "base", reader),
        host: paths(node, "host", reader),
        port: paths(node, "port", reader),
        path: paths(node, "path", reader),
        service: paths(node, "service", reader),
        body: paths(node, "body", reader),
        headers: paths(node, "headers", reader),
    };
    let names: Vec<Symbol> = calls.iter().flat_map(|call| call.shape.names()).collect();
    let timeout = node.get("timeout").map(|timeout| timeout_of(timeout, reader)).unwrap_or_default();
    let mut names_of_client = names.clone();
    names_of_client.extend(library.makes.iter().flat_map(|(_, shape)| shape.names()));
    names_of_client.push(Symbol::new("registration"));
    let travels = node.get("protocols").map(|protocols| {
        let words = protocols
            .get("words")
            .map(Node::entries)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(word, travel)| Some((Symbol::new(word.raw()?), travel_of(travel.raw()?)?)));
        let words: Vec<_> = words.collect();
        (paths(protocols, "from", reader), words)
    });
    Some(ClientRow {
        travel: travel?,
        travels,
        address,
        method: choices(node, "method", &names_of_client),
        operation: paths(node, "operation", reader).into_iter().next(),
        timeout,
        retries: node.get("retries").map(|retries| retry_of(retries, &names_of_client, reader)),
        chained: node
            .get("chained")
            .into_iter()
            .flat_map(Node::items)
            .flat_map(|item| {
                check_keys(item, &["shape", "timeout", "retries", "url", "streaming"], reader);
                let shapes = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
                let all = shapes.into_iter().map(|shape| {
                    let names = shape.names();
                    Chained {
                        timeout: knobs(item, "timeout", reader),
                        retries: choices(item, "retries", &names),
                        url: paths(item, "url", reader),
                        streaming: conditions(item, "streaming", reader),
                        shape,
                    }
                });
                all.collect::<Vec<_>>()
            })
            .collect(),
        registrations: node
            .get("registrations")
            .into_iter()
            .flat_map(Node::items)
            .flat_map(|item| {
                check_keys(item, &["shape", "settings", "factory", "each", "token"], reader);
                let shapes = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
                let all = shapes.into_iter().map(|shape| Registration {
                    shape,
                    settings: paths(item, "settings", reader),
                    factory: paths(item, "factory", reader),
                    each: item.get("each").and_then(Node::bool) == Some(true),
                    token: paths(item, "token", reader).into_iter().next(),
                });
                all.collect::<Vec<_>>()
            })
            .collect(),
        except: reader.list("except").iter().map(|name| Symbol::new(name)).collect(),
        streaming: conditions(node, "streaming", reader),
        unverified: conditions(node, "unverified", reader),
        breaks: conditions(node, "breaks", reader),
        credentials: node.get("credentials").map(|credentials| credentials_of(credentials, reader)),
        pool: node.get("pool").and_then(|pool| pool_of(pool, reader)),
        calls,
        library,
    })
}

fn call_shapes(item: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> Vec<CallShape> {
    if !item.is_mapping() {
        let plain = shapes(item, reader).into_iter();
        return plain
            .map(|shape| CallShape {
                shape,
                method: Vec::new(),
                url: Vec::new(),
                travel: None,
                streaming: false,
                only: Vec::new(),
            })
            .collect();
    }
    check_keys(item, &["shape", "method", "url", "protocol", "streaming", "only"], reader);
    let all = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
    let all = all.into_iter().map(|shape| {
        let mut names = shape.names();
        names.extend(library.makes.iter().flat_map(|(_, shape)| shape.names()));
        CallShape {
            method: choices(item, "method", &names),
            url: paths(item, "url", reader),
            travel: item.get("protocol").and_then(Node::raw).and_then(travel_of),
            streaming: item.get("streaming").and_then(Node::bool) == Some(true),
            only: conditions(item, "only", reader),
            shape,
        }
    });
    all.collect()
}

fn timeout_of(node: Node<'_>, reader: &mut RowReader<'_, '_>) -> TimeoutRow {
    check_keys(
        node,
        &[
            "call",
            "client",
            "unclear",
            "off",
            "default",
            "assigned",
            "interceptors",
            "everywhere",
            "everywhere_at",
            "help",
            "put",
        ],
        reader,
    );
    let default = node.get("default").and_then(Node::raw).unwrap_or("none");
    let number = default.parse::<u64>().ok();
    if number.is_none() && default != "none" {
        reader.problem(node.span(), format!("default is a number of ms, or `none`, not {default}"));
    }
    let listed = |key| node.get(key).map(words).unwrap_or_default();
    TimeoutRow {
        call: knobs(node, "call", reader),
        client: knobs(node, "client", reader),
        unclear: paths(node, "unclear", reader),
        off: listed("off").into_iter().map(Symbol::new).collect(),
        default: number,
        assigned: node.get("assigned").map(|value| shapes(value, reader)).unwrap_or_default(),
        interceptors: node.get("interceptors").map(|value| shapes(value, reader)).unwrap_or_default(),
        everywhere: node.get("everywhere").map(|value| shapes(value, reader)).unwrap_or_default(),
        everywhere_at: knobs(node, "everywhere_at", reader),
        help: node.get("help").and_then(Node::text).map(Symbol::new),
        put: node.get("put").and_then(|put| {
            let of = |key| put.get(key).and_then(Node::text).or_else(|| put.text()).map(Symbol::new);
            Some((of("client")?, of("call")?))
        }),
    }
}

/// Reads what a library, or something around a call, does about repeating. Paths start with one
/// of `names`.
pub fn retry_of(node: Node<'_>, names: &[Symbol], reader: &mut RowReader<'_, '_>) -> RetryRow {
    check_keys(
        node,
        &[
            "count",
            "counts",
            "only",
            "forever",
            "delay",
            "backoff",
            "jitter",
            "longest",
            "methods",
            "widened",
            "strategies",
            "help",
        ],
        reader,
    );
    let counts = node.get("counts").and_then(Node::raw).unwrap_or("retries");
    if !matches!(counts, "retries" | "attempts") {
        reader.problem(node.span(), format!("counts is `retries` or `attempts`, not {counts}"));
    }
    let strategies = node.get("strategies").into_iter().flat_map(Node::items).flat_map(|item| {
        check_keys(item, &["shape", "backoff", "jitter"], reader);
        let shapes = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
        let all = shapes.into_iter().map(|shape| Strategy {
            shape,
            backoff: Symbol::new(item.get("backoff").and_then(Node::raw).unwrap_or("")),
            jitter: item.get("jitter").and_then(Node::bool),
        });
        all.collect::<Vec<_>>()
    });
    let strategies = strategies.collect();
    RetryRow {
        count: choices(node, "count", names),
        only: conditions(node, "only", reader),
        counts_first: counts == "attempts",
        forever: choices(node, "forever", names),
        delay: choices(node, "delay", names),
        backoff: choices(node, "backoff", names),
        jitter: choices(node, "jitter", names),
        longest: choices(node, "longest", names),
        methods: node.get("methods").map(words).unwrap_or_default().into_iter().map(Symbol::new).collect(),
        widened: paths(node, "widened", reader),
        strategies,
        help: node.get("help").and_then(Node::text).map(Symbol::new),
    }
}

/// Notes keys of a part of a row that are none of `keys`.
pub fn check_keys(node: Node<'_>, keys: &[&str], reader: &mut RowReader<'_, '_>) {
    for (key, _) in node.own_entries() {
        if !key.raw().is_some_and(|name| keys.contains(&name)) {
            let name = key.raw().unwrap_or("this");
            reader.problem(key.span(), format!("{name} is no key here; keys are {}", keys.join(", ")));
        }
    }
}

fn travel_of(word: &str) -> Option<Travel> {
    TRAVELS.iter().find(|(known, _)| *known == word).map(|(_, travel)| *travel)
}
