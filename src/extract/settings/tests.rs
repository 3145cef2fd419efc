//! What configuration files say: entries, secrets and connections, each with its place.

use super::{claims, claims_document, read, read_document};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::value::{Form, Value};
use crate::source::file::{FileId, SourceFile};
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::syntax::yaml;

fn place(text: &str, span: Span) -> String {
    let at = LineIndex::new(text).position(text, span.start, ColumnUnit::Characters);
    format!("{}:{}", at.line, at.column)
}

fn shown(value: &Value) -> String {
    let list = |values: &[Value], sign: &str| values.iter().map(shown).collect::<Vec<_>>().join(sign);
    match &value.form {
        Form::Literal(text) => text.to_string(),
        Form::Secret(secret) => format!("{secret:?}"),
        Form::Env(name) => format!("env {name}"),
        Form::DeployVariable(name) => format!("variable {name}"),
        Form::ChartValue(name) => format!("values {name}"),
        Form::Setting(name) => format!("setting {name}"),
        Form::ObjectKey(_) => "object".to_owned(),
        Form::Concat(values) => format!("[{}]", list(values, " + ")),
        Form::FirstOf(values) => format!("({})", list(values, " | ")),
        Form::Unknown(_) => "?".to_owned(),
    }
}

/// Facts as lines: `profile: key=value`, `secret KEY line:column`, `engine server:port/database`.
fn facts(path: &str, text: &str) -> Vec<String> {
    let file = SourceFile { id: FileId(0), path: EstatePath::new(path), text };
    let mut reading = Reading::new(file);
    if claims_document(file.path) {
        let tree = yaml::parse(file.id, text);
        for document in tree.documents() {
            read_document(&mut reading, document);
        }
    } else {
        read(&mut reading);
    }
    let mut lines = Vec::new();
    for fact in &reading.facts.facts {
        match fact {
            Fact::ChartValues(_) => {}
            Fact::Settings(settings) => lines.extend(
                settings
                    .entries
                    .iter()
                    .map(|entry| format!("{}: {}={}", settings.profile, entry.key, shown(&entry.value))),
            ),
            Fact::Secret(secret) => lines.push(format!("secret {} {}", secret.key, place(text, secret.span))),
            Fact::Connection(it) => {
                let part = |value: &Option<Value>| value.as_ref().map(shown).unwrap_or_default();
                let port = it.port.map(|port| format!(":{port}")).unwrap_or_default();
                let (server, database, user) = (part(&it.server), part(&it.database), part(&it.user));
                lines.push(format!("{} {user}@{server}{port}/{database} {}", it.engine, place(text, it.span)));
            }
            other => panic!("unexpected {other:?}"),
        }
    }
    lines
}

#[test]
fn configuration_files_are_known_by_name() {
    for path in [
        ".env",
        "orders/.env.local",
        ".env.example",
        "deploy/prod.env",
        "src/main/resources/application.properties",
        "appsettings.Development.json",
        "config/default.json",
        "config.toml",
        "knexfile.json",
        "alembic.ini",
        "env.sample",
    ] {
        assert!(claims(EstatePath::new(path)), "{path}");
    }
    for path in [
        "application-dev.yml",
        "charts/shop/values-prod.yaml",
        "config/database.yml",
        "bootstrap.yaml",
        "src/main/resources/shared/orders.yml",
    ] {
        assert!(claims_document(EstatePath::new(path)), "{path}");
    }
    for path in [
        "package.json",
        "config/tsconfig.json",
        "openapi.json",
        "env.ts",
        ".env.d.ts",
        ".vscode/settings.json",
        "README.md",
        "gradle.properties",
        "messages_de.properties",
        "environment",
        "docker-compose.yml",
        "deploy/orders.yaml",
        "a.lock",
        "config/package-lock.json",
        "env.js",
        "log4j2.properties",
        "src/main/resources/db/changelog/0001.yaml",
    ] {
        assert!(!claims(EstatePath::new(path)) && !claims_document(EstatePath::new(path)), "{path}");
    }
}

#[test]
fn dot_env_files_state_connections_and_secrets() {
    assert_eq!(
        facts(".env", "DB_HOST=db\nDB_PORT=5432\nDB_NAME=orders\nDB_USER=shop\nDB_PASSWORD=\"hunter2\"\nPORT=80\n"),
        [
            "secret DB_PASSWORD 5:14",
            "postgresql shop@db:5432/orders 1:9",
            ": DB_HOST=db",
            ": DB_PORT=5432",
            ": DB_NAME=orders",
            ": DB_USER=shop",
            ": DB_PASSWORD=Secret(Value)",
            ": PORT=80",
        ]
    );
    assert_eq!(
        facts("prod.env", "DATABASE_URL=postgres://shop:hunter2@${DB_HOST:-db}:5433/orders\n"),
        [
            "secret DATABASE_URL 1:30",
            "postgresql shop@(env DB_HOST | db):5433/orders 1:14",
            "prod: DATABASE_URL=[postgres://shop: + Secret(Value) + @ + (env DB_HOST | db) + :5433/orders]",
        ]
    );
}

#[test]
fn examples_hold_placeholders_and_no_connections() {
    assert_eq!(
        facts(".env.example", "DB_PASSWORD=hunter2\nDATABASE_URL=postgres://db/orders\n"),
        [
            "secret DB_PASSWORD 1:13",
            "example: DB_PASSWORD=Secret(Placeholder)",
            "example: DATABASE_URL=postgres://db/orders"
        ]
    );
}

#[test]
fn variables_of_a_database_image_are_no_connection() {
    assert_eq!(
        facts(".env", "POSTGRES_DB=orders\nPOSTGRES_USER=shop\n"),
        [": POSTGRES_DB=orders", ": POSTGRES_USER=shop"]
    );
}

#[test]
fn spring_settings_take_variables_with_defaults() {
    let text = "spring:\n  datasource:\n    url: ${DB_URL:jdbc:postgresql://u:hunter2@db:5432/orders}\n    username: ${db.user}\n    password: ${DB_PW:hunter2}\n";
    assert_eq!(
        facts("application-dev.yml", text),
        [
            "secret spring.datasource.url 3:39",
            "secret spring.datasource.password 5:23",
            "postgresql u@(env DB_URL | db):5432/orders 3:19",
            "dev: spring.datasource.url=(env DB_URL | [jdbc:postgresql://u: + Secret(Value) + @db:5432/orders])",
            "dev: spring.datasource.username=setting db.user",
            "dev: spring.datasource.password=(env DB_PW | Secret(Value))",
        ]
    );
}

#[test]
fn each_document_has_its_own_profile() {
    let text = "a: 1\n---\nspring.config.activate.on-profile: prod\na: 2\n";
    assert_eq!(facts("application.yml", text), [": a=1", "prod: spring.config.activate.on-profile=prod", "prod: a=2"]);
}

#[test]
fn json_toml_and_properties_are_flattened() {
    assert_eq!(
        facts(
            "appsettings.Development.json",
            r#"{"ConnectionStrings": {"Orders": "Server=db,1433;Database=orders;User Id=sa;Password=hunter2"}, "items": ["a"]}"#
        ),
        [
            "secret ConnectionStrings.Orders 1:86",
            "sqlserver sa@db:1433/orders 1:35",
            "development: ConnectionStrings.Orders=[Server=db,1433;Database=orders;User Id=sa;Password= + Secret(Value)]",
            "development: items.0=a",
        ]
    );
    assert_eq!(
        facts("config/production.toml", "[database]\nhost = 'db'\nname = 'orders'\n"),
        ["sql @db/orders 2:9", "production: database.host=db", "production: database.name=orders"]
    );
    assert_eq!(
        facts("application.properties", "spring.data.mongodb.uri=mongodb://mongo/catalog\n"),
        ["mongodb @mongo/catalog 1:25", ": spring.data.mongodb.uri=mongodb://mongo/catalog"]
    );
}

#[test]
fn the_production_block_of_a_staged_file_counts() {
    let text = "development:\n  adapter: postgresql\n  database: orders_dev\nproduction:\n  adapter: postgresql\n  host: <%= ENV['DB_HOST'] %>\n  database: orders\ntest:\n  adapter: postgresql\n  database: orders_test\n";
    let lines = facts("config/database.yml", text);
    let connections: Vec<&String> = lines.iter().filter(|line| line.starts_with("postgresql")).collect();
    assert_eq!(connections, ["postgresql @env DB_HOST/orders 6:9"]);
}

#[test]
fn values_of_charts_state_secrets_but_no_connections() {
    assert_eq!(
        facts("charts/shop/values.yaml", "db:\n  host: db\n  name: orders\n  password: hunter2\n"),
        ["secret db.password 4:13", ": db.host=db", ": db.name=orders", ": db.password=Secret(Value)"]
    );
}

#[test]
fn aliases_that_multiply_end_at_the_limits() {
    let mut text = "a0: &a0 [1,2,3,4,5,6,7,8,9]\n".to_owned();
    for level in 1..9 {
        let item = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", vec![item; 9].join(","));
    }
    assert!(facts("application.yml", &text).len() <= super::ENTRY_LIMIT);
}

#[test]
fn cut_files_do_not_panic() {
    for (path, text) in [
        (".env", "A=${B:-${C}ä}\nX=\"p$D\" # ü\nDATABASE_URL=postgres://ü:p@h/x\n"),
        ("application.yml", "a: ${B:${C:ä}}\nurl: 'jdbc:mysql://h/${db.x}'\n"),
    ] {
        for end in 0..text.len() {
            if let Some(cut) = text.get(..end) {
                facts(path, cut);
            }
        }
    }
}
