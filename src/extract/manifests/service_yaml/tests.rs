//! Declarations as people write them and miswrite them; the schema agrees with the reader.

use super::read;
use crate::extract::manifests::sketch::{sketch, survives_truncation};

const ORDERS: &str = "# declared
name: orders
owner: shop
exposure: internal
scope: [pci]
justification: scales on its own
databases:
  - name: shop
    engine: postgresql
    server: pg.example
  - {name: cache}
calls:
  - to: billing
    protocol: grpc
    timeout_ms: 800
    retries: 2
    idempotent: true
  - {to: mail, timeout_ms: none}
publishes: [order-placed]
consumes: [payment-made]
idempotent: [\"PUT /orders/{id}\"]
";

#[test]
fn every_key_becomes_a_fact_with_its_place() {
    assert_eq!(
        sketch("services/orders/service.yaml", ORDERS, read),
        [
            "service orders@2:7 in services/orders at 2:7",
            "  owners shop@3:8",
            "  scopes pci@5:9",
            "  justification scales on its own@6:16",
            "  publishes order-placed@19:13",
            "  consumes payment-made@20:12",
            "  idempotent PUT /orders/{id}@21:14",
            "  exposure Internal@4:11",
            "  database shop@8:11 engine postgresql@9:13 server pg.example",
            "  database cache@11:12 engine  server ?",
            "call Named(Symbol(u!(\"orders\"))) -> billing Grpc timeout 800 retries Retries { retries: 2, per_try_ms: None } idempotent true at 13:9",
            "call Named(Symbol(u!(\"orders\"))) -> mail Http timeout absent retries unknown idempotent unknown at 18:10",
        ]
        .map(|line| line.replace("Symbol(u!(\"orders\"))", &format!("{:?}", crate::source::symbol::Symbol::new("orders"))))
    );
    survives_truncation("service.yaml", ORDERS, read);
    survives_truncation("archlint.service.yaml", ORDERS, read);
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, expected) in [
        ("name: a\nonwer: b\n", "2:1: `onwer` is no key of a service declaration"),
        ("name: 7\nowner: b\n", "1:7: `name` must be a text; put quotes around it"),
        ("name: a\nowner: {x: 1}\n", "2:8: `owner` must be a text"),
        ("owner: b\nscope: [pci]\n", "1:1: `name` is missing"),
        ("name: a\nscope: pci\n", "2:8: `scope` must be a list"),
        ("name: a\nexposure: pubic\n", "2:11: `exposure` must be one of public, internal"),
        (
            "name: a\ncalls: [{to: b, timeout_ms: 1s}]\n",
            "2:29: `timeout_ms` must be a whole number from 1 to 4294967295",
        ),
        ("name: a\ncalls: [b]\n", "2:9: an item of `calls` must be a mapping"),
        ("name: a\ncalls: [{protocol: http}]\n", "2:9: the call has no `to`"),
        ("name: a\ncalls: [{to: b, idempotent: maybe}]\n", "2:29: `idempotent` of a call is true or false"),
        ("name: a\ndatabases: [{engine: x}]\n", "2:13: `name` is missing"),
    ] {
        let lines = sketch("service.yaml", text, read);
        let problems: Vec<_> = lines.iter().filter(|line| line.starts_with("problem")).collect();
        assert_eq!(problems, [&format!("problem at {expected}")], "{text}");
    }
}

#[test]
fn other_files_of_that_name_are_left_alone() {
    for text in [
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: orders\n",
        "service: orders\nprovider:\n  name: aws\n",
        "name: orders\ntier: 1\nlinks: []\nowner: x\n",
        "{{- if .Values.x }}\nname: a\n",
        "- a\n",
        "",
    ] {
        assert!(sketch("templates/service.yaml", text, read).is_empty(), "{text}");
    }
    assert_eq!(sketch("archlint.service.yaml", "- a\n", read).len(), 1);
}

#[test]
fn a_password_in_a_server_is_no_text_of_a_fact() {
    let text = "name: a\ndatabases:\n  - {name: shop, server: \"postgres://u:hunter2@pg.example/shop\"}\n";
    assert!(!format!("{:?}", sketch("service.yaml", text, read)).contains("hunter2"));
}

#[test]
fn schema_and_reader_agree() {
    let schema = include_str!("../../../../docs/schemas/service.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    for (text, accepted) in [
        (ORDERS, true),
        ("name: a\n", true),
        ("name: a\nowner: [b, c]\n", true),
        ("name: \"7\"\ncalls: [{to: b, retries: 0}]\n", true),
        ("name: a\ncalls: []\ndatabases: []\n", true),
        ("owner: a\n", false),
        ("name: a\nowner: 3\n", false),
        ("name: a\nowner:\n", false),
        ("name: \"\"\n", false),
        ("name: a\nreplicas: 3\n", false),
        ("name: a\nexposure: world\n", false),
        ("name: a\nscope: pci\n", false),
        ("name: a\npublishes: [1]\n", false),
        ("name: a\ncalls: {to: b}\n", false),
        ("name: a\ncalls: [{to: b, timeout_ms: 0}]\n", false),
        ("name: a\ncalls: [{to: b, timeout_ms: 1.5}]\n", false),
        ("name: a\ncalls: [{to: b, timeout_ms: never}]\n", false),
        ("name: a\ncalls: [{to: b, retries: -1}]\n", false),
        ("name: a\ncalls: [{to: b, retry: 1}]\n", false),
        ("name: a\ncalls: [{to: b, protocol: amqp}]\n", false),
        ("name: a\ncalls: [{to: b, idempotent: \"true\"}]\n", false),
        ("name: a\ndatabases: [{name: b, host: c}]\n", false),
        ("- a\n", false),
    ] {
        let instance: serde_json::Value = serde_yaml::from_str(text).expect("YAML");
        assert_eq!(schema.is_valid(&instance), accepted, "schema: {text}");
        let read_well = !sketch("archlint.service.yaml", text, read).iter().any(|line| line.starts_with("problem"));
        assert_eq!(read_well, accepted, "reader: {text}");
    }
}
