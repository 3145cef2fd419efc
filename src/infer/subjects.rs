//! The subjects that rules judge, with every attribute that they may ask for.
//!
//! The one list: it type-checks rules, and the reference page is generated from it.

use super::vocabulary::{AttributeDef, SubjectDef, Type};

const TEXTS: Type = Type::List(&Type::Text);

const fn attribute(name: &'static str, ty: Type, doc: &'static str) -> AttributeDef {
    AttributeDef { name, ty, unit: "", doc, optional: false }
}

const fn optional(name: &'static str, ty: Type, unit: &'static str, doc: &'static str) -> AttributeDef {
    AttributeDef { name, ty, unit, doc, optional: true }
}

const CONFIDENCE: AttributeDef = attribute(
    "confidence",
    Type::Text,
    "`declared`, `observed`, `configured` or `inferred`: the weakest evidence on the way",
);
const ENVIRONMENT: AttributeDef =
    attribute("environment", Type::Text, "what the file is for: `production`, `development`, `test` or `unknown`");

/// All subjects, sorted by kind.
pub const SUBJECTS: &[SubjectDef] = &[
    SubjectDef {
        kind: "call",
        doc: "synchronous requests from one service to another over one protocol",
        attributes: &[
            attribute("from", Type::Text, "the calling service"),
            attribute("to", Type::Text, "the called service; the host where nothing answers"),
            attribute("protocol", Type::Text, "`http`, `grpc`, `graphql`, `tcp`, `websocket` or `rpc-over-broker`"),
            CONFIDENCE,
            attribute("resolved", Type::Bool, "something in the estate answers to the target"),
            attribute(
                "target_clue",
                Type::Text,
                "why a target that nothing answers looks internal; empty for the others",
            ),
            attribute(
                "library",
                Type::Text,
                "the client library, as its package is called; empty where no code shows it",
            ),
            attribute(
                "timeout_knob",
                Type::Text,
                "how a timeout is set with this library, as a line to paste; empty where none is known",
            ),
            optional(
                "timeout_ms",
                Type::Int,
                "ms",
                "longest time the caller waits, over all layers; the smallest wins",
            ),
            optional("breaker", Type::Bool, "", "something stops calling while the callee keeps failing"),
            attribute("callers", Type::Int, "how many services call the callee"),
            attribute("by_proxy", Type::Bool, "only the configuration of a reverse proxy shows it"),
            optional(
                "callee_waits_ms",
                Type::Int,
                "ms",
                "longest time that the callee waits for one of its own calls, attempts included; absent where it makes none",
            ),
            attribute(
                "callee_waits_for",
                Type::Text,
                "the service that the callee waits for longest; empty where it waits for none",
            ),
            optional(
                "retries",
                Type::Int,
                "",
                "how often the call is repeated when it fails, the layers' retries multiplied; absent where no layer retries",
            ),
            optional("mutating", Type::Bool, "", "some request of the call may change something at the callee"),
            optional("idempotent", Type::Bool, "", "repeating the call's requests is declared or known to be safe"),
        ],
    },
    SubjectDef {
        kind: "chain",
        doc: "services that call each other one after the other, synchronously; maximal, grouped by the call that carries most of them",
        attributes: &[
            attribute("services", Type::Int, "how many services a request passes on the longest chain of the group"),
            attribute("hops", TEXTS, "the services of the longest chain in order"),
            attribute("carrier", Type::Text, "the call whose removal breaks most chains: `orders -> billing`"),
            attribute(
                "chains",
                Type::Int,
                "how many maximal chains that call carries; at most a million is counted out",
            ),
            attribute(
                "level",
                Type::Text,
                "`request` where handlers were followed, `service` where only services are known to call each other",
            ),
            CONFIDENCE,
        ],
    },
    SubjectDef {
        kind: "connection",
        doc: "a connection to a database as source code opens it",
        attributes: &[
            attribute("service", Type::Text, "the service whose code opens it"),
            attribute("library", Type::Text, "the library, as its package is called; empty where it is not seen"),
            attribute("engine", Type::Text, "`postgresql`, `mongodb`; empty where the code does not tell"),
            optional("synchronizes", Type::Bool, "", "tables are changed to fit the code when the service starts"),
            optional("unverified", Type::Bool, "", "any certificate is accepted from the server"),
        ],
    },
    SubjectDef {
        kind: "container",
        doc: "a container of a workload in its worst variant, or an image recipe that no workload runs",
        attributes: &[
            attribute("service", Type::Text, "the service or infrastructure that it belongs to"),
            attribute("deployed", Type::Bool, "a workload of the estate runs it; false for a recipe that nothing runs"),
            attribute("infrastructure", Type::Bool, "it belongs to known software, not to a service"),
            attribute("platform", Type::Text, "`kubernetes`, `compose`; empty for a recipe that nothing runs"),
            attribute("role", Type::Text, "`main`, `init`, `sidecar`, `ephemeral`"),
            ENVIRONMENT,
            optional(
                "root",
                Type::Text,
                "",
                "as whom it runs: `certain` (uid 0), `drops` (starts as uid 0, and the image's entrypoint steps down), `unprevented` (nothing is known of the image and nothing keeps it from running as uid 0), `no`",
            ),
            attribute(
                "root_words",
                Type::Text,
                "`root` in words: `runs as root`, `may run as root`, `starts as root`, `does not run as root`",
            ),
            attribute("root_reason", Type::Text, "what decides as whom it runs, in words"),
            optional("privileged", Type::Bool, "", "it has all rights of the host"),
            attribute(
                "rights",
                Type::Text,
                "rights over the host in words: `privileged`, `adds NET_ADMIN and SYS_PTRACE`; empty where there are none",
            ),
            attribute("capabilities", TEXTS, "capabilities added, upper case without `CAP_`"),
            optional(
                "hardening_missing",
                TEXTS,
                "",
                "what a Kubernetes container does not state of: `a ban on escalation`, `dropped capabilities`, `a seccomp profile`, `a read-only root`",
            ),
            optional(
                "resources_missing",
                TEXTS,
                "",
                "what is missing of: `a CPU request`, `a memory request`, `a memory limit`",
            ),
            optional(
                "readiness",
                Type::Text,
                "",
                "the readiness probe: `http /healthz 8080`, `tcp 5432`; empty where a part of it is computed",
            ),
            optional("liveness", Type::Text, "", "the liveness probe, spelled likewise"),
            optional("routed", Type::Bool, "", "a Kubernetes Service sends requests to it"),
            attribute("image", Type::Text, "the image's name; empty where it is not known, and for a recipe"),
            optional("pinned", Type::Bool, "", "the image's name holds a digest, or a tag other than `latest`"),
            attribute("built_here", Type::Bool, "the estate builds the image, or holds the service's code"),
            attribute("ignored_settings", TEXTS, "security settings that stand where the platform ignores them"),
        ],
    },
    SubjectDef {
        kind: "credential",
        doc: "a login to a database server: a user name with its password, or a key of a Secret",
        attributes: &[
            attribute("name", Type::Text, "the user's name, or the key of the Secret"),
            attribute("server", Type::Text, "the server that it logs in to"),
            attribute("services", TEXTS, "the services that use it"),
            attribute("users", Type::Int, "how many services use it"),
            CONFIDENCE,
        ],
    },
    SubjectDef {
        kind: "cycle",
        doc: "services that call each other synchronously in a circle",
        attributes: &[
            attribute("services", Type::Int, "how many services are in the circle"),
            attribute("hops", TEXTS, "a shortest circle in order, the first service again at the end"),
            attribute("entangled", Type::Int, "how many services reach each other, in this circle and others"),
            CONFIDENCE,
        ],
    },
    SubjectDef {
        kind: "database",
        doc: "a logical database: engine, server and name, and schema where services are confined to one",
        attributes: &[
            attribute("name", Type::Text, "its name"),
            attribute(
                "engine",
                Type::Text,
                "`postgresql`, `mysql`, `mongodb`, `redis` …; `sql` where the engine is not known",
            ),
            attribute("kind", Type::Text, "`database`, `cache` or `search`"),
            attribute("server", Type::Text, "its server; empty where it is not known"),
            attribute("services", TEXTS, "the services that connect"),
            attribute("users", Type::Int, "how many services connect"),
            attribute(
                "scope",
                Type::Text,
                "a compliance scope that some of its services are in and others are not; empty where there is none",
            ),
            attribute("inside_scope", TEXTS, "its services in that scope"),
            attribute("outside_scope", TEXTS, "its services outside of that scope"),
            optional("key_space_shared", Type::Bool, "", "several services use the same keys; for caches"),
            CONFIDENCE,
        ],
    },
    SubjectDef {
        kind: "database_server",
        doc: "a server that holds databases, caches or queues: a workload of the estate or a host outside",
        attributes: &[
            attribute("name", Type::Text, "its name"),
            attribute("engine", Type::Text, "its engine"),
            attribute("kind", Type::Text, "`database`, `cache`, `broker`, `search`"),
            attribute("services", TEXTS, "the services with a database on it"),
            attribute("users", Type::Int, "how many services have a database on it"),
            attribute("databases", Type::Int, "how many logical databases are used on it"),
            attribute("inside", Type::Bool, "it runs in the estate"),
            optional(
                "exposed",
                Type::Bool,
                "",
                "it can be reached from outside: load balancer, node port, ingress, or a port published on all interfaces",
            ),
            optional("strangers", TEXTS, "", "services that can open a connection to it and do not use it; at most 20"),
            attribute("door", Type::Text, "the way it is reached from outside, in words; empty where there is none"),
            ENVIRONMENT,
            CONFIDENCE,
        ],
    },
    SubjectDef {
        kind: "dead_letter_queue",
        doc: "a queue or topic whose name says that it keeps messages nobody could handle",
        attributes: &[
            attribute("name", Type::Text, "its name: `orders-dlq`"),
            attribute("broker", Type::Text, "`kafka`, `rabbitmq`, `redis` …; empty where the code does not tell"),
            attribute("services", TEXTS, "services that publish to it or take messages of it"),
            optional("alert", Type::Text, "", "the alert that uses it, or speaks of dead letters"),
            optional(
                "replay",
                Type::Text,
                "",
                "what brings messages back: the service that consumes it, or the runbook that tells how",
            ),
        ],
    },
    SubjectDef {
        kind: "endpoint",
        doc: "an operation that a service answers for, as its contract states it",
        attributes: &[
            attribute("service", Type::Text, "the service; empty where the contract's owner is not known"),
            attribute("operation", Type::Text, "`POST /orders`, `shop.orders.v1.OrderService/Place`"),
            attribute("contract", Type::Text, "`proto` or `openapi`"),
            attribute(
                "effect",
                Type::Text,
                "`reads`, `mutates`, `mutates-idempotently`, `session` (sign-in, token refresh) or `unclear`",
            ),
            attribute("effect_basis", Type::Text, "what the effect was read from: `declared`, `verb` or `name`"),
            optional("idempotency", Type::Text, "", "what makes repeating it safe: `header`, `field` or `declared`"),
            CONFIDENCE,
        ],
    },
    SubjectDef {
        kind: "estate",
        doc: "everything that is looked at, where it has services",
        attributes: &[
            attribute("services", Type::Int, "how many services there are"),
            attribute("owners", TEXTS, "who owns any of them"),
            attribute("unowned", Type::Int, "how many services have no owner that is known"),
        ],
    },
    SubjectDef {
        kind: "file",
        doc: "a file that could not be read in full",
        attributes: &[
            attribute("path", Type::Text, "its path"),
            attribute("problem", Type::Text, "what is wrong with it"),
            attribute("repair", Type::Text, "what to do about it"),
        ],
    },
    SubjectDef {
        kind: "install",
        doc: "a command of an image recipe or a pipeline that installs what others wrote",
        attributes: &[
            attribute("tool", Type::Text, "`npm`, `yarn`, `pnpm`, `bun`, `cargo`, `pip`, `go`"),
            attribute("command", Type::Text, "the command: `npm install`"),
            attribute("place", Type::Text, "`recipe` or `pipeline`"),
            ENVIRONMENT,
            attribute("moves", Type::Bool, "it may install something else tomorrow"),
            attribute("reason", Type::Text, "why, in words; empty where it installs the same"),
            attribute("runs_scripts", Type::Bool, "it runs install scripts of dependencies"),
            attribute("fix", Type::Text, "what to use instead: `npm ci`"),
        ],
    },
    SubjectDef {
        kind: "mesh",
        doc: "a service mesh that workloads are put into or that the estate installs",
        attributes: &[
            attribute("name", Type::Text, "`istio`, `linkerd`"),
            attribute("members", Type::Int, "how many services and pieces of infrastructure are put into it"),
            attribute(
                "uses",
                TEXTS,
                "what it is used for: `authorization`, `mutual TLS`, `retries`, `routing`, `telemetry`, `timeouts`",
            ),
        ],
    },
    SubjectDef {
        kind: "pipeline",
        doc: "the pipelines of a repository that build or ship services, or their absence from the estate",
        attributes: &[
            attribute("path", Type::Text, "the first of its files that builds; empty where there is no pipeline"),
            attribute("exists", Type::Bool, "there is one"),
            attribute("services", TEXTS, "the services of the repository"),
            optional("complete", Type::Bool, "", "it does all that is asked for; absent where something is missing"),
            attribute("missing", TEXTS, "what is missing, in words"),
        ],
    },
    SubjectDef {
        kind: "route",
        doc: "a way in from outside the estate",
        attributes: &[
            attribute("service", Type::Text, "the service or infrastructure that it leads to"),
            attribute("infrastructure", Type::Bool, "it leads to known software, not to a service"),
            attribute(
                "kind",
                Type::Text,
                "`ingress`, `gateway-route`, `openshift-route`, `istio-gateway`, `load-balancer`, `node-port`, `compose-port`, `host-port`, `traefik-label`",
            ),
            attribute("host", Type::Text, "its host; empty: every host"),
            attribute("path", Type::Text, "its path; empty: every path"),
            optional("public", Type::Bool, "", "the world can reach it"),
            optional(
                "internal",
                Type::Bool,
                "",
                "the service is internal: declared so, not in the configured list of public services, or fronted by another public service",
            ),
            attribute("internal_reason", Type::Text, "why the service counts as internal; empty where it does not"),
            optional(
                "any_origin",
                Type::Bool,
                "",
                "pages of any other site may use it, as far as the door decides that itself",
            ),
            optional(
                "credentials",
                Type::Bool,
                "",
                "pages of other sites that may use it do so with the user's cookies and logins",
            ),
            attribute("grpc", Type::Bool, "it carries gRPC"),
            ENVIRONMENT,
            CONFIDENCE,
        ],
    },
    SubjectDef {
        kind: "runbook",
        doc: "a file that says what to do when a service fails",
        attributes: &[
            attribute("title", Type::Text, "its title, else its file's name"),
            attribute("path", Type::Text, "its path"),
            attribute("modes", Type::Int, "how many ways to fail it tells"),
            attribute(
                "fewest_commands",
                Type::Int,
                "how many commands it gives for the way to fail of which it says least; 0 where it tells none",
            ),
        ],
    },
    SubjectDef {
        kind: "secret",
        doc: "a password, token or key in a committed file; one for each key in a file",
        attributes: &[
            attribute("key", Type::Text, "the key that it is the value of"),
            attribute(
                "place",
                Type::Text,
                "`manifest`, `connection-string`, `configuration`, `source`, `recipe` or `pipeline`",
            ),
            attribute("look", Type::Text, "`value`, `placeholder` or `sealed`"),
            attribute("example", Type::Bool, "the file shows an example or serves tests only"),
            ENVIRONMENT,
            attribute("places", Type::Int, "how often it stands in the file"),
        ],
    },
    SubjectDef {
        kind: "service",
        doc: "a unit with its own code and owner",
        attributes: &[
            attribute("name", Type::Text, "its name"),
            attribute("runtime", Type::Text, "`node`, `go`, `java` …; empty where it is not known"),
            attribute("owners", TEXTS, "its owners"),
            optional("owner", Type::Text, "", "the first of its owners; unknown where its code is not in the estate"),
            attribute("scopes", TEXTS, "its compliance scopes"),
            attribute("workloads", Type::Int, "how many workload descriptions deploy it"),
            attribute("callers", Type::Int, "how many services call it synchronously"),
            attribute("callees", Type::Int, "how many services it calls synchronously"),
            optional(
                "tracing",
                Type::Text,
                "",
                "what follows its requests from service to service: `@opentelemetry/sdk-node`",
            ),
            optional("metrics", Type::Text, "", "what keeps its numbers over time: `prom-client`, `ServiceMonitor`"),
            optional(
                "event_loop_alert",
                Type::Text,
                "",
                "the alert that uses that delay; unknown where it is not measured",
            ),
            optional("slo", Type::Text, "", "what states an objective for it: `OpenSLO`, `Sloth`, `Pyrra`, `Nobl9`"),
            optional("runbook", Type::Text, "", "where its runbook is: a file, or a link"),
            optional(
                "event_loop_metric",
                Type::Text,
                "",
                "what measures the delay of its event loop; unknown for runtimes other than Node",
            ),
        ],
    },
    SubjectDef {
        kind: "split",
        doc: "services that need each other all the time: they call each other in both directions, or call one another and share a database",
        attributes: &[
            attribute("services", TEXTS, "the services, sorted"),
            attribute("coupling", Type::Text, "what couples them, in words"),
            optional(
                "justification",
                Type::Text,
                "",
                "what speaks for services of their own: other owners, another runtime",
            ),
            attribute("looked_for", Type::Text, "the reasons that were looked for"),
            CONFIDENCE,
        ],
    },
    SubjectDef {
        kind: "suppression",
        doc: "a statement that findings of one rule are accepted: a comment, an annotation or an item of the configuration; judged after everything else",
        attributes: &[
            attribute("rule", Type::Text, "the rule as it is written; empty where none is named"),
            attribute("current_rule", Type::Text, "the rule's present id; another one where the rule was renamed"),
            attribute("form", Type::Text, "`comment`, `annotation` or `configuration`"),
            attribute("reason", Type::Text, "why the findings are accepted; empty where nothing is said"),
            attribute("problem", Type::Text, "what keeps it from holding; empty where nothing does"),
            attribute("repair", Type::Text, "what to do about the problem; empty likewise"),
            optional("expires", Type::Text, "", "the last day on which it holds, as it is written"),
            attribute("expired", Type::Bool, "its last day has passed"),
            attribute("asked", Type::Bool, "the rule was asked in this run and could decide about what it covers"),
            attribute("findings", Type::Int, "how many findings it covers"),
        ],
    },
    SubjectDef {
        kind: "traffic",
        doc: "all that one service sends another over one protocol",
        attributes: &[
            attribute("from", Type::Text, "the calling service"),
            attribute("to", Type::Text, "the called service"),
            attribute("protocol", Type::Text, "`http`, `grpc`, `graphql`, `tcp`, `websocket` or `rpc-over-broker`"),
            CONFIDENCE,
            ENVIRONMENT,
            optional(
                "encryption",
                Type::Text,
                "",
                "what encrypts it on its way: `STRICT` or `linkerd` of a mesh, `TLS` of the services themselves",
            ),
            attribute("encryption_reason", Type::Text, "why nothing does, in words; empty where it is not absent"),
        ],
    },
    SubjectDef {
        kind: "workload",
        doc: "something that is deployed, in the variant that its owner would edit",
        attributes: &[
            attribute("service", Type::Text, "the service or infrastructure that it belongs to"),
            attribute("infrastructure", Type::Bool, "it belongs to known software, not to a service"),
            attribute("kind", Type::Text, "as its format spells it: `Deployment`, `compose service`"),
            attribute("platform", Type::Text, "`kubernetes` or `compose`"),
            attribute("lifetime", Type::Text, "`replicated`, `stateful`, `per-node` or `task`"),
            ENVIRONMENT,
            attribute("callers", TEXTS, "services that call the service it belongs to"),
            optional("routed", Type::Bool, "", "a Kubernetes Service leads to it"),
            optional("keeps_data", Type::Bool, "", "it mounts a volume that outlives its pods"),
            optional(
                "replicas",
                Type::Int,
                "",
                "how many there are at least: stated, or what the autoscaler starts from; absent: the platform's default of one",
            ),
            optional("autoscaler", Type::Text, "", "the kind of object that scales it: `HorizontalPodAutoscaler`"),
            optional("disruption_budget", Type::Text, "", "the kind of object that limits how many may be missing"),
            optional("drains", Type::Bool, "", "its disruption budget lets at least one pod go"),
            optional("ingress_policy", Type::Text, "", "the kind of policy that narrows who may reach it"),
            optional("egress_policy", Type::Text, "", "the kind of policy that narrows whom it may reach"),
            optional("account", Type::Text, "", "its service account; absent: `default`"),
            attribute(
                "account_users",
                TEXTS,
                "services and infrastructure that run under the same account, itself included",
            ),
            optional("identity", Type::Text, "", "what gives its account an identity in a cloud: `IRSA`"),
            optional("mesh", Type::Text, "", "the mesh that it is put into: `istio`, `linkerd`"),
            optional("mutual_tls", Type::Text, "", "what makes its peers speak mutual TLS: `STRICT`, `linkerd`"),
            attribute(
                "mutual_tls_reason",
                Type::Text,
                "why they need not, in words; empty where they do or nobody can tell",
            ),
            optional("authorization", Type::Text, "", "the kind of mesh policy that decides its requests"),
            optional(
                "rollout",
                Type::Text,
                "",
                "how a new version comes: `recreate`, `rolling`, `bounded`, `canary`, `blue-green`; absent: the platform's default",
            ),
            optional("grace_seconds", Type::Int, "s", "how long it may take to stop; absent: the platform's default"),
            optional(
                "graceful",
                Type::Bool,
                "",
                "it may finish what it has begun when it is stopped, as far as its manifest decides",
            ),
            attribute(
                "host_words",
                Type::Text,
                "`host_access` and `host_glimpses` in words; empty where there are none",
            ),
            optional(
                "host_access",
                TEXTS,
                "",
                "what of its host it sees: `the host's network`, `/var/run/docker.sock`",
            ),
            optional(
                "host_glimpses",
                TEXTS,
                "",
                "what of its host it only reads, as collectors do: `/var/log (read-only)`",
            ),
        ],
    },
];
