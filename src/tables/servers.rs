//! Which export of a framework makes code answer to somebody: `tables/servers/`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const TEXTS: [&str; 3] = [
    include_str!("../../tables/servers/routers.yaml"),
    include_str!("../../tables/servers/decorators.yaml"),
    include_str!("../../tables/servers/calls.yaml"),
];

const KEYS: [&str; 6] = ["means", "value", "packages", "exports", "source", "checked"];

macro_rules! meanings {
    ($($(#[doc = $doc:expr])+ $name:ident = $word:literal,)+) => {
        /// What an export is for; tables spell it as in the comments.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Means {
            $($(#[doc = $doc])+ $name,)+
        }

        const MEANINGS: &[(&str, Means)] = &[$(($word, Means::$name)),+];
    };
}

meanings! {
    /// `express-app`: an application of Express or alike.
    ExpressApp = "express-app",
    /// `express-router`: routes that an application of Express is to use.
    ExpressRouter = "express-router",
    /// `fastify-app`
    FastifyApp = "fastify-app",
    /// `koa-app`
    KoaApp = "koa-app",
    /// `koa-router`
    KoaRouter = "koa-router",
    /// `koa-mount`: `mount('/api', app)`.
    KoaMount = "koa-mount",
    /// `hono-app`
    HonoApp = "hono-app",
    /// `hapi-server`
    HapiServer = "hapi-server",
    /// `http-server`: the language's own server.
    HttpServer = "http-server",
    /// `module`: a class that lists what a container makes.
    Module = "module",
    /// `global-module`: what it provides is for all.
    GlobalModule = "global-module",
    /// `combined`: several decorators in one.
    Combined = "combined",
    /// `controller`: a class whose methods answer by HTTP.
    Controller = "controller",
    /// `route`: a method that answers by HTTP.
    Route = "route",
    /// `version`: of a route.
    Version = "version",
    /// `header`: a parameter that is a header.
    Header = "header",
    /// `body`: a parameter that is the body.
    Body = "body",
    /// `before`: what runs before a route.
    Before = "before",
    /// `grpc-method`
    GrpcMethod = "grpc-method",
    /// `message`: a method that answers to a message.
    Message = "message",
    /// `event`: a method that takes a message.
    Event = "event",
    /// `client`: a field that is a client made of the decorator's options.
    Client = "client",
    /// `resolver`: a class of fields of a GraphQL schema.
    Resolver = "resolver",
    /// `graphql`: a query, mutation or subscription.
    GraphQl = "graphql",
    /// `graphql-field`: a field of another type.
    GraphQlField = "graphql-field",
    /// `gateway`: a class that answers by web sockets.
    Gateway = "gateway",
    /// `socket`: a method that answers to a message of a web socket.
    Socket = "socket",
    /// `cron`: a method that a clock starts.
    Cron = "cron",
    /// `interval`: a method that is started every so many ms.
    Interval = "interval",
    /// `nest-app`
    NestApp = "nest-app",
    /// `nest-microservice`
    NestMicroservice = "nest-microservice",
    /// `nest-context`: a container without a server.
    NestContext = "nest-context",
    /// `nest-clients`: clients by name.
    NestClients = "nest-clients",
    /// `nest-http`: the settings of an HTTP client.
    NestHttp = "nest-http",
    /// `nest-routes`: prefixes of modules.
    NestRoutes = "nest-routes",
    /// `nest-forward`: a class that is named before it is there.
    NestForward = "nest-forward",
    /// `nest-graphql`
    NestGraphQl = "nest-graphql",
    /// `resolvers`: a schema with its resolvers.
    Resolvers = "resolvers",
    /// `merged`: resolvers put together of several.
    Merged = "merged",
    /// `mercurius`: a plugin that takes resolvers as its options.
    Mercurius = "mercurius",
    /// `grpc-server`
    GrpcServer = "grpc-server",
    /// `grpc-package`: services by the names of their contract.
    GrpcPackage = "grpc-package",
    /// `nice-grpc`
    NiceGrpc = "nice-grpc",
    /// `trpc`
    Trpc = "trpc",
    /// `moleculer-broker`
    MoleculerBroker = "moleculer-broker",
    /// `azure-app`: an HTTP function.
    AzureApp = "azure-app",
    /// `azure-timer`
    AzureTimer = "azure-timer",
    /// `cloud-function`
    CloudFunction = "cloud-function",
    /// `schedule`: a function that a clock starts.
    Schedule = "schedule",
}

/// What an export is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What.
    pub means: Means,
    /// `ANY`, where the export's name does not say it.
    pub value: Option<Symbol>,
}

/// The rows.
#[derive(Debug, Default)]
pub struct Servers {
    by_export: FxHashMap<(Symbol, Symbol), Meaning>,
}

impl Servers {
    /// What `Router` of `express` is for; a package as a whole is its `default`.
    pub fn meaning_of(&self, package: Symbol, export: &str) -> Option<Meaning> {
        let export = if export.is_empty() { "default" } else { export };
        self.by_export.get(&(package, Symbol::new(export))).copied()
    }
}

/// What archlint knows about frameworks.
pub fn servers() -> &'static Servers {
    static SERVERS: LazyLock<Servers> = LazyLock::new(|| read(&TEXTS).0);
    &SERVERS
}

fn read(texts: &[&str]) -> (Servers, Vec<SyntaxProblem>) {
    let mut servers = Servers::default();
    let mut problems = Vec::new();
    for text in texts {
        let tree = yaml::parse(FileId(0), text);
        problems.extend(tree.problems.iter().cloned());
        for document in tree.documents() {
            RowReader::new(document, &["rows"], &mut problems).required_list("rows");
            for node in document.get("rows").into_iter().flat_map(Node::items) {
                let mut reader = RowReader::new(node, &KEYS, &mut problems);
                read_row(&mut reader, &mut servers);
            }
        }
    }
    (servers, problems)
}

fn read_row(reader: &mut RowReader<'_, '_>, servers: &mut Servers) {
    let words: Vec<&str> = MEANINGS.iter().map(|(word, _)| *word).collect();
    reader.required("means");
    let means =
        reader.word("means", &words, |text| MEANINGS.iter().find(|(word, _)| *word == text).map(|(_, means)| *means));
    let value = reader.optional("value").map(Symbol::new);
    let packages = reader.list("packages");
    let exports = reader.list("exports");
    let checked = reader.required("checked");
    if reader.required("source").is_none_or(|source| !source.starts_with("http")) || checked.is_none() {
        reader.problem_here("source is an address, checked a month".to_owned());
    }
    if packages.is_empty() || exports.is_empty() {
        reader.problem_here("a row names packages and exports".to_owned());
    }
    let Some(means) = means else { return };
    for package in &packages {
        for export in &exports {
            let known = servers.by_export.insert((Symbol::new(package), Symbol::new(export)), Meaning { means, value });
            if known.is_some() {
                reader.problem_here(format!("{export} of {package} has a row already"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Means, TEXTS, read, servers};
    use crate::source::symbol::Symbol;

    #[test]
    fn shipped_tables_have_no_problems() {
        let (table, problems) = read(&TEXTS);
        assert_eq!(problems, []);
        assert!(table.by_export.len() > 80);
    }

    #[test]
    fn exports_are_found_by_package_and_name() {
        let means = |package: &str, export: &str| {
            servers().meaning_of(Symbol::new(package), export).map(|meaning| meaning.means)
        };
        assert_eq!(means("express", ""), Some(Means::ExpressApp));
        assert_eq!(means("express", "Router"), Some(Means::ExpressRouter));
        assert_eq!(means("express", "json"), None);
        assert_eq!(means("@nestjs/common", "Get"), Some(Means::Route));
    }
}
