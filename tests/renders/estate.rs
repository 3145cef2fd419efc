//! Fixed estates for the renderers, built by hand: none, one, many, odd.

use std::collections::BTreeMap;
use std::sync::Arc;

use archlint::facts::answer::{Answer, Evidence};
use archlint::facts::call::{Layer, LayerKind, Protocol};
use archlint::facts::code::Runtime;
use archlint::facts::declaration::Exposure;
use archlint::facts::network::RouteKind;
use archlint::facts::problem::Problem;
use archlint::facts::suppression::SuppressionForm;
use archlint::graph::model::{
    Access, Call, Channel, Confidence, DanglingCall, Database, Environment, Graph, InfraId, Infrastructure, Join,
    Route, Server, Service, ServiceId, Target, Unresolved,
};
use archlint::judge::finding::{Finding, Judgement, Related, Severity, Suppressed, Undecided};
use archlint::render::outcome::{Coverage, Outcome, RuleText};
use archlint::render::sources::{Sources, Texts};
use archlint::source::file::FileId;
use archlint::source::path::EstatePath;
use archlint::source::redactions::Redactions;
use archlint::source::span::Span;
use archlint::source::symbol::Symbol;

/// A password that stands in a file and may stand in no output.
pub const PASSWORD: &str = "Tr0ub4dor";

/// Files by number: path and text; a file without text is gone.
#[derive(Default)]
pub struct Files(Vec<(EstatePath, Option<Arc<str>>)>);

impl Files {
    pub fn add(&mut self, path: &str, text: Option<&str>) -> FileId {
        self.0.push((EstatePath::new(path), text.map(Arc::from)));
        FileId(self.0.len() as u32 - 1)
    }

    /// The first place of `needle` in a file.
    pub fn span(&self, file: FileId, needle: &str) -> Span {
        let text = self.0[file.0 as usize].1.as_ref().expect("has a text");
        let start = text.find(needle).unwrap_or_else(|| panic!("{needle} is not in the file")) as u32;
        Span::new(file, start, start + needle.len() as u32)
    }
}

impl Texts for Files {
    fn path(&self, file: FileId) -> EstatePath {
        self.0[file.0 as usize].0
    }

    fn text(&self, file: FileId) -> Option<Arc<str>> {
        self.0[file.0 as usize].1.clone()
    }
}

#[derive(Default)]
pub struct Estate {
    pub files: Files,
    pub redactions: Redactions,
    pub graph: Graph,
    pub judgement: Judgement,
    pub coverage: Coverage,
    pub rules: BTreeMap<Symbol, RuleText>,
    pub prefix: String,
}

impl Estate {
    /// Runs `render` over this estate.
    pub fn outcome<T>(&self, render: impl FnOnce(&Outcome<'_>) -> T) -> T {
        let sources = Sources::new(&self.files, &self.redactions);
        render(&Outcome {
            graph: &self.graph,
            judgement: &self.judgement,
            sources: &sources,
            coverage: self.coverage,
            version: "0.1.0",
            rules: &self.rules,
            prefix: &self.prefix,
        })
    }

    fn find(
        &mut self,
        rule: &str,
        severity: Severity,
        subject: (&str, &str),
        message: &str,
        span: Span,
    ) -> &mut Finding {
        let number = self.judgement.findings.len();
        self.judgement.findings.push(Finding {
            rule: Symbol::new(rule),
            category: Symbol::new(match rule {
                "shared-database" | "hardcoded-secret" => "data",
                "run-as-root" => "deployment",
                _ => "resilience",
            }),
            severity,
            confidence: Confidence::Observed,
            message: message.to_owned(),
            span,
            subject_kind: Symbol::new(subject.0),
            subject: subject.1.to_owned(),
            services: Vec::new(),
            related: Vec::new(),
            help: format!("repair {} here", subject.0),
            anchor: format!("{} {}", subject.0, subject.1),
            fingerprint: format!("{number:032x}"),
        });
        self.judgement.findings.last_mut().expect("just added")
    }
}

pub fn service(name: &str, span: Span) -> Service {
    Service {
        name: Symbol::new(name),
        aliases: Vec::new(),
        folder: Some(EstatePath::new(&format!("services/{name}"))),
        runtime: Some(Runtime::Node),
        exposure: None,
        owners: Vec::new(),
        scopes: Vec::new(),
        workloads: vec![Symbol::new(&format!("Deployment {name} (deploy/{name}.yaml)"))],
        namespace: None,
        span,
    }
}

pub fn call(from: u32, to: u32, protocol: Protocol, timeout: Vec<Answer<u64>>, complete: bool, span: Span) -> Call {
    Call {
        from: ServiceId(from),
        to: ServiceId(to),
        protocol,
        confidence: Confidence::Observed,
        evidence: Evidence(vec![span]),
        timeout: timeout.into_iter().map(|answer| Layer { kind: LayerKind::Mesh, answer }).collect(),
        retries: Vec::new(),
        mutating: Answer::unknown("not read"),
        idempotent: Answer::unknown("not read"),
        layers_complete: complete,
        ejects: Answer::unknown("x"),
        encrypted: Answer::unknown("not stated"),
        clients: Vec::new(),
    }
}

pub fn access(service: u32, span: Span) -> Access {
    Access {
        service: ServiceId(service),
        confidence: Confidence::Observed,
        evidence: Evidence(vec![span]),
        credential: None,
        environment: Environment::Unknown,
    }
}

pub fn route(target: Target, kind: RouteKind, host: Option<&str>, public: Answer<bool>, span: Span) -> Route {
    Route {
        target,
        kind,
        host: host.map(Symbol::new),
        path: host.map(|_| Symbol::new("/")),
        port: None,
        public,
        cors: Answer::absent(span),
        grpc: false,
        environment: Environment::Unknown,
        beside_the_real_one: false,
        conditional: false,
        confidence: Confidence::Observed,
        evidence: Evidence(vec![span]),
    }
}

/// A clean estate of one service.
pub fn none() -> Estate {
    let mut estate = Estate::default();
    let file = estate.files.add("package.json", Some("{}\n"));
    estate.graph.services.push(service("web", Span::file_start(file)));
    estate.coverage = Coverage { files_read: 1, ..Coverage::default() };
    estate
}

/// Two services at one database; the marked line holds a password, and a path has spaces.
pub fn one() -> Estate {
    let mut estate = Estate::default();
    let orders =
        format!("# orders\nPORT=80\n\tDATABASE_URL=postgres://shop:{PASSWORD}@db.example/shop # ä\nLOG=info\n");
    let orders = estate.files.add("my services/orders/.env", Some(&orders));
    let billing = format!("DATABASE_URL=postgres://shop:{PASSWORD}@db.example/shop\n");
    let billing = estate.files.add("services/billing/.env", Some(&billing));
    for file in [orders, billing] {
        estate.redactions.add(estate.files.span(file, PASSWORD));
    }
    estate.graph.services =
        vec![service("billing", Span::file_start(billing)), service("orders", Span::file_start(orders))];
    let (here, there) = (estate.files.span(orders, "DATABASE_URL"), estate.files.span(billing, "DATABASE_URL"));
    let port = estate.files.span(orders, "PORT=80");
    estate.graph.databases.push(Database {
        name: Symbol::new("shop"),
        engine: Symbol::new("postgresql"),
        kind: Symbol::new("database"),
        server: Server::Outside(Symbol::new("db.example")),
        schema: None,
        accesses: vec![access(0, there), access(1, here)],
    });
    let finding = estate.find(
        "shared-database",
        Severity::Error,
        ("database", "shop"),
        "billing and orders share the database shop",
        here,
    );
    finding.services = vec![Symbol::new("billing"), Symbol::new("orders")];
    finding.related = vec![
        Related { span: there, message: "billing connects here".to_owned() },
        Related { span: port, message: "orders listens here".to_owned() },
    ];
    estate.coverage = Coverage { files_read: 2, files_unreadable: 0, files_ignored: 1, files_left_out: 0 };
    estate.rules.insert(
        Symbol::new("shared-database"),
        RuleText {
            title: "several services use one database".to_owned(),
            why: "A change of one service's tables breaks the others.\nSet `search_path` <never>.".to_owned(),
            fix: "Give each service its own database.".to_owned(),
            category: "data".to_owned(),
            severity: Some(Severity::Error),
            references: vec!["https://guide.example/data".to_owned(), "A book, page 3".to_owned()],
        },
    );
    estate
}

/// Nine services in a chain, findings of all severities, gaps, everything in the graph.
pub fn many() -> Estate {
    let mut estate = Estate::default();
    let names = ["cart", "catalog", "checkout", "gateway", "mail", "orders", "payment", "stock", "web"];
    let mut text = String::new();
    for name in names {
        text.push_str(&format!("{name}:\n  image: shop/{name}\n"));
    }
    let compose = estate.files.add("deploy/compose.yaml", Some(&text));
    let mesh = estate.files.add("deploy/mesh.yaml", Some("timeout: 1500ms\nretries: 3\n"));
    let gone = estate.files.add("deploy/gone.yaml", None);
    let at: Vec<Span> = names.iter().map(|name| estate.files.span(compose, &format!("shop/{name}"))).collect();
    let (timeout, retries) = (estate.files.span(mesh, "1500ms"), estate.files.span(mesh, "retries"));

    estate.graph.services = names.iter().zip(&at).map(|(name, &span)| service(name, span)).collect();
    estate.graph.services[3].exposure = Some((Exposure::Public, at[3]));
    estate.graph.services[5].aliases = vec![Symbol::new("orders-svc")];
    estate.graph.services[5].owners = vec![Symbol::new("@shop")];
    estate.graph.services[6].folder = None;
    estate.graph.services[6].runtime = None;
    let infra = |name: &str, kind: &str, engine: &str| Infrastructure {
        name: Symbol::new(name),
        aliases: Vec::new(),
        kind: Symbol::new(kind),
        engine: Symbol::new(engine),
        span: timeout,
    };
    estate.graph.infrastructure =
        vec![infra("edge", "proxy", "nginx"), infra("postgres", "database", "postgresql"), infra("trace", "tool", "")];
    let database = |name: &str, server, accesses| Database {
        name: Symbol::new(name),
        engine: Symbol::new("postgresql"),
        kind: Symbol::new("database"),
        server,
        schema: None,
        accesses,
    };
    estate.graph.databases = vec![
        database("orders", Server::Inside(InfraId(1)), vec![access(5, at[5]), access(5, retries), access(6, at[6])]),
        database("stock", Server::Unknown, vec![access(7, at[7])]),
    ];
    let present = |ms| Answer::present(ms, timeout);
    estate.graph.calls = vec![
        call(0, 1, Protocol::Http, vec![present(3000), present(1500)], true, at[0]),
        call(1, 2, Protocol::Grpc, vec![Answer::absent(at[1])], true, at[1]),
        call(2, 5, Protocol::Http, vec![Answer::absent(at[2])], false, at[2]),
        call(3, 0, Protocol::Http, vec![present(0)], true, at[3]),
        call(5, 6, Protocol::Http, Vec::new(), true, at[5]),
        call(6, 7, Protocol::RpcOverBroker, vec![Answer::unknown("set at run time")], true, at[6]),
        call(8, 3, Protocol::GraphQl, Vec::new(), false, at[8]),
    ];
    estate.graph.dangling.push(DanglingCall {
        from: ServiceId(8),
        host: Symbol::new("recommendations"),
        why: Symbol::new("a short name"),
        confidence: Confidence::Configured,
        evidence: Evidence(vec![at[8]]),
    });
    estate.graph.channels.push(Channel {
        name: Symbol::new("order-placed"),
        broker: Symbol::new("kafka"),
        kind: Symbol::new("topic"),
        producers: vec![ServiceId(5)],
        consumers: vec![ServiceId(4)],
        evidence: Evidence(vec![at[5]]),
    });
    let yes = || Answer::present(true, timeout);
    estate.graph.routes = vec![
        route(Target::Service(ServiceId(8)), RouteKind::Ingress, Some("shop.example"), yes(), timeout),
        route(Target::Service(ServiceId(8)), RouteKind::NodePort, None, Answer::absent(timeout), timeout),
        route(Target::Service(ServiceId(7)), RouteKind::LoadBalancer, None, Answer::unknown("a template"), retries),
        route(Target::Infra(InfraId(0)), RouteKind::ComposePort, None, yes(), timeout),
    ];
    estate.graph.routes[3].port = Some(8080);
    estate.graph.unresolved.push(Unresolved {
        span: retries,
        what: Symbol::new("image of container web"),
        why: Symbol::new("the chart's values do not set image.tag"),
    });
    estate.graph.problems.push(Problem {
        span: Span::file_start(gone),
        message: "the mapping on line 3 is never closed".to_owned(),
        help: "close it".to_owned(),
    });
    estate.graph.joins = vec![
        Join {
            subject: Symbol::new("orders"),
            text: "workload orders is the code in services/orders: the image shop/orders is built there".to_owned(),
            span: at[5],
        },
        Join {
            subject: Symbol::new("orders-svc"),
            text: "address orders-svc leads to orders by its selector".to_owned(),
            span: timeout,
        },
        Join {
            subject: Symbol::new("stock"),
            text: "kept apart from stock-sync: two folders match".to_owned(),
            span: at[7],
        },
    ];

    let chain = "web -> gateway -> cart -> catalog -> checkout -> orders -> payment -> stock";
    let message = "a request to web waits for 7 calls in a row";
    let finding = estate.find("deep-sync-chain", Severity::Error, ("chain", chain), message, at[8]);
    for hop in [3, 0, 1, 2, 5, 6, 7] {
        finding.related.push(Related { span: at[hop], message: format!("then {}", names[hop]) });
    }
    for place in [0, 1, 2, 5, 6] {
        let (subject, message) =
            (format!("{} -> x", names[place]), format!("{} calls x with no timeout", names[place]));
        estate.find("missing-timeout", Severity::Error, ("call", &subject), &message, at[place]);
    }
    let finding =
        estate.find("run-as-root", Severity::Warning, ("container", "web/web"), "web/web runs as root", at[8]);
    finding.confidence = Confidence::Inferred;
    let gone_at = Span::new(gone, 40, 50);
    estate.find(
        "unreadable-file",
        Severity::Note,
        ("file", "deploy/gone.yaml"),
        "deploy/gone.yaml cannot be read",
        gone_at,
    );
    for place in [2, 5, 6, 8] {
        estate.judgement.undecided.push(Undecided {
            rule: Symbol::new("missing-timeout"),
            subject_kind: Symbol::new("call"),
            subject: format!("{} -> x", names[place]),
            why: "the caller's source code is not read".to_owned(),
            span: at[place],
        });
    }
    estate.coverage = Coverage { files_read: 120, files_unreadable: 1, files_ignored: 9, files_left_out: 31 };
    estate
}

/// Names and texts that try to leave their place in an output.
pub fn odd() -> Estate {
    let mut estate = Estate::default();
    let long = format!("start {} needle {PASSWORD} {}\n", "x".repeat(500), "y".repeat(500));
    let text = format!("\u{feff}a: `b` | <script>\u{1b}[31m ```\n::error::x\u{202e} ##[warning]\n{long}\n");
    let file = estate.files.add("::odd/a`b|<c> [d].yaml", Some(&text));
    estate.redactions.add(estate.files.span(file, PASSWORD));
    let newline = estate.files.add("two\nlines/\u{1b}[2J.yaml", Some("\r\nx: 1\r\n"));
    let mut first = service("<img src=x>\"]; end\n", Span::file_start(file));
    first.aliases = vec![Symbol::new("a\u{9b}31m")];
    let names = [first, service("@team/`x`|y\\|z", Span::file_start(newline))];
    estate.graph.services = names.into_iter().collect();
    let (script, needle, x) =
        (estate.files.span(file, "<script>"), estate.files.span(file, "needle"), estate.files.span(newline, "x: 1"));
    let command = estate.files.span(file, "::error::x");
    estate.graph.calls = vec![call(0, 1, Protocol::Http, vec![Answer::present(5, x)], true, x)];
    let hostile = "](https://evil.example) **b** <b> & | `c`\r\n::set-output name=a::b\u{1b}]8;;x\u{7}";
    let finding = estate.find("shared-database", Severity::Error, ("database", "a\nb"), hostile, script);
    finding.help = "wrapped ".repeat(9) + " ::stop-commands::x and more of it, $1 ${2} {{ 3 }} {% 4 %}";
    finding.related = vec![
        Related { span: command, message: "::error::here".to_owned() },
        Related { span: x, message: "```\n# heading".to_owned() },
    ];
    estate.find("hardcoded-secret", Severity::Warning, ("secret", "needle"), "a secret [in] a long line", needle);
    estate.find(
        "run-as-root",
        Severity::Note,
        ("container", "c"),
        "the whole file",
        Span::new(newline, 0, 4_000_000_000),
    );
    estate.coverage = Coverage { files_read: 2, ..Coverage::default() };
    estate
}

/// Texts that try to be a command, a tag, a link or an escape sequence wherever they stand.
pub const HOSTILE: &[&str] = &[
    "::error::x",
    "a\n::stop-commands::t\nb",
    "\r::add-mask::x",
    "  ::set-env name=A::b",
    "%0A::warning::x",
    "##[error]x",
    "y ##[add-matcher]x",
    "##vso[task.complete result=Failed;]x",
    "x;code=y;]z %3B %AZP25",
    "\n##vso[task.setvariable variable=A]b",
    "##teamcity[buildStop comment='x']",
    "'] ##teamcity[publishArtifacts 'x']",
    "|n|r|'|]",
    "]]></failure><x/><!--",
    "\"/><error line=\"1\"/>",
    "<script>alert(1)</script>&amp;&lt;",
    "\u{1b}[31mred\u{1b}]8;;https://evil.example\u{7}",
    "\u{9b}2J\u{8}",
    "\u{202e}cod.exe\u{2066}",
    "\u{85}a\u{2028}b\u{2029}c\u{feff}",
    "[a](https://evil.example) ![b](x)",
    "{0} {{1}}",
    "\u{0}\u{fffe}\u{ffff}",
    "```\n# heading\n| a | b |",
    "\"}],\"results\":[{\"x\":\"",
    "\u{e0041}\u{200b}ä語😀",
];

/// Parts of [`HOSTILE`] texts, which make others when they meet.
const PARTS: &[&str] = &[
    "::", "error", " ", "#", "##", "[", "]", "vso", "teamcity", "\n", "\r", "%", "25", "0A", ";", ":", ",", "|", "'",
    "\"", "<", ">", "&", "]]>", "(", ")", "{", "0", "}", "\\", "`", "\u{1b}", "\u{202e}", "\u{85}", "\u{ffff}", "x",
    "ß", "😀", "=", "-",
];

/// Texts put together from such parts, the same ones in every run.
pub fn assembled(seed: u64) -> Vec<String> {
    let mut state = seed;
    // A linear congruential generator with Knuth's constants for MMIX.
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    (0..30).map(|_| (0..2 + next(8)).map(|_| PARTS[next(PARTS.len())]).collect()).collect()
}

/// For every hostile text a file of that name and a finding that repeats it everywhere.
pub fn hostile() -> Estate {
    hostile_of(HOSTILE)
}

/// As [`hostile`], with these texts.
pub fn hostile_of<T: AsRef<str>>(texts: &[T]) -> Estate {
    let mut estate = Estate::default();
    for (number, text) in texts.iter().map(AsRef::as_ref).enumerate() {
        let file = estate.files.add(&format!("{text}/{number}"), Some(&format!("{text}\n{text}")));
        let span = Span::new(file, 0, text.len() as u32);
        let severity = [Severity::Error, Severity::Warning, Severity::Note][number % 3];
        let finding = estate.find("shared-database", severity, ("chain", text), text, span);
        finding.help = (*text).to_owned();
        finding.services = vec![Symbol::new(text)];
        finding.related = vec![Related { span, message: (*text).to_owned() }; 2];
        estate.graph.services.push(service(text, span));
        let finding = estate.judgement.findings.last().expect("just added").clone();
        if number % 2 == 0 {
            estate.judgement.baselined.push(Finding { subject: format!("{text} of old"), ..finding.clone() });
        }
        estate.judgement.suppressed.push(Suppressed {
            finding: Finding {
                fingerprint: format!("{number:032x}:2"),
                subject: format!("{text} accepted"),
                ..finding
            },
            span,
            form: [SuppressionForm::Comment, SuppressionForm::Configuration][number % 2],
            reason: Symbol::new(text),
            expires: None,
        });
    }
    estate
}
