//! Compose files in, facts as compact lines out.

use std::fmt::Debug;

use super::{claims, read};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::value::{Form, Value};
use crate::facts::workload::{Port, Workload};
use crate::source::file::{FileId, SourceFile};
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::syntax::yaml;

/// What was read of one file, written as lines.
struct Lines<'t> {
    text: &'t str,
    index: LineIndex,
}

impl Lines<'_> {
    fn at(&self, span: Span) -> String {
        let position = |offset| self.index.position(self.text, offset, ColumnUnit::Characters);
        let (start, end) = (position(span.start), position(span.end));
        if start.line == end.line {
            format!("{}:{}-{}", start.line, start.column, end.column)
        } else {
            format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
        }
    }

    fn value(&self, value: &Value) -> String {
        let list = |values: &[Value]| values.iter().map(|value| self.value(value)).collect::<Vec<_>>().join(" ");
        match &value.form {
            Form::Literal(text) => format!("{text}@{}", self.at(value.span)),
            Form::Secret(_) => format!("<secret>@{}", self.at(value.span)),
            Form::DeployVariable(name) => format!("${name}@{}", self.at(value.span)),
            Form::Concat(parts) => format!("({})", list(parts)),
            Form::FirstOf(parts) => format!("first({})", list(parts)),
            Form::Unknown(reason) => format!("unknown({})", reason.0),
            Form::Env(_) | Form::ChartValue(_) | Form::Setting(_) | Form::ObjectKey(_) => "other".to_owned(),
        }
    }

    fn answer<T: Debug>(&self, answer: &Answer<T>) -> Option<String> {
        match answer {
            Answer::Present(value, evidence) => {
                Some(format!("{value:?}@{}", evidence.0.first().map_or_else(String::new, |&span| self.at(span))))
            }
            Answer::Absent(_) => None,
            Answer::Unknown(reason) => Some(format!("unknown({})", reason.0)),
        }
    }

    fn port(&self, port: &Port) -> String {
        let number = |port: Option<u16>| port.map_or("?".to_owned(), |port| port.to_string());
        let container = number(port.container_port);
        match &port.published {
            None => format!("port {container}@{}", self.at(port.span)),
            Some(published) => {
                let address = self.answer(&published.host_address).unwrap_or_else(|| "*".to_owned());
                let address = address.split('@').next().unwrap_or("").replace('"', "");
                format!("port {address} {}->{container}@{}", number(published.host_port), self.at(port.span))
            }
        }
    }

    fn workload(&self, workload: &Workload, out: &mut Vec<String>) {
        let partial = if workload.partial { " partial" } else { "" };
        out.push(format!("workload {}{partial}", self.value(&workload.name)));
        out.extend(workload.aliases.iter().map(|alias| format!("alias {}", self.value(alias))));
        out.extend(self.answer(&workload.replicas).map(|replicas| format!("replicas {replicas}")));
        out.extend(workload.host_namespaces.iter().map(|(name, span)| format!("host {name}@{}", self.at(*span))));
        out.extend(workload.networks.iter().map(|label| format!("network {}@{}", label.key, self.at(label.span))));
        out.extend(workload.depends_on.iter().map(|(name, span)| format!("after {name}@{}", self.at(*span))));
        out.extend(workload.profiles.iter().map(|profile| format!("profile {profile}")));
        out.extend(
            workload
                .inherits
                .iter()
                .map(|inherits| format!("inherits {:?} {}@{}", inherits.file, inherits.name, self.at(inherits.span))),
        );
        out.extend(workload.env_files.iter().map(|(path, span)| format!("env_file {path}@{}", self.at(*span))));
        for label in &workload.labels {
            out.push(format!("label {} {}", label.key, self.value(&label.value)));
        }
        for container in &workload.containers {
            out.extend(container.image.iter().map(|image| format!("image {}", self.value(image))));
            out.extend(container.build.iter().map(|build| {
                format!("build {:?} {:?} {:?}@{}", build.context, build.dockerfile, build.target, self.at(build.span))
            }));
            let arguments = container.build.iter().flat_map(|build| &build.arguments);
            out.extend(
                arguments.map(|env| format!("arg {}@{} {}", env.name, self.at(env.span), self.value(&env.value))),
            );
            out.extend(container.command.iter().map(|word| format!("command {}", self.value(word))));
            out.extend(container.arguments.iter().map(|word| format!("argument {}", self.value(word))));
            let env = container.env.iter();
            out.extend(env.map(|env| format!("env {}@{} {}", env.name, self.at(env.span), self.value(&env.value))));
            out.extend(container.ports.iter().map(|port| self.port(port)));
            let security = &container.security;
            out.extend(self.answer(&security.user).map(|answer| format!("user {answer}")));
            out.extend(self.answer(&security.group).map(|answer| format!("group {answer}")));
            out.extend(self.answer(&security.privileged).map(|answer| format!("privileged {answer}")));
            out.extend(self.answer(&security.read_only_root).map(|answer| format!("read_only {answer}")));
            out.extend(self.answer(&security.privilege_escalation).map(|answer| format!("escalation {answer}")));
            out.extend(self.answer(&security.seccomp).map(|answer| format!("seccomp {answer}")));
            for (sign, list) in [("+", &security.added_capabilities), ("-", &security.dropped_capabilities)] {
                out.extend(list.iter().map(|(name, span)| format!("{sign}{name}@{}", self.at(*span))));
            }
        }
    }
}

fn read_text<'t>(name: &str, text: &'t str) -> Reading<'t> {
    let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new(name), text });
    let tree = yaml::parse(FileId(0), text);
    for document in tree.documents() {
        if claims(reading.file.path, document) {
            read(&mut reading, document);
        }
    }
    reading
}

/// All facts and problems; compositions only where they say something.
fn lines(name: &str, text: &str) -> Vec<String> {
    let reading = read_text(name, text);
    let lines = Lines { text, index: LineIndex::new(text) };
    let mut out = Vec::new();
    for fact in &reading.facts.facts {
        match fact {
            Fact::Workload(workload) => lines.workload(workload, &mut out),
            Fact::ImageBuild(build) => out.push(format!("maps {} {:?}", lines.value(&build.image), build.context)),
            Fact::Route(route) => out.push(format!(
                "route {} host {} path {} -> {}:{}@{}",
                lines.value(&route.name),
                route.host.as_ref().map_or("*".to_owned(), |host| lines.value(host)),
                route.path.as_ref().map_or("*".to_owned(), |path| lines.value(path)),
                route.backend.as_literal().map_or("?", |name| name.as_str()),
                route.port,
                lines.at(route.span)
            )),
            Fact::Composition(composition) => {
                out.extend(composition.name.map(|name| format!("name {name}")));
                out.extend(composition.overrides.map(|path| format!("overrides {path}")));
                out.extend(
                    composition.includes.iter().map(|(path, span)| format!("include {path}@{}", lines.at(*span))),
                );
                let networks = composition.networks.iter();
                out.extend(
                    networks.map(|(name, outside, span)| format!("declares {name} {outside:?}@{}", lines.at(*span))),
                );
            }
            Fact::Secret(secret) => out.push(format!("secret {}@{}", secret.key, lines.at(secret.span))),
            other => out.push(format!("unexpected {other:?}")),
        }
    }
    let problems = reading.facts.problems.iter();
    out.extend(problems.map(|problem| format!("problem {}@{}", problem.message, lines.at(problem.span))));
    let unclear = reading.facts.unclear.iter();
    out.extend(unclear.map(|unclear| format!("unclear {}: {}@{}", unclear.what, unclear.why, lines.at(unclear.span))));
    out
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(lines("deploy/compose.yaml", text), expected, "\n{text}");
}

/// The facts of one service's settings, without the workload's own line.
#[track_caller]
fn check_service(settings: &str, expected: &[&str]) {
    let text = format!("services:\n  web:\n{settings}");
    let found = lines("deploy/compose.yaml", &text);
    let found: Vec<_> = found.iter().filter(|line| !line.starts_with("workload ")).collect();
    assert_eq!(found, expected, "\n{text}");
}

#[test]
fn images_and_builds_keep_their_forms() {
    check_service("    image: shop/web:${TAG:-1}\n", &["image (shop/web:@3:12-21 first($TAG@3:21-30 1@3:28-29))"]);
    check_service("    build: ./web\n", &["build Some(\"deploy/web\") None None@3:12-17"]);
    check_service("    build: ../web\n", &["build Some(\"web\") None None@3:12-18"]);
    check_service(
        "    build:\n      context: ${SRC:-src}\n      dockerfile: ops/Dockerfile\n      target: app\n      args:\n        - A=1\n        - B\n",
        &[
            "build Some(\"deploy/src\") Some(\"deploy/src/ops/Dockerfile\") Some(\"app\")@4:16-27",
            "arg A@8:11-12 1@8:13-14",
            "arg B@9:11-12 $B@9:11-12",
        ],
    );
    check_service("    build: {dockerfile: D}\n", &["build Some(\"deploy\") Some(\"deploy/D\") None@3:12-27"]);
    check_service("    build: https://git.example/web.git#main\n", &["build None None None@3:12-44"]);
    check_service(
        "    build: ${SRC}\n",
        &["build None None None@3:12-18", "unclear the build context: the variable SRC has no default@3:12-18"],
    );
    check_service(
        "    image: shop/web\n    build: .\n",
        &[
            "maps shop/web@3:12-20 Some(\"deploy\")",
            "image shop/web@3:12-20",
            "build Some(\"deploy\") None None@4:12-13",
        ],
    );
}

#[test]
fn environment_is_read_from_mappings_and_lists() {
    check_service(
        "    environment:\n      URL: \"http://${HOST:-orders}:80\"\n      PORT: 8080\n      DEBUG: true\n      EMPTY: \"\"\n      PASSED:\n",
        &[
            "env URL@4:7-10 (http://@4:13-20 first($HOST@4:20-35 orders@4:28-34) :80@4:35-38)",
            "env PORT@5:7-11 8080@5:13-17",
            "env DEBUG@6:7-12 true@6:14-18",
            "env EMPTY@7:7-12 @7:15-15",
            "env PASSED@8:7-13 $PASSED@8:7-13",
        ],
    );
    check_service(
        "    environment:\n      - URL=http://orders?a=b\n      - \"EMPTY=\"\n      - PASSED\n",
        &["env URL@4:9-12 http://orders?a=b@4:13-30", "env EMPTY@5:10-15 @5:16-16", "env PASSED@6:9-15 $PASSED@6:9-15"],
    );
    check_service(
        "    environment:\n      - URL: http://orders\n      - A=1\n",
        &["env A@5:9-10 1@5:11-12", "problem an item of `environment` is no text@4:9-27"],
    );
    check_service("    environment: 7\n", &["problem `environment` is no list@3:18-19"]);
}

#[test]
fn secrets_of_the_environment_leave_no_text() {
    check_service(
        "    environment:\n      DB_PASSWORD: ${DB_PASSWORD:-hunter2pw}\n",
        &["secret DB_PASSWORD@4:35-44", "env DB_PASSWORD@4:7-18 first($DB_PASSWORD@4:20-45 <secret>@4:35-44)"],
    );
    check_service(
        "    command: server --requirepass=no --db-password hunter2pw\n",
        &[
            "secret db-password@3:52-61",
            "argument server@3:14-20",
            "argument --requirepass=no@3:21-37",
            "argument --db-password@3:38-51",
            "argument <secret>@3:52-61",
        ],
    );
}

#[test]
fn anchors_and_merges_are_followed() {
    check(
        "x-base: &base\n  image: shop/base\n  environment: &env\n    A: 1\nservices:\n  web:\n    <<: *base\n    environment:\n      <<: *env\n      B: 2\n",
        &["workload web@6:3-6", "image shop/base@2:10-19", "env B@10:7-8 2@10:10-11", "env A@4:5-6 1@4:8-9"],
    );
}

#[test]
fn every_form_of_a_port_is_read() {
    for (item, expected) in [
        ("3000", vec!["port * ?->3000@4:9-13"]),
        ("\"8080:80\"", vec!["port * 8080->80@4:10-17"]),
        ("8080:80/udp", vec!["port * 8080->80@4:9-20"]),
        ("127.0.0.1:8080:80", vec!["port 127.0.0.1 8080->80@4:9-26"]),
        ("127.0.0.1::80", vec!["port 127.0.0.1 ?->80@4:9-22"]),
        ("0.0.0.0:80:80", vec!["port 0.0.0.0 80->80@4:9-22"]),
        ("\"[::1]:8080:80\"", vec!["port ::1 8080->80@4:10-23"]),
        ("70-71:80-81", vec!["port * 70->80@4:9-20", "port * 71->81@4:9-20"]),
        ("8000-9000:80", vec!["port * ?->80@4:9-21"]),
        ("1000-2000:1000-2000", vec!["port * 1000->1000@4:9-28"]),
        ("${PORT:-8080}:80", vec!["port * 8080->80@4:9-25"]),
        ("${PORT}:80", vec!["port * ?->80@4:9-19"]),
        ("${WEB}:80", vec!["port unknown(the variable WEB may hold an address) ?->80@4:9-18"]),
        ("${WEB:-127.0.0.1:81}:80", vec!["port 127.0.0.1 81->80@4:9-32"]),
        ("${IP}:81:80", vec!["port unknown(the variable IP holds the address) 81->80@4:9-20"]),
        ("127.0.0.1:${PORT}:80", vec!["port 127.0.0.1 ?->80@4:9-29"]),
        ("\"[::1]:${PORT}:80\"", vec!["port ::1 ?->80@4:10-26"]),
        ("80:${PORT}", vec!["port * 80->?@4:9-19"]),
        ("{target: 80, published: 8080, host_ip: 127.0.0.1}", vec!["port 127.0.0.1 8080->80@4:9-58"]),
        ("{target: 80, published: \"81-82\"}", vec!["port * ?->80@4:9-41"]),
        ("{target: 80}", vec!["port * ?->80@4:9-21"]),
        ("{published: 80}", vec!["problem this port has no `target`@4:9-24"]),
        ("web:80", vec!["port * ?->80@4:9-15", "problem this is no port@4:9-15"]),
        ("99999", vec!["port * ?->?@4:9-14", "problem this is no port@4:9-14"]),
    ] {
        check_service(&format!("    ports:\n      - {item}\n"), &expected);
    }
    check_service(
        "    expose: [3000, \"8000-8001/tcp\"]\n",
        &["port 3000@3:14-18", "port 8000@3:21-34", "port 8001@3:21-34"],
    );
}

#[test]
fn networks_aliases_and_order_are_read() {
    check_service(
        "    container_name: shop-web\n    hostname: web-host\n    networks:\n      front:\n        aliases: [www]\n      back:\n    depends_on:\n      orders:\n        condition: service_healthy\n    links: [\"db:database\"]\n    profiles: [dev]\n",
        &[
            "alias www@7:19-22",
            "alias shop-web@3:21-29",
            "alias web-host@4:15-23",
            "network front@6:7-12",
            "network back@8:7-11",
            "after orders@10:7-13",
            "profile dev",
        ],
    );
    check_service(
        "    network_mode: host\n    pid: host\n    ipc: shareable\n",
        &["host network@3:19-23", "host pid@4:10-14", "network host@3:19-23"],
    );
    check_service("    network_mode: \"service:orders\"\n", &["network service:orders@3:20-34"]);
    check_service(
        "    networks: [a, b]\n    depends_on: [c]\n",
        &["network a@3:16-17", "network b@3:19-20", "after c@4:18-19"],
    );
}

#[test]
fn files_are_named_relative_to_the_estate() {
    check_service("    env_file: .env\n", &["env_file deploy/.env@3:15-19"]);
    check_service(
        "    env_file:\n      - ../common.env\n      - path: b.env\n        required: false\n      - {}\n",
        &[
            "env_file common.env@4:9-22",
            "env_file deploy/b.env@5:15-20",
            "problem this `env_file` has no `path`@7:9-11",
        ],
    );
    check_service("    extends: base\n", &["inherits None base@3:14-18"]);
    check_service(
        "    extends:\n      file: common.yml\n      service: base\n",
        &["inherits Some(\"deploy/common.yml\") base@5:16-20"],
    );
    check_service("    env_file: /etc/web.env\n", &["unclear `env_file`: it lies outside of the estate@3:15-27"]);
}

#[test]
fn users_and_privileges_are_answers() {
    for (settings, expected) in [
        ("user: \"0\"", vec!["user Id(0)@3:12-13"]),
        ("user: 1000", vec!["user Id(1000)@3:11-15"]),
        ("user: root", vec!["user Name(\"root\")@3:11-15"]),
        ("user: \"1000:0\"", vec!["user Id(1000)@3:12-18", "group Id(0)@3:12-18"]),
        ("user: ${UID:-1000}:${GID:-100}", vec!["user Id(1000)@3:11-35", "group Id(100)@3:11-35"]),
        ("user: ${UID}:0", vec!["user unknown(the variable UID decides and has no default)", "group Id(0)@3:11-19"]),
        ("privileged: true", vec!["privileged true@3:17-21"]),
        ("privileged: \"false\"", vec!["privileged false@3:18-23"]),
        ("privileged: ${P}", vec!["privileged unknown(the variable P decides)"]),
        ("privileged: 2", vec!["problem `privileged` is neither true nor false@3:17-18"]),
        ("read_only: true", vec!["read_only true@3:16-20"]),
        ("cap_add: [CAP_SYS_ADMIN, net_raw]", vec!["+SYS_ADMIN@3:15-28", "+NET_RAW@3:30-37"]),
        ("cap_drop: [ALL]", vec!["-ALL@3:16-19"]),
        ("security_opt: [no-new-privileges]", vec!["escalation false@3:20-37"]),
        ("security_opt: [\"no-new-privileges:false\"]", vec!["escalation true@3:21-44"]),
        ("security_opt: [seccomp=unconfined]", vec!["seccomp \"Unconfined\"@3:20-38"]),
        ("scale: 3", vec!["replicas 3@3:12-13"]),
        ("deploy: {replicas: \"${N:-2}\"}", vec!["replicas 2@3:25-32"]),
        ("user: [1]", vec!["problem `user` is no text@3:11-14"]),
    ] {
        check_service(&format!("    {settings}\n"), &expected);
    }
}

#[test]
fn commands_are_words() {
    check_service(
        "    entrypoint: [\"node\", \"server.js\"]\n    command: sh -c 'echo a b' ${X:-y z}\n",
        &[
            "command node@3:19-23",
            "command server.js@3:27-36",
            "argument sh@4:14-16",
            "argument -c@4:17-19",
            "argument echo a b@4:21-29",
            "argument first($X@4:31-40 y z@4:36-39)",
        ],
    );
}

#[test]
fn traefik_labels_are_routes() {
    check_service(
        "    labels:\n      - traefik.enable=true\n      - traefik.http.routers.shop.rule=Host(`shop.example`, `www.example`) && PathPrefix(`/api`)\n      - traefik.http.services.shop.loadbalancer.server.port=8080\n    image: a\n",
        &[
            "route shop@5:9-39 host shop.example@5:46-58 path /api@5:91-95 -> web:8080@5:40-97",
            "route shop@5:9-39 host www.example@5:62-73 path /api@5:91-95 -> web:8080@5:40-97",
            "label traefik.enable true@4:24-28",
            "label traefik.http.routers.shop.rule Host(`shop.example`, `www.example`) && PathPrefix(`/api`)@5:40-97",
            "label traefik.http.services.shop.loadbalancer.server.port 8080@6:61-65",
            "image a@7:12-13",
        ],
    );
    for (rule, expected) in [
        ("PathPrefix(`/b`)", "host * path /b@4:49-51"),
        ("HostRegexp(`.+`)", "host unknown(the host is a pattern) path *"),
        ("!Host(`x`) && Path(`/`)", "host * path /@4:57-58"),
        ("Host(`${D:-shop.example}`)", "host first($D@4:43-61 shop.example@4:48-60) path *"),
    ] {
        let text = format!("services:\n  web:\n    labels:\n      traefik.http.routers.a.rule: \"{rule}\"\n");
        let found = lines("compose.yml", &text);
        let route = found.iter().find(|line| line.starts_with("route ")).map_or("", String::as_str);
        assert!(route.contains(expected), "{rule}: {route}");
    }
    let disabled = "services:\n  web:\n    labels:\n      traefik.enable: \"false\"\n      traefik.http.routers.a.rule: Host(`x`)\n";
    assert!(!lines("compose.yml", disabled).iter().any(|line| line.starts_with("route ")));
}

#[test]
fn the_top_level_tells_how_files_belong_together() {
    check(
        "name: shop\ninclude:\n  - common.yml\n  - path: [a.yml, ../b.yml]\nnetworks:\n  front:\n  edge: {external: true}\n  back: {external: true, name: shared}\nservices: {}\n",
        &[
            "name shop",
            "include deploy/common.yml@3:5-15",
            "include deploy/a.yml@4:12-17",
            "include b.yml@4:19-27",
            "declares front None@6:3-8",
            "declares edge Some(\"edge\")@7:3-7",
            "declares back Some(\"shared\")@8:3-7",
        ],
    );
}

#[test]
fn override_files_are_partial_and_name_their_base() {
    let text = "services:\n  web:\n    user: \"0\"\n";
    for (name, expected) in [
        (
            "a/compose.override.yaml",
            vec!["overrides a/compose.yaml", "workload web@2:3-6 partial", "user Id(0)@3:12-13"],
        ),
        (
            "a/docker-compose.dev.yml",
            vec!["overrides a/docker-compose.yml", "workload web@2:3-6 partial", "user Id(0)@3:12-13"],
        ),
        ("a/docker-compose.yml", vec!["workload web@2:3-6", "user Id(0)@3:12-13"]),
    ] {
        assert_eq!(lines(name, text), expected, "{name}");
    }
    let complete = "services:\n  web:\n    image: a\n";
    assert_eq!(lines("docker-compose.dev.yml", complete), ["workload web@2:3-6", "image a@3:12-13"]);
}

#[test]
fn first_version_files_have_services_at_the_top() {
    assert_eq!(
        lines("docker-compose.yml", "web:\n  image: a\n  links: [db]\ndb:\n  build: .\n"),
        ["workload web@1:1-4", "image a@2:10-11", "workload db@4:1-3", "build Some(\"\") None None@5:10-11"]
    );
}

#[test]
fn content_tells_compose_files_of_any_name_from_lookalikes() {
    let claimed = |name: &str, text: &str| {
        let tree = yaml::parse(FileId(0), text);
        tree.documents().any(|document| claims(EstatePath::new(name), document))
    };
    for (name, text, expected) in [
        ("local.yml", "services:\n  web:\n    image: a\n", true),
        ("local.yml", "services:\n  web:\n    build: .\n  db: {}\n", true),
        ("stack.yml", "services:\n  web:\n    image: a\n", true),
        ("stack.yml", "Resources:\n  Queue: {Type: x}\n", false),
        ("compose.yml", "apiVersion: v1\nservices: {}\n", false),
        ("compose.yml", "- a\n", false),
        (".drone.yml", "pipeline: {}\nservices:\n  db:\n    image: a\n", false),
        (".gitlab-ci.yml", "services:\n  - postgres:16\n", false),
        ("services.yaml", "services:\n  App\\Mailer: ~\n", false),
        ("services.yaml", "services:\n  mailer: {class: App}\n", false),
        ("values.yaml", "services:\n  web: {port: 80}\n", false),
    ] {
        assert_eq!(claimed(name, text), expected, "{name}: {text}");
    }
}

#[test]
fn wrong_shapes_are_named_and_the_rest_is_kept() {
    check(
        "services:\n  a: [1]\n  b:\n    image: [x]\n    ports: {}\n    user: \"7\"\n  c:\n    image: shop/$/c\n",
        &[
            "workload b@3:3-4",
            "user Id(7)@6:12-13",
            "workload c@7:3-4",
            "image shop/$/c@8:12-20",
            "problem service a is no mapping@2:6-9",
            "problem `image` is no text@4:12-15",
            "problem `ports` is no list@5:12-14",
            "problem a dollar sign begins no variable@8:17-18",
        ],
    );
    check("services: 3\n", &["problem `services` is no mapping@1:11-12"]);
}

#[test]
fn what_a_broken_file_does_not_reach_is_unknown() {
    let found = lines("compose.yml", "services:\n  a:\n    image: x\n  b:\n    image: \"y\n");
    assert!(found.iter().any(|line| line.starts_with("workload a")), "{found:?}");
    let reading = read_text("compose.yml", "services:\n  b:\n    image: x\n    user: \"y\n");
    let users: Vec<bool> = reading
        .facts
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Workload(workload) => Some(workload.containers[0].security.user.is_absent()),
            _ => None,
        })
        .collect();
    assert_eq!(users, [false]);
}

#[test]
fn cuts_at_every_byte_do_no_harm() {
    let text = "name: s\nservices:\n  web: &w\n    image: \"a:${T:-ä}\"\n    ports: [\"${IP}:1-2:${X:-3-4}/udp\", {target: 1}]\n    user: ${U}:${G:-1}\n    labels: [\"traefik.http.routers.a.rule=Host(`b`)&&Path('/')\"]\n    command: a 'b c' --password=\"d\"\n  db: {<<: *w, environment: [A=${B:-postgres://u:p@h/d}]}\n";
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        let cut = &text[..end];
        let reading = read_text("compose.yml", cut);
        for problem in &reading.facts.problems {
            assert!(problem.span.end as usize <= cut.len());
        }
    }
}
