//! What is secret occurs in no output.

use archlint::commands::format::{Format, Look, Output, rendered};
use archlint::judge::baseline::Baseline;
use archlint::judge::day::Day;
use archlint::judge::engine::ActiveRule;
use archlint::render::beside::Beside;
use archlint::render::picture::picture;
use archlint::render::sources::Texts;
use archlint::render::text::Terminal;
use archlint::render::{
    dot, github_summary, graph_json, graphml, html, markdown, mermaid, report_json, sarif, structurizr, svg, text,
};
use clap::ValueEnum;

use crate::estates::{Files, estates, fixtures, invented};
use crate::memory::{Estate, rules};

/// Passwords, tokens and keys; each begins with this and a number.
const MARK: &str = "Zq7";

/// Every kind of file that holds secrets, with one in each place.
pub const PLANTED: &[(&str, &str)] = &[
    (
        "compose.yaml",
        "services:\n  db:\n    image: postgres:17\n    ports: [\"5432:5432\"]\n    environment:\n      POSTGRES_PASSWORD: Zq701xKwPmTnBv\n      POSTGRES_DB: shop\n  orders:\n    build:\n      context: ./orders\n      args: {NPM_TOKEN: Zq702xKwPmTnBv}\n    command: [\"node\", \".\", \"--password\", \"Zq703xKwPmTnBv\", \"--api-key=Zq704xKwPmTnBv\"]\n    environment:\n      - DATABASE_URL=postgresql://shop:Zq705xKwPmTnBv@db:5432/shop\n      - JWT_SECRET=Zq706xKwPmTnBv\n    labels: {api.token: Zq707xKwPmTnBv}\n  mail:\n    image: registry.example/mail:1\n    environment: {DATABASE_URL: \"postgresql://shop:Zq708xKwPmTnBv@db:5432/shop\", ORDERS_URL: \"http://mail:Zq709xKwPmTnBv@orders:8080\", LEDGER_URL: \"http://u:Zq710xKwPmTnBv@legder:8080\"}\n",
    ),
    (
        "orders/.env",
        "DB_PASSWORD=Zq711xKwPmTnBv\nexport API_KEY='Zq712xKwPmTnBv'\nREDIS_URL=redis://:Zq713xKwPmTnBv@cache:6379/0\nDSN=\"host=db password=Zq714xKwPmTnBv dbname=shop user=shop\"\n",
    ),
    ("orders/Dockerfile", "FROM debian:13\nENV DB_PASSWORD=Zq715xKwPmTnBv\nARG TOKEN=Zq716xKwPmTnBv\nUSER root\n"),
    (
        "orders/package.json",
        "{\"name\": \"orders\", \"scripts\": {\"start\": \"node .\"}, \"config\": {\"password\": \"Zq717xKwPmTnBv\"}}\n",
    ),
    (
        "orders/config/default.json",
        "{\"db\": {\"host\": \"db\", \"user\": \"shop\", \"password\": \"Zq718xKwPmTnBv\"}, \"url\": \"amqp://guest:Zq719xKwPmTnBv@broker:5672\"}\n",
    ),
    (
        "orders/src/db.js",
        "const client = new Client('postgresql://shop:Zq720xKwPmTnBv@db:5432/shop');\nconst password = 'Zq721xKwPmTnBv';\n",
    ),
    (
        "billing/src/main/resources/application.yml",
        "spring:\n  datasource:\n    url: jdbc:postgresql://db:5432/shop?user=shop&password=Zq722xKwPmTnBv\n    username: shop\n    password: Zq723xKwPmTnBv\n",
    ),
    (
        "billing/src/main/resources/application.properties",
        "spring.datasource.password=Zq724xKwPmTnBv\nspring.datasource.url=jdbc:mysql://shop:Zq725xKwPmTnBv@db:3306/shop\n",
    ),
    (
        "billing/pom.xml",
        "<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>billing</artifactId><properties><db.password>Zq726xKwPmTnBv</db.password></properties></project>\n",
    ),
    (
        "ledger/appsettings.json",
        "{\"ConnectionStrings\": {\"Default\": \"Server=db;Database=shop;User Id=shop;Password=Zq727xKwPmTnBv\"}}\n",
    ),
    (
        "deploy/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: orders-db}\nstringData:\n  password: Zq728xKwPmTnBv\n  url: postgresql://shop:Zq729xKwPmTnBv@db:5432/shop\ndata:\n  token: WnE3MzB4S3dQbVRuQnY=\n",
    ),
    (
        "deploy/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: orders}\ndata:\n  DB_PASSWORD: Zq731xKwPmTnBv\n  application.properties: |\n    db.password=Zq732xKwPmTnBv\n    url=jdbc:postgresql://db/shop?password=Zq733xKwPmTnBv\n",
    ),
    (
        "deploy/orders.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: orders, annotations: {token: Zq734xKwPmTnBv}}\nspec:\n  template:\n    metadata: {labels: {app: orders}}\n    spec:\n      containers:\n        - name: orders\n          image: registry.example/shop/orders:1\n          args: [\"--password=Zq735xKwPmTnBv\", \"--token\", \"Zq736xKwPmTnBv\"]\n          securityContext: {privileged: true}\n          env:\n            - {name: DB_PASSWORD, value: Zq737xKwPmTnBv}\n            - {name: DATABASE_URL, value: \"mysql://shop:Zq738xKwPmTnBv@db/shop\"}\n            - {name: MAIL_URL, value: \"http://orders:Zq739xKwPmTnBv@mial\"}\n",
    ),
    ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
    ("chart/values.yaml", "db:\n  password: Zq740xKwPmTnBv\n  url: postgresql://shop:Zq741xKwPmTnBv@db:5432/shop\n"),
    (
        "chart/templates/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n        - name: web\n          image: registry.example/web:1\n          env:\n            - {name: DATABASE_URL, value: \"{{ .Values.db.url }}\"}\n            - {name: DB_PASSWORD, value: {{ .Values.db.password | default \"Zq742xKwPmTnBv\" }}}\n",
    ),
    (
        "web/nginx.conf",
        "http {\n  server {\n    location / {\n      proxy_set_header Authorization \"Bearer Zq743xKwPmTnBv\";\n      proxy_pass http://u:Zq744xKwPmTnBv@orders:8080;\n    }\n  }\n}\n",
    ),
    (
        "orders/prisma/schema.prisma",
        "datasource db {\n  provider = \"postgresql\"\n  url = \"postgresql://shop:Zq745xKwPmTnBv@db:5432/shop\"\n}\n",
    ),
    (
        "orders/requirements.txt",
        "--index-url https://ci:Zq746xKwPmTnBv@packages.example/simple\nflask==3.0\ngit+https://ci:Zq747xKwPmTnBv@git.example/lib.git\n",
    ),
    ("broken/compose.yaml", "services:\n  a:\n    environment:\n      DB_PASSWORD: Zq748xKwPmTnBv\n     bad: [\n"),
    ("broken/.env", "DB_PASSWORD='Zq749xKwPmTnBv\n"),
    ("broken/config.json", "{\"password\": \"Zq750xKwPmTnBv\", \n"),
];

/// All formats, one after the other.
fn outputs(estate: &Estate, rules: &[ActiveRule]) -> Vec<(String, String)> {
    let judgement = estate.judgement(rules);
    let day = Day::from_text("2026-11-23").expect("a day");
    estate.outcome(&judgement, |one| {
        let mut all: Vec<(String, String)> = Format::value_variants()
            .iter()
            .map(|&format| (format!("{format:?}"), rendered(one, &Output { format, file: None }, Look::default())))
            .collect();
        for (name, output) in [
            ("sarif with suppressed", sarif::render_with_suppressed(one)),
            ("page", html::render(one, &Beside::default())),
            ("report json", report_json::render(one, &Beside::default())),
            ("svg", svg::render(picture(one.graph))),
            ("structurizr", structurizr::render(&picture(one.graph))),
            ("graphml", graphml::render(&picture(one.graph))),
            ("baseline", Baseline::of(&judgement.findings, None, day, &|file| estate.path(file)).write()),
            ("wide text", text::render(one, Terminal { color: true, width: 200 })),
            ("narrow text", text::render(one, Terminal { color: false, width: 60 })),
            ("step summary", github_summary::render(one)),
            ("markdown", markdown::render(one, &Beside::default())),
            ("mermaid", mermaid::render(one.graph)),
            ("dot", dot::render(one.graph)),
            ("graph json", graph_json::render(one.graph, one.sources, one.version)),
            ("graph", format!("{:?}", one.graph.joins)),
        ] {
            all.push((name.to_owned(), output));
        }
        all
    })
}

/// How a secret may stand in an output: as it is, percent-encoded, or in base64, which hides
/// nothing.
fn spellings(secret: &str) -> Vec<String> {
    use base64::Engine;
    let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret);
    let percent = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    vec![secret.to_owned(), encoded, percent]
}

fn quiet(files: &Files, secrets: &[String], rules: &[ActiveRule]) {
    for (format, output) in outputs(&files.estate(), rules) {
        for secret in secrets.iter().flat_map(|secret| spellings(secret)) {
            let found = output.lines().find(|line| line.contains(secret.as_str()));
            assert!(found.is_none(), "{}: {format} shows {secret}: {}", files.name, found.unwrap_or_default());
        }
    }
}

/// Words of a text that hold [`MARK`].
fn planted(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.filter(|word| word.starts_with(MARK)).map(str::to_owned).collect()
}

#[test]
fn planted_secrets_occur_in_no_output() {
    let rules = rules();
    let files = invented().into_iter().find(|files| files.name == "invented/secrets").expect("the planted ones");
    let mut secrets: Vec<String> = files.files.iter().flat_map(|(_, text)| planted(text)).collect();
    secrets.push("WnE3MzB4S3dQbVRuQnY".to_owned());
    secrets.push("Zq730xKwPmTnBv".to_owned());
    assert!(secrets.len() > 50, "{}", secrets.len());
    quiet(&files, &secrets, &rules);
    // One line each, so that every excerpt is drawn around a secret.
    for (path, text) in &files.files {
        let alone = Files { name: path.clone(), files: vec![(path.clone(), text.clone())] };
        quiet(&alone, &secrets, &rules);
    }
}

#[test]
fn secrets_of_files_that_break_off_occur_in_no_output() {
    let rules = rules();
    // Source code is not parsed yet: that a literal never ends is not noticed there, and an
    // excerpt of the line above shows it.
    for (path, text) in PLANTED.iter().filter(|(path, _)| !path.ends_with(".js")) {
        let secrets = planted(text);
        for secret in &secrets {
            let mut end = text.find(secret.as_str()).expect("planted") + secret.len();
            // Without what ends a login nothing tells it from a host with its port.
            end += usize::from(text[end..].starts_with('@'));
            let cut = vec![((*path).to_owned(), text[..end].to_owned())];
            quiet(&Files { name: format!("{path} cut behind {secret}"), files: cut }, &secrets, &rules);
        }
    }
}

/// Fixtures mark their secrets themselves: the value on a line that `hardcoded-secret` names.
#[test]
fn secrets_of_fixtures_occur_in_no_output() {
    let rules = rules();
    let mut known = 0;
    for files in estates().iter().filter(|files| files.name.starts_with("rules/hardcoded-secret/bad")) {
        let secrets: Vec<String> = files.files.iter().flat_map(|(_, text)| marked(text)).collect();
        known += secrets.len();
        quiet(files, &secrets, &rules);
    }
    assert!(known >= 3, "{known} in {}", fixtures().display());
}

/// Values of the lines behind, or with, a marker that expects `hardcoded-secret`.
fn marked(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut values = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("expect: hardcoded-secret")) {
        let before = line.split('#').next().unwrap_or_default();
        let before = before.split(" // ").next().unwrap_or_default().trim();
        let stated = if before.is_empty() { lines.get(at + 1).map_or("", |next| next.trim()) } else { before };
        let value = stated.rsplit([' ', '=']).next().unwrap_or_default().trim_matches(['"', '\'', '}', ',', ';']);
        // Of an address the password only.
        let login = value.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(login, _)| login);
        values.push(login.and_then(|login| login.split_once(':')).map_or(value, |(_, password)| password).to_owned());
    }
    values.retain(|value| value.len() > 5);
    values
}
